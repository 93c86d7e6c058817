"""The base hazard of a transit: the chance to be delivered today, by elapsed time and kind of day.

Elapsed time is measured against the mean of the order's segment, in logarithms, so that all segments share one
table. A cell leans on the marginal of its bin times the usual effect of its day class.
"""

import numpy as np

from radar.learning.local_days import DAY_CLASSES, Floats, Ints

_EARLY = (-2.5, -2.0, -1.6, -1.3, -1.0, -0.8, -0.6, -0.45, -0.3, -0.15)
BIN_EDGES = (*_EARLY, 0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0)
"""Of log(elapsed days) - mean; finer where most deliveries are."""
BINS = len(BIN_EDGES) + 1
HALF_LIFE = 60.0
"""Days. Source: docs/prediction.md, as all constants here."""
_CLASS_PRIOR = np.array([1.1, 1.15, 1.15, 1.1, 1.1, 0.3, 0.1, 0.2])
"""Deliveries by day class against an ordinary day, before any were seen: hardly any at weekends."""
_CLASS_WEIGHT = 5.0
"""Expected deliveries that prior is worth."""
_BIN_PRIOR = (0.3, 3.0)
"""Deliveries and exposures every bin begins with."""
_CELL_WEIGHT = 40.0
"""Exposures a cell borrows from its bin."""
_PRIOR_RANGE, _HAZARD_RANGE = (1e-4, 0.7), (1e-4, 0.9)


class TransitTable:
    """Decayed deliveries and exposures; log-odds fixed at the last epoch."""

    __slots__ = ("counts", "logits")

    def __init__(self) -> None:
        self.counts: Floats = np.zeros((BINS, DAY_CLASSES, 2))
        """Deliveries and exposures."""
        self.freeze()

    def learn(self, bins: Ints, day_class: int, delivered: Floats) -> None:
        """Learn one day of all orders in transit."""
        self.counts *= 0.5 ** (1 / HALF_LIFE)
        self.counts[:, day_class, 0] += np.bincount(bins, delivered, BINS)
        self.counts[:, day_class, 1] += np.bincount(bins, minlength=BINS)

    def freeze(self) -> None:
        """Fix the log-odds that predictions read until the next epoch."""
        delivered, exposed = self.counts[..., 0], self.counts[..., 1]
        bins = (delivered.sum(1) + _BIN_PRIOR[0]) / (exposed.sum(1) + _BIN_PRIOR[1])
        expected = (bins[:, None] * exposed).sum(0)
        classes = (delivered.sum(0) + _CLASS_WEIGHT * _CLASS_PRIOR) / (expected + _CLASS_WEIGHT)
        prior = np.clip(bins[:, None] * classes, *_PRIOR_RANGE)
        hazard = np.clip((delivered + _CELL_WEIGHT * prior) / (exposed + _CELL_WEIGHT), *_HAZARD_RANGE)
        self.logits: Floats = np.log(hazard / (1 - hazard))


def bins_of(relative: Floats) -> Ints:
    """Return the bins of log(elapsed days) - mean."""
    return np.searchsorted(BIN_EDGES, relative, side="right").astype(np.int64)
