"""The player: a process of its own that plays a network and writes what its systems report to standard output, paced.

``python -m console.demo.player NETWORK SCENARIO SEED DAYS SECONDS``: the warm-up as fast as it goes, so that the radar
has learned, the days after it evenly over that many seconds.
"""

import signal
import sys
import time
from collections.abc import Callable
from typing import IO

from radar.events import Event
from radar.instant import DAY_US, SECOND_US, Instant
from streams.codec import encode
from twin.context import epoch_of
from twin.experiment import Plan, Setting
from twin.mistakes import BadReport
from twin.world import RunPlan, World

HOUR_US = 3600 * SECOND_US


class PacedLines:
    """Writes events as lines, hour by hour of their recorded time, no hour before its turn.

    Args:
        out: Where to.
        begin_at: From here on it is paced.
        hour_s: Wall seconds for an hour of the scenario.
        clock: Wall seconds.
        wait: Waits so many wall seconds.
    """

    def __init__(
        self,
        out: IO[bytes],
        begin_at: Instant,
        hour_s: float,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._out = out
        self._begin_at = begin_at
        self._hour_s = hour_s
        self._clock = clock
        self._wait = wait
        self._lines: list[bytes] = []
        self._hour = -1
        self._began_s = 0.0

    def write(self, event: Event) -> None:
        """Take an event; what was taken in the hours before it goes out."""
        self._take(event, encode(event))

    def write_bad(self, report: BadReport) -> None:
        """Take what arrived in place of an event."""
        self._take(report.event, report.line(encode(report.event)))

    def _take(self, event: Event, line: bytes) -> None:
        recorded_at = event.recorded_at if event.recorded_at is not None else event.time
        hour = (recorded_at - self._begin_at) // HOUR_US
        if hour > self._hour and hour >= 0:
            self.flush()
            self._turn(hour)
        self._lines.append(line + b"\n")
        if len(self._lines) >= 1000:
            self.flush()

    def flush(self) -> None:
        """Let everything taken go out."""
        self._out.write(b"".join(self._lines))
        self._out.flush()
        self._lines.clear()

    def _turn(self, hour: int) -> None:
        """Wait for the turn of an hour."""
        if self._hour < 0:
            self._began_s = self._clock()
        self._hour = hour
        ahead_s = self._began_s + hour * self._hour_s - self._clock()
        if ahead_s > 0:
            self._wait(ahead_s)


def play(plan: Plan, seconds: float, out: IO[bytes]) -> None:
    """Play the plan's scenarios and write their events."""
    setting = Setting(plan)
    compiled = setting.compiled(0)
    begin_at = Instant(epoch_of(setting.network) + setting.network.warm_up_days * DAY_US)
    lines = PacedLines(out, begin_at, seconds / (plan.days * 24))
    played = RunPlan(
        seed=plan.seed, days=setting.days, masks=compiled.masks, sink=lines.write, bad_sink=lines.write_bad
    )
    World(setting.network, played).run()
    lines.flush()


def main(arguments: list[str]) -> int:
    """Play until the end, or until nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the demo's business; it ends its players
    network, scenario, seed, days, seconds = arguments
    plan = Plan(network, (scenario,) if scenario else (), "none", 1, int(days), int(seed))
    try:
        play(plan, float(seconds), sys.stdout.buffer)
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
