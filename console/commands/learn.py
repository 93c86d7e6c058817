"""`radar learn`: recorded events in, a model file out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.options import DURATION, OUT_FILE

if TYPE_CHECKING:
    from streams.lessons import Lesson


@click.command()
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option("--out", type=OUT_FILE, required=True, metavar="MODEL", help="Model file to write.")
@click.option("--rules", "rules_path", type=click.Path(path_type=Path), metavar="F", help="Rules over the packaged.")
@click.option("--zone", metavar="Z", help="Zone of sources whose times have no offset.")
@click.option(
    "--lateness", type=DURATION, default="1h", show_default=True, metavar="D", help="How late events may come."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def learn(
    events: tuple[str, ...], out: Path, rules_path: Path | None, zone: str | None, lateness: int, as_json: bool
) -> None:
    """Learn from recorded events into a model file.

    All EVENTS files are merged by time and run once through the same rules as a live run. The model holds tables, no
    order; `radar run --model` begins with it. The same events give the same file.
    """
    import msgspec

    from console.backtest.settings import parse_events
    from console.backtest.writing import check_places, write_whole
    from scenarios.rules import load_rules
    from streams.lessons import learn as learn_from
    from streams.model_files import pack

    specs = parse_events(events, zone)
    rules = load_rules(rules_path)
    check_places({"--out": out}, [spec.path for spec in specs])
    with _progress() as show:
        lesson = learn_from(specs, rules, lateness, lambda ledger, clock: show(ledger.lines, clock))
    write_whole(out, pack(lesson.model))
    _tell_bad_lines(lesson)
    manifest = lesson.model.manifest
    if as_json:
        told = {"version": 1, "out": str(out), "lines": lesson.counters.lines, "bad_lines": lesson.counters.dead}
        click.echo(msgspec.json.encode({**told, "manifest": manifest}).decode())
        return
    orders = sum(one.orders for one in manifest.order_types)
    deliveries = sum(one.deliveries for one in manifest.order_types)
    what = f"{manifest.events:,} events, {orders:,} orders, {deliveries:,} deliveries"
    click.echo(f"{out}: learned from {what}, {manifest.first_at} to {manifest.last_at}")
    click.echo(f"`radar model show {out}` tells what")


@contextmanager
def _progress() -> "Iterator[Callable[[int, int], None]]":
    """Show lines and date on a terminal, nothing elsewhere."""
    from rich.console import Console

    from radar.instant import Instant, to_datetime

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _lines, _clock: None
        return
    with console.status("reading") as line:
        yield lambda lines, clock: line.update(f"{lines:,} lines, {to_datetime(Instant(clock)):%Y-%m-%d}")


def _tell_bad_lines(lesson: "Lesson") -> None:
    """Say on stderr which lines were left out; they are no reason to stop."""
    if not lesson.counters.dead:
        return
    reasons = ", ".join(f"{count} {name}" for name, count in lesson.dead.items())
    click.echo(f"{lesson.counters.dead} of {lesson.counters.lines} lines are bad and left out: {reasons}", err=True)
    for letter in lesson.letters[:3]:
        click.echo(f"  {letter.stream}: byte {letter.offset}: {letter.detail}", err=True)
