"""Where the time is lost: per stage, line, supplier, warehouse, lane, carrier and area, with shares and trend (R06).

Lost is what a stage took beyond its standard, never less than nothing. It is booked once by stage, and once on each
place or company that had the order in that stage. Causes count late orders: the conditions that touched them and the
trouble their carrier reported. Everything fades, at two speeds; their ratio is the trend.
"""

from collections.abc import Iterable

import msgspec

from radar.instant import DAY_US, HOUR_US, LATEST, Instant
from radar.orders import NEVER, Order, standard_mode
from radar.outputs import Row, StateRow
from radar.stages import STAGE_COUNT, STAGE_OF_LABEL, Stage
from radar.standards import Standards

MACHINE = "bottlenecks"
HALF_LIFE_DAYS, RECENT_DAYS = 30, 7
PLACES_MAX = 20_000
"""Places with a row of their own; further ones are not booked."""
KINDS = ("stage", "line", "supplier", "warehouse", "lane", "carrier", "area", "cause")


_AFTER_PLACED = tuple(Stage)[1:]
_BLAMED: dict[Stage, tuple[str, ...]] = {
    **dict.fromkeys(Stage, ()),
    Stage.ALLOCATED: ("supplier",),
    Stage.PRODUCED: ("line", "supplier"),
    Stage.PICKED: ("warehouse",),
    Stage.PACKED: ("warehouse",),
    Stage.HANDED_OVER: ("warehouse", "supplier"),
    Stage.IN_TRANSIT: ("lane", "carrier", "area"),
    Stage.OUT_FOR_DELIVERY: ("lane", "carrier", "area"),
    Stage.DELIVERED: ("lane", "carrier", "area"),
}
"""Who has the order in a stage. Where a seller hands over itself it is the supplier who is late, not a warehouse."""


def _places(order: Order) -> tuple[tuple[str, str], ...]:
    """Return the place or company of each kind that the order passed; "" where there was none."""
    return (
        ("line", order.line),
        ("supplier", order.supplier),
        ("warehouse", order.warehouse),
        ("lane", order.lane),
        ("carrier", order.carrier),
        ("area", order.area),
    )


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
        shortest = [[one.duration_us for one in standards.standards if one.stage is stage] for stage in Stage]
        self._shortest_us = [min(durations, default=LATEST) for durations in shortest]
        """By stage: whoever took no longer lost nothing, whatever the calendar."""
        self._stages: list[_Loss | None] = [None] * STAGE_COUNT
        """The rows of the stages, found without a key."""
        self._fresh: set[str] = set()
        self._dirty: set[str] = set()
        self._dirty_stages: set[Stage] = set()

    def delivered(self, order: Order) -> None:
        """Book what a delivered order lost on its way; it counts from the next epoch on."""
        mode, order_type, reached = standard_mode(order), order.order_type, order.reached
        before, lost_us = reached[Stage.PLACED], dict.fromkeys(KINDS, 0)
        for stage in _AFTER_PLACED:
            at = reached[stage]
            if NEVER in (at, before):
                continue
            lost = 0
            if at - before > self._shortest_us[stage]:
                due = self._standards.due(stage, order_type, mode, before)
                lost = 0 if due is None else max(0, at - due.due_at)
            self._book_stage(stage, lost / HOUR_US)
            if lost:
                for kind in _BLAMED[stage]:
                    lost_us[kind] += lost
            before = max(before, at)
        for kind, name in _places(order):
            if name:
                self._book(kind, name, lost_us[kind] / HOUR_US)
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
        self._dirty.update(f"stage:{stage.label}" for stage in self._dirty_stages)
        self._dirty_stages.clear()
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
            if row.key.startswith("stage:"):
                self._stages[STAGE_OF_LABEL[row.key.removeprefix("stage:")]] = one

    def _book_stage(self, stage: Stage, hours: float) -> None:
        one = self._stages[stage]
        if one is None:
            self._book("stage", stage.label, hours)
            self._stages[stage] = self._losses.get(f"stage:{stage.label}")
            return
        if not one.fresh_orders:
            self._fresh.add(f"stage:{stage.label}")
        one.fresh_lost += hours
        one.fresh_orders += 1
        self._dirty_stages.add(stage)

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


def experience(row: StateRow, days: int) -> StateRow:
    """Return a row as it moves to another room, so many days on: all of it is experience."""
    one = msgspec.msgpack.decode(row.state, type=_Loss)
    one.day += days if one.day else 0
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(one))
