"""What a room has learned, apart from what is the case now: the part of its rows that may move to another room.

*Experience* is what would hold for other orders as well: tables, usual times, what forecasts are worth, thresholds,
patterns. The *present* is left behind: open orders and what waits for their end, standing conditions and notices, what
was heard of each source, who was put aside. No row of experience names an order. Each machine says itself, row by
row, which is which; a room that is given experience before its first event goes on where its teacher stood.
"""

from collections.abc import Callable, Iterable

from radar import bottlenecks, capacity, clusters, drift, lead_thresholds, remaining, stockouts, surroundings, ways
from radar.bottlenecks import MACHINE as BOTTLENECKS
from radar.capacity import MACHINE as CAPACITY
from radar.complaints import MACHINE as COMPLAINTS
from radar.conditions import machine as conditions
from radar.conditions.machine import MACHINE as CONDITIONS
from radar.drift import MACHINE as DRIFT
from radar.instant import DAY_US, Instant
from radar.intake import MACHINE as INTAKE
from radar.lead_thresholds import MACHINE as POLICY
from radar.learning import stored
from radar.learning.learner import MACHINE as LEARNER
from radar.outputs import Row, StateRow
from radar.quality import MACHINE as QUALITY
from radar.quarantine import QUARANTINE
from radar.remaining import MACHINE as REMAINING
from radar.scopes import MACHINE as SCOPES
from radar.stockouts import MACHINE as STOCK
from radar.surroundings import MACHINE as SURROUNDINGS
from radar.ways import MACHINE as WAYS

Part = Callable[[StateRow, int], StateRow | None]
"""A machine's own answer: the row as it moves, so many days on; None when it stays."""
WEEK = 7
WEEK_US = WEEK * DAY_US
STATE_VERSION = 1
"""Of the rows that move: grows when those of an older radar cannot be read any more."""
MOVES: dict[str, Part] = {
    BOTTLENECKS: bottlenecks.experience,
    CAPACITY: capacity.experience,
    COMPLAINTS: clusters.experience,
    CONDITIONS: conditions.experience,
    DRIFT: drift.experience,
    LEARNER: stored.experience,
    POLICY: lead_thresholds.experience,
    QUALITY: clusters.experience,
    REMAINING: remaining.experience,
    STOCK: stockouts.experience,
    SURROUNDINGS: surroundings.experience,
    WAYS: ways.experience,
}
"""Machines with something to take along."""
STAYS = frozenset({INTAKE, QUARANTINE, SCOPES})
"""Machines whose rows are the present alone."""


def experience(rows: Iterable[Row], weeks: int = 0) -> list[StateRow]:
    """Return what of a room's rows may move, by machine and key; what it returns may pass through it again.

    Args:
        rows: Of the room.
        weeks: How much later it shall have been learned, below 0 earlier; whole weeks, so that weekdays stay.
    """
    found = []
    for row in rows:
        if isinstance(row, StateRow) and not row.is_gone and row.machine in MOVES:
            moved = MOVES[row.machine](row, weeks * WEEK)
            if moved is not None:
                found.append(moved)
    return sorted(found, key=lambda row: (row.machine, row.key))


def weeks_to_end_before(learned_until: Instant, begins_at: Instant) -> int:
    """Return by how many weeks experience moves so that it ends before an instant, by less than a week.

    Below 0 it is had earlier: what was learned later than the events it is to be used on would look ahead.
    """
    return (begins_at - learned_until) // WEEK_US
