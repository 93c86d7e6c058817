"""How far forecasts of one day are off together: the part of their uncertainty that no weight accounts for.

A calibrated forecast of ``n`` orders misses their late ones by chance alone, by about the root of sum p (1 - p). What
it misses beyond that is shared by the orders of a day: weather, a strike, a sale. As an error of the log-odds with
variance ``t`` it adds t x (sum p (1 - p))**2 to the square of the miss, so t is the ratio of what is left of the
squares to those (a moment estimator of a random effect; DerSimonian and Laird 1986 use the same one). Kept apart by
days before the promise: a week ahead much more can happen than on the last day.
"""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from radar.learning.local_days import Floats

HALF_LIFE = 60.0
"""Days. Source: docs/prediction.md, as the next."""
PRIOR, PRIOR_WEIGHT = 0.1, 30.0
"""Variance of the log-odds before anything is known, and the sum of squares it is worth."""


class Scatter:
    """The common error of a promise day's forecasts, by days before the promise."""

    __slots__ = ("_ahead", "days", "table", "variances")

    def __init__(self, ahead: Sequence[int]) -> None:
        """Begin with the prior; ``ahead`` names the days before the promise that are kept apart, ascending."""
        self._ahead = tuple(ahead)
        self.table: Floats = np.tile([PRIOR * PRIOR_WEIGHT, PRIOR_WEIGHT], (len(self._ahead), 1))
        """By days ahead: what squared misses exceed chance by, and the squares of what was expected of chance."""
        self.days: dict[int, list[list[float]]] = {}
        """Promise days whose labels are not all told: by days ahead the miss so far, and the chance expected."""
        self.freeze()

    def note(self, promise_day: int, ahead: int, miss: float, chance: float) -> None:
        """Take in the label of one forecast.

        Args:
            promise_day: Number of the first day after the promise.
            ahead: Days before it that the forecast was made.
            miss: Late less predicted.
            chance: p (1 - p) of the forecast.
        """
        if ahead in self._ahead:
            sums = self.days.setdefault(promise_day, [[0.0, 0.0] for _ in self._ahead])[self._ahead.index(ahead)]
            sums[0] += miss
            sums[1] += chance

    def close(self, day: int, gap: float) -> None:
        """Learn the promise days before ``day``, all of whose labels are told; ``gap`` days after the last epoch."""
        prior = np.array([PRIOR * PRIOR_WEIGHT, PRIOR_WEIGHT])
        self.table = prior + (self.table - prior) * 0.5 ** (gap / HALF_LIFE)
        for over in sorted(one for one in self.days if one < day):
            miss, chance = np.array(self.days.pop(over)).T
            self.table += np.stack([miss**2 - chance, chance**2], axis=1)

    def freeze(self) -> None:
        """Fix what intervals read until the next epoch."""
        self.variances: list[float] = np.maximum(self.table[:, 0] / self.table[:, 1], 0.0).tolist()

    def variance(self, left: float) -> float:
        """Return the variance of the log-odds of a forecast so many days before the promise."""
        return self.variances[min(bisect_left(self._ahead, left), len(self._ahead) - 1)]
