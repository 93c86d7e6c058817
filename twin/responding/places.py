"""What planners know of the network by heart: who makes what, what lies on the way, what can stand in."""

from collections.abc import Iterator

from radar.instant import SECOND_US
from radar.orders import NEVER, Order
from radar.stages import OrderPhase, Stage
from scenarios.network import Network, route
from scenarios.network_transport import Lane, Mode

LINE, POOL, LANE, ZONE, SUPPLY, MATERIAL = "line:", "pool:", "lane:", "zone:", "supply:", "material:"
"""Kinds of resources; a resource reads ``kind:name``. Goods are owed by their supplier, materials to a line."""
PLANT = "plant"
"""Where materials lie."""
BACK_SHARE = 0.6
"""Of its driving time that a lane needs at least: a parcel seen so late has come over it."""


class Places:
    """One network, asked about single orders and resources."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._hub_of = {house.name: house.hub for house in network.warehouses}
        self._zones = {zone.name: zone for zone in network.zones}
        self._house_of = {zone.name: zone.warehouses[0] for zone in network.zones}
        self._materials = {item.name: tuple(item.materials) for item in network.items}
        self._lanes: dict[str, Lane] = {lane.name: lane for lane in network.lanes}
        self._unit_h = {item.name: (item.unit_time or 0) / _HOUR_US for item in network.items}
        self._bench_h = {
            f"{POOL}{house.name}.{bench}": crew.time / _HOUR_US / crew.servers
            for house in network.warehouses
            for bench, crew in (("pick", house.pick), ("pack", house.pack))
        }
        self.alternates = {line.name: line.alternates for line in network.lines}
        self.carrier_of = {lane.name: lane.carrier for lane in network.lanes}
        self._lines = frozenset(self.alternates)
        self._ways: dict[tuple[str, str, bool], tuple[str, ...] | None] = {}

    # --- an order ----------------------------------------------------------------------------------------

    def waits_for(self, order: Order) -> str:
        """Return the resource an order waits for next, as ``kind:name``; empty when nobody can tell."""
        if order.stage < Stage.VALIDATED or order.phase is OrderPhase.HELD:
            return ""  # the desk has it
        if order.stage < Stage.ALLOCATED:
            return f"{MATERIAL if is_made(order) else SUPPLY}{order.supplier}" if order.supplier else ""
        if order.stage < Stage.PRODUCED and is_made(order):
            return f"{LINE}{order.line or order.supplier}"
        if order.stage < Stage.PACKED:
            house = self.house(order)
            return f"{POOL}{house}.{'pick' if order.stage < Stage.PICKED else 'pack'}" if house else ""
        return self._next_on_way(order)

    def rides(self, order: Order) -> bool:
        """Return whether an order is on the road to what it waits for next, not there yet."""
        return order.stage is Stage.IN_TRANSIT and (order.arrived_at == NEVER or order.heard_at > order.arrived_at)

    def work_h(self, resource: str, order: Order) -> float:
        """Return the hours of a line or bench that an order takes there; 0 elsewhere."""
        if resource.startswith(LINE):
            return max(1, order.item_count) * self._unit_h.get(order.item, 0.0)
        return self._bench_h.get(resource, 0.0)

    def house(self, order: Order) -> str:
        """Return the warehouse an order leaves from."""
        plant = self._network.plant
        if is_made(order) and plant is not None:
            return plant.warehouse
        return order.warehouse if order.warehouse in self._hub_of else self._house_of.get(order.area, "")

    def can_fly(self, order: Order) -> bool:
        """Return whether an order's parcel is to take a lane and could take a plane."""
        return bool(self.way(order, is_air=False)) and bool(self.way(order, is_air=True))

    def way(self, order: Order, *, is_air: bool) -> tuple[str, ...] | None:
        """Return the lanes an order's parcel takes; None when there is no such way."""
        house, zone = self.house(order), self._zones.get(order.area)
        if not house or zone is None:
            return None
        key = (house, zone.name, is_air)
        if key not in self._ways:
            modes = frozenset(Mode) if is_air else frozenset({Mode.ROAD, Mode.RAIL})
            way = route(self._network.lanes, self._hub_of[house], zone.hub, modes)
            flies = way is not None and any(self._lanes[name].mode is Mode.AIR for name in way)
            self._ways[key] = way if flies or not is_air else None
        return self._ways[key]

    def _next_on_way(self, order: Order) -> str:
        if order.stage < Stage.OUT_FOR_DELIVERY:
            way = self.way(order, is_air=order.mode == Mode.AIR.value) or self.way(order, is_air=False) or ()
            legs = self._legs_done(order, way)
            if legs < len(way):
                return f"{LANE}{way[legs]}"
        return f"{ZONE}{order.area}" if order.area in self._zones else ""

    def _legs_done(self, order: Order, way: tuple[str, ...]) -> int:
        """Return how many lanes a parcel has behind it, or is on: a scan tells the site, the radar keeps its time."""
        if order.stage < Stage.IN_TRANSIT:
            return 0
        spent_us = (order.arrived_at or order.reached[Stage.IN_TRANSIT]) - order.reached[Stage.IN_TRANSIT]
        legs, least_us = 0, 0.0
        for name in way:
            least_us += BACK_SHARE * self._lanes[name].transit
            legs += spent_us >= least_us
            least_us += (1 - BACK_SHARE) * self._lanes[name].transit
        return min(len(way), legs + self.rides(order))

    # --- a resource --------------------------------------------------------------------------------------

    def named(self, kind: str, name: str) -> Iterator[str]:
        """Yield the resources that the radar's name for a place stands for."""
        if kind == "line" and name in self._lines:
            yield f"{LINE}{name}"
        elif kind == "warehouse" and name in self._hub_of:
            yield from (f"{POOL}{name}.pick", f"{POOL}{name}.pack")
        elif kind == "lane" and name in self._lanes:
            yield f"{LANE}{name}"
        elif kind == "area" and name in self._zones:
            yield f"{ZONE}{name}"
        elif kind in ("supply", "supplier"):
            yield from (f"{SUPPLY}{name}", f"{MATERIAL}{name}") if name in self._lines else (f"{SUPPLY}{name}",)

    def is_line(self, name: str) -> bool:
        """Return whether goods come from a line of ours."""
        return name in self._lines

    def has_way_around(self, lane: str) -> bool:
        """Return whether another way joins a lane's ends."""
        rule = self._lanes.get(lane)
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
        sold = (one.name for one in self._network.materials if one.supplier == supplier_or_line)
        return tuple(found | dict.fromkeys(sold))

    def is_bought(self, item: str, place: str) -> bool:
        """Return whether what lies on a shelf is bought: a material, or an item that no line of ours makes."""
        return place == PLANT or any(one.name == item and one.supplier for one in self._network.items)

    def backup_of(self, item: str) -> tuple[str, int] | None:
        """Return the supplier of an item or material that has a backup, and in how many seconds that delivers."""
        sellers = {one.name: one.supplier or "" for one in self._network.items}
        sellers |= {one.name: one.supplier for one in self._network.materials}
        seller = sellers.get(item, "")
        by_name = {one.name: one for one in self._network.suppliers}
        backup = by_name[seller].backup if seller in by_name else None
        return (seller, by_name[backup].lead_time // SECOND_US) if backup else None

    def backed_up(self, supplier_or_line: str) -> tuple[str, ...]:
        """Return the suppliers behind it that have a backup."""
        wanted = set(self.bought_for(supplier_or_line))
        sellers = {one.supplier for one in self._network.materials if one.name in wanted} | {supplier_or_line}
        return tuple(one.name for one in self._network.suppliers if one.name in sellers and one.backup)


def is_made(order: Order) -> bool:
    """Return whether an order's goods are made for it."""
    return order.order_type == "make-to-order"


_HOUR_US = 3_600_000_000
