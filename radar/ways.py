"""Which carrier lanes the orders of a way take: so that a closed lane finds those still to come.

Learned at the hand-over; it counts from the next epoch on.
"""

from collections.abc import Iterable

import msgspec

from radar.instant import DAY_US, Instant
from radar.orders import Order
from radar.outputs import Row, StateRow

MACHINE = "ways"
HALF_LIFE_DAYS = 14
SHARE_MIN = 0.3
"""A lane that fewer orders of a way take does not touch the way."""


class _Way(msgspec.Struct, array_like=True):
    version: int
    day: int
    known: dict[str, float]
    """Carrier lane -> decayed count of hand-overs."""
    fresh: dict[str, int]


class Ways:
    """Way -> shares of carrier lanes."""

    def __init__(self) -> None:
        self._ways: dict[str, _Way] = {}
        self._fresh: set[str] = set()
        self._dirty: set[str] = set()
        self._shares: dict[str, dict[str, float]] = {}
        """What was asked for since the tables changed."""

    def handed_over(self, order: Order) -> None:
        """Note which lane an order took; it counts from the next epoch on."""
        name = order.way
        if not name or not order.lane:
            return
        way = self._ways.get(name)
        if way is None:
            way = self._ways[name] = _Way(1, 0, {}, {})
        way.fresh[order.lane] = way.fresh.get(order.lane, 0) + 1
        self._fresh.add(name)
        self._dirty.add(name)

    def share(self, way: str, lane: str) -> float:
        """Return the share of a way's recent orders that took a lane; 1 for the way itself, 0 when below the least."""
        return 1.0 if way == lane else self._shares_of(way).get(lane, 0.0)

    def lanes(self, way: str) -> Iterable[str]:
        """Return the carrier lanes a way usually takes, by name."""
        return self._shares_of(way)

    def _shares_of(self, way: str) -> dict[str, float]:
        """Return the lanes a way usually takes and their shares, by name; the same until the next epoch."""
        found = self._shares.get(way)
        if found is None:
            known = self._ways.get(way)
            found = {} if known is None else _shares(way, known.known)
            if known is not None:
                self._shares[way] = found
        return found

    def ways(self, lane: str) -> tuple[str, ...]:
        """Return the ways that usually take a carrier lane, by name."""
        return tuple(way for way in sorted(self._ways) if self.share(way, lane))

    def roll(self, at: Instant) -> None:
        """Let fresh hand-overs enter the shares."""
        day = at // DAY_US
        for name in sorted(self._fresh):
            way = self._ways[name]
            fade = 0.5 ** (max(0, day - way.day) / HALF_LIFE_DAYS)
            way.known = {lane: count * fade for lane, count in way.known.items() if count * fade > 0.01}
            for lane, count in way.fresh.items():
                way.known[lane] = way.known.get(lane, 0.0) + count
            way.fresh, way.day = {}, day
            self._dirty.add(name)
        self._fresh.clear()
        self._shares.clear()

    def take_dirty(self) -> list[Row]:
        """Return the ways changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, name, msgspec.msgpack.encode(self._ways[name])) for name in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the ways."""
        for row in rows:
            assert isinstance(row, StateRow)
            way = self._ways[row.key] = msgspec.msgpack.decode(row.state, type=_Way)
            if way.fresh:
                self._fresh.add(row.key)
        self._shares.clear()


def experience(row: StateRow, days: int) -> StateRow:
    """Return a row as it moves to another room, so many days on: all of it is experience."""
    one = msgspec.msgpack.decode(row.state, type=_Way)
    one.day += days if one.day else 0
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(one))


def _shares(way: str, known: dict[str, float]) -> dict[str, float]:
    total = sum(known.values())
    shares = ((lane, 1.0 if lane == way else known[lane] / total) for lane in sorted(known))
    return {lane: share for lane, share in shares if share >= SHARE_MIN}
