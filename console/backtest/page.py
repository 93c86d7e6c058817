"""The report as one self-contained HTML page: tables and picture, everything escaped, nothing fetched."""

import base64
import json
from html import escape

import msgspec

from console.backtest.report import Report
from console.backtest.tables import headline, report_tables
from console.backtest.texts import TextTable

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; } .table { overflow-x: auto; }
pre { background: #f6f6f6; padding: 1rem; overflow-x: auto; } .note { color: #666; }
"""


def report_page(report: Report, picture: bytes) -> str:
    """Return the page."""
    manifest = json.dumps(msgspec.to_builtins(report.manifest), indent=2, ensure_ascii=False)
    image = base64.b64encode(picture).decode()
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Order Radar: backtest</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body>",
        "<h1>Backtest</h1>",
        f"<p>{escape(headline(report))}</p>",
        '<img alt="Recall and precision by lead, leads of the first warnings, cost, calibration, reliability" '
        f'src="data:image/png;base64,{image}">',
        *(_table(table) for table in report_tables(report)),
        f"<h2>Manifest</h2><pre>{escape(manifest)}</pre>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(table: TextTable) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    body = f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f"<h2>{escape(table.title)}</h2>{body}{note}"
