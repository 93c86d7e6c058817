"""Experience: what a room has learned moves to another room, and nothing else does."""

from datetime import timedelta

import msgspec
import pytest

from radar.capacity import MACHINE as CAPACITY
from radar.drift import MACHINE as DRIFT
from radar.events import Event, Payload
from radar.events.common import ReasonCode
from radar.events.order import OrderPlaced, PaymentApproved
from radar.events.supply import LineState, LineStatus
from radar.events.transport import FulfilmentPicked, ShipmentDelivered, ShipmentException, ShipmentHandedOver
from radar.events.world import AlertSeverity, WeatherAlert
from radar.experience import MOVES, STAYS, experience
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.intake import Intake
from radar.outputs import Row, StateRow
from radar.room import ControlRoom
from radar.surroundings import MACHINES as AROUND
from tests.radar.learning.worlds import START, World, learner_of, model_of, play, probabilities, rules

CUT = Instant(START + 30 * DAY_US)
"""A local midnight in the middle of a history."""
EVENTS = World(days=45, orders_per_day=12).events()


def rows_of(room: ControlRoom) -> list[StateRow]:
    """Return the experience of a room that was never asked for its rows."""
    return experience(room.take_dirty())


def heir_of(rows: list[StateRow]) -> ControlRoom:
    room = ControlRoom(rules())
    room.load(rows)
    return room


def taught(events: list[Event], until: Instant) -> ControlRoom:
    """Return a room that has seen what came before a moment, and knows that this moment has come."""
    room = ControlRoom(rules())
    play(room, [one for one in events if one.time < until])
    room.advance(Instant(until + 1))
    return room


def ended(events: list[Event]) -> list[Event]:
    """Return the events of the orders that were delivered."""
    subjects = {one.subject for one in events if isinstance(one.data, ShipmentDelivered)}
    return [one for one in events if one.subject in subjects]


@pytest.fixture(scope="module")
def teacher():
    room = taught(EVENTS, CUT)
    return room, rows_of(room)


@pytest.mark.req("R03")
def test_until_the_next_midnight_the_heir_says_of_new_orders_what_its_teacher_says(teacher):
    _room, rows = teacher
    through, heir = taught(EVENTS, CUT), heir_of(rows)
    today = [one for one in EVENTS if CUT <= one.time < CUT + DAY_US - HOUR_US]
    new = {one.subject for one in today} - {one.subject for one in EVENTS if one.time < CUT}
    compared = 0
    for one in today:
        through.observe(one)
        heir.observe(one)
        ours, theirs = probabilities(heir, heir.clock), probabilities(through, through.clock)
        assert {key: ours[key] for key in ours if key in new} == {key: theirs[key] for key in theirs if key in new}
        compared += sum(key in new for key in ours)
    assert compared > 50


@pytest.mark.req("R03")
def test_where_nothing_was_open_the_heir_stays_equal_for_ever():
    """All tables, too: nothing that a room knows of closed orders is missing in its experience."""
    before = ended(World(days=20, orders_per_day=8).events())
    cut = Instant(START + 100 * DAY_US)
    after = [
        msgspec.structs.replace(one, time=Instant(one.time + 102 * DAY_US), id=f"{one.id}b", subject=f"{one.subject}b")
        for one in EVENTS[:700]
    ]
    assert max(one.time for one in before) < cut
    through = taught(before, cut)
    heir = heir_of(rows_of(taught(before, cut)))
    for first in range(0, len(after), 50):
        part = after[first : first + 50]
        assert play(heir, part) == play(through, part)
        assert probabilities(heir, heir.clock) == probabilities(through, through.clock)
    ours, theirs = model_of(heir), model_of(through)
    assert ours.day == theirs.day
    assert (ours.transit.net.weights == theirs.transit.net.weights).all()
    assert ours.calibration.nets[1].weights.tolist() == theirs.calibration.nets[1].weights.tolist()


def test_experience_may_be_had_weeks_earlier(teacher):
    """Whole weeks: the weekdays of both are the same, and so is all that is said."""
    _room, rows = teacher
    heir, early = heir_of(rows), heir_of(experience(rows, -4))
    month_us = 28 * DAY_US
    for one in (one for one in EVENTS if CUT <= one.time < CUT + 6 * DAY_US):
        heir.observe(one)
        early.observe(msgspec.structs.replace(one, time=Instant(one.time - month_us), data=month_before(one.data)))
        ours = probabilities(early, early.clock)
        assert ours == probabilities(heir, heir.clock)
    assert len(ours) > 20


def month_before(data: Payload) -> Payload:
    """Return what an event says, four weeks earlier."""
    month = timedelta(days=28)
    if isinstance(data, OrderPlaced) and data.promise_at is not None:
        return msgspec.structs.replace(data, promise_at=data.promise_at - month)
    if isinstance(data, PaymentApproved) and data.ship_by_at is not None:
        return msgspec.structs.replace(data, ship_by_at=data.ship_by_at - month)
    return data


def test_the_heir_is_no_stranger(teacher):
    _room, rows = teacher
    heir, stranger = heir_of(rows), ControlRoom(rules())
    today = [one for one in EVENTS if CUT <= one.time < CUT + DAY_US]
    play(heir, today)
    play(stranger, today)
    assert probabilities(heir, heir.clock) != probabilities(stranger, stranger.clock)
    assert learner_of(heir).next_due() is not None


def test_what_moved_once_moves_again_as_it_is(teacher):
    _room, rows = teacher
    assert experience(rows) == rows
    assert rows == sorted(rows, key=lambda row: (row.machine, row.key))


def test_no_row_names_an_order(teacher):
    """Orders of these histories are called o0, o1, ... and wait in snapshots and waits by the dozen."""
    room, rows = teacher
    names = [order_id.encode() for order_id in room.orders if len(order_id) > 3]
    said = b"".join(row.key.encode() + row.state for row in rows)
    assert len(names) > 50
    assert [name for name in names if bytes([0xA0 + len(name)]) + name in said] == []


def test_every_machine_of_a_room_says_what_moves():
    known = set(MOVES) | STAYS
    assert set(AROUND) <= known
    intake = Intake(ControlRoom(rules()), ["log"], HOUR_US)
    entries = [(one, index, b"") for index, one in enumerate([*EVENTS[:800], *troubles()])]
    intake.take(0, entries, len(entries))
    intake.finish(0)
    intake.tick()
    found = {row.machine for row in intake.take_batch().rows if isinstance(row, StateRow)}
    assert found <= known
    assert len(found) >= 8


def test_what_stands_now_stays_behind():
    room = ControlRoom(rules())
    play(room, [*EVENTS[:400], *troubles()])
    rows: list[Row] = room.take_dirty()
    kept = {(row.machine, row.key) for row in experience(rows)}
    left = {(row.machine, row.key) for row in rows if isinstance(row, StateRow)} - kept
    assert any(key.startswith("standing:line:L9") for _machine, key in left)
    assert ("conditions", "clock") in left
    assert not any(machine == "scopes" for machine, _key in kept)
    assert not [key for machine, key in kept if machine == "conditions" and not key.startswith(("weight:", "queue:"))]


def test_plans_and_notices_that_stand_are_not_the_heirs(teacher):
    room, rows = teacher
    around = room._around
    for series in around.drift._series.values():
        series.raised_at = series.since_at = CUT
        around.drift._dirty.add(series.name)
    for key, place in around.capacity._places.items():
        place.raised_at, place.sequence = CUT, 3
        around.capacity._dirty.add(key)
    standing = {(row.machine, row.key): row for row in experience(room.take_dirty())}
    plain = {(row.machine, row.key): row for row in rows}
    for key, row in standing.items():
        if row.machine in (CAPACITY, DRIFT):
            assert row == plain[key]
    assert any(machine == DRIFT for machine, _key in standing)


def test_usual_queues_are_followed_from_the_first_event_on():
    heir = heir_of(queue_rows())
    awake = [heir._around.conditions.is_awake]
    heir.observe(EVENTS[0])
    awake += [heir._around.conditions.is_awake, heir._around.index.is_on]
    assert awake == [False, True, True]


def queue_rows() -> list[StateRow]:
    """Return the experience of a room that has heard of the world and so follows queues."""
    room = ControlRoom(rules())
    picks = [
        msgspec.structs.replace(one, id=f"{one.id}-pick", data=FulfilmentPicked(warehouse="W1"))
        for one in EVENTS[:800]
        if isinstance(one.data, ShipmentHandedOver)
    ]
    play(room, sorted([*EVENTS[:800], *picks, *troubles(at=EVENTS[0].time)], key=lambda one: (one.time, -len(one.id))))
    found = rows_of(room)
    assert any(row.key.startswith("queue:") for row in found)
    return found


def troubles(at: Instant | None = None) -> list[Event]:
    """Return news of the world: a dead line, a storm, a parcel in trouble."""
    time = EVENTS[799].time if at is None else at
    later = to_datetime(Instant(time + 9 * DAY_US))
    storm = WeatherAlert(area="RJ", severity=AlertSeverity.SEVERE, from_at=to_datetime(time), to_at=later)
    return [
        Event(time, id="t1", source="mes", subject="L9", data=LineStatus(state=LineState.DOWN)),
        Event(time, id="t2", source="weather", subject="RJ", data=storm),
        Event(time, id="t3", source="carrier", subject="o1", data=ShipmentException(reason=ReasonCode.WEATHER)),
    ]
