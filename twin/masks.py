"""Disruptions as the parts meet them: masks on speed, capacity, demand, supply, quality and feeds (DESIGN 6).

The scenario compiler makes them before the run; the parts apply them when they are built. Shares, speeds and factors
are per mille. An empty ``Masks`` is the baseline, bit for bit. Targets read ``kind:name``: ``line:``, ``pool:``
(``pool:<warehouse>.pick``, ``.pack``, ``pool:desk``, ``pool:<hub>.sort``), ``lane:``, ``zone:``.
"""

from enum import StrEnum

import msgspec

from radar.events import Payload


class Ongoing(StrEnum):
    """What becomes of work, or of a vehicle, that is under way when a window begins."""

    PAUSE = "pause"
    """It stands still and goes on afterwards (a vehicle: hold)."""
    FINISH = "finish"
    """It is finished as if nothing were (a vehicle: continue)."""
    ABORT = "abort"
    """It is begun anew as soon as there is work again."""
    RETURN = "return"
    """It drives back the way it has made and sets out again (vehicles only)."""
    LOST = "lost"
    """It does not come back (vehicles only)."""


class FeedFault(StrEnum):
    """What happens to the reports of a source."""

    HOLD = "hold"
    """They come when the window ends."""
    LOSE = "lose"
    """They never come."""
    DEGRADE = "degrade"
    """They come with more lag, loss, doubles and errors."""


class SpeedMask(msgspec.Struct, frozen=True):
    """A line, pool, lane or zone works slower, or not at all."""

    target: str
    start_s: int
    end_s: int
    permille: int
    ongoing: Ongoing = Ongoing.PAUSE
    cause: str = ""


class CapacityMask(msgspec.Struct, frozen=True):
    """A pool, lane or zone has fewer (or more) servers, places, couriers."""

    target: str
    start_s: int
    end_s: int
    permille: int
    cause: str = ""


class DemandMask(msgspec.Struct, frozen=True):
    """More or fewer orders; target ``demand:*``, ``demand:item/<name>`` or ``demand:area/<name>``."""

    target: str
    start_s: int
    end_s: int
    permille: int
    cause: str = ""


class SupplyMask(msgspec.Struct, frozen=True):
    """Purchase orders released inside the window come later; failed: not before the window's end."""

    supplier: str
    start_s: int
    end_s: int
    extra_s: int = 0
    permille: int = 1000
    is_failed: bool = False
    cause: str = ""


class QualityMask(msgspec.Struct, frozen=True):
    """A line makes more defects; ``permille`` is the defect share while the window lasts."""

    line: str
    start_s: int
    end_s: int
    permille: int
    cause: str = ""


class FeedMask(msgspec.Struct, frozen=True):
    """A source system reports late, lossy, double, wrongly, or not at all."""

    source: str
    start_s: int
    end_s: int
    fault: FeedFault = FeedFault.HOLD
    extra_lag_s: int = 0
    loss_permille: int = 0
    duplicate_permille: int = 0
    error_permille: int = 0
    cause: str = ""


class StockLoss(msgspec.Struct, frozen=True):
    """Stock is destroyed or blocked; item ``*`` means everything in the warehouse."""

    warehouse: str
    item: str
    at_s: int
    permille: int
    cause: str = ""


class Signal(msgspec.Struct, frozen=True):
    """News that systems or the world send ahead of the physics: a forecast, a supplier's notice."""

    at_s: int
    source: str
    subject: str
    payload: Payload


class Masks(msgspec.Struct, frozen=True):
    """Everything a set of scenarios does to a network."""

    speeds: tuple[SpeedMask, ...] = ()
    capacities: tuple[CapacityMask, ...] = ()
    demands: tuple[DemandMask, ...] = ()
    supplies: tuple[SupplyMask, ...] = ()
    qualities: tuple[QualityMask, ...] = ()
    feeds: tuple[FeedMask, ...] = ()
    losses: tuple[StockLoss, ...] = ()
    signals: tuple[Signal, ...] = ()

    def plus(self, other: "Masks") -> "Masks":
        """Return both together."""
        return Masks(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))
