"""Queues: who is through when, what a hindrance costs, and who is too late because of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.learning.curves import MIDDLES_H, STEP_H, STEPS_AHEAD, TIMES_H, cumulated
from radar.learning.doors import Doors
from radar.learning.fluid import worked
from radar.learning.positions import DOOR_NUMBER, DOORS, PLACES_MAX, STEPS, Positions
from radar.learning.queues import Queues
from radar.stages import Stage
from tests.radar.learning.standing import standing
from tests.radar.learning.test_waits import judged

A_DAY = 24.0


def one_by_one(arrivals, curve):
    """Serve them in turn: each waits for the one before, and for its own arrival."""
    found, done = [], 0.0
    for arrival in arrivals:
        done = max(done, float(np.interp(arrival, TIMES_H, curve))) + 1.0
        found.append(done)
    return found


@given(
    st.lists(st.lists(st.floats(0, 200), min_size=1, max_size=30).map(sorted), min_size=1, max_size=4),
    st.lists(st.floats(0.01, 30), min_size=STEPS_AHEAD, max_size=STEPS_AHEAD),
)
def test_the_fluid_is_the_queue_of_each_place_served_one_by_one(arrivals, rates):
    curves = cumulated(np.array([np.roll(rates, place) for place in range(len(arrivals))]))
    rows = np.repeat(np.arange(len(arrivals)), [len(one) for one in arrivals])
    numbers = np.concatenate([np.arange(len(one)) for one in arrivals])
    ready = np.concatenate([np.interp(one, TIMES_H, curve) for one, curve in zip(arrivals, curves, strict=True)])
    expected = [work for one, curve in zip(arrivals, curves, strict=True) for work in one_by_one(one, curve)]
    assert worked(ready, rows, numbers).tolist() == pytest.approx(expected)


def couriers(a_day: int = 24) -> Queues:
    """Return the couriers of one area who have done so many orders a day for weeks."""
    queue = Queues(Stage.OUT_FOR_DELIVERY, PLACES_MAX)
    place = queue.names.number("east")
    each = a_day // STEPS
    for step in range(30 * STEPS):
        queue.expected = np.full(len(queue.capacity), float(each))
        queue.through([np.full(each, place)], step % STEPS)
    queue.freeze(0)
    return queue


def waiting(count: int, left_h: float) -> Positions:
    """Return orders that all wait at the station, the first the longest, with the same promise."""
    places = np.full((len(DOORS), count), -1)
    places[DOOR_NUMBER[Stage.OUT_FOR_DELIVERY]] = 0
    return standing(np.arange(count, 0, -1.0), left_h=np.full(count, left_h), places=places)


def waits(queue: Queues, positions: Positions):
    nothing = np.zeros(len(positions.order_ids))
    inside = np.ones(len(positions.order_ids), bool)
    return queue.waits(positions, inside, nothing, nothing, positions.left_h)


def test_those_behind_a_long_queue_are_late_and_those_ahead_are_not():
    _, extra, risk = waits(couriers(), waiting(100, 2 * A_DAY))
    assert (np.diff(extra) >= 0).all()
    assert extra[-1] == pytest.approx(4 * A_DAY, rel=0.1)
    assert (np.diff(risk) >= 0).all()
    assert risk[10] < 0.05
    assert risk[-1] > 0.8


def test_a_place_that_gets_little_done_takes_longer():
    queue = couriers()
    waits(queue, waiting(100, 2 * A_DAY))
    for step in range(STEPS):
        queue.expected = np.full(len(queue.capacity), 3.0)
        queue.through([np.array([], int)], step)
    queue.freeze(0)
    assert queue.pace[0] < 0.5
    _, slow, _ = waits(queue, waiting(40, 2 * A_DAY))
    _, quick, _ = waits(couriers(), waiting(40, 2 * A_DAY))
    assert slow[-1] > quick[-1] + 6.0


def test_a_hindrance_ahead_puts_those_in_danger_whom_the_place_cannot_serve_before_their_promise():
    queue = couriers()
    _, _, calm = waits(queue, waiting(24, 2 * A_DAY))
    queue.left = {0: np.where(MIDDLES_H < 1.5 * A_DAY, 0.0, 1.0)}
    queue.freeze(0)
    _, extra, risk = waits(queue, waiting(24, 2 * A_DAY))
    assert calm.max() < 0.3
    assert extra[0] == pytest.approx(1.5 * A_DAY, abs=STEP_H)
    assert risk[-1] > 0.6
    assert risk[0] < risk[-1]


def test_what_is_known_to_be_missing_is_not_held_against_the_pace():
    def pace(left):
        queue = couriers()
        queue.left = left
        queue.freeze(0)
        for step in range(4):
            waits(queue, waiting(60, 2 * A_DAY))
            queue.through([np.array([], int)], step)
            queue.freeze(step + 1)
        return queue.pace[0]

    assert pace({0: np.full(len(MIDDLES_H), 1e-6)}) > 0.95
    assert pace({}) < 0.7


def test_an_order_that_comes_later_stands_behind_those_who_come_before_it_and_no_others():
    queue = couriers()
    waits(queue, waiting(48, 2 * A_DAY))
    assert queue.tail(0)[0] == pytest.approx(2 * A_DAY, abs=STEP_H)
    assert queue.tail(0)[int(4 * A_DAY / STEP_H)] == pytest.approx(0.0, abs=STEP_H)
    assert queue.risk_of_new(0, 0.0, 0.0, A_DAY) > 0.7
    assert queue.risk_of_new(0, 3 * A_DAY, 0.0, 4 * A_DAY) < 0.1
    assert 7 not in queue.before
    assert queue.risk_of_new(7, 0.0, 0.0, A_DAY) == 0.0


def test_the_risk_of_one_order_that_comes_is_that_of_many():
    queue = couriers()
    queue.left = {0: np.where(MIDDLES_H < A_DAY, 0.3, 1.0)}
    queue.freeze(0)
    waits(queue, waiting(48, 2 * A_DAY))
    for comes, held, last in (
        (0.0, 0.0, 30.0),
        (7.5, 4.0, 70.0),
        (40.0, 0.0, 41.0),
        (400.0, 9.0, 500.0),
        (3.0, 0.0, -5.0),
    ):
        arrives = comes + held
        before = queue.before[0][min(int(arrives / STEP_H), len(MIDDLES_H) - 1)]
        work = max(float(np.interp(arrives, TIMES_H, queue._curve[0])), before) + 1.0
        assert queue.risk_of_new(0, comes, held, last) == pytest.approx(
            judged(queue, 0, work, comes, last)[1], abs=1e-9
        )


def test_couriers_who_say_what_they_take_on_a_round_do_more_than_they_ever_had_to():
    queue = couriers()
    _, few, _ = waits(queue, waiting(60, 2 * A_DAY))
    queue.rounds = {0: 9.0}
    queue.freeze(0)
    _, many, _ = waits(queue, waiting(60, 2 * A_DAY))
    assert many[-1] < few[-1] / 2


class _Usual:
    """Usual times that say when an order is through each door."""

    def until(self, places: object, usual: np.ndarray) -> np.ndarray:
        del places
        found: np.ndarray = usual - np.array([[12.0 if door is Stage.PACKED else 2.0] for door in DOORS])
        return found


def test_who_is_held_up_at_one_door_comes_later_to_the_next():
    doors = Doors()
    for stage, name in ((Stage.PACKED, "house"), (Stage.OUT_FOR_DELIVERY, "east")):
        queue = doors.queues[DOOR_NUMBER[stage]]
        place = queue.names.number(name)
        for step in range(30 * STEPS):
            queue.expected = np.full(len(queue.capacity), 3.0)
            queue.through([np.full(3, place)], step % STEPS)
        queue.freeze(0)
    orders = waiting(60, 4 * A_DAY)
    orders.stages[:] = Stage.PICKED
    orders.places[DOOR_NUMBER[Stage.PACKED]] = 0
    passing = np.ones((1, len(DOORS)), bool)
    usual = np.full(60, 14.0)
    # What is usual is learned from what is seen: the first look of a place teaches that its queue is.
    for number in (DOOR_NUMBER[Stage.PACKED], DOOR_NUMBER[Stage.OUT_FOR_DELIVERY]):
        doors.queues[number].usual[..., 0] = 1.0
    found = doors.look(orders, usual, passing, _Usual(), 0)  # type: ignore[arg-type]  # the one verb it asks
    packed, out = found.extra_h[DOOR_NUMBER[Stage.PACKED]], found.extra_h[DOOR_NUMBER[Stage.OUT_FOR_DELIVERY]]
    assert packed[-1] > 1.5 * A_DAY
    assert (out >= packed - STEP_H).all()
    assert found.held_h.tolist() == packed.tolist()
    assert found.total_h.tolist() == out.tolist()
