"""An expected extra time raises the chance of being late by arithmetic of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.shift import log_odds, shifted

HOURS = st.floats(0.0, 500.0)
CHANCES = st.floats(1e-6, 1 - 1e-6)


@pytest.mark.req("R07")
def test_four_days_lost_with_two_days_left_is_late_whatever_calm_weeks_taught():
    assert shifted(0.03, left_us=40.0, usual_us=12.0, spread_us=6.0, extra_us=96.0) > 0.85


def test_an_hour_lost_with_a_week_left_changes_next_to_nothing():
    assert shifted(0.03, left_us=168.0, usual_us=12.0, spread_us=6.0, extra_us=1.0) == pytest.approx(0.03, abs=1e-6)


@given(CHANCES, HOURS, HOURS, st.floats(0.5, 100.0), HOURS)
def test_an_extra_time_never_lowers_the_chance_and_none_leaves_it(chance, left, usual, spread, extra):
    risen = shifted(chance, left, usual, spread, extra)
    assert chance - 1e-12 <= risen < 1.0
    assert shifted(chance, left, usual, spread, 0.0) == chance


def test_log_odds_stay_finite_at_the_ends():
    assert log_odds(0.0) == -log_odds(1.0) == -12.0
    assert log_odds(0.5) == 0.0
