"""What the machines say: warnings raised, updated and ended, each with its reasons.

Every output is a fact about the event stream alone: its id, its times and its figures do not depend on
batch size, polling, restart or on which driver runs the machines.
"""

from enum import IntEnum, StrEnum

import msgspec

from radar.instant import Instant


class WarningKind(StrEnum):
    """What a warning is about (R02, R05, R08, R25)."""

    STAGE_OVERDUE = "stage-overdue"
    PREDICTED_LATE = "predicted-late"
    PROMISE_BROKEN = "promise-broken"
    ORDER_HELD = "order-held"
    ORDER_SUSPECT = "order-suspect"
    ORDER_SILENT = "order-silent"
    SOURCE_SILENT = "source-silent"
    DRIFT = "drift"
    CAPACITY_OVERLOAD = "capacity-overload"
    STOCK_OUT_AHEAD = "stock-out-ahead"
    QUALITY_CLUSTER = "quality-cluster"
    COMPLAINT_HOT_SPOT = "complaint-hot-spot"


class Level(IntEnum):
    """How loud a warning is; urgent orders and VIP customers start one up (R04)."""

    NOTICE = 1
    WARNING = 2
    CRITICAL = 3

    def raised(self) -> "Level":
        """Return the next level up, critical at most."""
        return Level(min(self + 1, Level.CRITICAL))


class Change(StrEnum):
    """What happened to a warning."""

    RAISED = "raised"
    UPDATED = "updated"
    RESOLVED = "resolved"
    """The thing warned of ended: the stage was reached, the order delivered, the source spoke."""
    WITHDRAWN = "withdrawn"
    """The radar no longer believes it: the risk fell below the lower threshold."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """One named figure of a reason; ``*_at`` are instants, ``*_us`` durations, the rest as they read."""

    name: str
    value: str | int | float


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why: a code that ``radar.wording`` turns into a sentence, its figures, its share of the risk."""

    code: str
    facts: tuple[Fact, ...] = ()
    weight: float = 0.0
    """Contribution to the log-odds of being late; 0 where no probability is involved."""


class WarningChange(msgspec.Struct, frozen=True, gc=False):
    """One step in the life of a warning."""

    warning_id: str
    """Deterministic: kind, entity, time of the raise and its number."""
    sequence: int
    """0 for the raise, then 1, 2, ..."""
    change: Change
    kind: WarningKind
    entity: str
    """Order id, or ``source:<name>``, ``line:<name>``, ``shelf:<item>@<place>`` ..."""
    rule: str
    level: Level
    due_at: Instant
    """When the rule's condition came true."""
    at: Instant
    """The stream clock when this was said; equal to ``due_at`` unless the news came late."""
    reasons: tuple[Reason, ...] = ()
    promise_at: Instant | None = None
    late_probability: float | None = None
    is_short_notice: bool = False
    """Raised inside the last 36 h (the configured lead) before the promise (R05)."""

    @property
    def lead_us(self) -> int | None:
        """Return promise minus ``at`` in microseconds, None without a promise."""
        return None if self.promise_at is None else self.promise_at - self.at


class StateRow(msgspec.Struct, frozen=True, gc=False):
    """One piece of machine state to keep; the same key again replaces it."""

    machine: str
    key: str
    state: bytes
    """MessagePack with a leading version, read by the machine that wrote it; empty when ``is_gone``."""
    is_gone: bool = False


class OrderRow(msgspec.Struct, frozen=True, gc=False):
    """An order as people query it, with the state that restores it."""

    order_id: str
    version: int
    """Grows with every change, from the second of the first one; a store never replaces a row by a lower version."""
    phase: str
    stage: str
    order_type: str
    tier: str
    is_urgent: bool
    lane: str
    supplier: str
    carrier: str
    value: float | None
    placed_at: Instant | None
    promise_at: Instant | None
    handed_over_at: Instant | None
    delivered_at: Instant | None
    closed_at: Instant | None
    updated_at: Instant
    late_probability: float | None
    level: int
    """Highest level of its open warnings, 0 for none."""
    warnings_open: int
    state: bytes
    """MessagePack of the order, by which the watch is restored."""


Output = WarningChange
Row = StateRow | OrderRow
