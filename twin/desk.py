"""The order desk: automatic entry checks, payment, and people who clear what the checks hold (R25)."""

from collections.abc import Callable

from radar.events import Payload
from radar.events.common import ReasonCode
from radar.events.order import (
    OrderCancelled,
    OrderHeld,
    OrderLine,
    OrderPlaced,
    OrderReleased,
    OrderValidated,
    PaymentApproved,
    ShipTo,
)
from radar.stages import Stage
from scenarios.network_supply import Origin
from twin.chance import lognormal_s
from twin.context import Context, seconds
from twin.kernel import Call, Tie
from twin.orders import OPEN_S, Draw, Order, Outcome
from twin.pool import Pool

VALIDATED = OrderValidated()
RELEASED = OrderReleased()
PAID = PaymentApproved()


class Desk:
    """Takes orders in, one kernel call each: at the end of their checks."""

    def __init__(self, context: Context, accept: Callable[[Order], None]) -> None:
        network = context.network
        self._context = context
        self._accept = accept
        self._rules = network.desk
        self._check_s = seconds(network.desk.check_time)
        self._shop = context.feeds.channel("shop")
        self._oms = context.feeds.channel("oms")
        self._ship_to = [ShipTo(area=zone.name, country="CN", is_remote=zone.is_remote) for zone in network.zones]
        people = network.desk.people
        self.people: Pool[Order] | None = None
        if people is not None:
            regime = context.regime(people.calendar, "pool:desk")
            capacity = context.capacity("pool:desk")
            self.people = Pool(context.env, people.servers, regime, self._released, capacity=capacity)
        self.checking = 0
        self.can_cancel: Callable[[Order], bool] = lambda _order: False
        """Set by the world: takes an order out of wherever it waits, or says no."""

    def enter(self, order: Order) -> None:
        """Take in an order of the coming hours: it is placed, paid, and its checks are planned."""
        luck = order.luck
        order.stamps[Stage.PLACED] = order.placed_s
        checked_s = order.placed_s + lognormal_s(self._check_s, self._rules.check_sigma, luck[Draw.CHECK])
        self.checking += 1
        self._context.call(checked_s, Tie.PLACE, self._checked, order)
        if luck[Draw.CANCEL] < self._rules.cancel_share:
            wait_s = round(seconds(self._rules.cancel_after) * 2 * luck[Draw.CANCEL_AFTER])
            self._context.call(checked_s + wait_s, Tie.PLACE, self._cancelled, order)
        if self._shop.is_on:
            self._shop.tell(order.placed_s, f"{order.id}-placed", order.id, self._placed(order))
            self._oms.tell(checked_s, f"{order.id}-paid", order.id, PAID)

    def holds(self, order: Order) -> bool:
        """Return whether an order waits for the people of the desk."""
        return self.people is not None and any(entry[2] is order for entry in self.people.queue)

    def clear(self, order: Order) -> bool:
        """Settle a held order at once, whoever is at the desk, or put an address right; return whether it was wrong."""
        if self.people is not None and self.people.remove(lambda other: other is order):
            self._released(order)
            return True
        if not order.is_address_wrong or order.address_ok_s != OPEN_S:
            return False
        order.address_ok_s = self._context.env.now
        return True

    def _placed(self, order: Order) -> OrderPlaced:
        network = self._context.network
        item = network.items[order.item]
        return OrderPlaced(
            promise_at=self._context.moment(order.promise_s),
            customer_id=f"C-{order.id}",
            tier=order.tier,
            order_type=item.origin.value,
            is_urgent=order.is_urgent,
            lines=(
                OrderLine(
                    item=item.name, quantity=float(order.quantity), category=item.category, unit_price=item.price
                ),
            ),
            value=order.value,
            ship_to=self._ship_to[order.zone],
            origin=self._ships_from(order),
            supplier=item.line or item.supplier or "",
            channel=order.channel,
            language=order.language,
            zone=network.zone,
            weight_kg=round(item.weight_kg * order.quantity, 3),
        )

    def _ships_from(self, order: Order) -> str:
        """Return the warehouse an order is expected to leave from: the plant's where it has to be made."""
        network = self._context.network
        if network.items[order.item].origin is Origin.MAKE and network.plant is not None:
            return network.plant.warehouse
        return network.zones[order.zone].warehouses[0]

    def _is_suspect(self, order: Order) -> bool:
        caught = order.is_address_wrong and order.luck[Draw.CAUGHT] < self._rules.caught_share
        return caught or order.luck[Draw.SUSPECT] < self._rules.suspect_share

    def _checked(self, call: Call) -> None:
        order: Order = call.item
        self.checking -= 1
        if self.people is not None and self._is_suspect(order):
            crew = self._rules.people
            assert crew is not None, "a pool of people has a crew"
            reason = ReasonCode.ADDRESS if order.is_address_wrong else ReasonCode.DATA
            self._tell(order, "held", OrderHeld(reason=reason))
            self.people.submit(order, lognormal_s(seconds(crew.time), crew.sigma, order.luck[Draw.DESK]), order.rank)
            return
        self._validated(order)

    def _released(self, order: Order) -> None:
        now_s = self._context.env.now
        waited_s = now_s - order.placed_s
        order.lose_time("desk", waited_s - self._check_s)
        if order.is_address_wrong:
            order.address_ok_s = now_s
        self._tell(order, "released", RELEASED)
        self._validated(order)

    def _validated(self, order: Order) -> None:
        order.stamps[Stage.VALIDATED] = self._context.env.now
        self._tell(order, "validated", VALIDATED)
        self._accept(order)

    def _cancelled(self, call: Call) -> None:
        order: Order = call.item
        if order.outcome is Outcome.OPEN and self.can_cancel(order):
            order.outcome = Outcome.CANCELLED
            self._tell(order, "cancelled", OrderCancelled())

    def _tell(self, order: Order, what: str, data: Payload) -> None:
        if self._oms.is_on:
            self._oms.tell(self._context.env.now, f"{order.id}-{what}", order.id, data)
