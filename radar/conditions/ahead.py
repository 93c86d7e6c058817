"""What stands in the way of the places ahead, for a predictor that counts queues itself.

Theory of operation. A storm, a closed road and couriers who stay in do not touch an order by themselves: they take
capacity from the places it has to pass, and who is late of those waiting follows from the queue. So a predictor that
follows the queues is told what is missing where, from when to when, and the extra time of the same conditions is not
felt a second time (``COUNTED``).
"""

from collections.abc import Iterable
from typing import NamedTuple

from radar.conditions.condition import Code, Condition, Standing
from radar.conditions.delays import end_of
from radar.events.common import ReasonCode
from radar.instant import Instant
from radar.open_index import AREA, LANE
from radar.outputs import Fact
from radar.stages import Stage
from radar.ways import Ways

COUNTED = frozenset({Code.WEATHER, Code.COURIERS})
"""What acts through queues alone, beside queues themselves."""


def is_counted(standing: Standing | Condition, stage: Stage, looked_at: Instant, lane: str = "") -> bool:
    """Return whether what stands acts on an order through queues alone; a closure does but at the end of the way.

    Args:
        standing: What stands.
        stage: The stage of the order.
        looked_at: When the queues were looked at last: what is newer they have not heard of, and it is felt.
        lane: The lane that the order was handed over to, where a condition is asked about.
    """
    code = standing.code
    if code is Code.BACKLOG:
        return True
    if standing.since_at > looked_at:
        return False
    return code in COUNTED or (code is Code.CLOSURE and (stage < Stage.HANDED_OVER or _turns_back(standing, lane)))


def _turns_back(closure: Standing | Condition, lane: str) -> bool:
    """Return whether a closure turns those back that are on its lane; a storm is waited out."""
    if isinstance(closure, Standing):
        return closure.key.startswith(LANE) and closure.note != ReasonCode.WEATHER
    return closure.subject == lane and Fact("note", ReasonCode.WEATHER.value) not in closure.facts


class Stretch(NamedTuple):
    """Capacity missing for some time."""

    from_at: Instant
    until_at: Instant
    loss: float
    """Share missing, 0 to 1, as the news says."""
    is_sure: bool
    """Whether nothing moves there at all (a closure), or so much is only feared (a forecast)."""
    turns_back: bool = False
    """Whether what is on the way there turns back; a storm is waited out."""


class AreaAhead:
    """What is known of an area's couriers."""

    __slots__ = ("capacity", "said_at", "stretches")

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.capacity: float | None = None
        """Parcels they can take on a round, as last said; None where nobody says."""
        self.said_at: Instant = Instant(0)


class Ahead:
    """All of it, as of one instant."""

    def __init__(self, standing: Iterable[Standing], at: Instant, closure_us: int, ways: Ways) -> None:
        self.areas: dict[str, AreaAhead] = {}
        self._closed: dict[str, Stretch] = {}
        self._ways = ways
        for one in standing:
            kind, colon, name = one.key.partition(":")
            if kind + colon == AREA:
                self._take_area(self.areas.setdefault(name, AreaAhead()), one, at, closure_us)
            elif kind + colon == LANE and one.code is Code.CLOSURE:
                end_at, turns_back = end_of(one, at, closure_us), one.note != ReasonCode.WEATHER
                self._closed[name] = Stretch(one.from_at, end_at, one.amount, True, turns_back)

    @staticmethod
    def _take_area(area: AreaAhead, one: Standing, at: Instant, closure_us: int) -> None:
        if one.code is Code.WEATHER:
            area.stretches.append(Stretch(one.from_at, one.until_at, one.amount, is_sure=False))
        elif one.code is Code.CLOSURE:
            area.stretches.append(Stretch(one.from_at, end_of(one, at, closure_us), one.amount, is_sure=True))
        elif one.code is Code.COURIERS and one.capacity + one.amount > 0:
            area.capacity = (area.capacity or 0.0) + one.capacity
            area.said_at = max(area.said_at, one.said_at)

    def closed(self, way: str) -> list[Stretch]:
        """Return when the lanes that a way usually takes are closed; the share that takes them is lost."""
        if not self._closed:
            return []
        lanes = {way: 1.0} | {lane: self._ways.share(way, lane) for lane in self._ways.lanes(way)}
        return [
            self._closed[lane]._replace(loss=self._closed[lane].loss * share)
            for lane, share in sorted(lanes.items())
            if lane in self._closed
        ]
