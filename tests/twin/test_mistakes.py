"""Reports that arrive wrong: which errors there are, what becomes of them, and that the truth does not care."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from radar.events import Event
from radar.events.order import OrderPlaced
from radar.instant import HOUR_US, SECOND_US
from radar.intake import Intake
from radar.room import ControlRoom
from scenarios.rules import load_rules
from streams.codec import Codec, encode
from streams.second_look import Rejection
from twin.masks import FeedFault, FeedMask, Masks
from twin.mistakes import BadReport, Mistake, wrong
from twin.world import LATENESS_S, RunPlan, World

DAY_S = 86_400
REFUSED_AS = {
    Mistake.CUT: {"bad-json", "not-utf8"},
    Mistake.NO_OFFSET: {"naive-time"},
    Mistake.PLACEHOLDER: {"time-out-of-range"},
    Mistake.NEGATIVE: {"bad-field"},
    Mistake.STATUS: {"unknown-kind"},
}


def errors(permille: int) -> Masks:
    """A wave of errors from every system, from the third to the sixth day."""
    systems = ("shop", "oms", "wms", "mes", "carrier", "procurement", "weather", "crm")
    return Masks(
        feeds=tuple(
            FeedMask(name, 3 * DAY_S, 6 * DAY_S, FeedFault.DEGRADE, error_permille=permille) for name in systems
        )
    )


def reported(network, permille, days=8):
    """Return what was recorded, bad reports in their places, and what truly happened."""
    found: list[Any] = []
    plan = RunPlan(seed=4, days=days, masks=errors(permille), sink=found.append, bad_sink=found.append)
    return found, World(network, plan).run()


@pytest.fixture(scope="module")
def wave(one_line):
    return reported(one_line, 300)


@pytest.fixture(scope="module")
def calm(one_line):
    return reported(one_line, 0)


def right_of(report: Any) -> Event:
    return report.event if isinstance(report, BadReport) else report


def test_the_share_is_wrong_inside_the_wave_and_nothing_outside(wave, calm):
    right = {event.id: event for event in calm[0]}
    wrongly = [report for report in wave[0] if report != right[right_of(report).id]]
    told_at = sorted(right[right_of(report).id].time for report in wrongly)
    assert told_at[-1] - told_at[0] < 3 * DAY_S * SECOND_US
    during = [event for event in calm[0] if told_at[0] <= event.time <= told_at[-1]]
    assert len(wrongly) / len(during) == pytest.approx(0.3, abs=0.03)


@pytest.mark.req("R42")
def test_every_mistake_of_the_list_happens(wave, calm):
    right = {event.id: event for event in calm[0]}
    bad = Counter(report.mistake for report in wave[0] if isinstance(report, BadReport))
    assert set(bad) == set(REFUSED_AS)
    changed = [(right[report.id], report) for report in wave[0] if isinstance(report, Event)]
    assert any(now.time == was.time - 8 * HOUR_US for was, now in changed)  # Asia/Shanghai
    assert any(now.subject != was.subject and sorted(now.subject) == sorted(was.subject) for was, now in changed)
    assert any(type(now.data) is not type(was.data) for was, now in changed)
    kept = [(was.data, now.data) for was, now in changed if type(was.data) is type(now.data)]
    placed = [(was, now) for was, now in kept if isinstance(was, OrderPlaced) and isinstance(now, OrderPlaced)]
    assert any(now.lines[0].quantity == 100 * was.lines[0].quantity for was, now in placed)
    assert any(now.customer_id == "" for _was, now in placed)
    assert any(getattr(now, "site", "") == "HUB_A" for _was, now in kept)


def test_a_bad_report_is_refused_for_its_own_reason_and_the_others_are_events(wave):
    codec = Codec()
    for report in wave[0]:
        if isinstance(report, BadReport):
            read = codec.decode(report.line(encode(report.event)))
            assert isinstance(read, Rejection)
            assert read.reason in REFUSED_AS[report.mistake]
        else:
            assert repr(codec.decode(encode(report))) == repr(report)


@pytest.mark.parametrize("how", [0.0, 0.5, 1 - 2**-53])
def test_every_event_can_be_wrong_in_some_way_whatever_the_luck(calm, how):
    for number, event in enumerate(calm[0][:2000]):
        report = wrong(event, event.time, (number % 11) / 11, how)
        assert isinstance(report, BadReport) or report != event
        if isinstance(report, BadReport):
            assert isinstance(Codec().decode(report.line(encode(event))), Rejection)


def test_more_errors_keep_the_errors_of_fewer(one_line, wave, calm):
    """Luck by index: a report that is wrong at a tenth is wrong in the same way at three tenths."""
    right = {event.id: event for event in calm[0]}
    few = [report for report in reported(one_line, 100)[0] if report != right[right_of(report).id]]
    many = {repr(report) for report in wave[0]}
    assert few
    assert all(repr(report) in many for report in few)


@pytest.mark.req("R41", "R42")
def test_errors_change_no_truth(wave, calm):
    def paths(truth):
        return [(order.id, tuple(order.stamps), order.complained_s) for order in truth.orders]

    assert paths(wave[1]) == paths(calm[1])
    assert wave[1].check() == []


@pytest.mark.req("R41", "R48", "R51")
@pytest.mark.parametrize("block", [37, 1000])
def test_a_replay_of_the_log_lays_bad_lines_aside_and_warns_byte_for_byte_as_the_room_inside(one_line, block):
    rules = load_rules(None)
    lines: list[bytes] = []
    plan = RunPlan(
        seed=4,
        days=9,
        masks=errors(30),
        room=ControlRoom(rules),
        sink=lambda event: lines.append(encode(event)),
        bad_sink=lambda report: lines.append(report.line(encode(report.event))),
    )
    world = World(one_line, plan)
    world.run()
    assert world.room_desk is not None
    inside = [msgspec.json.encode(output) for _known_s, output in world.room_desk.said]
    intake = Intake(ControlRoom(rules), ["log"], LATENESS_S * SECOND_US)
    refused, said = 0, []
    for first in range(0, len(lines), block):
        read = Codec().decode_block(lines[first : first + block])
        events = [(event, first + index, b"") for index, event in enumerate(read) if isinstance(event, Event)]
        refused += len(read) - len(events)
        intake.take(0, events, first + len(read))
        intake.tick()
        said += intake.take_outputs()
    intake.finish(0)
    intake.tick()
    said += intake.take_outputs()
    assert refused > 20
    assert len(inside) > 50
    assert [msgspec.json.encode(output) for output in said] == inside
