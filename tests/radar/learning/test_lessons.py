"""What the second stage is taught, and with what weight: labels when they are known and not before."""

import numpy as np
import pytest

from radar.instant import DAY_US, Instant
from radar.learning.calibration import INPUTS, LESSON_WEIGHT, SNAPSHOT_INPUTS, Calibration
from radar.learning.lessons import KEPT_DAYS, WAIT_DAYS, Lessons
from radar.learning.local_days import LocalDays
from radar.learning.newton import Newton
from radar.orders import Order
from radar.stages import Stage

DAY = 17_000
PROMISE = Instant((DAY + 2) * DAY_US)
NOW = np.array([0.3, -0.2])
"""Log rates of everything when the lessons are learned."""


class Listening(Newton):
    """A regression that notes what it is taught."""

    def __init__(self) -> None:
        super().__init__(INPUTS, 30.0, 0.998)
        self.taught: list[tuple[float, float]] = []
        self.inputs: list[list[float]] = []

    def update(self, inputs, labels, offset, importance=None):
        self.inputs += inputs.tolist()
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
        count = len(order_ids)
        lessons.take(
            day, order_ids, np.zeros(count), np.ones((count, SNAPSHOT_INPUTS)), np.full(count, 0.4), moving=True
        )
    return lessons


def test_an_order_in_time_is_told_at_once_and_whole():
    lessons = with_snapshots("o")
    calibration, net = listening()
    lessons.learn([order("o", is_late=False)], [], DAY + 1, 1.0, calibration, NOW)
    assert net.taught == [(0.0, LESSON_WEIGHT)] * 2
    assert not lessons.waits


@pytest.mark.parametrize("handed", [False, True])
def test_a_late_order_counts_with_the_chance_that_it_finishes_and_wholly_once_it_does(handed):
    lessons = with_snapshots("o")
    calibration, net = listening()
    late = order("o", is_late=True, handed=handed)
    share = 0.8 if handed else 1 / 3
    lessons.learn([late], [], DAY + 3, 1.0, calibration, NOW)
    assert [label for label, _ in net.taught] == [1.0, 1.0]
    assert [weight for _, weight in net.taught] == pytest.approx([share * LESSON_WEIGHT] * 2)
    net.taught.clear()
    lessons.learn([], [late], DAY + 5, 2.0, calibration, NOW)
    assert [weight for _, weight in net.taught] == pytest.approx([(1 - share) * LESSON_WEIGHT] * 2)
    net.taught.clear()
    lessons.learn([], [late], DAY + 6, 1.0, calibration, NOW)
    assert net.taught == [], "a delivery is learned once"


def test_what_never_finishes_is_taken_back():
    lessons = with_snapshots("o", "p")
    calibration, net = listening()
    lessons.learn([order("o", is_late=True), order("p", is_late=True)], [], DAY + 3, 1.0, calibration, NOW)
    lessons.learn([], [order("p", is_late=True)], DAY + 9, 6.0, calibration, NOW)
    net.taught.clear()
    before = lessons.finished[1][1]
    lessons.learn([], [], DAY + 2 + WAIT_DAYS - 1, 1.0, calibration, NOW)
    assert net.taught == []
    lessons.learn([], [], DAY + 2 + WAIT_DAYS, 1.0, calibration, NOW)
    assert sum(weight for _, weight in net.taught) == pytest.approx(-2 * 0.8 * LESSON_WEIGHT)
    assert not lessons.waits
    assert lessons.finished[1][1] == pytest.approx(before * 0.5 ** (2 / 45) + 2)


def test_snapshots_without_a_label_are_let_go():
    lessons = with_snapshots("cancelled")
    lessons.learn([], [], DAY + KEPT_DAYS + 1, 1.0, Calibration(), NOW)
    assert not lessons.snapshots
    assert not lessons.by_day
    assert {DAY, DAY + 1} <= lessons.dirty_days


@pytest.mark.req("R03")
def test_a_lesson_takes_the_rates_of_the_day_its_label_is_known():
    lessons = with_snapshots("o")
    calibration, net = listening()
    lessons.learn([order("o", is_late=False)], [], DAY + 1, 1.0, calibration, NOW)
    assert net.inputs == [[1.0] * SNAPSHOT_INPUTS + NOW.tolist()] * 2


@pytest.mark.req("R03")
def test_where_slow_days_made_orders_late_the_next_slow_days_raise_the_chance_before_any_label():
    calibration, plain = Calibration(), np.zeros((40, SNAPSHOT_INPUTS))
    for late, rate in ((1.0, -0.4), (0.0, 0.4)):
        labels, rates = np.full(40, late), np.array([rate, rate])
        calibration.learn(1, plain, labels, np.zeros(40), np.ones(40), rates)
    now = [calibration._now[1]]
    for rate in (-0.3, 0.3):
        calibration.freeze(np.array([rate, rate]))
        now.append(calibration._now[1])
    assert now[1] > 0.3 > -0.3 > now[2]
    assert now[1] == pytest.approx(-now[2], abs=0.1)


@pytest.mark.req("R03")
def test_after_a_year_in_which_slow_days_did_no_harm_they_are_believed_again_within_days():
    chance = np.random.default_rng(5)
    calibration = Calibration()
    firm = Newton(INPUTS, np.array([30.0] * SNAPSHOT_INPUTS + [2.0] * 2), 0.998)
    plain = np.zeros((40, SNAPSHOT_INPUTS))
    plain[:, 0] = 1.0
    for day in range(372):
        rate = -0.4 if day >= 365 else chance.normal(0, 0.3)
        labels = (chance.random(40) < (0.5 if day < 365 else 0.9)).astype(float)
        rates = np.array([rate, rate])
        calibration.learn(1, plain, labels, np.zeros(40), np.full(40, LESSON_WEIGHT), rates)
        whole = np.hstack([plain, np.tile(rates, (40, 1))])
        firm.update(whole, labels, np.zeros(40), np.full(40, LESSON_WEIGHT))
    loose, held = (net.weights[SNAPSHOT_INPUTS:].sum() for net in (calibration.nets[1], firm))
    assert loose < 1.5 * held < 0  # the slower the deliveries, the likelier late
