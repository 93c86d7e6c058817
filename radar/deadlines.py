"""When an order's next stage is overdue, with the arithmetic, and what news ends a warning."""

from radar.events import Payload
from radar.events.order import OrderReleased
from radar.instant import Instant
from radar.orders import NEVER, OpenWarning, Order, standard_mode
from radar.outputs import Reason, WarningKind
from radar.raising import is_important
from radar.rules import Rules
from radar.stages import OrderPhase, Stage
from radar.wording import reason


def alarm_of(order: Order, stage: Stage, rules: Rules) -> Instant:
    """Return when ``stage`` is overdue beyond its grace; ``NEVER`` without a standard.

    A seller's ship-by deadline, once known, stands in place of the hand-over's standard time.
    """
    started_at = order.reached[order.stage] or order.heard_at
    due = rules.standards.due(stage, order.order_type, standard_mode(order), started_at)
    if due is None:
        return NEVER
    grace_us = due.alarm_at - due.due_at
    if is_important(order, rules):
        grace_us = int(grace_us * rules.important_grace_ratio)
    due_at = order.ship_by_at if stage is Stage.HANDED_OVER and order.ship_by_at != NEVER else due.due_at
    return Instant(due_at + grace_us)


def overdue_reason(order: Order, stage: Stage, rules: Rules) -> Reason:
    """Return the arithmetic of an overdue stage: from when, how long, due when, with what grace."""
    started_at = order.reached[order.stage] or order.heard_at
    due = rules.standards.due(stage, order.order_type, standard_mode(order), started_at)
    assert due is not None, "an alarm is set only where a standard stands"
    due_at = order.ship_by_at if stage is Stage.HANDED_OVER and order.ship_by_at != NEVER else due.due_at
    return reason(
        "stage.overdue",
        stage=stage.label,
        started_at=started_at,
        standard_us=due_at - started_at,
        due_at=due_at,
        grace_us=alarm_of(order, stage, rules) - due_at,
    )


def answer(order: Order, warning: OpenWarning, data: Payload) -> Reason | None:
    """Return why a warning is over now that ``data`` was folded into its order; None when it stands."""
    match warning.kind:
        case WarningKind.STAGE_OVERDUE if order.stage >= Stage[warning.rule]:
            return reason("stage.reached", stage=Stage[warning.rule].label)
        case WarningKind.ORDER_SILENT:
            return reason("order.heard")
        case WarningKind.ORDER_HELD if order.phase is not OrderPhase.HELD:
            return reason("order.released")
        case WarningKind.ORDER_SUSPECT if order.stage >= Stage.VALIDATED or type(data) is OrderReleased:
            return reason("order.released")
        case _:
            return None
