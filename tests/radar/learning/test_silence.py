"""A source that says nothing: its orders are in no more danger, its places are no slower, and a stop is a stop."""

from functools import cache

import numpy as np
import pytest

from radar.events import Event
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver, ShipmentOutForDelivery
from radar.events.world import SourceHeartbeat
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning import flow as flow_module
from radar.learning.flow_score import FlowScore
from radar.learning.left_times import LeftTimes
from radar.learning.positions import DOOR_NUMBER, DOORS, STEPS
from radar.learning.queues import Queues
from radar.learning.silence import silent_hours, usual_hours
from radar.room import ControlRoom
from radar.stages import STAGE_COUNT, Stage
from tests.radar.learning.rich_worlds import START, RichWorld
from tests.radar.learning.standing import standing
from tests.radar.learning.test_restart import dying, undisturbed
from tests.radar.learning.worlds import learner_of, play, probabilities, rules

CARRIER = "carrier"
TOLD = (ShipmentHandedOver, ShipmentOutForDelivery, ShipmentDelivered)
QUIET = (11.3, 13.1)
"""Days from and to which the carrier tells nothing."""
INSIDE = 12.8


def when(day: float) -> Instant:
    return Instant(round(START + day * DAY_US))


@cache
def history() -> tuple[Event, ...]:
    """Return a history of which a carrier of its own tells the transport, with a heartbeat every hour."""
    events = []
    for one in RichWorld(stop_day=99).events():
        source = CARRIER if isinstance(one.data, TOLD) else one.source
        events.append(Event(one.time, id=one.id, source=source, subject=one.subject, data=one.data))
    for hour in range(20 * 24):
        at = Instant(START + hour * HOUR_US)
        beat = SourceHeartbeat(next_within_s=3 * 3600.0)
        events.append(Event(at, id=f"beat-{hour}", source=CARRIER, subject=CARRIER, data=beat))
    return tuple(sorted(events, key=lambda one: (one.time, one.id)))


def silenced(kinds: tuple[type, ...] = (*TOLD, SourceHeartbeat)) -> list[Event]:
    """Return the history with such reports of the silence told in one heap after it."""
    end = when(QUIET[1])

    def recorded(one: Event) -> int:
        return end if isinstance(one.data, kinds) and when(QUIET[0]) <= one.time < end else one.time

    return sorted(history(), key=lambda one: (recorded(one), one.time, one.id))


def heard_by(events: list[Event], day: float) -> ControlRoom:
    """Return a room that was told what was recorded by a day."""
    room = ControlRoom(rules())
    known = len(events) if day > QUIET[1] else next(n for n, one in enumerate(events) if one.time >= when(day))
    play(room, [one for one in events[:known] if one.time < when(day)])
    room.advance(when(day))
    return room


def mean_risk(room: ControlRoom, day: float) -> float:
    """Return the mean P(late) of orders that are promised later than the next midnight but one, and handed over."""
    found = probabilities(room, when(day))
    last = when(int(day) + 2)
    return float(np.mean([p for one, p in found.items() if room.orders[one].promise_at >= last]))


@pytest.fixture(autouse=True)
def _soon_trusted(monkeypatch):
    monkeypatch.setattr(flow_module, "TRUSTED", 50.0)


@pytest.mark.req("R05", "R08")
def test_orders_are_in_no_danger_because_their_carrier_says_nothing():
    usual = mean_risk(heard_by(list(history()), INSIDE), INSIDE)
    silent = mean_risk(heard_by(silenced(), INSIDE), INSIDE)
    assert silent < usual + 0.1


@pytest.mark.req("R05")
def test_a_carrier_that_stands_still_and_says_so_is_not_silent():
    silent = heard_by(silenced(), INSIDE)
    stopped = heard_by(silenced(TOLD), INSIDE)
    assert mean_risk(stopped, INSIDE) > mean_risk(silent, INSIDE) + 0.2
    ways = [learner_of(room)._flow.queues[DOOR_NUMBER[Stage.HANDED_OVER]] for room in (stopped, silent)]
    assert max(ways[0].pace[:2]) < 0.6 < min(ways[1].pace[:2])


@pytest.mark.req("R05")
def test_what_is_told_in_one_heap_is_taken_at_the_times_it_happened():
    punctual, heaped = (learner_of(heard_by(events, 13.9))._flow for events in (list(history()), silenced()))
    for usual, late in zip(punctual.queues, heaped.queues, strict=True):
        assert np.all(late.capacity <= 1.1 * usual.capacity), usual.door
        assert np.all(late.capacity >= 0.8 * usual.capacity), usual.door
        assert np.all(late.pace >= usual.pace - 0.1), usual.door
    assert heaped.routes.deliveries == pytest.approx(punctual.routes.deliveries, rel=0.05)


def test_a_promise_that_passes_in_silence_is_judged_when_the_carrier_speaks_again(monkeypatch):
    taught: list[float] = []
    learn = FlowScore.learn

    def listening(self, inputs, labels, first, risks):
        taught.append(labels.sum())
        learn(self, inputs, labels, first, risks)

    monkeypatch.setattr(FlowScore, "learn", listening)
    late = {}
    for name, events in (("punctual", list(history())), ("silent", silenced())):
        taught.clear()
        heard_by(events, 14.9)
        late[name] = sum(taught)
    assert late["silent"] == pytest.approx(late["punctual"], rel=0.2, abs=3.0)


@pytest.mark.req("R03")
def test_a_restart_in_a_silence_ends_in_the_same_figures():
    events = [one for one in silenced() if one.time < when(14)]
    assert dying(events, 61) == undisturbed(events)


def test_a_burst_of_reports_fills_the_steps_it_speaks_of():
    queue = Queues(Stage.PACKED, 8)
    queue.names.number("bench")
    for step in range(4 * STEPS):
        queue.through([np.zeros(5, np.int64)], step % STEPS)
    for step in range(STEPS):
        queue.through([np.zeros(0, np.int64)], step, is_heard=False)
    before = queue.pace[0]
    ages = np.repeat(np.arange(1, STEPS), 5)
    queue.through([np.zeros(5, np.int64)], 0, np.zeros(len(ages), np.int64), ages, is_heard=False)
    assert queue.ring[0] == pytest.approx(np.full(STEPS, 5.0))
    assert queue.capacity[0] == pytest.approx(40.0, rel=0.05)
    queue.freeze(0)
    assert queue.pace[0] == pytest.approx(before, abs=0.01)


PASSING = np.ones((8, len(DOORS)), np.bool_)


def silence_of(*stages: Stage, hours: float = 10.0):
    found = np.zeros(STAGE_COUNT)
    found[list(stages)] = hours
    return found


def test_only_orders_whose_next_door_nobody_tells_are_unheard_and_none_for_longer_than_it_stands_there():
    stages = np.array([Stage.PICKED, Stage.PACKED, Stage.PACKED])
    orders = standing(np.array([20.0, 20.0, 4.0]), stages=stages, stations=stages)
    assert silent_hours(orders, silence_of(Stage.HANDED_OVER), PASSING).tolist() == [0.0, 10.0, 4.0]


def test_in_silence_an_order_needs_what_it_needed_when_it_was_last_heard_of_less_the_time_gone():
    times = LeftTimes()
    for part, since, left in ((3, 1, 30.0), (7, 4, 60.0)):
        lesson = np.array([[0.0, Stage.PACKED, part, since, 0, 0]])
        for _ in range(200):
            times.learn(lesson, np.array([left]))
    times.freeze()
    stages = np.full(2, Stage.PACKED)
    orders = standing(np.array([16.0, 16.0]), stages=stages, stations=stages, since=np.array([4, 4]))
    usual, _ = usual_hours(times, orders, 7, np.array([0.0, 12.0]))
    assert usual == pytest.approx([60.0, 30.0 - 12.0], abs=3.0)


def test_an_order_that_passed_a_door_in_silence_needs_what_orders_need_from_that_door():
    times = LeftTimes()
    for _ in range(200):  # those still seen there later needed two days, but most are gone at once
        times.learn(np.array([[0.0, Stage.PACKED, 3, 0, 0, 0]]), np.array([48.0]))
    reached = np.zeros((STAGE_COUNT, 50), np.int64)
    reached[Stage.PACKED], reached[Stage.DELIVERED] = 1, 1 + 20 * HOUR_US
    zeros, steps = np.zeros(50, np.int64), np.full((len(DOORS), 50), 3)
    for _ in range(4):
        times.learn_after(zeros, zeros, reached, steps)
    times.freeze()
    stages = np.full(1, Stage.PACKED)
    orders = standing(np.array([8.0]), stages=stages, stations=stages)
    usual, error = usual_hours(times, orders, 6, np.array([8.0]))
    assert usual == pytest.approx([12.0], abs=1.0)
    assert error[0] < 8.0
