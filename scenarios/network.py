"""A network file: one supply chain from suppliers to doors, with every number the twin needs (R40).

Names point from part to part; a name that leads nowhere is refused with the names that exist. Durations are
microseconds once read.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field, model_validator

from radar.actions import ActionName
from scenarios.loader import Declared, load
from scenarios.network_customers import Customers, Demand, Desk, Promise, System, Weather
from scenarios.network_parts import Count, Hours
from scenarios.network_supply import Item, Line, Material, Origin, Plant, RemedyRule, Supplier, Warehouse
from scenarios.network_transport import Hub, Lane, Mode, Zone
from scenarios.scalars import Day, Named, Whole, refused, shown
from scenarios.scalars import Zone as TimeZone
from scenarios.yaml_text import ScenarioError

NETWORKS = Path(__file__).parent / "networks"
SYSTEMS = ("shop", "oms", "wms", "mes", "carrier", "crm", "procurement", "weather")
"""The source systems of the twin's events; a network gives each its habits."""


class Network(Declared):
    """One supply chain."""

    version: Whole
    name: Named
    zone: TimeZone
    start: Day
    """First day of the scenario; second 0 is its local midnight."""
    days: Count
    """Days simulated unless the command says otherwise."""
    warm_up_days: Whole = 0
    """Days before the figures count."""
    calendars: dict[Named, Hours]
    demand: Demand
    promise: Promise
    customers: Customers
    desk: Desk
    items: tuple[Item, ...]
    materials: tuple[Material, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    plant: Plant | None = None
    lines: tuple[Line, ...] = ()
    warehouses: tuple[Warehouse, ...]
    hubs: tuple[Hub, ...]
    lanes: tuple[Lane, ...] = ()
    zones: tuple[Zone, ...]
    systems: dict[Named, System] = Field(default_factory=dict)
    weather: Weather = Weather()
    remedies: dict[ActionName, RemedyRule] = Field(default_factory=dict)
    """Prices and lead times of the actions; one that is not listed is free, at once and without limit."""

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> "Network":
        self._names_are_unique()
        for where, wanted, known in self._references():
            if wanted not in known:
                close = get_close_matches(wanted, known, n=1, cutoff=0.6)
                hint = f", did you mean {close[0]}?" if close else ""
                raise refused(
                    f"{where}: {shown(wanted)} is not there{hint}", "allowed: " + (", ".join(sorted(known)) or "none")
                )
        self._items_can_be_had()
        self._routes_exist()
        return self

    def _references(self) -> Iterable[tuple[str, str, set[str]]]:
        """Yield every (place, name, allowed names)."""
        known = {kind: {part.name for part in getattr(self, kind)} for kind in _NAMED}
        calendars = set(self.calendars)
        yield from self._item_references(known)
        for supplier in self.suppliers:
            if supplier.backup:
                yield f"suppliers.{supplier.name}.backup", supplier.backup, known["suppliers"]
        for line in self.lines:
            yield f"lines.{line.name}.calendar", line.calendar, calendars
            yield from ((f"lines.{line.name}.alternates", name, known["lines"]) for name in line.alternates)
        for house in self.warehouses:
            yield f"warehouses.{house.name}.hub", house.hub, known["hubs"]
            yield f"warehouses.{house.name}.pick.calendar", house.pick.calendar, calendars
            yield f"warehouses.{house.name}.pack.calendar", house.pack.calendar, calendars
        yield from ((f"hubs.{hub.name}.calendar", hub.calendar, calendars) for hub in self.hubs)
        for lane in self.lanes:
            yield f"lanes.{lane.name}.from", lane.origin, known["hubs"]
            yield f"lanes.{lane.name}.to", lane.target, known["hubs"]
        for zone in self.zones:
            yield f"zones.{zone.name}.hub", zone.hub, known["hubs"]
            yield from ((f"zones.{zone.name}.warehouses", name, known["warehouses"]) for name in zone.warehouses)
        if self.desk.people:
            yield "desk.people.calendar", self.desk.people.calendar, calendars
        if self.plant:
            yield "plant.warehouse", self.plant.warehouse, known["warehouses"]
        yield from (("systems", name, set(SYSTEMS)) for name in self.systems)

    def _item_references(self, known: dict[str, set[str]]) -> Iterable[tuple[str, str, set[str]]]:
        for item in self.items:
            place = f"items.{item.name}"
            for field, kind in (("line", "lines"), ("supplier", "suppliers"), ("substitute", "items")):
                if name := getattr(item, field):
                    yield f"{place}.{field}", name, known[kind]
            yield from ((f"{place}.materials", name, known["materials"]) for name in item.materials)
        yield from ((f"materials.{m.name}.supplier", m.supplier, known["suppliers"]) for m in self.materials)

    def _names_are_unique(self) -> None:
        for kind in _NAMED:
            names = [part.name for part in getattr(self, kind)]
            for name in names:
                if names.count(name) > 1:
                    raise refused(f"{kind}: {shown(name)} stands twice", "allowed: each name once")

    def _items_can_be_had(self) -> None:
        for item in self.items:
            if item.line and (item.unit_time is None or self.plant is None):
                raise refused(f"items.{item.name}: a line but no unit_time or no plant", "allowed: both with a line")
            if item.origin is Origin.MAKE and item.line is None:
                raise refused(f"items.{item.name}: made to order without a line", "allowed: one of lines")
            if item.origin is Origin.STOCK and item.stock and not (item.line or item.supplier):
                raise refused(f"items.{item.name}: nobody makes or sells it", "allowed: a line or a supplier")

    def _routes_exist(self) -> None:
        hub_of = {house.name: house.hub for house in self.warehouses}
        for zone in self.zones:
            names = {*zone.warehouses, *([self.plant.warehouse] if self.plant else [])}
            for name in sorted(names):
                if route(self.lanes, hub_of[name], zone.hub) is None:
                    raise refused(
                        f"zones.{zone.name}: no lanes lead from {hub_of[name]} to {zone.hub}", "allowed: connected hubs"
                    )


_NAMED = ("items", "materials", "suppliers", "lines", "warehouses", "hubs", "lanes", "zones")


def route(
    lanes: Iterable[Lane],
    origin: str,
    target: str,
    modes: frozenset[Mode] = frozenset({Mode.ROAD, Mode.RAIL}),
    closed: frozenset[str] = frozenset(),
) -> tuple[str, ...] | None:
    """Return the lanes of the quickest way between two hubs, () for the same hub, None when there is none.

    A departure more costs half a day: fewer changes win unless they are much slower.
    """
    half_day_us = 43_200_000_000
    best: dict[str, tuple[int, tuple[str, ...]]] = {origin: (0, ())}
    usable = [lane for lane in lanes if lane.mode in modes and lane.name not in closed]
    for _ in range(len(usable) + 1):
        for lane in usable:
            if lane.origin in best:
                time_us, way = best[lane.origin]
                total = time_us + lane.transit + half_day_us
                if lane.target not in best or total < best[lane.target][0]:
                    best[lane.target] = (total, (*way, lane.name))
    return best[target][1] if target in best else None


def network_path(name: str) -> Path:
    """Return the file of a packaged network, or the path itself where one is given.

    Raises:
        ScenarioError: There is neither.
    """
    packaged = NETWORKS / f"{name}.yaml"
    if packaged.parent == NETWORKS and packaged.is_file():
        return packaged
    path = Path(name)
    if path.is_file():
        return path
    known = ", ".join(sorted(file.stem for file in NETWORKS.glob("*.yaml")))
    raise ScenarioError(str(ScenarioError.at(name, "", "no such network", f"allowed: a YAML file, or one of {known}")))


def load_network(name: str) -> Network:
    """Return a packaged network by name, or a network file by path.

    Raises:
        ScenarioError: It is not there, or something in it is wrong.
    """
    return load(network_path(name), Network)
