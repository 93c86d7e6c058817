"""Peaks that planners know beforehand: a sale of some days that brings a multiple of the usual orders."""

from collections.abc import Iterable

import msgspec

from radar.instant import Instant


class Peak(msgspec.Struct, frozen=True):
    """Some time in which more, or fewer, orders come in than usual."""

    from_at: Instant
    to_at: Instant
    factor: float
    """Orders, as a multiple of the usual."""


def factor_between(peaks: Iterable[Peak], from_at: Instant, to_at: Instant) -> float:
    """Return the orders of a stretch of time as a multiple of the usual; peaks that overlap add up.

    >>> factor_between([Peak(Instant(10), Instant(20), 3.0)], Instant(0), Instant(20))
    2.0
    """
    extra = 0.0
    for peak in peaks:
        both = min(to_at, peak.to_at) - max(from_at, peak.from_at)
        extra += (peak.factor - 1) * max(0, both) / (to_at - from_at)
    return max(0.0, 1 + extra)
