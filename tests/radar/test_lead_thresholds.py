"""The learned threshold at the lead, and the confirmation of early warnings."""

import msgspec
import pytest

from radar.instant import DAY_US, HOUR_US, Instant
from radar.lead_thresholds import HALF_LIFE, MASS_MIN, TYPES_MAX, WarningPolicy
from radar.orders import Order
from radar.policy import Decision, decide
from radar.rules import PredictionRules
from radar.stages import Stage
from tests.radar.harness import START

RULES = PredictionRules(raise_early=0.8, raise_at_lead=0.45, withdraw_below=0.45, recall_at_lead=0.9, is_confirmed=True)
LEAD_US = RULES.lead_us


def decision(policy: WarningPolicy, probability: float, day: float = 0, **fields: object) -> Decision:
    """Decide at the lead about an order in transit."""
    at = Instant(START + round(day * DAY_US))
    order = Order("o", promise_at=Instant(at + LEAD_US), stage=Stage.HANDED_OVER)
    for name, value in fields.items():
        setattr(order, name, value)
    order.late_probability = probability
    return policy.decide(order, 0.0, at, is_standing=False)


def taught(policy: WarningPolicy, probabilities: list[float], day: float = 0) -> WarningPolicy:
    for probability in probabilities:
        decision(policy, probability, day)
    return policy


@pytest.mark.req("R05")
def test_until_enough_is_known_the_rules_own_threshold_holds():
    few = taught(WarningPolicy(RULES), [0.2] * int(MASS_MIN / 0.2 - 1))
    assert decision(few, 0.44, 1) is Decision.KEEP
    assert decision(few, 0.45, 1) is Decision.RAISE


@pytest.mark.req("R05")
def test_the_next_day_the_threshold_finds_the_wanted_share_of_the_expected_late_orders():
    policy = taught(WarningPolicy(RULES), [0.31] * 100 + [0.11] * 20)  # 31 of 33.2 expected: 93 %
    assert decision(policy, 0.30) is Decision.KEEP, "not on the same day"
    assert decision(policy, 0.30, 1) is Decision.RAISE
    assert decision(policy, 0.29, 1) is Decision.KEEP


def test_it_is_never_above_the_rules_own():
    policy = taught(WarningPolicy(RULES), [0.9] * 100)
    assert decision(policy, 0.45, 1) is Decision.RAISE


@pytest.mark.req("R05")
def test_a_wanted_precision_holds_the_threshold_up():
    rules = msgspec.structs.replace(RULES, precision_at_lead=0.6)
    policy = taught(WarningPolicy(rules), [0.71] * 50 + [0.31] * 15)  # on average .62; with 40 of .31: .53
    assert decision(policy, 0.31, 1) is Decision.RAISE
    policy = taught(WarningPolicy(rules), [0.71] * 50 + [0.31] * 40)
    assert decision(policy, 0.35, 1) is Decision.RAISE
    assert decision(policy, 0.31, 1) is Decision.KEEP
    wild = taught(WarningPolicy(rules), [0.51] * 50)
    assert decision(wild, 0.59, 1) is Decision.KEEP, "of those seen none is likely enough"
    assert decision(wild, 0.61, 1) is Decision.RAISE


def test_old_decisions_fade():
    policy = taught(WarningPolicy(RULES), [0.31] * 40)
    assert decision(policy, 0.31, 1) is Decision.RAISE
    assert decision(policy, 0.31, 1 + 4 * HALF_LIFE) is Decision.KEEP


def test_orders_with_the_seller_and_other_types_do_not_count():
    policy = WarningPolicy(RULES)
    for _ in range(100):
        decision(policy, 0.31, stage=Stage.PAID)
        decision(policy, 0.31, order_type="other")
    assert decision(policy, 0.44, 1) is Decision.KEEP
    assert decision(policy, 0.44, 1, order_type="other") is Decision.RAISE


def test_it_survives_a_restart_in_the_middle_of_a_day():
    policy = taught(WarningPolicy(RULES), [0.31] * 60)
    again = WarningPolicy(RULES)
    again.load(policy.take_dirty())
    assert policy.take_dirty() == []
    for one in (policy, again):
        taught(one, [0.21] * 60, 0.5)
    assert decision(policy, 0.2, 1) is decision(again, 0.2, 1) is Decision.RAISE
    assert policy.take_dirty() == again.take_dirty()


def test_no_more_types_than_the_limit():
    policy = WarningPolicy(RULES)
    for number in range(TYPES_MAX + 9):
        assert decision(policy, 0.45, order_type=f"type-{number}") is Decision.RAISE
    assert len(policy.take_dirty()) == TYPES_MAX


@pytest.mark.req("R05")
@pytest.mark.parametrize(
    ("mean", "lead_us", "found"),
    [
        (0.0, LEAD_US + 1, Decision.KEEP),
        (0.7999, LEAD_US + 1, Decision.KEEP),
        (0.8, LEAD_US + 1, Decision.RAISE),
        (0.0, LEAD_US, Decision.RAISE),
        (0.0, HOUR_US, Decision.RAISE),
    ],
)
def test_an_early_warning_needs_the_mean_of_the_predictions(mean, lead_us, found):
    assert decide(RULES, 0.8, lead_us, is_standing=False, mean=mean) is found


@pytest.mark.req("R05")
def test_what_would_be_raised_anew_is_not_withdrawn():
    assert decide(RULES, 0.32, LEAD_US, is_standing=True, at_lead=0.3) is Decision.KEEP
    assert decide(RULES, 0.29, LEAD_US, is_standing=True, at_lead=0.3) is Decision.WITHDRAW
    assert decide(RULES, 0.44, LEAD_US + 1, is_standing=True) is Decision.WITHDRAW
