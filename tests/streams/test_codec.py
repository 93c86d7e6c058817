"""The codec reads what it writes, for every kind, on both of its paths, and never raises."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.inspect import StructType, VarTupleType, type_info

from radar.errors import InputError
from radar.events import KINDS, Event
from radar.events.common import ReasonCode
from radar.events.order import OrderPlaced
from radar.events.supply import LineStatus
from radar.events.transport import ScanKind, ShipmentException, ShipmentScan
from radar.instant import to_datetime
from streams.codec import Codec, encode
from streams.envelopes import TIME_FIELDS
from streams.examples import EXAMPLES
from streams.second_look import LINE_BYTES_MAX, REASONS, Rejection, second_look
from tests.bad_input import bad_lines
from tests.bad_text import GOOD_LINE
from tests.strategies import any_instants, events

CODEC = Codec()
LINES = [bad.line for bad in bad_lines() if len(bad.line) < 10_000]


def read(**changes: object) -> Event | Rejection | None:
    """Return what the good line says with some attributes changed; None takes one away."""
    record = {name: value for name, value in (json.loads(GOOD_LINE) | changes).items() if value is not None}
    return CODEC.decode(json.dumps(record).encode())


def event(**changes: object) -> Event:
    decoded = read(**changes)
    assert isinstance(decoded, Event), decoded
    return decoded


@pytest.mark.req("R50")
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_kind_reads_back_as_it_was_written(kind, data):
    written = data.draw(events([kind], times=any_instants))
    line = encode(written)
    again = CODEC.decode(line)
    assert again == written
    assert isinstance(again, Event)
    assert encode(again) == line
    assert b"\n" not in line


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example_that_reads_back(kind):
    assert CODEC.decode(encode(EXAMPLES[kind])) == EXAMPLES[kind]


@given(events(times=any_instants))
@settings(max_examples=300, deadline=None)
def test_the_second_look_reads_alike_what_the_fast_path_accepts(written):
    assert second_look(encode(written), None) == written


@given(events(), st.sampled_from([b',"traceparent":"00-4b"}', b',"sequence":7}', b',"runid":null}', b"}\r\n", b"}  "]))
@settings(max_examples=200, deadline=None)
def test_lenient_forms_of_any_event_read_like_the_strict_one(written, ending):
    strict = encode(msgspec.structs.replace(written, run_id=""))
    assert CODEC.decode(strict[:-1] + ending) == CODEC.decode(strict)


@given(st.binary(max_size=200))
@example(b"[" * LINE_BYTES_MAX)
@example(b'{"a":' * 200_000)
@example(b"\xef\xbb\xbf" * 3)
@example(b'"\\ud800"')
@settings(max_examples=500, deadline=None)
def test_no_bytes_make_the_codec_raise(line):
    assert_contained(CODEC.decode_block([line, GOOD_LINE]))


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_no_mutation_of_an_event_makes_the_codec_raise(data):
    line = data.draw(st.sampled_from([encode(found) for found in EXAMPLES.values()] + LINES))
    start = data.draw(st.integers(0, len(line)))
    stop = data.draw(st.integers(start, min(start + 8, len(line))))
    bits = st.sampled_from(
        [b"", b"\x00", b'"', b"}", b"{}", b"null", b"-1", b"1e999", b"\\u0000", b"\\ud800", b"9" * 400]
    )
    mutated = line[:start] + data.draw(bits | st.binary(max_size=4)) + line[stop:]
    zone = data.draw(st.sampled_from([None, "America/Sao_Paulo", "Pacific/Apia"]))
    assert_contained(Codec(zone).decode_block([mutated, GOOD_LINE]))


def assert_contained(decoded):
    """Check that a bad line did no harm: it is refused in known words, and the good line after it lives."""
    first, good = decoded
    assert isinstance(good, Event)
    match first:
        case Rejection():
            assert first.reason in REASONS
            assert len(first.detail) < 2000
            assert "\0" not in first.event_id + first.order_id
            msgspec.json.encode(first)
        case Event():
            assert CODEC.decode(encode(first)) == first
        case _:
            assert first is None


def test_a_repeated_key_counts_with_its_last_value():
    line = GOOD_LINE.replace(b'"id":', b'"id":"first","id":')
    assert CODEC.decode(line) == CODEC.decode(GOOD_LINE)


def test_blank_lines_are_no_lines_and_keep_their_place():
    decoded = CODEC.decode_block([b"", GOOD_LINE, b"  \t\r\n", GOOD_LINE, b"\xef\xbb\xbf\r"])
    assert [type(found) for found in decoded] == [type(None), Event, type(None), Event, type(None)]


def test_a_byte_order_mark_and_carriage_returns_do_no_harm():
    assert CODEC.decode(b"\xef\xbb\xbf" + GOOD_LINE + b"\r\n") == CODEC.decode(GOOD_LINE)


def test_times_are_read_to_the_microsecond_whatever_their_offset():
    assert event(time="2024-03-01T08:00:00.000001+08:00").time == event(time="2024-03-01T00:00:00.000001Z").time
    placed = event(data={"promise_at": "2024-03-09T08:00:00+08:00"}).data
    assert isinstance(placed, OrderPlaced)
    assert placed.promise_at == datetime(2024, 3, 9, tzinfo=UTC)
    assert placed.promise_at.tzinfo is UTC


@given(any_instants, st.integers(-14 * 60, 14 * 60))
def test_the_unrolled_arithmetic_agrees_with_the_converter(instant, offset_minutes):
    text = to_datetime(instant).astimezone(timezone(timedelta(minutes=offset_minutes))).isoformat()
    found = event(time=text, recordedtime=text, data={})
    assert (found.time, found.recorded_at) == (instant, instant)


@pytest.mark.parametrize(("text", "is_read"), [("1970-01-01T00:00:00Z", True), ("1969-12-31T23:59:59.999999Z", False)])
def test_1970_is_the_first_year(text, is_read):
    assert isinstance(read(time=text), Event) is is_read


@pytest.mark.parametrize(
    ("text", "is_read"),
    [("2099-12-31T23:59:59.999999Z", True), ("2100-01-01T00:00:00Z", False), ("2100-01-01T00:00:00+08:00", True)],
)
def test_2099_is_the_last_year_of_events_and_promises(text, is_read):
    assert isinstance(read(data={"promise_at": text}), Event) is is_read
    assert isinstance(read(time=text, data={}), Event) is is_read


def test_a_promise_at_the_moment_of_placement_is_kept_and_a_microsecond_before_is_not():
    assert isinstance(read(time="2024-03-01T00:00:00Z", data={"promise_at": "2024-03-01T00:00:00Z"}), Event)
    refused = read(time="2024-03-01T00:00:00.000001Z", data={"promise_at": "2024-03-01T00:00:00Z"})
    assert isinstance(refused, Rejection)
    assert refused.reason == "promise-before-placement"


def test_a_declared_zone_localises_naive_times_and_leaves_the_others():
    codec = Codec("Asia/Taipei")
    line = GOOD_LINE.replace(b"00Z", b"00")
    assert b"Z" not in line
    local, given_offset = codec.decode(line), codec.decode(GOOD_LINE)
    assert isinstance(local, Event)
    assert isinstance(given_offset, Event)
    assert given_offset == CODEC.decode(GOOD_LINE)
    assert given_offset.time - local.time == 8 * 3_600_000_000
    assert isinstance(local.data, OrderPlaced)
    assert local.data.promise_at == datetime(2024, 3, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2017-10-15T00:30:00", "2017-10-15T03:30:00Z"),  # skipped by summer time: 01:30 of the new offset
        ("2018-02-17T23:30:00", "2018-02-18T01:30:00Z"),  # happened twice: the first
        ("2018-02-17 23:30:00.25", "2018-02-18T01:30:00.25Z"),
    ],
)
def test_skipped_local_times_shift_forward_and_repeated_ones_are_the_first(text, utc):
    line = json.dumps(json.loads(GOOD_LINE) | {"time": text, "data": {}}).encode()
    found = Codec("America/Sao_Paulo").decode(line)
    assert isinstance(found, Event)
    assert found.time == event(time=utc, data={}).time


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Asia", "a\0b"])
def test_a_zone_that_is_none_is_a_wrong_argument(zone):
    with pytest.raises(InputError, match="IANA"):
        Codec(zone)


def test_a_foreign_reason_is_kept_in_code():
    kept = event(type="shipment.exception.v1", data={"reason": "客户拒收"}).data
    assert kept == ShipmentException(reason=ReasonCode.OTHER, code="客户拒收")
    assert event(type="shipment.scan.v1", data={"site": "A", "scan": "sorted"}).data == ShipmentScan(
        "A", scan=ScanKind.INFO, code="sorted"
    )


def test_a_foreign_reason_beside_a_code_is_refused_rather_than_lost():
    assert isinstance(read(type="shipment.exception.v1", data={"reason": "typhoon", "code": "W1"}), Rejection)


def test_an_unknown_code_of_its_own_field_is_kept_as_it_came():
    assert event(type="line.status.v1", data={"state": "down", "code": "E-☃"}).data == LineStatus(
        code="E-☃", state=next(state for state in type(LineStatus().state) if state == "down")
    )


def test_a_rejection_names_the_event_and_the_order_as_far_as_they_can_be_read():
    found = read(time="yesterday")
    assert isinstance(found, Rejection)
    assert (found.event_id, found.order_id) == ("ev-1", "SO-1")
    assert found.detail == 'time: is "yesterday", allowed: RFC 3339 with an offset, such as 2024-03-01T08:00:00Z'


def test_an_almost_right_kind_is_told_the_right_one():
    found = read(type="order.placed")
    assert isinstance(found, Rejection)
    assert "did you mean order.placed.v1?" in found.detail


def test_times_stand_at_the_top_of_a_payload_where_the_codec_looks_for_them():
    for payload in KINDS.values():
        info = type_info(payload)
        assert isinstance(info, StructType)
        times = {field.name for field in info.fields if field.name.endswith("_at")}
        assert times == set(TIME_FIELDS.get(payload, ()))
        inner = [field.type for field in info.fields]
        inner += [kind.item_type for kind in inner if isinstance(kind, VarTupleType)]
        for kind in inner:
            if isinstance(kind, StructType):
                assert not [field.name for field in kind.fields if field.name.endswith("_at")]


def test_an_escaped_backslash_before_u0000_is_no_nul():
    assert event(data={"customer_id": "C\\u0000"}).data == OrderPlaced(customer_id="C\\u0000")
