"""Where bytes come from: plain files that may still grow, gzip files, standard input.

A tap gives bytes and never waits. ``b""`` means nothing now; ``is_dry`` that nothing will ever come again.
"""

import os
import select
import sys
import zlib
from pathlib import Path
from typing import Protocol

from radar.errors import InputError

CHUNK_BYTES = 1 << 18
BEGIN_BYTES = 4096
"""Kept of every stream's beginning, to know it again (``streams.heads``)."""
_GZIP = 31  # zlib's window bits for a gzip header and trailer


class Tap(Protocol):
    """Bytes of one stream from an offset on."""

    @property
    def is_dry(self) -> bool:
        """Return whether nothing will ever come again."""

    @property
    def begin(self) -> bytes:
        """Return the first bytes of the stream as far as they have been passed, at most ``BEGIN_BYTES``."""

    def read(self) -> bytes:
        """Return some bytes, at most about ``CHUNK_BYTES``; empty when there are none now."""

    def close(self) -> None:
        """Give the file back."""


class FileTap:
    """A plain file; unless told that it is complete, it may still grow."""

    def __init__(self, path: Path, offset: int, *, is_complete: bool, size_min: int = 0) -> None:
        """Open a file at an offset.

        Args:
            path: The file.
            offset: Where to read on.
            is_complete: Whether it will not grow any more.
            size_min: Bytes that had been read of it before, where that was further than ``offset``.

        Raises:
            InputError: It is shorter than what was read of it.
        """
        self.is_dry = False
        """Whether nothing will ever come again."""
        self.is_complete = is_complete
        self._path = path
        self._file = path.open("rb", buffering=0)
        size, size_min = os.fstat(self._file.fileno()).st_size, max(offset, size_min)
        if size < size_min:
            self._file.close()
            raise _shorter(path, size, size_min)
        self.begin = os.pread(self._file.fileno(), min(offset, BEGIN_BYTES), 0)
        self._file.seek(offset)

    def read(self) -> bytes:
        """Return the next bytes.

        Raises:
            InputError: The file was replaced, cut or removed while it was read.
        """
        chunk = self._file.read(CHUNK_BYTES) or b""
        if len(self.begin) < BEGIN_BYTES:
            self.begin = (self.begin + chunk)[:BEGIN_BYTES]
        if not chunk:
            if self.is_complete:
                self.is_dry = True
            else:
                self._check_unchanged()
        return chunk

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _check_unchanged(self) -> None:
        offset = self._file.tell()
        try:
            found = self._path.stat()
        except FileNotFoundError as error:
            raise InputError.at(str(self._path), "", "was removed while it was read") from error
        mine = os.fstat(self._file.fileno())
        if (found.st_dev, found.st_ino) != (mine.st_dev, mine.st_ino):
            raise InputError.at(str(self._path), "", "was replaced while it was read", "allowed: files that only grow")
        if found.st_size < offset:
            raise _shorter(self._path, found.st_size, offset)


class GzipTap:
    """A gzip file of one or several members; offsets count unpacked bytes."""

    def __init__(self, path: Path, offset: int) -> None:
        self.begin = b""
        self._is_ended = False
        self._path = path
        self._file = path.open("rb")
        self._unpack = zlib.decompressobj(_GZIP)
        self._packed = b""
        self._over = b""
        self._read_bytes = 0
        self._over = self._skip(offset)

    @property
    def is_dry(self) -> bool:
        """Return whether nothing will ever come again."""
        return self._is_ended and not self._over

    def read(self) -> bytes:
        """Return the next unpacked bytes.

        Raises:
            InputError: The file ends too early or is damaged; all that could be unpacked was given before.
        """
        if self._over:
            over, self._over = self._over, b""
            return over
        while not self._is_ended:
            if (chunk := self._step()) != b"":
                self._read_bytes += len(chunk)
                if len(self.begin) < BEGIN_BYTES:
                    self.begin = (self.begin + chunk)[:BEGIN_BYTES]
                return chunk
        return b""

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _step(self) -> bytes:
        """Return what the next packed bytes give, which may be nothing."""
        packed = self._packed or self._file.read(CHUNK_BYTES >> 2)
        if not packed:
            self._is_ended = True
            raise InputError.at(
                str(self._path), "", f"the gzip file ends too early, after {self._read_bytes} bytes of text"
            )
        try:
            chunk = self._unpack.decompress(packed, CHUNK_BYTES)
        except zlib.error as error:
            self._is_ended = True
            raise InputError.at(
                str(self._path), "", f"the gzip file is damaged after {self._read_bytes} bytes of text"
            ) from error
        self._packed = self._unpack.unconsumed_tail
        if self._unpack.eof:
            self._next_member()
        return chunk

    def _next_member(self) -> None:
        rest = self._unpack.unused_data.lstrip(b"\0") or self._file.read(CHUNK_BYTES >> 2).lstrip(b"\0")
        if not rest:
            self._is_ended = True
            return
        self._unpack, self._packed = zlib.decompressobj(_GZIP), rest

    def _skip(self, offset: int) -> bytes:
        """Pass over what was read before, and return what was unpacked beyond it."""
        while self._read_bytes < offset:
            chunk = self.read()
            if not chunk:
                raise _shorter(self._path, self._read_bytes, offset)
            if self._read_bytes > offset:
                return chunk[offset - self._read_bytes :]
        return b""


class StdinTap:
    """Standard input: a pipe that cannot be read twice."""

    begin = b""
    """Never kept: the next pipe is another stream."""

    def __init__(self) -> None:
        self.is_dry = False
        self._number = sys.stdin.fileno()

    def read(self) -> bytes:
        """Return what the pipe holds now."""
        ready, _, _ = select.select([self._number], [], [], 0)
        if not ready:
            return b""
        chunk = os.read(self._number, CHUNK_BYTES)
        self.is_dry = not chunk
        return chunk

    def close(self) -> None:
        """Leave standard input to whoever gave it."""


def _shorter(path: Path, size: int, offset: int) -> InputError:
    said = f"has {size} bytes, but {offset} were read before: it was cut or replaced"
    return InputError.at(str(path), "", said, "allowed: files that only grow; a new file needs a new name")
