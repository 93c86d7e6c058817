"""Invented histories of orders for tests of the learner: a few lanes, drift, weekends, orders that never end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from radar.events import Event, Payload
from radar.events.order import OrderCancelled, OrderLine, OrderPlaced, PaymentApproved, ShipTo
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime, to_instant
from radar.learning.learner import Learner
from radar.learning.model import Model
from radar.room import ControlRoom
from radar.rules import Rules, SilenceRules
from radar.stages import Stage
from radar.standards import Standards

ZONE = "America/Sao_Paulo"
START = to_instant(datetime(2017, 9, 1, 3, tzinfo=UTC))
"""Midnight in Sao Paulo; its clock jumps at the midnight of 2017-10-15."""
ROUTE = (Stage.PLACED, Stage.PAID, Stage.HANDED_OVER, Stage.DELIVERED)
LANES = (("SP", "RJ", 3.0), ("SP", "SP", 1.5), ("PR", "BA", 7.0))
"""Origin, area, median transit days."""


def rules(**more: object) -> Rules:
    """Return rules without alarms."""
    quiet = SilenceRules(source_default_us=0, order_us={"*": 0})
    return Rules(standards=Standards({"*": ROUTE}, ()), silence=quiet, **more)  # type: ignore[arg-type]  # by name


@dataclass(frozen=True)
class World:
    """What a history is drawn from."""

    seed: int = 1
    days: int = 40
    orders_per_day: int = 6
    promise_days: int = 9
    order_types: tuple[str, ...] = ("marketplace",)

    def events(self) -> list[Event]:
        """Return the events of all orders in order of time."""
        chance = Random(self.seed)
        events: list[Event] = []
        for number in range(self.days * self.orders_per_day):
            placed_at = Instant(START + round(chance.random() * self.days * DAY_US))
            events += self._order(chance, f"o{number}", placed_at)
        return sorted(events, key=lambda one: (one.time, one.id))

    def _order(self, chance: Random, order_id: str, placed_at: Instant) -> list[Event]:
        origin, area, median = chance.choice(LANES)
        midnight = START + ((placed_at - START) // DAY_US + self.promise_days) * DAY_US
        slow = 2.0 if (placed_at - START) // DAY_US % 20 > 14 else 1.0
        placed = OrderPlaced(
            promise_at=to_datetime(Instant(midnight)),
            order_type=chance.choice(self.order_types),
            lines=(OrderLine("thing", chance.randint(1, 3)),) if chance.random() < 0.9 else (),
            ship_to=ShipTo(area=area, postcode=f"{chance.randint(10, 14)}0-00"),
            origin=origin,
            supplier=f"s{chance.randint(1, 5)}",
            zone=ZONE,
            weight_kg=chance.random() * 5,
        )
        said = [_event(order_id, placed, placed_at)]
        paid_at = Instant(placed_at + round(chance.expovariate(1 / 6) * HOUR_US))
        limit = to_datetime(Instant(placed_at + 3 * DAY_US))
        said.append(_event(order_id, PaymentApproved(ship_by_at=limit), paid_at))
        if chance.random() < 0.03:
            return [*said, _event(order_id, OrderCancelled(), Instant(paid_at + DAY_US))]
        handed_at = Instant(paid_at + round(chance.expovariate(1 / 30) * HOUR_US))
        said.append(_event(order_id, ShipmentHandedOver(carrier="c"), handed_at))
        if chance.random() < 0.97:
            transit = median * slow * chance.lognormvariate(0, 0.5)
            said.append(_event(order_id, ShipmentDelivered(), Instant(handed_at + round(transit * DAY_US))))
        return said


def _event(order_id: str, data: Payload, time: Instant) -> Event:
    return Event(time, id=f"{order_id}-{type(data).__name__}", source="shop", subject=order_id, data=data)


def learner_of(room: ControlRoom) -> Learner:
    """Return the learner inside a room."""
    found = room._learner
    assert isinstance(found, Learner)
    return found


def play(room: ControlRoom, events: list[Event]) -> list[object]:
    """Drive events through a room and return everything it said."""
    said: list[object] = []
    for event in events:
        said.extend(room.observe(event))
    return said


def probabilities(room: ControlRoom, at: Instant) -> dict[str, float]:
    """Return P(late) of every open order."""
    found = {order_id: room.predict(order_id, at) for order_id in sorted(room.orders)}
    return {order_id: one for order_id, one in found.items() if one is not None}


def learned(events: list[Event], some: Rules | None = None) -> ControlRoom:
    """Return a room that has seen a history."""
    room = ControlRoom(some or rules())
    play(room, events)
    return room


def model_of(room: ControlRoom, order_type: str = "marketplace") -> Model:
    """Return a model inside a room's learner."""
    return learner_of(room)._models[order_type]
