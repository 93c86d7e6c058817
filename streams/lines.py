"""Bytes of one stream cut into lines, each with its offset; nothing longer than a line's limit is ever held."""

import re
from datetime import UTC, datetime, tzinfo

from radar.errors import InputError
from radar.instant import Instant, to_instant
from streams.second_look import LINE_BYTES_MAX
from streams.taps import Tap

KEPT_BYTES_MAX = LINE_BYTES_MAX + 1
"""What is kept of a longer line: just enough for the codec to see that it is too long."""
_TIME = re.compile(rb'"time"\s*:\s*"([^"]{10,40})"')


class LineReader:
    """Lines of one stream, a block at a time.

    A last line without its line feed waits for the rest of it while the stream may still grow, and counts as a
    line once it cannot.
    """

    def __init__(self, tap: Tap, offset: int, zone: tzinfo | None = None) -> None:
        self.failure: InputError | None = None
        """Why the stream ended before its time; what could be read is given out first."""
        self._tap = tap
        self._zone = zone or UTC
        self._lines: list[bytes] = []
        self._offsets: list[int] = []
        self._at = 0
        self._tail = b""
        self._tail_offset = offset
        self._tail_bytes = 0
        """Length of the tail; more than is kept of it where the line is too long."""

    @property
    def offset(self) -> int:
        """Return the offset of the next line."""
        return self._offsets[self._at] if self._at < len(self._lines) else self._tail_offset

    @property
    def begin(self) -> bytes:
        """Return the first bytes of the stream, as far as they have been passed."""
        return self._tap.begin

    @property
    def is_ended(self) -> bool:
        """Return whether nothing is left and nothing will come."""
        return self._is_dry() and self._at >= len(self._lines)

    @property
    def has_lines(self) -> bool:
        """Return whether a line is at hand, reading on where none is."""
        return self._at < len(self._lines) or self._fill(1)

    def read(self, lines_max: int) -> tuple[list[bytes], list[int]]:
        """Return the next lines and their offsets; none when nothing is there now."""
        self._fill(lines_max)
        return self._take(min(len(self._lines), self._at + lines_max))

    def read_until(self, lines_max: int, until: Instant) -> tuple[list[bytes], list[int]]:
        """Return the next lines up to the first that happened after ``until``."""
        self._fill(lines_max)
        end = self._at
        for line in self._lines[self._at : self._at + lines_max]:
            if (self._time_of(line) or 0) > until:
                break
            end += 1
        return self._take(end)

    def head_time(self) -> Instant | None:
        """Return when the next line's event happened, as far as a glance tells; None when it does not."""
        return self._time_of(self._lines[self._at]) if self.has_lines else None

    def glance(self, lines_max: int) -> list[Instant]:
        """Return when the next lines' events happened, as far as a glance tells; nothing is read past them."""
        self._fill(lines_max)
        times = (self._time_of(line) for line in self._lines[self._at : self._at + lines_max])
        return [time for time in times if time is not None]

    def close(self) -> None:
        """Give the stream back."""
        self._tap.close()

    def _take(self, end: int) -> tuple[list[bytes], list[int]]:
        start, self._at = self._at, end
        if start == 0 and end == len(self._lines):
            taken = self._lines, self._offsets
        else:
            taken = self._lines[start:end], self._offsets[start:end]
        if end == len(self._lines):
            self._lines, self._offsets, self._at = [], [], 0
        return taken

    def _fill(self, lines_max: int) -> bool:
        """Read on until there are ``lines_max`` lines or nothing more now; return whether there are any."""
        while len(self._lines) - self._at < lines_max and not self._is_dry():
            if not self._pull():
                break
        return self._at < len(self._lines)

    def _is_dry(self) -> bool:
        return self.failure is not None or self._tap.is_dry

    def _pull(self) -> bool:
        """Take what the tap gives now; return whether it gave anything."""
        try:
            chunk = self._tap.read()
        except InputError as error:
            self.failure = error
            return False
        if chunk:
            self._cut(chunk)
        elif self._tap.is_dry:
            self._flush()
        return bool(chunk)

    def _cut(self, chunk: bytes) -> None:
        if self._tail_bytes > len(self._tail):
            chunk = self._pass_over(chunk)
            if not chunk:
                return
        if self._at:
            del self._lines[: self._at], self._offsets[: self._at]
            self._at = 0
        parts = (self._tail + chunk).split(b"\n")
        self._tail = parts.pop()
        self._lines += parts
        offset = self._tail_offset
        for part in parts:
            self._offsets.append(offset)
            offset += len(part) + 1
        self._tail_offset = offset
        self._tail_bytes = len(self._tail)
        if self._tail_bytes > KEPT_BYTES_MAX:
            self._tail = self._tail[:KEPT_BYTES_MAX]

    def _pass_over(self, chunk: bytes) -> bytes:
        """Drop the rest of a line that is too long; return what follows it."""
        end = chunk.find(b"\n")
        if end < 0:
            self._tail_bytes += len(chunk)
            return b""
        self._lines.append(self._tail)
        self._offsets.append(self._tail_offset)
        self._tail_offset += self._tail_bytes + end + 1
        self._tail, self._tail_bytes = b"", 0
        return chunk[end + 1 :]

    def _flush(self) -> None:
        """Take an unfinished last line as it is."""
        if self._tail:
            self._lines.append(self._tail)
            self._offsets.append(self._tail_offset)
            self._tail_offset += self._tail_bytes
            self._tail, self._tail_bytes = b"", 0

    def _time_of(self, line: bytes) -> Instant | None:
        found = _TIME.search(line)
        if found is None:
            return None
        try:
            moment = datetime.fromisoformat(found[1].decode())
        except ValueError:
            return None
        return to_instant(moment if moment.tzinfo else moment.replace(tzinfo=self._zone))
