"""An order whose delivery was never reported is not taught as late; one that is late is."""

from random import Random

import numpy as np
import pytest

from radar.events import Event
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning import flow as flow_module
from radar.learning.ends import Ends, is_broken
from radar.orders import Order
from radar.room import ControlRoom
from radar.stages import OrderPhase, Stage
from tests.radar.learning.rich_worlds import START, RichWorld
from tests.radar.learning.worlds import learner_of, play, rules

NOON = Instant(START + DAY_US // 2)
KINDS = {"stock": 0}


def order_at(stage: Stage, hours: float = 0.0, promise_h: float = 12.0) -> Order:
    """Return an open order that has reached a stage so many hours after noon."""
    order = Order("SO", order_type="stock", stage=stage, promise_at=Instant(NOON + int(promise_h * HOUR_US)))
    order.reached[Stage.PLACED] = NOON
    order.reached[stage] = order.heard_at = Instant(NOON + int(hours * HOUR_US))
    return order


def delivered(hours: float, *, is_told: bool = True) -> Order:
    """Return an order delivered so many hours after it went out, at noon."""
    order = order_at(Stage.OUT_FOR_DELIVERY)
    if not is_told:
        order.reached[Stage.OUT_FOR_DELIVERY] = Instant(0)
    order.stage, order.phase = Stage.DELIVERED, OrderPhase.DELIVERED
    order.reached[Stage.DELIVERED] = order.closed_at = Instant(NOON + int(hours * HOUR_US))
    return order


def ends_of(orders: list[Order]) -> Ends:
    ends = Ends(KINDS)
    learn(ends, orders[-1:])
    ends.freeze()
    learn(ends, orders)
    return ends


def learn(ends: Ends, orders: list[Order]) -> None:
    kinds = np.array([KINDS[order.order_type] for order in orders])
    ends.learn(kinds, np.array([order.reached for order in orders]).T)


def usual(lost: int = 0) -> Ends:
    """Return what five hundred deliveries teach: all within four hours, one in fifty a day later."""
    hours = [28.0 if number % 50 == 0 else 1 + number % 4 for number in range(500)]
    return ends_of([delivered(one, is_told=number >= lost) for number, one in enumerate(reversed(hours))])


def test_what_went_out_a_day_ago_and_was_never_heard_of_again_is_probably_there():
    order = order_at(Stage.OUT_FOR_DELIVERY, hours=-30)
    assert usual(lost=5).broken(order) < 0.3
    assert usual(lost=25).broken(order) < usual(lost=5).broken(order), "the more reports are lost the surer"


def test_what_just_went_out_is_late():
    assert usual(lost=25).broken(order_at(Stage.OUT_FOR_DELIVERY, hours=11)) > 0.9


def test_what_stands_further_back_is_late_however_silent():
    assert usual(lost=25).broken(order_at(Stage.PACKED, hours=-60)) == 1.0


def test_who_was_heard_of_since_is_late():
    order = order_at(Stage.OUT_FOR_DELIVERY, hours=-30)
    order.heard_at = Instant(NOON + 11 * HOUR_US)  # nobody at home
    assert usual(lost=25).broken(order) > 0.9


def test_a_milestone_that_many_leave_out_is_no_lost_report():
    some, none = usual(lost=300), usual()
    assert some.lost_share(0) == pytest.approx(0.005)
    assert usual(lost=50).lost_share(0) == pytest.approx(0.046, abs=0.002), "of the reports of two milestones"
    assert none.lost_share(0) < 0.002


def test_orders_never_heard_of_again_tell_how_many_reports_are_lost():
    ends = usual()
    before = ends.lost_share(0)
    for _ in range(20):
        ends.broken(order_at(Stage.OUT_FOR_DELIVERY, hours=-30))
    assert ends.lost_share(0) > before + 0.01
    assert ends.broken(order_at(Stage.OUT_FOR_DELIVERY, hours=-30)) < 0.1


def test_older_deliveries_count_less():
    ends = usual(lost=50)
    ends.fade(30.0)
    assert ends.lost_share(0) == pytest.approx(0.005, abs=0.001)


def test_an_order_without_any_milestone_before_teaches_nothing_wrong():
    ends = Ends(KINDS)
    learn(ends, [delivered(3.0, is_told=False)])
    assert ends.befores[0, Stage.PLACED] == 1


@pytest.mark.parametrize(
    ("promise_h", "is_there"), [(0.0, False), (1e-9, True), (2.0, True), (3.0, True), (3.001, False)]
)
def test_a_promise_is_broken_in_the_stretch_that_holds_it(promise_h, is_there):
    order = order_at(Stage.PACKED, promise_h=promise_h)
    assert is_broken(order, NOON, Instant(NOON + 3 * HOUR_US)) is is_there


@pytest.mark.req("R05")
def test_lost_reports_of_deliveries_do_not_endanger_who_is_out_for_delivery(monkeypatch):
    """Of one week one delivery in six is never reported; later orders go out as usual, days before their promise."""
    monkeypatch.setattr(flow_module, "TRUSTED", 50.0)
    chance = Random(3)

    def is_lost(event: Event) -> bool:
        is_end = event.id.endswith("ShipmentDelivered") and START + 5 * DAY_US <= event.time < START + 12 * DAY_US
        return is_end and chance.random() < 1 / 6

    events = RichWorld(stop_day=99).events()
    danger = {}
    for name, told in {"all": events, "some": [one for one in events if not is_lost(one)]}.items():
        room = ControlRoom(rules())
        play(room, [one for one in told if one.time < START + int(17.5 * DAY_US)])
        at = room.clock
        assert learner_of(room)._flow.concerns(next(iter(room.orders.values())))
        out = [
            one for one in room.orders.values()
            if one.is_open and one.stage is Stage.OUT_FOR_DELIVERY and one.promise_at - at > DAY_US
        ]  # fmt: skip
        assert len(out) > 5
        danger[name] = sum(room.predict(one.order_id, at) or 0.0 for one in out) / len(out)
    assert danger["some"] < danger["all"] + 0.03
