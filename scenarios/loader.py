"""Declarative files: strict YAML in, checked models out, and one clear line for whatever is wrong.

Every declarative model derives from ``Declared``; ``load`` reads a file into one. Messages read
``file: field (line n): what is wrong, what is allowed``.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from scenarios.scalars import REFUSED, refused, shown
from scenarios.yaml_text import Document, ScenarioError, Tree, Where, parse_document, read_document

__all__ = ["Declared", "Document", "ScenarioError", "load", "parse", "parse_document", "read_document", "typed"]


class Declared(BaseModel):
    """Base of all models of declarative files: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in value:
            if key not in known and key not in cls.model_fields:
                raise _unknown(str(key), known)
        return value


Model = TypeVar("Model", bound=Declared)


def load(path: Path, model: type[Model]) -> Model:
    """Return a YAML file as ``model``.

    Raises:
        ScenarioError: The file cannot be read, is no plain YAML, or does not fit the model.
    """
    return typed(read_document(path), model)


def parse(content: bytes, place: str, model: type[Model]) -> Model:
    """Return YAML bytes as ``model``; ``place`` names them in messages."""
    return typed(parse_document(content, place), model)


def typed(document: Document, model: type[Model]) -> Model:
    """Return a document as ``model``, or raise the error of its first wrong field."""
    if not isinstance(document.tree, dict):
        raise ScenarioError.on(document.place, 1, f"{_kind(document.tree)} at the top", "allowed: keys and values")
    try:
        return model.model_validate(document.tree)
    except ValidationError as error:
        raise _told(document, error) from error


def _told(document: Document, error: ValidationError) -> ScenarioError:
    """Return pydantic's findings as one line about the first of them."""
    details = error.errors(include_url=False)
    first = details[0]
    where = _known_part(document.tree, first["loc"])
    problem, allowed = _words(first)
    if first["type"] == "missing":
        where = (*where, str(first["loc"][-1]))
    elif first["type"] == "unknown_key":
        where = (*where, first["ctx"]["key"])
    more = f" (and {len(details) - 1} more wrong)" if len(details) > 1 else ""
    return ScenarioError(
        str(ScenarioError.at(document.place, document.field(where) if where else "", problem, allowed)) + more
    )


def _known_part(tree: Tree, loc: tuple[str | int, ...]) -> Where:
    """Return the steps of a pydantic location that exist in the file (unions add steps of their own)."""
    where: list[str | int] = []
    for step in loc:
        if isinstance(tree, dict) and isinstance(step, str) and step in tree:
            tree = tree[step]
            where.append(step)
        if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
            where.append(step)
    return tuple(where)


def _words(error: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong and what is allowed, in our words where we have them."""
    kind, given, context = error["type"], error.get("input"), error.get("ctx", {})
    if kind in (REFUSED, "unknown_key"):
        return context["problem"], context["allowed"]
    if kind == "missing":
        return "is missing", ""
    if kind in ("enum", "literal_error"):
        names = [name.strip("' ") for name in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f"{shown(given)} is not known{_did_you_mean(str(given), names)}", "allowed: " + ", ".join(names)
    if kind in _NEEDED:
        return f"{_kind(given)} where {_NEEDED[kind]} is needed", ""
    if kind == "value_error":
        return str(context["error"]), ""
    said = error["msg"].removeprefix("Input should be ").removeprefix("String should ")
    return f"{shown(given)} is not right", f"allowed: {said}"


_NEEDED = {
    "string_type": "text",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
}


def _kind(given: object) -> str:
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list):
        return "a list"
    return f"the text {shown(given)}" if given != "" else "nothing"


def _unknown(key: str, known: list[str]) -> PydanticCustomError:
    problem = f"unknown key{_did_you_mean(key, known)}"
    error = refused(problem, "allowed: " + ", ".join(known))
    context = {**(error.context or {}), "key": key}
    return PydanticCustomError("unknown_key", "{problem}", context)


def _did_you_mean(given: str, known: list[str]) -> str:
    close = get_close_matches(given, known, n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""
