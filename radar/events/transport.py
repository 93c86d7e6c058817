"""Events from the warehouse door to the customer's door."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from radar.events.common import Amount, Aware, Code, Label, Name, Payload, Reasoned, Seconds


class FulfilmentPicked(Payload, frozen=True):
    """The goods are off the shelf."""

    warehouse: Label = ""
    wave: Label = ""


class FulfilmentPacked(Payload, frozen=True):
    """The parcel is closed."""

    warehouse: Label = ""


class ShipmentHandedOver(Payload, frozen=True):
    """The carrier has the parcel."""

    carrier: Label = ""
    mode: Label = ""
    lane: Label = ""
    tracking_id: Label = ""
    carrier_eta_at: Aware | None = None
    """Not believed before the carrier's first in-transit scan."""


class ScanKind(StrEnum):
    """What a scan saw."""

    ARRIVE = "arrive"
    DEPART = "depart"
    INFO = "info"


class ShipmentScan(Payload, frozen=True):
    """The parcel was seen at a site."""

    site: Name
    scan: ScanKind = ScanKind.INFO
    carrier_eta_at: Aware | None = None
    code: Code = ""


class ShipmentOutForDelivery(Payload, frozen=True):
    """A courier has the parcel on the round."""

    courier: Label = ""
    site: Label = ""


class ShipmentAttemptFailed(Reasoned, frozen=True):
    """The courier came and could not deliver."""

    courier: Label = ""


class ShipmentException(Reasoned, frozen=True):
    """The carrier reports trouble; ``lost`` and ``returned`` end the order."""

    site: Label = ""
    expected_delay_s: Seconds | None = None


class ShipmentDelivered(Payload, frozen=True):
    """The customer has it (proof of delivery)."""

    courier: Label = ""


class VehiclePosition(Payload, frozen=True):
    """Where a vehicle is (R07); subject is the vehicle."""

    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    """Degrees north."""
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    """Degrees east."""
    lane: Label = ""
    eta_at: Aware | None = None
    delay_s: Annotated[float, Meta(ge=-1e9, le=1e9)] = 0.0
    """Expected lateness against its timetable; negative is early."""
    speed_kmh: Amount | None = None


class CourierState(StrEnum):
    """Whether a courier can take parcels (R20)."""

    WORKING = "working"
    LEAVE = "leave"
    RESIGNED = "resigned"
    OVERLOADED = "overloaded"


class CourierStatus(Payload, frozen=True):
    """A courier's state changed; subject is the courier."""

    state: CourierState
    area: Label = ""
    load: Amount | None = None
    capacity: Amount | None = None
