"""What a place did, and what that says of what it could do: not the same.

Theory of operation. A place that empties every day was not asked for all it can do: its throughput is a lower bound.
Only a day at whose end orders are left that lay there when it began (*held*), more than at the end of its emptiest
weekday, was a full one. A place with full days on which it did about its best has shown what it can do; of any other
nobody knows. A weekday that does less than half of the best, or is mostly full and yet does less than others, is a
short one, as the Sunday of a plant; any other that does less had less to do, and could do what the others do.
"""

from collections.abc import Sequence
from typing import NamedTuple

WEEKS = 8
"""Same weekdays that are remembered."""
QUANTILE = 0.9
FULL = 0.15
"""Days of usual work that must be held for a day to be a full one."""
NEAR = 0.85
"""Share of its best that a place must do on a full day to show its capacity: else something hindered it."""
SHORT = 0.5
"""Share of the best below which a weekday is a short one."""
FULL_MIN = 2
"""Full days that show a capacity: one may be chance."""

Weekly = Sequence[Sequence[int]]
"""Figures of the last weeks by weekday, the latest last."""


class Can(NamedTuple):
    """What a place can do on a day."""

    orders: float
    is_shown: bool
    """Whether it was ever seen at its limit; else it may be able to do more."""


def can_do(done: Weekly, held: Weekly) -> list[Can]:
    """Return what a place can do on each weekday.

    Args:
        done: What it did.
        held: What it held at the ends of the same days; of days before anybody counted nothing is said.

    >>> steady = [[10] * 4 for _ in range(7)]
    >>> can_do(steady, [[0] * 4 for _ in range(7)])[0]
    Can(orders=10.0, is_shown=False)
    >>> can_do(steady, [[0, 9, 9, 9], *([0] * 4 for _ in range(6))])[0]
    Can(orders=10.0, is_shown=True)
    """
    every = [one for days in done for one in days]
    if not every:
        return [Can(0.0, is_shown=False)] * 7
    daily = sum(every) / len(every)
    least = min((_middle(days) for days in held if days), default=0)
    full = [_full_days(days, some, least + FULL * daily) for days, some in zip(done, held, strict=True)]
    best = _decile(every)
    orders = []
    for days, those in zip(done, full, strict=True):
        same = _decile(days if len(days) >= WEEKS // 2 else every)
        is_short = same < SHORT * best or 2 * len(those) > len(days)
        orders.append(same if is_short else max(same, best))
    shown = sum(one >= NEAR * best for those in full for one in those)
    return [Can(one, shown >= FULL_MIN) for one in orders]


def _full_days(done: Sequence[int], held: Sequence[int], limit: float) -> list[int]:
    """Return what was done on the full days; the ends of both lists are the same day."""
    known = min(len(done), len(held))
    return [done[-back] for back in range(1, known + 1) if held[-back] > limit]


def _middle(days: Sequence[int]) -> int:
    return sorted(days)[len(days) // 2]


def _decile(days: Sequence[int]) -> float:
    ranked = sorted(days)
    return float(ranked[min(len(ranked) - 1, int(QUANTILE * len(ranked)))])
