"""Standard times: which stage an order must reach next, and by when (R01, R02).

A ``Standard`` allows a stage so much time, counted from the milestone before it, on one of two clocks: elapsed,
or the working hours of a calendar. It may be narrowed to an order type, a transport mode and a season. Of all
standards of a stage that fit an order, the **most specific** holds: the one that names most of the three; among
equals the one that names the order type, then the one that names the mode, then the season; among twins the
last listed (a planner's own line stands below the packaged ones).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from radar.calendars import WorkCalendar
from radar.errors import InputError
from radar.instant import HOUR_US, Instant, to_datetime, to_instant
from radar.stages import Stage

ANY = "*"
"""Stands for every order type, mode or season."""

_FIRST_YEAR, _LAST_YEAR = 1969, 2102  # one year around the instants of the core

_FOREVER_AGO = -(1 << 62)

_CACHE_MAX = 4096
"""Order types and modes come from outside: past this many kinds the look-up starts afresh."""


class Season(msgspec.Struct, frozen=True):
    """A named stretch of the year, both days included; it may run over New Year."""

    name: str
    first: tuple[int, int]
    """(month, day) it begins on."""
    last: tuple[int, int]
    """(month, day) it ends with; before ``first`` when it runs over New Year."""
    zone: str = "UTC"


class Standard(msgspec.Struct, frozen=True):
    """The time a stage may take after the milestone before it."""

    stage: Stage
    duration_us: int
    grace_us: int = 2 * HOUR_US
    """Lateness that does not alert, always elapsed time (2 h: owner's brief)."""
    calendar: WorkCalendar | None = None
    """Whose working hours count; None counts every hour."""
    order_type: str = ANY
    mode: str = ANY
    season: str = ANY
    source: str = ""
    """Where the number comes from."""

    @property
    def specificity(self) -> tuple[int, bool, bool, bool]:
        """Return what orders two standards that fit the same order; the larger holds."""
        named = (self.order_type != ANY, self.mode != ANY, self.season != ANY)
        return (sum(named), *named)


class StageDue(msgspec.Struct, frozen=True, gc=False):
    """When a stage must be reached; the alarm goes strictly after ``alarm_at``."""

    stage: Stage
    started_at: Instant
    due_at: Instant
    alarm_at: Instant
    standard: Standard

    def explain(self) -> str:
        """Return the arithmetic of ``due_at`` as one English line."""
        calendar = self.standard.calendar
        if calendar is not None:
            return calendar.explain(self.started_at, self.standard.duration_us).text
        hours = self.standard.duration_us / HOUR_US
        return f"{hours:g} h after {to_datetime(self.started_at):%a %Y-%m-%d %H:%M} UTC"


class Standards:
    """The routes and standard times of one rules file; immutable (look-ups are only remembered)."""

    __slots__ = (
        *("_found", "_next", "_season", "_season_from", "_season_names", "_season_starts", "_season_until"),
        *("routes", "seasons", "standards"),
    )

    def __init__(
        self,
        routes: Mapping[str, Sequence[Stage]],
        standards: Iterable[Standard] = (),
        seasons: Iterable[Season] = (),
    ) -> None:
        """Check and keep the tables.

        Args:
            routes: Order type -> the stages its orders pass; ``*`` is the route of every other type.
            standards: In the order of the file.
            seasons: In the order of the file; where two overlap the first holds.

        Raises:
            InputError: No ``*`` route, a route that goes backwards, an unknown season or zone.
        """
        self.routes = {name: _checked_route(name, route) for name, route in routes.items()}
        if ANY not in self.routes:
            raise InputError.at("routes", ANY, "is missing", "allowed: one route for all other order types")
        self.standards = tuple(standards)
        self.seasons = tuple(seasons)
        names = {season.name for season in self.seasons} | {ANY}
        for standard in self.standards:
            if standard.season not in names:
                raise InputError.at("standards", "season", f"{standard.season!r} is no season of this file")
            assert standard.duration_us >= 0, f"negative standard {standard}"
            assert standard.grace_us >= 0, f"negative grace {standard}"
        self._next = {name: tuple(_next_after(route, stage) for stage in Stage) for name, route in self.routes.items()}
        self._found: dict[tuple[Stage, str, str, str], Standard | None] = {}
        self._season_starts, self._season_names = _season_table(self.seasons)
        self._enter_season(Instant(0))

    def __eq__(self, other: object) -> bool:
        """Return whether both say the same."""
        return isinstance(other, Standards) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.standards, self.seasons))

    def route(self, order_type: str) -> tuple[Stage, ...]:
        """Return the stages an order of this type passes, first to last."""
        return self.routes.get(order_type) or self.routes[ANY]

    def next_stage(self, order_type: str, reached: Stage) -> Stage | None:
        """Return the stage that must follow, None at the end of the route."""
        steps = self._next.get(order_type) or self._next[ANY]
        return steps[reached]

    def due(self, stage: Stage, order_type: str, mode: str, started_at: Instant) -> StageDue | None:
        """Return when ``stage`` must be reached when its clock started at ``started_at``.

        None: no standard fits, so there is no alarm. The season is the one ``started_at`` lies in.
        """
        # Neighbours in a stream lie in the same season: its window is remembered (0.12 us less than a bisection).
        if not self._season_from <= started_at < self._season_until:
            self._enter_season(started_at)
        try:
            standard = self._found[stage, order_type, mode, self._season]
        except KeyError:
            standard = self._find(stage, order_type, mode, self._season)
        if standard is None:
            return None
        if standard.calendar is None:
            due_at = started_at + standard.duration_us
        else:
            due_at = standard.calendar.add(started_at, standard.duration_us)
        return StageDue(stage, started_at, due_at, due_at + standard.grace_us, standard)  # type: ignore[arg-type]  # int arithmetic on Instants; a call of the NewType costs 40 ns

    def season_at(self, at: Instant) -> str:
        """Return the name of the season an instant lies in, ``*`` for none."""
        return self._season_names[bisect_right(self._season_starts, at)]

    def _enter_season(self, at: Instant) -> None:
        """Remember the season of an instant and from when until when it lasts."""
        starts = self._season_starts
        index = bisect_right(starts, at)
        self._season = self._season_names[index]
        self._season_from = starts[index - 1] if index > 0 else _FOREVER_AGO
        self._season_until = starts[index] if index < len(starts) else -_FOREVER_AGO

    def _find(self, stage: Stage, order_type: str, mode: str, season: str) -> Standard | None:
        fitting = [
            standard
            for standard in self.standards
            if standard.stage == stage
            and standard.order_type in (ANY, order_type)
            and standard.mode in (ANY, mode)
            and standard.season in (ANY, season)
        ]
        # max() keeps the first of equals; reversed, that is the last listed.
        found = max(reversed(fitting), key=lambda standard: standard.specificity, default=None)
        if len(self._found) >= _CACHE_MAX:
            self._found.clear()
        self._found[stage, order_type, mode, season] = found
        return found

    def _key(self) -> tuple[object, ...]:
        return (self.routes, self.standards, self.seasons)


def _checked_route(name: str, route: Sequence[Stage]) -> tuple[Stage, ...]:
    if not route or any(later <= earlier for earlier, later in pairwise(route)):
        said = " -> ".join(stage.label for stage in route) or "empty"
        raise InputError.at(f"routes.{name}", "", f"{said} is no route", "allowed: stages in their order, none twice")
    return tuple(route)


def _next_after(route: Sequence[Stage], reached: Stage) -> Stage | None:
    return next((stage for stage in route if stage > reached), None)


def _season_table(seasons: Sequence[Season]) -> tuple[list[int], list[str]]:
    """Return the instants at which the season changes, and one name more: before, between and after them."""
    zones = {season.name: _zone_of(season) for season in seasons}
    starts: set[Instant] = set()
    for season in seasons:
        for year in range(_FIRST_YEAR, _LAST_YEAR):
            first = _day(year, season.first)
            after = _day(year, season.last)
            if (after.month, after.day) == season.last:
                after += timedelta(days=1)
            starts |= {_midnight(first, zones[season.name]), _midnight(after, zones[season.name])}
    ordered = sorted(starts)
    names = [_season_of(seasons, zones, start) for start in ordered]
    return list(ordered), [names[0] if names else ANY, *names]


def _season_of(seasons: Sequence[Season], zones: Mapping[str, ZoneInfo], at: Instant) -> str:
    """Return the first season whose local date range holds ``at``."""
    for season in seasons:
        local = to_datetime(at).astimezone(zones[season.name])
        today = (local.month, local.day)
        if season.first <= season.last:
            inside = season.first <= today <= season.last
        else:
            inside = today >= season.first or today <= season.last
        if inside:
            return season.name
    return ANY


def _day(year: int, month_day: tuple[int, int]) -> date:
    """Return the day of a year; 29 February is 1 March where there is none."""
    month, day = month_day
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1)


def _midnight(day: date, zone: ZoneInfo) -> Instant:
    return to_instant(datetime(day.year, day.month, day.day, tzinfo=zone))


def _zone_of(season: Season) -> ZoneInfo:
    try:
        return ZoneInfo(season.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        allowed = "allowed: an IANA name such as Asia/Shanghai"
        raise InputError.at(f"season {season.name}", "zone", f"{season.zone!r} is no time zone", allowed) from error
