"""What deliveries teach, all of a step in one go: the same as order by order."""

from bisect import bisect_right
from itertools import pairwise

import numpy as np
import pytest

from radar.instant import HOUR_US, Instant
from radar.learning.ends import EDGES_H, Ends
from radar.learning.left_times import LeftTimes
from radar.learning.positions import DOORS
from radar.learning.routes import Routes, befores_of
from radar.orders import NEVER
from radar.stages import STAGE_COUNT, Stage

NOON = Instant(1_741_000_000_000_000)
KINDS = {"stock": 0, "made": 1}


def deliveries(count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Return types and milestones: a few never told, some told for later than the delivery."""
    chance = np.random.default_rng(8)
    reached = NOON + (chance.random((STAGE_COUNT, count)) * 90 * HOUR_US).astype(np.int64).cumsum(0)
    reached[Stage.OUT_FOR_DELIVERY, ::9] += 400 * HOUR_US
    reached[chance.random(reached.shape) < 0.2] = NEVER
    reached[Stage.DELIVERED] = NOON + 500 * HOUR_US
    reached[: Stage.DELIVERED, 5] = NEVER
    return chance.integers(0, 2, count), reached


def told_of(order: np.ndarray) -> list[int]:
    return [stage for stage, at in enumerate(order.tolist()) if at != NEVER]


def test_the_milestone_before_is_the_last_one_told():
    reached = np.array([[7, 0, 9, 0, 0, 0, 0, 0, 0, 0, 8], [0] * STAGE_COUNT]).T
    assert befores_of(reached).T.tolist() == [[-1, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2], [-1] * STAGE_COUNT]


def test_routes_are_counted_milestone_by_milestone():
    types, reached = deliveries()
    routes, expected = Routes(), np.zeros_like(Routes().counts)
    for kind, order in zip(types, reached.T, strict=True):
        for pair in pairwise(told_of(order)):
            expected[kind, *pair] += 1
    routes.learn(types, reached)
    assert (routes.counts == expected).all()
    assert routes.deliveries[:2].tolist() == np.bincount(types).tolist()
    routes.freeze()
    assert routes.passing[0] == [True] * len(DOORS)
    assert routes.passing[2] == [False] * len(DOORS)
    routes.fade(10.0)
    assert routes.counts.sum() == pytest.approx(expected.sum() / 2)


def test_ends_are_counted_order_by_order():
    types, reached = deliveries()
    ends = Ends(KINDS)
    ends.befores[:, Stage.OUT_FOR_DELIVERY] = 1.0
    ends.freeze()
    ends.learn(types, reached)
    befores, lost, stood = np.zeros((2, STAGE_COUNT)), np.zeros((2, 2)), np.zeros((2, len(EDGES_H) + 1))
    for kind, order in zip(types, reached.T, strict=True):
        befores[kind, [0, *told_of(order)][-2]] += 1
        last = order[Stage.OUT_FOR_DELIVERY]
        lost[kind] += 2, last == NEVER
        if last != NEVER:
            stood[kind, bisect_right(EDGES_H, (order[Stage.DELIVERED] - last) / HOUR_US)] += 1
    befores[:, Stage.OUT_FOR_DELIVERY] += 1
    assert (ends.befores[:2] == befores).all()
    assert (ends.lost[:2] == lost).all()
    assert (ends.stood[:2] == stood).all()


def test_the_time_after_a_door_is_learned_of_those_who_passed_it_before_their_delivery():
    types, reached = deliveries()
    times, expected = LeftTimes(), np.zeros_like(LeftTimes().after_area)
    times.learn_after(types, types + 1, reached, np.zeros((len(DOORS), len(types)), np.int64))
    for area, order in zip(types, reached.T, strict=True):
        for door, stage in enumerate(DOORS):
            if NEVER < order[stage] <= order[Stage.DELIVERED]:
                expected[door, area] += 1, (order[Stage.DELIVERED] - order[stage]) / HOUR_US
    assert times.after_area == pytest.approx(expected)
    assert times.after_way[1:3].swapaxes(0, 1) == pytest.approx(expected[:, :2])
