"""Whether the probabilities stayed calibrated while the world changed, and how soon they were again.

The forecasts of one horizon are laid into blocks of ten days by the local time they were made at. A block is **off**
when the share late differs from the mean probability by more than chance explains (1.96 standard errors of a forecast
that is right) and by more than 0.05. Blocks off in a row make an episode; it ends with the first block that is not. A
block of few orders proves little, so each also holds the same over 30 days, pooled with the two blocks before: it
**leans** when that is off.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from radar.instant import DAY_US, HOUR_US
from radar.scoring import Flags, Scorebook
from radar.scoring_probability import Forecasts
from radar.wall_clock import local_text

BLOCK_D = 10
"""Days of a block; blocks are counted from 1970, so that they do not move with the range scored."""
POOLED = 3
"""Blocks pooled to see a small gap that stays."""
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
    gap_30d: float
    """By how much more were late than was said, in this block and those of the 20 days before."""
    band_30d: float
    """What chance explains of that."""

    @property
    def gap(self) -> float:
        """Return by how much more were late than was said."""
        return self.frequency - self.forecast

    @property
    def is_off(self) -> bool:
        """Return whether the forecasts of the block were off calibration."""
        return abs(self.gap) > max(self.band, GAP_MIN)

    @property
    def is_leaning(self) -> bool:
        """Return whether the forecasts of 30 days were off calibration."""
        return abs(self.gap_30d) > max(self.band_30d, GAP_MIN)


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
        n, forecast, frequency, band = _pooled(forecasts, number == one)
        _, said, came, wide_band = _pooled(forecasts, (number > one - POOLED) & (number <= one))
        blocks.append(DriftBlock(_day_text(one), n, forecast, frequency, band, came - said, wide_band))
    return blocks


def _pooled(forecasts: Forecasts, is_part: Flags) -> tuple[float, float, float, float]:
    """Return weight, mean probability, share late and half the interval of that share, of some forecasts."""
    p, late, weight = forecasts.probability[is_part], forecasts.is_late[is_part], forecasts.weight[is_part]
    total = float(weight.sum())
    band = _Z * float(np.sqrt((weight**2 * p * (1 - p)).sum())) / total
    return total, float(weight @ p) / total, float(weight @ late) / total, band


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
