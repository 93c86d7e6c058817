"""The report as one self-contained HTML page: every name escaped, nothing fetched."""

import json
from collections.abc import Iterable, Sequence
from html import escape

import msgspec

from console.whatif.labels import HEADLINES, LABELS, difference, points, verdict, with_interval, written
from console.whatif.pictures import pictures
from twin.whatif import WhatIf

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } td.text { text-align: left; white-space: normal; color: #666; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } svg { max-width: 100%; height: auto; }
pre { background: #f6f6f6; padding: 1rem; overflow-x: auto; } .note { color: #666; } .fault { color: #b00; }
"""


def page(result: WhatIf) -> str:
    """Return the page."""
    manifest = json.dumps(msgspec.to_builtins(result.manifest), indent=2, ensure_ascii=False)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Order Radar: what if</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>What if: {escape(result.arms[-1].title)}</h1>",
        f"<p>{escape(verdict(result))}</p>",
        *_arms(result),
        *(_table("Main figures", *_kpi_table(result, HEADLINES)),),
        *(_differences(result),),
        *(f"<figure><figcaption>{escape(caption)}</figcaption>{svg}</figure>" for caption, svg in pictures(result)),
        _table("All figures", *_kpi_table(result, list(LABELS))),
        _causes(result),
        _remedies(result),
        f"<h2>Manifest</h2><p class='note'>The same manifest gives the same result, bit for bit.</p>"
        f"<pre>{escape(manifest)}</pre>",
        *(f'<p class="fault">{escape(fault)}</p>' for fault in result.faults),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _arms(result: WhatIf) -> Iterable[str]:
    listed = "".join(f"<li><b>{escape(arm.name)}</b>: {escape(arm.title)}</li>" for arm in result.arms)
    yield f"<ul>{listed}</ul>"


def _kpi_table(result: WhatIf, kpis: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for kpi in kpis:
        label = LABELS[kpi]
        cells = [with_interval(arm.kpis[kpi], label.unit) if kpi in arm.kpis else "-" for arm in result.arms]
        rows.append([label.text, *cells, label.meaning])
    return ["", *(arm.name for arm in result.arms), "meaning"], rows


def _differences(result: WhatIf) -> str:
    pairs = list(dict.fromkeys((one.arm, one.against) for one in result.differences))
    if not pairs:
        return ""
    rows = []
    for kpi, label in LABELS.items():
        found = [difference(result, arm, against, kpi) for arm, against in pairs]
        cells = ["-" if one is None else points(one, label.unit) for one in found]
        if any(cell != "-" for cell in cells):
            rows.append([label.text, *cells, ""])
    head = ["", *(f"{arm} less {against}" for arm, against in pairs), ""]
    note = "Paired: each replication meets the same orders, breakdowns and weather in every arm."
    return _table("Differences", head, rows, note)


def _causes(result: WhatIf) -> str:
    arms = [arm for arm in result.arms if arm.causes]
    if not arms:
        return ""
    main = next((arm for arm in arms if arm.name == "scenario"), arms[0])
    rows = []
    for cause, found in main.causes.items():
        late, warned = found["late"].mean or 0.0, found["warned36"].mean or 0.0
        others = [arm.causes.get(cause, {}).get("late") for arm in result.arms]
        cells = ["0" if one is None else with_interval(one, "count") for one in others]
        recall = written(warned / late, "share") if late and "warned36_recall" in main.kpis else "-"
        rows.append([cause, *cells, with_interval(found["delay_complaints"], "count"), recall, ""])
    head = ["cause", *(f"late, {arm.name}" for arm in result.arms), "delay complaints", "warned 36 h ahead", ""]
    note = f"An order's cause is what it lost most time to. Complaints and warnings: {main.name}."
    return _table("Causes of late orders", head, rows, note)


def _remedies(result: WhatIf) -> str:
    arm = next((arm for arm in result.arms if arm.remedies), None)
    if arm is None:
        return ""
    rows = [
        [name, with_interval(found["times"], "count"), with_interval(found["cost"], "cny"), ""]
        for name, found in sorted(arm.remedies.items(), key=lambda entry: -(entry[1]["cost"].mean or 0.0))
    ]
    return _table("Remedies", ["action", "times a run", "cost a run", ""], rows)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "\n".join(
        "<tr>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[:-1])
        + f'<td class="text">{escape(row[-1])}</td></tr>'
        for row in rows
    )
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<h2>{escape(title)}</h2><div class="scroll">{table}</div>{said}'
