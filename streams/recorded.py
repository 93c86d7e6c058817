"""Recorded streams, merged by time, through a room: what a backtest and a lesson have in common."""

from collections.abc import Callable, Iterator, Sequence

from radar.batch import Batch, Counters
from radar.instant import Instant
from radar.intake import Intake
from radar.outputs import StateRow
from radar.room import ControlRoom
from streams.pace import Pace
from streams.sources import FilesSource
from streams.specs import Spec
from streams.steps import DecodeStep, RoomStep

SHOWN_LETTERS_MAX = 10
"""Dead letters kept to be shown; all of them are counted."""
_EPOCH_S = 0.5
_BLOCK_LINES = 1000

Progress = Callable[[Counters, Instant], None]
"""Told now and then: the ledger and the clock so far."""
Begin = Callable[[Instant | None], Sequence[StateRow]]
"""Told about when the events begin; returns the experience the room begins with."""


def batches(specs: Sequence[Spec], room: ControlRoom, lateness_us: int, begin: Begin | None = None) -> Iterator[Batch]:
    """Carry recorded streams through a room; yield what each stretch of about half a second came to.

    Args:
        specs: Files, each a stream of one partition; bad lines are counted, never fatal.
        room: Who hears them.
        lateness_us: How far behind the largest event time an event may come and still be put in order.
        begin: Gives the room its experience; None lets it begin as it is.

    Raises:
        InputError: A file cannot be read to its end.
    """
    source = FilesSource(specs, {}, Pace(epoch_s=_EPOCH_S, block_lines=_BLOCK_LINES))
    try:
        if begin is not None:
            room.load(begin(source.begins_at()))
        decode, step = DecodeStep(source.zones), RoomStep(Intake(room, (), lateness_us), source.streams)
        while not source.is_done:
            block = source.next_block()
            batch = None if block is None else step.apply(decode.decode(block))
            if batch is not None:
                yield batch
    finally:
        source.close()
    if source.failure is not None:
        raise source.failure
