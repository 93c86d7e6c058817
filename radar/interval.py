"""The interval of a probability of being late: between which values the truth is expected to lie nine times in ten.

The uncertainty is one of the log-odds: what is not known of the second stage's weights, and how far the forecasts of
one day are off together (``radar.learning.scatter``). While a drift stands it is widened (``radar.drift``). That an
order is late or not is chance on top of it, and no interval of a probability holds that.
"""

from math import exp
from typing import NamedTuple

from radar.instant import Instant
from radar.outputs import Reason
from radar.shift import log_odds
from radar.wording import reason

NOMINAL = 0.9
"""Share of the times that the interval is to hold the truth."""
_Z = 1.645
"""Half of it in standard deviations, were the log-odds normal."""


class Interval(NamedTuple):
    """From and to, both probabilities."""

    lo: float
    hi: float


def interval_of(probability: float, spread: float) -> Interval:
    """Return the interval of a probability by the standard deviation of its log-odds.

    >>> [round(end, 2) for end in interval_of(0.62, 0.36)]
    [0.47, 0.75]
    """
    middle = log_odds(probability)
    lo, hi = (1 / (1 + exp(-(middle + side * _Z * spread))) for side in (-1, 1))
    return Interval(min(lo, probability), max(hi, probability))


def risk_of(probability: float, spread: float, promise_at: Instant) -> Reason:
    """Return the reason a warning opens with: how likely the promise is missed, and within which bounds."""
    if not spread:
        return reason("risk", late_ratio=probability, promise_at=promise_at)
    lo, hi = interval_of(probability, spread)
    return reason("risk.within", late_ratio=probability, lo_ratio=lo, hi_ratio=hi, promise_at=promise_at)
