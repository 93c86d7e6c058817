"""Failed visits: what an order needs after one, by why, area and hour; that the next one fails; and what is said."""

from functools import cache

import numpy as np
import pytest

from radar.events import Event
from radar.events.common import ReasonCode
from radar.events.transport import ShipmentAttemptFailed, ShipmentDelivered, ShipmentOutForDelivery
from radar.fold import FOLDS
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning import flow as flow_module
from radar.learning.local_days import LocalDays
from radar.learning.positions import ADDRESS, NOBODY, REFUSED, station_of
from radar.learning.visits import Visits
from radar.learning.yard import News
from radar.orders import Order
from radar.room import ControlRoom
from radar.stages import STAGE_COUNT, OrderPhase, Stage
from radar.wording import LANGUAGES, say
from tests.radar.learning.rich_worlds import START, ZONE, RichWorld
from tests.radar.learning.standing import standing
from tests.radar.learning.test_restart import dying, undisturbed
from tests.radar.learning.worlds import learner_of, play, rules

DAYS = LocalDays(ZONE, ())


def when(day: float) -> Instant:
    return Instant(round(START + day * DAY_US))


def out(order: Order, at: Instant) -> Order:
    FOLDS[ShipmentOutForDelivery](order, ShipmentOutForDelivery(), at)
    return order


def failed(order: Order, at: Instant, why: ReasonCode = ReasonCode.RECIPIENT_ABSENT) -> Order:
    FOLDS[ShipmentAttemptFailed](order, ShipmentAttemptFailed(reason=why), at)
    return order


@pytest.mark.parametrize(
    ("why", "station"),
    [(ReasonCode.RECIPIENT_ABSENT, NOBODY), (ReasonCode.ADDRESS, ADDRESS), (ReasonCode.REFUSED, REFUSED)],
)
def test_a_failed_visit_is_a_station_of_its_reason_until_the_next_round(why, station):
    order = out(Order("a"), when(1.375))
    assert station_of(order, {}) == (Stage.OUT_FOR_DELIVERY, when(1.375))
    assert station_of(failed(order, when(1.5), why), {}) == (station, when(1.5))
    assert station_of(failed(order, when(1.5), why), {}) == (station, when(1.5)), "told twice"
    assert station_of(out(order, when(1.625)), {}) == (Stage.OUT_FOR_DELIVERY, when(1.625))


def taught(visits: Visits, count: int, area: int, hour: int, needed_h: float, why=ReasonCode.ADDRESS) -> None:
    """Let orders of an area be delivered so long after a visit that failed at an hour."""
    at = when(5 + hour / 24)
    orders = [failed(out(Order(str(number)), when(5)), at, why) for number in range(count)]
    reached = np.zeros((STAGE_COUNT, count), np.int64)
    reached[Stage.DELIVERED] = at + round(needed_h * HOUR_US)
    for order in orders:
        order.reached[Stage.DELIVERED] = Instant(at + round(needed_h * HOUR_US))
        order.phase = OrderPhase.DELIVERED
    zeros = np.zeros(count, np.int64)
    places, ranks = np.zeros((5, count), np.int64), np.zeros((count, 3), np.int64)
    news = News(orders, zeros, zeros, np.full(count, area), places, ranks, zeros, reached)
    visits.learn(news, news, (when(4), when(9)), DAYS)
    visits.freeze()


def test_what_an_order_needs_hangs_on_why_on_its_area_and_on_the_hour_of_the_visit():
    visits = Visits()
    for _ in range(10):
        taught(visits, 4, 1, 11, 48.0)
        taught(visits, 4, 1, 9, 26.0)
        taught(visits, 4, 2, 11, 29.0)
        taught(visits, 4, 1, 11, 6.0, ReasonCode.RECIPIENT_ABSENT)
    stations = np.array([ADDRESS, ADDRESS, ADDRESS, NOBODY])
    since_h = np.array([3.0, 5.0, 3.0, 3.0])
    orders = standing(since_h, stations=stations, areas=np.array([1, 1, 2, 1]))
    usual, error = np.zeros(4), np.zeros(4)
    visits.usual(orders, 14 / 24, usual, error)
    assert usual == pytest.approx([45.0, 21.0, 26.0, 3.0], abs=1.0)
    single = [visits.usual_of(*one) for one in ((ADDRESS, 1, 11, 3.0), (ADDRESS, 1, 9, 5.0), (ADDRESS, 2, 11, 3.0))]
    assert single == [pytest.approx(pair) for pair in zip(usual[:3], error[:3], strict=True)]


def test_an_order_with_the_couriers_is_late_when_the_visit_fails_and_the_next_comes_too_late():
    visits = Visits()
    for _ in range(20):
        taught(visits, 10, 1, 11, 24.0, ReasonCode.RECIPIENT_ABSENT)
    stations = np.full(2, Stage.OUT_FOR_DELIVERY)
    orders = standing(np.ones(2), stations=stations, areas=np.ones(2, np.int64), left_h=np.array([8.0, 60.0]))
    risk = np.zeros(2)
    visits.risks(orders, 11 / 24, np.ones(2), risk)
    assert risk[0] > 0.3, "half of the visits failed"
    assert risk[1] < 0.02
    assert risk == pytest.approx([visits.fails_of(1, 11, left) for left in (8.0, 60.0)])


@cache
def history() -> tuple[Event, ...]:
    """Return a history in which one visit in five fails and comes again a day later."""
    found: list[Event] = []
    for one in RichWorld(stop_day=99).events():
        if isinstance(one.data, ShipmentDelivered) and hash(int(one.subject[1:]) * 7919 % 5) == 0:
            vain = ShipmentAttemptFailed(reason=ReasonCode.RECIPIENT_ABSENT)
            later = Instant(one.time + DAY_US)
            found.append(Event(one.time, id=f"{one.subject}-vain", source="shop", subject=one.subject, data=vain))
            again = Instant(later - HOUR_US)
            found.append(
                Event(
                    again, id=f"{one.subject}-again", source="shop", subject=one.subject, data=ShipmentOutForDelivery()
                )
            )
            found.append(Event(later, id=one.id, source="shop", subject=one.subject, data=one.data))
        else:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.time, one.id)))


@pytest.fixture(autouse=True)
def _soon_trusted(monkeypatch):
    monkeypatch.setattr(flow_module, "TRUSTED", 50.0)


@pytest.mark.req("R04", "R05")
def test_the_room_learns_what_a_failed_visit_costs_and_says_so():
    room = ControlRoom(rules())
    play(room, [one for one in history() if one.time < when(15.6)])
    room.advance(when(15.6))
    flow = learner_of(room)._flow
    waiting = [one for one in room.orders.values() if one.is_open and one.awaits_visit]
    assert waiting
    for order in waiting:
        needs = flow.needs(order, when(15.6))
        gone_h = (when(15.6) - order.failed_at) / HOUR_US
        assert needs.station == NOBODY
        assert needs.usual_h == pytest.approx(max(24.0 - gone_h, 1.0), abs=4.0)
        said = {one.code: one for one in room.explain(order.order_id, when(15.6))}
        sentences = [say(said["risk.visit"], language) for language in LANGUAGES]
        assert "failed: recipient-absent" in sentences[0]
        assert "收件人不在" in sentences[1]


@pytest.mark.req("R03")
def test_a_restart_among_failed_visits_ends_in_the_same_figures():
    events = [one for one in history() if one.time < when(14)]
    assert dying(events, 61) == undisturbed(events)
