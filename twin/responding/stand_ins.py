"""What is done for a place that more hours cannot help: a stand-in for what is broken, haste for what is short."""

from collections.abc import Iterator

from radar.actions import Action, ActionName
from twin.context import DAY_S
from twin.responding.figures import ResponseRules
from twin.responding.limits import Limits
from twin.responding.places import LANE, LINE, MATERIAL, SUPPLY, Places
from twin.responding.queues import Queues


class StandIns:
    """Answers broken lines, closed lanes and missing goods, each place once a day."""

    def __init__(self, places: Places, limits: Limits, rules: ResponseRules) -> None:
        self._places = places
        self._limits = limits
        self._rules = rules
        self._helped: dict[str, int] = {}

    def broken(self, resource: str, day: int) -> Iterator[Action]:
        """Yield the stand-in for a line that is down or a lane that is closed."""
        if resource.startswith((SUPPLY, MATERIAL)) or self._helped.get(resource) == day:
            return
        self._helped[resource] = day
        name = resource.partition(":")[2]
        others = self._places.alternates.get(name, ())
        if resource.startswith(LINE) and others:
            yield Action(ActionName.SWITCH_LINE, subject=name, target=others[0], value=self._rules.switch_days)
        elif resource.startswith(LANE) and self._places.has_way_around(name):
            yield Action(ActionName.REROUTE, subject=name, value=self._rules.reroute_days)

    def short(self, resource: str, queues: Queues, now_s: int, *, is_late: bool) -> Iterator[Action]:
        """Yield the haste for goods that orders wait for, where enough orders do."""
        day = now_s // DAY_S
        if not resource.startswith((SUPPLY, MATERIAL)) or self._helped.get(resource) == day:
            return
        name = resource.partition(":")[2]
        worth = queues.of(resource).waiting * self._rules.late_cost_cny
        actions = [*self._haste(name, is_late=is_late or resource.startswith(MATERIAL))]
        if sum(self._price(action) for action in actions) <= worth:
            self._helped[resource] = day
            for action in actions:
                if action.name is not ActionName.ADD_SHIFT or self._limits.take(action.name, int(action.value), now_s):
                    yield action

    def run_dry(self, shelf: str, out_s: int, supply_s: int | None, now_s: int) -> Iterator[Action]:
        """Yield the haste for a shelf of bought goods that will be empty before it is filled, once in two days.

        Args:
            shelf: ``item@place``.
            out_s: When it runs dry.
            supply_s: When the next delivery is expected; None when none is.
            now_s: Now.
        """
        item, _, place = shelf.rpartition("@")
        day = now_s // DAY_S
        if not self._places.is_bought(item, place) or self._helped.get(item, -9) >= day - 1:
            return
        self._helped[item] = day
        rushed_s = None
        if supply_s is not None:
            works_s = self._limits.works_s(ActionName.EXPEDITE_SUPPLY, now_s)
            rushed_s = works_s + max(0, supply_s - works_s) // 2  # paying for speed halves the way that is left
            yield Action(ActionName.EXPEDITE_SUPPLY, subject=item)
        backup = self._places.backup_of(item)
        if backup is not None and (rushed_s is None or rushed_s > max(out_s, now_s + backup[1]) + DAY_S):
            yield Action(ActionName.BACKUP_SUPPLIER, subject=backup[0], value=self._rules.backup_days)

    def _haste(self, name: str, *, is_late: bool) -> Iterator[Action]:
        if self._places.is_line(name) and not is_late:  # what we make ourselves is short: make more of it
            yield Action(ActionName.ADD_SHIFT, subject=name, value=self._rules.shift_hours)
            return
        for item in self._places.bought_for(name):
            yield Action(ActionName.EXPEDITE_SUPPLY, subject=item)
        for supplier in self._places.backed_up(name) if is_late else ():
            yield Action(ActionName.BACKUP_SUPPLIER, subject=supplier, value=self._rules.backup_days)

    def _price(self, action: Action) -> float:
        units = max(1.0, action.value) if action.name is ActionName.ADD_SHIFT else 1.0
        return self._limits.cost(action.name) * units
