"""What the flow has learned, as figures for a person: usual hours left by station, what places can do and do now."""

from collections.abc import Iterator

import msgspec

from radar.learning.flow import Flow
from radar.learning.left_times import ERROR_FIRST_H, ERROR_WEIGHT
from radar.learning.positions import ADDRESS, ARRIVED, DOORS, HELD, MIDWAY, NOBODY, ONWARD, REFUSED, STATIONS
from radar.stages import STAGE_COUNT, Stage

_STATIONS = {
    ARRIVED: "arrived",
    HELD: "held",
    MIDWAY: "midway",
    ONWARD: "onward",
    NOBODY: "visit-nobody",
    ADDRESS: "visit-address",
    REFUSED: "visit-refused",
}
LESSONS_MIN = 20.0
"""Lessons (decayed) below which a station is not shown."""


class LearnedStation(msgspec.Struct, frozen=True):
    """How long orders of a type usually still need from a station."""

    order_type: str
    station: str
    """The stage reached; ``arrived``, ``midway``, ``onward`` and ``held`` besides, and visits that failed, by why."""
    lessons: float
    """Orders seen there, decayed."""
    left_h: float
    error_h: float
    """Mean absolute error of what was expected of them."""


class LearnedQueue(msgspec.Struct, frozen=True):
    """A place before a milestone."""

    stage: str
    place: str
    a_day: float
    """Orders it can do in a day."""
    pace: float
    """Share of that it gets done now."""


def stations_of(flow: Flow) -> tuple[LearnedStation, ...]:
    """Return the stations by type, in the order they are reached."""
    return tuple(_stations(flow))


def _stations(flow: Flow) -> Iterator[LearnedStation]:
    for name, number in sorted(flow.types.items()):
        for station in range(STATIONS):
            count, hours = flow.times.week[number, station].sum(0).tolist()
            told, error = flow.times.error[number, station].sum(0).tolist()
            if count >= LESSONS_MIN:
                error = (error + ERROR_WEIGHT * ERROR_FIRST_H) / (told + ERROR_WEIGHT)
                yield LearnedStation(name, _name(station), count, hours / count, error)


def _name(station: int) -> str:
    if station < STAGE_COUNT:
        return Stage(station).label
    return _STATIONS[station]


def queues_of(flow: Flow, top: int) -> tuple[LearnedQueue, ...]:
    """Return the places before each milestone that do most in a day."""
    found: list[LearnedQueue] = []
    for door, queue in zip(DOORS, flow.queues, strict=True):
        places = [
            LearnedQueue(door.label, name, float(queue.capacity[number]), float(queue.pace[number]))
            for name, number in queue.names.numbers.items()
            if queue.is_busy(number)
        ]
        found += sorted(places, key=lambda one: (-one.a_day, one.place))[:top]
    return tuple(found)
