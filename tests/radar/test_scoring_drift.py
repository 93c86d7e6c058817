"""The calibration followed day by day: when it left the band, when it was back, and what chance alone does."""

import numpy as np
import pytest

from radar.instant import DAY_US, HOUR_US
from radar.scoring import Scorebook, ScoredOrder
from radar.scoring_drift import BACK_D, rolling_calibration
from radar.scoring_probability import Forecasts

FIRST = 17_600
NO_WORLD = np.zeros((0, 0))

pytestmark = pytest.mark.req("R05")


def days_of(shares: list[float], said: float = 0.5, orders: int = 400) -> tuple[Scorebook, Forecasts]:
    """Return days with those shares late, every order said to be late with one probability 36 h ahead."""
    rows = []
    for day, share in enumerate(shares):
        promise = (FIRST + day) * DAY_US + 36 * HOUR_US
        for n in range(orders):
            delivered = promise if n < share * orders else promise - 1
            rows.append(ScoredOrder(f"SO-{day}-{n}", promise - 40 * DAY_US, promise, delivered))
    book = Scorebook.of(rows)
    places = np.arange(len(book))
    return book, Forecasts(places, np.full(len(book), said), book.is_late, book.weight)


def followed(shares: list[float], window_d: int = 1, drawn: np.ndarray = NO_WORLD, orders: int = 400):
    return rolling_calibration(*days_of(shares, orders=orders), 36, window_d, drawn)


def test_an_episode_begins_on_the_first_day_off_and_ends_with_the_first_day_back():
    found = followed([0.5, 0.5, 0.8, 0.7, 0.5, 0.5, 0.5, 0.5])
    (one,) = found.episodes
    assert (one.since, one.until, one.days) == ("2018-03-12", "2018-03-14", 2)
    assert one.gap_max == pytest.approx(0.3)
    assert (found.days, found.off_days, found.longest_d) == (8, 2, 2)


@pytest.mark.parametrize(("inside", "episodes"), [(BACK_D - 1, 1), (BACK_D, 2)])
def test_some_days_in_a_row_inside_end_it_fewer_do_not(inside, episodes):
    found = followed([0.8, *[0.5] * inside, 0.2, 0.5, 0.5, 0.5])
    assert len(found.episodes) == episodes
    assert found.longest_d == (inside + 2 if episodes == 1 else 1)


def test_one_that_is_not_over_when_the_forecasts_end_has_no_day_back():
    assert [(one.until, one.days) for one in followed([0.5, 0.8, 0.8]).episodes] == [(None, 2)]
    assert followed([0.5, 0.8, 0.5, 0.5]).episodes[0].until is None  # not inside for long enough
    assert followed([0.5, 0.8, 0.5, 0.5, 0.5]).episodes[0].until == "2018-03-12"


def test_a_window_pools_its_days_and_forgets_those_before():
    # One day of +0.5 among ten: +0.05 is no matter, twelve of a hundred more are.
    assert followed([0.5] * 9 + [1.0] + [0.5] * 9, window_d=10).episodes == []
    (one,) = followed([0.5] * 9 + [1.0, 0.6] + [0.5] * 12, window_d=10).episodes
    assert (one.since, one.until) == ("2018-03-20", "2018-03-29")


def test_days_without_forecasts_are_inside():
    book, forecasts = days_of([0.8, 0.5, 0.5, 0.5, 0.5])
    kept = forecasts.only(book.promise // DAY_US != FIRST + 3)
    found = rolling_calibration(book, kept, 36, 1, NO_WORLD)
    assert (found.days, found.off_days) == (5, 1)
    nothing = Forecasts(np.arange(0), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0))
    assert rolling_calibration(book, nothing, 36, 10, NO_WORLD).days == 0


def test_chance_alone_is_told_from_worlds_in_which_every_forecast_is_right():
    shares = [0.5] * 60
    drawn = np.random.default_rng(1).random((100, 60 * 25))
    found = followed(shares, window_d=1, drawn=drawn, orders=25)
    # The band of 25 orders leaves out one day in twenty or so: 3 of 60, seldom more than 7.
    assert 3 <= found.off_days_by_chance <= 9
    assert 1 <= found.longest_by_chance_d <= 6
    assert followed(shares, orders=25, drawn=np.full((20, 60 * 25), 0.0)).longest_by_chance_d == 60
