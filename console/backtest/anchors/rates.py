"""Streaming rates, and the logistic model on them that is fitted anew every week.

Rates are of labels known at the start of the sample's local day, decayed by the day; a small group is shrunk to the
rate of everything. The logistic model takes an anchor's P(late) as of each sample and corrects it by the rates.
"""

from collections.abc import Callable

import numpy as np

from console.backtest.anchors.histories import Codes, Floats, OrderTable, Samples
from console.backtest.anchors.refits import expit, in_transit, logit, stretches, week_starts, weekday

_PRIOR, _BREACH_PRIOR = 10.0, 5.0
LEARNED_D = 180.0
"""How far back a weekly fit looks."""
_WEIGHT_HALF_LIFE_D = 60.0
_RIDGE = 3.0
_ROWS_MIN = 100
_STEPS_MAX = 25


def late_rates(table: OrderTable, samples: Samples, half_life_d: float = 30.0) -> Floats:
    """Return the log odds of the recent share late: everything, lane, supplier, area; shape (samples, 4)."""
    usable = np.flatnonzero(np.isfinite(table.known) & ~(table.cancelled < table.known))
    known, late = np.ceil(table.known[usable]), table.is_late[usable].astype(np.float64)
    groups = [np.zeros(len(table), np.intp), table.lane, table.supplier, table.area]
    return logit(_streamed(groups, usable, (known, late), samples, half_life_d, _PRIOR))


def breach_rates(table: OrderTable, samples: Samples, half_life_d: float = 30.0) -> Floats:
    """Return the log odds of the recent share handed over past the ship-by deadline: supplier's; shape (samples, 1)."""
    usable = np.flatnonzero(np.isfinite(table.handed) & np.isfinite(table.ship_by))
    known = np.ceil(table.handed[usable])
    broken = (table.handed[usable] > table.ship_by[usable]).astype(np.float64)
    groups = [np.zeros(len(table), np.intp), table.supplier]
    return logit(_streamed(groups, usable, (known, broken), samples, half_life_d, _BREACH_PRIOR))[:, 1:]


def transit_gaps(table: OrderTable, samples: Samples, half_life_d: float) -> Floats:
    """Return the recent mean log transit days of everything, lane, supplier and area; shape (samples, 4)."""
    usable = np.flatnonzero(np.isfinite(table.transit))
    known, spent = np.ceil(table.delivered[usable]), np.log(np.clip(table.transit[usable], 0.1, 60.0))
    groups = [np.zeros(len(table), np.intp), table.lane, table.supplier, table.area]
    return _streamed(groups, usable, (known, spent), samples, half_life_d, _PRIOR)


def weekly_logistic(
    table: OrderTable, samples: Samples, base: Floats, on_week: Callable[[float], None] = lambda _share: None
) -> Floats:
    """Return P(late) by a logistic model over an anchor's P(late) and the streaming rates.

    Each week's fit uses the samples of the last 180 days whose labels were known then, the recent ones more.
    """
    features = _features(table, samples, base)
    known, late = table.known[samples.order], table.is_late[samples.order].astype(np.float64)
    result = base.copy()
    for day, part in stretches(samples, week_starts(samples)):
        on_week(part.start / len(samples))
        rows = np.flatnonzero(table.labelled_before(day)[samples.order] & (known >= day - LEARNED_D))
        if len(rows) < _ROWS_MIN or len(np.unique(late[rows])) < 2:
            continue
        weight = 0.5 ** ((day - known[rows]) / _WEIGHT_HALF_LIFE_D)
        mean, spread = features[rows].mean(0), features[rows].std(0)
        scale = np.where(spread > 0, spread, 1.0)
        slopes = logistic_fit((features[rows] - mean) / scale, late[rows], weight, _RIDGE)
        result[part] = expit(slopes[0] + ((features[part] - mean) / scale) @ slopes[1:])
    return np.clip(result, 1e-4, 1 - 1e-4)


def logistic_fit(features: Floats, happened: Floats, weight: Floats, ridge: float) -> Floats:
    """Return intercept and slopes of a weighted logistic regression with a ridge on the slopes, by Newton's method."""
    wide = np.column_stack([np.ones(len(features)), features])
    penalty = np.full(wide.shape[1], ridge)
    penalty[0] = 1e-6
    slopes = np.zeros(wide.shape[1])
    for _ in range(_STEPS_MAX):
        chance = expit(wide @ slopes)
        gradient = wide.T @ (weight * (happened - chance)) - penalty * slopes
        curvature = (wide * (weight * chance * (1 - chance))[:, None]).T @ wide + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        slopes += step
        if float(np.abs(step).max()) < 1e-8:
            break
    return slopes


def _features(table: OrderTable, samples: Samples, base: Floats) -> Floats:
    order, moving = samples.order, in_transit(table, samples)
    handed = np.where(moving, table.handed[order], samples.at)
    is_told = (table.paid[order] <= samples.at) & np.isfinite(table.ship_by[order])
    slip = np.where(is_told, handed - np.where(is_told, table.ship_by[order], 0.0), 0.0)
    hours, score = samples.horizon_us / 3.6e9 / 100.0, logit(base)
    promised = weekday(table.promise[order] - 1e-6)
    return np.column_stack(
        [
            *(score, moving, hours, score * hours),
            late_rates(table, samples),
            breach_rates(table, samples),
            *(np.clip(slip, -10, 10) / 5, np.where(moving, table.promise[order] - handed, 0.0) / 20),
            *(promised == day for day in (0, 4, 5, 6)),
        ]
    ).astype(np.float64)


def _streamed(
    groups: list[Codes],
    usable: Codes,
    facts: tuple[Floats, Floats],
    samples: Samples,
    half_life_d: float,
    prior: float,
) -> Floats:
    """Return the decayed means of facts by group as of the start of each sample's day; shape (samples, groups).

    The first group is everything; the others are shrunk to it by ``prior`` facts.
    """
    known, value = facts
    out = np.zeros((len(samples), len(groups)))
    if not len(samples):
        return out
    ranked = np.argsort(known, kind="stable")
    days = np.floor(samples.at)
    fade = 0.5 ** (1 / half_life_d)
    sums = [np.zeros((int(group.max()) + 1, 2)) for group in groups]
    sums[0] += (0.5, 10.0)
    done = 0
    for day in range(int(min(days[0], known.min(initial=np.inf))), int(days[-1]) + 1):
        upto = int(np.searchsorted(known[ranked], day, "right")) if done < len(ranked) else done
        fresh = ranked[done:upto]
        done = upto
        for group, total in zip(groups, sums, strict=True):
            np.multiply(total, fade, out=total)
            np.add.at(total, group[usable[fresh]], np.column_stack([value[fresh], np.ones(len(fresh))]))
        rows = slice(*np.searchsorted(days, [day, day + 1]).tolist())
        overall = sums[0][0, 0] / sums[0][0, 1]
        for column, (group, total) in enumerate(zip(groups, sums, strict=True)):
            own = total[group[samples.order[rows]]]
            out[rows, column] = (own[:, 0] + prior * overall) / (own[:, 1] + prior)
    return out
