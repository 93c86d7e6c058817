"""When an order could be at its door: by the queues, the opening hours, the timetables and the usual driving times.

A planner's arithmetic, with no luck in it: it tells which remedy could still save a promise, not what will happen.
"""

from enum import IntEnum

from radar.orders import Order
from radar.stages import Stage
from scenarios.network import Network
from twin.context import DAY_S, seconds
from twin.pace import NEVER_S
from twin.responding.abilities import Abilities
from twin.responding.places import LINE, POOL, Places, is_made
from twin.responding.queues import Queues

SORT_S = 1800
"""A hub needs this for a truckload (assumption: a truck of 75 at 150 an hour)."""


class Help(IntEnum):
    """What is done for an order, cheapest first."""

    NONE = 0
    FIRST = 1
    """It stands before all others from now on."""
    AIR = 2
    """That, and it flies."""


class Timetable:
    """One network's hours, asked about single orders."""

    def __init__(self, network: Network, places: Places, abilities: Abilities) -> None:
        self._places = places
        self._abilities = abilities
        self._transit_s = {lane.name: seconds(lane.transit) for lane in network.lanes}
        self._round_s = {zone.name: zone.parcels_per_round * seconds(zone.stop_time) // 2 for zone in network.zones}

    def door_s(self, order: Order, queues: Queues, now_s: int, help_: Help = Help.NONE) -> int:
        """Return when an order would be delivered; ``NEVER_S`` where nobody can tell, or no such help is to be had."""
        if order.stage >= Stage.IN_TRANSIT:
            return self._delivered_s(order, now_s + SORT_S, queues, help_) if help_ is not Help.AIR else NEVER_S
        at_s = now_s
        for resource in self._benches_of(order):
            at_s = self._through_bench_s(order, resource, queues, at_s, help_)
        way = self._places.way(order, is_air=help_ is Help.AIR)
        if way is None or at_s >= NEVER_S:
            return NEVER_S
        for name in way:
            at_s = self._over_lane_s(name, queues, at_s, help_) + SORT_S
        return self._delivered_s(order, at_s, queues, help_)

    def _benches_of(self, order: Order) -> list[str]:
        """Return the lines and benches that are still before an order."""
        found = []
        if is_made(order) and order.stage < Stage.PRODUCED:
            found.append(f"{LINE}{order.line or order.supplier}")
        house = self._places.house(order)
        found += [f"{POOL}{house}.pick"] * (order.stage < Stage.PICKED)
        found += [f"{POOL}{house}.pack"] * (order.stage < Stage.PACKED)
        return found

    def _through_bench_s(self, order: Order, resource: str, queues: Queues, at_s: int, help_: Help) -> int:
        bench = self._abilities.benches.get(resource)
        if bench is None or at_s >= NEVER_S:
            return NEVER_S
        hours = self._places.work_h(resource, order)
        if help_ is Help.NONE:
            hours += queues.of(resource).hours
        return bench.pace.finish(at_s, round(hours * 3600))

    def _over_lane_s(self, name: str, queues: Queues, at_s: int, help_: Help) -> int:
        lane = self._abilities.carriers[f"lane:{name}"]
        waiting = queues.of(lane.resource).waiting if help_ is Help.NONE else 0
        departs_s = lane.clock.after(at_s + lane.cut_off_s - 1)
        for _full in range(int(waiting / lane.places)):
            departs_s = lane.clock.after(departs_s)
        return departs_s + self._transit_s[name]

    def _delivered_s(self, order: Order, at_s: int, queues: Queues, help_: Help) -> int:
        zone = self._abilities.carriers.get(f"zone:{order.area}")
        if zone is None:
            return NEVER_S
        leaves_s = zone.clock.after(at_s - 1)
        waiting = queues.of(zone.resource).waiting if help_ is Help.NONE else 0
        for _full in range(min(DAY_S, int(waiting / zone.places))):
            leaves_s = zone.clock.after(leaves_s)
        return leaves_s + self._round_s[zone.name]
