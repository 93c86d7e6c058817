"""The flow as a plain loop: the oracle that every engine is held against, and the fallback when one is in the way."""

import time

from streams.committer import Committer
from streams.sources import IDLE_S, FilesSource
from streams.steps import DecodeStep, RoomStep


def run_plain(source: FilesSource, decode: DecodeStep, room: RoomStep, committer: Committer) -> None:
    """Carry every block from the source to the store until the source is done.

    Raises:
        RadarError: The input or the store ended the run; what was committed stands.
    """
    while not source.is_done:
        block = source.next_block()
        if block is None:
            time.sleep(IDLE_S)
            continue
        batch = room.apply(decode.decode(block))
        if batch is not None:
            committer.commit(batch)
