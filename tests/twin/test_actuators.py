"""The hands of the control room: what each action changes, what is refused because it would change nothing."""

from typing import Any

import pytest

from radar.actions import Action, ActionName
from radar.stages import Stage
from twin.masks import Masks, SpeedMask
from twin.orders import OPEN_S, Outcome
from twin.world import RunPlan, World

HOUR_S, DAY_S = 3600, 86_400


class Test:
    """A world that is stopped at an instant, looked at, and run on."""

    __test__ = False

    def __init__(self, network, **plan):
        self.world = World(network, RunPlan(**{"seed": 3, "days": 12, **plan}))
        self.applied = []

    def at(self, at_s, look):
        self.world.context.call(at_s, 9, lambda _call: look(self.world))

    def do(self, at_s, *actions):
        def act(world):
            self.applied += [world.actuators.apply(one(world) if callable(one) else one) for one in actions]

        self.at(at_s, act)

    def run(self):
        truth = self.world.run()
        assert truth.check() == []
        return truth


def open_orders(world, wanted):
    return [order for order in world.truth.orders if order.outcome is Outcome.OPEN and wanted(order)]


def expedite(orders, name=ActionName.EXPEDITE, target=""):
    return Action(name, order_ids=tuple(order.id for order in orders), target=target)


@pytest.mark.req("R13")
@pytest.mark.parametrize("hour", [4, 12, 19])
@pytest.mark.parametrize("subject", ["line-1", "house.pick", "house.pack"])
def test_a_shift_opens_a_line_or_bench_for_as_many_hours_as_it_costs(one_line, subject, hour):
    def hours(world):
        pool = world.production.lines.get(subject) or getattr(world.warehouses["house"], subject.rpartition(".")[2])
        return pool.regime.base.done_at(20 * DAY_S) // 1000

    usual, test = Test(one_line), Test(one_line)
    test.do(3 * DAY_S + hour * HOUR_S, Action(ActionName.ADD_SHIFT, subject=subject, value=5.0))
    usual.run()
    truth = test.run()
    assert hours(test.world) - hours(usual.world) == 5 * HOUR_S
    assert truth.remedies["add_shift"].cost_cny == 5 * 700


def test_an_extra_truck_leaves_at_once_with_what_waits(one_line):
    test = Test(one_line)
    waits: list[Any] = []
    test.at(5 * DAY_S + 18 * HOUR_S, lambda world: waits.extend(e[2] for e in world.transport.lanes["a-b"].queue))
    test.do(5 * DAY_S + 18 * HOUR_S, Action(ActionName.ADD_VEHICLES, subject="a-b", value=1.0))
    test.run()
    assert waits
    assert all(order.stamps[Stage.IN_TRANSIT] == 5 * DAY_S + 18 * HOUR_S for order in waits)


def test_an_extra_truck_that_finds_nothing_leaves_behind_the_next_one_and_takes_what_that_leaves(one_line):
    lane = one_line.lanes[0].model_copy(update={"capacity": 20})
    tight = one_line.model_copy(update={"lanes": (lane, *one_line.lanes[1:])})
    usual, test = Test(tight), Test(tight)
    for one in (usual, test):  # the truck of the evening before has left; nothing is packed at night
        one.at(5 * DAY_S, lambda world: world.transport.lanes["a-b"].queue.clear())
    left = []
    test.do(5 * DAY_S + 60, Action(ActionName.ADD_VEHICLES, subject="a-b", value=1.0))
    for one in (usual, test):
        one.at(5 * DAY_S + 20 * HOUR_S + 1, lambda world: left.append(len(world.transport.lanes["a-b"].queue)))
        one.world.run()
    assert left[0] - left[1] == 20


@pytest.mark.req("R15")
def test_a_flight_is_refused_where_the_parcel_rides_and_taken_where_it_waits(one_line):
    test = Test(one_line)
    fly = ActionName.SWITCH_MODE
    at_s = 6 * DAY_S + 19 * HOUR_S
    test.do(
        at_s,
        lambda world: expedite(open_orders(world, lambda o: o.stamps[Stage.IN_TRANSIT] != OPEN_S)[:1], fly, "air"),
        lambda world: expedite([world.transport.lanes["a-b"].queue[0][2]], fly, "air"),
    )
    truth = test.run()
    assert [one.is_done for one in test.applied] == [False, True]
    assert test.applied[0].why == "nothing it would change"
    assert truth.remedies["switch_mode"].count == 1
    assert [order.way for order in truth.orders if order.mode == "air"] == [("a-b-air",)]


def test_an_order_in_the_making_flies_once_it_is_packed(one_line):
    is_down = Masks(speeds=(SpeedMask("line:line-1", 3 * DAY_S, 4 * DAY_S, 0, cause="dead line"),))
    test = Test(one_line, masks=is_down)
    made = lambda o: o.item == 2 and o.stamps[Stage.ALLOCATED] != OPEN_S and o.stamps[Stage.PRODUCED] == OPEN_S  # noqa: E731
    test.do(
        3 * DAY_S + 12 * HOUR_S, lambda world: expedite(open_orders(world, made)[:1], ActionName.SWITCH_MODE, "air")
    )
    truth = test.run()
    flown = next(order for order in truth.orders if order.mode == "air")
    assert flown.way == ("a-b-air",)
    assert flown.outcome is Outcome.DELIVERED


@pytest.mark.req("R17")
def test_a_held_order_is_released_although_the_desk_is_closed(one_line):
    usual, test = Test(one_line), Test(one_line)
    night_s = 4 * DAY_S + 23 * HOUR_S
    held = lambda world: [entry[2] for entry in world.desk.people.queue][:1]  # noqa: E731
    ids: list[str] = []
    test.at(night_s, lambda world: ids.extend(order.id for order in held(world)))
    test.do(night_s, lambda world: expedite(held(world), ActionName.CORRECT_ORDER))
    test.run()
    usual.run()
    assert len(ids) == 1
    assert test.world.by_id[ids[0]].stamps[Stage.VALIDATED] == night_s
    assert usual.world.by_id[ids[0]].stamps[Stage.VALIDATED] > night_s + 8 * HOUR_S


@pytest.mark.parametrize("name", [ActionName.CORRECT_ORDER, ActionName.SPLIT, ActionName.SUBSTITUTE])
def test_what_would_change_nothing_is_refused_and_costs_nothing(one_line, name):
    test = Test(one_line)
    at_s = 6 * DAY_S + 12 * HOUR_S
    test.do(at_s, lambda world: expedite(open_orders(world, lambda o: o.stamps[Stage.PACKED] != OPEN_S)[:1], name))
    truth = test.run()
    assert [(one.is_done, one.why) for one in test.applied] == [(False, "nothing it would change")]
    assert truth.remedies == {}


@pytest.mark.req("R14")
def test_goods_that_are_not_there_are_substituted_where_the_others_are(one_line):
    test = Test(one_line)
    at_s = 6 * DAY_S + 12 * HOUR_S

    def sell_out(world):
        shelf = world.stock.shelves["house", "cup"]
        shelf.destroy(shelf.on_hand)

    test.at(5 * DAY_S, sell_out)
    cups = lambda o: o.item == 1 and o.stamps[Stage.VALIDATED] != OPEN_S == o.stamps[Stage.ALLOCATED]  # noqa: E731
    test.do(at_s, lambda world: expedite(open_orders(world, cups)[:1], ActionName.SUBSTITUTE))
    truth = test.run()
    assert test.applied[0].is_done
    assert truth.remedies["substitute"].count == 1


@pytest.mark.req("R16")
def test_extra_couriers_take_more_parcels_today_and_tomorrow(one_line):
    test = Test(one_line)
    test.do(5 * DAY_S, Action(ActionName.REASSIGN_COURIER, subject="town", value=2.0))
    found = []
    for day in (4, 5, 6, 7):
        test.at(
            day * DAY_S + 9 * HOUR_S, lambda world: found.append(world.last_mile.stations[0].couriers(world.env.now))
        )
    test.run()
    assert found == [4, 6, 6, 4]


@pytest.mark.req("R16")
def test_a_customer_who_was_told_in_time_complains_less(one_line):
    def complaints(name):
        test = Test(one_line, seed=5)
        for day in range(1, 11):
            everybody = lambda world: expedite(open_orders(world, lambda _o: True), name)  # noqa: E731
            test.do(day * DAY_S, everybody) if name else None
        lane = test.world.transport.lanes["a-b"]
        lane.capacity = 30  # half of what comes: most are late
        return sum(order.is_delay_complaint for order in test.run().orders)

    assert 0 < complaints(ActionName.NOTIFY_CUSTOMER) < 0.85 * complaints(None)


@pytest.mark.req("R14", "R32")
def test_a_backup_delivers_what_the_supplier_owes_and_what_is_ordered_later(one_line):
    test = Test(one_line)
    before = set()
    test.at(6 * DAY_S, lambda world: before.update(world.suppliers.open))
    test.do(6 * DAY_S, Action(ActionName.BACKUP_SUPPLIER, subject="timber", value=3.0))
    orders: list[Any] = []
    test.at(
        6 * DAY_S + 60, lambda world: orders.extend(world.suppliers.open[name] for name in sorted(world.suppliers.open))
    )
    test.run()
    assert any(name.startswith("PO-timber-0") for name in before)  # something was on its way
    new = [purchase for purchase in orders if purchase.id not in before]
    assert [(purchase.supplier, purchase.shelf.item) for purchase in new] == [("timber-2", "board")]


def test_haste_for_what_nobody_ordered_is_refused(one_line):
    test = Test(one_line)
    test.do(6 * DAY_S, Action(ActionName.EXPEDITE_SUPPLY, subject="moonstone"))
    assert test.run().remedies == {}
    assert not test.applied[0].is_done
