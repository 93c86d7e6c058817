"""The CloudEvents 1.0 envelope of every kind, generated from ``radar.events.KINDS``.

One struct a kind, tagged by ``type``, so that a single msgspec decoder reads and checks envelope and payload in
one pass. Nobody else needs these structs: the rest of the product speaks ``Event``.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Final, Literal, cast

import msgspec
from msgspec import Meta
from msgspec.inspect import DateTimeType, Type, UnionType, type_info

from radar.events import KINDS, Event, Payload, RunMode
from radar.events.common import Aware, Label, Name
from radar.events.order import OrderPlaced
from radar.instant import EARLIEST, LATEST, Instant, to_datetime

JSON_TYPE: Final = "application/json"
_FIRST = to_datetime(EARLIEST)
_LAST = to_datetime(LATEST)


class Envelope(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="type",
    forbid_unknown_fields=True,
    omit_defaults=True,
    gc=False,
):
    """What CloudEvents says around a payload, with our three extensions."""

    specversion: Literal["1.0"]
    """Version of CloudEvents."""
    id: Name
    """Unique within its source; an event seen twice is applied once."""
    source: Name
    """The system that says so; its silence is watched."""
    time: Aware
    """When it happened."""
    subject: Name
    """Order id, or the id of the line, lane, source ... the kind speaks of."""
    data: Payload
    """What happened: the fields of the kind."""
    recordedtime: Aware | None = None
    """When we were told."""
    runmode: RunMode = RunMode.LIVE
    """Which world the event belongs to."""
    runid: Label = ""
    """The drill, twin run or replay it comes from."""
    datacontenttype: Literal["application/json"] = JSON_TYPE
    """Always JSON."""
    dataschema: Annotated[str, Meta(max_length=2000)] = ""
    """Where the sender's schema stands; not read."""


def _envelope(kind: str, payload: type[Payload]) -> type[Envelope]:
    """Return the envelope struct of one kind."""
    struct = msgspec.defstruct(
        f"{payload.__name__}Envelope",
        [("data", payload)],
        bases=(Envelope,),
        namespace={"__doc__": payload.__doc__},
        tag=kind,
        kw_only=True,
        frozen=True,
        gc=False,
    )
    return cast("type[Envelope]", struct)


ENVELOPES: dict[type[Payload], type[Envelope]] = {payload: _envelope(kind, payload) for kind, payload in KINDS.items()}
"""Payload class -> its envelope."""

CONTRACT: type[Envelope] = reduce(or_, ENVELOPES.values())
"""Any envelope: the union that msgspec decodes and describes."""

new_envelope: dict[type[Payload], Callable[..., Envelope]] = dict(ENVELOPES)
"""The same constructors, called with the attributes as keywords."""


def _is_time(kind: Type) -> bool:
    """Return whether a field of this type holds a time."""
    members = kind.types if isinstance(kind, UnionType) else (kind,)
    return any(isinstance(member, DateTimeType) for member in members)


def _time_fields(payload: type[Payload]) -> tuple[str, ...]:
    """Return the names of a payload's times; nested structs have none (a test holds that)."""
    info = type_info(payload)
    assert isinstance(info, msgspec.inspect.StructType)
    return tuple(field.encode_name for field in info.fields if _is_time(field.type))


TIME_FIELDS: dict[type[Payload], tuple[str, ...]] = {
    payload: names for payload in KINDS.values() if (names := _time_fields(payload))
}
"""Payload class -> its time fields, for the classes that have any."""


def event_of(envelope: Envelope) -> Event | None:
    """Return the event with its times in UTC, or None when its times cannot be (the second look says why).

    The hottest function of the live side, so the arithmetic of ``to_instant`` stands here once more, unrolled;
    a test holds the two together.
    """
    gap = envelope.time - _FIRST
    time = Instant((gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds)
    if not EARLIEST <= time < LATEST:
        return None
    recorded_at = None
    if envelope.recordedtime is not None:
        gap = envelope.recordedtime - _FIRST
        recorded_at = Instant((gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds)
        if not EARLIEST <= recorded_at < LATEST:
            return None
    data = envelope.data
    names = TIME_FIELDS.get(type(data))
    if names is not None:
        checked = _in_utc(data, names)
        if checked is None or (type(data) is OrderPlaced and is_promised_too_early(envelope)):
            return None
        data = checked
    return Event(
        time, envelope.id, envelope.source, envelope.subject, data, recorded_at, envelope.runmode, envelope.runid
    )


def is_in_range(moment: datetime) -> bool:
    """Return whether an aware time lies in 1970..2099, as every time of the contract must."""
    return _FIRST <= moment < _LAST


def is_promised_too_early(envelope: Envelope) -> bool:
    """Return whether the envelope tells of an order promised for a time before it was placed."""
    data = envelope.data
    return isinstance(data, OrderPlaced) and data.promise_at is not None and data.promise_at < envelope.time


def _in_utc(data: Payload, names: tuple[str, ...]) -> Payload | None:
    """Return the payload with the named times in UTC, or None when one lies out of range."""
    for name in names:
        moment: datetime | None = getattr(data, name)
        if moment is None or (moment.tzinfo is UTC and 1970 <= moment.year < 2100):
            continue
        if not is_in_range(moment):
            return None
        data = msgspec.structs.replace(data, **{name: moment.astimezone(UTC)})
    return data
