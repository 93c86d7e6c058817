"""What one store transaction writes: the consistent cut a partition hands to its sink."""

import msgspec

from radar.instant import EARLIEST, Instant
from radar.outputs import Output, Row


class DeadLetter(msgspec.Struct, frozen=True, gc=False):
    """A line that could not be applied: kept with its reason, counted, re-playable (R51)."""

    stream: str
    """Name of the file, journal or topic partition it came from."""
    offset: int
    """Byte offset of its first byte (Kafka: message offset)."""
    line: bytes
    """The raw line, cut at 64 KiB."""
    reason: str
    """Short code: ``bad-json``, ``bad-field``, ``unknown-kind``, ``naive-time``, ``too-late``, ``quarantine`` ..."""
    detail: str
    """What is wrong, where, and what is allowed."""
    event_id: str = ""
    order_id: str = ""


class StreamPosition(msgspec.Struct, frozen=True, gc=False):
    """Where a stream's reading stands."""

    stream: str
    low_offset: int
    """Re-read from here after a restart: the oldest line still waiting in the reorder buffer."""
    read_offset: int
    """One past the last byte taken in."""
    is_finished: bool = False


class Counters(msgspec.Struct):
    """The ledger of a partition since its first line: lines = applied + duplicates + dead + pending."""

    lines: int = 0
    applied: int = 0
    duplicates: int = 0
    dead: int = 0
    pending: int = 0
    late: int = 0
    """Applied events that arrived after the watermark; they are part of ``applied``."""

    @property
    def is_balanced(self) -> bool:
        """Return whether every line is accounted for."""
        return self.lines == self.applied + self.duplicates + self.dead + self.pending


class Feed(msgspec.Struct, frozen=True, gc=False):
    """What was heard from one source system."""

    source: str
    events: int
    last_at: Instant
    """Largest event time heard."""
    is_silent: bool = False


class Checkpoint(msgspec.Struct, frozen=True):
    """Everything a partition needs to go on after a restart, besides its rows."""

    positions: tuple[StreamPosition, ...] = ()
    counters: Counters = msgspec.field(default_factory=Counters)
    clock: Instant = EARLIEST
    """The room's clock: nothing earlier is applied in order any more."""
    watermark: Instant = EARLIEST


class Batch(msgspec.Struct, frozen=True):
    """Everything that changed since the last batch; written in one transaction or not at all."""

    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    dead_letters: tuple[DeadLetter, ...]
    feeds: tuple[Feed, ...]
    checkpoint: Checkpoint
