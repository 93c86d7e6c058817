"""The source of a partition: the lanes of its ``--from``s merged by time into blocks, ticks and commit marks.

It knows nothing of the engine that asks for blocks: the plain loop and Bytewax drive the same object.
"""

from collections.abc import Sequence

from radar.errors import InputError
from radar.instant import EARLIEST, Instant
from streams.blocks import Block
from streams.crashpoints import crash_point
from streams.lanes import Heads, Lane, Positions, open_lane
from streams.pace import TICK_S, Pace, PlaybackClock
from streams.specs import Spec

IDLE_S = 0.01
"""How long an engine waits before it asks again when there is no block."""
GLANCE_LINES = 99
"""First lines of a stream that tell about when it begins."""
_LOOK_S = 0.2
"""Between two looks into a journal's folder."""


class FilesSource:
    """Blocks of one partition, in the order of their first lines' times."""

    def __init__(self, specs: Sequence[Spec], positions: Positions, pace: Pace, heads: Heads | None = None) -> None:
        """Open every lane at its position.

        Args:
            specs: What to read.
            positions: How far the streams were read before.
            pace: How time goes by.
            heads: What the streams began with then.

        Raises:
            InputError: A file cannot be read on from where it was left.
        """
        self.is_done = False
        self.failure: InputError | None = None
        """A stream that ended before its time; the others are read to their ends all the same."""
        self.zones: dict[str, str | None] = {}
        """Zone of every stream given out so far."""
        self.begins: dict[str, bytes] = {}
        """The first bytes of every stream given out so far."""
        self._pace = pace
        self._lanes = [open_lane(spec, positions, heads or {}, until_eof=pace.until_eof) for spec in specs]
        self._playback = PlaybackClock(pace.factor, pace.monotonic) if pace.factor else None
        self._is_stopping = False
        self._is_fed = True
        self._ticked_s = self._looked_s = self._marked_s = pace.monotonic()

    @property
    def streams(self) -> list[str]:
        """Return the names of the streams open now; the intake must know all of them before the first block."""
        return [lane.stream for lane in self._lanes if lane.stream]

    def stop(self) -> None:
        """End with the next block: a commit mark, from which the next run goes on."""
        self._is_stopping = True

    def begins_at(self) -> Instant | None:
        """Return about when what waits to be read begins; None where nothing is there or can be told.

        Of every stream the middle one of its first events: a mistyped year in the first line is not believed.
        """
        glances = [sorted(lane.reader.glance(GLANCE_LINES)) for lane in self._lanes if not lane.is_announced]
        return min((times[len(times) // 2] for times in glances if times), default=None)

    def next_block(self) -> Block | None:
        """Return the next block, None when there is nothing to say yet; the last one sets ``is_done``."""
        wall = self._pace.wall() if self._pace.is_live else None  # before reading: all lines up to it are then seen
        if self._is_stopping:
            return self._last()
        until = self._playback.now(self._head()) if self._playback else None
        lane = self._next_lane(until)
        if lane is not None:
            return self._read(lane, until)
        if all(lane.is_over for lane in self._lanes):
            return self._last()
        self._look_around()
        return self._tick(until if self._playback else wall)

    def close(self) -> None:
        """Give all files back."""
        for lane in self._lanes:
            lane.close()

    # --- choosing ----------------------------------------------------------------------------------------

    def _next_lane(self, until: Instant | None) -> Lane | None:
        """Return the lane whose next line is oldest, or one whose end has to be passed on."""
        ready: list[Lane] = []
        for lane in self._lanes:
            if lane.is_announced:
                continue
            if lane.reader.has_lines:
                ready.append(lane)
            elif lane.reader.is_ended:
                return lane
        if len(ready) == 1 and until is None:
            return ready[0]
        best = min(ready, key=lambda lane: lane.reader.head_time() or EARLIEST, default=None)
        if best is not None and until is not None and (best.reader.head_time() or EARLIEST) > until:
            return None
        return best

    def _head(self) -> Instant | None:
        heads = [lane.reader.head_time() for lane in self._lanes if not lane.is_announced]
        return min((head for head in heads if head is not None), default=None)

    def _look_around(self) -> None:
        now_s = self._pace.monotonic()
        if now_s - self._looked_s >= _LOOK_S:
            self._looked_s = now_s
            for lane in self._lanes:
                lane.look()

    # --- giving out --------------------------------------------------------------------------------------

    def _read(self, lane: Lane, until: Instant | None) -> Block:
        reader, size = lane.reader, self._pace.block_lines
        lines, offsets = reader.read(size) if until is None else reader.read_until(size, until)
        crash_point("after-read")
        is_end = reader.is_ended
        if (failure := lane.failure) is not None and is_end:
            self._fail(failure)
        self.zones[lane.stream] = lane.spec.zone
        self.begins[lane.stream] = reader.begin
        self._is_fed = True
        stream, successor = lane.stream, ""
        if is_end:
            lane.advance()
            successor = "" if lane.is_announced else lane.stream
        return Block(stream, lines, offsets, reader.offset, None, self._is_mark_due(), is_end, successor)

    def _fail(self, failure: InputError) -> None:
        self.failure = self.failure or failure
        if not self._pace.until_eof:
            self._is_stopping = True

    def _tick(self, now: Instant | None) -> Block | None:
        """Return a tick at once after lines and when a commit is due, else every ``TICK_S``."""
        now_s = self._pace.monotonic()
        wait_s = 0.0 if self._is_fed else min(TICK_S, max(IDLE_S, self._marked_s + self._pace.epoch_s - self._ticked_s))
        if now_s - self._ticked_s < wait_s:
            return None
        self._is_fed = False
        self._ticked_s = now_s
        return Block(now=now, is_marked=self._is_mark_due())

    def _last(self) -> Block:
        self.is_done = True
        return Block(is_marked=True)

    def _is_mark_due(self) -> bool:
        now_s = self._pace.monotonic()
        if now_s - self._marked_s < self._pace.epoch_s:
            return False
        self._marked_s = now_s
        return True
