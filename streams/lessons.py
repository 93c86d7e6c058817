"""Learning from history: recorded events through the same source, codec, intake and room as a live run.

Nothing is stored and nobody is warned; what is left is what the room learned, as a model.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from radar.batch import Counters, DeadLetter
from radar.errors import InputError
from radar.events import Event
from radar.events.order import OrderPlaced
from radar.events.transport import ShipmentDelivered
from radar.instant import Instant
from radar.orders import NEVER, Order
from radar.outputs import Output, StateRow
from radar.room import ControlRoom
from radar.rules import Rules
from radar.stages import OrderPhase, Stage
from streams.codec import encode
from streams.model_files import Model, Taught, TypeCount, model_of
from streams.recorded import SHOWN_LETTERS_MAX, Progress, batches
from streams.specs import Spec


class Lesson(msgspec.Struct, frozen=True):
    """What was learned, and from how much."""

    model: Model
    counters: Counters
    dead: dict[str, int]
    """Dead letters, by reason, the most frequent first."""
    letters: tuple[DeadLetter, ...]
    """The first few of them."""


def learn(specs: Sequence[Spec], rules: Rules, lateness_us: int, on_progress: Progress) -> Lesson:
    """Carry recorded streams, merged by time, through a room and return what it learned.

    Args:
        specs: Files, each a stream of one partition; bad lines are counted, never fatal.
        rules: What the room goes by.
        lateness_us: How far behind the largest event time an event may come and still be put in order.
        on_progress: Called about twice a second.

    Raises:
        InputError: A file cannot be read to its end, or holds no event.
    """
    student = Student(rules)
    notes = _Notes()
    for batch in batches(specs, student, lateness_us):
        notes.take(batch.rows, batch.dead_letters)
        notes.counters = batch.checkpoint.counters
        on_progress(notes.counters, batch.checkpoint.clock)
    if not notes.counters.applied:
        said = f"no event in {notes.counters.lines} lines"
        raise InputError.at("EVENTS", "", said, "allowed: lines of the event contract (`radar schema`)")
    model = model_of(notes.rows.values(), student.taught(notes.counters.applied))
    dead = dict(sorted(notes.dead.items(), key=lambda entry: (-entry[1], entry[0])))
    return Lesson(model, notes.counters, dead, tuple(notes.letters))


class Student(ControlRoom):
    """A room that notes what it was taught by."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._rules_sha256 = rules.version
        self._digest = hashlib.sha256()
        self._first_at: Instant | None = None
        self._last_at: Instant | None = None
        self._orders: dict[str, int] = {}
        self._deliveries: dict[str, int] = {}

    def observe(self, event: Event) -> Sequence[Output]:
        """Take an event in and note it."""
        self._digest.update(encode(event))
        self._first_at = event.time if self._first_at is None else min(self._first_at, event.time)
        self._last_at = event.time if self._last_at is None else max(self._last_at, event.time)
        kind = type(event.data)
        if kind is not OrderPlaced and kind is not ShipmentDelivered:
            return super().observe(event)
        before = self.orders.get(event.subject)
        was_placed, was_delivered = _is_placed(before), _is_delivered(before)
        said = super().observe(event)
        order = self.orders.get(event.subject)
        if order is not None:
            if _is_placed(order) and not was_placed:
                self._orders[order.order_type] = self._orders.get(order.order_type, 0) + 1
            if _is_delivered(order) and not was_delivered:
                self._deliveries[order.order_type] = self._deliveries.get(order.order_type, 0) + 1
        return said

    def taught(self, events: int) -> Taught:
        """Return what it was taught by."""
        types = sorted({*self._orders, *self._deliveries})
        return Taught(
            rules_sha256=self._rules_sha256,
            data_sha256=self._digest.hexdigest(),
            first_at=self._first_at,
            last_at=self._last_at,
            events=events,
            order_types=tuple(
                TypeCount(name, self._orders.get(name, 0), self._deliveries.get(name, 0)) for name in types
            ),
        )


class _Notes:
    """What is kept of the batches: the last row of every key, and the dead letters."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], StateRow] = {}
        self.dead: dict[str, int] = {}
        self.letters: list[DeadLetter] = []
        self.counters = Counters()

    def take(self, rows: Sequence[object], letters: Sequence[DeadLetter]) -> None:
        for row in rows:
            if isinstance(row, StateRow):
                if row.is_gone:
                    self.rows.pop((row.machine, row.key), None)
                else:
                    self.rows[row.machine, row.key] = row
        for letter in letters:
            self.dead[letter.reason] = self.dead.get(letter.reason, 0) + 1
        self.letters += letters[: max(0, SHOWN_LETTERS_MAX - len(self.letters))]


def _is_placed(order: Order | None) -> bool:
    return order is not None and order.reached[Stage.PLACED] != NEVER


def _is_delivered(order: Order | None) -> bool:
    return order is not None and order.phase is OrderPhase.DELIVERED
