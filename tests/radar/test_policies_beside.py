"""Policies beside the one that speaks: the same predictions, the same code, the same alarms."""

from functools import cache

import msgspec
import pytest

from radar.instant import HOUR_US, Instant
from radar.named_policies import RULES_OWN, with_policy
from radar.outputs import Change, WarningKind
from radar.policies_beside import FirstAlarm
from radar.probing import ProbedRoom
from radar.rules import PolicyRules, Rules
from scenarios.rules import load_rules
from tests.invented_orders import events_of, invent

pytestmark = pytest.mark.req("R05")

LEARNED = PolicyRules(0.5, 0.6, 0.4, recall_at_lead=0.8, is_confirmed=True)
TESTED = {
    "eager": PolicyRules(raise_early=0.3, raise_at_lead=0.25, withdraw_below=0.24),
    "learned": PolicyRules(
        raise_early=0.5, raise_at_lead=0.6, withdraw_below=0.4, recall_at_lead=0.8, is_confirmed=True
    ),
    "by-cost": PolicyRules(raise_early=1.0, raise_at_lead=0.2, withdraw_below=0.1, by_cost=True),
    "silent": PolicyRules(raise_early=1.01, raise_at_lead=1.01, withdraw_below=0.1),
}
"""Policies so unlike that no two say the same."""
WARNINGS_MAX = 50
END = Instant(4_000_000_000_000_000)


@cache
def run(name: str, warnings_max: int = WARNINGS_MAX) -> tuple[dict[str, FirstAlarm], dict[str, dict[str, FirstAlarm]]]:
    """Return the first alarm of each order as one policy said it, and what the policies beside noted."""
    room = ProbedRoom(rules_of(name, warnings_max), (36 * HOUR_US,))
    said: dict[str, FirstAlarm] = {}
    ids: dict[str, str] = {}
    outputs = [output for event in events_of(invent(300, days=60)) for output in room.observe(event)]
    for output in [*outputs, *room.advance(END)]:
        if output.kind is not WarningKind.PREDICTED_LATE:
            continue
        if output.change is Change.RAISED and output.entity not in said:
            assert output.late_probability is not None
            said[output.entity] = FirstAlarm(output.at, output.late_probability)
            ids[output.entity] = output.warning_id
        elif output.change is Change.WITHDRAWN and ids[output.entity] == output.warning_id:
            said[output.entity].withdrawn_at = output.at
    return said, room.alarms


def rules_of(name: str, warnings_max: int) -> Rules:
    """Return rules under one of the policies; without any pause, so that all policies see the same moments."""
    packaged = load_rules()
    prediction = msgspec.structs.replace(packaged.prediction, pause_us=0, calm_below=0.0)
    rules = msgspec.structs.replace(packaged, policies=TESTED, prediction=prediction)
    return with_policy(msgspec.structs.replace(rules, warnings_per_order_max=warnings_max), name)


@pytest.mark.parametrize("name", TESTED)
def test_a_policy_asked_beside_alarms_as_it_does_when_it_speaks_bit_for_bit(name):
    said, beside = run(name)
    assert beside[RULES_OWN] == beside[name] == said


@pytest.mark.parametrize("name", TESTED)
def test_every_policy_alarms_beside_another_as_in_a_run_of_its_own(name):
    own, _ = run(name)
    _, beside = run("eager")
    assert beside[name] == own


def test_the_policies_tried_differ_and_some_take_alarms_back():
    _, beside = run("eager")
    alarms = [{key: one.at for key, one in beside[name].items()} for name in TESTED]
    assert all(one != other for place, one in enumerate(alarms) for other in alarms[:place])
    assert beside["silent"] == {}
    assert any(one.withdrawn_at is not None for one in beside["eager"].values())


def test_no_policy_alarms_an_order_more_often_than_the_rules_allow():
    said, beside = run("eager", warnings_max=1)
    assert beside["eager"] == said
    free, _ = run("eager")
    assert 0 < len(said) < len(free)
