"""A small order-to-delivery model in the twin's style, on other kernels, and SimPy's bare kernel.

Every order is checked (a delay), made on one of a few machines that break down, picked and packed on benches with
shifts (all queues by rank), loaded on the next truck with room, and delivered on a courier's round; who has waited
too long complains. The luck is drawn beforehand, so every style plays the same orders.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import simpy

from twin.kernel import Call, Kernel, Tie
from twin.pace import ALWAYS, Pace, from_spans
from twin.pool import Pool
from twin.regime import Regime

DAY_S = 86_400
SHIFT_S = (6 * 3600, 22 * 3600)
TRUCK_EVERY_S = 7200
DRIVE_S = 10_800
STOP_S = 300
ROUND_MAX = 40
PATIENCE_S = 3 * DAY_S
BATCH_S = 3600

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Luck:
    """What is drawn beforehand.

    Attributes:
        orders: Placed, check, make, pick, pack (seconds each) and rank.
        downs: When all machines stand still.
    """

    orders: list[tuple[int, int, int, int, int, int]]
    downs: list[Span]
    machines: int
    pickers: int
    packers: int
    truck_places: int
    end_s: int

    @property
    def shifts(self) -> list[Span]:
        """Return when the benches work."""
        return [(day * DAY_S + SHIFT_S[0], day * DAY_S + SHIFT_S[1]) for day in range(self.end_s // DAY_S + 1)]


def luck_of(count: int, backlog: int, seed: int = 1) -> Luck:
    """Return ``count`` orders, one in half a minute, and ``backlog`` more that stand at the start."""
    draw = np.random.default_rng(seed)
    total = count + backlog
    placed = np.concatenate([np.zeros(backlog, dtype=np.int64), np.cumsum(draw.integers(1, 59, count))])
    columns = [placed.tolist(), draw.integers(10, 300, total).tolist()]
    columns += [draw.integers(60, most, total).tolist() for most in (400, 300, 240)]
    columns.append(draw.integers(0, 3, total).tolist())
    end_s = int(placed[-1]) + (10 + backlog // 1000) * DAY_S
    starts = np.cumsum(draw.integers(20_000, 80_000, end_s // 50_000)).tolist()
    downs = [
        (start, start + length) for start, length in zip(starts, draw.integers(600, 7200, len(starts)), strict=True)
    ]
    return Luck(list(zip(*columns, strict=True)), downs, 10, 10, 9, 320, end_s)


class Ours:
    """The twin's style: own pools, calendars as arithmetic, one call per stage, a truck and a round as one call."""

    def __init__(self, luck: Luck, env: Kernel) -> None:
        self.env = env
        self.luck = luck
        self.delivered = [0] * len(luck.orders)
        self.complaints = 0
        shifts = from_spans(luck.shifts)
        machines = ALWAYS.slowed([(start, end, 0) for start, end in luck.downs])
        self.make = self._pool(luck.machines, machines, self._made)
        self.pick = self._pool(luck.pickers, shifts, self._picked)
        self.pack = self._pool(luck.packers, shifts, self._packed)
        self.dock: list[tuple[int, int, int]] = []
        self.left = len(luck.orders)
        self.next = 0
        self.patience = 0
        """Orders come by time, and all wait equally long: the next to lose patience is a number."""

    def run(self) -> list[int]:
        """Play it and return when each order was delivered."""
        self._batch(None)
        Call(self.env, TRUCK_EVERY_S, Tie.DEPART, self._truck)
        Call(self.env, PATIENCE_S, Tie.LATE, self._look)
        self.env.run(until=self.luck.end_s)
        return self.delivered

    def _pool(self, servers: int, pace: Pace, done: Callable[[int], None]) -> Pool[int]:
        return Pool(self.env, servers, Regime(pace), done)

    def _batch(self, _call: Call | None) -> None:
        """Let the orders of the next hour come in."""
        orders, now_s, number = self.luck.orders, self.env.now, self.next
        while number < len(orders) and orders[number][0] < now_s + BATCH_S:
            Call(self.env, orders[number][0] + orders[number][1] - now_s, Tie.PLACE, self._checked, number)
            number += 1
        self.next = number
        if number < len(orders):
            Call(self.env, BATCH_S, Tie.PLACE, self._batch)

    def _checked(self, call: Call) -> None:
        order = self.luck.orders[call.item]
        self.make.submit(call.item, order[2], order[5])

    def _made(self, number: int) -> None:
        order = self.luck.orders[number]
        self.pick.submit(number, order[3], order[5])

    def _picked(self, number: int) -> None:
        order = self.luck.orders[number]
        self.pack.submit(number, order[4], order[5])

    def _packed(self, number: int) -> None:
        heapq.heappush(self.dock, (self.luck.orders[number][5], self.env.now, number))

    def _truck(self, _call: Call) -> None:
        load = [heapq.heappop(self.dock)[2] for _ in range(min(self.luck.truck_places, len(self.dock)))]
        if load:
            Call(self.env, DRIVE_S, Tie.ARRIVE, self._arrived, load)
            self.left -= len(load)
        if self.left:
            Call(self.env, TRUCK_EVERY_S, Tie.DEPART, self._truck)

    def _arrived(self, call: Call) -> None:
        now_s = self.env.now
        for place, number in enumerate(call.item):
            self.delivered[number] = now_s + (place % ROUND_MAX + 1) * STOP_S

    def _look(self, _call: Call) -> None:
        """Count who complains now, and look again when the next undelivered order has waited too long."""
        now_s, orders, number = self.env.now, self.luck.orders, self.patience
        while number < len(orders):
            due_s, delivered_s = orders[number][0] + PATIENCE_S, self.delivered[number]
            is_served = 0 < delivered_s <= due_s
            if not is_served and due_s > now_s:
                Call(self.env, due_s - now_s, Tie.LATE, self._look)
                break
            self.complaints += not is_served
            number += 1
        self.patience = number


class HeapKernel:
    """The same handlers without SimPy: a heap and a loop, the least that can drive them."""

    def __init__(self) -> None:
        self.now = 0
        self._queue: list[tuple[int, int, int, Call]] = []
        self._number = 0

    def schedule(self, event: Call, priority: int, delay: int) -> None:
        """Queue a call."""
        self._number += 1
        heapq.heappush(self._queue, (self.now + delay, priority, self._number, event))

    def run(self, until: int) -> None:
        """Make the calls in order."""
        queue, pop = self._queue, heapq.heappop
        while queue and queue[0][0] < until:
            self.now, _priority, _number, event = pop(queue)
            assert event.callbacks is not None, "each call is made once"
            event.callbacks[0](event)


def bare_kernel(events: int, waiting: int) -> int:
    """Let SimPy's kernel pass that many timeouts, some of them queued at a time, and return how many it passed."""
    env = simpy.Environment()
    left = [events]
    delays = np.random.default_rng(1).integers(1, 1000, 4096).tolist()

    def passed(_event: simpy.Event) -> None:
        left[0] -= 1
        if left[0] > 0:
            timeout = simpy.Timeout(env, delays[left[0] & 4095])
            assert timeout.callbacks is not None, "a new timeout has callbacks"
            timeout.callbacks.append(passed)

    for _ in range(waiting):
        passed(env.event())
    env.run()
    return events - left[0]
