"""`radar demo`: the twin plays the reference network with an incident through the live dataflow into SQLite."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec

from console.options import OUT_FOLDER, FiniteRange, make_folder
from radar.errors import RunFailedError, StoppedError

if TYPE_CHECKING:
    from console.demo.watch import DemoWatch
    from streams.running import Run
    from twin.experiment import Plan, Setting

PATIENCE_S = 120
"""How long the figures of the arms may take after the play is over."""


@click.command("demo")
@click.option("--network", default="homeware", show_default=True, metavar="N", help="Network to play.")
@click.option("--scenario", default="typhoon", show_default=True, metavar="S", help="Incident to play.")
@click.option(
    "--days", type=click.IntRange(2, 60), default=8, show_default=True, metavar="N", help="After the warm-up."
)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, metavar="N", help="Of all chance.")
@click.option(
    "--seconds", type=FiniteRange(0, 3600), default=30, show_default=True, metavar="S", help="Length of the play."
)
@click.option("--dir", "folder", type=OUT_FOLDER, metavar="DIR", help="Keep it here.")
def demo(**asked: Any) -> None:
    """Watch an incident: twin, live dataflow, store, warnings.

    The twin plays a network in accelerated time; what its systems report goes through the same dataflow as `radar run`
    into a SQLite store. Then the figures of the usual run, the incident, and the incident with its warnings answered.
    """
    from twin.experiment import Plan, Setting

    plan = Plan(asked["network"], (asked["scenario"],), "default", 1, asked["days"], asked["seed"])
    setting = Setting(plan)
    folder = asked["folder"] or Path(tempfile.mkdtemp(prefix="radar-demo-"))
    make_folder(folder)
    store = folder / "demo.db"
    click.echo(f"{setting.network.name}: {setting.scenarios[0].file.title}; store {store}; Ctrl-C ends")
    try:
        with _judge(plan, folder) as judge:
            with _player(plan, asked["seconds"]) as events:
                _watch(setting, events, f"sqlite:///{store}")
            _show_figures(judge, folder)
    except StoppedError as error:
        raise StoppedError(f"stopped; what was seen so far is in {store}") from error
    click.echo(f"look closer: radar explain ORDER --store sqlite:///{store}; intervals: radar whatif {plan.network}")
    click.echo(f"the page of the figures: {folder / 'report.html'}")


def _watch(setting: "Setting", events: IO[bytes], store_url: str) -> None:
    """Run the dataflow over the player's lines, in front of the person's eyes."""
    from scenarios.rules import load_rules
    from streams.pace import Pace
    from streams.running import Run, RunSettings
    from streams.specs import parse_spec

    settings = RunSettings(
        specs=(parse_spec("-"),),
        store_url=store_url,
        rules=load_rules(),
        pace=Pace(is_live=False, until_eof=True, factor=None, epoch_s=0.5, block_lines=1000),
        lateness_us=3_600_000_000,
        owns_process=True,
        manifest={"speed": "demo"},
    )
    keep = os.dup(0)
    os.dup2(events.fileno(), 0)  # the dataflow reads standard input: the player's pipe stands there meanwhile
    try:
        with _screen(setting) as screen:
            run = Run(settings, screen.on_batch)
            with _stopping(run):
                run.start()
    finally:
        os.dup2(keep, 0)
        os.close(keep)


def _screen(setting: "Setting") -> "DemoWatch":
    from console.demo.watch import DemoWatch
    from radar.instant import DAY_US, Instant
    from twin.context import epoch_of

    epoch = epoch_of(setting.network)
    return DemoWatch(
        title=setting.scenarios[0].file.title,
        windows=setting.compiled(0).windows,
        epoch=epoch,
        begin_at=Instant(epoch + setting.network.warm_up_days * DAY_US),
        end_at=Instant(epoch + setting.days * DAY_US),
        zone=setting.network.zone,
    )


@contextmanager
def _stopping(run: "Run") -> Iterator[None]:
    """Turn Ctrl-C into a commit of what has been read; a second one ends at once."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.default_int_handler)
        run.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _child(arguments: list[str], **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run another process of ours; it never outlives this block."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, **streams) as child:  # noqa: S603 - our own interpreter, our own modules
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()


@contextmanager
def _player(plan: "Plan", seconds: float) -> Iterator[IO[bytes]]:
    """Yield the lines of a player."""
    what = [plan.network, plan.scenarios[0], str(plan.seed), str(plan.days), str(seconds)]
    with _child(["console.demo.player", *what], stdout=subprocess.PIPE) as player:
        assert player.stdout is not None, "asked for a pipe"
        yield player.stdout
        if player.wait(timeout=PATIENCE_S) != 0:
            raise RunFailedError("the twin ended early; see its message above")


@contextmanager
def _judge(plan: "Plan", folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Find the figures of all arms under the same luck, beside the play."""
    asked = ["--days", str(plan.days), "--seed", str(plan.seed), "--replications", "1", "--jobs", "1"]
    asked += ["--experience", "0"]  # the radar on the screen knows no more than what it heard in the warm-up
    command = ["whatif", plan.network, "--scenario", plan.scenarios[0], *asked, "--out", str(folder)]
    with _child(["console.cli", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as judge:
        yield judge


def _show_figures(judge: subprocess.Popen[bytes], folder: Path) -> None:
    from rich.console import Console

    from console.demo.figures import figures_table
    from twin.whatif import WhatIf

    try:
        _out, said = judge.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired as error:
        raise RunFailedError(f"the figures took longer than {PATIENCE_S} s") from error
    if judge.returncode != 0:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise RunFailedError(f"the figures could not be found: {' '.join(last)}")
    result = msgspec.json.decode((folder / "result.json").read_bytes(), type=WhatIf)
    Console(highlight=False).print(figures_table(result))
