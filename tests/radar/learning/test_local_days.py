"""Days on the wall clock: where they begin when the clock jumps, and what kind of day each is."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from radar.instant import DAY_US, HOUR_US, Instant, to_instant
from radar.learning.local_days import HOLIDAY, LocalDays

ZONES = ("America/Sao_Paulo", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "UTC")


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def utc(year: int, month: int, day: int, hour: int = 0) -> Instant:
    return to_instant(datetime(year, month, day, hour, tzinfo=UTC))


@pytest.mark.parametrize("zone", ZONES)
def test_a_midnight_is_the_first_instant_of_its_day(zone):
    days = LocalDays(zone)
    for day in range(number(date(2017, 1, 1)), number(date(2019, 1, 1))):
        at = days.midnight(day)
        assert days.day(at) >= day
        assert days.day(at - 1) < day


def test_the_day_whose_midnight_the_clock_jumps_over_begins_at_one():
    days = LocalDays("America/Sao_Paulo")
    day = number(date(2017, 10, 15))
    at = days.midnight(day)
    assert at == utc(2017, 10, 15, 3)
    assert days.day(at) == day + 1 / 24
    assert days.deadline(at) == day, "the end of the day before is midnight all the same"
    assert days.deadline(at + HOUR_US) == day + 2 / 24


def test_the_day_after_the_hour_that_comes_twice_begins_once():
    days = LocalDays("America/Sao_Paulo")
    day = number(date(2018, 2, 18))
    assert days.midnight(day) == utc(2018, 2, 18, 3)
    assert days.midnight(day) - days.midnight(day - 1) == DAY_US + HOUR_US
    assert days.deadline(days.midnight(day)) == day


@pytest.mark.parametrize("zone", ZONES)
def test_many_instants_are_read_as_each_alone(zone):
    days = LocalDays(zone)
    at = np.arange(utc(2017, 9, 1), utc(2018, 4, 1), 7 * HOUR_US + 1)
    assert days.days(at).tolist() == [days.day(one) for one in at.tolist()]
    assert days.deadlines(at).tolist() == [days.deadline(one) for one in at.tolist()]
    assert days.days(at[:0]).size == 0


@pytest.mark.parametrize("zone", ["", "nowhere", "../etc/passwd", "Mars/Olympus", "\x00"])
def test_a_zone_that_is_none_is_utc(zone):
    assert LocalDays(zone).day(utc(2024, 3, 1, 12)) == number(date(2024, 3, 1)) + 0.5


def test_holidays_are_a_class_of_their_own():
    carnival = number(date(2018, 2, 12))
    days = LocalDays("America/Sao_Paulo", {carnival})
    assert [days.day_class(carnival + step) for step in range(-2, 3)] == [5, 6, HOLIDAY, 1, 2]
    assert LocalDays("UTC").day_class(carnival) == 0
