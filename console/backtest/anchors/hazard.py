"""The daily hazard anchor: count tables of delivery and of hand-over by the day, and P(late) from them.

In transit: P(delivered on a local day | not before) by 21 bins of log(elapsed / lane mean) and the weekday. Not
handed over: P(handed over on a day) by whole days to the ship-by deadline where it is known, else by age, and the
weekday; then a log-normal transit around the lane mean. Fitted at the first day of each month on the days complete
before it. Within a day, deliveries spread over the hours as they did so far.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from console.backtest.anchors.histories import Codes, Floats, OrderTable, Samples
from console.backtest.anchors.refits import TransitMeans, in_transit, month_starts, prior_rate, stretches, weekday
from console.backtest.anchors.simple import HISTORY_MIN

RATIO_EDGES = np.array(
    [-2.5, -2, -1.6, -1.3, -1, -0.8, -0.6, -0.45, -0.3, -0.15, 0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.5, 2]
)
"""Inner edges of the bins of log(elapsed / lane mean)."""
_AGE_BINS, _SLIP_MIN, _SLIP_MAX, _AGE_STEP_D = 8, -9, 8, 1.5
_SLIP_BINS = _SLIP_MAX - _SLIP_MIN + 1
_CELL_PRIOR = 40.0
"""Exposures that the margins count for in a cell."""
EXPOSED_D_MAX = 60
"""Days of an order that are counted at most, and not past 10 days after its promise: lost parcels teach nothing."""
_AFTER_PROMISE_D = 10.0

Hazard = Callable[[Codes, Floats], Floats]
"""(orders, local day of each) -> P(delivered that day | in transit at its start)."""


@dataclass(frozen=True, slots=True)
class OrderDays:
    """One row an order and a local day on which something could have happened, and whether it did."""

    order: Codes
    day: Floats
    happened: Floats

    def before(self, day: float) -> "OrderDays":
        """Return the rows of the days that are over at the start of ``day``."""
        kept = self.day + 1 <= day
        return OrderDays(self.order[kept], self.day[kept], self.happened[kept])


def transit_days(table: OrderTable) -> OrderDays:
    """Return the days in transit of every order handed over."""
    return _order_days(table, table.handed, table.delivered)


def waiting_days(table: OrderTable) -> OrderDays:
    """Return the days from the placement to the hand-over of every order."""
    return _order_days(table, table.placed, table.handed)


def elapsed(begun: Floats, day: Floats) -> Floats:
    """Return the days since ``begun`` at the middle of what a local day has after it."""
    start = np.maximum(day, begun)
    return np.maximum((start + day + 1) / 2 - begun, 0.05)


class CountTable:
    """Hazards by bin and weekday, each cell shrunk to the product of its margins."""

    def __init__(self, bins: Codes, days: Floats, happened: Floats, size: int) -> None:
        cell = bins * 7 + weekday(days)
        hits = np.bincount(cell, happened, size * 7).reshape(size, 7)
        seen = np.bincount(cell, minlength=size * 7).reshape(size, 7).astype(np.float64)
        overall = (hits.sum() + 1.0) / (seen.sum() + 10.0)
        by_bin = (hits.sum(1) + 5 * overall) / (seen.sum(1) + 5)
        expected = (by_bin[:, None] * seen).sum(0)
        by_weekday = (hits.sum(0) + 5) / (expected + 5)
        prior = np.clip(by_bin[:, None] * by_weekday, 1e-4, 0.95)
        self._cells = np.clip((hits + _CELL_PRIOR * prior) / (seen + _CELL_PRIOR), 1e-4, 0.95)

    def __call__(self, bins: Codes, days: Floats) -> Floats:
        """Return the hazards of some bins on some days."""
        return np.asarray(self._cells[bins, weekday(days)])


class DayHazard:
    """Everything the anchor knows as of one day."""

    def __init__(self, table: OrderTable, moving: OrderDays, waiting: OrderDays, day: float) -> None:
        self._table = table
        self.means = TransitMeans(table, day)
        known = moving.before(day)
        self._delivery = CountTable(self._ratio_bins(known.order, known.day), known.day, known.happened, 21)
        known = waiting.before(day)
        bins = _waiting_bins(table, known.order, known.day)
        self._handing = CountTable(bins, known.day, known.happened, _SLIP_BINS + _AGE_BINS)
        done = table.delivered[table.delivered < day]
        self._hours = np.cumsum(np.bincount(((done % 1) * 24).astype(np.intp), minlength=24) + 1.0)

    def hazard(self, order: Codes, day: Floats) -> Floats:
        """Return the count table's P(delivered that day | in transit at its start)."""
        return self._delivery(self._ratio_bins(order, day), day)

    def late_moving(self, order: Codes, at: Floats, hazard: Hazard) -> Floats:
        """Return P(late) of orders in transit: no delivery on any day or part of a day up to the promise."""
        promise, first = self._table.promise[order], np.floor(at)
        survived = np.ones(len(order))
        for step in range(int((np.ceil(promise) - first).max(initial=0.0))):
            rows = np.flatnonzero(first + step < promise)
            day = first[rows] + step
            chance = hazard(order[rows], day)
            since, until = np.maximum(at[rows] - day, 0.0), np.minimum(promise[rows] - day, 1.0)
            survived[rows] *= (1 - chance * self._passed(until)) / (1 - chance * self._passed(since))
        return survived

    def late_waiting(self, order: Codes, at: Floats) -> Floats:
        """Return P(late) of orders not handed over: by each day of the hand-over, the transit then takes too long."""
        table = self._table
        promise, first = table.promise[order], np.floor(at)
        mean = self.means.lane[table.lane[order]]
        waits, late = np.ones(len(order)), np.zeros(len(order))
        for step in range(int((np.ceil(promise) - first).max(initial=0.0))):
            rows = np.flatnonzero(first + step < promise)
            day = first[rows] + step
            bins = _waiting_bins(table, order[rows], day, at[rows])
            handed = waits[rows] * self._handing(bins, day) * (1.0 - np.maximum(at[rows] - day, 0.0))
            left = np.maximum(promise[rows] - day - 0.5, 0.05)
            late[rows] += handed * _above((np.log(left) - mean[rows]) / self.means.sigma)
            waits[rows] -= handed
        return late + waits

    def _ratio_bins(self, order: Codes, day: Floats) -> Codes:
        ratio = np.log(elapsed(self._table.handed[order], day)) - self.means.lane[self._table.lane[order]]
        return np.searchsorted(RATIO_EDGES, ratio, "right")

    def _passed(self, share_of_day: Floats) -> Floats:
        """Return the share of a day's deliveries made by a time of the day."""
        hours = np.r_[0.0, self._hours] / self._hours[-1]
        return np.asarray(np.interp(share_of_day * 24, np.arange(25), hours))


def day_hazard_late(
    table: OrderTable, samples: Samples, fit: Callable[[DayHazard, OrderDays, int], Hazard] | None = None
) -> Floats:
    """Return P(late) of every sample by the daily hazard in force at its time.

    Args:
        table: The orders.
        samples: When they are asked about.
        fit: Makes another hazard of the days in transit known at a refit; without it the count table serves.
    """
    moving_days, waiting = transit_days(table), waiting_days(table)
    late, moving = np.zeros(len(samples)), in_transit(table, samples)
    for day, part in stretches(samples, month_starts(samples)):
        if (table.delivered < day).sum() < HISTORY_MIN:
            late[part] = prior_rate(table, day)
            continue
        tables = DayHazard(table, moving_days, waiting, day)
        hazard = tables.hazard if fit is None else fit(tables, moving_days.before(day), day)
        order, at, is_moving = samples.order[part], samples.at[part], moving[part]
        found = np.zeros(len(order))
        found[is_moving] = tables.late_moving(order[is_moving], at[is_moving], hazard)
        found[~is_moving] = tables.late_waiting(order[~is_moving], at[~is_moving])
        late[part] = found
    return np.clip(late, 1e-4, 1 - 1e-4)


def _order_days(table: OrderTable, begun: Floats, ended: Floats) -> OrderDays:
    order = np.flatnonzero(np.isfinite(begun) & (begun < np.minimum(ended, table.promise + _AFTER_PROMISE_D)))
    first = np.floor(begun[order])
    last = np.minimum(table.promise[order] + _AFTER_PROMISE_D, begun[order] + EXPOSED_D_MAX)
    last = np.floor(np.minimum(np.minimum(ended[order], table.cancelled[order]), last))
    counts = np.maximum(last - first + 1, 0).astype(np.intp)
    rows = np.repeat(order, counts)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    day = np.repeat(first, counts) + offset
    return OrderDays(rows, day, (ended[rows] < day + 1).astype(np.float64))


def _waiting_bins(table: OrderTable, order: Codes, day: Floats, at: Floats | None = None) -> Codes:
    """Return the bin of each day of waiting; the ship-by deadline counts once the payment told it."""
    moment = day if at is None else at
    ship_by = table.ship_by[order]
    is_told = (table.paid[order] <= moment) & np.isfinite(ship_by)
    slip = np.clip(np.floor(day - np.where(is_told, ship_by, 0.0)), _SLIP_MIN, _SLIP_MAX) - _SLIP_MIN
    age = np.clip(np.floor((day - table.placed[order]) / _AGE_STEP_D), 0, _AGE_BINS - 1)
    return np.where(is_told, slip, _SLIP_BINS + age).astype(np.intp)


def _above(score: Floats) -> Floats:
    """Return the upper tail of the standard normal distribution."""
    return np.array([0.5 * math.erfc(one / math.sqrt(2)) for one in score.tolist()], np.float64)
