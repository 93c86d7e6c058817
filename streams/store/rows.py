"""Records of the core as the tuples that go to the database, in the order of the columns.

This is the hot path: one call an order row. Enum members are turned into plain text and numbers, which the driver
binds several times faster.
"""

from collections.abc import Callable

import msgspec

from radar.batch import Checkpoint, DeadLetter, Feed, StreamPosition
from radar.instant import Instant
from radar.outputs import Change, OrderRow, StateRow, WarningChange
from streams.store.stamp import stamp

Cell = str | int | float | bytes | None
_encode = msgspec.json.Encoder().encode
_STATE_AFTER = {
    Change.RAISED: "open",
    Change.UPDATED: "open",
    Change.RESOLVED: "resolved",
    Change.WITHDRAWN: "withdrawn",
}


def _when(instant: Instant | None, _stamp: Callable[[Instant], str] = stamp) -> str | None:
    return None if instant is None else _stamp(instant)


def order_cells(row: OrderRow, partition: str) -> tuple[Cell, ...]:
    """Return an order's row of ``orders``."""
    return (
        row.order_id,
        partition,
        row.version,
        str.__str__(row.phase),
        row.stage,
        row.order_type,
        str.__str__(row.tier),
        row.is_urgent,
        row.lane,
        row.supplier,
        row.carrier,
        row.value,
        _when(row.placed_at),
        _when(row.promise_at),
        _when(row.handed_over_at),
        _when(row.delivered_at),
        _when(row.closed_at),
        stamp(row.updated_at),
        row.late_probability,
        int(row.level),
        row.warnings_open,
        row.state,
    )


def change_cells(change: WarningChange) -> tuple[Cell, ...]:
    """Return a change's row of ``warning_changes``."""
    return (
        change.warning_id,
        change.sequence,
        change.change.value,
        change.kind.value,
        change.entity,
        change.rule,
        int(change.level),
        stamp(change.due_at),
        stamp(change.at),
        _when(change.promise_at),
        change.late_probability,
        change.is_short_notice,
        _encode(change.reasons).decode(),
    )


def warning_cells(change: WarningChange) -> tuple[Cell, ...]:
    """Return the row of ``warnings`` after a change."""
    state = _STATE_AFTER[change.change]
    at = stamp(change.at)
    return (
        change.warning_id,
        state,
        change.kind.value,
        change.entity,
        change.rule,
        int(change.level),
        stamp(change.due_at),
        at,
        at,
        None if state == "open" else at,
        _when(change.promise_at),
        change.late_probability,
        change.is_short_notice,
        change.sequence,
        _encode(change.reasons).decode(),
    )


def dead_cells(letter: DeadLetter, partition: str) -> tuple[Cell, ...]:
    """Return a dead letter's row."""
    return (
        letter.stream,
        letter.offset,
        partition,
        "kept",
        letter.reason,
        letter.detail,
        letter.event_id,
        letter.order_id,
        letter.line,
    )


def feed_cells(feed: Feed, partition: str) -> tuple[Cell, ...]:
    """Return a feed's row."""
    return (feed.source, partition, feed.events, stamp(feed.last_at), feed.is_silent)


def state_cells(row: StateRow, partition: str) -> tuple[Cell, ...]:
    """Return a machine's row."""
    return (row.machine, row.key, partition, row.state)


def position_cells(position: StreamPosition, partition: str) -> tuple[Cell, ...]:
    """Return a stream's row of ``positions``."""
    return (partition, position.stream, position.low_offset, position.read_offset, position.is_finished)


def counter_cells(checkpoint: Checkpoint, partition: str) -> tuple[Cell, ...]:
    """Return a partition's row of ``counters``."""
    ledger = checkpoint.counters
    return (
        partition,
        ledger.lines,
        ledger.applied,
        ledger.duplicates,
        ledger.dead,
        ledger.pending,
        ledger.late,
        stamp(checkpoint.clock),
        stamp(checkpoint.watermark),
    )
