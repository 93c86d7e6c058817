"""`radar import`: a table and a map in, events out."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from console.options import OUT_FILE
from radar.errors import InputError
from radar.instant import to_text
from scenarios.imports import load_map
from streams.imports import ImportReport, run_import


@click.command("import")
@click.argument("table", type=click.Path(path_type=Path), metavar="FILE.csv[.gz]")
@click.option(
    "--map", "map_name", required=True, metavar="MAP", help="A YAML file, or a packaged map: olist_orders, scms."
)
@click.option("--out", required=True, type=OUT_FILE, metavar="F", help="Events to write: .jsonl or .jsonl.gz.")
@click.option("--rejects", type=OUT_FILE, metavar="F", help="Bad rows with their reason [OUT.rejects.csv].")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def import_table(table: Path, map_name: str, out: Path, rejects: Path | None, as_json: bool) -> None:
    """Make events of a table by an import map.

    Bad rows are told, counted and kept in the rejects file with what is wrong in front; put right, that file can be
    imported like any other. docs/reference/imports.md tells how to write a map.
    """
    rejects = rejects or out.with_name(out.name + ".rejects.csv")
    _refuse_same(table, out, rejects)
    with _progress(table) as on_progress:
        report = run_import(table, load_map(map_name), out, rejects, on_progress)
    if as_json:
        click.echo(json.dumps(_as_dict(report, out, rejects)))
    else:
        _tell(report, out)
    for problem in report.problems:
        click.echo(problem, err=True)
    if report.bad_rows:
        click.echo(f"{report.bad_rows} of {report.rows} rows are bad and stand in {rejects}", err=True)


def _refuse_same(table: Path, out: Path, rejects: Path) -> None:
    places = [path.resolve() for path in (table, out, rejects)]
    if len(set(places)) < len(places):
        raise InputError.at("--out", "", f"{out} is also read or written otherwise", "allowed: a file of its own")
    if rejects.is_dir():
        raise InputError.at("--rejects", str(rejects), "is a folder", "allowed: a file in a folder that exists")


@contextmanager
def _progress(table: Path) -> Iterator[Callable[[int, ImportReport], None]]:
    """Show a bar over the bytes of the table on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    size = table.stat().st_size if table.is_file() else None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(table.name, total=size, rows=0)

        def on_progress(bytes_read: int, report: ImportReport) -> None:
            bar.update(task, completed=bytes_read, rows=report.rows)

        yield on_progress


def _tell(report: ImportReport, out: Path) -> None:
    total = sum(report.events.values())
    click.echo(f"{out}: {total} events of {report.orders} orders from {report.rows} rows")
    for kind, count in report.events.items():
        click.echo(f"  {count:>9}  {kind}")
    if total:
        click.echo(f"  from {to_text(report.first_at)} to {to_text(report.last_at)}")
    if report.quiet_orders:
        click.echo(f"  {report.quiet_orders} orders of good rows have no event")


def _as_dict(report: ImportReport, out: Path, rejects: Path) -> dict[str, object]:
    has_events = bool(report.events)
    return {
        "version": 1,
        "out": str(out),
        "rows": report.rows,
        "bad_rows": report.bad_rows,
        "rejects": str(rejects) if report.bad_rows else None,
        "orders": report.orders,
        "quiet_orders": report.quiet_orders,
        "events": dict(report.events),
        "first_at": to_text(report.first_at) if has_events else None,
        "last_at": to_text(report.last_at) if has_events else None,
    }
