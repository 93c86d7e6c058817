"""When a probability becomes a warning, and when a warning is taken back (R05)."""

from enum import Enum

from radar.rules import PredictionRules


class Decision(Enum):
    """What to do with a prediction."""

    RAISE = "raise"
    KEEP = "keep"
    WITHDRAW = "withdraw"


def decide(rules: PredictionRules, late_probability: float, lead_us: int, *, is_standing: bool) -> Decision:
    """Return what a prediction asks for.

    Two thresholds by horizon beat any single one (EVALUATION: first-alarm policies): early on, only the
    sure cases; at the lead and inside it, whatever is more likely than the cost of acting allows. A standing
    warning is withdrawn only below a lower threshold, so that noise does not make it flap.

    Args:
        rules: The thresholds.
        late_probability: P(late), 0..1.
        lead_us: Promise minus now.
        is_standing: Whether the order's warning is open.
    """
    if is_standing:
        return Decision.WITHDRAW if late_probability < rules.withdraw_below else Decision.KEEP
    threshold = rules.raise_early if lead_us > rules.lead_us else rules.raise_at_lead
    return Decision.RAISE if late_probability >= threshold else Decision.KEEP
