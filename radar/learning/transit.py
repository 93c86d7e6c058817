"""The transit: P(not delivered by the promise) of an order on its way, day by day.

The base table says how likely a delivery is on each day; a logistic regression corrects it by what is known of the
order and of the moment: rates of everything and of the order's segments, the parcel, the seller's slip, the time the
promise leaves, and the shape of the elapsed time. The chance to stay undelivered is the product over the local days
up to the promise of (1 - hazard); with odds it is one product without a division.
"""

from collections.abc import Sequence
from math import ceil, exp, floor, log

import numpy as np

from radar.learning.facts import WINDOW_RANGE, WINDOW_RANGE_DAYS
from radar.learning.local_days import DAY_CLASSES, HOLIDAY, SATURDAY, SUNDAY, Floats, Ints
from radar.learning.newton import Newton, sigmoid
from radar.learning.open_orders import PARCEL, PROMISE, SLIP, SPAN
from radar.learning.segment_rates import RATES, SegmentRates
from radar.learning.segments import KIND_COUNT
from radar.learning.stage_offsets import AHEAD, StageOffsets
from radar.learning.transit_means import TransitMeans
from radar.learning.transit_table import BIN_EDGES, TransitTable, bins_of
from radar.learning.view import View
from radar.stages import Stage

# Places of the inputs of the regression.
ALL_RATES = 1
SEGMENT_RATES = ALL_RATES + RATES
MEAN = SEGMENT_RATES + KIND_COUNT * RATES
PARCEL_INPUTS, SLIP_INPUT, WINDOW_INPUT, SPAN_INPUT = MEAN + 1, MEAN + 6, MEAN + 7, MEAN + 8
DAY_INPUTS = SPAN_INPUT + 1
INPUTS = DAY_INPUTS + 14

STAGES = (Stage.HANDED_OVER, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY)
PLAIN_STAGES = (Stage.HANDED_OVER,)
RIDGE, FORGET = 20.0, 0.98
"""Information of the prior, and what is left of all information after a day. Source: docs/prediction.md."""
ELAPSED_MIN = 0.3
"""Days; a parcel is never taken for younger on the day of its hand-over."""
LOG_CENTRE, KNEE_1, KNEE_2, KNEE_3 = 2.0, 2.0, 2.7, 0.6
"""Centre of log(elapsed days); knees of the elapsed time (7.4 and 14.9 days) and of the time against the mean."""
LEFT_MAX, LEFT_UNIT = 15.0, 10.0
"""Days left beyond which more make no difference, and their unit."""
ROWS_MAX = 4000
"""Orders the regression learns from in a day: the first by hash, a fair sample. Rates and table learn from all."""
AHEAD_MAX = 60
"""Days ahead that are looked at: a promise further off is kept, or the order is lost."""
MORNING_PRIOR = (2.0, 8.0)
"""Deliveries before noon, and all, to begin with."""
_ODDS_ENOUGH = 150.0
"""Odds from which the log-odds are clipped anyhow (``radar.learning.calibration``): no later day needs a look."""
_SCORE_MAX = 12.0
_LOG_ELAPSED_MIN = log(ELAPSED_MIN)


class TransitHazard:
    """Base table and regression, and the share of a day's deliveries that come before noon."""

    __slots__ = (
        "_bins",
        "_effects",
        "_slopes",
        "_table",
        "_weights",
        "effects",
        "means",
        "morning",
        "net",
        "overall",
        "rates",
        "stages",
        "table",
    )

    def __init__(self, means: TransitMeans, rates: SegmentRates) -> None:
        self.means = means
        self.rates = rates
        self.table = TransitTable()
        self.net = Newton(INPUTS, RIDGE, FORGET)
        self.stages = StageOffsets(STAGES, PLAIN_STAGES)
        self.morning = list(MORNING_PRIOR)
        self.freeze()

    def learn(self, values: Floats, rows: Ints, delivered: Floats, day: int, day_class: int) -> None:
        """Learn one day of all orders in transit, with the tables that were in force on it.

        Args:
            values: Columns of the orders (``radar.learning.open_orders``).
            rows: Rows of their segments.
            delivered: 1 for each delivered that day.
            day: That day.
            day_class: What kind of day it was.
        """
        known = self._known(rows)
        means = self.means.of_many(known)
        bins = bins_of(_log_elapsed(values, day) - means)
        base = self.table.logits[bins, day_class]
        offset = base + self.stages.of_many(values, day, 0)
        sample = slice(0, ROWS_MAX)
        inputs = np.empty((min(len(values), ROWS_MAX), INPUTS))
        inputs[:, :DAY_INPUTS] = self._steady_inputs(values[sample], known[sample], means[sample])
        inputs[:, DAY_INPUTS:] = _day_inputs(values[sample], means[sample], day, day_class)
        self.rates.learn(rows, delivered, sigmoid(offset), day + 1)
        self.stages.learn(values, base, delivered, day)
        self.net.update(inputs, delivered[sample], offset[sample])
        self.table.learn(bins, day_class, delivered)

    def freeze(self) -> None:
        """Fix what predictions read until the next epoch."""
        self.table.freeze()
        self.stages.freeze()
        weights = self.net.weights
        self._weights: list[float] = weights.tolist()
        self._effects = [
            logs @ weights[first : first + RATES]
            for logs, first in zip(self.rates.logs, range(SEGMENT_RATES, MEAN, RATES), strict=True)
        ]
        self.effects: list[list[float]] = [effects.tolist() for effects in self._effects]
        """By kind and row, what the rates of a segment add to the score of every day."""
        pairs = zip(self._weights[ALL_RATES:SEGMENT_RATES], self.rates.all_logs, strict=True)
        self.overall = sum(weight * log_rate for weight, log_rate in pairs)
        """What the rates of everything add to the score of every day."""
        by_day = weights[DAY_INPUTS:]
        classes = np.zeros(DAY_CLASSES)
        classes[[SATURDAY, SUNDAY, HOLIDAY, 0]] = by_day[7:11]
        # Inside a bin the knees at 0 and at KNEE_3 are straight lines, so they cost a slope and no comparison.
        lower = np.array((-np.inf, *BIN_EDGES))
        self._slopes = np.where(lower < 0, by_day[3], by_day[4] + np.where(lower >= KNEE_3, by_day[5], 0.0))
        knees = np.where(lower >= KNEE_3, -KNEE_3 * by_day[5], 0.0)
        self._table = self.table.logits + classes + knees[:, None]
        self._bins: list[tuple[list[float], float, float]] = list(
            zip(self._table.tolist(), self._slopes.tolist(), lower.tolist(), strict=True)
        )
        """By bin: log-odds by day class, slope, lower edge."""

    def parcel_effect(self, parcel: Sequence[float]) -> float:
        """Return what the figures of a parcel add to the score of every day."""
        w = self._weights
        weight, freight, unknown, items, distance = parcel
        return w[17] * weight + w[18] * freight + w[19] * unknown + w[20] * items + w[21] * distance

    def share_until(self, fraction: float) -> float:
        """Return the share of a day's deliveries that come before a fraction of it has passed."""
        if fraction >= 1:
            return 1.0
        morning = self.morning[0] / self.morning[1]
        if fraction <= 0.5:
            return 2 * morning * fraction
        return morning + (1 - morning) * (2 * fraction - 1)

    def staying_odds(self, view: View, handed: float, now: float, shift: int) -> float:
        """Return 1 / P(not delivered before the promise), from 1 up; beyond 150 it is not worth more precision.

        Args:
            view: The order as the model sees it.
            handed: Local day of the hand-over, not after ``now``.
            now: Local day of the prediction.
            shift: Days between the first of ``view.week`` and today.
        """
        today, promise, mean = floor(now), view.promise, view.mean
        last = min(ceil(promise) - 1 - today, AHEAD_MAX)
        w, bins, offsets, beyond = self._weights, self._bins, view.offsets, mean - LOG_CENTRE
        by_log, by_left, knee_1, knee_2 = w[25] + w[31] * beyond, w[38] / LEFT_UNIT, w[26], w[27]
        steady = w[0] + view.effects + w[16] * (mean - self.means.centre) - LOG_CENTRE * w[25] - w[31] * beyond * mean
        steady += w[22] * view.slip + w[23] * view.window + w[24] * view.span
        elapsed, left, place = today + 0.5 - handed + last, promise - today - last, len(BIN_EDGES)
        logits, slope, edge = bins[place]
        odds, share, begun = 1.0, self.share_until(left), self.share_until(now - today)
        # From the last day back: the hazards are highest there, so that a safe order is soonest known for one.
        for ahead in range(last, -1, -1):
            log_elapsed = log(elapsed) if elapsed > ELAPSED_MIN else _LOG_ELAPSED_MIN
            relative = log_elapsed - mean
            while relative < edge:
                place -= 1
                logits, slope, edge = bins[place]
            kind = view.week[shift + ahead]
            score = steady + by_log * log_elapsed + logits[kind] + slope * relative
            score += by_left * (left if left < LEFT_MAX else LEFT_MAX)  # noqa: FURB136 - a call costs as much as the rest
            if log_elapsed > KNEE_1:
                score += knee_1 * (log_elapsed - KNEE_1)
                if log_elapsed > KNEE_2:
                    score += knee_2 * (log_elapsed - KNEE_2)
            if offsets is not None:
                score += offsets[ahead if ahead < AHEAD else -1]
            if kind >= SATURDAY:
                score += beyond * (w[36] if kind == SATURDAY else w[37] if kind == SUNDAY else 0.0)
            if not ahead:
                share = share - begun if share > begun else 0.0
            odds *= 1 + share * exp(score if score < _SCORE_MAX else _SCORE_MAX)  # noqa: FURB136 - as above
            if odds > _ODDS_ENOUGH:
                break
            share = 1.0
            elapsed -= 1
            left += 1
        return odds

    def staying_odds_of_many(self, values: Floats, rows: Ints, day: int, week: Sequence[int]) -> Floats:
        """Return the odds of many orders at a midnight: the vectorised twin of ``staying_odds``."""
        today, share, later = self.odds_ahead(values, rows, day, week)
        return (1 + today * share) * later

    def odds_ahead(self, values: Floats, rows: Ints, day: int, week: Sequence[int]) -> tuple[Floats, Floats, Floats]:
        """Return what ``staying_odds`` of many orders comes to on a day, at whatever time of it.

        Every figure is made of that order's own by elementwise operations, so it is the same to the last bit whatever
        other orders are asked about with it.

        Args:
            values: Columns of the orders.
            rows: Rows of their segments.
            day: The day that begins.
            week: Class of each day from it on.

        Returns:
            Odds of a delivery today, the share of today's deliveries that come before the promise, and
            ``staying_odds`` of the days after today.
        """
        w, means, promise = self._weights, self.means.of_many(rows), values[:, PROMISE]
        beyond = means - LOG_CENTRE
        by_log, steady = w[25] + w[31] * beyond, self._steady_of_many(values, rows, means)
        ends = np.array([self.share_until(fraction) for fraction in (promise - np.ceil(promise) + 1).tolist()])
        today, share, later = np.zeros(len(values)), np.zeros(len(values)), np.ones(len(values))
        for ahead in range(int(np.ceil(promise.max(initial=day))) - day):
            kind, log_elapsed = week[ahead], _log_elapsed(values, day + ahead)
            relative = log_elapsed - means
            bins = bins_of(relative)
            score = steady + by_log * log_elapsed + self._table[bins, kind] + self._slopes[bins] * relative
            score += w[38] / LEFT_UNIT * np.minimum(promise - day - ahead, LEFT_MAX)
            score += w[26] * np.maximum(log_elapsed - KNEE_1, 0.0) + w[27] * np.maximum(log_elapsed - KNEE_2, 0.0)
            if kind in (SATURDAY, SUNDAY):
                score += beyond * w[36 + kind - SATURDAY]
            score += self.stages.of_many(values, day, ahead)
            odds = np.exp(np.minimum(score, _SCORE_MAX))
            part = np.where(promise >= day + ahead + 1, 1.0, np.where(promise > day + ahead, ends, 0.0))
            if ahead:
                later *= 1 + odds * part
            else:
                today, share = odds, part
        return today, share, later

    def _steady_of_many(self, values: Floats, rows: Ints, means: Floats) -> Floats:
        """Return the part of the scores that does not change from day to day."""
        w, parcel = self._weights, values[:, PARCEL:SLIP]
        score: Floats = w[0] + self.overall - LOG_CENTRE * w[25] + w[16] * (means - self.means.centre)
        score -= w[31] * (means - LOG_CENTRE) * means
        for kind, effects in enumerate(self._effects):
            score += effects[rows[:, kind]]
        for place in range(PARCEL_INPUTS, SLIP_INPUT):
            score += w[place] * parcel[:, place - PARCEL_INPUTS]
        window = windows(values[:, PROMISE] - values[:, Stage.HANDED_OVER], means)
        score += w[22] * values[:, SLIP] + w[23] * window + w[24] * values[:, SPAN]
        return score

    def _known(self, rows: Ints) -> Ints:
        """Return the rows with 0 for those made since the last epoch, of which nothing is known yet."""
        return np.where(rows < np.array([len(logs) for logs in self.rates.logs]), rows, 0)

    def _steady_inputs(self, values: Floats, rows: Ints, means: Floats) -> Floats:
        """Return the inputs that do not change from day to day."""
        inputs = np.empty((len(values), DAY_INPUTS))
        inputs[:, 0] = 1.0
        inputs[:, ALL_RATES:SEGMENT_RATES] = self.rates.all_logs
        for kind, logs in enumerate(self.rates.logs):
            first = SEGMENT_RATES + kind * RATES
            inputs[:, first : first + RATES] = logs[rows[:, kind]]
        inputs[:, MEAN] = means - self.means.centre
        inputs[:, PARCEL_INPUTS:SLIP_INPUT] = values[:, PARCEL:SLIP]
        inputs[:, SLIP_INPUT] = values[:, SLIP]
        inputs[:, WINDOW_INPUT] = windows(values[:, PROMISE] - values[:, Stage.HANDED_OVER], means)
        inputs[:, SPAN_INPUT] = values[:, SPAN]
        return inputs


def windows(days: Floats, means: Floats) -> Floats:
    """Return how long each promise leaves for the transit, against its mean, in logarithms."""
    result: Floats = np.clip(np.log(np.clip(days, *WINDOW_RANGE_DAYS)) - means, *WINDOW_RANGE)
    return result


def _log_elapsed(values: Floats, day: int) -> Floats:
    """Return the logarithm of the days since the hand-over, at the noon of a day."""
    result: Floats = np.log(np.maximum(day + 0.5 - values[:, Stage.HANDED_OVER], ELAPSED_MIN))
    return result


def _day_inputs(values: Floats, means: Floats, day: int, kind: int) -> Floats:
    """Return the inputs that change from day to day."""
    log_elapsed = _log_elapsed(values, day)
    relative, beyond = log_elapsed - means, means - LOG_CENTRE
    inputs = np.zeros((len(values), INPUTS - DAY_INPUTS))
    inputs[:, 0] = log_elapsed - LOG_CENTRE
    inputs[:, 1] = np.maximum(log_elapsed - KNEE_1, 0.0)
    inputs[:, 2] = np.maximum(log_elapsed - KNEE_2, 0.0)
    inputs[:, 3] = np.minimum(relative, 0.0)
    inputs[:, 4] = np.maximum(relative, 0.0)
    inputs[:, 5] = np.maximum(relative - KNEE_3, 0.0)
    inputs[:, 6] = relative * beyond
    if kind in (SATURDAY, SUNDAY, HOLIDAY):
        inputs[:, 7 + kind - SATURDAY] = 1.0
    elif kind == 0:
        inputs[:, 10] = 1.0
    if kind in (SATURDAY, SUNDAY):
        inputs[:, 11 + kind - SATURDAY] = beyond
    inputs[:, 13] = np.clip(values[:, PROMISE] - day, -10.0, LEFT_MAX) / LEFT_UNIT
    return inputs
