"""Warehouses: picking and packing benches, each with its people, its hours and its queue."""

from collections.abc import Callable

from radar.events.transport import FulfilmentPacked, FulfilmentPicked
from radar.stages import Stage
from scenarios.network_parts import Crew
from scenarios.network_supply import Warehouse as House
from twin.chance import lognormal_s
from twin.context import Context, seconds
from twin.orders import Draw, Order
from twin.pool import Pool

WAIT_NOTED_S = 4 * 3600
"""Shorter waits (a lunch break, the start of the day) are nobody's fault."""


class Warehouse:
    """One warehouse."""

    def __init__(self, context: Context, house: House, packed: Callable[[Order], None]) -> None:
        self.name = house.name
        self.hub = house.hub
        self._context = context
        self._packed_next = packed
        self._channel = context.feeds.channel("wms")
        self._picked_said = FulfilmentPicked(warehouse=house.name)
        self._packed_said = FulfilmentPacked(warehouse=house.name)
        self._pick_s, self._pick_sigma = seconds(house.pick.time), house.pick.sigma
        self._pack_s, self._pack_sigma = seconds(house.pack.time), house.pack.sigma
        self.pick = self._pool(house.pick, "pick", self._picked)
        self.pack = self._pool(house.pack, "pack", self._packed)

    def take(self, order: Order) -> None:
        """Queue an order for picking; its goods are here."""
        order.warehouse = self.name
        self.pick.submit(order, lognormal_s(self._pick_s, self._pick_sigma, order.luck[Draw.PICK]), order.rank)

    def expedite(self, order: Order, rank: int) -> bool:
        """Move an order up in whichever queue it waits; return whether it waited."""
        return any(pool.move_up(lambda other: other is order, rank) for pool in (self.pick, self.pack))

    def withdraw(self, order: Order) -> bool:
        """Take an order out before it is picked; return whether it stood there."""
        return bool(self.pick.remove(lambda other: other is order))

    @property
    def orders_inside(self) -> int:
        """Return how many orders wait or are being worked on."""
        return sum(pool.waiting + len(pool.busy) for pool in (self.pick, self.pack))

    def _pool(self, crew: Crew, bench: str, done: Callable[[Order], None]) -> Pool[Order]:
        target = f"pool:{self.name}.{bench}"
        regime = self._context.regime(crew.calendar, target)

        def taken(order: Order, work_s: int, wait_s: int) -> int:
            if wait_s > WAIT_NOTED_S:
                now_s = self._context.env.now
                order.lose_time(regime.cause_between(now_s - wait_s, now_s) or target, wait_s)
            return work_s

        capacity = self._context.capacity(target)
        return Pool(self._context.env, crew.servers, regime, done, taken=taken, capacity=capacity)

    def _picked(self, order: Order) -> None:
        now_s = self._context.env.now
        order.stamps[Stage.PICKED] = now_s
        if self._channel.is_on:
            self._channel.tell(now_s, f"{order.id}-picked", order.id, self._picked_said)
        self.pack.submit(order, lognormal_s(self._pack_s, self._pack_sigma, order.luck[Draw.PACK]), order.rank)

    def _packed(self, order: Order) -> None:
        now_s = self._context.env.now
        order.stamps[Stage.PACKED] = now_s
        if self._channel.is_on:
            self._channel.tell(now_s, f"{order.id}-packed", order.id, self._packed_said)
        self._packed_next(order)
