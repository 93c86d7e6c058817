"""Goods on their way: purchase orders by the dates their suppliers give, and suppliers that say nothing will come."""

from collections.abc import Iterable

import msgspec

from radar.events import Event
from radar.events.supply import SupplyNotice, SupplyReceived
from radar.instant import DAY_US, HOUR_US, Instant, to_instant
from radar.orders import NEVER

KEPT_US = 60 * DAY_US
"""A purchase order this far past its date was closed without a word."""
SUPPLIES_MAX = 20_000
UNDATED_US = 7 * DAY_US
"""What is ordered and has no date is expected so long after it was first heard of."""
HALF_DAY_US = 12 * HOUR_US
OVERDUE = 0.5
"""What is overdue comes this share of its age later (it ages with itself)."""


def not_before(expected_at: Instant, at: Instant) -> Instant:
    """Return when goods are expected as of ``at``: on their date, or, when that is past, later by their own delay."""
    return expected_at if expected_at > at else Instant(at + max(HALF_DAY_US, int(OVERDUE * (at - expected_at))))


class Supply(msgspec.Struct, array_like=True, frozen=True):
    """A purchase order that has not come."""

    version: int
    supplier: str
    item: str
    place: str
    """Where it goes; empty where nobody says."""
    pieces: float
    """0 where nobody says."""
    first_at: Instant
    said_at: Instant
    expected_at: Instant


class _Stop(msgspec.Struct, array_like=True, frozen=True):
    """A supplier that delivers nothing, or goods that nobody can make, until then."""

    version: int
    since_at: Instant
    until_at: Instant
    item: str = ""
    """Goods without a purchase order; empty where it is the supplier."""


_STOP = "stop:"
_ORDER = "order:"


class Supplies:
    """All purchase orders open, and the suppliers that stopped."""

    def __init__(self) -> None:
        self._open: dict[str, Supply] = {}
        self._stops: dict[str, _Stop] = {}
        self._by_item: dict[str, set[str]] = {}
        self.dirty: set[str] = set()
        """Row keys changed since last asked."""

    def told(self, event: Event, data: SupplyNotice) -> None:
        """Take in a notice: of a purchase order, or of a stop.

        Without an item it is about everything a supplier sends; without a quantity, of an order that nobody knows,
        about all goods of the item: they come no earlier.
        """
        at = event.time
        expected_at = NEVER if data.expected_at is None else to_instant(data.expected_at)
        promised_at = expected_at if data.promised_at is None else to_instant(data.promised_at)
        before = self._open.get(event.subject)
        if not data.item or (data.quantity is None and before is None):
            self._stop(event.subject if data.item else data.supplier, data.item, at, expected_at)
            return
        if before is not None and before.said_at > at:
            return
        if before is None and len(self._open) >= SUPPLIES_MAX:
            return
        first_at = at if before is None else before.first_at
        pieces = data.quantity or (before.pieces if before is not None else 0.0)
        place = data.warehouse or (before.place if before is not None else "")
        expected_at = expected_at or promised_at
        supply = Supply(1, data.supplier, data.item, place, pieces, first_at, at, expected_at)
        self._open[event.subject] = supply
        self._by_item.setdefault(data.item, set()).add(event.subject)
        self.dirty.add(_ORDER + event.subject)

    def received(self, event: Event, _data: SupplyReceived) -> None:
        """Close the purchase order that came, or end a stop of goods."""
        self._close(event.subject)
        if self._stops.get(event.subject, _Stop(1, event.time, event.time)).item:
            del self._stops[event.subject]
            self.dirty.add(_STOP + event.subject)

    def to(self, item: str, place: str) -> list[Supply]:
        """Return what is on its way to a place, last ordered first."""
        found = [(self._open[name].first_at, name) for name in self._by_item.get(item, ())]
        supplies = [self._open[name] for _at, name in sorted(found, reverse=True)]
        return [supply for supply in supplies if supply.place in (place, "")]

    def due(self, supply: Supply, at: Instant) -> Instant:
        """Return when a purchase order is expected: as said; later where its supplier stopped, or its date is past."""
        expected_at = supply.expected_at or Instant(supply.first_at + UNDATED_US)
        stop = self._stops.get(supply.supplier)
        if stop is not None and supply.first_at >= stop.since_at:
            expected_at = max(expected_at, stop.until_at)
        return not_before(expected_at, at)

    def starts_again(self, supplier: str, item: str, at: Instant) -> Instant:
        """Return when goods ordered now begin to be made and sent: ``at``, or the end of the stops."""
        stops = (stop for name, stop in self._stops.items() if (stop.item == item if stop.item else name == supplier))
        return max((stop.until_at for stop in stops if stop.until_at > at), default=at)

    def items_of(self, supplier: str) -> set[str]:
        """Return the items a supplier has on its way."""
        return {supply.item for supply in self._open.values() if supply.supplier == supplier}

    def forget(self, at: Instant) -> None:
        """Drop what nobody speaks of any more."""
        for name in [name for name, one in self._open.items() if max(one.expected_at, one.said_at) < at - KEPT_US]:
            self._close(name)
        for name in [name for name, stop in self._stops.items() if stop.until_at < at - KEPT_US]:
            del self._stops[name]
            self.dirty.add(_STOP + name)

    def row(self, key: str) -> bytes | None:
        """Return the state of a row key, None when it is gone."""
        kept = self._open.get(key.removeprefix(_ORDER)) if key.startswith(_ORDER) else None
        kept_stop = self._stops.get(key.removeprefix(_STOP)) if key.startswith(_STOP) else None
        return None if kept is None and kept_stop is None else msgspec.msgpack.encode(kept or kept_stop)

    def is_row(self, key: str) -> bool:
        """Return whether a row key is one of these."""
        return key.startswith((_ORDER, _STOP))

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Restore from row keys and states."""
        for key, state in rows:
            if key.startswith(_STOP):
                self._stops[key.removeprefix(_STOP)] = msgspec.msgpack.decode(state, type=_Stop)
            else:
                name = key.removeprefix(_ORDER)
                supply = self._open[name] = msgspec.msgpack.decode(state, type=Supply)
                self._by_item.setdefault(supply.item, set()).add(name)

    def _stop(self, name: str, item: str, at: Instant, until_at: Instant) -> None:
        before = self._stops.get(name)
        if until_at > at and (before is not None or len(self._stops) < SUPPLIES_MAX):
            since_at = at if before is None or before.until_at < at else before.since_at
            self._stops[name] = _Stop(1, since_at, until_at, item)
        else:
            self._stops.pop(name, None)
        self.dirty.add(_STOP + name)

    def _close(self, name: str) -> None:
        supply = self._open.pop(name, None)
        if supply is not None:
            names = self._by_item[supply.item]
            names.discard(name)
            if not names:
                del self._by_item[supply.item]
            self.dirty.add(_ORDER + name)
