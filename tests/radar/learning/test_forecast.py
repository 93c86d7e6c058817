"""Predictions: one by one they are what the epoch computes by the thousand, and they move the right way."""

import math

import numpy as np
import pytest

from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning.calibration import RATES, inputs_of_many, score_of_chance, score_of_odds
from radar.learning.facts import Facts
from radar.learning.forecast import STRANGER_LATE, hazard_score, predict, set_moment, view_of
from radar.learning.local_days import LocalDays
from radar.learning.model import Model
from radar.learning.open_orders import OpenOrders
from radar.orders import Order
from radar.stages import Stage
from tests.radar.learning.worlds import START, ZONE, World, learned, model_of

ROOM = learned(World(seed=3, days=50, orders_per_day=40, promise_days=12).events()[:4000])
MODEL = model_of(ROOM)
MIDNIGHT = MODEL.days.midnight(MODEL.day)


def orders_at(model: Model, *, moving: bool) -> list[Order]:
    """Return open orders as they stood at the last epoch, with at most eight days to go."""
    found = []
    for order in ROOM.orders.values():
        handed_at = order.reached[Stage.HANDED_OVER]
        is_moving = 0 < handed_at <= MIDNIGHT
        placed_at = order.reached[Stage.PLACED]
        is_near = MIDNIGHT < order.promise_at <= MIDNIGHT + 8 * DAY_US
        if is_near and placed_at <= MIDNIGHT and is_moving == moving:
            found.append(order)
    return found


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("moving", [False, True])
def test_the_epochs_columns_give_the_scores_of_each_order_alone(monkeypatch, moving, staged):
    for stages in (MODEL.transit.stages, MODEL.hand_over.stages) if staged else ():
        table = np.random.default_rng(1).normal(size=stages.table.shape)
        for name, value in (("table", table), ("offsets", table.tolist()), ("factors", np.exp(table).tolist())):
            monkeypatch.setattr(stages, name, value)
    orders = orders_at(MODEL, moving=moving)
    assert len(orders) > 5
    columns = OpenOrders(MODEL.days, MODEL.segments)
    columns.refresh(orders, MODEL.day - 1, MODEL.day)
    slots = columns.sorted_slots(np.isfinite(columns.values[:, Stage.PLACED]))
    values, rows = columns.values[slots], columns.rows[slots]
    means = MODEL.means.of_many(rows)
    if moving:
        odds = MODEL.transit.staying_odds_of_many(values, rows, MODEL.day, MODEL.week)
        scores = np.array([score_of_odds(one) for one in odds.tolist()])
    else:
        values[:, Stage.HANDED_OVER] = math.inf  # as it stood at the midnight
        chances = MODEL.hand_over.late_chances(values, means, MODEL.day, MODEL.week, MODEL.means.sigma)
        scores = np.array([score_of_chance(one) for one in chances.tolist()])
    inputs = inputs_of_many(scores, values, means, means - MODEL.means.centre, MODEL.day, moving=moving)
    now = np.tile(np.log(MODEL.rates.overall[:RATES]), (len(inputs), 1))
    final = scores + np.hstack([inputs, now]) @ MODEL.calibration.nets[moving].weights
    for place, slot in enumerate(slots.tolist()):
        order = columns.orders[slot]
        assert order is not None
        facts = Facts(order, MODEL.days)
        facts.stage = Stage.HANDED_OVER if moving else Stage.PAID  # as they stood at the midnight
        if not moving:
            facts.handed = None
        view = view_of(MODEL, facts)
        view.promise = facts.promise
        set_moment(MODEL, view, facts, float(MODEL.day))
        alone = hazard_score(MODEL, view, facts, float(MODEL.day))
        assert alone == pytest.approx(scores[place], abs=1e-9)
        beyond = view.mean - MODEL.means.centre
        said = MODEL.calibration.final_score(alone, view, facts, float(MODEL.day), beyond)
        assert said == pytest.approx(min(max(final[place], -8), 8), abs=1e-9)


def order_of(handed_h: float | None = 0.0, promise_days: float = 6.0) -> Order:
    order = Order("o", promise_at=Instant(MIDNIGHT + round(promise_days * DAY_US)), lane="SP-RJ", area="RJ")
    order.reached[Stage.PLACED] = Instant(MIDNIGHT - 3 * DAY_US)
    if handed_h is not None:
        order.reached[Stage.HANDED_OVER] = Instant(MIDNIGHT + round(handed_h * HOUR_US))
        order.stage = Stage.HANDED_OVER
    return order


def chance(order: Order, hours: float = 12.0, delay_us: int = 0) -> float:
    return predict(MODEL, Facts(order, MODEL.days), Instant(MIDNIGHT + round(hours * HOUR_US)), delay_us)


@pytest.mark.req("R03")
def test_a_delay_is_a_promise_that_comes_so_much_earlier():
    late = [chance(order_of(-24), delay_us=days * DAY_US) for days in range(7)]
    assert late == sorted(late)
    assert late[-1] > 0.9
    assert chance(order_of(-24), delay_us=DAY_US) == pytest.approx(chance(order_of(-24, promise_days=5)), abs=0.03)


@pytest.mark.req("R03")
def test_a_parcel_on_its_way_is_likelier_in_time_than_one_still_with_the_seller():
    assert chance(order_of(-24, promise_days=3)) < chance(order_of(None, promise_days=3)) - 0.1


def test_a_promise_inside_a_day_lies_between_those_of_its_ends():
    odds = []
    for days in (4.0, 4.25, 4.5, 4.75, 5.0):
        facts = Facts(order_of(-24, promise_days=days), MODEL.days)
        view = view_of(MODEL, facts)
        view.promise = facts.promise
        set_moment(MODEL, view, facts, MODEL.day + 0.5)
        view.window = 0.0  # the only other figure that the promise moves
        odds.append(MODEL.transit.staying_odds(view, MODEL.day - 1.0, MODEL.day + 0.5, 0))
    assert odds == sorted(set(odds))


@pytest.mark.parametrize("hours", [0.0, 23.999, 24.0, 30.0, 100.0, 500.0])
def test_past_the_promise_it_is_nearly_certain_and_never_an_error(hours):
    late = chance(order_of(-24, promise_days=0.5), hours)
    assert 0 < late < 1
    if hours > 24:
        assert late > 0.8


def test_a_promise_far_away_is_kept():
    assert chance(order_of(-24, promise_days=390)) < 0.1


def test_a_model_that_knows_nothing_says_what_shops_usually_miss():
    days = LocalDays(ZONE)
    fresh = Model("new", days, math.floor(days.day(START)))
    order = order_of(-24)
    found = predict(fresh, Facts(order, days), Instant(MIDNIGHT))
    assert found == STRANGER_LATE
