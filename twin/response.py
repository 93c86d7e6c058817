"""The default response: one fixed answer to each kind of warning, by what the radar knows and nothing else.

It is what a careful dispatcher with a list on the wall would do, the measuring stick for playbooks: an order in
danger is moved up, flown where a lane is what is left, and its customer told; a resource behind which orders pile up
gets a shift, a truck, couriers, a stand-in. Nothing is done twice for one order, and for one resource once a day.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from radar.actions import Action, ActionName
from radar.events.common import Tier
from radar.orders import Order
from radar.outputs import Change, Output, WarningChange, WarningKind
from radar.stages import Stage
from scenarios.network import Network, route
from scenarios.network_transport import Mode

DAY_S = 86_400


class ResponseRules(msgspec.Struct, frozen=True):
    """The figures on the dispatcher's wall: stated assumptions, to be tuned in playbooks."""

    pile: int = 12
    """Orders warned of behind one resource within a day from which the resource itself gets help."""
    shift_hours: float = 4.0
    switch_days: float = 2.0
    backup_days: float = 10.0
    vehicles: int = 1
    couriers: int = 2
    reroute_days: float = 1.0
    coupon_share: float = 0.05
    """Of the order's value, given when the promise is broken ..."""
    coupon_max_cny: float = 30.0
    vip_coupon_max_cny: float = 80.0
    repromise_days: float = 2.0


class DefaultResponse:
    """Answers warnings with actions; a ``Responder`` of the twin's control room.

    Args:
        network: The chain as planners know it: lines, alternates, backups, lanes.
        orders: The radar's own orders by id (``ControlRoom.orders``), never the truth.
        rules: Its figures.
    """

    def __init__(self, network: Network, orders: Mapping[str, Order], rules: ResponseRules | None = None) -> None:
        self._network = network
        self._orders = orders
        self._rules = rules or ResponseRules()
        self._done: set[tuple[ActionName, str]] = set()
        self._pile: Counter[tuple[str, int]] = Counter()
        self._helped: dict[str, int] = {}
        self._broken: dict[str, int] = {}
        """Resource -> last day on which a warning called it down, closed or late."""
        self._places = _Places(network)
        self._answer: dict[WarningKind, Callable[[WarningChange, Order | None], Iterator[Action]]] = {
            WarningKind.STAGE_OVERDUE: self._stage_overdue,
            WarningKind.PREDICTED_LATE: self._predicted_late,
            WarningKind.PROMISE_BROKEN: self._promise_broken,
            WarningKind.ORDER_HELD: self._order_held,
            WarningKind.ORDER_SUSPECT: self._order_held,
            WarningKind.ORDER_SILENT: self._order_silent,
            WarningKind.SOURCE_SILENT: self._source_silent,
            WarningKind.CAPACITY_OVERLOAD: self._capacity_overload,
        }

    def react(self, outputs: Sequence[Output], now_s: int) -> list[Action]:
        """Return what to do about some changes of warnings, the loudest first."""
        actions: list[Action] = []
        raised = [output for output in outputs if output.change is Change.RAISED]
        for warning in sorted(raised, key=lambda one: -one.level):
            order = self._orders.get(warning.entity)
            answer = self._answer.get(warning.kind)
            if answer is not None:
                actions.extend(self._fresh(answer(warning, order)))
            if order is not None and warning.kind in _PILES:
                for resource in self._behind(warning, order, now_s // DAY_S):
                    actions.extend(self._help(resource, now_s))
        return actions

    def _behind(self, warning: WarningChange, order: Order, day: int) -> list[str]:
        """Return the resources a warning names in its reasons, else the one its order waits for next."""
        named = []
        for reason in warning.reasons:
            kind = _NEWS.get(reason.code)
            subject = next((str(fact.value) for fact in reason.facts if fact.name == "subject"), "")
            if kind is not None and subject:
                named.append(f"{kind}:{subject}")
                if reason.code in _BROKEN:
                    self._broken[named[-1]] = day
        return named or [self._places.waits_for(order)]

    def _fresh(self, actions: Iterator[Action]) -> Iterator[Action]:
        """Yield the actions that were not taken for their order before."""
        for action in actions:
            key = (action.name, action.order_ids[0] if action.order_ids else action.subject)
            if key not in self._done:
                self._done.add(key)
                yield action

    # --- one order ---------------------------------------------------------------------------------------

    def _stage_overdue(self, _warning: WarningChange, order: Order | None) -> Iterator[Action]:
        if order is not None and (order.is_urgent or order.tier is Tier.VIP):
            yield Action(ActionName.EXPEDITE, order_ids=(order.order_id,))

    def _predicted_late(self, _warning: WarningChange, order: Order | None) -> Iterator[Action]:
        if order is None:
            return
        ids = (order.order_id,)
        yield Action(ActionName.EXPEDITE, order_ids=ids)
        if order.stage < Stage.IN_TRANSIT and self._places.can_fly(order):
            yield Action(ActionName.SWITCH_MODE, order_ids=ids, target=Mode.AIR.value)
        if order.stage < Stage.ALLOCATED:
            yield Action(ActionName.SPLIT, order_ids=ids)
            yield Action(ActionName.SUBSTITUTE, order_ids=ids)
        yield Action(ActionName.NOTIFY_CUSTOMER, order_ids=ids)

    def _promise_broken(self, _warning: WarningChange, order: Order | None) -> Iterator[Action]:
        if order is None:
            return
        rules, ids = self._rules, (order.order_id,)
        most = rules.vip_coupon_max_cny if order.tier is Tier.VIP else rules.coupon_max_cny
        coupon = round(min(most, rules.coupon_share * (order.value or 0.0)), 2)
        yield Action(ActionName.EXPEDITE, order_ids=ids)
        yield Action(ActionName.REPROMISE, order_ids=ids, value=rules.repromise_days)
        yield Action(ActionName.NOTIFY_CUSTOMER, order_ids=ids)
        if coupon > 0:
            yield Action(ActionName.COMPENSATE, order_ids=ids, value=coupon)

    def _order_held(self, _warning: WarningChange, order: Order | None) -> Iterator[Action]:
        if order is not None:
            yield Action(ActionName.VERIFY_ADDRESS, order_ids=(order.order_id,))
            yield Action(ActionName.CORRECT_ORDER, order_ids=(order.order_id,))

    def _order_silent(self, _warning: WarningChange, order: Order | None) -> Iterator[Action]:
        if order is not None:
            yield Action(ActionName.ASK, order_ids=(order.order_id,))
            yield Action(ActionName.EXPEDITE, order_ids=(order.order_id,))

    # --- one resource ------------------------------------------------------------------------------------

    def _source_silent(self, warning: WarningChange, _order: Order | None) -> Iterator[Action]:
        yield Action(ActionName.FAILOVER_FEED, subject=warning.entity.removeprefix("source:"))

    def _capacity_overload(self, warning: WarningChange, _order: Order | None) -> Iterator[Action]:
        yield from self._relief(warning.entity)

    def _help(self, resource: str, now_s: int) -> Iterator[Action]:
        """Count an order behind its resource; once the pile is high enough, help the resource, once a day."""
        day = now_s // DAY_S
        self._pile[resource, day] += 1
        high = self._pile[resource, day] + self._pile[resource, day - 1] >= self._rules.pile
        if resource and high and self._helped.get(resource) != day:
            lasts = self._helped.get(resource) == day - 1
            self._helped[resource] = day
            yield from self._relief(resource, is_broken=self._broken.get(resource, -9) >= day - 1, lasts=lasts)

    def _relief(self, resource: str, *, is_broken: bool = False, lasts: bool = False) -> Iterator[Action]:
        """Yield the help for a resource: more of it, and a stand-in where it is broken or more did not help."""
        kind, _, name = resource.partition(":")
        rules = self._rules
        if kind == "supply" and self._places.is_line(name) and not is_broken:
            kind = "line"  # what we make ourselves is short: make more of it
        if kind in ("line", "pool"):
            others = self._places.alternates.get(name, ())
            if is_broken and others:
                yield Action(ActionName.SWITCH_LINE, subject=name, target=others[0], value=rules.switch_days)
            else:
                yield Action(ActionName.ADD_SHIFT, subject=name, value=rules.shift_hours)
        elif kind == "lane":
            yield from self._clear_lane(name, is_broken=is_broken, lasts=lasts)
        elif kind == "zone":
            yield Action(ActionName.REASSIGN_COURIER, subject=name, value=float(rules.couriers))
        elif kind == "supply":
            for item in self._places.bought_for(name):
                yield Action(ActionName.EXPEDITE_SUPPLY, subject=item)
            for supplier in self._places.backed_up(name) if is_broken or lasts else ():
                yield Action(ActionName.BACKUP_SUPPLIER, subject=supplier, value=rules.backup_days)

    def _clear_lane(self, lane: str, *, is_broken: bool, lasts: bool) -> Iterator[Action]:
        if is_broken and self._places.has_way_around(lane):
            yield Action(ActionName.REROUTE, subject=lane, value=self._rules.reroute_days)
        elif lasts:
            yield Action(ActionName.SWITCH_CARRIER, subject=self._places.carrier_of.get(lane, ""), value=1.0)
        else:
            yield Action(ActionName.ADD_VEHICLES, subject=lane, value=float(self._rules.vehicles))


_NEWS = {
    "condition.line-down": "line",
    "condition.line-down-open": "line",
    "condition.line-slow": "line",
    "condition.closure": "lane",
    "condition.closure-open": "lane",
    "condition.vehicle-late": "lane",
    "condition.couriers-short": "zone",
    "condition.supply-late": "supply",
}
"""Reasons of a prediction that name the resource to blame, and its kind."""
_BROKEN = frozenset(_NEWS) - {"condition.line-slow", "condition.vehicle-late", "condition.couriers-short"}
_PILES = frozenset({WarningKind.STAGE_OVERDUE, WarningKind.PREDICTED_LATE, WarningKind.PROMISE_BROKEN})


class _Places:
    """What planners know of the network by heart: who makes what, what lies on the way, what can stand in."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._hub_of = {house.name: house.hub for house in network.warehouses}
        self._zones = {zone.name: zone for zone in network.zones}
        self._house_of = {zone.name: zone.warehouses[0] for zone in network.zones}
        self._materials = {item.name: tuple(item.materials) for item in network.items}
        self.alternates = {line.name: line.alternates for line in network.lines}
        self.carrier_of = {lane.name: lane.carrier for lane in network.lanes}
        self._lines = frozenset(self.alternates)
        self._ways: dict[tuple[str, str, bool], tuple[str, ...] | None] = {}

    def is_line(self, name: str) -> bool:
        """Return whether goods come from a line of ours."""
        return name in self._lines

    def waits_for(self, order: Order) -> str:
        """Return the resource an order waits for next, as ``kind:name``; empty when nobody can tell."""
        if order.stage < Stage.VALIDATED:
            return ""
        house = self._house(order)
        if order.stage < Stage.ALLOCATED:
            return f"supply:{order.supplier}" if order.supplier else ""
        if order.stage < Stage.PRODUCED and self._is_made(order):
            return f"line:{order.line or order.supplier}"
        if order.stage < Stage.PACKED:
            return f"pool:{house}.{'pick' if order.stage < Stage.PICKED else 'pack'}" if house else ""
        if order.stage < Stage.IN_TRANSIT:
            way = self._way(order, is_air=False)
            return f"lane:{way[0]}" if way else f"zone:{order.area}"
        return f"zone:{order.area}" if order.area in self._zones else ""

    def can_fly(self, order: Order) -> bool:
        """Return whether an order's parcel is to take a lane and could take a plane."""
        return bool(self._way(order, is_air=False)) and bool(self._way(order, is_air=True))

    def has_way_around(self, lane: str) -> bool:
        """Return whether another way joins a lane's ends."""
        rule = next((one for one in self._network.lanes if one.name == lane), None)
        if rule is None or rule.mode is not Mode.ROAD:
            return False
        return route(self._network.lanes, rule.origin, rule.target, closed=frozenset({lane})) is not None

    def bought_for(self, supplier_or_line: str) -> tuple[str, ...]:
        """Return the items and materials that orders behind a supplier or line wait for."""
        found: dict[str, None] = {}
        for item in self._network.items:
            if item.line == supplier_or_line:
                found |= dict.fromkeys(self._materials[item.name])
            elif item.supplier == supplier_or_line:
                found[item.name] = None
        return tuple(found)

    def backed_up(self, supplier_or_line: str) -> tuple[str, ...]:
        """Return the suppliers behind it that have a backup."""
        wanted = set(self.bought_for(supplier_or_line))
        sellers = {one.supplier for one in self._network.materials if one.name in wanted} | {supplier_or_line}
        return tuple(one.name for one in self._network.suppliers if one.name in sellers and one.backup)

    def _is_made(self, order: Order) -> bool:
        return order.order_type == "make-to-order"

    def _house(self, order: Order) -> str:
        plant = self._network.plant
        if self._is_made(order) and plant is not None:
            return plant.warehouse
        return self._house_of.get(order.area, "")

    def _way(self, order: Order, *, is_air: bool) -> tuple[str, ...] | None:
        house, zone = self._house(order), self._zones.get(order.area)
        if not house or zone is None:
            return None
        key = (house, zone.name, is_air)
        if key not in self._ways:
            modes = frozenset(Mode) if is_air else frozenset({Mode.ROAD, Mode.RAIL})
            way = route(self._network.lanes, self._hub_of[house], zone.hub, modes)
            flies = way is not None and any(lane.mode is Mode.AIR for lane in self._network.lanes if lane.name in way)
            self._ways[key] = way if flies or not is_air else None
        return self._ways[key]
