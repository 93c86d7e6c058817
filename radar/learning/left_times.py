"""How long orders usually still need, hour by hour of the week: what is left once no queue is longer than usual.

Four tables on one another, each of what the ones before leave over: by station and part of the week; by part of the
day and the hours spent at the station; by area; by way, for the truck to the next town leaves at another hour and
needs another time than the one across the country. How far off that is is learned by station and by way, too: an order
that has missed its only truck is as good as late, whatever orders at its station usually make up for. A lesson is an
order as it stood at a step, with what it then still needed less the extra time that was expected of queues at that
moment: so a bad week teaches how good those expectations are, and not that everything takes longer. All decayed, half-
life ten days.
"""

import numpy as np

from radar.instant import HOUR_US
from radar.learning.local_days import Floats, Ints
from radar.learning.positions import (
    AREAS_MAX,
    DOORS,
    SINCE_CLASSES,
    STATIONS,
    STEPS,
    STEPS_A_WEEK,
    TYPES_MAX,
    WAYS_MAX,
)
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
_FIRST_WAYS = 32


class LeftTimes:
    """Usual times left and their errors; decayed counts and sums."""

    def __init__(self) -> None:
        self.week: Floats = np.zeros((TYPES_MAX, STATIONS, STEPS_A_WEEK, 2))
        self.spent: Floats = np.zeros((TYPES_MAX, STATIONS, STEPS, SINCE_CLASSES, 2))
        self.area: Floats = np.zeros((AREAS_MAX, STATIONS, STEPS, 2))
        self.error: Floats = np.zeros((TYPES_MAX, STATIONS, SINCE_CLASSES, 2))
        self.after_area: Floats = np.zeros((len(DOORS), AREAS_MAX, 2))
        """Hours from a door to the delivery."""
        self.way: Floats = np.zeros((_FIRST_WAYS, STATIONS, STEPS, 3))
        """Count, hours and absolute errors; the first row is that of no way."""
        self.after_way: Floats = np.zeros((_FIRST_WAYS, len(DOORS), 2))
        self.fresh: Floats = np.zeros((_FIRST_WAYS, len(DOORS), STEPS, 3))
        """By way, door and part of the day it was passed: count, hours to the delivery, absolute errors."""
        self.freeze()

    def grow(self, ways: int) -> None:
        """Make room for so many ways."""
        while len(self.way) < min(ways, WAYS_MAX) + 1:
            self.way = np.concatenate([self.way, np.zeros_like(self.way)])
            self.after_way = np.concatenate([self.after_way, np.zeros_like(self.after_way)])
            self.fresh = np.concatenate([self.fresh, np.zeros_like(self.fresh)])

    def fade(self, days: float) -> None:
        """Let older lessons count less."""
        factor = 0.5 ** (days / HALF_LIFE)
        tables = (self.week, self.spent, self.area, self.error, self.after_area, self.way, self.after_way, self.fresh)
        for table in tables:
            np.multiply(table, factor, out=table)

    def usual(
        self, types: Ints, stations: Ints, parts: Ints, since: Ints, places: tuple[Ints, Ints]
    ) -> tuple[Floats, Floats]:
        """Return the usual hours left of orders, and their standard error, by what was fixed last.

        Args:
            types: Number of the order type.
            stations: Where each stands.
            parts: Part of the week.
            since: Class of the hours spent there.
            places: Numbers of the area and of the way.
        """
        areas, ways = places
        steps = parts % STEPS
        usual = self._first[types, stations, parts] + self._second[types, stations, steps, since]
        usual += self._third[areas, stations, steps]
        usual += self._fourth[ways, stations, steps]
        count, _, missed = self.way[ways, stations, steps].T
        error = ERROR_OF_MEAN * (missed + SHRINK * self._error[types, stations, since]) / (count + SHRINK)
        return np.maximum(usual, 1.0), np.maximum(error, ERROR_MIN_H)

    def freeze(self, kinds: int = TYPES_MAX) -> None:
        """Fix the means that orders of the first ``kinds`` types are judged by at a step and until the next."""
        week, spent, error = self.week[:kinds], self.spent[:kinds], self.error[:kinds]
        totals = week.sum(2)
        known = totals[..., 0] > 0
        anywhere = np.where(known, totals[..., 1] / np.maximum(totals[..., 0], 1e-9), UNKNOWN_H)
        self._first = (week[..., 1] + SHRINK * anywhere[..., None]) / (week[..., 0] + SHRINK)
        self._second = spent[..., 1] / (spent[..., 0] + SHRINK)
        self._third = self.area[..., 1] / (self.area[..., 0] + SHRINK)
        self._fourth = self.way[..., 1] / (self.way[..., 0] + SHRINK)
        self._error = (error[..., 1] + ERROR_WEIGHT * ERROR_FIRST_H) / (error[..., 0] + ERROR_WEIGHT)
        doors = self.after_area.sum(1)
        means = np.where(doors[:, 0] > 0, doors[:, 1] / np.maximum(doors[:, 0], 1e-9), 0.0)
        after = (self.after_area[..., 1] + SHRINK * means[:, None]) / (self.after_area[..., 0] + SHRINK)
        self._after: Floats = after.T.copy()
        self._after_mean: list[list[float]] = self._after.tolist()

    def usual_of(self, kind: int, station: int, part: int, since: int, places: tuple[int, int]) -> tuple[float, float]:
        """Return the usual hours left of one order and their standard error: the scalar twin of ``usual``."""
        step, (area, way) = part % STEPS, self._known(places)
        usual = self._first.item(kind, station, part)
        usual += self._second.item(kind, station, step, since)
        usual += self._third.item(area, station, step)
        usual += self._fourth.item(way, station, step)
        count, missed = self.way.item(way, station, step, 0), self.way.item(way, station, step, 2)
        error = ERROR_OF_MEAN * (missed + SHRINK * self._error.item(kind, station, since)) / (count + SHRINK)
        return max(usual, 1.0), max(error, ERROR_MIN_H)

    def after(self, places: tuple[int, int]) -> list[float]:
        """Return the usual hours of one order from each door to the delivery."""
        area, way = self._known(places)
        known = zip(self._after_mean[area], self.after_way[way].tolist(), strict=True)
        return [(hours + SHRINK * mean) / (count + SHRINK) for mean, (count, hours) in known]

    def _known(self, places: tuple[int, int]) -> tuple[int, int]:
        """Return area and way, the latter as none where nothing was learned of it."""
        return places if places[1] < len(self._fourth) else (places[0], 0)

    def until(self, places: tuple[Ints, Ints], usual: Floats) -> Floats:
        """Return the usual hours until each door is passed, from the usual hours left: (doors, orders)."""
        areas, ways = places
        count, hours = np.moveaxis(self.after_way[ways], -1, 0)
        result: Floats = usual - ((hours + SHRINK * self._after[areas]) / (count + SHRINK)).T
        return result

    def learn(self, lessons: Floats, needed: Floats) -> None:
        """Learn from orders delivered.

        Args:
            lessons: Type, station, part of the week, class of hours spent, area, way of each.
            needed: Hours it still needed then, less the extra time expected of queues.
        """
        types, stations, parts, since, areas, ways = lessons.astype(np.int64).T
        self.grow(int(ways.max(initial=0)))
        first, second, third, fourth = self._means(types, stations, parts, since, (areas, ways))
        expected = first + second + third + fourth
        error = self._known_error(types, stations, since)
        hours = np.clip(needed, *LEFT_RANGE_H)
        missed = np.minimum(np.abs(hours - expected), ERROR_MAX_H)
        hours = np.clip(hours, expected - BELIEVED * error, expected + BELIEVED * error)
        add_to(self.week, (types, stations, parts), hours)
        add_to(self.spent, (types, stations, parts % STEPS, since), hours - first)
        add_to(self.area, (areas, stations, parts % STEPS), hours - first - second)
        add_to(self.error, (types, stations, since), missed)
        add_to(self.way, (ways, stations, parts % STEPS), hours - first - second - third, missed)

    def usual_from(self, doors: Ints, steps: Ints, places: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
        """Return the usual hours of orders from a door they passed to the delivery, and their standard error.

        Other than ``usual`` it does not know that an order still stands where it stood at some later moment.

        Args:
            doors: Number of the door each passed.
            steps: Part of the day it passed it in.
            places: Numbers of the area and of the way.
        """
        areas, ways = places
        count, hours = self.after_way[ways, doors].T
        mean = (hours + SHRINK * self._after[areas, doors]) / (count + SHRINK)
        count, hours, missed = self.fresh[ways, doors, steps].T
        error = ERROR_OF_MEAN * (missed + ERROR_WEIGHT * ERROR_FIRST_H) / (count + ERROR_WEIGHT)
        return (hours + SHRINK * mean) / (count + SHRINK), np.maximum(error, ERROR_MIN_H)

    def learn_after(self, areas: Ints, ways: Ints, reached: Ints, steps: Ints) -> None:
        """Learn how long deliveries took from each door on.

        Args:
            areas: Number of the area of each.
            ways: Number of the way of each.
            reached: (stages, orders), when each milestone was reached.
            steps: (doors, orders), the part of the day in which each door was passed.
        """
        self.grow(int(ways.max(initial=0)))
        passed, ends = reached[DOORS, :], reached[Stage.DELIVERED]
        doors, orders = np.nonzero((passed != NEVER) & (passed <= ends))
        hours = (ends[orders] - passed[doors, orders]) / HOUR_US
        steps = steps[doors, orders]
        expected, error = self.usual_from(doors, steps, (areas[orders], ways[orders]))
        missed = np.minimum(np.abs(hours - expected), ERROR_MAX_H)
        believed = np.clip(hours, expected - BELIEVED * error, expected + BELIEVED * error)
        add_to(self.after_area, (doors, areas[orders]), hours)
        add_to(self.after_way, (ways[orders], doors), hours)
        add_to(self.fresh, (ways[orders], doors, steps), believed, missed)

    def _known_error(self, types: Ints, stations: Ints, since: Ints) -> Floats:
        """Return the mean absolute error at stations, before the way is asked."""
        count, missed = self.error[types, stations, since].T
        result: Floats = (missed + ERROR_WEIGHT * ERROR_FIRST_H) / (count + ERROR_WEIGHT)
        return result

    def _means(
        self, types: Ints, stations: Ints, parts: Ints, since: Ints, places: tuple[Ints, Ints]
    ) -> tuple[Floats, Floats, Floats, Floats]:
        totals = self.week[: types.max(initial=0) + 1].sum(2)
        count, hours = totals[types, stations].T
        anywhere = np.where(count > 0, hours / np.maximum(count, 1e-9), UNKNOWN_H)
        count, hours = self.week[types, stations, parts].T
        first = (hours + SHRINK * anywhere) / (count + SHRINK)
        steps = parts % STEPS
        count, hours = self.spent[types, stations, steps, since].T
        second = hours / (count + SHRINK)
        count, hours = self.area[places[0], stations, steps].T
        third = hours / (count + SHRINK)
        count, hours, _ = self.way[places[1], stations, steps].T
        return first, second, third, hours / (count + SHRINK)


def add_to(table: Floats, cells: tuple[Ints, ...], *values: Floats) -> None:
    """Add one to the first figure of each cell as often as it is named, and the values to those that follow."""
    every = table.reshape(-1)
    places = np.ravel_multi_index(cells, table.shape[:-1]) * table.shape[-1]
    np.add.at(every, places, 1.0)
    for number, value in enumerate(values, 1):
        np.add.at(every, places + number, value)
