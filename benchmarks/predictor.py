"""CPU time of the predictor: one prediction, one epoch, and its share of the room.

Run: ``.venv/bin/python -m benchmarks.predictor [EVENTS.jsonl.gz]``. Without a file an invented marketplace is used:
four events an order, 200 orders a day, promised 24 days ahead. With the imported Olist file the same tables tell of
real orders (docs/prediction.md).
"""

import gzip
import math
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from radar.events import Event, Payload
from radar.events.order import OrderLine, OrderPlaced, PaymentApproved, ShipTo
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.learning.learner import Learner
from radar.learning.model import Model
from radar.orders import NEVER, Order
from radar.room import ControlRoom
from radar.stages import Stage
from scenarios.rules import load_rules
from streams.codec import Codec

START = Instant(1_709_251_200_000_000)
DAYS, ORDERS_A_DAY, PROMISE_DAYS = 90, 200, 24
REPEATS = 20


def invented() -> list[Event]:
    """Return the events of a marketplace with forty lanes and two hundred sellers."""
    chance = Random(1)
    events: list[Event] = []

    def say(number: int, data: Payload, at: float) -> None:
        name = f"{number}-{type(data).__name__}"
        events.append(Event(Instant(round(at)), id=name, source="shop", subject=f"SO-{number:07}", data=data))

    for number in range(DAYS * ORDERS_A_DAY):
        placed = START + chance.random() * DAYS * DAY_US
        promise = Instant(START + ((round(placed) - START) // DAY_US + PROMISE_DAYS) * DAY_US)
        lane = chance.randrange(40)
        data = OrderPlaced(
            promise_at=to_datetime(promise),
            order_type="marketplace",
            lines=(OrderLine("thing", 1),),
            ship_to=ShipTo(area=f"A{lane % 8}", postcode=f"{lane:02}{chance.randrange(20)}"),
            origin=f"B{lane // 8}",
            supplier=f"seller-{chance.randrange(200)}",
            weight_kg=chance.random() * 5,
            distance_km=50 + 40 * lane,
        )
        say(number, data, placed)
        paid = placed + chance.expovariate(1 / 8) * HOUR_US
        say(number, PaymentApproved(ship_by_at=to_datetime(Instant(round(placed) + 5 * DAY_US))), paid)
        handed = paid + chance.expovariate(1 / 60) * HOUR_US
        say(number, ShipmentHandedOver(carrier="C1"), handed)
        say(number, ShipmentDelivered(), handed + (3 + lane / 5) * chance.lognormvariate(0, 0.5) * DAY_US)
    return sorted(events, key=lambda event: (event.time, event.id))


def recorded(path: Path) -> list[Event]:
    """Return the events of a file of JSON lines."""
    lines = gzip.decompress(path.read_bytes()).splitlines()
    found = [one for one in Codec(None).decode_block(lines) if isinstance(one, Event)]
    return sorted(found, key=lambda event: (event.time, event.id))


class TimedLearner(Learner):
    """The learner of a room, with a clock on what it does."""

    spent_ns = 0
    predictions = 0
    epochs_ns: list[int]

    def advance(self, now: Instant) -> Sequence[object]:  # type: ignore[override]  # it says nothing
        """Hold the epochs that are due, timed."""
        begin = time.process_time_ns()
        super().advance(now)
        took = time.process_time_ns() - begin
        self.spent_ns += took
        self.epochs_ns.append(took)
        return ()

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        """Predict, timed."""
        begin = time.process_time_ns()
        found = super().predict(order, at, delay_us)
        self.spent_ns += time.process_time_ns() - begin
        self.predictions += 1
        return found


def drive(events: Sequence[Event]) -> tuple[ControlRoom, TimedLearner, int]:
    """Drive a room whose learner is timed; return both and the CPU nanoseconds of the room."""
    rules = load_rules()
    room = ControlRoom(rules)
    timed = TimedLearner(rules)
    timed.epochs_ns = []
    timed.follow(room.orders)
    room._learner = room._forecast.predictor = timed
    begin = time.process_time_ns()
    for event in events:
        room.observe(event)
    return room, timed, time.process_time_ns() - begin


def clock_cost_ns() -> int:
    """Return what it costs to look at the clock, which the room's own time must not hold."""
    begin = time.process_time_ns()
    for _ in range(100_000):
        time.process_time_ns()
    return (time.process_time_ns() - begin) // 100_000


def best_us(work: Callable[[Order], object], orders: Sequence[Order]) -> float:
    """Return the best of many CPU times of one piece of work, in microseconds."""
    best = math.inf
    for _ in range(REPEATS):
        begin = time.process_time_ns()
        for order in orders:
            work(order)
        best = min(best, time.process_time_ns() - begin)
    return best / len(orders) / 1000


def print_predictions(room: ControlRoom, learner: Learner) -> None:
    """Print what a prediction of an open order costs, and an explanation."""
    at = room.clock
    is_open = [one for one in room.orders.values() if one.is_open and one.promise_at > at]
    groups = {
        "in transit, promised within 9 days": [
            one for one in is_open if one.reached[Stage.HANDED_OVER] and one.promise_at < at + 9 * DAY_US
        ],
        "in transit": [one for one in is_open if one.reached[Stage.HANDED_OVER]],
        "with the seller": [one for one in is_open if one.reached[Stage.HANDED_OVER] == NEVER],
    }
    for name, orders in groups.items():
        if orders:
            ahead = sum(one.promise_at - at for one in orders) / len(orders) / DAY_US
            predict = best_us(lambda order: Learner.predict(learner, order, at), orders)  # without the clock
            explain = best_us(lambda order: learner.explain(order, at), orders[:200])
            print(
                f"{name:36} {len(orders):6} orders, {ahead:4.1f} days ahead: predict {predict:5.1f} us, "
                f"explain {explain:6.1f} us"
            )


def print_state(models: dict[str, Model], room: ControlRoom) -> None:
    """Print how large the learned state is."""
    rows = [row for row in room.take_dirty() if getattr(row, "machine", "") == "learner"]
    size = sum(len(getattr(row, "state", b"")) for row in rows)
    segments = sum(len(one.rows) for model in models.values() for one in model.segments)
    print(f"learned state: {len(rows)} rows, {size / 1e6:.2f} MB; {segments} segments")


def main() -> None:
    """Print the table of docs/prediction.md."""
    events = recorded(Path(sys.argv[1])) if sys.argv[1:] else invented()
    span_days = (events[-1].time - events[0].time) / DAY_US
    room, learner, room_ns = drive(events[: len(events) * 3 // 4])
    clock_ns = learner.predictions * clock_cost_ns()
    learner.spent_ns, room_ns = learner.spent_ns - clock_ns, room_ns - 2 * clock_ns
    count = len(events) * 3 // 4
    print(f"{count} events in {span_days * 0.75:.0f} days; Python {platform.python_version()}, CPU time")
    epochs = sorted(learner.epochs_ns)
    epochs_us = sum(epochs) / count / 1000
    print(f"epochs: {len(epochs)}, median {epochs[len(epochs) // 2] / 1e6:.2f} ms, longest {epochs[-1] / 1e6:.1f} ms")
    print(
        f"room {room_ns / count / 1000:.1f} us/event, of it epochs {epochs_us:.1f}, "
        f"{learner.predictions / count:.2f} predictions {(learner.spent_ns / 1000 / count) - epochs_us:.1f}; "
        f"learning and predicting {learner.spent_ns / room_ns:.0%} of the room"
    )
    print_predictions(room, learner)
    print_state(learner._models, room)


if __name__ == "__main__":
    main()
