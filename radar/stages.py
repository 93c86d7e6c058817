"""The stages of an order's life, in the order a parcel meets them (R01)."""

from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """A milestone from entry to doorstep; a later one implies the earlier ones."""

    PLACED = 0
    VALIDATED = 1
    PAID = 2
    ALLOCATED = 3
    PRODUCED = 4
    PICKED = 5
    PACKED = 6
    HANDED_OVER = 7
    IN_TRANSIT = 8
    OUT_FOR_DELIVERY = 9
    DELIVERED = 10

    @property
    def label(self) -> str:
        """Return the word used in files and on screens: ``handed-over``."""
        return _LABELS[self]


_LABELS = tuple(stage.name.lower().replace("_", "-") for stage in Stage)
STAGE_COUNT = len(Stage)
STAGE_OF_LABEL = {stage.label: stage for stage in Stage}


class OrderPhase(StrEnum):
    """Whether an order is still running, and how it ended."""

    OPEN = "open"
    HELD = "held"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    LOST = "lost"
    RETURNED = "returned"
    QUARANTINED = "quarantined"
    """Its fold raised: put aside for people, its further events kept as dead letters."""

    @property
    def is_terminal(self) -> bool:
        """Return whether nothing more is expected of the order."""
        return self not in (OrderPhase.OPEN, OrderPhase.HELD)
