"""How much of what each kind of trouble does to the reference network the radar says 36 hours ahead (R05).

Run: ``python -m benchmarks.early_warning [--scenario S ...] [--replications N] [--days N] [--seed N] [--jobs N]``.

Every packaged scenario alone, on the luck of the usual run: what is late only with the scenario is its doing, an
alarm raised only with it is about it (``twin.caused``). The control room begins with ``--experience`` days of the
usual network. Counts are added up over the replications; the printed tables go into docs/early-warning.md.
The second table says how early: of the orders rightly warned of in time, the share that was so many hours ahead.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence

import msgspec

from scenarios.catalog import load_scenario, packaged_scenarios
from twin.caused import caused, first_sign_s, usual_of
from twin.experience import Experience
from twin.experiment import BASELINE, SCENARIO, Arm, Plan, Setting, play
from twin.kpi import HOUR_S, Heard, heard_of, warned_in_time
from twin.processes import in_processes
from twin.truth import Truth

Counts = dict[str, float]
USUAL = "the usual run"
LEADS_H = (48, 60, 72, 96)
_COLUMNS = (
    ("scenario", 26), ("orders", 8), ("late", 6), ("recall36", 9), ("precision36", 12), ("of its doing", 13),
    ("recall36", 9), ("foreseeable", 12), ("recall36", 9), ("precision36", 12),
)  # fmt: skip


class Work(msgspec.Struct):
    """What a process needs to know."""

    plans: list[tuple[str, Plan]]
    experience: Experience


def counts_of(truth: Truth, heard: Heard) -> Counts:
    """Return how many orders were late, alarmed in time, and both."""
    counted = truth.counted()
    alarmed = warned_in_time(counted, heard.predicted_s)
    late = {order.id for order in counted if truth.is_late(order)}
    found: Counts = {"orders": len(counted), "late": len(late), "alarms": len(alarmed), "hits": len(alarmed & late)}
    leads_s = [one.promise_s - heard.predicted_s[one.id] for one in counted if one.id in alarmed & late]
    return found | {f"hits{hours}": sum(lead_s >= hours * HOUR_S for lead_s in leads_s) for hours in LEADS_H}


def replicate(work: Work, number: int) -> dict[str, Counts]:
    """Return the counts of every scenario under one luck, and of the usual run."""
    found: dict[str, Counts] = {}
    first = Setting(work.plans[0][1], work.experience)
    truth, said = play(first, Arm(BASELINE, has_scenario=False, responds=False), first.compiled(number), number)
    heard = heard_of(said, truth.end_s)
    usual = usual_of(truth, heard)
    found[USUAL] = counts_of(truth, heard)
    for name, plan in work.plans:
        setting = Setting(plan, work.experience)
        compiled = setting.compiled(number)
        if not compiled.windows:
            continue  # it does not happen under this luck
        truth, said = play(setting, Arm(SCENARIO, has_scenario=True, responds=False), compiled, number)
        heard = heard_of(said, truth.end_s)
        sign_s = first_sign_s(compiled.windows[0].start_s, compiled.masks)
        more = {key: value or 0.0 for key, value in caused(truth, heard, usual, sign_s).items()}
        found[name] = counts_of(truth, heard) | more
    return found


_work: Work | None = None


def _begin(told: bytes) -> None:
    global _work  # noqa: PLW0603 - the one thing a worker keeps
    _work = msgspec.msgpack.decode(told, type=Work)


def _one(number: int) -> bytes:
    assert _work is not None, "a worker begins before it works"
    return msgspec.msgpack.encode(replicate(_work, number))


# --- the table ----------------------------------------------------------------------------------------------


def ratio(counts: Counts, part: str, whole: str) -> str:
    """Return a share as the documents write it; a dash of fewer than ten."""
    return f"{counts[part] / counts[whole]:.2f}" if counts.get(whole, 0) >= 10 else "-"


def row(name: str, counts: Counts) -> list[str]:
    """Return one line of the table."""
    return [
        name,
        f"{counts['orders']:,.0f}",
        f"{counts['late'] / counts['orders']:.3f}",
        ratio(counts, "hits", "late"),
        ratio(counts, "hits", "alarms"),
        f"{counts['caused_late']:,.0f}" if "caused_late" in counts else "-",
        ratio(counts, "caused_warned36", "caused_late"),
        f"{counts['foreseeable_late']:,.0f}" if "foreseeable_late" in counts else "-",
        ratio(counts, "foreseeable_warned36", "foreseeable_late"),
        ratio(counts, "caused_alarms36_true", "caused_alarms36"),
    ]


def show(totals: dict[str, Counter[str]]) -> None:
    """Print the tables in Markdown."""
    everything: Counter[str] = Counter()
    for name, counts in totals.items():
        if name != USUAL:
            everything.update(counts)
    parts = totals | {"all scenarios": everything} if everything else totals
    _print_rows([[name for name, _ in _COLUMNS], *(row(name, dict(counts)) for name, counts in parts.items())])
    leads = [
        [name, *(ratio(dict(counts), f"hits{hours}", "hits") for hours in LEADS_H)] for name, counts in parts.items()
    ]
    print()
    _print_rows([["rightly warned", *(f">= {hours} h ahead" for hours in LEADS_H)], *leads])


def _print_rows(rows: Sequence[Sequence[str]]) -> None:
    for number, cells in enumerate(rows):
        widths = [width for _, width in _COLUMNS]
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)) + " |")
        if number == 0:
            print("| " + " | ".join("-" * width for _, width in zip(cells, widths, strict=False)) + " |")


def main(arguments: Sequence[str]) -> None:
    """Play, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="homeware")
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--replications", type=int, default=2)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--experience", type=int, default=30)
    parser.add_argument("--rules", help="rules file of the control room")
    asked = parser.parse_args(arguments)
    names = asked.scenario or sorted(packaged_scenarios())
    plans = [
        (
            load_scenario(name).name,
            Plan(
                asked.network,
                (name,),
                "none",
                days=asked.days,
                seed=asked.seed,
                rules=asked.rules,
                experience_days=asked.experience,
            ),
        )
        for name in names
    ]
    experience = Setting(plans[0][1]).gather()
    told = msgspec.msgpack.encode(Work(plans, experience))
    totals: dict[str, Counter[str]] = {USUAL: Counter(), **{name: Counter() for name, _ in plans}}
    for raw in in_processes(_one, asked.replications, asked.jobs, _begin, told):
        for name, counts in msgspec.msgpack.decode(raw, type=dict[str, Counts]).items():
            totals[name].update(counts)
    show(totals)


if __name__ == "__main__":
    main(sys.argv[1:])
