"""What stands in the way of the places ahead, as a predictor that counts queues is told of it."""

import msgspec
import pytest

from radar.conditions.ahead import Ahead, is_counted
from radar.conditions.condition import Code, Condition, Standing
from radar.instant import DAY_US, HOUR_US
from radar.outputs import Fact
from radar.stages import Stage
from radar.ways import Ways
from tests.radar.harness import at

NOW = at(20)


def standing(code: Code, key: str, *, until: float = 40, amount: float = 0.0, capacity: float = 0.0, name: str = ""):
    return Standing(1, code, key, name or code.value, at(10), at(10), at(10), at(until), amount, capacity)


def ahead(*things: Standing) -> Ahead:
    return Ahead(things, NOW, 12 * HOUR_US, Ways())


@pytest.mark.req("R03")
def test_storms_and_closures_of_an_area_are_stretches_and_its_couriers_add_up():
    found = ahead(
        standing(Code.WEATHER, "area:east", amount=0.9),
        standing(Code.CLOSURE, "area:east", until=30, amount=1.0),
        standing(Code.COURIERS, "area:east", amount=50.0, capacity=24.0, name="courier:1"),
        standing(Code.COURIERS, "area:east", amount=10.0, capacity=20.0, name="courier:2"),
        standing(Code.LINE_DOWN, "line:L1"),
    )
    (east,) = found.areas.values()
    assert [(one.until_at, one.loss, one.is_sure) for one in east.stretches] == [
        (at(40), 0.9, False),
        (at(30), 1.0, True),
    ]
    assert (east.capacity, east.said_at) == (44.0, at(10))


def test_a_courier_who_tells_no_figures_says_nothing_of_what_can_be_taken():
    assert ahead(standing(Code.COURIERS, "area:east")).areas["east"].capacity is None


def test_a_closed_lane_counts_on_ways_by_the_share_that_takes_it_and_runs_on_when_overdue():
    ways = Ways()
    ways.share = lambda way, lane: 0.6 if (way, lane) == ("a-north", "l1") else 1.0 if way == lane else 0.0  # type: ignore[method-assign]
    ways.lanes = lambda way: ("l1",) if way == "a-north" else ()  # type: ignore[method-assign]
    things = [
        standing(Code.CLOSURE, "lane:l1", until=15, amount=1.0),
        standing(Code.CLOSURE, "lane:a-south", amount=1.0),
    ]
    found = Ahead(things, NOW, 12 * HOUR_US, ways)
    (north,) = found.closed("a-north")
    assert north.loss == 0.6
    assert NOW < north.until_at < NOW + DAY_US
    assert [one.loss for one in found.closed("a-south")] == [1.0]
    assert found.closed("a-west") == []


@pytest.mark.parametrize(
    ("code", "stage", "looked", "is_so"),
    [
        (Code.WEATHER, Stage.PACKED, 11, True),
        (Code.WEATHER, Stage.PACKED, 9, False),
        (Code.COURIERS, Stage.IN_TRANSIT, 11, True),
        (Code.CLOSURE, Stage.PACKED, 11, True),
        (Code.CLOSURE, Stage.IN_TRANSIT, 11, False),
        (Code.BACKLOG, Stage.PACKED, 9, True),
        (Code.LINE_DOWN, Stage.PAID, 11, False),
    ],
)
def test_what_acts_through_queues_is_counted_once_they_were_looked_at(code, stage, looked, is_so):
    assert is_counted(standing(code, "area:east"), stage, at(looked)) is is_so


@pytest.mark.parametrize(("note", "is_so"), [("road-closure", True), ("weather", False)])
def test_a_closed_lane_is_counted_for_who_is_on_it_unless_a_storm_is_waited_out_there(note, is_so):
    closure = msgspec.structs.replace(standing(Code.CLOSURE, "lane:trunk"), note=note)
    assert is_counted(closure, Stage.IN_TRANSIT, at(11)) is is_so
    said = Condition(Code.CLOSURE, "trunk", 1, 1, (Fact("note", note),), closure.since_at)
    assert is_counted(said, Stage.IN_TRANSIT, at(11), "trunk") is is_so
    assert not is_counted(said, Stage.IN_TRANSIT, at(11), "other")
