"""Local days: instants as days on the wall clock of one zone, and what kind of day each is.

Deliveries follow the local calendar: few at weekends, fewer on public holidays. A local day is a number: 0 is
1970-01-01, 0.5 its noon. Differences between such numbers are off by an hour across a change of daylight saving,
which is nothing to durations of days; but the ends of days are exact, and so are days of 23 or 25 hours.
"""

from bisect import bisect_right
from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from radar.calendars import constant_offsets
from radar.instant import DAY_US, Instant, to_datetime

DAY_CLASSES = 8
HOLIDAY = 7
"""Class of a public holiday; 0 is Monday, 6 Sunday."""
SATURDAY, SUNDAY = 5, 6
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class LocalDays:
    """The days of one zone; the offsets of a year are looked up once."""

    __slots__ = ("_end", "_holidays", "_limit", "_offset", "_offsets", "_start", "_starts", "_years", "_zone", "zone")

    def __init__(self, zone: str, holidays: Collection[int] = ()) -> None:
        """Take the days of an IANA zone, UTC when there is none of that name.

        Args:
            zone: The zone's name, as an order gives it: free text, so a wrong one is no error.
            holidays: Day numbers of its public holidays.
        """
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._zone = ZoneInfo("UTC")
        self.zone = zone
        self._holidays = frozenset(holidays)
        self._years: tuple[int, int] = (0, -1)
        self._starts: list[int] = []
        self._offsets: list[int] = []
        self._start, self._end, self._offset, self._limit = 0, 0, 0, 0

    def day(self, at: int) -> float:
        """Return the local day and its fraction at an instant."""
        if not self._start <= at < self._end:
            self._seek(at)
        return (at + self._offset) / DAY_US

    def deadline(self, at: int) -> float:
        """Return the local day of a deadline: the end of what came before it.

        The end of a day whose next midnight the clock jumps over is that midnight all the same, not one o'clock.
        """
        before = at - 1
        if not self._start <= before < self._end:
            self._seek(before)
        return (at + self._offset) / DAY_US

    def days(self, at: Ints) -> Floats:
        """Return the local days of many instants."""
        return (at + self._offsets_at(at)) / DAY_US

    def deadlines(self, at: Ints) -> Floats:
        """Return the local days of many deadlines."""
        return (at + self._offsets_at(at - 1)) / DAY_US

    def midnight(self, number: int) -> Instant:
        """Return the first instant of a local day, whatever the wall clock shows then."""
        local = number * DAY_US
        self._cover(local - DAY_US)
        self._cover(local + DAY_US)
        place = bisect_right(self._starts, local - DAY_US) - 1  # no offset is a day long
        while True:
            at = max(local - self._offsets[place], self._starts[place])
            if at < self._end_of(place):
                return Instant(at)
            place += 1

    def day_class(self, number: int) -> int:
        """Return the weekday of a local day, 0 Monday, or 7 for a public holiday."""
        return HOLIDAY if number in self._holidays else (number + _EPOCH_WEEKDAY) % 7

    def _offsets_at(self, at: Ints) -> Ints:
        if at.size == 0:
            return at
        self._cover(int(at.min()))
        self._cover(int(at.max()))
        places = np.searchsorted(np.array(self._starts), at, side="right") - 1
        return np.array(self._offsets)[places]

    def _seek(self, at: int) -> None:
        """Make the stretch of one offset that holds ``at`` the current one."""
        self._cover(at)
        place = bisect_right(self._starts, at) - 1
        self._start = self._starts[place]
        self._end = self._end_of(place)
        self._offset = self._offsets[place]

    def _end_of(self, place: int) -> int:
        return self._starts[place + 1] if place + 1 < len(self._starts) else self._limit

    def _cover(self, at: int) -> None:
        """Lay out the stretches up to the year of ``at`` and one beyond, without gaps."""
        year = to_datetime(Instant(at)).year
        first, last = self._years
        if first <= year < last:
            return
        first = year - 1 if last < first else min(first, year - 1)
        self._years = (first, max(last, year + 1))
        self._starts, self._offsets = [], []
        for number in range(first, self._years[1] + 1):
            for start, end, offset in constant_offsets(self._zone, number):
                self._limit = end
                if not self._offsets or self._offsets[-1] != offset:
                    self._starts.append(start)
                    self._offsets.append(offset)


def weekday_of(number: int) -> int:
    """Return the weekday of a day number, 0 Monday, holiday or not."""
    return (number + _EPOCH_WEEKDAY) % 7
