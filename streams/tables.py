"""Rows of a CSV file, gzip'd or not, with the line each begins on; whatever the file holds, an error is one line."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from radar.errors import InputError

CELL_CHARS_MAX = 1_000_000
COLUMNS_MAX = 2_000
_GZIP_MAGIC = b"\x1f\x8b"


class TableRow(NamedTuple):
    """One row: the line of the file it begins on (the header is line 1) and its cells as written."""

    line: int
    cells: list[str]


class Table:
    """An open CSV file: its header, and its rows once."""

    def __init__(self, place: str, raw: IO[bytes], content: IO[str]) -> None:
        self.place = place
        self._raw = raw
        self._reader = csv.reader(content, strict=True)
        csv.field_size_limit(CELL_CHARS_MAX)
        header = next(self._told_rows(), None)
        if header is None:
            raise InputError.at(place, "", "is empty", "allowed: a header line and rows")
        self.header = [name.strip() for name in header.cells]
        _check_header(place, self.header)

    @property
    def bytes_read(self) -> int:
        """Return how much of the file was read, as stored: the progress of an import."""
        return self._raw.tell()

    def rows(self) -> Iterator[TableRow]:
        """Yield the rows after the header; blank lines are no rows.

        Raises:
            InputError: From here on the file cannot be read as a table.
        """
        return (row for row in self._told_rows() if row.cells)

    def _told_rows(self) -> Iterator[TableRow]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise InputError.at(self.place, f"line {line}", f"no CSV row: {error}") from error
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise InputError.at(self.place, f"line {line}", f"the gzip file is damaged: {error}") from error
            yield TableRow(line, cells)


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV file; gzip is known by its first bytes, not by the name.

    Bytes that are no UTF-8 come through as lone surrogates, so that one such row does not end the import.

    Raises:
        InputError: The file cannot be opened, or begins with no usable header.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InputError.at(str(path), "", f"cannot be read: {error.strerror or error}") from error
    with raw:
        try:
            magic = raw.read(2)
        except OSError as error:
            raise InputError.at(str(path), "", f"cannot be read: {error.strerror or error}") from error
        raw.seek(0)
        content = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if magic == _GZIP_MAGIC else raw)
        yield Table(str(path), raw, io.TextIOWrapper(content, "utf-8-sig", errors="surrogateescape", newline=""))


def _check_header(place: str, header: list[str]) -> None:
    twice = {name for name in header if name and header.count(name) > 1} if len(header) <= COLUMNS_MAX else set()
    if len(header) > COLUMNS_MAX:
        raise InputError.at(place, "line 1", f"{len(header)} columns", f"allowed: {COLUMNS_MAX}")
    if twice:
        raise InputError.at(place, "line 1", f"column {min(twice)!r} is there twice")
    if any("\0" in name or not name.isprintable() for name in header):
        raise InputError.at(place, "line 1", "no header of a table", "allowed: column names as UTF-8 text")
