"""Discrimination and calibration figures: by hand, by brute force, and against scikit-learn where it is installed."""

import numpy as np
import pytest

from radar.scoring import Figure
from radar.scoring_probability import Forecasts, forecast_figures, rank_samples, reliability

pytestmark = pytest.mark.req("R05")


def forecasts(probability, is_late, weight=None) -> Forecasts:
    count = len(probability)
    return Forecasts(
        np.arange(count),
        np.array(probability, np.float64),
        np.array(is_late, np.bool_),
        np.ones(count) if weight is None else np.array(weight, np.float64),
    )


def ones(count: int) -> np.ndarray:
    return np.ones((1, count), np.uint8)


def drawn(seed: int, count: int) -> Forecasts:
    """Draw forecasts with many ties."""
    chance = np.random.default_rng(seed)
    probability = chance.integers(0, 12, count) / 11
    return forecasts(probability, chance.random(count) < probability, chance.choice([1.0, 2.8806], count))


def brute_auc(one: Forecasts) -> float:
    """Return the weighted share of (late, timely) pairs that are in the right order, ties half."""
    won = total = 0.0
    for p, y, w in zip(one.probability, one.is_late, one.weight, strict=True):
        for q, z, v in zip(one.probability, one.is_late, one.weight, strict=True):
            if y and not z:
                total += w * v
                won += w * v * (1.0 if p > q else 0.5 if p == q else 0.0)
    return won / total


def test_auc_and_average_precision_by_hand():
    one = forecasts([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    auc, ap = rank_samples(one, ones(4))
    assert auc[0] == pytest.approx(0.75)
    assert ap[0] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_a_constant_forecast_has_auc_one_half_and_the_prevalence_as_average_precision():
    auc, ap = rank_samples(forecasts([0.3] * 5, [True, False, False, False, True]), ones(5))
    assert (auc[0], ap[0]) == (0.5, 0.4)


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_the_share_of_pairs_in_the_right_order(seed):
    one = drawn(seed, 60)
    assert rank_samples(one, ones(60))[0][0] == pytest.approx(brute_auc(one))


@pytest.mark.parametrize("seed", range(5))
def test_scikit_learn_finds_the_same(seed):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn comes with the bench extra")
    one = drawn(seed, 400)
    auc, ap = rank_samples(one, ones(400))
    weighted = {"sample_weight": one.weight}
    assert auc[0] == pytest.approx(metrics.roc_auc_score(one.is_late, one.probability, **weighted))
    assert ap[0] == pytest.approx(metrics.average_precision_score(one.is_late, one.probability, **weighted))
    brier = metrics.brier_score_loss(one.is_late, one.probability, **weighted)
    assert forecast_figures(one, ones(400))["brier"].value == pytest.approx(brier)


def test_a_resample_is_ranked_as_if_its_orders_were_there_so_often():
    one = drawn(3, 50)
    counts = np.bincount(np.random.default_rng(4).integers(0, 50, 50), minlength=50)
    copied = np.repeat(np.arange(50), counts)
    again = forecasts(one.probability[copied], one.is_late[copied], one.weight[copied])
    resampled = rank_samples(one, np.vstack([np.ones(50), counts]).astype(np.uint8))
    expected = rank_samples(again, ones(len(copied)))
    assert [found[1] for found in resampled] == pytest.approx([found[0] for found in expected])


def test_one_class_alone_has_no_auc():
    figures = forecast_figures(forecasts([0.2, 0.4], [False, False]), ones(2))
    assert (figures["auc"], figures["ap"]) == (Figure(None), Figure(None))
    assert figures["prevalence"].value == 0


def test_nobody_open_gives_no_figures_but_the_count():
    figures = forecast_figures(forecasts([], []), np.ones((3, 0), np.uint8))
    assert figures.pop("n").value == 0
    assert {one.value for one in figures.values()} == {None}
    assert reliability(forecasts([], [])) == []


def test_brier_and_calibration_error_by_hand():
    # Ten bins of two: forecasts .05, .15 ... of which every second order is late.
    probability = np.repeat(np.arange(10) / 10 + 0.05, 2)
    one = forecasts(probability, [True, False] * 10)
    figures = forecast_figures(one, ones(20))
    assert figures["ece"].value == pytest.approx(0.25)
    assert figures["brier"].value == pytest.approx(np.mean((probability - np.tile([1, 0], 10)) ** 2))
    assert [bar.frequency for bar in reliability(one)] == [0.5] * 10


def test_weights_count_in_brier_calibration_and_prevalence():
    figures = forecast_figures(forecasts([0.5, 1.0], [True, False], [3.0, 1.0]), ones(2))
    assert (figures["n"].value, figures["prevalence"].value) == (4, 0.75)
    assert figures["brier"].value == pytest.approx((3 * 0.25 + 1) / 4)
    assert figures["ece"].value == pytest.approx((3 * 0.5 + 1) / 4)
