"""Labelled places where a test makes the process die as ``kill -9`` would.

``RADAR_CRASH_AT=before-commit:3`` kills at the third passage of that label. Without the variable every call is a
look at one constant.
"""

import os
import signal

VARIABLE = "RADAR_CRASH_AT"
LABELS = ("after-read", "in-decode", "in-watch", "before-begin", "between-writes", "before-commit", "after-commit")

_label, _, _passage = os.environ.get(VARIABLE, "").partition(":")
_left = int(_passage or 1)


def crash_point(label: str) -> None:
    """Die here when the environment asks for it."""
    if _label and label == _label:
        _count_down()


def _count_down() -> None:
    global _left  # noqa: PLW0603 - one number a process, for tests only
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
