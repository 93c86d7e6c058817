"""A bucket wheel of wake-ups: cheap to fill, exact to fire.

Theory of operation. Wake-ups are put into buckets of fixed width, unsorted: one dictionary look-up and one
append. Only the bucket whose time has come is turned into a heap, so most wake-ups that were overtaken by
events are never sorted. A wake-up is a hint: who is woken checks for itself what is due, and an old wake-up
that no longer means anything costs one look. Measured in the prototype: 2.1 us an event against 3.9 us for
one big heap.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from radar.instant import LATEST, Instant


class Wheel:
    """Wake-ups by time, fired in ``(due, key)`` order."""

    __slots__ = ("_bucket_ids", "_buckets", "_current", "_current_id", "_width_us", "floor")

    def __init__(self, width_us: int) -> None:
        self._width_us = width_us
        self._buckets: dict[int, list[tuple[Instant, str]]] = {}
        self._bucket_ids: list[int] = []
        self._current: list[tuple[Instant, str]] = []
        self._current_id = -1
        self.floor: Instant = LATEST
        """Nothing is due before this; a bound for the fast path, not the exact next due time."""

    def add(self, due: Instant, key: str) -> None:
        """Wake ``key`` at ``due``; the same wake-up may be added twice."""
        bucket_id = due // self._width_us
        if bucket_id <= self._current_id:
            heappush(self._current, (due, key))
        else:
            bucket = self._buckets.get(bucket_id)
            if bucket is None:
                self._buckets[bucket_id] = [(due, key)]
                heappush(self._bucket_ids, bucket_id)
            else:
                bucket.append((due, key))
        self.floor = min(self.floor, due)

    def pop_due(self, now: Instant) -> Iterator[tuple[Instant, str]]:
        """Yield and remove what is due strictly before ``now``; wake-ups added meanwhile take their turn."""
        while True:
            if self._current:
                if self._current[0][0] >= now:
                    break
                yield heappop(self._current)
            elif self._bucket_ids and self._bucket_ids[0] * self._width_us < now:
                self._current_id = heappop(self._bucket_ids)
                self._current = self._buckets.pop(self._current_id)
                heapify(self._current)
            else:
                break
        self.floor = self._find_floor()

    def next_due(self) -> Instant | None:
        """Return a time before which nothing is due, None when nothing waits."""
        return None if self.floor == LATEST else self.floor

    def _find_floor(self) -> Instant:
        if self._current:
            return self._current[0][0]
        if self._bucket_ids:
            return Instant(self._bucket_ids[0] * self._width_us)
        return LATEST
