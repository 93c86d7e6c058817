"""Lessons of the flow: open orders as they stood at earlier steps, kept until it is known what became of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from radar.instant import HOUR_US, Instant
from radar.learning.flow_score import inputs_of
from radar.learning.local_days import Floats, Ints
from radar.learning.positions import Positions
from radar.learning.slots import grown

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

    __slots__ = ("_counts", "_free", "_rows", "_table")

    def __init__(self) -> None:
        self._table: Floats = np.zeros((_FIRST, COLUMNS))
        self._free: Ints = np.arange(_FIRST)
        self._rows: Ints = np.zeros((0, TAKEN_MAX), np.int64)
        """By order, the rows of its lessons, the oldest first; beside it how many they are."""
        self._counts: Ints = np.zeros(0, np.int64)

    def keep(self, slots: Ints, lessons: Floats) -> None:
        """Keep a lesson of each of some orders; what is too much of one order is left out.

        Args:
            slots: Number of each order.
            lessons: (orders, columns).
        """
        self._grow(slots)
        has_room = self._counts[slots] < TAKEN_MAX
        slots, lessons = slots[has_room], lessons[has_room]
        while len(self._free) < len(slots):
            count = len(self._table)
            self._free = np.concatenate([self._free, np.arange(count, 2 * count)])
            self._table = grown(self._table, 2 * count)
        first = len(self._free) - len(slots)
        rows, self._free = self._free[first:], self._free[:first]
        self._table[rows] = lessons
        self._rows[slots, self._counts[slots]] = rows
        self._counts[slots] += 1

    def of(self, slots: Ints, values: Floats) -> tuple[Floats, Floats]:
        """Return the lessons of some orders in their sequence, and the value of its order for each."""
        self._grow(slots)
        counts = self._counts[slots]
        return self._table[self._rows_of(slots, counts)], np.repeat(values, counts)

    def forget(self, slots: Ints) -> None:
        """Let the lessons of some orders go."""
        self._grow(slots)
        self._free = np.concatenate([self._free, self._rows_of(slots, self._counts[slots])])
        self._counts[slots] = 0

    def _grow(self, slots: Ints) -> None:
        size = int(slots.max(initial=-1)) + 1
        self._rows, self._counts = grown(self._rows, size), grown(self._counts, size)

    def _rows_of(self, slots: Ints, counts: Ints) -> Ints:
        rows: Ints = self._rows[slots][np.arange(TAKEN_MAX) < counts[:, None]]
        return rows


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
