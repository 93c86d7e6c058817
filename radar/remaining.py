"""How long an order usually still needs: mean and spread of the time from each milestone to the delivery.

The yardstick for everything that says "later than usual": where an order will be when a storm is there, what a
condition really cost, on which day a line will see an order. It learns from delivered orders that no condition
touched, so that a bad week does not become the measure of itself. One row a segment: an order type, or the way
from origin to area, which leans on its type. Fresh figures enter at epochs only.
"""

from collections.abc import Iterable
from math import sqrt

import msgspec

from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import NEVER, Order
from radar.outputs import Row, StateRow
from radar.stages import STAGE_COUNT, Stage

MACHINE = "remaining"
HALF_LIFE_DAYS = 45
"""How fast old deliveries fade."""
SHRINK = 10.0
"""Deliveries that a way borrows from its order type."""
_WAY_STAGES = (Stage.PLACED, Stage.HANDED_OVER, Stage.IN_TRANSIT)
"""Milestones from which a way is kept apart; before the rest the way does not matter yet."""
_SPREAD_MIN_H = 6.0
USUAL_MAX = 50_000
"""Answers kept between two epochs; a mere saving of time."""


class _Sums(msgspec.Struct, array_like=True):
    """Count, sum and sum of squares of hours by stage."""

    count: list[float]
    hours: list[float]
    squares: list[float]


def _no_sums() -> _Sums:
    return _Sums([0.0] * STAGE_COUNT, [0.0] * STAGE_COUNT, [0.0] * STAGE_COUNT)


class _Segment(msgspec.Struct, array_like=True):
    version: int
    day: int
    """Day of the epoch its sums were last brought up to."""
    known: _Sums
    fresh: _Sums


class Usual(msgspec.Struct, frozen=True, gc=False):
    """A usual duration."""

    mean_us: float
    spread_us: float
    """Standard deviation."""


class RemainingTimes:
    """Usual times to the delivery by milestone and segment."""

    def __init__(self) -> None:
        self._segments: dict[str, _Segment] = {}
        self._fresh: set[str] = set()
        self._dirty: set[str] = set()
        self._usual: dict[tuple[str, str, str, Stage], Usual | None] = {}
        """What was asked for since the tables changed: by order type, origin, area and milestone."""

    def delivered(self, order: Order) -> None:
        """Learn from a delivered order; it counts from the next epoch on."""
        at = order.reached[Stage.DELIVERED]
        self._learn(f"type:{order.order_type}", order, tuple(Stage), at)
        if order.way:
            self._learn(f"way:{order.way}", order, _WAY_STAGES, at)

    def usual(self, order: Order, stage: Stage) -> Usual | None:
        """Return the usual time from a milestone to the delivery of orders like this, None when nothing is known."""
        key = (order.order_type, order.origin, order.area, stage)
        try:
            return self._usual[key]
        except KeyError:
            if len(self._usual) >= USUAL_MAX:
                self._usual.clear()
            found = self._usual[key] = self._find(order, stage)
            return found

    def _find(self, order: Order, stage: Stage) -> Usual | None:
        wide = self._read(f"type:{order.order_type}", stage)
        narrow = self._read(f"way:{order.way}", stage) if stage in _WAY_STAGES else None
        if wide is None:
            return None if narrow is None else _usual(*narrow)
        if narrow is None:
            return _usual(*wide)
        share = SHRINK / wide[0]
        count, hours, squares = (own + share * whole for own, whole in zip(narrow, wide, strict=True))
        return _usual(count, hours, squares)

    def left(self, order: Order, at: Instant) -> Usual | None:
        """Return how long the order usually still needs as of ``at``, None when nothing is known.

        The time since its last milestone is taken off, but an order beyond the usual is not there at once: a
        quarter of the spread is always left.
        """
        usual = self.usual(order, order.stage)
        if usual is None:
            return None
        since = order.reached[order.stage] or order.heard_at
        return Usual(max(usual.mean_us - (at - since), usual.spread_us / 4), usual.spread_us)

    def until(self, order: Order, stage: Stage, left: Usual | None) -> float | None:
        """Return how long until the order usually reaches a stage, None when nothing is known; 0 once reached.

        Args:
            order: The order.
            stage: The stage.
            left: What ``left`` says of the order.
        """
        if order.stage >= stage:
            return 0.0
        after = self.usual(order, stage)
        if left is None or after is None:
            return None
        return max(0.0, left.mean_us - after.mean_us)

    def eta(self, order: Order, at: Instant) -> Instant:
        """Return when the order is usually delivered as of ``at``; the promise where nothing was learned."""
        left = self.left(order, at)
        if left is None:
            return max(at, order.promise_at)
        return Instant(at + int(left.mean_us))

    def roll(self, at: Instant) -> None:
        """Let fresh figures enter the tables."""
        day = at // DAY_US
        for name in sorted(self._fresh):
            segment = self._segments[name]
            fade = 0.5 ** (max(0, day - segment.day) / HALF_LIFE_DAYS)
            for known, fresh in zip(_columns(segment.known), _columns(segment.fresh), strict=True):
                known[:] = [old * fade + new for old, new in zip(known, fresh, strict=True)]
            segment.fresh, segment.day = _no_sums(), day
            self._dirty.add(name)
        self._fresh.clear()
        self._usual.clear()

    def take_dirty(self) -> list[Row]:
        """Return the segments changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, name, msgspec.msgpack.encode(self._segments[name])) for name in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the segments."""
        for row in rows:
            assert isinstance(row, StateRow)
            segment = self._segments[row.key] = msgspec.msgpack.decode(row.state, type=_Segment)
            if any(segment.fresh.count):
                self._fresh.add(row.key)
        self._usual.clear()

    def _learn(self, name: str, order: Order, stages: Iterable[Stage], at: Instant) -> None:
        segment = self._segments.get(name)
        if segment is None:
            segment = self._segments[name] = _Segment(1, 0, _no_sums(), _no_sums())
        fresh = segment.fresh
        for stage in stages:
            since = order.reached[stage]
            if since != NEVER and since <= at:
                hours = (at - since) / HOUR_US
                fresh.count[stage] += 1
                fresh.hours[stage] += hours
                fresh.squares[stage] += hours * hours
        self._fresh.add(name)
        self._dirty.add(name)

    def _read(self, name: str, stage: Stage) -> tuple[float, float, float] | None:
        segment = self._segments.get(name)
        if segment is None or segment.known.count[stage] <= 0:
            return None
        known = segment.known
        return known.count[stage], known.hours[stage], known.squares[stage]


def _columns(sums: _Sums) -> tuple[list[float], list[float], list[float]]:
    return sums.count, sums.hours, sums.squares


def _usual(count: float, hours: float, squares: float) -> Usual:
    mean = hours / count
    spread = sqrt(max(0.0, squares / count - mean * mean))
    return Usual(mean * HOUR_US, max(_SPREAD_MIN_H, spread) * HOUR_US)


def experience(row: StateRow, days: int) -> StateRow:
    """Return a row as it moves to another room, so many days on: all of it is experience."""
    one = msgspec.msgpack.decode(row.state, type=_Segment)
    one.day += days if one.day else 0
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(one))
