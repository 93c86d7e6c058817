"""Figures as texts, and tables of them, as the terminal and the page show alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radar.scoring import Figure

PART_COLUMNS = (
    ("orders", "orders", "count"),
    ("late_share", "late", "share"),
    ("alert_share", "warned in time", "share"),
    ("precision36", "precision", "share"),
    ("recall36", "recall", "share"),
    ("auc36", "AUC 36 h", "number"),
)
"""Columns of a table of parts of the orders: key, title, kind."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of finished texts."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""


def show(figure: Figure, kind: str) -> str:
    """Return a figure with its interval: ``67.5 % (64.2-70.8)``."""
    if figure.value is None:
        return "-"
    scale, digits, unit = {"share": (100, 1, " %"), "hours": (1, 1, " h"), "count": (1, 0, ""), "number": (1, 3, "")}[
        kind
    ]
    value = f"{figure.value * scale:.{digits}f}{unit}"
    if figure.lo is None or figure.hi is None or kind == "count":
        return value
    return f"{value} ({figure.lo * scale:.{digits}f}-{figure.hi * scale:.{digits}f})"


def cells(figures: Mapping[str, Figure], columns: Sequence[tuple[str, str, str]]) -> tuple[str, ...]:
    """Return the texts of some columns; a figure that is not there is a dash."""
    return tuple(show(figures.get(name, Figure(None)), kind) for name, _, kind in columns)
