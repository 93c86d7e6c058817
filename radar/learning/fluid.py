"""A queue as a fluid: when orders that come to a place one after the other are through it.

Theory of operation. What a place can do from now on is a curve C(t), the orders it gets done by t if it never runs
idle. The n-th order (from 0) that comes, at a_n, is through once ``C`` reaches ``w_n + 1`` with the work done before it
``w_n = max(C(a_n), w_(n-1) + 1)``: it waits for those ahead, and what was idle before it came is lost (the recursion
of Lindley for a rate that varies; first come, first served). Written as a running maximum it needs no loop.
"""

import numpy as np

from radar.learning.local_days import Floats


def worked(arrivals_h: Floats, curve: Floats, times_h: Floats) -> Floats:
    """Return how much work must be done from now on until each order is through: where it really stands.

    Args:
        arrivals_h: Hours until each comes, ascending; 0 for those that wait already.
        curve: Orders the place could get done by ``times_h``, from 0 on, ascending.
        times_h: Hours.

    >>> worked(np.array([0.0, 0.0, 12.0]), np.array([0.0, 10.0, 20.0]), np.array([0.0, 10.0, 20.0]))
    array([ 1.,  2., 13.])
    """
    numbers = np.arange(len(arrivals_h), dtype=np.float64)
    ready = np.interp(arrivals_h, times_h, curve)
    found: Floats = np.maximum.accumulate(ready - numbers) + numbers + 1.0
    return found


def alone(arrivals_h: Floats, curve: Floats, times_h: Floats, before: Floats | float = 0.0) -> Floats:
    """Return the hours until orders are through that each find the place empty, or after some work that is before.

    Args:
        arrivals_h: Hours until each comes, in any sequence.
        curve: Orders the place could get done by ``times_h``.
        times_h: Hours.
        before: Work that is done before each.
    """
    ready = np.maximum(np.interp(arrivals_h, times_h, curve), before)
    found: Floats = np.interp(ready + 1.0, curve, times_h)
    return found
