"""Models and stores: what a store has learned as a model, and a model as what a new store begins with.

A store notes in its ``runs`` that it was given a model, and how far it was itself by then; so what it learned since is
told apart, and a store that learned nothing since gives the very same model back.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Engine, desc, func, insert, select

from radar.errors import InputError
from radar.experience import MOVES, WEEK_US, experience, weeks_to_end_before
from radar.instant import Instant, to_text
from radar.learning.learner import MACHINE as LEARNER
from radar.outputs import StateRow
from streams.blocks import PARTITION
from streams.model_files import Model, ModelManifest, Taught, TypeCount, model_of
from streams.store import Store, open_reader
from streams.store.failures import telling
from streams.store.rows import state_cells
from streams.store.runs import wall_clock
from streams.store.schema import counters, feeds, machine_rows, orders, runs
from streams.store.sqlite import upsert_sql

ENGINE = "model"
"""Says of a row of ``runs`` that a model was put in."""
_WRITE = upsert_sql(machine_rows)
_GONE = "DELETE FROM machine_rows WHERE machine = ? AND key = ? AND partition = ?"


class Note(msgspec.Struct, frozen=True):
    """That a model was put in, and how far the store was by then."""

    model: ModelManifest
    weeks: int = 0
    """By how many weeks it was moved."""
    applied: int = 0
    order_types: tuple[TypeCount, ...] = ()


def save_model(url: str) -> Model:
    """Return what a store has learned; it may be written meanwhile.

    Raises:
        InputError: There is no such store, or it has learned nothing.
    """
    engine = open_reader(url)
    try:
        with telling(url):
            rows, taught, note = _rows(engine), _taught(engine), _note(engine)
    finally:
        engine.dispose()
    if not any(row.machine == LEARNER for row in rows):
        raise InputError.at("--store", url, "has learned nothing yet", "allowed: one that `radar run` wrote")
    if note is None:
        return model_of(rows, taught)
    if taught.events == note.applied and not note.weeks:
        return Model(note.model, tuple(experience(rows)))
    return model_of(rows, _summed(note, taught))


def load_model(store: Store, model: Model, place: str, *, replace: bool = False) -> None:
    """Put a model into a store that has learned nothing, or in place of what it learned.

    Args:
        store: Open for writing.
        model: What it shall know.
        place: Where the model was read, for the note.
        replace: Whether what it learned may be lost; its orders and what stands now stay.

    Raises:
        InputError: The store has learned already, and ``replace`` was not said.
    """
    with telling(store.place):
        known, taught = _rows(store.engine), _taught(store.engine)
        if (known or taught.events) and not replace:
            allowed = "allowed: a new store, or `radar model load --replace`"
            raise InputError.at("--store", store.place, "has learned already", allowed)
        _put(store, known, model.rows, Note(model.manifest, 0, taught.events, taught.order_types), place)


def begin_with(store: Store, model: Model, place: str) -> None:
    """Give a new store a model; a store that began with this one stays as it is, so that a run can go on.

    Raises:
        InputError: The store began otherwise.
    """
    with telling(store.place):
        note = _note(store.engine)
    if note is None or note.model != model.manifest:
        load_model(store, model, place)


def move_before(store: Store, begins_at: Instant | None) -> str | None:
    """Move a model that no event followed yet to before the first event; return what a person is told, None if it is.

    A model learned later than the events looks ahead; moved by whole weeks, its days are at least in the past.
    """
    with telling(store.place):
        note = _note(store.engine)
        until = None if note is None else note.model.learned_until
        if note is None or until is None or begins_at is None or _applied(store.engine):
            return None
        weeks = weeks_to_end_before(Instant(until + note.weeks * WEEK_US), begins_at)
        if weeks >= 0:
            return None
        rows = _rows(store.engine)
        moved = msgspec.structs.replace(note, weeks=note.weeks + weeks)
        _put(store, rows, experience(rows, weeks), moved, "moved")
    return looks_ahead(until, begins_at, moved.weeks)


def looks_ahead(until: Instant, begins_at: Instant, weeks: int) -> str:
    """Return the sentence about a model that was learned later than what it is used on."""
    learned, first = to_text(Instant(until))[:10], to_text(begins_at)[:10]
    return (
        f"the model was learned until {learned}, the first event is of {first}: it knows more than anybody knew "
        f"then, and is taken as if learned {-weeks} weeks earlier"
    )


def rows_before(model: Model, begins_at: Instant | None) -> tuple[Sequence[StateRow], str | None]:
    """Return a model's rows for events from an instant on, moved where it was learned later, and what is told then."""
    until = model.manifest.learned_until
    if until is None or begins_at is None or until <= begins_at:
        return model.rows, None
    weeks = weeks_to_end_before(until, begins_at)
    return experience(model.rows, weeks), looks_ahead(until, begins_at, weeks)


def _put(store: Store, known: Iterable[StateRow], rows: Iterable[StateRow], note: Note, place: str) -> None:
    """Write rows in place of the experience known, and the note, in one transaction."""
    gone = [row for row in known if row.machine == LEARNER or MOVES[row.machine](row, 0) is not None]
    rules_hash = _last_rules(store.engine) or note.model.rules_sha256
    now = wall_clock()
    row = {
        "status": "done",
        "started_at": now,
        "ended_at": now,
        "version": note.model.product,
        "rules_hash": rules_hash,
        "engine": ENGINE,
        "specs": json.dumps([place]),
        "settings": msgspec.json.encode(note).decode(),
        "message": "",
    }
    with store.engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.executemany(_GONE, [(one.machine, one.key, PARTITION) for one in gone])
        raw.executemany(_WRITE, [state_cells(one, PARTITION) for one in rows])
        connection.execute(insert(runs).values(row))


def _rows(engine: Engine) -> list[StateRow]:
    """Return the rows of the machines that learn."""
    table = machine_rows
    asked = select(table.c.machine, table.c.key, table.c.state).where(
        table.c.partition == PARTITION, table.c.machine.in_(MOVES)
    )
    with engine.connect() as connection:
        return [StateRow(row.machine, row.key, row.state) for row in connection.execute(asked)]


def _note(engine: Engine) -> Note | None:
    """Return what was noted of the last model put in."""
    asked = select(runs.c.settings).where(runs.c.engine == ENGINE).order_by(desc(runs.c.run_id)).limit(1)
    with engine.connect() as connection:
        found = connection.execute(asked).scalar()
    return None if found is None else msgspec.json.decode(found, type=Note)


def _last_rules(engine: Engine) -> str:
    asked = select(runs.c.rules_hash).where(runs.c.engine != ENGINE).order_by(desc(runs.c.run_id)).limit(1)
    with engine.connect() as connection:
        return connection.execute(asked).scalar() or ""


def _applied(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.sum(counters.c.applied))).scalar() or 0


def _taught(engine: Engine) -> Taught:
    """Return what the store itself has heard."""
    counted = select(orders.c.order_type, func.count(orders.c.placed_at), func.count(orders.c.delivered_at))
    with engine.connect() as connection:
        by_type = connection.execute(counted.group_by(orders.c.order_type)).all()
        first_at = connection.execute(select(func.min(orders.c.placed_at))).scalar()
        last_at = connection.execute(select(func.max(feeds.c.last_at))).scalar()
    return Taught(
        rules_sha256=_last_rules(engine),
        first_at=first_at,
        last_at=last_at,
        events=_applied(engine),
        order_types=tuple(TypeCount(name, placed, delivered) for name, placed, delivered in by_type if placed),
    )


def _summed(note: Note, taught: Taught) -> Taught:
    """Return what the model a store began with and the store's own events come to."""
    totals: dict[str, list[int]] = {}
    for counts, sign in ((note.model.order_types, 1), (taught.order_types, 1), (note.order_types, -1)):
        for one in counts:
            total = totals.setdefault(one.order_type, [0, 0])
            total[0] += sign * one.orders
            total[1] += sign * one.deliveries
    model = note.model
    return msgspec.structs.replace(
        taught,
        first_at=model.learned_since or taught.first_at,
        events=model.events + taught.events - note.applied,
        order_types=tuple(TypeCount(name, *total) for name, total in totals.items()),
        learned_from=(model.rows_sha256, *model.learned_from),
    )
