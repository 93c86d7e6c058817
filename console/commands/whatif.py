"""`radar whatif`: a network with and without a scenario, and with a response; figures, pictures, one page."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from console.options import MODEL, OUT_FOLDER, SOME_DAYS, make_folder

if TYPE_CHECKING:
    from twin.experience import Experience
    from twin.experiment import Setting
    from twin.whatif import WhatIf

RESULT, PAGE = "result.json", "report.html"


@click.command("whatif")
@click.argument("network")
@click.option("--scenario", "scenarios", multiple=True, metavar="S", help="Scenario by name or file; repeatable.")
@click.option(
    "--respond",
    type=click.Choice(["none", "default"]),
    default="default",
    show_default=True,
    help="What answers the warnings.",
)
@click.option("--replications", type=click.IntRange(1, 100_000), default=20, show_default=True, metavar="N")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=14,
    show_default=True,
    metavar="N",
    help="Days whose orders count, after the network's warm-up.",
)
@click.option(
    "--experience",
    type=SOME_DAYS,
    default="30d",
    show_default=True,
    metavar="D",
    help="How long the usual network taught the radar before; 0 for one that knows nothing.",
)
@click.option("--model", type=MODEL, metavar="MODEL", help="Instead of --experience: what `radar learn` wrote.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Of all chance.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes [as many as there are cores].")
@click.option("--rules", type=click.Path(path_type=Path, dir_okay=False), metavar="F", help="Rules of the radar.")
@click.option("--out", type=OUT_FOLDER, required=True, metavar="DIR", help="Folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the result instead of the table.")
def whatif(network: str, scenarios: tuple[str, ...], out: Path, **asked: Any) -> None:
    """Compare a network with and without a scenario.

    Arms: the usual run, the scenario, the scenario with a response, each under the same luck; without --scenario the
    usual run with and without the response. Writes result.json and report.html into DIR.
    """
    from console.progress import Steps
    from twin.experiment import Plan, Setting, run
    from twin.whatif import answer

    rules: Path | None = asked["rules"]
    plan = Plan(
        network=network,
        scenarios=scenarios,
        respond=asked["respond"],
        replications=asked["replications"],
        days=asked["days"],
        seed=asked["seed"],
        rules=None if rules is None else str(rules),
        experience_days=asked["experience"],
    )
    setting = Setting(plan)
    if asked["model"] is not None:
        setting = Setting(plan, _experience(asked["model"], setting))
    make_folder(out)
    if asked["model"] is None and plan.experience_days:
        with Steps("days of experience", plan.experience_days) as steps:
            setting.gather(lambda day: steps.done(day + 1))
    with Steps(f"{len(setting.arms)} arms, replications", plan.replications) as steps:
        found = run(plan, asked["jobs"] or os.cpu_count() or 1, steps.done, setting.experience)
    result = answer(setting, found)
    _write(result, out)
    if asked["as_json"]:
        click.echo((out / RESULT).read_text(encoding="utf-8"), nl=False)
    else:
        show(result)
        click.echo(f"{out / RESULT}, {out / PAGE}")


def _experience(path: Path, setting: "Setting") -> "Experience":
    """Return what a model holds, as if it had been learned in the weeks before the experiment."""
    import hashlib

    from console.models import read_given
    from radar.experience import experience, weeks_to_end_before
    from twin.context import epoch_of
    from twin.experience import Experience

    model = read_given(path, setting.rules)
    until = model.manifest.learned_until
    weeks = 0 if until is None else weeks_to_end_before(until, epoch_of(setting.network))
    rows = tuple(experience(model.rows, weeks))
    return Experience(rows=rows, model=hashlib.sha256(path.read_bytes()).hexdigest(), weeks=weeks)


def _write(result: "WhatIf", out: Path) -> None:
    from console.whatif.page import page

    raw = msgspec.json.format(msgspec.json.encode(result), indent=1)
    (out / RESULT).write_bytes(raw + b"\n")
    (out / PAGE).write_text(page(result), encoding="utf-8")


def show(result: "WhatIf") -> None:
    """Print the main figures and the verdict."""
    from rich.console import Console
    from rich.table import Table

    from console.whatif.labels import HEADLINES, LABELS, WARNINGS, verdict, with_interval

    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for arm in result.arms:
        table.add_column(arm.name, justify="right", no_wrap=True)
    for kpi in (*HEADLINES, *WARNINGS):
        label = LABELS[kpi]
        if not any(kpi in arm.kpis for arm in result.arms):
            continue
        cells = [with_interval(arm.kpis[kpi], label.unit) if kpi in arm.kpis else "-" for arm in result.arms]
        table.add_row(label.text, *cells)
    console = Console(highlight=False)
    Console(width=max(console.width, 140), highlight=False).print(table)
    click.echo(verdict(result))
    for fault in result.faults[:5]:
        click.echo(f"the books do not balance: {fault}", err=True)
