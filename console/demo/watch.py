"""What the person sees: the clock of the scenario, the incident, the warnings with their reasons, the counts."""

from collections import Counter, deque
from collections.abc import Sequence
from types import TracebackType
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from radar.batch import Batch
from radar.instant import HOUR_US, SECOND_US, Instant, to_datetime
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.wording import say
from twin.effect_masks import Window

SHOWN = 12
"""Warnings on the screen."""
TOLD_A_DAY = {WarningKind.PREDICTED_LATE: 4, WarningKind.SOURCE_SILENT: 2, WarningKind.STAGE_OVERDUE: 1}
"""Warnings told of each day where there is no terminal to redraw; of other kinds one."""
_LEVEL_STYLE = {Level.NOTICE: "cyan", Level.WARNING: "yellow", Level.CRITICAL: "bold red"}


class DemoWatch:
    """Listens to the committed batches of the dataflow.

    Args:
        title: Of the scenario.
        windows: When the scenario hits what, shown as its clock gets there.
        epoch: Second 0 of the scenario.
        begin_at: End of the warm-up; warnings before it are not shown.
        end_at: End of the scenario.
        zone: Of the clock.
        console: Where to show.
    """

    def __init__(  # noqa: PLR0913 - what is shown
        self,
        *,
        title: str,
        windows: Sequence[Window],
        epoch: Instant,
        begin_at: Instant,
        end_at: Instant,
        zone: str,
        console: Console | None = None,
    ) -> None:
        self._title = title
        self._windows = windows
        self._epoch = epoch
        self._begin_at = begin_at
        self._end_at = end_at
        self._zone = ZoneInfo(zone)
        self._console = console or Console()
        self._live = Live(console=self._console, refresh_per_second=4) if self._console.is_terminal else None
        self._recent: deque[WarningChange] = deque(maxlen=SHOWN)
        self._counts: Counter[WarningKind] = Counter()
        self._told: Counter[tuple[WarningKind, int]] = Counter()
        self._begun: set[str] = set()
        self._day = -1
        self._clock = epoch
        self._events = 0

    def __enter__(self) -> "DemoWatch":
        """Begin to show."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last picture on the screen."""
        if self._live is not None:
            self._live.stop()

    def on_batch(self, batch: Batch) -> None:
        """Take note of a committed batch."""
        self._clock = min(batch.checkpoint.clock, self._end_at)
        self._events = batch.checkpoint.counters.applied
        fresh = [one for one in batch.outputs if one.change is Change.RAISED and one.at >= self._begin_at]
        for warning in fresh:
            self._counts[warning.kind] += 1
            if warning.kind in _INTERESTING:
                self._recent.append(warning)
        if self._live is not None:
            self._live.update(self._screen())
        else:
            self._tell(fresh)

    # --- on a terminal -----------------------------------------------------------------------------------

    def _screen(self) -> Group:
        return Group(self._head(), self._incident(), self._warnings(), self._totals())

    def _head(self) -> Text:
        if self._clock < self._begin_at:
            return Text(f"{self._when(self._clock)}  warming up: the radar learns what is usual ...", style="bold")
        day = (self._clock - self._begin_at) // (24 * HOUR_US) + 1
        return Text(f"{self._when(self._clock)}  day {day}   {self._events:,} events", style="bold")

    def _incident(self) -> Panel:
        lines = [self._window_line(window) for window in self._windows if self._at(window.start_s) <= self._clock]
        text = "\n".join(lines) if lines else "quiet so far"
        return Panel(Text(text), title=self._title, border_style="red" if lines else "green", title_align="left")

    def _window_line(self, window: Window) -> str:
        is_over = self._at(window.end_s) <= self._clock
        until = f"over since {self._when(self._at(window.end_s))}" if is_over else "going on"
        return f"{window.id}: since {self._when(self._at(window.start_s))}, {until}"

    def _warnings(self) -> Table:
        table = Table(expand=True, box=None, pad_edge=False)
        for name, width in (("when", 16), ("what", 16), ("about", 16), ("lead", 9)):
            table.add_column(name, width=width, no_wrap=True)
        table.add_column("why", ratio=1, no_wrap=True, overflow="ellipsis")
        for warning in reversed(self._recent):
            cells = (self._when(warning.at), warning.kind.value, warning.entity, _lead(warning), self._why(warning))
            table.add_row(*cells, style=_LEVEL_STYLE[warning.level])
        return table

    def _totals(self) -> Text:
        counts = ", ".join(f"{count:,} {kind.value}" for kind, count in self._counts.most_common())
        return Text(f"warnings: {counts or 'none yet'}", style="dim")

    # --- elsewhere ---------------------------------------------------------------------------------------

    def _tell(self, fresh: Sequence[WarningChange]) -> None:
        for window in self._windows:
            if window.id not in self._begun and self._at(window.start_s) <= self._clock:
                self._begun.add(window.id)
                self._console.print(f"{self._when(self._at(window.start_s))}  INCIDENT  {window.id}", highlight=False)
        for warning in sorted(fresh, key=lambda one: -(one.lead_us or 0)):
            day = (warning.at - self._begin_at) // (24 * HOUR_US)
            self._told[warning.kind, day] += 1
            if warning.kind in _INTERESTING and self._told[warning.kind, day] <= TOLD_A_DAY.get(warning.kind, 1):
                said = f"{self._when(warning.at)}  {warning.kind.value}  {warning.entity}  {_lead(warning)}"
                self._console.print(f"{said}  {self._why(warning)}", highlight=False, soft_wrap=True)
        day = (self._clock - self._begin_at) // (24 * HOUR_US)
        if day > self._day and self._clock >= self._begin_at:
            self._day = day
            self._console.print(self._head().plain, "-", self._totals().plain, highlight=False, soft_wrap=True)

    # --- words -------------------------------------------------------------------------------------------

    def _at(self, at_s: int) -> Instant:
        return Instant(self._epoch + at_s * SECOND_US)

    def _when(self, at: Instant) -> str:
        return f"{to_datetime(at).astimezone(self._zone):%a %m-%d %H:%M}"

    def _why(self, warning: WarningChange) -> str:
        return "; ".join(say(reason, "en", self._zone) for reason in warning.reasons)


_INTERESTING = frozenset(WarningKind) - {WarningKind.ORDER_HELD, WarningKind.ORDER_SILENT}


def _lead(warning: WarningChange) -> str:
    """Return how long before the promise the warning came."""
    if warning.lead_us is None:
        return ""
    hours = warning.lead_us / HOUR_US
    if abs(hours) < 0.5:
        return "now"
    return f"{hours:.0f} h left" if hours > 0 else f"{-hours:.0f} h over"
