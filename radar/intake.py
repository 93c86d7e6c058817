"""The front door of a partition: order, duplicates, lateness, the ledger, and what to write.

Theory of operation. Events arrive roughly in time order. They wait in a buffer until the watermark has passed
them and are then applied in ``(time, id)`` order, so the result does not depend on how they were shuffled
within the allowed lateness, cut into blocks or repeated. The watermark of a stream is its third-largest event
time less the lateness - the third, so that one or two mistyped years cannot push the clock, and equal times count
once, so that their repeats cannot either. That of the partition is the smallest over its unfinished streams; live
it is the wall clock less the lateness. An event behind its own stream's watermark is late: it takes its place at
that watermark, not at its own time, because what followed its own time has been said already. So even late news
does not depend on block sizes.

A batch is a consistent cut: rows, outputs and positions of exactly the lines taken in so far. Lines still in
the buffer are not in it; a restart re-reads them from ``low_offset``, and the intake skips what it had applied.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from radar.batch import Batch, Checkpoint, Counters, DeadLetter, StreamPosition
from radar.events import Event
from radar.instant import DAY_US, EARLIEST, LATEST, Instant
from radar.outputs import Output, Row, StateRow
from radar.quarantine import QuarantinedError
from radar.reorder import ReorderBuffer, Waiting
from radar.room import ControlRoom

WITNESSES = 3
"""Different times that must stand at or past a time before the clock believes it."""
AHEAD_MAX_US = DAY_US
"""Live: an event further than this ahead of the wall clock is a wrong clock, not news."""
LEAP_MAX_US = 400 * DAY_US
"""At the end of the data: an event further than this past the third-last is a typing error."""
PENDING_MAX = 500_000
"""Events that may wait for the watermark; beyond it the oldest are applied as if it had passed."""
LINE_MAX = 65_536
"""Bytes of a raw line kept in a dead letter."""

Entry = tuple[Event, int, bytes]
"""An event, the offset of its line in its stream, and the line."""


LATE = "\U0010ffff"
"""Stands for a late event's id: it comes after what is in time at its place, in the order of its stream."""

MACHINE = "intake"
"""Machine name of the rows that keep what ``StreamPosition`` has no column for."""


class _Stream(msgspec.Struct):
    name: str
    end_offset: int = 0
    resume_offset: int = 0
    """Lines before this were read before the restart."""
    largest: tuple[Instant, Instant, Instant] = (EARLIEST, EARLIEST, EARLIEST)
    """The three largest event times seen, all different, descending."""
    is_finished: bool = False
    waiting_late: dict[int, Instant] = {}
    """Offset -> place of the late lines that were still waiting when the checkpoint was written."""


class _StreamState(msgspec.Struct, array_like=True):
    """The row of a stream: what a restart needs beside its position."""

    version: int
    largest: tuple[Instant, Instant, Instant]
    waiting_late: dict[int, Instant]


class Intake:
    """One partition's events on their way into its control room."""

    def __init__(self, room: ControlRoom, streams: Sequence[str], lateness_us: int, *, is_live: bool = False) -> None:
        """Build the intake of a partition.

        Args:
            room: What the events drive.
            streams: Names of the partition's streams; blocks name them by index.
            lateness_us: How far behind the largest event time an event may come and still be put in order.
            is_live: Whether ticks of the wall clock move the watermark, rather than the data.
        """
        self._room = room
        self._streams = [_Stream(name) for name in streams]
        self._lateness_us = lateness_us
        self._is_live = is_live
        self._pending = ReorderBuffer(lateness_us)
        self._watermark: Instant = EARLIEST
        self._resume_watermark: Instant = EARLIEST
        self._last: Event | None = None
        self._counters = Counters()
        self._outputs: list[Output] = []
        self._dead: list[DeadLetter] = []
        self._resume: dict[str, StreamPosition] = {}
        self._resume_states: dict[str, _StreamState] = {}

    @property
    def room(self) -> ControlRoom:
        """Return the control room behind the door."""
        return self._room

    @property
    def counters(self) -> Counters:
        """Return the ledger so far."""
        return self._counters

    @property
    def watermark(self) -> Instant:
        """Return the time that everything earlier has been applied up to."""
        return self._watermark

    def load(self, checkpoint: Checkpoint, rows: Iterable[Row]) -> None:
        """Go on from a checkpoint; streams it does not name start at their beginning."""
        for row in rows:
            if isinstance(row, StateRow) and row.machine == MACHINE:
                self._resume_states[row.key] = msgspec.msgpack.decode(row.state, type=_StreamState)
            else:
                self._room.load((row,))
        self._outputs.extend(self._room.advance(checkpoint.clock))
        self._watermark = self._resume_watermark = checkpoint.watermark
        self._counters = msgspec.structs.replace(checkpoint.counters)
        self._resume = {position.stream: position for position in checkpoint.positions}
        for stream in self._streams:
            self._restore(stream)

    def add_stream(self, name: str) -> int:
        """Return the index of a stream that has come up only now: the next file of a journal."""
        self._streams.append(_Stream(name))
        self._restore(self._streams[-1])
        return len(self._streams) - 1

    def take(self, stream: int, entries: Sequence[Entry], end_offset: int) -> None:
        """Take in the events of one block.

        Args:
            stream: Index of the stream.
            entries: Events with the offset of their line and the line itself, as read.
            end_offset: One past the last byte of the block.
        """
        state = self._streams[stream]
        if state.end_offset < state.resume_offset:
            entries = self._take_again(stream, state, entries)
        state.end_offset = end_offset
        self._counters.lines += len(entries)
        first, second, third = state.largest
        lateness_us, is_live = self._lateness_us, self._is_live
        # Never behind the partition's own: it is ahead of the stream's only when it was forced there.
        watermark = self._watermark if is_live else max(self._watermark, third - lateness_us)
        append, low, high = self._pending.appender(Instant(watermark))
        for event, offset, line in entries:
            time = event.time
            if time > third and not is_live:
                if time > first:
                    first, second, third = time, first, second
                elif time > second:
                    if time != first:
                        second, third = time, second
                elif time != second:
                    third = time
                watermark = max(watermark, third - lateness_us)
            place = max(time, watermark)
            if not low <= place < high:
                append, low, high = self._pending.appender(Instant(place))
            if place == time:
                append((time, event.id, event.source, stream, offset, event, line))
            else:
                append((Instant(place), LATE, "", stream, offset, event, line))
        self._pending.count += len(entries)
        state.largest = (first, second, third)

    def dead(self, letter: DeadLetter, stream: int) -> None:
        """Take in a line that is no event; to be called before ``take`` of its block."""
        if letter.offset >= self._streams[stream].resume_offset:
            self._counters.lines += 1
            self._bury(letter)

    def finish(self, stream: int) -> None:
        """Note that a stream has ended; it no longer holds back the watermark."""
        self._streams[stream].is_finished = True

    def tick(self, now: Instant | None = None) -> None:
        """Move the watermark - live by the wall clock ``now``, else by the data - and apply what it passes."""
        if self._is_live and now is not None:
            self._refuse_ahead(Instant(now + AHEAD_MAX_US), "ahead-of-clock")
            watermark = self._watermark if self._is_reading_again() else Instant(now - self._lateness_us)
        else:
            watermark = min((self._reach(stream) for stream in self._streams), default=LATEST)
        if watermark == LATEST:
            watermark = self._end_of_data()
        if self._pending.count > PENDING_MAX:
            watermark = max(watermark, self._pending.place_from_end(PENDING_MAX) or EARLIEST)
        self._watermark = max(self._watermark, watermark)
        self._release()

    def take_outputs(self) -> list[Output]:
        """Return what was said since last asked, without packing rows: for drivers that keep no store."""
        outputs, self._outputs = self._outputs, []
        return outputs

    def take_batch(self) -> Batch:
        """Return everything that changed since last asked; packs every changed order: once an epoch, not a block."""
        counters = self._counters
        counters.pending = counters.lines - counters.applied - counters.duplicates - counters.dead
        positions, stream_rows = self._places()
        batch = Batch(
            outputs=tuple(self._outputs),
            rows=(*self._room.take_dirty(), *stream_rows),
            dead_letters=tuple(self._dead),
            feeds=tuple(self._room.take_feeds()),
            checkpoint=Checkpoint(
                positions=tuple(positions),
                counters=msgspec.structs.replace(counters),
                clock=self._room.clock,
                watermark=self._watermark,
            ),
        )
        self._outputs.clear()
        self._dead.clear()
        return batch

    # --- the buffer --------------------------------------------------------------------------------------

    def _take_again(self, index: int, state: _Stream, entries: Sequence[Entry]) -> list[Entry]:
        """Buffer the re-read lines that were waiting at the checkpoint, and return the lines never read before."""
        fresh: list[Entry] = []
        for event, offset, line in entries:
            if offset >= state.resume_offset:
                fresh.append((event, offset, line))
                continue
            late_place = state.waiting_late.get(offset)
            if late_place is not None:
                self._pending.add((late_place, LATE, "", index, offset, event, line))
            elif event.time >= self._resume_watermark:
                self._pending.add((event.time, event.id, event.source, index, offset, event, line))
        return fresh

    def _is_reading_again(self) -> bool:
        return any(stream.end_offset < stream.resume_offset for stream in self._streams)

    def _reach(self, stream: _Stream) -> Instant:
        """Return the stream's own watermark; while it re-reads after a restart, no further than before."""
        if stream.end_offset < stream.resume_offset:
            return self._resume_watermark
        return LATEST if stream.is_finished else Instant(stream.largest[2] - self._lateness_us)

    def _release(self) -> None:
        """Apply, in order, what lies strictly before the watermark, and let the room's clock follow."""
        for ready in self._pending.release(self._watermark):
            for entry in ready:
                self._apply(entry)
        self._outputs.extend(self._room.advance(self._watermark))

    def _end_of_data(self) -> Instant:
        """Return the watermark that lets everything pass: no stream will say more."""
        believed = self._pending.different_from_end(WITNESSES)
        if believed is not None:
            self._refuse_ahead(Instant(believed + LEAP_MAX_US), "ahead-of-stream")
        last = self._pending.place_from_end(1)
        return self._watermark if last is None else Instant(last + 1)

    def _refuse_ahead(self, limit: Instant, why: str) -> None:
        """Bury the events beyond ``limit``: their clock is wrong, and waiting for them would be endless."""
        if self._pending.has_from(limit):
            for entry in self._pending.take_from(limit):
                self._bury(self._letter(entry, why, "time: far ahead of everything else heard"))

    # --- applying ----------------------------------------------------------------------------------------

    def _apply(self, entry: Waiting) -> None:
        event = entry[5]
        is_late = entry[0] != event.time
        if is_late:
            self._outputs.extend(self._room.advance(entry[0]))
        last = self._last
        is_repeat = last is not None and event.id == last.id and event.time == last.time and event.source == last.source
        if is_repeat or (is_late and self._room.has_seen(event)):
            self._counters.duplicates += 1
            return
        self._last = event
        if is_late and self._room.is_forgotten(event):
            self._bury(self._letter(entry, "too-late", "time: the order may be closed and forgotten"))
            return
        try:
            said = self._room.observe(event)
        except QuarantinedError as error:
            said = error.said
            self._bury(self._letter(entry, "quarantine", str(error)))
        else:
            self._counters.applied += 1
            self._counters.late += is_late
        if said:
            self._outputs.extend(said)

    def _letter(self, entry: Waiting, reason: str, detail: str) -> DeadLetter:
        _place, _id, _source, stream, offset, event, line = entry
        return DeadLetter(self._streams[stream].name, offset, line[:LINE_MAX], reason, detail, event.id, event.subject)

    def _bury(self, letter: DeadLetter) -> None:
        self._counters.dead += 1
        self._dead.append(letter)

    def _restore(self, stream: _Stream) -> None:
        """Set a stream to where the checkpoint left it; one it does not name starts at its beginning."""
        if (position := self._resume.get(stream.name)) is not None:
            stream.end_offset, stream.resume_offset = position.low_offset, position.read_offset
        if (state := self._resume_states.get(stream.name)) is not None:
            stream.largest, stream.waiting_late = state.largest, state.waiting_late

    # --- the checkpoint ----------------------------------------------------------------------------------

    def _places(self) -> tuple[list[StreamPosition], list[Row]]:
        """Return where every stream stands, and its row."""
        waiting: list[dict[int, Instant | None]] = [{} for _ in self._streams]
        for place, _id, _source, index, offset, event, _line in self._pending:
            waiting[index][offset] = None if place == event.time else place
        pairs = list(zip(self._streams, waiting, strict=True))
        return [_position(*pair) for pair in pairs], [_stream_row(*pair) for pair in pairs]


def _position(stream: _Stream, waiting: Mapping[int, Instant | None]) -> StreamPosition:
    return StreamPosition(
        stream=stream.name,
        low_offset=min(waiting, default=stream.end_offset),
        read_offset=max(stream.end_offset, stream.resume_offset),
        is_finished=stream.is_finished,
    )


def _stream_row(stream: _Stream, waiting: Mapping[int, Instant | None]) -> Row:
    late = {offset: place for offset, place in waiting.items() if place is not None}
    if stream.end_offset < stream.resume_offset:
        late |= stream.waiting_late  # not re-read yet
    return StateRow(MACHINE, stream.name, msgspec.msgpack.encode(_StreamState(1, stream.largest, late)))
