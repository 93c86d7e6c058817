"""What surrounds the orders: conditions, usual times, load ahead, drift and bottlenecks, as one machine.

It follows the orders' milestones beside the predictor and keeps the index from places to open orders. What was
learned enters its tables at the same event-time epochs as the predictor's, in a fixed order.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from zlib import crc32

import msgspec

from radar.bottlenecks import MACHINE as BOTTLENECKS
from radar.bottlenecks import Bottlenecks
from radar.capacity import MACHINE as CAPACITY
from radar.capacity import Capacity
from radar.conditions import Conditions
from radar.conditions.machine import MACHINE as CONDITIONS
from radar.conditions.news import READERS
from radar.drift import MACHINE as DRIFT
from radar.drift import Drift
from radar.events import Event
from radar.instant import EARLIEST, LATEST, Instant
from radar.load_known import DAYS
from radar.open_index import OpenIndex
from radar.orders import Order
from radar.outputs import Output, Row, StateRow
from radar.remaining import MACHINE as REMAINING
from radar.remaining import RemainingTimes
from radar.rules import Rules
from radar.stages import OrderPhase, Stage
from radar.ways import MACHINE as WAYS
from radar.ways import Ways
from radar.wider import MACHINES as WIDER
from radar.wider import Wider

MACHINE = "surroundings"
MACHINES = (MACHINE, BOTTLENECKS, CAPACITY, CONDITIONS, DRIFT, REMAINING, WAYS, *WIDER)
"""Machine names of the rows it keeps."""


SAMPLE = 300
"""Orders an epoch that are enough for usual times, drift and shares of lost time: beyond, a fair sample teaches."""


class _Clock(msgspec.Struct, array_like=True):
    version: int
    epoch_at: Instant
    placed: int = 0
    """Orders since the last epoch."""
    every: int = 1
    """One in so many new orders, by hash, is of the sample until the next epoch."""


class Surroundings:
    """Everything around the orders, under the four verbs."""

    def __init__(self, rules: Rules) -> None:
        self.index = OpenIndex()
        self.remaining = RemainingTimes()
        self.ways = Ways()
        self.wider = Wider(rules)
        self.conditions = Conditions(rules.conditions, self.index, self.remaining, self.ways, self.wider.stock.knows)
        self.drift = Drift(rules.drift)
        self.capacity = Capacity(rules.capacity, self.remaining, self.ways)
        self.bottlenecks = Bottlenecks(rules.standards)
        self._orders: Mapping[str, Order] = {}
        self._epoch_us = rules.learn_epoch_us
        self._clock = _Clock(1, EARLIEST)
        self._parts: dict[str, Bottlenecks | Capacity | Conditions | Drift | RemainingTimes | Ways | Wider] = {
            REMAINING: self.remaining,
            WAYS: self.ways,
            DRIFT: self.drift,
            CAPACITY: self.capacity,
            BOTTLENECKS: self.bottlenecks,
            CONDITIONS: self.conditions,
            **dict.fromkeys(WIDER, self.wider),
        }
        self._is_clock_dirty = False
        self.floor: Instant = LATEST
        """Nothing is due before this; ``LATEST`` when nothing waits."""

    def follow(self, orders: Mapping[str, Order], clock: Callable[[], Instant]) -> None:
        """Name the orders in memory, and who tells how far time has come.

        From the orders places are found, and the load ahead is counted.
        """
        self._orders = orders
        self.wider.follow(orders, clock)

    # --- the four verbs ----------------------------------------------------------------------------------

    def concerns(self, event: Event) -> bool:
        """Return whether ``observe`` must be told of an event: it speaks of the world, or is the first of all."""
        kind = type(event.data)
        return kind in READERS or kind in self.wider.kinds or self._clock.epoch_at == EARLIEST

    def observe(self, event: Event) -> Sequence[Output]:
        """Take in what an event says about the world; the first one begins the epochs."""
        if self._clock.epoch_at == EARLIEST:
            self._set_epoch(event.time)
            self.conditions.wake(event.time)
        said = self.wider.observe(event) if type(event.data) in self.wider.kinds else ()
        if not self.wider.is_known_better(event):
            self.conditions.observe(event)
        self._pass_on(event.time)
        self._wake_index()
        self._set_floor()
        return said

    def advance(self, now: Instant) -> Sequence[Output]:
        """Let epochs and days pass and conditions end strictly before ``now``, by time, epochs first, then days."""
        out: list[Output] = []
        while self.floor < now:
            epoch_at, day_at = self._clock.epoch_at or LATEST, self.capacity.due
            if epoch_at <= min(day_at, self.conditions.floor):
                out.extend(self._roll(epoch_at))
                self._set_epoch(epoch_at)
            elif day_at <= self.conditions.floor:
                out.extend(self._close_day(day_at))
                self._set_floor()
            else:
                out.extend(self.conditions.advance(min(now, epoch_at, day_at)))
                self._set_floor()
        return out

    def next_due(self) -> Instant | None:
        """Return a time before which nothing is due."""
        return None if self.floor == LATEST else self.floor

    def take_dirty(self) -> list[Row]:
        """Return the rows changed since last asked."""
        rows = [row for part in dict.fromkeys(self._parts.values()) for row in part.take_dirty()]
        if self._is_clock_dirty:
            rows.append(StateRow(MACHINE, "", msgspec.msgpack.encode(self._clock)))
            self._is_clock_dirty = False
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore, each part from its own rows."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.machine in self._parts:
                self._parts[row.machine].load((row,))
            else:
                self._clock = msgspec.msgpack.decode(row.state, type=_Clock)
        self._wake_index()
        self._set_floor()

    # --- what orders tell and ask ------------------------------------------------------------------------

    def choose(self, order: Order) -> None:
        """Choose whether a new order is of the sample, before anybody is told of it."""
        self._clock.placed += 1
        self._is_clock_dirty = True
        order.is_sample = crc32(order.order_id.encode()) % self._clock.every == 0

    def placed(self, order: Order, at: Instant) -> None:
        """Take note of a new order."""
        self.capacity.reached(order, Stage.PLACED, at)
        if self.capacity.due < self.floor:
            self._set_floor()

    def produced(self, order: Order, at: Instant) -> None:
        """Take note that the goods are made."""
        self._done(order, Stage.PRODUCED, at)

    def handed_over(self, order: Order, at: Instant) -> None:
        """Take note that the carrier has the parcel."""
        self.ways.handed_over(order)
        self._done(order, Stage.HANDED_OVER, at)

    def out_for_delivery(self, order: Order, _at: Instant) -> None:
        """Take note that the courier has the parcel."""
        if self.index.is_on:
            self.conditions.reached(order, Stage.OUT_FOR_DELIVERY)

    def paid(self, order: Order, at: Instant) -> None:
        """Take note that the money is there."""
        if order.is_sample:
            self.drift.reached(order, Stage.PAID, at)

    def delivered(self, order: Order, at: Instant) -> None:
        """Take note of the delivery."""
        self._done(order, Stage.DELIVERED, at)

    def _done(self, order: Order, stage: Stage, at: Instant) -> None:
        self.capacity.reached(order, stage, at)
        if self.index.is_on:
            self.conditions.reached(order, stage)
        if order.is_sample:
            self.drift.reached(order, stage, at)

    def closed(self, order: Order) -> None:
        """Take note of an order's end."""
        if self.index.is_on:
            self.index.remove(order.order_id)
        if order.phase is OrderPhase.DELIVERED:
            self.conditions.delivered(order)
            if self.wider.complaints.is_awake:
                self.wider.complaints.delivered(order)
            if order.is_sample:
                self.bottlenecks.delivered(order)
                if not order.touches:
                    self.remaining.delivered(order)

    def _pass_on(self, at: Instant) -> None:
        for news in self.wider.take_news():
            self.conditions.take(news, at)

    def _wake_index(self) -> None:
        if self.conditions.is_awake and not self.index.is_on:
            self.index.start(self._orders.values())

    def _set_epoch(self, at: Instant) -> None:
        self._clock.epoch_at = Instant((at // self._epoch_us + 1) * self._epoch_us)
        self._is_clock_dirty = True
        self._set_floor()

    def _set_floor(self) -> None:
        self.floor = min(self._clock.epoch_at or LATEST, self.conditions.floor, self.capacity.due)

    def _roll(self, at: Instant) -> Sequence[Output]:
        self._clock.every = max(1, self._clock.placed // SAMPLE)
        self._clock.placed = 0
        self.remaining.roll(at)
        self.ways.roll(at)
        self.conditions.roll(at)
        self.bottlenecks.roll(at)
        wider = self.wider.roll(at)
        self._pass_on(at)
        return (*self.drift.roll(at), *wider)

    def _close_day(self, at: Instant) -> Sequence[Output]:
        open_orders = (order for order in self._orders.values() if order.is_open)
        return self.capacity.roll(at, open_orders, self.conditions.days_ahead(at, DAYS))


def experience(row: StateRow, _days: int) -> StateRow:
    """Return the clock as it moves to another room: how large the sample is; its epochs begin with the first event."""
    clock = msgspec.msgpack.decode(row.state, type=_Clock)
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(msgspec.structs.replace(clock, epoch_at=EARLIEST)))
