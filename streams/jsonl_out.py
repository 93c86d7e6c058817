"""Warnings as JSON lines, exactly once: the file's length is committed with the batch whose lines it holds.

Lines are on the disk before the batch is committed; a start cuts off what a crash left beyond the committed length.
"""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from radar.errors import InputError, RunFailedError
from radar.instant import Instant, to_text
from radar.outputs import Output, Reason
from streams.store.failures import GO_ON
from streams.store.schema import positions
from streams.store.sqlite import upsert_sql

PARTITION = "out"
"""Under this name the lengths of written files stand in ``positions``."""
_NOTE = upsert_sql(positions)
_encode = msgspec.json.Encoder().encode


class WarningLine(msgspec.Struct, frozen=True):
    """One line: a change of a warning, times as RFC 3339 text."""

    version: int
    warning_id: str
    sequence: int
    change: str
    kind: str
    entity: str
    rule: str
    level: int
    due_at: str
    at: str
    promise_at: str | None
    late_probability: float | None
    is_short_notice: bool
    reasons: tuple[Reason, ...]


class WarningLines:
    """A file of JSON lines that grows by one line a warning change."""

    def __init__(self, path: Path, length: int | None) -> None:
        """Open the file and cut it to what was committed; None: nothing ever was, the file must be new or empty.

        Raises:
            InputError: The file cannot be written, or holds less than was committed.
        """
        self._path = path
        try:
            self._number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            size = os.fstat(self._number).st_size
            if length is None and size:
                raise InputError.at(
                    "--out", str(path), "exists already and is not from this store", "allowed: a new file"
                )
            length = length or 0
            if size < length:
                raise InputError.at("--out", str(path), f"has {size} bytes, but {length} were written before")
            os.ftruncate(self._number, length)
        except OSError as error:
            raise InputError.at("--out", str(path), f"cannot be written: {error.strerror}") from error
        self._length = length

    def write(self, outputs: Sequence[Output]) -> None:
        """Write the changes and bring them to the disk."""
        if not outputs:
            return
        text = b"".join(_encode(_line(output)) + b"\n" for output in outputs)
        try:
            written = os.pwrite(self._number, text, self._length)
            if written < len(text):
                raise OSError(28, "No space left on device")
            os.fsync(self._number)
        except OSError as error:
            raise RunFailedError(f"{self._path}: cannot be written: {error.strerror}; {GO_ON}") from error
        self._length += len(text)

    def note_length(self, connection: sqlite3.Connection) -> None:
        """Write the length reached into the transaction that commits the lines' batch."""
        connection.execute(_NOTE, (PARTITION, str(self._path), self._length, self._length, False))

    def close(self) -> None:
        """Give the file back."""
        os.close(self._number)


def _line(output: Output) -> WarningLine:
    return WarningLine(
        version=1,
        warning_id=output.warning_id,
        sequence=output.sequence,
        change=output.change.value,
        kind=output.kind.value,
        entity=output.entity,
        rule=output.rule,
        level=int(output.level),
        due_at=to_text(output.due_at),
        at=to_text(output.at),
        promise_at=_text(output.promise_at),
        late_probability=output.late_probability,
        is_short_notice=output.is_short_notice,
        reasons=output.reasons,
    )


def _text(instant: Instant | None) -> str | None:
    return None if instant is None else to_text(instant)
