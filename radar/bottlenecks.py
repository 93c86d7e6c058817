"""Where the time is lost: per stage, line, supplier, warehouse, lane, carrier and area, with shares and trend (R06).

Lost is what a stage took beyond its standard, never less than nothing. It is booked once by stage, and once on each
place or company that had the order in that stage. Causes count late orders: the conditions that touched them and the
trouble their carrier reported. Everything fades, at two speeds; their ratio is the trend.
"""

from collections.abc import Iterable

import msgspec

from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import NEVER, Order, standard_mode
from radar.outputs import Row, StateRow
from radar.stages import Stage
from radar.standards import Standards

MACHINE = "bottlenecks"
HALF_LIFE_DAYS, RECENT_DAYS = 30, 7
PLACES_MAX = 20_000
"""Places with a row of their own; further ones are not booked."""
KINDS = ("stage", "line", "supplier", "warehouse", "lane", "carrier", "area", "cause")


class _Loss(msgspec.Struct, array_like=True):
    """Lost hours (causes: late orders) and orders, decayed slowly and fast."""

    version: int
    day: int = 0
    lost: float = 0.0
    orders: float = 0.0
    recent_lost: float = 0.0
    recent_orders: float = 0.0
    fresh_lost: float = 0.0
    fresh_orders: int = 0


class Bottleneck(msgspec.Struct, frozen=True, gc=False):
    """One row of a Pareto table."""

    kind: str
    name: str
    lost: float
    """Decayed sum of lost hours; for causes of late orders."""
    share_ratio: float
    """Of all that is lost in the table, 0..1."""
    per_order: float
    trend: float
    """Loss per order lately against the longer run: 1 is steady, 2 is twice as bad."""


class Bottlenecks:
    """Lost time by stage, place, company and cause."""

    def __init__(self, standards: Standards) -> None:
        self._standards = standards
        self._losses: dict[str, _Loss] = {}
        self._fresh: set[str] = set()
        self._dirty: set[str] = set()

    def delivered(self, order: Order) -> None:
        """Book what a delivered order lost on its way; it counts from the next epoch on."""
        mode, before = standard_mode(order), order.reached[Stage.PLACED]
        for stage in Stage:
            at = order.reached[stage]
            if stage is Stage.PLACED or NEVER in (at, before):
                continue
            due = self._standards.due(stage, order.order_type, mode, before)
            if due is not None:
                self._lost(order, stage, max(0, at - due.due_at) / HOUR_US)
            before = max(before, at)
        if order.is_late:
            for cause in _causes(order):
                self._book("cause", cause, 1.0)

    def pareto(self, kind: str) -> tuple[Bottleneck, ...]:
        """Return the table of a kind, the largest loss first; rows without loss are left out."""
        mine = {key: one for key, one in self._losses.items() if key.startswith(f"{kind}:") and one.lost > 0}
        today = max((one.day for one in mine.values()), default=0)
        rows = [
            (one.lost * 0.5 ** ((today - one.day) / HALF_LIFE_DAYS), key.partition(":")[2], one)
            for key, one in mine.items()
        ]
        total = sum(lost for lost, _, _ in rows)
        rows.sort(key=lambda row: (-row[0], row[1]))
        return tuple(
            Bottleneck(kind, name, lost, lost / total, one.lost / one.orders, _trend(one)) for lost, name, one in rows
        )

    def roll(self, at: Instant) -> None:
        """Let the fresh losses enter the tables, and the old ones fade."""
        day = at // DAY_US
        for key in sorted(self._fresh):
            one = self._losses[key]
            gone = max(0, day - one.day)
            slow, fast = 0.5 ** (gone / HALF_LIFE_DAYS), 0.5 ** (gone / RECENT_DAYS)
            one.lost = one.lost * slow + one.fresh_lost
            one.orders = one.orders * slow + one.fresh_orders
            one.recent_lost = one.recent_lost * fast + one.fresh_lost
            one.recent_orders = one.recent_orders * fast + one.fresh_orders
            one.fresh_lost, one.fresh_orders, one.day = 0.0, 0, day
            self._dirty.add(key)
        self._fresh.clear()

    def take_dirty(self) -> list[Row]:
        """Return the rows changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, key, msgspec.msgpack.encode(self._losses[key])) for key in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the rows."""
        for row in rows:
            assert isinstance(row, StateRow)
            one = self._losses[row.key] = msgspec.msgpack.decode(row.state, type=_Loss)
            if one.fresh_orders:
                self._fresh.add(row.key)

    def _lost(self, order: Order, stage: Stage, hours: float) -> None:
        self._book("stage", stage.label, hours)
        if stage <= Stage.PRODUCED:
            if stage is Stage.PRODUCED:
                self._book("line", order.line, hours)
            if stage >= Stage.ALLOCATED:
                self._book("supplier", order.supplier, hours)
        elif stage <= Stage.HANDED_OVER:
            self._book("warehouse", order.warehouse, hours)
            if order.reached[Stage.PRODUCED] == NEVER and not order.warehouse:
                self._book("supplier", order.supplier, hours)
        else:
            self._book("lane", order.lane, hours)
            self._book("carrier", order.carrier, hours)
            self._book("area", order.area, hours)

    def _book(self, kind: str, name: str, lost: float) -> None:
        if not name:
            return
        key = f"{kind}:{name}"
        one = self._losses.get(key)
        if one is None:
            if len(self._losses) >= PLACES_MAX:
                return
            one = self._losses[key] = _Loss(1)
        one.fresh_lost += lost
        one.fresh_orders += 1
        self._fresh.add(key)
        self._dirty.add(key)


def _causes(order: Order) -> tuple[str, ...]:
    reported = (order.setback_reason,) if order.setback_reason else ()
    touched = tuple(touch.code for touch in order.touches if touch.code != "exception")
    return (*reported, *touched) or ("unknown",)


def _trend(one: _Loss) -> float:
    if one.lost <= 0 or one.recent_orders <= 0:
        return 1.0
    return (one.recent_lost / one.recent_orders) / (one.lost / one.orders)
