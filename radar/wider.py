"""The wider warnings: stock, quality and complaints, which no single order tells (R08, R27).

Each event goes to the one machine that reads its kind; all others pass by for the look-up that the surroundings make
anyway. Allocations are read only once a stock level was told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from radar.complaints import MACHINE as COMPLAINTS
from radar.complaints import Complaints
from radar.conditions.news import News
from radar.events import Event
from radar.events.common import Payload
from radar.events.supply import (
    InventoryLevel,
    QualityResult,
    StockAllocated,
    StockShort,
    SupplyNotice,
    SupplyReceived,
)
from radar.events.world import CustomerComplaint
from radar.instant import Instant
from radar.orders import Order
from radar.outputs import Output, Row, StateRow
from radar.quality import MACHINE as QUALITY
from radar.quality import Quality
from radar.rules import Rules
from radar.stockouts import MACHINE as STOCK
from radar.stockouts import Stockouts

MACHINES = (STOCK, QUALITY, COMPLAINTS)
_ALWAYS: tuple[type[Payload], ...] = (
    *(InventoryLevel, StockShort, SupplyNotice, SupplyReceived),
    *(QualityResult, CustomerComplaint),
)


class Wider:
    """Stock, quality and complaints."""

    def __init__(self, rules: Rules) -> None:
        epoch_us = rules.learn_epoch_us
        self.stock = Stockouts(rules.stock, epoch_us)
        self.quality = Quality(rules.quality, epoch_us)
        self.complaints = Complaints(rules.complaints, epoch_us)
        self.kinds: set[type[Payload]] = set(_ALWAYS)
        """Kinds of events that are read now."""
        self._orders: Mapping[str, Order] = {}
        self._clock: Callable[[], Instant] = lambda: Instant(0)

    def follow(self, orders: Mapping[str, Order], clock: Callable[[], Instant]) -> None:
        """Name the orders in memory, and who tells how far time has come: late news is said then."""
        self._orders = self.stock.orders = orders
        self._clock = clock

    def observe(self, event: Event) -> Sequence[Output]:
        """Take in an event of ``kinds``."""
        at = Instant(max(event.time, self._clock()))
        match event.data:
            case QualityResult() as data:
                return self.quality.inspected(data, self._orders.get(event.subject), at)
            case CustomerComplaint() as data:
                return self.complaints.complained(data, self._orders.get(event.subject), at)
            case _:
                said = self.stock.observe(event, at)
                if self.stock.is_awake:
                    self.kinds.add(StockAllocated)
                return said

    def is_known_better(self, event: Event) -> bool:
        """Return whether a supplier's word is about goods whose stock is told: who waits for them is known then."""
        data = event.data
        return isinstance(data, SupplyNotice | SupplyReceived) and self.stock.knows(data.item)

    def take_news(self) -> list[News]:
        """Return what the conditions should know, since last asked."""
        return self.stock.take_news()

    def roll(self, at: Instant) -> Sequence[Output]:
        """Close the day."""
        return (*self.stock.roll(at), *self.quality.roll(at), *self.complaints.roll(at))

    def take_dirty(self) -> list[Row]:
        """Return the rows changed since last asked."""
        return [*self.stock.take_dirty(), *self.quality.take_dirty(), *self.complaints.take_dirty()]

    def load(self, rows: Iterable[Row]) -> None:
        """Restore, each part from its own rows."""
        parts: dict[str, Stockouts | Quality | Complaints]
        parts = {STOCK: self.stock, QUALITY: self.quality, COMPLAINTS: self.complaints}
        for row in rows:
            assert isinstance(row, StateRow)
            parts[row.machine].load((row,))
        if self.stock.is_awake:
            self.kinds.add(StockAllocated)
