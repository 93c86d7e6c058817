"""How each kind of event changes an order: one small function a kind, looked up by payload type.

Every function is idempotent: a milestone keeps its earliest time, and a later milestone implies the earlier
ones. The first order.placed wins, so the promise is never overwritten. Nothing here raises warnings.
"""

from collections.abc import Callable
from datetime import datetime
from math import ceil
from sys import intern
from typing import Any

from radar.events.common import Payload, ReasonCode
from radar.events.order import (
    OrderCancelled,
    OrderChanged,
    OrderHeld,
    OrderLine,
    OrderPlaced,
    OrderReleased,
    OrderValidated,
    PaymentApproved,
    ShipTo,
)
from radar.events.supply import (
    ProductionFinished,
    ProductionPlanned,
    ProductionStarted,
    ProductionStepFinished,
    StockAllocated,
    StockShort,
)
from radar.events.transport import (
    FulfilmentPacked,
    FulfilmentPicked,
    ScanKind,
    ShipmentAttemptFailed,
    ShipmentDelivered,
    ShipmentException,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
    ShipmentScan,
)
from radar.events.world import CustomerComplaint, CustomerContact, Override, SurveyAnswer
from radar.instant import SECOND_US, Instant, to_instant
from radar.orders import NEVER, Order
from radar.stages import OrderPhase, Stage

Fold = Callable[[Order, Any, Instant], Stage | None]
"""Applies a payload to an order; returns the milestone that this made known, None when nothing new."""


def _instant(moment: datetime | None) -> Instant:
    return NEVER if moment is None else to_instant(moment)


def _reach(order: Order, stage: Stage, at: Instant) -> Stage | None:
    known = order.reached[stage]
    if known != NEVER:
        order.reached[stage] = min(known, at)
        return None
    order.reached[stage] = at
    order.stage = max(order.stage, stage)
    return stage


def _placed(order: Order, data: OrderPlaced, at: Instant) -> Stage | None:
    reached = _reach(order, Stage.PLACED, at)
    if reached is None:
        return None
    order.promise_at = _instant(data.promise_at)
    order.order_type = intern(data.order_type)
    order.tier = data.tier
    order.is_urgent = data.is_urgent
    order.supplier = intern(data.supplier)
    order.zone = intern(data.zone)
    order.distance_km = data.distance_km
    order.weight_kg = data.weight_kg
    order.value = data.value
    order.freight = data.freight
    order.sample_weight = data.sample_weight
    order.item_count = _pieces(data.lines)
    if data.lines:
        order.category = intern(data.lines[0].category)
        order.item = intern(data.lines[0].item)
    order.origin = intern(data.origin)
    _ship_to(order, data.ship_to)
    return reached


def _pieces(lines: tuple[OrderLine, ...]) -> int:
    """Return how many pieces an order has; 0 when it does not say."""
    return max(1, ceil(sum(line.quantity for line in lines))) if lines else 0


def _ship_to(order: Order, place: ShipTo) -> None:
    is_own_way = not order.lane or order.lane == order.way
    order.area = intern(place.area)
    order.is_remote = place.is_remote
    order.postcode = place.postcode
    if is_own_way and order.way:
        order.lane = intern(order.way)


def _validated(order: Order, _data: OrderValidated, at: Instant) -> Stage | None:
    _release(order)
    return _reach(order, Stage.VALIDATED, at)


def _released(order: Order, _data: OrderReleased, _at: Instant) -> None:
    _release(order)


def _release(order: Order) -> None:
    if order.phase is OrderPhase.HELD:
        order.phase = OrderPhase.OPEN


def _held(order: Order, _data: OrderHeld, _at: Instant) -> None:
    if order.phase is OrderPhase.OPEN:
        order.phase = OrderPhase.HELD


def _changed(order: Order, data: OrderChanged, _at: Instant) -> None:
    if data.ship_to is not None:
        _ship_to(order, data.ship_to)
    if data.lines is not None:
        order.item_count = _pieces(data.lines)
    if data.repromise_at is not None:
        order.repromise_at = _instant(data.repromise_at)
    if data.is_urgent is not None:
        order.is_urgent = data.is_urgent


def _close(order: Order, phase: OrderPhase, at: Instant) -> None:
    if order.closed_at == NEVER:
        order.phase = phase
        order.closed_at = at


def _cancelled(order: Order, _data: OrderCancelled, at: Instant) -> None:
    _close(order, OrderPhase.CANCELLED, at)


def _paid(order: Order, data: PaymentApproved, at: Instant) -> Stage | None:
    if data.ship_by_at is not None:
        order.ship_by_at = _instant(data.ship_by_at)
    return _reach(order, Stage.PAID, at)


def _milestone(stage: Stage) -> Fold:
    def fold(order: Order, _data: Payload, at: Instant) -> Stage | None:
        return _reach(order, stage, at)

    return fold


def _on_line(order: Order, data: ProductionPlanned | ProductionStarted | ProductionStepFinished, _at: Instant) -> None:
    if data.line:
        order.line = intern(data.line)


def _handed_over(order: Order, data: ShipmentHandedOver, at: Instant) -> Stage | None:
    order.carrier = intern(data.carrier)
    order.mode = intern(data.mode)
    order.lane = intern(data.lane) or order.lane
    order.carrier_eta_at = _instant(data.carrier_eta_at)
    return _reach(order, Stage.HANDED_OVER, at)


def _scanned(order: Order, data: ShipmentScan, at: Instant) -> Stage | None:
    if data.scan is ScanKind.DEPART:
        order.sent_at = max(order.sent_at, at)
    elif data.scan is ScanKind.ARRIVE and at >= order.arrived_at:
        order.arrived_at, order.site = at, intern(data.site)
    if data.carrier_eta_at is not None:
        order.carrier_eta_at = _instant(data.carrier_eta_at)
    return _reach(order, Stage.IN_TRANSIT, at)


def _excepted(order: Order, data: ShipmentException, at: Instant) -> None:
    if data.reason is ReasonCode.LOST:
        _close(order, OrderPhase.LOST, at)
    elif data.reason is ReasonCode.RETURNED:
        _close(order, OrderPhase.RETURNED, at)
    elif at >= order.setback_at:
        order.setback_at, order.setback_reason = at, data.reason.value
        order.setback_us = int((data.expected_delay_s or 0) * SECOND_US)


def _out(order: Order, _data: ShipmentOutForDelivery, at: Instant) -> Stage | None:
    order.out_at = max(order.out_at, at)
    return _reach(order, Stage.OUT_FOR_DELIVERY, at)


def _failed(order: Order, data: ShipmentAttemptFailed, at: Instant) -> None:
    if at > order.failed_at:
        order.failed_at, order.failed_reason = at, data.reason.value


def _delivered(order: Order, _data: ShipmentDelivered, at: Instant) -> Stage | None:
    _close(order, OrderPhase.DELIVERED, at)
    return _reach(order, Stage.DELIVERED, at)


def _in_warehouse(stage: Stage) -> Fold:
    def fold(order: Order, data: StockAllocated | FulfilmentPicked | FulfilmentPacked, at: Instant) -> Stage | None:
        if data.warehouse:
            order.warehouse = intern(data.warehouse)
        order.shelf = ""
        return _reach(order, stage, at)

    return fold


def _short(order: Order, data: StockShort, _at: Instant) -> None:
    if order.stage < Stage.ALLOCATED and data.warehouse:
        order.shelf = intern(f"{data.item}@{data.warehouse}")


FOLDS: dict[type[Payload], Fold] = {
    OrderPlaced: _placed,
    OrderValidated: _validated,
    OrderHeld: _held,
    OrderReleased: _released,
    OrderChanged: _changed,
    OrderCancelled: _cancelled,
    PaymentApproved: _paid,
    StockAllocated: _in_warehouse(Stage.ALLOCATED),
    StockShort: _short,
    ProductionPlanned: _on_line,
    ProductionStarted: _on_line,
    ProductionStepFinished: _on_line,
    ProductionFinished: _milestone(Stage.PRODUCED),
    FulfilmentPicked: _in_warehouse(Stage.PICKED),
    FulfilmentPacked: _in_warehouse(Stage.PACKED),
    ShipmentHandedOver: _handed_over,
    ShipmentScan: _scanned,
    ShipmentOutForDelivery: _out,
    ShipmentAttemptFailed: _failed,
    ShipmentException: _excepted,
    ShipmentDelivered: _delivered,
}
"""Payload types that make or change an order; their subject is the order id."""

MILESTONES: dict[type[Payload], Stage] = {
    OrderValidated: Stage.VALIDATED,
    StockAllocated: Stage.ALLOCATED,
    ProductionFinished: Stage.PRODUCED,
    FulfilmentPicked: Stage.PICKED,
    FulfilmentPacked: Stage.PACKED,
    ShipmentHandedOver: Stage.HANDED_OVER,
    ShipmentScan: Stage.IN_TRANSIT,
    ShipmentOutForDelivery: Stage.OUT_FOR_DELIVERY,
    ShipmentDelivered: Stage.DELIVERED,
}
"""Payload types by which an order moves on, and the milestone each tells."""

MOVING: frozenset[type[Payload]] = frozenset(
    (
        *(OrderPlaced, OrderChanged, ProductionPlanned, ProductionStarted, ProductionStepFinished),
        *(StockAllocated, StockShort, FulfilmentPicked, FulfilmentPacked, ShipmentHandedOver),
    )
)
"""Payload types that may move an order to other places without a milestone: another line, another area."""

SHIFTING: frozenset[type[Payload]] = frozenset(
    (
        *(OrderChanged, ProductionPlanned, ProductionStarted, ProductionStepFinished),
        *(StockShort, ShipmentHandedOver, ShipmentScan, ShipmentException),
    )
)
"""Payload types that may bring an order under a condition, or out of one, without a milestone."""

ABOUT_ORDERS: frozenset[type[Payload]] = frozenset((CustomerComplaint, CustomerContact, SurveyAnswer, Override))
"""Payload types that speak of an order but never make one."""
