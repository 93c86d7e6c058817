"""Complaint hot spots: an area, item, carrier, lane or category with more complaints than its deliveries explain (R08).

A delivery is the trial, judged by the deliveries a day lately, for complaints come a day later; those about orders not
delivered yet count against the deliveries all the same, so what stops a carrier shows twice. Nothing is counted until
the first complaint of all: a stream without any pays nothing. A category is no place: what stands at a place is not
said of it again, but a category that stands explains no place away.
"""

from collections.abc import Iterable, Sequence

from radar.clusters import Clusters, Subject
from radar.events.world import CustomerComplaint
from radar.instant import DAY_US, Instant
from radar.open_index import AREA, LANE
from radar.orders import Order
from radar.outputs import Output, Row, StateRow, WarningKind
from radar.quality import ITEM
from radar.rules import ClusterRules
from radar.stages import Stage

MACHINE = "complaints"
CARRIER, CATEGORY = "carrier:", "category:"


class Complaints:
    """Complaints by place, against deliveries."""

    def __init__(self, rules: ClusterRules, epoch_us: int = DAY_US) -> None:
        self._rules = rules
        kind = WarningKind.COMPLAINT_HOT_SPOT
        subject = Subject(MACHINE, kind, "complaints.hot-spot", CATEGORY, is_lagged=True)
        self._clusters = Clusters(subject, rules, epoch_us)
        self._categories: set[str] = set()
        """Categories heard of: each is exposed to every delivery."""
        self._elsewhere = 0
        """Deliveries at places where nothing stands, not yet told to the categories."""
        self.is_awake = False
        """Whether any complaint was ever heard."""

    def delivered(self, order: Order) -> None:
        """Count a delivery for the places of an order."""
        places = _places(order.area, order.item, order.carrier, order.lane)
        explained = self._explained(places)
        for key in explained or places:
            self._clusters.expose(key)
        self._elsewhere += not explained

    def complained(self, data: CustomerComplaint, order: Order | None, at: Instant) -> Sequence[Output]:
        """Take in a complaint; what it does not name is the order's."""
        if not self._rules.is_on:
            return ()
        self.is_awake = True
        area, item, carrier, lane = data.area, data.item, data.carrier, ""
        if order is not None:
            area, item, carrier = area or order.area, item or order.item, carrier or order.carrier
            lane = order.lane if order.stage >= Stage.HANDED_OVER else ""  # till then it is the way it should go
        places = _places(area, item, carrier, lane)
        keys = self._explained(places)
        if not keys:
            category = CATEGORY + data.category.value
            self._flush()
            self._categories.add(category)
            keys = [*places, category]
        for key in keys:
            said = self._clusters.count(key, 1.0, at)
            if said is not None:
                return (said,)  # what it explains is not said of the next place too
        return ()

    def roll(self, at: Instant) -> Sequence[Output]:
        """Let the day enter the usual rates."""
        if not self._rules.is_on or not self.is_awake:
            return ()
        self._flush()
        said = self._clusters.roll(at)
        self._categories = {key for key in self._categories if self._clusters.is_followed(key)}
        return said

    def take_dirty(self) -> list[Row]:
        """Return what changed since last asked."""
        self._flush()
        return self._clusters.take_dirty()

    def load(self, rows: Iterable[Row]) -> None:
        """Restore."""
        for row in rows:
            assert isinstance(row, StateRow)
            self._clusters.load((row,))
            self.is_awake = self._rules.is_on
            if row.key.startswith(CATEGORY):
                self._categories.add(row.key)

    def _explained(self, places: list[str]) -> list[str]:
        standing = self._clusters.standing
        return [key for key in places if key in standing] if standing else []

    def _flush(self) -> None:
        if self._elsewhere:
            for key in sorted(self._categories):
                self._clusters.expose(key, float(self._elsewhere))
            self._elsewhere = 0


def _places(area: str, item: str, carrier: str, lane: str) -> list[str]:
    named = ((AREA, area), (ITEM, item), (CARRIER, carrier), (LANE, lane))
    return [kind + name for kind, name in named if name]
