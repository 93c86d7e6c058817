"""What the database says when it cannot go on, in words a person can act on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy.exc import DBAPIError

from radar.errors import InputError, RadarError, RunFailedError

GO_ON = "nothing is lost; the same command goes on from the last commit"

_RUN_FAILED = {
    sqlite3.SQLITE_FULL: f"the disk is full; free some space: {GO_ON}",
    sqlite3.SQLITE_IOERR: f"the disk cannot be written or read; see to it: {GO_ON}",
    sqlite3.SQLITE_BUSY: f"another program keeps the database locked; close it: {GO_ON}",
    sqlite3.SQLITE_LOCKED: f"another program keeps the database locked; close it: {GO_ON}",
}
_BAD_INPUT = {
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; allowed: a file in a folder that exists and can be written",
    sqlite3.SQLITE_NOTADB: "is no SQLite database",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a copy",
    sqlite3.SQLITE_READONLY: "cannot be written",
    sqlite3.SQLITE_PERM: "cannot be written",
    sqlite3.SQLITE_AUTH: "cannot be opened",
}


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether trying again can help: somebody else holds the database for a moment."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def told(error: BaseException, place: str) -> RadarError | None:
    """Return the error a person reads, None when it is a bug of ours (a broken constraint, wrong SQL)."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    code = _code(cause)
    if code in _RUN_FAILED:
        return RunFailedError(f"{place}: {_RUN_FAILED[code]}")
    if code in _BAD_INPUT:
        return InputError.at("--store", place, _BAD_INPUT[code])
    return None


@contextmanager
def telling(place: str) -> Iterator[None]:
    """Turn what the database raises into the error a person reads; bugs pass through."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        if (said := told(error, place)) is not None:
            raise said from error
        raise


@contextmanager
def restoring(place: str) -> Iterator[None]:
    """Turn state that this version cannot read into the error a person reads."""
    try:
        yield
    except (msgspec.DecodeError, ValueError) as error:
        raise InputError.at(
            "--store",
            place,
            "keeps the state of another version of Order Radar, which this one cannot read",
            "allowed: that version, or the events run again into a new store",
        ) from error


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; the extended ones only say where it happened."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
