"""The event contract (DESIGN 3): facts in the past tense, never changed.

``KINDS`` is the closed table of event types. An ``Event`` is one fact with its envelope, times already
converted to the core's integers; ``streams/codec.py`` reads and writes the CloudEvents JSON form.
"""

from enum import StrEnum

import msgspec

from radar.events.common import Payload
from radar.events.order import (
    OrderCancelled,
    OrderChanged,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    OrderValidated,
    PaymentApproved,
)
from radar.events.supply import (
    InventoryLevel,
    LineStatus,
    ProductionFinished,
    ProductionPlanned,
    ProductionStarted,
    ProductionStepFinished,
    QualityResult,
    StockAllocated,
    StockShort,
    SupplyNotice,
    SupplyReceived,
)
from radar.events.transport import (
    CourierStatus,
    FulfilmentPacked,
    FulfilmentPicked,
    ShipmentAttemptFailed,
    ShipmentDelivered,
    ShipmentException,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
    ShipmentScan,
    VehiclePosition,
)
from radar.events.world import (
    ActionApplied,
    CustomerComplaint,
    CustomerContact,
    Override,
    PlaybookChosen,
    RoadClosure,
    SourceHeartbeat,
    SurveyAnswer,
    TaskAcknowledged,
    TaskDone,
    WarningAcknowledged,
    WeatherAlert,
)
from radar.instant import Instant


class RunMode(StrEnum):
    """Which world a record belongs to."""

    LIVE = "live"
    DRILL = "drill"
    TWIN = "twin"
    REPLAY = "replay"


class Event(msgspec.Struct, frozen=True, gc=False):
    """One fact: what happened, to whom, when, who says so."""

    time: Instant
    """When it happened."""
    id: str
    source: str
    subject: str
    """Order id, or the id of the line, lane, source ... the kind speaks of."""
    data: Payload
    recorded_at: Instant | None = None
    """When we were told; None when the source does not say."""
    run_mode: RunMode = RunMode.LIVE
    run_id: str = ""


KINDS: dict[str, type[Payload]] = {
    "order.placed.v1": OrderPlaced,
    "order.validated.v1": OrderValidated,
    "order.held.v1": OrderHeld,
    "order.released.v1": OrderReleased,
    "order.changed.v1": OrderChanged,
    "order.cancelled.v1": OrderCancelled,
    "payment.approved.v1": PaymentApproved,
    "stock.allocated.v1": StockAllocated,
    "stock.short.v1": StockShort,
    "inventory.level.v1": InventoryLevel,
    "supply.notice.v1": SupplyNotice,
    "supply.received.v1": SupplyReceived,
    "production.planned.v1": ProductionPlanned,
    "production.started.v1": ProductionStarted,
    "production.step-finished.v1": ProductionStepFinished,
    "production.finished.v1": ProductionFinished,
    "line.status.v1": LineStatus,
    "quality.result.v1": QualityResult,
    "fulfilment.picked.v1": FulfilmentPicked,
    "fulfilment.packed.v1": FulfilmentPacked,
    "shipment.handed-over.v1": ShipmentHandedOver,
    "shipment.scan.v1": ShipmentScan,
    "shipment.out-for-delivery.v1": ShipmentOutForDelivery,
    "shipment.attempt-failed.v1": ShipmentAttemptFailed,
    "shipment.exception.v1": ShipmentException,
    "shipment.delivered.v1": ShipmentDelivered,
    "vehicle.position.v1": VehiclePosition,
    "courier.status.v1": CourierStatus,
    "customer.complaint.v1": CustomerComplaint,
    "customer.contact.v1": CustomerContact,
    "survey.answer.v1": SurveyAnswer,
    "weather.alert.v1": WeatherAlert,
    "road.closure.v1": RoadClosure,
    "source.heartbeat.v1": SourceHeartbeat,
    "warning.acknowledged.v1": WarningAcknowledged,
    "task.acknowledged.v1": TaskAcknowledged,
    "task.done.v1": TaskDone,
    "playbook.chosen.v1": PlaybookChosen,
    "action.applied.v1": ActionApplied,
    "override.v1": Override,
}
"""Event type -> payload class: the whole contract."""

KIND_OF: dict[type[Payload], str] = {payload: kind for kind, payload in KINDS.items()}

__all__ = ["KINDS", "KIND_OF", "Event", "Payload", "RunMode"]
