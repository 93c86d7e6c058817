"""Which open orders a line, lane, area, supplier or warehouse still has before it: how a change finds its orders."""

from collections.abc import Iterable

from radar.orders import Order
from radar.stages import Stage

LINE, LANE, AREA, SUPPLIER, WAREHOUSE, SHELF = "line:", "lane:", "area:", "supplier:", "warehouse:", "shelf:"
"""First parts of the keys; the name follows."""


SHEDDING: frozenset[Stage] = frozenset(
    (Stage.PLACED, Stage.PRODUCED, Stage.HANDED_OVER, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY)
)
"""Milestones that change what an order has before it."""

_Places = tuple[str, str, str, str, str, str, str]


def places_of(order: Order) -> _Places:
    """Return line, supplier, warehouse, lane, origin, area and shelf as far as they lie before an order, else ""."""
    stage, origin = order.stage, order.origin
    if stage >= Stage.OUT_FOR_DELIVERY:
        return ("", "", "", "", "", order.area, "")
    if stage >= Stage.HANDED_OVER:
        return ("", "", "", order.lane, "", order.area, "")
    line = order.line if stage < Stage.PRODUCED else ""
    shelf = order.shelf if stage < Stage.ALLOCATED else ""
    home = origin if origin != order.area else ""
    return (line, order.supplier, order.warehouse, order.lane, home, order.area, shelf)


KINDS = (LINE, SUPPLIER, WAREHOUSE, LANE, AREA, AREA, SHELF)
"""Kinds of the places that ``places_of`` names, in its order."""
_NOWHERE: _Places = ("", "", "", "", "", "", "")


def keys_of(order: Order) -> tuple[str, ...]:
    """Return the keys of what an open order has still before it, in a fixed order."""
    return tuple(kind + name for kind, name in zip(KINDS, places_of(order), strict=True) if name)


def kind_of(key: str) -> str:
    """Return the first part of a key, which names the kind of place."""
    return key[: key.index(":") + 1]


class OpenIndex:
    """Key -> ids of open orders. Derived from the orders alone, so it is rebuilt at a start and never stored."""

    __slots__ = ("_by_kind", "_places", "is_on")

    def __init__(self) -> None:
        self._by_kind: dict[str, dict[str, set[str]]] = {kind: {} for kind in KINDS}
        self._places: dict[str, _Places] = {}
        self.is_on = False
        """Off until somebody asks for places: a stream that never speaks of the world does not pay for them."""

    def start(self, orders: Iterable[Order]) -> None:
        """Take in the open orders and follow them from now on."""
        self.is_on = True
        for order in orders:
            if order.is_open:
                self.put(order)

    def put(self, order: Order) -> None:
        """Bring the places of an open order up to date."""
        if not self.is_on:
            return
        order_id = order.order_id
        before, now = self._places.get(order_id), places_of(order)
        if before == now:
            return
        self._places[order_id] = now
        for kind, old, new in zip(KINDS, before or _NOWHERE, now, strict=True):
            if old != new:
                if old:
                    self._drop(kind, old, order_id)
                if new:
                    self._by_kind[kind].setdefault(new, set()).add(order_id)

    def remove(self, order_id: str) -> None:
        """Forget an order."""
        for kind, name in zip(KINDS, self._places.pop(order_id, _NOWHERE), strict=True):
            if name:
                self._drop(kind, name, order_id)

    def at(self, key: str) -> list[str]:
        """Return the ids of the open orders at a key, sorted: their order is part of what is said."""
        return sorted(self._there(key))

    def count(self, key: str) -> int:
        """Return how many open orders a key has before it."""
        return len(self._there(key))

    def _there(self, key: str) -> set[str]:
        kind, colon, name = key.partition(":")
        return self._by_kind[kind + colon].get(name, set())

    def _drop(self, kind: str, name: str, order_id: str) -> None:
        names = self._by_kind[kind]
        there = names.get(name)
        if there is not None:
            there.discard(order_id)
            if not there:
                del names[name]
