"""What is done for single orders: moved up, flown, split, told, made good - each only where it may still help."""

from collections.abc import Iterator

from radar.actions import Action, ActionName
from radar.events.common import ReasonCode, Tier
from radar.orders import NEVER, Order
from radar.outputs import WarningChange
from radar.stages import Stage
from scenarios.network import Network
from scenarios.network_transport import Mode
from twin.context import DAY_S, calendars_of
from twin.pace import Pace
from twin.responding.abilities import SPARE_DAYS
from twin.responding.figures import ResponseRules
from twin.responding.limits import Limits
from twin.responding.places import Places, is_made
from twin.responding.queues import Queues
from twin.responding.timetable import Help, Timetable


class OrderDesk:
    """Answers warnings about single orders."""

    def __init__(
        self, network: Network, places: Places, timetable: Timetable, limits: Limits, rules: ResponseRules
    ) -> None:
        self._places = places
        self._timetable = timetable
        self._limits = limits
        self._rules = rules
        self._substituted = frozenset(item.name for item in network.items if item.substitute)
        people = network.desk.people
        self._office: Pace | None = None
        if people is not None:
            self._office = calendars_of(network, network.days + SPARE_DAYS)[people.calendar]

    def predicted_late(self, order: Order, promise_s: int, queues: Queues, now_s: int) -> Iterator[Action]:
        """Yield the cheapest help that may keep the promise; without any, the customer is told."""
        ids = (order.order_id,)
        if order.stage < Stage.ALLOCATED and not is_made(order):
            yield Action(ActionName.SPLIT, order_ids=ids)
            if order.item in self._substituted:
                yield Action(ActionName.SUBSTITUTE, order_ids=ids)
        needed = self._needed(order, promise_s, queues, now_s)
        if needed is None:
            yield Action(ActionName.NOTIFY_CUSTOMER, order_ids=ids)
            return
        if needed >= Help.FIRST or is_important(order):
            yield Action(ActionName.EXPEDITE, order_ids=ids)
        if needed is Help.AIR:
            yield Action(ActionName.SWITCH_MODE, order_ids=ids, target=Mode.AIR.value)

    def _needed(self, order: Order, promise_s: int, queues: Queues, now_s: int) -> Help | None:
        """Return the least help with which an order can be there in time; None when none is enough."""
        for help_ in Help:
            if self._timetable.door_s(order, queues, now_s, help_) <= promise_s:
                return help_
        return None

    def promise_broken(self, order: Order, queues: Queues, now_s: int) -> Iterator[Action]:
        """Yield what a customer is owed whose order is late."""
        rules, ids, is_vip = self._rules, (order.order_id,), order.tier is Tier.VIP
        yield Action(ActionName.NOTIFY_CUSTOMER, order_ids=ids)
        yield Action(ActionName.REPROMISE, order_ids=ids, value=rules.repromise_days)
        if is_important(order):
            yield Action(ActionName.EXPEDITE, order_ids=ids)
        late_s = self._timetable.door_s(order, queues, now_s) - now_s
        most = rules.vip_coupon_max_cny if is_vip else rules.coupon_max_cny
        coupon = round(min(most, rules.coupon_share * (order.value or 0.0)), 2)
        if coupon > 0 and (is_vip or late_s >= rules.coupon_after_days * DAY_S):
            yield Action(ActionName.COMPENSATE, order_ids=ids, value=coupon)

    def held(self, order: Order, warning: WarningChange, now_s: int) -> Iterator[Action]:
        """Yield the clearing of an order that the desk will not come to soon: at night, on a Sunday."""
        is_address = any(fact.value == ReasonCode.ADDRESS for why in warning.reasons for fact in why.facts)
        name = ActionName.VERIFY_ADDRESS if is_address else ActionName.CORRECT_ORDER
        opens_s = now_s if self._office is None else self._office.next_open(now_s)
        if opens_s > self._limits.works_s(name, now_s):
            yield Action(name, order_ids=(order.order_id,))

    def overdue(self, order: Order) -> Iterator[Action]:
        """Yield the help for an order that a stage keeps too long: only for the important ones."""
        if is_important(order):
            yield Action(ActionName.EXPEDITE, order_ids=(order.order_id,))

    def silent(self, order: Order) -> Iterator[Action]:
        """Yield the question to the carrier who has the parcel."""
        if order.reached[Stage.HANDED_OVER] != NEVER:
            yield Action(ActionName.ASK, order_ids=(order.order_id,))


def is_important(order: Order) -> bool:
    """Return whether an order goes before others."""
    return order.is_urgent or order.tier is Tier.VIP
