"""What a stream began with: noted with its position, so that a file replaced between two runs is noticed.

A shorter file betrays itself by its size; a longer one would be read on in the middle of somebody else's events.
"""

import hashlib
from pathlib import Path

import msgspec

from radar.errors import InputError
from streams.taps import GzipTap

_ALLOWED = "allowed: files that only grow; give a new file a name of its own, or start with a new --store"


class Head(msgspec.Struct, frozen=True):
    """The first bytes of a stream, as far as they had been taken in."""

    length: int
    sha256: str


def head_of(begin: bytes) -> Head:
    """Return the head that these first bytes make."""
    return Head(len(begin), hashlib.sha256(begin).hexdigest())


def check_head(path: Path, head: Head | None, *, is_packed: bool) -> None:
    """Refuse a file that does not begin as it did when it was read before.

    Raises:
        InputError: It was replaced.
    """
    if head is None:
        return
    if head_of(_unpacked(path, head.length) if is_packed else _plain(path, head.length)) != head:
        said = f"was replaced: its first {head.length} bytes are not those that were read before"
        raise InputError.at(str(path), "", said, _ALLOWED)


def _plain(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _unpacked(path: Path, length: int) -> bytes:
    """Return the first unpacked bytes of a file, fewer where it is torn."""
    tap = GzipTap(path, 0)
    try:
        while len(tap.begin) < length and tap.read():
            pass
    except InputError:
        return tap.begin[:length]  # whoever reads on finds the same damage and tells it
    finally:
        tap.close()
    return tap.begin[:length]
