"""The figures of one replication, read from the truth: late, complaints, cost, recovery, and how well the radar warned.

Definitions. An order counts when it was placed after the warm-up, promised before the end and not cancelled. Late is
later than the first promise, or not there by the end. Three complaint figures stand side by side (R31): those caused
by delay, all about delivery, and all low reviews, which punctuality cannot bring to nothing. Recovery compares the
orders past their promise with those of the same luck without the scenario, hour by hour.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from radar.events.world import ComplaintCategory
from radar.outputs import Change, Output, WarningKind
from twin.orders import OPEN_S, Order, Outcome
from twin.truth import Truth

HOUR_S, DAY_S = 3600, 86_400
LEAD_S = 36 * HOUR_S
"""How long before the promise a warning is worth something (36 h: owner's brief)."""
LATENESS_DAYS = (-3.0, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0)
"""Edges of the lateness distribution; both ends are open."""
TOLERANCE_SHARE = 0.02
"""Orders past their promise above the baseline's that still count as recovered: this share of a day's orders ..."""
TOLERANCE_MIN = 3
"""... and at least so many."""

_DELIVERY = frozenset(
    kind.value
    for kind in (
        ComplaintCategory.LATE,
        ComplaintCategory.NOT_RECEIVED,
        ComplaintCategory.PARTIAL,
        ComplaintCategory.SERVICE,
    )
)
_NOT_IN_FULL = frozenset({ComplaintCategory.PARTIAL.value, ComplaintCategory.WRONG_OR_DAMAGED.value})

Ints = NDArray[np.int64]


class CauseCount(msgspec.Struct):
    """What one cause did."""

    late: int = 0
    delay_complaints: int = 0
    warned36: int = 0
    """Of the late ones, those the radar warned of 36 h before the promise."""


class Record(msgspec.Struct):
    """One arm of one replication, small enough to keep thousands."""

    kpis: dict[str, float | None]
    """Flat; None where a figure has no meaning (no late order to recall)."""
    causes: dict[str, CauseCount]
    remedies: dict[str, tuple[int, float]]
    """Action -> (times, CNY)."""
    lateness: list[int]
    """Orders in each bin of ``LATENESS_DAYS``."""
    on_time_by_day: list[float | None]
    """Share of each day's promises that were kept."""
    open_by_day: list[int]
    """Orders inside at each midnight."""
    overdue_by_hour: list[int]
    """Orders past their promise at each full hour."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the control room said of orders: first time of a late prediction, and of any warning."""

    predicted_s: dict[str, int]
    any_s: dict[str, int]


def heard_of(said: Iterable[tuple[int, Output]], end_s: int) -> Heard:
    """Return when each order was first warned of; ``said`` is (second it was known, output)."""
    heard = Heard({}, {})
    for at_s, output in said:
        if output.change is not Change.RAISED or output.kind is WarningKind.SOURCE_SILENT:
            continue
        known_s = end_s if at_s < 0 else at_s
        heard.any_s.setdefault(output.entity, known_s)
        if output.kind is WarningKind.PREDICTED_LATE:
            heard.predicted_s.setdefault(output.entity, known_s)
    return heard


def record_of(truth: Truth, heard: Heard | None = None, would_be_late: frozenset[str] | None = None) -> Record:
    """Return the figures of a run.

    Args:
        truth: What happened.
        heard: What the radar said; None without one.
        would_be_late: Orders that are late without a response; None takes those late here. An order that a
            response saved is no false alarm.
    """
    counted = truth.counted()
    late = [order for order in counted if truth.is_late(order)]
    late_ids = frozenset(order.id for order in late) if would_be_late is None else would_be_late
    kpis = _service(truth, counted, late)
    kpis |= _voice(counted)
    kpis |= _money(truth, counted)
    if heard is not None:
        kpis |= _warned(counted, heard, late_ids)
    overdue = overdue_by_hour(truth)
    kpis["overdue_mean"] = float(overdue[truth.warm_up_s // HOUR_S :].mean())
    return Record(
        kpis=kpis,
        causes=_causes(late, heard),
        remedies={name: (one.count, float(one.cost_cny)) for name, one in sorted(truth.remedies.items())},
        lateness=_lateness(truth, counted),
        on_time_by_day=_on_time_by_day(truth, counted),
        open_by_day=_open_by_day(truth),
        overdue_by_hour=overdue.tolist(),
    )


def late_ids_of(truth: Truth) -> frozenset[str]:
    """Return the ids of the counted orders that are late."""
    return frozenset(order.id for order in truth.counted() if truth.is_late(order))


# --- shares -------------------------------------------------------------------------------------------------


def share(part: int, whole: int) -> float | None:
    """Return a share; None of nothing."""
    return part / whole if whole else None


def _service(truth: Truth, counted: Sequence[Order], late: Sequence[Order]) -> dict[str, float | None]:
    in_full = sum(not truth.is_late(order) and order.complaint not in _NOT_IN_FULL for order in counted)
    hours = np.array([order.lateness_s(truth.end_s) for order in counted], dtype=np.float64) / HOUR_S
    late_hours = [order.lateness_s(truth.end_s) / HOUR_S for order in late]
    quantiles = np.quantile(hours, [0.5, 0.9, 0.99]).tolist() if len(hours) else [None, None, None]
    return {
        "orders": float(len(counted)),
        "late_rate": share(len(late), len(counted)),
        "otif": share(in_full, len(counted)),
        "lost_rate": share(sum(o.outcome in (Outcome.LOST, Outcome.RETURNED) for o in counted), len(counted)),
        "lateness_p50_h": quantiles[0],
        "lateness_p90_h": quantiles[1],
        "lateness_p99_h": quantiles[2],
        "late_mean_h": sum(late_hours) / len(late_hours) if late_hours else None,
    }


def _voice(counted: Sequence[Order]) -> dict[str, float | None]:
    """Return what customers said: the three complaint figures and the satisfaction of those who were delivered."""
    judged = [order for order in counted if order.review]
    return {
        "complaint_rate": share(sum(order.is_delay_complaint for order in counted), len(counted)),
        "delivery_complaint_rate": share(sum(order.complaint in _DELIVERY for order in counted), len(counted)),
        "low_review_rate": share(sum(order.review <= 2 for order in judged), len(judged)),
        "satisfaction": share(sum(order.review >= 4 for order in judged), len(judged)),
    }


def _money(truth: Truth, counted: Sequence[Order]) -> dict[str, float | None]:
    cost = float(sum(one.cost_cny for one in truth.remedies.values()))
    return {
        "cost": cost,
        "cost_per_order": cost / len(counted) if counted else None,
        "actions": float(sum(one.count for one in truth.remedies.values())),
    }


def _warned(counted: Sequence[Order], heard: Heard, late_ids: frozenset[str]) -> dict[str, float | None]:
    in_time = warned_in_time(counted, heard.predicted_s)
    any_in_time = warned_in_time(counted, heard.any_s)
    leads = sorted(
        (order.promise_s - heard.predicted_s[order.id]) / HOUR_S
        for order in counted
        if order.id in late_ids and order.id in heard.predicted_s
    )
    late_count = sum(order.id in late_ids for order in counted)
    return {
        "warned36_recall": share(len(in_time & late_ids), late_count),
        "warned36_precision": share(len(in_time & late_ids), len(in_time)),
        "any_warning36_recall": share(len(any_in_time & late_ids), late_count),
        "any_warning36_precision": share(len(any_in_time & late_ids), len(any_in_time)),
        "alert_share": share(sum(order.id in heard.predicted_s for order in counted), len(counted)),
        "warning_lead_median_h": leads[len(leads) // 2] if leads else None,
    }


def warned_in_time(counted: Sequence[Order], first_s: dict[str, int]) -> frozenset[str]:
    """Return the ids of the orders first warned of at least 36 h before the promise."""
    return frozenset(
        order.id for order in counted if order.id in first_s and order.promise_s - first_s[order.id] >= LEAD_S
    )


def _causes(late: Sequence[Order], heard: Heard | None) -> dict[str, CauseCount]:
    counts: dict[str, CauseCount] = {}
    warned = frozenset() if heard is None else warned_in_time(late, heard.predicted_s)
    for order in late:
        count = counts.setdefault(order.cause or "unknown", CauseCount())
        count.late += 1
        count.delay_complaints += order.is_delay_complaint
        count.warned36 += order.id in warned
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1].late, entry[0])))


# --- paths --------------------------------------------------------------------------------------------------


def _lateness(truth: Truth, counted: Sequence[Order]) -> list[int]:
    days = np.array([order.lateness_s(truth.end_s) / DAY_S for order in counted])
    bins = np.searchsorted(np.array(LATENESS_DAYS), days, side="left")
    return [int(count) for count in np.bincount(bins, minlength=len(LATENESS_DAYS) + 1)]


def _on_time_by_day(truth: Truth, counted: Sequence[Order]) -> list[float | None]:
    due: Counter[int] = Counter()
    kept: Counter[int] = Counter()
    for order in counted:
        day = order.promise_s // DAY_S
        due[day] += 1
        kept[day] += not truth.is_late(order)
    return [share(kept[day], due[day]) for day in range(-(-truth.end_s // DAY_S))]


def _gone(order: Order) -> bool:
    """Return whether an order ended otherwise than by delivery; nobody waits for it at a known hour."""
    return order.outcome in (Outcome.CANCELLED, Outcome.LOST, Outcome.RETURNED)


def _open_by_day(truth: Truth) -> list[int]:
    spans = [
        (order.placed_s, truth.end_s + DAY_S if order.delivered_s == OPEN_S else order.delivered_s)
        for order in truth.orders
        if not _gone(order)
    ]
    return [int(count) for count in _present(spans, DAY_S, truth.end_s)]


def overdue_by_hour(truth: Truth) -> Ints:
    """Return the orders past their promise and not there, at each full hour."""
    spans = []
    for order in truth.orders:
        end_s = truth.end_s + HOUR_S if order.delivered_s == OPEN_S else order.delivered_s
        if end_s > order.promise_s and not _gone(order):
            spans.append((order.promise_s, end_s))
    return _present(spans, HOUR_S, truth.end_s)


def _present(spans: Sequence[tuple[int, int]], step_s: int, end_s: int) -> Ints:
    """Return how many spans [from, to) hold each instant 0, step, 2 step ... before the end."""
    count = -(-end_s // step_s)
    changes = np.zeros(count + 1, dtype=np.int64)
    for from_s, to_s in spans:
        changes[min(count, max(0, -(-from_s // step_s)))] += 1
        changes[min(count, max(0, -(-to_s // step_s)))] -= 1
    return np.cumsum(changes)[:count]


# --- recovery -----------------------------------------------------------------------------------------------


class Recovery(msgspec.Struct, frozen=True):
    """How a run differs from the same luck without the scenario."""

    survive_h: float | None
    """From the onset until more orders are past their promise than tolerated; None: never."""
    recover_h: float
    """From the onset until no more are, for good; 0 when nothing was lost; at least so much when not ``is_over``."""
    is_over: bool
    peak: int
    """Most orders past their promise above the baseline's."""


def recovery(overdue: Sequence[int], baseline: Sequence[int], onset_s: int, orders_per_day: float) -> Recovery:
    """Return when service left its baseline after an onset and when it was back, by the full hour."""
    tolerance = max(TOLERANCE_MIN, TOLERANCE_SHARE * orders_per_day)
    onset = max(0, onset_s // HOUR_S)
    excess = np.array(overdue, dtype=np.int64)[onset:] - np.array(baseline, dtype=np.int64)[onset:]
    above = np.flatnonzero(excess > tolerance)
    if len(above) == 0:
        return Recovery(None, 0.0, is_over=True, peak=int(max(0, excess.max(initial=0))))
    last = int(above[-1])
    return Recovery(float(above[0]), float(last + 1), is_over=last + 1 < len(excess), peak=int(excess.max()))
