"""How long live takes: from a line in the file, or a deadline that passes, to the durable store."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from radar.events import Event
from radar.events.order import OrderPlaced
from radar.instant import DAY_US, SECOND_US, Instant, to_datetime
from streams.codec import encode
from streams.store.runs import wall_clock
from streams.store.stamp import parse_stamp

RULES = """
grace: 0s
standards:
  - {stage: validated, within: 1s}
"""
LINES_A_SECOND = 100
POLL_S = 0.002
ROOT = Path(__file__).resolve().parent.parent


class Seen(NamedTuple):
    """Latencies in seconds."""

    lines: list[float]
    deadlines: list[float]


class Watcher:
    """Looks into the store again and again and notes what has become durable since."""

    def __init__(self, store: Path) -> None:
        self.seen = Seen([], [])
        self._written: list[tuple[int, float]] = []
        """Offset behind each line, and when it was written."""
        self._database = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        self._last_row = 0

    def wrote(self, end_offset: int) -> None:
        """Note a line."""
        self._written.append((end_offset, time.monotonic()))

    def look(self) -> None:
        """Take note of the lines and warnings that became durable."""
        row = self._database.execute("SELECT low_offset FROM positions WHERE partition = 'files'").fetchone()
        now_s, now = time.monotonic(), wall_clock()
        while row and self._written and self._written[0][0] <= row[0]:
            self.seen.lines.append(now_s - self._written.pop(0)[1])
        query = "SELECT rowid, due_at FROM warning_changes WHERE rowid > ? AND kind = 'stage-overdue' ORDER BY rowid"
        for number, due_at in self._database.execute(query, (self._last_row,)):
            self._last_row = number
            self.seen.deadlines.append((now - parse_stamp(due_at)) / SECOND_US)


def measure(folder: Path, seconds: float) -> Seen:
    """Return the latencies of a real run over a file that grows."""
    events, store, rules = folder / "live.jsonl", folder / "live.db", folder / "rules.yaml"
    events.write_bytes(b"")
    rules.write_text(RULES, encoding="utf-8")
    arguments = ["run", "--from", events, "--store", f"sqlite:///{store}", "--rules", rules, "--lateness", "0s"]
    process = subprocess.Popen(
        [sys.executable, "-m", "console.cli", *map(str, arguments)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_running(store)
        watcher = Watcher(store)
        with events.open("ab", buffering=0) as file:
            _feed(file.write, watcher, seconds)
        until_s = time.monotonic() + 2
        while time.monotonic() < until_s:
            watcher.look()
            time.sleep(POLL_S)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    return watcher.seen


def _feed(write: Callable[[bytes], int | None], watcher: Watcher, seconds: float) -> None:
    """Write a placed order every now and then, look into the store in between."""
    offset, number = 0, 0
    began_s = time.monotonic()
    while (elapsed_s := time.monotonic() - began_s) < seconds:
        if elapsed_s * LINES_A_SECOND > number:
            number += 1
            now = wall_clock()
            data = OrderPlaced(promise_at=to_datetime(Instant(now + 10 * DAY_US)))
            line = encode(Event(now, f"e-{number}", "shop", f"SO-{number}", data)) + b"\n"
            write(line)
            offset += len(line)
            watcher.wrote(offset)
        watcher.look()
        time.sleep(POLL_S)


def _wait_until_running(store: Path) -> None:
    while True:
        time.sleep(0.05)
        if not store.exists():
            continue
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
            names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
            if "runs" in names and database.execute("SELECT 1 FROM runs").fetchone():
                return


def latency_table(folder: Path, seconds: float) -> str:
    """Return the latencies as a Markdown table."""
    seen = measure(folder, seconds)
    rows = [
        f"Live, {LINES_A_SECOND} lines a second for {seconds:g} s, lateness 0, a commit every 0.2 s, a tick every "
        f"0.1 s, the store polled every {POLL_S * 1000:g} ms:",
        "",
        "| live latency | n | p50 s | p99 s | max s |",
        "| --- | ---: | ---: | ---: | ---: |",
        _row("line written -> durable", seen.lines),
        _row("deadline passed -> durable warning, no further event of the order", seen.deadlines),
    ]
    return "\n".join(rows)


def _row(name: str, latencies: list[float]) -> str:
    ranked = sorted(latencies)
    p50, p99 = (ranked[min(len(ranked) - 1, int(len(ranked) * share))] for share in (0.5, 0.99))
    return f"| {name} | {len(ranked)} | {p50:.3f} | {p99:.3f} | {ranked[-1]:.3f} |"
