"""What a prediction makes of the surroundings: a queue that the predictor counts itself is not felt a second time."""

import pytest

from radar.conditions.condition import Code, Standing
from radar.events.supply import LineState
from radar.instant import EARLIEST, Instant
from radar.orders import Order
from radar.outputs import Reason
from radar.room import ControlRoom
from radar.wording import reason
from tests.radar.harness import at
from tests.radar.places import FeelsDelay, feeling_room, going, line, planned, storm

NOW = at(3)


class Counts(FeelsDelay):
    """The same, and it knows the queues ahead."""

    looked_at = EARLIEST

    def counted(self, order: Order) -> Instant | None:
        del order
        return self.looked_at


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


class CountsPlaces(Counts):
    """The same, and it knows what hinders the places; it looked at them at some time."""

    def __init__(self, looked_at: Instant) -> None:
        super().__init__()
        self.looked_at = looked_at

    def explain(self, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
        return (
            reason("risk.queue", 2.5, stage="out_for_delivery", place="north", extra_us=3_600_000_000),
            reason("risk.learned", -0.5, judged_ratio=0.5, found_ratio=0.4),
        )


def stormy(looked_at: Instant) -> ControlRoom:
    """Return a room with one order going north, where a storm is told at the hour 2."""
    room = feeling_room()
    room._learner = room._forecast.predictor = CountsPlaces(looked_at)  # type: ignore[assignment]  # the same verbs
    for news in (going("SO-1", "north"), storm("north", 2, 3, 120)):
        room.observe(news)
    return room


@pytest.mark.req("R03")
def test_a_storm_that_the_queues_have_heard_of_is_not_felt_a_second_time_and_is_their_reason():
    room = stormy(at(3))
    assert rise(room, at(4)) == 0
    said = room._forecast.explain(room.orders["SO-1"], at(4))
    assert [(one.code, one.weight) for one in said] == [("condition.weather", 2.5), ("risk.learned", -0.5)]


@pytest.mark.req("R03")
def test_a_storm_told_since_the_queues_were_looked_at_is_felt_at_once():
    room = stormy(at(1))
    assert rise(room, at(4)) > 0.2
    assert codes(room)[0] == "condition.weather"


@pytest.mark.req("R03")
def test_an_order_is_asked_for_anew_when_its_queues_have_heard_of_what_it_felt():
    room = stormy(at(1))
    order = room.orders["SO-1"]
    room._forecast.predict(order, at(4))
    assert order.felt_us > 0
    assert not room._forecast.is_shifted(order, at(4))
    room._forecast.predictor.looked_at = at(5)  # type: ignore[attr-defined]  # of the stand-in
    assert room._forecast.is_shifted(order, at(5))
