"""`radar demo`: the twin through the live dataflow into a store, in front of a person."""

import io
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from rich.console import Console

from console.cli import main
from console.demo.player import PacedLines
from console.demo.watch import DemoWatch
from radar.batch import Batch, Checkpoint, Counters
from radar.events import Event
from radar.events.world import SourceHeartbeat
from radar.instant import DAY_US, HOUR_US, Instant
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.wording import reason
from twin.effect_masks import Window

EPOCH = Instant(1_700_000_000_000_000)


def beat(hour: float, *, recorded: float | None = None) -> Event:
    at = Instant(EPOCH + round(hour * HOUR_US))
    told = None if recorded is None else Instant(EPOCH + round(recorded * HOUR_US))
    return Event(at, f"e{hour}", "shop", "shop", SourceHeartbeat(), told)


def test_the_player_waits_for_the_turn_of_every_hour_and_never_in_the_warm_up():
    waits: list[float] = []
    now = [100.0]
    out = io.BytesIO()

    def wait(seconds: float) -> None:
        waits.append(round(seconds, 3))
        now[0] += seconds

    lines = PacedLines(out, Instant(EPOCH + 2 * HOUR_US), 0.5, lambda: now[0], wait)
    for hour in (0.0, 1.5, 2.0, 2.5):
        lines.write(beat(hour))
    assert waits == []  # the first paced hour starts the clock
    lines.write(beat(2.9, recorded=3.1))
    assert waits == [0.5]
    assert out.getvalue().count(b"\n") == 4  # what the earlier hours brought is out before the wait
    now[0] += 0.7  # the twin took longer than an hour of the play: no wait
    lines.write(beat(4.0))
    lines.write(beat(6.0))
    assert waits == [0.5, 0.8]
    lines.flush()
    assert out.getvalue().count(b"\n") == 7


def batch(day: float, *warnings: WarningChange) -> Batch:
    clock = Instant(EPOCH + round(day * DAY_US))
    return Batch(warnings, (), (), (), Checkpoint((), Counters(applied=1234), clock, clock))


def predicted(day: float, lead_h: float) -> WarningChange:
    at = Instant(EPOCH + round(day * DAY_US))
    return WarningChange(
        "w", 0, Change.RAISED, WarningKind.PREDICTED_LATE, "O-1", "promise", Level.WARNING, at, at,
        (reason("source.heard", source="the sky"),), Instant(at + round(lead_h * HOUR_US)), 0.9,
    )  # fmt: skip


@pytest.fixture(params=[True, False], ids=["terminal", "plain"])
def watched(request):
    console = Console(file=io.StringIO(), force_terminal=request.param, width=160)
    windows = [Window("storm.a", 3 * 86_400, 3 * 86_400, 4 * 86_400, 4 * 86_400, 1.0)]
    begin, end = Instant(EPOCH + DAY_US), Instant(EPOCH + 9 * DAY_US)
    watch = DemoWatch(
        title="Storm", windows=windows, epoch=EPOCH, begin_at=begin, end_at=end, zone="Asia/Shanghai", console=console
    )
    return watch, console


def test_warnings_come_with_their_lead_and_reason_and_the_incident_with_its_hour(watched):
    watch, console = watched
    with watch:
        watch.on_batch(batch(0.5, predicted(0.5, 99)))
        watch.on_batch(batch(2.0))
        watch.on_batch(batch(3.5, predicted(3.4, 40)))
    said = console.file.getvalue()
    assert "40 h left" in said
    assert "the sky speaks again" in said
    assert "storm.a" in said
    assert "1,234 events" in said
    assert "99 h left" not in said  # the warm-up is for learning


@pytest.mark.slow
@pytest.mark.req("R41", "R48")
def test_the_demo_plays_through_the_live_dataflow_into_a_store(tmp_path):
    arguments = ["--network", "one_line", "--scenario", "courier-strike", "--days", "8", "--seconds", "0"]
    command = [sys.executable, "-m", "console.cli", "demo", *arguments, "--dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    assert "INCIDENT  courier-strike.strike" in said
    assert "predicted-late" in said
    assert "h left" in said
    assert "Complaints caused by delay" in said
    with sqlite3.connect(tmp_path / "demo.db") as store:
        (orders,) = store.execute("SELECT count(*) FROM orders").fetchone()
        (engine, status) = store.execute("SELECT engine, status FROM runs").fetchone()
        lines, parts = store.execute("SELECT lines, applied + duplicates + dead + pending FROM counters").fetchone()
    assert orders > 500
    assert (engine, status) == ("bytewax", "done")
    assert lines == parts


@pytest.mark.slow
def test_ctrl_c_ends_the_demo_and_leaves_no_process_behind(tmp_path):
    command = [sys.executable, "-m", "console.cli", "demo", "--seconds", "60", "--dir", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        assert demo.stdout is not None
        while "day 1" not in demo.stdout.readline():
            assert demo.poll() is None
        os.killpg(demo.pid, signal.SIGINT)  # as a terminal does: to the whole group
        _out, said = demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert "stopped; what was seen so far is in" in said
    assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def test_a_wrong_scenario_is_told_before_anything_is_made(tmp_path, capsys):
    assert main(["demo", "--scenario", "typhon", "--dir", str(tmp_path / "d")]) == 2
    assert "did you mean typhoon?" in capsys.readouterr().err
    assert not (tmp_path / "d").exists()
