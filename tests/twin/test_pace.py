"""Calendar arithmetic against counting second by second."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.masks import Ongoing, SpeedMask
from twin.pace import ALWAYS, NEVER_S, NORMAL, Pace, from_spans, weekly
from twin.regime import LOST_S, Regime

HORIZON_S = 400
SPEEDS = st.sampled_from([0, 0, 250, 500, 1000, 1000, 1500])


@st.composite
def paces(draw):
    starts = sorted(draw(st.sets(st.integers(0, HORIZON_S), min_size=1, max_size=8)))
    speeds = draw(st.lists(SPEEDS, min_size=len(starts), max_size=len(starts)))
    return Pace([-(2**40), *(s + 1 for s in starts)], [draw(SPEEDS), *speeds])


def counted_finish(pace: Pace, start_s: int, work_s: int) -> int | None:
    """The same by counting: None when it takes longer than the horizon."""
    left = work_s * NORMAL
    at_s = start_s
    while left > 0:
        if at_s > 20 * HORIZON_S:
            return None
        left -= pace.speed_at(at_s)
        at_s += 1
    return at_s


@pytest.mark.req("R40")
@given(paces(), st.integers(0, HORIZON_S), st.integers(0, 200))
def test_finish_is_what_counting_seconds_gives(pace, start_s, work_s):
    counted = counted_finish(pace, start_s, work_s)
    if counted is None:
        assert pace.finish(start_s, work_s) > 15 * HORIZON_S
    else:
        assert pace.finish(start_s, work_s) == counted


@given(paces(), st.integers(0, HORIZON_S))
def test_next_open_is_the_first_second_with_speed(pace, at_s):
    opens = [second for second in range(at_s, HORIZON_S + 3) if pace.speed_at(second)]
    assert pace.next_open(at_s) == (opens[0] if opens else NEVER_S)


WINDOWS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.sampled_from([0, 500, 800])), max_size=4)


@given(paces(), WINDOWS, st.integers(-5, HORIZON_S))
def test_a_mask_multiplies_the_speed_inside_its_windows(pace, windows, at_s):
    expected = pace.speed_at(at_s)
    for start_s, end_s, mille in windows:
        if start_s <= at_s < end_s:
            expected = expected * mille // NORMAL
    assert pace.slowed(windows).speed_at(at_s) == expected


@given(paces(), st.integers(0, HORIZON_S), st.integers(1, 100), st.integers(0, 50))
def test_work_can_be_cut_anywhere(pace, start_s, work_s, seconds):
    whole = pace.finish(start_s, work_s)
    at_s = start_s + seconds
    if at_s >= whole:
        return
    left = work_s * NORMAL - (pace.done_at(at_s) - pace.done_at(start_s))
    assert pace.finish_milli(at_s, left) == whole


def test_a_span_over_midnight_runs_into_the_next_day():
    night: list[Any] = [()] * 7
    night[0] = ((22 * 3600, 30 * 3600),)
    pace = weekly(night, range(2), frozenset(), 0)
    assert pace.speed_at(23 * 3600) == NORMAL
    assert pace.speed_at(86_400 + 6 * 3600 - 1) == NORMAL
    assert pace.speed_at(86_400 + 6 * 3600) == 0


def test_holidays_are_closed():
    week = [((0, 86_400),)] * 7
    assert weekly(week, range(3), frozenset({1}), 0).next_open(86_400) == 2 * 86_400


def test_touching_spans_merge():
    assert from_spans([(0, 10), (10, 20)]).starts == from_spans([(0, 20)]).starts


def test_work_that_ends_at_closing_is_done_at_closing():
    pace = from_spans([(0, 10), (20, 30)])
    assert pace.finish(0, 10) == 10
    assert pace.finish(0, 11) == 21


@pytest.mark.req("R42")
@pytest.mark.parametrize(
    ("ongoing", "begun_before", "begun_inside"),
    [(Ongoing.PAUSE, 70, 70), (Ongoing.FINISH, 20, 20), (Ongoing.ABORT, 80, 20), (Ongoing.LOST, LOST_S, 20)],
)
def test_work_under_way_follows_the_masks_word(ongoing, begun_before, begun_inside):
    regime = Regime(ALWAYS, [SpeedMask("line:x", 10, 60, 0, ongoing)])
    assert regime.finish(0, 20) == begun_before
    assert regime.gate.speed_at(30) == 0
    if ongoing is Ongoing.FINISH:
        assert regime.finish(0, 20) == begun_inside


def test_work_done_as_the_window_opens_is_not_touched():
    regime = Regime(ALWAYS, [SpeedMask("line:x", 10, 60, 0, Ongoing.ABORT)])
    assert regime.finish(0, 10) == 10
