"""What planning passes on about missing materials: dates the buyers know, to the orders that wait for them."""

from itertools import pairwise
from typing import Any

import pytest

from radar.events.supply import ProductionPlanned, StockAllocated, SupplyNotice, SupplyReceived
from radar.instant import SECOND_US, to_instant
from radar.outputs import Change, WarningKind
from radar.room import ControlRoom
from scenarios.rules import load_rules
from twin.masks import Masks, SupplyMask
from twin.world import RunPlan, World

DAY_S = 86_400
NO_TIMBER = Masks(supplies=(SupplyMask("timber", 0, 20 * DAY_S, is_failed=True, cause="default"),))


@pytest.fixture(scope="module")
def played(one_line):
    """A run in which the boards run out, and what the room said."""
    events: list[Any] = []
    room = ControlRoom(load_rules(None))
    world = World(one_line, RunPlan(seed=3, days=34, masks=NO_TIMBER, room=room, sink=events.append))
    world.run()
    return world, events


def told(events):
    """Return planning's notices and all-clears, by time."""
    found = [event for event in events if event.subject == "table/board"]
    return sorted(found, key=lambda event: event.time)


def expected_of(event):
    assert event.data.expected_at is not None
    return to_instant(event.data.expected_at)


def test_a_calm_run_has_nothing_to_pass_on(one_line):
    events: list[Any] = []
    World(one_line, RunPlan(seed=3, days=6, sink=events.append, is_usual=False)).run()
    assert told(events) == []


@pytest.mark.req("R41")
def test_the_line_tells_of_its_item_when_the_first_job_waits_and_again_when_it_need_not(played):
    _world, events = played
    said = told(events)
    assert {(event.data.supplier, event.data.item) for event in said} == {("line-1", "table")}
    waiting = [event for event in events if event.id.endswith("-foreseen")]
    assert said[0].time == min(event.time for event in waiting)
    kinds = [type(event.data) for event in said]
    assert kinds[0] is SupplyNotice
    assert SupplyReceived in kinds
    assert all(first is not second or first is SupplyNotice for first, second in pairwise(kinds))


@pytest.mark.req("R41")
def test_planning_knows_what_the_buyers_know_and_no_more(played):
    """A date is one that was promised or told by then; what is overdue without a word is expected tomorrow."""
    _world, events = played
    known = sorted(
        (event.time, expected_of(event))
        for event in events
        if event.source == "procurement" and isinstance(event.data, SupplyNotice)
    )
    for event in told(events):
        if isinstance(event.data, SupplyNotice):
            expected = expected_of(event)
            assert expected > event.time
            by_then = {date for at, date in known if at <= event.time}
            assert expected in by_then or expected - event.time == DAY_S * SECOND_US


def test_a_job_that_waits_for_material_has_a_slot_on_its_line_before_its_goods(played):
    _world, events = played
    foreseen = {event.subject: event for event in events if event.id.endswith("-foreseen")}
    assert all(isinstance(event.data, ProductionPlanned) for event in foreseen.values())
    allocated = {event.subject: event.time for event in events if isinstance(event.data, StockAllocated)}
    late = [event for event in foreseen.values() if event.subject in allocated]
    assert late
    assert all(event.time < allocated[event.subject] for event in late)


@pytest.mark.req("R07")
def test_the_radar_names_the_missing_goods_to_the_orders_that_wait_for_them(played):
    world, events = played
    waiting = {event.subject for event in events if event.id.endswith("-foreseen")}
    warned = {
        output.entity
        for _known_s, output in world.room_desk.said
        if output.kind is WarningKind.PREDICTED_LATE
        and output.change is Change.RAISED
        and any(reason.code == "condition.supply-late" for reason in output.reasons)
    }
    named = {entity.removeprefix("order:") for entity in warned}
    assert len(named & waiting) > 0.5 * len(waiting)
