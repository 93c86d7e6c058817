"""The life of an order's warnings: raise -> update -> resolve or withdraw, each with a deterministic id."""

import msgspec

from radar.instant import Instant
from radar.orders import NEVER, OpenWarning, Order
from radar.outputs import Change, Level, Reason, WarningChange, WarningKind
from radar.rules import Rules


class Signal(msgspec.Struct, frozen=True, gc=False):
    """What a rule found: the warning it asks for."""

    kind: WarningKind
    rule: str
    level: Level
    due_at: Instant
    reasons: tuple[Reason, ...] = ()


def is_important(order: Order, rules: Rules) -> bool:
    """Return whether tighter limits and a higher level hold: urgent, or of an important tier (R04)."""
    return order.is_urgent or order.tier in rules.important_tiers


def raise_warning(
    order: Order, rules: Rules, signal: Signal, at: Instant, late_probability: float | None = None
) -> WarningChange | None:
    """Open a warning on an order and return the change; None when it stands already or the order flaps."""
    if order.find_warning(signal.kind, signal.rule) or order.warning_count >= rules.warnings_per_order_max:
        return None
    level = signal.level.raised() if is_important(order, rules) else signal.level
    warning = OpenWarning(
        # The count tells apart two raises at one instant, the instant two lives of an order forgotten in between.
        warning_id=f"{signal.kind}:{order.order_id}:{at}:{order.warning_count}",
        kind=signal.kind,
        rule=signal.rule,
        level=level,
        due_at=signal.due_at,
        late_probability=late_probability,
        is_short_notice=signal.kind is WarningKind.PREDICTED_LATE and order.promise_at - at < rules.prediction.lead_us,
    )
    order.warnings.append(warning)
    order.warning_count += 1
    return _change(order, warning, Change.RAISED, at, signal.reasons)


def update_warning(
    order: Order, warning: OpenWarning, at: Instant, reasons: tuple[Reason, ...], late_probability: float | None
) -> WarningChange:
    """Say a standing warning anew with what is known now."""
    warning.sequence += 1
    warning.late_probability = late_probability
    return _change(order, warning, Change.UPDATED, at, reasons)


def end_warning(
    order: Order, warning: OpenWarning, change: Change, at: Instant, reasons: tuple[Reason, ...] = ()
) -> WarningChange:
    """Close a warning as resolved or withdrawn and return the change."""
    order.warnings.remove(warning)
    warning.sequence += 1
    return _change(order, warning, change, at, reasons)


def _change(
    order: Order, warning: OpenWarning, change: Change, at: Instant, reasons: tuple[Reason, ...]
) -> WarningChange:
    return WarningChange(
        warning_id=warning.warning_id,
        sequence=warning.sequence,
        change=change,
        kind=warning.kind,
        entity=order.order_id,
        rule=warning.rule,
        level=warning.level,
        due_at=warning.due_at,
        at=at,
        reasons=reasons,
        promise_at=order.promise_at if order.promise_at != NEVER else None,
        late_probability=warning.late_probability,
        is_short_notice=warning.is_short_notice,
    )
