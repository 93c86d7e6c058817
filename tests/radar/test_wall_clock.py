"""The wall clock: local microseconds across changes of daylight saving."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.errors import InputError
from radar.instant import HOUR_US, Instant, to_datetime, to_instant
from radar.wall_clock import WallClock, local_text, local_us_of

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
CLOCK = WallClock("America/Sao_Paulo")


def local(text: str, fold: int = 0) -> Instant:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=SAO_PAULO, fold=fold))


@given(st.integers(0, 4_102_444_799 * 10**6), st.sampled_from(["America/Sao_Paulo", "Asia/Shanghai", "UTC"]))
def test_it_shows_what_the_zone_library_shows(micros, zone):
    shown = to_datetime(Instant(micros)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert WallClock(zone).local_us(Instant(micros)) == local_us_of(shown)


def test_a_promise_to_the_end_of_a_day_keeps_its_midnight_where_the_clock_jumps_over_it():
    # 2017-10-15 began at one o'clock in Sao Paulo.
    midnight = local("2017-10-15T00:00")
    assert local_text(CLOCK.local_us(midnight)) == "2017-10-15T01:00:00"
    assert local_text(CLOCK.deadline_us(midnight)) == "2017-10-15T00:00:00"


def test_a_promise_to_the_end_of_the_day_that_had_25_hours_is_its_midnight():
    # 2018-02-17 saw the hour from 23:00 twice.
    assert local_text(CLOCK.deadline_us(local("2018-02-18T00:00"))) == "2018-02-18T00:00:00"


def test_leads_are_an_hour_off_across_the_change_as_on_the_wall():
    promise = local("2018-02-19T00:00")
    warned = Instant(promise - 36 * HOUR_US)
    assert CLOCK.deadline_us(promise) - CLOCK.local_us(warned) == 35 * HOUR_US


def test_the_hour_that_comes_twice_reads_the_same_both_times():
    assert CLOCK.local_us(local("2018-02-17T23:30")) == CLOCK.local_us(local("2018-02-17T23:30", fold=1))


def test_a_zone_that_is_none_is_an_input_error():
    with pytest.raises(InputError, match="is no time zone"):
        WallClock("Mars/Olympus")
