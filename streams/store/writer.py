"""The hot path: one batch, one transaction.

Dirty orders and machine rows replace their older selves, warnings' changes and dead letters are plain INSERTs
whose keys follow from the events, so that anything written twice raises instead of passing unseen.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from sqlalchemy import Engine

from radar.batch import Batch
from radar.outputs import OrderRow, StateRow
from streams.crashpoints import crash_point
from streams.store import rows, schema
from streams.store.failures import is_busy, telling, told
from streams.store.sqlite import insert_sql, upsert_sql

BUSY_ATTEMPTS_MAX = 5
"""Each waits for SQLite's own busy timeout first."""

_ORDERS = upsert_sql(schema.orders, guard="version")
_WARNINGS = upsert_sql(schema.warnings, guard="sequence", keep=frozenset({"raised_at"}))
_CHANGES = insert_sql(schema.warning_changes)
_DEAD = insert_sql(schema.dead_letters)
_FEEDS = upsert_sql(schema.feeds)
_MACHINES = upsert_sql(schema.machine_rows)
_MACHINES_GONE = "DELETE FROM machine_rows WHERE machine = ? AND key = ? AND partition = ?"
_POSITIONS = upsert_sql(schema.positions)
_COUNTERS = upsert_sql(schema.counters)

Extra = Callable[[sqlite3.Connection], None]
"""Writes something more within the transaction."""


class StoreWriter:
    """Writes the batches of one partition over its own connection."""

    def __init__(self, engine: Engine, partition: str, place: str) -> None:
        self.partition = partition
        self._place = place
        self._raw = engine.raw_connection()
        connection = self._raw.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        self._connection = connection

    def commit(self, batch: Batch, extra: Extra | None = None) -> None:
        """Write a batch and make it durable, or leave the store as it was.

        Args:
            batch: The effect of everything read up to its positions.
            extra: Writes more in the same transaction.

        Raises:
            RunFailedError: The disk is full, or the database stayed busy for all the attempts.
        """
        crash_point("before-begin")
        for attempt in range(1, BUSY_ATTEMPTS_MAX + 1):
            try:
                self._commit_once(batch, extra)
            except sqlite3.Error as error:
                self._roll_back()
                if is_busy(error) and attempt < BUSY_ATTEMPTS_MAX:
                    continue
                if (said := told(error, self._place)) is not None:
                    raise said from error
                raise
            break
        crash_point("after-commit")

    def note(self, extra: Extra) -> None:
        """Write something small in a transaction of its own."""
        with telling(self._place):
            self._connection.execute("BEGIN IMMEDIATE")
            extra(self._connection)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the connection back."""
        self._raw.close()

    def _commit_once(self, batch: Batch, extra: Extra | None) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._write_rows(batch)
        crash_point("between-writes")
        self._write_words(batch)
        if extra is not None:
            extra(self._connection)
        self._write_checkpoint(batch)
        crash_point("before-commit")
        self._connection.execute("COMMIT")

    def _roll_back(self) -> None:
        # A full disk may have rolled back by itself; then there is nothing to undo.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _write_rows(self, batch: Batch) -> None:
        mine = self.partition
        self._many(_ORDERS, [rows.order_cells(row, mine) for row in batch.rows if isinstance(row, OrderRow)])
        states = [row for row in batch.rows if isinstance(row, StateRow)]
        self._many(_MACHINES, [rows.state_cells(row, mine) for row in states if not row.is_gone])
        self._many(_MACHINES_GONE, [(row.machine, row.key, mine) for row in states if row.is_gone])

    def _write_words(self, batch: Batch) -> None:
        self._many(_CHANGES, map(rows.change_cells, batch.outputs))
        self._many(_WARNINGS, map(rows.warning_cells, batch.outputs))
        self._many(_DEAD, map(partial(rows.dead_cells, partition=self.partition), batch.dead_letters))
        self._many(_FEEDS, map(partial(rows.feed_cells, partition=self.partition), batch.feeds))

    def _write_checkpoint(self, batch: Batch) -> None:
        at = batch.checkpoint
        self._many(_POSITIONS, [rows.position_cells(position, self.partition) for position in at.positions])
        self._connection.execute(_COUNTERS, rows.counter_cells(at, self.partition))

    def _many(self, statement: str, cells: Iterable[Sequence[rows.Cell]]) -> None:
        self._connection.executemany(statement, cells)
