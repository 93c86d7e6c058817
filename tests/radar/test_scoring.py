"""The score of a warning policy: edges by hand, and every printed digit against the reference scorer."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from radar.instant import DAY_US, HOUR_US
from radar.scoring import (
    NEVER_US,
    CostModel,
    Figure,
    FirstWarning,
    Scorebook,
    ScoredOrder,
    Terms,
    figure,
    lead_curve,
    match_warnings,
    policy_figures,
    warn_never,
    warn_open_at,
)
from radar.wall_clock import local_text
from tests.reference_scorer import printed, reference_scores

START = 17_000 * DAY_US
PROMISE = START + 20 * DAY_US

pytestmark = pytest.mark.req("R05")


def ones(orders: int, resamples: int = 0) -> np.ndarray:
    return np.ones((1 + resamples, orders), np.uint8)


def order(name: str, delivered_us: int, weight: float = 1.0) -> ScoredOrder:
    return ScoredOrder(name, START, PROMISE, delivered_us, weight)


def values(orders: list[ScoredOrder], warnings: dict[str, FirstWarning], terms: Terms | None = None):
    """Return the plain values of a policy's figures."""
    book = Scorebook.of(orders)
    figures = policy_figures(book, match_warnings(book, warnings), ones(len(book)), terms or Terms())
    return {name: one.value for name, one in figures.items()}


def before(hours: float, micros: int = 0) -> int:
    return PROMISE - round(hours * HOUR_US) + micros


def test_delivered_at_the_promise_is_late_and_a_microsecond_earlier_is_not():
    assert order("a", PROMISE).is_late
    assert not order("a", PROMISE - 1).is_late
    assert order("a", NEVER_US).is_late


def test_a_lead_of_exactly_36_hours_is_in_time_and_a_microsecond_less_is_not():
    late = [order("a", PROMISE)]
    assert values(late, {"a": FirstWarning(before(36))})["recall36"] == 1
    too_late = values(late, {"a": FirstWarning(before(36, 1))})
    assert (too_late["recall36"], too_late["short_notice_share"], too_late["short_notice_late_share"]) == (0, 1, 1)


def test_a_false_warning_stays_false_when_it_is_withdrawn_in_time():
    orders = [order("good", PROMISE - 1), order("late", PROMISE)]
    warned = {"good": FirstWarning(before(60), before(40)), "late": FirstWarning(before(60))}
    found = values(orders, warned)
    assert (found["precision36"], found["standing_precision36"], found["withdrawn_share"]) == (0.5, 1, 0.5)


def test_a_warning_withdrawn_after_the_lead_still_stood_at_it():
    found = values([order("late", PROMISE)], {"late": FirstWarning(before(60), before(36, 1))})
    assert (found["standing_recall36"], found["withdrawn_share"]) == (1, 1)
    found = values([order("late", PROMISE)], {"late": FirstWarning(before(60), before(36))})
    assert found["standing_recall36"] == 0


@pytest.mark.parametrize(
    ("warned_us", "violations"),
    [(START - 1, 1), (START, 0), (PROMISE - 1, 0), (PROMISE, 1), (PROMISE + DAY_US, 1)],
)
def test_a_warning_before_the_placement_or_from_the_delivery_on_is_a_violation(warned_us, violations):
    alarms = match_warnings(Scorebook.of([order("a", PROMISE)]), {"a": FirstWarning(warned_us)})
    assert (alarms.violations, int((alarms.warned != NEVER_US).sum())) == (violations, 1 - violations)


def test_weights_count_in_every_share_but_not_in_the_leads():
    orders = [order("a", PROMISE, 3.0), order("b", PROMISE), order("c", PROMISE)]
    found = values(orders, {"a": FirstWarning(before(40)), "b": FirstWarning(before(100))})
    assert found["recall36"] == pytest.approx(4 / 5)
    assert (found["orders"], found["late"]) == (5, 5)
    assert (found["lead_median_h"], found["lead_p25_h"]) == (70, 40)


def test_nothing_scored_nothing_warned_gives_zeros_and_no_error():
    assert set(values([order("a", PROMISE - 1)], {}).values()) == {0, 1}


def test_cost_is_actions_plus_what_lateness_still_costs():
    terms = Terms(36, CostModel(action=1, late=10, effect_max=0.5, full_effect_h=36))
    orders = [order("in-time", PROMISE), order("near", PROMISE), order("missed", PROMISE), order("good", PROMISE - 1)]
    warned = {"in-time": FirstWarning(before(90)), "near": FirstWarning(before(18)), "good": FirstWarning(before(50))}
    # 3 actions; half of one lateness saved, a quarter of another, none of the third.
    assert values(orders, warned, terms)["cost"] == pytest.approx((3 + 5 + 7.5 + 10) / 4)


def test_trivial_policies_warn_of_what_is_open_at_the_lead_and_of_nothing():
    late = ScoredOrder("placed-at-the-lead", before(36), PROMISE, NEVER_US)
    orders = [order("late", PROMISE), order("delivered-then", before(36)), late]
    orders.append(ScoredOrder("placed-after", before(36, 1), PROMISE, PROMISE))
    book = Scorebook.of(orders)
    assert (warn_open_at(book, 36).warned != NEVER_US).tolist() == [True, False, True, False]
    assert (warn_never(book).warned == NEVER_US).all()


def test_the_curve_falls_with_the_lead_and_has_no_precision_without_warnings():
    book = Scorebook.of([order("a", PROMISE), order("b", PROMISE - 1), order("c", PROMISE)])
    alarms = match_warnings(book, {"a": FirstWarning(before(50)), "b": FirstWarning(before(40))})
    points = [(point.recall, point.precision) for point in lead_curve(book, alarms, (0, 36, 45, 60))]
    assert points == [(0.5, 0.5), (0.5, 0.5), (0.5, 1), (0, None)]


def test_the_interval_cuts_the_sorted_resamples_and_leaves_out_the_undefined():
    samples = np.array([0.5, *np.arange(100, 0, -1) / 100, np.nan])
    assert figure(samples) == Figure(0.5, 0.03, 0.98)
    assert figure(np.array([np.nan, 1.0])) == Figure(None)
    assert figure(np.array([0.25])) == Figure(0.25)


def test_a_resample_is_scored_as_if_its_orders_were_there_so_often():
    orders, warned = _invented(7, 60)
    book = Scorebook.of(orders)
    draws = np.vstack([np.ones(60), np.bincount(np.random.default_rng(1).integers(0, 60, 60), minlength=60)])
    figures = policy_figures(book, match_warnings(book, warned), draws.astype(np.uint8), Terms())
    copies = [
        (one, f"{one.order_id}-{n}") for one, count in zip(orders, draws[1], strict=True) for n in range(int(count))
    ]
    again = [ScoredOrder(name, one.placed_us, one.promise_us, one.delivered_us, one.weight) for one, name in copies]
    renamed = {name: warned[one.order_id] for one, name in copies if one.order_id in warned}
    assert {name: one.lo for name, one in figures.items()} == pytest.approx(values(again, renamed))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("options", [(), ("--lead", "48"), ("--since", "2016-07-25", "--until", "2016-08-20")])
def test_every_digit_agrees_with_the_reference_scorer(tmp_path, seed, options):
    orders, warned = _invented(seed, 0 if seed == 5 else 300)
    _write(tmp_path, orders, warned)
    given = dict(zip(options[::2], options[1::2], strict=True))
    since, until = given.get("--since", "1900-01-01"), given.get("--until", "2100-01-01")
    chosen = [one for one in orders if since <= local_text(one.promise_us) < until]
    for flags, scored in (
        ((), [one for one in chosen if one.delivered_us != NEVER_US]),
        (("--include-shipped",), chosen),
    ):
        book = Scorebook.of(scored)
        alarms = match_warnings(book, warned)
        figures = policy_figures(book, alarms, ones(len(book)), Terms(float(given.get("--lead", 36))))
        ours = printed({name: one.value or 0.0 for name, one in figures.items()}, alarms.violations)
        assert ours == reference_scores(tmp_path / "orders.csv", tmp_path / "warnings.csv", *options, *flags)


def _invented(seed: int, count: int) -> tuple[list[ScoredOrder], dict[str, FirstWarning]]:
    """Draw orders and warnings with every edge on purpose: ties, exact leads, withdrawals, violations."""
    chance = random.Random(seed)
    orders, warned = [], {}
    for number in range(count):
        placed = START + chance.randrange(10**6) * 60_000_000 + chance.choice([0, 0, 1, 999_999])
        promise = (placed // DAY_US + chance.randint(2, 25)) * DAY_US
        delivered = chance.choice([promise, promise - 1, promise + 1, placed + chance.randrange(30 * DAY_US), NEVER_US])
        name = f"SO-{number}"
        orders.append(ScoredOrder(name, placed, promise, max(placed, delivered), chance.choice([1.0, 2.8806, 0.5])))
        if chance.random() < 0.6:
            lead = chance.choice([36, 36, 48, 24, 0, -5, chance.uniform(1, 600)])
            at = promise - round(lead * HOUR_US) + chance.choice([0, 0, 1, -1])
            gone = chance.choice([NEVER_US, promise - 36 * HOUR_US, promise - 36 * HOUR_US + 1, at + HOUR_US])
            warned[name] = FirstWarning(at, gone)
    return orders, warned


def _write(folder: Path, orders: list[ScoredOrder], warned: dict[str, FirstWarning]) -> None:
    with (folder / "orders.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_id", "order_status", "created_at", "delivered_at", "promised_date", "sample_weight"])
        for one in orders:
            is_delivered = one.delivered_us != NEVER_US
            delivered = local_text(one.delivered_us) if is_delivered else ""
            promised = local_text(one.promise_us - DAY_US)
            kind = "delivered" if is_delivered else "shipped"
            out.writerow([one.order_id, kind, local_text(one.placed_us), delivered, promised, one.weight])
    with (folder / "warnings.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_id", "warned_at", "score", "withdrawn_at"])
        for name, first in warned.items():
            gone = "" if first.withdrawn_us == NEVER_US else local_text(first.withdrawn_us)
            out.writerow([name, local_text(first.warned_us), "0.5", gone])
