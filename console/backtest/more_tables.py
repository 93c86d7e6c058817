"""The tables beside the main ones: segments, calibration over time, thresholds, anchors."""

from console.backtest.anchors.comparison import OURS, AnchorComparison, AnchorHorizon
from console.backtest.report import Report
from console.backtest.texts import PART_COLUMNS, TextTable, cells, show
from radar.scoring import Figure
from radar.scoring_drift import BACK_D, GAP_MIN
from radar.scoring_policies import WITHDRAW_BELOW, PolicyPoint

_ANCHOR_COLUMNS = (
    ("auc", "AUC", "number"),
    ("ap", "AP", "number"),
    ("brier", "Brier", "number"),
    ("ece", "ECE", "number"),
    ("precision_at_80", "prec. at 80 %", "number"),
)
_SHOWN_EARLY = (0.6, 0.75, 0.9)
"""Of the grid of thresholds the tables show a few; the JSON holds all."""


def segment_tables(report: Report) -> list[TextTable]:
    """Return a table of the largest segments by each property asked for."""
    tables = []
    for by, found in (report.segments or {}).items():
        rows = [(name, *cells(figures, PART_COLUMNS)) for name, figures in found.rows.items()]
        note = f"The {len(rows)} largest of {found.segments}." if len(rows) < found.segments else ""
        tables.append(TextTable(f"By {by}", (by, *(title for _, title, _ in PART_COLUMNS)), rows, note))
    return tables


def drift_tables(report: Report) -> list[TextTable]:
    """Return calibration over time by horizon, with the episodes off calibration below."""
    header = ("from", "open", "mean probability", "late", "more late than said", "over 30 days", "")
    tables = []
    for hours, found in report.calibration.items():
        rows: list[tuple[str, ...]] = [
            (
                *(one.since, f"{one.n:.0f}", f"{one.forecast:.1%}", f"{one.frequency:.1%}"),
                *(f"{one.gap:+.1%} (±{one.band:.1%})", f"{one.gap_30d:+.1%} (±{one.band_30d:.1%})"),
                " ".join(word for word, holds in (("off", one.is_off), ("leans", one.is_leaning)) if holds),
            )
            for one in found.blocks
        ]
        said = [
            f"{one.since}: {one.gap_max:+.1%} at most, "
            + (f"calibrated again after {one.days} days" if one.until else f"{one.days} days to the end")
            for one in found.episodes
        ]
        note = "In brackets what chance explains. Off calibration: " + ("; ".join(said) if said else "never") + "."
        tables.append(TextTable(f"Calibration over time, {hours} h before", header, rows, note))
    return [*tables, _recovery_table(report)]


def _recovery_table(report: Report) -> TextTable:
    """Return how long the calibration, followed day by day, was off, and what chance alone does."""
    header = ("forecasts of", "days", "off", "longest", "left the band", "back inside", "days off", "gap at most")
    rows: list[tuple[str, ...]] = []
    for hours, found in report.calibration.items():
        for one in found.rolling:
            whole = (
                *(f"{hours} h before, last {one.window_d} days", str(one.days)),
                f"{one.off_days} (chance {one.off_days_by_chance})",
                f"{one.longest_d} (chance {one.longest_by_chance_d})",
            )
            episodes = [(e.since, e.until or "-", str(e.days), f"{e.gap_max:+.1%}") for e in one.episodes]
            for place, episode in enumerate(episodes or [("never", "-", "-", "-")]):
                rows.append((*(whole if not place else ("",) * len(whole)), *episode))
    note = (
        f"Off: more than chance explains and more than {GAP_MIN:.2f}; over with the first of {BACK_D} days in a row "
        "inside. In brackets what 95 of 100 worlds stay within in which every forecast is right."
    )
    return TextTable("How soon the calibration recovered", header, rows, note)


def first_alarm_table(report: Report) -> TextTable:
    """Return what other thresholds would have done at the scheduled checks."""
    header = (
        "early / at the lead",
        "warned in time",
        "precision",
        "recall",
        "lead, median",
        "withdrawn",
        "cost per order",
    )
    rows = [_alarm_row(point) for point in report.first_alarm if point.early in _SHOWN_EARLY or point.early > 1]
    note = (
        "First alarm at a scheduled check: at the early threshold before the lead, at the other one from then on; "
        f"withdrawn below {WITHDRAW_BELOW:g}. The file of --json holds more pairs."
    )
    return TextTable("Other thresholds", header, rows, note)


def anchor_tables(report: Report) -> list[TextTable]:
    """Return one table a horizon, the radar first; nothing when no anchors were asked for."""
    found = report.anchors
    if found is None:
        return []
    tables = [_anchor_table(found, hours, one) for hours, one in found.horizons.items()]
    if found.missing:
        titles = "; ".join(found.titles[name] for name in found.missing)
        said = f"Missing, because LightGBM is not installed: {titles}. To get them: {found.hint}"
        tables.append(TextTable("Anchors that are missing", ("",), [(said,)]))
    return tables


def _alarm_row(point: PolicyPoint) -> tuple[str, ...]:
    early = "never" if point.early > 1 else f"{point.early:g}"
    shares = (f"{one:.1%}" for one in (point.alert_share, point.precision36, point.recall36))
    lead = f"{point.lead_median_h:.0f} h"
    return (f"{early} / {point.at_lead:g}", *shares, lead, f"{point.withdrawn_share:.1%}", f"{point.cost:.3f}")


def _anchor_table(found: AnchorComparison, hours: str, one: AnchorHorizon) -> TextTable:
    rows = [(found.titles[row], *cells(figures, _ANCHOR_COLUMNS)) for row, figures in one.rows.items()]
    ahead = [
        f"{title} {_signed(best.ours_minus)} over {found.titles[best.row]}"
        for name, title, _ in _ANCHOR_COLUMNS
        if (best := one.best.get(name)) is not None
    ]
    title = f"{found.titles[OURS].capitalize()} and the anchors, {hours} h before"
    count = f"{show(one.n, 'count')} open, {show(one.prevalence, 'share')} late"
    note = f"{count}. The radar minus the best anchor, by figure: {'; '.join(ahead) if ahead else 'not defined'}."
    return TextTable(title, ("", *(said for _, said, _ in _ANCHOR_COLUMNS)), rows, note)


def _signed(figure: Figure) -> str:
    assert figure.value is not None, "a difference of figures that are defined"
    if figure.lo is None or figure.hi is None:
        return f"{figure.value:+.3f}"
    return f"{figure.value:+.3f} ({figure.lo:+.3f} to {figure.hi:+.3f})"
