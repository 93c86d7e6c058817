"""A choice of orders with everything that is judged on them, as the parts of the report share it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radar.scoring import Alarms, Draws, Figure, Scorebook
from radar.scoring_policies import CheckTable
from radar.scoring_probability import Forecasts
from radar.wall_clock import local_text

Figures = dict[str, Figure]
_MONTH = len("2018-04")


@dataclass(frozen=True, slots=True)
class Scored:
    """A choice of orders with everything that is judged on them."""

    book: Scorebook
    alarms: Alarms
    overdue: Alarms
    forecasts: dict[int, Forecasts]
    """By hours before the promise, those judged."""
    checks: CheckTable
    draws: Draws


def months_of(book: Scorebook) -> NDArray[np.str_]:
    """Return the local month of each order's promise."""
    return np.array([local_text(promise)[:_MONTH] for promise in book.promise.tolist()], np.str_)
