"""One replication of a network: the parts put together, run, and counted."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from radar.events import Event
from radar.room import ControlRoom
from scenarios.network import Network
from scenarios.network_supply import Origin
from twin.actuators import Actuators
from twin.chance import Chance, lognormal_s
from twin.context import DAY_S, Context, calendars_of, epoch_of, seconds
from twin.control_room import Reports, Responder, RoomDesk
from twin.customers import Customers
from twin.demand import Demand
from twin.desk import Desk
from twin.feeds import Feeds
from twin.kernel import Call, Kernel, Tie
from twin.last_mile import LastMile
from twin.masks import Masks
from twin.mistakes import BadReport
from twin.orders import Order
from twin.production import Production
from twin.stock import PLANT, Shelf, Stock
from twin.suppliers import Suppliers
from twin.transport import Transport
from twin.truth import Truth
from twin.usual import usual_masks
from twin.warehouse import Warehouse


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python's cycle collector out of the run: it makes no cycles, and looking for them costs a quarter."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


LATENESS_S = 3600
"""How long the twin's control room waits for stragglers: the live default of a carrier's feed."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What to run.

    Attributes:
        seed: Of all chance.
        replication: Which luck of that seed.
        days: Length; None is the network's own.
        masks: What the scenarios do, on top of the network's usual bad luck.
        room: The control room; None for a chain without radar.
        responder: Who decides on its warnings; None only listens.
        sink: Takes every event as it is recorded.
        bad_sink: Takes every report that is no event, among them in the same order.
        lateness_s: How long the control room waits for stragglers.
        is_usual: Whether the network's own breakdowns and weather happen.
    """

    seed: int = 0
    replication: int = 0
    days: int | None = None
    masks: Masks = field(default_factory=Masks)
    room: ControlRoom | None = None
    responder: Responder | None = None
    sink: Callable[[Event], None] | None = None
    bad_sink: Callable[[BadReport], None] | None = None
    lateness_s: int = LATENESS_S
    is_usual: bool = True


class World:
    """A supply chain that can be run once."""

    def __init__(self, network: Network, plan: RunPlan, kernel: Kernel | None = None) -> None:
        self.network = network
        self.plan = plan
        self.days = plan.days or network.days
        self.context = self._surroundings(kernel or Kernel())
        self.env = self.context.env
        self.truth = self.context.truth
        self.by_id: dict[str, Order] = {}
        self.demand = Demand(network, self.context.chance, plan.masks.demands, self.days)
        self._build_parts()
        self.actuators = Actuators(self)
        self.room_desk = None
        if plan.room is not None:
            self.room_desk = RoomDesk(plan.room, plan.lateness_s, plan.responder, self.actuators.apply)
        self.reports = (
            Reports(self.context, plan.sink, plan.bad_sink, self.room_desk) if self.context.feeds.is_on else None
        )

    def run(self, progress: Callable[[int], None] | None = None) -> Truth:
        """Run to the end and return the truth; ``progress`` is told each day that begins."""
        self._progress = progress
        self.stock.start()
        if self.production is not None:
            self.production.materials.start()
        for signal in self.context.masks.signals:
            channel = self.context.feeds.channel(signal.source)
            name = f"signal-{signal.source}-{signal.subject}-{signal.at_s}"
            channel.tell(signal.at_s, name, signal.subject, signal.payload)
        self.context.feeds.beat(self.context.end_s)
        self.context.call(0, Tie.PLACE, self._day, 0)
        with _collector_paused():
            self.env.run(until=self.context.end_s)
        if self.reports is not None:
            self.reports.finish()
        self._count()
        return self.truth

    def _surroundings(self, kernel: Kernel) -> Context:
        network, plan = self.network, self.plan
        chance = Chance(plan.seed, plan.replication)
        epoch = epoch_of(network)
        end_s = self.days * DAY_S
        masks = plan.masks
        if plan.is_usual:
            masks = usual_masks(network, chance, self.days, epoch).plus(masks)
        run_id = f"{network.name}-{plan.seed}-{plan.replication}"
        is_on = plan.room is not None or plan.sink is not None
        feeds = Feeds(dict(network.systems), masks.feeds, chance, epoch, run_id, is_on=is_on)
        warm_up_s = min(network.warm_up_days, self.days - 1) * DAY_S
        truth = Truth(end_s=end_s, warm_up_s=warm_up_s)
        calendars = calendars_of(network, self.days)
        return Context(network, kernel, chance, masks, feeds, truth, end_s, epoch, calendars)

    def _build_parts(self) -> None:
        context, network = self.context, self.network
        self.customers = Customers(context)
        self.last_mile = LastMile(context, self.customers.delivered)
        hub_of = {house.name: house.hub for house in network.warehouses}
        self.transport = Transport(context, hub_of, self.last_mile.receive)
        self.warehouses = {house.name: Warehouse(context, house, self.transport.ship) for house in network.warehouses}
        self.stock = Stock(context, self._goods_there)
        self.suppliers = Suppliers(context, self._goods_in)
        self.production = Production(context, self.suppliers) if network.lines else None
        if self.production is not None:
            self.production.made = self._made
            self.production.batch_made = self._batch_made
        self.stock.replenish = self._replenish
        self.desk = Desk(context, self._accepted)
        self.desk.can_cancel = self._withdraw
        self._is_made = [item.origin is Origin.MAKE for item in network.items]
        self._supplier_of = {item.name: item.supplier for item in network.items}
        self._supply_luck = {house.name: context.chance.luck(f"supply/{house.name}", 1) for house in network.warehouses}
        self._supplies = {house.name: 0 for house in network.warehouses}

    def _day(self, call: Call) -> None:
        """Let the orders of a day come in."""
        day: int = call.item
        if self._progress is not None:
            self._progress(day)
        for order in self.demand.day(day):
            self.truth.orders.append(order)
            self.by_id[order.id] = order
            self.desk.enter(order)
            self.customers.expect(order)
        if day + 1 < self.days:
            self.context.call((day + 1) * DAY_S, Tie.PLACE, self._day, day + 1)

    def _accepted(self, order: Order) -> None:
        if self._is_made[order.item]:
            assert self.production is not None, "the network was checked: made to order means a line"
            self.production.make(order)
        else:
            self.stock.allocate(order)

    def _goods_there(self, order: Order) -> None:
        self.warehouses[order.warehouse].take(order)

    def _made(self, order: Order) -> None:
        assert self.network.plant is not None, "lines stand in a plant"
        self.warehouses[self.network.plant.warehouse].take(order)

    def _replenish(self, shelf: Shelf, pieces: int) -> None:
        supplier = self._supplier_of[shelf.item]
        if supplier is not None:
            self.suppliers.order(shelf, pieces, supplier)
        else:
            assert self.production is not None, "the network was checked: a line or a supplier"
            self.production.make_batch(shelf, pieces)

    def _batch_made(self, shelf: Shelf, pieces: int) -> None:
        """Send a finished batch from the plant to its warehouse."""
        house = next(house for house in self.network.warehouses if house.name == shelf.place)
        luck = self._supply_luck[shelf.place].one(self._supplies[shelf.place])
        self._supplies[shelf.place] += 1
        delay_s = lognormal_s(seconds(house.supply_time), house.supply_sigma, luck)
        self.context.call(self.env.now + delay_s, Tie.ARRIVE, self._batch_in, (shelf, pieces))

    def _batch_in(self, call: Call) -> None:
        shelf, pieces = call.item
        shelf.on_order -= pieces
        self.stock.receive(shelf, pieces)

    def _goods_in(self, shelf: Shelf, pieces: int) -> None:
        if shelf.place == PLANT:
            assert self.production is not None, "materials lie in a plant"
            self.production.materials.receive(shelf, pieces)
        else:
            self.stock.receive(shelf, pieces)

    def _withdraw(self, order: Order) -> bool:
        """Take an order out of wherever it waits before packing."""
        if self._is_made[order.item]:
            return self.production is not None and self.production.withdraw(order)
        return self.stock.withdraw(order)

    def _count(self) -> None:
        """Count everything at the end, for the sums that must hold."""
        truth = self.truth
        shelves = [*self.stock.shelves.values()]
        where = {
            "desk": self.desk.checking
            + (self.desk.people.waiting + len(self.desk.people.busy) if self.desk.people else 0),
            "stock": self.stock.waiting,
            "warehouses": sum(house.orders_inside for house in self.warehouses.values()),
            "transport": self.transport.orders_inside,
            "last mile": self.last_mile.orders_inside,
        }
        if self.production is not None:
            shelves += self.production.materials.shelves.values()
            where["production"] = self.production.orders_inside
            for name, pool in self.production.lines.items():
                truth.line_busy_s[name] = self.production.busy_s[name]
                gate = pool.regime.gate
                truth.line_open_s[name] = (gate.done_at(truth.end_s) - gate.done_at(0)) // 1000
        truth.whereabouts = where
        truth.books = {(shelf.place, shelf.item): shelf.book for shelf in shelves}
        truth.on_hand = {(shelf.place, shelf.item): shelf.on_hand for shelf in shelves}
        truth.events = self.context.feeds.told
