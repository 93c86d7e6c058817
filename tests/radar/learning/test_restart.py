"""A restart at any moment leaves no trace: the same tables, the same predictions, bit for bit."""

import msgspec
import pytest

from radar.events import Event
from radar.instant import DAY_US, HOUR_US, Instant
from radar.outputs import OrderRow, Row, StateRow
from radar.room import ControlRoom
from tests.radar.learning.worlds import START, World, play, probabilities, rules

EVENTS = World(days=25).events()[:420]
"""Cut in the middle of the life of many orders."""


class Store:
    """What a store keeps: the last row of every key."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], StateRow] = {}
        self.orders: dict[str, OrderRow] = {}

    def commit(self, rows: list[Row]) -> None:
        for row in rows:
            if isinstance(row, OrderRow):
                self.orders[row.order_id] = row
            elif row.is_gone:
                self.states.pop((row.machine, row.key), None)
            else:
                self.states[row.machine, row.key] = row

    def room(self, clock: Instant) -> ControlRoom:
        """Return a room restored; rows in another sequence than they were written in."""
        room = ControlRoom(rules())
        room.load([self.states[key] for key in sorted(self.states, reverse=True)])
        room.load([self.orders[key] for key in sorted(self.orders, reverse=True)])
        room.advance(clock)
        return room


Told = tuple[list[object], dict[tuple[str, str], bytes], dict[str, float]]
"""What was said, what the learner stored, and what is predicted in the end."""


def undisturbed(events: list[Event]) -> Told:
    """Play events in one go."""
    room, store = ControlRoom(rules()), Store()
    said = play(room, events)
    store.commit(room.take_dirty())
    return said, states(store), probabilities(room, room.clock)


def dying(events: list[Event], every: int) -> Told:
    """Play events with a room that dies after every so many of them and is restored."""
    store, room, said = Store(), ControlRoom(rules()), []
    for first in range(0, len(events), every):
        said += play(room, events[first : first + every])
        store.commit(room.take_dirty())
        room = store.room(room.clock)
    store.commit(room.take_dirty())
    return said, states(store), probabilities(room, room.clock)


def states(store: Store) -> dict[tuple[str, str], bytes]:
    return {key: row.state for key, row in store.states.items() if key[0] == "learner"}


@pytest.fixture(scope="module")
def whole():
    return undisturbed(EVENTS)


@pytest.mark.req("R03")
@pytest.mark.parametrize("every", [pytest.param(3, marks=pytest.mark.slow), 29, 210])
def test_a_room_that_dies_again_and_again_says_the_same_to_the_last_bit(whole, every):
    assert dying(EVENTS, every) == whole


def test_nothing_is_written_between_two_epochs_but_what_changed():
    room, store = ControlRoom(rules()), Store()
    play(room, EVENTS[:400])
    store.commit(room.take_dirty())
    room.advance(Instant(room.clock + 1))
    assert [row for row in room.take_dirty() if isinstance(row, StateRow) and row.machine == "learner"] == []


def test_a_learner_with_nothing_to_learn_sleeps_and_wakes_the_same_after_a_restart():
    late = [
        msgspec.structs.replace(one, time=Instant(one.time + 300 * DAY_US), id=f"{one.id}b", subject=f"{one.subject}b")
        for one in EVENTS[:300]
    ]
    short = EVENTS[:300]
    quiet_at = Instant(START + 200 * DAY_US)
    room = ControlRoom(rules())
    play(room, short)
    room.advance(quiet_at)
    assert learner_sleeps(room)
    store = Store()
    store.commit(room.take_dirty())
    again = store.room(room.clock)
    assert learner_sleeps(again)
    assert not [row for row in again.take_dirty() if isinstance(row, StateRow)], "nothing was learned by a restart"
    for one in (room, again):
        one.advance(Instant(quiet_at + 30 * DAY_US + HOUR_US))
        play(one, late)
    assert probabilities(room, room.clock) == probabilities(again, again.clock)


def learner_sleeps(room: ControlRoom) -> bool:
    return room._learner.next_due() is None
