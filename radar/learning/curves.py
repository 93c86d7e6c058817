"""Curves: the orders that places could get done by each step ahead, read for many orders of many places at once.

All curves share one grid of steps of three hours, a row a place. So what is done by some moment is an index and a
linear blend, and the moment at which so much is done is one interpolation for all places: lifted above the one before
it by more than it rises itself, curve after curve is one function that never falls.
"""

from typing import NamedTuple

import numpy as np

from radar.learning.local_days import Floats, Ints
from radar.learning.positions import STEPS

STEP_H = 24.0 / STEPS
DAYS_AHEAD = 12
"""A queue longer than this is as long as this."""
STEPS_AHEAD = DAYS_AHEAD * STEPS
MIDDLES_H: Floats = (np.arange(STEPS_AHEAD) + 0.5).astype(np.float64) * STEP_H
"""Hours until the middle of each step ahead."""
TIMES_H: Floats = np.arange(STEPS_AHEAD + 1).astype(np.float64) * STEP_H
"""Hours until the begin of each, and until the end of the last."""


class Moments(NamedTuple):
    """Hours from now as places on the grid."""

    steps: Ints
    parts: Floats
    """Of the step, from 0 to 1."""


def moments_of(hours: Floats) -> Moments:
    """Return hours as places on the grid: what is past as now, what is beyond it as its end."""
    places = np.minimum(np.maximum(hours / STEP_H, 0.0), STEPS_AHEAD)
    steps = np.minimum(places.astype(np.int64), STEPS_AHEAD - 1)
    return Moments(steps, places - steps)


def cumulated(rates: Floats) -> Floats:
    """Return the curves of (places, steps ahead) rates: a column more, from 0 on."""
    curves: Floats = np.zeros((len(rates), rates.shape[1] + 1))
    np.cumsum(rates, axis=1, out=curves[:, 1:])
    return curves


def done_by(curves: Floats, rows: Ints, moments: Moments) -> Floats:
    """Return what the place of each order, by row, gets done by a moment of its own."""
    places, every = rows * curves.shape[1] + moments.steps, curves.reshape(-1)
    low = every.take(places)
    result: Floats = low + moments.parts * (every.take(places + 1) - low)
    return result


def done_by_one(curve: Floats, hours: float) -> float:
    """Return what one place gets done by some hours from now: the scalar twin of ``done_by``."""
    place = hours / STEP_H
    first = int(place)
    if place <= 0:
        return 0.0
    if first >= STEPS_AHEAD:
        return curve.item(STEPS_AHEAD)
    low = curve.item(first)
    return low + (place - first) * (curve.item(first + 1) - low)


def hours_until(curves: Floats, rows: Ints, work: Floats) -> Floats:
    """Return the hours until the place of each order, by row, has so much work done.

    Where a curve stands still at just so much, its last such moment; beyond its end, that. A lift is a power of two, so
    that what it costs in digits is little and the same for all.
    """
    most = curves[:, -1]
    lift = 2.0 ** np.ceil(np.log2(most.max(initial=0.0) + 1.0))
    lifted = curves + lift * np.arange(len(curves))[:, None]
    meant = np.minimum(work, most.take(rows)) + lift * rows
    found: Floats = np.interp(meant, lifted.reshape(-1), np.tile(TIMES_H, len(curves)))
    return found
