"""Conditions touch whom they touch and nobody else, whatever the blocks, the arrival and the restarts."""

from dataclasses import dataclass, replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.events import Event
from radar.events.supply import LineState, ProductionPlanned
from radar.events.transport import CourierState, ScanKind
from radar.events.world import AlertSeverity
from radar.instant import HOUR_US
from radar.intake import Intake
from radar.open_index import OpenIndex, keys_of
from radar.orders import Order
from radar.rules import ConditionRules, PredictionRules
from radar.stages import Stage
from tests.radar.harness import DictStore, Play, at, delivered, event, produced, rules, run
from tests.radar.histories import LATENESS_US, arrivals, with_repeats
from tests.radar.places import (
    closure,
    couriers,
    feeling_room,
    going,
    handed,
    line,
    notice,
    scanned,
    storm,
    trouble,
    truck,
)

ORDERS = ("SO-1", "SO-2", "SO-3", "SO-4")
LINES, AREAS, LANES = ("L1", "L2"), ("north", "south"), ("a-b", "a-c")
SETTINGS = rules(
    prediction=PredictionRules(lead_us=4 * HOUR_US, checks_us=(8 * HOUR_US, 6 * HOUR_US, 2 * HOUR_US)),
    conditions=ConditionRules(vehicle_min_us=HOUR_US, backlog_epoch_us=3 * HOUR_US),
    learn_epoch_us=6 * HOUR_US,
    tombstone_us=24 * HOUR_US,
)

hours = st.integers(0, 40).map(float)
orders, lines, lanes, areas = (st.sampled_from(names) for names in (ORDERS, LINES, LANES, AREAS))
spans = st.integers(1, 40).map(float)


def _planned(order: str, name: str, when: float) -> Event:
    return event(ProductionPlanned(name), at(when), order)


about_orders = st.one_of(
    st.builds(
        lambda order, area, when, promise, supplier: going(order, area, when, when + promise, supplier=supplier),
        orders,
        areas,
        hours,
        spans,
        st.sampled_from(("mill", "kiln")),
    ),
    st.builds(_planned, orders, lines, hours),
    st.builds(lambda order, when: produced(at(when), order), orders, hours),
    st.builds(handed, orders, lanes, hours, st.none() | hours),
    st.builds(lambda order, when, kind: scanned(order, when, scan=kind), orders, hours, st.sampled_from(ScanKind)),
    st.builds(trouble, orders, hours, spans),
    st.builds(lambda order, when: delivered(at(when), order), orders, hours),
)
about_places = st.one_of(
    st.builds(
        lambda name, state, when, until: line(name, state, when, until and when + until),
        lines,
        st.sampled_from(LineState),
        hours,
        st.none() | spans,
    ),
    st.builds(
        lambda area, when, ahead, span, bad: storm(area, when, when + ahead, when + ahead + span, bad),
        areas,
        hours,
        st.integers(-4, 12).map(float),
        spans,
        st.sampled_from(AlertSeverity),
    ),
    st.builds(
        lambda lane, when, span, shut: closure(lane, when, span and when + span, is_closed=shut),
        lanes,
        hours,
        st.none() | spans,
        st.booleans(),
    ),
    st.builds(lambda lane, when, late: truck("T1", lane, when, late, when + 5), lanes, hours, spans),
    st.builds(
        lambda area, when, state, load: couriers(area, when, state, load, 10),
        areas,
        hours,
        st.sampled_from(CourierState),
        st.sampled_from([0, 5, 30]),
    ),
    st.builds(lambda name, when, late: notice(name, when, when + 2, when + 2 + late), st.just("mill"), hours, spans),
)


def numbered(events: list[Event], first: int = 0) -> list[Event]:
    """Events in order of time, each with an id of its own."""
    ordered = sorted(events, key=lambda one: one.time)
    return [msgspec.structs.replace(one, id=f"ev-{number:03d}") for number, one in enumerate(ordered, first)]


histories = st.lists(st.one_of(about_orders, about_places), min_size=1, max_size=30).map(numbered)


@dataclass(frozen=True)
class FeelingPlay(Play):
    """A play whose predictor feels delays."""

    def start(self, store: DictStore, streams: object) -> Intake:
        names = [f"stream-{index}" for index in range(len(streams))]  # type: ignore[arg-type]  # a sequence
        intake = Intake(feeling_room(self.rules), names, self.lateness_us)
        intake.load(store.checkpoint, store.rows(self.rules.tombstone_us))
        return intake


PLAIN = FeelingPlay(SETTINGS, LATENESS_US, block=1000)


@pytest.mark.req("R07", "R48")
@given(histories, st.data())
def test_blocks_arrival_repeats_and_polling_change_nothing(history, data):
    expected = PLAIN.run([history])
    arrived = data.draw(with_repeats(data.draw(arrivals(history))))
    play = replace(PLAIN, block=data.draw(st.sampled_from([1, 2, 7])), batch_every=2, extra_ticks=1)
    found = play.run([arrived])
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()


@pytest.mark.req("R07", "R52")
@given(histories, st.data())
def test_stopped_anywhere_and_started_again_the_world_is_the_same(history, data):
    play = replace(PLAIN, block=data.draw(st.sampled_from([1, 2, 5])), batch_every=data.draw(st.integers(1, 3)))
    expected = play.run([history])
    stops = data.draw(st.frozensets(st.integers(1, 12), min_size=1, max_size=4))
    found = replace(play, stops=stops, dies_before_commit=data.draw(st.booleans())).run([history])
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()


@pytest.mark.req("R07")
@given(st.lists(about_orders, max_size=25), about_places)
def test_a_change_in_the_world_looks_at_the_orders_it_touches_and_changes_no_other(history, change):
    room, control = feeling_room(SETTINGS), feeling_room(SETTINGS)
    for one in (room, control):
        run(one, [event for event in numbered(history) if event.time <= change.time])
        one.advance(change.time)
    asked_before = len(room._forecast.predictor.asked)  # type: ignore[attr-defined]  # a fake
    said = room.observe(change)
    looked_at = {order_id for order_id, _ in room._forecast.predictor.asked[asked_before:]}  # type: ignore[attr-defined]  # a fake
    touched = {
        order_id
        for order_id, order in room.orders.items()
        if order.is_open and room._around.conditions.touching(order, change.time)
    }
    at_places = {order_id for order_id, order in control.orders.items() if order.is_open and keys_of(order)}
    assert looked_at <= at_places
    assert {one.entity for one in said} <= looked_at
    for order_id, order in room.orders.items():
        if order_id not in looked_at:
            assert order == control.orders[order_id]
        elif order_id not in touched:
            assert order.late_probability is None or order.late_probability <= 0.05


@given(histories, hours)
def test_what_an_order_feels_is_what_its_conditions_tell(history, later):
    room = feeling_room(SETTINGS)
    run(room, history, until=at(41 + later))
    conditions, now = room._around.conditions, at(41 + later)
    for order in room.orders.values():
        worst: dict[str, tuple[int, int]] = {}
        for one in conditions.touching(order, now):
            worst[one.code] = max(worst.get(one.code, (0, 0)), (one.said_us, one.delay_us))
        feeling = conditions.feel(order, now)
        assert (feeling.said if feeling else {}) == {code: said_us for code, (said_us, _) in worst.items()}
        total_us = min(sum(delay_us for _, delay_us in worst.values()), SETTINGS.conditions.delay_max_us)
        assert (feeling.delay_us if feeling else 0) == total_us


@given(st.lists(about_orders, min_size=1, max_size=25))
def test_the_index_says_what_a_look_at_every_order_says(history):
    room = feeling_room(SETTINGS)
    run(room, [line("L9", LineState.UP, 0), *numbered(history)])  # places are followed from the first news of them on
    rebuilt = OpenIndex()
    rebuilt.start(room.orders.values())
    index = room._around.index
    assert index._by_kind == rebuilt._by_kind
    for order in room.orders.values():
        for key in keys_of(order) if order.is_open else ():
            assert order.order_id in index.at(key)


@given(st.lists(about_orders, max_size=20))
def test_an_index_begun_late_is_the_index_kept_from_the_start(history):
    early, late = feeling_room(SETTINGS), feeling_room(SETTINGS)
    run(early, [line("L9", LineState.UP, 0), *numbered(history)])
    run(late, [*numbered(history), line("L9", LineState.UP, 41)])
    assert late._around.index._by_kind == early._around.index._by_kind


def test_a_world_never_spoken_of_costs_no_index():
    room = feeling_room(SETTINGS)
    run(room, [going("SO-1")])
    assert not room._around.index.is_on
    assert room._around.index.at("area:north") == []


def test_an_order_on_its_round_has_only_its_area_before_it():
    order = Order("SO-1", line="L1", lane="a-b", area="north", origin="plant", supplier="mill", warehouse="W")
    keys = {"line:L1", "supplier:mill", "warehouse:W", "lane:a-b", "area:plant", "area:north"}
    assert set(keys_of(order)) == keys
    order.stage = Stage.PRODUCED
    assert set(keys_of(order)) == keys - {"line:L1"}
    order.stage = Stage.HANDED_OVER
    assert set(keys_of(order)) == {"lane:a-b", "area:north"}
    order.stage = Stage.OUT_FOR_DELIVERY
    assert set(keys_of(order)) == {"area:north"}
