"""The four verbs every machine of the core speaks (after sans-I/O protocol machines).

Facts go in, decisions come out. A machine asks for no time, does no I/O and draws no chance, so a plain
loop, Bytewax and SimPy drive the same object and get the same answers.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from radar.events import Event
from radar.instant import Instant
from radar.outputs import Output, Row


class Machine(Protocol):
    """A pure state machine over the event stream."""

    def observe(self, event: Event) -> Sequence[Output]:
        """Fire what was due strictly before ``event.time``, then take the event in."""

    def advance(self, now: Instant) -> Sequence[Output]:
        """Fire what was due strictly before ``now``; the caller promises nothing earlier will come."""

    def next_due(self) -> Instant | None:
        """Return when the machine wants to be woken; a hint, never a fact."""

    def take_dirty(self) -> list[Row]:
        """Return the rows changed since last asked, and forget that they changed."""

    def load(self, rows: Iterable[Row]) -> None:
        """Restore from rows once given by ``take_dirty``; older versions are upgraded."""
