"""Writes docs/reference/events.md from the code: kinds, fields, limits, meanings, examples, refusals."""

import json

import msgspec
from msgspec.inspect import (
    BoolType,
    DateTimeType,
    EnumType,
    Field,
    FloatType,
    IntType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from radar.events import KINDS
from radar.events.order import OrderLine, ShipTo
from streams.codec import encode
from streams.envelopes import Envelope
from streams.examples import EXAMPLES
from streams.field_notes import field_notes
from streams.second_look import REASONS

INTRODUCTION = """\
# Events

Every source tells the radar facts in one form: a [CloudEvents 1.0](https://cloudevents.io) JSON object, one a line,
UTF-8, at most 1 MiB. `radar schema` writes this contract as JSON Schema, `radar schema order.placed` one kind of it.
This page is written from the code by `make golden`; a test holds it there.

```json
{example}
```

## The envelope

{envelope}

Other attributes named by 1-20 of `a-z` and `0-9` with plain values are extensions of CloudEvents: tolerated, not read.
A JSON `null` means absent. An attribute with any other name is refused, and so is a field of `data` that its kind does
not have: a typing error should not go unseen.

## Times

Times are RFC 3339 with an offset (`2024-03-01T08:00:00Z`, `2024-03-01T16:00:00+08:00`), read to the microsecond, in the
years 1970 to 2099. A time without an offset is refused unless the source declares its zone; then a time that happened
twice is the first of the two, and one that summer time skipped is shifted forward.

## What is read although it is not quite right

- A byte order mark, extension attributes, JSON `null` for an attribute, times of a declared zone.
- `\\r\\n` at the end. Blank lines: a blank line is not a line and is counted nowhere.
- A `reason`, `scan` or `category` in no list: the field becomes `other` (`info` for a scan) and the word is kept in
  `code`, as long as the event has no `code` of its own.
- A repeated key: the last value counts.
- `datacontenttype` with parameters, or ending in `+json`.

All but the second and the repeated key take a slower path, about ten times the time of the plain form
(`python -m benchmarks.codec`).

## What is refused, and why

A refused line becomes a dead letter with one of these reasons and a detail that names the place and what is allowed.
`radar deadletter list` shows them, and the good lines around them are not touched.

| reason | meaning |
| --- | --- |
{reasons}

## Kinds

| kind | tells |
| --- | --- |
{kinds}
"""


def event_page() -> str:
    """Return the whole page."""
    parts = [
        INTRODUCTION.format(
            example=_example("order.placed.v1"),
            envelope=_table(Envelope),
            reasons="\n".join(f"| `{reason}` | {meaning} |" for reason, meaning in REASONS.items()),
            kinds="\n".join(f"| [{kind}](#{_anchor(kind)}) | {_doc(struct)} |" for kind, struct in KINDS.items()),
        )
    ]
    parts += [_section(kind) for kind in KINDS]
    parts += [f"## {struct.__name__}\n\n{_doc(struct)}\n\n{_table(struct)}\n" for struct in (OrderLine, ShipTo)]
    return "\n".join(parts)


def _section(kind: str) -> str:
    """Return what stands under the heading of one kind."""
    struct = KINDS[kind]
    table = _table(struct) if struct.__struct_fields__ else "No fields: `data` is `{}`."
    return f"## {kind}\n\n{_doc(struct)}\n\n{table}\n\n```json\n{_example(kind)}\n```\n"


def _anchor(heading: str) -> str:
    return heading.replace(".", "").lower()


def _doc(struct: type[msgspec.Struct]) -> str:
    """Return a docstring on one line, as Markdown."""
    return _markdown(" ".join((struct.__doc__ or "").split()))


def _markdown(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _example(kind: str) -> str:
    return json.dumps(json.loads(encode(EXAMPLES[kind])), ensure_ascii=False, indent=2)


def _table(struct: type[msgspec.Struct]) -> str:
    """Return the table of a struct's fields."""
    info, notes = type_info(struct), field_notes(struct)
    assert isinstance(info, StructType)
    rows = [
        f"| `{field.encode_name}` | {_type(field.type)} | {_limits(field.type)} | {_default(field)} | "
        f"{_markdown(notes[field.name])} |"
        for field in info.fields
    ]
    if struct is Envelope:
        rows.insert(0, "| `type` | text | a kind below | required | What happened. |")
    return "\n".join(["| field | type | limits | default | meaning |", "| --- | --- | --- | --- | --- |", *rows])


def _inner(kind: Type) -> Type:
    """Return the type beside null."""
    if isinstance(kind, UnionType):
        return next(member for member in kind.types if not isinstance(member, NoneType))
    return kind


def _type(kind: Type) -> str:
    match _inner(kind):
        case VarTupleType(item_type=item):
            return f"list of {_type(item)}"
        case StructType(cls=struct) if struct in (OrderLine, ShipTo):
            return f"[{struct.__name__}](#{struct.__name__.lower()})"
        case StructType():
            return "object"
        case found:
            return _WORDS.get(type(found), "text")


_WORDS: dict[type[Type], str] = {BoolType: "boolean", DateTimeType: "time", FloatType: "number", IntType: "integer"}


def _limits(kind: Type) -> str:
    match _inner(kind):
        case StrType(min_length=low, max_length=high):
            return f"{low or 0}-{high} characters"
        case FloatType(gt=above, ge=low, le=high) | IntType(gt=above, ge=low, le=high):
            return f"{f'above {above:g}' if above is not None else f'{low:g}'} to {high:g}"
        case EnumType(cls=words):
            return ", ".join(f"`{word.value}`" for word in words)
        case VarTupleType(max_length=most):
            return f"at most {most}"
        case msgspec.inspect.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
    return ""


def _default(field: Field) -> str:
    if field.required:
        return "required"
    found = msgspec.to_builtins(field.default)
    return f"`{json.dumps(found)}`" if isinstance(found, bool | int | float) or (found and found != {}) else ""
