"""The open orders as columns, for the steps of the flow: brought up to date, not made anew.

A step looks at every open order, but since the step before little has happened to most of them. So each has a column
that stays until something is heard of the order, and columns stand in the sequence of the order ids, in which all
sums of a step run. They are a function of the orders alone: a restart makes the same ones again. What the orders
told since the step before is read once, in one go, for all that a step learns from it (``News``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from radar.instant import HOUR_US, Instant
from radar.learning.local_days import Flags, Ints
from radar.learning.open_orders import hash_of
from radar.learning.positions import (
    AREAS_MAX,
    ARRIVED,
    DOOR_NUMBER,
    DOORS,
    MIDWAY,
    SINCE_H,
    SITES_MAX,
    Names,
    Positions,
    Told,
    place_of,
    rank_of,
    station_of,
    told_of,
    way_of,
    ways_of,
)
from radar.orders import NEVER, Order
from radar.stages import STAGE_COUNT, Stage

WAYS_MAX = 20_000
"""Combinations of what orders tell whose places are remembered; a mere saving of time."""
_EDGES = np.array(SINCE_H)
_HASH, _TYPE, _STAGE, _STATION, _SINCE, _PROMISE, _CLOSED, _SITE, _RANKS = range(9)
_AREA = _RANKS + 3
_WAY = DOOR_NUMBER[Stage.HANDED_OVER]
_ROWS = _AREA + 1 + len(DOORS)
"""Rows of the columns: from the ranks on three ranks, the area, and the place before each door."""
_ANYWHERE: Mapping[str, str] = {}
"""Last sites by area, where it does not matter which they are."""

Objects = NDArray[np.object_]


@dataclass(slots=True)
class News:
    """Orders of which something was heard since the last step, in the sequence of their ids."""

    orders: list[Order]
    types: Ints
    areas: Ints
    places: Ints
    """(doors, orders): number of the place before each door, -1 for none."""
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

    def only(self, rows: Ints) -> "News":
        """Return some of them."""
        orders = [self.orders[row] for row in rows.tolist()]
        return News(orders, self.types[rows], self.areas[rows], self.places[:, rows], self.reached[:, rows])


class Yard:
    """The open orders and where they stand; what nothing was heard of is not looked at again.

    A step calls ``look``, ``promised``, ``let_go`` and ``positions``, in this order.
    """

    __slots__ = (
        "_asked",
        "_columns",
        "_known",
        "_listed",
        "_names",
        "_numbers",
        "_order_ids",
        "_seen",
        "_sites",
        "_types",
        "_waiting",
        "_ways",
        "areas",
        "last_sites",
        "orders",
    )

    def __init__(self, types: Mapping[str, int], places: Sequence[Names]) -> None:
        """Begin empty.

        Args:
            types: Numbers of the order types that are looked at.
            places: Numbers of the places by door; new ones are added.
        """
        self._types = types
        self._names = places
        self.areas = Names(AREAS_MAX)
        self._sites = Names(SITES_MAX)
        self.last_sites: dict[str, str] = {}
        """By area: the site its couriers leave from."""
        self.orders: dict[str, Order] = {}
        self._waiting: dict[str, Order] = {}
        """Orders without a column yet."""
        self._order_ids: Objects = np.empty(0, object)
        """Of the columns, sorted; beside them the orders, and their marks when they were looked at."""
        self._known: Objects = np.empty(0, object)
        self._seen: Objects = np.empty(0, object)
        self._columns: Ints = np.empty((_ROWS, 0), np.int64)
        self._numbers: dict[Told, int] = {}
        self._listed: list[list[int]] = []
        self._ways: Ints = np.empty((1 + len(DOORS), 0), np.int64)
        """Ways by number: area, and place before each door. Orders that tell the same have the same."""
        self._asked: dict[Told, list[int]] = {}
        """What was asked for between two steps; a mere saving of time."""

    def put(self, order: Order) -> None:
        """Take an order in."""
        if order.order_id not in self.orders:
            self.orders[order.order_id] = self._waiting[order.order_id] = order

    def look(self) -> News:
        """Bring the columns up to the orders as they are, and return what they tell."""
        self._asked.clear()
        if self._waiting:
            self._take_in(sorted(self._waiting.values(), key=_order_id))
            self._waiting = {}
        known = zip(self._known.tolist(), self._seen.tolist(), strict=True)
        places = [
            place for place, (order, seen) in enumerate(known) if order.seen is not seen or order.closed_at != NEVER
        ]
        orders: list[Order] = self._known[places].tolist()
        columns = self._columns
        if orders:
            columns[_STAGE:, places] = self._standing(orders)
            self._seen[places] = _objects([order.seen for order in orders])
        told = chain.from_iterable([order.reached for order in orders])
        reached = np.fromiter(told, np.int64, len(orders) * STAGE_COUNT).reshape(-1, STAGE_COUNT).T
        return News(orders, columns[_TYPE, places], columns[_AREA, places], columns[_AREA + 1 :, places], reached)

    def promised(self, since: Instant, until: Instant) -> list[Order]:
        """Return the orders promised after an instant and until another, by id, whether they are open or not."""
        promises = self._columns[_PROMISE]
        found: list[Order] = self._known[(promises > since) & (promises <= until)].tolist()
        return found

    def let_go(self, before: Instant) -> list[str]:
        """Forget the orders that have ended, and those promised before an instant; returns their ids."""
        is_gone: Flags = (self._columns[_CLOSED] != 0) | (self._columns[_PROMISE] < before)
        gone: list[str] = self._order_ids[is_gone].tolist()
        if gone:
            kept = np.flatnonzero(~is_gone)
            self._order_ids, self._known, self._seen = self._order_ids[kept], self._known[kept], self._seen[kept]
            self._columns = self._columns.take(kept, axis=1)
        for order_id in gone:
            del self.orders[order_id]
        return gone

    def positions(self, at: Instant) -> Positions:
        """Return the columns as of a moment, in the sequence of the order ids."""
        table = self._columns
        since_h = (at - table[_SINCE]) / HOUR_US
        # Which site is the last one of an area is learned: a column keeps where its order is, not what that means.
        last = np.full(AREAS_MAX, -1)
        for area, site in self.last_sites.items():
            last[self.areas.number(area) % AREAS_MAX] = self._sites.number(site)
        is_last = (table[_STATION] == MIDWAY) & (table[_SITE] == last[table[_AREA]])
        return Positions(
            order_ids=self._order_ids.tolist(),
            hashes=table[_HASH],
            types=table[_TYPE],
            stages=table[_STAGE],
            stations=np.where(is_last, ARRIVED, table[_STATION]),
            since_h=since_h,
            since=np.searchsorted(_EDGES, since_h, side="right"),
            areas=table[_AREA],
            left_h=(table[_PROMISE] - at) / HOUR_US,
            places=table[_AREA + 1 :],
            ranks=table[_RANKS:_AREA].T.astype(np.float64),
            longest_first=np.argsort(table[_SINCE], kind="stable"),
        )

    def known_places(self, order: Order) -> list[int]:
        """Return the number of the place before each door, between two steps: -1 where none is known."""
        told = told_of(order)
        found = self._asked.get(told)
        if found is None:
            if len(self._asked) >= WAYS_MAX:
                self._asked.clear()
            names = ((numbers.numbers, place_of(order, door)) for door, numbers in enumerate(self._names))
            found = self._asked[told] = [numbers.get(name, -1) for numbers, name in names]
        return found

    def ends(self, order: Order) -> tuple[int, int]:
        """Return the numbers of an order's area and way, between two steps."""
        return self.areas.numbers.get(order.area, AREAS_MAX - 1), way_of(self.known_places(order)[_WAY])

    @property
    def ways(self) -> Mapping[str, int]:
        """Return the ways by name."""
        return self._names[_WAY].numbers

    def _take_in(self, orders: Sequence[Order]) -> None:
        """Make columns for orders, sorted by id, that have none; what they tell is not looked at yet."""
        order_ids = _objects([one.order_id for one in orders])
        steady = [(hash_of(one.order_id), self._types[one.order_type]) for one in orders]
        columns = np.zeros((_ROWS, len(orders)), np.int64)
        columns[:_STAGE] = np.array(steady, np.int64).T
        places = np.searchsorted(self._order_ids, order_ids)
        self._order_ids = np.insert(self._order_ids, places, order_ids)
        self._known = np.insert(self._known, places, _objects(orders))
        self._seen = np.insert(self._seen, places, _objects([None] * len(orders)))
        self._columns = np.insert(self._columns, places, columns, axis=1)

    def _standing(self, orders: Sequence[Order]) -> Ints:
        """Return the rows from the stage on, of orders as they stand."""
        if len(self._listed) >= WAYS_MAX:
            self._numbers, self._listed, self._ways = {}, [], self._ways[:, :0]
        numbers, rows, site_of = self._numbers, [], self._sites.number
        for order in orders:
            told = told_of(order)
            number = numbers.get(told)
            if number is None:
                number = self._number(told, order)
            station, since = station_of(order, _ANYWHERE)
            closed = order.closed_at != NEVER
            rows.append(
                (order.stage, station, since, order.promise_at, closed, site_of(order.site), *rank_of(order), number)
            )
        table = np.array(rows, np.int64).T
        if self._ways.shape[1] != len(self._listed):
            self._ways = np.array(self._listed, np.int64).T
        return np.concatenate([table[:-1], self._ways[:, table[-1]]])

    def _number(self, told: Told, order: Order) -> int:
        """Return the number of a way that was not told before."""
        area = self.areas.number(order.area) % AREAS_MAX
        names = [(known, place_of(order, door)) for door, known in enumerate(self._names)]
        self._listed.append([area, *(known.number(name) if name else -1 for known, name in names)])
        number = self._numbers[told] = len(self._listed) - 1
        return number


def _objects(found: Sequence[object]) -> Objects:
    result = np.empty(len(found), object)
    result[:] = found
    return result


def _order_id(order: Order) -> str:
    return order.order_id
