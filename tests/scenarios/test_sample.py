"""The bundled sample: invented, reproducible, small, and every kind of warning occurs in it."""

import gzip
from collections import Counter

import pytest

from radar.events import Event
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.room import ControlRoom
from scenarios.rules import load_rules
from streams.codec import Codec
from streams.second_look import Rejection
from tools.make_sample import OUT, make

EXPECTED = {
    WarningKind.STAGE_OVERDUE,
    WarningKind.PREDICTED_LATE,
    WarningKind.ORDER_HELD,
    WarningKind.ORDER_SUSPECT,
    WarningKind.ORDER_SILENT,
    WarningKind.SOURCE_SILENT,
}


def decoded() -> list[Event | Rejection]:
    lines = gzip.decompress(OUT.read_bytes()).splitlines()
    return [found for found in Codec().decode_block(lines) if found is not None]


@pytest.fixture(scope="module")
def warnings() -> list[WarningChange]:
    events = {event.id: event for event in decoded() if isinstance(event, Event)}
    room = ControlRoom(load_rules())
    ordered = sorted(events.values(), key=lambda event: (event.time, event.id))
    return [warning for event in ordered for warning in room.observe(event)]


def test_the_generator_writes_the_committed_file_again(tmp_path):
    again = tmp_path / OUT.name
    make(again)
    same = gzip.decompress(again.read_bytes()) == gzip.decompress(OUT.read_bytes())
    assert same, "rules or generator changed: run `python tools/make_sample.py` and say in the commit why it moved"


def test_the_sample_is_small():
    assert OUT.stat().st_size < 300_000


@pytest.mark.req("R02", "R05", "R08", "R25")
def test_every_kind_of_warning_occurs(warnings):
    raised = Counter(warning.kind for warning in warnings if warning.change is Change.RAISED)
    assert set(raised) >= EXPECTED


@pytest.mark.req("R05")
def test_some_late_orders_are_foreseen_in_time_and_some_only_at_short_notice(warnings):
    foreseen = [
        warning.is_short_notice
        for warning in warnings
        if warning.kind is WarningKind.PREDICTED_LATE and warning.change is Change.RAISED
    ]
    assert 0 < sum(foreseen) < len(foreseen)


@pytest.mark.req("R04")
def test_some_warnings_are_critical_for_the_customer_they_are_about(warnings):
    overdue = [warning.level for warning in warnings if warning.kind is WarningKind.STAGE_OVERDUE]
    assert {Level.WARNING, Level.CRITICAL} <= set(overdue)


@pytest.mark.req("R51")
def test_it_holds_bad_lines_duplicates_and_disorder_as_real_feeds_do():
    found = decoded()
    events = [event for event in found if isinstance(event, Event)]
    reasons = {rejection.reason for rejection in found if isinstance(rejection, Rejection)}
    assert {"bad-json", "unknown-kind", "bad-field", "naive-time"} <= reasons
    assert len({event.id for event in events}) < len(events)
    assert [event.time for event in events] != sorted(event.time for event in events)
