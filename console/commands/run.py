"""`radar run`: order events in, warnings out, live or from files."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from console.models import read_given, tell
from console.options import DURATION, MODEL
from radar.errors import InputError
from radar.instant import HOUR_US, SECOND_US
from scenarios.rules import load_rules
from streams.pace import Pace
from streams.running import Run, RunSettings, check_specs
from streams.specs import parse_spec
from streams.summary import RunSummary

if TYPE_CHECKING:
    from streams.committer import Listener

LATENESS_LIVE_US = 2 * SECOND_US
LATENESS_REPLAY_US = HOUR_US
EPOCH_LIVE_US = SECOND_US // 5
EPOCH_REPLAY_US = SECOND_US


class Mode(NamedTuple):
    """What ``--speed`` and ``--until-eof`` mean together."""

    is_live: bool
    factor: float | None


@click.command("run", context_settings={"ignore_unknown_options": False})
@click.option(
    "--from",
    "specs",
    multiple=True,
    required=True,
    metavar="SPEC",
    help="FILE.jsonl, FILE.jsonl.gz, a folder that grows, or -; repeatable; ?zone=Area/City behind it.",
)
@click.option("--store", "store_url", required=True, metavar="URL", help="sqlite:///file; made where it is not there.")
@click.option("--until-eof", is_flag=True, help="End with the files instead of waiting for more.")
@click.option(
    "--speed",
    metavar="max|live|N",
    help="max: time from the data [with --until-eof]; live: the wall clock [else]; N: recorded time, N times as fast.",
)
@click.option(
    "--lateness",
    type=DURATION,
    metavar="D",
    help="How late an event may come and still be put in order [live 2s, else 1h].",
)
@click.option("--epoch", type=DURATION, metavar="D", help="Time between two commits [live 0.2s, else 1s].")
@click.option(
    "--rules", "rules_path", type=click.Path(path_type=Path), metavar="F", help="Rules over the packaged ones."
)
@click.option("--model", type=MODEL, metavar="MODEL", help="What a new store begins with, from `radar learn`.")
@click.option("--zone", metavar="Z", help="Zone of sources whose times have no offset.")
@click.option(
    "--engine",
    type=click.Choice(["bytewax", "plain"]),
    default="bytewax",
    show_default=True,
    help="What carries the events.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="F.jsonl", help="Also write every change of a warning as a line."
)
@click.option(
    "--block-lines",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="Lines in a block.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the totals as one JSON object.")
def run(**asked: Any) -> None:
    """Watch order events, live or from files, and raise warnings.

    Everything is kept in the store, which is also the checkpoint: killed or stopped, the same command goes on from the
    last commit and loses or doubles nothing. Standard input cannot be read twice: what a kill cut off there is gone.
    """
    settings = _settings(**asked)
    with _progress(settings) as listen:
        running = Run(settings, listen)
        with _stopping(running):
            summary = running.start()
    if asked["as_json"]:
        click.echo(msgspec.json.encode(summary).decode())
    else:
        _tell(summary, settings)


def _settings(**asked: Any) -> RunSettings:
    """Return the settings of the options, checked."""
    mode = _mode(asked["speed"], until_eof=asked["until_eof"])
    moves_by_wall = mode.is_live or mode.factor is not None
    lateness_us = _or_default(asked["lateness"], LATENESS_LIVE_US if moves_by_wall else LATENESS_REPLAY_US)
    epoch_us = _or_default(asked["epoch"], EPOCH_LIVE_US if moves_by_wall else EPOCH_REPLAY_US)
    specs = tuple(parse_spec(text, asked["zone"]) for text in asked["specs"])
    check_specs(specs)
    rules = load_rules(asked["rules_path"])
    model: Path | None = asked["model"]
    return RunSettings(
        specs=specs,
        store_url=asked["store_url"],
        rules=rules,
        pace=Pace(
            is_live=mode.is_live,
            until_eof=asked["until_eof"],
            factor=mode.factor,
            epoch_s=epoch_us / SECOND_US,
            block_lines=asked["block_lines"],
        ),
        lateness_us=lateness_us,
        engine=asked["engine"],
        out=asked["out"],
        model=None if model is None else read_given(model, rules),
        model_place=str(model or ""),
        tell=tell,
        owns_process=True,
        manifest={"speed": asked["speed"] or "", "zone": asked["zone"] or "", "rules": str(asked["rules_path"] or "")}
        | ({} if model is None else {"model": str(model)}),
    )


def _mode(speed: str | None, *, until_eof: bool) -> Mode:
    if speed is None:
        return Mode(is_live=not until_eof, factor=None)
    if speed in ("max", "live"):
        return Mode(is_live=speed == "live", factor=None)
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 1e9:
        raise InputError.at(
            "--speed", "", f"{speed!r} is no speed", "allowed: max, live, or a number above 0 such as 60"
        )
    return Mode(is_live=False, factor=factor)


def _or_default(given_us: int | None, default_us: int) -> int:
    return default_us if given_us is None else given_us


@contextmanager
def _stopping(running: Run) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into a commit of what has been read; a second Ctrl-C ends at once."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.default_int_handler)
        running.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(settings: RunSettings) -> "Iterator[Listener]":
    """Show running totals on a terminal, a plain line every minute elsewhere."""
    from console.commands.run_progress import RunProgress

    progress = RunProgress(is_live=settings.pace.is_live or not settings.pace.until_eof)
    with progress:
        yield progress.on_batch


def _tell(summary: RunSummary, settings: RunSettings) -> None:
    """Print the totals for a person."""
    click.echo(
        f"{summary.events} events of {summary.orders} orders, {summary.duplicates} duplicates, "
        f"{summary.dead_letters} dead letters, {summary.late} events late; "
        f"{summary.cpu_s:.1f} s CPU, {summary.wall_s:.1f} s"
    )
    for kind, count in summary.warnings.items():
        click.echo(f"  {kind:<20} {count}")
    click.echo(f"{summary.warnings_open} warnings stand; {settings.store_url} keeps them all")
    if summary.dead_letters:
        click.echo(f"see `radar deadletter list --store {settings.store_url}`")
