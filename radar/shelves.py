"""One shelf: what lies on it, what is asked of it a day, and how long its replenishments take.

Levels are told seldom (once a day), goods leave all day. So what left since the last level is counted: allocations and
shortages by order, receipts by purchase order. Whatever else is gone at the next level was demand too: a source without
allocations still has a demand, and so has the material a line uses up. Replenishments nobody announces are seen in what
is on order: pieces on order more than before were ordered then, pieces less have come, first in first out; that teaches
how long they take.
"""

from math import sqrt

import msgspec

from radar.instant import DAY_US, EARLIEST, Instant
from radar.orders import NEVER

HALF_LIFE_DAYS = 7
"""Of the demand: a sale shows within days."""
LEAD_MEMORY = 8
"""Replenishments over which the lead is averaged."""
WILD = 4.0
"""A day's demand counts no more than the usual and so many of its standard deviations: a write-off is no demand."""
ORDERED_MAX = 50
SAFETY = 0.8
"""Part of a reorder point that covers the lead; the rest is against chance (assumption)."""
PLANNED = 3
"""Replenishments as which the planned lead counts."""
SHUT = 0.2
"""Share of the usual demand below which a weekday tells nothing of it."""


class Shelf(msgspec.Struct, array_like=True):
    """One item at one place, as told."""

    version: int
    item: str
    place: str
    level_at: Instant = EARLIEST
    on_hand: float = 0.0
    reserved: float = 0.0
    on_order: float = 0.0
    reorder_point: float = -1.0
    """Below 0 where nobody says."""
    moved: float = 0.0
    """Pieces taken since the level, less those received."""
    received: float = 0.0
    """Pieces received since the level."""
    supplier: str = ""
    # Demand.
    today: float = 0.0
    days: int = -1
    """Whole days (epochs) of demand known; the first, of which only a part was seen, is none."""
    mean: float = 0.0
    """Pieces a day, the weekday's own share taken out."""
    variance: float = 0.0
    # Replenishment.
    ordered: list[tuple[Instant, float]] = msgspec.field(default_factory=list)
    """When pieces were ordered that have not come, oldest first."""
    leads: int = 0
    lead_us: float = 0.0
    batch: float = 0.0
    # What is said.
    short_at: Instant = NEVER
    """Since when orders wait for goods; ``NEVER`` when none do."""
    raised_at: Instant = EARLIEST
    raises: int = 0
    sequence: int = 0
    said_out_at: Instant = NEVER
    said_level: int = 0
    empty_at: Instant = NEVER
    """Since when nothing is free on it; ``NEVER`` while something is."""

    @property
    def key(self) -> str:
        """Return its name."""
        return f"{self.item}@{self.place}"

    @property
    def free(self) -> float:
        """Return the pieces that no order waits for; negative when orders wait."""
        return self.on_hand - self.reserved - self.moved

    @property
    def stands(self) -> bool:
        """Return whether a warning stands."""
        return self.raised_at != EARLIEST

    def take(self, pieces: float) -> None:
        """Count pieces that an order wants of it."""
        self.moved += pieces
        self.today += pieces

    def filled(self, pieces: float) -> None:
        """Count pieces received."""
        self.moved -= pieces
        self.received += pieces

    def told(self, level: tuple[float, float, float, float], at: Instant) -> None:
        """Take in a level: on hand, reserved, on order, reorder point."""
        on_hand, reserved, on_order, reorder_point = level
        if self.level_at != EARLIEST:
            self.today += max(0.0, self.free - (on_hand - reserved))
        self._follow_orders(on_order - self.on_order if self.level_at != EARLIEST else on_order, at)
        self.on_hand, self.reserved, self.on_order, self.reorder_point = on_hand, reserved, on_order, reorder_point
        self.moved, self.received, self.level_at = 0.0, 0.0, at
        if self.free > 0:
            self.short_at = NEVER

    def close_epoch(self, weekday_share: float, days: float) -> None:
        """Let the demand since the last epoch enter the usual one."""
        demand, self.today = self.today / days, 0.0
        if self.days < 0 or weekday_share < SHUT:
            self.days = max(0, self.days)
            return
        self.days += 1
        usual = self.mean * weekday_share
        if self.days > HALF_LIFE_DAYS:
            demand = min(demand, usual + WILD * sqrt(max(self.variance, usual)))
        share = max(1 - 0.5 ** (1 / HALF_LIFE_DAYS), 1 / self.days)
        self.variance += share * ((demand - usual) ** 2 - self.variance)
        self.mean += share * (demand / weekday_share - self.mean)

    def lead(self, default_us: int) -> int:
        """Return how long a replenishment takes: the mean of those that came, with what was planned as some of them.

        What is planned is in the reorder point, the default where there is none.
        """
        planned_us = float(default_us)
        if self.reorder_point > 0 and self.mean > 0:
            planned_us = min(planned_us, SAFETY * self.reorder_point / self.mean * DAY_US)
        return int((PLANNED * planned_us + self.leads * self.lead_us) / (PLANNED + self.leads))

    def _follow_orders(self, change: float, at: Instant) -> None:
        if change > 0:
            self.ordered = [*self.ordered, (at, change)][-ORDERED_MAX:]
            self.batch += (change - self.batch) * (0.3 if self.batch else 1.0)
            return
        left = -change
        while left > 0 and self.ordered:
            ordered_at, pieces = self.ordered[0]
            if pieces > left + 1e-6:
                self.ordered[0] = (ordered_at, pieces - left)
                return
            left -= pieces
            del self.ordered[0]
            self.leads = min(LEAD_MEMORY, self.leads + 1)
            self.lead_us += (at - ordered_at - self.lead_us) / self.leads
