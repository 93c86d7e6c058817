"""Lines that were put aside: look at them, and take them in once they can be read."""

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Engine, Select, func, select

from radar.batch import Batch, Counters
from radar.errors import InputError
from radar.events import Event
from radar.intake import MACHINE as INTAKE
from radar.outputs import OrderRow, Output
from radar.quarantine import QuarantinedError
from radar.room import ControlRoom
from radar.rules import Rules
from streams.blocks import PARTITION
from streams.codec import Codec
from streams.store import Store
from streams.store.failures import restoring
from streams.store.opening import open_reader
from streams.store.schema import dead_letters

_MARK = "UPDATE dead_letters SET state = 'replayed' WHERE stream = ? AND offset = ? AND state = 'kept'"
Key = tuple[str, int]


class KeptLine(msgspec.Struct, frozen=True):
    """A dead letter as it is listed."""

    stream: str
    offset: int
    reason: str
    detail: str
    event_id: str
    order_id: str
    line: str


class Listing(msgspec.Struct, frozen=True):
    """What ``radar deadletter list --json`` says (version 1)."""

    reasons: dict[str, int]
    """Lines kept, by reason, whatever the limit."""
    dead_letters: tuple[KeptLine, ...]
    version: int = 1


class ReplayOutcome(msgspec.Struct, frozen=True):
    """What ``radar deadletter replay --json`` says (version 1)."""

    applied: int
    duplicates: int
    kept: dict[str, int]
    """Lines that stay, by why."""
    version: int = 1


def list_kept(url: str, reason: str | None, limit: int) -> Listing:
    """Return the lines a store keeps, oldest offset first."""
    engine = open_reader(url)
    counted = select(dead_letters.c.reason, func.count()).where(dead_letters.c.state == "kept")
    try:
        with engine.connect() as connection:
            reasons = connection.execute(counted.group_by(dead_letters.c.reason).order_by(dead_letters.c.reason)).all()
            rows = connection.execute(_kept(reason).limit(limit)).all()
    finally:
        engine.dispose()
    kept = (
        KeptLine(row.stream, row.offset, row.reason, row.detail, row.event_id, row.order_id, _shown(row.line))
        for row in rows
    )
    return Listing({row[0]: row[1] for row in reasons}, tuple(kept))


def replay(
    store: Store, rules: Rules, *, zone: str | None = None, reason: str | None = None, limit: int | None = None
) -> ReplayOutcome:
    """Read the kept lines again and take in those that are events now, each exactly once.

    They are late news: each is folded in at the store's clock, in order of event time. A line that is still no
    event, or lies ahead of the clock, or whose order is forgotten, stays.
    """
    checkpoint, rows = store.load_checkpoint(PARTITION, rules.tombstone_us)
    room = ControlRoom(rules)
    with restoring(store.place):
        room.load(row for row in rows if isinstance(row, OrderRow) or row.machine != INTAKE)
    room.advance(checkpoint.clock)
    readable, kept = _read_again(store.engine, Codec(zone), reason, limit)
    replaying = _Replaying(room, kept)
    for event, key in sorted(readable, key=lambda one: (one[0].time, one[0].id)):
        replaying.take(event, key)
    ledger = checkpoint.counters
    ledger = Counters(
        lines=ledger.lines,
        applied=ledger.applied + replaying.applied,
        duplicates=ledger.duplicates + replaying.duplicates,
        dead=ledger.dead - len(replaying.done),
        pending=ledger.pending,
        late=ledger.late + replaying.applied,
    )
    at = msgspec.structs.replace(checkpoint, counters=ledger)
    batch = Batch(tuple(replaying.outputs), tuple(room.take_dirty()), (), tuple(room.take_feeds()), at)
    if replaying.done:
        writer = store.writer(PARTITION)
        writer.commit(batch, lambda connection: _mark(connection, replaying.done))
        writer.close()
    return ReplayOutcome(replaying.applied, replaying.duplicates, dict(sorted(kept.items())))


class _Replaying:
    """Takes events into the room one by one and counts what becomes of them."""

    def __init__(self, room: ControlRoom, kept: dict[str, int]) -> None:
        self.outputs: list[Output] = []
        self.done: list[Key] = []
        self.applied = 0
        self.duplicates = 0
        self._room = room
        self._kept = kept

    def take(self, event: Event, key: Key) -> None:
        if event.time >= self._room.clock:
            self._keep("ahead-of-clock")
        elif self._room.has_seen(event):
            self.duplicates += 1
            self.done.append(key)
        elif self._room.is_forgotten(event):
            self._keep("too-late")
        else:
            self._observe(event, key)

    def _observe(self, event: Event, key: Key) -> None:
        try:
            self.outputs.extend(self._room.observe(event))
        except QuarantinedError:
            self._keep("quarantine")
        else:
            self.applied += 1
            self.done.append(key)

    def _keep(self, why: str) -> None:
        self._kept[why] = self._kept.get(why, 0) + 1


def _kept(reason: str | None) -> Select[tuple[object, ...]]:
    rows = select(dead_letters).where(dead_letters.c.state == "kept")
    if reason is not None:
        rows = rows.where(dead_letters.c.reason == reason)
    return rows.order_by(dead_letters.c.stream, dead_letters.c.offset)


def _read_again(
    engine: Engine, codec: Codec, reason: str | None, limit: int | None
) -> tuple[list[tuple[Event, Key]], dict[str, int]]:
    """Return the kept lines that are events now, and how many are not, by reason."""
    with engine.connect() as connection:
        rows = connection.execute(_kept(reason).limit(limit) if limit is not None else _kept(reason)).all()
    readable: list[tuple[Event, Key]] = []
    kept: dict[str, int] = {}
    for row, decoded in zip(rows, codec.decode_block([row.line for row in rows]), strict=True):
        if isinstance(decoded, Event):
            readable.append((decoded, (row.stream, row.offset)))
        else:
            why = decoded.reason if decoded is not None else "blank"
            kept[why] = kept.get(why, 0) + 1
    return readable, kept


def _mark(connection: sqlite3.Connection, done: Sequence[Key]) -> None:
    marked = connection.executemany(_MARK, done).rowcount
    assert marked == len(done), f"{marked} of {len(done)} dead letters were still kept"


def _shown(line: bytes) -> str:
    return line[:200].decode("utf-8", "replace")


def check_reason(reason: str | None, known: Iterable[str]) -> None:
    """Refuse a reason that no line has.

    Raises:
        InputError: The store keeps no line for it.
    """
    names = sorted(known)
    if reason is not None and reason not in names:
        raise InputError.at(
            "--reason", "", f"no line is kept for {reason!r}", f"allowed: {', '.join(names) or 'none, nothing is kept'}"
        )
