"""Events about stock, supply and production."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from radar.events.common import Amount, Aware, Label, Name, Payload, Ratio, Reasoned


class StockAllocated(Payload, frozen=True):
    """Goods are reserved for the order."""

    warehouse: Label = ""


class StockShort(Payload, frozen=True):
    """The order cannot be filled from stock."""

    item: Name
    warehouse: Label = ""
    quantity_short: Amount = 0.0
    expected_at: Aware | None = None


class InventoryLevel(Payload, frozen=True):
    """Stock of one item at one warehouse; the event's subject is ``item@warehouse``."""

    item: Name
    warehouse: Name
    on_hand: Annotated[float, Meta(ge=-1e12, le=1e12)]
    """Pieces on the shelf; negative when more was booked out than in."""
    reserved: Amount = 0.0
    on_order: Amount = 0.0
    reorder_point: Amount | None = None


class SupplyNotice(Payload, frozen=True):
    """A supplier says when goods come; subject is the purchase order."""

    supplier: Name
    item: Label = ""
    quantity: Amount | None = None
    promised_at: Aware | None = None
    expected_at: Aware | None = None
    warehouse: Label = ""
    """Where the goods go."""


class SupplyReceived(Payload, frozen=True):
    """Goods arrived from a supplier."""

    supplier: Name
    item: Label = ""
    warehouse: Label = ""
    quantity: Amount | None = None


class ProductionPlanned(Payload, frozen=True):
    """The order has a slot on a line."""

    line: Name
    start_at: Aware | None = None
    finish_at: Aware | None = None

    def __post_init__(self) -> None:
        """Refuse a slot that ends before it begins."""
        if self.start_at is not None and self.finish_at is not None and self.finish_at < self.start_at:
            raise ValueError("finish_at is before start_at")


class ProductionStarted(Payload, frozen=True):
    """Work on the order began."""

    line: Label = ""
    expected_finish_at: Aware | None = None


class ProductionStepFinished(Payload, frozen=True):
    """One step of several is done."""

    step: Name
    line: Label = ""
    next_expected_at: Aware | None = None


class ProductionFinished(Payload, frozen=True):
    """The goods of the order are made."""

    line: Label = ""


class LineState(StrEnum):
    """What a production line can do now."""

    UP = "up"
    SLOW = "slow"
    DOWN = "down"


class LineStatus(Reasoned, frozen=True):
    """A line changed state (R07); subject is the line."""

    state: LineState = LineState.UP
    speed: Ratio | None = None
    """Share of normal speed while slow."""
    expected_recovery_at: Aware | None = None


class QualityResult(Payload, frozen=True):
    """An inspection result; subject is the order, batch or line inspected."""

    is_passed: bool
    """Whether what was inspected may go on."""
    line: Label = ""
    item: Label = ""
    defect: Label = ""
    inspected: Amount = 1.0
    defective: Amount = 0.0

    def __post_init__(self) -> None:
        """Refuse more defects than pieces inspected: no rate above 1 reaches a rule."""
        if self.defective > self.inspected:
            raise ValueError("defective is more than inspected")
