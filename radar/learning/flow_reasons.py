"""Why the flow says what it says: contributions to the log-odds of being late that add up to them exactly.

First the usual time left against the promise, then the queue that takes longest beyond the usual, then what was
learned of orders judged like this one; each is what the log-odds gain when its figures take their true values.
"""

from math import exp, hypot

from radar.instant import HOUR_US, Instant
from radar.learning.flow import Flow
from radar.learning.flow_score import EXTRA_DOUBT, FINAL_MAX
from radar.learning.positions import DOORS, place_of, rank_of
from radar.orders import Order
from radar.outputs import Reason
from radar.wording import reason


def flow_reasons(flow: Flow, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
    """Return the contributions, the largest first; their weights add up to the log-odds that ``predict`` gives."""
    station, usual, error, queued, door = flow.needs(order, at)
    left = (order.promise_at - at) / HOUR_US
    extra = max(queued, delay_us / HOUR_US)
    calm = flow.score.first((left - usual) / error)
    held = flow.score.first((left - usual - extra) / hypot(error, EXTRA_DOUBT * extra))
    found = [
        reason(
            "risk.left",
            calm,
            stage=order.stage.label,
            usual_us=round(usual * HOUR_US),
            left_us=max(0, order.promise_at - at),
        )
    ]
    if extra > 0:
        found.append(_queue(order, door, held - calm, queued) if extra == queued else _delay(held - calm, delay_us))
    margin = (left - usual - extra) / hypot(error, EXTRA_DOUBT * extra)
    score = held + flow.score.learned(station, margin, extra, left, rank_of(order))
    said = max(-FINAL_MAX, min(FINAL_MAX, score))
    found.append(reason("risk.learned", said - held, judged_ratio=_share(held), found_ratio=_share(said)))
    return tuple(sorted(found, key=lambda one: -abs(one.weight)))


def _share(score: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + exp(-score))


def _queue(order: Order, door: int, weight: float, extra_h: float) -> Reason:
    return reason(
        "risk.queue",
        weight,
        stage=DOORS[door].label,
        place=place_of(order, door),
        extra_us=round(extra_h * HOUR_US),
    )


def _delay(weight: float, delay_us: int) -> Reason:
    return reason("risk.conditions", weight, extra_us=delay_us)
