"""Actuators: carry the closed vocabulary of actions out in the twin, with price, lead time and daily limit.

An action is first looked at (is there such a line, is there anything to do?), then booked, then done after its lead
time. What is refused costs nothing and says why. Each action that is taken is an event, as it is live.
"""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from radar.actions import Action, ActionName
from radar.events.order import OrderChanged
from radar.events.world import ActionApplied
from scenarios.network_supply import RemedyRule
from twin.actuator_checks import can_correct, can_split, can_substitute, can_switch_mode, mode_of
from twin.context import DAY_S, seconds
from twin.kernel import Call, Tie
from twin.orders import OPEN_S, Order, Outcome
from twin.pool import Pool
from twin.shifts import lengthened

if TYPE_CHECKING:
    from twin.world import World

TOP_RANK = -5
"""Expedited orders stand before every other, behind remade ones."""


class Applied(msgspec.Struct, frozen=True):
    """What became of an action."""

    is_done: bool
    why: str = ""
    """Why not, when it was refused."""
    cost_cny: float = 0.0
    works_at_s: int = 0


class Actuators:
    """The hands of the control room."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._channel = world.context.feeds.channel("oms")
        self._today: Counter[tuple[ActionName, int]] = Counter()
        self._number = 0
        self._closed: dict[str, int] = {}
        self._on_orders: dict[ActionName, Callable[[Order, Action], bool]] = {
            ActionName.EXPEDITE: self._expedite,
            ActionName.SUBSTITUTE: self._substitute,
            ActionName.SPLIT: self._split,
            ActionName.SWITCH_MODE: self._switch_mode,
            ActionName.VERIFY_ADDRESS: self._correct,
            ActionName.CORRECT_ORDER: self._correct,
            ActionName.NOTIFY_CUSTOMER: self._notify,
            ActionName.COMPENSATE: self._compensate,
            ActionName.REPROMISE: self._repromise,
            ActionName.ASK: lambda _order, _action: True,
            ActionName.SURVEY: lambda _order, _action: True,
        }
        self._can_orders: dict[ActionName, Callable[[World, Order, Action], bool]] = {
            ActionName.SUBSTITUTE: can_substitute,
            ActionName.SPLIT: can_split,
            ActionName.SWITCH_MODE: can_switch_mode,
            ActionName.CORRECT_ORDER: can_correct,
        }
        self._on_resources: dict[ActionName, Callable[[Action], bool]] = {
            ActionName.ADD_SHIFT: self._add_shift,
            ActionName.SWITCH_LINE: self._switch_line,
            ActionName.TRANSFER_STOCK: self._transfer_stock,
            ActionName.EXPEDITE_SUPPLY: self._expedite_supply,
            ActionName.BACKUP_SUPPLIER: self._backup_supplier,
            ActionName.REROUTE: self._reroute,
            ActionName.SWITCH_CARRIER: self._switch_carrier,
            ActionName.ADD_VEHICLES: self._add_vehicles,
            ActionName.REASSIGN_COURIER: self._reassign_courier,
            ActionName.FAILOVER_FEED: self._failover_feed,
        }

    def apply(self, action: Action) -> Applied:
        """Take an action, or refuse it with a reason; it works after its lead time."""
        now_s = self._world.env.now
        rule = self._world.network.remedies.get(action.name, RemedyRule())
        units = self._units(action)
        key = (action.name, now_s // DAY_S)
        if self._today[key] + units > rule.per_day_max:
            return Applied(is_done=False, why="the day's limit is used up")
        why = self._why_not(action)
        if why:
            return Applied(is_done=False, why=why)
        self._today[key] += units
        cost = rule.cost * units + (action.value * units if action.name is ActionName.COMPENSATE else 0.0)
        self._world.truth.book_remedy(action.name.value, cost)
        works_s = now_s + seconds(rule.lead)
        self._world.context.call(works_s, Tie.WORLD, self._works, action)
        self._report(action, cost)
        return Applied(is_done=True, cost_cny=cost, works_at_s=works_s)

    def _units(self, action: Action) -> int:
        """Return what the price is for: orders, hours, vehicles, or one."""
        if action.name in self._on_orders:
            return len(action.order_ids)
        return max(1, round(action.value)) if action.name in _COUNTED else 1

    def _why_not(self, action: Action) -> str:
        """Return why an action cannot be taken; empty when it can."""
        world = self._world
        if action.name in self._on_orders:
            known = [world.by_id[order_id] for order_id in action.order_ids if order_id in world.by_id]
            still = [order for order in known if order.outcome is Outcome.OPEN]
            can = self._can_orders.get(action.name)
            if not still:
                return "no open order"
            return "" if can is None or any(can(world, order, action) for order in still) else "nothing it would change"
        lines = world.production.lines if world.production is not None else {}
        known_subjects: dict[ActionName, object] = {
            ActionName.ADD_SHIFT: {*lines, *self._benches()},
            ActionName.SWITCH_LINE: lines,
            ActionName.TRANSFER_STOCK: {item for _place, item in world.stock.shelves},
            ActionName.EXPEDITE_SUPPLY: {purchase.shelf.item for purchase in world.suppliers.open.values()},
            ActionName.BACKUP_SUPPLIER: {s.name for s in world.network.suppliers if s.backup},
            ActionName.REROUTE: world.transport.lanes,
            ActionName.ADD_VEHICLES: world.transport.lanes,
            ActionName.REASSIGN_COURIER: world.last_mile.by_name,
        }
        subjects = known_subjects.get(action.name)
        if isinstance(subjects, dict | set) and action.subject not in subjects:
            return f"nothing named {action.subject!r} to act on"
        if action.name is ActionName.SWITCH_LINE and action.target not in lines:
            return f"no line {action.target!r}"
        return ""

    def _works(self, call: Call) -> None:
        action: Action = call.item
        on_order = self._on_orders.get(action.name)
        if on_order is None:
            self._on_resources[action.name](action)
            return
        for order_id in action.order_ids:
            order = self._world.by_id.get(order_id)
            if order is not None and order.outcome is Outcome.OPEN:
                on_order(order, action)

    def _report(self, action: Action, cost: float) -> None:
        if not self._channel.is_on:
            return
        now_s = self._world.env.now
        each = cost / max(1, len(action.order_ids))
        for subject in action.order_ids or (action.subject,):
            self._number += 1
            said = ActionApplied(action=action.name.value, case_id=action.case_id, cost=each)
            self._channel.tell(now_s, f"action-{self._number:07d}", subject or action.name.value, said)

    # --- on orders ---------------------------------------------------------------------------------------

    def _expedite(self, order: Order, _action: Action) -> bool:
        world = self._world
        order.rank = TOP_RANK
        queues = [world.last_mile.expedite, world.transport.expedite]
        queues += [house.expedite for house in world.warehouses.values()]
        if world.production is not None:
            queues.append(world.production.expedite)
        return any(queue(order, TOP_RANK) for queue in queues)

    def _substitute(self, order: Order, _action: Action) -> bool:
        world = self._world
        substitute = world.network.items[order.item].substitute
        if substitute is None or not world.stock.withdraw(order):
            return False
        order.item = [item.name for item in world.network.items].index(substitute)
        world.stock.allocate(order)
        return True

    def _split(self, order: Order, _action: Action) -> bool:
        return self._world.stock.gather(order)

    def _switch_mode(self, order: Order, action: Action) -> bool:
        return self._world.transport.set_mode(order, mode_of(action))

    def _correct(self, order: Order, _action: Action) -> bool:
        return self._world.desk.clear(order)

    def _notify(self, order: Order, _action: Action) -> bool:
        return self._world.customers.notice(order)

    def _compensate(self, order: Order, action: Action) -> bool:
        self._world.customers.compensate(order, action.value)
        return True

    def _repromise(self, order: Order, action: Action) -> bool:
        world = self._world
        order.repromise_s = max(order.promise_s, world.env.now) + round(action.value * DAY_S)
        if self._channel.is_on:
            said = OrderChanged(repromise_at=world.context.moment(order.repromise_s))
            self._channel.tell(world.env.now, f"{order.id}-repromised-{world.env.now}", order.id, said)
        return world.customers.notice(order) if order.noticed_s == OPEN_S else True

    # --- on resources ------------------------------------------------------------------------------------

    def _add_shift(self, action: Action) -> bool:
        """Keep a line or a bench (``jiaxing.pick``) open for some hours in which it would be closed."""
        production = self._world.production
        lines = production.lines if production is not None else {}
        pool: Pool[Any] | None = self._benches().get(action.subject) or lines.get(action.subject)
        assert pool is not None, "looked at before"
        pool.change_base(lengthened(pool.regime.base, self._world.env.now, round(max(1.0, action.value) * 3600)))
        return True

    def _benches(self) -> dict[str, Pool[Order]]:
        benches: dict[str, Pool[Order]] = {}
        for name, house in self._world.warehouses.items():
            benches |= {f"{name}.pick": house.pick, f"{name}.pack": house.pack}
        return benches

    def _switch_line(self, action: Action) -> bool:
        production = self._world.production
        assert production is not None, "looked at before"
        until_s = self._world.env.now + round(max(1.0, action.value) * DAY_S)
        return production.divert(action.subject, action.target, until_s) > 0

    def _transfer_stock(self, action: Action) -> bool:
        world = self._world
        givers = [
            s for (place, item), s in world.stock.shelves.items() if item == action.subject and place != action.target
        ]
        if (action.target, action.subject) not in world.stock.shelves or not givers:
            return False
        giver = max(givers, key=lambda shelf: (shelf.on_hand, shelf.place))
        arrives_s = world.env.now + TRANSFER_S
        return (
            world.stock.transfer(action.subject, giver.place, action.target, max(1, round(action.value)), arrives_s) > 0
        )

    def _expedite_supply(self, action: Action) -> bool:
        return self._world.suppliers.expedite(action.subject, EXPEDITED_SHARE) > 0

    def _backup_supplier(self, action: Action) -> bool:
        until_s = self._world.env.now + round(max(1.0, action.value) * DAY_S)
        return self._world.suppliers.use_backup(action.subject, until_s)

    def _reroute(self, action: Action) -> bool:
        return self._close_lanes([action.subject], action.value)

    def _switch_carrier(self, action: Action) -> bool:
        lanes = [lane.name for lane in self._world.network.lanes if lane.carrier == action.subject]
        return self._close_lanes(lanes, action.value)

    def _close_lanes(self, lanes: list[str], days: float) -> bool:
        """Lead parcels around some lanes for some days."""
        now_s = self._world.env.now
        until_s = now_s + round(max(1.0, days) * DAY_S)
        self._closed.update(dict.fromkeys(lanes, until_s))
        self._world.context.call(until_s, Tie.WORLD, self._reopen)
        return self._world.transport.close(frozenset(self._closed)) > 0

    def _reopen(self, _call: Call) -> None:
        now_s = self._world.env.now
        self._closed = {lane: until_s for lane, until_s in self._closed.items() if until_s > now_s}
        self._world.transport.close(frozenset(self._closed))

    def _add_vehicles(self, action: Action) -> bool:
        for number in range(max(1, round(action.value))):
            self._world.transport.extra_departure(action.subject, self._world.env.now + number * 60)
        return True

    def _reassign_courier(self, action: Action) -> bool:
        count = max(1, round(action.value))
        day = self._world.env.now // DAY_S
        for each in (day, day + 1):
            self._world.last_mile.add_couriers(action.subject, each, count)
        return True

    def _failover_feed(self, action: Action) -> bool:
        self._world.context.feeds.channel(action.subject).failover_s = self._world.env.now
        return True


TRANSFER_S = 36 * 3600
"""Warehouse to warehouse by truck, with loading (assumption: a night and a day)."""
EXPEDITED_SHARE = 0.5
"""What paying for speed saves of a purchase's remaining way (assumption: half, as air against road in SCMS)."""
_COUNTED = frozenset(
    {ActionName.ADD_SHIFT, ActionName.ADD_VEHICLES, ActionName.REASSIGN_COURIER, ActionName.TRANSFER_STOCK}
)
