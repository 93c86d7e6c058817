"""A deadline passes and nobody says a word: the warning comes all the same, live and in replay, stamped when due."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from radar.events import Event
from radar.events.order import OrderPlaced, OrderValidated
from radar.events.world import SourceHeartbeat
from radar.instant import HOUR_US, SECOND_US, Instant, to_datetime
from radar.intake import Intake
from radar.room import ControlRoom
from scenarios.rules import load_rules
from streams.codec import encode
from streams.pace import Pace
from streams.sources import FilesSource
from streams.specs import parse_spec
from streams.steps import DecodeStep, RoomStep
from streams.store.runs import wall_clock
from streams.store.stamp import stamp
from tests.streams.flow import Flow

pytestmark = pytest.mark.req("R02")
RULES = """
grace: 2s
standards:
  - {stage: validated, within: 3s}
"""
START = Instant(1_709_251_200_000_000)
DUE = Instant(START + 5 * SECOND_US)
"""Three seconds and two of grace after the order was placed."""


@pytest.fixture
def rules_path(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    return path


def placed(at: Instant, order_id: str = "SO-1") -> bytes:
    promise_at = to_datetime(Instant(at + 240 * HOUR_US))
    return encode(Event(at, f"e-{order_id}", "shop", order_id, OrderPlaced(promise_at=promise_at))) + b"\n"


class WallClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Instant:
        return self.now

    def seconds(self) -> float:
        return self.now / SECOND_US


def test_live_the_wall_clock_alone_raises_the_warning(tmp_path, rules_path):
    clock = WallClock()
    path = tmp_path / "events.jsonl"
    path.write_bytes(placed(START))
    pace = Pace(is_live=True, until_eof=False, epoch_s=0.0, wall=clock, monotonic=clock.seconds)
    source = FilesSource([parse_spec(str(path))], {}, pace)
    intake = Intake(ControlRoom(load_rules(rules_path)), (), 0, is_live=True)
    room, decode = RoomStep(intake, source.streams), DecodeStep(source.zones)
    said = []
    for _ in range(100):
        while (block := source.next_block()) is not None:
            batch = room.apply(decode.decode(block))
            said += [] if batch is None else [(clock.now, output) for output in batch.outputs]
        clock.now = Instant(clock.now + SECOND_US // 10)
    source.close()
    ((told_at, warning),) = [one for one in said if one[1].kind == "stage-overdue"]
    assert (warning.due_at, warning.at) == (DUE, DUE)
    assert DUE < told_at <= DUE + SECOND_US // 5, "within two ticks"


def test_in_replay_the_data_of_others_raise_it(tmp_path, rules_path):
    flow = Flow(tmp_path, load_rules(rules_path))
    other = Event(Instant(START + 60 * SECOND_US), "beat", "wms", "wms", SourceHeartbeat())
    flow.write([placed(START), encode(other) + b"\n"])
    flow.run("replay", lateness_us=0)
    with sqlite3.connect(tmp_path / "replay.db") as store:
        rows = store.execute("SELECT due_at, at FROM warning_changes WHERE kind = 'stage-overdue'").fetchall()
    assert rows == [(stamp(DUE), stamp(DUE))]


@pytest.mark.parametrize(("late_us", "warned"), [(0, {}), (1, {"stage-overdue": 1})])
def test_on_the_dot_is_on_time_and_a_microsecond_later_is_not(tmp_path, rules_path, late_us, warned):
    flow = Flow(tmp_path, load_rules(rules_path))
    validated = Event(Instant(DUE + late_us), "v-1", "desk", "SO-1", OrderValidated())
    flow.write([placed(START), encode(validated) + b"\n"])
    assert flow.run("replay", lateness_us=0).warnings == warned


def wait_for(process, done, seconds=30.0):
    """Poll until ``done()`` says something; the process must not end meanwhile."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if found := done():
            return found
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(process.stderr.read())
    raise AssertionError("nothing came")


def rows_of(path: Path, query: str):
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            return store.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def test_a_real_run_warns_on_time_and_stops_on_ctrl_c(tmp_path, rules_path):
    """The real clock, the real engine, a real file that grows."""
    events, store = tmp_path / "events.jsonl", tmp_path / "radar.db"
    events.write_bytes(b"")
    arguments = ["run", "--from", events, "--store", f"sqlite:///{store}", "--rules", rules_path, "--lateness", "0s"]
    process = subprocess.Popen(
        [sys.executable, "-m", "console.cli", *map(str, arguments), "--out", tmp_path / "warnings.jsonl"],
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(process, lambda: rows_of(store, "SELECT * FROM runs WHERE status = 'running'"))
    placed_at = Instant(wall_clock() - 4 * SECOND_US)
    with events.open("ab") as file:
        file.write(placed(placed_at))
    assert wait_for(process, lambda: rows_of(store, "SELECT order_id FROM orders")) == [("SO-1",)]
    query = "SELECT due_at FROM warnings WHERE kind = 'stage-overdue'"
    assert wait_for(process, lambda: rows_of(store, query)) == [(stamp(Instant(placed_at + 5 * SECOND_US)),)]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped; everything read is committed, the same command goes on from there" in told
    assert rows_of(store, "SELECT status FROM runs") == [("stopped",)]
    (line,) = [json.loads(text) for text in (tmp_path / "warnings.jsonl").read_text().splitlines()]
    assert (line["version"], line["kind"], line["change"]) == (1, "stage-overdue", "raised")
