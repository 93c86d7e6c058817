"""How good the probabilities were: discrimination, calibration, and both at once, each with its interval.

All figures are weighted; resamples come as in ``radar.scoring``. The area under the ROC curve counts ties half;
average precision is the step-wise sum over distinct probabilities; the calibration error (ECE) is the mean
distance of forecast and frequency over 10 bins with equally many orders, cut once on the whole sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np

from radar.scoring import Draws, Figure, Flags, Floats, Places, figure, ratio, weighted_sums

BINS = 10
"""Equal-count bins of the calibration error (EVALUATION)."""
_CELLS_MAX = 1_000_000
"""Floats of a chunk of resamples: small enough for the cache of a small machine."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Probabilities of some of the scored orders."""

    places: Places
    """Index of each order in the scorebook, ascending."""
    probability: Floats
    is_late: Flags
    weight: Floats

    def __len__(self) -> int:
        return len(self.places)

    def only(self, is_kept: Flags) -> "Forecasts":
        """Return the forecasts that are flagged."""
        kept = (self.places[is_kept], self.probability[is_kept], self.is_late[is_kept], self.weight[is_kept])
        return Forecasts(*kept)


class Bin(msgspec.Struct, frozen=True):
    """One bar of the reliability picture."""

    forecast: float
    """Mean probability."""
    frequency: float
    """Share that was late."""
    n: float


def forecast_figures(forecasts: Forecasts, draws: Draws) -> dict[str, Figure]:
    """Return the figures of the forecasts; ``draws`` has a column for every scored order."""
    return {name: figure(values) for name, values in forecast_samples(forecasts, draws).items()}


def forecast_samples(forecasts: Forecasts, draws: Draws) -> dict[str, Floats]:
    """Return the figures on the orders as they are, and on each resample; two forecasts of the same orders pair up."""
    picked = draws[:, forecasts.places]
    p, y, w = forecasts.probability, forecasts.is_late.astype(np.float64), forecasts.weight
    columns = np.column_stack([np.ones(len(p)), y, (p - y) ** 2]) * w[:, None]
    n, late, squares = weighted_sums(picked, columns).T
    auc, ap = rank_samples(forecasts, picked)
    return {
        "n": n,
        "prevalence": _over(late, n),
        "auc": auc,
        "ap": ap,
        "brier": _over(squares, n),
        "ece": _calibration_samples(forecasts, picked),
    }


def reliability(forecasts: Forecasts) -> list[Bin]:
    """Return the bins of the calibration error, lowest probability first."""
    found = []
    for places in _bins(forecasts):
        weight = forecasts.weight[places]
        forecast = float(np.average(forecasts.probability[places], weights=weight))
        found.append(Bin(forecast, float(np.average(forecasts.is_late[places], weights=weight)), float(weight.sum())))
    return found


def rank_samples(forecasts: Forecasts, picked: Draws) -> tuple[Floats, Floats]:
    """Return AUC and average precision of each resample; NaN where only one class was drawn.

    Args:
        forecasts: The forecasts.
        picked: Resamples, one column a forecast.
    """
    auc, ap = np.full(len(picked), np.nan), np.full(len(picked), np.nan)
    for rows, hits, misses in _ranked(forecasts, picked):
        auc[rows], ap[rows] = _areas(hits, misses)
    return auc, ap


def precision_samples(forecasts: Forecasts, picked: Draws, recall: float) -> Floats:
    """Return the precision of warning of the likeliest until that share of the late ones is found; NaN without any.

    Equal probabilities are warned of together, so that no luck of their order is in it.
    """
    precision = np.full(len(picked), np.nan)
    for rows, hits, misses in _ranked(forecasts, picked):
        found = np.cumsum(hits[:, ::-1], axis=1)
        warned = found + np.cumsum(misses[:, ::-1], axis=1)
        least = recall * found[:, -1:] * (1 - 1e-12)  # sums of weights differ in the last digit
        enough = np.argmax(found >= least, axis=1)[:, None]
        reached = np.take_along_axis(found, enough, 1)[:, 0], np.take_along_axis(warned, enough, 1)[:, 0]
        precision[rows] = np.where(found[:, -1] > 0, _over(*reached), np.nan)
    return precision


def _ranked(forecasts: Forecasts, picked: Draws) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield late and timely weight at each distinct probability, ascending, a few resamples at a time."""
    if not len(forecasts):
        return
    order = np.argsort(forecasts.probability, kind="stable")
    p = forecasts.probability[order]
    starts = np.flatnonzero(np.r_[True, p[1:] != p[:-1]])
    late = forecasts.weight[order] * forecasts.is_late[order]
    timely = forecasts.weight[order] * ~forecasts.is_late[order]
    ordered = np.ascontiguousarray(picked[:, order])
    step = max(1, _CELLS_MAX // len(p))
    for start in range(0, len(picked), step):
        rows = slice(start, start + step)
        drawn = ordered[rows].astype(np.float64)
        hits = np.add.reduceat(drawn * late, starts, axis=1)
        yield rows, hits, np.add.reduceat(drawn * timely, starts, axis=1)


def _areas(hits: Floats, misses: Floats) -> tuple[Floats, Floats]:
    """Return AUC and average precision from the late and timely weight at each probability, ascending."""
    hits_total, misses_total = hits.sum(axis=1), misses.sum(axis=1)
    below = np.cumsum(misses, axis=1) - misses / 2
    auc = _over((hits * below).sum(axis=1), hits_total * misses_total)
    falling = hits[:, ::-1]
    found = np.cumsum(falling, axis=1)
    precision = ratio(found, found + np.cumsum(misses[:, ::-1], axis=1))
    return auc, _over((falling * precision).sum(axis=1), hits_total)


def _calibration_samples(forecasts: Forecasts, picked: Draws) -> Floats:
    columns = []
    gap = forecasts.weight * (forecasts.probability - forecasts.is_late)
    for places in _bins(forecasts):
        column = np.zeros(len(forecasts))
        column[places] = gap[places]
        columns.append(column)
    if not columns:
        return np.full(len(picked), np.nan)
    sums = weighted_sums(picked, np.column_stack([*columns, forecasts.weight]))
    return _over(np.abs(sums[:, :-1]).sum(axis=1), sums[:, -1])


def _bins(forecasts: Forecasts) -> list[Places]:
    """Return the places of each bin; equal probabilities are parted by the place of their orders."""
    order = np.argsort(forecasts.probability, kind="stable")
    cuts = [round(len(order) * step / BINS) for step in range(BINS + 1)]
    return [order[first:last] for first, last in pairwise(cuts) if first < last]


def _over(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is 0: a figure that is not defined."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole != 0)
