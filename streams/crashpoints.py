"""Labelled places where a test makes the process die as ``kill -9`` would.

``RADAR_CRASH_AT=before-commit:3`` kills at the third passage of that label. Without the variable every call is a
look at one constant.
"""

import os
import signal

VARIABLE = "RADAR_CRASH_AT"
LABELS = ("after-read", "in-decode", "in-watch", "before-begin", "between-writes", "before-commit", "after-commit")

_label, _left = "", 0


def arm(where: str) -> None:
    """Set where to die, ``label`` or ``label:passage``; an empty text disarms."""
    global _label, _left  # noqa: PLW0603 - one crash a process, for tests only
    _label, _, passage = where.partition(":")
    assert not _label or _label in LABELS, f"{_label!r} is no crash point, allowed: {', '.join(LABELS)}"
    _left = int(passage or 1)


def crash_point(label: str) -> None:
    """Die here when the environment asks for it."""
    if _label and label == _label:
        _count_down()


def _count_down() -> None:
    global _left  # noqa: PLW0603 - one crash a process, for tests only
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
