"""Many futures of one world: at a pause the process forks, and each child goes on with luck of its own.

A fork copies the whole state of the twin for the price of a page table, so a future costs the days it plays and not
those before it. The child says which orders came late and ends; the parent goes on with the luck it had.
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Kernel
from twin.orders import Order, Outcome
from twin.world import World

Bytes = NDArray[np.uint8]
ON_TIME, LATE, CANCELLED = 0, 1, 2


class PausingKernel(Kernel):
    """A kernel that stops before the first event of given seconds, lets somebody look, and goes on."""

    def __init__(self, pauses_s: Sequence[int], look: Callable[[int], None]) -> None:
        super().__init__()
        self._pauses_s = sorted(set(pauses_s))
        self._look = look

    def run(self, until: object = None) -> object:
        """Run to the end, with the pauses."""
        assert isinstance(until, int), "a world runs to a second"
        for pause_s in self._pauses_s:
            if self.now < pause_s < until:
                super().run(until=pause_s)
                self._look(pause_s)
        return super().run(until=until)

    def go_on(self, until_s: int) -> None:
        """Run on without pauses: what a child does."""
        super().run(until=until_s)


class Outlook(NamedTuple):
    """The futures of some orders: shape (futures, orders), each ``ON_TIME``, ``LATE`` or ``CANCELLED``."""

    ids: tuple[str, ...]
    ends: Bytes


def look_ahead(
    world: World, orders: Sequence[Order], until_s: int, change: Callable[[int], None], futures: int, jobs: int = 1
) -> Outlook:
    """Return how some orders end in many futures, judged at ``until_s``.

    Args:
        world: Stands between two events.
        orders: Whose ends are asked; all promised by ``until_s``.
        until_s: How far the futures go.
        change: Called in each child with its number, before it goes on; nothing it does is seen outside.
        futures: How many.
        jobs: Children at the same time.
    """
    found: list[Bytes] = []
    for number, raw in _in_children(lambda number: _one(world, orders, until_s, change, number), futures, jobs):
        assert len(raw) == len(orders), f"future {number} ended early"
        found.append(np.frombuffer(raw, dtype=np.uint8))
    ends = np.array(found, dtype=np.uint8).reshape(futures, len(orders))
    return Outlook(tuple(order.id for order in orders), ends)


def _one(world: World, orders: Sequence[Order], until_s: int, change: Callable[[int], None], number: int) -> bytes:
    kernel = world.env
    assert isinstance(kernel, PausingKernel), "only a world that pauses can look ahead"
    change(number)
    kernel.go_on(until_s)
    return bytes(_end(order) for order in orders)


def _end(order: Order) -> int:
    if order.outcome is Outcome.CANCELLED:
        return CANCELLED
    return LATE if order.delivered_s < 0 or order.delivered_s > order.promise_s else ON_TIME


def _in_children(work: Callable[[int], bytes], count: int, jobs: int) -> Iterator[tuple[int, bytes]]:
    """Yield what ``work`` returns for each number, each done in a forked child, in order."""
    sys.stdout.flush()
    alive: list[tuple[int, int, int]] = []
    for number in range(count):
        if len(alive) >= jobs:
            yield _ended(*alive.pop(0))
        alive.append(_forked(work, number))
    for child in alive:
        yield _ended(*child)


def _forked(work: Callable[[int], bytes], number: int) -> tuple[int, int, int]:
    """Start a child; return its number, process and pipe."""
    reader, writer = os.pipe()
    process = os.fork()
    if process:
        os.close(writer)
        return number, process, reader
    code = 1
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(work(number))
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)  # neither the parent's clean-up nor its next line is the child's


def _ended(number: int, process: int, reader: int) -> tuple[int, bytes]:
    with os.fdopen(reader, "rb") as pipe:
        raw = pipe.read()
    _process, code = os.waitpid(process, 0)
    assert code == 0, f"future {number} failed"
    return number, raw
