"""What an event says about the world: the standing thing it sets, or ends.

One small function a kind of event; none of them looks at orders. Whether news is news - later than what is known,
and different enough to look at the orders again - the machine decides.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from radar.conditions.condition import Code, Standing
from radar.events import Event
from radar.events.common import Payload
from radar.events.supply import LineState, LineStatus, SupplyNotice, SupplyReceived
from radar.events.transport import CourierStatus, VehiclePosition
from radar.events.world import RoadClosure, WeatherAlert
from radar.instant import HOUR_US, LATEST, SECOND_US, Instant, to_instant
from radar.open_index import AREA, LANE, LINE, SUPPLIER
from radar.orders import NEVER
from radar.rules import ConditionRules

COURIER_US = 26 * HOUR_US
"""How long a courier's word holds: they report once a day."""
VEHICLE_US = 48 * HOUR_US
"""How long a vehicle's word holds at most."""


class News(msgspec.Struct, frozen=True, gc=False):
    """What was said: ``standing`` holds now, or, when None, whatever was called so at that place is over."""

    key: str
    name: str
    standing: Standing | None


Reader = Callable[[Event, Any, ConditionRules], News | None]


def _instant(moment: datetime | None) -> Instant:
    return NEVER if moment is None else to_instant(moment)


def _line(event: Event, data: LineStatus, _rules: ConditionRules) -> News:
    key = LINE + event.subject
    if data.state is LineState.UP:
        return News(key, "line", None)
    is_down = data.state is LineState.DOWN
    standing = Standing(
        version=1,
        code=Code.LINE_DOWN if is_down else Code.LINE_SLOW,
        key=key,
        name="line",
        said_at=event.time,
        since_at=event.time,
        from_at=event.time,
        until_at=_instant(data.expected_recovery_at),
        amount=0.0 if is_down else 0.5 if data.speed is None else data.speed,
        note=data.reason.value,
    )
    return News(key, "line", standing)


def _weather(event: Event, data: WeatherAlert, rules: ConditionRules) -> News:
    key, name = AREA + data.area, f"weather:{data.hazard}"
    standing = Standing(
        version=1,
        code=Code.WEATHER,
        key=key,
        name=name,
        said_at=event.time,
        since_at=event.time,
        from_at=to_instant(data.from_at),
        until_at=to_instant(data.to_at),
        amount=rules.weather_loss.get(data.severity, 0.5),
        note=data.hazard or data.severity.value,
    )
    return News(key, name, standing)


def _closure(event: Event, data: RoadClosure, _rules: ConditionRules) -> News:
    key = LANE + data.lane if data.lane else AREA + data.area if data.area else LANE + event.subject
    if not data.is_closed:
        return News(key, "closure", None)
    standing = Standing(
        version=1,
        code=Code.CLOSURE,
        key=key,
        name="closure",
        said_at=event.time,
        since_at=event.time,
        from_at=event.time,
        until_at=_instant(data.until_at),
        amount=1.0,
        note=data.reason.value,
    )
    return News(key, "closure", standing)


def _vehicle(event: Event, data: VehiclePosition, rules: ConditionRules) -> News | None:
    if not data.lane:
        return None
    key, name = LANE + data.lane, f"vehicle:{event.subject}"
    if data.delay_s * SECOND_US < rules.vehicle_min_us:
        return News(key, name, None)
    eta_at = _instant(data.eta_at)
    standing = Standing(
        version=1,
        code=Code.VEHICLE,
        key=key,
        name=name,
        said_at=event.time,
        since_at=event.time,
        from_at=event.time,
        until_at=min(eta_at or LATEST, Instant(event.time + VEHICLE_US)),
        amount=data.delay_s * SECOND_US / HOUR_US,
        note=event.subject,
    )
    return News(key, name, standing)


def _courier(event: Event, data: CourierStatus, _rules: ConditionRules) -> News | None:
    if not data.area:
        return None
    key, name = AREA + data.area, f"courier:{event.subject}"
    standing = Standing(
        version=1,
        code=Code.COURIERS,
        key=key,
        name=name,
        said_at=event.time,
        since_at=event.time,
        from_at=event.time,
        until_at=Instant(event.time + COURIER_US),
        amount=data.load or 0.0,
        capacity=data.capacity or 0.0,
        note=data.state.value,
    )
    return News(key, name, standing)


def _notice(event: Event, data: SupplyNotice, rules: ConditionRules) -> News:
    key, name = SUPPLIER + data.supplier, f"supply:{event.subject}"
    expected_at, promised_at = _instant(data.expected_at), _instant(data.promised_at) or event.time
    if expected_at == NEVER or expected_at - promised_at < rules.supply_min_us:
        return News(key, name, None)
    standing = Standing(
        version=1,
        code=Code.SUPPLY,
        key=key,
        name=name,
        said_at=event.time,
        since_at=event.time,
        from_at=promised_at,
        until_at=expected_at,
        amount=(expected_at - promised_at) / HOUR_US,
        note=data.item,
    )
    return News(key, name, standing)


def _received(event: Event, data: SupplyReceived, _rules: ConditionRules) -> News:
    return News(SUPPLIER + data.supplier, f"supply:{event.subject}", None)


READERS: dict[type[Payload], Reader] = {
    LineStatus: _line,
    WeatherAlert: _weather,
    RoadClosure: _closure,
    VehiclePosition: _vehicle,
    CourierStatus: _courier,
    SupplyNotice: _notice,
    SupplyReceived: _received,
}
"""Kinds of events that speak of the world; all others pass the conditions by."""


def is_different(before: Standing | None, now: Standing | None) -> bool:
    """Return whether the orders should be looked at again: it began, ended, or moved by a quarter and an hour."""
    if before is None or now is None:
        return before is not now
    if before.code is not now.code or before.note != now.note:
        return True
    if abs(before.until_at - now.until_at) >= HOUR_US and Code.COURIERS is not now.code is not Code.VEHICLE:
        return True
    is_moved = abs(before.amount - now.amount) > max(0.25 * abs(before.amount), 1e-9)
    is_enough = now.code not in (Code.VEHICLE, Code.BACKLOG) or abs(before.amount - now.amount) >= 1.0
    return (is_moved and is_enough) or abs(before.capacity - now.capacity) > 0.25 * before.capacity
