"""What really happened: the orders as they were, the books of stock and money, and the sums that must hold."""

from dataclasses import dataclass, field

from twin.orders import OPEN_S, Order, Outcome


@dataclass(slots=True)
class Book:
    """The account of one item in one place: nothing appears, nothing vanishes."""

    initial: int = 0
    received: int = 0
    issued: int = 0
    destroyed: int = 0

    @property
    def should_be(self) -> int:
        """Return what must lie on the shelf."""
        return self.initial + self.received - self.issued - self.destroyed


@dataclass(slots=True)
class Remedy:
    """What one kind of action cost."""

    count: int = 0
    cost_cny: float = 0.0


@dataclass(slots=True)
class Truth:
    """The truth of a run; every figure of an experiment is read from here."""

    end_s: int
    warm_up_s: int = 0
    orders: list[Order] = field(default_factory=list)
    remedies: dict[str, Remedy] = field(default_factory=dict)
    books: dict[tuple[str, str], Book] = field(default_factory=dict)
    on_hand: dict[tuple[str, str], int] = field(default_factory=dict)
    """Pieces counted on the shelves at the end, by (place, item)."""
    whereabouts: dict[str, int] = field(default_factory=dict)
    """Open orders counted part by part at the end: where each of them is."""
    revenue_cny: float = 0.0
    """Value of the delivered orders, added up as they were delivered."""
    line_busy_s: dict[str, int] = field(default_factory=dict)
    line_open_s: dict[str, int] = field(default_factory=dict)
    events: int = 0
    """Events the systems reported."""

    def book_remedy(self, action: str, cost_cny: float) -> None:
        """Add the cost of one action."""
        remedy = self.remedies.setdefault(action, Remedy())
        remedy.count += 1
        remedy.cost_cny += cost_cny

    def counted(self) -> list[Order]:
        """Return the orders the figures are about: placed after the warm-up, promised before the end, not cancelled."""
        return [
            order
            for order in self.orders
            if order.placed_s >= self.warm_up_s
            and order.promise_s < self.end_s
            and order.outcome is not Outcome.CANCELLED
        ]

    def is_late(self, order: Order) -> bool:
        """Return whether an order was, or is by the end, later than its first promise."""
        delivered_s = order.delivered_s
        if delivered_s == OPEN_S or delivered_s > self.end_s:
            return self.end_s > order.promise_s
        return delivered_s > order.promise_s

    def check(self) -> list[str]:
        """Return every sum that does not hold; none is the rule."""
        return [*self._stock_faults(), *self._order_faults(), *self._money_faults()]

    def _stock_faults(self) -> list[str]:
        faults = []
        for key, book in self.books.items():
            counted = self.on_hand.get(key, 0)
            if book.should_be != counted or counted < 0:
                faults.append(f"stock {key}: {counted} on the shelf, {book.should_be} by the book")
        return faults

    def _order_faults(self) -> list[str]:
        faults = []
        open_orders = sum(order.outcome is Outcome.OPEN for order in self.orders)
        found = sum(self.whereabouts.values())
        if open_orders != found:
            faults.append(f"orders: {open_orders} open, {found} found ({self.whereabouts})")
        ids = {order.id for order in self.orders}
        if len(ids) != len(self.orders):
            faults.append("orders: an id stands twice")
        for order in self.orders:
            reached = [at_s for at_s in order.stamps if at_s != OPEN_S]
            if reached != sorted(reached):
                faults.append(f"order {order.id}: stages out of order {order.stamps}")
            if (order.outcome is Outcome.DELIVERED) != (order.delivered_s != OPEN_S):
                faults.append(f"order {order.id}: {order.outcome} but delivered at {order.delivered_s}")
        return faults

    def _money_faults(self) -> list[str]:
        value = sum(order.value for order in self.orders if order.outcome is Outcome.DELIVERED)
        if abs(value - self.revenue_cny) > 1e-6 * max(1.0, value):
            return [f"money: {self.revenue_cny} booked, {value} delivered"]
        return []
