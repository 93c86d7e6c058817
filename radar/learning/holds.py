"""Held orders: when people get to each of them, and what it needs from then on.

Theory of operation. Orders that a check holds wait for people who keep office hours: those of a weekend are cleared one
after the other on a Monday, and whether an order's turn comes before or after its last truck or round is all there is
to know about it. So who stands there is a line, served by rank and then by time. Hours of the week in which somebody
was left waiting tell how many people clear; hours in which nobody ever had to wait borrow from the same hour of other
days. From the clearance on an order needs what others of its type and way needed that were cleared at that hour of
the day: those never held are cleared, too, minutes after they come.
"""

from collections.abc import Collection
from math import hypot

import numpy as np

from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning.left_times import BELIEVED, ERROR_OF_MEAN, add_to
from radar.learning.local_days import Floats, Ints, LocalDays
from radar.learning.positions import HELD, TYPES_MAX, WAYS_MAX, Objects, Positions
from radar.learning.yard import News
from radar.stages import Stage

CLEARED = Stage.VALIDATED
"""The milestone that says that nothing is held up any more."""
HOURS, HOURS_A_WEEK = 24, 168
LINE_HALF_LIFE, LEFT_HALF_LIFE = 21.0, 10.0
"""Days."""
KNOWN = 40.0
"""Orders cleared after a wait (decayed) from which the line is believed."""
SEEN_MIN = 0.4
"""Times (decayed) that somebody was left waiting in an hour of the week, for it to be known."""
SHRINK = 5.0
"""Orders that a way's hour borrows from the way, and a way from its type."""
ERROR_FIRST_H, ERROR_MIN_H, WAIT_ERROR_H = 10.0, 3.0, 1.0
"""Mean absolute error believed beforehand; standard errors: the least, and that of the wait. Assumptions."""
_AHEAD = 12 * HOURS
_TIMES_H: Floats = np.arange(_AHEAD + 1).astype(np.float64)
_FIRST_WAYS = 32
ARRAYS = ("seen", "cleared", "left")
"""What a restart needs, beside the length of the line."""


class Holds:
    """The line of held orders, and what is left after it."""

    def __init__(self) -> None:
        self.seen: Floats = np.zeros(HOURS_A_WEEK)
        """Decayed hours of the week in which somebody was left waiting, and the orders cleared in them."""
        self.cleared: Floats = np.zeros(HOURS_A_WEEK)
        self.left: Floats = np.zeros((TYPES_MAX, _FIRST_WAYS, HOURS, 3))
        """By type, way and hour of the day of the clearance: count, hours until the delivery, and absolute errors."""
        self.line = 0
        """Orders in the line at the last step."""
        self._curve: Floats = np.zeros(_AHEAD + 1)
        self.freeze(0)

    @property
    def is_known(self) -> bool:
        """Return whether enough was seen of the line."""
        return self._is_known

    # --- what is told ------------------------------------------------------------------------------------

    def learn(
        self, found: tuple[Objects, Floats], news: tuple[News, News], stretch: tuple[Instant, Instant], days: LocalDays
    ) -> None:
        """Learn from a step.

        Args:
            found: Ids and figures of the orders that were open when it began, the station first.
            news: The orders that something was heard of since, and those of them that were delivered.
            stretch: From when until when.
            days: The days of the zone.
        """
        order_ids, figures = found
        self._fade((stretch[1] - stretch[0]) / DAY_US)
        self._learn_line(frozenset(order_ids[figures[:, 0] == HELD].tolist()), news[0], stretch, days)
        self._learn_left(news[1], days)

    def _fade(self, days: float) -> None:
        self.seen *= 0.5 ** (days / LINE_HALF_LIFE)
        self.cleared *= 0.5 ** (days / LINE_HALF_LIFE)
        self.left *= 0.5 ** (days / LEFT_HALF_LIFE)

    def _learn_line(self, held: Collection[str], news: News, stretch: tuple[Instant, Instant], days: LocalDays) -> None:
        """Learn what people get done while somebody waits."""
        first, last = (round(days.day(at) * HOURS) for at in stretch)
        rows = [row for row in news.within(CLEARED, *stretch).tolist() if news.orders[row].order_id in held]
        hours = np.floor(days.days(news.reached[CLEARED, np.array(rows, np.int64)]) * HOURS).astype(np.int64)
        waiting = len(held)
        for hour in range(first, last):
            cleared = int(np.count_nonzero(hours == hour))
            waiting -= cleared
            if waiting > 0:
                self.seen[hour % HOURS_A_WEEK] += 1
                self.cleared[hour % HOURS_A_WEEK] += cleared

    def _learn_left(self, ended: News, days: LocalDays) -> None:
        """Learn from delivered orders what they needed from their clearance on."""
        cleared_at, delivered_at = ended.reached[CLEARED], ended.reached[Stage.DELIVERED]
        rows = np.flatnonzero((cleared_at > 0) & (cleared_at < delivered_at))
        if not len(rows):
            return
        types, ways = ended.types[rows], ended.ways[rows]
        self.grow(int(ways.max()))
        hours = np.floor(days.days(cleared_at[rows]) * HOURS).astype(np.int64) % HOURS
        needed = (delivered_at[rows] - cleared_at[rows]) / HOUR_US
        usual, error = self._usual(types, ways, hours)
        missed = np.minimum(np.abs(needed - usual), BELIEVED * error)
        needed = np.minimum(np.maximum(needed, usual - BELIEVED * error), usual + BELIEVED * error)
        add_to(self.left, (types, ways, hours), needed, missed)

    def grow(self, ways: int) -> None:
        """Make room for so many ways."""
        while self.left.shape[1] < min(ways, WAYS_MAX) + 1:
            self.left = np.concatenate([self.left, np.zeros_like(self.left)], axis=1)

    # --- what is asked -----------------------------------------------------------------------------------

    def freeze(self, hour: int) -> None:
        """Fix when how many will have been cleared, from an hour of the week on."""
        self._is_known = bool(self.cleared.sum() >= KNOWN)
        self._hour = hour
        self._asked: dict[tuple[int, int, int], tuple[float, float]] = {}
        """What was asked for between two steps, by type, way and hour; a mere saving of time."""
        if not self._is_known:
            return
        seen, cleared = self.seen.reshape(-1, HOURS), self.cleared.reshape(-1, HOURS)
        at_work = np.where(cleared > 0, seen, 0.0).sum(0)
        usual = np.where(at_work > 0, cleared.sum(0) / np.maximum(at_work, 1e-9), 0.0)
        rates = np.where(seen >= SEEN_MIN, cleared / np.maximum(seen, 1e-9), usual).reshape(-1)
        ahead = np.resize(np.roll(rates, -hour), _AHEAD)
        self._curve = np.concatenate([[0.0], np.cumsum(ahead)])

    def look(self, positions: Positions, usual: Floats, error: Floats) -> None:
        """Take note of the line, and put what held orders still need into the columns of all orders.

        Args:
            positions: The open orders.
            usual: Usual hours left of each; changed.
            error: Their standard errors; changed.
        """
        chosen = np.flatnonzero(positions.stations == HELD)
        self.line = len(chosen)
        if not self.line or not self._is_known:
            return
        self.grow(int(positions.ways.max()))
        first, second, urgent = positions.ranks[chosen].T
        ranked = np.lexsort((-positions.since_h[chosen], -(4 * first + 2 * second + urgent)))
        served = np.empty(self.line)
        served[ranked] = np.arange(self.line)
        waits = np.interp(served + 0.5, self._curve, _TIMES_H)
        hours = (self._hour + np.floor(waits).astype(np.int64)) % HOURS
        left, doubt = self._usual(positions.types[chosen], positions.ways[chosen], hours)
        usual[chosen] = waits + left
        error[chosen] = np.maximum(np.hypot(ERROR_OF_MEAN * doubt, WAIT_ERROR_H), ERROR_MIN_H)

    def of_new(self, kind: int, way: int, elapsed_h: float) -> tuple[float, float]:
        """Return what an order needs that was held since the last step, and its standard error: it is the last in line.

        Args:
            kind: Number of its type.
            way: Number of its way.
            elapsed_h: Hours since the last step.
        """
        turn_h = max(float(np.interp(self.line + 0.5, self._curve, _TIMES_H)), elapsed_h + 0.25)
        hour, known = (self._hour + int(turn_h)) % HOURS, way if way < self.left.shape[1] else 0
        found = self._asked.get((kind, known, hour))
        if found is None:
            left, doubt = self._usual(np.array([kind]), np.array([known]), np.array([hour]))
            error_h = max(hypot(ERROR_OF_MEAN * doubt.item(), WAIT_ERROR_H), ERROR_MIN_H)
            found = self._asked[kind, known, hour] = left.item(), error_h
        return turn_h - elapsed_h + found[0], found[1]

    def _usual(self, types: Ints, ways: Ints, hours: Ints) -> tuple[Floats, Floats]:
        """Return the mean hours from the clearance to the delivery, and their mean absolute error."""
        by_way = self.left[: types.max() + 1].sum(2)
        by_type = by_way.sum(1)[types].T
        mean = by_type[1] / np.maximum(by_type[0], 1e-9)
        missed = (by_type[2] + SHRINK * ERROR_FIRST_H) / (by_type[0] + SHRINK)
        for count, needed, off in (by_way[types, ways].T, self.left[types, ways, hours].T):
            mean = (needed + SHRINK * mean) / (count + SHRINK)
            missed = (off + SHRINK * missed) / (count + SHRINK)
        return mean, missed
