"""Observed against expected deliveries, by segment: what is slow at the moment.

Every order in transit is expected to be delivered today with the base hazard of its elapsed time; summed over a
segment and compared with what was delivered, this says that a lane has stopped on the evening it stops, weeks before
an order of it is late by its promise. Expected is what the *base table* says, not the corrected prediction, so that
the rate keeps the whole effect. Rates lean on the rate of everything, that on 1.
"""

from collections.abc import Sequence

import numpy as np

from radar.learning.local_days import Floats, Ints
from radar.learning.segments import RATE_HALF_LIVES, Segments

RATES = len(RATE_HALF_LIVES)
SHRINK_SEGMENT, SHRINK_ALL = 10.0, 5.0
"""Expected deliveries a segment borrows from everything, and everything from "as expected". Source:
docs/prediction.md."""
_FADE = np.array(RATE_HALF_LIVES * 2)


class SegmentRates:
    """Log rates of everything, and of each segment against everything."""

    __slots__ = ("_segments", "all", "all_logs", "logs")

    def __init__(self, segments: Sequence[Segments]) -> None:
        self._segments = segments
        self.all: Floats = np.zeros(2 * RATES)
        """Observed, then expected, at each half-life."""
        self.all_logs = [0.0] * RATES
        self.logs: list[Floats] = []
        """By kind of segment, (rows, half-lives)."""
        self.freeze(0.0)

    def learn(self, rows: Ints, observed: Floats, expected: Floats, day: float) -> None:
        """Learn one day of all orders in transit.

        Args:
            rows: (orders, 4), the rows of their segments.
            observed: 1 for each delivered that day.
            expected: Probability that the base table gave it.
            day: The epoch after that day.
        """
        today = np.repeat([observed.sum(), expected.sum()], RATES)
        self.all = self.all * np.exp2(-1 / _FADE) + today
        for kind, segments in enumerate(self._segments):
            segments.add_rates(rows[:, kind], observed, expected, day)

    @property
    def overall(self) -> Floats:
        """Return the rates of everything as they are by now."""
        result: Floats = (self.all[:RATES] + SHRINK_ALL) / (self.all[RATES:] + SHRINK_ALL)
        return result

    def freeze(self, day: float) -> None:
        """Fix what predictions read until the next epoch."""
        overall = self.overall
        logs = np.log(overall)
        self.all_logs = logs.tolist()
        self.logs = []
        for segments in self._segments:
            sums = segments.rates.at(np.arange(len(segments)), day)
            borrowed = sums[:, :RATES] + SHRINK_SEGMENT * overall
            self.logs.append(np.log(borrowed / (sums[:, RATES:] + SHRINK_SEGMENT)) - logs)
