"""Queues: how long an order stands behind those ahead of it, place by place.

Theory of operation. Before each door (made, picked, packed, handed over, out for delivery) orders queue at places.
At every step a door counts who went through since the last one. What a place can do in a day is the most it did in
any day lately (half-life 21 days), spread over the parts of the day as its throughput is. From that *whole* curve is
taken what is known to be missing ahead (``hindrances``: a storm keeps the couriers in), and what is missing now without
anybody having said why: the *pace*, what went through of late against what should have. A place that gets less done
is expected to recover gradually.

Orders come to a place when they usually would, those held up at the door before so much later, and are through first
come, first served (``fluid``). The *extra* hours of an order are those beyond the time at which it would be through
an empty, undisturbed place, so that closing hours and timetables count for nothing by themselves; what is usual of
them is learned too. Its *risk* is the chance that the place does not get to it by the last moment that keeps its
promise, beyond the chance that it comes too late by itself: whole rounds and departures decide there, not hours.
"""

from collections.abc import Sequence
from math import exp
from typing import NamedTuple

import numpy as np

from radar.learning.curves import (
    MIDDLES_H,
    STEP_H,
    STEPS_AHEAD,
    cumulated,
    done_by,
    done_by_one,
    hours_until,
    moments_of,
)
from radar.learning.fluid import worked
from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.positions import DOOR_NUMBER, STATIONS, STEPS, STRIDE, Names, Positions
from radar.learning.ranking import ranked_by
from radar.stages import Stage

CAPACITY_HALF_LIFE, SHARE_HALF_LIFE, USUAL_HALF_LIFE, PACE_HALF_LIFE = 21.0, 10.0, 14.0, 0.5
"""Days. Source: docs/prediction.md, as the next three."""
PACE_PRIOR = 0.3
"""Days of full capacity that the pace of a place is believed to be usual with."""
PACE_MIN = 0.03
RECOVERY_H = 36.0
"""A disturbed place is well again with this time constant."""
BUSY_A_DAY = 5.0
"""A place that does less is no queue: its throughput is chance."""
WORK_ERROR, WORK_DOUBT = 16.0, 0.3
"""Standard error of the work before an order: in orders, and as a share of it. Source: docs/prediction.md."""
SLOPE = 1.7
"""Log-odds of one standard error: the logistic that is nearest to the normal distribution."""
ROUND_SHARE = 0.12
"""A part of the day in which so much of a place's work is done has a round."""
_USUAL_RISE_H = 6.0
"""No wait lifts the usual one by more than this much above it: a bad week shall not become the measure of itself."""
_FIRST = 16
_NOBODY = np.zeros(0, np.int64)
_TICKS_AN_HOUR, _TICK_BITS = 2.0**20, 31
"""Arrivals are told in ticks of 3 ms, within 2,047 hours: a place and a tick are a key to rank by, and those who come
together stay together."""
_TICKS = (1 << _TICK_BITS) - 1
_RISK_MAX, _Z_MAX = 0.999, 5.0
_STEPS_AHEAD = np.arange(STEPS_AHEAD)
DISTURBED: Floats = np.exp(-MIDDLES_H / RECOVERY_H)
"""What is left of a disturbance by each step ahead."""
ARRAYS = ("ring", "capacity", "share", "done", "could", "expected", "whole", "usual")
"""What a restart needs of a door."""


class Queues:
    """The places before one door."""

    def __init__(self, door: Stage, limit: int) -> None:
        self.door = door
        self.number = DOOR_NUMBER[door]
        self.names = Names(limit)
        self.ring: Floats = np.zeros((_FIRST, STEPS))
        """Orders through in each of the last steps, the latest first."""
        self.capacity: Floats = np.zeros(_FIRST)
        """Orders a day."""
        self.share: Floats = np.zeros((_FIRST, STEPS))
        """Decayed orders through by part of the day."""
        self.done: Floats = np.zeros(_FIRST)
        self.could: Floats = np.zeros(_FIRST)
        self.expected: Floats = np.zeros(_FIRST)
        """Orders that should be through in the stretch after the last step, by all that is known."""
        self.whole: Floats = np.zeros(_FIRST)
        """The same of an undisturbed place, where a trouble is feared and it shall be learned what that costs."""
        self.is_feared = False
        self.usual: Floats = np.zeros((_FIRST, STATIONS, STEPS, 2))
        """Decayed count and sum of extra hours by place, station and part of the day."""
        self.left: dict[int, Floats] = {}
        """What hindrances leave of some places, step by step from the last one on."""
        self.rounds: dict[int, float] = {}
        """By place: orders it takes on one round, where somebody says."""
        self.freeze(0)

    def grow(self) -> None:
        """Make room for all names."""
        while len(self.names.numbers) > len(self.capacity):
            for name in ARRAYS:
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))

    def through(
        self, parts: Sequence[Ints], step: int, late: Ints = _NOBODY, ages: Ints = _NOBODY, *, is_heard: bool = True
    ) -> None:
        """Count those who went through in the stretch that ends now, and those of earlier ones that are told only now.

        Args:
            parts: Number of the place of each, by part of the day.
            step: The last of these parts.
            late: Number of the place of each that is told late.
            ages: How many parts before the last one each of those went through.
            is_heard: Whether whoever tells of the door spoke all the time: else nothing says what the places can do.
        """
        self.grow()
        size, span = len(self.capacity), len(parts)
        steps = (step + np.arange(1 - span, 1)) % STEPS
        count = np.array([np.bincount(places + 1, minlength=size + 1)[1:] for places in parts], np.float64).T
        self.share *= 0.5 ** (span / STEPS / SHARE_HALF_LIFE)
        self.share[:, steps] += count
        gone = self.ring[:, STEPS - span :]
        self.ring = np.concatenate([count[:, ::-1], self.ring[:, : STEPS - span]], axis=1)
        if len(late):
            self._catch_up(late[late >= 0], ages[late >= 0], step, is_heard=is_heard)
        a_day = [self.ring[:, part:].sum(1) + gone[:, :part].sum(1) for part in range(span)]  # until each of the parts
        self.capacity = np.maximum(self.capacity * 0.5 ** (span / STEPS / CAPACITY_HALF_LIFE), np.max(a_day, axis=0))
        most = self.capacity * self._profile()[:, steps].sum(1)
        fade = 0.5 ** (span / STEPS / PACE_HALF_LIFE)
        if not is_heard:
            self.done, self.could = self.done * fade, self.could * fade
            return
        done = np.minimum(count.sum(1), most)
        self.done = self.done * fade + done
        self.could = self.could * fade + np.maximum(np.minimum(most, self.expected), done)

    def _catch_up(self, places: Ints, ages: Ints, step: int, *, is_heard: bool) -> None:
        """Count those who went through before, when they did: a heap of reports is no busy hour."""
        np.add.at(self.share, (places, (step - ages) % STEPS), 1.0)
        recent = ages < STEPS
        np.add.at(self.ring, (places[recent], ages[recent]), 1.0)
        if is_heard:
            count = np.bincount(places, minlength=len(self.capacity)).astype(np.float64)
            self.done = np.minimum(self.done + count, self.could)

    def freeze(self, step: int, silent_h: float = 0.0) -> None:
        """Fix what waits are computed from for the step that begins.

        Args:
            step: Part of the day.
            silent_h: Hours of which nobody told who went through: places are taken to have gone on as before.
        """
        prior = PACE_PRIOR * self.capacity + 1e-9
        self.pace: Floats = np.minimum(np.maximum((self.done + prior) / (self.could + prior), PACE_MIN), 1.0)
        parts = (step + _STEPS_AHEAD) % STEPS
        known = len(self.names.numbers)
        rates = self._profile()[:known].take(parts, axis=1) * self.capacity[:known, None]
        for place, count in self.rounds.items():
            share = self.share[place] / max(float(self.share[place].sum()), 1.0)
            rates[place] = np.maximum(rates[place], np.where(share >= ROUND_SHARE, count, 0.0)[parts])
        self._whole, self._most_soon = cumulated(rates), cumulated(rates[:, :STRIDE])
        unheard = self._unheard(rates, silent_h)
        for place, left in self.left.items():
            rates[place] *= left
            unheard[place] *= left.item(0)
        self._soon = cumulated(rates[:, :STRIDE])
        """Orders until the next step, by all that is known."""
        self._curve = cumulated(rates * (1 - (1 - self.pace[:known, None]) * DISTURBED))
        self._curve[:, 1:] += (unheard * self.pace[:known])[:, None]
        self.stand({})

    def _unheard(self, rates: Floats, silent_h: float) -> Floats:
        """Return what undisturbed places did in a silence, by the rates of the steps ahead; add it to their curves."""
        days, steps = divmod(round(silent_h / STEP_H), STEPS)
        day = rates[:, :STEPS]
        unheard: Floats = days * day.sum(1) + day[:, STEPS - steps :].sum(1)
        self._whole[:, 1:] += unheard[:, None]
        return unheard

    def stand(self, before: dict[int, Floats]) -> None:
        """Take note of the work before each busy place that stands before an order, by the step it comes in."""
        self.before = before
        self._tails: dict[int, list[float]] = {}

    def tail(self, place: int) -> list[float]:
        """Return the extra hours of an order that comes after all others to a busy place, by the step it comes in."""
        if not self._tails:
            self._tails = self._find_tails()
        return self._tails[place]

    def risk_of_new(self, place: int, comes_h: float, held_h: float, last_h: float) -> float:
        """Return the risk of an order that comes after all others; 0 where few pass. Arguments as of ``waits``."""
        before = self.before.get(place)
        if before is None:
            return 0.0
        comes_h = max(comes_h, 0.0)
        arrives_h = comes_h + held_h
        step = min(int(arrives_h / STEP_H), len(before) - 1)
        curve, whole = self._curve[place], self._whole[place]
        work = max(done_by_one(curve, arrives_h), before.item(step)) + 1.0
        now = _chance(work, done_by_one(curve, last_h))
        single = _chance(done_by_one(whole, comes_h) + 1.0, done_by_one(whole, last_h))
        return min(max((now - single) / (1.0 - single), 0.0), _RISK_MAX)

    def waits(
        self, positions: Positions, is_ahead: Flags, comes_h: Floats, held_h: Floats, last_h: Floats
    ) -> tuple[Ints, Floats, Floats]:
        """Return who still has the place before them, their extra hours (those before included) and risks.

        All places are looked at in one go: orders in line, place after place.

        Args:
            positions: The open orders.
            is_ahead: Whether the order's route passes the door and it has not passed it, and its place is busy.
            comes_h: Hours until it usually is through the door.
            held_h: Extra hours of the doors before.
            last_h: Hours until the last moment at the door that keeps the promise; NaN where no risk is asked for.
        """
        lines, places = positions.lines, positions.places[self.number]
        meant = np.flatnonzero(is_ahead[lines.orders])
        if not len(meant):
            self.expected, self.whole = np.zeros(len(self.capacity)), np.zeros(len(self.capacity))
            return meant, np.zeros(0), np.zeros(0)
        chosen = lines.orders[meant]
        arrives = _in_line(np.maximum(comes_h[chosen], 0.0) + held_h[chosen], lines.groups[meant])
        keys, through = ranked_by(places[chosen] << _TICK_BITS | arrives, lines.ranks[meant])
        chosen = positions.longest_first[through]
        line = _Line.of(keys >> _TICK_BITS, (keys & _TICKS) / _TICKS_AN_HOUR)
        extra, risk, work = self._judge(line, np.maximum(comes_h[chosen], 0.0), last_h[chosen])
        self._expect(line)
        self.stand(line.before(work))
        return chosen, extra, risk

    def _judge(self, line: "_Line", comes: Floats, last: Floats) -> tuple[Floats, Floats, Floats]:
        """Return extra hours and risks of all in line, and the work until each is through."""
        curves, wholes, rows = self._curve[line.busy], self._whole[line.busy], line.rows
        work = worked(done_by(curves, rows, moments_of(line.arrives)), rows, line.numbers)
        alone = done_by(wholes, rows, moments_of(comes)) + 1.0
        extra = np.maximum(hours_until(curves, rows, work) - hours_until(wholes, rows, alone), 0.0)
        risk, asked = np.zeros(len(rows)), np.flatnonzero(~np.isnan(last))
        if len(asked):
            moments = moments_of(last[asked])
            now = _too_late(work[asked], done_by(curves, rows[asked], moments))
            single = _too_late(alone[asked], done_by(wholes, rows[asked], moments))
            risk[asked] = np.minimum(np.maximum((now - single) / (1.0 - single), 0.0), _RISK_MAX)
        return extra, risk, work

    def _expect(self, line: "_Line") -> None:
        """Find how many should be through by the next step."""
        self.expected = self._through_next(line, self._soon[line.busy])
        if self.is_feared:
            self.whole = self._through_next(line, self._most_soon[line.busy])

    def _through_next(self, line: "_Line", curves: Floats) -> Floats:
        """Return how many are through, by place, where so many can be: only of those who come until then."""
        soon = np.flatnonzero(line.arrives < STRIDE * STEP_H)
        rows = line.rows[soon]
        work = worked(done_by(curves, rows, moments_of(line.arrives[soon])), rows, line.numbers[soon])
        through = rows[work <= curves[rows, STRIDE] + 0.5]
        return np.bincount(line.busy[through], minlength=len(self.capacity)).astype(np.float64)

    def is_busy(self, place: int) -> bool:
        """Return whether enough passes a place for its queue to mean anything."""
        return bool(self.capacity[place] >= BUSY_A_DAY)

    def are_busy(self, places: Ints) -> Flags:
        """Return the same of many; -1 is none."""
        result: Flags = np.append(self.capacity >= BUSY_A_DAY, False)[places]  # the last is that of no place
        return result

    def beyond_usual(self, places: Ints, stations: Ints, step: int, hours: Floats, *, is_lesson: bool = True) -> Floats:
        """Return the extra hours of orders beyond the usual ones from their station at a part of the day; learn those.

        Learned is the mean of a place and station, once, however many stand there. Where nothing is known what is found
        is usual.
        """
        cells, known = places * STATIONS + stations, self.usual[:, :, step].reshape(-1, 2)
        count, total = known.T
        mean = np.where(count > 0, total / np.maximum(count, 1e-9), np.inf)[cells]
        usual = np.where(mean < np.inf, mean, hours)
        result: Floats = np.maximum(hours - usual, 0.0)
        if not is_lesson:
            return result
        found = np.bincount(cells, minlength=len(known))
        sums = np.bincount(cells, np.minimum(hours, usual + _USUAL_RISE_H), len(known))
        known = known * 0.5 ** (1 / USUAL_HALF_LIFE)
        known += np.column_stack([found > 0, sums / np.maximum(found, 1)])
        self.usual[:, :, step] = known.reshape(-1, STATIONS, 2)
        return result

    def _profile(self) -> Floats:
        share = self.share + 0.5
        result: Floats = share / share.sum(1, keepdims=True)
        return result

    def _find_tails(self) -> dict[int, list[float]]:
        """Return the extra hours of one more order by the step it comes in, by place."""
        places = list(self.before)
        rows = np.repeat(np.arange(len(places)), STEPS_AHEAD)
        curves, wholes = self._curve[places], self._whole[places]
        work = np.maximum(_middles(curves), np.array(list(self.before.values()))) + 1.0
        alone = _middles(wholes) + 1.0
        extra = hours_until(curves, rows, work.reshape(-1)) - hours_until(wholes, rows, alone.reshape(-1))
        tails: list[list[float]] = np.maximum(extra, 0.0).reshape(-1, STEPS_AHEAD).tolist()
        return dict(zip(places, tails, strict=True))


class _Line(NamedTuple):
    """Orders in the sequence in which they are through, place after place."""

    busy: Ints
    """The places."""
    rows: Ints
    """Row of each order's place among them."""
    numbers: Ints
    """How many are before it there."""
    arrives: Floats

    @classmethod
    def of(cls, places: Ints, arrives: Floats) -> "_Line":
        """Return the line of orders sorted by place and arrival."""
        is_first = np.append(True, places[1:] != places[:-1])
        rows, firsts = np.cumsum(is_first) - 1, np.flatnonzero(is_first)
        return cls(places[firsts], rows, np.arange(len(places)) - firsts[rows], arrives)

    def before(self, work: Floats) -> dict[int, Floats]:
        """Return, by place, the work before an order that comes in the middle of each step ahead."""
        size = STEPS_AHEAD + 1
        steps = np.searchsorted(MIDDLES_H, self.arrives, side="left")
        come = np.bincount(self.rows * size + steps, minlength=len(self.busy) * size).reshape(-1, size)
        counts = come[:, :-1].cumsum(1)
        firsts = np.cumsum(come.sum(1)) - come.sum(1)
        found = np.where(counts > 0, work[np.maximum(firsts[:, None] + counts - 1, 0)], 0.0)
        return dict(zip(self.busy.tolist(), found, strict=True))


def _middles(curves: Floats) -> Floats:
    """Return what is done by the middle of each step ahead."""
    result: Floats = (curves[:, :-1] + curves[:, 1:]) / 2
    return result


def _too_late(work: Floats, could: Floats) -> Floats:
    """Return the chance that more work stands before an order than gets done by its last moment."""
    z = np.minimum(np.maximum((work - could) / (WORK_ERROR + WORK_DOUBT * work), -_Z_MAX), _Z_MAX)
    result: Floats = 1.0 / (1.0 + np.exp(-SLOPE * z))
    return result


def _chance(work: float, could: float) -> float:
    """Return the chance of ``_too_late`` for one order."""
    z = (work - could) / (WORK_ERROR + WORK_DOUBT * work)
    return 1.0 / (1.0 + exp(-SLOPE * min(max(z, -_Z_MAX), _Z_MAX)))


def _in_line(arrives_h: Floats, group: Ints) -> Ints:
    """Return the ticks of arrival so that of orders in one line none overtakes one that stands there for longer.

    Args:
        arrives_h: Hours until each usually comes.
        group: Number of the line of each; those of one line together, the newest first.
    """
    ticks = np.rint(np.minimum(arrives_h * _TICKS_AN_HOUR, 2.0**_TICK_BITS - 1)).astype(np.int64)
    # From the newest in a line to the oldest arrivals may only fall: a running minimum, begun anew with every line.
    lift = np.append(0, np.cumsum(group[1:] != group[:-1])) << _TICK_BITS
    result: Ints = np.minimum.accumulate(ticks - lift) + lift
    return result
