"""Held orders: a line that people work off in office hours."""

import numpy as np
import pytest

from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning.holds import CLEARED, HOURS_A_WEEK, KNOWN, Holds
from radar.learning.local_days import LocalDays
from radar.learning.positions import DOORS, HELD, Positions
from radar.learning.yard import News
from radar.orders import Order
from radar.stages import STAGE_COUNT, Stage
from tests.radar.learning.standing import standing

MONDAY = Instant(1_709_510_400_000_000)
"""4 March 2024, midnight."""
DAYS = LocalDays("UTC", frozenset())
AN_HOUR, STEP_H = 4, 3
OPENS, CLOSES = 9, 17
BACKLOG = 20


def news_of(cleared: dict[str, Instant], delivered_h: float = 0.0) -> News:
    orders = [Order(order_id) for order_id in sorted(cleared)]
    reached = np.zeros((STAGE_COUNT, len(orders)), np.int64)
    reached[CLEARED] = [cleared[order.order_id] for order in orders]
    if delivered_h:
        reached[Stage.DELIVERED] = reached[CLEARED] + int(delivered_h * HOUR_US)
    none = np.zeros(len(orders), np.int64)
    places, ranks = np.zeros((len(DOORS), len(orders)), np.int64), np.zeros((len(orders), 3), np.int64)
    return News(orders, none, none, none, places, ranks, none, reached)


def found_of(order_ids: list[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(order_ids, object), np.full((len(order_ids), 1), float(HELD))


def worked_off(weeks: int = 4) -> Holds:
    """Let a line that stands there on Sundays be worked off on Mondays, so many an hour while the office is open."""
    holds = Holds()
    for week in range(weeks):
        begin = MONDAY + week * 7 * DAY_US
        line = [f"{week}-{number:03}" for number in range(BACKLOG)]
        for hour in range(-24, 24, STEP_H):
            stretch = Instant(begin + hour * HOUR_US), Instant(begin + (hour + STEP_H) * HOUR_US)
            done = {}
            found = found_of(line)
            for open_hour in range(max(hour, OPENS), min(hour + STEP_H, CLOSES)):
                for place in range(min(AN_HOUR, len(line))):
                    done[line.pop(0)] = Instant(begin + open_hour * HOUR_US + (place + 1) * HOUR_US // (AN_HOUR + 1))
            holds.learn(found, (news_of(done), news_of(done, delivered_h=10.0)), stretch, DAYS)
    return holds


def held_at(hours: list[float], ranks: list[tuple[int, int, int]]) -> Positions:
    count = len(hours)
    return standing(
        np.array(hours),
        stages=np.full(count, int(Stage.PAID)),
        stations=np.full(count, HELD),
        places=np.zeros((len(DOORS), count), np.int64),
        ranks=np.array(ranks, np.float64).reshape(-1, 3),
    )


def hour_of_week(at: int) -> int:
    return round(DAYS.day(at) * 24) % HOURS_A_WEEK


def looked(holds: Holds, positions: Positions, at: int) -> tuple[np.ndarray, np.ndarray]:
    usual, error = np.full(len(positions.stages), 99.0), np.full(len(positions.stages), 20.0)
    holds.freeze(hour_of_week(at))
    holds.look(positions, usual, error)
    return usual, error


def test_who_waits_longest_is_cleared_first_and_the_office_opens_on_monday():
    sunday = MONDAY + 28 * DAY_US - 12 * HOUR_US
    usual, error = looked(worked_off(), held_at([5.0, 50.0, 20.0], [(0, 0, 0)] * 3), sunday)
    opens_h = 12.0 + OPENS
    waits = opens_h + (np.array([2, 0, 1]) + 0.5) / AN_HOUR
    assert usual == pytest.approx(waits + 10.0, abs=0.8)
    assert error.max() < 10.0


def test_a_better_rank_goes_before_a_longer_wait():
    sunday = MONDAY + 28 * DAY_US - 12 * HOUR_US
    ranks = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1)]
    usual, _ = looked(worked_off(), held_at([50.0, 5.0, 4.0, 3.0], ranks), sunday)
    assert np.argsort(usual).tolist() == [2, 1, 3, 0]


def test_an_hour_in_which_nobody_ever_waited_borrows_from_the_same_hour_of_other_days():
    tuesday = MONDAY + 29 * DAY_US
    usual, _ = looked(worked_off(), held_at([5.0], [(0, 0, 0)]), tuesday)
    assert usual[0] == pytest.approx(OPENS + 10.0, abs=0.8)


def test_before_enough_was_seen_nothing_changes():
    holds = Holds()
    assert not holds.is_known
    usual, error = looked(holds, held_at([5.0], [(0, 0, 0)]), MONDAY)
    assert (usual.tolist(), error.tolist()) == ([99.0], [20.0])
    assert worked_off().cleared.sum() > KNOWN


def test_who_is_held_between_two_steps_is_the_last_in_line():
    holds, sunday = worked_off(), MONDAY + 28 * DAY_US - 12 * HOUR_US
    usual, _ = looked(holds, held_at([5.0, 50.0, 20.0], [(0, 0, 0)] * 3), sunday)
    new, error = holds.of_new(0, 1, elapsed_h=1.0)
    assert new == pytest.approx(usual.max() - 1.0 + 1 / AN_HOUR, abs=0.3)
    assert error >= 3.0


def test_one_bad_delivery_does_not_become_the_usual_one():
    holds = worked_off()
    before, _ = looked(holds, held_at([5.0], [(0, 0, 0)]), MONDAY)
    late = {"late": Instant(MONDAY + 28 * DAY_US + OPENS * HOUR_US)}
    stretch = Instant(MONDAY + 28 * DAY_US), Instant(MONDAY + 29 * DAY_US)
    holds.learn(found_of([]), (news_of({}), news_of(late, delivered_h=900.0)), stretch, DAYS)
    after, _ = looked(holds, held_at([5.0], [(0, 0, 0)]), MONDAY)
    assert after[0] - before[0] < 2.0
