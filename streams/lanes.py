"""One ``--from`` as a source reads it: a lane gives one stream, or the files of a journal one after the other."""

import os
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from radar.batch import StreamPosition
from radar.errors import InputError
from streams.heads import Head, check_head
from streams.lines import LineReader
from streams.specs import JOURNAL_PATTERN, Spec, SpecKind
from streams.taps import FileTap, GzipTap, StdinTap, Tap

Positions = Mapping[str, StreamPosition]
Heads = Mapping[str, Head]


class Lane:
    """A file, a compressed file or standard input: one stream."""

    def __init__(self, spec: Spec, positions: Positions, heads: Heads, *, until_eof: bool) -> None:
        self.spec = spec
        self.stream = _stream_name(spec, positions)
        self.is_announced = False
        """Whether the end of the stream has been passed on."""
        self.reader = _open(spec, positions.get(self.stream), heads.get(self.stream), is_complete=until_eof)

    @property
    def failure(self) -> InputError | None:
        """Return why the lane ended before its time."""
        return self.reader.failure

    @property
    def is_over(self) -> bool:
        """Return whether nothing will come any more, not even another stream."""
        return self.is_announced

    def advance(self) -> None:
        """Note that the end of the stream has been passed on."""
        self.is_announced = True

    def look(self) -> None:
        """See whether the stream went on elsewhere; a single stream never does."""

    def close(self) -> None:
        """Give the files back."""
        self.reader.close()


class JournalLane(Lane):
    """A folder of files that grow in name order: a file is complete once a later one exists."""

    def __init__(self, spec: Spec, positions: Positions, heads: Heads, *, until_eof: bool) -> None:
        self.spec = spec
        self.is_announced = False
        self._positions = positions
        self._heads = heads
        self._until_eof = until_eof
        self._tap: FileTap | None = None
        self._name = ""
        self.reader = LineReader(_DryTap(), 0)
        self.stream = ""
        self._open_next()

    @property
    def is_over(self) -> bool:
        """Return whether the last file has ended, where the end of a file is the end."""
        return self._until_eof and self.is_announced

    def advance(self) -> None:
        """Go on to the next file, if there is one."""
        self.is_announced = True
        self._open_next()

    def look(self) -> None:
        """See whether a later file has come, which completes this one."""
        if self.is_announced:
            self._open_next()
        elif self._tap is not None and not self._tap.is_complete:
            self._tap.is_complete = bool(self._later())

    def _later(self) -> list[str]:
        folder = self.spec.path
        try:
            names = (entry.name for entry in os.scandir(folder) if entry.name.endswith(JOURNAL_PATTERN[1:]))
            return sorted(name for name in names if name > self._name)
        except OSError as error:
            raise InputError.at(str(folder), "", f"the journal cannot be read: {error.strerror}") from error

    def _open_next(self) -> None:
        later = self._later()
        if not later:
            self.is_announced = True
            return
        self.reader.close()
        self._name = later[0]
        path = self.spec.path / self._name
        self.stream = str(path)
        position = self._positions.get(self.stream)
        self._tap = _open_file(path, position, is_complete=self._until_eof or len(later) > 1)
        check_head(path, self._heads.get(self.stream), is_packed=False)
        self.reader = LineReader(self._tap, _offset(position), _zone(self.spec))
        self.is_announced = False


class _DryTap:
    """The tap of a journal that has no file yet."""

    is_dry = True
    begin = b""

    def read(self) -> bytes:
        return b""

    def close(self) -> None:
        """There is nothing to give back."""


def open_lane(spec: Spec, positions: Positions, heads: Heads, *, until_eof: bool) -> Lane:
    """Return the lane of a spec, reading on from its position.

    Raises:
        InputError: The file is not the one that was read before, or cannot be read.
    """
    kind = JournalLane if spec.kind is SpecKind.JOURNAL else Lane
    try:
        return kind(spec, positions, heads, until_eof=until_eof)
    except OSError as error:
        raise InputError.at("--from", spec.text, f"cannot be read: {error.strerror}") from error


def _stream_name(spec: Spec, positions: Positions) -> str:
    """Return the name of a lane's stream; what comes through a pipe is new each time, and so is its name."""
    if spec.kind is not SpecKind.STDIN:
        return spec.name
    return f"stdin#{1 + sum(name.startswith('stdin#') for name in positions)}"


def _open(spec: Spec, position: StreamPosition | None, head: Head | None, *, is_complete: bool) -> LineReader:
    tap: Tap
    offset = _offset(position)
    match spec.kind:
        case SpecKind.STDIN:
            tap, offset = StdinTap(), 0
        case SpecKind.GZIP:
            check_head(spec.path, head, is_packed=True)
            tap = GzipTap(spec.path, offset)
        case _:
            tap = _open_file(spec.path, position, is_complete=is_complete)
            check_head(spec.path, head, is_packed=False)
    return LineReader(tap, offset, _zone(spec))


def _open_file(path: Path, position: StreamPosition | None, *, is_complete: bool) -> FileTap:
    size_min = position.read_offset if position else 0
    return FileTap(path, _offset(position), is_complete=is_complete, size_min=size_min)


def _zone(spec: Spec) -> tzinfo | None:
    return ZoneInfo(spec.zone) if spec.zone else None


def _offset(position: StreamPosition | None) -> int:
    return position.low_offset if position else 0
