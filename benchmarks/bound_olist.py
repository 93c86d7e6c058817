"""What bounds the ranking on a marketplace's events: how far looking ahead gets, and what the probabilities allow.

Run: ``python -m benchmarks.bound_olist EVENTS.jsonl.gz [--score-from D] [--score-until D] [--horizons H ...]
[--folds N]``, about five minutes for Olist; needs the ``bench`` extra. The orders, horizons and weights are those of
``radar backtest``.

Two bounds by hours before the promise. **Were they true**: labels are drawn from the radar's own probabilities, and
the AUC of these is what a ranking by them would have if every one were exactly right; how far apart chances lie
decides it, not skill. **Looking ahead**: LightGBM, cross-validated over the orders of the very months that are scored,
so that it learns from orders of the same days, the next ones, and all later ones, which no forecaster has; the best of
some sizes is taken afterwards. It is given the 40 features of the anchor; then it corrects the radar's log-odds by
them; then also by the day, and by how much more of the other orders with the same promise day ended late than the radar
had said: what anybody could gain over the radar who knew the future of all orders but this one.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from console.backtest.anchors.boosted import classifier, order_features, over_mean
from console.backtest.anchors.catalogue import is_boosting_there
from console.backtest.anchors.histories import (
    Codes,
    Flags,
    Floats,
    Histories,
    OrderTable,
    Samples,
    order_table,
    samples_of,
)
from console.backtest.anchors.refits import TransitMeans, month_starts, stretches
from console.backtest.report import draw_resamples
from console.backtest.settings import HORIZONS_H, parse_events
from radar.instant import HOUR_US
from radar.scoring import Draws, figure
from radar.scoring_probability import Forecasts, rank_samples
from radar.scoring_selection import Window, delivered_orders, usual_zone
from radar.wall_clock import WallClock
from scenarios.rules import load_rules
from streams.backtest import Onlookers, replay

SIZES = ((50, 4), (100, 8), (200, 8), (400, 16))
"""Trees and leaves tried."""
LEVEL_PRIOR = 2.0
"""Variance of p (1 - p) that the level of a promise day is shrunk by."""
WORLDS, RESAMPLES, SEED = 500, 500, 1
ROWS = (
    "the radar",
    "its probabilities, were they true",
    "LightGBM looking ahead, 40 features",
    "the radar corrected by them",
    "and by how the day ended",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The scored orders at the horizons they were open at, one row for each."""

    order: Codes
    hours: Codes
    probability: Floats
    """The radar's."""
    late: Flags
    weight: Floats
    features: Floats
    day: Floats
    """Of the forecast."""
    promise_day: Codes

    def __len__(self) -> int:
        return len(self.order)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the bounds."""
    parser = argparse.ArgumentParser(prog="benchmarks.bound_olist", description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("events", nargs="*")
    parser.add_argument("--score-from", default="2017-09-01")
    parser.add_argument("--score-until", default="2018-05-01")
    parser.add_argument("--horizons", type=int, nargs="+", default=list(HORIZONS_H), choices=HORIZONS_H)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args(arguments)
    if not given.events:
        print("No events given. Real ones: radar import ORDERS.csv.gz --map olist_orders --out olist.jsonl.gz")
        return 0
    if not is_boosting_there():
        print("LightGBM is not installed: pip install .[bench]", file=sys.stderr)
        return 2
    bounds = [int(np.datetime64(text, "us").astype(np.int64)) for text in (given.score_from, given.score_until)]
    asked = asked_in(given.events, Window(*bounds), given.horizons)
    scores = [asked.probability, *looking_ahead(asked, folds_of(asked.order, given.folds))]
    print("| hours before | open | " + " | ".join(ROWS) + " |")
    print("|" + " --- |" * (len(ROWS) + 2))
    for hours in given.horizons:
        rows = asked.hours == hours
        said = [interval_auc(one[rows], asked.late[rows], asked.weight[rows]) for one in scores]
        true = were_they_true(asked.probability[rows], asked.weight[rows])
        print(f"| {hours} | {asked.weight[rows].sum():.0f} | {' | '.join([said[0], true, *said[1:]])} |")
    return 0


def asked_in(events: Sequence[str], window: Window, horizons_h: Sequence[int]) -> Asked:
    """Return what the radar was asked at some hours before the promise, in one pass over the events."""
    histories = Histories()
    onlookers = Onlookers(lambda _counters, _clock: None, histories.observe)
    horizons_us = [hours * HOUR_US for hours in horizons_h]
    found = replay(parse_events(tuple(events), None), load_rules(), HOUR_US, horizons_us, onlookers)
    clock = WallClock(usual_zone(found.orders.values()))
    scored = {one.order_id: one.weight for one in delivered_orders(found.orders.values(), clock, window)}
    table = order_table(histories, clock)
    samples = samples_of(found.answers, histories, table, clock)
    probability = np.full(len(samples), np.nan)
    for answer in found.answers:
        place = samples.place_of.get((answer.order_id, answer.horizon_us))
        if place is not None:
            probability[place] = answer.late_probability
    weight = np.array([scored.get(table.order_ids[row], 0.0) for row in samples.order.tolist()])
    rows = weight > 0
    order = samples.order[rows]
    return Asked(
        order=order,
        hours=(samples.horizon_us[rows] // HOUR_US).astype(np.intp),
        probability=probability[rows],
        late=table.is_late[order],
        weight=weight[rows],
        features=whole_features(table, samples)[rows],
        day=samples.at[rows],
        promise_day=np.ceil(table.promise[order]).astype(np.intp),
    )


def whole_features(table: OrderTable, samples: Samples) -> Floats:
    """Return the 40 features of the anchor, the lane's mean as of the month."""
    lane = np.zeros(len(samples))
    for day, part in stretches(samples, month_starts(samples)):
        lane[part] = TransitMeans(table, day).lane[table.lane[samples.order[part]]]
    return np.column_stack([order_features(table, samples), lane, over_mean(table, samples, lane)])


def folds_of(order: Codes, folds: int) -> Codes:
    """Return the fold of each row: an order is in one fold at all horizons."""
    _, place = np.unique(order, return_inverse=True)
    shuffled = np.random.default_rng(SEED).permutation(int(place.max()) + 1)
    return np.asarray(shuffled[place] % folds)


def looking_ahead(asked: Asked, fold: Codes) -> list[Floats]:
    """Return the probabilities of the rows of the table that look ahead."""
    score, none = np.log(asked.probability / (1 - asked.probability)), np.zeros(len(asked))
    more = np.column_stack([asked.features, score])
    dated = np.column_stack([more, asked.day, day_levels(asked, fold)])
    pairs = ((asked.features, none), (more, score), (dated, score))
    return [best_ahead(asked, features, offset, fold) for features, offset in pairs]


def day_levels(asked: Asked, fold: Codes) -> Floats:
    """Return by how much more orders of other folds with the same promise day and horizon were late than was said."""
    gap, spread = asked.late - asked.probability, asked.probability * (1 - asked.probability)
    _, group = np.unique(asked.promise_day * 1000 + asked.hours, return_inverse=True)
    out = np.zeros(len(asked))
    for one in range(int(fold.max()) + 1):
        own = fold == one
        gaps, spreads = (np.bincount(group[~own], part[~own], int(group.max()) + 1) for part in (gap, spread))
        out[own] = (gaps / (spreads + LEVEL_PRIOR))[group[own]]
    return out


def best_ahead(asked: Asked, features: Floats, offset: Floats, fold: Codes) -> Floats:
    """Return the out-of-fold log-odds of the size that did best, chosen afterwards."""
    tried = [ahead(features, offset, (asked.late, asked.weight), fold, size) for size in SIZES]
    return max(tried, key=lambda one: mean_auc(asked, one))


def mean_auc(asked: Asked, probability: Floats) -> float:
    """Return the mean AUC over the horizons."""
    parts = [asked.hours == hours for hours in np.unique(asked.hours)]
    return float(np.mean([auc(probability[rows], asked.late[rows], asked.weight[rows]) for rows in parts]))


def ahead(features: Floats, offset: Floats, known: tuple[Flags, Floats], fold: Codes, size: tuple[int, int]) -> Floats:
    """Return of each row the log-odds by a model of all folds but its own, whenever they were.

    Args:
        features: What the model looks at.
        offset: Log-odds that it corrects.
        known: Label and weight of each row.
        fold: Fold of each row.
        size: Trees and leaves.
    """
    late, weight = known
    out = np.full(len(late), np.nan)
    for one in range(int(fold.max()) + 1):
        own = fold == one
        model = classifier(*size).fit(features[~own], late[~own], sample_weight=weight[~own], init_score=offset[~own])
        out[own] = offset[own] + model.predict(features[own], raw_score=True)
    return out


def were_they_true(probability: Floats, weight: Floats) -> str:
    """Return the AUC of probabilities where labels are drawn from them: mean, and what luck adds."""
    chance = np.random.default_rng(SEED)
    drawn = chance.random((WORLDS, len(probability))) < probability
    found = np.array([auc(probability, late, weight) for late in drawn])
    lo, hi = np.nanquantile(found, [0.025, 0.975])
    return f"{np.nanmean(found):.3f} ({lo:.3f}-{hi:.3f})"


def auc(probability: Floats, late: Flags, weight: Floats) -> float:
    """Return the weighted AUC; NaN where all or none is late."""
    return float(_auc_samples(probability, late, weight, np.ones((1, len(late)), np.uint8))[0])


def interval_auc(probability: Floats, late: Flags, weight: Floats) -> str:
    """Return the weighted AUC with its 95 % interval, as text."""
    one = figure(_auc_samples(probability, late, weight, draw_resamples(len(late), RESAMPLES, SEED)))
    assert one.value is not None, "both classes are there"
    return f"{one.value:.3f} ({one.lo:.3f}-{one.hi:.3f})"


def _auc_samples(probability: Floats, late: Flags, weight: Floats, draws: Draws) -> Floats:
    return rank_samples(Forecasts(np.arange(len(late)), probability, late, weight), draws)[0]


if __name__ == "__main__":
    sys.exit(main())
