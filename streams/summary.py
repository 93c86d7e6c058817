"""What a store says after a run, in the form of ``radar run --json`` (version 1: keys are added, never renamed)."""

import msgspec
from sqlalchemy import Engine, func, select

from radar.batch import Counters
from streams.store.schema import counters, orders, warnings


class RunSummary(msgspec.Struct, frozen=True):
    """Totals of the store, with what this run cost."""

    events: int
    """Events applied since the store was made."""
    duplicates: int
    dead_letters: int
    orders: int
    warnings: dict[str, int]
    """Warnings ever raised, by kind."""
    cpu_s: float
    wall_s: float
    lines: int
    pending: int
    late: int
    warnings_open: int
    version: int = 1


def summarise(engine: Engine, cpu_s: float, wall_s: float) -> RunSummary:
    """Return the totals of a store."""
    ledger = read_ledger(engine)
    with engine.connect() as connection:
        order_count = connection.execute(select(func.count()).select_from(orders)).scalar_one()
        by_kind = connection.execute(select(warnings.c.kind, func.count()).group_by(warnings.c.kind)).all()
        is_open = warnings.c.state == "open"
        open_count = connection.execute(select(func.count()).select_from(warnings).where(is_open)).scalar_one()
    return RunSummary(
        events=ledger.applied,
        duplicates=ledger.duplicates,
        dead_letters=ledger.dead,
        orders=order_count,
        warnings={row[0]: row[1] for row in sorted(by_kind)},
        cpu_s=round(cpu_s, 3),
        wall_s=round(wall_s, 3),
        lines=ledger.lines,
        pending=ledger.pending,
        late=ledger.late,
        warnings_open=open_count,
    )


def read_ledger(engine: Engine) -> Counters:
    """Return the ledger summed over all partitions."""
    names = ("lines", "applied", "duplicates", "dead", "pending", "late")
    with engine.connect() as connection:
        row = connection.execute(select(*(func.coalesce(func.sum(counters.c[name]), 0) for name in names))).one()
    return Counters(*(int(value) for value in row))
