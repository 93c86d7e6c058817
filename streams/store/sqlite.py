"""What is peculiar to SQLite: the engine, its settings, the statements of the hot path.

Write-ahead log with ``synchronous=FULL``: a commit is on the disk before the epoch counts as done, so "durable"
survives a power cut too, not only ``kill -9``. It costs one fsync an epoch (0.3 ms here, five times a second).
"""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, Table, create_engine, event

BUSY_TIMEOUT_MS = 2_000
CACHE_KIB = 65_536
WAL_PAGES = 4_000
"""Pages in the log that start a checkpoint: 16 MB."""


def sqlite_engine(path: Path, *, is_reader: bool = False) -> Engine:
    """Return an engine whose connections are set up; transactions are begun by us, not by the driver."""
    mode = "ro" if is_reader else "rwc"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None),
    )
    event.listen(engine, "connect", _set_up_reader if is_reader else _set_up_writer)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _set_up_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _set_up_writer(connection: sqlite3.Connection, _record: object) -> None:
    _set_up_reader(connection, _record)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")


def insert_sql(table: Table) -> str:
    """Return a plain INSERT of every column: the same key twice raises."""
    names = [f'"{column.name}"' for column in table.columns]
    return f'INSERT INTO "{table.name}" ({", ".join(names)}) VALUES ({", ".join("?" * len(names))})'  # noqa: S608 - names of ours


def upsert_sql(table: Table, *, guard: str = "", keep: frozenset[str] = frozenset()) -> str:
    """Return an INSERT that replaces the row of the same key.

    Args:
        table: Every column is written, in its order.
        guard: Column that must not fall: a row is never replaced by a lower value.
        keep: Columns that stay as first written.
    """
    keys = [column.name for column in table.primary_key.columns]
    replaced = [column.name for column in table.columns if column.name not in keys and column.name not in keep]
    said = ", ".join(f'"{name}"=excluded."{name}"' for name in replaced)
    unless = f' WHERE excluded."{guard}" >= "{table.name}"."{guard}"' if guard else ""
    conflict = ", ".join(f'"{key}"' for key in keys)
    return f"{insert_sql(table)} ON CONFLICT ({conflict}) DO UPDATE SET {said}{unless}"
