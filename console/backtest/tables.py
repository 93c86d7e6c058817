"""The report as tables: rows of text that the terminal and the page show alike."""

from console.backtest.more_tables import anchor_tables, drift_tables, first_alarm_table, segment_tables
from console.backtest.policy_tables import policy_tables
from console.backtest.report import Report
from console.backtest.scored import Figures
from console.backtest.texts import PART_COLUMNS, TextTable, cells, show
from radar.scoring import Figure

_POLICIES = (("policy", "the radar"), ("open_at_36h", "every order open then"), ("limit_plus_2h", "stage limit + 2 h"))
_POLICY_ROWS = (
    ("alert_share", "orders warned in time", "share"),
    ("precision36", "precision", "share"),
    ("recall36", "recall", "share"),
    ("standing_precision36", "precision of what stands", "share"),
    ("withdrawn_share", "withdrawn", "share"),
    ("short_notice_share", "warned too late", "share"),
    ("lead_median_h", "lead, median", "hours"),
    ("lead_p25_h", "lead, lower quartile", "hours"),
    ("cost", "cost per order", "number"),
)
_HORIZON_COLUMNS = (
    ("n", "open", "count"),
    ("prevalence", "late", "share"),
    ("auc", "AUC", "number"),
    ("ap", "AP", "number"),
    ("brier", "Brier", "number"),
    ("ece", "ECE", "number"),
)


def report_tables(report: Report) -> list[TextTable]:
    """Return the tables of a report, the warning policy first."""
    tables = [
        _policy_table("Warnings", report.policy, report.trivial, report),
        _horizon_table("Probabilities of the orders open", report.horizons),
        TextTable(
            "Months of the promise",
            ("month", *(title for _, title, _ in PART_COLUMNS)),
            [(name, *cells(figures, PART_COLUMNS)) for name, figures in report.months.items()],
        ),
    ]
    tables += policy_tables(report.policies) if report.policies is not None else []
    tables += segment_tables(report) + drift_tables(report) + [first_alarm_table(report)] + anchor_tables(report)
    wider = report.undelivered
    if wider is not None:
        said = f"{_plain(wider.scored['orders'])} orders, {_plain(wider.scored['late'])} of them late"
        tables += [
            _policy_table(f"Warnings, with the orders never delivered ({said})", wider.policy, wider.trivial, report),
            _horizon_table("Probabilities, with the orders never delivered", wider.horizons),
        ]
    return tables


def headline(report: Report) -> str:
    """Return in one line what was scored."""
    scored, manifest = report.scored, report.manifest
    share = show(scored["late_share"], "share")
    said = f"{_plain(scored['orders'])} orders scored, {_plain(scored['late'])} late ({share})"
    violations = f"; {report.violations} warnings before placement or after delivery" if report.violations else ""
    return f"{said}; leads of {manifest['lead_h']:g} h in {manifest['zone']} time{violations}"


def _policy_table(title: str, policy: Figures, trivial: dict[str, Figures], report: Report) -> TextTable:
    columns = [policy, *(trivial[name] for name, _ in _POLICIES[1:])]
    rows = [(said, *(show(column[name], kind) for column in columns)) for name, said, kind in _POLICY_ROWS]
    never = trivial["never"]["cost"]
    note = (
        f"In time: at least {report.manifest['lead_h']:g} h before the promise. In brackets the 95 % interval. "
        f"Cost in units of one action; without any warning {show(never, 'number')}."
    )
    return TextTable(title, ("", *(said for _, said in _POLICIES)), rows, note)


def _horizon_table(title: str, horizons: dict[str, Figures]) -> TextTable:
    rows = [(f"{hours} h before", *cells(figures, _HORIZON_COLUMNS)) for hours, figures in horizons.items()]
    return TextTable(title, ("", *(said for _, said, _ in _HORIZON_COLUMNS)), rows)


def _plain(figure: Figure) -> str:
    return show(figure, "count")
