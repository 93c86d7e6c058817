"""Invented order events in the mix of a maker that sells from stock: about ten events an order, some of them trouble.

Deterministic: an order draws its luck from its number alone.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from pathlib import Path

import numpy as np

from radar.events import Event, Payload
from radar.events.common import Tier
from radar.events.order import (
    OrderCancelled,
    OrderHeld,
    OrderLine,
    OrderPlaced,
    OrderReleased,
    OrderValidated,
    PaymentApproved,
    ShipTo,
)
from radar.events.transport import (
    FulfilmentPacked,
    FulfilmentPicked,
    ShipmentDelivered,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
    ShipmentScan,
)
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from streams.codec import encode

START = Instant(1_709_251_200_000_000)
"""2024-03-01T00:00:00Z."""
AREAS = ("BJ", "SH", "GD", "SC", "XJ")
CARRIERS = ("SF", "YTO", "ZTO")
_STEPS_H = (0.2, 0.5, 3, 1.5, 4, 6, 10, 10, 10, 4)
"""Usual hours between one milestone and the next, from placed to delivered."""

Told = tuple[Instant, int, str, str, Payload]
"""(time, number, source, order id, payload)."""


def events(order_count: int, orders_a_day: int = 1000, *, seed: int = 1) -> Iterator[Event]:
    """Yield the events of ``order_count`` orders in order of time."""
    waiting: list[Told] = []
    told = 0
    gap_us = DAY_US // orders_a_day
    for number in range(order_count):
        placed_at = Instant(START + number * gap_us)
        while waiting and waiting[0][0] <= placed_at:
            told += 1
            yield _event(heappop(waiting), told)
        for one in _order(number, placed_at, seed):
            heappush(waiting, one)
    while waiting:
        told += 1
        yield _event(heappop(waiting), told)


def lines(order_count: int, orders_a_day: int = 1000, *, seed: int = 1) -> list[bytes]:
    """Return the same events as lines of JSON, each with its line feed."""
    return [encode(event) + b"\n" for event in events(order_count, orders_a_day, seed=seed)]


def write_events(path: Path, order_count: int, orders_a_day: int = 1000) -> int:
    """Write the events to a file and return how many there are."""
    found = lines(order_count, orders_a_day)
    path.write_bytes(b"".join(found))
    return len(found)


def _event(told: Told, number: int) -> Event:
    at, _number, source, order_id, payload = told
    return Event(at, f"{source}-{number}", source, order_id, payload)


def _order(number: int, placed_at: Instant, seed: int) -> Iterator[Told]:
    luck = np.random.default_rng((seed, number))
    order_id = f"SO-{number:07d}"
    for step, (source, payload) in enumerate(_milestones(number, placed_at, luck)):
        yield _at(placed_at, step), number * 100 + step, source, order_id, payload
        # One in twenty takes four times as long, one in a hundred is never heard of again.
        slow = 4.0 if luck.random() < 0.05 else 1.0
        if luck.random() < 0.01:
            return
        placed_at = Instant(placed_at + int(_STEPS_H[min(step, 9)] * HOUR_US * slow * (0.5 + luck.random())))


def _at(moment: Instant, step: int) -> Instant:
    """Return the time in whole seconds, as most systems tell it."""
    return Instant((moment + step) // 1_000_000 * 1_000_000)


def _milestones(number: int, placed_at: Instant, luck: np.random.Generator) -> Iterator[tuple[str, Payload]]:
    area, carrier = AREAS[number % 5], CARRIERS[number % 3]
    yield (
        "shop",
        OrderPlaced(
            promise_at=to_datetime(Instant(placed_at + 5 * DAY_US)),
            customer_id=f"C{number % 9973}",
            tier=Tier.VIP if number % 50 == 0 else Tier.STANDARD,
            order_type="stock",
            is_urgent=number % 40 == 0,
            lines=(OrderLine(f"SKU-{number % 211}", 1 + number % 3, "table"),),
            value=float(number % 5000) + 0.5,
            ship_to=ShipTo(area=area, postcode=f"{number % 899999:06d}"),
            origin="DC1",
            supplier=f"S{number % 17}",
        ),
    )
    if luck.random() < 0.02:
        yield "desk", OrderHeld(note="quantity unusual")
        yield "desk", OrderReleased()
    yield "desk", OrderValidated()
    if luck.random() < 0.02:
        yield "shop", OrderCancelled()
        return
    yield "bank", PaymentApproved(amount=float(number % 5000) + 0.5)
    yield "wms", FulfilmentPicked()
    yield "wms", FulfilmentPacked()
    yield carrier, ShipmentHandedOver(carrier=carrier, mode="road", lane=f"DC1-{area}")
    for hub in range(1 + number % 3):
        yield carrier, ShipmentScan(site=f"HUB{hub}")
    yield carrier, ShipmentOutForDelivery()
    yield carrier, ShipmentDelivered()
