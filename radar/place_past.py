"""What a place was asked for and did, day by day: the past that its next days are expected from."""

from collections.abc import Sequence
from math import erf, sqrt

import msgspec
import numpy as np

from radar.instant import EARLIEST, Instant
from radar.load_known import DAYS, Floats
from radar.throughput import WEEKS

HALF_LIFE_DAYS = 28
BELIEF_DAYS, SHARE_RANGE = 3.0, (0.25, 2.0)
"""Usual days for which an expectation is believed as it is, and how far what usually comes of it may correct it."""
BEFORE_MAX, BEFORE_MIN = 50, 0.02
"""Places before a place whose shares are kept, and the least share that is."""
MEMORY = 500
"""Orders by which the usual time to a place is known."""


class DayLoad(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One day of one place."""

    day_at: Instant
    load: float
    """Orders to do that day, those left over from the day before included."""
    capacity: float
    zone: str = "UTC"
    """Whose midnight it begins at."""


class Place(msgspec.Struct, array_like=True):
    """Throughput, pattern, plan and standing warning."""

    version: int
    today: int = 0
    done: list[list[int]] = msgspec.field(default_factory=lambda: [[] for _ in range(7)])
    """Throughput of the last weeks, by weekday."""
    pattern: list[float] = msgspec.field(default_factory=lambda: [0.0] * 7)
    days: int = 0
    weight: float = 0.0
    lead_days: float = 0.0
    """Mean time from the placement to here, in days, and the mean of its square."""
    lead_square: float = 0.0
    plan: tuple[DayLoad, ...] = ()
    raised_at: Instant = EARLIEST
    sequence: int = 0
    said_at: Instant = EARLIEST
    """Day that the standing warning names, and how much of its capacity it asks for."""
    said_ratio: float = 0.0
    made: list[list[float]] = msgspec.field(default_factory=list)
    """What the last epochs expected to come on each of the days ahead, the latest last."""
    came: list[list[float]] = msgspec.field(default_factory=lambda: [[0.0, 0.0] for _ in range(DAYS)])
    """By days ahead: decayed sums of what did come, and of what was expected."""
    held: list[list[int]] = msgspec.field(default_factory=lambda: [[] for _ in range(7)])
    """Orders held at the ends of the last days, by weekday."""
    before: dict[str, float] = msgspec.field(default_factory=dict)
    """Places its orders came from, "" for none: decayed counts."""
    lately: list[int] = msgspec.field(default_factory=list)
    """What it did on the last days, the latest last."""
    filled: list[list[float]] = msgspec.field(default_factory=list)
    """As ``made``, with what usually comes beside it."""
    until: list[list[float]] = msgspec.field(default_factory=lambda: [[0.0, 0.0] for _ in range(DAYS)])
    """As ``came``, of all days until then, and of what was filled."""
    told: float = 0.0
    """The most its couriers ever said they can take on a round, decayed."""
    is_notice: bool = False
    """Whether the standing warning is a notice alone: nobody knows the limit."""

    def count(self, lead_days: float, before: str) -> None:
        """Count an order that it is done with, placed so long ago, from the place before ("" for none)."""
        self.today += 1
        self.weight += 1
        seen = min(self.weight, MEMORY)
        self.lead_days += (lead_days - self.lead_days) / seen
        self.lead_square += (lead_days * lead_days - self.lead_square) / seen
        if before in self.before or len(self.before) < BEFORE_MAX:
            self.before[before] = self.before.get(before, 0.0) + 1

    def close_day(self, weekday: int, planned: float, held: int) -> None:
        """Let the day enter the past, freed from the peak that was planned for it."""
        self._compare()
        self.days += 1
        self.today = round(self.today / planned) if planned > 0 else 0
        self.done[weekday] = [*self.done[weekday], self.today][-WEEKS:]
        self.held[weekday] = [*self.held[weekday], held][-WEEKS:]
        weeks = len(self.done[weekday])
        share = max(1 - 0.5 ** (7 / HALF_LIFE_DAYS), 1 / weeks)
        self.pattern[weekday] += share * (self.today - self.pattern[weekday])
        self.today = 0
        fade = 0.5 ** (1 / HALF_LIFE_DAYS)
        least = BEFORE_MIN * sum(self.before.values())
        self.before = {key: count * fade for key, count in self.before.items() if count >= least}

    def lies(self, held: int) -> float:
        """Return how many of the orders held there are more than usual: some networks tell nothing on the way."""
        past = sorted(one for days in self.held for one in days)
        return float(max(0, held - past[len(past) // 2])) if past else 0.0

    def _compare(self) -> None:
        """Learn what came on the day, and until its end, of all that was expected on the days before."""
        self.lately = [*self.lately, self.today][-DAYS:]
        done = 0.0
        past = zip(reversed(self.made), reversed(self.filled), reversed(self.lately), strict=False)
        for ahead, (made, filled, one) in enumerate(past):
            done += one
            _add(self.came[ahead], self.today, made[ahead])
            _add(self.until[ahead], done, sum(filled[: ahead + 1]))

    def fill(self, made: Floats, usual: Floats) -> Floats:
        """Return what is expected on each day and what usually comes beside it: not all orders say where they go.

        Args:
            made: What is expected.
            usual: What is usual of these weekdays.
        """
        beside = [max(0.0, came - expected) / max(came, 1.0) for came, expected in self.came]
        return made + np.array(beside) * usual

    def corrected(self, filled: Floats) -> Floats:
        """Return what comes on each day, by what usually came of such expectations until its end."""
        shares = np.array([self._usual_share(ahead) for ahead in range(DAYS)])
        until = np.maximum.accumulate(np.cumsum(filled) * shares)
        until[1:] -= until[:-1].copy()
        return until

    def _usual_share(self, ahead: int) -> float:
        """Return how much of what is expected until the end of a day so far ahead usually comes by then."""
        came, expected = self.until[ahead]
        belief = BELIEF_DAYS * (ahead + 1) * sum(self.pattern) / 7
        if expected + belief <= 0:
            return 1.0
        return min(SHARE_RANGE[1], max(SHARE_RANGE[0], (came + belief) / (expected + belief)))

    def to_come(self, peaks: Sequence[float]) -> Floats:
        """Return the orders not placed yet that reach a place on each day, as a share of the usual ones of that day.

        Args:
            peaks: Factor of each day on which they may be placed.
        """
        spread = sqrt(max(0.04, self.lead_square - self.lead_days**2)) * sqrt(2)
        until = [(1 + erf((back + 0.5 - self.lead_days) / spread)) / 2 for back in range(DAYS)]
        after = [one - before for one, before in zip(until, [0.0, *until], strict=False)]
        return np.convolve(peaks, after)[:DAYS]


def _add(sums: list[float], came: float, expected: float) -> None:
    fade = 0.5 ** (1 / HALF_LIFE_DAYS)
    sums[:] = sums[0] * fade + came, sums[1] * fade + expected
