"""Invented histories rich in events: two warehouses with benches that do so much an hour, couriers with two rounds."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from radar.events import Event, Payload
from radar.events.order import OrderPlaced, PaymentApproved, ShipTo
from radar.events.supply import StockAllocated
from radar.events.transport import (
    FulfilmentPacked,
    FulfilmentPicked,
    ShipmentDelivered,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
)
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime, to_instant

ZONE = "Asia/Shanghai"
START = to_instant(datetime(2025, 3, 2, 16, tzinfo=UTC))
"""Midnight in Shanghai, a Monday."""
HOUSES = ("east-house", "west-house")


@dataclass(frozen=True)
class RichWorld:
    """What a history is drawn from."""

    seed: int = 1
    days: int = 20
    orders_per_day: int = 40
    an_hour: float = 3.0
    """Orders each warehouse can pick in an hour, around the clock."""
    stop_day: int = 14
    """The first warehouse stands still for two days from then on."""

    def events(self) -> list[Event]:
        """Return the events of all orders in order of time."""
        chance = Random(self.seed)
        placed = sorted(
            START + round(chance.random() * self.days * DAY_US) for _ in range(self.days * self.orders_per_day)
        )
        free_at = dict.fromkeys(HOUSES, float(START))
        events: list[Event] = []
        for number, at in enumerate(placed):
            house = HOUSES[chance.random() < 0.5]
            picked = max(free_at[house], at + HOUR_US) + HOUR_US / self.an_hour
            stop = START + self.stop_day * DAY_US
            if house == HOUSES[0] and stop <= picked < stop + 2 * DAY_US:
                picked = stop + 2 * DAY_US + HOUR_US
            free_at[house] = picked
            events += self._order(chance, f"r{number:05}", at, house, round(picked))
        return sorted(events, key=lambda one: (one.time, one.id))

    def _order(self, chance: Random, order_id: str, at: int, house: str, picked: int) -> list[Event]:
        midnight = START + ((at - START) // DAY_US + 3) * DAY_US
        area = house.removesuffix("-house")
        packed = picked + round(chance.random() * HOUR_US)
        handed = packed + round(chance.random() * 2 * HOUR_US)
        morning = START + ((handed - START) // DAY_US + 1) * DAY_US + 9 * HOUR_US
        if chance.random() < 0.1:
            morning += DAY_US
        placed = OrderPlaced(
            to_datetime(Instant(midnight)), order_type="stock", ship_to=ShipTo(area=area), origin=house, zone=ZONE
        )
        told: list[tuple[Payload, int]] = [
            (placed, at),
            (PaymentApproved(), at + HOUR_US // 4),
            (StockAllocated(warehouse=house), at + HOUR_US // 2),
            (FulfilmentPicked(warehouse=house), picked),
            (FulfilmentPacked(warehouse=house), packed),
            (ShipmentHandedOver(carrier="c"), handed),
            (ShipmentOutForDelivery(courier="k"), morning),
            (ShipmentDelivered(), morning + round(chance.random() * 6 * HOUR_US)),
        ]
        return [
            Event(Instant(when), id=f"{order_id}-{type(data).__name__}", source="shop", subject=order_id, data=data)
            for data, when in told
        ]
