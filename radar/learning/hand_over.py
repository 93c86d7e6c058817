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
COURSES_MAX = 2000
"""Courses kept until the next epoch: a shop's orders stand in a few dozen ways."""

_Course = tuple[list[float], list[float]]
"""The chance of a hand-over today, and on each further day if it is not today; that of none by the end of each day, if
it is not today."""


class HandOver:
    """Decayed hand-overs and exposures; hazards fixed at the last epoch."""

    __slots__ = ("_courses", "_week", "counts", "hazards", "stages", "table")

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
        self._week: Sequence[int] = ()
        self._courses: dict[tuple[int, int, int, int, int], _Course] = {}

    def late_chance(self, view: View, facts: Facts, now: float, shift: int, sigma: float) -> float:
        """Return the chance that the hand-over, and the transit after it, come too late for the promise.

        Args:
            view: The order as the model sees it.
            facts: The order, not handed over.
            now: Local day of the prediction.
            shift: Days between the first of ``view.week`` and today.
            sigma: Spread of log transit days.
        """
        today, promise, mean, scale = floor(now), view.promise, view.mean, 1 / (sigma * _SQRT_2)
        days = min(ceil(promise) - today, AHEAD_MAX)
        if days <= 0:
            return 1.0
        chances, alive = self._course(view, facts, today, shift, days)
        rest, late, is_begun = promise - today - 0.5, 0.0, now > today
        first = chances[0] * _TODAY_SHARE if is_begun else chances[0]
        soon = first * erfc(((log(rest) if rest > _REST_MIN else _LOG_REST_MIN) - mean) * scale)
        for chance in chances[1:days]:
            rest -= 1
            late += chance * erfc(((log(rest) if rest > _REST_MIN else _LOG_REST_MIN) - mean) * scale)
        return 0.5 * soon + (1 - first) * (0.5 * late + alive[days - 1])

    def _course(self, view: View, facts: Facts, today: int, shift: int, days: int) -> _Course:
        """Return how the hand-over comes about; the same for all orders that stand alike until the next epoch."""
        if view.week is not self._week or len(self._courses) >= COURSES_MAX:
            self._week, self._courses = view.week, {}
        known = facts.limit_known - today
        by_age = 0 if known <= 0 else AHEAD_MAX if known > AHEAD_MAX else ceil(known)
        past = floor(today - (facts.ship_by or 0.0)) if by_age < AHEAD_MAX else 0
        halves = floor(2 * (today - facts.placed)) if by_age else 0
        key = (by_age, past, halves, shift, -1 if view.offsets is None else facts.stage)
        course = self._courses.get(key)
        if course is None or len(course[0]) < days:
            places = [_place(ahead, by_age, past, halves) for ahead in range(days)]
            hazards = [self.hazards[place][kind] for place, kind in zip(places, view.week[shift:], strict=False)]
            course = self._courses[key] = _course_of(hazards, view.offsets)
        return course

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


def _place(ahead: int, by_age: int, past: int, halves: int) -> int:
    """Return the bin of an order on a day.

    Args:
        ahead: That day, counted from today.
        by_age: Days from today on which its limit is not known yet.
        past: Whole days that the limit is past today.
        halves: Half days of its age today; bins of a day and a half begin at no other times.
    """
    if ahead >= by_age:
        return min(max(past + ahead, LIMIT_FIRST), LIMIT_LAST) - LIMIT_FIRST
    return LIMIT_BINS + min(max(floor((halves / 2 + ahead) / AGE_UNIT), 0), AGE_LAST)


def _course_of(hazards: list[float], factors: Sequence[float] | None) -> _Course:
    """Return the course of hazards by day ahead, with the factors of a stage."""
    if factors is not None:
        ways = [factors[ahead if ahead < AHEAD else -1] for ahead in range(len(hazards))]
        hazards = [one * factor / (1 - one + one * factor) for one, factor in zip(hazards, ways, strict=True)]
    chances, alive, left = hazards[:1], [1.0], 1.0
    for hazard in hazards[1:]:
        chances.append(left * hazard)
        left -= left * hazard
        alive.append(left)
    return chances, alive


def _bins(values: Floats, day: int) -> Ints:
    """Return the bins of many orders on a day."""
    by_limit = (values[:, Stage.PAID] <= day) & np.isfinite(values[:, SHIP_BY])
    past = np.where(by_limit, day - values[:, SHIP_BY], 0.0)
    ages = np.clip(np.floor((day - values[:, Stage.PLACED]) / AGE_UNIT), 0, AGE_LAST) + LIMIT_BINS
    limits = np.clip(np.floor(past), LIMIT_FIRST, LIMIT_LAST) - LIMIT_FIRST
    return np.where(by_limit, limits, ages).astype(np.int64)
