"""The words of conditions: what stands in the world, and what it means for one order."""

from enum import StrEnum

import msgspec

from radar.instant import Instant
from radar.orders import NEVER
from radar.outputs import Fact


class Code(StrEnum):
    """Kinds of conditions; each learns for itself how much its forecasts are worth."""

    LINE_DOWN = "line-down"
    LINE_SLOW = "line-slow"
    WEATHER = "weather"
    CLOSURE = "closure"
    VEHICLE = "vehicle-late"
    COURIERS = "couriers-short"
    SUPPLY = "supply-late"
    SHORT = "stock-short"
    BACKLOG = "backlog"
    EXCEPTION = "exception"
    CARRIER_ETA = "carrier-eta"


class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Something that holds at a place: a line, lane, area, supplier or warehouse."""

    version: int
    code: Code
    key: str
    """The place, as the index of open orders names it: ``line:L2``."""
    name: str
    """Tells apart what stands at one place: a courier, a purchase order, a hazard."""
    said_at: Instant
    """When it was last said; older news of the same thing is history."""
    since_at: Instant
    from_at: Instant
    until_at: Instant = NEVER
    """When it should be over; ``NEVER`` where nobody said."""
    amount: float = 0.0
    """Line: speed; weather and closure: share of the time lost; vehicle: hours late; couriers: parcels waiting;
    backlog: hours of waiting beyond the usual."""
    capacity: float = 0.0
    """Couriers: parcels they can take; backlog: orders waiting."""
    note: str = ""
    """Hazard, item or reason."""


class Condition(msgspec.Struct, frozen=True, gc=False):
    """What a standing thing means for one order at its present stage."""

    code: Code
    subject: str
    """The line, lane, area, supplier, warehouse or carrier."""
    delay_us: int
    """Expected extra time, by what such forecasts were worth lately."""
    said_us: int
    """Expected extra time as the news alone says."""
    facts: tuple[Fact, ...]
    since_at: Instant
