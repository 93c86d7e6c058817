"""What waits where, counted from the radar's own orders."""

from collections.abc import Iterable

import msgspec

from radar.orders import Order
from twin.responding.places import Places


class Queue(msgspec.Struct):
    """What one resource has before it."""

    waiting: int = 0
    """Orders that are there."""
    hours: float = 0.0
    """Work of theirs, for a line or bench."""
    coming: int = 0
    """Parcels on the road to it."""


class Queues:
    """All queues, as of the last look."""

    def __init__(self, places: Places, round_h: int) -> None:
        self._places = places
        self._round_s = round_h * 3600
        self._last_round = -1
        self._found: dict[str, Queue] = {}
        self._redirected: dict[str, tuple[str, int]] = {}

    def redirect(self, resource: str, target: str, until_s: int) -> None:
        """Count what waits at one resource at another, from now on until then."""
        self._redirected[resource] = (target, until_s)
        moved, there = self._found.pop(resource, Queue()), self._found.setdefault(target, Queue())
        there.waiting += moved.waiting
        there.hours += moved.hours

    def of(self, resource: str) -> Queue:
        """Return what waits at a resource, ``kind:name``."""
        return self._found.get(resource, _EMPTY)

    def look(self, orders: Iterable[Order], now_s: int) -> bool:
        """Count anew when a round is due; return whether it was."""
        this_round = now_s // self._round_s
        if this_round == self._last_round:
            return False
        self._last_round = this_round
        self._found = {}
        self._redirected = {name: one for name, one in self._redirected.items() if one[1] > now_s}
        for order in orders:
            if order.is_open:
                self._count(order)
        return True

    def _count(self, order: Order) -> None:
        resource = self._places.waits_for(order)
        if not resource:
            return
        resource = self._redirected.get(resource, (resource, 0))[0]
        queue = self._found.get(resource)
        if queue is None:
            queue = self._found[resource] = Queue()
        if self._places.rides(order):
            queue.coming += 1
        else:
            queue.waiting += 1
            queue.hours += self._places.work_h(resource, order)


_EMPTY = Queue()
