"""Closed roads: when a closure ends, and what becomes of the parcels that were on the way."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.instant import HOUR_US, Instant
from radar.learning.flow import Flow
from radar.learning.flow_lessons import COLUMNS, SINCE
from radar.learning.left_times import LeftTimes
from radar.learning.positions import DOOR_NUMBER, DOORS, STEPS
from radar.learning.roads import KEPT_US, NO_LESSON, Roads, lasts_h
from radar.learning.rounds import HOURS, Rounds
from radar.learning.yard import News
from radar.orders import NEVER
from radar.stages import STAGE_COUNT, Stage
from tests.radar.learning.standing import standing

NOW = Instant(1_000_000 * HOUR_US)
WAY, PLACE = "plant>north", 0
ROAD_H, ROUND = 20.0, 9
"""Hours on the road; the only round of the area leaves at this hour."""


def hours(count: float) -> Instant:
    return Instant(int(NOW + count * HOUR_US))


def closure(first: float, last: float, **told: object) -> SimpleNamespace:
    known = {"from_at": hours(first), "until_at": hours(last), "loss": 1.0, "is_sure": True, "turns_back": True}
    return SimpleNamespace(**(known | told))


def rounds() -> Rounds:
    """Return rounds at nine, and scans at the end of the way."""
    known = Rounds()
    known.hours[0, ROUND - 1] = 100.0
    known.silent[0] = 100.0, 0.0
    return known


def roads(*closures: SimpleNamespace) -> Roads:
    known = Roads()
    known.hours[1] = 10.0, 10.0 * ROAD_H
    known.note(WAY, PLACE, closures, NOW)
    return known


def looked(known: Roads, since_h: list[float], step: int = 0, **told: object):
    """Return the usual hours left and the hours held up of orders on the way, and their positions."""
    places = np.full((len(DOORS), len(since_h)), -1)
    places[DOOR_NUMBER[Stage.HANDED_OVER]] = places[DOOR_NUMBER[Stage.OUT_FOR_DELIVERY]] = 0
    found = standing(np.array(since_h), places=places, **told)
    usual = np.full(len(since_h), 12.0)
    held = known.look(found, usual, LeftTimes(), rounds(), step)
    return usual, held, found


def test_who_was_on_the_road_when_it_was_closed_begins_anew_once_it_is_open():
    known = roads(closure(-10, 20))
    usual, held, _ = looked(known, [15.0])
    end_h = lasts_h(10.0, 30.0)[-1]
    assert held.tolist() == pytest.approx([end_h])
    leaves_h = held[0] + usual[0]
    assert leaves_h == pytest.approx(held[0] + ROAD_H, abs=HOURS)
    assert leaves_h > held[0] + ROAD_H


def test_who_left_after_the_beginning_found_it_open_and_nothing_changes():
    usual, held, found = looked(roads(closure(-10, 20)), [9.0])
    assert (usual.tolist(), held.tolist(), found.since.tolist()) == ([12.0], [0.0], [0])


def test_who_turned_back_is_as_long_on_the_way_back():
    known = roads(closure(-10, -9.9))
    known.note(WAY, PLACE, (), NOW)
    _, held, _ = looked(known, [10.0 + 30.0])
    assert held.tolist() == pytest.approx([20.0])


def test_once_the_road_is_open_time_on_it_counts_from_then_on():
    known = roads(closure(-30, 20))
    opened = Instant(NOW + 10 * HOUR_US)
    known.note(WAY, PLACE, (), opened)
    at_once, _, _ = looked(known, [45.0])
    known.note(WAY, PLACE, (), Instant(opened + 6 * HOUR_US))
    later, held, _ = looked(known, [51.0], step=2)
    assert held.tolist() == [0.0]
    assert later[0] == pytest.approx(at_once[0] - 6.0, abs=1.0)


@given(st.floats(0, 400), st.integers(0, STEPS - 1))
def test_a_parcel_leaves_with_a_round_or_so(end_h, step):
    known = roads(closure(-10, end_h))
    usual, held, _ = looked(known, [15.0], step)
    leaves = (step * 3 + held[0] + usual[0]) % HOURS
    assert min(abs(leaves - ROUND), HOURS - abs(leaves - ROUND)) <= 4.5 + 12.0 / 7 * 4


@given(st.floats(0, 300), st.floats(1, 300))
def test_the_longer_a_closure_stands_the_longer_it_lasts_in_all_and_never_ends_in_the_past(age_h, total_h):
    early, late, expected = lasts_h(age_h, total_h)
    assert 0.0 <= early <= expected <= late
    assert lasts_h(age_h + 1.0, total_h)[-1] + age_h + 1.0 >= expected + age_h - 1e-6


def test_neither_who_turned_back_nor_who_waits_for_the_road_teaches_the_usual_hours():
    stages = np.array([Stage.IN_TRANSIT, Stage.PACKED, Stage.IN_TRANSIT])
    _, _, found = looked(roads(closure(-10, 20)), [15.0, 40.0, 5.0], stages=stages, stations=stages)
    assert (found.since == NO_LESSON).tolist() == [True, True, False]


def test_several_ends_are_reckoned_with_while_it_stands_and_none_after_it():
    known = roads(closure(-10, 20))
    looked(known, [15.0, 5.0])
    assert known.waits is not None
    assert known.waits.tolist() == [True, False]
    assert known.sooner[:, 1].tolist() == [0.0, 0.0, 0.0]
    assert known.sooner[0, 0] <= 0.0 <= known.sooner[1, 0]
    known.note(WAY, PLACE, (), hours(1))
    looked(known, [16.0])
    assert known.waits is None


@pytest.mark.parametrize("told", [{"turns_back": False}, {"loss": 0.4}, {"from_at": hours(1)}])
def test_a_storm_is_waited_out_and_a_lane_of_few_or_one_to_be_closed_turns_nobody_back(told):
    known = roads(closure(-10, 20, **told))
    assert known.closures == {}
    assert looked(known, [15.0])[1].tolist() == [0.0]


def test_a_closure_is_forgotten_once_it_explains_nothing_any_more():
    known = roads(closure(-10, 20))
    known.note(WAY, PLACE, (), hours(3))
    assert known.expected(PLACE) is None
    known.note(WAY, PLACE, (), Instant(hours(3) + KEPT_US))
    assert known.closures == {}


def test_how_long_a_road_takes_is_learned_from_those_no_closure_touched():
    handed, arrived, ways = np.array([hours(-30), NEVER]), np.array([hours(-10), hours(-5)]), np.array([2, 2])
    known = Roads()
    known.learn(ways, handed, arrived, {WAY: 0, "other": 1})
    assert known.hours[2].tolist() == [1.0, 20.0]
    known.note("other", 1, [closure(-40, 20)], NOW)
    known.learn(ways, handed, arrived, {WAY: 0, "other": 1})
    assert known.hours[2].tolist() == [1.0, 20.0]


def test_without_scans_only_who_cannot_have_come_through_before_turned_back():
    known, silent = roads(closure(-10, 20)), rounds()
    silent.silent[0] = 100.0, 100.0
    places = np.full((len(DOORS), 2), -1)
    places[DOOR_NUMBER[Stage.HANDED_OVER]] = places[DOOR_NUMBER[Stage.OUT_FOR_DELIVERY]] = 0
    found = standing(np.array([15.0, 10.0 + ROAD_H + 1]), places=places)
    held = known.look(found, np.full(2, 12.0), LeftTimes(), silent, 0)
    assert (held > 0).tolist() == [True, False]


def test_a_lesson_of_no_use_is_left_out_of_the_usual_hours():
    flow, table = Flow(), np.zeros((2, COLUMNS))
    table[:, SINCE] = NO_LESSON, 0
    flow.lessons.keep(np.array([0, 1]), table)
    delivered = np.zeros((STAGE_COUNT, 2), np.int64)
    delivered[Stage.DELIVERED] = 10 * HOUR_US
    ended = cast(News, SimpleNamespace(slots=np.array([0, 1]), reached=delivered))
    flow._learn_times(ended)
    assert flow.times.week[..., 0].sum() == 1.0
