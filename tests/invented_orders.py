"""An invented marketplace around two changes of daylight saving in Sao Paulo: events, and the table they come from."""

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from radar.events import Event, Payload
from radar.events.order import OrderPlaced, PaymentApproved, ShipTo
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver
from radar.instant import to_instant
from streams.codec import encode

ZONE = ZoneInfo("America/Sao_Paulo")
FIRST = datetime.fromisoformat("2017-09-20T00:00")
"""The clock went forward on 2017-10-15 (that day has no midnight) and back on 2018-02-18."""


@dataclass(frozen=True, slots=True)
class InventedOrder:
    """One order with naive local times; None: it never happened."""

    order_id: str
    placed: datetime
    promised: datetime
    """Midnight that ends the promised day."""
    paid: datetime | None
    handed_over: datetime | None
    delivered: datetime | None
    weight: float
    lane: str


def invent(count: int, seed: int = 1, days: int = 170) -> list[InventedOrder]:
    """Draw orders, some late, some never delivered."""
    chance = random.Random(seed)
    orders = []
    for number in range(count):
        placed = FIRST + timedelta(days=days * number / count, seconds=chance.randrange(86_400))
        lane = chance.choice(["SP-RJ", "SP-AM", "MG-RS"])
        pace = {"SP-RJ": 0.7, "SP-AM": 1.5, "MG-RS": 1.0}[lane] * chance.lognormvariate(0, 0.5)
        paid = placed + timedelta(hours=chance.choice([0.3, 5, 35]))
        handed = paid + timedelta(hours=50 * pace)
        delivered = handed + timedelta(hours=180 * pace)
        promised = placed.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=chance.randint(9, 16))
        order = InventedOrder(
            f"SO-{number:05d}", placed, promised, paid, handed, delivered, chance.choice([1.0, 2.8806]), lane
        )
        orders.append(replace(order, delivered=None) if chance.random() < 0.05 else order)
    return orders


def events_of(orders: Iterable[InventedOrder]) -> list[Event]:
    """Return the events of the orders in the order of (time, id)."""
    events: list[Event] = []
    for order in orders:
        origin, _, area = order.lane.partition("-")
        placement = OrderPlaced(
            promise_at=_aware(order.promised),
            order_type="marketplace",
            ship_to=ShipTo(area=area),
            origin=origin,
            zone="America/Sao_Paulo",
            sample_weight=order.weight,
        )
        happened: list[tuple[str, datetime | None, Payload]] = [
            ("placed", order.placed, placement),
            ("paid", order.paid, PaymentApproved()),
            ("handed", order.handed_over, ShipmentHandedOver(lane=order.lane)),
            ("delivered", order.delivered, ShipmentDelivered()),
        ]
        events += [
            Event(to_instant(_aware(when)), f"{order.order_id}-{name}", "shop", order.order_id, data)
            for name, when, data in happened
            if when is not None
        ]
    return sorted(events, key=lambda event: (event.time, event.id))


def write_events(path: Path, events: Iterable[Event]) -> Path:
    """Write events as JSON lines, in the order given."""
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return path


def write_table(path: Path, orders: Iterable[InventedOrder]) -> Path:
    """Write the orders as the reference scorer reads them."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_id", "order_status", "created_at", "delivered_at", "promised_date", "sample_weight"])
        for one in orders:
            kind = "delivered" if one.delivered else "shipped"
            delivered = one.delivered.isoformat() if one.delivered else ""
            promised = (one.promised - timedelta(days=1)).isoformat()
            out.writerow([one.order_id, kind, one.placed.isoformat(), delivered, promised, one.weight])
    return path


def shuffled(events: list[Event], within_us: int, repeated: float, seed: int = 1) -> list[Event]:
    """Return the events as they might arrive: each up to ``within_us`` late, and a share of them twice."""
    chance = random.Random(seed)
    arriving = [(event.time + chance.randrange(within_us), n, event) for n, event in enumerate(events)]
    again = [
        (arrives_at + chance.randrange(within_us // 2), n, event)
        for arrives_at, n, event in arriving
        if chance.random() < repeated
    ]
    return [event for *_, event in sorted([*arriving, *again], key=lambda one: one[:2])]


def _aware(local: datetime) -> datetime:
    return local.replace(tzinfo=ZONE)
