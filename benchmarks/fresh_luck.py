"""Fresh luck for a world that has already run for a while: what is past stays, what is not drawn yet is drawn anew.

Theory of operation. The twin reads luck by number (``twin.chance``), so between two kernel events a world holds three
kinds: luck that was used, luck that stands in a table row nobody has read, and luck that was read early and waits with
its job (the work of a job in a queue, the coming orders of a day, the breakdowns to come). ``renew`` leaves the first
alone, gives the tables another generator, and draws the third again. Work in the hands of a server, trucks under way
and purchases on order keep their end: it is part of the state. Weather keeps its spells: an alert is out a day
ahead and a spell begins at five in the morning, so at mid-morning everything within 37 hours has been announced.
"""

from enum import StrEnum
from heapq import heapify

from msgspec.structs import replace

from radar.stages import Stage
from scenarios.network_supply import Line
from twin.chance import Chance, Luck, exponential_s, lognormal_s
from twin.context import DAY_S, seconds
from twin.demand import Demand
from twin.kernel import Call
from twin.masks import SpeedMask
from twin.orders import DRAWS, OPEN_S, Draw, Order, Outcome
from twin.pool import Pool
from twin.production import Making
from twin.regime import for_target
from twin.usual import BREAKDOWN
from twin.world import World


class Source(StrEnum):
    """A family of luck that can be drawn anew."""

    DEMAND = "demand"
    """Orders to come."""
    WORK = "work"
    """Times of jobs not begun, inspections, entry checks, supplies."""
    BREAKDOWNS = "breakdowns"
    """Of lines, from now on."""
    TRUCKS = "trucks"
    """Times of departures to come."""
    VISITS = "visits"
    """Who is at home."""
    ADDRESSES = "addresses"
    """Which addresses are wrong, where nobody has found out: a state of the world that no system tells."""

    SCHEDULE = "schedule"
    """The rest of the scenario's course (``benchmarks.fresh_schedule``)."""


OMNISCIENT = frozenset(Source) - {Source.ADDRESSES, Source.SCHEDULE}
"""What not even a forecaster who knows the whole state of the world can know."""
AHEAD_S = 14 * DAY_S
"""How far breakdowns are drawn: every window costs a look at the whole calendar, and futures are short."""
_COLUMNS = {
    Source.WORK: (Draw.SUSPECT, Draw.CAUGHT, Draw.DESK, Draw.MAKE, Draw.QUALITY, Draw.PICK, Draw.PACK),
    Source.VISITS: (Draw.VISIT_1, Draw.VISIT_2, Draw.VISIT_3),
}


def renew(world: World, chance: Chance, sources: frozenset[Source] = OMNISCIENT) -> None:
    """Give a world that stands between two events other luck for everything of ``sources`` still to be drawn."""
    if Source.DEMAND in sources:
        _renew_demand(world, chance)
    _renew_orders(world, chance, sources)
    if Source.WORK in sources:
        _renew_work(world, chance)
    if Source.BREAKDOWNS in sources and world.production is not None:
        _renew_breakdowns(world, chance)
    if Source.TRUCKS in sources:
        for lane in world.transport.lanes.values():
            lane.luck = chance.luck(f"lane:{lane.rule.name}", 1)


# --- orders to come -----------------------------------------------------------------------------------------


class LaterDemand(Demand):
    """Demand from an instant on, under names that no order has yet."""

    from_s = 0

    def day(self, day: int) -> list[Order]:
        """Return the orders of one scenario day, by time."""
        orders = [order for order in super().day(day) if order.placed_s >= self.from_s]
        for order in orders:
            order.id = f"later-{order.id}"
        return orders


def _renew_demand(world: World, chance: Chance) -> None:
    """Take out the orders of today that are not placed yet; a Poisson process begins anew at any instant."""
    now_s, truth = world.env.now, world.truth
    gone = {order.id for order in truth.orders[-_per_day_max(world) :] if order.placed_s >= now_s}
    truth.orders[:] = [order for order in truth.orders if order.id not in gone]
    for order_id in gone:
        del world.by_id[order_id]
    queue = world.env._queue
    queue[:] = [entry for entry in queue if not _is_of(entry[3], gone)]
    heapify(queue)
    waiting = world.customers._waiting
    waiting[:] = [entry for entry in waiting if entry[1] not in gone]
    heapify(waiting)
    world.desk.checking -= len(gone)
    world.demand = later = LaterDemand(world.network, chance, world.context.masks.demands, world.days)
    later.from_s = now_s
    if now_s % DAY_S == 0:
        return  # the orders of this day come with its first event
    for order in later.day(now_s // DAY_S):
        truth.orders.append(order)
        world.by_id[order.id] = order
        world.desk.enter(order)
        world.customers.expect(order)


def _per_day_max(world: World) -> int:
    """Return a count no day reaches: the orders of today are the last in the list."""
    return min(len(world.truth.orders), int(50 * world.network.demand.orders_per_day) + 1000)


def _is_of(event: object, orders: set[str]) -> bool:
    return isinstance(event, Call) and isinstance(event.item, Order) and event.item.id in orders


# --- orders that are placed ---------------------------------------------------------------------------------


def _renew_orders(world: World, chance: Chance, sources: frozenset[Source]) -> None:
    """Give open orders fresh draws for what can still befall them."""
    columns = [column for source in sorted(sources & _COLUMNS.keys()) for column in _COLUMNS[source]]
    has_addresses = Source.ADDRESSES in sources
    tables: dict[str, Luck] = {}
    for order in world.truth.orders:
        if order.outcome is not Outcome.OPEN or order.id.startswith("later-"):
            continue
        stream = order.id.rstrip("0123456789")
        if stream not in tables:
            tables[stream] = chance.luck(f"again/{stream}", DRAWS)
        fresh = tables[stream].row(order.index)
        luck = list(order.luck)
        for column in columns:
            luck[column] = fresh[column]
        order.luck = luck
        if has_addresses:
            _renew_address(world, order, fresh[Draw.ADDRESS])


def _renew_address(world: World, order: Order, luck: float) -> None:
    """Draw anew whether an address is wrong, given that neither the desk nor a courier has found it so."""
    if order.attempts or order.address_ok_s != OPEN_S:
        return
    rules = world.network.desk
    share = rules.wrong_address_share
    if order.stamps[Stage.VALIDATED] != OPEN_S:
        missed = 1.0 - rules.caught_share if world.desk.people is not None else 1.0
        share = share * missed / (1.0 - share + share * missed)
    order.is_address_wrong = luck < share


# --- work ---------------------------------------------------------------------------------------------------


def _renew_work(world: World, chance: Chance) -> None:
    """Draw again the work of all jobs that no server has taken yet, and of supplies to be ordered."""
    for house in world.warehouses.values():
        _rework(house.pick, house._pick_s, house._pick_sigma, Draw.PICK)
        _rework(house.pack, house._pack_s, house._pack_sigma, Draw.PACK)
    world._supply_luck = {name: chance.luck(f"supply/{name}", 1) for name in world._supply_luck}
    suppliers = world.suppliers
    suppliers._luck = {name: chance.luck(f"supplier/{name}", 4) for name in suppliers._luck}
    production = world.production
    if production is None:
        return
    production._luck = {name: chance.luck(f"batch/{name}", 2) for name in production._luck}
    waiting = [entry[2] for pool in production.lines.values() for entry in pool.queue]
    for making in (*waiting, *production.materials.blocked):
        if not making.is_remade:  # the time of its pieces is known by then
            making.luck = _luck_of(making, chance)
    for pool in production.lines.values():
        for taken in pool.busy:
            making = taken.item
            making.luck = (making.luck[0], _luck_of(making, chance)[1])
        _requeue(pool, [production._work_s(entry[2]) for entry in pool.queue])


def _luck_of(making: Making, chance: Chance) -> tuple[float, float]:
    """Return fresh luck of a line's job: an order's own, a batch's by its number."""
    if making.order is not None:
        return making.order.luck[Draw.MAKE], making.order.luck[Draw.QUALITY]
    stream, number = making.id.rsplit("-", 1)
    first, second = chance.luck(f"again/{stream}", 2).row(int(number))
    return first, second


def _rework(pool: Pool[Order], median_s: int, sigma: float, draw: Draw) -> None:
    _requeue(pool, [lognormal_s(median_s, sigma, entry[2].luck[draw]) for entry in pool.queue])


def _requeue(pool: "Pool[Order] | Pool[Making]", work_s: list[int]) -> None:
    """Give the waiting items of a pool new work, each keeping its place."""
    pool.queue[:] = [
        (rank, sequence, item, work, since_s)  # type: ignore[misc]  # of the same pool
        for (rank, sequence, item, _work_s, since_s), work in zip(pool.queue, work_s, strict=True)
    ]
    pool.work_waiting_s = sum(work_s)


# --- lines --------------------------------------------------------------------------------------------------


def _renew_breakdowns(world: World, chance: Chance) -> None:
    """Let every line break down anew from now on; time between failures is exponential, so it does not age."""
    context, production = world.context, world.production
    assert production is not None, "the caller has looked"
    now_s = world.env.now
    begun = tuple(mask for mask in context.masks.speeds if mask.cause != BREAKDOWN or mask.start_s < now_s)
    context.masks = replace(context.masks, speeds=begun)
    for line in world.network.lines:
        masks = for_target(begun, f"line:{line.name}")
        free_s = max((mask.end_s for mask in masks if mask.cause == BREAKDOWN), default=now_s)
        pool = production.lines[line.name]
        pool.regime._masks = (*masks, *_breakdowns(line, chance, max(now_s, free_s), now_s + AHEAD_S))
        pool.change_base(pool.regime.base)


def _breakdowns(line: Line, chance: Chance, at_s: int, until_s: int) -> list[SpeedMask]:
    if line.uptime_mean is None or line.repair_median is None:
        return []
    luck = chance.luck(f"breakdown/{line.name}", 2)
    masks: list[SpeedMask] = []
    while True:
        up, repair = luck.row(len(masks))
        at_s += exponential_s(seconds(line.uptime_mean), up)
        if at_s >= until_s:
            return masks
        end_s = at_s + lognormal_s(seconds(line.repair_median), line.repair_sigma, repair)
        masks.append(SpeedMask(f"line:{line.name}", at_s, end_s, 0, cause=BREAKDOWN))
        at_s = end_s
