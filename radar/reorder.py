"""The reorder buffer: events wait here until the watermark has passed them, and leave in order.

Theory of operation. Events are put unsorted into buckets of time. Only when the watermark reaches a bucket is it
sorted, once; what still comes for a bucket that is open already is merged at the next release. So an event costs
an append and its share of one sort, however many others wait: a million events may wait for a generous lateness
while each block releases a handful.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from radar.events import Event
from radar.instant import EARLIEST, SECOND_US, Instant

Waiting = tuple[Instant, str, str, int, int, Event, bytes]
"""(place in time, id, source, stream, offset, event, line): sorts without comparing events."""

_SPLIT = 16
"""Buckets the lateness is cut into; what waits is sorted in portions of about this share."""


class ReorderBuffer:
    """Events by their place in time."""

    def __init__(self, lateness_us: int) -> None:
        self.count = 0
        """Events waiting."""
        self._width_us = max(SECOND_US, lateness_us // _SPLIT)
        self._buckets: dict[int, list[Waiting]] = {}
        self._bucket_ids: list[int] = []
        self._open: list[Waiting] = []
        """The earliest bucket, sorted."""
        self._open_end: Instant = EARLIEST
        """What lies before this belongs to the open bucket."""
        self._added: list[Waiting] = []
        """Came for the open bucket since it was sorted."""

    def appender(self, place: Instant) -> tuple[Callable[[Waiting], None], Instant, Instant]:
        """Return how to append what has its place in [low, high), and these bounds; ``count`` is the caller's."""
        if place < self._open_end:
            return self._added.append, EARLIEST, self._open_end
        bucket_id = place // self._width_us
        bucket = self._buckets.get(bucket_id)
        if bucket is None:
            bucket = self._buckets[bucket_id] = []
            heappush(self._bucket_ids, bucket_id)
        low = Instant(bucket_id * self._width_us)
        return bucket.append, low, Instant(low + self._width_us)

    def add(self, entry: Waiting) -> None:
        """Let one event wait."""
        self.appender(entry[0])[0](entry)
        self.count += 1

    def release(self, before: Instant) -> Iterator[list[Waiting]]:
        """Yield and remove, in order, what has its place strictly before an instant."""
        while True:
            self._merge()
            count = bisect_left(self._open, (before,))
            if count:
                ready = self._open[:count]
                del self._open[:count]
                self.count -= count
                yield ready
            if self._open or not self._bucket_ids or self._bucket_ids[0] * self._width_us >= before:
                return
            self._open_next()

    def take_from(self, limit: Instant) -> list[Waiting]:
        """Remove and return, in order, what has its place at or after an instant."""
        taken = sorted(entry for entry in self if entry[0] >= limit)
        if taken:
            kept = [entry for entry in self if entry[0] < limit]
            self._open, self._added, self._buckets, self._bucket_ids = [], [], {}, []
            self._open_end = EARLIEST
            self.count = 0
            for entry in kept:
                self.add(entry)
        return taken

    def has_from(self, limit: Instant) -> bool:
        """Return whether something may wait at or after an instant; False is certain."""
        return self._open_end > limit or any((key + 1) * self._width_us > limit for key in self._bucket_ids)

    def place_from_end(self, number: int) -> Instant | None:
        """Return the place of the ``number``-th last, None where fewer wait."""
        rest = number
        for bucket_id in sorted(self._bucket_ids, reverse=True):
            bucket = self._buckets[bucket_id]
            if rest <= len(bucket):
                return sorted(bucket)[-rest][0]
            rest -= len(bucket)
        self._merge()
        return self._open[-rest][0] if rest <= len(self._open) else None

    def different_from_end(self, number: int) -> Instant | None:
        """Return the ``number``-th last of the different places, None where there are fewer."""
        found: list[Instant] = []
        parts = [self._buckets[bucket_id] for bucket_id in sorted(self._bucket_ids, reverse=True)]
        for part in (*parts, [*self._open, *self._added]):
            found += sorted({entry[0] for entry in part}, reverse=True)
            if len(found) >= number:
                return found[number - 1]
        return None

    def __iter__(self) -> Iterator[Waiting]:
        """Iterate over what waits, in no order."""
        yield from self._open
        yield from self._added
        for bucket in self._buckets.values():
            yield from bucket

    def _merge(self) -> None:
        if self._added:
            self._open.extend(self._added)
            self._open.sort()
            self._added.clear()

    def _open_next(self) -> None:
        bucket_id = heappop(self._bucket_ids)
        self._open = self._buckets.pop(bucket_id)
        self._open.sort()
        self._open_end = Instant((bucket_id + 1) * self._width_us)
