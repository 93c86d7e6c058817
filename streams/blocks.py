"""What travels through the flow: blocks of raw lines with in-band ticks and commit marks."""

import msgspec

from radar.batch import DeadLetter
from radar.instant import Instant
from radar.intake import Entry

PARTITION = "files"
"""All files of a run are one partition: one clock, merged by time."""


class Block(msgspec.Struct, frozen=True):
    """Lines of one stream, or a tick alone.

    A commit mark asks for a batch of everything so far. Marks travel in the stream itself, so what is committed is
    exactly the effect of the blocks up to the mark, whichever engine carries them and however it buffers (ADR-0002).
    """

    stream: str = ""
    """Name of the stream; empty for a tick alone."""
    lines: list[bytes] = msgspec.field(default_factory=list)
    offsets: list[int] = msgspec.field(default_factory=list)
    """Offset of each line in its stream."""
    end_offset: int = 0
    """One past the last byte of the block."""
    now: Instant | None = None
    """The wall clock, when every stream had been read up to it; None where the data tell the time."""
    is_marked: bool = False
    """Whether a commit mark follows the lines."""
    is_end: bool = False
    """Whether the stream has ended with this block."""
    successor: str = ""
    """The stream that goes on where this one ended, the next file of a journal."""


class DecodedBlock(msgspec.Struct, frozen=True):
    """A block with its lines understood, or put aside."""

    block: Block
    entries: list[Entry]
    letters: list[DeadLetter]
