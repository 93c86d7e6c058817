"""Lines sorted by (time, id), however many: runs in memory, spilled to temporary files, merged at the end."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from heapq import merge
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec

LINES_IN_MEMORY_MAX = 200_000
"""About 150 MB of events; past it a sorted run goes to a temporary file."""

Keyed = tuple[int, str, bytes]
"""(time, id, line)."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Keyed).decode


class SortedLines:
    """Takes lines in any order and gives them back in theirs."""

    def __init__(self, in_memory_max: int = LINES_IN_MEMORY_MAX) -> None:
        self._in_memory_max = in_memory_max
        self._lines: list[Keyed] = []
        self._runs: list[IO[bytes]] = []
        self._files = ExitStack()

    def __enter__(self) -> "SortedLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, time: int, identity: str, line: bytes) -> None:
        """Take one line."""
        self._lines.append((time, identity, line))
        if len(self._lines) >= self._in_memory_max:
            self._spill()

    def lines(self) -> Iterator[bytes]:
        """Yield all lines by (time, id)."""
        self._lines.sort()
        for run in self._runs:
            run.seek(0)
        for _, _, line in merge(self._lines, *(_read(run) for run in self._runs)):
            yield line

    def _spill(self) -> None:
        self._lines.sort()
        run = self._files.enter_context(TemporaryFile())  # noqa: SIM115 - closed with the others by __exit__
        for keyed in self._lines:
            packed = _encode(keyed)
            run.write(len(packed).to_bytes(4, "big"))
            run.write(packed)
        self._runs.append(run)
        self._lines = []


def _read(run: IO[bytes]) -> Iterator[Keyed]:
    while size := run.read(4):
        yield _decode(run.read(int.from_bytes(size, "big")))


@contextmanager
def whole_file(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Give a function that writes bytes to a new file, which takes its name only once it is whole.

    A name that ends in ``.gz`` is compressed, without a time stamp: the same content gives the same bytes.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
                    yield packed.write
            else:
                yield raw.write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
