"""The radar beside the anchors: the same orders, the same horizons, the same resamples."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from console.backtest.anchors.catalogue import (
    Anchor,
    AnchorSet,
    Progress,
    anchor_scores,
    chosen_anchors,
    is_boosting_there,
)
from console.backtest.anchors.histories import Floats, Histories, Samples, order_table, samples_of
from radar.instant import HOUR_US
from radar.probing import Answer
from radar.scoring import Draws, Figure, Scorebook, figure
from radar.scoring_probability import Forecasts, forecast_samples, precision_samples
from radar.wall_clock import WallClock

OURS = "radar"
RECALL = 0.8
HINT = "pip install .[bench]"
_MEASURES = {"auc": 1, "ap": 1, "brier": -1, "ece": -1, "precision_at_80": 1}
"""Figure -> 1 where more is better, -1 where less is."""
_OF_PROBABILITIES = ("brier", "ece")


class BestAnchor(msgspec.Struct, frozen=True):
    """The anchor that did best by one figure, and what the radar is ahead or behind."""

    row: str
    ours_minus: Figure
    """The radar's figure minus the anchor's, paired on every resample; Brier score and ECE: negative is better."""


class AnchorHorizon(msgspec.Struct, frozen=True):
    """Everything at one horizon."""

    n: Figure
    prevalence: Figure
    rows: dict[str, dict[str, Figure]]
    """``radar`` and each anchor -> its figures; a score that is no probability has no Brier score and no ECE."""
    best: dict[str, BestAnchor]
    """Figure -> the best anchor."""


class AnchorComparison(msgspec.Struct, frozen=True):
    """The radar and the anchors, recomputed in the same run."""

    set: str
    titles: dict[str, str]
    missing: list[str]
    """Anchors asked for that need the `bench` extra."""
    hint: str
    """How to get them; empty when none is missing."""
    horizons: dict[str, AnchorHorizon]


@dataclass(frozen=True, slots=True)
class AnchorRun:
    """The anchors' scores of everything the radar was asked."""

    wanted: AnchorSet
    chosen: tuple[Anchor, ...]
    missing: tuple[Anchor, ...]
    samples: Samples
    scores: dict[str, Floats]
    """Anchor -> its score of each sample."""


def run_anchors(
    wanted: AnchorSet, histories: Histories, answers: list[Answer], clock: WallClock, on_progress: Progress
) -> AnchorRun:
    """Return the scores of the anchors asked for, as far as they can be computed here."""
    chosen, missing = chosen_anchors(wanted, is_boosted=is_boosting_there())
    on_progress("order histories", 0.0)
    table = order_table(histories, clock)
    samples = samples_of(answers, histories, table, clock)
    return AnchorRun(wanted, chosen, missing, samples, anchor_scores(chosen, table, samples, on_progress))


def compare_anchors(
    run: AnchorRun, book: Scorebook, forecasts: Mapping[int, Forecasts], draws: Draws
) -> AnchorComparison:
    """Return radar and anchors at every horizon (hours), over the same orders and resamples."""
    missing = [one.name for one in run.missing]
    return AnchorComparison(
        set=run.wanted.value,
        titles={OURS: "the radar", **{one.name: one.title for one in (*run.chosen, *run.missing)}},
        missing=missing,
        hint=HINT if missing else "",
        horizons={str(hours): _horizon(run, book, hours, one, draws) for hours, one in forecasts.items()},
    )


def _horizon(run: AnchorRun, book: Scorebook, hours: int, ours: Forecasts, draws: Draws) -> AnchorHorizon:
    place_of = run.samples.place_of
    rows = np.array([place_of[book.order_ids[place], hours * HOUR_US] for place in ours.places.tolist()], np.intp)
    samples = {OURS: _samples(ours, draws)}
    for anchor in run.chosen:
        theirs = Forecasts(ours.places, run.scores[anchor.name][rows], ours.is_late, ours.weight)
        samples[anchor.name] = _samples(theirs, draws)
        if not anchor.is_probability:
            for name in _OF_PROBABILITIES:
                del samples[anchor.name][name]
    first = samples[OURS]
    return AnchorHorizon(
        n=figure(first["n"]),
        prevalence=figure(first["prevalence"]),
        rows={
            row: {name: figure(found[name]) for name in _MEASURES if name in found} for row, found in samples.items()
        },
        best={name: best for name, sign in _MEASURES.items() if (best := _best(samples, name, sign)) is not None},
    )


def _samples(forecasts: Forecasts, draws: Draws) -> dict[str, Floats]:
    found = forecast_samples(forecasts, draws)
    found["precision_at_80"] = precision_samples(forecasts, draws[:, forecasts.places], RECALL)
    return found


def _best(samples: Mapping[str, Mapping[str, Floats]], name: str, sign: int) -> BestAnchor | None:
    """Return the best anchor by a figure; None where the figure is not defined."""
    others = [row for row in samples if row != OURS and name in samples[row] and not np.isnan(samples[row][name][0])]
    if not others:
        return None
    row = max(others, key=lambda one: sign * samples[one][name][0])
    return BestAnchor(row, figure(samples[OURS][name] - samples[row][name]))
