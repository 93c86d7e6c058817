"""Turns msgspec's one-line complaints into a reason, a path, what is wrong and what is allowed."""

import json
import re
from functools import lru_cache

import msgspec
from msgspec.inspect import DateTimeType, EnumType, Field, StructType, Type, UnionType, VarTupleType, type_info

Record = dict[str, object]
"""A JSON object not yet checked; it lives in the second look alone."""

_SHOWN_CHARS_MAX = 60
_TIME_ALLOWED = "RFC 3339 with an offset, such as 2024-03-01T08:00:00Z"
_WORDS = {"float": "number", "str": "text", "int": "integer", "bool": "boolean", "datetime": "time"}
_COMPLAINT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected (.*?)(?:, got .*)?", re.DOTALL)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class BadEventError(ValueError):
    """A line is no event of the contract."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def bad_event(reason: str, path: str, problem: str, allowed: str) -> BadEventError:
    """Return the refusal in its usual form: ``path: what is wrong, allowed: what would be right``."""
    said = f"{problem}, allowed: {allowed}" if allowed else problem
    return BadEventError(reason, f"{path}: {said}" if path else said)


def wrong_field(message: str, record: Record, struct: type[msgspec.Struct]) -> BadEventError:
    """Return the refusal behind a msgspec validation message.

    Args:
        message: What msgspec said, with its path.
        record: The object it was said of; the value found is shown from it.
        struct: The struct the object was read as; it knows what is allowed.
    """
    complaint = _COMPLAINT.fullmatch(message)
    assert complaint is not None, message
    what, path = complaint["what"], complaint["path"] or ""
    if match := _MISSING.fullmatch(what):
        return bad_event("missing-field", f"{path}.{match[1]}", "missing", "")
    kinds = _types_at(struct, path)
    if match := _UNKNOWN.fullmatch(what):
        names = [field.encode_name for kind in kinds if isinstance(kind, StructType) for field in kind.fields]
        return bad_event("unknown-field", f"{path}.{shown(match[1])}", "unknown", ", ".join(names) or "nothing")
    if not what.startswith(("Expected ", "Invalid ")):  # a payload's own check, or a number out of range
        return bad_event("bad-field", path, what[:1].lower() + what[1:], "")
    match = _EXPECTED.fullmatch(what)
    allowed = _allowed(kinds) or (_in_json_words(match[1]) if match else "")
    return bad_event("bad-field", path, f"is {shown(_value_at(record, path))}", allowed)


def shown(value: object) -> str:
    """Return a value as JSON, cut to a length that fits a message."""
    text = json.dumps(value[: _SHOWN_CHARS_MAX + 1] if isinstance(value, str) else value, default=str)
    return text if len(text) <= _SHOWN_CHARS_MAX + 2 else f"{text[:_SHOWN_CHARS_MAX]}..."


def _in_json_words(expected: str) -> str:
    """Return what msgspec expects with JSON's names for Python's types."""
    return re.sub(r"\w+", lambda word: _WORDS.get(word[0], word[0]), expected).replace("`", "")


def _steps(path: str) -> list[str | int]:
    """Return the names and indices of ``data.lines[0].item``."""
    return [int(index) if index else name for index, name in _STEP.findall(path)]


def _value_at(record: Record, path: str) -> object:
    """Return the value a path leads to, None when it leads nowhere."""
    value: object = record
    for step in _steps(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
    return value


@lru_cache(maxsize=256)
def _types_at(struct: type[msgspec.Struct], path: str) -> tuple[Type, ...]:
    """Return the types allowed at a path of a struct."""
    kinds: tuple[Type, ...] = (type_info(struct),)
    for step in _steps(path):
        kinds = tuple(inner for kind in kinds for inner in _inside(kind, step))
    return kinds


def _inside(kind: Type, step: str | int) -> tuple[Type, ...]:
    """Return the types one step inside a type, unions taken apart."""
    inner: Type | None = None
    if isinstance(kind, StructType):
        fields: dict[str | int, Field] = {field.encode_name: field for field in kind.fields}
        inner = fields[step].type if step in fields else None
    elif isinstance(kind, VarTupleType) and isinstance(step, int):
        inner = kind.item_type
    if inner is None:
        return ()
    return inner.types if isinstance(inner, UnionType) else (inner,)


def _allowed(kinds: tuple[Type, ...]) -> str:
    """Return what is allowed where msgspec does not say it: closed lists and times."""
    for kind in kinds:
        if isinstance(kind, EnumType):
            return ", ".join(str(member.value) for member in kind.cls)
        if isinstance(kind, DateTimeType):
            return _TIME_ALLOWED
    return ""
