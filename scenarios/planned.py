"""What the planners of a network know beforehand, as rules of its radar: what each place can do, and the sales ahead.

A radar that is switched on in a real house is told these by the people there; one that watches a network file can be
told what the file says. Rules that say something themselves are not overruled.
"""

from collections.abc import Iterator

import msgspec

from radar.rules import Rules
from scenarios.network import Network
from scenarios.network_parts import Crew, Hours
from scenarios.network_supply import Line, Origin
from scenarios.rules_world import peak_between
from scenarios.scalars import parse_weekdays

USABLE = 0.95
"""Share of the open hours that is worked (assumption)."""
_HOUR_US = 3_600_000_000


def planned(rules: Rules, network: Network) -> Rules:
    """Return rules that know a network's capacities and planned sales where they say nothing of them."""
    capacity = rules.capacity
    peaks = capacity.peaks or tuple(
        peak_between(peak.first, peak.last, peak.factor, network.zone) for peak in network.demand.peaks
    )
    given = {**dict(_capacities(network)), **capacity.given}
    return msgspec.structs.replace(rules, capacity=msgspec.structs.replace(capacity, peaks=peaks, given=given))


def _capacities(network: Network) -> Iterator[tuple[str, float]]:
    """Yield (place, orders a day) over a mean week; areas are left to their past, which knows what couriers make up."""
    for line in network.lines:
        yield f"line:{line.name}", USABLE * _open_h(network.calendars[line.calendar]) * _orders_an_hour(network, line)
    for house in network.warehouses:
        slower = min(_parcels_a_day(network, house.pick), _parcels_a_day(network, house.pack))
        yield f"warehouse:{house.name}", USABLE * slower
    for lane in network.lanes:
        days = len(parse_weekdays(lane.weekdays) or range(7)) / 7
        yield f"lane:{lane.name}", lane.capacity * len(lane.departures) * days


def _open_h(hours: Hours) -> float:
    """Return the open hours of a mean day."""
    return sum(closes - opens for day in hours.week() for opens, closes in day) / 7 / 3600


def _parcels_a_day(network: Network, crew: Crew) -> float:
    return _open_h(network.calendars[crew.calendar]) * crew.servers * _HOUR_US / crew.time


def _orders_an_hour(network: Network, line: Line) -> float:
    """Return the orders a line makes in an hour of those made to order; of all where it makes none of these."""
    items = [item for item in network.items if item.line == line.name and item.unit_time]
    made = [item for item in items if item.origin is Origin.MAKE] or items
    share = sum(item.share for item in made)
    mean_us = sum(item.share * item.quantity_mean * (item.unit_time or 0) for item in made) / share if share else 0.0
    return _HOUR_US / mean_us if mean_us else 0.0
