"""How orders end: delivered, with a broken promise, or unheard because the report of the delivery was lost.

Of all reports a few are lost. When it is that of the delivery, the order stands at its last milestone for good and its
promise seems broken. Taught as late, such orders make whoever is out for delivery look endangered, the more so the more
reports are lost. Two figures tell them apart. The share of reports lost lately shows in the milestone before the
delivery - of the orders delivered, those of which it was never told - and in the orders judged so themselves. How long
orders stand there shows in the others. By Bayes' rule the end of an order that has stood there for ``t`` was lost with
the chance ``lost / (lost + (1 - lost) x share that stands longer than t)``.
"""

from bisect import bisect_right
from collections.abc import Mapping

import numpy as np

from radar.instant import HOUR_US, Instant
from radar.learning.local_days import Floats, Ints
from radar.learning.positions import TYPES_MAX
from radar.learning.routes import befores_of
from radar.orders import NEVER, Order
from radar.stages import STAGE_COUNT, OrderPhase, Stage

LOST_HALF_LIFE, STOOD_HALF_LIFE = 3.0, 10.0
"""Days. Source: docs/prediction.md."""
LOST_FIRST, LOST_WEIGHT = 0.005, 100.0
"""Share of reports believed lost beforehand, as firmly as after so many deliveries: one in two hundred (assumption)."""
LOST_MAX = 0.2
"""A milestone that more orders leave out is not told by everybody: what is left out is not lost."""
EDGES_H = (3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 24.0, 30.0, 36.0, 48.0, 72.0, 96.0)
"""Edges of the classes of hours between the last milestone and the delivery."""
_CLASSES = len(EDGES_H) + 1
_BEYOND = 0.5
"""Orders that would have stood longer than any seen."""


class Ends:
    """Decayed counts of deliveries, by order type."""

    __slots__ = ("_last", "_types", "befores", "lost", "stood")

    def __init__(self, types: Mapping[str, int]) -> None:
        """Begin knowing nothing.

        Args:
            types: Numbers of the order types that are looked at.
        """
        self._types = types
        self.befores: Floats = np.zeros((TYPES_MAX, STAGE_COUNT))
        """By the milestone told before."""
        self.lost: Floats = np.zeros((TYPES_MAX, 2))
        """Reports of deliveries and of the usual milestone before: all, and those that never came."""
        self.stood: Floats = np.zeros((TYPES_MAX, _CLASSES))
        """By the class of hours since that milestone."""
        self.freeze()

    def freeze(self) -> None:
        """Fix which milestone usually comes last before the delivery."""
        self._last: list[int] = self.befores.argmax(1).tolist()

    def fade(self, days: float) -> None:
        """Let older deliveries count less."""
        self.lost *= 0.5 ** (days / LOST_HALF_LIFE)
        self.befores *= 0.5 ** (days / STOOD_HALF_LIFE)
        self.stood *= 0.5 ** (days / STOOD_HALF_LIFE)

    def learn(self, types: Ints, reached: Ints) -> None:
        """Learn from delivered orders.

        Args:
            types: Number of the order type of each.
            reached: (stages, orders), when each milestone was reached.
        """
        befores = np.maximum(befores_of(reached)[Stage.DELIVERED], Stage.PLACED)
        last_at = reached[np.array(self._last)[types], np.arange(len(types))]
        is_told = last_at != NEVER
        hours = (reached[Stage.DELIVERED] - last_at)[is_told] / HOUR_US
        stood = types[is_told] * _CLASSES + np.searchsorted(EDGES_H, hours, side="right")
        self.befores += np.bincount(types * STAGE_COUNT + befores, minlength=self.befores.size).reshape(TYPES_MAX, -1)
        self.lost[:, 0] += 2 * np.bincount(types, minlength=TYPES_MAX)
        self.lost[:, 1] += np.bincount(types[~is_told], minlength=TYPES_MAX)
        self.stood += np.bincount(stood, minlength=self.stood.size).reshape(TYPES_MAX, -1)

    def broken(self, order: Order) -> float:
        """Take note that a promise passed; return how likely the order is late, not only its delivery unreported."""
        kind = self._types[order.order_type]
        if order.stage != self._last[kind] or order.awaits_visit:
            return 1.0
        lost = self.lost_share(kind)
        longer = self._longer(kind, (order.promise_at - order.heard_at) / HOUR_US)
        unheard = lost / (lost + (1.0 - lost) * longer)
        self.lost[kind] += unheard
        return 1.0 - unheard

    def lost_share(self, kind: int) -> float:
        """Return the share of reports lost lately."""
        count, missing = self.lost[kind].tolist()
        share: float = (missing + LOST_FIRST * LOST_WEIGHT) / (count + LOST_WEIGHT)
        return share if share <= LOST_MAX else LOST_FIRST

    def _longer(self, kind: int, hours: float) -> float:
        """Return the share of orders that stand at the last milestone for longer, above 0."""
        stood = self.stood[kind]
        beyond = float(stood[bisect_right(EDGES_H, hours) :].sum())
        return (beyond + _BEYOND) / (float(stood.sum()) + _BEYOND)


def is_broken(order: Order, before: Instant, at: Instant) -> bool:
    """Return whether a promise was broken in a stretch; of orders that ended otherwise than by delivery none is."""
    if not before < order.promise_at <= at:
        return False
    if order.phase is OrderPhase.DELIVERED:
        return order.reached[Stage.DELIVERED] >= order.promise_at and order.closed_at > before
    return order.is_open
