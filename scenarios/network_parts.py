"""Shared pieces of a network file: calendars, people, spreads."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from scenarios.loader import Declared
from scenarios.scalars import Day, Duration, Named, Number, Opening, Ratio, Whole, parse_weekdays, refused, shown

_WEEKDAYS = "allowed: mon, mon-fri, sat-sun (each weekday once)"


def _positive(value: float) -> float:
    if value <= 0:
        raise refused(f"{shown(value)} is not above 0", "allowed: numbers above 0")
    return value


def _non_negative(value: float) -> float:
    if value < 0:
        raise refused(f"{shown(value)} is negative", "allowed: 0 and above")
    return value


def _some_time(value: int) -> int:
    if value <= 0:
        raise refused("no time at all", "allowed: durations above 0")
    return value


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise refused("a name stands twice", "allowed: each name once")
    return names


Positive = Annotated[Number, AfterValidator(_positive)]
NonNegative = Annotated[Number, AfterValidator(_non_negative)]
Count = Annotated[Whole, AfterValidator(_positive)]
Tally = Annotated[Whole, AfterValidator(_non_negative)]
SomeTime = Annotated[Duration, AfterValidator(_some_time)]
Names = Annotated[tuple[Named, ...], AfterValidator(_unique)]
Sigma = Annotated[Number, AfterValidator(_non_negative)]
"""Spread of a log-normal factor: standard deviation of the logarithm."""


class Hours(Declared):
    """A weekly calendar: opening hours by weekday, and the days on which nothing opens."""

    hours: dict[Named, Opening]
    closed_on: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _is_a_week(self) -> "Hours":
        self.week()
        return self

    def week(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Return seven lists of (open, close) seconds after midnight, Monday first; a close may pass midnight."""
        week: list[tuple[tuple[int, int], ...]] = [()] * 7
        seen: set[int] = set()
        for names, spans in self.hours.items():
            days = parse_weekdays(names)
            if days is None or seen & set(days):
                raise refused(f"{shown(names)} are no weekdays", _WEEKDAYS)
            seen |= set(days)
            for day in days:
                week[day] = tuple((a * 60, (b if b > a else b + 1440) * 60) for a, b in spans)
        if not any(week):
            raise refused("no open hour in the whole week", "allowed: at least one")
        return tuple(week)

    def closed_days(self, first: date) -> frozenset[int]:
        """Return the closed days as numbers, day 0 being ``first``."""
        return frozenset((day - first).days for day in self.closed_on)


class Crew(Declared):
    """Equal servers with one queue: people at a bench, sorters in a hub."""

    servers: Count
    calendar: Named
    time: SomeTime
    """Median time for one item."""
    sigma: Sigma = 0.0


class Point(Declared):
    """One point of a curve that is linear between its points."""

    days: Number
    share: Ratio


class Peak(Declared):
    """Days on which the demand is a multiple of its usual."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    factor: Positive

    @model_validator(mode="after")
    def _has_days(self) -> "Peak":
        if self.last < self.first:
            raise refused(f"to {self.last} is before from {self.first}", "allowed: the same day or later")
        return self
