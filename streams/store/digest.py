"""One number for what a store says: equal numbers mean equal orders, warnings and state, byte for byte."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Engine, select

from radar.intake import MACHINE as INTAKE
from streams.store import schema
from streams.store.opening import open_reader

BUSINESS_TABLES = ("orders", "warnings", "warning_changes", "machine_rows")
"""Tables that follow from the events alone, however they came in and however often they were read.

The intake's own rows are left out: they say how far each file was read, not what was found.
"""


def store_digest(url: str, tables: Sequence[str] = BUSINESS_TABLES) -> str:
    """Return the SHA-256 over all rows of ``tables``, ordered by key."""
    engine = open_reader(url)
    try:
        return _digest(engine, tables)
    finally:
        engine.dispose()


def _digest(engine: Engine, tables: Sequence[str]) -> str:
    found = hashlib.sha256()
    with engine.connect() as connection:
        for name in tables:
            table = schema.metadata.tables[name]
            found.update(name.encode())
            rows = select(table).order_by(*table.primary_key.columns)
            if table is schema.machine_rows:
                rows = rows.where(table.c.machine != INTAKE)
            for row in connection.execute(rows):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()
