"""What the live side costs: CPU per event of every layer, durability, restart, memory, latency.

Run it with ``.venv/bin/python benchmarks/stream.py`` (``--quick`` for a look; ``--write`` puts the tables into
docs/benchmarks.md). Figures are CPU time (user + system), best of five, and ratios of one run; a machine with other
work on it shows that in the wall times only.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.event_mix import write_events
from benchmarks.stream_latency import latency_table
from benchmarks.stream_restart import restart_table
from radar.batch import Batch
from radar.events import Event
from radar.instant import HOUR_US
from radar.intake import Intake
from radar.room import ControlRoom
from scenarios.rules import load_rules
from streams.codec import Codec
from streams.committer import Committer
from streams.dataflow import run_bytewax
from streams.pace import Pace
from streams.plain import run_plain
from streams.running import Runner
from streams.sources import FilesSource
from streams.specs import parse_spec
from streams.steps import DecodeStep, RoomStep
from streams.store import open_store

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- stream: begin -->", "<!-- stream: end -->"
NEVER_S = 1e9
Job = Callable[[], None]


class Figure(NamedTuple):
    """What one layer costs."""

    name: str
    us: float
    """Microseconds of CPU an event."""


class NoCommitter(Committer):
    """Takes batches and keeps nothing: the flow without its store."""

    def __init__(self) -> None:
        self.batches = 0

    def commit(self, batch: Batch) -> None:
        """Count a batch and drop it."""
        assert batch is not None
        self.batches += 1


class Bench:
    """One file of events and everything that can be done to it."""

    def __init__(self, folder: Path, order_count: int, repeats: int) -> None:
        self.folder = folder
        self.events = folder / "events.jsonl"
        self.repeats = repeats
        self.event_count = write_events(self.events, order_count)
        self.rules = load_rules()
        self._stores = 0

    def measure(self, jobs: Mapping[str, Job]) -> list[Figure]:
        """Return the cheapest of several runs of each job.

        The jobs take turns, so that what else the machine does meanwhile falls on all of them.
        """
        spent = dict.fromkeys(jobs, NEVER_S)
        for turn in range(self.repeats):
            print(f"  turn {turn + 1} of {self.repeats}", file=sys.stderr)
            for name, job in jobs.items():
                began_s = time.process_time()
                job()
                spent[name] = min(spent[name], time.process_time() - began_s)
        return [Figure(name, cost_s / self.event_count * 1e6) for name, cost_s in spent.items()]

    def decode(self) -> None:
        """Turn lines into events and nothing else."""
        lines = self.events.read_bytes().split(b"\n")
        codec = Codec(None)
        for start in range(0, len(lines), 1000):
            codec.decode_block(lines[start : start + 1000])

    def loop(self) -> None:
        """Do the least that gives the same warnings: parse each line, hand each event to the room."""
        codec, room = Codec(None), ControlRoom(self.rules)
        lines = self.events.read_bytes().split(b"\n")
        for start in range(0, len(lines), 1000):
            for event in codec.decode_block(lines[start : start + 1000]):
                if type(event) is Event:
                    room.observe(event)

    def flow(self, runner: Runner, block_lines: int, *, epoch_s: float = NEVER_S, is_durable: bool = False) -> None:
        """Run the whole flow, with a store or without."""
        pace = Pace(epoch_s=epoch_s, block_lines=block_lines)
        source = FilesSource([parse_spec(str(self.events))], {}, pace)
        intake = Intake(ControlRoom(self.rules), (), HOUR_US)
        step, decode = RoomStep(intake, source.streams), DecodeStep(source.zones)
        if not is_durable:
            runner(source, decode, step, NoCommitter())
            return
        self._stores += 1
        store = open_store(f"sqlite:///{self.folder}/bench{self._stores}.db")
        committer = Committer(store.writer("files"))
        runner(source, decode, step, committer)
        committer.close()
        store.close()


def cost_table(bench: Bench) -> str:
    """Return the CPU costs as a Markdown table, ratios to the bare loop and to the durable loop."""
    jobs: dict[str, Job] = {
        "decode alone": bench.decode,
        "bare loop: decode, control room": bench.loop,
        "plain engine, blocks of 1000": partial(bench.flow, run_plain, 1000),
    }
    jobs |= {f"Bytewax, blocks of {size}": partial(bench.flow, run_bytewax, size) for size in (1, 100, 1000, 5000)}
    volatile = len(jobs)
    jobs |= {
        f"{name}, a commit every {epoch_s:g} s": partial(bench.flow, runner, 1000, epoch_s=epoch_s, is_durable=True)
        for epoch_s in (1.0, 0.2)
        for name, runner in (("plain engine", run_plain), ("Bytewax", run_bytewax))
    }
    figures = bench.measure(jobs)
    rows = ["| layer | us of CPU an event | events/s a core | of the bare loop |", "| --- | ---: | ---: | ---: |"]
    rows += [_row(figure, figures[1]) for figure in figures[:volatile]]
    rows += ["", "| durable, SQLite | us of CPU an event | events/s a core | of the plain engine, same writer |"]
    rows += ["| --- | ---: | ---: | ---: |"]
    pairs = zip(figures[volatile::2], figures[volatile + 1 :: 2], strict=True)
    rows += [_row(figure, plain) for plain, engine in pairs for figure in (plain, engine)]
    return "\n".join(rows)


def _row(figure: Figure, base: Figure) -> str:
    return f"| {figure.name} | {figure.us:.2f} | {1e6 / figure.us:,.0f} | {base.us / figure.us:.2f} |"


def report(*, is_quick: bool) -> str:
    """Measure everything and return it as Markdown."""
    order_count, repeats = (1000, 2) if is_quick else (5000, 5)
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder), order_count, repeats)
        costs = cost_table(bench)
        event_count = bench.event_count
    with TemporaryDirectory() as folder:
        restarts = restart_table(Path(folder), (100_000,) if is_quick else (100_000, 1_000_000))
    with TemporaryDirectory() as folder:
        latencies = latency_table(Path(folder), seconds=5 if is_quick else 20)
    cores = f"{os.cpu_count()} cores under a load of {os.getloadavg()[0]:.1f}"
    machine = f"{platform.machine()}, {cores}, Python {platform.python_version()}, {platform.system()}"
    return "\n".join(
        (
            f"`.venv/bin/python benchmarks/stream.py` on {machine}; {event_count:,} events of {order_count:,} invented "
            f"orders (`benchmarks/event_mix.py`), best of {repeats}, full detection with the packaged rules.",
            "",
            costs,
            "",
            restarts,
            "",
            latencies,
        )
    )


def write_page(text: str) -> None:
    """Put the tables between the marks of docs/benchmarks.md."""
    page = (
        PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Benchmarks\n\n## The live side\n\n{BEGIN}\n{END}\n"
    )
    if BEGIN not in page:
        page += f"\n## The live side\n\n{BEGIN}\n{END}\n"
    head, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main() -> None:
    """Measure, print, and write the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer events, fewer repeats, no million")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    asked = parser.parse_args()
    text = report(is_quick=asked.quick)
    print(text)
    if asked.write:
        write_page(text)


if __name__ == "__main__":
    main()
