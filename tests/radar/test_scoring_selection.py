"""Which orders are scored: delivered ones, and beside them those that are late because nothing came."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from radar.instant import DAY_US, Instant, to_instant
from radar.orders import Order
from radar.scoring import NEVER_US
from radar.scoring_selection import Window, delivered_orders, first_warnings, undelivered_orders, usual_zone
from radar.stages import OrderPhase, Stage
from radar.wall_clock import WallClock, local_us_of

CLOCK = WallClock("America/Sao_Paulo")
ZONE = ZoneInfo("America/Sao_Paulo")
PLACED = to_instant(datetime(2018, 3, 1, 12, tzinfo=ZONE))
LOCAL_PLACED = local_us_of(datetime.fromisoformat("2018-03-01T12:00"))
PROMISE = to_instant(datetime(2018, 4, 1, tzinfo=ZONE))
LOCAL_PROMISE = local_us_of(datetime.fromisoformat("2018-04-01T00:00"))
END = Instant(PROMISE + 1)
"""The clock just past a last event at the very promise."""

pytestmark = pytest.mark.req("R05")


def order(phase: OrderPhase = OrderPhase.OPEN, closed_at: int = 0, delivered_at: int = 0, **changed: object) -> Order:
    one = Order("SO-1", phase=phase, promise_at=PROMISE, closed_at=Instant(closed_at), **changed)  # type: ignore[arg-type]  # a test's keywords
    one.reached[Stage.PLACED] = PLACED
    one.reached[Stage.DELIVERED] = Instant(delivered_at)
    return one


def missed(one: Order, end_at: Instant = END) -> int:
    return len(undelivered_orders([one], CLOCK, Window(), end_at))


def test_a_delivered_order_is_scored_on_the_wall_clock_of_its_zone():
    one = order(OrderPhase.DELIVERED, PROMISE, PROMISE, sample_weight=2.5)
    (found,) = delivered_orders([one], CLOCK, Window())
    assert found.placed_us == LOCAL_PLACED
    assert (found.promise_us, found.weight, found.is_late) == (LOCAL_PROMISE, 2.5, True)
    assert missed(one) == 0


def test_a_promise_to_the_end_of_a_day_without_a_next_midnight_keeps_that_midnight():
    one = order(OrderPhase.DELIVERED, PROMISE, PROMISE)
    one.promise_at = to_instant(datetime(2017, 10, 15, tzinfo=ZONE))  # the clock went from 00:00 to 01:00
    (found,) = delivered_orders([one], CLOCK, Window())
    assert found.promise_us == local_us_of(datetime.fromisoformat("2017-10-15T00:00"))


def test_the_range_holds_its_first_promise_and_not_its_end():
    one = order(OrderPhase.DELIVERED, PROMISE, PROMISE)
    first = LOCAL_PROMISE
    assert len(delivered_orders([one], CLOCK, Window(since_us=first))) == 1
    assert delivered_orders([one], CLOCK, Window(since_us=first + 1)) == []
    assert delivered_orders([one], CLOCK, Window(until_us=first)) == []


def test_an_open_order_is_late_once_the_events_reach_its_promise():
    assert missed(order()) == 1
    assert missed(order(), PROMISE) == 0
    assert missed(order(OrderPhase.HELD)) == 1


@pytest.mark.parametrize(
    ("phase", "closed_at", "count"),
    [
        (OrderPhase.CANCELLED, PROMISE - 1, 0),
        (OrderPhase.CANCELLED, PROMISE, 1),
        (OrderPhase.QUARANTINED, PROMISE - DAY_US, 0),
        (OrderPhase.LOST, PROMISE - DAY_US, 1),
        (OrderPhase.RETURNED, PROMISE - DAY_US, 1),
    ],
)
def test_an_order_that_ended_otherwise_is_late_unless_it_was_cancelled_in_time(phase, closed_at, count):
    assert missed(order(phase, closed_at)) == count


def test_orders_without_promise_or_placement_are_not_scored():
    promised = order(OrderPhase.DELIVERED, PROMISE, PROMISE)
    promised.promise_at = Instant(0)
    placed = order(OrderPhase.DELIVERED, PROMISE, PROMISE)
    placed.reached[Stage.PLACED] = Instant(0)
    assert delivered_orders([promised, placed], CLOCK, Window()) == []


def test_the_zone_is_the_one_most_orders_name():
    zones = ["", "Asia/Shanghai", "America/Sao_Paulo", "Asia/Shanghai", ""]
    assert usual_zone(Order("x", zone=zone) for zone in zones) == "Asia/Shanghai"
    assert usual_zone([Order("x")]) == "UTC"


def test_warnings_are_put_on_the_wall_clock():
    found = first_warnings({"a": (PLACED, None), "b": (PLACED, PROMISE)}, CLOCK)
    assert (found["a"].warned_us, found["a"].withdrawn_us) == (LOCAL_PLACED, NEVER_US)
    assert found["b"].withdrawn_us == LOCAL_PROMISE
