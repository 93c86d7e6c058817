"""Means and paired differences with 95 % intervals (Student's t), from one figure a replication."""

import math
from collections.abc import Sequence
from functools import cache

import msgspec

LEVEL = 0.95


class Interval(msgspec.Struct, frozen=True):
    """A mean over replications and its 95 % interval; ``lo`` and ``hi`` are None where no spread can be known."""

    mean: float | None
    lo: float | None
    hi: float | None
    replications: int = 0
    """How many replications had a figure: a KPI can be undefined in some (no late order, nothing to recall)."""


def interval(values: Sequence[float | None]) -> Interval:
    """Return mean and interval of one figure a replication; None and NaN are left out.

    >>> interval([1.0, 2.0, 3.0]).mean
    2.0
    """
    known = [value for value in values if value is not None and not math.isnan(value)]
    count = len(known)
    if count == 0:
        return Interval(None, None, None, 0)
    mean = math.fsum(known) / count
    if count == 1:
        return Interval(mean, None, None, 1)
    variance = math.fsum((value - mean) ** 2 for value in known) / (count - 1)
    half = t_quantile(count - 1) * math.sqrt(variance / count)
    return Interval(mean, mean - half, mean + half, count)


def paired(values: Sequence[float | None], against: Sequence[float | None]) -> Interval:
    """Return mean and interval of the differences, replication by replication: what common random numbers are for."""
    pairs = zip(values, against, strict=True)
    return interval([None if a is None or b is None else a - b for a, b in pairs])


@cache
def t_quantile(degrees: int, level: float = LEVEL) -> float:
    """Return the two-sided quantile of Student's t, by bisection on its distribution function.

    >>> round(t_quantile(9), 3), round(t_quantile(29), 3)
    (2.262, 2.045)
    """
    assert degrees >= 1, "a spread needs two figures"
    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = (low + high) / 2
        if _inside(middle, degrees) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _inside(t: float, degrees: int) -> float:
    """Return P(|T| <= t): for a whole number of degrees of freedom the distribution function is a finite sum.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    if degrees % 2 == 0:
        term, total = 1.0, 1.0
        for k in range(1, degrees // 2):
            term *= square * (2 * k - 1) / (2 * k)
            total += term
        return sine * total
    if degrees == 1:
        return 2 * angle / math.pi
    term = total = math.cos(angle)
    for k in range(1, (degrees - 1) // 2):
        term *= square * (2 * k) / (2 * k + 1)
        total += term
    return 2 / math.pi * (angle + sine * total)
