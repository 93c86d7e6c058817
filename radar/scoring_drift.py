"""Whether the probabilities stayed calibrated while the world changed, and how soon they were again.

The forecasts of one horizon are laid into blocks of ten days by the local time they were made at. A block is **off**
when the share late differs from the mean probability by more than chance explains (1.96 standard errors of a forecast
that is right) and by more than 0.05. Blocks off in a row make an episode; it ends with the first block that is not.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from radar.instant import DAY_US, HOUR_US
from radar.scoring import Scorebook
from radar.scoring_probability import Forecasts
from radar.wall_clock import local_text

BLOCK_D = 10
"""Days of a block; blocks are counted from 1970, so that they do not move with the range scored."""
GAP_MIN = 0.05
"""A smaller gap is no matter, however sure."""
_Z = 1.96


class DriftBlock(msgspec.Struct, frozen=True):
    """Ten days of forecasts at one horizon."""

    since: str
    """Local date of its first day."""
    n: float
    forecast: float
    """Mean probability."""
    frequency: float
    """Share that was late."""
    band: float
    """Half the 95 % interval of the frequency, were the forecasts right."""

    @property
    def gap(self) -> float:
        """Return by how much more were late than was said."""
        return self.frequency - self.forecast

    @property
    def is_off(self) -> bool:
        """Return whether the forecasts of the block were off calibration."""
        return abs(self.gap) > max(self.band, GAP_MIN)


class DriftEpisode(msgspec.Struct, frozen=True):
    """A stretch of blocks off calibration."""

    since: str
    until: str | None
    """First day of the block that was calibrated again; null when none came."""
    days: int
    """From the start of the first block that was off to ``until``, or to the end of the last one."""
    gap_max: float
    """The largest gap, with its sign: positive when more were late than was said."""


def drift_blocks(book: Scorebook, forecasts: Forecasts, horizon_h: float) -> list[DriftBlock]:
    """Return the blocks that have any forecast, in order of time."""
    made = book.promise[forecasts.places] - round(horizon_h * HOUR_US)
    number = made // (BLOCK_D * DAY_US)
    blocks = []
    for one in np.unique(number).tolist():
        rows = number == one
        p, late, weight = forecasts.probability[rows], forecasts.is_late[rows], forecasts.weight[rows]
        total = float(weight.sum())
        band = _Z * float(np.sqrt((weight**2 * p * (1 - p)).sum())) / total
        means = float(weight @ p) / total, float(weight @ late) / total
        blocks.append(DriftBlock(_day_text(one), total, *means, band))
    return blocks


def drift_episodes(blocks: Sequence[DriftBlock]) -> list[DriftEpisode]:
    """Return the stretches of blocks that were off; blocks without forecasts in between count into a stretch."""
    episodes, run = [], list[DriftBlock]()
    for block in blocks:
        if block.is_off:
            run.append(block)
        elif run:
            episodes.append(_episode(run, block.since))
            run = []
    if run:
        episodes.append(_episode(run, None))
    return episodes


def _episode(run: list[DriftBlock], until: str | None) -> DriftEpisode:
    first, last = (np.datetime64(day) for day in (run[0].since, until or run[-1].since))
    days = int((last - first).astype(np.int64)) + (0 if until else BLOCK_D)
    return DriftEpisode(run[0].since, until, days, max((one.gap for one in run), key=abs))


def _day_text(block: int) -> str:
    return local_text(block * BLOCK_D * DAY_US)[:10]
