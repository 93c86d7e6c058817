"""When an alarm is worth more now than later: what waiting is worth at each check, learned from recent orders.

Theory of operation. Acting on an order costs; it saves a share of what a late order costs, the less the later it is
done (``radar.rules.CostRules``). So an alarm *gains* p x effect(lead) x cost of late - cost of acting, and each order
may be alarmed once. Waiting keeps the choice: many orders arrive meanwhile, and the next probability tells more. What
waiting is worth beyond acting now is learned by check and bin of the probability: the mean of what came of it, which
is the value of the order's next prediction (the better of acting then and of waiting again), nothing if it was
delivered in time before one. That is optimal stopping by fitted values (Tsitsiklis and Van Roy 1999). The alarm is
raised where waiting is worth less than acting by more than the noise of that mean.

The values are of the radar's own making, so they must not be misled by its own errors: beside them each cell learns
by how much its probabilities are off, from the next prediction and in the end from the label.

Learned by order type from all orders, warned or not, in the sequence of their predictions; what is old fades.
"""

from bisect import bisect_left
from collections.abc import Sequence
from math import sqrt

import msgspec

from radar.instant import DAY_US, Instant
from radar.rules import CostRules

BINS = 20
"""Of the probability."""
HALF_LIFE = 60.0
"""Days after which a prediction counts half. Source: docs/prediction.md, as the next."""
PRIOR = 5.0
"""Predictions that the first guess is worth: that the next one will say the same."""
NOISE = 0.1
"""Noise of one prediction's value, as a share of what acting in time saves on a late order."""


class Waiting(msgspec.Struct, array_like=True):
    """What is known for one order type, by check (the last one first) and bin of the probability."""

    version: int
    day: int
    """The last day it faded on."""
    ahead: list[list[float]]
    """What waiting is worth beyond acting now."""
    bias: list[list[float]]
    """What a probability is to be corrected by."""
    weights: list[list[float]]


class Stopping:
    """The choice between an alarm now and a later one."""

    __slots__ = ("_cost", "_leads_us", "_noise")

    def __init__(self, cost: CostRules, checks_us: Sequence[int]) -> None:
        """Take what acting costs and saves, and the horizons of the checks."""
        self._cost = cost
        self._leads_us = sorted(checks_us)
        self._noise = NOISE * cost.effect * cost.late

    def begin(self) -> Waiting:
        """Return first guesses: the next check will find the same probability."""
        gain, middles = self._cost.gain, [(place + 0.5) / BINS for place in range(BINS)]
        pairs = zip(self._leads_us, [0, *self._leads_us[:-1]], strict=True)
        ahead = [[max(0.0, gain(p, later)) - max(0.0, gain(p, now)) for p in middles] for now, later in pairs]
        count = len(self._leads_us)
        return Waiting(1, 0, ahead, [[0.0] * BINS for _ in range(count)], [[PRIOR] * BINS for _ in range(count)])

    def fits(self, waiting: Waiting) -> bool:
        """Return whether values were learned at these checks."""
        return len(waiting.ahead) == len(self._leads_us)

    def is_due(self, waiting: Waiting, probability: float, lead_us: int) -> bool:
        """Return whether acting now gains something, and more than waiting does."""
        place, column = self._place(lead_us), _bin(probability)
        if self._cost.gain(_corrected(probability, waiting.bias[place][column]), lead_us) <= 0:
            return False
        return waiting.ahead[place][column] < -self._noise / sqrt(waiting.weights[place][column])

    def passed(
        self,
        waiting: Waiting,
        before: tuple[float, int],
        after: tuple[float, int] | None,
        *,
        is_late: bool,
        at: Instant,
    ) -> None:
        """Learn what became of waiting.

        Args:
            waiting: What is known so far of the order's type.
            before: The order's prediction before, and its lead.
            after: Its next prediction and its lead; None when its label is known instead.
            is_late: That label.
            at: As of when.
        """
        self._fade(waiting, at // DAY_US)
        true, value = (float(is_late), 0.0) if after is None else self._worth(waiting, *after)
        probability, lead_us = before
        place, column = self._place(lead_us), _bin(probability)
        bias, ahead, weights = waiting.bias[place], waiting.ahead[place], waiting.weights[place]
        now = max(0.0, self._cost.gain(_corrected(probability, bias[column]), lead_us))
        weights[column] += 1
        bias[column] += (true - probability - bias[column]) / weights[column]
        ahead[column] += (value - now - ahead[column]) / weights[column]

    def _worth(self, waiting: Waiting, probability: float, lead_us: int) -> tuple[float, float]:
        """Return the probability corrected, and what the better of acting and waiting is worth."""
        place, column = self._place(lead_us), _bin(probability)
        corrected = _corrected(probability, waiting.bias[place][column])
        acting = max(0.0, self._cost.gain(corrected, lead_us))
        return corrected, acting + max(0.0, waiting.ahead[place][column])

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


def _corrected(probability: float, bias: float) -> float:
    return min(1.0, max(0.0, probability + bias))
