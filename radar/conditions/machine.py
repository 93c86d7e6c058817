"""The conditions: what stands in the world, which open orders it touches, and when they must be looked at again.

Theory of operation. Events about the world set and end standing things, each at a place (a line, lane, area,
supplier, warehouse). Things whose time is over end by themselves. Whenever something at a place begins, ends or
moves, the place is named in ``take_changes``; the order watch predicts anew exactly the open orders there, at once,
before any milestone is missed. What a thing means for one order is asked at every prediction (``feel``).

Events that speak of no condition cost one dictionary look-up; orders at places where nothing stands, one more each.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from radar.conditions.ahead import Ahead
from radar.conditions.backlog import KEY as QUEUE
from radar.conditions.backlog import Backlogs
from radar.conditions.condition import Code, Condition, Standing
from radar.conditions.days_ahead import DaysAhead, days_ahead
from radar.conditions.delays import Yardsticks
from radar.conditions.news import READERS, News, is_different
from radar.conditions.touching import Count, Feeling, Touching, nobody
from radar.conditions.weights import KEY as WEIGHT
from radar.conditions.weights import Weights, moved
from radar.events import Event
from radar.instant import EARLIEST, LATEST, Instant
from radar.open_index import LANE, OpenIndex
from radar.orders import NEVER, Order
from radar.outputs import Output, Row, StateRow
from radar.remaining import RemainingTimes
from radar.rules import ConditionRules
from radar.stages import Stage
from radar.ways import Ways

MACHINE = "conditions"
_STANDING = "standing:"
_CLOCK = "clock"
_OVERDUE_US = 14 * 86_400_000_000
"""What nobody ended, and which is that long beyond its time, has ended without a word."""


class _Clock(msgspec.Struct, array_like=True):
    version: int
    tick_at: Instant
    """When the queues are looked at next; ``EARLIEST`` until the first news of the world."""


class Conditions:
    """What holds now, by place."""

    def __init__(
        self,
        rules: ConditionRules,
        index: OpenIndex,
        remaining: RemainingTimes,
        ways: Ways,
        is_stocked: Callable[[str], bool] = lambda _item: False,
    ) -> None:
        """Begin with nothing standing.

        Args:
            rules: Of the conditions.
            index: From places to open orders.
            remaining: Usual times left.
            ways: By which lanes orders go.
            is_stocked: Whether the stock of an item is told.
        """
        self._rules = rules
        self._index = index
        self._ways = ways
        self._standing: dict[str, dict[str, Standing]] = {}
        self._weights = Weights()
        self._touching = Touching(Yardsticks(remaining, ways, rules, is_stocked), self._weights)
        self._backlogs = Backlogs(rules)
        self._dirty: set[tuple[str, str]] = set()
        self._changed: set[str] = set()
        self._clock = _Clock(1, EARLIEST)
        self._is_clock_dirty = False
        self._ends_at: Instant = LATEST
        self.floor: Instant = LATEST
        """Nothing ends and no queue is looked at before this."""

    # --- the four verbs ----------------------------------------------------------------------------------

    def observe(self, event: Event) -> Sequence[Output]:
        """Take in what an event says about the world."""
        read = READERS.get(type(event.data))
        if read is not None and self._rules.is_on:
            if self._clock.tick_at == EARLIEST:
                self._set_tick(event.time)
            news = read(event, event.data, self._rules)
            if news is not None:
                self._take(news, event.time)
        return ()

    def take(self, news: News, at: Instant) -> None:
        """Take in what another machine found out about a place."""
        if self._rules.is_on:
            if self._clock.tick_at == EARLIEST:
                self._set_tick(at)
            self._take(news, at)

    def wake(self, at: Instant) -> None:
        """Follow the places from now on, before any news of the world, where their queues are known from earlier."""
        if self._rules.is_on and self._clock.tick_at == EARLIEST and self._backlogs.is_known:
            self._set_tick(at)

    def advance(self, now: Instant) -> Sequence[Output]:
        """End what is over, and look at the queues, strictly before ``now``."""
        while self.floor < now:
            at = self.floor
            if self._ends_at <= at:
                self._end_over(at)
            if EARLIEST < self._clock.tick_at <= at:
                self._tick(at)
            self._set_floor()
        return ()

    def next_due(self) -> Instant | None:
        """Return a time before which nothing ends and no queue is looked at."""
        return None if self.floor == LATEST else self.floor

    def take_dirty(self) -> list[Row]:
        """Return what changed since last asked: standing things, evidence, queues and the clock."""
        rows: list[Row] = []
        for key, name in sorted(self._dirty):
            standing = self._standing.get(key, {}).get(name)
            state = b"" if standing is None else msgspec.msgpack.encode(standing)
            rows.append(StateRow(MACHINE, f"{_STANDING}{key}/{name}", state, is_gone=standing is None))
        self._dirty.clear()
        rows += [*self._weights.take_dirty(MACHINE), *self._backlogs.take_dirty(MACHINE)]
        if self._is_clock_dirty:
            rows.append(StateRow(MACHINE, _CLOCK, msgspec.msgpack.encode(self._clock)))
            self._is_clock_dirty = False
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore all of it."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.key.startswith(_STANDING):
                standing = msgspec.msgpack.decode(row.state, type=Standing)
                there = self._standing.setdefault(standing.key, {})
                there[standing.name] = standing
                self._touching.put(standing.key, there)
            elif row.key.startswith(WEIGHT):
                self._weights.load((row,))
            elif row.key.startswith(QUEUE):
                self._backlogs.load((row,))
            else:
                self._clock = msgspec.msgpack.decode(row.state, type=_Clock)
        if self._rules.is_on is False:
            self._clock.tick_at = EARLIEST  # switched off since: asleep, with what stands kept for later
        self._find_end()
        self._set_floor()

    # --- what orders ask ---------------------------------------------------------------------------------

    def feel(self, order: Order, at: Instant, count: Count = nobody) -> Feeling | None:
        """Return what an open order feels of all conditions as of ``at``, None where nothing costs it any time."""
        return self._touching.feel(order, at, count) if self._rules.is_on else None

    def delay_us(self, order: Order, at: Instant, count: Count) -> int:
        """Return the expected extra time of ``feel`` alone; arguments as there (``touching``)."""
        return self._touching.delay_us(order, at, count) if self._rules.is_on else 0

    def touching(self, order: Order, at: Instant) -> tuple[Condition, ...]:
        """Return what touches an open order as of ``at``, by place, each with the extra time expected."""
        return self._touching.conditions(order, at) if self._rules.is_on else ()

    def take_changes(self) -> list[str]:
        """Return the places where something changed since last asked, sorted."""
        changed = sorted(self._changed)
        self._changed.clear()
        return changed

    @property
    def is_awake(self) -> bool:
        """Return whether anything was ever heard of the world: places and queues are followed from then on."""
        return EARLIEST < self._clock.tick_at < LATEST

    @property
    def is_changed(self) -> bool:
        """Return whether ``take_changes`` has something to say."""
        return bool(self._changed)

    def ahead(self, at: Instant) -> Ahead:
        """Return what stands in the way of the places ahead as of ``at``."""
        return Ahead(self.standing() if self._rules.is_on else (), at, self._rules.closure_us, self._ways)

    def days_ahead(self, at: Instant, days: int) -> DaysAhead:
        """Return what all that stands leaves of the capacity of places on so many days from ``at`` on."""
        return days_ahead(self.standing() if self._rules.is_on else (), at, days, self._rules, self._weights.of)

    def weight(self, code: Code) -> float:
        """Return what the forecasts of a kind were worth lately: 1 as said, 0 nothing."""
        return self._weights.of(code)

    def standing(self) -> tuple[Standing, ...]:
        """Return everything that stands, by place: for a board."""
        return tuple(
            self._standing[key][name] for key in sorted(self._standing) for name in sorted(self._standing[key])
        )

    # --- what orders tell --------------------------------------------------------------------------------

    def reached(self, order: Order, stage: Stage) -> None:
        """Count what the places get done."""
        self._backlogs.reached(order, stage)

    def delivered(self, order: Order) -> None:
        """Learn from the end of an order what the forecasts that touched it were worth."""
        if order.touches:
            self._weights.delivered(order)

    def roll(self, at: Instant) -> None:
        """Let what was learned enter the tables."""
        self._weights.roll(at)
        self._backlogs.roll(at)

    # --- inside ------------------------------------------------------------------------------------------

    def _take(self, news: News, at: Instant) -> None:
        name = self._name_of(news)
        before = self._standing.get(news.key, {}).get(name)
        if before is not None and before.said_at > at:
            return
        now = news.standing
        if now is not None and before is not None:
            now = msgspec.structs.replace(now, **_kept(before, now))
        if now is not None and self._is_over(now, at):
            now = None
        self._set(news.key, name, now)
        if is_different(before, now):
            self._note_change(news.key, before, now)

    def _name_of(self, news: News) -> str:
        """Return the name under which news is kept: a storm that moved keeps its own, the next one gets another."""
        now = news.standing
        if now is None or now.code is not Code.WEATHER:
            return news.name
        for name, one in sorted(self._standing.get(news.key, {}).items()):
            if name.startswith(f"{news.name}:") and one.from_at < now.until_at and now.from_at < one.until_at:
                return name
        return f"{news.name}:{now.from_at}"

    def _set(self, key: str, name: str, standing: Standing | None) -> None:
        if standing is not None:
            self._standing.setdefault(key, {})[name] = msgspec.structs.replace(standing, name=name)
            self._ends_at = min(self._ends_at, self._over_at(standing))
        elif name in self._standing.get(key, {}):
            del self._standing[key][name]
            if not self._standing[key]:
                del self._standing[key]
        else:
            return
        self._touching.put(key, self._standing.get(key, {}))
        self._dirty.add((key, name))
        self._set_floor()

    def _over_at(self, standing: Standing) -> Instant:
        """Return when a thing has ended without a word: a line or closure runs on beyond its time."""
        if standing.code is Code.BACKLOG:
            return LATEST
        if standing.code in (Code.LINE_DOWN, Code.LINE_SLOW, Code.CLOSURE):
            return Instant(max(standing.until_at, standing.from_at) + _OVERDUE_US)
        return standing.until_at or LATEST

    def _is_over(self, standing: Standing, at: Instant) -> bool:
        return self._over_at(standing) <= at

    def _end_over(self, at: Instant) -> None:
        for standing in self.standing():
            if self._is_over(standing, at):
                self._set(standing.key, standing.name, None)
                self._note_change(standing.key, standing)
        self._find_end()

    def _note_change(self, key: str, *things: Standing | None) -> None:
        """Note that orders at a place may feel something else now; a closed lane is felt by those still to take it."""
        self._changed.add(key)
        if key.startswith(LANE) and any(thing is not None and thing.code is Code.CLOSURE for thing in things):
            self._changed.update(LANE + way for way in self._ways.ways(key.removeprefix(LANE)))

    def _find_end(self) -> None:
        self._ends_at = min((self._over_at(one) for one in self.standing()), default=LATEST)

    def _tick(self, at: Instant) -> None:
        found = {one.key: one for one in self._backlogs.tick(self._index, at)}
        known = [one.key for one in self.standing() if one.code is Code.BACKLOG]
        for key in sorted({*found, *known}):
            self._take(News(key, "backlog", found.get(key)), at)
        self._set_tick(at)

    def _set_tick(self, at: Instant) -> None:
        epoch_us = self._rules.backlog_epoch_us
        self._clock.tick_at = Instant((at // epoch_us + 1) * epoch_us)
        self._is_clock_dirty = True
        self._set_floor()

    def _set_floor(self) -> None:
        self.floor = min(self._ends_at, self._clock.tick_at or LATEST)


def experience(row: StateRow, days: int) -> StateRow | None:
    """Return a row as it moves to another room: what forecasts are worth and usual queues; what stands now stays."""
    if row.key.startswith(WEIGHT):
        return moved(row, days)
    return row if row.key.startswith(QUEUE) else None


def _kept(before: Standing, now: Standing) -> dict[str, Instant]:
    """Return what news of the same thing leaves as it was: since when it stands, and its end where none is named."""
    if before.code is not now.code:
        return {}
    kept = {"since_at": before.since_at}
    if now.code in (Code.LINE_DOWN, Code.LINE_SLOW, Code.CLOSURE):
        kept["from_at"] = before.from_at
        if now.until_at == NEVER:
            kept["until_at"] = before.until_at
    return kept
