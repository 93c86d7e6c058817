"""Why the flow says what it says: contributions to the log-odds of being late that add up to them exactly.

First the usual time left against the promise, then the queue that takes longest beyond the usual, then what was
learned of orders judged like this one; each is what the log-odds gain when its figures take their true values.
"""

from math import exp

from radar.instant import HOUR_US, Instant
from radar.learning.flow import Flow
from radar.learning.flow_lessons import Needs
from radar.learning.flow_score import margin
from radar.learning.positions import DOORS, NOBODY, place_of, rank_of
from radar.orders import Order
from radar.outputs import Reason
from radar.wording import reason


def flow_reasons(flow: Flow, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
    """Return the contributions, the largest first; their weights add up to the log-odds that ``predict`` gives."""
    needs = flow.needs(order, at, delay_us)
    left = (order.promise_at - at) / HOUR_US
    calm = flow.score.first((left - needs.usual_h) / needs.error_h)
    found = [_left(order, needs, at, calm)]
    left_over = margin(left, needs.usual_h, needs.error_h, needs.held_h)
    arithmetic = flow.score.first(left_over)
    held = flow.score.total(arithmetic, needs.risk)
    if needs.extra_h > delay_us / HOUR_US:
        found.append(_queue(order, needs, held - calm))
    elif delay_us > 0:
        found.append(_delay(held - calm, delay_us))
    elif needs.risk > 0:
        found.append(_place(order, needs, held - calm))
    learned = flow.score.learned(needs.station, left_over, needs.held_h, left, rank_of(order))
    said = flow.score.total(arithmetic + learned, needs.risk)
    found.append(reason("risk.learned", said - held, judged_ratio=_share(held), found_ratio=_share(said)))
    return tuple(sorted(found, key=lambda one: -abs(one.weight)))


def _left(order: Order, needs: Needs, at: Instant, weight: float) -> Reason:
    """Return what the usual time left says, of an order whose visit failed with why."""
    usual_us, left_us = round(needs.usual_h * HOUR_US), max(0, order.promise_at - at)
    if needs.station >= NOBODY:
        said, when = order.failed_reason, order.failed_at
        return reason("risk.visit", weight, reason=said, failed_at=when, usual_us=usual_us, left_us=left_us)
    return reason("risk.left", weight, stage=order.stage.label, usual_us=usual_us, left_us=left_us)


def _share(score: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + exp(-score))


def _queue(order: Order, needs: Needs, weight: float) -> Reason:
    return reason(
        "risk.queue",
        weight,
        stage=DOORS[needs.door].label,
        place=place_of(order, needs.door),
        extra_us=round(needs.extra_h * HOUR_US),
    )


def _place(order: Order, needs: Needs, weight: float) -> Reason:
    """Nobody waits longer than usual, but the last place may not get to the order in time."""
    door = len(DOORS) - 1
    return reason("risk.place", weight, stage=DOORS[door].label, place=place_of(order, door), chance_ratio=needs.risk)


def _delay(weight: float, delay_us: int) -> Reason:
    return reason("risk.conditions", weight, extra_us=delay_us)
