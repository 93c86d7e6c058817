"""What the second stage learns from: snapshots of open orders, kept until their label is known.

Theory of operation. An epoch takes snapshots of the orders whose promise is 1, 2, 4, 6 or 8 days off, with the score
and the inputs they had then: tables change, so they cannot be made again later and are stored, one row a day. A label
takes an order's snapshots out: on time, all is said. Late, the order *waits*: its snapshots are learned with the weight
``q``, the share of overdue orders that did finish of late; what is missing to 1 follows at the delivery, and 30 days
after the promise without one q is taken back. ``q`` itself is the result of the orders whose wait ended.
"""

from collections.abc import Iterable, Sequence
from math import ceil

import msgspec
import numpy as np

from radar.learning.calibration import LESSON_WEIGHT, Calibration
from radar.learning.facts import handed_over_at
from radar.learning.local_days import Floats, LocalDays
from radar.learning.scatter import Scatter
from radar.orders import NEVER, Order

SNAPSHOT_DAYS = (1, 2, 4, 6, 8)
"""Days before the promise."""
SNAPSHOTS_MAX = 500
"""Orders of one promise day that are looked at: the first by hash, a fair sample."""
WAIT_DAYS = 30
"""An order that is overdue for so long is not expected any more."""
KEPT_DAYS = 12
"""A snapshot without a label by then belongs to an order that was cancelled."""
FINISHED_HALF_LIFE = 45.0
FINISHED_PRIOR = ((1.0, 3.0), (4.0, 5.0))
"""Overdue orders that did finish, and all: not handed over by the promise, handed over."""


class Snapshot(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An open order at a midnight before its promise."""

    day: int
    moving: bool
    score: float
    inputs: bytes
    """Float64, as the regression takes them."""
    chance: float
    """P(late) as it was said then."""


class Wait(msgspec.Struct, array_like=True):
    """A late order whose end is not known."""

    version: int
    was_handed: bool
    """Whether it was handed over by the promise."""
    weight: float
    """What its snapshots count so far."""
    promise: float
    is_finished: bool
    snapshots: list[Snapshot]


class Lessons:
    """Snapshots, waits, and the share of waits that end well."""

    __slots__ = ("_days", "by_day", "dirty_days", "dirty_waits", "finished", "scatter", "snapshots", "waits")

    def __init__(self, days: LocalDays) -> None:
        self._days = days
        self.snapshots: dict[str, list[Snapshot]] = {}
        self.by_day: dict[int, list[tuple[str, Snapshot]]] = {}
        """Snapshots by the day they were taken, labelled since or not: stored once, and forgotten as a whole."""
        self.waits: dict[str, Wait] = {}
        self.finished = [list(pair) for pair in FINISHED_PRIOR]
        self.scatter = Scatter(SNAPSHOT_DAYS)
        self.dirty_days: set[int] = set()
        self.dirty_waits: set[str] = set()

    def take(
        self, day: int, order_ids: Sequence[str], scores: Floats, inputs: Floats, chances: Floats, *, moving: bool
    ) -> None:
        """Keep snapshots taken at the beginning of a day.

        Args:
            day: The day.
            order_ids: Their ids.
            scores: The hazards' log-odds.
            inputs: What the regression reads of each.
            chances: P(late) as it is said.
            moving: Whether they are in transit.
        """
        taken = [
            (order_id, Snapshot(day, moving, score, row.tobytes(), chance))
            for order_id, score, row, chance in zip(order_ids, scores.tolist(), inputs, chances.tolist(), strict=True)
        ]
        self.restore_day(day, taken)
        self.dirty_days.add(day)

    def learn(
        self,
        settled: Iterable[Order],
        delivered: Iterable[Order],
        day: int,
        gap: float,
        into: Calibration,
        rates: Floats,
    ) -> None:
        """Learn from the labels and deliveries told since the last epoch, in a fixed order.

        Args:
            settled: Orders whose label was told.
            delivered: Orders whose delivery was told.
            day: The epoch.
            gap: Days since the last one.
            into: The regressions.
            rates: Log rates of everything now.
        """
        batch = _Batch()
        for order in settled:
            snapshots = self.snapshots.pop(order.order_id, None)
            if snapshots is None:
                continue
            if order.is_late:
                batch.add(snapshots, 1.0, self._wait(order, snapshots))
            else:
                batch.add(snapshots, 0.0, 1.0)
                self._compare(order, snapshots)
        for order in delivered:
            wait = self.waits.get(order.order_id)
            if wait is not None and not wait.is_finished:
                batch.add(wait.snapshots, 1.0, 1 - wait.weight)
                self._compare(order, wait.snapshots)
                wait.is_finished, wait.snapshots = True, []
                self.dirty_waits.add(order.order_id)
        fade = 0.5 ** (gap / FINISHED_HALF_LIFE)
        self.finished = [[value * fade for value in pair] for pair in self.finished]
        self._end_waits(day, batch)
        self._forget(day)
        self.scatter.close(day - WAIT_DAYS, gap)
        batch.teach(into, rates)

    def restore_day(self, day: int, rows: Iterable[tuple[str, Snapshot]]) -> None:
        """Take the snapshots of one day in; call by day."""
        for order_id, snapshot in rows:
            self.snapshots.setdefault(order_id, []).append(snapshot)
            self.by_day.setdefault(day, []).append((order_id, snapshot))

    def _compare(self, order: Order, snapshots: list[Snapshot]) -> None:
        """Hold what became of a delivered order against what was said of it."""
        promise_day = ceil(self._days.deadline(order.promise_at))
        for one in snapshots:
            miss, chance = order.is_late - one.chance, one.chance * (1 - one.chance)
            self.scatter.note(promise_day, promise_day - one.day, miss, chance)

    def _wait(self, order: Order, snapshots: list[Snapshot]) -> float:
        """Let a late order wait for its end; returns what its snapshots count until then."""
        handed_at = handed_over_at(order)
        was_handed = handed_at != NEVER and handed_at <= order.promise_at
        finished, total = self.finished[was_handed]
        weight = finished / total
        promise = self._days.deadline(order.promise_at)
        self.waits[order.order_id] = Wait(1, was_handed, weight, promise, False, snapshots)
        self.dirty_waits.add(order.order_id)
        return weight

    def _end_waits(self, day: int, batch: "_Batch") -> None:
        """Count the waits whose time is over; the orders of one promise day are counted together."""
        over = sorted(key for key, wait in self.waits.items() if wait.promise + WAIT_DAYS <= day)
        for order_id in over:
            wait = self.waits.pop(order_id)
            self.dirty_waits.add(order_id)
            self.finished[wait.was_handed][0] += wait.is_finished
            self.finished[wait.was_handed][1] += 1
            if not wait.is_finished:
                batch.add(wait.snapshots, 1.0, -wait.weight)

    def _forget(self, day: int) -> None:
        for old in [one for one in self.by_day if one <= day - KEPT_DAYS]:
            for order_id, _ in self.by_day.pop(old):
                self.snapshots.pop(order_id, None)
            self.dirty_days.add(old)


class _Batch:
    """Lessons of one epoch, for orders with the seller and in transit."""

    def __init__(self) -> None:
        self._rows: tuple[list[tuple[bytes, float, float, float]], ...] = ([], [])

    def add(self, snapshots: Iterable[Snapshot], label: float, weight: float) -> None:
        for one in snapshots:
            self._rows[one.moving].append((one.inputs, one.score, label, weight * LESSON_WEIGHT))

    def teach(self, into: Calibration, rates: Floats) -> None:
        for moving, rows in enumerate(self._rows):
            if rows:
                inputs = np.frombuffer(b"".join(row[0] for row in rows)).reshape(len(rows), -1)
                score, label, weight = np.array([row[1:] for row in rows]).T
                into.learn(moving, inputs, label, score, weight, rates)
