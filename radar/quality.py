"""Quality clusters: a line or an item whose inspections fail more often than they usually do there (R08).

An inspection is one trial, whatever its size: the pieces of a batch are bad together. One that is passed all the same
counts by its share of bad pieces.
"""

from collections.abc import Iterable, Sequence

from radar.clusters import Clusters, Subject
from radar.events.supply import QualityResult
from radar.instant import DAY_US, Instant
from radar.open_index import LINE
from radar.orders import Order
from radar.outputs import Output, Row, WarningKind
from radar.rules import ClusterRules

MACHINE = "quality"
ITEM = "item:"


class Quality:
    """Inspections by line and by item."""

    def __init__(self, rules: ClusterRules, epoch_us: int = DAY_US) -> None:
        self._is_on = rules.is_on
        self._clusters = Clusters(Subject(MACHINE, WarningKind.QUALITY_CLUSTER, "quality.cluster"), rules, epoch_us)

    def inspected(self, data: QualityResult, order: Order | None, at: Instant) -> Sequence[Output]:
        """Take in a result; line and item are the order's where the result names none."""
        if not self._is_on:
            return ()
        line = data.line or (order.line if order is not None else "")
        item = data.item or (order.item if order is not None else "")
        bad = max(0.0 if data.is_passed else 1.0, data.defective / data.inspected if data.inspected else 0.0)
        out: list[Output] = []
        for key in self._heard_by(LINE + line if line else "", ITEM + item if item else ""):
            self._clusters.expose(key)
            said = self._clusters.count(key, bad, at) if bad else self._clusters.look(key, at)
            if said is not None:
                out.append(said)
                break  # the line is named first; what it explains is not said of the item too
        return out

    def roll(self, at: Instant) -> Sequence[Output]:
        """Let the day enter the usual rates."""
        return self._clusters.roll(at) if self._is_on else ()

    def take_dirty(self) -> list[Row]:
        """Return what changed since last asked."""
        return self._clusters.take_dirty()

    def load(self, rows: Iterable[Row]) -> None:
        """Restore."""
        self._clusters.load(rows)

    def _heard_by(self, *keys: str) -> list[str]:
        """Return the places a result counts for: those a warning stands for, else all it names."""
        named = [key for key in keys if key]
        standing = self._clusters.standing
        return [key for key in named if key in standing] or named if standing else named
