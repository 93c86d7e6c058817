"""What a prediction makes of the surroundings: a queue that the predictor counts itself is not felt a second time."""

import pytest

from radar.conditions.condition import Code, Standing
from radar.events.supply import LineState
from radar.instant import Instant
from radar.orders import Order
from radar.room import ControlRoom
from tests.radar.harness import at
from tests.radar.places import FeelsDelay, feeling_room, going, line, planned

NOW = at(3)


class Counts(FeelsDelay):
    """The same, and it knows the queues ahead."""

    def counts_queues(self, order: Order) -> bool:
        del order
        return True


def crowded(predictor: FeelsDelay) -> ControlRoom:
    """Return a room with one order before a line at which the queue is 60 h longer than usual."""
    room = feeling_room()
    room._learner = room._forecast.predictor = predictor  # type: ignore[assignment]  # a stand-in with the same verbs
    for event in (going("SO-1"), planned("SO-1", "L1")):
        room.observe(event)
    long = Standing(1, Code.BACKLOG, "line:L1", "backlog", at(2), at(2), at(2), amount=60.0, capacity=9.0)
    room._around.conditions._set("line:L1", "backlog", long)
    return room


def rise(room: ControlRoom, now: Instant = NOW) -> float:
    """Return what conditions add to the order's probability."""
    order = room.orders["SO-1"]
    return room._forecast.peek(order, now) - room._forecast.predictor.predict(order, now)


def codes(room: ControlRoom) -> list[str]:
    """Return the reasons that are conditions."""
    found = room._forecast.explain(room.orders["SO-1"], NOW)
    return [one.code for one in found if one.code.startswith("condition.")]


@pytest.mark.req("R03")
def test_a_long_queue_is_felt_where_the_predictor_knows_nothing_of_queues():
    room = crowded(FeelsDelay())
    assert rise(room) > 0.5
    assert codes(room) == ["condition.backlog"]


@pytest.mark.req("R03")
def test_a_queue_that_the_predictor_counts_is_neither_felt_nor_told_again():
    room = crowded(Counts())
    assert rise(room) == 0
    assert codes(room) == []


@pytest.mark.req("R07")
def test_a_dead_line_is_felt_all_the_same():
    room = crowded(Counts())
    room.observe(line("L1", LineState.DOWN, 2.5, until_h=60))
    assert rise(room) > 0.5
    assert codes(room) == ["condition.line-down"]
