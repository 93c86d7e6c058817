"""Order histories as the anchors read them: collected from the events of the pass, in local days.

The anchors see what the radar sees and nothing else: no table of final facts. A day is a local calendar day since
1970, as a float: 17600.5 is noon. A time that never came is infinite.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from radar.events import Event
from radar.events.order import OrderCancelled, OrderPlaced, PaymentApproved
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver
from radar.instant import DAY_US, Instant, to_instant
from radar.probing import Answer
from radar.wall_clock import WallClock

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]

OVERDUE_MAX_D = 30.0
"""An order overdue by more than this at a refit is left out of it: it may never come, and only what comes is scored."""


@dataclass(slots=True)
class History:
    """What the events said of one order: the facts of its placement, and the first time of each milestone."""

    placement: OrderPlaced
    placed_at: Instant
    paid_at: Instant | None = None
    ship_by_at: Instant | None = None
    handed_over_at: Instant | None = None
    delivered_at: Instant | None = None
    cancelled_at: Instant | None = None


class Histories:
    """Collects the history of every order from the events as they are applied."""

    def __init__(self) -> None:
        self.orders: dict[str, History] = {}

    def observe(self, event: Event) -> None:
        """Take note of an event; those of orders never placed are passed over."""
        data, at = event.data, event.time
        if isinstance(data, OrderPlaced):
            self.orders.setdefault(event.subject, History(data, at))
            return
        order = self.orders.get(event.subject)
        if order is None:
            return
        if isinstance(data, PaymentApproved):
            order.paid_at = _first(order.paid_at, at)
            if data.ship_by_at is not None:
                order.ship_by_at = to_instant(data.ship_by_at)
        elif isinstance(data, ShipmentHandedOver):
            order.handed_over_at = _first(order.handed_over_at, at)
        elif isinstance(data, ShipmentDelivered):
            order.delivered_at = _first(order.delivered_at, at)
        elif isinstance(data, OrderCancelled):
            order.cancelled_at = _first(order.cancelled_at, at)


@dataclass(frozen=True, slots=True)
class OrderTable:
    """The histories column by column, by placement; times in local days, names as codes by first appearance."""

    order_ids: tuple[str, ...]
    placed: Floats
    paid: Floats
    ship_by: Floats
    """Known from the payment on and not before."""
    handed: Floats
    delivered: Floats
    cancelled: Floats
    promise: Floats
    lane: Codes
    area: Codes
    origin: Codes
    supplier: Codes
    category: Codes
    distance_km: Floats
    weight_kg: Floats
    value: Floats
    freight: Floats
    """These four: NaN where unknown."""
    line_count: Floats

    def __len__(self) -> int:
        return len(self.order_ids)

    @property
    def is_late(self) -> Flags:
        """Return whether each order was delivered at or after its promise, or never."""
        return self.delivered >= self.promise

    @property
    def known(self) -> Floats:
        """Return when each label was known: at the delivery or at the promise, whichever came first."""
        return np.minimum(self.delivered, self.promise)

    @property
    def transit(self) -> Floats:
        """Return the days from hand-over to delivery, infinite where there is none."""
        spent = np.full(len(self), np.inf)
        both = np.isfinite(self.delivered) & np.isfinite(self.handed) & (self.handed < self.delivered)
        spent[both] = self.delivered[both] - self.handed[both]
        return spent

    def labelled_before(self, day: float) -> Flags:
        """Return the orders whose label a refit at ``day`` may learn from; later events do not change the answer."""
        is_void = self.cancelled < np.minimum(self.known, day)
        is_lost = (self.delivered >= day) & (self.promise < day - OVERDUE_MAX_D)
        return (self.known < day) & ~is_void & ~is_lost


@dataclass(frozen=True, slots=True)
class Samples:
    """The moments at which the radar was asked, one row an order and horizon, by time."""

    order: Codes
    """Row of each in the table."""
    horizon_us: NDArray[np.int64]
    at: Floats
    """Local day."""
    place_of: dict[tuple[str, int], int] = field(repr=False)
    """(order id, horizon) -> row here."""

    def __len__(self) -> int:
        return len(self.order)


def order_table(histories: Histories, clock: WallClock) -> OrderTable:
    """Return the orders that have a promise, by (placement, id)."""
    rows = [(row.placed_at, key, row) for key, row in histories.orders.items() if row.placement.promise_at is not None]
    rows.sort(key=lambda one: one[:2])
    kept = [row for *_, row in rows]
    said = [row.placement for row in kept]

    def local(times: Iterable[Instant | None]) -> Floats:
        return np.array([np.inf if at is None else clock.local_us(at) / DAY_US for at in times], np.float64)

    def known(values: Iterable[float | None]) -> Floats:
        return np.array([np.nan if one is None else one for one in values], np.float64)

    promises = [to_instant(one.promise_at) for one in said if one.promise_at is not None]
    return OrderTable(
        order_ids=tuple(key for _, key, _ in rows),
        placed=local(row.placed_at for row in kept),
        paid=local(row.paid_at for row in kept),
        ship_by=local(row.ship_by_at for row in kept),
        handed=local(row.handed_over_at for row in kept),
        delivered=local(row.delivered_at for row in kept),
        cancelled=local(row.cancelled_at for row in kept),
        promise=np.array([clock.deadline_us(at) / DAY_US for at in promises], np.float64),
        lane=_codes((one.origin, one.ship_to.area) for one in said),
        area=_codes(one.ship_to.area for one in said),
        origin=_codes(one.origin for one in said),
        supplier=_codes(one.supplier for one in said),
        category=_codes(one.lines[0].category if one.lines else "" for one in said),
        distance_km=known(one.distance_km for one in said),
        weight_kg=known(one.weight_kg for one in said),
        value=known(one.value for one in said),
        freight=known(one.freight for one in said),
        line_count=np.array([len(one.lines) for one in said], np.float64),
    )


def samples_of(answers: Iterable[Answer], histories: Histories, table: OrderTable, clock: WallClock) -> Samples:
    """Return one sample for every probability that the radar gave."""
    row_of = {order_id: row for row, order_id in enumerate(table.order_ids)}
    found = []
    for answer in answers:
        row = row_of.get(answer.order_id)
        if row is not None:
            promise_at = histories.orders[answer.order_id].placement.promise_at
            assert promise_at is not None, "the table holds promised orders only"
            at = clock.local_us(Instant(to_instant(promise_at) - answer.horizon_us)) / DAY_US
            found.append((at, row, answer.horizon_us))
    found.sort()
    return Samples(
        order=np.array([row for _, row, _ in found], np.intp),
        horizon_us=np.array([horizon for *_, horizon in found], np.int64),
        at=np.array([at for at, *_ in found], np.float64),
        place_of={(table.order_ids[row], horizon): place for place, (_, row, horizon) in enumerate(found)},
    )


def _first(known: Instant | None, at: Instant) -> Instant:
    return at if known is None else min(known, at)


def _codes(names: Iterable[object]) -> Codes:
    """Return each name as a number, counted by first appearance, so that later orders change none."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in names], np.intp)
