"""How fast a source gives out its lines, and whose time moves the clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from radar.instant import Instant
from streams.store.runs import wall_clock

TICK_S = 0.1
"""Between two ticks of the wall clock while no line comes."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The mode of a run.

    ``factor`` None: as fast as the lines can be read, or live as they come. A number: recorded time runs that many
    times faster than the wall clock.
    """

    is_live: bool = False
    """Whether the wall clock moves the stream clock once all lines there are have been read."""
    until_eof: bool = True
    """Whether the end of a file is the end of its stream, rather than a pause."""
    factor: float | None = None
    epoch_s: float = 1.0
    """Seconds between two commits."""
    block_lines: int = 1000
    """Lines in a block at most."""
    wall: Callable[[], Instant] = wall_clock
    monotonic: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class PlaybackClock:
    """Recorded time, played back faster or slower than it went by."""

    factor: float
    monotonic: Callable[[], float]
    _start: Instant | None = field(default=None, init=False)
    _started_s: float = field(default=0.0, init=False)

    def now(self, head: Instant | None) -> Instant | None:
        """Return the recorded time that it is now; it starts at the first line's time, None before that is known."""
        if self._start is None:
            if head is None:
                return None
            self._start, self._started_s = head, self.monotonic()
        return Instant(self._start + int((self.monotonic() - self._started_s) * self.factor * 1e6))
