"""The anchors with gradient boosting, for those who installed the `bench` extra; LightGBM is imported here only.

Both are fitted at the first day of each month on what was known then. One thread and fixed seeds: the same events
give the same figures.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from console.backtest.anchors.hazard import DayHazard, Hazard, OrderDays, day_hazard_late, elapsed
from console.backtest.anchors.histories import Codes, Floats, OrderTable, Samples
from console.backtest.anchors.rates import breach_rates, late_rates, transit_gaps
from console.backtest.anchors.refits import TransitMeans, in_transit, month_starts, prior_rate, stretches, weekday

_ROWS_MIN = 300
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.04,
    "min_child_samples": 60,
    "subsample": 0.7,
    "subsample_freq": 1,
    "colsample_bytree": 0.5,
    "random_state": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "n_jobs": 1,
}
"""Small trees, strong sampling: larger ones did no better on these few thousand orders."""
CLASSIFIER_TREES, CLASSIFIER_LEAVES = 200, 8
HAZARD_TREES, HAZARD_LEAVES = 150, 12

OnMonth = Callable[[float], None]


def boosted_late(table: OrderTable, samples: Samples, on_month: OnMonth) -> Floats:
    """Return P(late) by a classifier on 40 features, fitted monthly on the samples whose labels were known."""
    fixed = order_features(table, samples)
    late, known = np.zeros(len(samples)), table.is_late[samples.order]
    for day, part in stretches(samples, month_starts(samples)):
        on_month(part.start / len(samples))
        rows = np.flatnonzero(table.labelled_before(day)[samples.order] & (samples.at < day))
        if len(rows) < _ROWS_MIN or not 0 < known[rows].sum() < len(rows):
            late[part] = prior_rate(table, day)
            continue
        lane = TransitMeans(table, day).lane[table.lane[samples.order]]
        features = np.column_stack([fixed, lane, over_mean(table, samples, lane)])
        model = classifier(CLASSIFIER_TREES, CLASSIFIER_LEAVES).fit(features[rows], known[rows])
        late[part] = model.predict_proba(features[part])[:, 1]
    return late


def boosted_hazard_late(table: OrderTable, samples: Samples, on_month: OnMonth) -> Floats:
    """Return P(late) by a daily delivery hazard of boosted trees; not handed over as in the count-table anchor."""

    def fit(tables: DayHazard, known: OrderDays, day: int) -> Hazard:
        on_month(float(np.searchsorted(samples.at, day) / len(samples)))
        if len(known.order) < _ROWS_MIN:
            return tables.hazard
        rows = _day_features(table, tables.means, known.order, known.day)
        model = classifier(HAZARD_TREES, HAZARD_LEAVES).fit(rows, known.happened.astype(np.intp))

        def hazard(order: Codes, days: Floats) -> Floats:
            if not len(order):
                return np.zeros(0)
            return np.asarray(model.predict_proba(_day_features(table, tables.means, order, days))[:, 1])

        return hazard

    return day_hazard_late(table, samples, fit)


def classifier(trees: int, leaves: int) -> Any:
    """Return a LightGBM classifier that is not fitted yet."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=trees, num_leaves=leaves, **_SETTINGS)


def _day_features(table: OrderTable, means: TransitMeans, order: Codes, day: Floats) -> Floats:
    """Return what the hazard of a day in transit is learned from; all of it is known at the start of that day."""
    handed, mean = table.handed[order], means.lane[table.lane[order]]
    spent = elapsed(handed, day)
    is_told = np.isfinite(table.ship_by[order])
    return np.column_stack(
        [
            *(spent, np.log(spent) - mean, mean, weekday(day)),
            *(table.area[order], table.origin[order], table.category[order], table.line_count[order]),
            *(table.distance_km[order], table.weight_kg[order], table.freight[order], table.value[order]),
            *(handed % 1, weekday(handed), table.promise[order] - day, table.promise[order] - handed),
            np.where(is_told, handed - np.where(is_told, table.ship_by[order], 0.0), np.nan),
        ]
    )


def order_features(table: OrderTable, samples: Samples) -> Floats:
    """Return the 38 features that no refit changes; two of the lane's mean are added at each."""
    order, at, moving = samples.order, samples.at, in_transit(table, samples)
    is_paid = table.paid[order] <= at
    is_told = is_paid & np.isfinite(table.ship_by[order])
    handed = np.where(moving, table.handed[order], np.nan)
    ship_by = np.where(is_told, table.ship_by[order], np.nan)
    spent = at - np.where(moving, table.handed[order], table.placed[order])
    return np.column_stack(
        [
            *(samples.horizon_us / 3.6e9, moving, spent, at - table.placed[order]),
            *(table.promise[order] - table.placed[order], table.promise[order] - handed),
            *(weekday(at), weekday(table.promise[order] - 1e-6), at % 1),
            *(np.where(moving, weekday(np.nan_to_num(handed)), -1), handed % 1),
            *(np.where(moving, handed - ship_by, at - ship_by), ship_by - table.placed[order], is_told),
            np.where(is_paid, np.where(is_paid, table.paid[order], 0.0) - table.placed[order], np.nan),
            *(table.area[order], table.origin[order], table.category[order], table.line_count[order]),
            *(table.distance_km[order], table.weight_kg[order], table.value[order], table.freight[order]),
            *(weekday(table.placed[order]), table.placed[order] % 1),
            late_rates(table, samples),
            breach_rates(table, samples),
            late_rates(table, samples, 7.0),
            transit_gaps(table, samples, 21.0),
        ]
    ).astype(np.float64)


def over_mean(table: OrderTable, samples: Samples, mean: Floats) -> Floats:
    """Return by how much, in logs, the transit so far exceeds the lane's mean; NaN before the hand-over."""
    moving = in_transit(table, samples)
    spent = samples.at - np.where(moving, table.handed[samples.order], 0.0)
    return np.where(moving, np.log(np.maximum(spent, 0.05)) - mean, np.nan)
