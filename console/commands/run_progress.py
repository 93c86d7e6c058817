"""What a person sees while `radar run` runs: one moving line on a terminal, now and then a plain line elsewhere."""

import time
from types import TracebackType

import click
from rich.console import Console
from rich.status import Status

from radar.batch import Batch
from radar.instant import to_text

_PLAIN_EVERY_S = 60.0


class RunProgress:
    """Listens to the committed batches and tells how far they are."""

    def __init__(self, *, is_live: bool) -> None:
        self._console = Console(stderr=True)
        self._line = Status("reading", console=self._console) if self._console.is_terminal else None
        self._is_live = is_live
        self._warnings = 0
        self._told_s = time.monotonic()

    def __enter__(self) -> "RunProgress":
        """Begin to show."""
        if self._line is not None:
            self._line.start()
        elif self._is_live:
            click.echo("watching; Ctrl-C ends, the same command goes on from there", err=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the moving line away."""
        if self._line is not None:
            self._line.stop()

    def on_batch(self, batch: Batch) -> None:
        """Take note of a committed batch."""
        self._warnings += len(batch.outputs)
        now_s = time.monotonic()
        if self._line is None and now_s - self._told_s < _PLAIN_EVERY_S:
            return
        self._told_s = now_s
        ledger, clock = batch.checkpoint.counters, to_text(batch.checkpoint.clock)
        said = f"{clock}  {ledger.applied:,} events, {self._warnings:,} warning changes, {ledger.dead:,} dead letters"
        if self._line is not None:
            self._line.update(said)
        else:
            click.echo(said, err=True)
