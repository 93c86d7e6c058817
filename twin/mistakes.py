"""The ways in which reports arrive wrong: a closed list, each a known error of real systems.

Some mistakes still make an event, and the radar has to live with it. The others make a line that is no event: the
log holds it as it came, a replay lays it aside as a dead letter, and inside the twin nobody hears of it. So a log
with mistakes gives the same warnings as the run that wrote it. Of the mistakes that a report can have at all (a
heartbeat has no quantity) each is equally likely; which one and how hang on the report's own luck.

Clocks are only ever behind. One that is ahead waits for its time in a live system, but a log has no other clock than
its events: there it would carry the whole stream hours forward, and the twin would tell of storms that are none.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from radar.events import Event, Payload
from radar.events.order import OrderPlaced
from radar.events.supply import (
    InventoryLevel,
    ProductionFinished,
    ProductionStarted,
    StockShort,
    SupplyNotice,
    SupplyReceived,
)
from radar.events.transport import (
    CourierStatus,
    FulfilmentPacked,
    FulfilmentPicked,
    ScanKind,
    ShipmentDelivered,
    ShipmentOutForDelivery,
    ShipmentScan,
)
from radar.fold import FOLDS
from radar.instant import DAY_US, HOUR_US, Instant


class Mistake(StrEnum):
    """Which error; the first six still make an event."""

    CLOCK = "clock"
    """The zone's offset is applied twice: hours too early."""
    QUANTITY = "quantity"
    """Cartons booked as pieces: a hundred times too many."""
    MISSING = "missing"
    """An optional field is left empty."""
    NAME = "name"
    """A place in another system's spelling, which nobody knows."""
    ORDER = "order"
    """Two digits of the order's id change places: no order, or another one."""
    MILESTONE = "milestone"
    """The milestone next to the true one: delivered is pressed when the round begins."""
    CUT = "cut"
    """The line ends in the middle."""
    NO_OFFSET = "no-offset"
    """The time has lost its zone."""
    PLACEHOLDER = "placeholder"
    """The year 9999 for a time that nobody filled in."""
    NEGATIVE = "negative"
    """A quantity below 0."""
    STATUS = "status"
    """A status that is in no list."""


_AMOUNTS: dict[type[Payload], str] = {
    InventoryLevel: "on_order",
    StockShort: "quantity_short",
    SupplyNotice: "quantity",
    SupplyReceived: "quantity",
    CourierStatus: "load",
}
"""Payload -> the quantity that may be wrong; that of an order stands in its lines."""
_PLACES = ("site", "lane", "line", "warehouse", "area")
_MANY = 100.0
_QUANTITY = re.compile(rb'"(quantity|quantity_short|on_order|load)":(?=\d)')
_TIME = re.compile(rb'"time":"[^"]*"')
_TYPE = re.compile(rb'"type":"([a-z.-]+)\.v1"')


class BadReport(msgspec.Struct, frozen=True, gc=False):
    """A report that is no event when it arrives."""

    event: Event
    """What it should have said."""
    mistake: Mistake
    luck: float

    def line(self, right: bytes) -> bytes:
        """Return what arrives instead of the right line of the event."""
        match self.mistake:
            case Mistake.CUT:
                return right[: 1 + int(self.luck * (len(right) - 2))]
            case Mistake.NO_OFFSET:
                return _TIME.sub(lambda found: found[0].removesuffix(b'Z"') + b'"', right, count=1)
            case Mistake.PLACEHOLDER:
                return _TIME.sub(b'"time":"9999-12-31T23:59:59Z"', right, count=1)
            case Mistake.NEGATIVE:
                return _QUANTITY.sub(rb'"\1":-', right, count=1)
            case _:
                return _TYPE.sub(rb'"type":"\1.status-47"', right, count=1)


Report = Event | BadReport


def wrong(event: Event, epoch: Instant, which: float, how: float) -> Report:
    """Return a report with one mistake in it.

    Args:
        event: The right report.
        epoch: A local midnight; it tells the zone's offset.
        which: Luck that chooses the mistake.
        how: Luck that chooses within it.
    """
    made = [_made(mistake, event, epoch, how) for mistake in Mistake]
    possible = [report for report in made if report is not None]
    return possible[int(which * len(possible))]


def _made(mistake: Mistake, event: Event, epoch: Instant, how: float) -> Report | None:
    """Return a report with this mistake; None when this event cannot have it."""
    if mistake is Mistake.CLOCK:
        return msgspec.structs.replace(event, time=Instant(event.time - _offset_us(epoch)))
    if mistake is Mistake.ORDER:
        subject = _swapped(event.subject, how) if type(event.data) in FOLDS else None
        return None if subject is None else msgspec.structs.replace(event, subject=subject)
    change = _CHANGES.get(mistake)
    if change is not None:
        data = change(event.data, how)
        return None if data is None else msgspec.structs.replace(event, data=data)
    if mistake is Mistake.NEGATIVE and not _amount(event.data):
        return None
    return BadReport(event, mistake, how)


def _offset_us(epoch: Instant) -> int:
    """Return how far the zone is from UTC; an hour (summer time) where it is not at all."""
    east = -epoch % DAY_US
    return min(east, DAY_US - east) or HOUR_US


def _swapped(subject: str, how: float) -> str | None:
    """Return an id with two neighbouring digits in each other's place."""
    places = [at for at in range(len(subject) - 1) if subject[at : at + 2].isdigit() and subject[at] != subject[at + 1]]
    if not places:
        return None
    at = places[int(how * len(places))]
    return subject[:at] + subject[at + 1] + subject[at] + subject[at + 2 :]


def _amount(data: Any) -> float:
    """Return the quantity a payload speaks of; 0 when of none."""
    if type(data) is OrderPlaced:
        return data.lines[0].quantity if data.lines else 0.0
    name = _AMOUNTS.get(type(data))
    return 0.0 if name is None else getattr(data, name) or 0.0


def _many(data: Any, _how: float) -> Payload | None:
    if not _amount(data):
        return None
    if type(data) is OrderPlaced:
        first = _with(data.lines[0], quantity=data.lines[0].quantity * _MANY)
        return _with(data, lines=(first, *data.lines[1:]))
    name = _AMOUNTS[type(data)]
    return _with(data, **{name: getattr(data, name) * _MANY})


def _with(data: Payload, **fields: Any) -> Payload:
    changed: Payload = msgspec.structs.replace(data, **fields)
    return changed


def _emptied(data: Any, how: float) -> Payload | None:
    filled = [
        field
        for field in msgspec.structs.fields(data)
        if (field.default is None or field.default == "") and getattr(data, field.name) != field.default
    ]
    if not filled:
        return None
    field = filled[int(how * len(filled))]
    return _with(data, **{field.name: field.default})


def _respelt(data: Any, _how: float) -> Payload | None:
    for name in _PLACES:
        right = getattr(data, name, "")
        spelt = right.upper().replace("-", "_")
        if spelt != right:
            return _with(data, **{name: spelt})
    return None


def _neighbour(data: Any, _how: float) -> Payload | None:
    match data:
        case FulfilmentPicked():
            return FulfilmentPacked(data.warehouse)
        case FulfilmentPacked():
            return FulfilmentPicked(data.warehouse)
        case ShipmentOutForDelivery():
            return ShipmentDelivered(data.courier)
        case ShipmentDelivered():
            return ShipmentOutForDelivery(data.courier)
        case ProductionStarted():
            return ProductionFinished(data.line)
        case ProductionFinished():
            return ProductionStarted(data.line)
        case ShipmentScan(scan=ScanKind.ARRIVE | ScanKind.DEPART):
            other = ScanKind.DEPART if data.scan is ScanKind.ARRIVE else ScanKind.ARRIVE
            return ShipmentScan(data.site, other, data.carrier_eta_at, data.code)
    return None


_CHANGES: dict[Mistake, Callable[[Any, float], Payload | None]] = {
    Mistake.QUANTITY: _many,
    Mistake.MISSING: _emptied,
    Mistake.NAME: _respelt,
    Mistake.MILESTONE: _neighbour,
}
"""Mistakes in what is said, each with the function that makes it."""
