from hypothesis import given
from hypothesis import strategies as st

from radar.instant import LATEST, Instant, to_datetime
from streams.store.stamp import parse_stamp, stamp

instants = st.integers(0, LATEST).map(Instant)


@given(instants)
def test_a_stamp_reads_back_as_it_was(instant):
    assert parse_stamp(stamp(instant)) == instant
    assert stamp(instant) == to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@given(instants, instants)
def test_stamps_sort_as_time_does(first, second):
    assert (stamp(first) < stamp(second)) == (first < second)


def test_a_stamp_without_a_zone_is_utc():
    assert parse_stamp("1970-01-01T00:00:01") == 1_000_000
