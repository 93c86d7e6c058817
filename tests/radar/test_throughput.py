"""What a place did is a lower bound of what it can do, until it was seen at its limit."""

import pytest

from radar.throughput import can_do

WEEK = [[100] * 8 for _ in range(7)]
EMPTY = [[0] * 8 for _ in range(7)]


def test_a_place_that_empties_every_day_never_shows_its_limit():
    assert not any(one.is_shown for one in can_do(WEEK, EMPTY))


@pytest.mark.req("R33")
def test_two_full_days_at_its_best_show_what_a_place_can_do():
    held = [list(days) for days in EMPTY]
    held[2][-2:] = [60, 60]
    assert all(one.is_shown for one in can_do(WEEK, held))
    held[2][-2:] = [0, 60]
    assert not any(one.is_shown for one in can_do(WEEK, held)), "one day may be chance"


def test_orders_held_while_little_was_done_tell_of_a_hindrance_and_not_of_a_limit():
    done, held = [list(days) for days in WEEK], [list(days) for days in EMPTY]
    done[3][-3:], held[3][-3:] = [20, 20, 20], [90, 90, 90]
    assert not any(one.is_shown for one in can_do(done, held))


def test_what_is_always_held_is_no_sign_of_a_full_day():
    held = [[40] * 8 for _ in range(7)]
    assert not any(one.is_shown for one in can_do(WEEK, held))


def test_a_weekday_with_less_to_do_could_do_what_the_others_do():
    done = [list(days) for days in WEEK]
    done[5] = [60] * 8
    assert can_do(done, EMPTY)[5].orders == 100


def test_a_weekday_on_which_orders_are_held_and_less_is_done_is_a_short_one():
    done, held = [list(days) for days in WEEK], [list(days) for days in EMPTY]
    done[5], held[5] = [60] * 8, [50] * 8
    assert can_do(done, held)[5].orders == 60


def test_a_weekday_that_hardly_works_is_a_short_one():
    done = [list(days) for days in WEEK]
    done[6] = [3] * 8
    assert can_do(done, EMPTY)[6].orders == 3


def test_nothing_known_is_nothing_it_can_do():
    assert can_do([[] for _ in range(7)], [[] for _ in range(7)])[0] == (0.0, False)
