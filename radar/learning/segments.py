"""Decayed sums by segment: state, lane, postcode district, supplier.

Two kinds of sums stand side by side in a segment's row: log transit days of its deliveries (with their number), and
observed and expected deliveries at three half-lives. Sums fade lazily: a row keeps the day it was last written and is
brought up to date when it is read, so an epoch touches and stores only the segments that had orders. A segment whose
sums have faded to nothing leaves, so the rows are bounded by what is alive, not by what ever was.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from radar.learning.local_days import Floats, Ints

AREA, LANE, DISTRICT, SUPPLIER = range(4)
"""Kinds of segments an order belongs to, in the order of ``KINDS``."""
KINDS = ("area", "lane", "district", "supplier")
KIND_COUNT = len(KINDS)

MEAN_HALF_LIFE = 45.0
"""Days after which a delivery counts half in the mean of its segment. Source: docs/prediction.md, chosen on Olist
promise months March to August 2017; the optimum is flat."""
RATE_HALF_LIVES = (2.0, 7.0, 25.0)
"""Days, from "today" to "this season", of the three observed / expected rates. Source: as above."""
SEGMENTS_MAX = 20_000
"""Segments of a kind; an order of one more stands without it."""
_NEGLIGIBLE = 0.02
"""A segment whose decayed number of deliveries, seen and expected, is below this says nothing."""
_IDLE_DAYS = 60
"""Only segments without news for so long are looked at for leaving."""
_LOOK_DAYS = 7
"""How often it is looked at."""

_FADE = np.array((MEAN_HALF_LIFE,) * 2)
_RATE_FADE = np.array(RATE_HALF_LIVES * 2)


class SegmentRow(msgspec.Struct, array_like=True, frozen=True):
    """A segment as it is stored."""

    version: int
    kind: int
    name: str
    mean_day: float
    mean: tuple[float, float]
    rate_day: float
    rate: tuple[float, float, float, float, float, float]


class DecayedSums:
    """Rows of sums that fade with the days since they were last written."""

    __slots__ = ("_halves", "day", "values")

    def __init__(self, halves: Floats) -> None:
        self.values: Floats = np.zeros((64, len(halves)))
        self.day: Floats = np.zeros(64)
        self._halves = halves

    def grow(self, count: int) -> None:
        """Make room for ``count`` rows."""
        while count > len(self.day):
            self.values = np.concatenate([self.values, np.zeros_like(self.values)])
            self.day = np.concatenate([self.day, np.zeros_like(self.day)])

    def at(self, rows: Ints, day: float) -> Floats:
        """Return rows as they stand on a day."""
        result: Floats = self.values[rows] * np.exp2(-((day - self.day[rows])[:, None]) / self._halves)
        return result

    def add(self, rows: Ints, more: Floats, day: float) -> None:
        """Add to rows, each named once."""
        self.values[rows] = self.at(rows, day) + more
        self.day[rows] = day


class Segments:
    """The segments of one kind by name; row 0 is the unknown one and stays empty."""

    __slots__ = ("_free", "_kind", "dirty", "means", "names", "rates", "rows")

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self.rows: dict[str, int] = {}
        self.names: list[str] = [""]
        self.means = DecayedSums(_FADE)
        self.rates = DecayedSums(_RATE_FADE)
        self.dirty: set[str] = set()
        """Names written or gone since the store last asked."""
        self._free: list[int] = []

    def __len__(self) -> int:
        """Return the number of rows, those without a name included."""
        return len(self.names)

    def row_of(self, name: str, day: float) -> int:
        """Return the row of a segment, made on first use; 0 when there are too many."""
        row = self.rows.get(name)
        if row is None:
            if len(self.rows) >= SEGMENTS_MAX:
                return 0
            row = self._make(name)
            self.rates.day[row] = day
            self.dirty.add(name)
        return row

    def _make(self, name: str) -> int:
        row = self._free.pop() if self._free else len(self.names)
        if row == len(self.names):
            self.names.append(name)
            self.means.grow(row + 1)
            self.rates.grow(row + 1)
        self.names[row] = name
        self.rows[name] = row
        return row

    def add_means(self, rows: Ints, values: Floats, day: float) -> None:
        """Add one value and its count to each row as often as it is named; row 0 takes none."""
        found, counts, sums = _tally(rows, len(self), values)
        self.means.add(found, np.stack([sums[0], counts], 1), day)
        self._touch(found)

    def add_rates(self, rows: Ints, observed: Floats, expected: Floats, day: float) -> None:
        """Add observed and expected deliveries to each row as often as it is named; row 0 takes none."""
        found, _, sums = _tally(rows, len(self), observed, expected)
        self.rates.add(found, np.repeat(np.stack(sums, 1), len(RATE_HALF_LIVES), axis=1), day)
        self._touch(found)

    def forget(self, day: float, in_use: Ints) -> None:
        """Let segments go that have faded and that no order in transit belongs to."""
        if day % _LOOK_DAYS:
            return
        last = np.maximum(self.means.day, self.rates.day)[: len(self)]
        stale = np.flatnonzero((last > 0) & (last <= day - _IDLE_DAYS))
        if not len(stale):
            return
        weight = np.maximum(self.means.at(stale, day)[:, 1], self.rates.at(stale, day)[:, [2, 5]].max(1))
        for row in np.setdiff1d(stale[weight < _NEGLIGIBLE], in_use).tolist():
            name = self.names[row]
            del self.rows[name]
            self._free.append(row)
            for sums in (self.means, self.rates):
                sums.values[row] = 0.0
                sums.day[row] = 0.0
            self.dirty.add(name)

    def stored(self, name: str) -> SegmentRow | None:
        """Return a segment as it is stored, None when it is gone."""
        row = self.rows.get(name)
        if row is None:
            return None
        means, rates = self.means, self.rates
        return SegmentRow(
            version=1,
            kind=self._kind,
            name=name,
            mean_day=float(means.day[row]),
            mean=tuple(means.values[row].tolist()),
            rate_day=float(rates.day[row]),
            rate=tuple(rates.values[row].tolist()),
        )

    def restore(self, stored: SegmentRow) -> None:
        """Take a stored segment back."""
        row = self._make(stored.name)
        self.means.values[row], self.means.day[row] = stored.mean, stored.mean_day
        self.rates.values[row], self.rates.day[row] = stored.rate, stored.rate_day

    def _touch(self, rows: Ints) -> None:
        names = self.names
        self.dirty.update(names[row] for row in rows.tolist())


def _tally(rows: Ints, count: int, *values: Floats) -> tuple[Ints, Floats, Sequence[Floats]]:
    """Return the rows named, how often each, and the sum of each kind of value over each; without row 0."""
    counts = np.bincount(rows, minlength=count)
    counts[0] = 0
    found = np.flatnonzero(counts)
    sums = [np.bincount(rows, one, count)[found].astype(np.float64) for one in values]
    return found, counts[found].astype(np.float64), sums
