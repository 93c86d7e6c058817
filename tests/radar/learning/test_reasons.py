"""Reasons: contributions that add up, the largest first, said in every language."""

import math

import pytest

from radar.instant import DAY_US
from radar.wording import LANGUAGES, TEMPLATES, say
from tests.radar.learning.worlds import World, learned, learner_of

ROOM = learned(World(seed=5, days=45, orders_per_day=8, promise_days=11).events()[:1200])
OPEN = [order for order in ROOM.orders.values() if order.is_open and order.promise_at > ROOM.clock]


@pytest.mark.req("R03")
@pytest.mark.parametrize("delay_us", [0, DAY_US, 30 * DAY_US])
def test_contributions_add_up_to_the_log_odds(delay_us):
    learner = learner_of(ROOM)
    assert len(OPEN) > 20
    for order in OPEN:
        chance = learner.predict(order, ROOM.clock, delay_us)
        found = learner.explain(order, ROOM.clock, delay_us)
        assert sum(one.weight for one in found) == pytest.approx(math.log(chance / (1 - chance)), abs=1e-9)
        weights = [abs(one.weight) for one in found if one.code != "risk.rest"]
        assert weights == sorted(weights, reverse=True)


@pytest.mark.req("R03", "R09")
def test_they_can_be_said_in_every_language_with_what_they_add():
    learner = learner_of(ROOM)
    codes = set()
    for order in OPEN:
        for one in learner.explain(order, ROOM.clock):
            codes.add(one.code)
            assert one.code in TEMPLATES
            for language in LANGUAGES:
                assert say(one, language).endswith(f"{round(one.weight, 2) + 0.0:+.2f}")
    assert {"risk.stage", "risk.usual", "risk.learned"} <= codes


@pytest.mark.req("R03")
def test_a_delay_by_conditions_is_a_reason_of_its_own():
    learner = learner_of(ROOM)
    order = max(OPEN, key=lambda one: one.promise_at)
    (found,) = [one for one in learner.explain(order, ROOM.clock, 5 * DAY_US) if one.code == "risk.conditions"]
    assert found.weight > 0
    assert say(found).startswith("the conditions named cost 5 d")


def test_explaining_changes_nothing():
    learner = learner_of(ROOM)
    before = [learner.predict(order, ROOM.clock) for order in OPEN]
    for order in OPEN:
        learner.explain(order, ROOM.clock, DAY_US)
    assert [learner.predict(order, ROOM.clock) for order in OPEN] == before
