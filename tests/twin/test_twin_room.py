"""The radar inside the twin and the radar that replays the twin's log say the same."""

from typing import Any

import msgspec
import pytest

from radar.events import Event
from radar.instant import SECOND_US
from radar.intake import Intake
from radar.outputs import Change, WarningKind
from radar.room import ControlRoom
from scenarios.network import load_network
from scenarios.rules import load_rules
from streams.codec import Codec, encode
from twin.masks import FeedFault, FeedMask, Masks, SpeedMask
from twin.world import LATENESS_S, RunPlan, World

DAY_S = 86_400
TROUBLE = Masks(
    speeds=(SpeedMask("line:line-1", 3 * DAY_S, 6 * DAY_S, 0, cause="dead line"),),
    feeds=(FeedMask("wms", 5 * DAY_S, 6 * DAY_S, FeedFault.HOLD),),
)


@pytest.fixture(scope="module")
def played(one_line):
    """A run with trouble in it: what the room said inside, and the log as bytes."""
    lines: list[bytes] = []
    rules = load_rules(None)
    plan = RunPlan(seed=4, days=12, masks=TROUBLE, room=ControlRoom(rules), sink=lambda e: lines.append(encode(e)))
    world = World(one_line, plan)
    truth = world.run()
    assert world.room_desk is not None
    return world.room_desk.said, lines, rules, truth


def replayed(lines, rules, block):
    """The outputs of a replay of the log in blocks of some lines, as bytes."""
    intake = Intake(ControlRoom(rules), ["log"], LATENESS_S * SECOND_US)
    codec = Codec()
    said: list[Any] = []
    for first in range(0, len(lines), block):
        cut = lines[first : first + block]
        events = [event for event in codec.decode_block(cut) if isinstance(event, Event)]
        assert len(events) == len(cut)
        entries = [(event, first + index, cut[index]) for index, event in enumerate(events)]
        intake.take(0, entries, first + len(cut))
        intake.tick()
        said += intake.take_outputs()
    intake.finish(0)
    intake.tick()
    said += intake.take_outputs()
    return b"\n".join(msgspec.json.encode(output) for output in said)


@pytest.mark.req("R41", "R48")
@pytest.mark.parametrize("block", [37, 1000])
def test_a_replay_of_the_log_gives_the_same_warnings_byte_for_byte(played, block):
    said, lines, rules, _truth = played
    inside = b"\n".join(msgspec.json.encode(output) for _known_s, output in said)
    assert len(said) > 50
    assert replayed(lines, rules, block) == inside


@pytest.mark.req("R41")
def test_a_dead_line_is_warned_of_by_what_the_systems_told(played):
    said, _lines, _rules, _truth = played
    raised = {output.kind for _known_s, output in said if output.change is Change.RAISED}
    assert {WarningKind.STAGE_OVERDUE, WarningKind.ORDER_HELD} <= raised


def test_the_room_never_knows_before_it_was_told(played):
    said, _lines, _rules, truth = played
    placed_s = {order.id: order.placed_s for order in truth.orders}
    for known_s, output in said:
        if known_s >= 0 and output.entity in placed_s:
            assert known_s > placed_s[output.entity]


@pytest.mark.req("R41")
def test_an_event_means_the_same_before_and_after_it_was_written(one_line):
    """Numbers too: 84 and 84.0 are written alike and would be told differently."""
    events: list[Event] = []
    World(one_line, RunPlan(seed=4, days=6, masks=TROUBLE, sink=events.append)).run()
    read = Codec().decode_block([encode(event) for event in events])
    assert [repr(event) for event in read] == [repr(event) for event in events]


@pytest.mark.req("R08")
def test_a_system_with_little_to_say_is_not_taken_for_a_dead_one(one_queue, one_line):
    """Weather offices and buyers may be quiet for days; their signs of life are not."""
    for network in (one_queue, one_line, load_network("homeware").model_copy(update={"systems": {}})):
        room = ControlRoom(load_rules(None))
        world = World(network, RunPlan(seed=4, days=4, room=room))
        world.run()
        assert world.room_desk is not None
        assert not [said for _s, said in world.room_desk.said if said.kind is WarningKind.SOURCE_SILENT]


def test_every_system_of_the_packaged_networks_gives_signs_of_life():
    for name in ("homeware", "homeware_large", "one_line", "one_queue"):
        assert all(system.heartbeat for system in load_network(name).systems.values())
