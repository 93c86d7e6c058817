"""Working time: the one module that knows zones, opening hours, holidays and make-up workdays.

Theory of operation. An instant is *open* when the wall clock of the calendar's zone shows an opening hour of
that local day. A local day has the hours of its weekday, none on a holiday, and the hours of an ordinary
workday on an extra workday (the Chinese make-up Sundays), whichever weekday that is. An interval that runs past
midnight belongs to the day it began on.

The wall clock jumps twice a year, so open time is laid out per stretch of constant UTC offset: inside one, local
time is UTC plus a constant and everything is integer arithmetic. The layout of one UTC year is made when it is
first asked for and kept: sorted opening and closing instants with the work done before each. ``add`` and
``between`` are then two bisections, whatever the distance, and exact to the microsecond across every jump.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from radar.errors import InputError
from radar.instant import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Instant, to_datetime, to_instant

WORK_YEARS_MAX = 10
"""A due time further ahead than this is a mistake in the calendar or the standard, never a plan."""

OpeningHours = tuple[tuple[int, int], ...]
"""(open, close) in minutes after local midnight, sorted; a close above 1440 is on the next day."""

_DAY_MINUTES = 24 * 60
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIRST_DAY = date(1970, 1, 1)


class DueText(msgspec.Struct, frozen=True):
    """The arithmetic of one due time, for a screen that words it in another language."""

    start_at: Instant
    work_us: int
    due_at: Instant
    calendar: str
    zone: str
    text: str
    """English: ``2 working h after Fri 2024-03-01 17:30 -> Mon 2024-03-04 09:30 (office, Asia/Shanghai)``."""


class _Year(msgspec.Struct, frozen=True):
    """Open time of one UTC year: interval i is [opens[i], closes[i]) and ``worked[i]`` of work lies before it."""

    opens: list[int]
    closes: list[int]
    worked: list[int]
    total: int

    def worked_until(self, at: int) -> int:
        """Return the work of this year that lies before ``at``."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return 0
        return self.worked[index] + min(at, self.closes[index]) - self.opens[index]

    def when_worked(self, work_us: int) -> int:
        """Return the first instant by which ``work_us`` of this year (above 0, at most ``total``) is done."""
        # The last interval with strictly less work before it: work that just fills a day is due at closing time.
        index = bisect_right(self.worked, work_us - 1) - 1
        return self.opens[index] + work_us - self.worked[index]


class WorkCalendar:
    """Opening hours of one place; immutable (the layout of a year is only remembered)."""

    __slots__ = ("_rest", "_years", "_zone", "extra_workdays", "holidays", "hours", "name", "zone")

    def __init__(
        self,
        name: str,
        zone: str,
        hours: Mapping[int, Sequence[tuple[int, int]]],
        holidays: Collection[date] = (),
        extra_workdays: Collection[date] = (),
    ) -> None:
        """Check the hours and keep them.

        Args:
            name: What people call it.
            zone: IANA name.
            hours: Weekday (0 = Monday) -> (open, close) in minutes after midnight, open within the day; a close at
                or before the open, or above 1440, is on the next day. Absent weekdays are closed.
            holidays: Local dates without work.
            extra_workdays: Local dates with the hours of an ordinary workday (the first open weekday from Monday);
                they win over ``holidays``.

        Raises:
            InputError: No such zone, no open hour in the week, or hours that overlap.
        """
        self.name = name
        self.zone = zone
        self._zone = _zone_of(name, zone)
        self.hours = {day: _tidy(name, day, hours.get(day, ())) for day in range(7)}
        self.holidays = frozenset(holidays)
        self.extra_workdays = frozenset(extra_workdays)
        workday = next((self.hours[day] for day in range(7) if self.hours[day]), None)
        if workday is None:
            raise InputError.at(f"calendar {name}", "hours", "no open hour in the whole week", "allowed: at least one")
        self._rest = workday
        _refuse_overlap(name, self.hours)
        self._years: dict[int, _Year] = {}

    def __eq__(self, other: object) -> bool:
        """Return whether both describe the same open time by the same name."""
        return isinstance(other, WorkCalendar) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.name, self.zone))

    def __repr__(self) -> str:
        return f"WorkCalendar({self.name!r}, {self.zone!r})"

    def is_open(self, at: Instant) -> bool:
        """Return whether work goes on at ``at``; the closing instant itself is closed."""
        year = self._year(_year_of(at))
        index = bisect_right(year.opens, at) - 1
        return index >= 0 and at < year.closes[index]

    def add(self, start: Instant, work_us: int) -> Instant:
        """Return the first instant at which ``work_us`` of open time has passed since ``start``.

        Nothing to work is due at once, even while closed; work that just fills a day is due at closing time.

        Raises:
            InputError: The work would not be done within ten years.
        """
        assert work_us >= 0, f"work of {work_us} us"
        if work_us == 0:
            return start
        number = _year_of(start)
        year = self._year(number)
        left = work_us + year.worked_until(start)
        for _ in range(WORK_YEARS_MAX + 1):
            if left <= year.total:
                return Instant(year.when_worked(left))
            left -= year.total
            number += 1
            year = self._year(number)
        problem = f"{_duration_text(work_us)} of work after {to_datetime(start):%Y-%m-%d} takes over 10 years"
        raise InputError.at(f"calendar {self.name}", "", problem, "allowed: standards this calendar can meet")

    def between(self, start: Instant, end: Instant) -> int:
        """Return the open microseconds in [start, end); 0 when ``end`` is not after ``start``."""
        if end <= start:
            return 0
        first, last = _year_of(start), _year_of(end)
        whole = sum(self._year(number).total for number in range(first, last))
        return whole + self._year(last).worked_until(end) - self._year(first).worked_until(start)

    def explain(self, start: Instant, work_us: int) -> DueText:
        """Return the due time of ``work_us`` after ``start`` with the line a person can check it by."""
        due = self.add(start, work_us)
        said = f"{_duration_text(work_us, 'working ')} after {self.local_text(start)} -> {self.local_text(due)}"
        return DueText(start, work_us, due, self.name, self.zone, f"{said} ({self.name}, {self.zone})")

    def local_text(self, at: Instant) -> str:
        """Return an instant as this calendar's wall clock shows it: ``Fri 2024-03-01 17:30``."""
        local = to_datetime(at).astimezone(self._zone)
        seconds = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return f"{_WEEKDAYS[local.weekday()]} {local:%Y-%m-%d} {seconds}"

    def hours_on(self, day: date) -> OpeningHours:
        """Return the opening hours that begin on a local date."""
        if day in self.extra_workdays:
            return self._rest
        return () if day in self.holidays else self.hours[day.weekday()]

    def _key(self) -> tuple[object, ...]:
        return (self.name, self.zone, self.hours, self.holidays, self.extra_workdays)

    def _year(self, number: int) -> _Year:
        """Return the layout of a UTC year, made on first use."""
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._lay_out(number)
        return year

    def _lay_out(self, number: int) -> _Year:
        opens: list[int] = []
        closes: list[int] = []
        worked: list[int] = []
        total = 0
        for start, end, offset in constant_offsets(self._zone, number):
            for opened, closed in self._open_in(start, end, offset):
                opens.append(opened)
                closes.append(closed)
                worked.append(total)
                total += closed - opened
        return _Year(opens, closes, worked, total)

    def _open_in(self, start: int, end: int, offset: int) -> Iterator[tuple[int, int]]:
        """Yield the open intervals inside [start, end), where local time is UTC plus ``offset``."""
        # One day early: its last hours may run past midnight into the stretch.
        for day in range((start + offset) // DAY_US - 1, (end + offset) // DAY_US + 1):
            midnight = day * DAY_US - offset
            reach = start
            for opening, closing in self.hours_on(_FIRST_DAY + timedelta(days=day)):
                opened = max(midnight + opening * MINUTE_US, reach)
                closed = min(midnight + closing * MINUTE_US, end)
                if opened < closed:
                    yield opened, closed
                    reach = closed


def constant_offsets(zone: ZoneInfo, year: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, offset), in microseconds, of the stretches of one UTC offset that fill a UTC year.

    Offsets are probed once a day, so two jumps within one day (no zone has had them) would go unseen.
    """
    start = to_instant(datetime(year, 1, 1, tzinfo=UTC))
    year_end = to_instant(datetime(year + 1, 1, 1, tzinfo=UTC))
    offset = _offset(zone, start)
    for day_end in range(start + DAY_US, year_end + 1, DAY_US):
        after = _offset(zone, day_end)
        if after != offset:
            jump = _jump(zone, day_end - DAY_US, day_end)
            yield start, jump, offset
            start, offset = Instant(jump), after
    if start < year_end:
        yield start, year_end, offset


def _jump(zone: ZoneInfo, before: int, after: int) -> int:
    """Return the first instant, to the second, that has the offset of ``after``."""
    old = _offset(zone, before)
    while after - before > SECOND_US:
        middle = (before + after) // 2 // SECOND_US * SECOND_US
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = to_datetime(Instant(at)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


def _year_of(at: int) -> int:
    return to_datetime(Instant(at)).year


def _zone_of(name: str, zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        allowed = "allowed: an IANA name such as Asia/Shanghai"
        raise InputError.at(f"calendar {name}", "zone", f"{zone!r} is no time zone", allowed) from error


def _tidy(name: str, day: int, hours: Sequence[tuple[int, int]]) -> OpeningHours:
    """Return the hours of one weekday sorted, with overnight closes counted on past 1440."""
    tidy = []
    for opening, closing in sorted(hours):
        close = closing + _DAY_MINUTES if closing <= opening else closing
        if not (0 <= opening < _DAY_MINUTES and close <= opening + _DAY_MINUTES):
            problem = f"{opening}-{closing} minutes is no opening time"
            allowed = "allowed: an open within the day and a close at most 24 h later"
            raise InputError.at(f"calendar {name}", f"hours.{_WEEKDAYS[day]}", problem, allowed)
        tidy.append((opening, close))
    return tuple(tidy)


def _refuse_overlap(name: str, hours: Mapping[int, OpeningHours]) -> None:
    """Refuse hours that begin before the ones before them have ended, over midnight and week end too."""
    week = [
        (day * _DAY_MINUTES + opening, day * _DAY_MINUTES + closing, day)
        for day in range(8)
        for opening, closing in hours[day % 7]
    ]
    for (_, closed, _), (opening, _, day) in pairwise(week):
        if opening < closed:
            field = f"hours.{_WEEKDAYS[day % 7]}"
            raise InputError.at(f"calendar {name}", field, "opens before the hours before it close")


def _duration_text(work_us: int, word: str = "") -> str:
    """Return a duration in its largest whole unit: ``2 working h``, ``90 working min``."""
    for size, unit in ((HOUR_US, "h"), (MINUTE_US, "min"), (SECOND_US, "s")):
        if work_us % size == 0:
            return f"{work_us // size} {word}{unit}"
    return f"{work_us / SECOND_US:g} {word}s"
