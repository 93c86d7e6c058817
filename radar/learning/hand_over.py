"""The hand-over: P(late) of an order that is still with the seller.

The chance to be handed over on each day comes from a table: by whole days to the seller's ship-by limit once it is
known, else by the age of the order, times the kind of day. What the promise then leaves for the transit is compared
with a lognormal transit of the order's segment.
"""

from collections.abc import Sequence
from math import ceil, erfc, floor, log, sqrt

import numpy as np

from radar.learning.facts import Facts
from radar.learning.local_days import DAY_CLASSES, Floats, Ints
from radar.learning.open_orders import PROMISE, SHIP_BY
from radar.learning.stage_offsets import AHEAD, StageOffsets
from radar.learning.view import View
from radar.stages import Stage

STAGES = tuple(stage for stage in Stage if stage < Stage.HANDED_OVER)
PLAIN_STAGES = (Stage.PLACED, Stage.PAID)
LIMIT_FIRST, LIMIT_LAST = -9, 8
"""Whole days past the ship-by limit."""
LIMIT_BINS = LIMIT_LAST - LIMIT_FIRST + 1
AGE_UNIT, AGE_LAST = 1.5, 7
"""Days of a bin of the order's age, and the last bin."""
BINS = LIMIT_BINS + AGE_LAST + 1
HALF_LIFE = 60.0
"""Days. Source: docs/prediction.md, as all constants here."""
_BIN_PRIOR = (0.2, 1.0)
"""Hand-overs and exposures every bin begins with."""
_CLASS_WEIGHT, _CELL_WEIGHT = 3.0, 20.0
"""Expected hand-overs a day class borrows, and exposures a cell borrows from its bin."""
_HAZARD_RANGE = (1e-3, 0.95)
_TODAY_SHARE = 0.6
"""What is left of a day's hand-overs once the day has begun."""
_REST_MIN = 0.3
"""Days that are left at least for the transit after a hand-over before the promise."""
AHEAD_MAX = 60
"""Days ahead that are looked at."""
_SQRT_2 = sqrt(2.0)
_LOG_REST_MIN = log(_REST_MIN)


class HandOver:
    """Decayed hand-overs and exposures; hazards fixed at the last epoch."""

    __slots__ = ("counts", "hazards", "stages", "table")

    def __init__(self) -> None:
        self.counts: Floats = np.zeros((BINS, DAY_CLASSES, 2))
        """Hand-overs and exposures."""
        self.stages = StageOffsets(STAGES, PLAIN_STAGES)
        self.freeze()

    def learn(self, values: Floats, day: int, day_class: int, end: float, gap: float) -> None:
        """Learn one day of all orders that were with the seller when it began.

        Args:
            values: Columns of the orders (``radar.learning.open_orders``).
            day: That day.
            day_class: What kind of day it was.
            end: The epoch; later hand-overs count for their own day.
            gap: Days since the last epoch.
        """
        self.counts *= 0.5 ** (gap / HALF_LIFE)
        bins = _bins(values, day)
        handed = (values[:, Stage.HANDED_OVER] < end).astype(np.float64)
        hazards = self.table[bins, day_class]
        self.stages.learn(values, np.log(hazards / (1 - hazards)), handed, day)
        self.counts[:, day_class, 0] += np.bincount(bins, handed, BINS)
        self.counts[:, day_class, 1] += np.bincount(bins, minlength=BINS)

    def freeze(self) -> None:
        """Fix the hazards that predictions read until the next epoch."""
        self.stages.freeze()
        handed, exposed = self.counts[..., 0], self.counts[..., 1]
        bins = (handed.sum(1) + _BIN_PRIOR[0]) / (exposed.sum(1) + _BIN_PRIOR[1])
        expected = (bins[:, None] * exposed).sum(0)
        classes = (handed.sum(0) + _CLASS_WEIGHT) / (expected + _CLASS_WEIGHT)
        prior = np.clip(bins[:, None] * classes, *_HAZARD_RANGE)
        self.table: Floats = np.clip((handed + _CELL_WEIGHT * prior) / (exposed + _CELL_WEIGHT), *_HAZARD_RANGE)
        self.hazards: list[list[float]] = self.table.tolist()

    def late_chance(self, view: View, facts: Facts, now: float, shift: int, sigma: float) -> float:
        """Return the chance that the hand-over, and the transit after it, come too late for the promise.

        Args:
            view: The order as the model sees it.
            facts: The order, not handed over.
            now: Local day of the prediction.
            shift: Days between the first of ``view.week`` and today.
            sigma: Spread of log transit days.
        """
        today, promise, placed, mean, week = floor(now), view.promise, facts.placed, view.mean, view.week
        limit_known, past = facts.limit_known, floor(today - (facts.ship_by or 0.0))
        hazards, scale, rest = self.hazards, 1 / (sigma * _SQRT_2), promise - today - 0.5
        alive, late, factors = 1.0, 0.0, view.offsets
        for ahead in range(min(ceil(promise) - today, AHEAD_MAX)):
            if limit_known <= today + ahead:
                place = past + ahead - LIMIT_FIRST
                place = 0 if place < 0 else LIMIT_BINS - 1 if place >= LIMIT_BINS else place
            else:
                age = int((today + ahead - placed) / AGE_UNIT)
                place = LIMIT_BINS + (age if age < AGE_LAST else AGE_LAST)  # noqa: FURB136 - hot
            hazard = hazards[place][week[ahead + shift]]
            if factors is not None:
                factor = factors[ahead if ahead < AHEAD else -1]
                hazard = hazard * factor / (1 - hazard + hazard * factor)
            chance = alive * hazard
            if ahead == 0 and now > today:
                chance *= _TODAY_SHARE
            log_rest = log(rest) if rest > _REST_MIN else _LOG_REST_MIN
            late += chance * 0.5 * erfc((log_rest - mean) * scale)
            alive -= chance
            rest -= 1
        return late + alive

    def late_chances(self, values: Floats, means: Floats, day: int, week: Sequence[int], sigma: float) -> Floats:
        """Return the chances of many orders at a midnight: the vectorised twin of ``late_chance``."""
        promise = values[:, PROMISE]
        alive, late = np.ones(len(values)), np.zeros(len(values))
        for ahead in range(int(np.ceil(promise.max(initial=day))) - day):
            factor = np.exp(self.stages.of_many(values, day, ahead))
            hazard = self.table[_bins(values, day + ahead), week[ahead]]
            chance = alive * hazard * factor / (1 - hazard + hazard * factor) * (promise > day + ahead)
            rest = np.log(np.maximum(promise - day - ahead - 0.5, _REST_MIN))
            too_long = [erfc(score) for score in ((rest - means) / (sigma * _SQRT_2)).tolist()]
            late += chance * 0.5 * np.array(too_long)
            alive -= chance
        return late + alive


def _bins(values: Floats, day: int) -> Ints:
    """Return the bins of many orders on a day."""
    by_limit = (values[:, Stage.PAID] <= day) & np.isfinite(values[:, SHIP_BY])
    past = np.where(by_limit, day - values[:, SHIP_BY], 0.0)
    ages = np.clip(np.floor((day - values[:, Stage.PLACED]) / AGE_UNIT), 0, AGE_LAST) + LIMIT_BINS
    limits = np.clip(np.floor(past), LIMIT_FIRST, LIMIT_LAST) - LIMIT_FIRST
    return np.where(by_limit, limits, ages).astype(np.int64)
