"""CPU time of the core per event, and memory per open order: intake and control room, nothing decoded or written.

Run: ``.venv/bin/python -m benchmarks.core [profile]``. The mix is the maker's route told in ten events an order.
"""

import cProfile
import gc
import platform
import pstats
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence

from radar.events import Event, Payload
from radar.events.order import OrderLine, OrderPlaced, OrderValidated, PaymentApproved, ShipTo
from radar.events.supply import ProductionFinished, StockAllocated
from radar.events.transport import (
    FulfilmentPacked,
    FulfilmentPicked,
    ShipmentDelivered,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
    ShipmentScan,
)
from radar.instant import DAY_US, HOUR_US, MINUTE_US, Instant, to_datetime
from radar.intake import Entry, Intake
from radar.learning.learner import Learner
from radar.room import ControlRoom
from radar.rules import Rules
from scenarios.rules import load_rules

START = Instant(1_709_251_200_000_000)
ORDERS = 10_000
OPEN_ORDERS = 100_000
REPEATS = 5
BLOCK_LINES = 1000
LINE = b"{}"

STEPS: tuple[tuple[float, Payload], ...] = (
    (0.2, OrderValidated()),
    (0.5, PaymentApproved()),
    (1.0, StockAllocated()),
    (20.0, ProductionFinished()),
    (22.0, FulfilmentPicked()),
    (23.0, FulfilmentPacked()),
    (25.0, ShipmentHandedOver(carrier="C1", mode="road")),
    (30.0, ShipmentScan(site="hub")),
    (50.0, ShipmentOutForDelivery(courier="K7")),
    (55.0, ShipmentDelivered()),
)
"""Hours after the order was placed, and what is told; with the placement eleven events, ten of them steps."""


class Quiet(Learner):
    """A predictor that costs nothing and fears nothing."""

    def placed(self, *_: object) -> None:
        """Learn nothing."""

    def reached(self, *_: object) -> None:
        """Learn nothing."""

    def heard(self, *_: object) -> None:
        """Learn nothing."""

    def predict(self, *_: object) -> float:
        """Return that nothing will be late."""
        return 0.0


def placement(number: int, at: Instant) -> OrderPlaced:
    """Return an order promised five days ahead, on one of fifty lanes."""
    lines = (OrderLine("SKU-1", 1, "sofa"),)
    where = ShipTo(area=f"area-{number % 50}", postcode=str(number % 997))
    return OrderPlaced(
        to_datetime(Instant(at + 5 * DAY_US)), lines=lines, ship_to=where, origin="plant", value=100.0, weight_kg=12.0
    )


def history(count: int, steps: Sequence[tuple[float, Payload]] = STEPS) -> list[Event]:
    """Return the events of so many orders, one placed a minute, in order of time."""
    events: list[Event] = []
    for number in range(count):
        at = Instant(START + number * MINUTE_US)
        name = f"SO-{number:08}"
        told = [(0.0, placement(number, at)), *steps]
        events.extend(
            Event(Instant(at + int(hours * HOUR_US)), id=f"{name}/{step}", source="erp", subject=name, data=data)
            for step, (hours, data) in enumerate(told)
        )
    return sorted(events, key=lambda event: event.time)


def room_of(rules: Rules, *, is_quiet: bool) -> ControlRoom:
    """Return a control room, with the real predictor or one that costs nothing."""
    room = ControlRoom(rules)
    if is_quiet:
        quiet = Quiet(rules)
        room._learner = room._forecast.predictor = quiet
    return room


def observe_all(room: ControlRoom, events: Iterable[Event]) -> None:
    """Drive a room alone."""
    for event in events:
        room.observe(event)


def count_by_order(events: Iterable[Event]) -> dict[str, list[int]]:
    """Return count and latest time by order: the least any watch must do, and a gauge of the machine."""
    orders: dict[str, list[int]] = {}
    for event in events:
        found = orders.get(event.subject)
        if found is None:
            found = orders[event.subject] = [0, 0]
        found[0] += 1
        found[1] = max(found[1], event.time)
    return orders


def take_all(intake: Intake, blocks: Sequence[list[Entry]], batch_every: int = 0) -> None:
    """Drive an intake block by block, with a tick each, and a batch now and then."""
    for number, block in enumerate(blocks, 1):
        intake.take(0, block, block[-1][1] + 1)
        intake.tick()
        if batch_every and number % batch_every == 0:
            intake.take_batch()
    intake.finish(0)
    intake.tick()


def cpu_us(prepare: Callable[[], Callable[[], object]], count: int) -> float:
    """Return the best of five CPU times, in microseconds an event."""
    best = float("inf")
    for _ in range(REPEATS):
        work = prepare()
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 50, 100)
        begin = time.process_time_ns()
        work()
        best = min(best, time.process_time_ns() - begin)
        gc.unfreeze()
    return best / count / 1000


def memory(rules: Rules) -> str:
    """Return the bytes an open order takes, as Python counts them and as the machine does."""
    events = history(OPEN_ORDERS, STEPS[:3])
    room = room_of(rules, is_quiet=True)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    observe_all(room, events)
    room.take_dirty()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) * 1024 / OPEN_ORDERS
    tracemalloc.start()
    traced = room_of(rules, is_quiet=True)
    observe_all(traced, history(OPEN_ORDERS // 10, STEPS[:3]))
    del events
    gc.collect()
    each = tracemalloc.get_traced_memory()[0] / (OPEN_ORDERS // 10)
    tracemalloc.stop()
    return f"memory per open order: {grown:.0f} bytes resident at peak (rows once packed), {each:.0f} by tracemalloc"


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    rules = load_rules()
    events = history(ORDERS)
    entries: list[Entry] = [(event, number, LINE) for number, event in enumerate(events)]
    blocks = [entries[start : start + BLOCK_LINES] for start in range(0, len(entries), BLOCK_LINES)]

    def intake(lateness_us: int, batch_every: int = 0, *, is_quiet: bool = True) -> Callable[[], object]:
        door = Intake(room_of(rules, is_quiet=is_quiet), ["file"], lateness_us)
        return lambda: take_all(door, blocks, batch_every)

    def bare() -> Callable[[], object]:
        return lambda: count_by_order(events)

    def alone(*, is_quiet: bool) -> Callable[[], object]:
        room = room_of(rules, is_quiet=is_quiet)
        return lambda: observe_all(room, events)

    if sys.argv[1:] == ["profile"]:
        profile = cProfile.Profile()
        profile.runcall(intake(HOUR_US))
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        return
    cases: list[tuple[str, Callable[[], Callable[[], object]]]] = [
        ("bare loop: one look-up and two numbers an order", bare),
        ("room, quiet predictor", lambda: alone(is_quiet=True)),
        ("room, the predictor of the product", lambda: alone(is_quiet=False)),
        ("intake + room, no lateness", lambda: intake(0)),
        ("intake + room, 1 h lateness", lambda: intake(HOUR_US)),
        ("intake + room, 10 d lateness (all wait)", lambda: intake(10 * DAY_US)),
        ("intake + room, 1 h, rows packed every 50 blocks", lambda: intake(HOUR_US, 50)),
    ]
    print(f"{len(events)} events of {ORDERS} orders; CPU, best of {REPEATS}; Python {platform.python_version()}")
    base = 0.0
    for name, prepare in cases:
        each = cpu_us(prepare, len(events))
        base = base or each
        print(f"{name:50} {each:7.2f} us/event {each / base:6.2f} x")
    print(memory(rules))


if __name__ == "__main__":
    main()
