"""The anchors that need no model: everything open, the rule of thumb, and residual-time survival."""

import numpy as np

from console.backtest.anchors.histories import Codes, Floats, OrderTable, Samples
from console.backtest.anchors.refits import TransitMeans, in_transit, month_starts, prior_rate, stretches

HISTORY_MIN = 50
"""Deliveries a fit needs; before that an anchor says the share late so far."""
_LANE_PRIOR, _AREA_PRIOR = 15.0, 20.0
"""Orders that the level above counts for in a survival share."""


def flag_open(samples: Samples) -> Floats:
    """Return the same score for all: whatever is open is warned of."""
    return np.ones(len(samples))


def stage_rule(table: OrderTable, samples: Samples) -> Floats:
    """Return a score: not handed over comes first, then transit by how far it is over its standard.

    The standard is the lane's geometric mean of the deliveries known at the month's first day.
    """
    score = np.zeros(len(samples))
    moving = in_transit(table, samples)
    for day, part in stretches(samples, month_starts(samples)):
        standard = np.exp(TransitMeans(table, day).lane)
        order = samples.order[part]
        over = samples.at[part] - np.where(moving[part], table.handed[order], 0.0) - standard[table.lane[order]]
        score[part] = np.where(moving[part], over, 1e6)
    return score


def survival(table: OrderTable, samples: Samples) -> Floats:
    """Return P(late): of the deliveries known that took longer than the order has so far, those that took too long.

    Transit by state pair once handed over, the whole time since the placement before; fitted monthly.
    """
    late = np.zeros(len(samples))
    moving = in_transit(table, samples)
    for day, part in stretches(samples, month_starts(samples)):
        order, at = samples.order[part], samples.at[part]
        is_known = (table.delivered < day) & np.isfinite(table.transit)
        if is_known.sum() < HISTORY_MIN:
            late[part] = prior_rate(table, day)
            continue
        found = np.zeros(len(order))
        for is_moving, begun in ((True, table.handed), (False, table.placed)):
            rows = np.flatnonzero(moving[part] == is_moving)
            spent = at[rows] - begun[order[rows]]
            left = table.promise[order[rows]] - at[rows]
            lengths = table.delivered[is_known] - begun[is_known]
            keys = (table.area, table.lane)
            found[rows] = _residual(
                lengths, [key[is_known] for key in keys], [key[order[rows]] for key in keys], spent, left
            )
        late[part] = found
    return late


def _residual(lengths: Floats, seen: list[Codes], asked: list[Codes], spent: Floats, left: Floats) -> Floats:
    """Return P(T > spent + left | T > spent), of everything, then of the area, then of the lane."""
    longer, too_long = _counts(np.sort(lengths), spent, left)
    share = (too_long + 0.5) / (longer + 1.0)
    for codes, wanted, prior in zip(seen, asked, (_AREA_PRIOR, _LANE_PRIOR), strict=True):
        longer, too_long = np.zeros(len(spent)), np.zeros(len(spent))
        ranked = np.lexsort((lengths, codes))
        firsts = np.searchsorted(codes[ranked], np.arange(codes.max() + 2))
        for code in np.unique(wanted[wanted <= codes.max()]).tolist():
            rows = wanted == code
            own = lengths[ranked[firsts[code] : firsts[code + 1]]]
            longer[rows], too_long[rows] = _counts(own, spent[rows], left[rows])
        share = (too_long + prior * share) / (longer + prior)
    return share


def _counts(ordered: Floats, spent: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Return how many lengths exceed the time spent, and how many the time spent and left."""
    ends = (np.searchsorted(ordered, moment, "right") for moment in (spent, spent + left))
    longer, too_long = ((len(ordered) - end).astype(np.float64) for end in ends)
    return longer, too_long
