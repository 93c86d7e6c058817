"""The end of the flow: batches to the store and, on request, their warnings to a file of JSON lines."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

from radar.batch import Batch
from radar.outputs import Output
from streams.jsonl_out import WarningLines
from streams.store.heads import HeadNotes
from streams.store.writer import StoreWriter

Listener = Callable[[Batch], None]


class Committer:
    """Writes each batch in one transaction, and nothing where nothing changed."""

    def __init__(
        self,
        writer: StoreWriter,
        lines: WarningLines | None = None,
        listen: Listener | None = None,
        heads: HeadNotes | None = None,
    ) -> None:
        self._writer = writer
        self._lines = lines
        self._heads = heads
        self._listen = listen
        self._last: Batch | None = None

    def commit(self, batch: Batch) -> None:
        """Make a batch durable.

        Raises:
            RunFailedError: The store cannot be written; it stands where the last batch left it.
        """
        if self._last is not None and _is_same(batch, self._last):
            return
        if self._lines is not None:
            self._lines.write(batch.outputs)
        self._writer.commit(batch, lambda connection: self._note(connection, batch))
        if self._heads is not None:
            self._heads.committed(batch)
        self._last = batch
        if self._listen is not None:
            self._listen(batch)

    def _note(self, connection: sqlite3.Connection, batch: Batch) -> None:
        """Write what else belongs into a batch's transaction."""
        if self._lines is not None:
            self._lines.note_length(connection)
        if self._heads is not None:
            self._heads.write(connection, batch)

    def close(self) -> None:
        """Give the connection and the file back."""
        with suppress(OSError):
            if self._lines is not None:
                self._lines.close()
        self._writer.close()


def _is_same(batch: Batch, last: Batch) -> bool:
    """Return whether time alone went by: an idle stream then costs no write."""
    silent: Sequence[Output | object] = (*batch.outputs, *batch.dead_letters, *batch.feeds)
    if silent or batch.checkpoint.positions != last.checkpoint.positions:
        return False
    return batch.rows == last.rows and batch.checkpoint.counters == last.checkpoint.counters
