"""Open orders as columns: what one epoch learns from, read by the thousand.

An order has a slot from the epoch after it was placed until it is delivered or its promise has passed. Slots are
filled at epochs only, from the order as it stands then: so the columns are a function of the orders alone, and a
restart builds the same ones again. Rows are handed out in the order of a hash of the order id: sums then add up in
the same sequence after a restart, and the first so many of them are a fair sample that stays the same from day to day.
"""

import math
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from radar.learning import facts
from radar.learning.local_days import Floats, Ints, LocalDays
from radar.learning.segments import KIND_COUNT, Segments
from radar.orders import NEVER, Order
from radar.stages import OrderPhase, Stage

MILESTONES = Stage.DELIVERED
"""Milestones before the delivery; their days are the first columns, infinite where not reported."""
PROMISE, SHIP_BY, PARCEL, SLIP, SPAN = 10, 11, 12, 17, 18
"""Columns after the milestones; five of them tell of the parcel."""
COLUMNS = 19
_FIRST_SLOTS = 256
_DELIVERED = OrderPhase.DELIVERED

_Told = tuple[str, str, str, str, float | None, float | None, int, float | None]


class OpenOrders:
    """Columns by slot."""

    __slots__ = (
        "_days",
        "_free",
        "_hash",
        "_heard",
        "_segments",
        "_slots",
        "_told",
        "is_delivered",
        "orders",
        "rows",
        "values",
    )

    def __init__(self, days: LocalDays, segments: Sequence[Segments]) -> None:
        self._days = days
        self._segments = segments
        self._slots: dict[str, int] = {}
        self._free = list(range(_FIRST_SLOTS - 1, -1, -1))
        self._heard = [b""] * _FIRST_SLOTS
        self._told: list[_Told | None] = [None] * _FIRST_SLOTS
        self.orders: list[Order | None] = [None] * _FIRST_SLOTS
        self._hash: Ints = np.zeros(_FIRST_SLOTS, np.int64)
        self.values: Floats = np.full((_FIRST_SLOTS, COLUMNS), math.inf)
        self.rows: Ints = np.zeros((_FIRST_SLOTS, KIND_COUNT), np.int64)
        """Rows of the order's segments by slot."""
        self.is_delivered: NDArray[np.bool_] = np.zeros(_FIRST_SLOTS, np.bool_)

    def __len__(self) -> int:
        """Return the number of orders with a slot."""
        return len(self._slots)

    def refresh(self, arrivals: Iterable[Order], since: float, day: float) -> None:
        """Bring the columns up to the orders as they are now.

        Args:
            arrivals: Orders without a slot; those that ended otherwise than by delivery get none.
            since: The epoch before; orders promised before it get no slot either.
            day: The epoch.
        """
        changed: list[int] = []
        heard, orders = self._heard, self.orders
        for slot, order in enumerate(orders):
            if order is not None and (order.seen is not heard[slot] or order.closed_at != NEVER):
                if _is_gone(order):
                    self._release(order.order_id)
                else:
                    changed.append(slot)
        changed += [
            self._take_slot(order)
            for order in arrivals
            if not _is_gone(order) and self._days.deadline(order.promise_at) > since
        ]
        self._fill(changed, day)

    def sweep(self, day: float) -> None:
        """Let the orders go that were delivered or whose promise has passed by ``day``."""
        is_over = self.is_delivered | (self.values[:, PROMISE] <= day)
        slots = [slot for slot in np.flatnonzero(is_over).tolist() if self.orders[slot] is not None]
        for slot in slots:
            order = self.orders[slot]
            assert order is not None, "chosen above"
            self._release(order.order_id)

    def sorted_slots(self, chosen: NDArray[np.bool_]) -> Ints:
        """Return the chosen slots in use, by the hash of the order ids."""
        slots = np.flatnonzero(chosen & (self._hash != 0))
        return slots[np.argsort(self._hash[slots])]

    def _take_slot(self, order: Order) -> int:
        slot = self._slots.get(order.order_id)
        if slot is None:
            if not self._free:
                self._grow()
            slot = self._slots[order.order_id] = self._free.pop()
            self._hash[slot] = hash_of(order.order_id)
        self.orders[slot] = order
        return slot

    def _release(self, order_id: str) -> None:
        slot = self._slots.pop(order_id)
        self.orders[slot] = None
        self._told[slot] = None
        self._hash[slot] = 0
        self.is_delivered[slot] = False
        self.values[slot] = math.inf
        self._free.append(slot)

    def _grow(self) -> None:
        count = len(self.orders)
        self._free = list(range(2 * count - 1, count - 1, -1))
        self._heard += [b""] * count
        self._told += [None] * count
        self.orders += [None] * count
        self._hash = np.concatenate([self._hash, np.zeros_like(self._hash)])
        self.values = np.concatenate([self.values, np.full_like(self.values, math.inf)])
        self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
        self.is_delivered = np.concatenate([self.is_delivered, np.zeros_like(self.is_delivered)])

    def _fill(self, slots: Sequence[int], day: float) -> None:
        if not slots:
            return
        fresh: list[int] = []
        moments: list[int] = []
        delivered: list[bool] = []
        orders, heard, known = self.orders, self._heard, self._told
        for slot in slots:
            order = orders[slot]
            assert order is not None, "a slot to fill has an order"
            heard[slot] = order.seen
            moments += order.reached[:MILESTONES]
            moments += order.promise_at, order.ship_by_at
            delivered.append(order.phase is _DELIVERED)
            told = (
                order.area,
                order.lane,
                order.postcode,
                order.supplier,
                order.weight_kg,
                order.freight,
                order.item_count,
                order.distance_km,
            )  # all that the segments and the parcel of an order are made of
            if told != known[slot]:
                known[slot] = told
                fresh.append(slot)
        self.is_delivered[slots] = delivered
        if fresh:
            self._fill_told(fresh, [order for slot in fresh if (order := orders[slot])], day)
        self.values[slots] = _columns(
            np.fromiter(moments, np.int64, len(moments)).reshape(len(slots), -1),
            self.values[slots, PARCEL:SLIP],
            self._days,
        )

    def _fill_told(self, slots: Sequence[int], orders: Sequence[Order], day: float) -> None:
        """Fill in what orders tell of where they go and what they weigh."""
        row_of = [one.row_of for one in self._segments]
        self.rows[slots] = [
            [find(name, day) for find, name in zip(row_of, facts.names_of(order), strict=True)] for order in orders
        ]
        self.values[slots, PARCEL:SLIP] = _parcels(orders)


def columns_of(orders: Sequence[Order], days: LocalDays) -> Floats:
    """Return the columns of some orders as they stand."""
    moments = [(*order.reached[:MILESTONES], order.promise_at, order.ship_by_at) for order in orders]
    return _columns(np.array(moments, np.int64), _parcels(orders), days)


def hash_of(order_id: str) -> int:
    """Return a positive 63-bit number that looks random and depends on the id alone."""
    return int.from_bytes(blake2b(order_id.encode(), digest_size=8).digest()) >> 1 or 1


def _is_gone(order: Order) -> bool:
    """Return whether nothing can be learned of an order: it ended, but not by delivery."""
    return order.closed_at != NEVER and order.phase is not OrderPhase.DELIVERED


def _columns(at: Ints, parcels: Floats, days: LocalDays) -> Floats:
    """Return the columns of orders by their moments and parcels; the vectorised twin of ``radar.learning.facts``."""
    values = np.empty((len(at), COLUMNS))
    known_at = np.where(at == NEVER, at[:, :1], at)  # 1970 would only make the calendar look up half a century
    values[:, : SHIP_BY + 1] = np.where(at == NEVER, math.inf, days.days(known_at.ravel()).reshape(at.shape))
    first_scan = np.minimum(values[:, Stage.IN_TRANSIT], values[:, Stage.OUT_FOR_DELIVERY])
    values[:, Stage.HANDED_OVER] = np.where(
        np.isinf(values[:, Stage.HANDED_OVER]), first_scan, values[:, Stage.HANDED_OVER]
    )
    values[:, PROMISE] = days.deadlines(at[:, PROMISE])
    ship_by = values[:, SHIP_BY]
    ship_by[at[:, Stage.PAID] == NEVER] = math.inf
    values[:, PARCEL:SLIP] = parcels
    values[:, SLIP] = slips(values[:, Stage.HANDED_OVER], ship_by)
    span = np.clip(values[:, PROMISE] - values[:, Stage.PLACED], *facts.SPAN_RANGE_DAYS)
    values[:, SPAN] = np.clip(np.log(span), *facts.SPAN_RANGE) - facts.SPAN_CENTRE
    return values


def slips(handed: Floats, ship_by: Floats) -> Floats:
    """Return by how much each hand-over missed its ship-by limit, 0 where either is unknown."""
    is_known = np.isfinite(ship_by) & np.isfinite(handed)
    result: Floats = np.clip(np.where(is_known, handed, 0.0) - np.where(is_known, ship_by, 0.0), *facts.SLIP_RANGE)
    return result / facts.SLIP_UNIT


def _parcels(orders: Sequence[Order]) -> Floats:
    raw = [(order.weight_kg, order.freight, order.item_count, order.distance_km) for order in orders]
    weight, freight, items, distance = np.array(raw, np.float64).reshape(-1, 4).T
    weight = np.clip(np.where(np.isnan(weight), facts.WEIGHT_KG, weight), *facts.WEIGHT_RANGE_KG)
    freight = np.clip(np.where(np.isnan(freight), facts.FREIGHT, freight), *facts.FREIGHT_RANGE)
    is_unknown = items == 0
    distance = np.clip(np.where(np.isnan(distance), facts.DISTANCE_KM, distance), *facts.DISTANCE_RANGE_KM)
    return np.stack(
        [
            np.log1p(weight) - facts.WEIGHT_CENTRE,
            np.log1p(freight) - facts.FREIGHT_CENTRE,
            is_unknown.astype(np.float64),
            np.where(is_unknown, 0.0, np.minimum(items, facts.ITEMS_MAX) - 1.0),
            np.log(distance / facts.DISTANCE_KM),
        ],
        axis=1,
    )
