"""Working time as arithmetic: how fast a resource works at every instant, and when work is done.

A ``Pace`` is a step function over integer seconds: 0 is closed, 1000 is normal speed. Shifts, holidays, breakdowns,
closures and slow-downs are all steps of it, so a stage costs one kernel event however often its resource stops.
Work is counted in milli-seconds (seconds x per mille), so that every sum is an exact integer.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

NORMAL = 1000
"""Speed of a resource that works as usual, per mille."""
NEVER_S = 2**62
"""When work on a resource that stays closed is done."""
LONG_AGO_S = -(2**40)
"""Where every pace begins: earlier than any scenario."""

Window = tuple[int, int, int]
"""Start second, end second (not included), speed per mille."""
Change = Callable[[int, int], int]
"""(speed, the window's per mille) -> the new speed."""


class Pace:
    """Speed over time, and the questions a queue asks of it."""

    __slots__ = ("done", "speeds", "starts")

    def __init__(self, starts: Sequence[int], speeds: Sequence[int]) -> None:
        """Build from step starts, ascending, and the speed that holds from each; the last holds for ever."""
        assert len(starts) == len(speeds) > 0, "a pace has at least one step"
        assert all(a < b for a, b in pairwise(starts)), "steps ascend"
        self.starts = list(starts)
        self.speeds = list(speeds)
        self.done = [0]
        for index in range(1, len(starts)):
            length = starts[index] - starts[index - 1]
            self.done.append(self.done[-1] + length * speeds[index - 1])

    def speed_at(self, at_s: int) -> int:
        """Return the speed at an instant, per mille."""
        return self.speeds[bisect_right(self.starts, at_s) - 1]

    def step_at(self, at_s: int) -> tuple[int, int, int]:
        """Return the step that holds at an instant: start, end (``NEVER_S`` for the last), speed."""
        index = bisect_right(self.starts, at_s) - 1
        end_s = self.starts[index + 1] if index + 1 < len(self.starts) else NEVER_S
        return self.starts[index], end_s, self.speeds[index]

    def done_at(self, at_s: int) -> int:
        """Return the work done from the first step to an instant, in milli-seconds of work."""
        index = bisect_right(self.starts, at_s) - 1
        return self.done[index] + (at_s - self.starts[index]) * self.speeds[index]

    def finish(self, start_s: int, work_s: int) -> int:
        """Return when ``work_s`` seconds of normal-speed work begun at ``start_s`` are done."""
        return self.finish_milli(start_s, work_s * NORMAL)

    def finish_milli(self, start_s: int, work_milli: int) -> int:
        """Return when ``work_milli`` milli-seconds of work begun at ``start_s`` are done, in full seconds."""
        if work_milli <= 0:
            return start_s
        starts, speeds = self.starts, self.speeds
        index = bisect_right(starts, start_s) - 1
        speed = speeds[index]
        last = len(starts) - 1
        if speed:
            end_s = start_s - (-work_milli // speed)
            if index == last or end_s <= starts[index + 1]:
                return end_s
        target = self.done[index] + (start_s - starts[index]) * speed + work_milli
        index = bisect_left(self.done, target) - 1
        if speeds[index] == 0:
            return NEVER_S
        return starts[index] - (-(target - self.done[index]) // speeds[index])

    def next_open(self, at_s: int) -> int:
        """Return the first instant from ``at_s`` on at which the speed is not 0; ``NEVER_S`` if there is none."""
        index = bisect_right(self.starts, at_s) - 1
        if self.speeds[index]:
            return at_s
        for later in range(index + 1, len(self.starts)):
            if self.speeds[later]:
                return self.starts[later]
        return NEVER_S

    def slowed(self, windows: Iterable[Window]) -> "Pace":
        """Return this pace with its speed multiplied inside each window; overlapping windows multiply."""
        return self._changed(windows, lambda speed, mille: speed * mille // NORMAL)

    def at_least(self, windows: Iterable[Window]) -> "Pace":
        """Return this pace raised to each window's speed inside it: extra shifts."""
        return self._changed(windows, max)

    def _changed(self, windows: Iterable[Window], change: Change) -> "Pace":
        pace = self
        for start_s, end_s, mille in windows:
            if start_s < end_s:
                pace = pace._changed_once(start_s, end_s, mille, change)
        return pace

    def _changed_once(self, start_s: int, end_s: int, mille: int, change: Change) -> "Pace":
        """Return a pace with ``change(speed, mille)`` between two instants."""
        starts: list[int] = []
        speeds: list[int] = []
        edges = sorted({*self.starts, start_s, end_s})
        for edge in edges:
            speed = self.speed_at(edge)
            if start_s <= edge < end_s:
                speed = change(speed, mille)
            if not speeds or speeds[-1] != speed:
                starts.append(edge)
                speeds.append(speed)
        return Pace(starts, speeds)


ALWAYS = Pace([LONG_AGO_S], [NORMAL])
"""A resource that never rests."""


def weekly(
    hours: Sequence[Sequence[tuple[int, int]]], days: range, closed_days: frozenset[int], weekday_of_day0: int
) -> Pace:
    """Return the pace of a weekly calendar laid out over scenario days.

    Args:
        hours: Seven lists (Monday first) of open spans within the day, in seconds after midnight; an end may
            pass 86,400 and run into the next day.
        days: The scenario days to lay out, day 0 is the scenario's first.
        closed_days: Scenario days on which nothing opens (holidays).
        weekday_of_day0: 0 for Monday.
    """
    spans = [
        (day * 86_400 + begin, day * 86_400 + end)
        for day in days
        if day not in closed_days
        for begin, end in hours[(weekday_of_day0 + day) % 7]
    ]
    return from_spans(spans)


def from_spans(spans: Iterable[tuple[int, int]]) -> Pace:
    """Return a pace that is normal inside the spans and closed outside; touching and overlapping spans merge."""
    starts, speeds = [LONG_AGO_S], [0]
    open_until = LONG_AGO_S
    for begin, end in sorted(spans):
        if begin > open_until:
            if open_until > LONG_AGO_S:
                starts.append(open_until)
                speeds.append(0)
            starts.append(begin)
            speeds.append(NORMAL)
        open_until = max(open_until, end)
    if open_until > LONG_AGO_S:
        starts.append(open_until)
        speeds.append(0)
    return Pace(starts, speeds)
