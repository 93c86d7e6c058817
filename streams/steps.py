"""The steps between source and store, the same objects under the plain loop and under Bytewax."""

from collections.abc import Iterable, Mapping

from radar.batch import Batch, DeadLetter
from radar.events import Event
from radar.intake import LINE_MAX, Entry, Intake
from streams.blocks import Block, DecodedBlock
from streams.codec import Codec
from streams.crashpoints import crash_point
from streams.second_look import Rejection


class DecodeStep:
    """Turns raw lines into events and dead letters, each stream in its own zone."""

    def __init__(self, zones: Mapping[str, str | None]) -> None:
        """Keep the zones of the streams; the source adds to them as it opens streams."""
        self._zones = zones
        self._codecs: dict[str, Codec] = {}

    def decode(self, block: Block) -> DecodedBlock:
        """Return what a block's lines say; never raises, whatever the bytes."""
        crash_point("in-decode")
        if not block.lines:
            return DecodedBlock(block, [], [])
        codec = self._codecs.get(block.stream) or self._new_codec(block.stream)
        decoded = codec.decode_block(block.lines)
        entries: list[Entry] = [
            (event, offset, line)
            for event, offset, line in zip(decoded, block.offsets, block.lines, strict=True)
            if type(event) is Event
        ]
        letters = []
        if len(entries) < len(decoded):
            letters = [
                _letter(block.stream, refused, offset, line)
                for refused, offset, line in zip(decoded, block.offsets, block.lines, strict=True)
                if isinstance(refused, Rejection)
            ]
        return DecodedBlock(block, entries, letters)

    def _new_codec(self, stream: str) -> Codec:
        codec = self._codecs[stream] = Codec(self._zones.get(stream))
        return codec


class RoomStep:
    """One partition's intake and control room: takes blocks in and answers commit marks with batches."""

    def __init__(self, intake: Intake, streams: Iterable[str], dead_before: Iterable[tuple[str, int]] = ()) -> None:
        """Wrap an intake that has been loaded.

        Args:
            intake: The partition's front door.
            streams: Streams open from the start: none of them may be left behind by the watermark.
            dead_before: Stream and offset of lines that are dead letters already and may be read again.
        """
        self._intake = intake
        self._index = {stream: intake.add_stream(stream) for stream in streams}
        self._dead_before = frozenset(dead_before)

    def apply(self, decoded: DecodedBlock) -> Batch | None:
        """Take a block in; return everything to write when it carries a commit mark."""
        block = decoded.block
        if block.stream:
            self._take(decoded)
        crash_point("in-watch")
        self._intake.tick(block.now)
        return self._intake.take_batch() if block.is_marked else None

    def _take(self, decoded: DecodedBlock) -> None:
        block, entries, letters = decoded.block, decoded.entries, decoded.letters
        stream = block.stream
        index = self._index_of(stream)
        if self._dead_before:
            entries = [entry for entry in entries if (stream, entry[1]) not in self._dead_before]
            letters = [letter for letter in letters if (stream, letter.offset) not in self._dead_before]
        for letter in letters:
            self._intake.dead(letter, index)
        self._intake.take(index, entries, block.end_offset)
        if block.successor:
            self._index_of(block.successor)  # before the end: the watermark must not run ahead of it
        if block.is_end:
            self._intake.finish(index)

    def _index_of(self, stream: str) -> int:
        index = self._index.get(stream)
        if index is None:
            index = self._index[stream] = self._intake.add_stream(stream)
        return index


def _letter(stream: str, refused: Rejection, offset: int, line: bytes) -> DeadLetter:
    return DeadLetter(
        stream, offset, line[:LINE_MAX], refused.reason, refused.detail, refused.event_id, refused.order_id
    )
