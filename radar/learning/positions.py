"""Where open orders stand at one moment: station, time there, and the places still ahead of them.

A *station* is the stage an order has reached, with refinements that streams rich in events tell: a parcel that came to
the site its area's couriers leave from, one at a site on its way, one on its way from there; an order held for a
person; and one whose visit failed, by why: it waits for its next round. A *place* is what an order has to pass to reach
a milestone: the line that makes it, the benches of its warehouse, the way to its area, the area's couriers.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radar.events.common import ReasonCode, Tier
from radar.instant import DAY_US, Instant
from radar.learning.local_days import Floats, Ints
from radar.orders import NEVER, Order
from radar.stages import STAGE_COUNT, OrderPhase, Stage

DOORS = (Stage.PRODUCED, Stage.PICKED, Stage.PACKED, Stage.HANDED_OVER, Stage.OUT_FOR_DELIVERY)
"""Milestones before which orders queue at a place."""
DOOR_NUMBER = {door: number for number, door in enumerate(DOORS)}
_WAY = DOOR_NUMBER[Stage.HANDED_OVER]
FINE = frozenset({Stage.ALLOCATED, *DOORS, Stage.IN_TRANSIT} - {Stage.HANDED_OVER})
"""Milestones that a marketplace does not tell."""
ARRIVED, HELD, MIDWAY, ONWARD, NOBODY, ADDRESS, REFUSED = range(STAGE_COUNT, STAGE_COUNT + 7)
STATIONS = STAGE_COUNT + 7
FAILED = {ReasonCode.RECIPIENT_ABSENT.value: NOBODY, ReasonCode.ADDRESS.value: ADDRESS}
"""Stations of orders whose last visit failed, by its reason; ``REFUSED`` for any other."""
SINCE_H = (3.0, 6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 72.0)
"""Edges of the classes of hours spent at a station."""
SINCE_CLASSES = len(SINCE_H) + 1
STEPS = 8
"""Parts of a day that are told apart."""
PART_US = DAY_US // STEPS
STRIDE = 2
"""Parts of the day from one step to the next; the first step of a day comes after one part of it. Source:
docs/prediction.md."""
PHASES = 2
"""An order is taken as a lesson every so many steps, at a phase of its own: all of them teach alike."""
STEPS_A_WEEK = 7 * STEPS
TYPES_MAX, AREAS_MAX, WAYS_MAX, PLACES_MAX, SITES_MAX = 8, 64, 256, 1024, 1024
"""Order types, areas and ways with figures of their own, the last area standing for all further ones; places of a door;
sites of scans."""

_EDGES = np.array(SINCE_H)
Objects = NDArray[np.object_]
Told = tuple[str, str, str, str, str, bool]


# A look-up less each on the hot path.
_FIRST, _SECOND, _ON_HOLD, _ON_ITS_WAY = Tier.VIP, Tier.PREFERRED, OrderPhase.HELD, Stage.IN_TRANSIT


class Names:
    """Numbers of names, in the order they were first heard."""

    __slots__ = ("_limit", "numbers")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return the number of a name, -1 for one too many."""
        found = self.numbers.get(name)
        if found is None:
            if len(self.numbers) >= self._limit:
                return -1
            found = self.numbers[name] = len(self.numbers)
        return found


class Lines(NamedTuple):
    """Orders by what they stand in line for, those newest at their station first."""

    orders: Ints
    ranks: Ints
    """Place of each among those longest at their station."""
    groups: Ints
    """Number of what each stands in line for."""


@dataclass(slots=True)
class Positions:
    """Columns of open orders, one row each."""

    order_ids: Objects
    slots: Ints
    """Rows of what is kept by order."""
    phases: Ints
    """Which of so many steps takes it as a lesson."""
    types: Ints
    stages: Ints
    stations: Ints
    since_h: Floats
    """Hours at the station."""
    since: Ints
    """Class of those hours."""
    areas: Ints
    left_h: Floats
    """Hours until the promise."""
    places: Ints
    """(doors, orders): number of the place before each door, -1 for none."""
    ranks: Floats
    """(orders, 3): of the first tier, of the second, urgent: such are served before others."""
    longest_first: Ints
    """The orders, those longest at their station first."""
    _lines: Lines | None = field(default=None, init=False, repr=False)

    @property
    def ways(self) -> Ints:
        """Return the number of each order's way, from 1 on; 0 where none is followed."""
        return ways_of(self.places)

    @property
    def lines(self) -> Lines:
        """Return who stands in line with whom: those at one station on one way."""
        if self._lines is None:
            groups = ((self.places[_WAY] + 1) * STATIONS + self.stations)[self.longest_first]
            grouped = np.argsort(groups.astype(np.uint16), kind="stable")[::-1]
            self._lines = Lines(self.longest_first[grouped], grouped, groups[grouped])
        return self._lines


def ways_of(places: Ints) -> Ints:
    """Return numbers of ways, from 1 on, by those of the places before each door; 0 where none is followed."""
    ways = places[_WAY]
    return np.where(ways < WAYS_MAX, ways + 1, 0)


def way_of(place: int) -> int:
    """Return the number of a way, from 1 on, by that of its place; 0 where none is followed."""
    return place + 1 if place < WAYS_MAX else 0


def place_of(order: Order, door: int) -> str:
    """Return the place an order passes before a door, by number; "" where nothing says."""
    if door == 0:
        return order.line or order.supplier
    # Goods with a line come from the plant: until they are picked, the warehouse told is that of their materials.
    is_made = bool(order.line and order.origin) and order.stage < Stage.PICKED
    house = order.origin if is_made else order.warehouse or order.origin
    if door < 3:
        return house
    if door == 3:
        return f"{house}>{order.area}" if house and order.area else house or order.area
    return order.area


def told_of(order: Order) -> Told:
    """Return all that ``place_of`` reads of an order: orders told alike pass the same places."""
    return order.line, order.supplier, order.origin, order.warehouse, order.area, order.stage < Stage.PICKED


def station_of(order: Order, last_sites: Mapping[str, str]) -> tuple[int, Instant]:
    """Return where an order stands, and since when.

    Args:
        order: The order.
        last_sites: By area, the site its couriers leave from.
    """
    stage = order.stage
    if order.phase is _ON_HOLD:
        return HELD, order.reached[stage] or order.heard_at
    if stage is _ON_ITS_WAY and order.arrived_at != NEVER:
        if order.sent_at > order.arrived_at:
            return ONWARD, order.sent_at
        return (ARRIVED if last_sites.get(order.area) == order.site else MIDWAY), order.arrived_at
    if stage is Stage.OUT_FOR_DELIVERY and order.out_at != NEVER:
        return (failed_station(order), order.failed_at) if order.awaits_visit else (stage, order.out_at)
    return stage, order.reached[stage] or order.heard_at


def failed_station(order: Order) -> int:
    """Return where an order stands whose last visit failed."""
    return FAILED.get(order.failed_reason, REFUSED)


def since_class(hours: float) -> int:
    """Return the class of hours spent at a station."""
    return bisect_right(SINCE_H, hours)


def since_classes(hours: Floats) -> Ints:
    """Return the classes of many."""
    return np.searchsorted(_EDGES, hours, side="right")


def rank_of(order: Order) -> tuple[bool, bool, bool]:
    """Return whether an order is of the first tier, of the second, urgent: such are served before others."""
    return order.tier is _FIRST, order.tier is _SECOND, order.is_urgent
