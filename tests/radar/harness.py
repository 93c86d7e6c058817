"""Small parts for tests of the core: rules, events, a fake predictor, and a store kept in a dictionary."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import msgspec

from radar.batch import Batch, Checkpoint, DeadLetter, Feed
from radar.events import Event, Payload
from radar.events.common import ReasonCode
from radar.events.order import OrderHeld, OrderPlaced
from radar.events.supply import ProductionFinished
from radar.events.transport import FulfilmentPicked, ShipmentDelivered, ShipmentHandedOver
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.intake import Intake
from radar.orders import Order
from radar.outputs import OrderRow, Output, Reason, Row, StateRow, WarningChange
from radar.prediction import Predictor
from radar.room import ControlRoom
from radar.rules import PredictionRules, Rules, SilenceRules
from radar.stages import Stage
from radar.standards import Standard, Standards
from radar.watch import OrderWatch
from radar.wording import reason

START = Instant(1_709_251_200_000_000)
"""2024-03-01T00:00:00Z."""
ROUTE = (Stage.PLACED, Stage.PRODUCED, Stage.PICKED, Stage.HANDED_OVER, Stage.DELIVERED)


def at(hours: float, micro: int = 0) -> Instant:
    """Return the instant so many hours and microseconds after the start."""
    return Instant(START + round(hours * HOUR_US) + micro)


def rules(
    *standards: Standard, silence: SilenceRules | None = None, route: Sequence[Stage] = ROUTE, **more: object
) -> Rules:
    """Return rules with few standards and, unless given, no silence."""
    quiet = SilenceRules(source_default_us=0, order_us={"*": 0})
    return Rules(standards=Standards({"*": route}, standards), silence=silence or quiet, **more)  # type: ignore[arg-type]  # fields by name


def event(data: Payload, time: Instant, subject: str = "SO-1", id: str = "", source: str = "shop") -> Event:  # noqa: A002 - the contract's word
    """Return an event whose id, unless given, follows from what it says."""
    return Event(time, id=id or f"{type(data).__name__}-{subject}-{time}", source=source, subject=subject, data=data)


def placed(time: Instant = START, promise_at: Instant | None = None, subject: str = "SO-1", **fields: object) -> Event:
    """Return an order.placed event."""
    promise = None if promise_at is None else to_datetime(promise_at)
    return event(OrderPlaced(promise_at=promise, **fields), time, subject)  # type: ignore[arg-type]  # fields by name


def produced(time: Instant, subject: str = "SO-1") -> Event:
    return event(ProductionFinished(), time, subject)


def picked(time: Instant, subject: str = "SO-1") -> Event:
    return event(FulfilmentPicked(), time, subject)


def handed_over(time: Instant, subject: str = "SO-1") -> Event:
    return event(ShipmentHandedOver(), time, subject)


def delivered(time: Instant, subject: str = "SO-1") -> Event:
    return event(ShipmentDelivered(), time, subject)


def held(time: Instant, subject: str = "SO-1") -> Event:
    return event(OrderHeld(reason=ReasonCode.ADDRESS, note="no street"), time, subject)


@dataclass
class FakePredictor:
    """Says what it is told to say, and notes what it is told."""

    say: Callable[[Order, Instant], float] = lambda order, at: 0.3
    told: list[tuple[str, str, object, Instant]] = field(default_factory=list)
    asked: list[tuple[str, Instant]] = field(default_factory=list)

    def placed(self, order: Order, at: Instant) -> None:
        self.told.append(("placed", order.order_id, None, at))

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        self.told.append(("reached", order.order_id, stage, at))

    def heard(self, order: Order, at: Instant) -> None:
        self.told.append(("heard", order.order_id, None, at))

    def resolved(self, order: Order, *, is_late: bool, at: Instant) -> None:
        self.told.append(("resolved", order.order_id, is_late, at))

    def counted(self, order: Order) -> Instant | None:
        del order
        return None

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        self.asked.append((order.order_id, at))
        return self.say(order, at)

    def spread(self, order: Order, at: Instant) -> float:
        return 0.0

    def explain(self, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
        return (reason("risk.stage", stage=order.stage.label, elapsed_us=0, left_us=order.promise_at - at),)

    def labels(self) -> list[tuple[str, bool, Instant]]:
        """Return the labels told: order, late, when."""
        return [(order_id, bool(what), when) for name, order_id, what, when in self.told if name == "resolved"]


def noise(order: Order, at: Instant) -> float:
    """Return a probability that looks random and depends on the order and the time alone."""
    return crc32(f"{order.order_id}/{order.stage}/{at}".encode()) / 2**32


class StillLearner(FakePredictor):
    """A fake predictor that can also stand where the learner stands: it learns nothing."""

    def observe(self, event: Event) -> Sequence[Output]:
        return ()

    def advance(self, now: Instant) -> Sequence[Output]:
        return ()

    def next_due(self) -> Instant | None:
        return None

    def take_dirty(self) -> list[Row]:
        return []

    def load(self, rows: Iterable[Row]) -> None:
        assert not list(rows)


def room_of(some: Rules, say: Callable[[Order, Instant], float] = noise) -> ControlRoom:
    """Return a control room whose predictor is a fake."""
    room = ControlRoom(some)
    fake = StillLearner(say)
    room._learner = room._forecast.predictor = fake  # type: ignore[assignment]  # a stand-in with the same verbs
    return room


def watch_of(some: Rules, predictor: Predictor | None = None) -> OrderWatch:
    """Return an order watch alone."""
    return OrderWatch(some, predictor or FakePredictor())


def run(watch: OrderWatch | ControlRoom, events: Iterable[Event], until: Instant | None = None) -> list[WarningChange]:
    """Return everything said about some events, and about the time until ``until`` (not included)."""
    out: list[WarningChange] = []
    for one in events:
        out.extend(watch.observe(one))
    if until is not None:
        out.extend(watch.advance(until))
    return out


def facts(said: Reason) -> dict[str, str | int | float]:
    """Return the figures of a reason by name."""
    return {fact.name: fact.value for fact in said.facts}


@dataclass
class DictStore:
    """A store as far as the core can tell: one batch at a time, keys that must be new, rows that replace."""

    outputs: dict[tuple[str, int], WarningChange] = field(default_factory=dict)
    orders: dict[str, OrderRow] = field(default_factory=dict)
    states: dict[tuple[str, str], StateRow] = field(default_factory=dict)
    dead: dict[tuple[str, int], DeadLetter] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    checkpoint: Checkpoint = field(default_factory=Checkpoint)

    def commit(self, batch: Batch) -> None:
        """Write a batch as the store does; a double raises."""
        for change in batch.outputs:
            assert (change.warning_id, change.sequence) not in self.outputs, f"said twice: {change}"
            self.outputs[change.warning_id, change.sequence] = change
        for letter in batch.dead_letters:
            assert (letter.stream, letter.offset) not in self.dead, f"buried twice: {letter}"
            self.dead[letter.stream, letter.offset] = letter
        for row in batch.rows:
            if isinstance(row, OrderRow):
                before = self.orders.get(row.order_id)
                if before is None or row.version >= before.version:
                    self.orders[row.order_id] = row
            elif row.is_gone:
                self.states.pop((row.machine, row.key), None)
            else:
                self.states[row.machine, row.key] = row
        self.feeds |= {feed.source: feed for feed in batch.feeds}
        self.checkpoint = batch.checkpoint
        assert batch.checkpoint.counters.is_balanced, batch.checkpoint.counters

    def rows(self, tombstone_us: int) -> Iterator[Row]:
        """Yield what a restart loads: machines, open orders, and those closed lately; bare of what people query."""
        yield from self.states.values()
        since = self.checkpoint.clock - tombstone_us
        for row in self.orders.values():
            if row.closed_at is None or row.closed_at >= since:
                yield msgspec.structs.replace(row, phase="", stage="", lane="", closed_at=None)

    def digest(self) -> str:
        """Return a hash of what must not depend on how the events came: all but positions, ledger, dead repeats."""
        kept = [self.orders[key] for key in sorted(self.orders)]
        states = [self.states[key] for key in sorted(self.states) if key[0] != "intake"]
        said = list(self.outputs.values())
        feeds = [self.feeds[key] for key in sorted(self.feeds)]
        return hashlib.sha256(msgspec.msgpack.encode((kept, states, said, feeds))).hexdigest()


@dataclass(frozen=True)
class Play:
    """How a history is driven through an intake."""

    rules: Rules
    lateness_us: int
    block: int = 1
    batch_every: int = 3
    """Blocks between two commits."""
    stops: frozenset[int] = frozenset()
    """Numbers of the commits after which the process dies and starts again."""
    dies_before_commit: bool = False
    """Whether at these the batch itself is lost."""
    extra_ticks: int = 0
    say: Callable[[Order, Instant], float] = noise

    def start(self, store: DictStore, streams: Sequence[Sequence[Event]]) -> Intake:
        """Return an intake that goes on from the store."""
        names = [f"stream-{index}" for index in range(len(streams))]
        intake = Intake(room_of(self.rules, self.say), names, self.lateness_us)
        intake.load(store.checkpoint, store.rows(self.rules.tombstone_us))
        return intake

    def run(self, streams: Sequence[Sequence[Event]]) -> DictStore:
        """Drive streams of arriving events to their end and return the store."""
        store = DictStore()
        self._rest(store, streams)
        return store

    def _rest(self, store: DictStore, streams: Sequence[Sequence[Event]]) -> None:
        commits, blocks, stops_left = 0, 0, set(self.stops)
        intake, offsets = self._restart(store, streams)
        while True:
            pending = [index for index, one in enumerate(streams) if offsets[index] < len(one)]
            if not pending:
                break
            index = min(pending, key=lambda one: (streams[one][offsets[one]].time, one))
            self._take(intake, streams, index, offsets, store)
            blocks += 1
            if blocks % self.batch_every == 0:
                commits += 1
                batch = intake.take_batch()
                is_stop = commits in stops_left
                if not (is_stop and self.dies_before_commit):
                    store.commit(batch)
                    self._check_equal(store, intake)
                if is_stop:
                    stops_left.discard(commits)
                    intake, offsets = self._restart(store, streams)
        intake.tick()
        store.commit(intake.take_batch())
        self._check_equal(store, intake)

    def _restart(self, store: DictStore, streams: Sequence[Sequence[Event]]) -> tuple[Intake, list[int]]:
        intake = self.start(store, streams)
        low = {place.stream: place.low_offset for place in store.checkpoint.positions}
        offsets = [low.get(f"stream-{index}", 0) for index in range(len(streams))]
        for index, one in enumerate(streams):
            if offsets[index] == len(one):
                intake.finish(index)
        return intake, offsets

    def _take(
        self, intake: Intake, streams: Sequence[Sequence[Event]], index: int, offsets: list[int], store: DictStore
    ) -> None:
        start = offsets[index]
        end = offsets[index] = min(start + self.block, len(streams[index]))
        entries = [(one, start + step, one.id.encode()) for step, one in enumerate(streams[index][start:end])]
        known = {offset for stream, offset in store.dead if stream == f"stream-{index}"}
        intake.take(index, [entry for entry in entries if entry[1] not in known], end)
        if end == len(streams[index]):
            intake.finish(index)
        for _ in range(1 + self.extra_ticks):
            intake.tick()

    def _check_equal(self, store: DictStore, intake: Intake) -> None:
        """The store holds every order as the room knows it, and what a restart would load is the same room."""
        fresh = self.start(store, [()] * len(intake._streams))
        assert fresh.take_batch().outputs == ()
        known, again = intake.room.orders, fresh.room.orders
        for order_id, order in known.items():
            assert again.get(order_id) == order, f"{order_id}: the store lags behind"
        assert all(not order.is_open for order_id, order in again.items() if order_id not in known)


DAY = DAY_US
PREDICTION = PredictionRules()
