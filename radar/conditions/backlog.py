"""Queues longer than usual: orders waiting at a line, warehouse or lane against what it gets done a day.

By Little's law an order that joins a queue of L at a place that does r a day waits L / r. The usual queue is in the
usual times already, so only the excess over the place's own usual L counts.
"""

from collections.abc import Iterable

import msgspec

from radar.conditions.condition import Code, Standing
from radar.instant import HOUR_US, Instant
from radar.open_index import LANE, LINE, WAREHOUSE, OpenIndex
from radar.orders import Order
from radar.outputs import Row, StateRow
from radar.rules import ConditionRules
from radar.stages import Stage

KEY = "queue:"
HALF_LIFE_DAYS = 14
BUSY_A_DAY = 5.0
"""Places that do less are not judged: their queue is chance."""
DAYS_MIN = 7
"""Days a place must be known before its usual is believed."""


class _Queue(msgspec.Struct, array_like=True):
    version: int
    days: int = 0
    done_today: int = 0
    done_mean: float = 0.0
    waiting_sum: int = 0
    ticks: int = 0
    waiting_mean: float = 0.0


class Backlogs:
    """Usual queue and throughput of every place."""

    def __init__(self, rules: ConditionRules) -> None:
        self._rules = rules
        self._queues: dict[str, _Queue] = {}
        self._dirty: set[str] = set()

    @property
    def is_known(self) -> bool:
        """Return whether any place's queue was ever followed."""
        return bool(self._queues)

    def reached(self, order: Order, stage: Stage) -> None:
        """Count an order that a place is done with."""
        if stage is Stage.PRODUCED and order.line:
            self._done(LINE + order.line)
        elif stage is Stage.HANDED_OVER and order.warehouse:
            self._done(WAREHOUSE + order.warehouse)
        elif stage is Stage.OUT_FOR_DELIVERY and order.lane:
            self._done(LANE + order.lane)

    def tick(self, index: OpenIndex, at: Instant) -> list[Standing]:
        """Look at all queues and return what stands at those that are too long, by place."""
        found = []
        for key in sorted(self._queues):
            queue = self._queues[key]
            waiting = index.count(key)
            queue.waiting_sum += waiting
            queue.ticks += 1
            self._dirty.add(key)
            if queue.days >= DAYS_MIN and queue.done_mean >= BUSY_A_DAY:
                extra_h = 24 * (waiting - queue.waiting_mean) / queue.done_mean
                if extra_h * HOUR_US >= self._rules.backlog_min_us:
                    found.append(
                        Standing(1, Code.BACKLOG, key, "backlog", at, at, at, amount=extra_h, capacity=float(waiting))
                    )
        return found

    def roll(self, at: Instant) -> None:
        """Let the day enter the usual figures."""
        del at
        for key, queue in self._queues.items():
            queue.days += 1
            share = max(1 - 0.5 ** (1 / HALF_LIFE_DAYS), 1 / queue.days)
            queue.done_mean += share * (queue.done_today - queue.done_mean)
            if queue.ticks:
                queue.waiting_mean += share * (queue.waiting_sum / queue.ticks - queue.waiting_mean)
            queue.done_today = queue.waiting_sum = queue.ticks = 0
            self._dirty.add(key)

    def take_dirty(self, machine: str) -> list[Row]:
        """Return the queues changed since last asked."""
        rows: list[Row] = [
            StateRow(machine, KEY + key, msgspec.msgpack.encode(self._queues[key])) for key in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[StateRow]) -> None:
        """Restore the queues."""
        for row in rows:
            self._queues[row.key.removeprefix(KEY)] = msgspec.msgpack.decode(row.state, type=_Queue)

    def _done(self, key: str) -> None:
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(1)
        queue.done_today += 1
        self._dirty.add(key)
