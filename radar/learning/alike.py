"""Orders told alike: between two steps they have the same places before them, and the same tables speak of them.

A new order, and one that moved on since the last step, is predicted from tables that stand still until the next. What
they say of its place, station and hour they say of all orders told alike, so it is looked up once. Every figure follows
from the tables and the key it is kept under: to forget them is no more than a loss of time.
"""

from collections.abc import Mapping, Sequence

from radar.learning.doors import Doors, WayOfNew
from radar.learning.left_times import LeftTimes
from radar.learning.positions import Told, told_of
from radar.learning.routes import Routes
from radar.learning.yard import Yard
from radar.orders import Order

LIKES_MAX = 20_000
"""Ways of telling that are remembered."""
USUAL_MAX = 1000
"""Figures kept of orders told alike."""


class Likes:
    """What was asked for since the last step, by what orders tell."""

    def __init__(self, types: Mapping[str, int], yard: Yard, routes: Routes, times: LeftTimes, doors: Doors) -> None:
        self._types, self._yard, self._routes, self._tables = types, yard, routes, (times, doors)
        self._known: dict[tuple[str, *Told], Alike] = {}

    def clear(self) -> None:
        """Forget all: the tables have changed."""
        self._known.clear()

    def of(self, order: Order) -> "Alike":
        """Return what orders told like this one have in common."""
        key = order.order_type, *told_of(order)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= LIKES_MAX:
                self._known.clear()
            kind, places = self._types[order.order_type], self._yard.known_places(order)
            ends, passing = self._yard.ends(order, places), self._routes.passing[kind]
            found = self._known[key] = Alike(kind, ends, places, passing, self._tables)
        return found


class Alike:
    """What orders told alike have in common until the next step."""

    __slots__ = ("_doors", "_passing", "_places", "_tail", "_times", "_usual", "ends", "kind")

    def __init__(
        self,
        kind: int,
        ends: tuple[int, int],
        places: Sequence[int],
        passing: Sequence[bool],
        tables: tuple[LeftTimes, Doors],
    ) -> None:
        """Take what is told.

        Args:
            kind: Number of the order type.
            ends: Numbers of area and way.
            places: Number of the place before each door, -1 for none.
            passing: Whether such orders pass each door.
            tables: The usual times, and the queues.
        """
        self.kind = kind
        self.ends = ends
        self._places, self._passing = places, passing
        self._times, self._doors = tables
        self._usual: dict[tuple[int, int, int], tuple[float, float]] = {}
        self._tail: WayOfNew | None = None

    def usual(self, station: int, part: int, since: int) -> tuple[float, float]:
        """Return the usual hours left and their standard error; arguments as of ``LeftTimes.usual_of``."""
        key = station, part, since
        found = self._usual.get(key)
        if found is None:
            if len(self._usual) >= USUAL_MAX:
                self._usual.clear()
            found = self._usual[key] = self._times.usual_of(self.kind, station, part, since, self.ends)
        return found

    def judge(
        self, usual_h: float, left_h: float, rank: tuple[bool, bool, bool]
    ) -> tuple[Sequence[float], float, float]:
        """Return what stands before one that is behind all others; arguments as of ``WayOfNew.judge``."""
        tail = self._tail
        if tail is None:
            after_h = self._times.after(self.ends)
            tail = self._tail = self._doors.way_of_new(self._places, self._passing, after_h)
        return tail.judge(usual_h, left_h, rank)
