"""`radar sweep`: every part of a network taken out in turn: how long service survives, how long it takes to recover."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from console.options import DURATION, OUT_FILE, whole_days
from radar.errors import InputError

if TYPE_CHECKING:
    from twin.sweep import NodeResult, SweepPlan

RESULT_VERSION = 1
_KINDS = ["line", "site", "lane", "zone", "supplier"]


@click.command("sweep")
@click.argument("network")
@click.option("--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only these; repeatable [all].")
@click.option("--outage", type=DURATION, default="7d", show_default=True, metavar="D", help="How long a part is out.")
@click.option(
    "--supplier-outage", type=DURATION, default="21d", show_default=True, metavar="D", help="The same for suppliers."
)
@click.option("--after", type=DURATION, default="14d", show_default=True, metavar="D", help="Watched afterwards.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Of the orders.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes [as many as there are cores].")
@click.option("--out", type=OUT_FILE, metavar="F.json", help="Also write it here.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON instead of the table.")
def sweep(network: str, kinds: tuple[str, ...], **asked: Any) -> None:
    """Take out every part of a network in turn.

    No probabilities: the same orders in every run, no breakdowns, no weather, no sales; one part out for a set time.
    Ranked by the orders that are late because of it. The figures rank parts, they are no forecast.
    """
    from console.progress import Steps
    from twin.sweep import SweepPlan, SweepSetting
    from twin.sweep import sweep as run

    plan = SweepPlan(
        network=network,
        kinds=kinds or tuple(_KINDS),
        outage_days=whole_days(asked["outage"], "--outage"),
        supplier_outage_days=whole_days(asked["supplier_outage"], "--supplier-outage"),
        after_days=whole_days(asked["after"], "--after"),
        seed=asked["seed"],
    )
    with Steps("runs", len(SweepSetting(plan).nodes) + 1) as steps:
        found = run(plan, asked["jobs"] or os.cpu_count() or 1, steps.done)
    raw = msgspec.json.encode({"version": RESULT_VERSION, "manifest": plan, "nodes": found})
    if asked["out"] is not None:
        _write(asked["out"], raw)
    if asked["as_json"]:
        click.echo(raw.decode())
    else:
        _show(found, plan)


def _write(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(msgspec.json.format(raw, indent=1) + b"\n")
    except OSError as error:
        raise InputError.at(str(path), "", f"cannot be written: {error.strerror}") from error


def _show(found: "list[NodeResult]", plan: "SweepPlan") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("part", "", "survives", "recovers", "late orders", "most past promise"):
        table.add_column(name, justify="left" if name in ("part", "") else "right", no_wrap=True)
    for node in found:
        survives = "all of it" if node.survive_h is None else f"{node.survive_h:,.0f} h"
        recovers = f"{'' if node.is_recovered else 'over '}{node.recover_h:,.0f} h"
        table.add_row(node.kind, node.name, survives, recovers, f"{node.late_more:,}", f"{node.peak:,}")
    Console(highlight=False).print(table)
    out = f"each out for {plan.outage_days} d (suppliers {plan.supplier_outage_days} d)"
    click.echo(f"{out}; survives: until service suffers; recovers: after the part is back")
