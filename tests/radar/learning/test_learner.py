"""The learner as a whole: causal, independent of polling, bounded, and never surprised."""

import math
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from radar.events import Event
from radar.events.order import OrderCancelled, OrderChanged, OrderLine, OrderPlaced, PaymentApproved, ShipTo
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver, ShipmentOutForDelivery, ShipmentScan
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.learning import learner as module
from radar.learning.learner import Learner
from radar.learning.model import Model
from radar.outputs import StateRow
from radar.room import ControlRoom
from tests.radar.learning.worlds import START, World, learned, learner_of, model_of, play, probabilities, rules

WORLD = World(seed=2, days=14, orders_per_day=5)
EVENTS = WORLD.events()


@pytest.mark.req("R03")
def test_what_comes_later_changes_no_earlier_prediction():
    cut = len(EVENTS) // 2
    short, long = ControlRoom(rules()), ControlRoom(rules())
    said = [[list(room.observe(event)) for event in EVENTS[:cut]] for room in (short, long)]
    at = short.clock
    early = probabilities(short, at)
    assert probabilities(long, at) == early
    play(long, EVENTS[cut:])
    again = ControlRoom(rules())
    assert [list(again.observe(event)) for event in EVENTS[:cut]] == said[0] == said[1]
    assert probabilities(again, at) == early


@pytest.mark.req("R03")
def test_polling_often_changes_nothing():
    often = ControlRoom(rules())
    for event in EVENTS:
        while often.clock and often.clock + 7 * HOUR_US < event.time:
            often.advance(Instant(often.clock + 7 * HOUR_US))
        often.observe(event)
    once = learned(EVENTS)
    assert probabilities(often, often.clock) == probabilities(once, once.clock)


def test_between_two_midnights_only_the_order_itself_moves_its_prediction():
    room = learned(EVENTS[:150])
    model = model_of(room)
    end = model.due
    order = next(one for one in room.orders.values() if one.is_open and one.promise_at > end + DAY_US)
    at = Instant(end - 1)
    before = learner_of(room).predict(order, at)
    rest = [event for event in EVENTS[150:] if event.time < end and event.subject != order.order_id]
    assert rest, "nothing would be proved"
    play(room, rest)
    assert learner_of(room).predict(order, at) == before


@pytest.mark.req("R03")
def test_slow_weeks_are_learned_from_the_orders_that_do_not_arrive():
    """A lane that stops is felt in days, before any order of it is late."""
    world = World(seed=9, days=20, orders_per_day=8, promise_days=14)
    stop_at = START + 14 * DAY_US
    stopped = [
        event for event in world.events() if not (isinstance(event.data, ShipmentDelivered) and event.time >= stop_at)
    ]
    flowing = learned(world.events())
    standing = learned(stopped)
    at = Instant(stop_at + 5 * DAY_US)
    for room in (flowing, standing):
        room.advance(at)
    assert model_of(standing).rates.all_logs[0] < model_of(flowing).rates.all_logs[0] - 1


def test_each_order_type_learns_for_itself():
    both = learned(World(seed=4, days=15, order_types=("a", "b")).events())
    (one, other) = (model_of(both, name) for name in ("a", "b"))
    assert one.means.all != other.means.all
    assert one.day == other.day


def test_types_beyond_the_limit_share_a_model(monkeypatch):
    monkeypatch.setattr(module, "MODELS_MAX", 2)
    room = learned(World(seed=4, days=10, order_types=("a", "b", "c", "d")).events())
    assert len(learner_of(room)._models) == 3
    assert module.REST in learner_of(room)._models
    rows = room.take_dirty()
    again = ControlRoom(rules())
    again.load(rows)
    again.advance(room.clock)
    assert probabilities(again, room.clock) == probabilities(room, room.clock)


def test_the_rows_of_an_epoch_do_not_grow_with_history():
    world = World(seed=6, days=60, orders_per_day=2)
    room = ControlRoom(rules())
    sizes: list[int] = []
    for event in world.events():
        room.observe(event)
        if event.time > START + (len(sizes) + 1) * 14 * DAY_US:
            rows = [row for row in room.take_dirty() if isinstance(row, StateRow) and row.machine == "learner"]
            room.advance(Instant(room.clock + 1))
            sizes.append(sum(len(row.state) for row in rows))
    assert len(sizes) >= 4
    assert sizes[-1] < 1.5 * sizes[1]


def test_an_order_without_a_promise_teaches_transit_times():
    room = learned([without_promise(event) for event in World(seed=8, days=12).events()])
    assert model_of(room).means.all[1] > 20
    assert probabilities(room, room.clock) == {}
    room.advance(Instant(room.clock + 3 * DAY_US))
    assert learner_of(room).next_due() is None, "nothing is left to learn from"


def without_promise(event: Event) -> Event:
    if not isinstance(event.data, OrderPlaced):
        return event
    return msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, promise_at=None))


# --- strange orders ---------------------------------------------------------------------------------------

hours = st.floats(-40, 400).map(lambda value: round(value, 2))
maybe = st.none() | st.floats(0, 1e12)


@st.composite
def strange_history(draw: st.DrawFn) -> list[Event]:
    """Events of one order in any sequence, with any gaps: hand-over before payment, promises in the past."""
    start = START + 60 * DAY_US

    def at(value: float) -> Instant:
        return Instant(start + round(value * HOUR_US))

    promise = draw(st.none() | hours | st.sampled_from([24.0, 0.5, 9000.0]))
    placed = OrderPlaced(
        promise_at=None if promise is None else to_datetime(at(promise)),
        order_type=draw(st.sampled_from(["marketplace", "new"])),
        lines=draw(st.sampled_from([(), (OrderLine("x", 0),), (OrderLine("x", 1e9),)])),
        ship_to=ShipTo(
            area=draw(st.sampled_from(["", "RJ", "a/b"])), postcode=draw(st.sampled_from(["", "1", "22/33"]))
        ),
        origin=draw(st.sampled_from(["", "SP"])),
        supplier=draw(st.sampled_from(["", "s1", "s/?"])),
        zone=draw(st.sampled_from(["", "America/Sao_Paulo", "Asia/Shanghai", "nowhere"])),
        weight_kg=draw(maybe),
        freight=draw(maybe),
        distance_km=draw(maybe),
    )
    pool = [
        PaymentApproved(ship_by_at=draw(st.none() | hours.map(lambda value: to_datetime(at(value))))),
        ShipmentHandedOver(carrier="c", lane=draw(st.sampled_from(["", "SP-RJ", "x"]))),
        ShipmentScan(site="hub"),
        ShipmentOutForDelivery(),
        OrderChanged(ship_to=ShipTo(area="BA", postcode="99")),
        ShipmentDelivered(),
        OrderCancelled(),
    ]
    said = [placed, *draw(st.lists(st.sampled_from(pool), max_size=6))]
    return sorted(
        (
            Event(at(draw(hours)), id=f"e{place}", source="s", subject="strange", data=data)
            for place, data in enumerate(said)
        ),
        key=lambda event: (event.time, event.id),
    )


WARM = learned(EVENTS)
WARM_ROWS = WARM.take_dirty()


@pytest.mark.req("R03")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strange_history(), st.lists(st.integers(-3 * DAY_US, 40 * DAY_US), max_size=2))
def test_no_order_is_too_strange_for_a_probability(history, delays):
    room = ControlRoom(rules())
    room.load(WARM_ROWS)
    room.advance(WARM.clock)
    learner = learner_of(room)
    for event in history:
        room.observe(event)
        order = room.orders.get("strange")
        if order is not None and order.promise_at and order.is_open:
            for delay_us in (0, *delays):
                chance = learner.predict(order, room.clock, delay_us)
                assert 0 < chance < 1
                total = sum(one.weight for one in learner.explain(order, room.clock, delay_us))
                assert total == pytest.approx(math.log(chance / (1 - chance)), abs=1e-8)
    room.advance(Instant(room.clock + 2 * DAY_US))
    assert all(isinstance(row, StateRow) for row in learner.take_dirty())
    assert room.take_dirty() is not None


def test_a_learner_asked_before_it_was_told_anything_answers():
    room = learned(EVENTS[:50])
    order = next(iter(room.orders.values()))
    fresh = Learner(rules())
    chance = fresh.predict(order, Instant(order.promise_at - DAY_US))
    assert 0 < chance < 0.5
    assert fresh.take_dirty() == []


def test_the_first_midnight_is_that_of_the_first_orders_zone():
    room = learned(EVENTS[:5])
    model = model_of(room)
    assert to_datetime(model.due).hour == 3
    assert timedelta(0) < to_datetime(model.due) - to_datetime(EVENTS[4].time) <= timedelta(days=1)
    assert isinstance(model, Model)
