"""Probes: probabilities at set horizons, read without changing anything."""

import pytest

from radar.events import Event
from radar.events.order import OrderPlaced
from radar.events.transport import ShipmentDelivered
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.intake import Intake
from radar.probing import ProbedRoom
from radar.room import ControlRoom
from scenarios.rules import load_rules
from tests.invented_orders import events_of, invent

HORIZONS_US = tuple(hours * HOUR_US for hours in (168, 96, 36, 24))
END = Instant(4_000_000_000_000_000)

pytestmark = pytest.mark.req("R05")


def run(room: ControlRoom, events, block: int = 100):
    """Carry events through a room in blocks and return everything it gave out."""
    intake = Intake(room, ["f"], HOUR_US)
    for start in range(0, len(events), block):
        part = events[start : start + block]
        intake.take(0, [(event, start + n, b"") for n, event in enumerate(part)], start + len(part))
        intake.tick()
    intake.finish(0)
    intake.tick()
    return intake.take_batch()


def test_warnings_and_final_state_are_those_of_a_room_never_asked():
    events = events_of(invent(250))
    asked = ProbedRoom(load_rules(), HORIZONS_US)
    plain = ControlRoom(load_rules())
    probed, expected = run(asked, events), run(plain, events)
    assert len(asked.answers) > 200
    assert any(output.late_probability is not None for output in expected.outputs)
    assert probed.outputs == expected.outputs
    assert probed.rows == expected.rows


def test_an_answer_is_what_the_room_says_at_that_very_instant():
    events = events_of(invent(120))
    asked = ProbedRoom(load_rules(), HORIZONS_US)
    run(asked, events)
    for answer in asked.answers[:: len(asked.answers) // 8]:
        moment = Instant(asked.book[answer.order_id].promise_at - answer.horizon_us)
        room = ControlRoom(load_rules())
        for event in events:
            if event.time <= moment:
                room.observe(event)
        room.advance(Instant(moment + 1))
        assert room.predict(answer.order_id, moment) == answer.late_probability


def test_answers_do_not_depend_on_blocks():
    events = events_of(invent(120))
    answers = []
    for block in (1, 7, 1000):
        room = ProbedRoom(load_rules(), HORIZONS_US)
        run(room, events, block)
        answers.append(room.answers)
    assert answers[0] == answers[1] == answers[2]


def horizons_asked(placed_us: int, delivered_us: int) -> list[int]:
    """Return the horizons, in hours, that an order is asked at; its events are so far from the promise."""
    promise = Instant(17_600 * DAY_US)
    placement = OrderPlaced(promise_at=to_datetime(promise))
    room = ProbedRoom(load_rules(), HORIZONS_US)
    room.observe(Event(Instant(promise + placed_us), "p", "shop", "SO-1", placement))
    room.observe(Event(Instant(promise + delivered_us), "d", "shop", "SO-1", ShipmentDelivered()))
    room.advance(Instant(promise + 40 * DAY_US))
    return [answer.horizon_us // HOUR_US for answer in room.answers]


def test_open_is_from_the_placement_on_and_until_just_before_the_delivery():
    assert horizons_asked(-96 * HOUR_US, 0) == [96, 36, 24]
    assert horizons_asked(-96 * HOUR_US + 1, 0) == [36, 24]
    assert horizons_asked(-200 * HOUR_US, -36 * HOUR_US) == [168, 96]
    assert horizons_asked(-200 * HOUR_US, -36 * HOUR_US + 1) == [168, 96, 36]


def test_what_is_learned_at_the_very_instant_is_known_to_the_answer():
    first = Instant(17_600 * DAY_US)
    events = []
    for number in range(40):
        promise = to_datetime(Instant(first + 20 * DAY_US))
        events.append(Event(first, f"p{number}", "shop", f"A-{number:02d}", OrderPlaced(promise_at=promise)))
        ended = Instant(first + (5 + number) * HOUR_US)
        events.append(Event(ended, f"d{number}", "shop", f"A-{number:02d}", ShipmentDelivered()))
    epoch = first + 2 * DAY_US  # the tables change then, and the order is asked then
    promise = to_datetime(Instant(epoch + 36 * HOUR_US))
    events.append(Event(Instant(epoch - HOUR_US), "p", "shop", "SO-1", OrderPlaced(promise_at=promise)))
    asked, plain = ProbedRoom(load_rules(), (36 * HOUR_US,)), ControlRoom(load_rules())
    for event in sorted(events, key=lambda event: (event.time, event.id)):
        asked.observe(event)
        plain.observe(event)
    asked.advance(Instant(epoch + DAY_US))
    plain.advance(Instant(epoch + 1))
    (answer,) = [answer for answer in asked.answers if answer.order_id == "SO-1"]
    assert answer.late_probability == plain.predict("SO-1", Instant(epoch))


def test_nothing_is_asked_past_the_end_of_the_events():
    events = events_of(invent(50))[:60]
    room = ProbedRoom(load_rules(), HORIZONS_US)
    run(room, events)
    last = max(event.time for event in events)
    moments = [room.book[answer.order_id].promise_at - answer.horizon_us for answer in room.answers]
    assert all(moment <= last for moment in moments)


def test_a_room_says_nothing_of_orders_it_does_not_know():
    room = ControlRoom(load_rules())
    assert room.predict("SO-1", END) is None
    assert room.explain("SO-1", END) == ()
