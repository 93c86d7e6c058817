"""Every named policy over the same predictions: on all months, on those of usual lateness, and month by month."""

import msgspec
import numpy as np

from console.backtest.scored import Figures, Scored, months_of
from console.backtest.settings import BacktestSettings
from radar.named_policies import RULES_OWN, with_policy
from radar.policies_beside import FirstAlarm
from radar.rules import Rules
from radar.scoring import Alarms, Draws, Places, Scorebook, Terms, match_warnings, policy_figures, warn_open_at
from radar.scoring_selection import first_warnings
from radar.wall_clock import WallClock

OPEN, OVERDUE = "open_at_36h", "limit_plus_2h"
"""The trivial policies that stand beside."""


class MonthOfPolicies(msgspec.Struct, frozen=True):
    """One promise month under every policy."""

    is_usual: bool
    """Whether no larger a share was late than counts as usual."""
    rows: dict[str, Figures]


class PolicyComparison(msgspec.Struct, frozen=True):
    """The first alarms of every named policy, judged on the same orders and resamples."""

    speaking: list[str]
    """The named policies that are what the rules of the run say."""
    usual_late_max: float
    """Largest share late of a month of usual lateness."""
    usual_months: list[str]
    every: dict[str, Figures]
    usual: dict[str, Figures]
    """Over the months of usual lateness together; empty where there is none."""
    months: dict[str, MonthOfPolicies]


def compare_policies(
    alarms: dict[str, dict[str, FirstAlarm]], scored: Scored, clock: WallClock, settings: BacktestSettings
) -> PolicyComparison:
    """Return the figures of every named policy that was asked beside, and of the trivial ones.

    Args:
        alarms: By policy the first alarm of each order.
        scored: What is scored.
        clock: What leads are measured by.
        settings: What the backtest was asked for.
    """
    book, terms, usual_late_max = scored.book, settings.terms, settings.usual_late_max
    noted = {name: _alarms(book, found, clock) for name, found in alarms.items() if name != RULES_OWN}
    every = noted | {OPEN: warn_open_at(book, terms.lead_h), OVERDUE: scored.overdue}
    months = months_of(book)
    places_of = {month: np.flatnonzero(months == month) for month in sorted(set(months.tolist()))}
    found = {month: _part(every, scored, places, terms) for month, places in places_of.items()}
    usual = [month for month, rows in found.items() if (rows[OPEN]["late_share"].value or 0.0) <= usual_late_max]
    return PolicyComparison(
        speaking=_speaking(settings.rules),
        usual_late_max=usual_late_max,
        usual_months=usual,
        every=_whole(every, book, scored.draws, terms),
        usual=_part(every, scored, np.flatnonzero(np.isin(months, usual)), terms) if usual else {},
        months={month: MonthOfPolicies(month in usual, rows) for month, rows in found.items()},
    )


def _speaking(rules: Rules) -> list[str]:
    """Return the named policies that say what the rules themselves say."""
    return [name for name in rules.policies if with_policy(rules, name).prediction == rules.prediction]


def _alarms(book: Scorebook, found: dict[str, FirstAlarm], clock: WallClock) -> Alarms:
    return match_warnings(book, first_warnings({key: (one.at, one.withdrawn_at) for key, one in found.items()}, clock))


def _whole(policies: dict[str, Alarms], book: Scorebook, draws: Draws, terms: Terms) -> dict[str, Figures]:
    return {name: policy_figures(book, alarms, draws, terms) for name, alarms in policies.items()}


def _part(policies: dict[str, Alarms], scored: Scored, places: Places, terms: Terms) -> dict[str, Figures]:
    chosen = {name: alarms.only(places) for name, alarms in policies.items()}
    return _whole(chosen, scored.book.only(places), scored.draws[:, places], terms)
