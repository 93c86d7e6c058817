"""How a resource works under its masks: when it takes new work on, and what becomes of work under way.

Theory of operation. A ``PAUSE`` window slows whatever is in hand: it belongs to the pace at which work goes on
(``run``). The others do not touch work that was begun before them but for what they do at their beginning: leave it
alone, begin it anew, send it back, lose it. They close or slow the gate; what is begun inside a window that only
slows goes by the window's speed to its end.
"""

from collections.abc import Iterable

from twin.masks import CapacityMask, Ongoing, SpeedMask
from twin.pace import NEVER_S, NORMAL, Pace, Window

LOST_S = -1
"""Finish time of what will not come back."""


class Regime:
    """The pace at which work is taken on (``gate``), the pace at which it goes on (``run``), and the breaks in it."""

    __slots__ = ("_begun_inside", "_breaks", "_masks", "_slow", "base", "gate", "is_plain", "run")

    def __init__(self, base: Pace, masks: Iterable[SpeedMask] = ()) -> None:
        self._masks = tuple(masks)
        self.change_base(base)

    def change_base(self, base: Pace) -> None:
        """Replace the calendar under the masks: an added shift."""
        stops = [mask for mask in self._masks if mask.ongoing is not Ongoing.PAUSE]
        self.base = base
        self.run = base.slowed(_window(mask) for mask in self._masks if mask.ongoing is Ongoing.PAUSE)
        self.gate = self.run.slowed(map(_window, stops)) if stops else self.run
        self._breaks = sorted((mask.start_s, mask.ongoing) for mask in stops if mask.ongoing is not Ongoing.FINISH)
        self._slow = [_window(mask) for mask in stops if mask.permille]
        self._begun_inside: dict[tuple[Window, ...], Pace] = {(): self.run}
        self.is_plain = not stops
        """Whether work goes on exactly as it is taken on."""

    def finish(self, start_s: int, work_s: int) -> int:
        """Return when work begun at ``start_s`` is done; ``LOST_S`` when it never comes back."""
        while start_s < NEVER_S:
            done_s = self._pace_of(start_s).finish(start_s, work_s)
            if not self._breaks:
                return done_s
            broken = self._break_between(start_s, done_s)
            if broken is None:
                return done_s
            if broken[1] is Ongoing.LOST:
                return LOST_S
            start_s = self._anew(start_s, *broken)
        return NEVER_S

    def made(self, start_s: int, work_s: int, at_s: int) -> int:
        """Return the seconds of work that are done by ``at_s``; none while it is on its way back, or waits to begin."""
        while start_s < at_s:
            pace = self._pace_of(start_s)
            broken = self._break_between(start_s, min(at_s + 1, pace.finish(start_s, work_s)))
            if broken is None:
                return min(work_s, (pace.done_at(at_s) - pace.done_at(start_s)) // NORMAL)
            if broken[1] is Ongoing.LOST:
                return 0
            start_s = self._anew(start_s, *broken)
        return 0

    def cause_between(self, start_s: int, end_s: int) -> str:
        """Return the cause of the first mask that touches the time from ``start_s`` to ``end_s``, or an empty text."""
        for mask in self._masks:
            if mask.start_s < end_s and start_s < mask.end_s:
                return mask.cause
        return ""

    def _break_between(self, start_s: int, end_s: int) -> tuple[int, Ongoing] | None:
        """Return the first break of work that is under way between two instants."""
        for broken in self._breaks:
            if start_s < broken[0] < end_s:
                return broken
        return None

    def _anew(self, start_s: int, broken_s: int, ongoing: Ongoing) -> int:
        """Return when broken work is begun anew; a vehicle needs as long for the way back as it has been under way."""
        back_s = broken_s - start_s if ongoing is Ongoing.RETURN else 0
        return self.gate.next_open(broken_s + back_s)

    def _pace_of(self, start_s: int) -> Pace:
        """Return the pace of work begun at ``start_s``."""
        if not self._slow:
            return self.run
        inside = tuple(window for window in self._slow if window[0] <= start_s < window[1])
        if inside not in self._begun_inside:
            self._begun_inside[inside] = self.run.slowed(inside)
        return self._begun_inside[inside]


def _window(mask: SpeedMask) -> Window:
    return mask.start_s, mask.end_s, mask.permille


def for_target(masks: Iterable[SpeedMask], target: str) -> tuple[SpeedMask, ...]:
    """Return the masks of one target."""
    return tuple(mask for mask in masks if mask.target == target)


def capacity_pace(masks: Iterable[CapacityMask], target: str) -> Pace | None:
    """Return the share of its capacity a target has over time, None when it is never changed."""
    windows = [(mask.start_s, mask.end_s, mask.permille) for mask in masks if mask.target == target]
    return Pace([-(2**40)], [NORMAL]).slowed(windows) if windows else None
