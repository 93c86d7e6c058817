"""What the flow alone finds 36 hours ahead, by kind of trouble: recall at given precisions, without a control room.

Run: ``python -m benchmarks.flow [--scenario S ...] [--seed N] [--days N] [--calm N]``.

The events of the reference network, as its systems report them and with every scenario after ``--calm`` days, are
folded into orders and shown to ``radar.learning.flow.Flow``; at 36 h and the time the intake waits before the promise
every open order is predicted. Much quicker than ``benchmarks.early_warning``, which judges the whole room.
"""

import argparse
import gc
from collections.abc import Iterable, Sequence
from datetime import timedelta
from heapq import heappop, heappush

import numpy as np

from radar.events import Event
from radar.fold import FOLDS
from radar.instant import HOUR_US, Instant
from radar.learning.flow import Flow
from radar.learning.local_days import Floats, LocalDays
from radar.learning.positions import FINE, TYPES_MAX
from radar.orders import NEVER, Order
from radar.stages import Stage
from scenarios.catalog import load_scenario
from scenarios.network import load_network
from twin.chance import Chance
from twin.compile import compile_scenarios
from twin.context import epoch_of
from twin.truth import Truth
from twin.world import RunPlan, World

LEAD_US = int(37.2 * HOUR_US)
WAIT_US = HOUR_US
FAMILIES = (
    "typhoon", "snow", "heat", "flood", "fire", "courier-strike", "road-closure", "carrier-collapse", "line-failure",
    "power-cut", "supplier-default", "double-11", "bad-week",
)  # fmt: skip
THRESHOLDS = (0.25, 0.4)


def simulated(scenario: str, seed: int, days: int, calm: int) -> tuple[list[tuple[Instant, Event]], Truth]:
    """Return the events by the time the room takes them in, and what truly happened."""
    network = load_network("homeware")
    start = network.start - timedelta(days=calm - network.warm_up_days)
    network = network.model_copy(update={"warm_up_days": calm, "start": start})
    events: list[Event] = []
    compiled = compile_scenarios([load_scenario(scenario)], network, Chance(seed, 0), epoch_of(network), calm + days)
    truth = World(network, RunPlan(seed=seed, days=calm + days, masks=compiled.masks, sink=events.append)).run()
    taken_in = [(Instant(max(one.time, (one.recorded_at or one.time) - WAIT_US)), one) for one in events]
    return sorted(taken_in, key=lambda entry: (entry[0], entry[1].id)), truth


class Reader:
    """Folds events, holds the steps, and predicts every open order once."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.orders: dict[str, Order] = {}
        self.found: dict[str, float] = {}
        self._checks: list[tuple[int, str]] = []
        self._days = LocalDays("Asia/Shanghai")

    def read(self, events: Iterable[tuple[Instant, Event]]) -> None:
        """Read events in their order."""
        for at, event in events:
            self._wait(at)
            fold = FOLDS.get(type(event.data))
            if fold is None:
                continue
            order = self.orders.setdefault(event.subject, Order(event.subject))
            reached = fold(order, event.data, event.time)
            order.heard_at = Instant(max(order.heard_at, event.time))
            order.seen = str(at).encode()
            if reached is not None:
                self._tell(order, reached, at)
            else:
                self.flow.heard(order, at)

    def _wait(self, at: Instant) -> None:
        while min(self._checks[0][0] if self._checks else at, self.flow.due) < at:
            if self._checks and self._checks[0][0] < self.flow.due:
                due, order_id = heappop(self._checks)
                order = self.orders[order_id]
                if order.is_open and self.flow.concerns(order):
                    self.found[order_id] = self.flow.predict(order, Instant(due))
            else:
                self.flow.step()

    def _tell(self, order: Order, stage: Stage, at: Instant) -> None:
        if stage is Stage.PLACED and order.promise_at != NEVER:
            self.flow.heard(order, at)
            if order.promise_at - LEAD_US > at:
                heappush(self._checks, (order.promise_at - LEAD_US, order.order_id))
        if order.order_type not in self.flow.types and stage in FINE and len(self.flow.types) < TYPES_MAX:
            self.flow.begin(order.order_type, self._days, at, self.orders.values())
        if order.order_type in self.flow.types:
            self.flow.reached(order, stage, at)


def recall_at(precision: float, chances: Floats, late: Floats, total: int) -> float:
    """Return the largest recall of a threshold with at least a precision."""
    hits = np.cumsum(late[np.argsort(-chances, kind="stable")])
    good = np.flatnonzero(hits / np.arange(1, len(hits) + 1) >= precision)
    return float(hits[good[-1]] / total) if len(good) else 0.0


def line(scenario: str, reader: Reader, truth: Truth) -> str:
    """Return a row of the table."""
    counted = truth.counted()
    total = sum(truth.is_late(order) for order in counted)
    judged = [order for order in counted if order.id in reader.found]
    chances = np.array([reader.found[order.id] for order in judged])
    late = np.array([float(truth.is_late(order)) for order in judged])
    cells = [
        scenario,
        f"{total / len(counted):.3f}",
        f"{late.mean():.2f}",
        f"{recall_at(0.7, chances, late, total):.2f}",
    ]
    for threshold in THRESHOLDS:
        warned = chances >= threshold
        cells.append(f"{late[warned].sum() / max(1, warned.sum()):.2f} / {late[warned].sum() / total:.2f}")
    return "| " + " | ".join(cells) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of docs/early-warning.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--calm", type=int, default=24)
    given = parser.parse_args(arguments)
    gc.disable()
    columns = " | ".join(f"p >= {one}: precision / recall" for one in THRESHOLDS)
    print(f"| scenario | late | late of those open | best recall at precision .70 | {columns} |")
    print("| --- " * (4 + len(THRESHOLDS)) + "|")
    for scenario in given.scenario or FAMILIES:
        events, truth = simulated(scenario, given.seed, given.days, given.calm)
        reader = Reader()
        reader.read(events)
        print(line(scenario, reader, truth), flush=True)


if __name__ == "__main__":
    main()
