"""Reports that come hours after what they tell: orders went through the doors all the same, and a restart knows it."""

from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from radar.events import Event
from radar.events.order import OrderPlaced
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.learning import flow as flow_module
from radar.learning.flow import Flow
from radar.room import ControlRoom
from radar.stages import Stage
from tests.radar.learning.rich_worlds import START, RichWorld
from tests.radar.learning.test_restart import dying, undisturbed
from tests.radar.learning.worlds import learner_of, play, rules

BEGIN, END = START + 9 * DAY_US, START + 12 * DAY_US


def told(share: float, hours: float = 5.0, **world: int) -> list[Event]:
    """Return a history of which that share of three days' reports comes so many hours late."""
    chance = Random(2)
    events = RichWorld(**world).events()
    reports = (one for one in events if BEGIN <= one.time < END and not isinstance(one.data, OrderPlaced))
    late = {one.id for one in reports if chance.random() < share}
    return sorted(events, key=lambda one: (one.time + (one.id in late) * hours * HOUR_US, one.id))


def flow_after(events: list[Event], day: float) -> Flow:
    room = ControlRoom(rules())
    play(room, [one for one in events if one.time < START + day * DAY_US])
    return learner_of(room)._flow


@pytest.fixture(autouse=True)
def _soon_trusted(monkeypatch):
    monkeypatch.setattr(flow_module, "TRUSTED", 50.0)


@pytest.mark.req("R05")
def test_a_lag_of_reports_is_no_slower_pace():
    punctual, lagging = (flow_after(told(share, stop_day=99), 12.0) for share in (0.0, 0.8))
    for usual, late in zip(punctual.queues, lagging.queues, strict=True):
        if usual.capacity.any():
            busy = usual.capacity > 5
            assert np.all(late.pace[busy] > usual.pace[busy] - 0.3), usual.door
    assert lagging.routes.deliveries[0] > 0.95 * punctual.routes.deliveries[0], "deliveries told late teach, too"


def test_what_was_told_late_is_counted_once():
    events = [one for one in told(0.8, stop_day=99) if one.time < START + 12 * DAY_US]
    room = ControlRoom(rules())
    seen = 0.0
    flow = learner_of(room)._flow
    steps = flow.at
    for event in events:
        play(room, [event])
        if flow.at != steps:
            steps = flow.at
            seen += flow.queues[1].ring[:, 0].sum()
    picked = sum(order.reached[Stage.PICKED] != 0 for order in room.orders.values())
    gone = len({one.subject for one in events}) - len(room.orders)
    assert seen <= picked + gone


@pytest.mark.req("R03")
def test_a_restart_ends_in_the_same_figures_though_reports_came_late():
    events = [one for one in told(0.3) if one.time < START + int(12.5 * DAY_US)]
    assert dying(events, 61) == undisturbed(events)


def told_at_the_end(share: float, **world: int) -> list[Event]:
    """Return a history of which that share of three days' orders is told as placed within an hour of its end."""
    chance = Random(3)
    known: dict[str, list[Event]] = {}
    events = RichWorld(**world).events()
    for one in events:
        known.setdefault(one.subject, []).append(one)
    told_at = {}
    for placed, *_, end in known.values():
        if BEGIN <= placed.time < END and chance.random() < share:
            told_at[placed.id] = end.time + chance.random() * HOUR_US
    return sorted(events, key=lambda one: (told_at.get(one.id, one.time), one.id))


@pytest.mark.req("R03")
@pytest.mark.req("R51")
def test_a_restart_ends_in_the_same_figures_though_orders_were_placed_after_they_had_gone():
    events = [one for one in told_at_the_end(0.5) if one.time < START + 11 * DAY_US]
    assert dying(events, 53) == undisturbed(events)


def test_an_order_placed_after_its_end_is_counted_by_the_flow():
    events = [one for one in RichWorld(stop_day=99).events() if one.time < START + 12 * DAY_US]
    room = ControlRoom(rules())
    play(room, events)
    flow = learner_of(room)._flow
    known, at = len(flow.yard), flow.at + HOUR_US
    ended = [one for one in events if one.subject == events[0].subject]
    again = [replace(one, time=at + number, subject="late", id=f"late-{number}") for number, one in enumerate(ended)]
    promised = replace(again[0].data, promise_at=to_datetime(Instant(at + DAY_US)))
    play(room, [*again[1:], replace(again[0], data=promised)])
    assert len(flow.yard) == known + 1


@pytest.mark.req("R03")
def test_a_restart_after_an_idle_night_steps_when_the_room_would_have(monkeypatch):
    monkeypatch.setattr(flow_module, "TRUSTED", 5.0)
    events = RichWorld(orders_per_day=1, days=25, stop_day=99).events()
    assert dying(events, 5) == undisturbed(events)
