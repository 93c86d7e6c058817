"""Records for the store's tests: short to write, plain to read."""

from radar.batch import Batch, Checkpoint, Counters, DeadLetter, Feed, StreamPosition
from radar.instant import HOUR_US, Instant
from radar.outputs import Change, Fact, Level, OrderRow, Output, Reason, Row, StateRow, WarningChange, WarningKind

NOON = Instant(1_709_294_400_000_000)
"""2024-03-01T12:00:00Z."""


def order_row(order_id: str = "SO-1", version: int = 1, **changed: object) -> OrderRow:
    fields: dict[str, object] = {
        "order_id": order_id,
        "version": version,
        "phase": "open",
        "stage": "placed",
        "order_type": "standard",
        "tier": "standard",
        "is_urgent": False,
        "lane": "N-S",
        "supplier": "S1",
        "carrier": "",
        "value": 12.5,
        "placed_at": NOON,
        "promise_at": Instant(NOON + 72 * HOUR_US),
        "handed_over_at": None,
        "delivered_at": None,
        "closed_at": None,
        "updated_at": NOON,
        "late_probability": None,
        "level": 0,
        "warnings_open": 0,
        "state": f"state {version}".encode(),
    }
    return OrderRow(**{**fields, **changed})  # type: ignore[arg-type]  # a test's keywords


def change(sequence: int = 0, said: Change = Change.RAISED, warning_id: str = "W-1") -> WarningChange:
    return WarningChange(
        warning_id=warning_id,
        sequence=sequence,
        change=said,
        kind=WarningKind.STAGE_OVERDUE,
        entity="SO-1",
        rule="paid",
        level=Level.WARNING,
        due_at=NOON,
        at=Instant(NOON + sequence * HOUR_US),
        reasons=(Reason("overdue", (Fact("due_at", NOON),)),),
    )


def letter(offset: int = 0, reason: str = "bad-json") -> DeadLetter:
    return DeadLetter("events.jsonl", offset, b"{oops", reason, "line is no JSON")


def batch(
    *,
    outputs: tuple[Output, ...] = (),
    rows: tuple[Row, ...] = (),
    letters: tuple[DeadLetter, ...] = (),
    feeds: tuple[Feed, ...] = (),
    lines: int = 0,
    read_offset: int = 0,
) -> Batch:
    ledger = Counters(lines=lines, applied=lines - len(letters), dead=len(letters))
    position = StreamPosition("events.jsonl", read_offset, read_offset)
    return Batch(outputs, rows, letters, feeds, Checkpoint((position,), ledger, NOON, NOON))


__all__ = ["NOON", "StateRow", "batch", "change", "letter", "order_row"]
