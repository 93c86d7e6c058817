"""The next days of all places together: what comes to each, what it can do of it, and what it so keeps from the next.

Theory of operation. Places are planned in the sequence in which an order meets them. Orders come on the days on which
they usually would, later by what they wait at the places before: a plant that is full sends no more than it makes,
however much is ordered. What a day cannot do is left for the next one. A place that was never seen at its limit passes
on somewhat more than it ever did.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radar.load_known import DAYS, DOORS, LATER, Door, Floats, Known

PASSES = 1.25
"""What a place whose limit nobody knows passes on, as a multiple of the most it did. Source: docs/prediction.md."""
_SOME = 1e-6
"""Orders that come every day at least: how long they would wait is asked of days on which nobody comes, too."""


@dataclass(slots=True)
class Outlook:
    """What is known of a place's next days."""

    new: Floats
    """Orders not placed yet, on the days on which they usually come."""
    fill: Callable[[Floats], Floats]
    """Adds what usually comes beside an expectation, by day."""
    comes: Callable[[Floats], Floats]
    """What then usually comes of it."""
    lies: float
    """Orders that lay there for a day already, more than usual: whatever becomes of such, they are to do."""
    can: Floats
    """Orders it can do on each day."""
    is_limit: bool
    """Whether that is known to be its limit; else it may be able to do more."""
    before: Mapping[str, tuple[float, int]]
    """Places its orders come from: the share, and the days between the two."""


@dataclass(slots=True)
class Planned:
    """What was found for a place."""

    made: Floats
    """Expected to come on each day."""
    filled: Floats
    """The same, with what usually comes beside it."""
    load: Floats
    """To do on each day, what the days before could not do included."""


class LoadPlan:
    """The places of one epoch, planned one kind after the other."""

    def __init__(self, known: Known, outlooks: Mapping[str, Outlook]) -> None:
        self.planned: dict[str, Planned] = {}
        self._outlooks = outlooks
        self._known = known
        self._new_later: dict[str, Floats] = {}
        """Place -> (days, LATER): chance that the places so far make a new order which usually passes on a day so many
        days later; none where all are on time."""
        through = np.zeros((len(known.counts), DAYS))
        """(groups, days): how likely an order passes the last door planned so far on each day."""
        passed = None
        for kind, stage in DOORS.items():
            if stage is not passed:
                through = _next(through, known.doors[stage])
                passed = stage
            through = self._plan_kind(kind, through)

    def _plan_kind(self, kind: str, ends: Floats) -> Floats:
        """Plan the places of a kind to which orders come on days; returns on which they are let go."""
        result = ends.copy()
        for key in sorted(key for key in self._outlooks if key.startswith(kind)):
            groups, shares = self._known.at.get(key, (np.zeros(0, np.int64), np.zeros(0)))
            here = shares[:, None] * ends[groups]
            waits = self._plan(key, self._known.counts[groups] @ here)
            if waits is not None:
                np.add.at(result, groups, here @ _shifted(waits) - here)
        return result

    def _plan(self, key: str, known: Floats) -> Floats | None:
        """Plan a place; returns how much later it lets orders go that come on each day, None when it lets them all."""
        outlook = self._outlooks[key]
        later = self._later_before(outlook)
        made = known + (outlook.new if later is None else (outlook.new[:, None] * _shifted(later)).sum(0))
        passes = outlook.can if outlook.is_limit else outlook.can * PASSES
        filled = outlook.fill(made)
        comes = outlook.comes(filled)
        comes[0] = max(comes[0], outlook.lies)
        load, waits = worked(made, comes, passes)
        self.planned[key] = Planned(made, filled, load)
        if waits is not None:
            self._new_later[key] = waits if later is None else _then(later, waits)
        elif later is not None:
            self._new_later[key] = later
        return waits

    def _later_before(self, outlook: Outlook) -> Floats | None:
        """Return how much later new orders come to a place that usually come on each day, None when all are on time."""
        found = None
        for key, (share, lag) in sorted(outlook.before.items()):
            if key in self._new_later:
                found = _on_time(DAYS) if found is None else found
                before = self._new_later[key][np.maximum(np.arange(DAYS) - lag, 0)]
                found += share * (before - _on_time(DAYS))
        return found


def worked(made: Floats, comes: Floats, can: Floats) -> tuple[Floats, Floats | None]:
    """Return what a place has to do on each day, and how much later it lets orders go: first come, first served.

    Args:
        made: (days,) orders that usually would come.
        comes: (days,) orders that are expected to, by what became of such expectations.
        can: (days,) orders it can do.

    Returns:
        Load (days,), what the day before left included; (days, LATER) the chance that an order which usually would come
        on a day goes so many days later, None when each day does what comes on it.
    """
    ahead = np.concatenate([can, np.full(DAYS, can.mean())])
    left, loads, done = 0.0, [], []
    for come, most in zip([*comes.tolist(), *[0.0] * DAYS], ahead.tolist(), strict=True):
        load = left + come
        left = max(0.0, load - most)
        loads.append(load)
        done.append(load - left)
    load = np.array(loads[:DAYS])
    if (load <= can).all():
        return load, None
    usual = made + _SOME
    usual *= max(_SOME, float(comes.sum())) / usual.sum()
    arrived = np.concatenate([[0.0], np.cumsum(usual)])
    # Nobody goes before the usual day, however much more is expected of the first days.
    latest = np.concatenate([arrived[1:], np.full(DAYS, arrived[-1])])
    gone = np.concatenate([[0.0], np.minimum(np.cumsum(done), latest)])
    both = np.minimum(arrived[1:, None], gone[1:]) - np.maximum(arrived[:-1, None], gone[:-1])
    shares = np.maximum(both, 0.0) / usual[:, None]
    waits = np.array([shares[day, day : day + LATER] for day in range(DAYS)])
    waits[:, -1] += np.maximum(0.0, 1 - waits.sum(1))
    return load, waits


def _on_time(count: int) -> Floats:
    found = np.zeros((count, LATER))
    found[:, 0] = 1.0
    return found


def _shifted(later: Floats) -> Floats:
    """Return (days, days): of orders that usually come on a day, how many come on each."""
    found = np.zeros((DAYS, DAYS))
    for day in range(DAYS):
        found[day, day:] = later[day, : DAYS - day]
    return found


def _next(through: Floats, door: Door) -> Floats:
    """Return on which days the groups pass a door, of those on which they pass the one before."""
    is_matter: NDArray[np.bool_] = (door.first + door.between[:, :DAYS]).sum(axis=1) > 0
    found = np.where(is_matter[:, None], door.first, through)
    for days in range(DAYS):
        found[:, days:] += door.between[:, days : days + 1] * through[:, : DAYS - days]
    return found


def _then(later: Floats, waits: Floats) -> Floats:
    """Return how much later new orders go which come later by ``later`` to a place that makes them wait by day."""
    found = np.zeros_like(later)
    for days in range(LATER):
        at = np.minimum(np.arange(DAYS) + days, DAYS - 1)
        found[:, days:] += later[:, days : days + 1] * waits[at][:, : LATER - days]
    found[:, -1] += 1 - found.sum(1)
    return found
