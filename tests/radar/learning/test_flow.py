"""The flow: queues, usual times left, the score; no trace of a restart, reasons that add up."""

from math import log

import numpy as np
import pytest

from radar import surroundings
from radar.events import Event
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning import flow as flow_module
from radar.learning import learner as learner_module
from radar.learning.flow import Flow
from radar.learning.flow_score import INPUTS, FlowScore, firsts_of, inputs_of
from radar.learning.flow_stored import experience
from radar.learning.learner import BESIDE
from radar.learning.left_times import LeftTimes
from radar.learning.open_orders import hash_of
from radar.learning.positions import ARRIVED, DOORS, HELD, MIDWAY, ONWARD, STEPS, place_of, station_of
from radar.orders import APART, NEVER, Order
from radar.outputs import StateRow
from radar.room import ControlRoom
from radar.stages import STAGE_COUNT, OrderPhase, Stage
from tests.radar.learning.rich_worlds import HOUSES, START, RichWorld
from tests.radar.learning.test_restart import Store, dying, undisturbed
from tests.radar.learning.worlds import World, learner_of, play, probabilities, rules

EVENTS = RichWorld().events()


@pytest.fixture(autouse=True)
def _soon_trusted(monkeypatch):
    monkeypatch.setattr(flow_module, "TRUSTED", 50.0)


@pytest.fixture(scope="module")
def disturbed():
    """Return a room a day and a half into the stop of the first warehouse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow_module, "TRUSTED", 50.0)
        room = ControlRoom(rules())
        play(room, until(14.0 + 1.5))
    return room


def until(day: float) -> list[Event]:
    return [one for one in EVENTS if one.time < START + day * DAY_US]


def flow_of(room: ControlRoom) -> Flow:
    return learner_of(room)._flow


def orders_of(room: ControlRoom, house: str) -> list[Order]:
    return [
        one for one in room.orders.values() if one.is_open and one.warehouse == house and one.promise_at > room.clock
    ]


def waiting(room: ControlRoom, house: str) -> list[Order]:
    return [one for one in orders_of(room, house) if one.stage < Stage.PICKED]


# --- what it finds ------------------------------------------------------------------------------------------


@pytest.mark.req("R07")
def test_orders_behind_a_warehouse_that_stands_still_are_in_danger_before_any_promise_is_broken(disturbed):
    at = disturbed.clock
    stuck = [disturbed.predict(one.order_id, at) for one in waiting(disturbed, HOUSES[0])]
    well = [disturbed.predict(one.order_id, at) for one in orders_of(disturbed, HOUSES[1])]
    assert len(stuck) > 20
    assert well
    assert np.mean(stuck) > np.mean(well) + 0.3


def test_the_queue_is_named_as_the_reason(disturbed):
    at = disturbed.clock
    why = [one for order in waiting(disturbed, HOUSES[0]) for one in disturbed.explain(order.order_id, at)]
    queue = max((one for one in why if one.code == "risk.queue"), key=lambda one: one.weight)
    assert queue.weight > 0.5
    assert ("place", HOUSES[0]) in [(fact.name, fact.value) for fact in queue.facts]


@pytest.mark.req("R05")
def test_reasons_add_up_to_the_log_odds(disturbed):
    at = disturbed.clock
    for order_id, chance in probabilities(disturbed, at).items():
        total = sum(why.weight for why in disturbed.explain(order_id, at))
        assert total == pytest.approx(log(chance / (1 - chance)), abs=1e-9)


def test_an_extra_time_counts_where_it_is_longer_than_the_queue(disturbed):
    flow, at = flow_of(disturbed), disturbed.clock
    order = orders_of(disturbed, HOUSES[1])[-1]
    calm = flow.predict(order, at)
    assert flow.predict(order, at, HOUR_US // 60) == pytest.approx(calm, abs=0.05)
    assert flow.predict(order, at, 4 * DAY_US) > max(calm, 0.8)


def test_a_marketplace_never_meets_it():
    room = ControlRoom(rules())
    play(room, World(days=12).events())
    assert not flow_of(room).is_on
    assert not flow_of(room).yard.orders
    assert not [row for row in room.take_dirty() if isinstance(row, StateRow) and row.key.startswith("flow")]


def test_it_predicts_only_once_enough_deliveries_are_known(monkeypatch):
    monkeypatch.setattr(flow_module, "TRUSTED", 1e9)
    room = ControlRoom(rules())
    play(room, until(10.0))
    assert flow_of(room).is_on
    assert not any(flow_of(room).concerns(order) for order in room.orders.values())


# --- restarts -----------------------------------------------------------------------------------------------


@pytest.mark.req("R03")
@pytest.mark.parametrize(
    ("every", "sample"), [(311, surroundings.SAMPLE), (311, 20), pytest.param(37, 20, marks=pytest.mark.slow)]
)
def test_a_room_that_dies_again_and_again_says_the_same_to_the_last_bit(monkeypatch, every, sample):
    monkeypatch.setattr(surroundings, "SAMPLE", sample)
    events = until(16.3)
    assert dying(events, every) == undisturbed(events)


@pytest.mark.req("R03")
def test_a_restored_room_that_is_asked_before_anything_else_already_predicts_by_the_flow():
    room, store = ControlRoom(rules()), Store()
    play(room, until(15.5))
    store.commit(room.take_dirty())
    restored = ControlRoom(rules())
    restored.load([*store.states.values(), *store.orders.values()])
    assert probabilities(restored, room.clock) == probabilities(room, room.clock)


def test_it_sleeps_when_nothing_is_open_and_nothing_is_lost_by_that():
    room = ControlRoom(rules())
    play(room, EVENTS)
    room.advance(Instant(EVENTS[-1].time + 60 * DAY_US))
    assert flow_of(room).is_asleep
    store = Store()
    store.commit(room.take_dirty())
    assert flow_of(store.room(room.clock)).is_asleep or not learner_of(room).next_due()


def test_experience_takes_tables_along_and_no_order():
    room = ControlRoom(rules())
    play(room, until(12.0))
    rows = [row for row in room.take_dirty() if isinstance(row, StateRow) and row.key.startswith("flow")]
    moved = [one for row in rows if (one := experience(row, 7)) is not None]
    assert {row.key.split("/")[1] for row in moved} == {"core", "door", "rounds"}
    other = ControlRoom(rules())
    other.load(moved)
    other.advance(START)
    assert flow_of(other).at == flow_of(room).at + 7 * DAY_US
    assert flow_of(other).times.week.sum() == flow_of(room).times.week.sum()


# --- parts --------------------------------------------------------------------------------------------------


def test_the_score_of_one_is_that_of_many():
    score = FlowScore()
    score.net.weights = np.linspace(-1, 1, INPUTS)
    score.freeze()
    cases = [(3, 1.2, 0.0, 37.0, (0, 0, 0)), (HELD, -5.0, 120.0, 12.0, (1, 0, 1)), (7, 0.4, 5.0, 90.0, (0, 1, 0))]
    stations, margins, extras, lefts, ranks = (np.array(column, float) for column in zip(*cases, strict=True))
    many = inputs_of(stations, margins, extras, lefts, ranks) @ score.net.weights
    assert [score.learned(*case) for case in cases] == pytest.approx(many.tolist())


def test_both_ways_of_being_late_join_and_a_sure_queue_teaches_the_time_nothing():
    score = FlowScore()
    assert score.total(-2.0, 0.0) == pytest.approx(-2.0)
    p = 1 / (1 + np.exp(2.0))
    assert score.total(-2.0, 0.4) == pytest.approx(log((p + (1 - p) * 0.4) / ((1 - p) * 0.6)))
    margins, risks = np.array([2.0, -1.0]), np.array([0.4, 0.0])
    inputs = inputs_of(np.zeros(2), margins, np.zeros(2), np.full(2, 37.0), np.zeros((2, 3)))
    many = score.scores(inputs, margins, risks)
    assert many.tolist() == pytest.approx([score.total(score.first(2.0), 0.4), score.total(score.first(-1.0), 0.0)])
    late, first = np.ones(2), firsts_of(np.full(2, 2.0))
    inputs = inputs_of(np.zeros(2), np.full(2, 2.0), np.zeros(2), np.full(2, 37.0), np.zeros((2, 3)))
    by_queue, by_time = FlowScore(), FlowScore()
    by_queue.learn(inputs, late, first, np.full(2, 0.99))
    by_time.learn(inputs, late, first, np.zeros(2))
    assert by_time.net.weights[0] > 5 * by_queue.net.weights[0] > 0


def test_one_storm_does_not_become_the_usual_time_of_its_hour_of_the_week():
    times = LeftTimes()
    lesson = np.array([[0.0, Stage.PACKED, 12.0, 1.0, 2.0, 3.0]])
    for _ in range(200):
        times.learn(lesson, np.array([20.0]))
    for _ in range(20):
        times.learn(lesson, np.array([120.0]))
    times.freeze()
    usual, _ = times.usual(*cells_of([[0, Stage.PACKED, 12, 1, 2, 3]]))
    assert usual[0] < 28.0


def test_usual_times_are_learned_and_a_bad_week_is_not_when_its_queues_were_foreseen():
    times = LeftTimes()
    lesson = np.array([[0.0, Stage.PACKED, 12.0, 1.0, 2.0, 3.0]])
    for _ in range(200):
        times.learn(lesson, np.array([30.0]))
    times.freeze()
    usual, error = times.usual(*cells_of([[0, Stage.PACKED, 12, 1, 2, 3]]))
    assert usual[0] == pytest.approx(30.0, abs=1.0)
    assert error[0] < 5.0


def test_the_usual_time_of_one_order_is_that_of_many():
    times, chance = LeftTimes(), np.random.default_rng(1)
    cells = np.column_stack([chance.integers(0, top, 300) for top in (2, 13, 56, 9, 64, 100)])
    times.learn(cells.astype(float), chance.random(300) * 80)
    reached = (1.0 + np.cumsum(chance.random((STAGE_COUNT, 300)), 0) * HOUR_US).astype(np.int64)
    steps = chance.integers(0, STEPS, (len(DOORS), 300))
    times.learn_after(cells[:, 4], cells[:, 5], reached, steps)
    times.freeze()
    many = np.array(times.usual(*cells_of(cells))).T
    single = [times.usual_of(kind, at, part, since, (area, way)) for kind, at, part, since, area, way in cells.tolist()]
    assert single == [pytest.approx(pair) for pair in many.tolist()]
    after = [times.after((area, way))[3] for area, way in cells[:, 4:].tolist()]
    assert after == pytest.approx((0.0 - times.until((cells[:, 4], cells[:, 5]), np.zeros(300))[3]).tolist())


def cells_of(rows):
    """Return type, station, part of the week, class of hours spent, and area and way of some orders."""
    table = np.array(rows, np.int64)
    return (*table[:, :4].T, (table[:, 4], table[:, 5]))


def test_an_order_whose_way_has_one_truck_is_not_judged_by_the_ways_of_others():
    times = LeftTimes()
    near, far = ([0.0, Stage.PACKED, 3.0, 1.0, 2.0, way] for way in (1.0, 2.0))
    for _ in range(100):
        times.learn(np.array([near, far]), np.array([6.0, 47.0]))
    times.freeze()
    usual, _ = times.usual(*cells_of([near, far, [0, Stage.PACKED, 3, 1, 2, 0]]))
    assert usual == pytest.approx([6.0, 47.0, 26.5], abs=3.0)


def test_a_way_of_which_the_next_truck_is_a_matter_of_luck_is_judged_with_that_doubt():
    times, luck = LeftTimes(), np.tile([15.0, 39.0], 60)
    sure, unsure = ([0.0, Stage.PACKED, 3.0, 1.0, 2.0, way] for way in (1.0, 2.0))
    for hours in luck:
        times.learn(np.array([sure, unsure]), np.array([27.0, hours]))
    times.freeze()
    _, error = times.usual(*cells_of([sure, unsure]))
    assert error[1] > 2 * error[0]


def test_a_way_never_heard_of_has_the_times_of_its_area():
    times = LeftTimes()
    times.learn(np.array([[0.0, Stage.PACKED, 3.0, 1.0, 2.0, 1.0]] * 50), np.full(50, 12.0))
    times.freeze()
    unknown = times.usual_of(0, Stage.PACKED, 3, 1, (2, 0))
    assert times.usual_of(0, Stage.PACKED, 3, 1, (2, 200)) == unknown
    assert times.after((2, 200)) == times.after((2, 0))


@pytest.mark.parametrize(
    ("change", "station"),
    [
        ({"stage": Stage.PACKED}, Stage.PACKED),
        ({"stage": Stage.PAID, "phase": OrderPhase.HELD}, HELD),
        ({"stage": Stage.IN_TRANSIT, "arrived_at": Instant(9), "site": "hub-2", "area": "north"}, ARRIVED),
        ({"stage": Stage.IN_TRANSIT, "arrived_at": Instant(9), "site": "hub-1", "area": "north"}, MIDWAY),
        ({"stage": Stage.IN_TRANSIT, "arrived_at": Instant(9), "sent_at": Instant(11)}, ONWARD),
        ({"stage": Stage.IN_TRANSIT}, Stage.IN_TRANSIT),
    ],
)
def test_where_an_order_stands(change, station):
    assert station_of(Order("o", **change), {"north": "hub-2"})[0] == station


def test_goods_made_for_an_order_come_from_the_plant_and_not_from_where_their_materials_lie():
    order = Order("o", stage=Stage.ALLOCATED, line="line-1", origin="plant-house", warehouse="materials", area="north")
    assert [place_of(order, door) for door in range(5)] == [
        "line-1",
        "plant-house",
        "plant-house",
        "plant-house>north",
        "north",
    ]
    assert order.reached[Stage.PLACED] == NEVER


# --- the daily model beside it ------------------------------------------------------------------------------


@pytest.mark.req("R03")
def test_while_the_flow_predicts_a_sample_teaches_the_daily_model_and_nothing_else_changes(monkeypatch):
    monkeypatch.setattr(surroundings, "SAMPLE", 20)
    room, everyone = ControlRoom(rules()), ControlRoom(rules())
    placed = learner_of(everyone).placed

    def placed_as_sample(order, at):
        is_sample, order.is_sample = order.is_sample, True
        placed(order, at)
        order.is_sample = is_sample

    monkeypatch.setattr(learner_of(everyone), "placed", placed_as_sample)
    said = play(room, until(15.0))
    monkeypatch.setattr(learner_module, "BESIDE", 1)
    assert play(everyone, until(15.0)) == said
    assert probabilities(everyone, room.clock) == probabilities(room, room.clock)
    assert not any(order.settled_day == APART for order in everyone.orders.values())
    apart = [order for order in room.orders.values() if order.settled_day == APART]
    assert len(apart) > 50
    assert not any(order.is_sample and hash_of(order.order_id) % BESIDE == 0 for order in apart)


@pytest.mark.req("R03")
def test_an_interval_of_the_flow_is_its_own_and_grows_with_what_groups_taught(disturbed):
    flow, learner = flow_of(disturbed), learner_of(disturbed)
    order = waiting(disturbed, HOUSES[0])[0]
    before = learner.spread(order, disturbed.clock)
    assert before == flow.spread(order, disturbed.clock)
    kept = flow.scatter.log_spreads.copy()
    try:
        flow.scatter.log_spreads = kept + 0.5
        flow.scatter.freeze()
        assert learner.spread(order, disturbed.clock) > 1.3 * before
    finally:
        flow.scatter.log_spreads = kept
        flow.scatter.freeze()
