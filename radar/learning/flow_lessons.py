"""Lessons of the flow: open orders as they stood at earlier steps, kept until it is known what became of them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from radar.instant import HOUR_US, Instant
from radar.learning.flow_score import inputs_of
from radar.learning.local_days import Floats, Ints
from radar.learning.positions import Positions

COLUMNS = 15
TYPE, STATION, PART, SINCE, AREA, WAY, EXTRA, MARGIN, HELD, RISK, VIP, PREFERRED, URGENT, LEFT, AT_H = range(COLUMNS)
"""Columns of a lesson."""
TAKEN_MAX = 16
"""Lessons of one order."""
_FIRST = 1024


class Needs(NamedTuple):
    """What an order needs as of some moment."""

    station: int
    usual_h: float
    """Usual hours left."""
    error_h: float
    """Their standard error."""
    held_h: float
    """Extra hours of the queues before the last one."""
    risk: float
    """Chance that the last queue does not get to it in time."""
    extra_h: float
    """Extra hours of all queues."""
    door: int
    """The door they are lost at, -1 for none."""


class QueuesAhead(NamedTuple):
    """What the queues ahead cost the open orders."""

    extra_h: Floats
    """(doors, orders): extra hours once it is through each door, those of the doors before included."""
    total_h: Floats
    held_h: Floats
    risk: Floats


Taken = tuple[list[str], Floats]
"""Order ids, and a lesson of each."""


class FlowLessons:
    """Lessons by order, the rows of one table."""

    __slots__ = ("_free", "_rows", "_table")

    def __init__(self) -> None:
        self._table: Floats = np.zeros((_FIRST, COLUMNS))
        self._free = list(range(_FIRST))
        self._rows: dict[str, list[int]] = {}

    def keep(self, taken: Taken) -> None:
        """Keep lessons; what is too much of one order is left out."""
        order_ids, lessons = taken
        while len(self._free) < len(order_ids):
            count = len(self._table)
            self._free += range(count, 2 * count)
            self._table = np.concatenate([self._table, np.zeros_like(self._table)])
        first = len(self._free) - len(order_ids)
        rows, self._free = self._free[first:], self._free[:first]
        self._table[rows] = lessons
        known = self._rows
        for order_id, row in zip(order_ids, rows, strict=True):
            own = known.get(order_id)
            if own is None:
                known[order_id] = [row]
            elif len(own) < TAKEN_MAX:
                own.append(row)
            else:
                self._free.append(row)

    def of(self, order_ids: Sequence[str], values: Sequence[float]) -> tuple[Floats, Floats]:
        """Return the lessons of some orders in their sequence, and the value of its order for each."""
        rows: list[int] = []
        counts: list[int] = []
        for order_id in order_ids:
            own = self._rows.get(order_id, ())
            rows += own
            counts.append(len(own))
        return self._table[rows], np.repeat(np.array(values, np.float64), counts)

    def forget(self, order_id: str) -> None:
        """Let the lessons of an order go."""
        self._free += self._rows.pop(order_id, ())

    def tidy(self, kept: Collection[str]) -> None:
        """Let the lessons of all other orders go."""
        for order_id in [one for one in self._rows if one not in kept]:
            self.forget(order_id)


def lessons_of(
    positions: Positions, chosen: Ints, ahead: QueuesAhead, margins: Floats, at: Instant, part: int
) -> Floats:
    """Return the lessons that some of the open orders give as they stand.

    Args:
        positions: The open orders.
        chosen: Their places among them.
        ahead: What the queues ahead of every order cost it.
        margins: Standard errors by which the time left of every order is more than the time needed.
        at: As of when.
        part: Part of the week.
    """
    table = np.empty((len(chosen), COLUMNS))
    table[:, TYPE], table[:, STATION] = positions.types[chosen], positions.stations[chosen]
    table[:, PART], table[:, SINCE] = part, positions.since[chosen]
    table[:, AREA], table[:, WAY] = positions.areas[chosen], positions.ways[chosen]
    table[:, EXTRA] = ahead.total_h[chosen]
    table[:, HELD], table[:, RISK] = ahead.held_h[chosen], ahead.risk[chosen]
    table[:, MARGIN], table[:, VIP : URGENT + 1] = margins[chosen], positions.ranks[chosen]
    table[:, LEFT], table[:, AT_H] = positions.left_h[chosen], at / HOUR_US
    return table


def lesson_of(needs: Needs, margin: float, left_h: float, rank: Sequence[float]) -> Floats:
    """Return what the score reads of one order, in the shape of lessons."""
    row = np.zeros((1, COLUMNS))
    row[0, [STATION, MARGIN, HELD, LEFT]] = needs.station, margin, needs.held_h, left_h
    row[0, VIP : URGENT + 1] = rank
    return row


def score_inputs(lessons: Floats) -> Floats:
    """Return what the score reads of lessons."""
    return inputs_of(
        lessons[:, STATION], lessons[:, MARGIN], lessons[:, HELD], lessons[:, LEFT], lessons[:, VIP : URGENT + 1]
    )
