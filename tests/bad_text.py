"""The half of the bad lines that never becomes an object: no text, no JSON, no object."""

import json
from collections.abc import Iterator

Cases = Iterator[tuple[str, bytes, str]]
"""Name, line and expected reason."""

PLACED: dict[str, object] = {
    "specversion": "1.0",
    "type": "order.placed.v1",
    "id": "ev-1",
    "source": "shop",
    "time": "2024-03-01T08:00:00Z",
    "subject": "SO-1",
    "data": {"promise_at": "2024-03-06T08:00:00Z", "lines": [{"item": "SKU-1", "quantity": 2}], "value": 10.5},
}
GOOD_LINE = json.dumps(PLACED).encode()
"""The line every bad one is made from; it must survive beside each of them."""


def put(old: bytes, new: bytes) -> bytes:
    """Return the good line with some bytes replaced."""
    assert old in GOOD_LINE, old
    return GOOD_LINE.replace(old, new, 1)


def no_text() -> Cases:
    """Lines that are no text."""
    for name, raw in {
        "a PNG header": b"\x89PNG\r\x1a",
        "a gzip member": b"\x1f\x8b\x08\x00\x00\x00",
        "UTF-16 with a byte order mark": b"\xff\xfe" + GOOD_LINE.decode().encode("utf-16-le"),
        "UTF-16 big endian": b"\xfe\xff" + GOOD_LINE.decode().encode("utf-16-be"),
        "a Latin-1 umlaut": put(b"SO-1", b"SO-\xfc"),
        "GBK text": put(b"SO-1", "订单".encode("gbk")),
        "an encoded surrogate": put(b"SO-1", b"\xed\xa0\x80"),
        "an overlong NUL": put(b"SO-1", b"\xc0\x80"),
        "a code point beyond Unicode": put(b"SO-1", b"\xf5\x80\x80\x80"),
        "a character cut in half": put(b"SO-1", "单".encode()[:2]),
        "a lone continuation byte": put(b"SO-1", b"\x80"),
        "a broken key": put(b'"subject"', b'"sub\xffject"'),
        "0xFF between the tokens": put(b", ", b",\xff"),
        "only 0xFF": b"\xff" * 50,
    }.items():
        yield name, raw, "not-utf8"
    for name, raw in {
        "NUL bytes alone": b"\0" * 64,
        "NUL bytes after the event": GOOD_LINE + b"\0" * 8,
        "NUL bytes before the event": b"\0\0" + GOOD_LINE,
        "a NUL byte in a text": put(b"SO-1", b"SO\x001"),
        "a NUL byte in a key": put(b"subject", b"sub\0ject"),
        "UTF-16 without a mark": GOOD_LINE.decode().encode("utf-16-le"),
        "a tab in a text": put(b"SO-1", b"SO\t1"),
        "a control character in a text": put(b"SO-1", b"SO\x1b[31m"),
        "a form feed between tokens": put(b", ", b",\f"),
        "a no-break space before the event": "\u00a0".encode() + GOOD_LINE,
        "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD_LINE,
        "a byte order mark inside": put(b", ", b",\xef\xbb\xbf"),
        "a record separator": b"\x1e" + GOOD_LINE,
    }.items():
        yield name, raw, "bad-json"


def no_json() -> Cases:
    """Text that is not JSON."""
    for name, raw in {
        "cut after the brace": b"{",
        "cut in a key": GOOD_LINE[:6],
        "cut after a colon": b'{"specversion":',
        "cut in a text": GOOD_LINE[:20],
        "cut in the payload": GOOD_LINE[:-30],
        "cut before the last brace": GOOD_LINE[:-1],
        "the tail of a line": GOOD_LINE[40:],
        "two events on one line": GOOD_LINE + GOOD_LINE,
        "two events and a comma": GOOD_LINE + b"," + GOOD_LINE,
        "an event and junk": GOOD_LINE + b" ok",
        "a comma at the end": GOOD_LINE + b",",
        "a brace too many": GOOD_LINE + b"}",
        "a trailing comma inside": put(b"}", b",}"),
        "a missing comma": put(b", ", b" "),
        "a missing colon": put(b'"id":', b'"id"'),
        "a double colon": put(b'"id":', b'"id"::'),
        "single quotes": GOOD_LINE.replace(b'"', b"'"),
        "no quotes round a key": put(b'"id"', b"id"),
        "no quotes round a value": put(b'"SO-1"', b"SO-1"),
        "a number as a key": put(b'"id"', b"7"),
        "null as a key": put(b'"id"', b"null"),
        "an unknown escape": put(b"SO-1", b"SO\\x41"),
        "a short hex escape": put(b"SO-1", b"\\u12"),
        "a lone high surrogate": put(b"SO-1", b"\\ud800"),
        "a lone low surrogate": put(b"SO-1", b"\\udc00"),
        "surrogates the wrong way round": put(b"SO-1", b"\\udc00\\ud800"),
        "a high surrogate and a letter": put(b"SO-1", b"\\ud83dA"),
        "a backslash at the end": b'{"id":"\\',
    }.items():
        yield name, raw, "bad-json"


def no_number() -> Cases:
    """Words and numbers that JSON does not have, text of other formats, and nesting without end."""
    for name, raw in {
        "NaN": put(b"10.5", b"NaN"),
        "Infinity": put(b"10.5", b"Infinity"),
        "minus Infinity": put(b"10.5", b"-Infinity"),
        "a leading zero": put(b"10.5", b"010.5"),
        "a leading plus": put(b"10.5", b"+10.5"),
        "a leading point": put(b"10.5", b".5"),
        "a trailing point": put(b"10.5", b"10."),
        "a hexadecimal number": put(b"10.5", b"0x10"),
        "an exponent without digits": put(b"10.5", b"1e"),
        "a decimal comma": put(b"10.5", b"10,5"),
        "a thousands separator": put(b"10.5", b"1_000"),
        "True": put(b"10.5", b"True"),
        "None": put(b"10.5", b"None"),
        "undefined": put(b"10.5", b"undefined"),
        "a comment before": b"/* shop */" + GOOD_LINE,
        "a comment after": GOOD_LINE + b" // shop",
        "a hash comment": b"# shop",
        "a CSV line": b"SO-1,2024-03-01T08:00:00Z,placed",
        "an XML line": b"<order id='SO-1'/>",
        "a log line": b"2024-03-01 08:00:00 INFO placed SO-1",
        "an HTML error page": b"<!DOCTYPE html><html>502 Bad Gateway</html>",
        "a merge conflict mark": b"<<<<<<< HEAD",
        "a lone quote": b'"',
        "a lone minus": b"-",
        "half a word": b"tru",
        "a YAML document mark": b"---",
        "lists nested 65 deep": b"[" * 65 + b"]" * 65,
        "objects nested 200,000 deep": b'{"a":' * 200_000,
        "lists nested a million deep": b"[" * 1_000_000,
        "a payload nested 500 deep": put(b"10.5", b"[" * 500 + b"]" * 500),
    }.items():
        yield name, raw, "bad-json"


def no_object() -> Cases:
    """JSON, and no object."""
    for name, raw in {
        "a list": b"[]",
        "a batch of events": b"[" + GOOD_LINE + b"]",
        "a text": b'"SO-1"',
        "an event in a text": json.dumps(GOOD_LINE.decode()).encode(),
        "an integer": b"42",
        "a number": b"-1.5e3",
        "true": b"true",
        "null": b"null",
    }.items():
        yield name, raw, "not-an-object"
