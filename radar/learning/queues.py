"""Queues: how long an order stands behind those ahead of it, place by place.

Theory of operation. Before each door (made, picked, packed, handed over, out for delivery) orders queue at places.
Every step of three hours a door counts who went through. What a place can do in a day is the most it did in any day
lately (half-life 21 days), spread over the parts of the day as its throughput is. From that *whole* curve is taken
what is known to be missing ahead (``hindrances``: a storm keeps the couriers in), and what is missing now without
anybody having said why: the *pace*, what went through of late against what should have. A place that gets less done
is expected to recover gradually.

Orders come to a place when they usually would, those held up at the door before so much later, and are through first
come, first served (``fluid``). The *extra* hours of an order are those beyond the time at which it would be through
an empty, undisturbed place, so that closing hours and timetables count for nothing by themselves; what is usual of
them is learned too. Its *risk* is the chance that the place does not get to it by the last moment that keeps its
promise, beyond the chance that it comes too late by itself: whole rounds and departures decide there, not hours.
"""

from math import exp

import numpy as np

from radar.learning.fluid import alone, worked
from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.positions import STATIONS, STEPS, Names, Positions
from radar.stages import Stage

STEP_H = 24.0 / STEPS
CAPACITY_HALF_LIFE, SHARE_HALF_LIFE, USUAL_HALF_LIFE, PACE_HALF_LIFE = 21.0, 10.0, 14.0, 0.5
"""Days. Source: docs/prediction.md, as the next three."""
PACE_PRIOR = 0.3
"""Days of full capacity that the pace of a place is believed to be usual with."""
PACE_MIN = 0.03
RECOVERY_H = 36.0
"""A disturbed place is well again with this time constant."""
BUSY_A_DAY = 5.0
"""A place that does less is no queue: its throughput is chance."""
DAYS_AHEAD = 12
"""A queue longer than this is as long as this."""
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
_FAR_H = 1e5
"""Beyond any arrival: keeps the ways apart."""
_RISK_MAX, _Z_MAX = 0.999, 5.0
MIDDLES_H: Floats = (np.arange(DAYS_AHEAD * STEPS) + 0.5).astype(np.float64) * STEP_H
"""Hours until the middle of each step ahead."""
_TIMES_H: Floats = np.arange(DAYS_AHEAD * STEPS + 1).astype(np.float64) * STEP_H
ARRAYS = ("ring", "capacity", "share", "done", "could", "expected", "whole", "usual")
"""What a restart needs of a door."""


class Queues:
    """The places before one door."""

    def __init__(self, door: Stage, limit: int) -> None:
        self.door = door
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
        """Orders that should be through in the step after the last, by all that is known."""
        self.whole: Floats = np.zeros(_FIRST)
        """The same of an undisturbed place."""
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

    def through(self, places: Ints, step: int, late: Ints = _NOBODY, late_steps: Ints = _NOBODY) -> None:
        """Count those who went through in the step that ends now, and those of earlier steps that are told only now.

        Args:
            places: Number of the place of each.
            step: Part of the day of that step.
            late: Number of the place of each that is told late.
            late_steps: Part of the day in which each of those went through.
        """
        self.grow()
        size = len(self.capacity)
        count = np.bincount(places[places >= 0], minlength=size).astype(np.float64)
        known = late >= 0
        caught_up = np.bincount(late[known], minlength=size).astype(np.float64)
        self.share *= 0.5 ** (1 / STEPS / SHARE_HALF_LIFE)
        self.share[:, step] += count
        np.add.at(self.share, (late[known], late_steps[known]), 1.0)
        self.done = np.minimum(self.done + caught_up, self.could)
        self.ring[:, 1:] = self.ring[:, :-1].copy()
        self.ring[:, 0] = count
        self.ring[:, 1] += caught_up
        self.capacity = np.maximum(self.capacity * 0.5 ** (1 / STEPS / CAPACITY_HALF_LIFE), self.ring.sum(1))
        most = self.capacity * self._profile()[:, step]
        fade = 0.5 ** (1 / STEPS / PACE_HALF_LIFE)
        done = np.minimum(count, most)
        self.done = self.done * fade + done
        self.could = self.could * fade + np.maximum(np.minimum(most, self.expected), done)

    def freeze(self, step: int) -> None:
        """Fix what waits are computed from for the step that begins."""
        prior = PACE_PRIOR * self.capacity + 1e-9
        self.pace: Floats = np.clip((self.done + prior) / (self.could + prior), PACE_MIN, 1.0)
        rates = np.tile(np.roll(self._profile(), -step, axis=1), (1, DAYS_AHEAD)) * self.capacity[:, None]
        for place, count in self.rounds.items():
            share = np.roll(self.share[place], -step) / max(float(self.share[place].sum()), 1.0)
            rates[place] = np.maximum(rates[place], np.tile(np.where(share >= ROUND_SHARE, count, 0.0), DAYS_AHEAD))
        self._whole = _cumulated(rates)
        for place, left in self.left.items():
            rates[place] *= left
        self._known = _cumulated(rates)
        self._curve = _cumulated(rates * (1 - (1 - self.pace[:, None]) * np.exp(-MIDDLES_H / RECOVERY_H)))
        self.stand({})

    def stand(self, before: dict[int, Floats]) -> None:
        """Take note of the work before each busy place that stands before an order, by the step it comes in."""
        self.before = before
        self._tails: dict[int, list[float]] = {}

    def extra_of_new(self, place: int, comes_h: float) -> float:
        """Return the extra hours of an order that comes after all others; 0 where few pass.

        Args:
            place: Number of the place.
            comes_h: Hours until it usually would be through.
        """
        tail = self._tails.get(place)
        if tail is None:
            tail = self._tails[place] = self._tail(place)
        return tail[min(int(max(comes_h, 0.0) / STEP_H), len(tail) - 1)] if tail else 0.0

    def risk_of_new(self, place: int, comes_h: float, held_h: float, last_h: float) -> float:
        """Return the risk of an order that comes after all others; 0 where few pass. Arguments as of ``waits``."""
        before = self.before.get(place)
        if before is None:
            return 0.0
        comes_h = max(comes_h, 0.0)
        arrives_h = comes_h + held_h
        step = min(int(arrives_h / STEP_H), len(before) - 1)
        curve, whole = self._curve[place], self._whole[place]
        work = max(_done_by(curve, arrives_h), before.item(step)) + 1.0
        now = _chance(work, _done_by(curve, last_h))
        single = _chance(_done_by(whole, comes_h) + 1.0, _done_by(whole, last_h))
        return min(max((now - single) / (1.0 - single), 0.0), _RISK_MAX)

    def waits(
        self, positions: Positions, is_inside: Flags, comes_h: Floats, held_h: Floats, last_h: Floats
    ) -> tuple[Ints, Floats, Floats]:
        """Return who still has a busy place before them, their extra hours (those before included) and risks.

        Args:
            positions: The open orders, in a fixed sequence.
            is_inside: Whether the order's route passes the door and it has not passed it.
            comes_h: Hours until it usually is through the door.
            held_h: Extra hours of the doors before.
            last_h: Hours until the last moment at the door that keeps the promise.
        """
        places = positions.places[DOOR_NUMBER[self.door]]
        chosen = np.flatnonzero(is_inside & (places >= 0))
        chosen = chosen[self.capacity[places[chosen]] >= BUSY_A_DAY]
        here, comes, last = places[chosen], np.maximum(comes_h[chosen], 0.0), last_h[chosen]
        arrives = _in_line(comes + held_h[chosen], positions, chosen)
        extra, risk = np.zeros(len(chosen)), np.zeros(len(chosen))
        before: dict[int, Floats] = {}
        self.expected, self.whole = np.zeros(len(self.capacity)), np.zeros(len(self.capacity))
        ranked = np.lexsort((-positions.since_h[chosen], arrives, here))
        for mine in np.split(ranked, np.flatnonzero(np.diff(here[ranked])) + 1):
            if not len(mine):
                continue
            place = int(here[mine[0]])
            curve = self._curve[place]
            work = worked(arrives[mine], curve, _TIMES_H)
            before[place] = np.concatenate([[0.0], work])[np.searchsorted(arrives[mine], MIDDLES_H, side="right")]
            extra[mine] = np.interp(work, curve, _TIMES_H) - alone(comes[mine], self._whole[place], _TIMES_H)
            risk[mine] = self._risks(place, work, comes[mine], last[mine])
            self.expected[place] = self._through_next(self._known[place], arrives[mine])
            self.whole[place] = self._through_next(self._whole[place], arrives[mine])
        self.stand(before)
        return chosen, np.maximum(extra, 0.0), risk

    def is_busy(self, place: int) -> bool:
        """Return whether enough passes a place for its queue to mean anything."""
        return bool(self.capacity[place] >= BUSY_A_DAY)

    def usual_hours(self, places: Ints, stations: Ints, step: int, otherwise: Floats) -> Floats:
        """Return the usual extra hours, from a station and a part of the day."""
        count, hours = self.usual[places, stations, step].T
        result: Floats = np.where(count > 0, hours / np.maximum(count, 1e-9), otherwise)
        return result

    def learn(self, places: Ints, stations: Ints, step: int, hours: Floats, usual: Floats) -> None:
        """Take the mean extra of this step into the usual one: a place and station once, however many stand there."""
        self.usual[:, :, step] *= 0.5 ** (1 / USUAL_HALF_LIFE)
        cells = places * STATIONS + stations
        size = self.usual.shape[0] * STATIONS
        count = np.bincount(cells, minlength=size).reshape(-1, STATIONS)
        total = np.bincount(cells, np.minimum(hours, usual + _USUAL_RISE_H), size).reshape(-1, STATIONS)
        self.usual[:, :, step, 0] += count > 0
        self.usual[:, :, step, 1] += total / np.maximum(count, 1)

    def _profile(self) -> Floats:
        share = self.share + 0.5
        result: Floats = share / share.sum(1, keepdims=True)
        return result

    def _tail(self, place: int) -> list[float]:
        """Return the extra hours of one more order by the step it comes in."""
        before = self.before.get(place)
        if before is None:
            return []
        now = alone(MIDDLES_H, self._curve[place], _TIMES_H, before)
        found: list[float] = np.maximum(now - alone(MIDDLES_H, self._whole[place], _TIMES_H), 0.0).tolist()
        return found

    def _risks(self, place: int, work: Floats, comes: Floats, last: Floats) -> Floats:
        """Return by how much the chance of being too late at a place is above that of an order that comes alone."""
        whole = self._whole[place]
        now = _too_late(work, np.interp(last, _TIMES_H, self._curve[place]))
        single = _too_late(np.interp(comes, _TIMES_H, whole) + 1.0, np.interp(last, _TIMES_H, whole))
        result: Floats = np.clip((now - single) / (1.0 - single), 0.0, _RISK_MAX)
        return result

    @staticmethod
    def _through_next(curve: Floats, arrives: Floats) -> int:
        """Return how many should be through by the next step."""
        return int(np.count_nonzero(worked(arrives, curve, _TIMES_H) <= curve[1] + 0.5))


DOOR_NUMBER = {
    Stage.PRODUCED: 0,
    Stage.PICKED: 1,
    Stage.PACKED: 2,
    Stage.HANDED_OVER: 3,
    Stage.OUT_FOR_DELIVERY: 4,
}


def _cumulated(rates: Floats) -> Floats:
    found: Floats = np.concatenate([np.zeros((len(rates), 1)), np.cumsum(rates, axis=1)], axis=1)
    return found


def _too_late(work: Floats, could: Floats) -> Floats:
    """Return the chance that more work stands before an order than gets done by its last moment."""
    z = np.clip((work - could) / (WORK_ERROR + WORK_DOUBT * work), -_Z_MAX, _Z_MAX)
    result: Floats = 1.0 / (1.0 + np.exp(-SLOPE * z))
    return result


def _done_by(curve: Floats, hours: float) -> float:
    """Return what gets done by some hours from now: the scalar twin of the interpolations in ``_risks``."""
    place = hours / STEP_H
    first = int(place)
    if place <= 0:
        return 0.0
    if first >= len(curve) - 1:
        return curve.item(len(curve) - 1)
    low = curve.item(first)
    return low + (place - first) * (curve.item(first + 1) - low)


def _chance(work: float, could: float) -> float:
    """Return the chance of ``_too_late`` for one order."""
    z = (work - could) / (WORK_ERROR + WORK_DOUBT * work)
    return 1.0 / (1.0 + exp(-SLOPE * min(max(z, -_Z_MAX), _Z_MAX)))


def _in_line(arrives: Floats, positions: Positions, chosen: Ints) -> Floats:
    """Return the arrivals so that of orders at one station on one way none overtakes one that is there for longer."""
    ways = positions.places[DOOR_NUMBER[Stage.HANDED_OVER], chosen] * STATIONS + positions.stations[chosen]
    ranked = np.lexsort((positions.since_h[chosen], ways))
    group = ways[ranked]
    # From the newest on a way to the oldest arrivals may only fall: a running minimum, begun anew with every way.
    number = np.cumsum(np.concatenate([[True], group[1:] != group[:-1]])[: len(group)]) * _FAR_H
    result = np.empty_like(arrives)
    result[ranked] = np.minimum.accumulate(arrives[ranked] - number) + number
    return result
