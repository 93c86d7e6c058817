"""How a resource works under its masks: when it takes new work on, and what becomes of work under way."""

from collections.abc import Iterable

from twin.masks import CapacityMask, Ongoing, SpeedMask
from twin.pace import NORMAL, Pace, Window

LOST_S = -1
"""Finish time of what will not come back."""


class Regime:
    """The pace at which work is taken on (``gate``), the pace at which it goes on (``run``), and the breaks in it."""

    __slots__ = ("_masks", "aborts", "base", "gate", "is_plain", "losses", "run")

    def __init__(self, base: Pace, masks: Iterable[SpeedMask] = ()) -> None:
        self._masks = tuple(masks)
        self.change_base(base)

    def change_base(self, base: Pace) -> None:
        """Replace the calendar under the masks: an added shift."""
        windows: dict[Ongoing, list[Window]] = {kind: [] for kind in Ongoing}
        for mask in self._masks:
            windows[mask.ongoing].append((mask.start_s, mask.end_s, mask.permille))
        self.base = base
        self.run = base.slowed(windows[Ongoing.PAUSE])
        stopped = windows[Ongoing.FINISH] + windows[Ongoing.ABORT] + windows[Ongoing.LOST]
        self.gate = self.run.slowed(stopped) if stopped else self.run
        self.aborts = sorted(windows[Ongoing.ABORT])
        self.losses = sorted(windows[Ongoing.LOST])
        self.is_plain = not stopped
        """Whether work goes on exactly as it is taken on."""

    def finish(self, start_s: int, work_s: int) -> int:
        """Return when work begun at ``start_s`` is done; ``LOST_S`` when it never comes back."""
        done_s = self.run.finish(start_s, work_s)
        if self.aborts:
            done_s = self._finish_with_aborts(start_s, work_s, done_s)
        for begin, _end, _mille in self.losses:
            if start_s < begin < done_s:
                return LOST_S
        return done_s

    def _finish_with_aborts(self, start_s: int, work_s: int, done_s: int) -> int:
        for begin, end, _mille in self.aborts:
            if start_s < begin < done_s:
                start_s = self.gate.next_open(end)
                done_s = self.run.finish(start_s, work_s)
        return done_s

    def cause_between(self, start_s: int, end_s: int) -> str:
        """Return the cause of the first mask that touches the time from ``start_s`` to ``end_s``, or an empty text."""
        for mask in self._masks:
            if mask.start_s < end_s and start_s < mask.end_s:
                return mask.cause
        return ""


def for_target(masks: Iterable[SpeedMask], target: str) -> tuple[SpeedMask, ...]:
    """Return the masks of one target."""
    return tuple(mask for mask in masks if mask.target == target)


def capacity_pace(masks: Iterable[CapacityMask], target: str) -> Pace | None:
    """Return the share of its capacity a target has over time, None when it is never changed."""
    windows = [(mask.start_s, mask.end_s, mask.permille) for mask in masks if mask.target == target]
    return Pace([-(2**40)], [NORMAL]).slowed(windows) if windows else None
