"""What a prediction reads of an order, in local days and in logarithms.

Two forms of the same figures: ``Facts`` of one order for a prediction, columns of many for an epoch
(``radar.learning.open_orders``). Attributes that are unknown take the value of a usual parcel, so that nothing is
ever missing; whether they were known is an input of its own.
"""

import math

from radar.instant import Instant
from radar.learning.local_days import LocalDays
from radar.learning.view import View
from radar.orders import NEVER, Order
from radar.stages import Stage

WEIGHT_KG, FREIGHT, DISTANCE_KM = 0.7, 15.0, 500.0
"""A usual parcel: what stands in for the unknown. Source: medians of Olist 2016-18, rounded."""
WEIGHT_RANGE_KG, FREIGHT_RANGE, DISTANCE_RANGE_KM, ITEMS_MAX = (0.05, 30.0), (0.0, 200.0), (20.0, 4000.0), 4
WEIGHT_CENTRE, FREIGHT_CENTRE, SPAN_CENTRE = 0.7, 3.0, 3.1
"""Means of the logarithms on Olist, rounded: inputs near 0 keep the Newton steps well conditioned."""
SLIP_RANGE, SLIP_UNIT = (-6.0, 10.0), 5.0
"""Days from the ship-by limit to the hand-over."""
WINDOW_RANGE_DAYS, WINDOW_RANGE = (1.0, 60.0), (-2.0, 2.0)
SPAN_RANGE_DAYS, SPAN_RANGE = (3.0, 60.0), (1.0, 4.1)
UNKNOWN = "?"
"""Name of a segment where an order does not say; "not said" is a group of its own."""
DISTRICT_CHARS = 3
"""Characters of a postcode that name the sorting district (Brazil, China, the United States)."""

Names = tuple[str, str, str, str]
"""An order's segments, in the order of ``radar.learning.segments.KINDS``."""


class Facts:
    """One order in local days; brought up to date when events have changed the order."""

    __slots__ = (
        "_area",
        "_items",
        "_lane",
        "_place",
        "handed",
        "heard",
        "limit_known",
        "names",
        "parcel",
        "placed",
        "promise",
        "ship_by",
        "span",
        "stage",
        "view",
        "view_day",
    )

    def __init__(self, order: Order, days: LocalDays) -> None:
        self.placed = days.day(order.reached[Stage.PLACED])
        self.promise = days.deadline(order.promise_at)
        self.span = span_of(self.promise - self.placed)
        self._area = self._lane = self._place = ""
        self._items = -1
        self.view: View | None = None
        """The order as the model saw it last."""
        self.view_day = 0
        """Epoch of that view."""
        self.look(order, days)

    def look(self, order: Order, days: LocalDays) -> None:
        """Read off the order what events can have changed."""
        self.heard = order.seen
        """Marks of the events folded so far: other marks, and the facts may be others."""
        reached = order.reached
        self.stage: int = order.stage
        handed_at, paid_at, ship_by_at = handed_over_at(order), reached[Stage.PAID], order.ship_by_at
        self.handed = None if handed_at == NEVER else days.day(handed_at)
        if ship_by_at == NEVER or paid_at == NEVER:  # noqa: PLR1714 - a tuple costs more
            self.ship_by, self.limit_known = None, math.inf
        else:
            self.ship_by, self.limit_known = days.day(ship_by_at), days.day(paid_at)
        area, lane, place, items = order.area, order.lane, order.postcode, order.item_count
        if lane is not self._lane or area is not self._area or place is not self._place or items != self._items:
            self._area, self._lane, self._place, self._items = area, lane, place, items
            self.names = names_of(order)
            self.parcel = parcel_of(order)
            self.view = None


def handed_over_at(order: Order) -> Instant:
    """Return when an order was handed over; a scan implies it."""
    reached = order.reached
    handed_at = reached[Stage.HANDED_OVER]
    if handed_at != NEVER or order.stage < Stage.HANDED_OVER:
        return handed_at
    scans = [at for at in (reached[Stage.IN_TRANSIT], reached[Stage.OUT_FOR_DELIVERY]) if at != NEVER]
    return min(scans, default=NEVER)


def names_of(order: Order) -> Names:
    """Return the names of the segments an order belongs to."""
    area = order.area or UNKNOWN
    return (
        area,
        order.lane or f"{UNKNOWN}-{area}",
        order.postcode[:DISTRICT_CHARS] or UNKNOWN,
        order.supplier or UNKNOWN,
    )


def parcel_of(order: Order) -> tuple[float, float, float, float, float]:
    """Return log weight, log freight, whether the items are unknown, items, log distance; each near 0."""
    weight_kg = WEIGHT_KG if order.weight_kg is None else order.weight_kg
    freight = FREIGHT if order.freight is None else order.freight
    is_unknown = order.item_count == 0
    return (
        math.log1p(clip(weight_kg, WEIGHT_RANGE_KG)) - WEIGHT_CENTRE,
        math.log1p(clip(freight, FREIGHT_RANGE)) - FREIGHT_CENTRE,
        1.0 if is_unknown else 0.0,
        0.0 if is_unknown else min(order.item_count, ITEMS_MAX) - 1.0,
        0.0 if order.distance_km is None else math.log(clip(order.distance_km, DISTANCE_RANGE_KM) / DISTANCE_KM),
    )


def span_of(days: float) -> float:
    """Return the promised time from the order to the promise, in logarithms near 0."""
    return clip(math.log(clip(days, SPAN_RANGE_DAYS)), SPAN_RANGE) - SPAN_CENTRE


def slip_of(handed: float, ship_by: float | None) -> float:
    """Return by how much the hand-over missed the ship-by limit, 0 where there is none."""
    return 0.0 if ship_by is None else clip(handed - ship_by, SLIP_RANGE) / SLIP_UNIT


def window_of(days: float, mean: float) -> float:
    """Return how long the promise leaves for the transit, against its mean, in logarithms."""
    return clip(math.log(clip(days, WINDOW_RANGE_DAYS)) - mean, WINDOW_RANGE)


def clip(value: float, bounds: tuple[float, float]) -> float:
    """Return the nearest value within the bounds."""
    low, high = bounds
    return low if value < low else high if value > high else value  # noqa: FURB136 - hot
