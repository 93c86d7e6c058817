"""The waits of all places in one go are those of a loop over places and orders."""

from math import exp

import numpy as np
import pytest

from radar.learning.curves import MIDDLES_H, STEP_H, TIMES_H, cumulated, done_by, done_by_one, hours_until, moments_of
from radar.learning.positions import DOOR_NUMBER, DOORS, STATIONS, STEPS, STRIDE, Positions
from radar.learning.queues import BUSY_A_DAY, SLOPE, USUAL_HALF_LIFE, WORK_DOUBT, WORK_ERROR, Queues
from radar.learning.ranking import KEY_BITS, ranked
from radar.stages import Stage
from tests.radar.learning.standing import standing

PLACES, ORDERS = 7, 400
TICK = 2.0**-20


def busy_queue(chance: np.random.Generator, door: Stage) -> Queues:
    """Return places with a history: some seldom used, one closed for a day, one with rounds, some slow."""
    queue = Queues(door, 64)
    for place in range(PLACES):
        queue.names.number(f"p{place}")
    for step in range(12 * STEPS):
        queue.through([chance.integers(0, PLACES - 1, 30)], step % STEPS)
        queue.expected = chance.random(len(queue.capacity)) * 8
    queue.left = {1: np.where((MIDDLES_H > 6) & (MIDDLES_H < 30), 0.0, 1.0), 3: np.full(len(MIDDLES_H), 0.2)}
    queue.rounds = {2: 40.0}
    queue.freeze(3)
    return queue


def crowd(chance: np.random.Generator) -> Positions:
    return standing(
        chance.integers(0, 60, ORDERS).astype(float),
        stages=np.zeros(ORDERS, np.int64),
        stations=chance.integers(0, 4, ORDERS),
        left_h=chance.random(ORDERS) * 96,
        places=chance.integers(-1, PLACES, (len(DOORS), ORDERS)),
    )


def too_late(work: float, could: float) -> float:
    z = (work - could) / (WORK_ERROR + WORK_DOUBT * work)
    return 1 / (1 + exp(-SLOPE * min(max(z, -5.0), 5.0)))


def judged(queue: Queues, place: int, work: float, comes: float, last: float) -> tuple[float, float]:
    """Return the extra hours and the risk of one order with so much work before it, itself included."""
    curve, whole = queue._curve[place], queue._whole[place]
    alone = np.interp(comes, TIMES_H, whole) + 1.0
    extra = np.interp(work, curve, TIMES_H) - np.interp(alone, whole, TIMES_H)
    if np.isnan(last):
        return max(float(extra), 0.0), 0.0
    now, single = (too_late(*pair) for pair in ((work, np.interp(last, TIMES_H, curve)),
                                                (alone, np.interp(last, TIMES_H, whole))))  # fmt: skip
    return max(float(extra), 0.0), min(max((now - single) / (1 - single), 0.0), 0.999)


def in_line(positions: Positions, chosen: list[int], arrives: dict[int, float]) -> None:
    """Let nobody overtake who is at its station on its way for longer; of those alike the first is."""
    ways = positions.places[DOOR_NUMBER[Stage.HANDED_OVER]]
    rank = {one: place for place, one in enumerate(positions.longest_first.tolist())}
    for one in sorted(chosen, key=lambda one: -rank[one]):
        for other in chosen:
            is_alike = ways[one] == ways[other] and positions.stations[one] == positions.stations[other]
            if is_alike and rank[other] < rank[one]:
                arrives[other] = min(arrives[other], arrives[one])


def loop(queue: Queues, positions: Positions, is_ahead, comes_h, held_h, last_h):
    """Return what ``waits`` finds, by order; the work before by place; who is through soon, by place."""
    places = positions.places[DOOR_NUMBER[queue.door]].tolist()
    rank = {one: place for place, one in enumerate(positions.longest_first.tolist())}
    chosen = np.flatnonzero(is_ahead).tolist()
    assert all(places[one] >= 0 and queue.capacity[places[one]] >= BUSY_A_DAY for one in chosen)
    comes = {one: max(float(comes_h[one]), 0.0) for one in chosen}
    arrives = {one: round((comes[one] + held_h[one]) / TICK) * TICK for one in chosen}
    in_line(positions, chosen, arrives)
    found, before, soon = {}, {}, {}
    for place in sorted({places[one] for one in chosen}):
        done = {"curve": 0.0, "known": 0.0, "whole": 0.0}
        soons = {"known": queue._soon[place], "whole": queue._whole[place][: STRIDE + 1]}
        before[place], soon[place] = np.zeros(len(MIDDLES_H)), {"known": 0, "whole": 0}
        for one in sorted((one for one in chosen if places[one] == place), key=lambda one: (arrives[one], rank[one])):
            done["curve"] = max(done["curve"], float(np.interp(arrives[one], TIMES_H, queue._curve[place]))) + 1.0
            found[one] = judged(queue, place, done["curve"], comes[one], float(last_h[one]))
            before[place][arrives[one] <= MIDDLES_H] = done["curve"]
            for kind, curve in soons.items():
                done[kind] = max(done[kind], float(np.interp(arrives[one], TIMES_H[: STRIDE + 1], curve))) + 1.0
                soon[place][kind] += done[kind] <= curve[-1] + 0.5
    return found, before, soon


@pytest.mark.parametrize("door", [Stage.PICKED, Stage.OUT_FOR_DELIVERY])
@pytest.mark.parametrize("seed", range(6))
def test_all_places_in_one_go_are_one_place_after_the_other(seed, door):
    chance = np.random.default_rng(seed)
    queue, positions = busy_queue(chance, door), crowd(chance)
    told = (
        (chance.random(ORDERS) < 0.9) & queue.are_busy(positions.places[queue.number]),
        np.where(chance.random(ORDERS) < 0.4, -1.0, chance.random(ORDERS) * 300),
        np.where(chance.random(ORDERS) < 0.6, 0.0, chance.random(ORDERS) * 40),
        np.where(chance.random(ORDERS) < 0.3, np.nan, chance.random(ORDERS) * 400 - 50),
    )
    queue.is_feared = True
    chosen, extra, risk = queue.waits(positions, *told)
    found, before, soon = loop(queue, positions, *told)
    assert sorted(chosen.tolist()) == sorted(found)
    assert extra.tolist() == pytest.approx([found[one][0] for one in chosen.tolist()], abs=1e-6)
    assert risk.tolist() == pytest.approx([found[one][1] for one in chosen.tolist()], abs=1e-9)
    assert list(queue.before) == list(before)
    for place, work in before.items():
        assert queue.before[place].tolist() == pytest.approx(work.tolist())
        assert (queue.expected[place], queue.whole[place]) == (soon[place]["known"], soon[place]["whole"])
    assert set(np.flatnonzero(queue.whole).tolist()) <= set(before)


def test_one_more_order_waits_as_if_it_came_last_of_its_step():
    chance = np.random.default_rng(9)
    queue, positions = busy_queue(chance, Stage.PICKED), crowd(chance)
    is_ahead = queue.are_busy(positions.places[queue.number])
    queue.waits(positions, is_ahead, chance.random(ORDERS) * 90, np.zeros(ORDERS), positions.left_h)
    assert len(queue.before) > 3
    for place, before in queue.before.items():
        for step, hours in enumerate(MIDDLES_H.tolist()):
            work = max(float(before[step]), float(np.interp(hours, TIMES_H, queue._curve[place]))) + 1.0
            expected, _ = judged(queue, place, work, hours, 0.0)
            assert queue.tail(place)[step] == pytest.approx(expected, abs=1e-6)


def test_where_nobody_stands_nothing_is_expected_and_nobody_waits():
    queue, positions = busy_queue(np.random.default_rng(1), Stage.PICKED), crowd(np.random.default_rng(1))
    nothing = np.zeros(ORDERS)
    chosen, extra, risk = queue.waits(positions, np.zeros(ORDERS, bool), nothing, nothing, nothing)
    assert len(chosen) == len(extra) == len(risk) == 0
    assert not queue.expected.any()
    assert not queue.whole.any()
    assert not queue.before
    assert queue.risk_of_new(0, 5.0, 0.0, 9.0) == 0.0


def test_a_curve_is_read_as_an_interpolation_and_back_as_its_inverse():
    chance = np.random.default_rng(4)
    rates = chance.random((5, len(MIDDLES_H))) * 9
    rates[1, 10:20], rates[2, :4], rates[3] = 0.0, 0.0, np.ones(len(MIDDLES_H))
    curves, rows = cumulated(rates), np.repeat(np.arange(5), 200)
    hours = chance.random(1000) * 320 - 16
    hours[::7] = np.floor(hours[::7] / STEP_H) * STEP_H
    done = done_by(curves, rows, moments_of(hours))
    assert done.tolist() == pytest.approx(
        [np.interp(at, TIMES_H, curves[row]) for at, row in zip(hours, rows, strict=True)]
    )
    assert done.tolist() == pytest.approx([done_by_one(curves[row], at) for at, row in zip(hours, rows, strict=True)])
    work = chance.random(1000) * 700
    work[600:800] = np.arange(200)  # of the fourth place: exactly on its points
    until = hours_until(curves, rows, work)
    assert until.tolist() == pytest.approx(
        [np.interp(one, curves[row], TIMES_H) for one, row in zip(work, rows, strict=True)]
    )


def test_of_a_curve_that_stands_still_the_last_moment_counts():
    curves = cumulated(np.array([[4.0] * 4 + [0.0] * 8 + [4.0] * 84] * 3))
    assert hours_until(curves, np.arange(3), np.array([16.0, 15.0, 1e9])).tolist() == [36.0, 11.25, TIMES_H[-1]]
    assert STATIONS * 1025 < 2**16, "ways are sorted as short numbers"


def test_what_is_ranked_as_one_word_is_ranked_stably():
    keys = np.random.default_rng(2).integers(0, 40, 500) << (KEY_BITS - 6)
    assert ranked(keys).tolist() == np.argsort(keys, kind="stable").tolist()
    assert ranked(np.array([2**KEY_BITS - 1, 0])).tolist() == [1, 0]


def test_hours_beyond_the_usual_ones_are_those_of_a_loop_and_teach_a_place_and_station_once():
    chance = np.random.default_rng(6)
    queue = busy_queue(chance, Stage.PICKED)
    queue.usual[:, :3] = chance.random((len(queue.capacity), 3, STEPS, 2)) * 9
    places, stations, hours = chance.integers(0, PLACES, 300), chance.integers(0, 5, 300), chance.random(300) * 40
    before = queue.usual.copy()
    beyond = queue.beyond_usual(places, stations, 2, hours)
    seen: dict[tuple[int, int], list[float]] = {}
    for place, station, hour, found in zip(places.tolist(), stations.tolist(), hours.tolist(), beyond, strict=True):
        count, total = before[place, station, 2]
        usual = total / count if count > 0 else hour
        assert found == pytest.approx(max(hour - usual, 0.0))
        seen.setdefault((place, station), []).append(min(hour, usual + 6.0))
    expected = before.copy()
    expected[:, :, 2] *= 0.5 ** (1 / USUAL_HALF_LIFE)
    for cell, told in seen.items():
        expected[(*cell, 2)] += 1, sum(told) / len(told)
    assert queue.usual == pytest.approx(expected)
