"""How good the early warning was: the protocol of the evaluation, over arrays with one entry an order.

The first warning of an order counts. Lead = promise - warning, in local wall-clock hours. A **true** warning is of
a late order at a lead of at least ``lead_h`` (36 h: owner's brief), a **false** one of an order that was not late at
such a lead, even if it was withdrawn later; anything warned nearer to the promise is **short notice** and a miss. A
warning before the placement or after the delivery is a violation: counted, and no warning. Every figure is weighted by
how many orders of the population one stands for.

Every figure is computed once on the orders as they are and once on each bootstrap resample of them, with the same
code: ``draws`` holds how often each resample drew each order, and its first row is all ones (``radar`` draws no
chance itself). Empty denominators give 0, as in the reference scorer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from radar.instant import HOUR_US, SECOND_US

NEVER_US = int(np.iinfo(np.int64).max)
"""A local time that never comes: not delivered, not warned, not withdrawn."""

Times = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Draws = NDArray[np.uint8]
"""Shape (1 + resamples, orders); the first row is ones. An order is drawn 255 times at most: true of any real n."""

_CHUNK_ROWS = 64
"""Resamples held as floats at once."""


class Figure(msgspec.Struct, frozen=True):
    """One figure with its 95 % bootstrap interval; None where it is not defined."""

    value: float | None
    lo: float | None = None
    hi: float | None = None


class ScoredOrder(msgspec.Struct, frozen=True, gc=False):
    """What came of one order; times are local wall-clock microseconds."""

    order_id: str
    placed_us: int
    promise_us: int
    delivered_us: int = NEVER_US
    weight: float = 1.0

    @property
    def is_late(self) -> bool:
        """Return whether it was delivered at or after the promise, or never."""
        return self.delivered_us >= self.promise_us


class FirstWarning(msgspec.Struct, frozen=True, gc=False):
    """The first predicted-late warning of an order; times are local wall-clock microseconds."""

    warned_us: int
    withdrawn_us: int = NEVER_US


class CostModel(msgspec.Struct, frozen=True):
    """What warnings cost and save, in units of one action.

    Expected cost = alarms x action + late x (1 - effect(lead)) x late. The form is that of alarm-based prescriptive
    monitoring (Fahrenkrog-Petersen et al., KAIS 2021); its weights are a planner's and must be set by one. The
    defaults are stated priors: a late order costs ten actions, an action in time saves half of it, and the effect
    grows in proportion to the lead up to the 36 h of the owner's brief.
    """

    action: float = 1.0
    late: float = 10.0
    effect_max: float = 0.5
    full_effect_h: float = 36.0

    def effect(self, lead_h: Floats) -> Floats:
        """Return the share of the cost of being late that acting ``lead_h`` ahead saves."""
        return self.effect_max * np.clip(lead_h / self.full_effect_h, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scorebook:
    """The orders scored, column by column."""

    order_ids: tuple[str, ...]
    placed: Times
    promise: Times
    delivered: Times
    weight: Floats
    is_late: Flags

    @classmethod
    def of(cls, orders: Sequence[ScoredOrder]) -> "Scorebook":
        """Return the columns of some orders, in their order."""
        return cls(
            order_ids=tuple(order.order_id for order in orders),
            placed=np.array([order.placed_us for order in orders], np.int64),
            promise=np.array([order.promise_us for order in orders], np.int64),
            delivered=np.array([order.delivered_us for order in orders], np.int64),
            weight=np.array([order.weight for order in orders], np.float64),
            is_late=np.array([order.is_late for order in orders], np.bool_),
        )

    def __len__(self) -> int:
        return len(self.order_ids)

    def only(self, places: Places) -> "Scorebook":
        """Return the orders at some places."""
        return Scorebook(
            order_ids=tuple(self.order_ids[place] for place in places.tolist()),
            placed=self.placed[places],
            promise=self.promise[places],
            delivered=self.delivered[places],
            weight=self.weight[places],
            is_late=self.is_late[places],
        )


@dataclass(frozen=True, slots=True)
class Alarms:
    """The first warning of each order of a scorebook, less the violations."""

    warned: Times
    """``NEVER_US`` where there is none."""
    withdrawn: Times
    violations: int = 0

    def only(self, places: Places) -> "Alarms":
        """Return the alarms at some places."""
        return Alarms(self.warned[places], self.withdrawn[places])


class Terms(msgspec.Struct, frozen=True):
    """On what terms warnings are judged."""

    lead_h: float = 36.0
    cost: CostModel = CostModel()


class LeadPoint(msgspec.Struct, frozen=True):
    """How the policy does when only warnings at least so far ahead count."""

    lead_h: float
    recall: float
    precision: float | None
    """None where nothing was warned so early."""
    alert_share: float


def match_warnings(book: Scorebook, warnings: Mapping[str, FirstWarning]) -> Alarms:
    """Return the warnings of the scored orders; those before the placement or after the delivery are violations."""
    none = FirstWarning(NEVER_US)
    found = [warnings.get(order_id, none) for order_id in book.order_ids]
    warned = np.array([one.warned_us for one in found], np.int64)
    withdrawn = np.array([one.withdrawn_us for one in found], np.int64)
    is_warned = warned != NEVER_US
    is_wrong = is_warned & ((warned < book.placed) | (warned >= book.delivered))
    warned[is_wrong] = NEVER_US
    withdrawn[is_wrong] = NEVER_US
    return Alarms(warned, withdrawn, int(is_wrong.sum()))


def warn_open_at(book: Scorebook, lead_h: float) -> Alarms:
    """Return the trivial policy that warns of every order still open ``lead_h`` before its promise."""
    moment = book.promise - round(lead_h * HOUR_US)
    is_open = (book.placed <= moment) & (moment < book.delivered)
    return Alarms(np.where(is_open, moment, NEVER_US), np.full(len(book), NEVER_US))


def warn_never(book: Scorebook) -> Alarms:
    """Return the trivial policy that never warns: what lateness costs without a radar."""
    never = np.full(len(book), NEVER_US)
    return Alarms(never, never)


def lead_hours(book: Scorebook, alarms: Alarms) -> Floats:
    """Return promise - warning in hours, minus infinity where nothing was warned."""
    return _hours_ahead(book.promise, alarms.warned)


def policy_figures(book: Scorebook, alarms: Alarms, draws: Draws, terms: Terms) -> dict[str, Figure]:
    """Return the figures of a warning policy."""
    sums = dict(zip(_COLUMNS, weighted_sums(draws, _columns(book, alarms, terms)).T, strict=True))
    in_time = sums["true"] + sums["false"]
    lead = lead_hours(book, alarms)
    median, quarter = _lead_quantiles(draws, lead, book.is_late & (lead >= terms.lead_h))
    samples = {
        "orders": sums["orders"],
        "late": sums["late"],
        "late_share": ratio(sums["late"], sums["orders"]),
        "alert_share": ratio(in_time, sums["orders"]),
        "precision36": ratio(sums["true"], in_time),
        "recall36": ratio(sums["true"], sums["late"]),
        "standing_precision36": ratio(sums["standing_true"], sums["standing_true"] + sums["standing_false"]),
        "standing_recall36": ratio(sums["standing_true"], sums["late"]),
        "lead_median_h": median,
        "lead_p25_h": quarter,
        "withdrawn_share": ratio(sums["withdrawn"], in_time),
        "short_notice_share": ratio(sums["short"], sums["orders"]),
        "short_notice_late_share": ratio(sums["short_late"], sums["late"]),
        "cost": ratio(sums["cost"], sums["orders"]),
    }
    return {name: figure(values) for name, values in samples.items()}


def lead_curve(book: Scorebook, alarms: Alarms, leads_h: Sequence[float]) -> list[LeadPoint]:
    """Return recall, precision and alert share when a warning counts from each of these leads on."""
    lead = lead_hours(book, alarms)
    late, total = float(book.weight @ book.is_late), float(book.weight.sum())
    points = []
    for least in leads_h:
        in_time = book.weight * (lead >= least)
        true, warned = float(in_time @ book.is_late), float(in_time.sum())
        precision = true / warned if warned else None
        points.append(
            LeadPoint(float(least), true / late if late else 0.0, precision, warned / total if total else 0.0)
        )
    return points


# --- figures and their intervals --------------------------------------------------------------------------


def figure(samples: Floats) -> Figure:
    """Return the figure whose value stands first in ``samples``, with the interval of the others.

    The 95 % interval cuts the sorted resamples at ``int(.025 n)`` and ``int(.975 n)``, as the reference scorer does;
    resamples in which the figure is not defined are left out.
    """
    value = None if np.isnan(samples[0]) else float(samples[0])
    resampled = np.sort(samples[1:][~np.isnan(samples[1:])])
    if value is None or not len(resampled):
        return Figure(value)
    cuts = (int(0.025 * len(resampled)), int(0.975 * len(resampled)))
    return Figure(value, float(resampled[cuts[0]]), float(resampled[cuts[1]]))


def weighted_sums(draws: Draws, columns: Floats) -> Floats:
    """Return ``draws @ columns``, a few resamples at a time; shape (1 + resamples, columns)."""
    out = np.empty((len(draws), columns.shape[1]))
    for start in range(0, len(draws), _CHUNK_ROWS):
        rows = slice(start, start + _CHUNK_ROWS)
        out[rows] = draws[rows].astype(np.float64) @ columns
    return out


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)


_COLUMNS = (
    *("orders", "late", "true", "false", "standing_true", "standing_false"),
    *("short", "short_late", "withdrawn", "cost"),
)


def _columns(book: Scorebook, alarms: Alarms, terms: Terms) -> Floats:
    """Return what each order adds to each sum; shape (orders, columns)."""
    lead = lead_hours(book, alarms)
    is_warned = alarms.warned != NEVER_US
    in_time = is_warned & (lead >= terms.lead_h)
    short = is_warned & ~in_time
    stands = in_time & (_hours_ahead(book.promise, alarms.withdrawn) < terms.lead_h)
    late = book.is_late
    effect = np.where(is_warned, terms.cost.effect(lead), 0.0)
    cost = is_warned * terms.cost.action + late * (1.0 - effect) * terms.cost.late
    flags = (late, in_time & late, in_time & ~late, stands & late, stands & ~late)
    others = (short, short & late & (lead > 0), in_time & (alarms.withdrawn != NEVER_US))
    parts = [np.ones(len(book)), *flags, *others, cost]
    return np.column_stack(parts) * book.weight[:, None]


def _hours_ahead(promise: Times, moment: Times) -> Floats:
    """Return promise - moment in hours, by the same divisions as the reference scorer; -inf where it never came."""
    seconds = (promise - np.where(moment == NEVER_US, promise, moment)) / SECOND_US
    return np.where(moment == NEVER_US, -np.inf, seconds / 3600)


def _lead_quantiles(draws: Draws, lead: Floats, is_true: Flags) -> tuple[Floats, Floats]:
    """Return median and lower quartile of the leads of the true warnings, unweighted as in the reference scorer."""
    picked = np.flatnonzero(is_true)
    picked = picked[np.argsort(lead[picked], kind="stable")]
    if not len(picked):
        return np.zeros(len(draws)), np.zeros(len(draws))
    upto = np.cumsum(draws[:, picked], axis=1, dtype=np.int64)
    count = upto[:, -1]
    sorted_lead = lead[picked]

    def nth(index: Times) -> Floats:
        return np.asarray(sorted_lead[np.minimum((upto <= index[:, None]).sum(axis=1), len(picked) - 1)])

    median = (nth(np.maximum((count - 1) // 2, 0)) + nth(count // 2)) / 2
    quarter = nth(count // 4)
    return np.where(count > 0, median, 0.0), np.where(count > 0, quarter, 0.0)
