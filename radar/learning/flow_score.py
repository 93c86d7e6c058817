"""The score of the flow: time left against time needed, corrected by what became of orders judged like this one.

The first part is arithmetic and needs no late order to begin with: hours until the promise, less the usual hours left,
less the extra time expected of queues, in units of the standard error of that forecast. The second is a logistic
regression on the same figures, the station and the customer's rank (who is served first waits less), taught by the
orders as they stood at earlier steps once their label is known.
"""

from collections.abc import Iterable
from math import exp, hypot, log

import numpy as np

from radar.learning.local_days import Floats
from radar.learning.newton import Newton
from radar.learning.positions import STATIONS

SLOPE = 1.7
"""Log-odds of one standard error: the logistic that is nearest to the normal distribution."""
MARGIN_MAX, FIRST_MAX = 4.0, 3.0
"""Standard errors: beyond the first as an input, beyond the second in the arithmetic, nothing is surer."""
EXTRA_DOUBT = 0.5
"""Standard error of an expected extra time as a share of it. Assumption, as in ``radar.shift``."""
RIDGE, FORGET = 10.0, 0.98
"""Information of the prior, and what is left of all information after a day. Source: docs/prediction.md."""
LESSON_WEIGHT = 0.5
FINAL_MAX = 8.0
_HELD_MAX_H, _HELD_FELT_H = 96.0, 3.0
_LEFT_CENTRE_H, _LEFT_MIN, _LEFT_MAX = 48.0, -1.0, 1.5
_STATION = 11
INPUTS = _STATION + STATIONS


def margin(left_h: float, usual_h: float, error_h: float, extra_h: float) -> float:
    """Return by how many standard errors the time left is more than the time needed."""
    return (left_h - usual_h - extra_h) / hypot(error_h, EXTRA_DOUBT * extra_h)


class FlowScore:
    """The regression, and its weights as predictions read them."""

    __slots__ = ("_inverse", "_weights", "net")

    def __init__(self) -> None:
        self.net = Newton(INPUTS, RIDGE, FORGET)
        self.freeze()

    def freeze(self) -> None:
        """Fix what predictions read until the next step."""
        self._weights: list[float] = self.net.weights.tolist()
        self._inverse: Floats | None = None

    @property
    def inverse(self) -> Floats:
        """Return the inverse of the information as it was fixed."""
        if self._inverse is None:
            self._inverse = np.asarray(np.linalg.inv(self.net.information), np.float64)
        return self._inverse

    def learn(self, inputs: Floats, labels: Floats, first: Floats, risks: Floats) -> None:
        """Learn from orders whose label is known.

        A late order had two ways of being late; to the regression, which knows one of them, it counts as late by
        the chance that it was this one (the step of expectation of a noisy or).
        """
        found = 1.0 / (1.0 + np.exp(-np.clip(first + (inputs * self.net.weights).sum(1), -FINAL_MAX, FINAL_MAX)))
        own = found / (found + risks - found * risks)
        self.net.update(inputs, labels * own, first, np.full(len(labels), LESSON_WEIGHT))

    def scores(self, inputs: Floats, margins: Floats, risks: Floats) -> Floats:
        """Return the log-odds of being late of many orders, as ``predict`` says them of one."""
        time = firsts_of(margins) + (inputs * self.net.weights).sum(1)
        odds = np.exp(np.clip(time, -FINAL_MAX, FINAL_MAX))
        result: Floats = np.log((odds + risks) / (1.0 - risks))
        return result

    def first(self, margin_: float) -> float:
        """Return the log-odds that the time is too short, by arithmetic alone."""
        return -SLOPE * _clip(margin_, -FIRST_MAX, FIRST_MAX)

    def learned(self, station: int, margin_: float, held_h: float, left_h: float, rank: Iterable[float]) -> float:
        """Return what the regression adds to it."""
        w = self._weights
        vip, preferred, urgent = rank
        m = -MARGIN_MAX if margin_ < -MARGIN_MAX else MARGIN_MAX if margin_ > MARGIN_MAX else margin_  # noqa: FURB136
        held = (_HELD_MAX_H if held_h > _HELD_MAX_H else held_h) / 24  # noqa: FURB136 - hot
        left = _clip((left_h - _LEFT_CENTRE_H) / _LEFT_CENTRE_H, _LEFT_MIN, _LEFT_MAX)
        score = w[0] + w[1] * m + w[3] * held + w[7] * left + w[_STATION + station]
        if m > 0:
            score += w[2] * m
        if held_h > _HELD_FELT_H:
            score += w[10]
        if vip or preferred or urgent:
            score += vip * (w[4] + w[8] * held) + preferred * (w[5] + w[9] * held) + urgent * w[6]
        return score

    def chance(
        self, station: int, margin_: float, held_h: float, left_h: float, rank: Iterable[float], risk: float
    ) -> float:
        """Return the probability of being late either way: what ``first``, ``learned`` and ``total`` come to."""
        m = -FIRST_MAX if margin_ < -FIRST_MAX else FIRST_MAX if margin_ > FIRST_MAX else margin_  # noqa: FURB136 - hot
        score = self.learned(station, margin_, held_h, left_h, rank) - SLOPE * m
        odds = exp(-FINAL_MAX if score < -FINAL_MAX else FINAL_MAX if score > FINAL_MAX else score)  # noqa: FURB136
        return (odds + risk) / (1.0 + odds)

    def total(self, score: float, risk: float) -> float:
        """Return the log-odds of being late either way: of time, with such log-odds, or at the queue."""
        return log((exp(_clip(score, -FINAL_MAX, FINAL_MAX)) + risk) / (1.0 - risk))


def inputs_of(stations: Floats, margins: Floats, held_h: Floats, left_h: Floats, ranks: Floats) -> Floats:
    """Return the inputs of many orders: the vectorised twin of ``FlowScore.learned``."""
    inputs = np.zeros((len(stations), INPUTS))
    m, held = np.clip(margins, -MARGIN_MAX, MARGIN_MAX), np.minimum(held_h, _HELD_MAX_H) / 24
    vip, preferred, urgent = ranks.T
    inputs[:, 0], inputs[:, 1], inputs[:, 2], inputs[:, 3] = 1.0, m, np.maximum(m, 0.0), held
    inputs[:, 4], inputs[:, 5], inputs[:, 6] = vip, preferred, urgent
    inputs[:, 7] = np.clip((left_h - _LEFT_CENTRE_H) / _LEFT_CENTRE_H, _LEFT_MIN, _LEFT_MAX)
    inputs[:, 8], inputs[:, 9], inputs[:, 10] = vip * held, preferred * held, held_h > _HELD_FELT_H
    inputs[np.arange(len(stations)), _STATION + stations.astype(np.int64)] = 1.0
    return inputs


def firsts_of(margins: Floats) -> Floats:
    """Return the arithmetic log-odds of many orders."""
    result: Floats = -SLOPE * np.clip(margins, -FIRST_MAX, FIRST_MAX)
    return result


def _clip(value: float, low: float, high: float) -> float:
    return low if value < low else high if value > high else value  # noqa: FURB136 - hot
