"""A model as rows of the store: what cannot be derived from the orders, exact to the bit.

One row with everything of fixed size, one a segment, one a day of snapshots, one a late order that is waited for.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec
import numpy as np

from radar.learning import flow_stored
from radar.learning.lessons import Snapshot, Wait
from radar.learning.local_days import Floats, LocalDays
from radar.learning.model import Model
from radar.learning.segments import KINDS, SegmentRow
from radar.learning.stage_offsets import StageOffsets
from radar.outputs import StateRow

MACHINE = "learner"
CORE, SNAPSHOTS, WAIT = "core", "snapshots", "wait"
"""Kinds of rows beside those of the segments; the key is ``<number of the model>/<kind>/<name>``."""


class Core(msgspec.Struct, array_like=True, frozen=True):
    """Everything of a model that has a fixed size; arrays as float64 bytes."""

    version: int
    order_type: str
    zone: str
    day: int
    is_asleep: bool
    transit_all: list[float]
    transit_residual: list[float]
    rates_all: bytes
    transit_counts: bytes
    transit_weights: bytes
    transit_information: bytes
    morning: list[float]
    transit_stages: tuple[bytes, bytes]
    hand_over_counts: bytes
    hand_over_stages: tuple[bytes, bytes]
    final_weights: list[bytes]
    final_information: list[bytes]
    finished: list[list[float]]
    scatter: tuple[bytes, dict[int, list[list[float]]]]


class _Day(msgspec.Struct, array_like=True, frozen=True):
    version: int
    snapshots: list[tuple[str, Snapshot]]


T = TypeVar("T")


def core_row(number: int, model: Model) -> StateRow:
    """Return the row of fixed size."""
    nets = model.calibration.nets
    core = Core(
        version=1,
        order_type=model.order_type,
        zone=model.days.zone,
        day=model.day,
        is_asleep=model.is_asleep,
        transit_all=model.means.all,
        transit_residual=model.means.residual,
        rates_all=model.rates.all.tobytes(),
        transit_counts=model.transit.table.counts.tobytes(),
        transit_weights=model.transit.net.weights.tobytes(),
        transit_information=model.transit.net.information.tobytes(),
        morning=model.transit.morning,
        transit_stages=_stages(model.transit.stages),
        hand_over_counts=model.hand_over.counts.tobytes(),
        hand_over_stages=_stages(model.hand_over.stages),
        final_weights=[net.weights.tobytes() for net in nets],
        final_information=[net.information.tobytes() for net in nets],
        finished=model.lessons.finished,
        scatter=(model.lessons.scatter.table.tobytes(), model.lessons.scatter.days),
    )
    return StateRow(MACHINE, f"{number}/{CORE}/", msgspec.msgpack.encode(core))


def changed_rows(number: int, model: Model) -> list[StateRow]:
    """Return the other rows that changed since last asked, and forget that they did."""
    lessons = model.lessons
    rows = [
        _row(f"{number}/{KINDS[kind]}/{name}", segments.stored(name))
        for kind, segments in enumerate(model.segments)
        for name in sorted(segments.dirty)
    ]
    rows += [
        _row(f"{number}/{SNAPSHOTS}/{day}", _Day(1, found) if (found := lessons.by_day.get(day)) else None)
        for day in sorted(lessons.dirty_days)
    ]
    rows += [_row(f"{number}/{WAIT}/{key}", lessons.waits.get(key)) for key in sorted(lessons.dirty_waits)]
    for segments in model.segments:
        segments.dirty.clear()
    lessons.dirty_days.clear()
    lessons.dirty_waits.clear()
    return rows


def model_of(core: Core, days: LocalDays, rows: Iterable[tuple[str, str, bytes]]) -> Model:
    """Return a model as it was stored.

    Args:
        core: Its row of fixed size.
        days: The days of its zone.
        rows: Its other rows: kind, name, state.
    """
    model = Model(core.order_type, days, core.day)
    model.means.all, model.means.residual = core.transit_all, core.transit_residual
    model.rates.all = _array(core.rates_all, model.rates.all)
    model.transit.table.counts = _array(core.transit_counts, model.transit.table.counts)
    net = model.transit.net
    net.weights, net.information = (
        _array(core.transit_weights, net.weights),
        _array(core.transit_information, net.information),
    )
    model.transit.morning = core.morning
    model.hand_over.counts = _array(core.hand_over_counts, model.hand_over.counts)
    for one, weights, information in zip(
        model.calibration.nets, core.final_weights, core.final_information, strict=True
    ):
        one.weights, one.information = _array(weights, one.weights), _array(information, one.information)
    for offsets, (table, information) in (
        (model.transit.stages, core.transit_stages),
        (model.hand_over.stages, core.hand_over_stages),
    ):
        offsets.table, offsets.information = _array(table, offsets.table), _array(information, offsets.information)
    model.lessons.finished = core.finished
    scatter = model.lessons.scatter
    scatter.table, scatter.days = _array(core.scatter[0], scatter.table), core.scatter[1]
    model.is_asleep = core.is_asleep
    days_found: dict[int, bytes] = {}
    for kind, name, state in rows:
        if kind == SNAPSHOTS:
            days_found[int(name)] = state
        elif kind == WAIT:
            model.lessons.waits[name] = msgspec.msgpack.decode(state, type=Wait)
        else:
            model.segments[KINDS.index(kind)].restore(msgspec.msgpack.decode(state, type=SegmentRow))
    for day in sorted(days_found):
        model.lessons.restore_day(day, msgspec.msgpack.decode(days_found[day], type=_Day).snapshots)
    model.freeze()
    return model


def experience(row: StateRow, days: int) -> StateRow | None:
    """Return a row as it moves to another room, so many days on: all tables; what waits for an order's end stays."""
    if row.key.startswith(flow_stored.FLOW):
        return flow_stored.experience(row, days)
    kind = row.key.split("/", 2)[1]
    if kind in (SNAPSHOTS, WAIT):
        return None
    moved: Core | SegmentRow
    if kind == CORE:
        core = core_of(row.state)
        moved = msgspec.structs.replace(core, day=core.day + days)
    else:
        assert kind in KINDS, f"whether {row.key} moves is not said"
        known = msgspec.msgpack.decode(row.state, type=SegmentRow)
        mean_day, rate_day = (day + days if day else day for day in (known.mean_day, known.rate_day))
        moved = msgspec.structs.replace(known, mean_day=mean_day, rate_day=rate_day)
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(moved))


def core_of(state: bytes) -> Core:
    """Return the stored row of fixed size."""
    return msgspec.msgpack.decode(state, type=Core)


def _row(key: str, stored: msgspec.Struct | None) -> StateRow:
    if stored is None:
        return StateRow(MACHINE, key, b"", is_gone=True)
    return StateRow(MACHINE, key, msgspec.msgpack.encode(stored))


def _stages(offsets: StageOffsets) -> tuple[bytes, bytes]:
    return offsets.table.tobytes(), offsets.information.tobytes()


def _array(stored: bytes, like: Floats) -> Floats:
    return np.frombuffer(stored).reshape(like.shape).copy()
