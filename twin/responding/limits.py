"""What may still be ordered today: the daily limits of the actions, as planners know them."""

from collections import Counter

from radar.actions import ActionName
from scenarios.network import Network
from scenarios.network_supply import RemedyRule
from twin.context import DAY_S, seconds


class Limits:
    """Counts what was ordered; a day begins at local midnight."""

    def __init__(self, network: Network) -> None:
        self._rules = network.remedies
        self._used: Counter[tuple[ActionName, int]] = Counter()

    def left(self, name: ActionName, now_s: int) -> int:
        """Return how many units of an action can be had today."""
        return self._rule(name).per_day_max - self._used[name, now_s // DAY_S]

    def take(self, name: ActionName, units: int, now_s: int) -> bool:
        """Use some units up; return whether they were there."""
        if units > self.left(name, now_s):
            return False
        self._used[name, now_s // DAY_S] += units
        return True

    def works_s(self, name: ActionName, now_s: int) -> int:
        """Return when an action ordered now works."""
        return now_s + seconds(self._rule(name).lead)

    def cost(self, name: ActionName) -> float:
        """Return the price of a unit, CNY."""
        return self._rule(name).cost

    def _rule(self, name: ActionName) -> RemedyRule:
        return self._rules.get(name, _FREE)


_FREE = RemedyRule()
