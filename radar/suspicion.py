"""Is the order itself plausible? The event's content against limits (R25); a doubt is a flag, never a refusal."""

from radar.events.order import OrderPlaced
from radar.instant import Instant, to_instant
from radar.outputs import Reason
from radar.rules import SuspectRules
from radar.wording import reason


def suspicions(data: OrderPlaced, placed_at: Instant, rules: SuspectRules) -> tuple[Reason, ...]:
    """Return what looks wrong in a placed order; empty when nothing does."""
    found: list[Reason] = []
    for line in data.lines:
        if line.quantity > rules.quantity_max:
            found.append(reason("suspect.quantity", item=line.item, quantity=line.quantity, limit=rules.quantity_max))
        elif line.quantity == 0:
            found.append(reason("suspect.empty-line", item=line.item))
    if data.value is not None and data.value > rules.value_max:
        found.append(reason("suspect.value", value=data.value, limit=rules.value_max))
    if data.promise_at is not None:
        window_us = to_instant(data.promise_at) - placed_at
        if window_us < rules.promise_min_us:
            found.append(reason("suspect.promise-near", window_us=window_us, limit_us=rules.promise_min_us))
        elif window_us > rules.promise_max_us:
            found.append(reason("suspect.promise-far", window_us=window_us, limit_us=rules.promise_max_us))
    return tuple(found)
