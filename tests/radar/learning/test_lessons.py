"""What the second stage is taught, and with what weight: labels when they are known and not before."""

import numpy as np
import pytest

from radar.instant import DAY_US, Instant
from radar.learning.calibration import INPUTS, LESSON_WEIGHT, Calibration
from radar.learning.lessons import KEPT_DAYS, WAIT_DAYS, Lessons
from radar.learning.local_days import LocalDays
from radar.learning.newton import Newton
from radar.orders import Order
from radar.stages import Stage

DAY = 17_000
PROMISE = Instant((DAY + 2) * DAY_US)


class Listening(Newton):
    """A regression that notes what it is taught."""

    def __init__(self) -> None:
        super().__init__(INPUTS, 30.0, 0.998)
        self.taught: list[tuple[float, float]] = []

    def update(self, inputs, labels, offset, importance=None):
        self.taught += zip(labels.tolist(), importance.tolist(), strict=True)


def listening() -> tuple[Calibration, Listening]:
    calibration, net = Calibration(), Listening()
    calibration.nets[1] = net
    return calibration, net


def order(order_id: str, *, is_late: bool, handed: bool = True) -> Order:
    made = Order(order_id, promise_at=PROMISE, is_late=is_late)
    if handed:
        made.reached[Stage.HANDED_OVER] = Instant(PROMISE - DAY_US)
    return made


def with_snapshots(*order_ids: str) -> Lessons:
    lessons = Lessons(LocalDays("UTC"))
    for day in (DAY, DAY + 1):
        lessons.take(day, order_ids, np.zeros(len(order_ids)), np.ones((len(order_ids), INPUTS)), moving=True)
    return lessons


def test_an_order_in_time_is_told_at_once_and_whole():
    lessons = with_snapshots("o")
    calibration, net = listening()
    lessons.learn([order("o", is_late=False)], [], DAY + 1, 1.0, calibration)
    assert net.taught == [(0.0, LESSON_WEIGHT)] * 2
    assert not lessons.waits


@pytest.mark.parametrize("handed", [False, True])
def test_a_late_order_counts_with_the_chance_that_it_finishes_and_wholly_once_it_does(handed):
    lessons = with_snapshots("o")
    calibration, net = listening()
    late = order("o", is_late=True, handed=handed)
    share = 0.8 if handed else 1 / 3
    lessons.learn([late], [], DAY + 3, 1.0, calibration)
    assert [label for label, _ in net.taught] == [1.0, 1.0]
    assert [weight for _, weight in net.taught] == pytest.approx([share * LESSON_WEIGHT] * 2)
    net.taught.clear()
    lessons.learn([], [late], DAY + 5, 2.0, calibration)
    assert [weight for _, weight in net.taught] == pytest.approx([(1 - share) * LESSON_WEIGHT] * 2)
    net.taught.clear()
    lessons.learn([], [late], DAY + 6, 1.0, calibration)
    assert net.taught == [], "a delivery is learned once"


def test_what_never_finishes_is_taken_back():
    lessons = with_snapshots("o", "p")
    calibration, net = listening()
    lessons.learn([order("o", is_late=True), order("p", is_late=True)], [], DAY + 3, 1.0, calibration)
    lessons.learn([], [order("p", is_late=True)], DAY + 9, 6.0, calibration)
    net.taught.clear()
    before = lessons.finished[1][1]
    lessons.learn([], [], DAY + 2 + WAIT_DAYS - 1, 1.0, calibration)
    assert net.taught == []
    lessons.learn([], [], DAY + 2 + WAIT_DAYS, 1.0, calibration)
    assert sum(weight for _, weight in net.taught) == pytest.approx(-2 * 0.8 * LESSON_WEIGHT)
    assert not lessons.waits
    assert lessons.finished[1][1] == pytest.approx(before * 0.5 ** (2 / 45) + 2)


def test_snapshots_without_a_label_are_let_go():
    lessons = with_snapshots("cancelled")
    lessons.learn([], [], DAY + KEPT_DAYS + 1, 1.0, Calibration())
    assert not lessons.snapshots
    assert not lessons.by_day
    assert {DAY, DAY + 1} <= lessons.dirty_days
