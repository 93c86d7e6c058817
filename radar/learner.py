"""Remaining times by segment, learned from the orders that were delivered.

For every milestone and segment (lane, order type, everything) a histogram of the time from the milestone to
the delivery. ``P(late)`` of an order that reached a milestone ``elapsed`` ago is the share of remaining times
longer than what is left until the promise, among those longer than ``elapsed``. Narrow segments lean on wider
ones by pseudo-counts. What was learned enters the tables only at event-time epochs, so that a prediction
depends on the events before the epoch and on nothing else.
"""

from collections.abc import Iterable, Sequence
from math import log2

import msgspec

from radar.events import Event
from radar.instant import DAY_US, EARLIEST, HOUR_US, Instant
from radar.orders import NEVER, Order
from radar.outputs import Output, Reason, Row, StateRow
from radar.stages import Stage
from radar.wording import reason

BINS = 80
"""Logarithmic bins of remaining time, eight an octave of hours: about 9 % wide, up to 1,000 h."""
SHRINK = 20.0
"""Pseudo-orders a narrow segment borrows from the wider one."""
HALF_LIFE_DAYS = 60
"""How fast old deliveries fade: seasons change, lanes are re-contracted."""

MACHINE = "learner"


class _Table(msgspec.Struct, array_like=True):
    """Remaining-time counts of one milestone and segment."""

    version: int
    counts: list[float]
    fresh: dict[int, float]
    """Learned since the last epoch, by bin."""


class _Clock(msgspec.Struct, array_like=True):
    version: int
    epoch_at: Instant
    weight: float
    """What a delivery counts today; grows instead of letting all the counts decay."""


class Learner:
    """The first predictor: per-segment remaining-time distributions."""

    def __init__(self, epoch_us: int) -> None:
        self._epoch_us = epoch_us
        self._tables: dict[str, _Table] = {}
        self._touched: set[str] = set()
        self._dirty: set[str] = set()
        self._clock = _Clock(1, EARLIEST, 1.0)
        self._is_clock_dirty = False

    def observe(self, event: Event) -> Sequence[Output]:
        """Begin the epochs at the first event."""
        if self._clock.epoch_at == EARLIEST:
            self._clock.epoch_at = Instant((event.time // self._epoch_us + 1) * self._epoch_us)
            self._is_clock_dirty = True
        return ()

    def advance(self, now: Instant) -> Sequence[Output]:
        """Take what was learned into the tables at every epoch strictly before ``now``."""
        clock = self._clock
        while EARLIEST < clock.epoch_at < now:
            self._roll()
            idle = (now - clock.epoch_at) // self._epoch_us
            steps = max(1, idle)
            clock.epoch_at = Instant(clock.epoch_at + steps * self._epoch_us)
            clock.weight *= 2.0 ** (steps * self._epoch_us / DAY_US / HALF_LIFE_DAYS)
            self._is_clock_dirty = True
        return ()

    def next_due(self) -> Instant | None:
        """Return the next epoch."""
        return self._clock.epoch_at or None

    def placed(self, order: Order, at: Instant) -> None:
        """Take note of a new order; this predictor needs nothing of it."""

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Learn the remaining times of an order at its delivery."""
        if stage is not Stage.DELIVERED:
            return
        for milestone in Stage:
            started_at = order.reached[milestone]
            if started_at != NEVER and started_at < at:
                index = _bin(at - started_at)
                for segment in _segments(order):
                    self._learn(f"{milestone.label}/{segment}", index)

    def resolved(self, order: Order, *, is_late: bool, at: Instant) -> None:
        """Take note of a label; this predictor learns times, not labels."""

    def predict(self, order: Order, at: Instant) -> float:
        """Return the share of like orders whose remaining time is longer than what is left."""
        return self._estimate(order, at)[0]

    def explain(self, order: Order, at: Instant) -> tuple[Reason, ...]:
        """Return the time left and the narrowest segment that was asked."""
        share, count, segment = self._estimate(order, at)
        elapsed_us, left_us = _elapsed_and_left(order, at)
        return (
            reason("risk.stage", stage=order.stage.label, elapsed_us=elapsed_us, left_us=left_us),
            reason("risk.segment", count=round(count), segment=segment or "any lane", late_ratio=round(share, 4)),
        )

    def _estimate(self, order: Order, at: Instant) -> tuple[float, float, str]:
        elapsed_us, left_us = _elapsed_and_left(order, at)
        first, last = _bin(elapsed_us), _bin(elapsed_us + left_us)
        share, count, named = 0.5, 0.0, ""
        for segment in reversed(_segments(order)):
            table = self._tables.get(f"{order.stage.label}/{segment}")
            if table is not None:
                at_risk = sum(table.counts[first:]) / self._clock.weight
                late = sum(table.counts[last:]) / self._clock.weight
                share = (late + SHRINK * share) / (at_risk + SHRINK)
                count, named = at_risk, segment
        return share, count, named

    def take_dirty(self) -> list[Row]:
        """Return the tables changed since last asked, and the epoch clock."""
        rows: list[Row] = [
            StateRow(MACHINE, key, msgspec.msgpack.encode(self._tables[key])) for key in sorted(self._dirty)
        ]
        if self._is_clock_dirty:
            rows.append(StateRow(MACHINE, "", msgspec.msgpack.encode(self._clock)))
        self._dirty.clear()
        self._is_clock_dirty = False
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the tables."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.key:
                table = msgspec.msgpack.decode(row.state, type=_Table)
                self._tables[row.key] = table
                if table.fresh:
                    self._touched.add(row.key)
            else:
                self._clock = msgspec.msgpack.decode(row.state, type=_Clock)

    def _learn(self, key: str, index: int) -> None:
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = _Table(1, [0.0] * BINS, {})
        table.fresh[index] = table.fresh.get(index, 0.0) + self._clock.weight
        self._touched.add(key)
        self._dirty.add(key)

    def _roll(self) -> None:
        for key in self._touched:
            table = self._tables[key]
            for index, count in table.fresh.items():
                table.counts[index] += count
            table.fresh = {}
            self._dirty.add(key)
        self._touched.clear()


def _segments(order: Order) -> tuple[str, ...]:
    """Return the order's segments, narrowest first."""
    wide = ("*", f"type:{order.order_type}")
    return (f"lane:{order.lane}", *reversed(wide)) if order.lane else tuple(reversed(wide))


def _elapsed_and_left(order: Order, at: Instant) -> tuple[int, int]:
    started_at = order.reached[order.stage] or order.reached[Stage.PLACED] or order.heard_at
    return max(0, at - started_at), max(0, order.promise_at - at)


def _bin(duration_us: int) -> int:
    return min(BINS - 1, int(8 * log2(1 + max(0, duration_us) / HOUR_US)))
