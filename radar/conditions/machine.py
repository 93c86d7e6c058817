"""The conditions: what stands in the world, which open orders it touches, and when they must be looked at again.

Theory of operation. Events about the world set and end standing things, each at a place (a line, lane, area,
supplier, warehouse). Things whose time is over end by themselves. Whenever something at a place begins, ends or
moves, the place is named in ``take_changes``; the order watch predicts anew exactly the open orders there, at once,
before any milestone is missed. What a thing means for one order is asked by ``touching``, at every prediction.

Events that speak of no condition cost one dictionary look-up; orders at places where nothing stands, one more each.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from radar.conditions import delays
from radar.conditions.backlog import KEY as QUEUE
from radar.conditions.backlog import Backlogs
from radar.conditions.condition import Code, Condition, Standing
from radar.conditions.news import READERS, News, is_different
from radar.conditions.weights import KEY as WEIGHT
from radar.conditions.weights import Weights, moved
from radar.events import Event
from radar.instant import EARLIEST, LATEST, Instant
from radar.open_index import LANE, OpenIndex, keys_of
from radar.orders import NEVER, Order, Touch
from radar.outputs import Fact, Output, Row, StateRow
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

    def __init__(self, rules: ConditionRules, index: OpenIndex, remaining: RemainingTimes, ways: Ways) -> None:
        self._rules = rules
        self._index = index
        self._by = delays.Yardsticks(remaining, ways, rules)
        self._standing: dict[str, dict[str, Standing]] = {}
        self._weights = Weights()
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
                self._standing.setdefault(standing.key, {})[standing.name] = standing
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

    def touching(self, order: Order, at: Instant) -> tuple[Condition, ...]:
        """Return what touches an open order as of ``at``, by code and place, each with the extra time expected."""
        is_plain = order.setback_at == NEVER and order.carrier_eta_at == NEVER
        if (is_plain and not self._standing) or not self._rules.is_on:
            return ()
        found = list(self._own(order, at))
        if self._standing:
            for key in self._places(order):
                there = self._standing.get(key)
                if there is not None:
                    found.extend(self._at_place(key, there, order, at))
        return tuple(found)

    def total_us(self, touching: Sequence[Condition]) -> int:
        """Return the expected extra time of all together, within the limit; the worst of a kind counts."""
        worst: dict[Code, int] = {}
        for one in touching:
            worst[one.code] = max(worst.get(one.code, 0), one.delay_us)
        return min(sum(worst.values()), self._rules.delay_max_us)

    def touches(self, order: Order, touching: Sequence[Condition], at: Instant) -> tuple[Touch, ...]:
        """Return what the order should remember of being touched: of each kind the longest delay ever said."""
        if not touching:
            return order.touches
        left = self._by.remaining.left(order, at)
        usual_at, spread_us = (NEVER, 0) if left is None else (Instant(at + int(left.mean_us)), int(left.spread_us))
        known = {touch.code: touch for touch in order.touches}
        for one in touching:
            before = known.get(one.code)
            if before is None or before.said_us < one.said_us:
                known[one.code] = Touch(one.code.value, one.said_us, usual_at, spread_us)
        return tuple(known.values())

    def take_changes(self) -> list[str]:
        """Return the places where something changed since last asked, sorted."""
        changed = set(self._changed)
        for key in self._changed:
            if key.startswith(LANE):
                changed.update(LANE + way for way in self._by.ways.ways(key.removeprefix(LANE)))
        self._changed.clear()
        return sorted(changed)

    @property
    def is_awake(self) -> bool:
        """Return whether anything was ever heard of the world: places and queues are followed from then on."""
        return EARLIEST < self._clock.tick_at < LATEST

    @property
    def is_changed(self) -> bool:
        """Return whether ``take_changes`` has something to say."""
        return bool(self._changed)

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
            self._changed.add(news.key)

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
                self._changed.add(standing.key)
        self._find_end()

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

    def _own(self, order: Order, at: Instant) -> Iterator[Condition]:
        """Yield what the order's own news says: the carrier's exception and its date."""
        if order.setback_at != NEVER:
            facts = (Fact("reason", order.setback_reason),)
            yield from self._condition(
                Code.EXCEPTION, order.setback_reason, delays.exception(order, at), facts, order.setback_at
            )
        if order.carrier_eta_at != NEVER:
            facts = (Fact("eta_at", order.carrier_eta_at),)
            since_at = order.reached[Stage.IN_TRANSIT]
            yield from self._condition(
                Code.CARRIER_ETA, order.carrier, delays.carrier_eta(order, at, self._by), facts, since_at
            )

    def _places(self, order: Order) -> Sequence[str]:
        keys = keys_of(order)
        if order.stage < Stage.HANDED_OVER and order.origin:
            lanes = (LANE + lane for lane in self._by.ways.lanes(order.way))
            return (*keys, *(key for key in lanes if key not in keys))
        return keys

    def _at_place(self, key: str, there: dict[str, Standing], order: Order, at: Instant) -> Iterator[Condition]:
        subject = key.partition(":")[2]
        couriers = []
        for name in sorted(there):
            standing = there[name]
            if standing.code is Code.COURIERS:
                couriers.append(standing)
                continue
            said = delays.FORMULAS[standing.code](standing, order, at, self._by)
            yield from self._condition(standing.code, subject, said, _facts(standing), standing.since_at)
        if couriers:
            said = delays.couriers(couriers, order, at, self._by)
            since_at = min(one.since_at for one in couriers)
            facts = (
                Fact("waiting", sum(one.amount for one in couriers)),
                Fact("capacity", sum(one.capacity for one in couriers)),
            )
            yield from self._condition(Code.COURIERS, subject, said, facts, since_at)

    def _condition(
        self, code: Code, subject: str, said: float, facts: tuple[Fact, ...], since_at: Instant
    ) -> Iterator[Condition]:
        said_us = min(int(said), self._rules.delay_max_us)
        if said_us > 0:
            yield Condition(code, subject, int(said_us * self._weights.of(code)), said_us, facts, since_at)


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


def _facts(standing: Standing) -> tuple[Fact, ...]:
    """Return the figures of a standing thing as a reason shows them."""
    facts = [Fact("note", standing.note)]
    if standing.until_at != NEVER:
        facts += [Fact("from_at", standing.from_at), Fact("until_at", standing.until_at)]
    if standing.code is Code.LINE_SLOW:
        facts.append(Fact("speed_ratio", standing.amount))
    if standing.code is Code.BACKLOG:
        facts.append(Fact("waiting", standing.capacity))
    return tuple(facts)
