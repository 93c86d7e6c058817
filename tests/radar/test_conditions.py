"""A condition touches exactly the orders it touches: at once, with its reason, and it is over when it is over."""

import msgspec
import pytest

from radar.conditions import Code
from radar.events.supply import LineState, StockAllocated
from radar.events.transport import CourierState, ScanKind
from radar.events.world import AlertSeverity
from radar.instant import HOUR_US
from radar.outputs import Change, StateRow
from radar.wording import say
from tests.radar.harness import at, delivered, event, facts, picked, produced, run
from tests.radar.places import (
    EAGER,
    asked,
    closure,
    couriers,
    feeling_room,
    going,
    handed,
    line,
    notice,
    planned,
    scanned,
    storm,
    trouble,
    truck,
    warned,
)

DOWN, SLOW, UP = LineState.DOWN, LineState.SLOW, LineState.UP


def on_lines(room, *, lines=("L1", "L1", "L2")):
    """Three orders, planned on lines one hour after they were placed."""
    for number in range(1, len(lines) + 1):
        run(room, [going(f"SO-{number}", hours=number / 100)])
    for number, name in enumerate(lines, 1):
        run(room, [planned(f"SO-{number}", name, 1 + number / 100)])
    asked(room)
    return room


@pytest.mark.req("R07")
def test_a_dead_line_warns_exactly_the_orders_planned_on_it_and_not_yet_made():
    room = on_lines(feeling_room(), lines=("L1", "L1", "L2", "L1"))
    run(room, [produced(at(2), "SO-4")])
    asked(room)
    said = run(room, [line("L1", DOWN, hours=3, until_h=73)])
    assert warned(said) == ["SO-1", "SO-2"]
    assert sorted(set(asked(room))) == ["SO-1", "SO-2"], "nobody else is even looked at"
    assert all(one.at == at(3) for one in said)


@pytest.mark.req("R03", "R07")
def test_the_warning_says_which_line_since_when_and_until_when():
    room = on_lines(feeling_room())
    said = run(room, [line("L1", DOWN, hours=8, until_h=80)])
    why = say(said[0].reasons[1])
    assert why.startswith(
        "line L1 is down since Fri 2024-03-01 08:00 UTC, back expected Mon 2024-03-04 08:00 UTC: +3 d: +"
    ), "the extra time, then its share of the log-odds"
    assert "L1" in say(said[0].reasons[1], "zh-CN")
    assert "L1" in say(said[0].reasons[1], "zh-TW")


@pytest.mark.req("R07")
def test_a_line_up_again_takes_its_warnings_back_at_once():
    room = on_lines(feeling_room())
    run(room, [line("L1", DOWN, hours=3, until_h=73)])
    said = run(room, [line("L1", UP, hours=5)])
    assert warned(said, Change.WITHDRAWN) == ["SO-1", "SO-2"]
    assert room._around.conditions.standing() == ()


@pytest.mark.req("R07")
@pytest.mark.parametrize(("until_h", "asks"), [(14.999, False), (15, True), (8, True), (8.001, False)])
def test_news_that_moves_an_order_by_less_than_half_of_what_it_feels_asks_for_nothing(until_h, asks):
    room = on_lines(feeling_room())
    run(room, [line("L1", DOWN, hours=3, until_h=10)])  # seven hours
    assert set(asked(room)) >= {"SO-1", "SO-2"}
    run(room, [line("L1", DOWN, hours=4.5, until_h=10)])
    assert asked(room) == [], "the same end, a little nearer"
    assert room.orders["SO-1"].felt_us == 7 * HOUR_US
    run(room, [line("L1", DOWN, hours=4.5, until_h=until_h)])
    assert bool(asked(room)) is asks


@pytest.mark.parametrize(("until_h", "asks"), [(4, True), (3.999, False)])
def test_less_than_an_hour_is_not_worth_a_prediction(until_h, asks):
    room = on_lines(feeling_room())
    asked(room)
    run(room, [line("L1", DOWN, hours=3, until_h=until_h)])
    assert bool(asked(room)) is asks


def test_what_an_order_felt_comes_back_with_its_row():
    room = on_lines(feeling_room())
    run(room, [line("L1", DOWN, hours=3, until_h=73)])
    again = feeling_room()
    again.load(room.take_dirty())
    assert again.orders["SO-1"].felt_us == room.orders["SO-1"].felt_us == 70 * HOUR_US


def test_a_dead_line_needs_no_second_look_where_the_policy_asks_for_one():
    careful = msgspec.structs.replace(EAGER.prediction, is_confirmed=True)
    room = on_lines(feeling_room(msgspec.structs.replace(EAGER, prediction=careful)))
    assert warned(run(room, [line("L1", DOWN, hours=3, until_h=73)])) == ["SO-1", "SO-2"]


def test_older_news_of_a_line_is_history():
    room = on_lines(feeling_room())
    run(room, [line("L1", UP, hours=5)])
    run(room, [line("L1", DOWN, hours=6, until_h=70)])
    assert warned(run(room, [line("L1", UP, hours=5.5)]), Change.WITHDRAWN) == []
    assert [one.code for one in room._around.conditions.standing()] == [Code.LINE_DOWN]


def test_an_order_planned_on_a_line_that_is_down_already_is_warned_of_then():
    room = feeling_room()
    run(room, [going("SO-1"), line("L1", DOWN, hours=1, until_h=73)])
    assert warned(run(room, [planned("SO-1", "L1", 2)])) == ["SO-1"]
    assert warned(run(room, [planned("SO-1", "L2", 3)]), Change.WITHDRAWN) == ["SO-1"]


def test_a_line_down_beyond_its_time_is_expected_to_need_half_as_long_again():
    room = on_lines(feeling_room())
    run(room, [line("L1", DOWN, hours=3, until_h=13)])
    order = room.orders["SO-1"]
    conditions = room._around.conditions
    assert conditions.touching(order, at(12))[0].said_us == HOUR_US
    assert conditions.touching(order, at(13))[0].said_us == 5 * HOUR_US
    assert conditions.touching(order, at(43))[0].said_us == 20 * HOUR_US


def test_a_slow_line_costs_no_more_than_it_loses_until_it_is_well():
    room = on_lines(feeling_room())
    run(room, [line("L1", SLOW, hours=3, until_h=23, speed=0.75)])
    (touch,) = room._around.conditions.touching(room.orders["SO-1"], at(3))
    assert (touch.code, touch.said_us) == (Code.LINE_SLOW, 5 * HOUR_US)
    assert room._around.conditions.touching(room.orders["SO-3"], at(3)) == ()


@pytest.mark.req("R07", "R35")
def test_a_storm_counts_from_the_moment_it_is_forecast_and_only_where_it_blows():
    room = feeling_room()
    north, south = going("SO-1", "north", promise_h=60), going("SO-2", "south", promise_h=60)
    run(room, [north, south, going("SO-3", "north", promise_h=30)])
    said = run(room, [storm("north", hours=2, from_h=50, to_h=120)])
    assert warned(said) == ["SO-1"], "SO-3 is due before the storm, SO-2 goes elsewhere"
    assert said[0].at == at(2)
    assert facts(said[0].reasons[1])["from_at"] == at(50)


def test_a_storm_where_orders_ship_from_touches_those_not_gone():
    room = feeling_room()
    run(room, [going("SO-1", "north"), going("SO-2", "north", hours=0.1)])
    run(room, [handed("SO-2", "a-b", 1), scanned("SO-2", 1.5)])
    said = run(room, [storm("plant", hours=2, from_h=2, to_h=90)])
    assert warned(said) == ["SO-1"]


@pytest.mark.req("R07")
def test_the_end_of_a_storm_is_an_end_without_any_event():
    room = feeling_room()
    run(room, [going("SO-1", "north", promise_h=30)])
    raised = run(room, [storm("north", hours=2, from_h=2, to_h=29)])
    assert warned(raised) == ["SO-1"]
    said = run(room, [], until=at(29, micro=1))
    assert warned(said, Change.WITHDRAWN) == ["SO-1"]
    assert said[-1].at <= at(29)
    assert room._around.conditions.standing() == ()


def test_a_forecast_that_moves_replaces_itself_and_the_next_storm_does_not():
    room = feeling_room()
    run(room, [storm("north", 1, 24, 48), storm("north", 2, 30, 60), storm("north", 3, 72, 96)])
    spans = sorted((one.from_at, one.until_at) for one in room._around.conditions.standing())
    assert spans == [(at(30), at(60)), (at(72), at(96))]


def test_minor_weather_costs_less_than_a_typhoon():
    room = feeling_room()
    run(room, [going("SO-1", "north")])
    costs = []
    for hours, severity in enumerate(AlertSeverity, 1):
        run(room, [storm("north", hours, 50, 120, severity)])
        costs.append(room._around.conditions.touching(room.orders["SO-1"], at(40))[0].said_us)
    assert costs == sorted(costs)
    assert len(set(costs)) == 4


@pytest.mark.req("R07")
def test_a_closed_lane_touches_who_is_not_past_it():
    room = feeling_room()
    events = [going(f"SO-{number}", hours=number / 100) for number in (1, 2, 3, 4)]
    events += [handed("SO-1", "a-b", 1), handed("SO-2", "a-b", 1.1), handed("SO-3", "a-c", 1.2)]
    events += [scanned("SO-1", 2, scan=ScanKind.DEPART), scanned("SO-2", 2.1, scan=ScanKind.DEPART)]
    events += [scanned("SO-2", 3, scan=ScanKind.ARRIVE)]
    run(room, events)
    said = run(room, [closure("a-b", 4, until_h=80)])
    assert warned(said) == ["SO-1"], "SO-2 arrived at its end, SO-3 drives elsewhere, of SO-4 nobody knows"
    assert warned(run(room, [closure("a-b", 6, is_closed=False)]), Change.WITHDRAWN) == ["SO-1"]


@pytest.mark.req("R07")
def test_a_lane_closed_under_way_may_cost_the_way_made_so_far_as_well():
    def said_h(departs: float) -> float:
        room = feeling_room()
        run(room, [going("SO-1"), handed("SO-1", "a-b", 1), scanned("SO-1", departs, scan=ScanKind.DEPART)])
        run(room, [closure("a-b", 20, until_h=40)])
        return room._around.conditions.touching(room.orders["SO-1"], at(22))[0].said_us / HOUR_US

    assert said_h(19.9) == pytest.approx(18.0, abs=0.2)
    assert said_h(2) == pytest.approx(18.0 + 0.7 * 18.0, abs=0.2)


def test_a_closed_lane_touches_orders_whose_way_usually_takes_it():
    room = feeling_room()
    for number in range(10):
        run(room, [going(f"OLD-{number}", hours=number / 10), handed(f"OLD-{number}", "a-b", number / 10)])
        run(room, [delivered(at(number / 10), f"OLD-{number}")])
    run(room, [going("SO-1", "north", hours=30), going("SO-2", "south", hours=30.1)])
    assert warned(run(room, [closure("a-b", 31, until_h=110)])) == ["SO-1"]


@pytest.mark.req("R07")
def test_a_late_truck_touches_the_parcels_that_left_when_it_did():
    room = feeling_room()
    run(room, [going("SO-1", promise_h=20), going("SO-2", promise_h=20, hours=0.1)])
    run(room, [handed("SO-1", "a-b", 0.5), handed("SO-2", "a-b", 0.6), scanned("SO-1", 3)])
    said = run(room, [truck("T1", "a-b", 8, late_h=10, eta_h=14)])
    assert warned(said) == ["SO-1"], "SO-2 left long before"
    assert warned(run(room, [truck("T1", "a-b", 8.5, late_h=0, eta_h=9)]), Change.WITHDRAWN) == ["SO-1"]


def test_overloaded_couriers_touch_what_comes_to_their_area_soon():
    room = feeling_room()
    run(room, [going("SO-1", promise_h=30), going("SO-2", "south", promise_h=30), going("SO-3", promise_h=200)])
    said = run(room, [couriers("north", 2, CourierState.OVERLOADED, load=300, capacity=100)])
    assert warned(said) == ["SO-1"]
    (touch,) = room._around.conditions.touching(room.orders["SO-1"], at(2))
    assert touch.said_us == 24 * HOUR_US, "two rounds too many"


@pytest.mark.req("R07")
def test_late_goods_touch_the_orders_that_wait_for_them():
    room = feeling_room()
    run(room, [going(f"SO-{number}", supplier="mill", hours=number / 100) for number in (1, 2)])
    run(room, [going("SO-3", supplier="kiln"), event(StockAllocated(), at(1), "SO-2")])
    said = run(room, [notice("mill", 2, promised_h=10, expected_h=90)])
    assert warned(said) == ["SO-1"]
    assert warned(run(room, [notice("mill", 3, promised_h=10, expected_h=10)]), Change.WITHDRAWN) == ["SO-1"]


def test_a_carriers_exception_touches_its_own_order_and_wears_off():
    room = feeling_room()
    run(room, [going("SO-1"), going("SO-2"), handed("SO-1", "a-b", 1)])
    said = run(room, [trouble("SO-1", 2, delay_h=60)])
    assert warned(said) == ["SO-1"]
    conditions = room._around.conditions
    assert conditions.touching(room.orders["SO-1"], at(62)) == ()


def test_a_carriers_date_is_believed_after_its_first_scan_and_once_usual_times_are_known():
    room = taught_room(feeling_room())
    run(room, [going("SO-1", hours=100, promise_h=200), handed("SO-1", "a-b", 101, eta_h=260)])
    assert room._around.conditions.touching(room.orders["SO-1"], at(101)) == ()
    run(room, [scanned("SO-1", 102)])
    (touch,) = room._around.conditions.touching(room.orders["SO-1"], at(102))
    assert touch.code is Code.CARRIER_ETA
    assert touch.said_us > 100 * HOUR_US


def taught_room(room, hours=48):
    """A room that has seen orders take two days, over four days."""
    for number in range(20):
        start = number / 2
        run(room, [going(f"OLD-{number}", hours=start)])
    for number in range(20):
        start = number / 2
        steps = [handed(f"OLD-{number}", "a-b", hours / 2 + start), scanned(f"OLD-{number}", hours / 2 + start)]
        run(room, [*steps, delivered(at(hours + start), f"OLD-{number}")])
    run(room, [], until=at(97))
    return room


def test_usual_times_know_when_an_order_arrives_and_when_it_reaches_a_stage():
    room = taught_room(feeling_room())
    run(room, [going("SO-1", hours=100)])
    order, remaining = room.orders["SO-1"], room._around.remaining
    assert remaining.eta(order, at(100)) == pytest.approx(at(148), abs=HOUR_US)
    assert remaining.eta(order, at(130)) == pytest.approx(at(148), abs=HOUR_US)
    assert remaining.eta(order, at(300)) > at(300)


@pytest.mark.parametrize(("delay_h", "low", "high"), [(0, 0.0, 0.35), (20, 0.7, 1.3), (40, 1.3, 3.0)])
@pytest.mark.req("R07")
def test_a_forecast_is_worth_what_became_of_the_orders_it_touched(delay_h, low, high):
    room = taught_room(feeling_room())
    assert room._around.conditions.weight(Code.LINE_DOWN) == 1.0
    events = []
    for day in range(10, 30):
        start, order_id = 24 * day, f"SO-{day}"
        events += [going(order_id, hours=start, promise_h=start + 150), planned(order_id, "L1", start + 1)]
        events += [line("L1", DOWN, start + 2, until_h=start + 22), line("L1", UP, start + 2.5)]
        events += [delivered(at(start + 48 + delay_h), order_id)]
    run(room, sorted(events, key=lambda one: one.time), until=at(24 * 35))
    assert low <= room._around.conditions.weight(Code.LINE_DOWN) <= high


def test_rows_bring_back_everything_that_stands():
    room = on_lines(feeling_room())
    run(room, [line("L1", DOWN, 3, 73), storm("north", 4, 50, 90), closure("a-b", 5), trouble("SO-2", 6, 20)])
    run(room, [couriers("north", 7, CourierState.LEAVE)])
    again = feeling_room()
    again.load(room.take_dirty())
    assert again._around.conditions.standing() == room._around.conditions.standing()
    for order_id in ("SO-1", "SO-2", "SO-3"):
        before = room._around.conditions.touching(room.orders[order_id], at(8))
        assert again._around.conditions.touching(again.orders[order_id], at(8)) == before
    assert again.next_due() == room.next_due()
    assert again.take_dirty() == []


def test_what_is_over_leaves_the_store():
    room = on_lines(feeling_room())
    run(room, [line("L1", DOWN, 3, 73)])
    room.take_dirty()
    run(room, [line("L1", UP, 4)])
    gone = [row for row in room.take_dirty() if isinstance(row, StateRow) and row.is_gone]
    assert [row.key for row in gone] == ["standing:line:L1/line"]


def test_picked_orders_wait_for_no_line():
    room = on_lines(feeling_room())
    run(room, [picked(at(2), "SO-1")])
    assert warned(run(room, [line("L1", DOWN, 3, 73)])) == ["SO-2"]
