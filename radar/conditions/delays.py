"""How much longer one order takes because of one thing that stands: small formulas, one a kind.

Each takes the order's place on its way and its usual times into account: a dead line does not touch what is made,
a storm only what has to cross the area while it blows, a closed lane only what is not past it. All return
microseconds, 0 for "not touched". They are first guesses; what they are worth is learned (``weights.py``).
"""

from collections.abc import Callable, Sequence

import msgspec

from radar.conditions.condition import Code, Standing
from radar.instant import DAY_US, HOUR_US, Instant
from radar.open_index import AREA, LANE, LINE, SHELF, SUPPLIER, WAREHOUSE
from radar.orders import NEVER, Order
from radar.remaining import RemainingTimes, Usual
from radar.rules import ConditionRules
from radar.stages import Stage
from radar.ways import Ways

LAST_LEG_US = DAY_US
"""How long before its delivery an order is usually in the area it goes to."""
SOON_US = 2 * DAY_US
"""How far ahead of its arrival the couriers of today matter to an order that is not on its way yet."""
TURNED_BACK = 0.7
"""Share of the trucks under way that go back when their lane is closed and make the whole way again. Assumption."""
LINDY = 0.5
"""What is overdue with no word of its end lasts this share of its age longer (no better guess: it ages with itself)."""


class Yardsticks(msgspec.Struct, frozen=True):
    """What the formulas measure by."""

    remaining: RemainingTimes
    ways: Ways
    rules: ConditionRules
    is_stocked: Callable[[str], bool] = lambda _item: False
    """Whether the stock of an item is told: who waits for it then waits at a shelf."""


class Moment:
    """One order at one instant, measured once for all formulas, and only if one asks."""

    __slots__ = ("_arrives_at", "_left", "at", "by", "order", "stage")

    def __init__(self, order: Order, at: Instant, by: Yardsticks) -> None:
        self.order = order
        self.stage = order.stage
        self.at = at
        self.by = by
        self._left: Usual | None = None
        self._arrives_at = NEVER

    @property
    def left(self) -> Usual | None:
        """Return how long the order usually still needs, None when nothing is known."""
        if self._arrives_at == NEVER:
            self._measure()
        return self._left

    @property
    def arrives_at(self) -> Instant:
        """Return when it should arrive: the carrier's word once the parcel moves, else the usual time."""
        if self._arrives_at == NEVER:
            self._measure()
        return self._arrives_at

    def _measure(self) -> None:
        order, at = self.order, self.at
        self._left = left = self.by.remaining.left(order, at)
        if order.carrier_eta_at > at and order.reached[Stage.IN_TRANSIT] != NEVER:
            self._arrives_at = order.carrier_eta_at
        else:
            self._arrives_at = max(at, order.promise_at) if left is None else Instant(at + int(left.mean_us))

    def until(self, stage: Stage) -> float | None:
        """Return how long until the order usually reaches a stage, None when nothing is known; 0 once reached."""
        return self.by.remaining.until(self.order, stage, self.left)

    def leaves_at(self) -> float:
        """Return when the order should be handed over; at once where nothing is known."""
        return self.at + (self.until(Stage.HANDED_OVER) or 0.0)


Formula = Callable[[Standing, str, Moment], float]
"""A standing thing, the name of its place, an order's moment -> microseconds."""


def end_of(standing: Standing, at: Instant, usual_us: int) -> Instant:
    """Return when something is expected to be over as of ``at``: as said, or by its age once that has passed."""
    if standing.until_at > at:
        return standing.until_at
    age_us = at - standing.from_at
    if standing.until_at == NEVER and age_us < usual_us:
        return Instant(standing.from_at + usual_us)
    return Instant(at + max(HOUR_US, int(LINDY * age_us)))


def _line_down(standing: Standing, _line: str, moment: Moment) -> float:
    at = moment.at
    if moment.stage >= Stage.PRODUCED or at < standing.from_at:
        return 0.0
    return end_of(standing, at, moment.by.rules.line_down_us) - at


def _line_slow(standing: Standing, _line: str, moment: Moment) -> float:
    """Work takes 1/speed as long, but no more is lost than the line loses until it is well again."""
    at = moment.at
    if moment.stage >= Stage.PRODUCED or at < standing.from_at:
        return 0.0
    speed = min(1.0, max(0.05, standing.amount))
    lost = (end_of(standing, at, DAY_US) - at) * (1 - speed)
    work = moment.until(Stage.PRODUCED)
    return lost if work is None else min(lost, work * (1 / speed - 1))


def _weather(standing: Standing, area: str, moment: Moment) -> float:
    return 0.0 if standing.until_at <= moment.at else _held_up(standing, standing.until_at, area, moment)


def _held_up(standing: Standing, until_at: Instant, area: str, moment: Moment) -> float:
    """Return the share of the time the order is to spend in the area while something lasts there."""
    order, lost = moment.order, 0.0
    if area == order.origin and moment.stage < Stage.IN_TRANSIT:
        leaves_at = moment.leaves_at()
        lost = _blocked(standing, until_at, leaves_at, leaves_at)
    if area == order.area:
        arrives_at = moment.arrives_at
        lost = max(lost, _blocked(standing, until_at, max(moment.at, arrives_at - LAST_LEG_US), arrives_at))
    return standing.amount * lost


def _blocked(standing: Standing, until_at: Instant, first: float, last: float) -> float:
    """Return how long somebody there from ``first`` to ``last`` would wait for the end if nothing moved."""
    if last < standing.from_at or first >= until_at:
        return 0.0
    return until_at - max(first, standing.from_at)


def _closed_area(standing: Standing, area: str, moment: Moment) -> float:
    return _held_up(standing, end_of(standing, moment.at, moment.by.rules.closure_us), area, moment)


def _closed_lane(standing: Standing, lane: str, moment: Moment) -> float:
    order, at, by = moment.order, moment.at, moment.by
    end = end_of(standing, at, by.rules.closure_us)
    if is_past(order, lane):
        return 0.0
    if moment.stage >= Stage.HANDED_OVER:
        return _on_closed_lane(standing, end, moment) if order.lane == lane else 0.0
    share = max(by.ways.share(order.way, lane), float(order.lane == lane))
    arrives_at = moment.leaves_at()
    return share * _blocked(standing, end, arrives_at, max(arrives_at, standing.from_at))


def _on_closed_lane(standing: Standing, end: Instant, moment: Moment) -> float:
    """Return the time until the lane is open again, and the way made before it closed where trucks turn back."""
    lost = max(0, end - max(moment.at, standing.from_at))
    departed_at = moment.order.reached[Stage.IN_TRANSIT]
    if lost and NEVER < departed_at < standing.from_at:
        lost += int(TURNED_BACK * (standing.from_at - departed_at))
    return lost


def is_past(order: Order, lane: str) -> bool:
    """Return whether the order has left a lane behind: it is with the courier, or was scanned in at the lane's end."""
    if order.stage >= Stage.OUT_FOR_DELIVERY:
        return True
    departed_at = order.reached[Stage.IN_TRANSIT]
    return lane != order.way and NEVER < departed_at < order.arrived_at


def _vehicle(standing: Standing, lane: str, moment: Moment) -> float:
    """A late vehicle touches the parcels that left when it did."""
    order = moment.order
    if moment.stage < Stage.HANDED_OVER or order.lane != lane:
        return 0.0
    left_at = order.reached[Stage.IN_TRANSIT] or order.reached[Stage.HANDED_OVER]
    is_aboard = standing.since_at - moment.by.rules.vehicle_boarding_us <= left_at <= standing.said_at
    return standing.amount * HOUR_US if is_aboard and not is_past(order, lane) else 0.0


def _supply(standing: Standing, _supplier: str, moment: Moment) -> float:
    """Goods that come later than promised hold up who still waits for them.

    Where the stock of the order's item is told, the shelf says who waits, and for how long: a supplier that is late
    holds nobody up whose goods lie there.
    """
    item = moment.order.item
    is_other = standing.note and item and standing.note != item
    if moment.stage >= Stage.ALLOCATED or is_other or moment.order.shelf or moment.by.is_stocked(item):
        return 0.0
    return max(0, standing.until_at - max(moment.at, standing.from_at))


def _short(standing: Standing, shelf: str, moment: Moment) -> float:
    """Who waits at an empty shelf waits until it is filled."""
    is_there = moment.stage < Stage.ALLOCATED and moment.order.shelf == shelf
    return max(0, standing.until_at - moment.at) if is_there else 0.0


def _queue_at_line(standing: Standing, line: str, moment: Moment) -> float:
    return standing.amount * HOUR_US if moment.order.line == line and moment.stage < Stage.PRODUCED else 0.0


def _queue_at_warehouse(standing: Standing, warehouse: str, moment: Moment) -> float:
    waits = moment.order.warehouse == warehouse and moment.stage < Stage.HANDED_OVER
    return standing.amount * HOUR_US if waits else 0.0


def _queue_at_lane(standing: Standing, lane: str, moment: Moment) -> float:
    order = moment.order
    waits = order.lane == lane and moment.stage >= Stage.HANDED_OVER and not is_past(order, lane)
    return standing.amount * HOUR_US if waits else 0.0


_FORMULAS: dict[tuple[Code, str], Formula] = {
    (Code.LINE_DOWN, LINE): _line_down,
    (Code.LINE_SLOW, LINE): _line_slow,
    (Code.WEATHER, AREA): _weather,
    (Code.CLOSURE, AREA): _closed_area,
    (Code.CLOSURE, LANE): _closed_lane,
    (Code.VEHICLE, LANE): _vehicle,
    (Code.SUPPLY, SUPPLIER): _supply,
    (Code.SHORT, SHELF): _short,
    (Code.BACKLOG, LINE): _queue_at_line,
    (Code.BACKLOG, WAREHOUSE): _queue_at_warehouse,
    (Code.BACKLOG, LANE): _queue_at_lane,
}
"""Kind of thing and of place -> extra time. Couriers stand together (``couriers``)."""


def formula_of(standing: Standing) -> Formula:
    """Return how the extra time is reckoned that a standing thing costs an order."""
    kind, colon, _name = standing.key.partition(":")
    return _FORMULAS[standing.code, kind + colon]


def couriers(standings: Sequence[Standing], rules: ConditionRules) -> Formula | None:
    """Return how the extra time is reckoned where the couriers of an area have more parcels than they can take.

    None where they have not. Parcels beyond their capacity wait for further rounds; where no loads are told, the
    couriers away count.
    """
    waiting = sum(one.amount for one in standings)
    capacity = sum(one.capacity for one in standings)
    if waiting > 0 and capacity > 0:
        rounds = waiting / capacity - 1
    else:
        away = sum(one.note in ("leave", "resigned") for one in standings)
        rounds = float(rules.courier_rounds_max) if away == len(standings) else away / (len(standings) - away)
    cost_us = min(float(rules.courier_rounds_max), max(0.0, rounds)) * rules.courier_round_us
    if cost_us < 1:
        return None

    def cost(_standing: Standing, _area: str, moment: Moment) -> float:
        is_far = moment.stage < Stage.IN_TRANSIT and moment.arrives_at - moment.at > SOON_US
        return 0.0 if is_far else cost_us

    return cost


def exception(moment: Moment) -> float:
    """Return what is left of the delay the carrier named with its last exception."""
    order = moment.order
    return max(0, order.setback_us - (moment.at - order.setback_at)) if order.setback_at != NEVER else 0.0


def carrier_eta(moment: Moment) -> float:
    """Return how much later than usual the carrier expects to be; believed from the first in-transit scan on."""
    order, left = moment.order, moment.left
    if order.carrier_eta_at == NEVER or order.reached[Stage.IN_TRANSIT] == NEVER or left is None:
        return 0.0
    return max(0.0, order.carrier_eta_at - (moment.at + left.mean_us))
