"""Read back what a restart needs: where the reading stands, and the rows of the machines."""

import sqlite3
from collections.abc import Iterator

from sqlalchemy import Engine, select

from radar.batch import Checkpoint, Counters, StreamPosition
from radar.instant import EARLIEST, Instant
from radar.outputs import OrderRow, Row, StateRow
from streams.store.schema import counters, positions
from streams.store.stamp import stamp

_OPEN_ORDERS = "SELECT order_id, version, state FROM orders WHERE partition = ? AND closed_at IS NULL"
_CLOSED_ORDERS = "SELECT order_id, version, state FROM orders WHERE partition = ? AND closed_at >= ?"
_DEAD_AHEAD = """
SELECT d.stream, d.offset FROM dead_letters d JOIN positions p ON p.partition = d.partition AND p.stream = d.stream
WHERE p.partition = ? AND d.offset >= p.low_offset AND d.offset < p.read_offset
"""
_MACHINE_ROWS = "SELECT machine, key, state FROM machine_rows WHERE partition = ? ORDER BY machine, key"


def read_checkpoint(engine: Engine, partition: str) -> Checkpoint:
    """Return where a partition's reading stands; the beginning for a new one."""
    with engine.connect() as connection:
        ledger = connection.execute(select(counters).where(counters.c.partition == partition)).one_or_none()
    if ledger is None:
        return Checkpoint()
    return Checkpoint(
        positions=read_positions(engine, partition),
        counters=Counters(ledger.lines, ledger.applied, ledger.duplicates, ledger.dead, ledger.pending, ledger.late),
        clock=ledger.clock,
        watermark=ledger.watermark,
    )


def read_positions(engine: Engine, partition: str) -> tuple[StreamPosition, ...]:
    """Return how far each stream of a partition has been read, by name."""
    rows = select(positions).where(positions.c.partition == partition).order_by(positions.c.stream)
    with engine.connect() as connection:
        places = connection.execute(rows).all()
    return tuple(StreamPosition(row.stream, row.low_offset, row.read_offset, row.is_finished) for row in places)


def read_rows(engine: Engine, partition: str, closed_since: Instant) -> Iterator[Row]:
    """Yield the machines' rows, then the open orders and those closed lately enough to be remembered.

    An order's state holds all of it, so the columns people query are left empty here.
    """
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        for machine, key, state in connection.execute(_MACHINE_ROWS, (partition,)):
            yield StateRow(machine, key, state)
        for order_id, version, state in connection.execute(_OPEN_ORDERS, (partition,)):
            yield order_row_of(order_id, version, state)
        for order_id, version, state in connection.execute(_CLOSED_ORDERS, (partition, stamp(closed_since))):
            yield order_row_of(order_id, version, state)
    finally:
        raw.close()


def read_dead_ahead(engine: Engine, partition: str) -> list[tuple[str, int]]:
    """Return stream and offset of the dead letters whose lines a restart reads again."""
    with engine.connect() as connection:
        return [(row[0], row[1]) for row in connection.exec_driver_sql(_DEAD_AHEAD, (partition,))]


def order_row_of(order_id: str, version: int, state: bytes) -> OrderRow:
    """Return the row that restores an order; what people query is left empty."""
    return OrderRow(
        order_id=order_id,
        version=version,
        phase="",
        stage="",
        order_type="",
        tier="",
        is_urgent=False,
        lane="",
        supplier="",
        carrier="",
        value=None,
        placed_at=None,
        promise_at=None,
        handed_over_at=None,
        delivered_at=None,
        closed_at=None,
        updated_at=EARLIEST,
        late_probability=None,
        level=0,
        warnings_open=0,
        state=state,
    )
