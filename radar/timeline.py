"""One order's milestones with the arithmetic of each due time: what ``radar explain`` and a screen show.

A stage was expected when the milestone before it was reached, and only if it is the next of the order's route
then. Its due time is the standard's, or the seller's own ship-by limit where one is known; the alarm goes after
the grace, which is shorter for important orders.
"""

import msgspec

from radar.instant import Instant
from radar.orders import NEVER, Order
from radar.raising import is_important
from radar.rules import Rules
from radar.stages import Stage
from radar.standards import Standard


class Expectation(msgspec.Struct, frozen=True):
    """By when a stage was to be reached, and why."""

    started_at: Instant
    due_at: Instant
    alarm_at: Instant
    """Overdue strictly after this."""
    standard: Standard
    is_ship_by: bool = False
    """Whether the seller's ship-by limit stands in place of the standard time."""


class Step(msgspec.Struct, frozen=True):
    """One stage of an order."""

    stage: Stage
    reached_at: Instant | None
    """None: not reached, or implied by a later milestone without a report of its own."""
    is_implied: bool
    expected: Expectation | None

    @property
    def lateness_us(self) -> int | None:
        """Return reached minus due, negative when early; None where one of them is not known."""
        if self.reached_at is None or self.expected is None:
            return None
        return self.reached_at - self.expected.due_at


def timeline(order: Order, rules: Rules) -> list[Step]:
    """Return the stages of the order's route and all others it was reported at, first to last."""
    reported = {stage for stage in Stage if order.reached[stage] != NEVER}
    stages = sorted({*rules.standards.route(order.order_type), *reported})
    return [_step(order, stage, rules) for stage in stages]


def _step(order: Order, stage: Stage, rules: Rules) -> Step:
    reached_at = order.reached[stage]
    is_implied = reached_at == NEVER and stage < order.stage
    return Step(stage, reached_at or None, is_implied, _expectation(order, stage, rules))


def _expectation(order: Order, stage: Stage, rules: Rules) -> Expectation | None:
    before = max((one for one in Stage if one < stage and order.reached[one] != NEVER), default=None)
    if before is None or rules.standards.next_stage(order.order_type, before) is not stage:
        return None
    mode = order.mode if before >= Stage.HANDED_OVER else ""
    started_at = order.reached[before]
    due = rules.standards.due(stage, order.order_type, mode, started_at)
    if due is None:
        return None
    grace_us = due.alarm_at - due.due_at
    if is_important(order, rules):
        grace_us = int(grace_us * rules.important_grace_ratio)
    is_ship_by = stage is Stage.HANDED_OVER and order.ship_by_at != NEVER
    due_at = order.ship_by_at if is_ship_by else due.due_at
    return Expectation(started_at, due_at, Instant(due_at + grace_us), due.standard, is_ship_by)
