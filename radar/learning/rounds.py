"""The couriers' rounds: who of those that wait at an area's last site goes out in time, hour by hour.

Theory of operation. Couriers leave in rounds, so whole rounds decide and not hours: when an area's leave is learned by
hour of the day, how many parcels each takes is what the couriers say, else what they did. From it is taken what is
known to be missing (``hindrances``). Who is served first goes first however long others wait (``CLASSES``, the
ranks of the rules); of one class who came first does. So the orders of a class and all better ones are a queue of
their own, served by all that is done (``served``), and what is left of it by the better ones goes to the class.
Orders that nobody has placed yet will pass those of a lower class on the way: how many is known by how young parcels
usually are when they leave.

An order is in time when its class has got to its place in the line by its last moment. The chance of that follows
from the places that could be missing before it is not, against how sure they are: few orders more or less, some share
of all that go before it, and a good part of what hindrances take, for a storm is never as long as was said.
"""

from math import ceil, exp, floor, hypot

import numpy as np

from radar.learning.curves import STEP_H
from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.positions import ARRIVED, NOBODY, STEPS, STRIDE, Positions
from radar.learning.ranking import ranked
from radar.stages import Stage

HALF_LIFE = 10.0
"""Days."""
HOURS = 24
DAYS_AHEAD = 8
CELLS = DAYS_AHEAD * HOURS
"""Hours that are looked ahead: an order promised later is in no danger yet."""
CLASSES = 6
"""First tier, second, all others; of each the urgent before the rest."""
QUIET_MAX = 3 * STEPS
"""A silence of more parts of the day is taken for one of so many: then the rounds themselves do not leave."""
ROUND_SHARE = 0.12
"""An hour of the day in which so much of an area's work is done has a round."""
AGE_H, AGES = 3.0, 32
"""Width and number of the classes of hours from the order to the round; the last is open."""
DWELL_H = 5.0
"""An order is there so long before it usually goes out. Source: docs/prediction.md, as the next three."""
ERROR, WORK_DOUBT, LOSS_DOUBT, HELD_DOUBT = 12.0, 0.1, 0.5, 0.5
"""Standard error of the places before an order's last moment: in orders, as a share of the work before it, of what
hindrances take until then, and of what is done while it is held up before."""
SLOPE = 1.7
"""Log-odds of one standard error: the logistic that is nearest to the normal distribution."""
ARRAYS = ("hours", "young", "silent")
"""What a restart needs, beside the age of all."""
Counts = np.ndarray[tuple[int, ...], np.dtype[np.uint16]]
_FIRST, _SIZE = 16, CELLS + 1
_TICKS_AN_HOUR, _TICK_BITS = 2.0**16, 28
_TICKS_MAX = 2.0 ** (_TICK_BITS - 1) - 1
"""Arrivals are ranked to 55 ms, up to 2,047 hours ago and ahead; those who come together stay together."""
_RISK_MAX, _Z_MAX = 0.999, 6.0
_TINY = 1e-6


class Rounds:
    """The rounds of all areas; areas and ways by their numbers among the places of the doors."""

    def __init__(self) -> None:
        self.hours: Floats = np.zeros((_FIRST, HOURS))
        """Decayed orders out for the first time by area and hour of the day."""
        self.young: Floats = np.zeros((_FIRST, CLASSES, AGES))
        """The same by class and age."""
        self.silent: Floats = np.zeros((_FIRST, 2))
        """By way: decayed orders out, and those of them that no scan said had arrived."""
        self.days = 0.0
        """Decayed days that were counted."""
        self.quiet = 0
        """Parts of the day for which nobody was told to be out, anywhere."""
        self.freeze(np.zeros(0, np.int64), np.zeros((0, CELLS)), np.zeros((0, CELLS)), 0)

    def grow(self, areas: int, ways: int) -> None:
        """Make room for so many places."""
        self.hours, self.young = _grown(self.hours, areas), _grown(self.young, areas)
        self.silent = _grown(self.silent, ways)

    # --- what is told ------------------------------------------------------------------------------------

    def through(self, told: "Ints", ages_h: Floats, parts: int = STRIDE) -> None:
        """Count who went out in the stretch that ends now.

        Args:
            told: Rows of area, hour of the day, class, way (-1 for none), and 1 for who was scanned at the last site.
            ages_h: Hours since each was ordered.
            parts: Length of the stretch in parts of the day.
        """
        fade = 0.5 ** (parts / STEPS / HALF_LIFE)
        self.days = self.days * fade + parts / STEPS
        for name in ARRAYS:
            getattr(self, name).__imul__(fade)
        self.quiet = 0 if len(told) else min(self.quiet + parts, QUIET_MAX)
        if not len(told):
            return
        areas, hours, classes, ways, is_scanned = told.T
        np.add.at(self.hours, (areas, hours), 1.0)
        ages = np.minimum(np.maximum(ages_h / AGE_H, 0.0), AGES - 1).astype(np.int64)
        np.add.at(self.young, (areas, classes, ages), 1.0)
        known = ways >= 0
        np.add.at(self.silent, (ways[known], 0), 1.0)
        np.add.at(self.silent, (ways[known], 1), 1.0 - is_scanned[known])

    # --- the open orders ---------------------------------------------------------------------------------

    def freeze(self, areas: Ints, whole: Floats, known: Floats, step: int) -> None:
        """Fix what areas can do from the step that begins.

        Args:
            areas: Numbers of the areas.
            whole: (areas, hours ahead): orders a round takes, undisturbed.
            known: The same as it is known.
            step: Part of the day.
        """
        self._rows = {area: row for row, area in enumerate(areas.tolist())}
        self._row_of = np.full(int(areas.max(initial=-1)) + 2, -1)
        self._row_of[areas] = np.arange(len(areas))
        self._whole, self._curve = self._cumulated(whole), self._cumulated(known)
        self._unplaced = self._find_unplaced(areas, step)
        self.stand({})

    def rates(self, areas: Ints, step: int, capacity: Floats, said: Floats) -> Floats:
        """Return what areas can do in each of the hours ahead, undisturbed.

        Args:
            areas: Numbers of the areas.
            step: Part of the day that begins.
            capacity: Orders a day of each, where nobody says.
            said: Orders on a round of each, NaN where nobody says.
        """
        share = self.hours[areas] / np.maximum(self.hours[areas].sum(1, keepdims=True), 1.0)
        rounds = np.where(share >= ROUND_SHARE, said[:, None], 0.0)
        return np.where(np.isnan(said[:, None]), capacity[:, None] * share, rounds).take(_hours_ahead(step), axis=1)

    def are_known(self, areas: Ints) -> Flags:
        """Return of areas whether enough went out to know the hours."""
        result: Flags = np.append(self.hours.sum(1) >= HOURS, False)[np.minimum(areas, len(self.hours))]
        return result

    def risks(
        self, positions: Positions, chosen: Ints, comes_h: Floats, held_h: Floats, last_h: Floats
    ) -> tuple[Flags, Floats]:
        """Return which of some orders wait for rounds that are known, and the risks of these.

        Args:
            positions: The open orders.
            chosen: Some of them, those longest at their station first.
            comes_h: Hours until each usually goes out.
            held_h: By how much longer it is held up before.
            last_h: Hours until its last moment.
        """
        areas, ways = positions.places[-1, chosen], positions.places[-2, chosen]
        rows = self._row_of[np.minimum(areas, len(self._row_of) - 1)]  # the last is that of all others
        is_meant = rows >= 0
        if not is_meant.any():
            return is_meant, np.zeros(0)
        if not is_meant.all():
            chosen, rows, ways = chosen[is_meant], rows[is_meant], ways[is_meant]
            comes_h, held_h, last_h = comes_h[is_meant], held_h[is_meant], last_h[is_meant]
        stations = positions.stations[chosen]
        is_there = (stations == ARRIVED) | (stations == NOBODY)
        is_there |= (stations == Stage.HANDED_OVER) & self.are_silent(ways)
        arrives = np.where(is_there, -positions.since_h[chosen], np.maximum(comes_h + held_h - DWELL_H, _TINY))
        line = rows * CLASSES + classes_of(positions.ranks[chosen])
        ticks = np.minimum(np.maximum(arrives * _TICKS_AN_HOUR, -_TICKS_MAX), _TICKS_MAX) + _TICKS_MAX
        through = ranked(line << _TICK_BITS | ticks.astype(np.int64))
        line, cells = line[through], cells_of(arrives[through])
        come = np.bincount(line * _SIZE + cells, minlength=len(self._rows) * CLASSES * _SIZE)
        self._stand(come.reshape(-1, CLASSES, _SIZE).astype(np.uint16))
        is_first = np.append(True, line[1:] != line[:-1])
        numbers = np.arange(len(line)) - np.flatnonzero(is_first)[np.cumsum(is_first) - 1] + 1.0
        found = np.empty(len(line))
        found[through] = self._judge(line, numbers, cells, held_h[through], last_h[through])
        return is_meant, found

    @property
    def come(self) -> "dict[int, Counts]":
        """Return how many come to each area, by class and hour (those that are there at 0)."""
        return dict(zip(self._rows, self._come, strict=False))

    def stand(self, come: "dict[int, Counts]") -> None:
        """Take note of what ``come`` told."""
        self._stand(np.array(list(come.values()), np.uint16).reshape(-1, CLASSES, _SIZE))

    def _stand(self, come: "Counts") -> None:
        self._come = come
        young, unplaced = self._unplaced
        if not len(come):
            self._young = self._own = self._all = self._served = np.zeros((0, 1, _SIZE))
            return
        is_present: Flags = np.asarray(come.any((0, 2)))
        is_present[young] = True
        present = np.flatnonzero(is_present)
        # A class of which nobody comes has before it what the next better one has: no more is computed of it.
        self._is_present, self._place = is_present.tolist(), np.cumsum(is_present)
        self._young = np.zeros((len(come), len(present) + 1, _SIZE))
        self._young[:, self._place[young]] = unplaced
        own = self._young.copy()
        own[:, 1:] += come[:, present].cumsum(2, dtype=np.float64)
        self._own, self._all = own, own.cumsum(1)
        """By area, place of the class and hour: how many have come, of it alone, with all better ones; what is done
        for these. The first place is nobody's."""
        self._served = served(self._all, self._curve[:, None, :])

    def risk_of_new(
        self, area: int, rank: "tuple[bool, bool, bool]", comes_h: float, held_h: float, last_h: float
    ) -> float | None:
        """Return the risk of an order that comes after all others of its class; None where no rounds are known."""
        row = self._rows.get(area, -1)
        if row < 0 or row >= len(self._own):
            return None
        one, last = class_of(rank), min(max(floor(last_h), 0), CELLS)
        cell = min(max(ceil(comes_h + held_h - DWELL_H), 0), CELLS)
        place, is_present = self._place.item(one), self._is_present[one]
        from_, curve, done = min(max(cell - 1, 0), last), self._curve[row], self._served[row, place]
        better, come = self._served[row, place - is_present], self._all[row, place - is_present]
        better_last, better_from, better_come = better.item(last), better.item(from_), come.item(last)
        before = self._own.item(row, place, cell) if is_present else 0.0
        work = before + 1.0 + better_come
        first = better_last - better_from + max(before - done.item(from_) + better_from, 0.0)
        spare = max(curve.item(last) - curve.item(from_) - first, 0.0)
        is_through = done.item(last) - better_last + min(spare, 1.0) >= before + 1.0 - _TINY
        short = spare if is_through else done.item(last) - work
        lost = self._whole.item(row, last) - curve.item(last)
        error = hypot(
            ERROR, WORK_DOUBT * work, LOSS_DOUBT * lost, HELD_DOUBT * held_h * curve.item(last) / max(last, 1)
        )
        found: float = 1.0 / (1.0 + exp(SLOPE * min(max((short - 0.5) / error, -_Z_MAX), _Z_MAX)))
        return min(found, _RISK_MAX)

    def _judge(self, line: Ints, numbers: Floats, cells: Ints, held_h: Floats, last_h: Floats) -> Floats:
        """Return the chance that each order is not reached in time, from its place in the line of its class."""
        rows = line // CLASSES
        last = np.minimum(np.maximum(last_h, 0.0), CELLS).astype(np.int64)
        from_, row = np.minimum(np.maximum(cells - 1, 0), last), rows * _SIZE
        at = (rows * self._own.shape[1] + self._place[line - rows * CLASSES]) * _SIZE
        done, done_last = self._served.reshape(-1), self._served.take(at + last)
        better_last, better_from = done.take(at - _SIZE + last), done.take(at - _SIZE + from_)
        before = numbers - 1.0 + self._young.take(at + cells)
        work = before + 1.0 + self._all.take(at - _SIZE + last)
        first = better_last - better_from + np.maximum(before - done.take(at + from_) + better_from, 0.0)
        curve = self._curve.take(row + last)
        spare = np.maximum(curve - self._curve.take(row + from_) - first, 0.0)
        is_through = done_last - better_last + np.minimum(spare, 1.0) >= before + 1.0 - _TINY
        short = np.where(is_through, spare, done_last - work)
        lost, held = self._whole.take(row + last) - curve, held_h * curve / np.maximum(last, 1)
        error = np.sqrt(ERROR**2 + (WORK_DOUBT * work) ** 2 + (LOSS_DOUBT * lost) ** 2 + (HELD_DOUBT * held) ** 2)
        z = np.minimum(np.maximum((short - 0.5) / error, -_Z_MAX), _Z_MAX)
        result: Floats = np.minimum(1.0 / (1.0 + np.exp(SLOPE * z)), _RISK_MAX)
        return result

    def _cumulated(self, rates: Floats) -> Floats:
        """Return what is done by each hour ahead: with rounds that should have left while no news of any came."""
        days, rest = divmod(round(self.quiet * STEP_H), HOURS)
        day = rates[:, :HOURS]
        missed = days * day.sum(1) + day[:, HOURS - rest :].sum(1)
        return np.concatenate([np.zeros((len(rates), 1)), missed[:, None] + np.cumsum(rates, axis=1)], axis=1)

    def are_silent(self, ways: Ints) -> Flags:
        """Return whether a parcel of a way is at the last site once it is handed over: nobody scans it there."""
        silent = np.append(self.silent[:, 1] > 0.5 * self.silent[:, 0], False)
        result: Flags = silent[np.where(ways < len(self.silent), ways, -1)]
        return result

    def _find_unplaced(self, areas: Ints, step: int) -> tuple[Ints, Floats]:
        """Return which classes come that nobody has placed yet; by area, such class and hour how many until then."""
        hours, young = self.hours[areas], self.young[areas]
        each = (hours / np.maximum(hours.sum(1, keepdims=True), 1.0)).take(_hours_ahead(step), axis=1)
        ages = np.minimum(((np.arange(CELLS) + 1) / AGE_H).astype(np.int64), AGES)
        present = np.flatnonzero(young.any((0, 2)))
        younger = np.zeros((len(young), len(present), AGES + 1))
        np.cumsum(young[:, present] / max(self.days, 1.0), axis=2, out=younger[:, :, 1:])
        come = np.zeros((len(young), len(present), _SIZE))
        np.cumsum(younger.take(ages, axis=2) * each[:, None, :], axis=2, out=come[:, :, 1:])
        return present, come


def served(come: Floats, curve: Floats) -> Floats:
    """Return how many of a queue are through by each moment.

    Args:
        come: How many have come by then, along the last axis.
        curve: How many could be through by then if it never ran idle, from 0 on.

    >>> served(np.array([2.0, 2.0, 9.0, 9.0]), np.array([0.0, 3.0, 6.0, 9.0]))
    array([0., 2., 5., 8.])
    """
    found: Floats = come - curve
    ahead = found[..., 1:]
    np.minimum.accumulate(ahead, axis=-1, out=ahead)
    np.minimum(ahead, 0.0, out=ahead)
    ahead += curve[..., 1:]
    found[..., 0] = 0.0
    return found


def cells_of(arrives_h: Floats) -> Ints:
    """Return the hour by whose end each comes; 0 for who is there."""
    result: Ints = np.minimum(np.maximum(np.ceil(arrives_h), 0), CELLS).astype(np.int64)
    return result


def classes_of(ranks: Floats) -> Ints:
    """Return the class of orders by their ranks, as ``Positions`` tells them: the lowest is served first."""
    first, second, urgent = ranks.T > 0
    result: Ints = np.where(first, 1, np.where(second, 3, 5)) - urgent
    return result


def class_of(rank: "tuple[bool, bool, bool]") -> int:
    """Return the class of one order: the scalar twin of ``classes_of``."""
    first, second, urgent = rank
    return (1 if first else 3 if second else 5) - urgent


def hours_of(days: Floats) -> Ints:
    """Return the hours of the day by whose end things were over, from local days: what was at nine, the one before.

    >>> hours_of(np.array([20_000.375, 20_000.376]))
    array([8, 9])
    """
    result: Ints = (np.ceil((days - np.floor(days)) * HOURS - _TINY).astype(np.int64) - 1) % HOURS
    return result


def _hours_ahead(step: int) -> Ints:
    """Return the hour of the day of each hour ahead."""
    return (np.arange(CELLS) + round(step * STEP_H)) % HOURS


def _grown(table: Floats, size: int) -> Floats:
    while len(table) < size:
        table = np.concatenate([table, np.zeros_like(table)])
    return table
