"""What an expected extra time does to the chance of being late, beyond anything that was learned in calm times.

A predictor taught by quiet weeks has never seen an order that a closed road will cost four days: asked as if the
promise came four days earlier, it answers with the caution of its calibration. So the extra time acts on its own, by
arithmetic: the order's usual remaining time and its spread, the extra time and half of it as its uncertainty. The rise
of that chance through the extra time is joined to the predictor's as a second, independent way of being late.
"""

from math import erf, hypot, log, sqrt

DOUBT = 0.5
"""Standard deviation of an expected extra time as a share of it: forecasts of repairs and storms are that good.
Assumption; the learned weight of each kind of condition corrects the mean."""
LOG_ODDS_MAX = 12.0


def shifted(late_probability: float, left_us: float, usual_us: float, spread_us: float, extra_us: float) -> float:
    """Return P(late) with an extra time.

    Args:
        late_probability: P(late) without it, above 0 and below 1.
        left_us: Time left until the promise.
        usual_us: Mean of the time such an order usually still needs.
        spread_us: Standard deviation of that time, above 0.
        extra_us: Expected extra time.

    >>> shifted(0.02, left_us=40.0, usual_us=30.0, spread_us=4.0, extra_us=0.0)
    0.02
    >>> shifted(0.02, left_us=40.0, usual_us=30.0, spread_us=4.0, extra_us=120.0) > 0.9
    True
    """
    if extra_us <= 0:
        return late_probability
    calm = _beyond((left_us - usual_us) / spread_us)
    now = _beyond((left_us - usual_us - extra_us) / hypot(spread_us, DOUBT * extra_us))
    rise = max(0.0, now - calm) / max(1.0 - calm, 1e-9)
    return 1.0 - (1.0 - late_probability) * (1.0 - min(rise, 1.0 - 1e-6))


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, bounded."""
    if probability <= 0.0:
        return -LOG_ODDS_MAX
    if probability >= 1.0:
        return LOG_ODDS_MAX
    return max(-LOG_ODDS_MAX, min(LOG_ODDS_MAX, log(probability / (1.0 - probability))))


def _beyond(z: float) -> float:
    """Return the upper tail of the standard normal distribution."""
    return 0.5 * (1.0 - erf(z / sqrt(2.0)))
