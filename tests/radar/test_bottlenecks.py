"""The Pareto table names who loses the time, by how much, and whether it gets worse."""

import pytest

from radar.bottlenecks import Bottlenecks
from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import Order, Touch
from radar.stages import Stage
from radar.standards import Standard, Standards
from tests.radar.harness import START, at

ROUTE = (Stage.PLACED, Stage.PRODUCED, Stage.HANDED_OVER, Stage.DELIVERED)
STANDARDS = Standards({"*": ROUTE}, [Standard(stage, 10 * HOUR_US) for stage in ROUTE[1:]])


def finished(day: int, *hours: float, **fields: object) -> Order:
    """An order whose stages took so many hours, one after the other."""
    order = Order("SO-1", line="L1", lane="a-b", carrier="swift", area="north", warehouse="W", **fields)  # type: ignore[arg-type]  # fields by name
    for stage, hour in zip(ROUTE, (0.0, *hours), strict=True):
        order.reached[stage] = Instant(at(24 * day) + int(hour * HOUR_US))
    order.stage = Stage.DELIVERED
    return order


def shares(table: Bottlenecks, kind: str) -> dict[str, float]:
    return {one.name: round(one.share_ratio, 3) for one in table.pareto(kind)}


@pytest.mark.req("R06")
def test_time_over_the_standard_is_booked_on_the_stage_and_whoever_had_the_order():
    table = Bottlenecks(STANDARDS)
    table.delivered(finished(0, 40, 45, 65))  # 30 h over in production, none at the hand-over, 10 h over in delivery
    table.roll(at(24))
    assert shares(table, "stage") == {"produced": 0.75, "delivered": 0.25}
    assert {one.name: one.lost for one in table.pareto("line")} == {"L1": 30}
    assert {one.name: one.lost for one in table.pareto("carrier")} == {"swift": 10}
    assert table.pareto("warehouse") == ()


def test_a_fast_stage_makes_nothing_up():
    table = Bottlenecks(STANDARDS)
    table.delivered(finished(0, 1, 2, 32))
    table.roll(at(24))
    assert shares(table, "stage") == {"delivered": 1.0}
    assert table.pareto("stage")[0].lost == 20


def test_the_largest_loss_comes_first_and_ties_go_by_name():
    table = Bottlenecks(STANDARDS)
    for line, hours in (("L2", 20.0), ("L3", 50.0), ("L1", 20.0)):
        order = finished(0, hours, hours, hours)
        order.line = line
        table.delivered(order)
    table.roll(at(24))
    assert [one.name for one in table.pareto("line")] == ["L3", "L1", "L2"]


@pytest.mark.req("R06")
def test_the_trend_says_whether_it_gets_worse():
    table = Bottlenecks(STANDARDS)
    for day in range(60):
        hours = 20.0 if day < 50 else 40.0
        table.delivered(finished(day, hours, hours, hours))
        table.roll(Instant(START + (day + 1) * DAY_US))
    (line,) = table.pareto("line")
    assert 1.2 < line.trend < 3.0
    assert 10 < line.per_order < 30


@pytest.mark.req("R06")
def test_causes_of_late_orders_are_counted():
    table = Bottlenecks(STANDARDS)
    table.delivered(finished(0, 1, 2, 3, is_late=True, touches=(Touch("line-down", HOUR_US, START, HOUR_US),)))
    table.delivered(finished(0, 1, 2, 3, is_late=True, setback_reason="customs"))
    table.delivered(finished(0, 1, 2, 3, is_late=True, setback_reason="customs"))
    table.delivered(finished(0, 1, 2, 3, is_late=True))
    table.delivered(finished(0, 1, 2, 3, setback_reason="weather"))
    table.roll(at(24))
    assert shares(table, "cause") == {"customs": 0.5, "line-down": 0.25, "unknown": 0.25}


def test_fresh_losses_count_from_the_epoch_on_also_after_a_restart():
    table, again = Bottlenecks(STANDARDS), Bottlenecks(STANDARDS)
    table.delivered(finished(0, 40, 45, 65))
    assert table.pareto("stage") == ()
    again.load(table.take_dirty())
    again.roll(at(24))
    table.roll(at(24))
    assert again.pareto("stage") == table.pareto("stage") != ()
    assert again.take_dirty() == table.take_dirty()
