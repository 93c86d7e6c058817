"""Hypothesis strategies for the event contract: every payload, and streams of events with ties and duplicates.

Pools are small on purpose: a test of ordering, deadlines or deduplication only bites when the same id, the same
microsecond and the same order come up again and again.
"""

from collections.abc import Collection
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.inspect import (
    BoolType,
    DateTimeType,
    EnumType,
    FloatType,
    IntType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from radar.events import KINDS, Event, Payload, RunMode
from radar.events.order import OrderPlaced
from radar.events.supply import ProductionPlanned, QualityResult
from radar.events.world import WeatherAlert
from radar.instant import DAY_US, HOUR_US, LATEST, Instant, to_datetime, to_instant

START = Instant(1_709_251_200_000_000)
"""2024-03-01T00:00:00Z: the streams begin here."""
ORDERS = ("SO-1", "SO-2", "SO-3")
SOURCES = ("shop", "wms", "carrier/訂單")
_TIES_US = (0, 1, 1_000_000, HOUR_US, 2 * HOUR_US, 2 * HOUR_US + 1, 36 * HOUR_US, 3 * DAY_US)

instants = st.one_of(
    st.sampled_from([Instant(START + step) for step in _TIES_US]),
    st.integers(START, START + 10 * DAY_US).map(Instant),
)
"""Times of a stream: mostly one of eight, so that events meet on the same microsecond."""
any_instants = st.one_of(instants, st.integers(0, LATEST - 1).map(Instant))
"""Any time the contract allows."""
moments = any_instants.map(to_datetime)
"""The same as aware datetimes in UTC."""


def texts(min_length: int = 0, max_length: int = 12) -> st.SearchStrategy[str]:
    """Return texts any store can keep: no NUL, no lone surrogates."""
    pool = st.sampled_from(["x", "SKU-1", "台北", '"quoted" \\ \n', "é" * min(max_length, 3)])
    drawn = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=min_length, max_size=max_length
    )
    return st.one_of(pool.filter(lambda text: min_length <= len(text) <= max_length), drawn)


def _text(kind: StrType) -> st.SearchStrategy[str]:
    return texts(kind.min_length or 0, min(kind.max_length or 12, 12))


def _number(kind: FloatType) -> st.SearchStrategy[float]:
    low = kind.ge if kind.ge is not None else (kind.gt or 0.0)
    high = kind.le if kind.le is not None else 1e12
    edges = [float(edge) for edge in (low, high, 0.0, 1.0) if low <= edge <= high and edge != kind.gt]
    drawn = st.floats(low, high, exclude_min=kind.gt is not None, allow_nan=False).map(lambda value: value + 0.0)
    return st.one_of(st.sampled_from(edges), drawn)


def _values(kind: Type) -> st.SearchStrategy[object]:
    """Return the values of one field type."""
    match kind:
        case UnionType(types=members):
            return st.one_of([_values(member) for member in members])
        case VarTupleType(item_type=item):
            return st.lists(_values(item), max_size=3).map(tuple)
        case StructType(cls=struct):
            return structs(struct)
    return _scalars(kind)


def _scalars(kind: Type) -> st.SearchStrategy[object]:
    """Return the values of a field type that holds one thing."""
    match kind:
        case EnumType(cls=words):
            return st.sampled_from(list(words))
        case StrType():
            return _text(kind)
        case FloatType():
            return _number(kind)
        case IntType():
            return st.integers(int(kind.ge or 0), int(kind.le or 10))
        case BoolType():
            return st.booleans()
        case DateTimeType():
            return moments
    assert isinstance(kind, NoneType), f"no strategy for {kind}"
    return st.none()


# The pairs a payload refuses when they stand the wrong way round.
_PAIRS: dict[type[msgspec.Struct], tuple[str, str]] = {
    WeatherAlert: ("from_at", "to_at"),
    ProductionPlanned: ("start_at", "finish_at"),
    QualityResult: ("defective", "inspected"),
}


def structs(struct: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """Return structs of a class, each optional field now given and now left out."""
    info = type_info(struct)
    assert isinstance(info, StructType)
    required = {field.name: _values(field.type) for field in info.fields if field.required}
    optional = {field.name: _values(field.type) for field in info.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: _built(struct, fields))


def _built(struct: type[msgspec.Struct], fields: dict[str, Any]) -> msgspec.Struct:
    """Return the struct of drawn fields, a pair of them put in order."""
    if struct in _PAIRS:
        low, high = _PAIRS[struct]
        if fields.get(low) is not None:
            pair = sorted([fields[low], fields.get(high) or fields[low]])
            fields |= {low: pair[0], high: pair[1]}
    return struct(**fields)


def payloads(kind: str) -> st.SearchStrategy[Payload]:
    """Return valid payloads of a kind (``order.placed.v1``)."""
    return structs(KINDS[kind])  # type: ignore[return-value]  # a struct of that class


@st.composite
def events(
    draw: st.DrawFn,
    kinds: Collection[str] = tuple(KINDS),
    subjects: Collection[str] = ORDERS,
    times: st.SearchStrategy[Instant] = instants,
) -> Event:
    """Draw one valid event; its id comes from a pool of nine, so that duplicates happen."""
    kind = draw(st.sampled_from(sorted(kinds)))
    time, data = draw(times), draw(payloads(kind))
    if isinstance(data, OrderPlaced) and data.promise_at is not None and to_instant(data.promise_at) < time:
        data = msgspec.structs.replace(data, promise_at=to_datetime(time))  # on the dot is not before
    return Event(
        time,
        id=draw(st.sampled_from([f"ev-{number}" for number in range(9)])),
        source=draw(st.sampled_from(SOURCES)),
        subject=draw(st.sampled_from(sorted(subjects))),
        data=data,
        recorded_at=draw(st.none() | times),
        run_mode=draw(st.sampled_from(RunMode)),
        run_id=draw(st.sampled_from(["", "drill-7"])),
    )


@st.composite
def event_streams(draw: st.DrawFn, one: st.SearchStrategy[Event] | None = None, size_max: int = 20) -> list[Event]:
    """Draw a stream in arrival order: distinct events under distinct ids, some told twice, many at equal times.

    Args:
        draw: Given by hypothesis.
        one: The events to draw from; any kind when None.
        size_max: Most distinct events.
    """
    drawn = draw(st.lists(one if one is not None else events(), max_size=size_max))
    distinct = [msgspec.structs.replace(event, id=f"ev-{number}") for number, event in enumerate(drawn)]
    again = draw(st.lists(st.sampled_from(distinct), max_size=5)) if distinct else []
    return draw(st.permutations(distinct + again))
