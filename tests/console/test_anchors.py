"""The anchors of the evaluation: each by hand, and none of them sees the future."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from console.backtest.anchors import boosted, catalogue, hazard, rates
from console.backtest.anchors.catalogue import ANCHORS, AnchorSet, anchor_scores, chosen_anchors, is_boosting_there
from console.backtest.anchors.comparison import OURS, compare_anchors, run_anchors
from console.backtest.anchors.hazard import CountTable, day_hazard_late, elapsed, transit_days
from console.backtest.anchors.histories import Histories, History, order_table, samples_of
from console.backtest.anchors.rates import late_rates, logistic_fit, weekly_logistic
from console.backtest.anchors.refits import TransitMeans, month_starts, stretches, weekday
from console.backtest.anchors.simple import flag_open, stage_rule, survival
from console.backtest.report import draw_resamples
from radar.events import Event
from radar.events.order import PaymentApproved
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime, to_instant
from radar.probing import Answer
from radar.scoring import Figure, Scorebook, ScoredOrder
from radar.scoring_probability import Forecasts
from radar.wall_clock import WallClock, local_us_of
from tests.console.anchor_world import samples_at, steady_world, table_of
from tests.invented_orders import events_of, invent

pytestmark = pytest.mark.req("R05")

FEBRUARY_2017 = 17_198.0
HORIZONS_US = tuple(hours * HOUR_US for hours in (168, 96, 36))


def test_labels_are_known_at_the_delivery_or_at_the_promise_and_not_before():
    orders = [
        {"delivered": 10.0, "promise": 12.0},
        {"delivered": 20.0, "promise": 12.0},
        {"promise": 12.0},
        {"promise": 12.0, "cancelled": 11.0},
    ]
    table = table_of(orders)
    assert table.labelled_before(10.0).tolist() == [False] * 4
    assert table.labelled_before(11.0).tolist() == [True, False, False, False]
    assert table.labelled_before(12.5).tolist() == [True, True, True, False]
    # Overdue by more than 30 days, and not delivered by then: it may never come.
    assert table.labelled_before(42.5).tolist() == [True, True, False, False]
    assert table.is_late.tolist() == [False, True, True, True]


def test_refits_stand_at_the_first_of_each_month_and_serve_until_the_next():
    table = table_of([{"promise": FEBRUARY_2017 + 40}])
    samples = samples_at(table, [(0, FEBRUARY_2017 - 1), (0, FEBRUARY_2017), (0, FEBRUARY_2017 + 28)])
    assert month_starts(samples) == [FEBRUARY_2017 - 31, FEBRUARY_2017, FEBRUARY_2017 + 28]
    parts = [part for _, part in stretches(samples, month_starts(samples))]
    assert parts == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert weekday(np.array([FEBRUARY_2017 + 0.7])).tolist() == [2]  # a Wednesday


def test_flagging_everything_open_says_the_same_of_all():
    table = table_of(steady_world(3, 2.0))
    assert flag_open(samples_at(table, [(0, 17_001.0), (1, 17_001.0)])).tolist() == [1.0, 1.0]


def test_the_rule_puts_orders_not_handed_over_first_then_transit_over_the_lanes_standard():
    orders = [*steady_world(20, 4.0), {"placed": 17_020, "handed": 17_030, "promise": FEBRUARY_2017 + 9}]
    orders += [{"placed": 17_020, "handed": FEBRUARY_2017 - age, "promise": FEBRUARY_2017 + 9} for age in (6, 1)]
    orders += [{"placed": 17_020, "promise": FEBRUARY_2017 + 9}]
    table = table_of(orders)
    samples = samples_at(table, [(order, FEBRUARY_2017 + 1) for order in (21, 22, 23)])
    score = stage_rule(table, samples)
    assert score[:2] == pytest.approx([7 - 4, 2 - 4])  # every transit known took 4 days
    assert score[2] > 1000


def test_survival_is_the_share_that_took_longer_among_those_that_took_so_long():
    # 60 transits of 2 days, 40 of 10; one area and one lane. Asked 4 days into transit, with 3 days left: all 40
    # that took more than 4 took more than 7; with 7 days left none of the 40 takes more than 11.
    orders = steady_world(100, 2.0)
    for one in orders[60:]:
        one["delivered"] = one["handed"] + 10
    asked = {"placed": 17_100, "handed": FEBRUARY_2017}
    orders += [{**asked, "promise": FEBRUARY_2017 + 4 + left} for left in (3, 7)]
    table = table_of(orders)
    late = survival(table, samples_at(table, [(100, FEBRUARY_2017 + 4), (101, FEBRUARY_2017 + 4)]))
    share = 40.5 / 41
    for prior in (20, 15):
        share = (40 + prior * share) / (40 + prior)
    assert late[0] == pytest.approx(share)
    share = 0.5 / 41
    for prior in (20, 15):
        share = prior * share / (40 + prior)
    assert late[1] == pytest.approx(share)


def test_transit_means_shrink_the_lane_to_its_area_and_the_area_to_everything():
    orders = [{"placed": 1, "handed": 2, "delivered": 2 + np.exp(spent), "promise": 30} for spent in (1, 1, 2)]
    table = table_of(orders, lane=[0, 0, 1], area=[0, 0, 1])
    means = TransitMeans(table, 100.0)
    area = (2 * 1 + 10 * 4 / 3) / 12
    assert means.lane[0] == pytest.approx((2 * 1 + 8 * area) / 10)
    assert TransitMeans(table, 2.5).count == 0


def test_a_day_in_transit_counts_once_it_is_over_and_the_elapsed_time_is_its_middle():
    table = table_of([{"placed": 9, "handed": 10.5, "delivered": 12.25, "promise": 20}])
    days = transit_days(table)
    assert days.day.tolist() == [10, 11, 12]
    assert days.happened.tolist() == [0, 0, 1]
    assert days.before(12.0).day.tolist() == [10, 11]
    assert elapsed(np.array([10.5, 10.5]), np.array([10.0, 12.0])).tolist() == [0.25, 2.0]


def test_a_count_table_with_much_data_gives_the_frequencies():
    bins, days = np.repeat([0, 1], 14_000).astype(np.intp), np.tile(np.arange(7.0), 4000)
    happened = ((bins == 1) & (days % 2 == 0)).astype(np.float64)
    table = CountTable(bins, days, happened, 2)
    assert table(np.array([1, 1, 0]), np.array([0.0, 1.0, 0.0])) == pytest.approx([0.95, 0.0, 0.0], abs=0.02)


def test_the_daily_hazard_multiplies_the_days_up_to_the_promise():
    # Every transit ends on its third day: with one day left nothing is late, long before it all is still to come.
    orders = [*steady_world(190, 2.2)]
    asked = {"placed": 17_100, "handed": FEBRUARY_2017 + 8.5}
    orders += [{**asked, "promise": FEBRUARY_2017 + 10 + left} for left in (6, 0.5)]
    table = table_of(orders)
    late = day_hazard_late(table, samples_at(table, [(190, FEBRUARY_2017 + 10), (191, FEBRUARY_2017 + 10)]))
    assert late[0] < 0.02
    assert late[1] > 0.5


def test_a_streaming_rate_counts_labels_from_the_day_after_and_forgets_by_half_lives():
    orders = [{"placed": 1, "delivered": 5.5, "promise": 5.0}, {"placed": 1, "delivered": 100, "promise": 40.0}]
    table = table_of(orders, lane=[0, 1])
    samples = samples_at(table, [(1, 4.9), (1, 5.2), (1, 36.0)])
    rate = 1 / (1 + np.exp(-late_rates(table, samples)[:, 0]))
    fade = 0.5 ** (1 / 30)
    # The first column is everything: 0.5 late in 10 to begin with, which fades too from day 4 on; late at 5, so it
    # counts on day 5 already, the day that begins with the promise. Ten more of everything shrink nothing.
    late, seen = 0.5 * fade**2 + 1, 10 * fade**2 + 1
    assert rate.tolist() == pytest.approx([0.05, late / seen, late / seen])


def test_the_logistic_fit_finds_the_log_odds_of_two_groups():
    features = np.repeat([0.0, 1.0], 100)[:, None]
    happened = np.r_[np.ones(20), np.zeros(80), np.ones(60), np.zeros(40)]
    slopes = logistic_fit(features, happened, np.ones(200), 1e-6)
    assert slopes == pytest.approx([np.log(0.2 / 0.8), np.log(0.6 / 0.4) - np.log(0.2 / 0.8)], abs=1e-4)


def test_without_labels_the_logistic_model_leaves_the_anchor_as_it_is():
    table = table_of(steady_world(5, 2.0))
    samples = samples_at(table, [(n, 17_003.0) for n in range(3)])
    base = np.array([0.2, 0.3, 0.4])
    assert weekly_logistic(table, samples, base).tolist() == base.tolist()


# --- from the events to the comparison ----------------------------------------------------------------------


def promise_of(history: History) -> Instant:
    assert history.placement.promise_at is not None
    return to_instant(history.placement.promise_at)


def value_of(found: Figure) -> float:
    assert found.value is not None
    return found.value


def passed(events):
    """Return the histories of the events, and the answers of a radar that is asked of every order open."""
    histories = Histories()
    for event in events:
        histories.observe(event)
    end_at = events[-1].time
    answers = []
    for order_id, one in histories.orders.items():
        for horizon_us in HORIZONS_US:
            at = promise_of(one) - horizon_us
            if one.placed_at <= at < min(one.delivered_at or end_at, end_at):
                answers.append(Answer(order_id, horizon_us, 0.5 + 0.4 * np.sin(at)))
    return histories, answers


@pytest.fixture(scope="module")
def invented():
    return [with_ship_by(event) for event in events_of(invent(600))]


def with_ship_by(event: Event) -> Event:
    """Let the payment tell a deadline to hand over, two days on."""
    if not isinstance(event.data, PaymentApproved):
        return event
    ship_by_at = to_datetime(Instant(event.time + 2 * DAY_US))
    return Event(event.time, event.id, event.source, event.subject, PaymentApproved(ship_by_at=ship_by_at))


@pytest.fixture(scope="module")
def whole(invented):
    return passed(invented)


def scores_of(histories, answers):
    """Return every anchor's score by (order, horizon)."""
    clock = WallClock("America/Sao_Paulo")
    table = order_table(histories, clock)
    samples = samples_of(answers, histories, table, clock)
    chosen, _ = chosen_anchors(AnchorSet.ALL, is_boosted=is_boosting_there())
    scores = anchor_scores(chosen, table, samples, lambda _name, _share: None)
    return {name: {key: values[place] for key, place in samples.place_of.items()} for name, values in scores.items()}


@pytest.mark.parametrize("day", ["2018-01-03", "2018-02-02"])  # soon after a refit, where a leak would show
def test_cutting_the_future_off_changes_no_score(invented, whole, day):
    cut_at = to_instant(datetime.fromisoformat(f"{day}T12:00-02:00"))
    histories, answers = passed([event for event in invented if event.time < cut_at])
    expected, found = scores_of(*whole), scores_of(histories, answers)
    assert found.keys() == expected.keys() >= {one.name for one in ANCHORS if not one.is_boosted}
    asked = list(found["open"])
    assert len(expected["open"]) > len(asked) > 150
    for name, scores in found.items():
        # Sums over longer arrays may differ in the last digit, in nothing else.
        assert [scores[key] for key in asked] == pytest.approx([expected[name][key] for key in asked], rel=1e-9), name
    assert len({round(float(found["hazard_rates"][key]), 6) for key in asked}) > 50


def known_at(table, day):
    """Return the table as it stood at a moment: what happened later has not come yet."""
    later = {name: getattr(table, name) for name in ("paid", "handed", "delivered", "cancelled")}
    cut = {name: np.where(times <= day, times, np.inf) for name, times in later.items()}
    return replace(table, **cut, ship_by=np.where(table.paid <= day, table.ship_by, np.inf))


@pytest.mark.parametrize("day", [17_500.3, 17_530.9])
def test_features_know_only_what_had_happened(whole, day):
    table = order_table(whole[0], WallClock("America/Sao_Paulo"))
    is_open = (table.placed <= day) & (np.minimum(table.delivered, table.promise) > day)
    samples = samples_at(table, [(row, day) for row in np.flatnonzero(is_open).tolist()])
    assert (table.paid[samples.order] > day).any()
    base = np.full(len(samples), 0.3)
    for features in (boosted.order_features, lambda one, asked: rates._features(one, asked, base)):
        np.testing.assert_allclose(features(table, samples), features(known_at(table, day), samples), rtol=1e-9)


def test_the_ship_by_deadline_sorts_a_waiting_order_once_the_payment_told_it():
    table = table_of([{"placed": 10.0, "paid": 10.5, "ship_by": 12.0, "promise": 20.0}])
    order, day = np.zeros(2, np.intp), np.array([10.0, 10.0])
    assert hazard._waiting_bins(table, order, day, np.array([10.4, 10.6])).tolist() == [18, 7]  # age 0; two days to go


def test_histories_hold_what_the_events_said_in_local_days(whole):
    histories, answers = whole
    clock = WallClock("America/Sao_Paulo")
    table = order_table(histories, clock)
    orders = {one.order_id: one for one in invent(600)}
    for row, order_id in enumerate(table.order_ids):
        known = orders[order_id]
        assert table.promise[row] * DAY_US == pytest.approx(local_us_of(known.promised), abs=1)
        # A local time that the change of the clock skipped comes back an hour on.
        assert known.handed_over is not None
        assert table.handed[row] * DAY_US == pytest.approx(local_us_of(known.handed_over), abs=HOUR_US + 1)
        assert np.isfinite(table.delivered[row]) == (known.delivered is not None)
    samples = samples_of(answers, histories, table, clock)
    assert len(samples) == len(answers)
    assert (np.diff(samples.at) >= 0).all()
    assert (table.placed[samples.order] <= samples.at).all()


def book_of(histories):
    clock = WallClock("America/Sao_Paulo")
    rows = [
        ScoredOrder(key, one.placed_at, clock.deadline_us(promise_of(one)))
        for key, one in sorted(histories.orders.items())
    ]
    return Scorebook.of(rows), {row.order_id: place for place, row in enumerate(rows)}


def test_radar_and_anchors_are_compared_on_the_same_orders_and_resamples(whole, monkeypatch):
    monkeypatch.setattr("console.backtest.anchors.comparison.is_boosting_there", lambda: False)
    histories, answers = whole
    run = run_anchors(AnchorSet.ALL, histories, answers, WallClock("America/Sao_Paulo"), lambda _n, _s: None)
    book, place_of = book_of(histories)
    late = np.random.default_rng(1).random(len(book)) < 0.4
    asked = [one for one in answers if one.horizon_us == 36 * HOUR_US]
    pairs = sorted((place_of[one.order_id], one.late_probability) for one in asked)
    places = np.array([place for place, _ in pairs])
    ours = Forecasts(places, np.array([p for _, p in pairs]), late[places], np.ones(len(places)))
    found = compare_anchors(run, book, {36: ours}, draw_resamples(len(book), 30, 0))
    assert found.missing == ["lightgbm", "lightgbm_hazard", "lightgbm_hazard_rates"]
    assert "bench" in found.hint
    one = found.horizons["36"]
    assert list(one.rows) == [OURS, "open", "rule", "survival", "hazard", "hazard_rates"]
    assert one.rows["open"]["auc"].value == 0.5
    assert one.rows["open"]["precision_at_80"].value == pytest.approx(one.prevalence.value)
    assert one.rows["rule"].keys() == {"auc", "ap", "precision_at_80"}
    for name, best in one.best.items():
        values = {row: value_of(found[name]) for row, found in one.rows.items() if row != OURS and name in found}
        pick = min if name in {"brier", "ece"} else max
        assert values[best.row] == pick(values.values())
        assert best.ours_minus.value == pytest.approx(value_of(one.rows[OURS][name]) - values[best.row])
        assert best.ours_minus.lo is not None


def test_light_asks_for_no_boosted_anchor_and_misses_none():
    chosen, missing = chosen_anchors(AnchorSet.LIGHT, is_boosted=False)
    assert [one.name for one in chosen] == ["open", "rule", "survival", "hazard", "hazard_rates"]
    assert missing == ()
    assert not any(one.is_boosted for one in chosen)
    assert catalogue.chosen_anchors(AnchorSet.ALL, is_boosted=True)[1] == ()
