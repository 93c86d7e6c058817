"""How good the best possible early warning is, counted from many futures of every order.

Two questions of the same futures. *What happened*: the share of futures in which an order is late is its chance, and
what came true is judged by it. *What can be expected*: every future in turn is what came true, and the others are the
chance, so one luck of a scenario counts as often as there are futures. Both take the chance from finitely many
futures, which blurs the ranking: they come out too low, and the less so the more futures there are (``limit``).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Votes = NDArray[np.int64]
Sums = NDArray[np.int64]


class Futures(NamedTuple):
    """Some orders with a scenario and without it: what came true, shape (orders,), and the futures."""

    late: Flags
    usual_late: Flags
    ahead: Flags
    """(futures, orders): late with the scenario."""
    usual_ahead: Flags
    """(futures, orders): late without it, the same luck to come."""


class Curve(NamedTuple):
    """Counts of the alarms of every threshold, from ``levels`` votes down to one."""

    levels: int
    orders: int
    late: int
    caused: int
    alarms: Sums
    hits: Sums
    caused_hits: Sums
    about: Sums
    """Alarms that would not be raised without the scenario."""
    about_hits: Sums

    def plus(self, other: "Curve") -> "Curve":
        """Return the counts of both together."""
        assert self.levels == other.levels, "votes of as many futures"
        return Curve(
            self.levels,
            self.orders + other.orders,
            self.late + other.late,
            self.caused + other.caused,
            self.alarms + other.alarms,
            self.hits + other.hits,
            self.caused_hits + other.caused_hits,
            self.about + other.about,
            self.about_hits + other.about_hits,
        )

    def recall_at(self, precision: float) -> float:
        """Return the largest share of the late orders found at a precision."""
        return _best(self.hits, self.hits - precision * self.alarms) / max(1, self.late)

    def caused_recall_at(self, precision: float) -> float:
        """Return the largest share of what is late because of the scenario, at a precision of its alarms."""
        return _best(self.caused_hits, self.about_hits - precision * self.about) / max(1, self.caused)

    def caused_precision_at(self, recall: float) -> float | None:
        """Return the best precision of the scenario's alarms at a recall; None where not one vote is enough for it."""
        wanted = recall * self.caused
        index = int(np.searchsorted(self.caused_hits, wanted))
        if index == len(self.caused_hits):
            return None
        before = self.caused_hits[index - 1] if index else 0
        place = index + (wanted - before) / (self.caused_hits[index] - before)
        levels = np.arange(self.levels + 1)
        hits, alarms = (np.interp(place, levels, [0, *sums]) for sums in (self.about_hits, self.about))
        return float(hits / alarms) if alarms else None

    def at(self, chance: float) -> tuple[float, float]:
        """Return precision and recall of the scenario's own alarms and late orders at a fixed chance."""
        index = self.levels - int(np.ceil(chance * self.levels - 1e-9))
        recall = float(self.caused_hits[index]) / max(1, self.caused)
        return float(self.about_hits[index]) / max(1, int(self.about[index])), recall

    @property
    def average_precision(self) -> float:
        """Return the average precision over all late orders."""
        steps = np.diff(self.hits, prepend=0)
        found = steps * self.hits / np.maximum(1, self.alarms)
        return float(found.sum()) / max(1, self.late)


def curve(votes: Votes, usual_votes: Votes, late: Flags, usual_late: Flags, levels: int) -> Curve:
    """Return the counts of every threshold on votes; an order is late because of it as in ``twin.caused``."""
    more = late & ~usual_late
    both = np.minimum(votes, usual_votes)

    def sums(which: Votes, weight: Flags | None = None) -> Sums:
        per_level = np.bincount(which if weight is None else which[weight], minlength=levels + 1)
        return np.cumsum(per_level[:0:-1])

    alarms, hits = sums(votes), sums(votes, late)
    return Curve(
        levels,
        len(late),
        int(late.sum()),
        int(more.sum()),
        alarms,
        hits,
        sums(votes, more),
        alarms - sums(both),
        hits - sums(both, late),
    )


def happened(futures: Futures) -> Curve:
    """Return the counts against what came true."""
    votes, usual = futures.ahead.sum(axis=0), futures.usual_ahead.sum(axis=0)
    return curve(votes, usual, futures.late, futures.usual_late, len(futures.ahead))


def expected(futures: Futures, count: int) -> Curve:
    """Return the counts against each of the first ``count`` futures in turn, by the votes of the others."""
    ahead, usual_ahead = futures.ahead[:count], futures.usual_ahead[:count]
    votes, usual = ahead.sum(axis=0), usual_ahead.sum(axis=0)
    total: Curve | None = None
    for late, usual_late in zip(ahead, usual_ahead, strict=True):
        one = curve(votes - late, usual - usual_late, late, usual_late, count - 1)
        total = one if total is None else total.plus(one)
    assert total is not None, "at least two futures"
    return total


def limit(of_half: float, of_all: float) -> float:
    """Return what endlessly many futures would give, when what is missing halves with twice as many (Richardson)."""
    return min(1.0, 2 * of_all - of_half)


def _best(found: Sums, margin: NDArray[np.float64]) -> float:
    """Return what is found where the margin was last not negative, a part of the next level's ties included."""
    good = np.flatnonzero(margin >= 0)
    if not len(good):
        return 0.0
    last = int(good[-1])
    if last + 1 == len(found):
        return float(found[last])
    part = margin[last] / (margin[last] - margin[last + 1])
    return float(found[last] + part * (found[last + 1] - found[last]))
