"""When a probability becomes a warning, and when a warning is taken back (R05)."""

from enum import Enum

from radar.rules import PredictionRules

MEAN_WEIGHT = 0.4
"""Weight of the newest prediction in the mean that confirms an early warning. Source: docs/early-warning.md."""


class Decision(Enum):
    """What to do with a prediction."""

    RAISE = "raise"
    KEEP = "keep"
    WITHDRAW = "withdraw"


def decide(
    rules: PredictionRules,
    late_probability: float,
    lead_us: int,
    *,
    is_standing: bool,
    mean: float = 0.0,
    at_lead: float | None = None,
) -> Decision:
    """Return what a prediction asks for.

    Two thresholds by horizon beat any single one (EVALUATION: first-alarm policies): early on, only the
    sure cases, and where the rules say so only those that the mean of all predictions confirms; at the lead and inside
    it, whatever is more likely than the cost of acting allows. A standing warning is withdrawn only below a lower
    threshold, so that noise does not make it flap; never while it would be raised anew.

    Args:
        rules: The thresholds.
        late_probability: P(late), 0..1.
        lead_us: Promise minus now.
        is_standing: Whether the order's warning is open.
        mean: Of the order's predictions, the newest weighing ``MEAN_WEIGHT``.
        at_lead: The threshold at the lead as learned (``radar.lead_thresholds``); None takes the rules' own.
    """
    is_early = lead_us > rules.decision_us
    threshold = rules.raise_early if is_early else rules.raise_at_lead if at_lead is None else at_lead
    if is_standing:
        is_over = late_probability < min(rules.withdraw_below, threshold)
        return Decision.WITHDRAW if is_over else Decision.KEEP
    is_confirmed = not (is_early and rules.is_confirmed) or mean >= threshold
    return Decision.RAISE if late_probability >= threshold and is_confirmed else Decision.KEEP
