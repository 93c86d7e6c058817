"""What other thresholds would have done: first alarms from the probabilities recorded at each check.

Two fixed thresholds: one for the checks before the lead, one for those at it and inside it. Only the scheduled checks
count here; the radar also looks at an order when a milestone is reached, and may know more then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from radar.instant import HOUR_US
from radar.scoring import NEVER_US, Alarms, Draws, Floats, Scorebook, Terms, policy_figures
from radar.scoring_probability import Forecasts

EARLY_THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 1.01)
"""The last one never warns early."""
LEAD_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8)
WITHDRAW_BELOW = 0.15
"""Under this at a later check an alarm counts as withdrawn: the hysteresis of the packaged rules."""
COST_STEPS = 50


class PolicyPoint(msgspec.Struct, frozen=True):
    """What one pair of thresholds would have done."""

    early: float
    at_lead: float
    alert_share: float
    precision36: float
    recall36: float
    lead_median_h: float
    withdrawn_share: float
    cost: float


class CostPoint(msgspec.Struct, frozen=True):
    """What one threshold at every check would have cost per order."""

    threshold: float
    alert_share: float
    cost: float


@dataclass(frozen=True, slots=True)
class CheckTable:
    """The probabilities of the scored orders at each check."""

    horizons_h: Floats
    """Hours before the promise, descending."""
    probability: Floats
    """Shape (orders, checks); NaN where the order was not open."""

    @classmethod
    def of(cls, orders: int, forecasts: Sequence[tuple[float, Forecasts]]) -> "CheckTable":
        """Return the table of some checks, each with its horizon in hours."""
        ranked = sorted(forecasts, key=lambda one: -one[0])
        probability = np.full((orders, len(ranked)), np.nan)
        for column, (_, one) in enumerate(ranked):
            probability[one.places, column] = one.probability
        return cls(np.array([hours for hours, _ in ranked], np.float64), probability)


def first_alarms(book: Scorebook, checks: CheckTable, early: float, at_lead: float, lead_h: float) -> Alarms:
    """Return the first alarm of each order under two thresholds, and its withdrawal."""
    if not len(checks.horizons_h):
        return Alarms(np.full(len(book), NEVER_US), np.full(len(book), NEVER_US))
    thresholds = np.where(checks.horizons_h > lead_h, early, at_lead)
    hits = checks.probability >= thresholds  # false where there is no probability
    first = np.argmax(hits, axis=1)
    is_later = np.arange(len(thresholds)) > first[:, None]
    falls = is_later & (checks.probability < WITHDRAW_BELOW)
    ahead_us = np.round(checks.horizons_h * HOUR_US).astype(np.int64)
    is_warned, is_withdrawn = hits.any(axis=1), hits.any(axis=1) & falls.any(axis=1)
    warned = np.where(is_warned, book.promise - ahead_us[first], NEVER_US)
    return Alarms(warned, np.where(is_withdrawn, book.promise - ahead_us[np.argmax(falls, axis=1)], NEVER_US))


def policy_grid(book: Scorebook, checks: CheckTable, terms: Terms) -> list[PolicyPoint]:
    """Return what every pair of thresholds would have done."""
    points = []
    for early in EARLY_THRESHOLDS:
        for at_lead in LEAD_THRESHOLDS:
            found = _plain_figures(book, first_alarms(book, checks, early, at_lead, terms.lead_h), terms)
            points.append(PolicyPoint(early, at_lead, *(found[name] for name in PolicyPoint.__struct_fields__[2:])))
    return points


def cost_curve(book: Scorebook, checks: CheckTable, terms: Terms) -> list[CostPoint]:
    """Return the expected cost per order of one threshold at every check, for thresholds from 0 to beyond 1."""
    points = []
    for step in range(COST_STEPS + 2):
        threshold = step / COST_STEPS
        found = _plain_figures(book, first_alarms(book, checks, threshold, threshold, terms.lead_h), terms)
        points.append(CostPoint(threshold, found["alert_share"], found["cost"]))
    return points


def _plain_figures(book: Scorebook, alarms: Alarms, terms: Terms) -> dict[str, float]:
    draws: Draws = np.ones((1, len(book)), np.uint8)
    return {name: one.value or 0.0 for name, one in policy_figures(book, alarms, draws, terms).items()}
