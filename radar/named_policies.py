"""Warning policies by name: the thresholds of the rules file, or one of two known ends of the trade.

Source: the first-alarm policies of the evaluation's anchors, scored daily from T-228 h. One threshold throughout is
precise (7.2 % of orders alarmed, recall 0.76 on the anchors' data); a lower one at the lead finds nearly all
(9.9 % alarmed, recall 0.97).
"""

import msgspec

from radar.errors import InputError
from radar.rules import Rules

RULES_OWN = "rules"
"""The policy that leaves the rules as they are."""

_THRESHOLDS: dict[str, tuple[float, float]] = {"precise": (0.75, 0.75), "high-recall": (0.75, 0.40)}
"""Name -> (raise early, raise at the lead)."""

POLICIES = (RULES_OWN, *_THRESHOLDS)


def with_policy(rules: Rules, name: str) -> Rules:
    """Return the rules under a named policy.

    Raises:
        InputError: There is no policy of that name.
    """
    if name == RULES_OWN:
        return rules
    if name not in _THRESHOLDS:
        raise InputError.at("--policy", "", f"{name!r} is no policy", f"allowed: {', '.join(POLICIES)}")
    early, at_lead = _THRESHOLDS[name]
    withdraw_below = min(rules.prediction.withdraw_below, early, at_lead)
    prediction = msgspec.structs.replace(
        rules.prediction, raise_early=early, raise_at_lead=at_lead, withdraw_below=withdraw_below
    )
    return msgspec.structs.replace(rules, prediction=prediction)
