"""Selectors: which parts of a network a disruption hits.

A selector is a name, a pattern with ``*`` and ``?``, ``busiest`` (the part most orders hang on), ``farthest`` (the
supplier or lane that takes longest), or a group such as ``to/SOUTH``. A scenario that uses patterns and groups fits
networks its writer never saw.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from scenarios.disruptions import Kind
from scenarios.network import SYSTEMS, Network, route
from scenarios.network_transport import Zone

BUSIEST, FARTHEST = "busiest", "farthest"
GROUPS: dict[Kind, tuple[str, ...]] = {
    Kind.LANE: ("to", "from", "at", "mode", "carrier"),
    Kind.ZONE: ("hub",),
    Kind.DEMAND: ("item", "area"),
}
"""Kinds whose parts can be named by a group, ``group/pattern``."""


class SelectorError(ValueError):
    """A selector matches nothing; the message says what there is."""

    def __init__(self, problem: str, allowed: str) -> None:
        super().__init__(f"{problem}, {allowed}")
        self.problem = problem
        self.allowed = allowed


def resolve(network: Network, kind: Kind, selectors: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the parts that the selectors match, each once, in the network's order.

    Raises:
        SelectorError: One of them matches nothing.
    """
    names = parts_of(network, kind)
    found: set[str] = set()
    for selector in selectors:
        matched = _matched(network, kind, selector, names)
        if not matched:
            raise _nothing(network, kind, selector, names)
        found.update(matched)
    return tuple(name for name in names if name in found)


def parts_of(network: Network, kind: Kind) -> tuple[str, ...]:
    """Return the names of everything of a kind, in the network's order."""
    match kind:
        case Kind.LINE:
            return tuple(line.name for line in network.lines)
        case Kind.LANE:
            return tuple(lane.name for lane in network.lanes)
        case Kind.ZONE:
            return tuple(zone.name for zone in network.zones)
        case Kind.SUPPLIER:
            return tuple(supplier.name for supplier in network.suppliers)
        case Kind.SITE:
            return (*(house.name for house in network.warehouses), *(hub.name for hub in network.hubs))
        case Kind.POOL:
            return tuple(pools_of(network))
        case Kind.INFORMATION:
            return SYSTEMS
        case Kind.DEMAND:
            items = (f"item/{item.name}" for item in network.items)
            return ("*", *items, *(f"area/{zone.name}" for zone in network.zones))
        case Kind.SIGNAL:
            return ()


def pools_of(network: Network, site: str | None = None) -> list[str]:
    """Return the pools of a network, or of one warehouse or hub."""
    houses = [house.name for house in network.warehouses if site in (None, house.name)]
    hubs = [hub.name for hub in network.hubs if site in (None, hub.name)]
    desk = ["desk"] if site is None and network.desk.people is not None else []
    return [
        *(f"{name}.{bench}" for name in houses for bench in ("pick", "pack")),
        *(f"{hub}.sort" for hub in hubs),
        *desk,
    ]


def _matched(network: Network, kind: Kind, selector: str, names: Sequence[str]) -> set[str]:
    if selector in names:
        return {selector}
    if selector == BUSIEST:
        return _busiest(network, kind)
    if selector == FARTHEST:
        return _farthest(network, kind)
    group, slash, pattern = selector.partition("/")
    if slash and kind is Kind.LANE:
        return _lanes(network, group, pattern)
    if slash and kind is Kind.ZONE and group == "hub":
        return {zone.name for zone in network.zones if fnmatchcase(zone.hub, pattern)}
    if kind is Kind.ZONE and selector == "remote":
        return {zone.name for zone in network.zones if zone.is_remote}
    if kind is Kind.DEMAND and not slash:
        return set()  # a bare pattern would count an order once for its item and once for its area
    return {name for name in names if fnmatchcase(name, selector)}


def _lanes(network: Network, group: str, pattern: str) -> set[str]:
    """Return the lanes of a group; ``to/``, ``from/`` and ``at/`` take zones as well as hubs."""
    zones = (
        _busiest(network, Kind.ZONE)
        if pattern == BUSIEST
        else {z.name for z in network.zones if fnmatchcase(z.name, pattern)}
    )
    hubs = {hub.name for hub in network.hubs if fnmatchcase(hub.name, pattern)}
    hubs |= {zone.hub for zone in network.zones if zone.name in zones}
    match group:
        case "to":
            return {lane.name for lane in network.lanes if lane.target in hubs}
        case "from":
            return {lane.name for lane in network.lanes if lane.origin in hubs}
        case "at":
            return {lane.name for lane in network.lanes if lane.target in hubs or lane.origin in hubs}
        case "mode":
            return {lane.name for lane in network.lanes if fnmatchcase(lane.mode.value, pattern)}
        case "carrier":
            return {lane.name for lane in network.lanes if fnmatchcase(lane.carrier, pattern)}
        case _:
            return set()


def _busiest(network: Network, kind: Kind) -> set[str]:
    """Return the part most orders hang on; of equals the first in the network."""
    load = _load(network, kind)
    return {max(load, key=lambda name: load[name])} if load else set()


def _load(network: Network, kind: Kind) -> Counter[str]:
    """Return how much hangs on each part, in a measure of its kind; empty where there is none."""
    match kind:
        case Kind.LINE:
            return _line_load(network)
        case Kind.SUPPLIER:
            return _supplier_load(network)
        case Kind.LANE:
            return _lane_load(network)
        case Kind.SITE:
            return _zone_load(network, lambda zone: zone.warehouses[0])
        case Kind.ZONE:
            return _zone_load(network, lambda zone: zone.name)
        case _:
            return Counter()


def _zone_load(network: Network, name_of: Callable[[Zone], str]) -> Counter[str]:
    load: Counter[str] = Counter()
    for zone in network.zones:
        load[name_of(zone)] += round(zone.share * 1000)
    return load


def _lane_load(network: Network) -> Counter[str]:
    load: Counter[str] = Counter()
    hub_of = {house.name: house.hub for house in network.warehouses}
    for zone in network.zones:
        for lane in route(network.lanes, hub_of[zone.warehouses[0]], zone.hub) or ():
            load[lane] += round(zone.share * 1000)
    return load


def _line_load(network: Network) -> Counter[str]:
    load: Counter[str] = Counter()
    for item in network.items:
        if item.line is not None:
            load[item.line] += round(item.share * item.quantity_mean * (item.unit_time or 0))
    return load


def _supplier_load(network: Network) -> Counter[str]:
    """Return how many orders hang on each supplier, by the items or materials it sells."""
    load: Counter[str] = Counter()
    supplier_of = {material.name: material.supplier for material in network.materials}
    for item in network.items:
        sellers = {supplier_of[material] for material in item.materials}
        if item.supplier is not None and item.line is None:
            sellers.add(item.supplier)
        for supplier in sellers:
            load[supplier] += round(item.share * 1000)
    return load


def _farthest(network: Network, kind: Kind) -> set[str]:
    """Return the supplier or lane that takes longest; of equals the first in the network."""
    if kind is Kind.SUPPLIER:
        times = {supplier.name: supplier.lead_time for supplier in network.suppliers}
    elif kind is Kind.LANE:
        times = {lane.name: lane.transit for lane in network.lanes}
    else:
        return set()
    return {max(times, key=lambda name: times[name])} if times else set()


def _nothing(network: Network, kind: Kind, selector: str, names: Sequence[str]) -> SelectorError:
    near = get_close_matches(selector, names, n=1, cutoff=0.6)
    hint = f", did you mean {near[0]}?" if near else ""
    groups = [f"{group}/..." for group in GROUPS.get(kind, ())]
    special = [BUSIEST] if _load(network, kind) else []
    special += [FARTHEST] if _farthest(network, kind) else []
    shown = list(names[:20]) + (["..."] if len(names) > 20 else [])
    allowed = ", ".join([*shown, *special, *groups]) or "none: the network has no such part"
    return SelectorError(f"{selector!r} matches no {kind.value}{hint}", f"allowed: {allowed}")
