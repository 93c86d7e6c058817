"""An order as it truly is: what was asked, what luck it carries, what became of it and when."""

from enum import IntEnum, StrEnum, auto

from radar.events.common import Tier
from radar.stages import STAGE_COUNT

OPEN_S = -1
"""A time that has not come."""


class Draw(IntEnum):
    """The columns of an order's luck: one draw for each thing that can befall it."""

    THIN = 0
    CHECK = auto()
    SUSPECT = auto()
    DESK = auto()
    ADDRESS = auto()
    CAUGHT = auto()
    CANCEL = auto()
    CANCEL_AFTER = auto()
    MAKE = auto()
    QUALITY = auto()
    PICK = auto()
    PACK = auto()
    VISIT_1 = auto()
    VISIT_2 = auto()
    VISIT_3 = auto()
    COMPLAIN = auto()
    REVIEW = auto()
    STARS = auto()
    SURVEY = auto()
    SURVEY_AFTER = auto()
    CONTACT = auto()
    OTHER = auto()


DRAWS = len(Draw)


class Outcome(StrEnum):
    """How an order ended."""

    OPEN = "open"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    LOST = "lost"
    RETURNED = "returned"


class Order:
    """The truth about one order; the parts write it, the figures are read from it."""

    __slots__ = (
        "address_ok_s",
        "attempts",
        "blame",
        "channel",
        "compensated_cny",
        "complained_s",
        "complaint",
        "id",
        "index",
        "is_address_wrong",
        "is_delay_complaint",
        "is_urgent",
        "item",
        "language",
        "leg",
        "luck",
        "mode",
        "noticed_s",
        "outcome",
        "placed_s",
        "promise_s",
        "quantity",
        "rank",
        "remade",
        "repromise_s",
        "review",
        "stamps",
        "tier",
        "value",
        "warehouse",
        "way",
        "zone",
    )  # fmt: skip

    def __init__(self, index: int, order_id: str, placed_s: int, luck: list[float]) -> None:
        self.index = index
        self.id = order_id
        self.placed_s = placed_s
        self.luck = luck
        self.item = 0
        """Number of the item in the network."""
        self.zone = 0
        """Number of the zone in the network."""
        self.quantity = 1
        self.value = 0.0
        self.tier = Tier.STANDARD
        self.is_urgent = False
        self.rank = 0
        """Place in queues: lower is served first (R26)."""
        self.language = ""
        self.channel = ""
        self.promise_s = 0
        self.repromise_s = OPEN_S
        self.stamps = [OPEN_S] * STAGE_COUNT
        """When each stage was reached, by ``Stage``."""
        self.warehouse = ""
        self.mode = "road"
        self.way: tuple[str, ...] = ()
        """Lanes to take."""
        self.leg = 0
        self.attempts = 0
        self.remade = 0
        self.is_address_wrong = False
        self.address_ok_s = OPEN_S
        """From when a wrong address is put right."""
        self.outcome = Outcome.OPEN
        self.noticed_s = OPEN_S
        """When the customer was told of a delay before complaining."""
        self.compensated_cny = 0.0
        self.complained_s = OPEN_S
        self.complaint = ""
        self.is_delay_complaint = False
        self.review = 0
        self.blame: dict[str, int] | None = None
        """Seconds lost by cause; None when nothing was lost."""

    @property
    def delivered_s(self) -> int:
        """Return when the customer got it, ``OPEN_S`` when not yet."""
        return self.stamps[-1]

    def lateness_s(self, now_s: int) -> int:
        """Return delivered minus promise; of an order not delivered, ``now_s`` minus promise."""
        end_s = self.stamps[-1]
        return (now_s if end_s == OPEN_S else end_s) - self.promise_s

    def lose_time(self, cause: str, lost_s: int) -> None:
        """Book time lost in a stage to a cause."""
        if lost_s > 0:
            if self.blame is None:
                self.blame = {}
            self.blame[cause] = self.blame.get(cause, 0) + lost_s

    @property
    def cause(self) -> str:
        """Return what it lost most time to; empty when nothing was lost."""
        if not self.blame:
            return ""
        return max(self.blame, key=lambda cause: (self.blame[cause], cause))  # type: ignore[index]
