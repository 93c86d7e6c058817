"""Whether the probabilities stayed calibrated while the world changed, and how soon they were again.

The forecasts of one horizon are laid into blocks of ten days by the local time they were made at. A block is **off**
when the share late differs from the mean probability by more than chance explains (1.96 standard errors of a forecast
that is right) and by more than 0.05. Blocks off in a row make an episode; it ends with the first block that is not. A
block of few orders proves little, so each also holds the same over 30 days, pooled with the two blocks before: it
**leans** when that is off.

How long it took to recover is measured day by day: the forecasts of the last days are pooled, and an episode lasts from
the day on which they leave the band until the first of some days in a row that are inside again. Days overlap, and
chance alone leaves the band too; so the same is done with labels drawn from the forecasts themselves.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from radar.instant import DAY_US, HOUR_US
from radar.scoring import Flags, Floats, Scorebook, Times
from radar.scoring_probability import Forecasts
from radar.wall_clock import local_text

BLOCK_D = 10
"""Days of a block; blocks are counted from 1970, so that they do not move with the range scored."""
POOLED = 3
"""Blocks pooled to see a small gap that stays."""
GAP_MIN = 0.05
"""A smaller gap is no matter, however sure."""
WINDOWS_D = (10, 30)
"""Days pooled to follow the calibration day by day."""
BACK_D = 3
"""Days in a row inside the band after which an episode is over."""
CHANCE_SHARE = 0.95
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


class RollingCalibration(msgspec.Struct, frozen=True):
    """The calibration at one horizon followed day by day."""

    window_d: int
    """Days pooled."""
    days: int
    """Days followed."""
    off_days: int
    """Days of the episodes."""
    episodes: list[DriftEpisode]
    """``since`` the band was left, ``until`` the first day back inside."""
    longest_d: int
    off_days_by_chance: int
    """So many at most in 95 of 100 worlds where every forecast is right."""
    longest_by_chance_d: int
    """So long at most is the longest episode in 95 of 100 such worlds."""


def rolling_calibration(
    book: Scorebook, forecasts: Forecasts, horizon_h: float, window_d: int, drawn: Floats
) -> RollingCalibration:
    """Return how the forecasts of the last days stood, day by day.

    Args:
        book: The orders.
        forecasts: Their probabilities at one horizon.
        horizon_h: That horizon.
        window_d: Days pooled.
        drawn: Shape (worlds, forecasts), uniform in [0, 1): an order is late in a world where this is less than said.
    """
    made = (book.promise[forecasts.places] - round(horizon_h * HOUR_US)) // DAY_US
    if not len(made):
        return RollingCalibration(window_d, 0, 0, [], 0, 0, 0)
    first = int(made.min())
    day = (made - first).astype(np.int64)
    p, weight = forecasts.probability, forecasts.weight
    total = _window(weight, day, window_d)
    said, spread = _window(weight * p, day, window_d), _window(weight**2 * p * (1 - p), day, window_d)
    is_known = _window(np.ones(len(p)), day, window_d) > 0  # whole numbers: no sum of weights that is nearly nothing
    allowed = np.maximum(_Z * np.sqrt(np.maximum(spread, 0)), GAP_MIN * total)

    def followed(is_late: Flags) -> tuple[Floats, list[tuple[int, int]]]:
        beyond = _window(weight * is_late, day, window_d) - said
        return beyond, _stretches(is_known & (np.abs(beyond) > allowed))

    beyond, found = followed(forecasts.is_late)
    gap = np.divide(beyond, total, out=np.zeros(len(total)), where=is_known)
    worlds = [followed(row < p)[1] for row in drawn]
    return RollingCalibration(
        window_d=window_d,
        days=len(total),
        off_days=_length(found),
        episodes=[_rolling_episode(one, first, gap) for one in found],
        longest_d=_longest(found),
        off_days_by_chance=_usual([_length(one) for one in worlds]),
        longest_by_chance_d=_usual([_longest(one) for one in worlds]),
    )


def _window(values: Floats, day: Times, window_d: int) -> Floats:
    """Return the sum over each day and those before it in the window."""
    upto: Floats = np.cumsum(np.bincount(day, values, int(day.max()) + 1), dtype=np.float64)
    out = upto.copy()
    out[window_d:] -= upto[:-window_d]
    return out


def _stretches(is_off: Flags) -> list[tuple[int, int]]:
    """Return first day off and first day back, by stretch; one not over yet ends after the last day."""
    found: list[tuple[int, int]] = []
    for day in np.flatnonzero(is_off).tolist():
        if found and day - found[-1][1] < BACK_D:
            found[-1] = (found[-1][0], day + 1)
        else:
            found.append((day, day + 1))
    return found


def _length(found: Sequence[tuple[int, int]]) -> int:
    return sum(back - left for left, back in found)


def _longest(found: Sequence[tuple[int, int]]) -> int:
    return max((back - left for left, back in found), default=0)


def _usual(values: list[int]) -> int:
    """Return the value that all but the largest twentieth do not exceed; 0 without any."""
    return sorted(values)[int(CHANCE_SHARE * len(values))] if values else 0


def _rolling_episode(stretch: tuple[int, int], first: int, gap: Floats) -> DriftEpisode:
    left, back = stretch
    until = _text(first + back) if back + BACK_D <= len(gap) else None
    return DriftEpisode(_text(first + left), until, back - left, float(max(gap[left:back].tolist(), key=abs)))


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
    return _text(block * BLOCK_D)


def _text(day: int) -> str:
    return local_text(day * DAY_US)[:10]
