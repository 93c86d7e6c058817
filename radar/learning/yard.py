"""The open orders as columns, for the steps of the flow: brought up to date, not made anew.

A step looks at every open order, but since the step before little has happened to most of them. So each has a column
that stays until something is heard of the order, and columns stand in the sequence of the order ids, in which all
sums of a step run. They are a function of the orders alone: a restart makes the same ones again.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from radar.instant import HOUR_US, Instant
from radar.learning.local_days import Ints
from radar.learning.open_orders import hash_of
from radar.learning.positions import (
    AREAS_MAX,
    DOORS,
    SINCE_H,
    Names,
    Positions,
    Told,
    place_of,
    rank_of,
    station_of,
    told_of,
)
from radar.orders import NEVER, Order

PLACES_KEPT_MAX = 20_000
"""Combinations of what orders tell whose places are remembered; a mere saving of time."""
_EDGES = np.array(SINCE_H)
_PROMISE = 6
_ROWS = 7 + len(DOORS) + 3
"""Rows of the columns: hash, type, stage, station, since when, area, promise; the places; the ranks."""

Objects = NDArray[np.object_]


class Yard:
    """The open orders and where they stand; what nothing was heard of is not looked at again.

    A step calls ``look``, ``promised``, ``let_go`` and ``positions``, in this order.
    """

    __slots__ = (
        "_asked",
        "_changed",
        "_columns",
        "_known",
        "_names",
        "_order_ids",
        "_places",
        "_seen",
        "_types",
        "_waiting",
        "areas",
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
        self.orders: dict[str, Order] = {}
        self._waiting: dict[str, Order] = {}
        """Orders without a column yet."""
        self._order_ids: Objects = np.empty(0, object)
        """Of the columns, sorted; beside them the orders, and their marks when they were looked at."""
        self._known: Objects = np.empty(0, object)
        self._seen: Objects = np.empty(0, object)
        self._columns: Ints = np.empty((_ROWS, 0), np.int64)
        self._changed: list[int] = []
        """Columns of orders that something was heard of since, or that have ended."""
        self._places: dict[Told, list[int]] = {}
        self._asked: dict[Told, list[int]] = {}
        """What was asked for between two steps; a mere saving of time."""

    def put(self, order: Order) -> None:
        """Take an order in."""
        if order.order_id not in self.orders:
            self.orders[order.order_id] = self._waiting[order.order_id] = order

    def look(self) -> None:
        """Find the orders that something was heard of since the last step, or that have ended."""
        self._asked.clear()
        known = zip(self._known.tolist(), self._seen.tolist(), strict=True)
        self._changed = [
            place for place, (order, seen) in enumerate(known) if order.seen is not seen or order.closed_at != NEVER
        ]

    def promised(self, since: Instant, until: Instant) -> list[Order]:
        """Return the orders promised after an instant and until another, by id, whether they are open or not."""
        promises = self._columns[_PROMISE]
        is_meant = (promises > since) & (promises <= until)
        is_meant[self._changed] = True
        found = [*self._known[is_meant].tolist(), *self._waiting.values()]
        return sorted((one for one in found if since < one.promise_at <= until), key=_order_id)

    def let_go(self, before: Instant) -> list[str]:
        """Forget the orders that have ended, and those promised before an instant; returns their ids."""
        is_gone = self._columns[_PROMISE] < before
        for place in self._changed:
            order = self._known[place]
            is_gone[place] = not order.is_open or order.promise_at < before
        gone: list[str] = self._order_ids[is_gone].tolist()
        gone += [one.order_id for one in self._waiting.values() if not one.is_open or one.promise_at < before]
        for order_id in gone:
            del self.orders[order_id]
            self._waiting.pop(order_id, None)
        self._renew(np.flatnonzero(~is_gone), [place for place in self._changed if not is_gone[place]])
        return gone

    def positions(self, at: Instant) -> Positions:
        """Return the columns as of a moment, in the sequence of the order ids."""
        table = self._columns
        since_h = (at - table[4]) / HOUR_US
        return Positions(
            order_ids=self._order_ids.tolist(),
            hashes=table[0],
            types=table[1],
            stages=table[2],
            stations=table[3],
            since_h=since_h,
            since=np.searchsorted(_EDGES, since_h, side="right"),
            areas=table[5],
            left_h=(table[_PROMISE] - at) / HOUR_US,
            places=table[7 : 7 + len(DOORS)],
            ranks=table[_ROWS - 3 :].T.astype(np.float64),
        )

    def places_of(self, order: Order) -> list[int]:
        """Return the number of the place before each door, -1 for none."""
        told = told_of(order)
        found = self._places.get(told)
        if found is None:
            if len(self._places) >= PLACES_KEPT_MAX:
                self._places.clear()
            names = [(numbers, place_of(order, door)) for door, numbers in enumerate(self._names)]
            found = self._places[told] = [numbers.number(name) if name else -1 for numbers, name in names]
        return found

    def known_places(self, order: Order) -> list[int]:
        """Return the same between two steps, when no new place gets a number: -1 for those not known."""
        told = told_of(order)
        found = self._asked.get(told)
        if found is None:
            if len(self._asked) >= PLACES_KEPT_MAX:
                self._asked.clear()
            names = ((numbers.numbers, place_of(order, door)) for door, numbers in enumerate(self._names))
            found = self._asked[told] = [numbers.get(name, -1) for numbers, name in names]
        return found

    def _renew(self, kept: Ints, changed: Sequence[int]) -> None:
        """Bring the columns up to the orders as they are: those kept, of which some changed, and those that came."""
        come = sorted(self._waiting.values(), key=_order_id)
        places = np.searchsorted(kept, np.array(changed, np.int64))
        if len(kept) < len(self._known) or come:
            order_ids = np.concatenate([self._order_ids[kept], _objects([one.order_id for one in come])])
            ranked = np.argsort(order_ids, kind="stable")
            self._order_ids = order_ids[ranked]
            self._known = np.concatenate([self._known[kept], _objects(come)])[ranked]
            self._seen = np.concatenate([self._seen[kept], _objects([b""] * len(come))])[ranked]
            columns = np.concatenate([self._columns[:, kept], np.zeros((_ROWS, len(come)), np.int64)], axis=1)
            self._columns = columns[:, ranked]
            is_fresh = np.arange(len(ranked)) >= len(kept)
            is_fresh[places] = True
            places = np.flatnonzero(is_fresh[ranked])
            self._waiting = {}
        orders = self._known[places].tolist()
        if orders:
            self._columns[:, places] = np.array([self._row(order) for order in orders], np.int64).T
            self._seen[places] = _objects([order.seen for order in orders])

    def _row(self, order: Order) -> list[int]:
        station, since = station_of(order)
        return [
            hash_of(order.order_id),
            self._types[order.order_type],
            order.stage,
            station,
            since,
            self.areas.number(order.area) % AREAS_MAX,
            order.promise_at,
            *self.places_of(order),
            *rank_of(order),
        ]


def _objects(found: Sequence[object]) -> Objects:
    result = np.empty(len(found), object)
    result[:] = found
    return result


def _order_id(order: Order) -> str:
    return order.order_id
