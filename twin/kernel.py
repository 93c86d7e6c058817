"""The twin's kernel: SimPy's, with a clock of whole seconds and one kind of event, a call at a later instant."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import simpy


class Tie(IntEnum):
    """Which of several calls of the same second comes first; SimPy itself uses 0 and 1."""

    WORLD = 2
    """The world changes: servers come and go, stock burns, news arrives."""
    FINISH = 3
    """A server is done."""
    ARRIVE = 4
    """A truck, a delivery from a supplier, a batch comes in."""
    PLACE = 5
    """Orders enter."""
    DEPART = 6
    """Trucks and courier rounds leave with what is there."""
    LATE = 7
    """Customers look at the clock."""
    REPORT = 8
    """Systems report, the control room reads."""


class Kernel(simpy.Environment):
    """SimPy's environment on integer seconds."""

    __slots__ = ("_now",)
    _now: int
    now: int
    """The current second of the scenario."""


# SimPy keeps the time in ``_now``, and ``now`` is a property of it: a call for each look at the clock. The slot's own
# descriptor under the second name reads it without one.
Kernel.now = Kernel.__dict__["_now"]


class Call(simpy.Event):
    """Call ``function`` in ``delay_s`` seconds; the function gets this event and reads ``item`` from it.

    Timeout's own constructor cannot choose its place among ties. Of an event the kernel's loop reads no more than
    what stands here.
    """

    _ok = True
    _value = None

    def __init__(
        self,
        env: simpy.Environment,
        delay_s: int,
        tie: int,
        function: Callable[[Any], None],
        item: Any = None,
    ) -> None:
        self.callbacks = [function]
        self.item = item
        env.schedule(self, tie, delay_s)  # type: ignore[arg-type]  # a priority is any int
