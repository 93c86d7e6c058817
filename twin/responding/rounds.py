"""The rounds: every few hours each watched resource gets what its queue needs, and no more.

A resource is watched from the warning that names it until its queue has been short for a while. What it needs is what
waits there, by the radar's own orders, and what a usual day brings, less what it can do until the next day; the
difference is bought in hours, trucks or couriers. Where the day's limit is too small for all, the hours go where they
move most orders.
"""

from collections.abc import Iterator
from math import ceil

from radar.actions import Action, ActionName
from twin.context import DAY_S
from twin.responding.abilities import Abilities, Bench, Carrier
from twin.responding.figures import ResponseRules
from twin.responding.limits import Limits
from twin.responding.places import LANE, LINE
from twin.responding.queues import Queue, Queues

STOP_S = 6 * 3600
"""How long it is believed that a line is down after a warning last said so."""


class Rounds:
    """Looks after the watched resources."""

    def __init__(self, abilities: Abilities, limits: Limits, rules: ResponseRules) -> None:
        self._limits = limits
        self._rules = rules
        self._abilities = abilities
        self._quiet: dict[str, int] = {}
        """Watched resource -> rounds on which it needed nothing."""
        self._stopped: dict[str, int] = {}
        """Resource -> when a warning last called it down: hours would be paid for standing still."""
        self._ordered: dict[str, list[tuple[int, int]]] = {}
        """Lane or zone -> (until, places) of what was added to it."""

    def watch(self, resource: str) -> bool:
        """Look after a resource from now on; return whether it can be given more of itself."""
        if resource not in self._abilities.benches and resource not in self._abilities.carriers:
            return False
        self._quiet[resource] = 0
        return True

    def stands_still(self, resource: str, now_s: int) -> None:
        """Take note that a resource is down; nothing is bought for it while warnings go on saying so."""
        self._stopped[resource] = now_s

    @property
    def watched(self) -> frozenset[str]:
        """Return the resources looked after."""
        return frozenset(self._quiet)

    def go(self, queues: Queues, now_s: int) -> list[Action]:
        """Return what the watched resources need."""
        helped = [*self._lengthen(queues, now_s), *self._carry(queues, now_s)]
        self._forget({resource for resource, _action in helped})
        return [action for _resource, action in helped]

    def _forget(self, helped: set[str]) -> None:
        """Watch no longer what has needed nothing for long enough."""
        for resource in list(self._quiet):
            self._quiet[resource] = 0 if resource in helped else self._quiet[resource] + 1
            if self._quiet[resource] >= self._rules.quiet_rounds:
                del self._quiet[resource]

    # --- lines and benches -------------------------------------------------------------------------------

    def _lengthen(self, queues: Queues, now_s: int) -> Iterator[tuple[str, Action]]:
        """Yield the shifts, the benches that do most orders an hour first."""
        works = {name for name in self._quiet if now_s - self._stopped.get(name, -DAY_S) >= STOP_S}
        benches = [bench for name, bench in self._abilities.benches.items() if name in works]
        price = self._limits.cost(ActionName.ADD_SHIFT)
        for bench in sorted(benches, key=lambda one: (-one.rate, one.resource)):
            missing_h = self._missing_h(bench, queues.of(bench.resource), now_s)
            hours = min(int(missing_h), self._limits.left(ActionName.ADD_SHIFT, now_s))
            if hours >= 1 and bench.rate * self._rules.queue_factor * self._rules.late_cost_cny >= price:
                self._limits.take(ActionName.ADD_SHIFT, hours, now_s)
                bench.lengthen(self._limits.works_s(ActionName.ADD_SHIFT, now_s), hours)
                yield bench.resource, Action(ActionName.ADD_SHIFT, subject=bench.name, value=float(hours))

    def _missing_h(self, bench: Bench, queue: Queue, now_s: int) -> float:
        """Return the hours a bench lacks to have its queue short in a day, at most what the day has left."""
        is_line = bench.resource.startswith(LINE)
        allowed_h = self._rules.line_queue_h if is_line else self._rules.bench_queue_h
        open_h = bench.open_h(now_s, now_s + DAY_S)
        brings_h = bench.usual_h * self._abilities.factor(now_s, now_s + DAY_S)
        missing_h = queue.hours + brings_h - allowed_h - self._rules.usable * open_h
        return min(missing_h / self._rules.usable, 24 - open_h)

    # --- lanes and zones ---------------------------------------------------------------------------------

    def _carry(self, queues: Queues, now_s: int) -> Iterator[tuple[str, Action]]:
        """Yield the trucks and couriers."""
        for name, carrier in self._abilities.carriers.items():
            if name not in self._quiet:
                continue
            make = self._trucks if name.startswith(LANE) else self._couriers
            action, units = make(carrier, queues.of(name), now_s)
            units = min(units, self._limits.left(action, now_s))
            if units >= 1:
                self._limits.take(action, units, now_s)
                self._note(carrier, action, units, now_s)
                yield name, Action(action, subject=carrier.name, value=float(units))

    def _trucks(self, lane: Carrier, queue: Queue, now_s: int) -> tuple[ActionName, int]:
        """Return how many extra trucks pay, by what the timetable leaves behind."""
        pending = sum(places for _until_s, places in self._ordered_for(lane, now_s))
        left = lane.left_behind(queue.waiting - pending, max(queue.coming, lane.usual), now_s, {})
        full, rest = divmod(left, lane.more)
        least = self._limits.cost(ActionName.ADD_VEHICLES) / self._rules.late_cost_cny
        pays = lane.more * self._rules.queue_factor >= least
        return ActionName.ADD_VEHICLES, int(full) * pays + (rest >= least)

    def _couriers(self, zone: Carrier, queue: Queue, now_s: int) -> tuple[ActionName, int]:
        """Return how many more couriers take along what those of the next day's rounds leave behind."""
        added: dict[int, float] = {}
        for until_s, places in self._ordered_for(zone, now_s):
            for day in (until_s // DAY_S - 2, until_s // DAY_S - 1):
                added[day] = added.get(day, 0.0) + places
        left = zone.left_behind(queue.waiting, max(queue.coming, zone.usual), now_s, added)
        too_many = left - self._rules.left_share * zone.places
        return ActionName.REASSIGN_COURIER, max(0, ceil(too_many / zone.more))

    def _ordered_for(self, carrier: Carrier, now_s: int) -> list[tuple[int, int]]:
        kept = [one for one in self._ordered.get(carrier.resource, ()) if one[0] > now_s]
        self._ordered[carrier.resource] = kept
        return kept

    def _note(self, carrier: Carrier, action: ActionName, units: int, now_s: int) -> None:
        works_s = self._limits.works_s(action, now_s)
        until_s = works_s if action is ActionName.ADD_VEHICLES else (works_s // DAY_S + 2) * DAY_S
        self._ordered[carrier.resource].append((until_s, units * carrier.more))
