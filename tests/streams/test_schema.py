"""The JSON Schema and the codec agree: what is written is valid, what the codec refuses for its form is not."""

import json
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from radar.events import KINDS, Event
from streams.codec import Codec, encode
from streams.examples import EXAMPLES
from streams.schema import contract_schema
from tests.bad_input import bad_lines
from tests.strategies import events

# What JSON Schema cannot say: checks between fields, NUL characters, dates no calendar has, offsets beyond 24 h.
CODEC_ONLY = ("NUL", "ends first", "more defects", "beside a code", "out of range", "before placement", "type twice")
CALENDAR = ("02-30", "02-29", "13-01", "00-01", "24:00", "08:60", ":60Z", "+25:00", "+08:60")


@cache
def validator(kind: str | None = None) -> Draft202012Validator:
    return Draft202012Validator(contract_schema(kind))


def object_of(line: bytes) -> object | None:
    """Return the JSON object of a line, None when there is none or it holds a number beyond 64 bits."""
    try:
        found = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


INVALID = [
    bad
    for bad in bad_lines()
    if object_of(bad.line) is not None and bad.reason != "too-long" and not any(word in bad.name for word in CODEC_ONLY)
    if not (bad.name.startswith("time: time is") and any(word in bad.name for word in CALENDAR))
]


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(contract_schema())


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_is_valid_under_its_kind_and_under_no_other(kind):
    record = json.loads(encode(EXAMPLES[kind]))
    other = next(name for name in KINDS if name != kind)
    assert list(validator(kind).iter_errors(record)) == []
    assert not validator(other).is_valid(record)


@given(events())
@settings(max_examples=100)
def test_every_event_the_codec_writes_is_valid(written):
    record = json.loads(encode(written))
    assert validator(record["type"]).is_valid(record)


def test_the_whole_contract_accepts_every_example():
    assert [kind for kind in KINDS if not validator().is_valid(json.loads(encode(EXAMPLES[kind])))] == []


@pytest.mark.parametrize("bad", INVALID, ids=[bad.name for bad in INVALID])
def test_what_the_codec_refuses_for_its_form_is_invalid(bad):
    record = object_of(bad.line)
    assert isinstance(record, dict)
    kind = record.get("type")
    assert not validator(kind if isinstance(kind, str) and kind in KINDS else None).is_valid(record)
    assert not isinstance(Codec().decode(bad.line), Event)


def test_most_of_the_bad_objects_are_held_against_the_schema():
    assert len(INVALID) >= 180


def test_extensions_are_valid_and_other_names_are_not():
    record = json.loads(encode(EXAMPLES["order.placed.v1"]))
    assert validator("order.placed.v1").is_valid(record | {"traceparent": "00-4b"})
    assert not validator("order.placed.v1").is_valid(record | {"traceParent": "00-4b"})
