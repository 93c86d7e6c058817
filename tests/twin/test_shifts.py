"""Extra shifts: every hour added is an hour in which the place was closed."""

import pytest

from twin.pace import ALWAYS, LONG_AGO_S, NORMAL, Pace, from_spans
from twin.shifts import lengthened

HOUR_S = 3600
DAYS = from_spans([(day * 24 * HOUR_S + 8 * HOUR_S, day * 24 * HOUR_S + 22 * HOUR_S) for day in range(10)])


def hours(pace: Pace, until_h: int = 240) -> float:
    return pace.done_at(until_h * HOUR_S) / NORMAL / HOUR_S


@pytest.mark.req("R13")
@pytest.mark.parametrize("from_h", [0, 3, 7, 8, 12, 21, 22, 23, 30])
@pytest.mark.parametrize("extra_h", [1, 2, 10, 11, 25])
def test_every_hour_paid_for_is_an_hour_more(from_h, extra_h):
    assert hours(lengthened(DAYS, from_h * HOUR_S, extra_h * HOUR_S)) == hours(DAYS) + extra_h


def test_when_it_is_open_the_shift_begins_at_its_closing():
    longer = lengthened(DAYS, 12 * HOUR_S, 3 * HOUR_S)
    assert longer.step_at(12 * HOUR_S)[:2] == (8 * HOUR_S, 25 * HOUR_S)


def test_when_it_is_closed_the_shift_begins_at_once_and_goes_on_behind_the_next_closing():
    longer = lengthened(DAYS, 6 * HOUR_S, 5 * HOUR_S)
    assert longer.step_at(7 * HOUR_S)[:2] == (6 * HOUR_S, 25 * HOUR_S)


def test_two_shifts_of_a_day_stand_one_behind_the_other():
    once = lengthened(DAYS, 12 * HOUR_S, 5 * HOUR_S)
    twice = lengthened(lengthened(DAYS, 12 * HOUR_S, 2 * HOUR_S), 13 * HOUR_S, 3 * HOUR_S)
    assert (twice.starts, twice.speeds) == (once.starts, once.speeds)


def test_what_never_closes_cannot_be_lengthened():
    assert lengthened(ALWAYS, 0, HOUR_S).starts == [LONG_AGO_S]


def test_the_last_of_all_openings_is_lengthened_too():
    assert hours(lengthened(DAYS, 237 * HOUR_S, 4 * HOUR_S), 300) == hours(DAYS, 300) + 4
