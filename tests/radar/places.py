"""A room whose predictor feels delays, and events about places: for tests of conditions."""

from collections.abc import Sequence
from zlib import crc32

from radar.events import Event
from radar.events.common import ReasonCode
from radar.events.order import ShipTo
from radar.events.supply import LineState, LineStatus, ProductionPlanned, SupplyNotice
from radar.events.transport import (
    CourierState,
    CourierStatus,
    ShipmentException,
    ShipmentHandedOver,
    ShipmentScan,
    VehiclePosition,
)
from radar.events.world import AlertSeverity, RoadClosure, WeatherAlert
from radar.instant import HOUR_US, Instant, to_datetime
from radar.orders import Order
from radar.outputs import Change, WarningChange, WarningKind
from radar.room import ControlRoom
from radar.rules import PredictionRules, Rules
from tests.radar.harness import StillLearner, at, event, placed, rules

EAGER: Rules = rules(
    prediction=PredictionRules(lead_us=36 * HOUR_US, raise_early=0.5, raise_at_lead=0.5, withdraw_below=0.4)
)


class FeelsDelay(StillLearner):
    """Late as surely as the delay eats the time left; with a little noise, so that orders differ."""

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        self.asked.append((order.order_id, at))
        noise = crc32(f"{order.order_id}/{order.stage}".encode()) / 2**32 / 20
        return min(0.99, noise + delay_us / max(1, order.promise_at - at))


def feeling_room(some: Rules = EAGER) -> ControlRoom:
    """Return a room whose predictor feels delays and learns nothing."""
    room = ControlRoom(some)
    room._learner = room._forecast.predictor = FeelsDelay()  # type: ignore[assignment]  # a stand-in with the same verbs
    return room


def asked(room: ControlRoom) -> list[str]:
    """Return the orders predicted since last asked."""
    predictor = room._forecast.predictor
    assert isinstance(predictor, FeelsDelay)
    ids = [order_id for order_id, _ in predictor.asked]
    predictor.asked.clear()
    return ids


def warned(said: Sequence[WarningChange], change: Change = Change.RAISED) -> list[str]:
    """Return the orders whose predicted-late warnings were raised, or changed so, in the order said."""
    return [one.entity for one in said if one.kind is WarningKind.PREDICTED_LATE and one.change is change]


def going(subject: str, area: str = "north", hours: float = 0, promise_h: float = 96, **fields: object) -> Event:
    """Return the placement of an order from the plant to an area."""
    return placed(at(hours), at(promise_h), subject, ship_to=ShipTo(area=area), origin="plant", **fields)


def planned(subject: str, line: str, hours: float = 1) -> Event:
    return event(ProductionPlanned(line), at(hours), subject)


def line(name: str, state: LineState, hours: float, until_h: float | None = None, **fields: object) -> Event:
    until = None if until_h is None else to_datetime(at(until_h))
    return event(LineStatus(state=state, expected_recovery_at=until, **fields), at(hours), name, source="mes")  # type: ignore[arg-type]  # fields by name


def storm(
    area: str, hours: float, from_h: float, to_h: float, severity: AlertSeverity = AlertSeverity.EXTREME
) -> Event:
    data = WeatherAlert(area, severity, to_datetime(at(from_h)), to_datetime(at(to_h)), "typhoon")
    return event(data, at(hours), area, source="weather")


def closure(lane: str, hours: float, until_h: float | None = None, *, is_closed: bool = True) -> Event:
    until = None if until_h is None else to_datetime(at(until_h))
    return event(RoadClosure(lane=lane, until_at=until, is_closed=is_closed), at(hours), lane, source="carrier")


def handed(subject: str, lane: str, hours: float, eta_h: float | None = None) -> Event:
    eta = None if eta_h is None else to_datetime(at(eta_h))
    return event(ShipmentHandedOver(carrier="swift", lane=lane, carrier_eta_at=eta), at(hours), subject)


def scanned(subject: str, hours: float, **fields: object) -> Event:
    return event(ShipmentScan(site="hub", **fields), at(hours), subject)  # type: ignore[arg-type]  # fields by name


def truck(name: str, lane: str, hours: float, late_h: float, eta_h: float) -> Event:
    data = VehiclePosition(lane=lane, delay_s=late_h * 3600, eta_at=to_datetime(at(eta_h)))
    return event(data, at(hours), name, source="tms")


def couriers(area: str, hours: float, state: CourierState, load: float = 0, capacity: float = 0) -> Event:
    data = CourierStatus(state, area, load or None, capacity or None)
    return event(data, at(hours), f"couriers-{area}", source="tms")


def notice(supplier: str, hours: float, promised_h: float, expected_h: float, item: str = "") -> Event:
    data = SupplyNotice(supplier, item, 10, to_datetime(at(promised_h)), to_datetime(at(expected_h)))
    return event(data, at(hours), "PO-1", source="procurement")


def trouble(subject: str, hours: float, delay_h: float) -> Event:
    return event(ShipmentException(reason=ReasonCode.CUSTOMS, expected_delay_s=delay_h * 3600), at(hours), subject)
