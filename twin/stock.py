"""Stock: shelves with reorder rules, allocation to orders, waiting for goods (R27).

A shelf orders a batch whenever on hand + on order - promised to waiting orders is at or under its reorder point.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from radar.events.supply import InventoryLevel, StockAllocated, StockShort
from radar.stages import Stage
from scenarios.network import Network
from scenarios.network_supply import Item, Origin, StockRule
from twin.context import DAY_S, Context
from twin.kernel import Call, Tie
from twin.orders import Order
from twin.truth import Book

PLANT = "plant"
"""The place of the material shelves."""


class Shelf:
    """One item in one place."""

    __slots__ = ("backlog", "batch", "book", "item", "on_hand", "on_order", "place", "reorder_at", "waiting")

    def __init__(self, place: str, item: str, rule: StockRule, per_day: float) -> None:
        self.place = place
        self.item = item
        self.on_hand = round(rule.initial_days * per_day)
        self.reorder_at = round(rule.reorder_days * per_day) if per_day else -1
        self.batch = max(1, round(rule.batch_days * per_day))
        self.on_order = 0
        self.backlog = 0
        """Pieces that waiting orders or jobs want."""
        self.waiting: list[tuple[int, int, Order, int]] = []
        """(rank, arrival number, order, since)."""
        self.book = Book(initial=self.on_hand)

    @property
    def position(self) -> int:
        """Return what is, or will be, free."""
        return self.on_hand + self.on_order - self.backlog

    def issue(self, pieces: int) -> None:
        """Take pieces off the shelf."""
        assert pieces <= self.on_hand, f"{self.item}@{self.place}: {pieces} wanted, {self.on_hand} there"
        self.on_hand -= pieces
        self.book.issued += pieces

    def receive(self, pieces: int) -> None:
        """Put pieces on the shelf."""
        self.on_hand += pieces
        self.book.received += pieces

    def destroy(self, pieces: int) -> None:
        """Lose pieces."""
        self.on_hand -= pieces
        self.book.destroyed += pieces


def item_demand(network: Network, item: Item, warehouse: str) -> float:
    """Return the mean pieces a day that orders want of an item at a warehouse, each zone at its best one."""
    shares = sum(entry.share for entry in network.items)
    zones = sum(zone.share for zone in network.zones)
    here = sum(zone.share for zone in network.zones if zone.warehouses[0] == warehouse)
    return network.demand.orders_per_day * item.share / shares * here / zones * item.quantity_mean


def level_of(shelf: Shelf) -> InventoryLevel:
    """Return what a system tells of a shelf."""
    return InventoryLevel(
        item=shelf.item,
        warehouse=shelf.place,
        on_hand=float(shelf.on_hand),
        reserved=float(shelf.backlog),
        on_order=float(shelf.on_order),
        reorder_point=float(max(0, shelf.reorder_at)),
    )


class Stock:
    """The finished items of all warehouses."""

    def __init__(self, context: Context, allocated: Callable[[Order], None]) -> None:
        network = context.network
        self._context = context
        self._allocated = allocated
        self._sequence = 0
        self._channel = context.feeds.channel("wms")
        self._taken = {house.name: StockAllocated(warehouse=house.name) for house in network.warehouses}
        self.shelves: dict[tuple[str, str], Shelf] = {}
        for item in network.items:
            if item.origin is Origin.STOCK and item.stock is not None:
                for house in network.warehouses:
                    per_day = item_demand(network, item, house.name)
                    self.shelves[house.name, item.name] = Shelf(house.name, item.name, item.stock, per_day)
        self.replenish: Callable[[Shelf, int], None] = lambda _shelf, _pieces: None
        """Set by the world: has a batch made or bought."""
        for loss in context.masks.losses:
            context.call(loss.at_s, Tie.WORLD, self._destroyed, loss)
        if self._channel.is_on:
            context.call(300, Tie.REPORT, self._report)

    def start(self) -> None:
        """Order what the opening stock already asks for."""
        for shelf in self.shelves.values():
            self._reorder(shelf)

    def allocate(self, order: Order) -> None:
        """Give the order its goods from the first of its warehouses that has them, or let it wait at the first."""
        network = self._context.network
        item = network.items[order.item].name
        warehouses = network.zones[order.zone].warehouses
        for warehouse in warehouses:
            shelf = self.shelves.get((warehouse, item))
            if shelf is None:  # this network does not count the item: there is always enough
                self._give(order, warehouse)
                return
            if shelf.on_hand >= order.quantity and not shelf.waiting:
                shelf.issue(order.quantity)
                self._give(order, warehouse)
                self._reorder(shelf)
                return
        self._wait(order, self.shelves[warehouses[0], item])

    def receive(self, shelf: Shelf, pieces: int) -> None:
        """Put goods on a shelf and serve who waits for them."""
        shelf.receive(pieces)
        self._serve(shelf)
        self._reorder(shelf)

    def transfer(self, item: str, source: str, target: str, pieces: int, arrives_s: int) -> int:
        """Send up to ``pieces`` from one warehouse to another; return how many go."""
        giver, taker = self.shelves[source, item], self.shelves[target, item]
        going = min(pieces, giver.on_hand)
        if going > 0:
            giver.issue(going)
            taker.on_order += going
            self._context.call(arrives_s, Tie.ARRIVE, self._transferred, (taker, going))
            self._reorder(giver)
        return going

    def gather(self, order: Order) -> bool:
        """Fill a waiting order from several warehouses at once; return whether together they had enough.

        The parts ship as one from the best warehouse: what is modelled of a split is that it need not wait.
        """
        network = self._context.network
        item, warehouses = network.items[order.item].name, network.zones[order.zone].warehouses
        shelves = [self.shelves[warehouse, item] for warehouse in warehouses if (warehouse, item) in self.shelves]
        if sum(shelf.on_hand for shelf in shelves) < order.quantity or not self.withdraw(order):
            return False
        missing = order.quantity
        for shelf in shelves:
            pieces = min(missing, shelf.on_hand)
            shelf.issue(pieces)
            missing -= pieces
            self._reorder(shelf)
        self._give(order, warehouses[0])
        return True

    def withdraw(self, order: Order) -> bool:
        """Take a waiting order out of the queue of its shelf; return whether it stood in one."""
        item = self._context.network.items[order.item].name
        for warehouse in self._context.network.zones[order.zone].warehouses:
            shelf = self.shelves.get((warehouse, item))
            if shelf is not None:
                kept = [entry for entry in shelf.waiting if entry[2] is not order]
                if len(kept) < len(shelf.waiting):
                    shelf.waiting = kept
                    heapify(kept)
                    shelf.backlog -= order.quantity
                    return True
        return False

    @property
    def waiting(self) -> int:
        """Return how many orders wait for goods."""
        return sum(len(shelf.waiting) for shelf in self.shelves.values())

    def _give(self, order: Order, warehouse: str) -> None:
        now_s = self._context.env.now
        order.warehouse = warehouse
        order.stamps[Stage.ALLOCATED] = now_s
        if self._channel.is_on:
            self._channel.tell(now_s, f"{order.id}-allocated", order.id, self._taken[warehouse])
        self._allocated(order)

    def _wait(self, order: Order, shelf: Shelf) -> None:
        now_s = self._context.env.now
        heappush(shelf.waiting, (order.rank, self._sequence, order, now_s))
        self._sequence += 1
        shelf.backlog += order.quantity
        if self._channel.is_on:
            short = order.quantity - max(0, shelf.on_hand)
            said = StockShort(item=shelf.item, warehouse=shelf.place, quantity_short=float(max(1, short)))
            self._channel.tell(now_s, f"{order.id}-short", order.id, said)
        self._reorder(shelf)

    def _serve(self, shelf: Shelf) -> None:
        """Serve waiting orders in their order; who wants more than there is holds the rest back."""
        while shelf.waiting and shelf.waiting[0][2].quantity <= shelf.on_hand:
            _rank, _sequence, order, since_s = heappop(shelf.waiting)
            shelf.backlog -= order.quantity
            shelf.issue(order.quantity)
            order.lose_time(f"stock:{shelf.item}", self._context.env.now - since_s)
            self._give(order, shelf.place)

    def _reorder(self, shelf: Shelf) -> None:
        while shelf.position <= shelf.reorder_at:
            self.replenish(shelf, shelf.batch)

    def _transferred(self, call: Call) -> None:
        shelf, pieces = call.item
        shelf.on_order -= pieces
        self.receive(shelf, pieces)

    def _destroyed(self, call: Call) -> None:
        loss = call.item
        for shelf in self.shelves.values():
            if shelf.place == loss.warehouse and loss.item in ("*", shelf.item):
                shelf.destroy(shelf.on_hand * loss.permille // 1000)
                self._reorder(shelf)

    def _report(self, _call: Call) -> None:
        """Report every shelf once a day."""
        now_s = self._context.env.now
        for shelf in self.shelves.values():
            name = f"{shelf.item}@{shelf.place}"
            self._channel.tell(now_s, f"level-{name}-{now_s // DAY_S}", name, level_of(shelf))
        self._context.call(now_s + DAY_S, Tie.REPORT, self._report)
