"""The second stage: the hazards' log-odds of being late, corrected by what became of orders predicted like it.

Its lessons are snapshots: open orders as they stood at the midnights 1, 2, 4, 6 and 8 days before the promise, kept
until their label is known: on time at the delivery, late at the promise. One regression for orders on their way, one
for those still with the seller.

An order overdue and unfinished may never finish: given up without an event, and then nobody will call it late. So it
counts as late with the chance ``q`` that such an order still finishes; the rest is added when it does and taken back
when it has not within 30 days. Where cancellations come as events, q rises to 1 by itself.

A label comes days after the prediction it judges, too late for a world that changes within a week. What does not wait
for labels are the rates of all deliveries, observed against expected, of the last days. A lesson takes them as they
are when its *label* is known, beside its inputs as they were at the snapshot: so the regression learns what such days
do to orders that end in them, and a prediction takes the rates of its own day. Taken at the snapshot they said
nothing (docs/prediction.md).
"""

from math import ceil, log

import numpy as np

from radar.learning.facts import Facts, clip
from radar.learning.local_days import Floats, weekday_of
from radar.learning.newton import Newton, sigmoid
from radar.learning.open_orders import PARCEL, PROMISE, SHIP_BY, SLIP, SPAN, slips
from radar.learning.transit import ELAPSED_MIN, windows
from radar.learning.view import View
from radar.stages import Stage

SNAPSHOT_INPUTS = 19
RATES = 2
"""Half-lives, the shortest first, whose rate of everything is an input of its own."""
INPUTS = SNAPSHOT_INPUTS + RATES
RIDGE, RIDGE_RATES, FORGET = 30.0, 2.0, 0.998
"""Information of the prior, and what is left of all information after an epoch. Source: docs/prediction.md."""
RATES_NOISE = 0.001
"""What the variance of the rates' weights grows by an epoch: what a bad week does to the promises is not what the last
one did, and has to be learned anew within days. Source: docs/prediction.md."""
LESSON_WEIGHT = 0.5
"""What one snapshot counts: an order has up to five, which are not independent."""
SCORE_MAX = 5.0
"""The hazards' log-odds are not believed beyond this."""
FINAL_MAX = 8.0
CENTRE_H, UNIT_H, HORIZON_RANGE = 100.0, 100.0, (-1.0, 1.3)
"""The horizon as an input: (hours left - 100) / 100, held at 230 h: snapshots reach to eight days only."""
_NEAR, _FAR = HORIZON_RANGE
_CHANCE_MIN, _CHANCE_MAX = 1e-4, 1 - 1e-4
_RELATIVE_RANGE, _PAST_RANGE, _PAST_UNIT, _PAST_UNKNOWN = (-3.0, 3.0), (-15.0, 15.0), 8.0, -2.0


class Calibration:
    """Two regressions: 0 for orders with the seller, 1 for those in transit."""

    __slots__ = ("_inverses", "_now", "_rates", "_weekdays", "_weights", "nets")

    def __init__(self) -> None:
        ridge = np.array([RIDGE] * SNAPSHOT_INPUTS + [RIDGE_RATES] * RATES)
        self.nets = [Newton(INPUTS, ridge, FORGET) for _ in range(2)]
        self.freeze(np.zeros(RATES))

    def learn(
        self, moving: int, inputs: Floats, labels: Floats, scores: Floats, weights: Floats, rates: Floats
    ) -> None:
        """Learn the lessons of one epoch.

        Args:
            moving: 1 for orders in transit, 0 for orders with the seller.
            inputs: Those of the snapshots.
            labels: 1 for late.
            scores: The hazards' log-odds at the snapshots.
            weights: What each lesson counts.
            rates: Log rates of everything now.
        """
        whole = np.hstack([inputs, np.tile(rates, (len(inputs), 1))])
        self.nets[moving].loosen(slice(SNAPSHOT_INPUTS, INPUTS), RATES_NOISE)
        self.nets[moving].update(whole, labels, scores, weights)

    def freeze(self, rates: Floats) -> None:
        """Fix what predictions read until the next epoch; ``rates`` are the log rates of everything now."""
        self._weights: list[list[float]] = [net.weights.tolist() for net in self.nets]
        self._rates = rates
        self._inverses: list[Floats | None] = [None, None]
        """Of the information, once asked for."""
        pairs = [zip(w[SNAPSHOT_INPUTS:], rates.tolist(), strict=True) for w in self._weights]
        self._now = [w[0] + sum(a * b for a, b in pair) for w, pair in zip(self._weights, pairs, strict=True)]
        """What every score gains at the moment."""
        self._weekdays = [[w[4], 0.0, 0.0, 0.0, w[5], w[6], w[7]] for w in self._weights]

    def chances(self, scores: Floats, inputs: Floats, *, moving: bool) -> Floats:
        """Return P(late) by hazards' log-odds and snapshot inputs."""
        weights = self.nets[moving].weights[1:SNAPSHOT_INPUTS]
        return sigmoid(scores + self._now[moving] + inputs[:, 1:] @ weights)

    def variance(self, score: float, view: View, facts: Facts, now: float, beyond: float) -> float:
        """Return the variance of ``final_score``, with the same arguments, by what is not known of the weights."""
        moving = facts.handed is not None and facts.handed <= now
        inputs = np.append(_inputs(score, view, facts, now, beyond), self._rates)
        inverse = self._inverses[moving]
        if inverse is None:
            inverse = self._inverses[moving] = np.asarray(np.linalg.inv(self.nets[moving].information), np.float64)
        return float(inputs @ inverse @ inputs)

    def final_score(self, score: float, view: View, facts: Facts, now: float, beyond: float) -> float:
        """Return the corrected log-odds of being late.

        Args:
            score: The hazards' log-odds, within ``SCORE_MAX``.
            view: The order as the model sees it.
            facts: The order.
            now: Local day of the prediction.
            beyond: The view's mean less that of everything.
        """
        handed, slip, window = facts.handed, view.slip, view.window
        moving = handed is not None and handed <= now
        w = self._weights[moving]
        horizon = ((view.promise - now) * 24 - CENTRE_H) / UNIT_H
        horizon = _NEAR if horizon < _NEAR else _FAR if horizon > _FAR else horizon  # noqa: FURB136 - hot
        score += score * (w[18] + w[3] * horizon) + self._now[moving]
        score += horizon * (w[1] + w[2] * horizon + w[16] * window + w[17] * slip)
        score += w[11] * beyond + w[12] * view.distance + w[13] * slip + w[14] * window + w[15] * view.span
        score += self._weekdays[moving][weekday_of(ceil(view.promise) - 1)]
        if moving and handed is not None:
            elapsed = now - handed
            relative = log(max(elapsed, ELAPSED_MIN)) - view.mean
            score += w[8] * clip(relative, _RELATIVE_RANGE)
        elif facts.ship_by is not None:
            score += w[9] * clip(now - facts.ship_by, _PAST_RANGE) / _PAST_UNIT
        else:
            score += w[9] * _PAST_UNKNOWN + w[10]
        return -FINAL_MAX if score < -FINAL_MAX else FINAL_MAX if score > FINAL_MAX else score  # noqa: FURB136 - hot

    def terms_of_many(self, values: Floats, means: Floats, beyond: Floats) -> tuple[Floats, Floats]:
        """Return what orders in transit add to ``final_score`` whatever their score and the hour, and by horizon.

        Args:
            values: Columns of the orders (``radar.learning.open_orders``).
            means: Mean log transit days of their segments.
            beyond: Means less that of everything.
        """
        w, promise, slip = self._weights[1], values[:, PROMISE], values[:, SLIP]
        window = windows(promise - values[:, Stage.HANDED_OVER], means)
        weekdays = np.array(self._weekdays[1])[(np.ceil(promise).astype(np.int64) - 1 + 3) % 7]
        steady = self._now[1] + w[11] * beyond + w[12] * values[:, PARCEL + 4] + w[13] * slip + w[14] * window
        return steady + w[15] * values[:, SPAN] + weekdays, w[1] + w[16] * window + w[17] * slip

    def score_by_terms(self, score: float, steady: float, by_horizon: float, left: float, relative: float) -> float:
        """Return ``final_score`` of an order in transit.

        Args:
            score: The hazards' log-odds.
            steady: The first of its ``terms_of_many``.
            by_horizon: The second.
            left: Days to the promise.
            relative: Log of the days on its way against the mean.
        """
        w = self._weights[1]
        horizon = clip((left * 24 - CENTRE_H) / UNIT_H, HORIZON_RANGE)
        score += score * (w[18] + w[3] * horizon) + steady + horizon * (by_horizon + w[2] * horizon)
        return clip(score + w[8] * clip(relative, _RELATIVE_RANGE), (-FINAL_MAX, FINAL_MAX))


def score_of_odds(odds: float) -> float:
    """Return the log-odds of being late from 1 / P(late)."""
    return -clip(log(odds - 1), (-SCORE_MAX, SCORE_MAX)) if odds > 1 else SCORE_MAX


def score_of_chance(chance: float) -> float:
    """Return the log-odds of being late from P(late)."""
    chance = _CHANCE_MIN if chance < _CHANCE_MIN else _CHANCE_MAX if chance > _CHANCE_MAX else chance  # noqa: FURB136 - hot
    score = log(chance / (1 - chance))
    return -SCORE_MAX if score < -SCORE_MAX else SCORE_MAX if score > SCORE_MAX else score  # noqa: FURB136 - hot


def _inputs(score: float, view: View, facts: Facts, now: float, beyond: float) -> Floats:
    """Return what the second stage reads of one order; the arguments are those of ``Calibration.final_score``."""
    handed, slip, window = facts.handed, view.slip, view.window
    horizon = clip(((view.promise - now) * 24 - CENTRE_H) / UNIT_H, HORIZON_RANGE)
    weekday = weekday_of(ceil(view.promise) - 1)
    by_weekday = [float(weekday == known) for known in (0, 4, 5, 6)]
    if handed is not None and handed <= now:
        of_stage = [clip(log(max(now - handed, ELAPSED_MIN)) - view.mean, _RELATIVE_RANGE), 0.0, 0.0]
    elif facts.ship_by is not None:
        of_stage = [0.0, clip(now - facts.ship_by, _PAST_RANGE) / _PAST_UNIT, 0.0]
    else:
        of_stage = [0.0, _PAST_UNKNOWN, 1.0]
    of_order = [beyond, view.distance, slip, window, view.span, window * horizon, slip * horizon, score]
    return np.array([1.0, horizon, horizon**2, score * horizon, *by_weekday, *of_stage, *of_order])


def inputs_of_many(scores: Floats, values: Floats, means: Floats, beyond: Floats, day: int, *, moving: bool) -> Floats:
    """Return what the second stage reads of orders at a midnight, all of them in transit or all with the seller.

    Args:
        scores: The hazards' log-odds.
        values: Columns of the orders (``radar.learning.open_orders``).
        means: Mean log transit days of their segments.
        beyond: Means less that of everything.
        day: The day that begins.
        moving: Whether the orders are in transit.
    """
    promise, handed, ship_by = values[:, PROMISE], values[:, Stage.HANDED_OVER], values[:, SHIP_BY]
    start = handed if moving else np.full(len(values), float(day))
    horizon = np.clip(((promise - day) * 24 - CENTRE_H) / UNIT_H, *HORIZON_RANGE)
    weekday = (np.ceil(promise).astype(np.int64) - 1 + 3) % 7
    slip, window = slips(start, ship_by), windows(promise - start, means)
    inputs = np.zeros((len(values), SNAPSHOT_INPUTS))
    inputs[:, 0], inputs[:, 1], inputs[:, 2], inputs[:, 3] = 1.0, horizon, horizon**2, scores * horizon
    for place, known in enumerate((0, 4, 5, 6)):
        inputs[:, 4 + place] = weekday == known
    if moving:
        relative = np.log(np.maximum(day - handed, ELAPSED_MIN)) - means
        inputs[:, 8] = np.clip(relative, *_RELATIVE_RANGE)
    else:
        is_known = np.isfinite(ship_by)
        past = np.clip(day - np.where(is_known, ship_by, day), *_PAST_RANGE) / _PAST_UNIT
        inputs[:, 9] = np.where(is_known, past, _PAST_UNKNOWN)
        inputs[:, 10] = ~is_known
    inputs[:, 11], inputs[:, 12] = beyond, values[:, PARCEL + 4]
    inputs[:, 13], inputs[:, 14], inputs[:, 15] = slip, window, values[:, SPAN]
    inputs[:, 16], inputs[:, 17], inputs[:, 18] = window * horizon, slip * horizon, scores
    return inputs
