"""What is left of a place ahead: forecasts, what they were worth, and what the couriers say."""

from types import SimpleNamespace

import numpy as np
import pytest

from radar.instant import HOUR_US, Instant
from radar.learning.curves import MIDDLES_H
from radar.learning.hindrances import Hindrances, left_on_way

NOW = Instant(1_000_000 * HOUR_US)


def hours(count: float) -> Instant:
    return Instant(int(NOW + count * HOUR_US))


def stretch(first: float, last: float, loss: float = 0.9, *, is_sure: bool = False) -> SimpleNamespace:
    return SimpleNamespace(from_at=hours(first), until_at=hours(last), loss=loss, is_sure=is_sure)


def area(*stretches: SimpleNamespace, capacity: float | None = None, said: float = 0.0) -> SimpleNamespace:
    return SimpleNamespace(stretches=stretches, capacity=capacity, said_at=hours(said))


def at(left: np.ndarray | None, hour: float) -> float:
    assert left is not None, "something is in the way"
    return float(np.interp(hour, MIDDLES_H, left))


def test_a_forecast_takes_capacity_from_its_beginning_to_its_end_and_the_place_recovers_after_it():
    left = Hindrances().left_at("east", area(stretch(12, 36)), NOW)
    assert at(left, 6) == 1.0
    assert at(left, 24) == pytest.approx(0.1)
    assert 0.3 < at(left, 45) < at(left, 72) < 1.0


def test_forecasts_that_cost_nothing_lose_their_weight_and_others_keep_theirs():
    known = Hindrances()
    known.feared = {"east": 0.25}
    for _ in range(100):
        known.passed("east", 50.0, 49.0)
    assert known.loss_of(0.25) < 0.05
    assert known.loss_of(0.9) == 0.9
    known.feared = {"east": 0.9}
    for _ in range(100):
        known.passed("east", 50.0, 30.0)
    assert known.loss_of(0.9) == pytest.approx(0.44, abs=0.03)


def test_a_step_counts_for_a_forecast_only_once_its_trouble_shows_wholly():
    known = Hindrances()
    ahead = SimpleNamespace(areas={"east": area(stretch(-2, 30))}, closed=lambda _way: ())
    known.look(ahead, NOW, {"east"})
    assert known.feared == {}
    known.look(ahead, hours(11), {"east"})
    assert known.feared == {"east": 0.9}
    known.look(ahead, hours(31), {"east"})
    assert known.feared == {}


def told(known: Hindrances, capacity: float) -> None:
    known.look(SimpleNamespace(areas={"east": area(capacity=capacity)}, closed=lambda _way: ()), NOW, {"east"})


def test_couriers_who_stay_away_count_without_any_forecast_and_come_back_gradually():
    known = Hindrances()
    told(known, 100.0)
    left = known.left_at("east", area(capacity=20.0), NOW)
    assert at(left, 2) == pytest.approx(0.2, abs=0.06)
    assert at(left, 20) == pytest.approx(0.2, abs=0.06)
    assert at(left, 60) == pytest.approx(0.7, abs=0.05)
    assert known.left_at("east", area(capacity=100.0), NOW) is None


def test_the_darker_of_forecast_and_couriers_counts_while_it_rises_and_later_what_the_couriers_say():
    known = Hindrances()
    told(known, 100.0)
    rising = known.left_at("east", area(stretch(-4, 30), capacity=60.0, said=-1), NOW)
    assert at(rising, 12) == pytest.approx(0.1)
    there = known.left_at("east", area(stretch(-20, 30), capacity=60.0, said=-1), NOW)
    assert at(there, 12) == pytest.approx(0.6)
    before = known.left_at("east", area(stretch(10, 30), capacity=100.0, said=-1), NOW)
    assert at(before, 20) == pytest.approx(0.1)


def test_a_closed_way_carries_nothing_but_the_share_that_goes_elsewhere():
    left = left_on_way([stretch(-1, 24, 0.75, is_sure=True)], NOW)
    assert at(left, 12) == pytest.approx(0.25)
    assert at(left, 30) == 1.0
    assert left_on_way([], NOW) is None


def test_areas_that_nobody_follows_are_passed_over():
    known = Hindrances()
    known.look(
        SimpleNamespace(areas={"far": area(stretch(-20, 30), capacity=9.0)}, closed=lambda _way: ()), NOW, {"east"}
    )
    assert (known.told, known.feared) == ({}, {})
