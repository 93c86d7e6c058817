"""On which of the next days something is over, by how long it usually takes and how long it has taken."""

from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

LOGISTIC_SCALE = sqrt(3) / pi
"""Scale of a logistic distribution over its standard deviation."""
_SURE = 30.0

_Floats = NDArray[np.float64]


def ends_by_day(mean: _Floats, spread: _Floats, gone: _Floats, days: int) -> _Floats:
    """Return how likely things that take so long, and have taken so long already, end on each of the next days.

    A logistic distribution: what is overdue ends at a steady rate, and not all at once today.

    Args:
        mean: (things,): days.
        spread: (things,): standard deviation in days; 0 for things that are no matter, which never end.
        gone: (things,): days gone by.
        days: How many days ahead.

    Returns:
        (things, days).

    >>> ends_by_day(np.array([1.5]), np.array([0.25]), np.array([0.0]), 3).round(2)
    array([[0.03, 0.95, 0.03]])
    """
    scale = np.where(spread > 0, spread, 1.0) * LOGISTIC_SCALE
    # The logarithm of 1 plus the odds of being over before each day.
    odds = np.logaddexp(0.0, (gone[:, None] + np.arange(days + 1) - mean[:, None]) / scale[:, None])
    staying = np.exp(odds[:, :1] - odds)
    ends: _Floats = (staying[:, :-1] - staying[:, 1:]) * (spread > 0)[:, None]
    return ends


def days_between(mean: _Floats, spread: _Floats, days: int) -> _Floats:
    """Return how likely something that takes so long ends so many days after the day on which it begins.

    Args:
        mean: (things,): days.
        spread: (things,): standard deviation in days; 0 for things that are no matter, which never end.
        days: How many days are told apart; the last one holds all that is longer.

    Returns:
        (things, days).

    >>> days_between(np.array([1.2]), np.array([0.3]), 4).round(2)
    array([[0.01, 0.85, 0.14, 0.  ]])
    """
    scale = np.where(spread > 0, spread, 1.0) * LOGISTIC_SCALE
    score = np.clip((np.arange(1, days) - 0.5 - mean[:, None]) / scale[:, None], -_SURE, _SURE)
    until = np.concatenate([1 / (1 + np.exp(-score)), np.ones((len(mean), 1))], axis=1)
    found: _Floats = np.diff(until, axis=1, prepend=0.0) * (spread > 0)[:, None]
    return found
