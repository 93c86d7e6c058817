"""What the conditions leave of the capacity of lines, lanes and areas on each of the next days: for the load ahead.

A line that is down and a closed lane do nothing until they are expected back, a slow line works at its speed. What a
forecast of weather says is lost in an area counts by what such forecasts were worth lately. What couriers say they can
take now is told beside: whoever knows what they could take before knows what is left.
"""

from collections.abc import Callable, Iterable

import msgspec

from radar.conditions.condition import Code, Standing
from radar.conditions.delays import end_of
from radar.instant import DAY_US, Instant
from radar.open_index import AREA
from radar.rules import ConditionRules


class DaysAhead(msgspec.Struct):
    """What is left from an instant on, by place."""

    left: dict[str, list[float]] = {}
    """Share of the capacity on each day, where something is known to be missing."""
    couriers: dict[str, float] = {}
    """Area -> parcels its couriers can take on a round, as last said."""


def days_ahead(
    standing: Iterable[Standing], at: Instant, days: int, rules: ConditionRules, weight: Callable[[Code], float]
) -> DaysAhead:
    """Return what stands in the way of places on the days from an instant on.

    Args:
        standing: What stands.
        at: When the first day begins.
        days: How many.
        rules: Of the conditions: how long things last whose end nobody says.
        weight: What the forecasts of a kind were worth lately.
    """
    found = DaysAhead()
    for one in standing:
        if one.code is Code.COURIERS and one.key.startswith(AREA) and one.capacity + one.amount > 0:
            found.couriers[one.key] = found.couriers.get(one.key, 0.0) + one.capacity
        loss, until_at = _loss(one, at, rules, weight)
        if loss > 0 and until_at > at:
            before = found.left.get(one.key, [1.0] * days)
            lost = [loss * _share(one.from_at, until_at, Instant(at + day * DAY_US)) for day in range(days)]
            found.left[one.key] = [min(old, 1 - new) for old, new in zip(before, lost, strict=True)]
    return found


def _loss(one: Standing, at: Instant, rules: ConditionRules, weight: Callable[[Code], float]) -> tuple[float, Instant]:
    """Return the share of the capacity that is missing, and until when."""
    match one.code:
        case Code.WEATHER:
            return min(1.0, one.amount * weight(Code.WEATHER)), one.until_at
        case Code.CLOSURE:
            return min(1.0, one.amount), end_of(one, at, rules.closure_us)
        case Code.LINE_DOWN:
            return 1.0, end_of(one, at, rules.line_down_us)
        case Code.LINE_SLOW:
            return min(1.0, max(0.0, 1 - one.amount)), end_of(one, at, DAY_US)
        case _:
            return 0.0, at


def _share(from_at: Instant, until_at: Instant, day_at: Instant) -> float:
    """Return which share of a day a stretch of time covers."""
    return max(0, min(until_at, day_at + DAY_US) - max(from_at, day_at)) / DAY_US
