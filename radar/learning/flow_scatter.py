"""How far the flow's forecasts are off together, and what its score leaves open: the spread of its log-odds.

Theory of operation. Promises lie days apart there and trouble strikes an area for a day or two, so what is off
together are the orders of one area and one promise day. ``scatter`` estimates such a common error by its squares; that
rests on probabilities far from 0, and here most are a few in a hundred, so that one bad day would tell of a variance of
25. So the common error is *followed* instead: a group of ten orders or more is held when its share late lies within
its mean interval and what chance adds; each group that is not widens the next intervals of its kind, nine that are
held narrow them as much. Whatever the errors are like, nine groups in ten are then held in the long run (adaptive
conformal inference; Gibbs and Candes, NeurIPS 2021).

Groups are kept apart by twelve hours before the promise, so that each order is counted once in each: a lesson is taken
of it every twelve hours. What is learned of them is kept by days before the promise, with and without a queue ahead,
for a queue that is counted can be counted wrong. All lessons of a step are summed at once; a label costs a look at the
lessons of an order that is late. The other part of the spread is what is not known of the score's weights.
"""

from math import log, sqrt

import numpy as np

from radar.learning.local_days import Floats, Ints
from radar.learning.newton import sigmoid
from radar.learning.positions import AREAS_MAX

NOMINAL, Z = 0.9, 1.645
"""Share of the groups that is to be held, and half of it in standard deviations. As in ``radar.interval``."""
LESSON_H, CLASSES = 12.0, 10
"""A lesson is taken of an order every so many hours; so many of them before the promise are followed."""
CLASSES_A_DAY = 2
QUEUE_H = 3.0
"""Extra hours from which a queue counts as one. As in the score."""
GROUP_MIN = 10
"""Orders from which a group is judged."""
FIRST, SPREAD_MIN, SPREAD_MAX = 1.0, 0.1, 3.0
"""Standard deviation of the common error before anything is known, and between what it stays."""
STEP = 0.05
"""By how much one group that is not held widens, in logarithms. Source: docs/prediction.md."""
Stored = tuple[bytes, dict[int, tuple[bytes, bytes]]]
"""The table; by promise day the groups that hold anything, and their sums."""
_CELLS = AREAS_MAX * CLASSES * 2
_DAY_H = 24.0
_COUNT, _MISS, _CHANCE, _UP, _DOWN = range(5)
"""Sums of a group: orders; late less expected; the chance expected; how far the intervals reach up and down."""
_BLOCK_ROWS = 128
"""Rows multiplied at once, as in ``newton``."""


class FlowScatter:
    """Groups of forecasts whose labels are not all told, and the spread the groups before them taught."""

    __slots__ = ("groups", "log_spreads", "spreads")

    def __init__(self) -> None:
        self.log_spreads: Floats = np.full((CLASSES // CLASSES_A_DAY, 2), log(FIRST))
        """By days ahead, without a queue and with one."""
        self.groups: dict[int, Floats] = {}
        """By promise day, counted in UTC: the sums of every group."""
        self.freeze()

    def take(self, areas: Ints, extra_h: Floats, left_h: Floats, at_h: float, scores: Floats, open_: Floats) -> None:
        """Take in forecasts as they are made.

        Args:
            areas: Number of each order's area.
            extra_h: Extra hours of the longest queue.
            left_h: Hours until the promise.
            at_h: When, in hours.
            scores: Log-odds of being late, as they are said.
            open_: Variance of each that the weights leave open.
        """
        cells = _cells(areas, extra_h, left_h)
        kinds = np.maximum(cells, 0) % (CLASSES * 2)
        half = Z * np.sqrt(open_ + self.spreads.reshape(-1)[kinds // 2 // CLASSES_A_DAY * 2 + kinds % 2] ** 2)
        said = sigmoid(scores)
        figures = (np.ones_like(said), -said, said * (1 - said), sigmoid(scores + half) - said,
                   said - sigmoid(scores - half))  # fmt: skip
        counted, days, together = _together(cells, at_h + left_h)
        for place, figure in enumerate(figures):
            added = np.bincount(together, figure[counted], len(days) * _CELLS).reshape(-1, _CELLS)
            for day, sums in zip(days, added, strict=True):
                self._sums(day)[place] += sums

    def late(self, areas: Ints, extra_h: Floats, left_h: Floats, at_h: Floats) -> None:
        """Take in that orders are late: of each forecast that was taken in what it was made from, as there."""
        cells = _cells(areas, extra_h, left_h)
        _, days, together = _together(cells, at_h + left_h)
        added = np.bincount(together, minlength=len(days) * _CELLS).reshape(-1, _CELLS)
        for day, count in zip(days, added, strict=True):
            if day in self.groups:
                self.groups[day][_MISS] += count

    def close(self, at_h: float) -> None:
        """Learn the promise days that are over, all of whose labels are told."""
        for day in sorted(one for one in self.groups if (one + 1) * _DAY_H <= at_h):
            count, miss, chance, up, down = self.groups.pop(day)
            is_held = np.abs(miss) <= np.hypot(Z * np.sqrt(chance), np.where(miss > 0, up, down))
            push = np.where(count < GROUP_MIN, 0.0, np.where(is_held, NOMINAL - 1, NOMINAL))
            pushes = push.reshape(AREAS_MAX, -1, CLASSES_A_DAY, 2).sum((0, 2))
            self.log_spreads = np.clip(self.log_spreads + STEP * pushes, log(SPREAD_MIN), log(SPREAD_MAX))

    def freeze(self) -> None:
        """Fix what intervals read until the next step."""
        self.spreads: Floats = np.exp(self.log_spreads)

    def spread(self, extra_h: float, left_h: float, open_: float) -> float:
        """Return the standard deviation of the log-odds of one forecast; ``open_`` as in ``take``."""
        day = min(max(int(left_h / _DAY_H), 0), len(self.spreads) - 1)
        return sqrt(open_ + float(self.spreads[day, int(extra_h > QUEUE_H)]) ** 2)

    # --- the store -------------------------------------------------------------------------------------------

    def stored(self) -> Stored:
        """Return what a restart needs."""
        groups = {}
        for day, sums in self.groups.items():
            cells = np.flatnonzero(sums[_COUNT])
            groups[day] = (cells.tobytes(), sums[:, cells].tobytes())
        return self.log_spreads.tobytes(), groups

    def restore(self, stored: Stored) -> None:
        """Take over what was stored."""
        table, groups = stored
        self.log_spreads = np.frombuffer(table).reshape(self.log_spreads.shape).copy()
        for day, (cells, sums) in groups.items():
            self._sums(day)[:, np.frombuffer(cells, np.int64)] = np.frombuffer(sums).reshape(_DOWN + 1, -1)

    def _sums(self, day: int) -> Floats:
        sums = self.groups.get(day)
        if sums is None:
            sums = self.groups[day] = np.zeros((_DOWN + 1, _CELLS))
        return sums


def left_open(information: Floats, inputs: Floats) -> Floats:
    """Return the variance of log-odds that what is known of the weights leaves open: x' A^-1 x of each row."""
    return left_open_by(np.asarray(np.linalg.inv(information), np.float64), inputs)


def left_open_by(inverse: Floats, inputs: Floats) -> Floats:
    """Return the same from the inverse of the information, where many are asked one by one."""
    result = np.empty(len(inputs))
    for first in range(0, len(inputs), _BLOCK_ROWS):
        part = inputs[first : first + _BLOCK_ROWS]
        result[first : first + _BLOCK_ROWS] = (part @ inverse * part).sum(1)
    return result


def _cells(areas: Ints, extra_h: Floats, left_h: Floats) -> Ints:
    """Return the group of each forecast on its promise day, -1 of those too far ahead or too late to count."""
    classes = np.floor(left_h / LESSON_H).astype(np.int64)
    cells = (areas * CLASSES + classes) * 2 + (extra_h > QUEUE_H)
    result: Ints = np.where((left_h > 0) & (classes < CLASSES), cells, -1)
    return result


def _together(cells: Ints, promise_h: Floats) -> tuple[Ints, list[int], Ints]:
    """Return who counts, their promise days, and the number of each one's group over all of these days."""
    counted = np.flatnonzero(cells >= 0)
    days, places = np.unique(np.floor(promise_h[counted] / _DAY_H).astype(np.int64), return_inverse=True)
    return counted, days.tolist(), places * _CELLS + cells[counted]
