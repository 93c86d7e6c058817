"""Writes the field tables of docs/reference/imports.md and rules.md from the models of declarative files."""

import ast
import inspect
import textwrap
from enum import StrEnum

from pydantic_core import PydanticUndefined

from scenarios import calendars, imports, rules, rules_cost, rules_world
from scenarios.loader import Declared

MARK = "## Fields\n"
Kinds = tuple[str, list[type[Declared]], list[type[StrEnum]]]
PAGES: dict[str, Kinds] = {
    "docs/reference/imports.md": (
        "scenarios/imports.py",
        [imports.ImportMap, imports.EventModel, imports.TimeModel, imports.FieldModel, imports.Condition],
        [imports.Conversion, imports.Combine, imports.RowsAre],
    ),
    "docs/reference/rules.md": (
        "scenarios/rules.py",
        [
            rules.RulesFile,
            calendars.CalendarModel,
            rules.SeasonModel,
            rules.StandardModel,
            rules.PredictionModel,
            rules.PolicyModel,
            rules_cost.CostModel,
            rules.SilenceModel,
            rules.SuspectModel,
            rules_world.ConditionsModel,
            rules_world.DriftModel,
            rules_world.CapacityModel,
            rules_world.StockModel,
            rules_world.QualityModel,
            rules_world.ComplaintsModel,
            rules.ImportantModel,
            rules.LimitsModel,
        ],
        [],
    ),
}


def page(name: str, text: str) -> str:
    """Return the page with its part from ``## Fields`` on written anew."""
    source, models, enums = PAGES[name]
    parts = [text[: text.index(MARK)], MARK, f"<!-- written from {source} by `make golden` -->\n"]
    parts += [_model_table(model) for model in models]
    parts += [_enum_table(kind) for kind in enums]
    return "".join(parts)


def _model_table(model: type[Declared]) -> str:
    notes = _notes(model)
    rows = ["| field | needed | meaning |", "| --- | --- | --- |"]
    for name, info in model.model_fields.items():
        needed = "yes" if info.default is PydanticUndefined and info.default_factory is None else ""
        rows.append(f"| `{info.alias or name}` | {needed} | {notes.get(name, '')} |")
    return f"\n### {_title(model)}\n\n{_plain(inspect.getdoc(model) or '')}\n\n" + "\n".join(rows) + "\n"


def _enum_table(kind: type[StrEnum]) -> str:
    notes = _notes(kind)
    rows = [f"| `{member.value}` | {notes.get(member.name, '')} |" for member in kind]
    return (
        f"\n### {_title(kind)}\n\n{_plain(inspect.getdoc(kind) or '')}\n\n| value | meaning |\n| --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def _title(kind: type) -> str:
    return kind.__name__.removesuffix("Model")


def _notes(kind: type) -> dict[str, str]:
    """Return the docstring below each field of a class, as one line."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    notes: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            target = (
                field.target
                if isinstance(field, ast.AnnAssign)
                else field.targets[0]
                if isinstance(field, ast.Assign)
                else None
            )
            if isinstance(target, ast.Name):
                notes[target.id] = _plain(str(below.value.value))
    return notes


def _plain(text: str) -> str:
    """Return a docstring as one line of Markdown."""
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())
