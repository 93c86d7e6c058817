"""Orders that stand somewhere, as the columns of a step."""

from typing import Any

import numpy as np

from radar.learning.local_days import Floats
from radar.learning.positions import DOORS, Positions
from radar.stages import Stage


def standing(since_h: Floats, **told: Any) -> Positions:
    """Return orders that stand at their stations for so many hours: on the way, at no place, but for what is told."""
    count = len(since_h)
    zeros = np.zeros(count, np.int64)
    columns: dict[str, Any] = {
        "order_ids": np.array([str(number) for number in range(count)], object),
        "slots": np.arange(count),
        "phases": zeros,
        "types": zeros,
        "stages": np.full(count, Stage.IN_TRANSIT),
        "stations": np.full(count, Stage.IN_TRANSIT),
        "since_h": since_h,
        "since": zeros,
        "areas": zeros,
        "left_h": np.full(count, 40.0),
        "places": np.full((len(DOORS), count), -1),
        "ranks": np.zeros((count, 3)),
        "longest_first": np.argsort(-since_h, kind="stable"),
    }
    return Positions(**(columns | told))
