"""One valid event of every kind: shown in the reference, carried by the JSON Schema, run through the codec by a test.

They tell one small story: a VIP orders a table, and a typhoon comes.
"""

from datetime import UTC, datetime

from radar.events import KIND_OF, Event, Payload
from radar.events.common import ReasonCode, Tier
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
    InventoryLevel,
    LineState,
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
    CourierState,
    CourierStatus,
    FulfilmentPacked,
    FulfilmentPicked,
    ScanKind,
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
    AlertSeverity,
    ComplaintCategory,
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
from radar.instant import MINUTE_US, Instant, to_instant

ORDER = "SO-1001"


def _at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time of March 2024."""
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


_STORY: tuple[tuple[datetime, str, str, Payload], ...] = (
    (
        _at(1, 8),
        "shop",
        ORDER,
        OrderPlaced(
            promise_at=_at(6, 16),
            customer_id="C-77",
            tier=Tier.VIP,
            order_type="made-to-order",
            lines=(OrderLine("TABLE-OAK-160", 1.0, category="tables", unit_price=3200.0),),
            value=3200.0,
            ship_to=ShipTo(area="TW-TPE", postcode="100", city="Taipei", country="TW"),
            origin="CN-FJ",
            supplier="plant-xiamen",
            channel="web",
            language="zh-TW",
            zone="Asia/Taipei",
            weight_kg=42.0,
        ),
    ),
    (_at(1, 8, 1), "shop", ORDER, OrderHeld(reason=ReasonCode.ADDRESS, note="the postcode does not fit the city")),
    (_at(1, 8, 30), "shop", ORDER, OrderChanged(ship_to=ShipTo(area="TW-TPE", postcode="106", city="Taipei"))),
    (_at(1, 8, 31), "shop", ORDER, OrderReleased()),
    (_at(1, 8, 32), "shop", ORDER, OrderValidated()),
    (_at(1, 9), "shop", ORDER, PaymentApproved(ship_by_at=_at(4, 9), amount=3200.0)),
    (_at(1, 9, 5), "erp", ORDER, StockShort("TABLE-OAK-160", warehouse="WH-N", quantity_short=1.0, expected_at=_at(3))),
    (_at(1, 9, 10), "erp", "PO-55", SupplyNotice("oak-mill", item="OAK", promised_at=_at(2), expected_at=_at(2, 6))),
    (_at(2, 6), "erp", "PO-55", SupplyReceived("oak-mill", item="OAK", warehouse="WH-N", quantity=20.0)),
    (_at(2, 6, 5), "erp", "OAK@WH-N", InventoryLevel("OAK", "WH-N", 20.0, reserved=4.0, reorder_point=10.0)),
    (_at(2, 6, 10), "mes", ORDER, ProductionPlanned("LINE-2", start_at=_at(2, 7), finish_at=_at(2, 20))),
    (_at(2, 7), "mes", ORDER, ProductionStarted(line="LINE-2", expected_finish_at=_at(2, 20))),
    (_at(2, 11), "mes", ORDER, ProductionStepFinished("sanding", line="LINE-2", next_expected_at=_at(2, 15))),
    (
        _at(2, 12),
        "mes",
        "LINE-2",
        LineStatus(
            reason=ReasonCode.BREAKDOWN, code="E-417", state=LineState.SLOW, speed=0.5, expected_recovery_at=_at(2, 15)
        ),
    ),
    (_at(2, 22), "mes", ORDER, ProductionFinished(line="LINE-2")),
    (_at(2, 22, 30), "qa", ORDER, QualityResult(is_passed=True, line="LINE-2", inspected=4.0, defective=1.0)),
    (_at(3, 1), "wms", ORDER, StockAllocated(warehouse="WH-N")),
    (_at(3, 2), "wms", ORDER, FulfilmentPicked(warehouse="WH-N", wave="W-12")),
    (_at(3, 3), "wms", ORDER, FulfilmentPacked(warehouse="WH-N")),
    (
        _at(3, 9),
        "tms",
        ORDER,
        ShipmentHandedOver(
            carrier="blue-sea", mode="sea-express", lane="CN-FJ>TW-TPE", tracking_id="BS0042", carrier_eta_at=_at(5, 10)
        ),
    ),
    (_at(3, 18), "blue-sea", ORDER, ShipmentScan("XMN-PORT", scan=ScanKind.DEPART, carrier_eta_at=_at(5, 10))),
    (
        _at(3, 19),
        "tms",
        "VESSEL-9",
        VehiclePosition(latitude=24.4, longitude=118.6, lane="CN-FJ>TW-TPE", delay_s=5400.0),
    ),
    (
        _at(3, 20),
        "weather",
        "TW-TPE",
        WeatherAlert("TW-TPE", AlertSeverity.SEVERE, from_at=_at(4, 12), to_at=_at(5, 12), hazard="typhoon"),
    ),
    (
        _at(4, 1),
        "roads",
        "CN-FJ>TW-TPE",
        RoadClosure(reason=ReasonCode.WEATHER, lane="CN-FJ>TW-TPE", until_at=_at(5, 12)),
    ),
    (
        _at(4, 2),
        "blue-sea",
        ORDER,
        ShipmentException(reason=ReasonCode.WEATHER, code="W31", site="KEL-PORT", expected_delay_s=86400.0),
    ),
    (_at(4, 2, 5), "console", ORDER, WarningAcknowledged("predicted-late:SO-1001", by="mei")),
    (_at(4, 2, 10), "console", ORDER, PlaybookChosen("typhoon-north", case_id="CASE-3", by="mei")),
    (_at(4, 2, 11), "console", ORDER, TaskAcknowledged("TASK-8", by="jun")),
    (_at(4, 3), "console", ORDER, TaskDone("TASK-8", by="jun", outcome="the customer accepts Thursday")),
    (_at(4, 3, 5), "console", ORDER, ActionApplied("repromise", case_id="CASE-3", cost=30.0, effect=1.0)),
    (_at(4, 3, 6), "console", ORDER, Override("tier", "vip", by="mei")),
    (_at(4, 4), "service", ORDER, CustomerContact(topic="where is my order")),
    (_at(6, 0), "tms", "COURIER-5", CourierStatus(CourierState.OVERLOADED, area="TW-TPE", load=95.0, capacity=80.0)),
    (_at(6, 1), "blue-sea", ORDER, ShipmentOutForDelivery(courier="COURIER-5", site="TPE-1")),
    (_at(6, 3), "blue-sea", ORDER, ShipmentAttemptFailed(reason=ReasonCode.RECIPIENT_ABSENT, courier="COURIER-5")),
    (_at(6, 9), "blue-sea", ORDER, ShipmentDelivered(courier="COURIER-5")),
    (
        _at(6, 10),
        "service",
        ORDER,
        CustomerComplaint(category=ComplaintCategory.SERVICE, area="TW-TPE", carrier="blue-sea"),
    ),
    (_at(7, 2), "service", ORDER, SurveyAnswer(csat=4, nps=8)),
    (_at(7, 3), "blue-sea", "blue-sea", SourceHeartbeat(next_within_s=3600.0)),
    (_at(7, 4), "shop", "SO-1002", OrderCancelled(reason=ReasonCode.OTHER, note="ordered twice")),
)


def _event(number: int, at: datetime, source: str, subject: str, data: Payload) -> Event:
    """Return one event of the story, recorded a minute after it happened."""
    time = to_instant(at)
    return Event(time, f"ev-{number:04}", source, subject, data, recorded_at=Instant(time + MINUTE_US))


EXAMPLES: dict[str, Event] = {
    KIND_OF[type(data)]: _event(number, at, source, subject, data)
    for number, (at, source, subject, data) in enumerate(_STORY, start=1)
}
"""Kind -> one valid event of it; every kind has one."""
