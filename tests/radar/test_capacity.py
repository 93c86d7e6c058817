"""A day that will ask too much is named days ahead, by what is ordered and what will be, and the all-clear comes."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from radar.capacity import Capacity
from radar.conditions.days_ahead import DaysAhead
from radar.ends import days_between, ends_by_day
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.load_known import DAYS, Held, known_of
from radar.orders import Order
from radar.outputs import Change, Level, Output, WarningKind
from radar.peaks import Peak
from radar.remaining import RemainingTimes
from radar.rules import CapacityRules
from radar.stages import Stage
from radar.ways import Ways
from radar.wording import say
from tests.radar.harness import START, facts

EPOCH = Instant(START // DAY_US * DAY_US)


def day_at(day: float) -> Instant:
    return Instant(EPOCH + int(day * DAY_US))


def order(number: str, day: float, **fields: object) -> Order:
    made = Order(number, line="L1", area="north", origin="plant", lane="plant-north", **fields)  # type: ignore[arg-type]  # fields by name
    made.reached[Stage.PLACED] = day_at(day)
    return made


def usual() -> RemainingTimes:
    """Orders are produced two and a half days after they were placed, and arrive after four and a half."""
    remaining = RemainingTimes()
    for number in range(30):
        known = order(f"OLD-{number}", 0)
        known.reached[Stage.PRODUCED] = day_at(2.5)
        known.reached[Stage.DELIVERED] = day_at(4.5)
        known.stage = Stage.DELIVERED
        remaining.delivered(known)
    remaining.roll(EPOCH)
    return remaining


def produce(capacity: Capacity, day: int, count: int) -> None:
    """Tell of a day's placements and of as many orders produced, two days after they were placed."""
    tell(capacity, day, [order(f"SO-{day}-{number}", day - 2) for number in range(count)], Stage.PRODUCED)


def tell(capacity: Capacity, day: int, orders: list[Order], stage: Stage) -> None:
    """Tell of a day's placements, and of as many orders that reached a stage."""
    for one in orders:
        capacity.reached(one, Stage.PLACED, day_at(day))
        capacity.reached(one, stage, day_at(day))


def waiting(day: int, count: int = 20) -> list[Order]:
    """The orders that are open when a day begins: those of the two days before."""
    return [order(f"SO-{placed}-{number}", placed) for placed in (day - 2, day - 1) for number in range(count)]


def after(days: int, rules: CapacityRules | None = None, count: int = 20) -> Capacity:
    """A line that has made so many orders a day for some days."""
    capacity = Capacity(rules or CapacityRules(), usual(), Ways())
    for day in range(days):
        produce(capacity, day, count)
        assert not capacity.roll(day_at(day + 1), waiting(day + 1, count))
    return capacity


@pytest.mark.req("R33")
def test_a_flood_of_orders_is_warned_of_two_days_ahead_with_its_figures():
    capacity = after(60)
    produce(capacity, 60, 20)
    flood = [order(f"SO-{number}", 61) for number in range(40)]
    (said,) = capacity.roll(day_at(61), flood)
    assert (said.kind, said.change, said.entity) == (WarningKind.CAPACITY_OVERLOAD, Change.RAISED, "line:L1")
    figures = facts(said.reasons[0])
    assert figures["lead_us"] == 2 * DAY_US
    assert figures["day_at"] == day_at(63)
    assert figures["capacity"] == 20
    assert float(figures["load"]) > 40
    assert say(said.reasons[0]).startswith("line:L1 will have")


@pytest.mark.req("R33")
def test_a_calm_week_is_no_warning_and_its_plan_can_be_read():
    capacity = after(60)
    plan = capacity.plan("line:L1")
    assert len(plan) == DAYS
    assert [one.capacity for one in plan] == [20.0] * DAYS
    assert [one.load for one in plan] == pytest.approx([20] * DAYS, abs=1)


def test_a_closed_day_is_not_judged_by_what_waits_for_the_next():
    capacity = Capacity(CapacityRules(days_min=14), usual(), Ways())
    for day in range(57):
        produce(capacity, day, 10 if to_datetime(day_at(day)).weekday() == 6 else 100)
        known = [order(f"SO-{number}", day) for number in range(40)] if day == 56 else []
        assert not capacity.roll(day_at(day + 1), known), day
    closed = capacity.plan("line:L1")[1]
    assert closed.capacity == 10
    assert closed.load > 25


@pytest.mark.parametrize("gone_days", [0.0, 1.4, 3.0, 400.0])
def test_what_is_overdue_ends_at_a_steady_rate_and_not_all_at_once(gone_days):
    (shares,) = ends_by_day(np.array([1.5]), np.array([0.5]), np.array([gone_days]), 7)
    assert 0 < sum(shares) <= 1 + 1e-9
    if gone_days >= 3:
        assert shares[0] > shares[1] > shares[2]
        assert shares[1] / shares[0] == pytest.approx(shares[2] / shares[1], rel=0.05)
    else:
        assert sum(shares) > 0.99


def test_what_follows_takes_its_usual_days_from_whenever_it_begins():
    usual, nothing = days_between(np.array([1.2, 400.0]), np.array([0.3, 0.0]), 8)
    assert usual.argmax() == 1
    assert sum(usual) == pytest.approx(1)
    assert not nothing.any()


def test_the_warning_goes_when_the_flood_has_passed():
    capacity = after(60)
    flood = [order(f"SO-{number}", 60) for number in range(60)]
    (raised,) = capacity.roll(day_at(60), flood)
    (eased,) = capacity.roll(day_at(61), [])
    assert (eased.warning_id, eased.change, eased.sequence) == (raised.warning_id, Change.RESOLVED, 1)


def test_what_a_day_cannot_do_waits_for_the_next():
    capacity = after(60)
    capacity.roll(day_at(60), [order(f"SO-{number}", 60) for number in range(60)])
    plan = capacity.plan("line:L1")
    assert plan[2].load > 60
    assert plan[3].load > plan[2].load - plan[2].capacity


def test_a_place_known_for_days_only_is_not_judged_unless_the_rules_say_what_it_can_do():
    flood = [order(f"SO-{number}", 10) for number in range(60)]
    assert after(10).roll(day_at(10), flood) == []
    (said,) = after(10, CapacityRules(given={"line:L1": 25.0})).roll(day_at(10), flood)
    assert facts(said.reasons[0])["capacity"] == 25.0


def test_a_standing_warning_is_said_anew_only_when_its_day_or_its_size_changes():
    capacity = after(60)
    flood = [order(f"SO-{number}", 60) for number in range(60)]
    capacity.roll(day_at(60), flood)
    worse = [order(f"SO-{number}", 60) for number in range(200)]
    (said,) = capacity.roll(day_at(60), worse)
    assert (said.change, said.sequence) == (Change.UPDATED, 1)
    assert capacity.roll(day_at(60), worse) == []


def test_areas_and_lanes_have_loads_too():
    capacity = Capacity(CapacityRules(days_min=0), usual(), Ways())
    made = order("SO-1", 0, warehouse="W")
    for stage in (Stage.PRODUCED, Stage.HANDED_OVER, Stage.DELIVERED):
        capacity.reached(made, stage, day_at(4))
    capacity.roll(day_at(5), [])
    assert capacity.keys() == ("area:north", "lane:plant-north", "line:L1", "warehouse:W")


@pytest.mark.parametrize("stop", [5, 40, 59])
def test_a_restart_anywhere_plans_and_says_the_same(stop):
    whole, first = after(60), after(stop)
    second = Capacity(CapacityRules(), usual(), Ways())
    second.load(first.take_dirty())
    for day in range(stop, 60):
        produce(second, day, 20)
        second.roll(day_at(day + 1), waiting(day + 1))
    flood = [order(f"SO-{number}", 60) for number in range(60)]
    assert second.roll(day_at(60), reversed(flood)) == whole.roll(day_at(60), flood)
    assert second.plan("line:L1") == whole.plan("line:L1")


def test_the_plan_does_not_depend_on_the_order_of_orders():
    plans = []
    flood = [order(f"SO-{number}", 60 - number % 7 * HOUR_US / DAY_US) for number in range(60)]
    for orders in (flood, flood[::-1]):
        capacity = after(60)
        capacity.roll(day_at(60), orders)
        plans.append(capacity.plan("line:L1"))
    assert plans[0] == plans[1]


def test_switched_off_it_says_nothing():
    rules = msgspec.structs.replace(CapacityRules(), is_on=False)
    assert after(60, rules).roll(day_at(60), [order(f"SO-{number}", 60) for number in range(99)]) == ()


def sale(from_day: float, to_day: float, factor: float) -> CapacityRules:
    return CapacityRules(peaks=(Peak(day_at(from_day), day_at(to_day), factor),))


@pytest.mark.req("R33")
def test_a_planned_sale_is_warned_of_before_a_single_order_of_it_is_placed():
    capacity = Capacity(sale(64, 65, 5.0), usual(), Ways())
    said: list[Output] = []
    for day in range(62):
        produce(capacity, day, 20)
        said += capacity.roll(day_at(day + 1), [])
    (first,) = said  # placed on day 64, made two days later: six days ahead
    figures = facts(first.reasons[0])
    assert (first.change, figures["day_at"]) == (Change.RAISED, day_at(66))
    assert figures["lead_us"] == 6 * DAY_US
    assert figures["load"] == pytest.approx(20 + 4 * 20, rel=0.05)


def test_a_sale_far_ahead_or_over_changes_nothing():
    calm = after(60).plan("line:L1")
    assert after(60, sale(80, 82, 5.0)).plan("line:L1") == calm
    assert after(60, sale(-9, -2, 5.0)).plan("line:L1") == calm


def test_a_planned_sale_is_no_growth():
    """The week after a sale that was planned is expected to be usual; after one nobody planned, to go on."""

    def load_after_a_sale(rules: CapacityRules) -> float:
        capacity = Capacity(rules, usual(), Ways())
        for day in range(60):
            for number in range(20 if day < 59 else 200):
                capacity.reached(order(f"SO-{day}-{number}", day), Stage.PLACED, day_at(day))
            for number in range(20):
                capacity.reached(order(f"SO-{day}-{number}", day - 2), Stage.PRODUCED, day_at(day))
            capacity.roll(day_at(day + 1), [])
        return capacity.plan("line:L1")[DAYS - 1].load

    assert load_after_a_sale(sale(59, 60, 10.0)) == pytest.approx(20, rel=0.05)
    assert load_after_a_sale(CapacityRules()) > 30


def test_half_a_day_of_a_sale_counts_half():
    capacity = after(60, sale(63.5, 64, 1.4))
    assert capacity.plan("line:L1")[5].load == pytest.approx(20 * (1 + 0.5 * 0.4), rel=0.05)


def parcel(number: str, day: float) -> Order:
    """An order of an area that nothing else is told of."""
    made = Order(number, area="north")
    made.reached[Stage.PLACED] = day_at(day)
    return made


def deliver(capacity: Capacity, day: int, count: int) -> None:
    """Tell of a day's placements and of as many deliveries, four days after they were placed."""
    tell(capacity, day, [parcel(f"SO-{day}-{number}", day - 4) for number in range(count)], Stage.DELIVERED)


def area_after(days: int, ahead: DaysAhead | None = None) -> Capacity:
    """An area to which as many orders come every day, the last ones under what stands in its way."""
    capacity = Capacity(CapacityRules(), usual(), Ways())
    for day in range(days):
        deliver(capacity, day, 60)
        assert not capacity.roll(day_at(day + 1), on_the_way(day + 1), ahead)
    return capacity


def on_the_way(day: int) -> list[Order]:
    return [parcel(f"SO-{placed}-{number}", placed) for placed in range(day - 4, day) for number in range(60)]


def of_area(said: Sequence[Output]) -> list[Output]:
    return [one for one in said if one.entity == "area:north"]


@pytest.mark.req("R33")
def test_a_forecast_storm_warns_of_the_area_days_before_it_comes():
    storm = DaysAhead(left={"area:north": [1.0, 1.0, 0.1, 0.1, 1.0, 1.0, 1.0]})
    capacity = area_after(60)
    (said,) = of_area(capacity.roll(day_at(60), on_the_way(60), storm))
    figures = facts(said.reasons[0])
    assert figures["day_at"] == day_at(64), "the first day on which its work can be done again"
    assert figures["lead_us"] == 4 * DAY_US
    assert [one.capacity for one in capacity.plan("area:north")][2:4] == pytest.approx([6, 6])


def test_couriers_who_can_take_half_of_the_usual_leave_half_and_recover_gradually():
    capacity = area_after(60, DaysAhead(couriers={"area:north": 100.0}))
    capacity.roll(day_at(60), on_the_way(60), DaysAhead(couriers={"area:north": 50.0}))
    can = [one.capacity for one in capacity.plan("area:north")]
    assert can[0] == pytest.approx(30, rel=0.03)
    assert can == sorted(can)
    assert can[-1] == pytest.approx(60, rel=0.05)


@pytest.mark.req("R33")
def test_of_a_place_never_seen_at_its_limit_a_notice_says_that_it_was_never_asked_for_so_much():
    capacity = area_after(60)
    more = [parcel(f"MORE-{number}", 58) for number in range(40)]
    assert not of_area(capacity.roll(day_at(60), [*on_the_way(60), *more])), "somewhat more it may well be able to do"
    flood = [parcel(f"FLOOD-{number}", 58) for number in range(200)]
    (said,) = of_area(area_after(60).roll(day_at(60), [*on_the_way(60), *flood]))
    assert said.level is Level.NOTICE
    assert said.reasons[0].code.startswith("capacity.never-asked")
    assert "its limit is not known" in say(said.reasons[0])


def test_a_restart_under_a_storm_plans_and_says_the_same():
    storm = DaysAhead(left={"area:north": [0.5] * DAYS}, couriers={"area:north": 80.0})
    whole, first = area_after(40), area_after(39)
    second = Capacity(CapacityRules(), usual(), Ways())
    second.load(first.take_dirty())
    deliver(second, 39, 60)
    second.roll(day_at(40), on_the_way(40))
    for day in (40, 41, 42):
        said = [one.roll(day_at(day), on_the_way(day), storm) for one in (whole, second)]
        assert said[0] == said[1]
        assert whole.plan("area:north") == second.plan("area:north")


def test_goods_in_the_making_are_load_of_the_warehouse_they_will_leave_from():
    made, remaining = order("SO-1", 0, warehouse="materials"), usual()
    assert "warehouse:plant" in known_of(Held([made], day_at(0), Ways()), remaining, Ways()).at
    made.line = ""
    assert "warehouse:materials" in known_of(Held([made], day_at(0), Ways()), remaining, Ways()).at


def test_only_orders_that_lie_at_a_place_for_a_day_are_held_there():
    one = order("SO-1", 0, warehouse="W")
    one.stage, one.reached[Stage.ALLOCATED] = Stage.ALLOCATED, day_at(1)
    assert Held([one], day_at(2), Ways()).counts == {"line:L1": 1}
    assert not Held([one], Instant(day_at(2) - 1), Ways()).counts
    one.stage, one.reached[Stage.IN_TRANSIT] = Stage.IN_TRANSIT, day_at(3)
    assert not Held([one], day_at(5), Ways()).counts, "it is on the road"
    one.arrived_at = day_at(4)
    assert Held([one], day_at(5), Ways()).counts == {"area:north": 1}


def test_what_is_packed_and_not_fetched_is_held_by_the_lane_its_way_usually_takes():
    ways = Ways()
    old = order("OLD", 0)
    old.lane = "road-7"
    ways.handed_over(old)
    ways.roll(day_at(1))
    one = order("SO-1", 0, warehouse="W")
    one.stage, one.reached[Stage.PACKED] = Stage.PACKED, day_at(1)
    assert Held([one], day_at(2), ways).counts == {"lane:road-7": 1}
    assert Held([one], day_at(2), Ways()).counts == {"lane:plant-north": 1}, "nobody knows the lane yet"
