"""Field types shared by all event payloads: bounded, so that bad input stops at the door."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=200)]
"""An id, code or short name."""
Label = Annotated[str, Meta(max_length=200)]
"""An id, code or short name; empty when the source does not say."""
Code = Annotated[str, Meta(max_length=100)]
"""A foreign system's own code, kept as it came; empty when there is none."""
Text = Annotated[str, Meta(max_length=4000)]
"""Free text; may be empty."""
Aware = Annotated[datetime, Meta(tz=True)]
"""A time with its UTC offset; naive times are refused."""
Amount = Annotated[float, Meta(ge=0, le=1e12)]
"""A quantity that cannot be negative: money, kilograms, kilometres, pieces."""
Ratio = Annotated[float, Meta(ge=0, le=1)]
"""A share, 0..1."""
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
"""A duration in seconds."""


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What an event says beyond its envelope."""


class Tier(StrEnum):
    """How important a customer is; VIP warnings start one level up (R04)."""

    STANDARD = "standard"
    PREFERRED = "preferred"
    VIP = "vip"


class ReasonCode(StrEnum):
    """Why something went wrong; names after X12 element 1651 where it has one."""

    ADDRESS = "address"
    RECIPIENT_ABSENT = "recipient-absent"
    REFUSED = "refused"
    WEATHER = "weather"
    BREAKDOWN = "breakdown"
    CUSTOMS = "customs"
    PAST_CUT_OFF = "past-cut-off"
    CONGESTION = "congestion"
    ROAD_CLOSURE = "road-closure"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"
    MISSORT = "missort"
    SHORT_STOCK = "short-stock"
    SUPPLIER = "supplier"
    QUALITY = "quality"
    CAPACITY = "capacity"
    STRIKE = "strike"
    POWER = "power"
    DATA = "data"
    OTHER = "other"


class Reasoned(Payload, frozen=True):
    """A payload with a cause; a foreign code that no table knows is kept in ``code``."""

    reason: ReasonCode = ReasonCode.OTHER
    code: Code = ""
    note: Text = ""
