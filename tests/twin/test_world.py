"""Whole runs: what must balance, what must repeat, what must never get worse."""

import hashlib
from typing import Any

import pytest

from radar.actions import Action, ActionName
from radar.events import KIND_OF
from radar.events.order import OrderPlaced
from radar.events.supply import LineStatus
from radar.instant import DAY_US
from radar.stages import Stage
from scenarios.network import load_network
from scenarios.network_customers import TierMix
from twin.masks import CapacityMask, DemandMask, FeedFault, FeedMask, Masks, Ongoing, SpeedMask, StockLoss, SupplyMask
from twin.orders import OPEN_S, Outcome
from twin.world import RunPlan, World

DAYS = 12
DAY_S = 86_400


def path_of(truth):
    """Everything that happened to every order."""
    return [
        (order.id, tuple(order.stamps), order.outcome.value, order.complained_s, order.review) for order in truth.orders
    ]


def run(network, **plan):
    world = World(network, RunPlan(**{"seed": 3, "days": DAYS, **plan}))
    return world, world.run()


def logged(network, **plan):
    events: list[Any] = []
    _world, truth = run(network, sink=events.append, **plan)
    return events, truth


BAD_DAYS = Masks(
    speeds=(
        SpeedMask("line:line-1", 3 * DAY_S, 5 * DAY_S, 0, cause="dead line"),
        SpeedMask("lane:a-b", 6 * DAY_S, 7 * DAY_S, 0, Ongoing.FINISH, cause="closed road"),
        SpeedMask("pool:house.pick", 2 * DAY_S, 3 * DAY_S, 400, cause="flu"),
    ),
    capacities=(CapacityMask("zone:town", 4 * DAY_S, 6 * DAY_S, 250, cause="strike"),),
    demands=(
        DemandMask("demand:*", 2 * DAY_S, 4 * DAY_S, 2500),
        DemandMask("demand:item/cup", 5 * DAY_S, 6 * DAY_S, 300),
    ),
    supplies=(SupplyMask("timber", 0, 5 * DAY_S, is_failed=True, cause="default"),),
    feeds=(
        FeedMask("wms", 3 * DAY_S, 4 * DAY_S, FeedFault.HOLD),
        FeedMask("mes", 3 * DAY_S, 4 * DAY_S, FeedFault.LOSE),
        FeedMask("carrier", 3 * DAY_S, 4 * DAY_S, FeedFault.DEGRADE, 600, 200, 100),
    ),
    losses=(StockLoss("house", "*", 4 * DAY_S, 700, cause="fire"),),
)


@pytest.mark.req("R40")
@pytest.mark.parametrize("masks", [Masks(), BAD_DAYS], ids=["usual", "bad days"])
@pytest.mark.parametrize("seed", [1, 2])
def test_orders_stock_parcels_and_money_are_conserved(one_line, masks, seed):
    _world, truth = run(one_line, seed=seed, masks=masks)
    assert len(truth.orders) > 500
    assert truth.check() == []


def test_a_broken_book_is_found(one_line):
    _world, truth = run(one_line)
    truth.on_hand[next(iter(truth.on_hand))] += 1
    truth.whereabouts["desk"] += 1
    truth.revenue_cny += 1.0
    assert [fault.split()[0] for fault in truth.check()] == ["stock", "orders:", "money:"]


@pytest.mark.req("R41")
def test_the_same_seed_writes_the_same_log(one_line):
    def digest(seed):
        events, _truth = logged(one_line, seed=seed)
        return hashlib.sha256(repr(events).encode()).hexdigest()

    assert digest(5) == digest(5)
    assert digest(5) != digest(6)


def test_listening_changes_nothing(one_line):
    _world, silent = run(one_line)
    _events, heard = logged(one_line)
    assert path_of(silent) == path_of(heard)


def test_masks_outside_the_run_change_nothing(one_line):
    later = Masks(speeds=(SpeedMask("line:line-1", 400 * DAY_S, 401 * DAY_S, 0),))
    assert path_of(run(one_line, masks=later)[1]) == path_of(run(one_line)[1])


@pytest.mark.req("R42")
def test_a_demand_peak_leaves_the_usual_orders_their_luck_and_time(one_line):
    _world, calm = run(one_line)
    _world, peak = run(one_line, masks=Masks(demands=(DemandMask("demand:*", 0, 3 * DAY_S, 2000),)))
    usual = [(order.id, order.placed_s, order.luck) for order in peak.orders if order.id.startswith("S")]
    assert usual == [(order.id, order.placed_s, order.luck) for order in calm.orders]
    more = [order for order in peak.orders if not order.id.startswith("S")]
    assert all(0 <= order.placed_s < 3 * DAY_S for order in more)
    assert len(more) == pytest.approx(sum(order.placed_s < 3 * DAY_S for order in calm.orders), rel=0.25)


@pytest.mark.req("R42")
def test_a_slump_leaves_out_orders_of_its_item_and_window_only(one_line):
    _world, calm = run(one_line)
    mask = DemandMask("demand:item/table", 2 * DAY_S, 6 * DAY_S, 250)
    _world, slump = run(one_line, masks=Masks(demands=(mask,)))
    gone = {order.id for order in calm.orders} - {order.id for order in slump.orders}
    meant = [o for o in calm.orders if o.item == 2 and 2 * DAY_S <= o.placed_s < 6 * DAY_S]
    assert gone <= {order.id for order in meant}
    assert len(gone) == pytest.approx(0.75 * len(meant), rel=0.25)


@pytest.mark.req("R42")
@pytest.mark.parametrize(
    ("mask", "stage"),
    [
        (SpeedMask("line:line-1", 4 * DAY_S, 6 * DAY_S, 0), Stage.PRODUCED),
        (SpeedMask("pool:house.pick", 4 * DAY_S, 6 * DAY_S, 0), Stage.PICKED),
        (SpeedMask("lane:a-b", 4 * DAY_S, 6 * DAY_S, 0, Ongoing.FINISH), Stage.IN_TRANSIT),
        (SpeedMask("zone:town", 4 * DAY_S, 6 * DAY_S, 0), Stage.DELIVERED),
    ],
)
def test_nothing_is_done_where_everything_stands(one_line, mask, stage):
    _world, truth = run(one_line, masks=Masks(speeds=(mask,)))
    inside = [o.stamps[stage] for o in truth.orders if mask.start_s + 3600 < o.stamps[stage] < mask.end_s]
    assert inside == []
    assert truth.check() == []


def test_what_is_lost_on_a_lane_is_told_and_ends_the_order(one_line):
    mask = SpeedMask("lane:a-b", 4 * DAY_S, 5 * DAY_S, 0, Ongoing.LOST, cause="landslide")
    events, truth = logged(one_line, masks=Masks(speeds=(mask,)), is_usual=False)
    lost = [order for order in truth.orders if order.outcome is Outcome.LOST]
    assert lost
    assert all(order.cause == "landslide" for order in lost)
    assert {e.subject for e in events if e.id.endswith("-lost")} <= {order.id for order in lost}
    assert truth.check() == []


def test_events_say_only_what_is_in_the_contract_and_what_happened(one_line):
    events, truth = logged(one_line)
    kinds = {KIND_OF[type(event.data)].removesuffix(".v1") for event in events}
    assert kinds >= {
        "order.placed", "order.validated", "order.held", "payment.approved", "stock.allocated", "production.planned",
        "production.started", "production.finished", "quality.result", "line.status", "fulfilment.picked",
        "fulfilment.packed", "shipment.handed-over", "shipment.scan", "shipment.out-for-delivery", "shipment.delivered",
        "shipment.attempt-failed", "customer.complaint", "survey.answer", "inventory.level", "supply.notice",
        "supply.received", "source.heartbeat", "courier.status", "vehicle.position", "weather.alert",
    }  # fmt: skip
    start = events[0].time - events[0].time % 1_000_000
    assert start > 0
    by_id = {order.id: order for order in truth.orders}
    for event in events:
        assert event.recorded_at >= event.time
        if event.id.endswith("-delivered"):
            assert by_id[event.subject].outcome is Outcome.DELIVERED


def test_a_shop_knows_that_what_is_made_leaves_from_the_plant():
    network = load_network("homeware")
    events, _truth = logged(network, days=1)
    placed = [event.data for event in events if isinstance(event.data, OrderPlaced)]
    made = {data.origin for data in placed if data.order_type == "make-to-order"}
    assert made == {"jiaxing"}
    assert {data.origin for data in placed if data.order_type == "stock"} == {"jiaxing", "foshan", "chengdu"}


def test_a_silent_source_says_nothing_and_a_held_one_says_it_later(one_line):
    held = Masks(feeds=(FeedMask("wms", 3 * DAY_S, 4 * DAY_S, FeedFault.HOLD),))
    lost = Masks(feeds=(FeedMask("wms", 3 * DAY_S, 4 * DAY_S, FeedFault.LOSE),))
    usual, _ = logged(one_line)
    kept, _ = logged(one_line, masks=held)
    gone, _ = logged(one_line, masks=lost)
    zero = min(event.time for event in usual) // (DAY_S * 1_000_000) * DAY_S * 1_000_000
    world = World(one_line, RunPlan())
    first, last = world.context.instant(3 * DAY_S), world.context.instant(4 * DAY_S)
    assert zero <= first
    during = {event.id for event in usual if event.source == "wms" and first <= event.time < last}
    assert during
    assert not during & {event.id for event in gone}
    late = [event for event in kept if event.id in during]
    assert {event.id for event in late} == during
    assert all(event.recorded_at >= last for event in late)


def test_a_second_line_of_benches_makes_no_order_later(one_queue):
    """More capacity is never later: first come first served, one class."""
    slow = one_queue.warehouses[0].pick.model_copy(update={"time": 160_000_000})
    fast = slow.model_copy(update={"servers": 2})

    def picked(crew):
        house = one_queue.warehouses[0].model_copy(update={"pick": crew})
        return run(one_queue.model_copy(update={"warehouses": (house,)}), days=4)[1].orders

    for few, many in zip(picked(slow), picked(fast), strict=True):
        assert many.stamps[Stage.PICKED] != OPEN_S or few.stamps[Stage.PICKED] == OPEN_S
        if few.stamps[Stage.PICKED] != OPEN_S:
            assert many.stamps[Stage.PICKED] <= few.stamps[Stage.PICKED]


def test_more_places_on_the_trucks_let_no_parcel_leave_later(one_line):
    """First come first served, one class: the lanes are tight, then roomy."""
    customers = one_line.customers.model_copy(update={"tiers": TierMix(), "urgent_share": 0.0})
    one_class = one_line.model_copy(update={"customers": customers})

    def left(capacity):
        lanes = tuple(lane.model_copy(update={"capacity": capacity}) for lane in one_line.lanes)
        return run(one_class.model_copy(update={"lanes": lanes}))[1].orders

    earlier = 0
    for tight, roomy in zip(left(60), left(80), strict=True):
        if tight.stamps[Stage.IN_TRANSIT] != OPEN_S:
            assert OPEN_S < roomy.stamps[Stage.IN_TRANSIT] <= tight.stamps[Stage.IN_TRANSIT]
            earlier += roomy.stamps[Stage.IN_TRANSIT] < tight.stamps[Stage.IN_TRANSIT]
    assert earlier > 50


@pytest.mark.req("R40")
@pytest.mark.parametrize("servers", [1, 2])
def test_picking_follows_the_recursion_bit_for_bit(one_queue, servers):
    crew = one_queue.warehouses[0].pick.model_copy(update={"servers": servers, "sigma": 0.7, "time": servers * 10**8})
    house = one_queue.warehouses[0].model_copy(update={"pick": crew})
    _world, truth = run(one_queue.model_copy(update={"warehouses": (house,)}), days=10)
    from twin.chance import lognormal_s
    from twin.orders import Draw

    free_at = [0] * servers
    for order in sorted(truth.orders, key=lambda o: (o.stamps[Stage.ALLOCATED] % 2**40, o.placed_s, o.id)):
        if order.stamps[Stage.ALLOCATED] == OPEN_S:
            continue
        free_at.sort()
        work_s = lognormal_s(100 * servers, 0.7, order.luck[Draw.PICK])
        free_at[0] = max(free_at[0], order.stamps[Stage.ALLOCATED]) + work_s
        if order.stamps[Stage.PICKED] != OPEN_S:
            assert order.stamps[Stage.PICKED] == free_at[0]


@pytest.mark.req("R40")
def test_littles_law_holds_exactly_over_a_busy_cycle(one_queue):
    """The area under the number in the picking queue is the sum of the times spent there."""
    _world, truth = run(one_queue, days=10)
    spans = [
        (o.stamps[Stage.ALLOCATED], o.stamps[Stage.PICKED]) for o in truth.orders if o.stamps[Stage.PICKED] != OPEN_S
    ]
    changes = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    area, inside, before = 0, 0, changes[0][0]
    for at_s, change in changes:
        area += inside * (at_s - before)
        inside, before = inside + change, at_s
    assert inside == 0
    assert area == sum(end - start for start, end in spans)


@pytest.mark.req("R26")
def test_vip_orders_are_served_before_others_where_it_is_tight(one_line):
    _world, truth = run(one_line, days=25, masks=Masks(speeds=(SpeedMask("line:line-1", 5 * DAY_S, 8 * DAY_S, 0),)))
    made = [order for order in truth.orders if order.stamps[Stage.PRODUCED] != OPEN_S and order.placed_s > 5 * DAY_S]

    def mean_s(tiers):
        times = [o.stamps[Stage.PRODUCED] - o.stamps[Stage.ALLOCATED] for o in made if o.tier.value in tiers]
        return sum(times) / len(times)

    assert mean_s({"vip", "preferred"}) < 0.6 * mean_s({"standard"})


@pytest.mark.req("R41")
def test_an_actions_cost_is_booked_and_its_effect_comes_after_the_lead(one_line):
    world = World(one_line, RunPlan(seed=3, days=DAYS, masks=BAD_DAYS))
    taken = []

    def act(_day):
        if world.env.now == 5 * DAY_S:
            waiting = [o.id for o in world.truth.orders if o.outcome is Outcome.OPEN and o.stamps[Stage.ALLOCATED] < 0]
            taken.append(world.actuators.apply(Action(ActionName.EXPEDITE, order_ids=tuple(waiting[:5]))))
            taken.append(world.actuators.apply(Action(ActionName.ADD_SHIFT, subject="line-1", value=6.0)))
            taken.append(world.actuators.apply(Action(ActionName.ADD_SHIFT, subject="line-1", value=6.0)))
            taken.append(world.actuators.apply(Action(ActionName.ADD_SHIFT, subject="line-9", value=1.0)))

    truth = world.run(act)
    assert [applied.is_done for applied in taken] == [True, True, False, False]
    assert taken[0].works_at_s == 5 * DAY_S + 1800
    assert truth.remedies["expedite"].cost_cny == 6.0 * truth.remedies["expedite"].count * 5
    assert "limit" in taken[2].why
    assert "line-9" in taken[3].why
    assert truth.check() == []


@pytest.mark.req("R07")
def test_a_line_that_two_things_hold_down_is_up_only_after_both(one_line):
    masks = (
        SpeedMask("line:line-1", 1 * DAY_S, 2 * DAY_S, 800, cause="wear"),
        SpeedMask("line:line-1", 2 * DAY_S, 5 * DAY_S, 0, cause="failure"),
        SpeedMask("line:line-1", 3 * DAY_S, 3 * DAY_S + 3600, 0, cause="breakdown"),
        SpeedMask("line:line-1", 5 * DAY_S, 6 * DAY_S, 500, cause="failure"),
    )
    events, _truth = logged(one_line, masks=Masks(speeds=masks), is_usual=False)
    told = sorted((one.time, one.data.state.value, one.data.speed) for one in events if type(one.data) is LineStatus)
    assert [(round((at - told[0][0]) / DAY_US, 2), state, speed) for at, state, speed in told] == [
        (0, "slow", 0.8), (1, "down", None), (4, "slow", 0.5), (5, "up", None),
    ]  # fmt: skip
    assert [one.data.note for one in events if type(one.data) is LineStatus] == ["wear", *["failure"] * 3]
