"""Over 200 kinds of bad line, each with the reason it must be refused for; tests feed them to codec and commands.

No line holds a line feed, so a file of them is ``b"\\n".join``-ed with good lines between.
"""

import json
from typing import NamedTuple

from streams.codec import encode
from streams.examples import EXAMPLES
from tests.bad_text import GOOD_LINE, PLACED, Cases, no_json, no_number, no_object, no_text, put


class BadLine(NamedTuple):
    """A line that is no event."""

    name: str
    line: bytes
    reason: str


_MIB = 1 << 20
_ABSENT = object()


def bad_lines() -> list[BadLine]:
    """Return every bad line; names are unique."""
    groups = {
        "bytes": no_text(),
        "json": no_json(),
        "syntax": no_number(),
        "shape": no_object(),
        "envelope": _envelope(),
        "time": _times(),
        "order": _orders(),
        "data": _data(),
        "name": _names(),
        "size": _sizes(),
        "limit": _limits(),
        "kind": _every_kind(),
    }
    return [
        BadLine(f"{group}: {name}", line, reason) for group, cases in groups.items() for name, line, reason in cases
    ]


def good_line(number: int) -> bytes:
    """Return a valid line with an id and order of its own."""
    return _line(id=f"good-{number}", subject=f"SO-GOOD-{number}")


def _line(**changes: object) -> bytes:
    """Return the good line with attributes changed, or taken away by ``_ABSENT``."""
    return json.dumps({name: value for name, value in (PLACED | changes).items() if value is not _ABSENT}).encode()


def _envelope() -> Cases:
    """Objects whose attributes are wrong."""
    yield "an empty object", b"{}", "missing-field"
    yield "a payload without its envelope", json.dumps(PLACED["data"]).encode(), "missing-field"
    for name in PLACED:
        yield f"{name} is absent", _line(**{name: _ABSENT}), "missing-field"
        yield f"{name} is null", _line(**{name: None}), "missing-field"
    for name in ("id", "source", "subject", "type", "time"):
        for label, value in {"a number": 7, "true": True, "a list": ["x"], "an object": {"x": 1}}.items():
            yield f"{name} is {label}", _line(**{name: value}), "bad-field"
    for name in ("id", "source", "subject"):
        yield f"{name} is empty", _line(**{name: ""}), "bad-field"
        yield f"{name} has 201 characters", _line(**{name: "x" * 201}), "bad-field"
        yield f"{name} holds an escaped NUL", _line(**{name: "a\0b"}), "bad-field"
    for label, version in {"0.3": "0.3", "1.1": "1.1", "a number": 1.0, "empty": "", "padded": " 1.0"}.items():
        yield f"specversion is {label}", _line(specversion=version), "bad-envelope"
    for content in ("application/xml", "text/plain", "", 7, "application/jsonp"):
        yield f"datacontenttype is {content!r}", _line(datacontenttype=content), "bad-envelope"
    yield "binary data", _line(data_base64="AAAA"), "bad-envelope"
    yield "binary data alone", _line(data=_ABSENT, data_base64="AAAA"), "missing-field"
    for kind in (
        "order.exploded.v1",
        "order.placed",
        "order.placed.v2",
        "ORDER.PLACED.V1",
        "",
        " order.placed.v1",
        "null",
    ):
        yield f"type is {kind!r}", _line(type=kind), "unknown-kind"
    for name in ("recorded_time", "runMode", "Data", "$schema", "", "ñ", "x" * 21, "a b"):
        yield f"attribute {name!r}", _line(**{name: "x"}), "unknown-field"
    yield "an extension that is an object", _line(traceparent={"id": 1}), "unknown-field"
    yield "an extension that is a list", _line(tags=["a"]), "unknown-field"
    yield "runmode is unknown", _line(runmode="test"), "bad-field"
    yield "runmode is a number", _line(runmode=1), "bad-field"
    yield "runid is a number", _line(runid=7), "bad-field"
    yield "runid has 201 characters", _line(runid="x" * 201), "bad-field"
    yield "dataschema is a number", _line(dataschema=1), "bad-field"
    for label, value in {"a list": [], "a text": "{}", "a number": 0, "true": True}.items():
        yield f"data is {label}", _line(data=value), "bad-field"
    twice = put(b'"id"', b'"type": "stock.gone.v1", "id"')
    yield "the type twice, the last unknown", twice, "unknown-kind"


def _times() -> Cases:
    """Times that are none, are naive, or lie in no plausible year."""
    for text in (
        "", "now", "yesterday", "2024-03-01", "08:00:00Z", "20240301T080000Z", "2024-3-1T8:00:00Z", "01/03/2024 08:00",
        "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
        "2024-03-01T24:00:00Z", "2024-03-01T08:60:00Z", "2024-03-01T08:00:60Z", "2024-03-01T08:00Z",
        "2024-03-01T08:00:00+25:00", "2024-03-01T08:00:00+08:60", "2024-03-01T08:00:00 UTC", "2024-W09-5T08:00:00Z",
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "-2024-03-01T08:00:00Z", "２０２４-03-01T08:00:00Z",
        "2024-03-01T08:00:00.Z", "2024-03-01T08:00:00Z ", " 2024-03-01T08:00:00Z", "1709280000",
    ):  # fmt: skip
        yield f"time is {text!r}", _line(time=text), "bad-field"
    yield "time is seconds since 1970", _line(time=1709280000), "bad-field"
    yield "time is seconds with a fraction", _line(time=1709280000.5), "bad-field"
    yield "recordedtime is a word", _line(recordedtime="later"), "bad-field"
    yield "a promise that is a date", _data_line(promise_at="2024-03-06"), "bad-field"
    yield "a promise that is a number", _data_line(promise_at=20240306), "bad-field"
    for name, line in {
        "time": _line(time="2024-03-01T08:00:00"),
        "time with a space": _line(time="2024-03-01 08:00:00"),
        "time with a fraction": _line(time="2024-03-01T08:00:00.123456"),
        "recordedtime": _line(recordedtime="2024-03-01T08:00:00"),
        "the promise": _data_line(promise_at="2024-03-06T08:00:00"),
        "the requested time": _data_line(requested_at="2024-03-06T08:00:00"),
        "time in year 9999": _line(time="9999-12-31T23:59:59"),
    }.items():
        yield f"naive: {name}", line, "naive-time"
    for name, line in {
        "year 9999": _line(time="9999-12-31T23:59:59Z"),
        "year 2100": _line(time="2100-01-01T00:00:00Z"),
        "year 1969": _line(time="1969-12-31T23:59:59Z"),
        "year 1": _line(time="0001-01-01T00:00:00Z"),
        "before year 1 in UTC": _line(time="0001-01-01T00:00:00+14:00"),
        "after year 9999 in UTC": _line(time="9999-12-31T23:59:59-14:00"),
        "recorded in 9999": _line(recordedtime="9999-12-31T23:59:59Z"),
        "recorded in 1900": _line(recordedtime="1900-01-01T00:00:00Z"),
        "promised in 9999": _data_line(promise_at="9999-12-31T00:00:00Z"),
        "promised in 1753": _data_line(promise_at="1753-01-01T00:00:00Z"),
        "promised after 9999 in UTC": _data_line(promise_at="9999-12-31T23:59:59-12:00"),
        "requested in 2999": _data_line(requested_at="2999-01-01T00:00:00Z"),
    }.items():
        yield f"out of range: {name}", line, "time-out-of-range"
    for name, promise in {
        "a year": "2023-03-06T08:00:00Z",
        "a microsecond": "2024-03-01T07:59:59.999999Z",
        "an offset": "2024-03-01T08:00:00+08:00",
    }.items():
        yield f"promised {name} before placement", _data_line(promise_at=promise), "promise-before-placement"


def _data_line(**fields: object) -> bytes:
    """Return an order.placed line with these payload fields."""
    return _line(data=fields)


def _of(kind: str, **fields: object) -> bytes:
    """Return a line of another kind with this payload."""
    return _line(type=f"{kind}.v1", data=fields)


_ITEM: dict[str, object] = {"item": "SKU-1", "quantity": 1}


def _orders() -> Cases:
    """Orders with one wrong field."""
    for name, line in {
        "a value in words": _data_line(value="12,50"),
        "a value that is true": _data_line(value=True),
        "a negative value": _data_line(value=-0.01),
        "a value of 1e13": _data_line(value=1e13),
        "an integer of 31 digits": _data_line(value=10**30),
        "a tier in capitals": _data_line(tier="VIP"),
        "an unknown tier": _data_line(tier="gold"),
        "a flag that is 1": _data_line(is_urgent=1),
        "a flag that is a word": _data_line(is_urgent="yes"),
        "lines that are an object": _data_line(lines={"0": _ITEM}),
        "lines that are null": _data_line(lines=None),
        "a line that is a text": _data_line(lines=["SKU-1"]),
        "a line with a negative quantity": _data_line(lines=[_ITEM, {"item": "SKU-2", "quantity": -1}]),
        "a line with an empty item": _data_line(lines=[{"item": "", "quantity": 1}]),
        "1,001 lines": _data_line(lines=[_ITEM] * 1001),
        "a currency of four letters": _data_line(currency="EURO"),
        "an address that is a text": _data_line(ship_to="Main St 1"),
        "an address with a wrong flag": _data_line(ship_to={"is_remote": "no"}),
        "a NUL deep in the payload": _data_line(ship_to={"city": "Tai\0pei"}),
        "a NUL in a field's name": _data_line(**{"val\0ue": 1}),
        "no weight at all": _data_line(sample_weight=0),
    }.items():
        yield name, line, "bad-field"
    for digits in ("1e400", "-1e400", "9" * 400, "9" * 5000):
        yield f"a value of {len(digits)} characters from {digits[:6]}", put(b"10.5", digits.encode()), "bad-field"


def _data() -> Cases:
    """Other payloads with one wrong field."""
    for name, line in {
        "a hold whose reason is a number": _of("order.held", reason=7),
        "a hold whose reason is empty": _of("order.held", reason=""),
        "a code of 101 characters": _of("order.held", code="x" * 101),
        "a foreign reason beside a code": _of("order.held", reason="typhoon", code="W1"),
        "a note of 4,001 characters": _of("order.held", note="x" * 4001),
        "a line state in no list": _of("line.status", state="smoking"),
        "a speed of 150 %": _of("line.status", speed=1.5),
        "a production slot that ends first": _of(
            "production.planned", line="L", start_at="2024-03-02T00:00:00Z", finish_at="2024-03-01T00:00:00Z"
        ),
        "more defects than pieces": _of("quality.result", is_passed=False, inspected=2, defective=3),
        "a negative delay": _of("shipment.exception", expected_delay_s=-60),
        "a delay of 300 years": _of("shipment.exception", expected_delay_s=1e10),
        "a negative heartbeat": _of("source.heartbeat", next_within_s=-1),
        "a latitude of 91": _of("vehicle.position", latitude=91),
        "a longitude of -181": _of("vehicle.position", longitude=-181),
        "a csat of 0": _of("survey.answer", csat=0),
        "a csat of 6": _of("survey.answer", csat=6),
        "a csat of 4.5": _of("survey.answer", csat=4.5),
        "an nps of 11": _of("survey.answer", nps=11),
        "an nps of 400 digits": _of("survey.answer", nps=10**400),
        "a weather alert that ends first": _of(
            "weather.alert", area="A", severity="minor", from_at="2024-03-02T00:00:00Z", to_at="2024-03-01T00:00:00Z"
        ),
        "a severity in no list": _of(
            "weather.alert", area="A", severity="bad", from_at="2024-03-01T00:00:00Z", to_at="2024-03-02T00:00:00Z"
        ),
        "a courier state in no list": _of("courier.status", state="asleep"),
        "a scan that is true": _of("shipment.scan", site="HUB", scan=True),
        "a scan at an empty site": _of("shipment.scan", site=""),
        "an effect of 2": _of("action.applied", action="expedite", effect=2),
    }.items():
        yield name, line, "bad-field"


def _names() -> Cases:
    """Payloads with a field too many or too few."""
    for name, line in {
        "a field nobody knows": _data_line(colour="red"),
        "a field in capitals": _data_line(Value=1),
        "a field with a blank": _data_line(**{"value ": 1}),
        "an empty name": _data_line(**{"": 1}),
        "a name with a backtick": _data_line(**{"a`b": 1}),
        "a name with a line break": _data_line(**{"a\nb": 1}),
        "a name like a prototype": _data_line(__proto__={}),
        "an unknown field in a line": _data_line(lines=[_ITEM | {"sku": 1}]),
        "an unknown field in the address": _data_line(ship_to={"street": "Main St"}),
        "another kind's field": _of("order.validated", site="HUB"),
        "the envelope inside the payload": _line(data=PLACED),
    }.items():
        yield name, line, "unknown-field"
    for name, line in {
        "a line without its item": _data_line(lines=[{"quantity": 1}]),
        "a line without its quantity": _data_line(lines=[{"item": "SKU-1"}]),
        "a scan without its site": _of("shipment.scan"),
        "an alert without its end": _of("weather.alert", area="A", severity="minor", from_at="2024-03-01T00:00:00Z"),
        "an inspection without its result": _of("quality.result", line="L"),
        "a level without its stock": _of("inventory.level", item="A", warehouse="W"),
    }.items():
        yield name, line, "missing-field"


def _sizes() -> Cases:
    """Fields and lines of a megabyte."""
    big = "x" * 1_000_000
    yield "a 1 MB id", _line(id=big), "bad-field"
    yield "a 1 MB subject", _line(subject=big), "bad-field"
    yield "a 1 MB area", _data_line(ship_to={"area": big}), "bad-field"
    yield "a 1 MB note", _of("order.held", note=big), "bad-field"
    yield "a 1 MB type", _line(type=big), "unknown-kind"
    yield "a 1 MB attribute name", _line(**{big: 1}), "unknown-field"
    yield "a 1 MB field name", _data_line(**{big: 1}), "unknown-field"
    yield "a 1 MB text cut short", b'{"id":"' + big.encode(), "bad-json"
    yield "a line a byte too long", GOOD_LINE + b" " * (_MIB + 1 - len(GOOD_LINE)), "too-long"
    yield "a 3 MB extension", _line(trace=big * 3), "too-long"
    yield "2 MB of blanks", b" " * (2 * _MIB), "too-long"
    yield "2 MB of zeros", b"\0" * (2 * _MIB), "too-long"


def _limits() -> Cases:
    """Texts one character over the limit of their field."""
    for field, length in {
        "customer_id": 200, "order_type": 100, "origin": 200, "channel": 100, "language": 35, "zone": 64,
    }.items():  # fmt: skip
        yield f"{field} has {length + 1} characters", _data_line(**{field: "x" * (length + 1)}), "bad-field"
    for field in ("distance_km", "weight_kg", "volume_m3", "freight"):
        yield f"{field} is negative", _data_line(**{field: -1}), "bad-field"


def _every_kind() -> Cases:
    """Each kind with a field it does not have, and each required field left out."""
    for kind, event in EXAMPLES.items():
        record = json.loads(encode(event))
        record["data"] = {**record["data"], "surprise": 1}
        yield f"{kind} with a surprise", json.dumps(record).encode(), "unknown-field"
        for field in event.data.__struct_fields__[: -len(event.data.__struct_defaults__) or None]:
            data = {name: value for name, value in record["data"].items() if name not in (field, "surprise")}
            yield f"{kind} without {field}", json.dumps(record | {"data": data}).encode(), "missing-field"
