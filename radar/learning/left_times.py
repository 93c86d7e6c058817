"""How long orders usually still need, hour by hour of the week: what is left once no queue is longer than usual.

Three tables on one another, each of what the ones before leave over: by station and part of the week; by part of the
day and the hours spent at the station; by area. A lesson is an order as it stood at a step, with what it then still
needed less the extra time that was expected of queues at that moment: so a bad week teaches how good those
expectations are, and not that everything takes longer. All decayed, half-life ten days.
"""

import numpy as np

from radar.instant import HOUR_US
from radar.learning.local_days import Floats, Ints
from radar.learning.positions import AREAS_MAX, DOORS, SINCE_CLASSES, STATIONS, STEPS, STEPS_A_WEEK, TYPES_MAX
from radar.orders import NEVER
from radar.stages import Stage

HALF_LIFE = 10.0
"""Days. Source: docs/prediction.md, as the next two."""
SHRINK = 10.0
"""Lessons that a cell borrows from the table before it."""
ERROR_FIRST_H, ERROR_WEIGHT = 10.0, 5.0
"""Mean absolute error believed beforehand, as firmly as after so many lessons."""
ERROR_OF_MEAN = 1.25
"""Standard error over mean absolute error of a normal distribution: the mean does not heed the few far off."""
BELIEVED = 2.0
"""Mean absolute errors by which a lesson may differ from what was known: one storm must not become the usual time of
its hour of the week. Source: docs/prediction.md."""
UNKNOWN_H = 24.0
"""What is left from a station nobody was seen at."""
ERROR_MIN_H, ERROR_MAX_H, LEFT_RANGE_H = 3.0, 48.0, (-48.0, 400.0)


class LeftTimes:
    """Usual times left and their errors; decayed counts and sums."""

    def __init__(self) -> None:
        self.week: Floats = np.zeros((TYPES_MAX, STATIONS, STEPS_A_WEEK, 2))
        self.spent: Floats = np.zeros((TYPES_MAX, STATIONS, STEPS, SINCE_CLASSES, 2))
        self.area: Floats = np.zeros((AREAS_MAX, STATIONS, STEPS, 2))
        self.error: Floats = np.zeros((TYPES_MAX, STATIONS, SINCE_CLASSES, 2))
        self.after: Floats = np.zeros((len(DOORS), AREAS_MAX, 2))
        """Hours from a door to the delivery."""
        self.freeze()

    def fade(self, days: float) -> None:
        """Let older lessons count less."""
        factor = 0.5 ** (days / HALF_LIFE)
        for table in (self.week, self.spent, self.area, self.error, self.after):
            np.multiply(table, factor, out=table)

    def usual(self, types: Ints, stations: Ints, parts: Ints, since: Ints, areas: Ints) -> tuple[Floats, Floats]:
        """Return the usual hours left of orders, and their standard error.

        Args:
            types: Number of the order type.
            stations: Where each stands.
            parts: Part of the week.
            since: Class of the hours spent there.
            areas: Number of the area.
        """
        first, second, third = self._means(types, stations, parts, since, areas)
        count, error = self.error[types, stations, since].T
        error = ERROR_OF_MEAN * (error + ERROR_WEIGHT * ERROR_FIRST_H) / (count + ERROR_WEIGHT)
        return np.maximum(first + second + third, 1.0), np.maximum(error, ERROR_MIN_H)

    def freeze(self) -> None:
        """Fix the means that a single order is judged by between two steps."""
        totals = self.week.sum(2)
        known = totals[..., 0] > 0
        anywhere = np.where(known, totals[..., 1] / np.maximum(totals[..., 0], 1e-9), UNKNOWN_H)
        self._first = (self.week[..., 1] + SHRINK * anywhere[..., None]) / (self.week[..., 0] + SHRINK)
        self._second = self.spent[..., 1] / (self.spent[..., 0] + SHRINK)
        self._third = self.area[..., 1] / (self.area[..., 0] + SHRINK)
        error = self.error[..., 1] + ERROR_WEIGHT * ERROR_FIRST_H
        self._error = ERROR_OF_MEAN * error / (self.error[..., 0] + ERROR_WEIGHT)
        doors = self.after.sum(1)
        means = np.where(doors[:, 0] > 0, doors[:, 1] / np.maximum(doors[:, 0], 1e-9), 0.0)
        after = (self.after[..., 1] + SHRINK * means[:, None]) / (self.after[..., 0] + SHRINK)
        self.after_mean: list[list[float]] = after.tolist()
        """Hours from a door to the delivery, by door and area."""

    def usual_of(self, kind: int, station: int, part: int, since: int, area: int) -> tuple[float, float]:
        """Return the usual hours left of one order and their standard error: the scalar twin of ``usual``."""
        step = part % STEPS
        usual = self._first.item(kind, station, part)
        usual += self._second.item(kind, station, step, since)
        usual += self._third.item(area, station, step)
        return max(usual, 1.0), max(self._error.item(kind, station, since), ERROR_MIN_H)

    def until(self, door: int, areas: Ints, usual: Floats) -> Floats:
        """Return the usual hours until a door is passed, from the usual hours left."""
        total = self.after[door].sum(0)
        mean = total[1] / total[0] if total[0] > 0 else 0.0
        count, hours = self.after[door, areas].T
        result: Floats = usual - (hours + SHRINK * mean) / (count + SHRINK)
        return result

    def learn(self, lessons: Floats, needed: Floats) -> None:
        """Learn from orders delivered.

        Args:
            lessons: Type, station, part of the week, class of hours spent, area of each.
            needed: Hours it still needed then, less the extra time expected of queues.
        """
        types, stations, parts, since, areas = lessons.astype(np.int64).T
        first, second, third = self._means(types, stations, parts, since, areas)
        expected = first + second + third
        count, known = self.error[types, stations, since].T
        error = (known + ERROR_WEIGHT * ERROR_FIRST_H) / (count + ERROR_WEIGHT)
        hours = np.clip(needed, *LEFT_RANGE_H)
        missed = np.minimum(np.abs(hours - expected), ERROR_MAX_H)
        hours = np.clip(hours, expected - BELIEVED * error, expected + BELIEVED * error)
        _add(self.week, (types, stations, parts), hours)
        _add(self.spent, (types, stations, parts % STEPS, since), hours - first)
        _add(self.area, (areas, stations, parts % STEPS), hours - first - second)
        _add(self.error, (types, stations, since), missed)

    def learn_after(self, areas: Ints, reached: Ints) -> None:
        """Learn how long deliveries took from each door on.

        Args:
            areas: Number of the area of each.
            reached: (stages, orders), when each milestone was reached.
        """
        ends = reached[Stage.DELIVERED]
        for door, stage in enumerate(DOORS):
            passed = np.flatnonzero((reached[stage] != NEVER) & (reached[stage] <= ends))
            _add(self.after[door], (areas[passed],), (ends[passed] - reached[stage, passed]) / HOUR_US)

    def _means(
        self, types: Ints, stations: Ints, parts: Ints, since: Ints, areas: Ints
    ) -> tuple[Floats, Floats, Floats]:
        totals = self.week.sum(2)
        count, hours = totals[types, stations].T
        anywhere = np.where(count > 0, hours / np.maximum(count, 1e-9), UNKNOWN_H)
        count, hours = self.week[types, stations, parts].T
        first = (hours + SHRINK * anywhere) / (count + SHRINK)
        steps = parts % STEPS
        count, hours = self.spent[types, stations, steps, since].T
        second = hours / (count + SHRINK)
        count, hours = self.area[areas, stations, steps].T
        return first, second, hours / (count + SHRINK)


def _add(table: Floats, cells: tuple[Ints, ...], values: Floats) -> None:
    np.add.at(table[..., 0], cells, 1.0)
    np.add.at(table[..., 1], cells, values)
