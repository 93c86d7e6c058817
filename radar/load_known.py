"""When the open orders usually pass the doors before them, and where they are held now.

Orders that stand alike - same stage, type, way and places, the last milestone in the same quarter of a day - are one
group, and all groups are reckoned at once. The first door before an order is passed by the time gone by since it moved
last; each further one so long after the one before as is usual, however late that is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from radar.ends import days_between, ends_by_day
from radar.instant import DAY_US, Instant
from radar.open_index import AREA, LANE, LINE, WAREHOUSE
from radar.orders import NEVER, Order
from radar.remaining import RemainingTimes
from radar.stages import Stage
from radar.ways import Ways

DAYS = 7
OVERDUE_MAX_US = 30 * DAY_US
"""An order this far past its promise no longer counts as load to come: most of them never move again."""
LOST_AFTER = 4.0
"""Spreads beyond the usual time after which an order is no load any more: it is lost, or closed without a word."""
ALIKE_US = DAY_US // 4
"""Orders at one place whose last milestones lie in the same quarter of a day are taken together."""
DOORS: dict[str, Stage] = {
    LINE: Stage.PRODUCED,
    WAREHOUSE: Stage.HANDED_OVER,
    LANE: Stage.HANDED_OVER,
    AREA: Stage.DELIVERED,
}
"""Kind of place -> the milestone with which it has done its part, in the sequence in which an order meets them."""
MILESTONES = tuple(dict.fromkeys(DOORS.values()))
LATER = DAYS + 1
"""Days by which something may come later: 0, 1, ... and beyond all days ahead."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[Stage, str, int, str, str, str, str, str]
"""What makes orders alike: stage, type, time gone by, line, warehouse, lane, origin, area."""


@dataclass(slots=True)
class Door:
    """A milestone that groups have before them."""

    first: Floats
    """(groups, days): how likely an order passes it on each day, where it is the next one."""
    between: Floats
    """(groups, LATER): how many days it usually takes from the door before, where it is not the next one."""


@dataclass(slots=True)
class Known:
    """Groups of open orders."""

    counts: Floats
    doors: dict[Stage, Door]
    at: dict[str, tuple[Ints, Floats]]
    """By place: the groups that have it before them, and which share of each."""


class Held:
    """Orders counted at the end of a day, and those of them that were held all day."""

    __slots__ = ("counts", "groups", "since")

    def __init__(self, orders: Iterable[Order], at: Instant, ways: Ways) -> None:
        """Count open orders.

        Args:
            orders: Of any sequence.
            at: The end of the day.
            ways: By which lanes orders go.
        """
        self.counts: Counter[str] = Counter()
        """Place -> orders that stood there a day ago already."""
        self.groups: dict[Key, list[int]] = {}
        """Their number, and the sum of the times gone by since their last milestones."""
        self.since: dict[Key, Order] = {}
        """One order of each group: whatever is asked of it is the same for all."""
        groups, day_ago = self.groups, at - DAY_US
        for order in orders:
            if order.promise_at != NEVER and at - order.promise_at > OVERDUE_MAX_US:
                continue
            stage = order.stage
            gone_us = at - (order.reached[stage] or order.heard_at)
            line = order.line
            house = _house(order) if line else order.warehouse
            key = (stage, order.order_type, gone_us // ALIKE_US, line, house, order.lane, order.origin, order.area)
            found = groups.get(key)
            if found is None:
                groups[key], self.since[key] = [1, gone_us], order
            else:
                found[0] += 1
                found[1] += gone_us
            if gone_us >= DAY_US:
                place = _stands_at(order, day_ago, ways)
                if place:
                    self.counts[place] += 1


def _stands_at(order: Order, day_ago: int, ways: Ways) -> str:
    """Return the place that holds an order which nothing moved for a day; "" for none."""
    stage = order.stage
    if stage >= Stage.HANDED_OVER:
        # Of a parcel that never leaves its area no scan tells: a day after the hand-over others are on the road.
        is_there = stage is not Stage.IN_TRANSIT or order.sent_at < order.arrived_at <= day_ago
        return AREA + order.area if is_there and order.area else ""
    if stage < Stage.ALLOCATED:
        return ""
    if stage < Stage.PRODUCED and order.line:
        return LINE + order.line
    if stage is Stage.PACKED:
        way = order.way  # what is told before the hand-over is the way and no lane
        lane = max(ways.lanes(way), key=lambda one: ways.share(way, one), default=order.lane)
        if lane:
            return LANE + lane
    house = _house(order)
    return WAREHOUSE + house if house else ""


def _house(order: Order) -> str:
    """Return the warehouse that hands an order over; that told of goods in the making is the one of their materials."""
    is_made = bool(order.line and order.origin) and order.stage < Stage.PICKED
    return order.origin if is_made else order.warehouse


def known_of(held: Held, remaining: RemainingTimes, ways: Ways) -> Known:
    """Return when the orders of each group usually pass the doors before them."""
    keys: list[Key] = []
    rows: list[list[float]] = []
    usuals: dict[tuple[Stage, str, str, str], list[float]] = {}
    for key in sorted(held.groups):
        alike = (key[0], key[1], key[6], key[7])
        usual = usuals.get(alike)
        if usual is None:
            usual = usuals[alike] = _usual_of(held.since[key], remaining)
        count, gone_us = held.groups[key]
        gone = gone_us / count / DAY_US
        if gone <= usual[0]:
            keys.append(key)
            rows.append([count, gone, *usual[1:]])
    table = np.array(rows, np.float64).reshape(-1, 2 + 4 * len(MILESTONES)).T
    doors = {}
    for number, stage in enumerate(MILESTONES):
        mean, spread, mean_between, spread_between = table[2 + 4 * number : 6 + 4 * number]
        doors[stage] = Door(
            ends_by_day(mean, spread, table[1], DAYS), days_between(mean_between, spread_between, LATER)
        )
    return Known(table[0], doors, _places(keys, ways))


def _usual_of(order: Order, remaining: RemainingTimes) -> list[float]:
    """Return what is usual of an order in days: until when it is waited for, and four figures for each milestone.

    These are mean and spread of the time to it where it is the next one, and of the time from the one before where it
    is not; spread 0 where it is behind, or nothing is known of it.
    """
    last = remaining.usual(order, order.stage)
    if last is None:
        return [-1.0] + [0.0] * (4 * len(MILESTONES))
    found = [(last.mean_us + LOST_AFTER * last.spread_us) / DAY_US]
    is_next = True
    for stage in MILESTONES:
        usual = remaining.usual(order, stage) if order.stage < stage else None
        if usual is None:
            found += [0.0] * 4
            continue
        spread_us = sqrt(max(last.spread_us**2 - usual.spread_us**2, (last.spread_us / 4) ** 2))
        step = [(last.mean_us - usual.mean_us) / DAY_US, spread_us / DAY_US]
        found += [*step, 0.0, 0.0] if is_next else [0.0, 0.0, *step]
        last, is_next = usual, False
    return found


def _places(keys: list[Key], ways: Ways) -> dict[str, tuple[Ints, Floats]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for number, (stage, _, _, line, warehouse, lane, origin, area) in enumerate(keys):
        if line and stage < Stage.PRODUCED:
            found.setdefault(LINE + line, []).append((number, 1.0))
        if stage < Stage.HANDED_OVER:
            if warehouse:
                found.setdefault(WAREHOUSE + warehouse, []).append((number, 1.0))
            way = f"{origin}-{area}" if origin and area else ""
            lanes = ways.lanes(way) or ((lane,) if lane else ())
            for one in lanes:
                found.setdefault(LANE + one, []).append((number, ways.share(way, one) or 1.0))
        if area:
            found.setdefault(AREA + area, []).append((number, 1.0))
    return {
        place: (np.array([one for one, _ in rows], np.int64), np.array([share for _, share in rows]))
        for place, rows in found.items()
    }
