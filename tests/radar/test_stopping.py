"""When an alarm is worth more now than later: against plain accounts, and over a life of orders."""

from math import exp, pi, sqrt
from random import Random

import msgspec
import pytest

from radar.instant import DAY_US, HOUR_US, Instant
from radar.lead_thresholds import TYPES_MAX, WarningPolicy, experience
from radar.orders import Order
from radar.outputs import StateRow
from radar.policy import Decision
from radar.rules import CostRules, PredictionRules
from radar.stages import Stage
from radar.stopping import BINS, PRIOR, Stopping, Waiting
from tests.radar.harness import START

CHECKS_H = (84, 60, 36, 12)
STEP = 1.5
"""Standard deviation of what a check tells, in log-odds."""
CHECKS_US = tuple(hours * HOUR_US for hours in CHECKS_H)
EARLY_BETTER = CostRules(action=1.0, late=10.0, effect=0.5, full_effect_us=72 * HOUR_US)
RULES = PredictionRules(checks_us=CHECKS_US, by_cost=True, cost=EARLY_BETTER, withdraw_below=0.1)


@pytest.mark.req("R05")
def test_the_gain_is_what_acting_saves_less_what_it_costs():
    cost = CostRules()
    assert cost.gain(0.2, 36 * HOUR_US) == pytest.approx(0.0)
    assert cost.gain(1.0, 100 * HOUR_US) == pytest.approx(4.0)
    assert cost.gain(1.0, 18 * HOUR_US) == pytest.approx(1.5)
    assert cost.gain(1.0, 0) == -1.0


@pytest.mark.req("R05")
def test_before_anything_is_learned_it_acts_as_if_probabilities_stayed():
    stopping = Stopping(EARLY_BETTER, CHECKS_US)
    waiting = stopping.begin()
    # At 84 h nothing is lost by waiting until 60 h less a sixth of the effect; at break-even nothing is gained.
    assert stopping.is_due(waiting, 0.9, 84 * HOUR_US)
    assert not stopping.is_due(waiting, 0.19, 84 * HOUR_US)
    assert not stopping.is_due(waiting, 0.3, 12 * HOUR_US), "too late to save what it costs"
    flat = Stopping(CostRules(), CHECKS_US)
    assert not flat.is_due(flat.begin(), 0.975, 60 * HOUR_US), "waiting until 36 h loses nothing"
    assert flat.is_due(flat.begin(), 0.975, 36 * HOUR_US)


@pytest.mark.req("R05")
def test_where_waiting_tells_much_it_waits_and_where_it_tells_nothing_it_acts():
    stopping = Stopping(EARLY_BETTER, CHECKS_US)
    telling, silent = stopping.begin(), stopping.begin()
    for number in range(200):
        before, at = (0.5, 60 * HOUR_US), Instant(START + number * HOUR_US)
        # Half of them are delivered meanwhile, the others are late for sure.
        stopping.passed(telling, before, None if number % 2 else (0.99, 48 * HOUR_US), is_late=False, at=at)
        stopping.passed(silent, before, (0.5, 36 * HOUR_US), is_late=False, at=at)
    assert not stopping.is_due(telling, 0.5, 60 * HOUR_US)
    assert stopping.is_due(silent, 0.5, 60 * HOUR_US)


def test_values_are_means_of_what_came_and_fade():
    stopping = Stopping(EARLY_BETTER, CHECKS_US)
    waiting = stopping.begin()
    column, first = int(0.5 * BINS), waiting.ahead[2][int(0.5 * BINS)]
    gain = EARLY_BETTER.gain(0.5, 60 * HOUR_US)
    stopping.passed(waiting, (0.5, 60 * HOUR_US), None, is_late=False, at=START)
    assert waiting.ahead[2][column] == pytest.approx((first * PRIOR - gain) / (PRIOR + 1))
    assert waiting.bias[2][column] == pytest.approx(-0.5 / (PRIOR + 1))
    assert waiting.weights[2][column] == PRIOR + 1
    stopping.passed(waiting, (0.9, 60 * HOUR_US), None, is_late=True, at=Instant(START + 600 * DAY_US))
    assert waiting.weights[2][column] == PRIOR


@pytest.mark.req("R05")
def test_probabilities_that_cry_wolf_are_not_believed():
    stopping = Stopping(EARLY_BETTER, CHECKS_US)
    honest, crying = stopping.begin(), stopping.begin()
    for number in range(2000):
        at = Instant(START + number * HOUR_US)
        for lead, then in ((84, 60), (60, 36), (36, 12)):
            for waiting in (honest, crying):
                stopping.passed(waiting, (0.62, lead * HOUR_US), (0.62, then * HOUR_US), is_late=False, at=at)
        stopping.passed(honest, (0.62, 12 * HOUR_US), None, is_late=number % 50 < 31, at=at)
        stopping.passed(crying, (0.62, 12 * HOUR_US), None, is_late=number % 50 < 3, at=at)
    assert stopping.is_due(honest, 0.62, 84 * HOUR_US)
    assert not stopping.is_due(crying, 0.62, 84 * HOUR_US)


# --- as a policy ------------------------------------------------------------------------------------------


def live(policy: WarningPolicy, seed: int, orders: int = 1500, *, is_acting: bool = True) -> list[float]:
    """Return the cost of each order of a world in which probabilities tell more every day."""
    chance = Random(seed)
    days = (Instant(START + number * HOUR_US) for number in range(orders))
    return [life(policy, chance, at, is_acting=is_acting) for at in days]


def life(policy: WarningPolicy, chance: Random, at: Instant, *, is_acting: bool) -> float:
    promise_at = Instant(at + 84 * HOUR_US)
    order = Order("o", promise_at=promise_at, stage=Stage.HANDED_OVER)
    score, effect = 0.0, 0.0
    for number, hours in enumerate(CHECKS_H, 1):
        score += chance.gauss(0.0, STEP)
        now, last, last_at = Instant(promise_at - hours * HOUR_US), order.late_probability, order.predicted_at
        order.late_probability, order.predicted_at = share(score, len(CHECKS_H) - number), now
        policy.passed(order, last, last_at, now)
        if is_acting and not effect and policy.decide(order, 0.0, now, is_standing=False) is Decision.RAISE:
            effect = EARLY_BETTER.effect * min(1.0, hours * HOUR_US / EARLY_BETTER.full_effect_us)
    is_late = order.is_late = chance.random() < share(score, 0)
    order.closed_at = promise_at
    policy.passed(order, order.late_probability, order.predicted_at, promise_at)
    return EARLY_BETTER.action * (effect > 0) + is_late * (1 - effect) * EARLY_BETTER.late


def share(score: float, steps: int) -> float:
    """Return the chance of being late with so many steps to come (the usual approximation by the probit)."""
    return 1 / (1 + exp(-(score - 0.5) / sqrt(1 + pi * steps * STEP**2 / 8)))


@pytest.mark.req("R05")
def test_it_costs_no_more_than_the_best_pair_of_fixed_thresholds_found_afterwards():
    learned = WarningPolicy(RULES)
    live(learned, 1)
    by_cost = sum(live(learned, 2))
    pairs = [(early, at_lead) for early in (0.2, 0.3, 0.5, 0.8, 1.01) for at_lead in (0.3, 0.5)]
    fixed = [
        sum(live(WarningPolicy(PredictionRules(checks_us=CHECKS_US, raise_early=early, raise_at_lead=at_lead)), 2))
        for early, at_lead in pairs
    ]
    assert by_cost <= min(fixed)
    assert by_cost < 0.75 * sum(live(WarningPolicy(PredictionRules()), 2, is_acting=False))


def test_it_survives_a_restart_and_moves_to_another_room():
    policy, again = WarningPolicy(RULES), WarningPolicy(RULES)
    live(policy, 1, 200)
    rows = policy.take_dirty()
    again.load(rows)
    assert live(policy, 2, 50) == live(again, 2, 50)
    assert policy.take_dirty() == again.take_dirty()
    (row,) = rows
    assert isinstance(row, StateRow)
    moved = experience(row, 7)
    days = [msgspec.msgpack.decode(one.state, type=Waiting).day for one in (row, moved)]
    assert days[1] == days[0] + 7


def test_other_checks_begin_anew():
    policy = WarningPolicy(RULES)
    live(policy, 1, 50)
    fewer = WarningPolicy(msgspec.structs.replace(RULES, checks_us=CHECKS_US[1:]))
    fewer.load(policy.take_dirty())
    order = Order("o", promise_at=Instant(START + 36 * HOUR_US), stage=Stage.HANDED_OVER, late_probability=0.9)
    assert fewer.decide(order, 0.0, START, is_standing=False) is Decision.RAISE


def test_it_withdraws_below_its_threshold_and_knows_no_more_types_than_the_limit():
    policy = WarningPolicy(RULES)
    for number in range(TYPES_MAX + 5):
        order = Order("o", promise_at=Instant(START + 36 * HOUR_US), order_type=f"type-{number}")
        for probability, standing, found in (
            (0.9, False, Decision.RAISE),
            (0.11, True, Decision.KEEP),
            (0.09, True, Decision.WITHDRAW),
        ):
            order.late_probability = probability
            policy.passed(order, 0.5, Instant(START - DAY_US), START)
            assert policy.decide(order, 0.0, START, is_standing=standing) is found
    assert len(policy.take_dirty()) == TYPES_MAX


def test_without_by_cost_nothing_is_learned():
    policy = WarningPolicy(PredictionRules(checks_us=CHECKS_US))
    live(policy, 1, 50)
    assert policy.take_dirty() == []
