"""How late duplicates are told from late news: four bytes are remembered of every event applied."""

from zlib import crc32

from radar.events import Event

MARK_BYTES = 4
MARKS_MAX = 500
"""Remembered of one order or source at most, the latest."""


def mark(event: Event) -> bytes:
    """Return the CRC-32 of the event's source and id."""
    return crc32((event.source + event.id).encode()).to_bytes(MARK_BYTES)


def remember(marks: bytes, event: Event) -> bytes:
    """Return the marks with the event's added, the oldest let go past ``MARKS_MAX``."""
    if len(marks) >= MARK_BYTES * MARKS_MAX:
        marks = marks[MARK_BYTES:]
    return marks + crc32((event.source + event.id).encode()).to_bytes(4)  # ``mark``, without the call


def is_remembered(marks: bytes, event: Event) -> bool:
    """Return whether the event is among the marks."""
    sought = mark(event)
    return any(marks[start : start + MARK_BYTES] == sought for start in range(0, len(marks), MARK_BYTES))
