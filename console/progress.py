"""How far a long piece of work is: a moving bar on a terminal, now and then a plain line elsewhere."""

import time
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PLAIN_EVERY_S = 10.0


class Steps:
    """Counts steps of a known number; used as a context, its ``done`` is told how many are behind."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        console = Console(stderr=True)
        self._bar = (
            Progress(TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console)
            if console.is_terminal
            else None
        )
        self._line = None if self._bar is None else self._bar.add_task(what, total=total)
        self._told_s = time.monotonic()

    def __enter__(self) -> "Steps":
        """Begin to show."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def done(self, count: int) -> None:
        """Show that ``count`` steps are behind."""
        if self._bar is not None and self._line is not None:
            self._bar.update(self._line, completed=count)
            return
        now_s = time.monotonic()
        if count == self._total or now_s - self._told_s >= PLAIN_EVERY_S:
            self._told_s = now_s
            click.echo(f"{self._what}: {count} of {self._total}", err=True)
