"""`radar deadletter`: the lines that could not be applied, and their second chance."""

from pathlib import Path

import click
import msgspec

from scenarios.rules import load_rules
from streams.deadletters import check_reason, list_kept
from streams.deadletters import replay as replay_kept
from streams.store import open_store

LIMIT_MAX = 1_000_000_000


@click.group("deadletter")
def deadletter() -> None:
    """Look at the lines put aside, take them in again."""


@deadletter.command("list")
@click.option("--store", "store_url", required=True, metavar="URL", help="sqlite:///file")
@click.option("--reason", metavar="R", help="Only lines of this reason.")
@click.option(
    "--limit",
    type=click.IntRange(0, LIMIT_MAX),
    default=20,
    show_default=True,
    metavar="N",
    help="Lines shown at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_(store_url: str, reason: str | None, limit: int, as_json: bool) -> None:
    """Show why lines were put aside."""
    listing = list_kept(store_url, reason, limit)
    check_reason(reason, listing.reasons)
    if as_json:
        click.echo(msgspec.json.encode(listing).decode())
        return
    if not listing.reasons:
        click.echo("no line is kept")
    for name, count in listing.reasons.items():
        click.echo(f"{count:>8} {name}")
    for kept in listing.dead_letters:
        click.echo(f"{kept.stream}:{kept.offset}: {kept.reason}: {kept.detail}")
    total = sum(listing.reasons.values()) if reason is None else listing.reasons[reason]
    if len(listing.dead_letters) < total:
        click.echo(f"{len(listing.dead_letters)} of {total} shown; --limit shows more")


@deadletter.command("replay")
@click.option("--store", "store_url", required=True, metavar="URL", help="sqlite:///file; nobody else may write it.")
@click.option("--reason", metavar="R", help="Only lines of this reason.")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), metavar="N", help="Lines taken at most.")
@click.option("--zone", metavar="Z", help="Zone of times without an offset.")
@click.option(
    "--rules", "rules_path", type=click.Path(path_type=Path), metavar="F", help="Rules over the packaged ones."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def replay(
    store_url: str, reason: str | None, limit: int | None, zone: str | None, rules_path: Path | None, as_json: bool
) -> None:
    """Read the kept lines again and take in those that are events now, each exactly once."""
    rules = load_rules(rules_path)
    check_reason(reason, list_kept(store_url, None, 0).reasons)
    store = open_store(store_url)
    try:
        outcome = replay_kept(store, rules, zone=zone, reason=reason, limit=limit)
    finally:
        store.close()
    if as_json:
        click.echo(msgspec.json.encode(outcome).decode())
        return
    click.echo(f"{outcome.applied} applied, {outcome.duplicates} were duplicates, {sum(outcome.kept.values())} stay")
    for why, count in outcome.kept.items():
        click.echo(f"{count:>8} {why}")
