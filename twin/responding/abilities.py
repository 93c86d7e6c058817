"""What each resource can do in a day and what a usual day asks of it: planners' knowledge, from the network file."""

from collections.abc import Iterator, Mapping

import msgspec

from scenarios.network import Network, route
from scenarios.network_supply import Item, Origin
from scenarios.scalars import parse_weekdays
from twin.context import DAY_S, Clock, calendars_of, seconds
from twin.pace import NORMAL, Pace
from twin.responding.places import LANE, LINE, POOL, ZONE
from twin.shifts import lengthened

HOUR_US = 3_600_000_000
SPARE_DAYS = 400
"""Calendars are laid out this far beyond the network's own days."""


class Bench:
    """A line or a bench: open by a calendar, which extra shifts lengthen."""

    __slots__ = ("name", "pace", "rate", "resource", "usual_h")

    def __init__(self, resource: str, pace: Pace, usual_h: float, rate: float) -> None:
        self.resource = resource
        self.name = resource.partition(":")[2]
        self.pace = pace
        self.usual_h = usual_h
        """Work of a mean day, in hours of the whole bench."""
        self.rate = rate
        """Orders in an hour."""

    def open_h(self, from_s: int, to_s: int) -> float:
        """Return the hours it is open between two instants, with the shifts ordered so far."""
        return (self.pace.done_at(to_s) - self.pace.done_at(from_s)) / NORMAL / 3600

    def lengthen(self, from_s: int, hours: float) -> None:
        """Take note of a shift."""
        self.pace = lengthened(self.pace, from_s, round(hours * 3600))


class Carrier(msgspec.Struct, frozen=True):
    """A lane or a zone's couriers: so many parcels at a time, by a timetable."""

    resource: str
    name: str
    clock: Clock
    cut_off_s: int
    places: float
    """Parcels that go each time."""
    more: int
    """Parcels that one more truck, or one more courier, takes each time."""
    usual: float
    """Parcels of a mean day."""

    def left_behind(self, waiting: float, a_day: float, now_s: int, added: Mapping[int, float]) -> float:
        """Return the parcels that the last departure within a day leaves behind.

        Args:
            waiting: Parcels that wait now.
            a_day: Parcels that come in a day, evenly.
            now_s: Now.
            added: Scenario day -> places added to each of its departures.
        """
        at_s, load, left = now_s, waiting, 0.0
        while True:
            departs_s = self.clock.after(at_s + self.cut_off_s)
            cut_off_s = departs_s - self.cut_off_s
            if cut_off_s > now_s + DAY_S:
                return left
            load += a_day * (cut_off_s - at_s) / DAY_S
            load = left = max(0.0, load - self.places - added.get(departs_s // DAY_S, 0.0))
            at_s = cut_off_s


class Abilities:
    """Every resource that can be given more of itself, by ``kind:name``."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.benches: dict[str, Bench] = {}
        self.carriers: dict[str, Carrier] = {}
        calendars = calendars_of(network, network.days + SPARE_DAYS)
        self._daily = _Daily(network)
        for line in network.lines:
            usual_h, jobs = self._daily.on_line(line.name)
            rate = jobs / usual_h if usual_h else 0.0
            self._add(Bench(f"{LINE}{line.name}", calendars[line.calendar], usual_h, rate))
        for house in network.warehouses:
            for name, crew in (("pick", house.pick), ("pack", house.pack)):
                rate = crew.servers * HOUR_US / crew.time
                usual_h = self._daily.parcels_of(house.name) / rate
                self._add(Bench(f"{POOL}{house.name}.{name}", calendars[crew.calendar], usual_h, rate))
        self._add_carriers()

    def factor(self, from_s: int, to_s: int) -> float:
        """Return the demand between two instants over that of as much mean time."""
        first, last = from_s // DAY_S, (to_s - 1) // DAY_S
        spans = (min(to_s, (day + 1) * DAY_S) - max(from_s, day * DAY_S) for day in range(first, last + 1))
        days = range(first, last + 1)
        return sum(span * self._of_day(day) for span, day in zip(spans, days, strict=True)) / (to_s - from_s)

    def _of_day(self, day: int) -> float:
        """Return a day's demand over the mean day's: its weekday, and the sales that are planned."""
        demand = self._network.demand
        factor = demand.by_weekday[(self._network.start.weekday() + day) % 7] * 7 / sum(demand.by_weekday)
        for peak in demand.peaks:
            if (peak.first - self._network.start).days <= day <= (peak.last - self._network.start).days:
                factor *= peak.factor
        return factor

    def _add(self, bench: Bench) -> None:
        self.benches[bench.resource] = bench

    def _add_carriers(self) -> None:
        usual, first = self._daily.on_lanes(), self._network.start.weekday()
        for lane in self._network.lanes:
            clock = Clock(lane.departures, parse_weekdays(lane.weekdays) or list(range(7)), first)
            self._carry(
                Carrier(
                    resource=f"{LANE}{lane.name}",
                    name=lane.name,
                    clock=clock,
                    cut_off_s=seconds(lane.cut_off),
                    places=float(lane.capacity),
                    more=lane.capacity,
                    usual=usual.get(lane.name, 0.0),
                )
            )
        for zone in self._network.zones:
            clock = Clock(zone.rounds, parse_weekdays(zone.weekdays) or list(range(7)), first)
            self._carry(
                Carrier(
                    resource=f"{ZONE}{zone.name}",
                    name=zone.name,
                    clock=clock,
                    cut_off_s=0,
                    places=float(zone.couriers * zone.parcels_per_round),
                    more=zone.parcels_per_round,
                    usual=self._daily.in_zone(zone.name),
                )
            )

    def _carry(self, carrier: Carrier) -> None:
        self.carriers[carrier.resource] = carrier


class _Daily:
    """Orders of a mean day, by what they pass."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._items = sum(item.share for item in network.items)
        self._zones = sum(zone.share for zone in network.zones)
        self._made = sum(item.share for item in network.items if item.origin is Origin.MAKE) / self._items

    def on_line(self, line: str) -> tuple[float, float]:
        """Return the hours a mean day asks of a line, and the orders it makes."""
        hours = orders = 0.0
        for item in self._network.items:
            if item.line == line and item.unit_time:
                count = self._of_item(item)
                orders += count
                hours += count * item.quantity_mean * item.unit_time / HOUR_US
        return hours, orders

    def in_zone(self, name: str) -> float:
        """Return the parcels of a zone."""
        share = next(zone.share for zone in self._network.zones if zone.name == name)
        return self._network.demand.orders_per_day * share / self._zones

    def parcels_of(self, house: str) -> float:
        """Return the parcels a warehouse sends."""
        return sum(count for name, _zone, count in self._flows() if name == house)

    def on_lanes(self) -> dict[str, float]:
        """Return the parcels on each lane of the usual ways."""
        hub_of = {house.name: house.hub for house in self._network.warehouses}
        zones = {zone.name: zone for zone in self._network.zones}
        found: dict[str, float] = {}
        for house, zone, count in self._flows():
            for lane in route(self._network.lanes, hub_of[house], zones[zone].hub) or ():
                found[lane] = found.get(lane, 0.0) + count
        return found

    def _flows(self) -> Iterator[tuple[str, str, float]]:
        """Yield (warehouse, zone, parcels a day)."""
        plant = self._network.plant
        for zone in self._network.zones:
            parcels = self.in_zone(zone.name)
            made = self._made if plant is not None else 0.0
            yield zone.warehouses[0], zone.name, parcels * (1 - made)
            if plant is not None and made:
                yield plant.warehouse, zone.name, parcels * made

    def _of_item(self, item: Item) -> float:
        return self._network.demand.orders_per_day * item.share / self._items
