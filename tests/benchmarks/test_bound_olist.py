"""The bounds of the ranking on a marketplace: what true probabilities allow, and looking ahead."""

import json

import numpy as np
import pytest

from benchmarks.bound_olist import Asked, ahead, asked_in, auc, day_levels, folds_of, main, were_they_true
from console.backtest.anchors.catalogue import is_boosting_there
from console.cli import main as radar
from radar.scoring_selection import Window
from tests.invented_orders import events_of, invent, write_events

boosted = pytest.mark.skipif(not is_boosting_there(), reason="LightGBM is not installed: pip install .[bench]")


def test_the_auc_of_true_probabilities_is_what_their_spread_allows():
    p = np.linspace(0.05, 0.95, 400)
    ones = np.ones(400)
    shares = np.array([[late_p * (1 - timely) for timely in p] for late_p in p])
    above = np.triu(np.ones_like(shares), 1).T + np.eye(400) / 2
    expected = (shares * above).sum() / shares.sum()
    value, interval = were_they_true(p, ones).split(" ", 1)
    assert float(value) == pytest.approx(expected, abs=0.004)
    lo, hi = (float(one) for one in interval.strip("()").split("-"))
    assert lo < expected < hi
    alike = were_they_true(np.full(400, 0.3), ones)
    assert alike.startswith("0.500")


@boosted
def test_looking_ahead_finds_what_can_be_learned_and_nothing_in_noise():
    chance = np.random.default_rng(3)
    features = chance.normal(size=(1200, 3))
    weight, fold, none = np.ones(1200), folds_of(np.arange(1200), 5), np.zeros(1200)
    told = chance.random(1200) < 1 / (1 + np.exp(-2 * features[:, 0]))
    assert auc(ahead(features, none, (told, weight), fold, (50, 4)), told, weight) > 0.75
    # What is known already is corrected: nothing is lost of it.
    corrected = ahead(features[:, 1:], 2 * features[:, 0], (told, weight), fold, (50, 4))
    assert auc(corrected, told, weight) == pytest.approx(auc(features[:, 0], told, weight), abs=0.02)
    noise = chance.random(1200) < 0.4
    # An order's own label would give it away: the last column is as good as its name.
    named = np.column_stack([features, np.arange(1200)])
    assert 0.4 < auc(ahead(named, none, (noise, weight), fold, (50, 4)), noise, weight) < 0.6


def test_an_order_is_in_one_fold_at_all_horizons():
    order = np.array([7, 7, 3, 9, 3, 7])
    fold = folds_of(order, 2)
    assert len({(one, other) for one, other in zip(order.tolist(), fold.tolist(), strict=True)}) == 3
    assert set(fold.tolist()) == {0, 1}


def test_how_a_day_ended_is_told_by_the_other_orders_alone():
    order, ones = np.arange(4), np.ones(4)
    late = np.array([True, True, False, True])
    day = np.array([5, 5, 5, 6])
    one = Asked(order, np.full(4, 36), np.full(4, 0.5), late, ones, np.zeros((4, 1)), ones, day)
    found = day_levels(one, order)
    # Each order of day 5 hears of the two others; that of day 6 of none.
    assert found == pytest.approx([0.0, 0.0, 1 / (0.5 + 2.0), 0.0])


@boosted
@pytest.mark.slow
def test_the_command_prints_a_row_for_each_horizon_over_the_orders_the_backtest_scores(tmp_path, capsys):
    path = str(write_events(tmp_path / "events.jsonl", events_of(invent(500))))
    window = ["--score-from", "2017-11-01", "--score-until", "2018-03-01"]
    assert main([path, *window, "--horizons", "96", "36", "--folds", "3"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("| 96 ", "| 36 "))]
    assert [len(row.split("|")) for row in rows] == [9, 9]

    out = tmp_path / "out.json"
    assert radar(["backtest", path, *window, "--json", str(out), "--resamples", "0"]) == 0
    horizons = json.loads(out.read_bytes())["horizons"]
    bounds = [int(np.datetime64(text, "us").astype(np.int64)) for text in ("2017-11-01", "2018-03-01")]
    found = asked_in([path], Window(*bounds), [96, 36])
    for hours in (96, 36):
        rows = found.hours == hours
        assert found.weight[rows].sum() == pytest.approx(horizons[str(hours)]["n"]["value"])
        expected = horizons[str(hours)]["auc"]["value"]
        assert auc(found.probability[rows], found.late[rows], found.weight[rows]) == pytest.approx(expected)


def test_without_lightgbm_it_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.bound_olist.is_boosting_there", lambda: False)
    assert main(["events.jsonl"]) == 2
    assert "pip install .[bench]" in capsys.readouterr().err


def test_without_events_it_says_where_to_get_some(capsys):
    assert main([]) == 0
    assert "radar import" in capsys.readouterr().out
