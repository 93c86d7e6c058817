"""The flow on Bytewax: source -> decode -> room -> store, one screen.

One logic per source partition, blocks instead of single lines, commit marks in-band: Bytewax carries the items,
the store is the checkpoint, and neither the engine's epochs nor its recovery store has a part in what is committed
(ADR-0002). Steps must not raise: the engine would print its own trace and die, so the first failure is kept, the
steps behind it do nothing more, and the source ends the flow; ``run_bytewax`` then raises it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.inputs import AbortExecution, FixedPartitionedSource, StatefulSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

from radar.batch import Batch
from streams.blocks import PARTITION, Block, DecodedBlock
from streams.committer import Committer
from streams.sources import IDLE_S, FilesSource
from streams.steps import DecodeStep, RoomStep

_IDLE = timedelta(seconds=IDLE_S)
_EPOCH = timedelta(seconds=10)
"""Bytewax's own epochs mean nothing here; long ones cost least."""
T = TypeVar("T")
R = TypeVar("R")


class Fuse:
    """Keeps the first failure of any step and lets nothing through after it."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None

    def guard(self, step: Callable[[T], R | None]) -> Callable[[T], R | None]:
        """Return the step as one that never raises."""

        def guarded(item: T) -> R | None:
            if self.failure is not None:
                return None
            try:
                return step(item)
            except BaseException as error:  # noqa: BLE001 - kept, and raised by run_bytewax
                self.failure = error
                return None

        return guarded


def run_bytewax(source: FilesSource, decode: DecodeStep, room: RoomStep, committer: Committer) -> None:
    """Carry every block from the source to the store until the source is done.

    Raises:
        RadarError: The input or the store ended the run; what was committed stands.
    """
    fuse = Fuse()
    flow = build_flow(source, decode, room, committer, fuse)
    cli_main(flow, epoch_interval=_EPOCH)  # type: ignore[no-untyped-call]  # Rust, without types
    if fuse.failure is not None:
        raise fuse.failure


def build_flow(source: FilesSource, decode: DecodeStep, room: RoomStep, committer: Committer, fuse: Fuse) -> Dataflow:
    """Return the dataflow of one partition."""
    flow = Dataflow("radar")
    blocks = op.input("source", flow, _Source(source, fuse))
    decoded: Stream[DecodedBlock] = op.filter_map("decode", blocks, fuse.guard(decode.decode))
    batches: Stream[Batch] = op.filter_map("room", decoded, fuse.guard(room.apply))
    op.output("store", batches, _Sink(fuse.guard(committer.commit)))
    return flow


class _Partition(StatefulSourcePartition[Block, None]):
    def __init__(self, source: FilesSource, fuse: Fuse) -> None:
        self._source = source
        self._fuse = fuse
        self._next = fuse.guard(lambda _: source.next_block())
        self._is_idle = False

    def next_batch(self) -> Iterable[Block]:
        if self._fuse.failure is not None:
            raise AbortExecution
        if self._source.is_done:
            raise StopIteration
        block = self._next(None)
        self._is_idle = block is None
        return () if block is None else (block,)

    def next_awake(self) -> datetime | None:
        return datetime.now(UTC) + _IDLE if self._is_idle else None

    def snapshot(self) -> None:
        """Positions are in the store."""


class _Source(FixedPartitionedSource[Block, None]):
    def __init__(self, source: FilesSource, fuse: Fuse) -> None:
        self._partition = _Partition(source, fuse)

    def list_parts(self) -> list[str]:
        return [PARTITION]

    def build_part(self, step_id: str, for_part: str, resume_state: None) -> _Partition:  # noqa: ARG002 - Bytewax calls it
        return self._partition


class _Writer(StatelessSinkPartition[Batch]):
    def __init__(self, commit: Callable[[Batch], Any]) -> None:
        self._commit = commit

    def write_batch(self, items: list[Batch]) -> None:
        for batch in items:
            self._commit(batch)


class _Sink(DynamicSink[Batch]):
    def __init__(self, commit: Callable[[Batch], Any]) -> None:
        self._commit = commit

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Writer:  # noqa: ARG002 - Bytewax calls it
        return _Writer(self._commit)
