"""Lines put aside are kept with their reason, and taken in once they can be read - once."""

import msgspec
import pytest

from benchmarks.event_mix import events
from radar.errors import InputError
from radar.instant import HOUR_US, Instant
from streams.codec import encode
from streams.deadletters import check_reason, list_kept, replay
from streams.store import open_reader, open_store
from streams.summary import read_ledger
from tests.streams.flow import Flow

pytestmark = pytest.mark.req("R51")


@pytest.fixture
def stream():
    return list(events(10, orders_a_day=40))


def naive(line: bytes) -> bytes:
    """Return the line with its own time lacking the offset."""
    return line.replace(b'Z"', b'"', 1)


@pytest.fixture
def flow(tmp_path, stream):
    """A store that was told everything, but four lines in a form it could not read, and one that is rubbish."""
    made = Flow(tmp_path)
    lines = [encode(event) + b"\n" for event in stream]
    for index in (5, 20, 21, 40):
        lines[index] = naive(lines[index])
    made.write([*lines, b"rubbish\n"])
    told = made.run("main")
    assert told.dead_letters == 5
    return made


def ledger_of(flow):
    engine = open_reader(flow.url("main"))
    ledger = read_ledger(engine)
    engine.dispose()
    return ledger


def replay_all(flow, **how):
    store = open_store(flow.url("main"))
    outcome = replay(store, flow.rules, **how)
    store.close()
    return outcome


def test_the_list_counts_by_reason_and_shows_the_lines(flow):
    listing = list_kept(flow.url("main"), None, 2)
    assert listing.reasons == {"bad-json": 1, "naive-time": 4}
    assert [kept.reason for kept in listing.dead_letters] == ["naive-time", "naive-time"]
    assert list_kept(flow.url("main"), "bad-json", 9).dead_letters[0].line == "rubbish"


def test_a_reason_that_no_line_has_is_refused(flow):
    with pytest.raises(InputError, match="no line is kept for 'typo', allowed: bad-json, naive-time"):
        check_reason("typo", list_kept(flow.url("main"), None, 0).reasons)


def test_lines_that_can_be_read_now_are_applied_exactly_once(flow):
    before = ledger_of(flow)
    outcome = replay_all(flow, zone="UTC")
    assert (outcome.applied, outcome.duplicates, outcome.kept) == (4, 0, {"bad-json": 1})
    after = ledger_of(flow)
    assert (after.applied, after.dead, after.is_balanced) == (before.applied + 4, 1, True)
    digest = flow.digest("main")
    assert replay_all(flow, zone="UTC").applied == 0
    assert flow.digest("main") == digest
    assert list_kept(flow.url("main"), None, 9).reasons == {"bad-json": 1}


def test_lines_that_still_cannot_be_read_stay(flow):
    digest = flow.digest("main")
    assert replay_all(flow).kept == {"bad-json": 1, "naive-time": 4}
    assert flow.digest("main") == digest


def test_a_line_whose_event_came_otherwise_is_a_duplicate(flow, stream):
    """The source sent it again, rightly this time, before anybody replayed the first."""
    with flow.events.open("ab") as file:
        file.write(encode(stream[20]) + b"\n")
    flow.run("main")
    outcome = replay_all(flow, zone="UTC")
    assert (outcome.applied, outcome.duplicates) == (3, 1)
    assert ledger_of(flow).is_balanced


def test_a_line_ahead_of_the_clock_waits(tmp_path, stream):
    flow = Flow(tmp_path)
    ahead = msgspec.structs.replace(stream[3], time=Instant(stream[-1].time + HOUR_US))
    flow.write([encode(event) + b"\n" for event in stream] + [naive(encode(ahead)) + b"\n"])
    flow.run("main")
    assert replay_all(flow, zone="UTC").kept == {"ahead-of-clock": 1}


def test_limit_and_reason_choose_what_is_replayed(flow):
    assert replay_all(flow, zone="UTC", reason="bad-json").applied == 0
    assert replay_all(flow, zone="UTC", reason="naive-time", limit=3).applied == 3
    assert list_kept(flow.url("main"), None, 0).reasons == {"bad-json": 1, "naive-time": 1}
