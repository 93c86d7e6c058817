"""On which of the next days something is over, by how long it usually takes and how long it has taken."""

from itertools import pairwise
from math import exp, log1p, pi, sqrt

from radar.instant import DAY_US

LOGISTIC_SCALE = sqrt(3) / pi
"""Scale of a logistic distribution over its standard deviation."""
SURE = 30.0
"""Log-odds beyond which 1 plus the odds are the odds."""


def ends_of(mean_us: float, spread_us: float, gone_us: float, days: int) -> list[float]:
    """Return how likely something that takes so long, and has taken ``gone_us`` already, ends on each of the next days.

    A logistic distribution: what is overdue ends at a steady rate, and not all at once today.

    >>> [round(share, 2) for share in ends_of(1.5 * DAY_US, DAY_US / 4, 0.0, 3)]
    [0.03, 0.95, 0.03]
    """
    scale_us = spread_us * LOGISTIC_SCALE

    def log_odds(day: int) -> float:
        """Return the logarithm of 1 plus the odds of being over before a day."""
        score = (gone_us + day * DAY_US - mean_us) / scale_us
        return score if score > SURE else log1p(exp(score))

    staying = [exp(log_odds(0) - log_odds(day)) for day in range(days + 1)]
    return [before - then for before, then in pairwise(staying)]
