"""The careful reading of a line that the fast path did not accept: the event after all, or why not.

Slower by a factor of ten, so it serves the exceptions: lenient forms that are worth reading, and refusals that
must tell a person what to mend. Its checks run from the outside in (bytes, JSON, envelope, times, payload), and
the first that fails gives the reason.
"""

import re
from datetime import UTC, datetime, tzinfo
from typing import cast

import msgspec

from radar.events import KINDS, Event
from radar.events.common import ReasonCode
from radar.events.transport import ScanKind
from radar.events.world import ComplaintCategory
from streams.envelopes import (
    ENVELOPES,
    JSON_TYPE,
    TIME_FIELDS,
    Envelope,
    event_of,
    is_in_range,
    is_promised_too_early,
)
from streams.wrong_field import BadEventError, Record, bad_event, shown, wrong_field

LINE_BYTES_MAX = 1 << 20
"""Longest line read: a thousand order lines fit several times."""
NUL_ESCAPE = b"\\u0000"
_NESTED_MAX = 64
_ID_CHARS_MAX = 200
_BOM = b"\xef\xbb\xbf"
_REQUIRED = ("specversion", "type", "id", "source", "time", "subject", "data")
_KNOWN = frozenset((*Envelope.__struct_fields__, "type"))
_EXTENSION = re.compile(r"[a-z0-9]{1,20}")
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_JSON_CONTENT = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
# Closed lists that meet foreign systems' codes: an unknown word is kept in `code`, the field takes the catch-all.
_CATCH_ALL: dict[str, ReasonCode | ScanKind | ComplaintCategory] = {
    "reason": ReasonCode.OTHER,
    "scan": ScanKind.INFO,
    "category": ComplaintCategory.OTHER,
}


class Rejection(msgspec.Struct, frozen=True, gc=False):
    """Why a line is no event."""

    reason: str
    """Short code, one of ``REASONS``."""
    detail: str
    """Where, what is wrong, what is allowed."""
    event_id: str = ""
    """The line's ``id`` as far as it could be read."""
    order_id: str = ""
    """The line's ``subject`` as far as it could be read."""


REASONS: dict[str, str] = {
    "too-long": "the line is longer than 1 MiB",
    "not-utf8": "the bytes are not UTF-8 text",
    "bad-json": "the text is not JSON; the detail names the byte",
    "not-an-object": "the JSON is a list, a text, a number ... and not an object",
    "missing-field": "a required attribute or field is absent",
    "bad-envelope": "an attribute has a value that this contract does not carry",
    "unknown-kind": "the `type` is not in the contract; kept, counted, and re-playable once it is",
    "unknown-field": "a name that neither the contract nor CloudEvents' extensions allow",
    "bad-field": "a value of the wrong type or outside its limits; the detail names the path",
    "naive-time": "a time without a UTC offset, from a source that declares no zone",
    "time-out-of-range": "a time outside 1970..2099",
    "promise-before-placement": "an order promised for a time before it was placed",
}
"""Reason code -> what it means: the closed list of refusals."""


class _Names(msgspec.Struct):
    """The two names of a line, read when the rest of it cannot be."""

    id: object = ""
    subject: object = ""


def second_look(line: bytes, zone: tzinfo | None) -> Event | Rejection | None:
    """Return the event, or the reason why the line is none, or None for a blank line; never raises.

    Args:
        line: The raw bytes, with or without their line end.
        zone: The zone of times without an offset, None when the source declares none.
    """
    record: Record = {}
    try:
        text = _text(line)
        if text.isspace() or not text:
            return None
        record = _object(text)
        if NUL_ESCAPE in text:
            _refuse_nul(record, "")
        return _event(_envelope(_repaired(record, zone)))
    except BadEventError as error:
        event_id, order_id = _names(record, line)
        return Rejection(error.reason, error.detail, event_id, order_id)


def _text(line: bytes) -> bytes:
    """Return the line as checked UTF-8 with a byte order mark blanked out."""
    if len(line) > LINE_BYTES_MAX:
        raise bad_event("too-long", "", f"the line has {len(line)} bytes", f"at most {LINE_BYTES_MAX}")
    try:
        line.decode()
    except UnicodeDecodeError as error:
        utf16 = line[:2] in (b"\xff\xfe", b"\xfe\xff")
        found = "the file is UTF-16" if utf16 else error.reason
        raise bad_event("not-utf8", f"byte {error.start}", found, "UTF-8") from error
    return b"   " + line[3:] if line.startswith(_BOM) else line


def _object(text: bytes) -> Record:
    """Return the JSON object the text holds."""
    _refuse_deep_nesting(text)
    try:
        found = msgspec.json.decode(text)
    except msgspec.ValidationError as error:  # well-formed, but for its size
        raise bad_event("bad-field", "", "a number is out of range", "what a 64-bit float holds") from error
    except msgspec.DecodeError as error:
        raise _bad_json(text, str(error)) from error
    except RecursionError as error:  # the caller's own stack is nearly used up
        raise bad_event("bad-json", "", "nested too deeply", "the contract needs 4") from error
    if not isinstance(found, dict):
        raise bad_event("not-an-object", "", f"the line is {shown(found)}", "one JSON object a line")
    return found


def _refuse_deep_nesting(text: bytes) -> None:
    """Refuse nesting that no kind needs, before a parser recurses into it."""
    if text.count(b"[") + text.count(b"{") <= _NESTED_MAX:
        return
    depth = 0
    for char in _JSON_STRING.sub(b"", text):
        depth += (char in b"[{") - (char in b"]}")
        if depth > _NESTED_MAX:
            raise bad_event("bad-json", "", f"nested deeper than {_NESTED_MAX}", "the contract needs 4")


def _bad_json(text: bytes, message: str) -> BadEventError:
    """Return the refusal for msgspec's ``JSON is malformed: what (byte N)``."""
    match = re.fullmatch(r"JSON is malformed: (.*) \(byte (\d+)\)", message)
    if match is None:
        return bad_event("bad-json", f"byte {len(text)}", "the line ends before its JSON does", "a whole object a line")
    at = int(match[2])
    near = text[max(at - 10, 0) : at + 20].decode(errors="replace")
    return bad_event("bad-json", f"byte {at}", f"{match[1]} near {near!r}", "")


def _names(record: Record, line: bytes) -> tuple[str, str]:
    """Return the line's id and subject as far as they can be read."""
    found: tuple[object, object] = (record.get("id"), record.get("subject"))
    if not record and len(line) <= LINE_BYTES_MAX:
        try:
            names = msgspec.json.decode(line, type=_Names)
            found = (names.id, names.subject)
        except (ValueError, RecursionError):
            return "", ""
    event_id, order_id = (
        value[:_ID_CHARS_MAX].replace("\0", "\ufffd") if isinstance(value, str) else "" for value in found
    )
    return event_id, order_id


def _repaired(record: Record, zone: tzinfo | None) -> Record:
    """Return the attributes as the typed envelope wants them; lenient forms made strict."""
    attributes = {name: value for name, value in record.items() if value is not None}  # CloudEvents: null is absent
    for name in _REQUIRED:
        if name not in attributes:
            raise bad_event("missing-field", name, f"missing; every event has {', '.join(_REQUIRED)}", "")
    _refuse_foreign(attributes)
    data, kind = attributes["data"], cast("str", attributes["type"])
    if not isinstance(data, dict):
        raise bad_event("bad-field", "data", f"is {shown(data)}", "a JSON object, {} when there is nothing to say")
    return {
        **{name: value for name, value in attributes.items() if name in _KNOWN},
        **_times(attributes, ("time", "recordedtime"), "", zone),
        "datacontenttype": JSON_TYPE,
        "data": _repaired_data(data, kind, zone),
    }


def _refuse_foreign(attributes: Record) -> None:
    """Refuse versions, kinds, content types and names that this contract does not carry."""
    version, kind = attributes["specversion"], attributes["type"]
    if version != "1.0":
        raise bad_event("bad-envelope", "specversion", f"is {shown(version)}", '"1.0"')
    if not isinstance(kind, str):
        raise bad_event("bad-field", "type", f"is {shown(kind)}", "the name of a kind")
    if kind not in KINDS:
        known = f"{kind}.v1"
        hint = f"did you mean {known}?" if known in KINDS else "`radar schema` lists the kinds"
        raise bad_event("unknown-kind", "type", f"{shown(kind)} is no kind of this contract; {hint}", "")
    content = attributes.get("datacontenttype", JSON_TYPE)
    if not isinstance(content, str) or not _JSON_CONTENT.fullmatch(content):
        raise bad_event("bad-envelope", "datacontenttype", f"is {shown(content)}", JSON_TYPE)
    if "data_base64" in attributes:
        raise bad_event("bad-envelope", "data_base64", "binary data is not read", "JSON in `data`")
    for name in attributes.keys() - _KNOWN:
        if not _EXTENSION.fullmatch(name) or isinstance(attributes[name], dict | list):
            allowed = f"{', '.join(sorted(_KNOWN))}, and extensions named by 1-20 of a-z and 0-9 with plain values"
            raise bad_event("unknown-field", shown(name), "unknown", allowed)


def _refuse_nul(value: object, path: str) -> None:
    """Refuse a NUL character in any text: no store of ours can keep it."""
    if isinstance(value, str) and "\0" in value:
        raise bad_event("bad-field", path, "the text holds a NUL character", "text without \\u0000")
    if isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_nul(item, f"{path}[{index}]")
    if isinstance(value, dict):
        for name, item in value.items():
            _refuse_nul(name, path)
            _refuse_nul(item, f"{path}.{name}" if path else name)


def _repaired_data(data: Record, kind: str, zone: tzinfo | None) -> Record:
    """Return the payload with its times read and foreign codes moved to ``code``."""
    payload = KINDS[kind]
    repaired = {**data, **_times(data, TIME_FIELDS.get(payload, ()), "data.", zone)}
    if "code" not in payload.__struct_fields__ or data.get("code"):
        return repaired
    for name, catch_all in _CATCH_ALL.items():
        word = data.get(name)
        if name in payload.__struct_fields__ and isinstance(word, str) and word and word not in set(type(catch_all)):
            return {**repaired, name: catch_all.value, "code": word}
    return repaired


def _times(record: Record, names: tuple[str, ...], prefix: str, zone: tzinfo | None) -> Record:
    """Return the named times that can be read as such, each with its offset."""
    found: Record = {}
    for name in names:
        try:
            moment = msgspec.convert(record.get(name), datetime)
        except msgspec.ValidationError:
            continue  # absent, or no time at all: the typed reading of the whole says what is wrong with it
        found[name] = moment if moment.tzinfo is not None else _localised(moment, f"{prefix}{name}", zone)
    return found


def _localised(moment: datetime, path: str, zone: tzinfo | None) -> datetime:
    """Return a naive time as the zone's; of a repeated hour the first, of a skipped one the shifted-forward."""
    if zone is None:
        raise bad_event(
            "naive-time", path, f"{moment.isoformat()} has no offset", "an offset, or a zone for the source"
        )
    if not is_in_range(moment.replace(tzinfo=UTC)):  # before astimezone, which overflows at the calendar's ends
        raise bad_event("time-out-of-range", path, f"is {moment.isoformat()}", "1970 to 2099")
    return moment.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _envelope(attributes: Record) -> Envelope:
    """Return the typed envelope."""
    struct = ENVELOPES[KINDS[cast("str", attributes["type"])]]  # not the union: msgspec would analyse it at each call
    try:
        return msgspec.convert(attributes, struct)
    except msgspec.ValidationError as error:
        raise wrong_field(str(error), attributes, struct) from error


def _event(envelope: Envelope) -> Event:
    """Return the event of an envelope whose times are in order."""
    event = event_of(envelope)
    if event is not None:
        return event
    moments = {"time": envelope.time, "recordedtime": envelope.recordedtime}
    for name in TIME_FIELDS.get(type(envelope.data), ()):
        moments[f"data.{name}"] = getattr(envelope.data, name)
    for path, moment in moments.items():
        if moment is not None and not is_in_range(moment):
            raise bad_event("time-out-of-range", path, f"is {moment.isoformat()}", "1970 to 2099")
    assert is_promised_too_early(envelope)
    raise bad_event("promise-before-placement", "data.promise_at", "is before `time`", "the placement or later")
