"""How much of a place's capacity is left in the steps ahead, by what is known to stand in its way.

Two kinds of news. A *forecast* says from when to when an area is hindered and how badly; what such forecasts cost in
throughput is learned by severity, from a prior that the rules name. The *couriers* say what they can take now, which
against the most they ever took is what is left. While a forecast trouble rises the darker of the two counts, later
what the couriers say; once it is over the place recovers gradually. Without a forecast what the couriers say fades
like any disturbance.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Protocol

import numpy as np

from radar.instant import HOUR_US, Instant
from radar.learning.curves import MIDDLES_H
from radar.learning.local_days import Floats
from radar.learning.queues import RECOVERY_H

RISING_H, SHOWN_H, CLEARING_H = 12.0, 3.0, 6.0
"""How long a trouble takes to show wholly, and so far that it teaches what it costs; time constant of the recovery
after its end. Source: docs/prediction.md."""
PRIOR_ORDERS = 500.0
"""Orders expected at hindered places whose evidence weighs as much as the severity's prior."""
WORTH_HALF_LIFE, TOLD_HALF_LIFE = 60.0, 30.0
"""Days."""
HOLDS_H = 24.0
"""How long what couriers say holds before it fades, where no forecast names an end. Source: docs/prediction.md."""
FIRST_VISITS = 0.96
"""Of a round's parcels, those that go out for the first time. Assumption: some come back, few of a storm."""
FELT_LOSS = 0.03
"""A smaller loss is none."""


class StretchLike(Protocol):
    """Capacity missing for some time (``radar.conditions.ahead.Stretch``)."""

    @property
    def from_at(self) -> Instant:
        """From when."""

    @property
    def until_at(self) -> Instant:
        """Until when."""

    @property
    def loss(self) -> float:
        """Share missing, as said."""

    @property
    def is_sure(self) -> bool:
        """Whether so much is missing and not only feared."""

    @property
    def turns_back(self) -> bool:
        """Whether what is on the way turns back."""


class AreaLike(Protocol):
    """What is known of an area's couriers."""

    @property
    def stretches(self) -> Sequence[StretchLike]:
        """What is forecast or closed."""

    @property
    def capacity(self) -> float | None:
        """Parcels they can take now."""

    @property
    def said_at(self) -> Instant:
        """Since when."""


class AheadLike(Protocol):
    """What stands in the way of the places ahead."""

    @property
    def areas(self) -> Mapping[str, AreaLike]:
        """By area."""

    def closed(self, way: str) -> Sequence[StretchLike]:
        """Of a way, ``origin-area``."""


class Hindrances:
    """What was learned of forecasts and of couriers."""

    def __init__(self) -> None:
        self.worth: dict[float, tuple[float, float]] = {}
        """By the share a forecast says is lost: decayed orders expected at such places, and those of them missing."""
        self.told: dict[str, float] = {}
        """By area: the most the couriers said they can take on a round, decayed."""
        self.feared: dict[str, float] = {}
        """By area: the share that forecasts said is lost in the step after the last one."""

    def fade(self, days: float) -> None:
        """Let older lessons count less."""
        factor = 0.5 ** (days / WORTH_HALF_LIFE)
        self.worth = {key: (count * factor, missing * factor) for key, (count, missing) in self.worth.items()}
        factor = 0.5 ** (days / TOLD_HALF_LIFE)
        self.told = {area: most * factor for area, most in self.told.items()}

    def passed(self, area: str, expected: float, through: float) -> None:
        """Learn from a step at an area under a forecast: orders that should be through undisturbed, and that were."""
        said = self.feared.get(area)
        if said is not None and expected > 0:
            count, missing = self.worth.get(said, (0.0, 0.0))
            self.worth[said] = count + expected, max(0.0, missing + expected - through)

    def loss_of(self, said: float) -> float:
        """Return the share of the throughput that forecasts of a severity cost."""
        count, missing = self.worth.get(said, (0.0, 0.0))
        return min(1.0, (said * PRIOR_ORDERS + missing) / (PRIOR_ORDERS + count))

    def look(self, ahead: AheadLike, at: Instant, known: Container[str]) -> None:
        """Take note of what the couriers say, and of what is feared for the step that begins.

        Args:
            ahead: What stands in the way.
            at: As of when.
            known: Areas whose couriers are followed; others are passed over.
        """
        self.feared = {}
        for name, area in ahead.areas.items():
            if name not in known:
                continue
            if area.capacity is not None:
                self.told[name] = max(self.told.get(name, 0.0), area.capacity)
            shown = at - int(SHOWN_H * HOUR_US)
            fears = [one for one in area.stretches if one.from_at <= shown and one.until_at > at and not one.is_sure]
            if fears:
                self.feared[name] = max(one.loss for one in fears)

    def left_at(self, name: str, area: AreaLike, at: Instant) -> Floats | None:
        """Return what is left of an area's couriers, step by step from ``at`` on; None where nothing hinders them."""
        left = np.ones(len(MIDDLES_H))
        now = self._now(name, area)
        is_forecast = False
        for one in area.stretches:
            loss = one.loss if one.is_sure else self.loss_of(one.loss)
            if loss < FELT_LOSS:
                continue
            is_forecast = True
            rest = 1.0 - loss
            if now is not None and area.said_at >= one.from_at:
                is_rising = area.said_at - one.from_at < RISING_H * HOUR_US
                rest = min(now, rest) if is_rising else now
            left = np.minimum(left, _stretch(one, rest, at))
        if now is not None and now < 1.0 and not is_forecast:
            fading = np.exp(-np.maximum(MIDDLES_H - HOLDS_H, 0.0) / RECOVERY_H)
            left = np.minimum(left, 1 - (1 - now) * fading)
        return left if left.min() < 1 - FELT_LOSS else None

    def _now(self, name: str, area: AreaLike) -> float | None:
        most = self.told.get(name, 0.0)
        return None if area.capacity is None or most <= 0 else min(1.0, area.capacity / most)


def left_on_way(closed: Sequence[StretchLike], at: Instant, end_h: float | None = None) -> Floats | None:
    """Return what closures leave of a way, step by step from ``at`` on; None where none is closed.

    Args:
        closed: The closures.
        at: As of when.
        end_h: Hours until the way is expected to be open; None: as was said.
    """
    if not closed:
        return None
    left = np.ones(len(MIDDLES_H))
    for one in closed:
        from_h, until_h = _hours(one, at)
        until_h = until_h if end_h is None or from_h > 0 else end_h
        left = np.minimum(left, np.where((from_h <= MIDDLES_H) & (until_h > MIDDLES_H), 1.0 - one.loss, 1.0))
    return left if left.min() < 1 - FELT_LOSS else None


def _stretch(one: StretchLike, rest: float, at: Instant) -> Floats:
    from_h, until_h = _hours(one, at)
    after = 1 - (1 - rest) * np.exp(-np.maximum(MIDDLES_H - until_h, 0.0) / CLEARING_H)
    result: Floats = np.where(from_h <= MIDDLES_H, np.where(until_h > MIDDLES_H, rest, after), 1.0)
    return result


def _hours(one: StretchLike, at: Instant) -> tuple[float, float]:
    return (one.from_at - at) / HOUR_US, (one.until_at - at) / HOUR_US
