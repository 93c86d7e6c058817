"""The open orders as columns, for the steps of the flow: brought up to date, not made anew.

A step looks at every open order, but since the step before little has happened to most of them. So each has a row of
a table that stays until something is heard of the order, and a step reads the rows in the sequence of the order ids, in
which all its sums run. They are a function of the orders alone: a restart makes the same ones again. What the orders
told since the step before is read once, in one go, for all that a step learns from it (``News``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from zlib import crc32

import numpy as np

from radar.events.common import Tier
from radar.instant import HOUR_US, LATEST, Instant
from radar.learning.local_days import Flags, Ints
from radar.learning.positions import (
    AREAS_MAX,
    ARRIVED,
    DOOR_NUMBER,
    DOORS,
    HELD,
    MIDWAY,
    ONWARD,
    PHASES,
    SITES_MAX,
    Names,
    Objects,
    Positions,
    failed_station,
    place_of,
    rank_of,
    since_classes,
    way_of,
    ways_of,
)
from radar.learning.ranking import ranked
from radar.learning.slots import Slots, grown
from radar.orders import NEVER, Order
from radar.stages import STAGE_COUNT, OrderPhase, Stage

WAYS_MAX = 20_000
"""Combinations of what orders tell whose places are remembered; a mere saving of time."""
_PHASE, _TYPE, _STAGE, _STATION, _SINCE, _PROMISE, _CLOSED, _SITE, _RANKS = range(9)
_AREA = _RANKS + 3
_WAY = DOOR_NUMBER[Stage.HANDED_OVER]
_COLUMNS = _AREA + 1 + len(DOORS)
"""Columns of the table: from the ranks on three ranks, the area, and the place before each door."""
# A look-up less each on the hot path.
_ON_HOLD = OrderPhase.HELD
_PICKED, _ON_ITS_WAY, _OUT = Stage.PICKED, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY
_Alike = tuple[str, str, str, str, str, bool, Tier, bool]
"""What ``Told`` has, and the ranks."""


@dataclass(slots=True)
class News:
    """Orders of which something was heard since the last step, in the sequence of their ids."""

    orders: list[Order]
    slots: Ints
    types: Ints
    areas: Ints
    places: Ints
    """(doors, orders): number of the place before each door, -1 for none."""
    ranks: Ints
    """(orders, 3): as of ``Positions``."""
    promises: Ints
    reached: Ints
    """(stages, orders): when each milestone was reached."""

    def within(self, stage: int, since: Instant, until: Instant) -> Ints:
        """Return which of them reached a milestone after an instant and until another."""
        at = self.reached[stage]
        return np.flatnonzero((at > since) & (at <= until))

    @property
    def ways(self) -> Ints:
        """Return the number of each order's way, from 1 on; 0 where none is followed."""
        return ways_of(self.places)

    def told_late(self, late: Mapping[str, Sequence[int]]) -> dict[int, Ints]:
        """Return which of them tell a milestone from before the last step, by stage.

        Args:
            late: By order id, the milestones so told.
        """
        found: dict[int, list[int]] = {}
        if late:
            for row, order in enumerate(self.orders):
                for stage in set(late.get(order.order_id, ())):
                    found.setdefault(stage, []).append(row)
        return {stage: np.array(rows, np.int64) for stage, rows in found.items()}

    def ended(self, late: Mapping[int, Ints], since: Instant, until: Instant) -> "News":
        """Return those delivered in a stretch, or before it and told only now."""
        within = self.within(Stage.DELIVERED, since, until).tolist()
        fresh = [row for row in within if self.orders[row].phase is OrderPhase.DELIVERED]
        told_late = late[Stage.DELIVERED].tolist() if Stage.DELIVERED in late else ()
        return self.only(np.array(sorted({*fresh, *told_late}), np.int64))

    def only(self, rows: Ints) -> "News":
        """Return some of them."""
        orders = [self.orders[row] for row in rows.tolist()]
        places, reached = self.places[:, rows], self.reached[:, rows]
        ranks, promises = self.ranks[rows], self.promises[rows]
        return News(orders, self.slots[rows], self.types[rows], self.areas[rows], places, ranks, promises, reached)


class Yard:
    """The open orders and where they stand; what nothing was heard of is not looked at again.

    A step calls ``look``, ``promised``, ``let_go`` and ``positions``, in this order.
    """

    __slots__ = (
        "_heard",
        "_listed",
        "_names",
        "_numbers",
        "_order_ids",
        "_orders",
        "_sequence",
        "_sites",
        "_slots",
        "_table",
        "_types",
        "_waiting",
        "_ways",
        "areas",
        "last_sites",
    )

    def __init__(self, types: Mapping[str, int], places: Sequence[Names], slots: Slots) -> None:
        """Begin empty.

        Args:
            types: Numbers of the order types that are looked at.
            places: Numbers of the places by door; new ones are added.
            slots: Rows by order id: an order has one from the first step that looks at it until it goes.
        """
        self._types = types
        self._names = places
        self._slots = slots
        self.areas = Names(AREAS_MAX)
        self._sites = Names(SITES_MAX)
        self.last_sites: dict[str, str] = {}
        """By area: the site its couriers leave from."""
        self._waiting: dict[str, Order] = {}
        """Orders without a row yet."""
        self._heard: set[int] = set()
        """Rows of orders that something was heard of since the last step."""
        self._sequence: Ints = np.empty(0, np.int64)
        """Rows in the sequence of the order ids; beside them the ids."""
        self._order_ids: Objects = np.empty(0, object)
        self._orders: Objects = np.empty(0, object)
        """By row, as in the table."""
        self._table: Ints = np.empty((0, _COLUMNS), np.int64)
        self._numbers: dict[_Alike, int] = {}
        self._listed: list[list[int]] = []
        self._ways: Ints = np.empty((0, _COLUMNS - _RANKS), np.int64)
        """By number: ranks, area, and place before each door. Orders that tell the same have the same."""

    def __len__(self) -> int:
        """Return the number of orders."""
        return len(self._sequence) + len(self._waiting)

    @property
    def orders(self) -> dict[str, Order]:
        """Return the orders by id."""
        return dict(zip(self._order_ids.tolist(), self._orders[self._sequence].tolist(), strict=True)) | self._waiting

    def heard(self, order: Order) -> None:
        """Take note that something was heard of an order: take it in, or look at it again at the next step."""
        slot = self._slots.numbers.get(order.order_id)
        if slot is not None:
            self._heard.add(slot)
        elif order.promise_at != NEVER and order.reached[Stage.PLACED] != NEVER:
            self._waiting[order.order_id] = order  # its promise may have been told after it was placed

    def take_back(self, order: Order) -> None:
        """Take an order in again after a restart, when it may have a row already."""
        self._waiting[order.order_id] = order

    def tidy(self) -> Ints:
        """Give the rows back that no order was taken in for again; returns them."""
        gone = [order_id for order_id in self._slots.numbers if order_id not in self._waiting]
        return np.array([self._slots.give_back(order_id) for order_id in gone], np.int64)

    def look(self) -> News:
        """Bring the table up to the orders as they are, and return what they tell."""
        if self._waiting:
            self._take_in(sorted(self._waiting.values(), key=_order_id))
            self._waiting = {}
        is_heard = np.zeros(len(self._table), np.bool_)
        is_heard[np.fromiter(self._heard, np.int64, len(self._heard))] = True
        slots = self._sequence[is_heard[self._sequence]]
        self._heard.clear()
        orders: list[Order] = self._orders[slots].tolist()
        if orders:
            self._table[slots, _STAGE:] = self._standing(orders)
        table = self._table[slots].T
        told = chain.from_iterable([order.reached for order in orders])
        reached = np.fromiter(told, np.int64, len(orders) * STAGE_COUNT).reshape(-1, STAGE_COUNT).T
        ranks, promises = table[_RANKS:_AREA].T, table[_PROMISE]
        return News(orders, slots, table[_TYPE], table[_AREA], table[_AREA + 1 :], ranks, promises, reached)

    def promised(self, since: Instant, until: Instant) -> tuple[list[Order], Ints]:
        """Return the orders promised after an instant and until another, by id, open or not, and their rows."""
        promises = self._table[self._sequence, _PROMISE]
        slots = self._sequence[(promises > since) & (promises <= until)]
        return self._orders[slots].tolist(), slots

    def let_go(self, before: Instant) -> Ints:
        """Forget the orders that have ended, and those promised before an instant; returns the rows they had."""
        closed, promises = self._table[self._sequence, _CLOSED], self._table[self._sequence, _PROMISE]
        is_gone: Flags = (closed != NEVER) | (promises < before)
        slots = self._sequence[is_gone]
        for order_id in self._order_ids[is_gone].tolist():
            self._slots.give_back(order_id)
        self._orders[slots] = None
        self._order_ids, self._sequence = self._order_ids[~is_gone], self._sequence[~is_gone]
        return slots

    def positions(self, at: Instant) -> Positions:
        """Return the open orders as of a moment, in the sequence of the order ids."""
        table = np.ascontiguousarray(self._table[self._sequence].T)
        since_h = (at - table[_SINCE]) / HOUR_US
        # Which site is the last one of an area is learned: a row keeps where its order is, not what that means.
        last = np.full(AREAS_MAX, -1)
        for area, site in self.last_sites.items():
            last[self.areas.number(area) % AREAS_MAX] = self._sites.number(site)
        is_last = (table[_STATION] == MIDWAY) & (table[_SITE] == last[table[_AREA]])
        return Positions(
            order_ids=self._order_ids,
            slots=self._sequence,
            phases=table[_PHASE],
            types=table[_TYPE],
            stages=table[_STAGE],
            stations=np.where(is_last, ARRIVED, table[_STATION]),
            since_h=since_h,
            since=since_classes(since_h),
            areas=table[_AREA],
            left_h=(table[_PROMISE] - at) / HOUR_US,
            places=table[_AREA + 1 :],
            ranks=table[_RANKS:_AREA].T.astype(np.float64),
            longest_first=ranked(table[_SINCE] - table[_SINCE].min(initial=LATEST) >> 10),  # to the millisecond
        )

    def known_places(self, order: Order) -> list[int]:
        """Return the number of the place before each door, between two steps: -1 where none is known."""
        names = ((numbers.numbers, place_of(order, door)) for door, numbers in enumerate(self._names))
        return [numbers.get(name, -1) for numbers, name in names]

    def ends(self, order: Order, places: Sequence[int]) -> tuple[int, int]:
        """Return the numbers of the area and the way of an order with such ``known_places``."""
        return self.areas.numbers.get(order.area, AREAS_MAX - 1), way_of(places[_WAY])

    @property
    def ways(self) -> Mapping[str, int]:
        """Return the ways by name."""
        return self._names[_WAY].numbers

    def _take_in(self, orders: Sequence[Order]) -> None:
        """Make rows for orders, sorted by id, that have none; what they tell is not looked at yet."""
        order_ids = [one.order_id for one in orders]
        slots = np.array([self._slots.take(order_id) for order_id in order_ids], np.int64)
        self._table = grown(self._table, len(self._slots))
        self._orders = grown(self._orders, len(self._slots))
        self._table[slots, _PHASE] = [crc32(order_id.encode()) % PHASES for order_id in order_ids]
        self._table[slots, _TYPE] = [self._types[one.order_type] for one in orders]
        self._orders[slots] = orders
        first = int(np.searchsorted(self._order_ids, order_ids[0]))  # most come behind all that are there
        places = first + np.searchsorted(self._order_ids[first:], np.array(order_ids, object))
        self._order_ids = np.insert(self._order_ids, places, order_ids)
        self._sequence = np.insert(self._sequence, places, slots)
        self._heard.update(slots.tolist())

    def _standing(self, orders: Sequence[Order]) -> Ints:
        """Return the columns from the stage on, of orders as they stand."""
        if len(self._listed) >= WAYS_MAX:
            self._numbers, self._listed, self._ways = {}, [], self._ways[:0]
        numbers, sites = self._numbers, self._sites.numbers
        rows: list[int] = []
        for order in orders:
            # What ``told_of``, ``station_of`` and ``rank_of`` say, spelled out: half the time of a step's look.
            stage, house, area = order.stage, order.warehouse, order.area
            told = (
                order.line, order.supplier, order.origin, house, area, stage < _PICKED, order.tier, order.is_urgent,
            )  # fmt: skip
            number, site = numbers.get(told), sites.get(order.site)
            if number is None:
                number = self._number(told, order)
            if site is None:
                site = self._sites.number(order.site)
            if order.phase is _ON_HOLD or stage is not _ON_ITS_WAY or order.arrived_at == NEVER:
                station = HELD if order.phase is _ON_HOLD else stage
                since = order.reached[stage] or order.heard_at
                if station is _OUT and order.awaits_visit:  # it is before the couriers' door again
                    stage, station, since = _ON_ITS_WAY, failed_station(order), order.failed_at
                elif station is _OUT:
                    since = order.out_at or since
            elif order.sent_at > order.arrived_at:
                station, since = ONWARD, order.sent_at
            else:
                station, since = MIDWAY, order.arrived_at
            rows += stage, station, since, order.promise_at, order.closed_at, site, number
        table = np.fromiter(rows, np.int64, len(rows)).reshape(len(orders), -1)
        if len(self._ways) != len(self._listed):
            self._ways = np.array(self._listed, np.int64)
        return np.concatenate([table[:, :-1], self._ways[table[:, -1]]], axis=1)

    def _number(self, told: _Alike, order: Order) -> int:
        """Return the number of a way that was not told before."""
        area = self.areas.number(order.area) % AREAS_MAX
        names = [(known, place_of(order, door)) for door, known in enumerate(self._names)]
        self._listed.append([*rank_of(order), area, *(known.number(name) if name else -1 for known, name in names)])
        number = self._numbers[told] = len(self._listed) - 1
        return number


def _order_id(order: Order) -> str:
    return order.order_id
