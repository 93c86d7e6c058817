"""When the anchors are fitted anew, and the small means and rates they share."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from console.backtest.anchors.histories import Codes, Flags, Floats, OrderTable, Samples

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
TRANSIT_D_MIN, TRANSIT_D_MAX = 0.1, 60.0
"""Transits outside are clipped before logarithms are taken."""


def month_starts(samples: Samples) -> list[int]:
    """Return the first local day of every month in which something is asked."""
    if not len(samples):
        return []
    first, last = (date.fromordinal(_EPOCH_ORDINAL + int(samples.at[end])) for end in (0, -1))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1).toordinal() - _EPOCH_ORDINAL for month in months]


def week_starts(samples: Samples) -> list[int]:
    """Return every seventh local day from the first sample's to the last one's."""
    return list(range(int(samples.at[0]), int(samples.at[-1]) + 1, 7)) if len(samples) else []


def stretches(samples: Samples, starts: list[int]) -> Iterator[tuple[int, slice]]:
    """Yield each refit's day with the samples that use its fit: those from then up to the next refit."""
    cuts = np.searchsorted(samples.at, [*starts, np.inf])
    for start, first, last in zip(starts, cuts[:-1], cuts[1:], strict=True):
        if first < last:
            yield start, slice(int(first), int(last))


def weekday(day: Floats) -> Codes:
    """Return the day of the week, 0 for Monday: 1970-01-01 was a Thursday."""
    return ((np.floor(day).astype(np.int64) + 3) % 7).astype(np.intp)


def logit(probability: Floats) -> Floats:
    """Return the log odds of probabilities, clipped to one in a thousand from either end."""
    clipped = np.clip(probability, 1e-3, 1 - 1e-3)
    return np.log(clipped / (1 - clipped))


def expit(score: Floats) -> Floats:
    """Return the probability of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0))))


class TransitMeans:
    """Mean and spread of log transit days as of one day: lane, shrunk to its area, shrunk to everything."""

    LANE_PRIOR, AREA_PRIOR = 8.0, 10.0
    """Deliveries that the level above counts for."""

    def __init__(self, table: OrderTable, day: float) -> None:
        is_known = table.delivered < day
        is_known &= np.isfinite(table.transit)
        spent = np.log(np.clip(table.transit[is_known], TRANSIT_D_MIN, TRANSIT_D_MAX))
        self.count = len(spent)
        self.all = float(spent.mean()) if self.count else 0.0
        area = _shrunk(table.area, table.area[is_known], spent, np.full(_size(table.area), self.all), self.AREA_PRIOR)
        above = np.zeros(_size(table.lane))
        above[table.lane] = area[table.area]
        self.lane = _shrunk(table.lane, table.lane[is_known], spent, above, self.LANE_PRIOR)
        """By lane code."""
        gaps = spent - self.lane[table.lane[is_known]]
        self.sigma = max(float(gaps.std()), 0.2) if self.count else 0.6


def prior_rate(table: OrderTable, day: float) -> float:
    """Return the share late of the labels known before ``day``, held to a tenth where they are few."""
    is_known = table.labelled_before(day)
    return float((table.is_late[is_known].sum() + 2.0) / (is_known.sum() + 20.0))


def in_transit(table: OrderTable, samples: Samples) -> Flags:
    """Return whether each sample's order had been handed over by then."""
    return table.handed[samples.order] <= samples.at


def _size(codes: Codes) -> int:
    return int(codes.max()) + 1 if len(codes) else 0


def _shrunk(codes: Codes, seen: Codes, values: Floats, above: Floats, prior: float) -> Floats:
    sums = np.bincount(seen, values, _size(codes))
    counts = np.bincount(seen, minlength=_size(codes))
    return np.asarray((sums + prior * above) / (counts + prior))
