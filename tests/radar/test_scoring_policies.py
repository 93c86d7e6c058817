"""First alarms, cost and calibration over time, each by hand."""

import numpy as np
import pytest

from radar.instant import DAY_US, HOUR_US
from radar.scoring import NEVER_US, CostModel, Scorebook, ScoredOrder, Terms
from radar.scoring_drift import BLOCK_D, drift_blocks, drift_episodes
from radar.scoring_policies import CheckTable, cost_curve, first_alarms, policy_grid
from radar.scoring_probability import Forecasts, precision_samples

pytestmark = pytest.mark.req("R05")

PROMISE = 17_600 * DAY_US


def book_of(late: list[bool], promises: list[int] | None = None) -> Scorebook:
    rows = [
        ScoredOrder(f"SO-{n}", promise - 20 * DAY_US, promise, promise + (DAY_US if is_late else -HOUR_US))
        for n, (is_late, promise) in enumerate(zip(late, promises or [PROMISE] * len(late), strict=True))
    ]
    return Scorebook.of(rows)


def forecasts(book: Scorebook, probability: list[float]) -> Forecasts:
    return Forecasts(np.arange(len(book)), np.array(probability), book.is_late, book.weight)


def checks_of(book: Scorebook, by_horizon: dict[float, list[float]]) -> CheckTable:
    found = []
    for hours, probability in by_horizon.items():
        kept = np.flatnonzero(~np.isnan(probability))
        part = forecasts(book, probability).only(~np.isnan(probability))
        found.append((hours, Forecasts(kept, part.probability, part.is_late, part.weight)))
    return CheckTable.of(len(book), found)


NAN = float("nan")
BOOK = book_of([True, True, False, False])
CHECKS = checks_of(BOOK, {36: [0.9, 0.5, 0.3, NAN], 84: [0.8, 0.2, 0.75, 0.1], 12: [0.9, 0.9, 0.1, NAN]})


def test_the_first_check_at_its_threshold_alarms_and_a_later_low_one_withdraws():
    found = first_alarms(BOOK, CHECKS, early=0.75, at_lead=0.5, lead_h=36)
    assert found.warned.tolist() == [PROMISE - h * HOUR_US for h in (84, 36, 84)] + [NEVER_US]
    assert found.withdrawn.tolist() == [NEVER_US, NEVER_US, PROMISE - 12 * HOUR_US, NEVER_US]


def test_a_hair_above_the_probability_does_not_alarm():
    found = first_alarms(BOOK, CHECKS, early=0.8 + 1e-9, at_lead=0.5 + 1e-9, lead_h=36)
    assert found.warned.tolist() == [PROMISE - h * HOUR_US for h in (36, 12)] + [NEVER_US, NEVER_US]


def test_the_grid_gives_the_figures_of_each_pair():
    points = {(one.early, one.at_lead): one for one in policy_grid(BOOK, CHECKS, Terms())}
    one = points[0.75, 0.5]
    assert [one.alert_share, one.precision36, one.recall36] == pytest.approx([0.75, 2 / 3, 1.0])
    assert [one.lead_median_h, one.withdrawn_share] == pytest.approx([60.0, 1 / 3])
    assert points[1.01, 0.8].alert_share == 0.25  # never early: only the first order, at the lead


def test_the_cost_curve_runs_from_warning_of_all_to_warning_of_none():
    cost = CostModel(action=1, late=10, effect_max=0.5, full_effect_h=36)
    points = cost_curve(BOOK, CHECKS, Terms(36, cost))
    # All four at 84 h: four actions, and two late orders at half their cost.
    assert [points[0].threshold, points[0].alert_share, points[0].cost] == pytest.approx([0, 1, (4 + 2 * 5) / 4])
    assert [points[-1].alert_share, points[-1].cost] == pytest.approx([0, 20 / 4])
    assert points[-1].threshold > 1


def test_without_any_check_nothing_is_warned_of():
    found = first_alarms(BOOK, CheckTable.of(len(BOOK), []), 0.0, 0.0, 36)
    assert set(found.warned.tolist()) == {NEVER_US}


def test_precision_at_a_recall_warns_of_the_likeliest_until_enough_are_found():
    book = book_of([True, False, True, True, True, False, True])
    one = forecasts(book, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
    ones = np.ones((1, 7), np.uint8)
    # The fourth of five late ones is the fifth of all.
    assert precision_samples(one, ones, 0.8) == pytest.approx([4 / 5])
    assert precision_samples(one, ones, 0.81) == pytest.approx([5 / 7])
    constant = forecasts(book, [0.5] * 7)
    assert precision_samples(constant, ones, 0.8) == pytest.approx([5 / 7])  # ties come together
    assert np.isnan(precision_samples(forecasts(book_of([False]), [0.5]), ones[:, :1], 0.8)).all()


# --- calibration over time ----------------------------------------------------------------------------------


def steady(shares: list[float], said: float = 0.5, orders: int = 400) -> tuple[Scorebook, Forecasts]:
    """Return blocks of orders with those shares late, all said to be late with one probability, at 36 h."""
    late = [n < share * orders for share in shares for n in range(orders)]
    first = 1760 * BLOCK_D * DAY_US + 36 * HOUR_US
    promises = [first + block * BLOCK_D * DAY_US for block in range(len(shares)) for _ in range(orders)]
    book = book_of(late, promises)
    return book, forecasts(book, [said] * len(late))


def test_blocks_hold_mean_probability_share_late_and_what_chance_explains():
    blocks = drift_blocks(*steady([0.5, 0.75]), 36)
    assert [(one.since, one.n, one.forecast, one.frequency) for one in blocks] == [
        ("2018-03-10", 400, 0.5, 0.5),
        ("2018-03-20", 400, 0.5, 0.75),
    ]
    assert blocks[0].band == pytest.approx(1.96 * 0.5 / 20)
    assert [one.is_off for one in blocks] == [False, True]


def test_an_episode_lasts_until_the_first_block_that_is_calibrated_again():
    episodes = drift_episodes(drift_blocks(*steady([0.5, 0.7, 0.8, 0.5, 0.3]), 36))
    assert [(one.since, one.until, one.days) for one in episodes] == [
        ("2018-03-20", "2018-04-09", 20),
        ("2018-04-19", None, 10),
    ]
    assert [one.gap_max for one in episodes] == pytest.approx([0.3, -0.2])


def test_a_small_gap_that_stays_is_seen_over_thirty_days():
    blocks = drift_blocks(*steady([0.5, 0.58, 0.58, 0.58], orders=100), 36)
    assert [one.is_off for one in blocks] == [False] * 4
    assert [one.gap_30d for one in blocks] == pytest.approx([0, 0.04, 0.16 / 3, 0.08])
    assert blocks[3].band_30d == pytest.approx(1.96 * 0.5 / 300**0.5)
    assert [one.is_leaning for one in blocks] == [False, False, False, True]


def test_a_gap_of_five_percent_is_no_matter_and_chance_is_none_either():
    assert drift_episodes(drift_blocks(*steady([0.5475], orders=4000), 36)) == []
    assert drift_episodes(drift_blocks(*steady([0.9], orders=10), 36)) != []
    assert drift_episodes(drift_blocks(*steady([0.8], orders=10), 36)) == []
    assert drift_blocks(book_of([]), forecasts(book_of([]), []), 36) == []
