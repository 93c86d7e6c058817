"""Nothing appears, nothing vanishes: orders, stock, parcels and money in every packaged scenario, with the response."""

from typing import Any

import pytest

from radar.events.world import ActionApplied
from radar.room import ControlRoom
from scenarios.catalog import load_scenario, packaged_scenarios
from scenarios.rules import load_rules
from twin.chance import Chance
from twin.compile import compile_scenarios
from twin.context import epoch_of
from twin.response import DefaultResponse
from twin.world import RunPlan, World

DAYS = 18


def answered(network, name, days=DAYS):
    """Play a scenario whose warnings are answered; return the world and what its systems told."""
    events: list[Any] = []
    compiled = compile_scenarios([load_scenario(name)], network, Chance(2), epoch_of(network), days)
    room = ControlRoom(load_rules(None))
    responder = DefaultResponse(network, room.orders)
    plan = RunPlan(seed=2, days=days, masks=compiled.masks, room=room, responder=responder, sink=events.append)
    world = World(network, plan)
    world.run()
    return world, events


def balanced(world):
    truth = world.truth
    assert truth.check() == []
    assert len(truth.orders) > 500
    assert sum(truth.whereabouts.values()) == sum(order.outcome.value == "open" for order in truth.orders)


@pytest.mark.req("R40", "R41")
def test_what_actions_cost_is_what_their_reports_add_up_to(one_line):
    world, events = answered(one_line, "line-failure")
    balanced(world)
    told = sum(event.data.cost for event in events if isinstance(event.data, ActionApplied))
    booked = sum(remedy.cost_cny for remedy in world.truth.remedies.values())
    assert booked > 0
    assert told == pytest.approx(booked)


@pytest.mark.slow
@pytest.mark.req("R40", "R42")
@pytest.mark.parametrize("name", packaged_scenarios())
def test_everything_is_conserved_in_every_scenario_with_the_response(one_line, name):
    world, _events = answered(one_line, name)
    balanced(world)
    assert sum(remedy.count for remedy in world.truth.remedies.values()) > 0
