"""Names, units and meanings of the figures of an experiment, and how they are written."""

from typing import NamedTuple

from twin.stats import Interval
from twin.whatif import ArmResult, Difference, WhatIf


class Label(NamedTuple):
    """How a figure is called and written."""

    text: str
    unit: str  # share | hours | count | cny
    meaning: str


# In the order they are shown; what is not here stands in result.json only.
LABELS: dict[str, Label] = {
    "late_rate": Label("Late orders", "share", "later than the first promise, or not there by the end"),
    "otif": Label("On time in full", "share", "by the first promise, nothing missing or broken"),
    "complaint_rate": Label("Complaints caused by delay", "share", "orders whose customer complained of an order late"),
    "delivery_complaint_rate": Label(
        "Complaints about delivery", "share", "the same, and those punctuality cannot lower"
    ),
    "low_review_rate": Label("Low reviews", "share", "1-2 stars of 5, among the reviewed; never below their floor"),
    "satisfaction": Label("Satisfaction", "share", "4-5 stars, among the reviewed"),
    "late_mean_h": Label("Mean lateness of late orders", "hours", ""),
    "lateness_p99_h": Label("99th percentile of lateness", "hours", "negative is early"),
    "lost_rate": Label("Lost or returned", "share", ""),
    "overdue_peak": Label("Most orders past their promise", "count", "above the same luck without the scenario"),
    "time_to_survive_h": Label("Time to survive", "hours", "from the onset until service suffers"),
    "time_to_recover_h": Label("Time to recover", "hours", "from the onset until service is back for good"),
    "recovered": Label("Recovered by the end", "share", "of the replications; else the time to recover is a bound"),
    "warned36_recall": Label("Warned 36 h ahead: recall", "share", "late orders predicted 36 h before the promise"),
    "warned36_precision": Label(
        "Warned 36 h ahead: precision", "share", "those warned of that are late, or would be without the response"
    ),
    "caused_recall36": Label(
        "... of what the scenario caused: recall", "share", "late with the scenario, on time in the same luck without"
    ),
    "foreseeable_recall36": Label(
        "... and could be foreseen: recall", "share", "of these, promised 36 h or more after the first sign of it"
    ),
    "caused_precision36": Label(
        "... alarms it caused: precision", "share", "warned of in time with it and not without it, and late"
    ),
    "alert_share": Label("Orders predicted late", "share", ""),
    "warning_lead_median_h": Label("Median lead of the prediction", "hours", "before the promise, late orders"),
    "cost": Label("Cost of remedies", "cny", ""),
    "cost_per_order": Label("Cost of remedies an order", "cny", ""),
    "damage": Label("Damage of the scenario", "cny", "as the scenario states it, beside late orders"),
    "orders": Label("Orders counted", "count", ""),
}
HEADLINES = ("late_rate", "complaint_rate", "low_review_rate", "satisfaction", "time_to_recover_h", "cost_per_order")
"""The figures of the first table and of the console."""
WARNINGS = ("warned36_recall", "warned36_precision", "caused_recall36", "foreseeable_recall36", "caused_precision36")
"""How well the radar warned; shown on the console below the first table."""


def written(value: float | None, unit: str) -> str:
    """Return a figure in its unit; a dash where there is none."""
    if value is None:
        return "-"
    match unit:
        case "share":
            return f"{value:.2%}"
        case "hours":
            return f"{value:,.1f} h"
        case "cny":
            return f"CNY {value:,.2f}" if abs(value) < 1000 else f"CNY {value:,.0f}"
        case _:
            return f"{value:,.0f}"


def with_interval(found: Interval | Difference, unit: str) -> str:
    """Return a mean with its 95 % interval."""
    if found.mean is None:
        return "-"
    if found.lo is None or found.hi is None:
        return written(found.mean, unit)
    return f"{written(found.mean, unit)} [{written(found.lo, unit)}, {written(found.hi, unit)}]"


def points(found: Difference, unit: str) -> str:
    """Return a difference with its sign and interval; of shares in percentage points."""
    if found.mean is None:
        return "-"
    if unit != "share":
        sign = "+" if found.mean > 0 else ""
        return sign + with_interval(found, unit)
    bounds = "" if found.lo is None or found.hi is None else f" [{found.lo * 100:+.2f}, {found.hi * 100:+.2f}]"
    return f"{found.mean * 100:+.2f} points{bounds}"


def difference(result: WhatIf, arm: str, against: str, kpi: str) -> Difference | None:
    """Return one paired difference, None where there is none."""
    wanted = (arm, against, kpi)
    return next((one for one in result.differences if (one.arm, one.against, one.kpi) == wanted), None)


def verdict(result: WhatIf) -> str:
    """Return the answer in a sentence or two."""
    arms = {arm.name: arm for arm in result.arms}
    said = []
    if "scenario" in arms:
        said.append(_change(result, arms, "scenario", "baseline", "The scenario takes late orders from {0} to {1}"))
    if "response" in arms:
        against = "scenario" if "scenario" in arms else "baseline"
        change = _change(result, arms, "response", against, "With the response they go from {0} to {1}")
        cost = arms["response"].kpis["cost_per_order"]
        said.append(f"{change} at {written(cost.mean, 'cny')} an order")
    if not said:
        said = [f"Late orders: {with_interval(arms['baseline'].kpis['late_rate'], 'share')}"]
    count = arms["baseline"].kpis["late_rate"].replications
    return f"{'. '.join(said)} ({count} paired replications, 95 % intervals)."


def _change(result: WhatIf, arms: dict[str, ArmResult], arm: str, against: str, sentence: str) -> str:
    before, after = (written(arms[name].kpis["late_rate"].mean, "share") for name in (against, arm))
    found = difference(result, arm, against, "late_rate")
    by = f", {points(found, 'share')}" if found is not None else ""
    return sentence.format(before, after) + by
