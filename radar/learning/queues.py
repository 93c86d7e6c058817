"""Queues: how long an order stands behind those ahead of it, place by place.

Theory of operation. Before each door (made, picked, packed, handed over, out for delivery) orders queue at places.
Every step of three hours a door counts who went through. What a place can do in a day is the most it did in any day
lately (half-life 21 days), spread over the parts of the day as its throughput is. How much of that it gets done *now*
is what went through of late against what could have: no more than stood directly before the door. A place that gets
less done is expected to recover gradually. From that curve and the number of orders ahead - further on their way, or
at the same station for longer - follows when an order is through: a fluid calculation, the inverse of the cumulated
curve at the place in the queue. The usual such time of a calm week is learned too, so that only what is beyond it
counts as extra.
"""

import numpy as np

from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.positions import ARRIVED, STATIONS, STEPS, Names, Positions
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
_USUAL_RISE_H = 6.0
"""No wait lifts the usual one by more than this much above it: a bad week shall not become the measure of itself."""
_FIRST = 16
_AGES = (np.arange(DAYS_AHEAD * STEPS) + 0.5) * STEP_H


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
        self.direct: Floats = np.zeros(_FIRST)
        """Orders directly before the door at the last step."""
        self.usual: Floats = np.zeros((_FIRST, STATIONS, STEPS, 2))
        """Decayed count and sum of waits by place, station and part of the day."""
        self.freeze(0)

    def grow(self) -> None:
        """Make room for all names."""
        while len(self.names.numbers) > len(self.capacity):
            for name in ("ring", "capacity", "share", "done", "could", "direct", "usual"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))

    def through(self, places: Ints, step: int) -> None:
        """Count those who went through in the step that ends now.

        Args:
            places: Number of the place of each.
            step: Part of the day of that step.
        """
        self.grow()
        count = np.bincount(places[places >= 0], minlength=len(self.capacity)).astype(np.float64)
        self.share *= 0.5 ** (1 / STEPS / SHARE_HALF_LIFE)
        self.share[:, step] += count
        self.ring[:, 1:] = self.ring[:, :-1].copy()
        self.ring[:, 0] = count
        self.capacity = np.maximum(self.capacity * 0.5 ** (1 / STEPS / CAPACITY_HALF_LIFE), self.ring.sum(1))
        most = self.capacity * self._profile()[:, step]
        fade = 0.5 ** (1 / STEPS / PACE_HALF_LIFE)
        done = np.minimum(count, most)
        self.done = self.done * fade + done
        self.could = self.could * fade + np.maximum(np.minimum(most, self.direct), done)

    def freeze(self, step: int) -> None:
        """Fix what waits are computed from for the step that begins."""
        prior = PACE_PRIOR * self.capacity + 1e-9
        self.pace: Floats = np.clip((self.done + prior) / (self.could + prior), PACE_MIN, 1.0)
        profile = np.tile(np.roll(self._profile(), -step, axis=1), (1, DAYS_AHEAD))
        recovered = 1 - (1 - self.pace[:, None]) * np.exp(-_AGES / RECOVERY_H)
        curve = np.cumsum(profile * self.capacity[:, None] * recovered, axis=1)
        self._curve: Floats = np.concatenate([np.zeros((len(curve), 1)), curve], axis=1)
        self.stand(np.zeros(len(self.capacity), np.int64))

    def stand(self, lengths: Ints) -> None:
        """Take note of how many stand before each place."""
        self.lengths = lengths
        self._tails: dict[int, float] = {}

    def tail(self, place: int) -> float:
        """Return how long one more would wait at a place, 0 where few pass or none did when the step was held."""
        found = self._tails.get(place)
        if found is None:
            is_known = 0 <= place < len(self.lengths) and self.is_busy(place)
            found = float(self.hours(place, np.array([self.lengths[place] + 1.0]))[0]) if is_known else 0.0
            self._tails[place] = found
        return found

    def waits(self, positions: Positions, is_inside: Flags, is_direct: Flags) -> tuple[Ints, Floats]:
        """Return who still has the door before them, and the hours until each is through.

        Args:
            positions: The open orders, in a fixed sequence.
            is_inside: Whether the order's route passes the door and it has not passed it.
            is_direct: Whether the door is the next on its route.
        """
        places = positions.places[DOOR_NUMBER[self.door]]
        chosen = np.flatnonzero(is_inside & (places >= 0))
        here = places[chosen]
        self.direct = np.bincount(places[is_inside & is_direct & (places >= 0)], minlength=len(self.capacity)).astype(
            np.float64
        )
        self.stand(np.bincount(here, minlength=len(self.capacity)))
        progress = 2 * positions.stages[chosen] + (positions.stations[chosen] == ARRIVED)
        ranked = np.lexsort((-positions.since_h[chosen], -progress, here))
        first = np.cumsum(self.lengths) - self.lengths
        ahead = np.empty(len(chosen))
        ahead[ranked] = np.arange(len(chosen)) - first[here[ranked]] + 1
        hours = np.zeros(len(chosen))
        for place in np.flatnonzero(self.lengths).tolist():
            if self.is_busy(place):
                mine = ranked[first[place] : first[place] + self.lengths[place]]
                hours[mine] = self.hours(place, ahead[mine])
        return chosen, hours

    def is_busy(self, place: int) -> bool:
        """Return whether enough passes a place for its queue to mean anything."""
        return bool(self.capacity[place] >= BUSY_A_DAY)

    def hours(self, place: int, ahead: Floats) -> Floats:
        """Return the hours until the orders with so many ahead are through a place."""
        curve = self._curve[place]
        result: Floats = np.interp(ahead, curve, np.arange(len(curve)) * STEP_H)
        return result

    def usual_hours(self, places: Ints, stations: Ints, step: int, otherwise: Floats) -> Floats:
        """Return the usual hours until through, from a station and a part of the day."""
        count, hours = self.usual[places, stations, step].T
        result: Floats = np.where(count > 0, hours / np.maximum(count, 1e-9), otherwise)
        return result

    def learn(self, places: Ints, stations: Ints, step: int, hours: Floats, usual: Floats) -> None:
        """Take the mean waits of this step into the usual ones: a place and station once, however many stand there."""
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


DOOR_NUMBER = {
    Stage.PRODUCED: 0,
    Stage.PICKED: 1,
    Stage.PACKED: 2,
    Stage.HANDED_OVER: 3,
    Stage.OUT_FOR_DELIVERY: 4,
}
