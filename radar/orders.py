"""The state of one order: a fold of its events, small enough for a million of them in one process.

A milestone is the earliest time reported for it, so late, repeated and disordered events lead to the same
state. Fields that no rule reads are not kept.
"""

import msgspec

from radar.events.common import Tier
from radar.instant import Instant
from radar.outputs import Level, OrderRow, WarningKind
from radar.stages import STAGE_COUNT, OrderPhase, Stage

NEVER = Instant(0)
"""A time that has not come; 1970 is outside what events may say."""


APART = -1
"""``Order.settled_day`` of an order that teaches the daily model nothing: the flow predicts its type."""


class OpenWarning(msgspec.Struct, array_like=True, gc=False):
    """A warning that stands: what is needed to update, resolve or withdraw it."""

    warning_id: str
    kind: WarningKind
    rule: str
    level: Level
    due_at: Instant
    sequence: int = 0
    late_probability: float | None = None
    is_short_notice: bool = False


class Touch(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """That a kind of condition touched an order: the longest delay it said, and what was usual without it."""

    code: str
    said_us: int
    usual_at: Instant
    """When the order was usually due to arrive, as of then."""
    spread_us: int
    """Standard deviation of the usual time; 0 where nothing was learned yet."""


class Order(msgspec.Struct, array_like=True, gc=False):
    """One order as the watch knows it. New fields go to the end: older rows then load with defaults."""

    order_id: str
    version: int = 0
    phase: OrderPhase = OrderPhase.OPEN
    stage: Stage = Stage.PLACED
    """Highest milestone reached."""
    reached: list[Instant] = msgspec.field(default_factory=lambda: [NEVER] * STAGE_COUNT)
    """Time of each milestone by ``Stage``; ``NEVER`` where none was reported."""
    order_type: str = "standard"
    tier: Tier = Tier.STANDARD
    is_urgent: bool = False
    promise_at: Instant = NEVER
    repromise_at: Instant = NEVER
    ship_by_at: Instant = NEVER
    lane: str = ""
    supplier: str = ""
    area: str = ""
    postcode: str = ""
    category: str = ""
    carrier: str = ""
    mode: str = ""
    line: str = ""
    zone: str = ""
    carrier_eta_at: Instant = NEVER
    distance_km: float | None = None
    weight_kg: float | None = None
    value: float | None = None
    freight: float | None = None
    item_count: int = 0
    """Pieces of all lines together; 0 when the order does not say."""
    sample_weight: float = 1.0
    heard_at: Instant = NEVER
    """Largest event time heard of this order; silence counts from here."""
    updated_at: Instant = NEVER
    closed_at: Instant = NEVER
    late_probability: float | None = None
    is_late: bool = False
    """The promise passed while the order was open, or it was delivered at or after it."""
    next_check: int = 0
    """Index of the next prediction check ahead of the promise."""
    alarm_at: Instant = NEVER
    """When the next stage is overdue beyond its grace; ``NEVER`` once said, or without a standard."""
    wake_at: Instant = NEVER
    """Earliest wake-up standing in the wheel; later ones are hints of an older state."""
    warnings: list[OpenWarning] = msgspec.field(default_factory=list)
    warning_count: int = 0
    """Warnings ever raised; part of their ids and of the flapping limit."""
    seen: bytes = b""
    """CRC-32 of every applied event id, 4 bytes each: how a late duplicate is told from late news."""
    is_remote: bool = False
    origin: str = ""
    """Area or site it ships from."""
    warehouse: str = ""
    item: str = ""
    """Item of its first line."""
    arrived_at: Instant = NEVER
    """Latest scan that saw it arrive at a site."""
    setback_at: Instant = NEVER
    """When the carrier last reported trouble; the next two fields say what."""
    setback_us: int = 0
    setback_reason: str = ""
    touches: tuple[Touch, ...] = ()
    """Conditions that touched it, one a kind."""
    lead_probability: float | None = None
    """P(late) as predicted at the lead before the promise; what calibration is judged by."""
    settled_day: int = 0
    """Day of the learner's epoch before its label was told; 0 while it is not known, ``APART`` where none is told."""
    delivered_day: int = 0
    """Day of the learner's epoch before its delivery was told."""
    predicted_at: Instant = NEVER
    """When ``late_probability`` was made."""
    is_sample: bool = False
    """One of those by which usual times, drift and lost time are judged."""
    shelf: str = ""
    """``item@place`` at which it waits for goods; empty when it does not."""
    felt_us: int = 0
    """Extra time through conditions in ``late_probability``."""
    site: str = ""
    """Where ``arrived_at`` was."""
    sent_at: Instant = NEVER
    """Latest scan that saw it leave a site."""
    mean_probability: float | None = None
    """Mean of its predictions, the newest weighing most (``radar.policy.MEAN_WEIGHT``)."""
    out_at: Instant = NEVER
    """When a courier last left with it."""
    failed_at: Instant = NEVER
    """When a courier's visit last failed."""
    failed_reason: str = ""
    """Why it did."""

    @property
    def way(self) -> str:
        """Return the way it has to go, ``origin-area``; empty when either is not known."""
        return f"{self.origin}-{self.area}" if self.origin and self.area else ""

    @property
    def is_open(self) -> bool:
        """Return whether something is still expected of the order."""
        return self.closed_at == NEVER

    @property
    def awaits_visit(self) -> bool:
        """Return whether its last visit failed and the next one has not set out."""
        return self.failed_at != NEVER and self.failed_at >= self.out_at

    @property
    def level(self) -> int:
        """Return the highest level of the open warnings, 0 for none."""
        return max((warning.level for warning in self.warnings), default=0)

    def reached_at(self, stage: Stage) -> Instant | None:
        """Return when a milestone was reached, None when no event said so."""
        return self.reached[stage] or None

    def find_warning(self, kind: WarningKind, rule: str) -> OpenWarning | None:
        """Return the open warning of a rule, None when there is none."""
        for warning in self.warnings:
            if warning.kind is kind and warning.rule == rule:
                return warning
        return None


REMOTE = "remote"
"""Transport mode by which standards name deliveries to remote areas, whatever carries them there."""


def standard_mode(order: Order) -> str:
    """Return the mode under which the order's standard times are looked up."""
    return REMOTE if order.is_remote else order.mode


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Order).decode


def order_row(order: Order) -> OrderRow:
    """Return the order as the store keeps it."""
    return OrderRow(
        order_id=order.order_id,
        version=order.version,
        phase=order.phase,
        stage=order.stage.label,
        order_type=order.order_type,
        tier=order.tier,
        is_urgent=order.is_urgent,
        lane=order.lane,
        supplier=order.supplier,
        carrier=order.carrier,
        value=order.value,
        placed_at=order.reached[Stage.PLACED] or None,
        promise_at=order.promise_at or None,
        handed_over_at=order.reached[Stage.HANDED_OVER] or None,
        delivered_at=order.reached[Stage.DELIVERED] or None,
        closed_at=order.closed_at or None,
        updated_at=order.updated_at,
        late_probability=order.late_probability,
        level=order.level,
        warnings_open=len(order.warnings),
        state=_encode(order),
    )


def order_of(row: OrderRow) -> Order:
    """Return the live order of a stored row.

    Raises:
        ValueError: The state is not one this version wrote or can upgrade.
    """
    try:
        return _decode(row.state)
    except msgspec.MsgspecError as error:
        raise ValueError(f"orders: {row.order_id}: state cannot be read: {error}") from error
