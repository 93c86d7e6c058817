"""The picture of a backtest: recall and precision against the lead, reliability, and the leads themselves."""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from console.backtest.report import PICTURED_HORIZONS_H, Report, Scored
from radar.scoring import lead_hours

_INK, _BLUE, _RED, _GREY = "#222222", "#1f6fb4", "#c0392b", "#9aa0a6"
_SHADES = ("#b7cde3", "#6fa3cf", "#1f6fb4")
_LEAD_SHOWN_H = 240.0


def picture_png(report: Report, scored: Scored) -> bytes:
    """Return the picture as PNG; the same report gives the same bytes."""
    picture = Picture(figsize=(13.5, 4.2), dpi=110, layout="constrained")
    FigureCanvasAgg(picture)
    left, middle, right = picture.subplots(1, 3)
    lead_h = scored_lead_h(report)
    _draw_curve(left, report, lead_h)
    _draw_reliability(middle, report)
    _draw_leads(right, scored, lead_h)
    buffer = io.BytesIO()
    picture.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def scored_lead_h(report: Report) -> float:
    """Return the lead that warnings were judged by, in hours."""
    lead_h = report.manifest["lead_h"]
    assert isinstance(lead_h, float)
    return lead_h


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


def _draw_reliability(axes: Axes, report: Report) -> None:
    axes.plot((0, 1), (0, 1), color=_GREY, linewidth=0.8, linestyle=":")
    for hours, colour in zip(PICTURED_HORIZONS_H, _SHADES, strict=True):
        bins = report.reliability[str(hours)]
        axes.plot(
            [one.forecast for one in bins],
            [one.frequency for one in bins],
            color=colour,
            marker="o",
            markersize=4,
            label=f"{hours} h before",
        )
    axes.set(title="Reliability", xlabel="predicted probability", ylabel="share late", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False)


def _draw_leads(axes: Axes, scored: Scored, lead_h: float) -> None:
    lead = lead_hours(scored.book, scored.alarms)
    warned = np.isfinite(lead)
    edges = np.arange(0, _LEAD_SHOWN_H + 1, 12)
    groups = [np.clip(lead[warned & (scored.book.is_late == late)], 0, _LEAD_SHOWN_H) for late in (True, False)]
    axes.hist(groups, bins=list(edges), stacked=True, color=[_BLUE, _RED], label=["late", "not late"])
    axes.axvline(lead_h, color=_INK, linewidth=0.8, linestyle=":")
    axes.set(title="First warnings by lead", xlabel="hours before the promise", ylabel="orders")
    axes.legend(frameon=False)
