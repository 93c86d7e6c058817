"""Time inside the core: one integer type and its two converters."""

from datetime import UTC, datetime, timedelta
from typing import NewType

Instant = NewType("Instant", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

EARLIEST = Instant(0)
"""1970: nothing watched is older; the start value of every clock."""
LATEST = Instant(4_102_444_800 * SECOND_US)
"""2100-01-01: later stamps are typing errors (year 9999), not plans."""


def to_instant(moment: datetime) -> Instant:
    """Return an aware datetime as microseconds since the epoch.

    Raises:
        TypeError: ``moment`` is naive.
    """
    return Instant((moment - _EPOCH) // _MICROSECOND)


def to_datetime(instant: Instant) -> datetime:
    """Return the aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=instant)


def to_text(instant: Instant) -> str:
    """Return RFC 3339 text in UTC; the fraction is written only when there is one.

    >>> to_text(Instant(0))
    '1970-01-01T00:00:00Z'
    """
    return to_datetime(instant).isoformat().replace("+00:00", "Z")
