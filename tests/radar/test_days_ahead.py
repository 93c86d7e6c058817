"""What is known to stand in the way takes capacity from the days it touches."""

import pytest

from radar.conditions.condition import Code, Standing
from radar.conditions.days_ahead import DaysAhead, days_ahead
from radar.instant import DAY_US, Instant
from radar.orders import NEVER
from radar.rules import ConditionRules
from tests.radar.harness import START

EPOCH = Instant(START // DAY_US * DAY_US)


def day_at(day: float) -> Instant:
    return Instant(EPOCH + int(day * DAY_US))


def standing(
    code: Code, key: str, days: tuple[float, float | None], amount: float = 0.0, capacity: float = 0.0
) -> Standing:
    until_at = NEVER if days[1] is None else day_at(days[1])
    return Standing(1, code, key, code.value, EPOCH, EPOCH, day_at(days[0]), until_at, amount, capacity)


def ahead(*things: Standing, weight: float = 1.0) -> DaysAhead:
    return days_ahead(things, EPOCH, 4, ConditionRules(), lambda _: weight)


@pytest.mark.req("R33")
def test_a_forecast_storm_takes_its_share_of_the_days_it_touches():
    storm = standing(Code.WEATHER, "area:north", (1.5, 3), amount=0.8)
    assert ahead(storm).left == {"area:north": pytest.approx([1.0, 0.6, 0.2, 1.0])}


def test_forecasts_that_were_worth_little_take_little():
    storm = standing(Code.WEATHER, "area:north", (0, 1), amount=0.8)
    assert ahead(storm, weight=0.25).left["area:north"][0] == pytest.approx(0.8)
    assert ahead(storm, weight=3.0).left["area:north"][0] == pytest.approx(0.0), "no more than all is lost"


def test_of_two_hindrances_the_worse_counts_day_by_day():
    things = (standing(Code.WEATHER, "area:n", (0, 2), 0.5), standing(Code.CLOSURE, "area:n", (1, 2), 1.0))
    assert ahead(*things).left["area:n"] == pytest.approx([0.5, 0.0, 1.0, 1.0])


def test_a_line_is_down_until_it_is_expected_back_and_slow_at_its_speed():
    assert ahead(standing(Code.LINE_DOWN, "line:L", (0, 2))).left["line:L"] == [0.0, 0.0, 1.0, 1.0]
    assert ahead(standing(Code.LINE_SLOW, "line:L", (0, 1), 0.7)).left["line:L"] == pytest.approx([0.7, 1, 1, 1])


def test_a_closed_lane_without_an_end_is_closed_for_the_usual_time():
    assert ahead(standing(Code.CLOSURE, "lane:a-b", (0, None), 1.0)).left["lane:a-b"] == pytest.approx([0.5, 1, 1, 1])


def test_what_all_couriers_of_an_area_can_take_is_told_together():
    things = (standing(Code.COURIERS, "area:n", (0, 1), 9, 20), standing(Code.COURIERS, "area:n", (0, 1), 9, 30))
    assert ahead(*things) == DaysAhead(couriers={"area:n": 50.0})


def test_what_is_over_or_takes_no_capacity_is_passed_over():
    over = standing(Code.WEATHER, "area:n", (-2, -1), 0.9)
    supply = standing(Code.SUPPLY, "supplier:s", (0, 3), 40)
    assert ahead(over, supply) == DaysAhead()
