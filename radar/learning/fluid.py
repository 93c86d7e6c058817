"""A queue as a fluid: when orders that come to a place one after the other are through it.

Theory of operation. What a place can do from now on is a curve C(t), the orders it gets done by t if it never runs
idle. The n-th order (from 0) that comes, at a_n, is through once ``C`` reaches ``w_n + 1`` with the work done before it
``w_n = max(C(a_n), w_(n-1) + 1)``: it waits for those ahead, and what was idle before it came is lost (the recursion
of Lindley for a rate that varies; first come, first served). Written as a running maximum it needs no loop, and lifted
from place to place by more than any work one maximum runs through all places.
"""

import numpy as np

from radar.learning.local_days import Floats, Ints


def worked(ready: Floats, rows: Ints, numbers: Ints) -> Floats:
    """Return how much work must be done from now on until each order is through: where it really stands.

    Args:
        ready: What its place could get done by the time each comes, ascending within a place.
        rows: Number of the place, ascending.
        numbers: How many come to the place before each, ascending within a place.

    >>> worked(np.array([0.0, 0.0, 12.0, 3.5]), np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0]))
    array([ 1. ,  2. , 13. ,  4.5])
    """
    lift = rows * (np.ceil(ready.max(initial=0.0)) + len(ready)) - numbers
    found: Floats = np.maximum.accumulate(ready + lift) - lift + 1.0
    return found
