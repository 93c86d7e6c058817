"""Everything the store knows of one order: its state, its warnings step by step, and what the radar thinks now."""

from difflib import get_close_matches

import msgspec
from sqlalchemy import Connection, and_, select

from radar.capacity import CLOCK, plan_of
from radar.capacity import MACHINE as CAPACITY
from radar.errors import InputError
from radar.instant import Instant
from radar.intake import MACHINE as INTAKE
from radar.interval import Interval
from radar.orders import Order, order_of
from radar.outputs import Change, Level, OrderRow, Reason, StateRow, WarningChange, WarningKind
from radar.place_past import DayLoad
from radar.quarantine import QUARANTINE
from radar.room import ControlRoom
from radar.rules import Rules
from streams.store import open_reader
from streams.store.failures import restoring, telling
from streams.store.restore import order_row_of
from streams.store.schema import counters, machine_rows, orders, runs, warning_changes, warnings

_NEAR_MAX = 500
"""Ids with the same beginning that are looked through for a near miss."""
_ID_MAX = 200
"""Characters of an order id at most, by the event contract."""


class Dossier(msgspec.Struct, frozen=True):
    """One order at the store's clock."""

    order: Order
    clock: Instant
    changes: list[WarningChange]
    """Every step of every warning of the order, by time."""
    rules_hash: str
    """Rules of the run that wrote the store last; empty when it does not say."""
    late_probability: float | None
    """P(late) at the clock; None for an order that has ended, has no promise or is late already."""
    interval: Interval | None
    """Between which values that is expected to lie."""
    reasons: tuple[Reason, ...]
    quarantine: str = ""
    """Why the order was put aside; empty when it was not."""


def read_dossier(url: str, order_id: str, rules: Rules) -> Dossier:
    """Return what a store knows of an order; the store may be written meanwhile.

    Raises:
        InputError: There is no such store or order.
    """
    engine = open_reader(url)
    try:
        with telling(url), engine.connect() as connection:
            found = connection.execute(select(orders).where(orders.c.order_id == order_id)).one_or_none()
            if found is None:
                raise _unknown(connection, order_id)
            row = order_row_of(found.order_id, found.version, found.state)
            ledger = connection.execute(select(counters).where(counters.c.partition == found.partition)).one_or_none()
            clock = found.updated_at if ledger is None else max(ledger.clock, found.updated_at)
            with restoring(url):
                order = order_of(row)
                room = _room(connection, found.partition, row, rules, clock)
            is_early = clock < order.promise_at  # past the promise there is nothing left to predict
            return Dossier(
                order=order,
                clock=clock,
                changes=_changes(connection, order_id),
                rules_hash=_rules_hash(connection),
                late_probability=room.predict(order_id, clock) if is_early else None,
                interval=room.interval(order_id, clock) if is_early else None,
                reasons=room.explain(order_id, clock) if is_early else (),
                quarantine=_quarantine(connection, order_id),
            )
    finally:
        engine.dispose()


class PlaceDossier(msgspec.Struct, frozen=True):
    """What was said of a place: a line, an item, an area, a shelf, a source."""

    entity: str
    clock: Instant
    changes: list[WarningChange]
    plan: tuple[DayLoad, ...] = ()
    """What the next days ask of it, of lines, warehouses, lanes and areas that enough passes."""


def read_place(url: str, entity: str) -> PlaceDossier:
    """Return what a store knows of a place by the name its warnings give it.

    Raises:
        InputError: There is no such store, or nothing was ever said of the place.
    """
    engine = open_reader(url)
    try:
        with telling(url), engine.connect() as connection:
            changes, plans = _changes(connection, entity), _plans(connection)
            if not changes and entity not in plans:
                known = sorted({*plans, *connection.execute(select(warnings.c.entity)).scalars()})
                near = get_close_matches(entity, [name for name in known if ":" in name], n=1)
                hint = f"did you mean {near[0]}?" if near else "allowed: an order, or a place with a warning or a plan"
                raise InputError.at("ORDER", "", f"nothing is known of {entity!r}", hint)
            clocks = connection.execute(select(counters.c.clock)).scalars()
            times = [*clocks, *(one.at for one in changes[-1:])]
            return PlaceDossier(entity, max(times), changes, plans.get(entity, ()))
    finally:
        engine.dispose()


def read_plans(url: str) -> tuple[Instant, dict[str, tuple[DayLoad, ...]]]:
    """Return the clock of a store, and by place what the next days ask of it.

    Raises:
        InputError: There is no such store, or nothing was written to it yet.
    """
    engine = open_reader(url)
    try:
        with telling(url), engine.connect() as connection:
            clocks = list(connection.execute(select(counters.c.clock)).scalars())
            if not clocks:
                raise InputError.at("--store", url, "no event was applied yet", "allowed: one `radar run` wrote to")
            with restoring(url):
                return max(clocks), _plans(connection)
    finally:
        engine.dispose()


def _plans(connection: Connection) -> dict[str, tuple[DayLoad, ...]]:
    """Return what the next days ask of each place, sorted by place; partitions that share one are added up."""
    rows = select(machine_rows.c.key, machine_rows.c.state)
    rows = rows.where(machine_rows.c.machine == CAPACITY, machine_rows.c.key != CLOCK)
    found: dict[str, dict[Instant, DayLoad]] = {}
    for key, state in connection.execute(rows.order_by(machine_rows.c.key, machine_rows.c.partition)):
        days = found.setdefault(key, {})
        for one in plan_of(state):
            known = days.get(one.day_at, DayLoad(one.day_at, 0.0, 0.0, one.zone))
            days[one.day_at] = DayLoad(one.day_at, known.load + one.load, known.capacity + one.capacity, one.zone)
    return {key: tuple(days[day] for day in sorted(days)) for key, days in found.items() if days}


def _room(connection: Connection, partition: str, row: OrderRow, rules: Rules, clock: Instant) -> ControlRoom:
    """Return a room that has learned what the store's has, and knows this one order."""
    room = ControlRoom(rules)
    learned = select(machine_rows).where(
        and_(machine_rows.c.partition == partition, machine_rows.c.machine.not_in((INTAKE, QUARANTINE)))
    )
    room.load(StateRow(one.machine, one.key, one.state) for one in connection.execute(learned))
    room.load((row,))
    room.advance(clock)
    return room


def _changes(connection: Connection, order_id: str) -> list[WarningChange]:
    mine = select(warnings.c.warning_id).where(warnings.c.entity == order_id)
    steps = select(warning_changes).where(warning_changes.c.warning_id.in_(mine))
    in_order = steps.order_by(warning_changes.c.at, warning_changes.c.warning_id, warning_changes.c.sequence)
    return [
        WarningChange(
            warning_id=step.warning_id,
            sequence=step.sequence,
            change=Change(step.change),
            kind=WarningKind(step.kind),
            entity=step.entity,
            rule=step.rule,
            level=Level(step.level),
            due_at=step.due_at,
            at=step.at,
            reasons=msgspec.json.decode(step.reasons, type=tuple[Reason, ...]),
            promise_at=step.promise_at,
            late_probability=step.late_probability,
            is_short_notice=step.is_short_notice,
        )
        for step in connection.execute(in_order)
    ]


def _rules_hash(connection: Connection) -> str:
    last = connection.execute(select(runs.c.rules_hash).order_by(runs.c.run_id.desc()).limit(1)).scalar_one_or_none()
    return last or ""


def _unknown(connection: Connection, order_id: str) -> InputError:
    """Return the error of an order that is not there, with the reason or the nearest id where there is one."""
    if len(order_id) > _ID_MAX:
        return InputError.at("ORDER", "", f"an id of {len(order_id)} characters", f"allowed: up to {_ID_MAX}")
    why = _quarantine(connection, order_id)
    if why:
        return InputError.at("ORDER", "", f"{order_id!r} was put aside as poison: {why}", "see dead_letters")
    near = _near(connection, order_id)
    hint = f"did you mean {near}?" if near else "allowed: an order_id of its orders"
    return InputError.at("ORDER", "", f"{order_id!r} is not in the store", hint)


def _quarantine(connection: Connection, order_id: str) -> str:
    aside = and_(machine_rows.c.machine == QUARANTINE, machine_rows.c.key == order_id)
    why: bytes | None = connection.execute(select(machine_rows.c.state).where(aside)).scalars().first()
    return "" if why is None else why.decode(errors="replace")


def _near(connection: Connection, order_id: str) -> str | None:
    """Return the id most like this one among those that begin alike or hold it."""
    column = orders.c.order_id
    for length in range(len(order_id), 0, -1):
        start = order_id[:length]
        # A range, not LIKE: it uses the key.
        alike = select(column).where(column >= start, column < start + "\U0010ffff").limit(_NEAR_MAX)
        ids: list[str] = list(connection.execute(alike).scalars())
        close = get_close_matches(order_id, ids, n=1)
        if close:
            return close[0]
    holding = select(column).where(column.contains(order_id, autoescape=True)).order_by(column).limit(1)
    found: str | None = connection.execute(holding).scalar_one_or_none() if order_id else None
    return found
