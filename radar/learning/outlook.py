"""The day ahead of orders on their way: all of a prediction that neither the hour nor news can change.

Most predictions are made at set times before the promise, of orders that nothing has happened to since the last
midnight. For those in transit the epoch computes by the thousand what every such prediction would compute again: the
odds of a delivery today, those of the days after it, and the terms of the second stage. A prediction is then a few
multiplications. An order that anything was heard of since is predicted from the tables (``radar.learning.forecast``).

Which of the two ways is taken depends on the order and the clock alone, and each figure on that order alone, so a
restart in the middle of a day says the same to the last bit.
"""

from collections.abc import Sequence
from math import floor, log

import numpy as np

from radar.instant import Instant
from radar.learning.calibration import Calibration, score_of_odds
from radar.learning.local_days import Flags, Floats, Ints, LocalDays
from radar.learning.open_orders import PROMISE
from radar.learning.transit import ELAPSED_MIN, TransitHazard
from radar.stages import Stage

DAYS = 10
"""Orders promised within so many days: the checks begin nine and a half days before the promise."""
CHUNK = 4096
"""Orders computed at once."""


class Outlook:
    """What is known of one local day, by order id."""

    __slots__ = ("_calibration", "_day", "_rows", "_transit", "begun_at")

    def __init__(self, transit: TransitHazard, calibration: Calibration) -> None:
        self._transit = transit
        self._calibration = calibration
        self._day = 0
        self._rows: dict[str, list[float]] = {}
        self.begun_at = Instant(0)
        """First instant of the day: of an order heard of since, this says nothing."""

    def open(self, days: LocalDays, day: int) -> None:
        """Begin a day, without orders."""
        self._day, self._rows, self.begun_at = day, {}, days.midnight(day)

    def concerns(self, values: Floats) -> Flags:
        """Return which orders the day's predictions are prepared for, by their columns at its beginning."""
        promise, day = values[:, PROMISE], self._day
        result: Flags = (values[:, Stage.HANDED_OVER] <= day) & (promise > day) & (promise <= day + DAYS)
        return result

    def add(self, order_ids: Sequence[str], values: Floats, rows: Ints, week: Sequence[int]) -> None:
        """Take in orders it concerns, as they stood when the day began.

        Args:
            order_ids: Their ids.
            values: Their columns (``radar.learning.open_orders``).
            rows: Rows of their segments.
            week: Class of each day from this one on.
        """
        for first in range(0, len(order_ids), CHUNK):
            part = slice(first, first + CHUNK)
            figures = self._figures(values[part], rows[part], week).tolist()
            self._rows.update(zip(order_ids[part], figures, strict=True))

    def score(self, order_id: str, now: float) -> float | None:
        """Return the corrected log-odds of being late of an order in transit; None of any other.

        Args:
            order_id: An order that nothing was heard of since the day began.
            now: Local day of the prediction.
        """
        row = self._rows.get(order_id)
        if row is None or floor(now) != self._day:
            return None
        today, share, later, handed, mean, promise, steady, by_horizon = row
        share -= self._transit.share_until(now - self._day)
        odds = (1 + today * share) * later if share > 0 else later
        elapsed = now - handed
        relative = log(elapsed if elapsed > ELAPSED_MIN else ELAPSED_MIN) - mean  # noqa: FURB136 - hot
        return self._calibration.score_by_terms(score_of_odds(odds), steady, by_horizon, promise - now, relative)

    def _figures(self, values: Floats, rows: Ints, week: Sequence[int]) -> Floats:
        means = self._transit.means.of_many(rows)
        odds = self._transit.odds_ahead(values, rows, self._day, week)
        terms = self._calibration.terms_of_many(values, means, means - self._transit.means.centre)
        return np.stack([*odds, values[:, Stage.HANDED_OVER], means, values[:, PROMISE], *terms], axis=1)
