"""The heads of streams in the store: written with the positions they belong to, read by the next start."""

import sqlite3
from collections.abc import Mapping

from sqlalchemy import Engine, select

from radar.batch import Batch
from streams.heads import Head, head_of
from streams.store.schema import heads
from streams.store.sqlite import upsert_sql

_NOTE = upsert_sql(heads)


def read_heads(engine: Engine, partition: str) -> dict[str, Head]:
    """Return what each stream of a partition began with, by name."""
    with engine.connect() as connection:
        rows = connection.execute(select(heads).where(heads.c.partition == partition)).all()
    return {row.stream: Head(row.length, row.sha256) for row in rows}


class HeadNotes:
    """Writes the heads of the streams into the transaction that commits their positions, as long as they grow."""

    def __init__(self, partition: str, begins: Mapping[str, bytes], noted: Mapping[str, Head]) -> None:
        """Keep what the source has read of each stream's beginning, and what the store knows already."""
        self._partition = partition
        self._begins = begins
        self._lengths = {stream: head.length for stream, head in noted.items()}

    def write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        """Write the heads that have become longer; no further than the positions of the batch."""
        for position in batch.checkpoint.positions:
            begin = self._begins.get(position.stream, b"")[: position.read_offset]
            if len(begin) > self._lengths.get(position.stream, 0):
                head = head_of(begin)
                connection.execute(_NOTE, (self._partition, position.stream, head.length, head.sha256))

    def committed(self, batch: Batch) -> None:
        """Take note that a batch, and so what was written with it, is durable."""
        for position in batch.checkpoint.positions:
            length = min(len(self._begins.get(position.stream, b"")), position.read_offset)
            self._lengths[position.stream] = max(length, self._lengths.get(position.stream, 0))
