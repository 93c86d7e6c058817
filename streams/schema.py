"""The contract as JSON Schema (draft 2020-12), for the systems that write our events.

The schema asks for the strict form; the codec also reads lenient ones (naive times of a declared zone, foreign reason
codes, a byte order mark). What JSON Schema cannot say is left to the codec: a promise not before its placement, an
alert that ends after it begins, no NUL in a text.
"""

from typing import cast

import msgspec

from radar.events import KINDS
from radar.events.order import OrderLine, ShipTo
from streams.codec import encode
from streams.envelopes import CONTRACT, ENVELOPES, Envelope
from streams.examples import EXAMPLES
from streams.field_notes import field_notes

Node = dict[str, object]
"""One JSON Schema object."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TIME_PATTERN = r"^(19[7-9]\d|20\d\d)-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$"
_ATTRIBUTES = sorted((*Envelope.__struct_fields__, "type"))
_EXTENSIONS: Node = {
    f"^(?!(?:{'|'.join(_ATTRIBUTES)})$)[a-z0-9]{{1,20}}$": {
        "description": "An extension attribute of CloudEvents; tolerated and not read.",
        "type": ["string", "number", "boolean", "null"],
    }
}


def contract_schema(kind: str | None = None) -> Node:
    """Return the JSON Schema of one kind, or of the whole contract.

    Args:
        kind: A name of ``KINDS`` (``order.placed.v1``); None for all of them.

    Raises:
        KeyError: There is no such kind.
    """
    struct = CONTRACT if kind is None else ENVELOPES[KINDS[kind]]
    found = cast("Node", msgspec.json.schema(struct))
    found.pop("discriminator", None)  # a word of OpenAPI, not of JSON Schema
    definitions = cast("dict[str, Node]", found["$defs"])
    for name in KINDS if kind is None else (kind,):
        _finish(definitions, name)
    for inner in (OrderLine, ShipTo):
        _describe(definitions.get(inner.__name__), inner)
    _tighten_times(definitions)
    title = "Order Radar events" if kind is None else f"Order Radar event {kind}"
    return {"$schema": DIALECT, "$id": f"urn:order-radar:{kind or 'events.v1'}", "title": title, **found}


def _finish(definitions: dict[str, Node], kind: str) -> None:
    """Describe one kind's envelope and payload, and show its example."""
    payload = KINDS[kind]
    envelope = definitions[ENVELOPES[payload].__name__]
    envelope["patternProperties"] = _EXTENSIONS
    envelope["examples"] = [msgspec.json.decode(encode(EXAMPLES[kind]))]
    _describe(envelope, Envelope)
    _describe(definitions[payload.__name__], payload)


def _describe(definition: Node | None, struct: type[msgspec.Struct]) -> None:
    """Add the meaning of its fields to a definition."""
    if definition is None:
        return
    properties = cast("dict[str, Node]", definition["properties"])
    for name, note in field_notes(struct).items():
        if note:
            properties[name] = {**properties[name], "description": note}


def _tighten_times(node: object) -> None:
    """Ask every time for an offset and a plausible year: ``format`` alone is a comment to most validators."""
    if isinstance(node, dict):
        if node.get("format") == "date-time":
            node["pattern"] = TIME_PATTERN
        _tighten_times(list(node.values()))
    elif isinstance(node, list):
        for item in node:
            _tighten_times(item)


def schema_bytes(kind: str | None = None) -> bytes:
    """Return the schema as indented JSON text that ends in a line feed."""
    return msgspec.json.format(msgspec.json.encode(contract_schema(kind)), indent=2) + b"\n"
