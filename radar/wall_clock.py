"""The wall clock of one zone: instants as local microseconds, for scores that people check by their own clock.

Local microseconds count from 1970-01-01T00:00 on the wall, as if there were no zones. Differences between them
are what a person with the local times in hand would compute: an hour off across a change of daylight saving.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from radar.calendars import constant_offsets
from radar.errors import InputError
from radar.instant import Instant, to_datetime

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local by intent
_MICROSECOND = timedelta(microseconds=1)


class WallClock:
    """What the wall shows at an instant; the offsets of a year are looked up once."""

    __slots__ = ("_years", "_zone", "zone")

    def __init__(self, zone: str) -> None:
        """Take the clock of an IANA zone.

        Raises:
            InputError: There is no such zone.
        """
        self._zone = zone_of(zone)
        self.zone = zone
        self._years: dict[int, tuple[list[int], list[int]]] = {}

    def local_us(self, at: Instant) -> int:
        """Return the local microseconds of an instant."""
        starts, offsets = self._year(to_datetime(at).year)
        return at + offsets[bisect_right(starts, at) - 1]

    def deadline_us(self, at: Instant) -> int:
        """Return the local microseconds of a deadline: the end of what came before it.

        The end of a day whose next midnight the clock jumps over is that midnight all the same, not one o'clock.
        """
        return self.local_us(Instant(at - 1)) + 1

    def _year(self, number: int) -> tuple[list[int], list[int]]:
        found = self._years.get(number)
        if found is None:
            stretches = list(constant_offsets(self._zone, number))
            found = self._years[number] = [start for start, _, _ in stretches], [offset for _, _, offset in stretches]
        return found


def zone_of(name: str) -> ZoneInfo:
    """Return a zone by its IANA name.

    Raises:
        InputError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        allowed = "allowed: an IANA name such as America/Sao_Paulo"
        raise InputError.at("zone", "", f"{name!r} is no time zone", allowed) from error


def local_text(local_us: int) -> str:
    """Return local microseconds as naive ISO 8601 text; a fraction is written only when there is one.

    >>> local_text(0), local_text(1)
    ('1970-01-01T00:00:00', '1970-01-01T00:00:00.000001')
    """
    return (_EPOCH + timedelta(microseconds=local_us)).isoformat()


def local_us_of(moment: datetime) -> int:
    """Return a naive local time as local microseconds."""
    assert moment.tzinfo is None, "a local time has no zone"
    return (moment - _EPOCH) // _MICROSECOND
