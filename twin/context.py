"""What every part of the twin shares: the kernel, the chance, the masks, the calendars, the reports, the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from radar.instant import SECOND_US, Instant, to_datetime, to_instant
from scenarios.network import Network
from twin.chance import Chance
from twin.feeds import Feeds
from twin.kernel import Call, Kernel
from twin.masks import Masks
from twin.pace import Pace, weekly
from twin.regime import Regime, capacity_pace, for_target
from twin.truth import Truth

DAY_S = 86_400
TAIL_DAYS = 120
"""Calendars reach this far past the end, so that what is planned late has a finish."""


def seconds(duration_us: int) -> int:
    """Return a declared duration in the twin's seconds."""
    return duration_us // SECOND_US


@dataclass(slots=True)
class Context:
    """One replication's surroundings."""

    network: Network
    env: Kernel
    chance: Chance
    masks: Masks
    feeds: Feeds
    truth: Truth
    end_s: int
    epoch: Instant
    calendars: dict[str, Pace]

    def instant(self, at_s: int) -> Instant:
        """Return a second of the scenario as the core's instant."""
        return Instant(self.epoch + at_s * SECOND_US)

    def moment(self, at_s: int) -> datetime:
        """Return a second of the scenario as an aware datetime, for payloads."""
        return to_datetime(self.instant(at_s))

    def call(self, at_s: int, tie: int, function: Callable[[Call], None], value: Any = None) -> None:
        """Call ``function`` at a second of the scenario, not before now."""
        Call(self.env, max(0, at_s - self.env.now), tie, function, value)

    def regime(self, calendar: str | None, *targets: str) -> Regime:
        """Return how a resource works: its calendar under the masks of its targets."""
        base = ALWAYS_PACE if calendar is None else self.calendars[calendar]
        return Regime(base, [mask for target in targets for mask in for_target(self.masks.speeds, target)])

    def capacity(self, target: str) -> Pace | None:
        """Return the share of its capacity a target has over time, None when it is never changed."""
        return capacity_pace(self.masks.capacities, target)


ALWAYS_PACE = Pace([-(2**40)], [1000])


def epoch_of(network: Network) -> Instant:
    """Return the local midnight that begins a network's first day."""
    start = network.start
    return to_instant(datetime(start.year, start.month, start.day, tzinfo=ZoneInfo(network.zone)))


def calendars_of(network: Network, days: int) -> dict[str, Pace]:
    """Return the network's calendars laid out over the run and a tail."""
    weekday = network.start.weekday()
    return {
        name: weekly(hours.week(), range(-1, days + TAIL_DAYS), hours.closed_days(network.start), weekday)
        for name, hours in network.calendars.items()
    }


class Clock:
    """The instants of a timetable: times of day on some weekdays, one after the other."""

    __slots__ = ("_times", "_weekday0", "_weekdays")

    def __init__(self, times_min: tuple[int, ...], weekdays: list[int], weekday_of_day0: int) -> None:
        self._times = sorted(minutes * 60 for minutes in times_min)
        self._weekdays = set(weekdays)
        self._weekday0 = weekday_of_day0

    def after(self, at_s: int) -> int:
        """Return the first instant of the timetable strictly after ``at_s``."""
        day = at_s // DAY_S
        while True:
            if (self._weekday0 + day) % 7 in self._weekdays:
                for time_s in self._times:
                    if day * DAY_S + time_s > at_s:
                        return day * DAY_S + time_s
            day += 1
