"""The doors of the flow: the queues before all of them, what hinders their places, and what both cost an order."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import floor

import numpy as np

from radar.instant import HOUR_US, Instant
from radar.learning.curves import STEP_H, STEPS_AHEAD
from radar.learning.flow_lessons import QueuesAhead
from radar.learning.hindrances import FIRST_VISITS, AheadLike, Hindrances, left_on_way
from radar.learning.left_times import LeftTimes
from radar.learning.local_days import Flags, Floats, Ints, LocalDays
from radar.learning.positions import DOOR_NUMBER, DOORS, PART_US, PLACES_MAX, STEPS, STRIDE, Positions
from radar.learning.queues import DISTURBED, Queues
from radar.learning.roads import Roads
from radar.learning.rounds import CELLS, Rounds, class_of, classes_of, hours_of
from radar.learning.yard import News
from radar.orders import NEVER
from radar.stages import STAGE_COUNT, Stage

_COURIERS, _WAYS = DOOR_NUMBER[Stage.OUT_FOR_DELIVERY], DOOR_NUMBER[Stage.HANDED_OVER]
_HOURS_A_STEP = round(STEP_H)
_TINY = 1e-6
_NOBODY: Ints = np.zeros(0, np.int64)
HELD_MAX = 1000
"""Figures kept of new orders of one way."""

_Held = tuple[Sequence[float], float, float, float, dict[tuple[int, int], float | None]]
"""Extra hours by door, those before the last, usual hours until the last and from it on, risks by class and hours left.
"""


class Doors:
    """Queues by door, in the sequence in which orders pass them."""

    def __init__(self) -> None:
        self.queues = [Queues(door, PLACES_MAX) for door in DOORS]
        self.rounds = Rounds()
        self.hindrances = Hindrances()
        self.roads = Roads()
        self.ahead: Callable[[Instant], AheadLike | None] = _nothing
        """Tells what stands in the way of the places as of an instant."""
        self.silent_h: Floats = np.zeros(STAGE_COUNT)
        """By milestone, hours since it could last have been told: 0 while a source that tells it speaks."""
        self.is_heard: Flags = np.ones(STAGE_COUNT, np.bool_)
        """By milestone, whether a source that tells it spoke all the last step long."""
        self._followed: dict[str, bool] = {}
        """What was asked for since the last step; a mere saving of time."""

    def count(self, news: News, late: Mapping[int, Ints], stretch: tuple[Instant, Instant], days: LocalDays) -> None:
        """Count who went through the doors in the stretch that ends now, or before it and is told so only now."""
        last = floor(days.day(stretch[1]) * STEPS + 0.5) - 1
        edges = [stretch[0], *(Instant(stretch[1] - ahead * PART_US) for ahead in range(STRIDE - 1, -1, -1))]
        for number, (queue, door) in enumerate(zip(self.queues, DOORS, strict=True)):
            places, is_heard = news.places[number], self.is_heard.item(door)
            parts, told = [places[news.within(door, *edge)] for edge in pairwise(edges)], late.get(door, _NOBODY)
            ages = last - steps_of(days.days(news.reached[door, told])) if len(told) else told
            queue.through(parts, last % STEPS, places[told], np.maximum(ages, STRIDE), is_heard=is_heard)
        out = news.within(DOORS[-1], *stretch)
        if DOORS[-1] in late:
            out = np.union1d(out, late[DOORS[-1]])
        self.go_out(news.only(out), days)
        self.learn()

    def go_out(self, news: News, days: LocalDays) -> None:
        """Count those who went out with the couriers in the stretch that ends now, or are told so only now."""
        out_at, orders = news.reached[Stage.OUT_FOR_DELIVERY], news.orders
        ways, areas = (news.places[number] for number in (_WAYS, _COURIERS))
        arrived = np.array([order.arrived_at for order in orders], np.int64)
        is_scanned = (arrived != NEVER).astype(np.int64)
        told = np.column_stack(
            [areas, hours_of(days.days(out_at)), classes_of(news.ranks.astype(np.float64)), ways, is_scanned]
        )
        ages_h = (out_at - news.reached[Stage.PLACED]) / HOUR_US
        self.rounds.grow(*(len(self.queues[number].names.numbers) for number in (_COURIERS, _WAYS)))
        self.rounds.through(told[areas >= 0], ages_h[areas >= 0])
        self.roads.fade(STRIDE / STEPS)
        numbers = self.queues[_WAYS].names.numbers
        self.roads.learn(news.ways, news.reached[Stage.HANDED_OVER], arrived, numbers)

    def hear(self, silent_h: Floats) -> None:
        """Take note of how long ago each milestone could last have been told as a step ends."""
        self.is_heard = (self.silent_h == 0) & (silent_h == 0)
        self.silent_h = silent_h

    def freeze(self, step: int) -> None:
        """Fix what waits are computed from for the step that begins."""
        for queue in self.queues:
            queue.freeze(step, self.silent_h.item(queue.door))
        couriers, rounds = self.queues[_COURIERS], self.rounds
        every = np.arange(len(couriers.names.numbers))
        areas = every[couriers.are_busy(every) & rounds.are_known(every)]
        said = np.array([couriers.rounds.get(area, np.nan) for area in areas.tolist()])
        whole = rounds.rates(areas, step, couriers.capacity[areas], said)
        # A pace that was merely not reported is none, and what couriers say is surer than any.
        is_paced = np.isnan(said) & (rounds.quiet < STEPS)
        left = 1 - (1 - np.where(is_paced, couriers.pace[areas], 1.0)[:, None]) * DISTURBED
        for row, area in enumerate(areas.tolist()):
            if area in couriers.left:
                left[row] *= couriers.left[area]
        rounds.freeze(areas, whole, whole * np.repeat(left, _HOURS_A_STEP, axis=1)[:, :CELLS], step)

    def learn(self) -> None:
        """Learn what forecasts cost, once all doors are counted."""
        self._followed.clear()
        if not self.is_heard[DOORS[_COURIERS]]:
            return
        couriers = self.queues[_COURIERS]
        for area in self.hindrances.feared:
            place = couriers.names.numbers.get(area, -1)
            if place >= 0:
                self.hindrances.passed(area, float(couriers.whole[place]), float(couriers.ring[place, :STRIDE].sum()))

    def hinder(self, at: Instant) -> None:
        """Find what is left of the places from ``at`` on, by what is known to stand in their way."""
        for queue in self.queues:
            queue.grow()
            queue.left, queue.rounds = {}, {}
        ahead = self.ahead(at)
        if ahead is None:
            return
        couriers, ways = self.queues[_COURIERS], self.queues[_WAYS]
        self.hindrances.look(ahead, at, couriers.names.numbers)
        couriers.is_feared = bool(self.hindrances.feared)
        for name, most in self.hindrances.told.items():
            if (place := couriers.names.numbers.get(name, -1)) >= 0:
                couriers.rounds[place] = FIRST_VISITS * most
        for name, area in ahead.areas.items():
            place = couriers.names.numbers.get(name, -1)
            left = None if place < 0 else self.hindrances.left_at(name, area, at)
            if left is not None:
                couriers.left[place] = left
        for name, place in ways.names.numbers.items():
            closed = ahead.closed(name.replace(">", "-"))
            self.roads.note(name, place, closed, at)
            left = left_on_way(closed, at, self.roads.expected(place))
            if left is not None:
                ways.left[place] = left

    def look(
        self, positions: Positions, usual_h: Floats, is_passing: Flags, times: LeftTimes, step: int
    ) -> QueuesAhead:
        """Return what the queues ahead cost the open orders, and learn what of it is usual.

        Args:
            positions: The open orders.
            usual_h: Usual hours left of each.
            is_passing: (types, doors): whether orders of a type pass a door.
            times: The usual times, from a door to the delivery.
            step: Part of the day.
        """
        count = len(usual_h)
        held = self.roads.look(positions, usual_h, times, self.rounds, step)
        extra, before_last, risk = np.zeros((len(DOORS), count)), held.copy(), np.zeros(count)
        comes_h = times.until((positions.areas, positions.ways), usual_h)
        is_ahead = self._are_ahead(positions, is_passing)
        is_left = np.logical_or.accumulate(is_ahead[::-1])[::-1]
        for number, queue in enumerate(self.queues):
            comes, last = comes_h[number], positions.left_h - usual_h + comes_h[number]
            if number + 1 < len(DOORS):
                last[is_left[number + 1]] = np.nan  # the last busy place decides
            chosen, hours, chance = queue.waits(positions, is_ahead[number], comes, held, last)
            if number == _COURIERS:
                is_known, found = self._at_rounds(positions, chosen, comes[chosen], held[chosen], last[chosen])
                chance[is_known] = found
            places, stations = positions.places[number, chosen], positions.stations[chosen]
            before_last[chosen], risk[chosen] = held[chosen], chance
            is_heard = not self.silent_h[queue.door]
            extra[number, chosen] = held[chosen] = queue.beyond_usual(places, stations, step, hours, is_lesson=is_heard)
        return QueuesAhead(extra, held, before_last, risk)

    def _at_rounds(
        self, positions: Positions, chosen: Ints, comes: Floats, held: Floats, last: Floats
    ) -> tuple[Flags, Floats]:
        """Return who waits for rounds that are known, and the risks; of several ends of a closure, their mean."""
        rounds = self.rounds
        if self.roads.waits is None:
            return rounds.risks(positions, chosen, comes, held, last)
        found = [
            rounds.risks(positions, chosen, comes, np.maximum(held + sooner[chosen], -comes), last)
            for sooner in self.roads.sooner
        ]
        return found[0][0], np.mean([one for _, one in found], axis=0)

    def _are_ahead(self, positions: Positions, is_passing: Flags) -> Flags:
        """Return, by door, who has it on the way and a busy place before it."""
        is_busy = [queue.are_busy(places) for queue, places in zip(self.queues, positions.places, strict=True)]
        return is_passing[positions.types].T & (positions.stages < np.array(DOORS)[:, None]) & np.array(is_busy)

    def way_of_new(self, places: Sequence[int], passing: Sequence[bool], after_h: Sequence[float]) -> "WayOfNew":
        """Return what stands before an order that comes after all others.

        Args:
            places: Number of its place before each door, -1 for none.
            passing: Whether it passes each door.
            after_h: Usual hours from each door to the delivery.
        """
        doors = [
            (number, queue, places[number])
            for number, queue in enumerate(self.queues)
            if passing[number] and places[number] in queue.before
        ]
        return WayOfNew(doors, after_h, self.rounds)

    def follows(self, area: str) -> bool:
        """Return whether enough orders pass the couriers of an area for their queue to be followed."""
        found = self._followed.get(area)
        if found is None:
            couriers = self.queues[_COURIERS]
            place = couriers.names.numbers.get(area, -1)
            found = self._followed[area] = 0 <= place < len(couriers.capacity) and couriers.is_busy(place)
        return found


class WayOfNew:
    """The busy places before an order that comes after all others; ``judge`` is the scalar twin of ``Doors.look``."""

    __slots__ = ("_doors", "_held", "_last", "_rounds")

    def __init__(self, doors: Sequence[tuple[int, Queues, int]], after_h: Sequence[float], rounds: Rounds) -> None:
        """Take number, queue and place of each busy door on the way, and the usual hours from it to the delivery."""
        self._rounds = rounds if doors and doors[-1][0] == _COURIERS else None
        self._doors = [(number, queue.tail(place), after_h[number]) for number, queue, place in doors]
        self._last: tuple[Queues, int] | None = doors[-1][1:] if doors else None
        self._held: dict[float, _Held] = {}
        """By the usual hours left; a mere saving of time."""

    def judge(
        self, usual_h: float, left_h: float, rank: tuple[bool, bool, bool]
    ) -> tuple[Sequence[float], float, float]:
        """Return the extra hours by door, those before the last one, and the risk there.

        Args:
            usual_h: Usual hours left.
            left_h: Hours until its promise.
            rank: Its ranks.
        """
        found = self._held.get(usual_h)
        if found is None:
            if len(self._held) >= HELD_MAX:
                self._held.clear()
            found = self._held[usual_h] = self._hold(usual_h)
        extras, before, comes, after, risks = found
        if self._last is None:
            return extras, 0.0, 0.0
        queue, place = self._last
        if self._rounds is not None:
            key = class_of(rank), floor(left_h - after)  # all that the risk before rounds depends on beside the place
            try:
                risk = risks[key]
            except KeyError:
                risk = risks[key] = self._rounds.risk_of_new(place, rank, comes, before, left_h - after)
            if risk is not None:
                return extras, before, risk
        return extras, before, queue.risk_of_new(place, comes, before, left_h - after)

    def _hold(self, usual_h: float) -> "_Held":
        """Return the extra hours by door, those before the last one, when it gets there and what follows."""
        extras, held, before, after = [0.0] * len(DOORS), 0.0, 0.0, 0.0
        for number, tail, after in self._doors:
            before, comes = held, usual_h - after
            hours = tail[min(int(comes / STEP_H), STEPS_AHEAD - 1) if comes > 0 else 0]
            held = extras[number] = hours if hours > held else held  # noqa: FURB136 - hot
        return extras, before, usual_h - after, after, {}


def steps_of(days: Floats) -> Ints:
    """Return the steps in which things were over, from local days: what was at nine, in the one that ended then."""
    result: Ints = np.ceil(days * STEPS - _TINY).astype(np.int64) - 1
    return result


def _nothing(_at: Instant) -> None:
    return None
