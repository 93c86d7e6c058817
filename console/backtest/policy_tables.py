"""The named policies as tables: on all months, on those of usual lateness, and month by month."""

from console.backtest.policies import PolicyComparison
from console.backtest.scored import Figures
from console.backtest.texts import TextTable, cells, show
from radar.scoring import Figure

_TITLES = {"open_at_36h": "every order open then", "limit_plus_2h": "stage limit + 2 h"}
_COLUMNS = (
    ("alert_share", "warned in time", "share"),
    ("precision36", "precision", "share"),
    ("recall36", "recall", "share"),
    ("withdrawn_share", "withdrawn", "share"),
)
_COST = ("cost", "cost per order", "number")


def policy_tables(found: PolicyComparison) -> list[TextTable]:
    """Return the tables; none where the rules name no policy."""
    if not any(name not in _TITLES for name in found.every):
        return []
    names = ", ".join(found.speaking)
    note = "All by the predictions of this run, with the same code." + (f" Speaking: {names}." if names else "")
    tables = [_table("Warning policies, all months", found.every, note)]
    if found.usual:
        said = f"Months with at most {found.usual_late_max:.0%} late: {', '.join(found.usual_months)}."
        tables.append(_table("Warning policies, months of usual lateness", found.usual, said))
    return [*tables, _months_table(found)]


def _table(title: str, rows: dict[str, Figures], note: str) -> TextTable:
    header = ("policy", *(said for _, said, _ in _COLUMNS), "lead, median", _COST[1])
    return TextTable(title, header, [_row(name, one) for name, one in rows.items()], note)


def _row(name: str, one: Figures) -> tuple[str, ...]:
    lead = show(Figure(one["lead_median_h"].value), "hours")  # its interval is mostly that of one check
    return (_title(name), *cells(one, _COLUMNS), lead, *cells(one, (_COST,)))


def _months_table(found: PolicyComparison) -> TextTable:
    header = ("month", "late", "policy", *(said for _, said, _ in _COLUMNS))
    rows: list[tuple[str, ...]] = []
    for month, one in found.months.items():
        for place, (name, figures) in enumerate(one.rows.items()):
            late = show(figures["late_share"], "share") + (", usual" if one.is_usual else "")
            first = (month, late) if not place else ("", "")
            rows.append((*first, _title(name), *cells(figures, _COLUMNS)))
    return TextTable("Warning policies, by month of the promise", header, rows)


def _title(name: str) -> str:
    return _TITLES.get(name, name)
