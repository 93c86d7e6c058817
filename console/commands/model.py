"""`radar model`: what was learned, as a file to keep, to move, to look at."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.options import OUT_FILE

if TYPE_CHECKING:
    from radar.rules import Rules
    from streams.model_files import Model

RESULT_VERSION = 1
TOP_MAX = 1000
_STORE = "sqlite:///file, as `radar run` wrote it."
_RULES = click.option(
    "--rules", "rules_path", type=click.Path(path_type=Path), metavar="F", help="Rules over the packaged ones."
)


@click.group("model")
def model() -> None:
    """Keep, move and look at what was learned."""


@model.command("save")
@click.option("--store", "store_url", required=True, metavar="URL", help=_STORE)
@click.option("--out", type=OUT_FILE, required=True, metavar="MODEL", help="Model file to write.")
def save(store_url: str, out: Path) -> None:
    """Write what a store has learned to a file; the store may be written meanwhile."""
    from console.backtest.writing import write_whole
    from streams.model_files import pack
    from streams.model_store import save_model

    found = save_model(store_url)
    write_whole(out, pack(found))
    manifest = found.manifest
    click.echo(f"{out}: learned from {manifest.events:,} events until {manifest.last_at}")


@model.command("load")
@click.argument("path", type=click.Path(path_type=Path), metavar="MODEL")
@click.option("--store", "store_url", required=True, metavar="URL", help="sqlite:///file; made where it is not there.")
@click.option("--replace", is_flag=True, help="Also into a store that has learned; what it learned is lost.")
@_RULES
def load(path: Path, store_url: str, replace: bool, rules_path: Path | None) -> None:
    """Put a model into a new store, so that a run begins with it."""
    from console.models import read_given
    from scenarios.rules import load_rules
    from streams.model_store import load_model
    from streams.store import open_store

    found = read_given(path, load_rules(rules_path))
    store = open_store(store_url)
    try:
        load_model(store, found, str(path), replace=replace)
    finally:
        store.close()
    click.echo(f"{store_url}: knows what was learned until {found.manifest.last_at}")


@model.command("show")
@click.argument("path", type=click.Path(path_type=Path), metavar="[MODEL]", required=False)
@click.option("--store", "store_url", metavar="URL", help=f"Instead of a file: {_STORE}")
@click.option(
    "--top", type=click.IntRange(1, TOP_MAX), default=5, show_default=True, metavar="N", help="Lanes and suppliers."
)
@_RULES
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(path: Path | None, store_url: str | None, top: int, rules_path: Path | None, as_json: bool) -> None:
    """Show what a model or a store has learned."""
    import msgspec

    from radar.learned import describe
    from scenarios.rules import load_rules

    rules = load_rules(rules_path)
    found = _found(path, store_url, rules)
    learned = describe(found.rows, rules, top)
    if as_json:
        told = {"version": RESULT_VERSION, "manifest": found.manifest, "learned": learned}
        click.echo(msgspec.json.encode(told).decode())
        return
    from rich.console import Console

    from console.model.screen import screen
    from streams.store.runs import wall_clock

    console = Console(width=None if Console().is_terminal else 160, highlight=False)
    console.print(screen(found.manifest, learned, wall_clock()))


def _found(path: Path | None, store_url: str | None, rules: "Rules") -> "Model":
    from radar.errors import InputError
    from streams.model_files import check_readable, read_model
    from streams.model_store import save_model

    if (path is None) == (store_url is None):
        raise InputError.at("MODEL", "", "one thing to show is needed", "allowed: a model file, or --store URL")
    if path is not None:
        return read_model(path, rules)
    assert store_url is not None, "one of the two"
    found = save_model(store_url)
    check_readable(found, rules, store_url)
    return found
