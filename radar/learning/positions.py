"""Where open orders stand at one moment: station, time there, and the places still ahead of them, as columns.

A *station* is the stage an order has reached, with two refinements that streams rich in events tell: a parcel seen
arriving at a site since it left, and an order held for a person. A *place* is what an order has to pass to reach a
milestone: the line that makes it, the benches of its warehouse, the way to its area, the area's couriers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from radar.events.common import Tier
from radar.instant import HOUR_US, Instant
from radar.learning.local_days import Floats, Ints
from radar.learning.open_orders import hash_of
from radar.orders import NEVER, Order
from radar.stages import STAGE_COUNT, OrderPhase, Stage

DOORS = (Stage.PRODUCED, Stage.PICKED, Stage.PACKED, Stage.HANDED_OVER, Stage.OUT_FOR_DELIVERY)
"""Milestones before which orders queue at a place."""
FINE = frozenset({Stage.ALLOCATED, *DOORS, Stage.IN_TRANSIT} - {Stage.HANDED_OVER})
"""Milestones that a marketplace does not tell."""
ARRIVED, HELD = STAGE_COUNT, STAGE_COUNT + 1
STATIONS = STAGE_COUNT + 2
SINCE_H = (3.0, 6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 72.0)
"""Edges of the classes of hours spent at a station."""
SINCE_CLASSES = len(SINCE_H) + 1
STEPS = 8
"""Parts of a day that are told apart."""
STEPS_A_WEEK = 7 * STEPS
TYPES_MAX, AREAS_MAX, PLACES_MAX = 8, 64, 1024
"""Order types and areas with figures of their own, the last area standing for all further ones; places of a door."""
_EDGES = np.array(SINCE_H)


class Names:
    """Numbers of names, in the order they were first heard."""

    __slots__ = ("_limit", "numbers")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return the number of a name, -1 for one too many."""
        found = self.numbers.get(name)
        if found is None:
            if len(self.numbers) >= self._limit:
                return -1
            found = self.numbers[name] = len(self.numbers)
        return found


@dataclass(slots=True)
class Positions:
    """Columns of open orders, one row each."""

    order_ids: list[str]
    hashes: Ints
    types: Ints
    stages: Ints
    stations: Ints
    since_h: Floats
    """Hours at the station."""
    since: Ints
    """Class of those hours."""
    areas: Ints
    left_h: Floats
    """Hours until the promise."""
    places: Ints
    """(doors, orders): number of the place before each door, -1 for none."""
    ranks: Floats
    """(orders, 3): of the first tier, of the second, urgent: such are served before others."""


class Yard:
    """The open orders and where they stand; what nothing was heard of is not looked at again."""

    __slots__ = ("_names", "_rows", "_types", "areas", "orders")

    def __init__(self, types: Mapping[str, int], places: Sequence[Names]) -> None:
        """Begin empty.

        Args:
            types: Numbers of the order types that are looked at.
            places: Numbers of the places by door; new ones are added.
        """
        self._types = types
        self._names = places
        self.areas = Names(AREAS_MAX)
        self.orders: dict[str, Order] = {}
        self._rows: dict[str, tuple[bytes, list[int]]] = {}

    def remove(self, order_id: str) -> None:
        """Forget an order."""
        self.orders.pop(order_id, None)
        self._rows.pop(order_id, None)

    def positions(self, at: Instant) -> Positions:
        """Return the columns as of a moment, in the sequence of the order ids."""
        types, known, rows, order_ids = self._types, self._rows, [], []
        for order_id in sorted(self.orders):
            order = self.orders[order_id]
            if order.order_type not in types:
                continue
            found = known.get(order_id)
            if found is None or found[0] is not order.seen:
                found = known[order_id] = (order.seen, self._row(order))
            order_ids.append(order_id)
            rows.append(found[1])
        table = np.array(rows, np.int64).reshape(len(rows), _ROW)
        since_h = (at - table[:, 4]) / HOUR_US
        return Positions(
            order_ids=order_ids,
            hashes=table[:, 0],
            types=table[:, 1],
            stages=table[:, 2],
            stations=table[:, 3],
            since_h=since_h,
            since=np.searchsorted(_EDGES, since_h, side="right"),
            areas=table[:, 5],
            left_h=(table[:, 6] - at) / HOUR_US,
            places=table[:, 7 : 7 + len(DOORS)].T,
            ranks=table[:, _ROW - 3 :].astype(np.float64),
        )

    def _row(self, order: Order) -> list[int]:
        station, since = station_of(order)
        return [
            hash_of(order.order_id),
            self._types[order.order_type],
            order.stage,
            station,
            since,
            self.areas.number(order.area) % AREAS_MAX,
            order.promise_at,
            *(names.number(name) if (name := place_of(order, door)) else -1 for door, names in enumerate(self._names)),
            *rank_of(order),
        ]


_ROW = 7 + len(DOORS) + 3


def place_of(order: Order, door: int) -> str:
    """Return the place an order passes before a door, by number; "" where nothing says."""
    if door == 0:
        return order.line or order.supplier
    # Goods with a line come from the plant: until they are picked, the warehouse told is that of their materials.
    is_made = bool(order.line and order.origin) and order.stage < Stage.PICKED
    house = order.origin if is_made else order.warehouse or order.origin
    if door < 3:
        return house
    if door == 3:
        return f"{house}>{order.area}" if house and order.area else house or order.area
    return order.area


def station_of(order: Order) -> tuple[int, Instant]:
    """Return where an order stands, and since when."""
    stage = order.stage
    if order.phase is OrderPhase.HELD:
        return HELD, order.reached[stage] or order.heard_at
    if stage is Stage.IN_TRANSIT and order.arrived_at != NEVER:
        return ARRIVED, order.arrived_at
    return stage, order.reached[stage] or order.heard_at


def since_class(hours: float) -> int:
    """Return the class of hours spent at a station."""
    for number, edge in enumerate(SINCE_H):
        if hours < edge:
            return number
    return SINCE_CLASSES - 1


def rank_of(order: Order) -> tuple[bool, bool, bool]:
    """Return whether an order is of the first tier, of the second, urgent: such are served before others."""
    return order.tier is Tier.VIP, order.tier is Tier.PREFERRED, order.is_urgent
