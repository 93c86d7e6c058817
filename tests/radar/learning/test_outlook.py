"""The day ahead: what the epoch prepares by the thousand is what each order's own prediction says."""

import numpy as np
import pytest

from radar.events import Event
from radar.events.order import OrderChanged, ShipTo
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning.facts import Facts
from radar.learning.forecast import predict
from radar.learning.outlook import DAYS
from radar.orders import Order
from radar.room import ControlRoom
from radar.stages import Stage
from tests.radar.learning.test_restart import Store
from tests.radar.learning.worlds import World, learned, learner_of, model_of, play, rules

EVENTS = World(seed=3, days=50, orders_per_day=40, promise_days=12).events()[:4000]


@pytest.fixture(scope="module")
def room():
    """Return a room at the end of a day, with orders heard of that day and others."""
    return learned(EVENTS)


def prepared(room: ControlRoom) -> list[Order]:
    """Return the open orders the outlook answers for."""
    outlook = model_of(room).outlook
    found = [room.orders[order_id] for order_id in outlook._rows if order_id in room.orders]
    return [order for order in found if order.is_open and order.updated_at < outlook.begun_at]


@pytest.mark.req("R03")
@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("hours", [0.0, 0.5, 11.999, 12.0, 23.9])
def test_it_says_what_the_tables_say(room, hours, staged, monkeypatch):
    model = model_of(room)
    if staged:
        table = np.random.default_rng(1).normal(size=model.transit.stages.table.shape)
        for name, value in (("table", table), ("offsets", table.tolist())):
            monkeypatch.setattr(model.transit.stages, name, value)
    model._look_ahead()
    at = Instant(model.outlook.begun_at + round(hours * HOUR_US))
    orders = prepared(room)
    assert len(orders) > 50
    for order in orders:
        by_tables = predict(model, Facts(order, model.days), at)
        assert learner_of(room).predict(order, at) == pytest.approx(by_tables, rel=1e-11)


def test_each_orders_figures_are_its_own_to_the_last_bit(room):
    model = model_of(room)
    model._look_ahead()
    slots = np.flatnonzero(model.outlook.concerns(model.orders.values))
    values, rows = model.orders.values[slots], model.orders.rows[slots]
    whole = model.outlook._figures(values, rows, model.week)
    for size in (1, 3, 64):
        for first in range(0, len(slots), size):
            part = slice(first, first + size)
            assert (model.outlook._figures(values[part], rows[part], model.week) == whole[part]).all()


def test_it_answers_only_for_orders_on_their_way_that_are_promised_soon(room):
    model = model_of(room)
    for order in prepared(room):
        assert order.reached[Stage.HANDED_OVER] <= model.outlook.begun_at
        assert order.promise_at <= model.outlook.begun_at + (DAYS + 1) * DAY_US
    assert model.outlook.score("nobody", float(model.day)) is None
    someone = prepared(room)[0].order_id
    assert model.outlook.score(someone, model.day + 0.99) is not None
    assert model.outlook.score(someone, model.day + 1.0) is None, "the day is over"
    assert model.outlook.score(someone, model.day - 0.01) is None


@pytest.mark.req("R03")
def test_news_of_the_day_counts_at_once():
    room = learned(EVENTS)
    order = next(one for one in prepared(room) if one.area == "SP")
    before = room.predict(order.order_id, room.clock)
    assert before is not None
    moved = OrderChanged(ship_to=ShipTo(area="BA"))
    play(room, [Event(Instant(room.clock + 1), id="moved", source="shop", subject=order.order_id, data=moved)])
    after = room.predict(order.order_id, room.clock)
    assert after is not None
    assert after > before + 0.01


@pytest.mark.parametrize("cut", range(3000, 3060, 20))
def test_a_restart_in_the_middle_of_a_day_prepares_the_same(cut):
    room = learned(EVENTS[:cut])
    store = Store()
    store.commit(room.take_dirty())
    again = store.room(room.clock)
    learner_of(again).next_due()
    orders = prepared(room)
    assert len(orders) > 50
    assert {one.order_id for one in prepared(again)} == {one.order_id for one in orders}
    for order in orders:
        assert model_of(again).outlook._rows[order.order_id] == model_of(room).outlook._rows[order.order_id]


def test_a_delay_by_conditions_is_predicted_from_the_tables(room):
    order, at = prepared(room)[0], room.clock
    learner = learner_of(room)
    assert learner.predict(order, at, 2 * DAY_US) == predict(
        model_of(room), Facts(order, model_of(room).days), at, 2 * DAY_US
    )


def test_rules_of_the_tests_have_the_packaged_checks():
    assert max(rules().prediction.checks_us) < DAYS * DAY_US
