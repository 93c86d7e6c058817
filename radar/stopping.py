"""When an alarm is worth more now than later: the waiting value of each check, learned from recent orders.

Theory of operation. Acting on an order costs; it saves a share of what a late order costs, the less the later it is
done (``radar.rules.CostRules``). So an alarm *gains* p x effect(lead) x cost of late - cost of acting, and each order
may be alarmed once. Waiting keeps the choice: many orders arrive meanwhile, and the next probability tells more. What
waiting is worth at a check, by probability, is the mean of what came of it: the better of the gain and the waiting
value at the order's next prediction, nothing if it was delivered in time before one. That is optimal stopping by
fitted waiting values (Tsitsiklis and Van Roy 1999). The alarm is raised at the first prediction where it gains more
than waiting; where both are alike it waits.

Values are learned by order type from all orders, warned or not, in the sequence of their predictions, and fade.
"""

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from radar.instant import DAY_US, Instant
from radar.rules import CostRules

BINS = 20
"""Of the probability."""
HALF_LIFE = 60.0
"""Days after which a prediction counts half. Source: docs/prediction.md, as the next."""
PRIOR = 5.0
"""Predictions that the first guess is worth: that the next one will say the same."""
_TIE = 1e-9


class Waiting(msgspec.Struct, array_like=True):
    """What waiting is worth for one order type, by check and bin of the probability."""

    version: int
    day: int
    """The last day it faded on."""
    values: list[list[float]]
    weights: list[list[float]]


class Stopping:
    """The choice between an alarm now and a later one."""

    __slots__ = ("_cost", "_leads_us")

    def __init__(self, cost: CostRules, checks_us: Sequence[int]) -> None:
        """Take what acting costs and saves, and the horizons of the checks."""
        self._cost = cost
        self._leads_us = sorted(checks_us)

    def begin(self) -> Waiting:
        """Return first guesses: what an alarm at the next check gains if the probability stays."""
        middles = [(place + 0.5) / BINS for place in range(BINS)]
        nexts = [0, *self._leads_us[:-1]]
        values = [[max(0.0, self._cost.gain(middle, lead_us)) for middle in middles] for lead_us in nexts]
        return Waiting(1, 0, values, [[PRIOR] * BINS for _ in nexts])

    def fits(self, waiting: Waiting) -> bool:
        """Return whether values were learned at these checks."""
        return len(waiting.values) == len(self._leads_us)

    def is_due(self, waiting: Waiting, probability: float, lead_us: int) -> bool:
        """Return whether an alarm gains more now than waiting does."""
        gain = self._cost.gain(probability, lead_us)
        return gain > _TIE + max(0.0, waiting.values[self._place(lead_us)][_bin(probability)])

    def passed(self, waiting: Waiting, before: tuple[float, int], after: tuple[float, int] | None, at: Instant) -> None:
        """Learn what became of waiting.

        Args:
            waiting: What is known so far of the order's type.
            before: The order's prediction before, and its lead.
            after: Its next prediction and its lead; None when it was delivered in time.
            at: As of when.
        """
        self._fade(waiting, at // DAY_US)
        found = 0.0
        if after is not None:
            probability, lead_us = after
            gain = self._cost.gain(probability, lead_us)
            found = max(0.0, gain, waiting.values[self._place(lead_us)][_bin(probability)])
        place, column = self._place(before[1]), _bin(before[0])
        weights, values = waiting.weights[place], waiting.values[place]
        weights[column] += 1
        values[column] += (found - values[column]) / weights[column]

    def _place(self, lead_us: int) -> int:
        """Return the check that was made last with so much time left, the last check first."""
        return min(bisect_left(self._leads_us, lead_us), len(self._leads_us) - 1)

    @staticmethod
    def _fade(waiting: Waiting, day: int) -> None:
        if day > waiting.day:
            factor = 0.5 ** ((day - waiting.day) / HALF_LIFE) if waiting.day else 1.0
            waiting.weights = [[max(PRIOR, weight * factor) for weight in row] for row in waiting.weights]
            waiting.day = day


def _bin(probability: float) -> int:
    return min(int(probability * BINS), BINS - 1)
