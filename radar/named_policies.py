"""Warning policies by name: the trade of recall against precision, chosen without touching the rules file."""

import msgspec

from radar.errors import InputError
from radar.rules import Rules

RULES_OWN = "rules"
"""The policy that leaves the rules as they are."""


def with_policy(rules: Rules, name: str) -> Rules:
    """Return the rules under one of their named policies.

    Raises:
        InputError: There is no policy of that name.
    """
    if name == RULES_OWN:
        return rules
    policy = rules.policies.get(name)
    if policy is None:
        allowed = f"allowed: {', '.join((RULES_OWN, *rules.policies))}"
        raise InputError.at("--policy", "", f"{name!r} is no policy", allowed)
    prediction = msgspec.structs.replace(rules.prediction, **msgspec.structs.asdict(policy))
    return msgspec.structs.replace(rules, prediction=prediction)
