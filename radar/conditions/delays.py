"""How much longer one order takes because of one thing that stands: small formulas, one a kind.

Each takes the order's place on its way and its usual times into account: a dead line does not touch what is made,
a storm only what has to cross the area while it blows, a closed lane only what is not past it. All return
microseconds, 0 for "not touched". They are first guesses; what they are worth is learned (``weights.py``).
"""

from collections.abc import Callable

import msgspec

from radar.conditions.condition import Code, Standing
from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import NEVER, Order
from radar.remaining import RemainingTimes
from radar.rules import ConditionRules
from radar.stages import Stage
from radar.ways import Ways

LAST_LEG_US = DAY_US
"""How long before its delivery an order is usually in the area it goes to."""
LINDY = 0.5
"""What is overdue with no word of its end lasts this share of its age longer (no better guess: it ages with itself)."""


class Yardsticks(msgspec.Struct, frozen=True):
    """What the formulas measure by."""

    remaining: RemainingTimes
    ways: Ways
    rules: ConditionRules


Formula = Callable[[Standing, Order, Instant, Yardsticks], float]


def end_of(standing: Standing, at: Instant, usual_us: int) -> Instant:
    """Return when something is expected to be over as of ``at``: as said, or by its age once that has passed."""
    if standing.until_at > at:
        return standing.until_at
    age_us = at - standing.from_at
    if standing.until_at == NEVER and age_us < usual_us:
        return Instant(standing.from_at + usual_us)
    return Instant(at + max(HOUR_US, int(LINDY * age_us)))


def _line_down(standing: Standing, order: Order, at: Instant, by: Yardsticks) -> float:
    if order.stage >= Stage.PRODUCED or at < standing.from_at:
        return 0.0
    return end_of(standing, at, by.rules.line_down_us) - at


def _line_slow(standing: Standing, order: Order, at: Instant, by: Yardsticks) -> float:
    """Work takes 1/speed as long, but no more is lost than the line loses until it is well again."""
    if order.stage >= Stage.PRODUCED or at < standing.from_at:
        return 0.0
    speed = min(1.0, max(0.05, standing.amount))
    lost = (end_of(standing, at, DAY_US) - at) * (1 - speed)
    work = by.remaining.until(order, Stage.PRODUCED, at)
    return lost if work is None else min(lost, work * (1 / speed - 1))


def _weather(standing: Standing, order: Order, at: Instant, by: Yardsticks) -> float:
    """Share of the time the order is to spend in the area while the weather lasts."""
    if standing.until_at <= at:
        return 0.0
    subject = standing.key.partition(":")[2]
    lost = 0.0
    if subject == order.origin and order.stage < Stage.IN_TRANSIT:
        leaves = at + (by.remaining.until(order, Stage.HANDED_OVER, at) or 0.0)
        lost = _blocked(standing, leaves, leaves)
    if subject == order.area:
        arrives = believed_eta(order, at, by)
        lost = max(lost, _blocked(standing, max(at, arrives - LAST_LEG_US), arrives))
    return standing.amount * lost


def _blocked(standing: Standing, first: float, last: float) -> float:
    """Return how long somebody there from ``first`` to ``last`` would wait for the end if nothing moved."""
    if last < standing.from_at or first >= standing.until_at:
        return 0.0
    return standing.until_at - max(first, standing.from_at)


def _closure(standing: Standing, order: Order, at: Instant, by: Yardsticks) -> float:
    end = end_of(standing, at, by.rules.closure_us)
    kind, _, subject = standing.key.partition(":")
    lasting = msgspec.structs.replace(standing, until_at=end)
    if kind == "area":
        return _weather(lasting, order, at, by)
    if is_past(order, subject):
        return 0.0
    if order.stage >= Stage.HANDED_OVER:
        return max(0, end - max(at, standing.from_at)) if order.lane == subject else 0.0
    share = max(by.ways.share(order.way, subject), float(order.lane == subject))
    arrives = at + (by.remaining.until(order, Stage.HANDED_OVER, at) or 0.0)
    return share * _blocked(lasting, arrives, max(arrives, standing.from_at))


def is_past(order: Order, lane: str) -> bool:
    """Return whether the order has left a lane behind: it is with the courier, or was scanned in at the lane's end."""
    if order.stage >= Stage.OUT_FOR_DELIVERY:
        return True
    departed_at = order.reached[Stage.IN_TRANSIT]
    return lane != order.way and NEVER < departed_at < order.arrived_at


def _vehicle(standing: Standing, order: Order, _at: Instant, by: Yardsticks) -> float:
    """A late vehicle touches the parcels that left when it did."""
    lane = standing.key.partition(":")[2]
    left_at = order.reached[Stage.IN_TRANSIT] or order.reached[Stage.HANDED_OVER]
    is_aboard = standing.since_at - by.rules.vehicle_boarding_us <= left_at <= standing.said_at
    if order.stage < Stage.HANDED_OVER or order.lane != lane or is_past(order, lane) or not is_aboard:
        return 0.0
    return standing.amount * HOUR_US


def _supply(standing: Standing, order: Order, at: Instant, _by: Yardsticks) -> float:
    """Goods that come later than promised hold up who still waits for them."""
    is_other = standing.note and order.item and standing.note != order.item
    if order.stage >= Stage.ALLOCATED or is_other:
        return 0.0
    return max(0, standing.until_at - max(at, standing.from_at))


def _backlog(standing: Standing, order: Order, _at: Instant, _by: Yardsticks) -> float:
    kind, _, subject = standing.key.partition(":")
    waits = {
        "line": order.line == subject and order.stage < Stage.PRODUCED,
        "warehouse": order.warehouse == subject and order.stage < Stage.HANDED_OVER,
        "lane": order.lane == subject and order.stage >= Stage.HANDED_OVER and not is_past(order, subject),
    }
    return standing.amount * HOUR_US if waits.get(kind) else 0.0


FORMULAS: dict[Code, Formula] = {
    Code.LINE_DOWN: _line_down,
    Code.LINE_SLOW: _line_slow,
    Code.WEATHER: _weather,
    Code.CLOSURE: _closure,
    Code.VEHICLE: _vehicle,
    Code.SUPPLY: _supply,
    Code.BACKLOG: _backlog,
}
"""Kind -> expected extra time of an order. Couriers stand together (``couriers``); the rest is the order's own."""


def couriers(standings: list[Standing], order: Order, at: Instant, by: Yardsticks) -> float:
    """Return the extra time where the couriers of an area have more parcels than they can take.

    Parcels beyond their capacity wait for further rounds; where no loads are told, the couriers away count.
    """
    arrives = believed_eta(order, at, by)
    if order.stage < Stage.IN_TRANSIT and arrives - at > 2 * DAY_US:
        return 0.0
    waiting = sum(one.amount for one in standings)
    capacity = sum(one.capacity for one in standings)
    if waiting > 0 and capacity > 0:
        rounds = waiting / capacity - 1
    else:
        away = sum(one.note in ("leave", "resigned") for one in standings)
        rounds = float(by.rules.courier_rounds_max) if away == len(standings) else away / (len(standings) - away)
    return min(float(by.rules.courier_rounds_max), max(0.0, rounds)) * by.rules.courier_round_us


def exception(order: Order, at: Instant) -> float:
    """Return what is left of the delay the carrier named with its last exception."""
    return max(0, order.setback_us - (at - order.setback_at)) if order.setback_at != NEVER else 0.0


def carrier_eta(order: Order, at: Instant, by: Yardsticks) -> float:
    """Return how much later than usual the carrier expects to be; believed from the first in-transit scan on."""
    if order.carrier_eta_at == NEVER or order.reached[Stage.IN_TRANSIT] == NEVER:
        return 0.0
    left = by.remaining.left(order, at)
    return 0.0 if left is None else max(0.0, order.carrier_eta_at - (at + left.mean_us))


def believed_eta(order: Order, at: Instant, by: Yardsticks) -> Instant:
    """Return when the order should arrive: the carrier's word once the parcel moves, else the usual time."""
    if order.carrier_eta_at > at and order.reached[Stage.IN_TRANSIT] != NEVER:
        return order.carrier_eta_at
    return by.remaining.eta(order, at)
