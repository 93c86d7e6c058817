"""How many days a transit takes on average, by segment, in logarithms.

Area and lane lean on the wider segment, postcode district and supplier correct the lane's mean by what is left over:
``m = lane + district + supplier``. Shrinkage in pseudo-deliveries; an unknown segment says nothing of its own.
"""

import math
from collections.abc import Sequence

import numpy as np

from radar.learning.local_days import Floats, Ints
from radar.learning.segments import AREA, DISTRICT, LANE, MEAN_HALF_LIFE, SUPPLIER, Segments

DAYS_MIN, DAYS_MAX = 0.5, 60.0
"""Transit days are clipped to this: a parcel lost and found again must not move a mean."""
SHRINK_AREA, SHRINK_LANE, SHRINK_DISTRICT, SHRINK_SUPPLIER = 10.0, 8.0, 8.0, 10.0
"""Pseudo-deliveries that a segment borrows. Source: docs/prediction.md, as all constants here."""
TRUSTED_COUNT = 200.0
"""Deliveries known of an order type (decayed) from which its model is believed alone: a week of a small shop."""
_FIRST_MEAN, _FIRST_COUNT = math.log(10.0), 5.0
"""Before anything is known a transit takes ten days, as five deliveries would say."""
_FIRST_VARIANCE = (3.0, 5.0)
"""Sum of squared residuals and their number to begin with."""
_VARIANCE_MIN = 0.1


class TransitMeans:
    """Mean log transit days by segment, and their spread."""

    __slots__ = (
        "_lane_sums",
        "_lane_weights",
        "_many",
        "_segments",
        "all",
        "area",
        "centre",
        "district",
        "residual",
        "sigma",
        "supplier",
        "trust",
    )

    def __init__(self, segments: Sequence[Segments]) -> None:
        self._segments = segments
        self.all = [_FIRST_MEAN * _FIRST_COUNT, _FIRST_COUNT]
        """Decayed sum of log transit days, and their number."""
        self.residual = list(_FIRST_VARIANCE)
        self.freeze(0.0)

    def learn(self, days: Floats, rows: Ints, day: float, gap: float) -> None:
        """Learn the transits that ended since the last epoch.

        Args:
            days: Transit days.
            rows: (deliveries, 4), the rows of their segments.
            day: The epoch.
            gap: Days since the last one.
        """
        fade = 0.5 ** (gap / MEAN_HALF_LIFE)
        self.all = [value * fade for value in self.all]
        self.residual = [value * fade for value in self.residual]
        if not len(days):
            return
        logs = np.log(np.clip(days, DAYS_MIN, DAYS_MAX))
        self.all[0] += float(logs.sum())
        self.all[1] += len(logs)
        for kind in (AREA, LANE):
            self._segments[kind].add_means(rows[:, kind], logs, day)
        self.freeze(day)
        self.residual[0] += float(((logs - self.of_many(rows)) ** 2).sum())
        self.residual[1] += len(logs)
        left_over = logs - self._lanes(rows)
        for kind in (DISTRICT, SUPPLIER):
            self._segments[kind].add_means(rows[:, kind], left_over, day)

    def freeze(self, day: float) -> None:
        """Fix what predictions read until the next epoch."""
        self.centre = self.all[0] / self.all[1]
        self.trust = min(1.0, max(0.0, (self.all[1] - _FIRST_COUNT) / TRUSTED_COUNT))
        """How far a prediction is believed: not at all before the first delivery known, alone at 1."""
        self.sigma = math.sqrt(max(self.residual[0] / self.residual[1], _VARIANCE_MIN))
        sums, counts = self._sums(AREA, day)
        areas = (sums + SHRINK_AREA * self.centre) / (counts + SHRINK_AREA)
        sums, counts = self._sums(DISTRICT, day)
        districts = sums / (counts + SHRINK_DISTRICT)
        sums, counts = self._sums(SUPPLIER, day)
        suppliers = sums / (counts + SHRINK_SUPPLIER)
        lane_sums, counts = self._sums(LANE, day)
        lane_weights = counts + SHRINK_LANE
        self._many = (areas, lane_sums, lane_weights, districts, suppliers)
        self.area, self.district, self.supplier = areas.tolist(), districts.tolist(), suppliers.tolist()
        self._lane_sums, self._lane_weights = lane_sums.tolist(), lane_weights.tolist()

    def lane(self, area: int, lane: int) -> float:
        """Return the mean of a lane by the rows of its area and itself."""
        result: float = (self._lane_sums[lane] + SHRINK_LANE * self.area[area]) / self._lane_weights[lane]
        return result

    def of_many(self, rows: Ints) -> Floats:
        """Return the means of many orders by the rows of their segments, (orders, 4)."""
        _, _, _, districts, suppliers = self._many
        result: Floats = self._lanes(rows) + districts[rows[:, DISTRICT]] + suppliers[rows[:, SUPPLIER]]
        return result

    def _lanes(self, rows: Ints) -> Floats:
        areas, sums, weights, _, _ = self._many
        result: Floats = (sums[rows[:, LANE]] + SHRINK_LANE * areas[rows[:, AREA]]) / weights[rows[:, LANE]]
        return result

    def _sums(self, kind: int, day: float) -> tuple[Floats, Floats]:
        segments = self._segments[kind]
        values = segments.means.at(np.arange(len(segments)), day)
        return values[:, 0], values[:, 1]
