"""Closed roads: what becomes of the parcels that were on a lane when it was closed, by way.

Theory of operation. Who waits before a closed lane stands in a queue like any other: nothing goes until the road is
open (``queues``). Who is on it already turns back, waits for the end and makes the whole way again, and the clock of
its station tells nothing of that. So a parcel that was under way when its way was closed, and was seen nowhere since,
begins anew when it is back and the road is open: in the future for now and later in the past. From then on it needs
the usual hours of its road, to the last site; there it waits for the next round, whatever its hour, and needs what
orders usually need from there. Nothing of this is usual, so neither these parcels nor those that wait for the road
teach the usual hours. When a road opens is guessed: how long closures last is lognormal around what was said, and the
longer one stands already the longer it will. Three ends are reckoned with.
"""

from collections.abc import Mapping, Sequence
from math import exp, log
from statistics import NormalDist

import numpy as np

from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning.hindrances import StretchLike
from radar.learning.left_times import LeftTimes, add_to
from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.positions import DOOR_NUMBER, PART_US, STRIDE, WAYS_MAX, Positions, way_of
from radar.learning.rounds import HOURS, ROUND_SHARE, Rounds
from radar.stages import Stage

LOSS_MIN = 0.5
"""A closure that fewer orders of a way meet does not touch the way as a whole."""
DOUBT = 0.5
"""Standard deviation of the logarithm of how long a closure lasts, whose median is what was said. Assumption, as good
as other forecasts (``radar.shift``)."""
ENDS = 5 / 6, 1 / 6, 1 / 2
"""Chances that a closure lasts beyond the ends that are reckoned with; the middle one is the expected end."""
KEPT_US = 4 * DAY_US
"""So long after its end a closure still explains where a parcel is."""
HALF_LIFE = 10.0
"""Days. Source: docs/prediction.md."""
KNOWN = 5.0
"""Parcels of a way (decayed) from which the hours on its road are known."""
FUZZY_H = 3
"""Hours by which an arrival may be earlier or later."""
NO_LESSON = -1
"""Class of the hours at a station of an order whose time left is of no use to the usual hours."""
_OUT, _AWAY = DOOR_NUMBER[Stage.OUT_FOR_DELIVERY], DOOR_NUMBER[Stage.HANDED_OVER]
_HALF_STEP_US = STRIDE * PART_US // 2
_FIRST = 16

Closure = tuple[Instant, Instant, bool]
"""From when, until when (expected, or known to half a step), and whether it still stands."""


class Roads:
    """The last closure of each way, and how long its road takes."""

    def __init__(self) -> None:
        self.closures: dict[str, Closure] = {}
        self.hours: Floats = np.zeros((_FIRST, 2))
        """By way: decayed count and hours from the hand-over to the last site."""
        self.waits: Flags | None = None
        """Who of the orders looked at waits for a road to open; None where none is closed."""
        self.sooner: Floats = np.zeros((len(ENDS), 0))
        """By how many hours the other ends than the expected one change when each of them comes to the last site."""
        self._spans: Floats = np.full((WAYS_MAX + 1, 2 + len(ENDS)), np.nan)
        """By number of the way: hours to the begin of its closure, 1 while it stands, hours to the ends."""

    def grow(self, ways: int) -> None:
        """Make room for so many ways."""
        while len(self.hours) < ways:
            self.hours = np.concatenate([self.hours, np.zeros_like(self.hours)])

    def fade(self, days: float) -> None:
        """Let older parcels count less."""
        self.hours *= 0.5 ** (days / HALF_LIFE)

    def learn(self, ways: Ints, handed_over: Ints, arrived: Ints, places: Mapping[str, int]) -> None:
        """Learn how long roads take from parcels that went out; what a closure touched is left out.

        Args:
            ways: Number of each one's way, from 1 on; 0 for none.
            handed_over: When each was handed over.
            arrived: When each was seen at a site last.
            places: Number of the place of each way, by name.
        """
        touched = np.array([way_of(places[way]) for way in self.closures if way in places], np.int64)
        self.grow(int(ways.max(initial=0)) + 1)
        hours = (arrived - handed_over) / HOUR_US
        meant = (handed_over > 0) & (hours > 0) & ~np.isin(ways, touched)
        add_to(self.hours, (ways[meant],), hours[meant])

    def note(self, way: str, place: int, closed: Sequence[StretchLike], at: Instant) -> None:
        """Take note of what closes a way as of a step."""
        number = way_of(place)
        self._spans[number] = np.nan
        now = [one for one in closed if one.turns_back and one.loss > LOSS_MIN and one.from_at <= at]
        if now:
            self.closures[way] = min(one.from_at for one in now), max(one.until_at for one in now), True
        elif way in self.closures:
            from_at, until_at, is_standing = self.closures[way]
            if is_standing:
                self.closures[way] = from_at, Instant(max(from_at, at - _HALF_STEP_US)), False
            elif at - until_at > KEPT_US:
                del self.closures[way]
        if number and way in self.closures:
            from_at, until_at, is_standing = self.closures[way]
            age_h, total_h = (at - from_at) / HOUR_US, (until_at - from_at) / HOUR_US
            ends = lasts_h(age_h, total_h) if is_standing else [total_h - age_h] * len(ENDS)
            self._spans[number] = -age_h, is_standing, *ends

    def expected(self, place: int) -> float | None:
        """Return in how many hours a way is expected to be open; None where it is not closed."""
        _, is_standing, *ends = self._spans[way_of(place)].tolist()
        return ends[-1] if is_standing == 1.0 else None

    def look(self, positions: Positions, usual_h: Floats, times: LeftTimes, rounds: Rounds, step: int) -> Floats:
        """Return by how much longer each order is held up on a closed road; changes its usual hours in place.

        Args:
            positions: The open orders; who is of no use to the usual hours is marked in ``since``.
            usual_h: Usual hours left of each.
            times: The usual times, from a door to the delivery.
            rounds: The couriers' rounds.
            step: Part of the day.
        """
        held = np.zeros(len(usual_h))
        self.waits = None
        if not self.closures:
            return held
        from_h, is_standing, *ends = self._spans[positions.ways].T
        is_away = (positions.stations == Stage.HANDED_OVER) | (positions.stations == Stage.IN_TRANSIT)
        rows = np.flatnonzero(is_away & (positions.since_h > -from_h))
        ways, made = positions.ways[rows], positions.since_h[rows] + from_h[rows]
        after = -times.until((positions.areas[rows], ways), np.zeros(len(rows)))
        count, hours = self.hours[np.minimum(ways, len(self.hours) - 1)].T
        road = np.where(count >= KNOWN, hours / np.maximum(count, 1.0), after[_AWAY] - after[_OUT])
        known = ~rounds.are_silent(positions.places[_AWAY, rows]) | (made < road)
        rows, made, road, out = rows[known], made[known], road[known], after[_OUT, known]
        begins = [np.maximum(from_h[rows] + made, end[rows]) for end in ends]
        held[rows] = np.maximum(begins[-1], 0.0)
        arrives = [np.maximum(one + road, 0.0) for one in begins]
        table, areas = _waits_of(rounds.hours), positions.places[_OUT, rows]
        leaves = [one + table[areas, (one.astype(np.int64) + step * 3) % HOURS] for one in arrives]
        usual_h[rows] = np.maximum(leaves[-1] + out - held[rows], 1.0)
        positions.since[rows] = NO_LESSON
        is_before = (positions.stages < Stage.HANDED_OVER) & (is_standing == 1.0)
        positions.since[is_before] = NO_LESSON
        if (is_standing == 1.0).any():
            self.sooner = np.where(is_before, np.array(ends) - ends[-1], 0.0)
            self.sooner[:, rows] = np.array(leaves) - leaves[-1]
            is_before[rows] = is_standing[rows] == 1.0
            self.waits = is_before
        return held


def lasts_h(age_h: float, total_h: float) -> list[float]:
    """Return how many hours more a closure lasts, one figure for each of ``ENDS``.

    Args:
        age_h: Hours since it began.
        total_h: Hours that it lasts as was said.

    >>> [round(one) for one in lasts_h(0.01, 30.0)]  # when it has just begun, as was said
    [18, 49, 30]
    >>> [round(one) for one in lasts_h(25.0, 30.0)]
    [4, 31, 13]
    """
    normal, total = NormalDist(sigma=DOUBT), max(total_h, age_h, 1.0)  # overdue: at least so long
    beyond = 1.0 - normal.cdf(log(max(age_h, 1e-3) / total))
    return [total * exp(normal.inv_cdf(1.0 - share * beyond)) - age_h for share in ENDS]


def _waits_of(hours: Floats) -> Floats:
    """Return how long a parcel waits for the next round, by area and the hour of the day in which it arrives.

    Args:
        hours: Orders out by area and hour of the day.
    """
    share = hours / np.maximum(hours.sum(1, keepdims=True), 1.0)
    has_round = np.concatenate([share, share], axis=1) >= ROUND_SHARE
    ends = np.where(has_round, np.arange(2 * HOURS) + 1.0, np.inf)
    following = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1][:, :HOURS]
    exact = np.where(np.isfinite(following), following - np.arange(HOURS) - 0.5, HOURS / 2)
    result: Floats = np.mean([np.roll(exact, shift, axis=1) for shift in range(-FUZZY_H, FUZZY_H + 1)], axis=0)
    return result
