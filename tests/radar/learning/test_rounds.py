"""The couriers' rounds: who of those that wait goes out in time, first those who are served first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.learning.positions import ARRIVED, DOORS, STEPS, Positions
from radar.learning.rounds import CELLS, CLASSES, DWELL_H, Rounds, class_of, classes_of, hours_of, served
from radar.stages import Stage
from tests.radar.learning.standing import standing

NINE, FIFTEEN = 8, 14
"""Hours by whose end a round leaves."""
STANDARD, VIP = (False, False, False), (True, False, False)
AREA, WAY = 0, 1


def rounds(on_a_round: float = 24.0, age_h: float = 200.0, left: float = 1.0, step: int = 0) -> Rounds:
    """Return an area with rounds at nine and at three for weeks, whose parcels are so old when they leave."""
    found = Rounds()
    found.grow(1, 2)
    for number in range(40 * STEPS):
        hours = {2: [NINE] * 20, 4: [FIFTEEN] * 20}.get(number % STEPS, [])
        told = np.array([(AREA, hour, 5, WAY, True) for hour in hours], np.int64).reshape(-1, 5)
        found.through(told, np.full(len(told), age_h), 1)
    whole = found.rates(np.array([AREA]), step, np.array([40.0]), np.array([on_a_round]))
    found.freeze(np.array([AREA]), whole, whole * left, step)
    return found


def waiting(ranks: list[tuple[bool, bool, bool]], station: int = ARRIVED) -> Positions:
    """Return orders that wait at the last site, the first the longest."""
    count = len(ranks)
    places = np.full((len(DOORS), count), -1)
    places[-1], places[-2] = AREA, WAY
    return standing(
        np.arange(count, 0, -1.0) / 100,
        stations=np.full(count, station),
        places=places,
        ranks=np.array(ranks, float).reshape(-1, 3),
    )


def risks(area: Rounds, positions: Positions, last_h: float, comes_h: float = 0.0) -> np.ndarray:
    count = len(positions.order_ids)
    is_known, found = area.risks(
        positions, np.arange(count), np.full(count, comes_h), np.zeros(count), np.full(count, last_h)
    )
    assert is_known.all()
    return found


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40), st.integers(0, 20))
def test_what_is_served_is_what_an_hour_by_hour_loop_serves(hours, waits):
    come = np.cumsum([waits, *(more for more, _ in hours)]).astype(float)
    curve = np.cumsum([0.0, *(could for _, could in hours)])
    expected = [0.0]
    for hour, (_, could) in enumerate(hours, 1):
        expected.append(min(come[hour], expected[-1] + could))
    assert served(come, curve).tolist() == expected


def test_who_is_beyond_the_last_round_in_time_is_in_danger_and_who_is_well_before_it_is_not():
    found = risks(rounds(), waiting([STANDARD] * 120), last_h=36.0)  # three rounds: 9, 15, 9
    assert (np.diff(found) >= 0).all()
    assert found[20] < 0.05
    assert 0.3 < found[71] < 0.7
    assert found[119] > 0.9


def test_a_round_that_leaves_after_the_last_moment_is_none():
    early, late = (risks(rounds(), waiting([STANDARD] * 60), last_h=hours)[-1] for hours in (32.9, 33.0))
    assert early > 0.6
    assert late < 0.3


def test_the_first_tier_goes_out_before_all_that_wait_for_longer():
    found = risks(rounds(), waiting([STANDARD] * 119 + [VIP]), last_h=20.0)
    assert found[-1] < 0.05
    assert found[100] > 0.8
    assert risks(rounds(), waiting([VIP] * 60 + [STANDARD]), last_h=20.0)[-1] > 0.7


def test_orders_that_nobody_has_placed_yet_pass_a_lower_class_alone():
    young = Rounds()
    young.grow(1, 2)
    for number in range(40 * STEPS):
        hours = [NINE] * 20 if number % STEPS == 2 else []
        told = np.array([(AREA, hour, 1, WAY, True) for hour in hours], np.int64).reshape(-1, 5)
        young.through(told, np.full(len(told), 5.0), 1)
    whole = young.rates(np.array([AREA]), 0, np.array([20.0]), np.array([24.0]))
    young.freeze(np.array([AREA]), whole, whole, 0)
    crowd = waiting([STANDARD] * 50)
    assert risks(young, crowd, last_h=60.0)[-1] > risks(rounds(), crowd, last_h=60.0)[-1] + 0.3
    assert risks(young, waiting([VIP]), last_h=60.0)[0] < 0.3


def test_the_more_a_hindrance_takes_the_less_sure_is_who_is_in_time():
    half, whole = rounds(48.0, left=0.5), rounds(24.0)
    crowd = waiting([STANDARD] * 90)
    sure, doubtful = risks(whole, crowd, last_h=36.0), risks(half, crowd, last_h=36.0)
    assert doubtful[0] > sure[0]
    assert doubtful[-1] < sure[-1]


@pytest.mark.parametrize("rank", [STANDARD, VIP])
@pytest.mark.parametrize("comes_h", [0.0, DWELL_H + 11.0, DWELL_H + 30.0])
@pytest.mark.parametrize("last_h", [5.0, 20.0, 47.0])
def test_one_order_more_stands_where_it_would_stand_among_the_others(rank, comes_h, last_h):
    area, crowd = rounds(left=0.7), [STANDARD] * 60 + [VIP] * 5
    risks(area, waiting(crowd), last_h)
    alone = area.risk_of_new(AREA, rank, comes_h, 4.0, last_h)
    more = waiting([*crowd, rank], station=Stage.IN_TRANSIT)
    more.stations[:-1] = ARRIVED
    count = len(crowd) + 1
    comes = np.where(np.arange(count) < count - 1, 0.0, comes_h)
    _, found = area.risks(more, np.arange(count), comes, np.full(count, 4.0), np.full(count, last_h))
    assert alone == pytest.approx(found[-1])


def test_a_parcel_of_a_way_that_nobody_scans_at_its_end_is_there_once_it_is_handed_over():
    area, crowd = rounds(), waiting([STANDARD] * 70, station=Stage.HANDED_OVER)
    crowd.stations[-1] = ARRIVED
    assert risks(area, crowd, last_h=20.0, comes_h=30.0)[-1] < 0.1
    area.silent[WAY] = 10.0, 9.0
    assert risks(area, crowd, last_h=20.0, comes_h=30.0)[-1] > 0.7


def test_who_comes_after_the_last_round_in_time_is_in_danger_the_more_wait_before_it():
    area = rounds()
    alone, behind = waiting([STANDARD], station=Stage.IN_TRANSIT), waiting([STANDARD] * 70)
    behind.stations[-1] = Stage.IN_TRANSIT
    assert risks(area, alone, last_h=20.0, comes_h=14.0)[0] < 0.2
    assert 0.4 < risks(area, alone, last_h=20.0, comes_h=60.0)[0] < risks(area, behind, last_h=20.0, comes_h=60.0)[-1]


def test_while_no_news_of_any_round_comes_those_who_stood_first_are_out():
    area, crowd = rounds(), waiting([STANDARD] * 40)
    heard = risks(area, crowd, last_h=10.0)
    for _ in range(STEPS):
        area.through(np.zeros((0, 5), np.int64), np.zeros(0), 1)
    whole = area.rates(np.array([AREA]), 0, np.array([40.0]), np.array([24.0]))
    area.freeze(np.array([AREA]), whole, whole, 0)
    silent = risks(area, crowd, last_h=10.0)
    assert heard[35] > 0.6
    assert silent[35] < 0.1


def test_an_area_of_which_too_little_is_known_is_left_to_its_queue():
    area = Rounds()
    area.grow(1, 2)
    assert area.are_known(np.array([AREA, 99])).tolist() == [False, False]
    assert not area.risks(waiting([STANDARD]), np.array([0]), np.zeros(1), np.zeros(1), np.ones(1))[0].any()
    assert area.risk_of_new(AREA, STANDARD, 1.0, 0.0, 9.0) is None


def test_classes_and_hours():
    ranks = [(bool(first), bool(second), bool(urgent)) for first in (0, 1) for second in (0, 1) for urgent in (0, 1)]
    assert classes_of(np.array(ranks, float)).tolist() == [class_of(rank) for rank in ranks]
    assert sorted({class_of(rank) for rank in ranks}) == list(range(CLASSES))
    assert hours_of(20_000 + np.array([9, 9.1, 0, 23.5]) / 24).tolist() == [NINE, NINE + 1, 23, 23]
    assert len(rounds().rates(np.array([AREA]), 3, np.array([40.0]), np.array([np.nan]))[0]) == CELLS
