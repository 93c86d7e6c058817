"""The picture of a backtest: recall, precision and leads, cost, calibration over time, reliability by horizon."""

import io
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture
from matplotlib.gridspec import SubplotSpec

from console.backtest.report import Calibration, Report
from console.backtest.scored import Scored
from radar.scoring import lead_hours
from radar.scoring_drift import BLOCK_D

_INK, _BLUE, _RED, _GREY = "#222222", "#1f6fb4", "#c0392b", "#9aa0a6"
_BLOCK_COLUMNS = ("forecast", "frequency", "band")
MARK_TITLES = {
    "policy": "the radar",
    "open_at_36h": "every order open then",
    "limit_plus_2h": "stage limit + 2 h",
    "never": "no warnings",
}
_LEAD_SHOWN_H = 240.0
_MANY = 5
"""Panels in a row from which on they need more room between them."""
_MARGINS = {"left": 0.045, "right": 0.985, "top": 0.965, "bottom": 0.05, "hspace": 0.4}


def picture_png(report: Report, scored: Scored) -> bytes:
    """Return the picture as PNG; the same report gives the same bytes."""
    picture = Picture(figsize=(13.5, 9.8), dpi=100)
    FigureCanvasAgg(picture)
    # Fixed places: the solver of a constrained layout does not round the same way in every run.
    rows = picture.add_gridspec(3, 1, height_ratios=(3.8, 3.6, 2.2), **_MARGINS)
    lead_h = scored_lead_h(report)
    curve, leads, cost = _row(picture, rows[0], 3)
    _draw_curve(curve, report, lead_h)
    _draw_leads(leads, scored, lead_h)
    _draw_cost(cost, report)
    for axes, (hours, found) in zip(_row(picture, rows[1], 2), report.calibration.items(), strict=True):
        _draw_calibration(axes, hours, found)
    for axes, hours in zip(_row(picture, rows[2], len(report.reliability)), report.reliability, strict=True):
        _draw_reliability(axes, report, hours)
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def scored_lead_h(report: Report) -> float:
    """Return the lead that warnings were judged by, in hours."""
    lead_h = report.manifest["lead_h"]
    assert isinstance(lead_h, float)
    return lead_h


def _row(picture: Picture, place: SubplotSpec, count: int) -> list[Axes]:
    """Return some panels side by side."""
    parts = place.subgridspec(1, count, wspace=0.16 if count < _MANY else 0.35)
    return [picture.add_subplot(parts[0, column]) for column in range(count)]


def _draw_curve(axes: Axes, report: Report, lead_h: float) -> None:
    points = report.lead_curve
    leads = [point.lead_h for point in points]
    axes.plot(leads, [point.recall for point in points], color=_BLUE, label="recall")
    precise = [(point.lead_h, point.precision) for point in points if point.precision is not None]
    axes.plot(*zip(*precise, strict=True) if precise else ((), ()), color=_RED, label="precision")
    axes.plot(leads, [point.alert_share for point in points], color=_GREY, label="alert share")
    axes.axvline(lead_h, color=_INK, linewidth=0.8, linestyle=":")
    axes.set(title="Warned at least so long ahead", xlabel="hours before the promise", ylim=(0, 1.02))
    axes.legend(frameon=False)


def _draw_reliability(axes: Axes, report: Report, hours: str) -> None:
    bins = report.reliability[hours]
    axes.plot((0, 1), (0, 1), color=_GREY, linewidth=0.8, linestyle=":")
    axes.plot([one.forecast for one in bins], [one.frequency for one in bins], color=_BLUE, marker="o", markersize=4)
    axes.set(title=f"{hours} h before", xlabel="predicted", xlim=(0, 1), ylim=(0, 1.02), aspect="equal")
    if hours == next(iter(report.reliability)):
        axes.set_ylabel("share late")


def _draw_cost(axes: Axes, report: Report) -> None:
    curve = report.cost_curve
    assert curve is not None, "the report of a run has one"
    points = sorted(curve.points, key=lambda one: (one.alert_share, one.threshold))
    axes.plot([one.alert_share for one in points], [one.cost for one in points], color=_BLUE, label="one threshold")
    for (name, figures), marker in zip(curve.marks.items(), ("o", "s", "^", "x"), strict=True):
        share, cost = figures["alert_share"].value or 0.0, figures["cost"].value or 0.0
        axes.plot([share], [cost], color=_RED, marker=marker, linestyle="", label=MARK_TITLES[name])
    axes.set(title="Expected cost per order", xlabel="share of orders warned in time")
    axes.legend(loc="lower right", fontsize="small")


def _draw_calibration(axes: Axes, hours: str, found: Calibration) -> None:
    days = [_day_number(one.since) + BLOCK_D / 2 for one in found.blocks]
    said, came, band = (np.array([getattr(one, name) for one in found.blocks]) for name in _BLOCK_COLUMNS)
    axes.fill_between(days, said - band, said + band, color=_BLUE, alpha=0.15, linewidth=0)
    axes.plot(days, said, color=_BLUE, label="mean probability, and what chance explains")
    axes.plot(days, came, color=_RED, marker="o", markersize=3, label="share late")
    for one in found.episodes:
        since = _day_number(one.since)
        axes.axvspan(since, since + one.days, color=_GREY, alpha=0.25, linewidth=0)
    axes.xaxis_date()
    axes.set(title=f"Calibration over time, {hours} h before", ylim=(0, 1.02))
    axes.tick_params(axis="x", rotation=30)
    axes.legend(frameon=False, loc="lower right")


def _day_number(day: str) -> float:
    """Return a local date as matplotlib counts days: since 1970."""
    return float(date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal())


def _draw_leads(axes: Axes, scored: Scored, lead_h: float) -> None:
    lead = lead_hours(scored.book, scored.alarms)
    warned = np.isfinite(lead)
    edges = np.arange(0, _LEAD_SHOWN_H + 1, 12)
    groups = [np.clip(lead[warned & (scored.book.is_late == late)], 0, _LEAD_SHOWN_H) for late in (True, False)]
    axes.hist(groups, bins=list(edges), stacked=True, color=[_BLUE, _RED], label=["late", "not late"])
    axes.axvline(lead_h, color=_INK, linewidth=0.8, linestyle=":")
    axes.set(title="Orders by the lead of their first warning", xlabel="hours before the promise")
    axes.legend(frameon=False)
