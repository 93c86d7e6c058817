"""Extra shifts: hours added to a calendar where it is closed, so that every hour paid for is an hour more."""

from twin.pace import NEVER_S, NORMAL, Pace, Window


def lengthened(base: Pace, from_s: int, extra_s: int) -> Pace:
    """Return a calendar with ``extra_s`` more open seconds: after the closing when it is open, else from now.

    A shift that runs into the next opening goes on behind the next closing; a calendar that never closes cannot be
    lengthened.
    """
    return base.at_least(_closed(base, from_s, extra_s))


def _closed(base: Pace, from_s: int, extra_s: int) -> list[Window]:
    """Return the first closed stretches from an instant on, ``extra_s`` long together."""
    windows: list[Window] = []
    at_s = from_s
    while extra_s > 0 and at_s < NEVER_S:
        _start_s, end_s, speed = base.step_at(at_s)
        if speed == 0:
            until_s = min(end_s, at_s + extra_s)
            windows.append((at_s, until_s, NORMAL))
            extra_s -= until_s - at_s
        at_s = end_s
    return windows
