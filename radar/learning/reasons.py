"""Why a prediction says what it says: contributions to the log-odds of being late that add up to them exactly.

One prediction is made several times. It begins with an order of which only the times are known - how long it has been
on its way, how long the promise leaves - on a usual lane in a usual week of ordinary days. Then one group of figures
after another takes its true value, in a fixed order, and what the log-odds gain is the contribution of that group
(a path of single replacements, as in Shapley's sum with one order instead of all). The last step is the second stage.
Figures in the sentences are those the group was judged by.
"""

from math import exp, log

from radar.instant import DAY_US, Instant
from radar.learning.facts import Facts
from radar.learning.forecast import believed, final_score, hazard_score, set_moment, view_of
from radar.learning.local_days import SATURDAY
from radar.learning.model import Model
from radar.learning.segments import AREA, DISTRICT, LANE, SUPPLIER
from radar.learning.view import View
from radar.orders import Order
from radar.outputs import Reason
from radar.stages import Stage
from radar.wording import reason

WEEK = 1
"""Place of the half-life of a week among the rates."""
SMALL = 0.03
"""Contributions below this are told together."""
_ORDINARY = 2
"""Wednesday: the class of an ordinary day."""
_NOTED = 0.05
"""A rate nearer to the expected than this is not worth a figure."""


def reasons_of(model: Model, order: Order, facts: Facts, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
    """Return the contributions, the largest first; their weights add up to the log-odds that ``predict`` gives."""
    steps = _Steps(model, order, facts, at)
    found = [steps.time(), steps.usual(), steps.recent(), steps.supplier(), steps.limit(), steps.parcel()]
    found += [steps.everything(), steps.stage(), steps.calendar(), steps.conditions(delay_us), steps.learned()]
    large = sorted((one for one in found if abs(one.weight) >= SMALL), key=lambda one: -abs(one.weight))
    rest = sum(one.weight for one in found if 0 < abs(one.weight) < SMALL)
    return (*large, reason("risk.rest", rest)) if rest else tuple(large)


class _Steps:
    """The prediction as far as the steps have come; each method takes one and returns its contribution."""

    def __init__(self, model: Model, order: Order, facts: Facts, at: Instant) -> None:
        self._model = model
        self._order = order
        self._facts = facts
        self._at = at
        self._now = model.days.day(at)
        self._full = view_of(model, facts)
        self._rows = [segments.rows.get(name, 0) for segments, name in zip(model.segments, facts.names, strict=True)]
        self._view = View(model.means.centre, 0.0, 0.0, 0.0, [_ORDINARY] * len(model.week))
        self._view.promise = facts.promise
        self._has_slip = self._has_stage = False
        self._score = 0.0

    def time(self) -> Reason:
        """How long it has been on its way, and how long the promise leaves."""
        order, weight = self._order, self._gain()
        started_at = order.reached[order.stage] or order.reached[Stage.PLACED]
        left_us = max(0, order.promise_at - self._at)
        return reason(
            "risk.stage", weight, stage=order.stage.label, elapsed_us=max(0, self._at - started_at), left_us=left_us
        )

    def usual(self) -> Reason:
        """How long the way usually takes."""
        means, rows = self._model.means, self._rows
        lane = means.lane(rows[AREA], rows[LANE]) + means.district[rows[DISTRICT]]
        self._view.mean = lane
        usual_us, average_us = round(exp(lane) * DAY_US), round(exp(means.centre) * DAY_US)
        weight, place = self._gain(), self._place()
        if usual_us > average_us and weight < 0:  # after the same time it is less overdue
            return reason("risk.usual-less", weight, place=place, usual_us=usual_us, average_us=average_us)
        if usual_us < average_us and weight > 0:
            return reason("risk.usual-more", weight, place=place, usual_us=usual_us, average_us=average_us)
        return reason("risk.usual", weight, place=place, usual_us=usual_us, average_us=average_us)

    def recent(self) -> Reason:
        """How deliveries on the way go at the moment."""
        effects, rows = self._model.transit.effects, self._rows
        self._view.effects += sum(effects[kind][rows[kind]] for kind in (AREA, LANE, DISTRICT))
        weight = self._gain()
        rates = {kind: float(self._model.rates.logs[kind][rows[kind], WEEK]) for kind in (LANE, AREA, DISTRICT)}
        telling = [kind for kind, rate in rates.items() if rate * weight < 0]
        if not telling:
            return reason("risk.recent", weight, place=self._place())
        kind = max(telling, key=lambda one: abs(rates[one]))
        name = self._facts.names[kind]
        if rates[kind] < 0:
            return reason("risk.slow", weight, segment=name, slower_ratio=1 - exp(rates[kind]))
        return reason("risk.fast", weight, segment=name, faster_ratio=exp(rates[kind]) - 1)

    def supplier(self) -> Reason:
        """How the supplier's parcels go."""
        model, row = self._model, self._rows[SUPPLIER]
        left_over = model.means.supplier[row]
        self._view.mean += left_over
        self._view.effects += model.transit.effects[SUPPLIER][row]
        name, weight = self._order.supplier, self._gain()
        if left_over >= 0:
            code = "risk.supplier-slow" if weight >= 0 else "risk.supplier-slow-less"
            return reason(code, weight, supplier=name, longer_ratio=exp(left_over) - 1)
        code = "risk.supplier-quick" if weight <= 0 else "risk.supplier-quick-more"
        return reason(code, weight, supplier=name, shorter_ratio=1 - exp(left_over))

    def limit(self) -> Reason:
        """By how much the seller missed the limit to hand over."""
        facts = self._facts
        self._has_slip = True
        past = 0.0 if facts.ship_by is None else (self._now if facts.handed is None else facts.handed) - facts.ship_by
        if past >= 0:
            return reason("risk.limit-missed", self._gain(), late_us=round(past * DAY_US))
        return reason("risk.limit-kept", self._gain(), early_us=round(-past * DAY_US))

    def parcel(self) -> Reason:
        """What the parcel is like, and how far it goes."""
        order = self._order
        self._view.effects += self._model.transit.parcel_effect(self._facts.parcel)
        self._view.distance, self._view.span = self._full.distance, self._full.span
        weight = self._gain()
        if order.weight_kg is None or order.distance_km is None:
            return reason("risk.parcel-unknown", weight)
        return reason("risk.parcel", weight, weight_kg=order.weight_kg, distance_km=round(order.distance_km))

    def everything(self) -> Reason:
        """How all deliveries go at the moment."""
        self._view.effects += self._model.transit.overall
        rate = self._model.rates.all_logs[WEEK]
        if rate < 0:
            return reason("risk.slow-all", self._gain(), slower_ratio=1 - exp(rate))
        return reason("risk.fast-all", self._gain(), faster_ratio=exp(rate) - 1)

    def stage(self) -> Reason:
        """What usually follows the stage it has reached."""
        self._has_stage = True
        return reason("risk.reached", self._gain(), stage=self._order.stage.label)

    def calendar(self) -> Reason:
        """On which days the time that is left falls."""
        self._view.week = self._model.week
        first = int(self._now) - self._model.day
        days = self._model.week[max(first, 0) : max(first, 0) + max(0, int(self._facts.promise - self._now) + 1)]
        return reason("risk.days", self._gain(), days=sum(kind >= SATURDAY for kind in days))

    def conditions(self, delay_us: int) -> Reason:
        """What conditions cost."""
        self._view.promise -= delay_us / DAY_US
        return reason("risk.conditions", self._gain(), extra_us=delay_us)

    def learned(self) -> Reason:
        """What became of orders that the hazards judged like this one."""
        self._put()
        chance = believed(self._model, final_score(self._model, self._view, self._facts, self._now))
        judged = 1 / (1 + exp(-self._score))
        weight = log(chance / (1 - chance)) - self._score
        return reason("risk.learned", weight, judged_ratio=judged, found_ratio=chance)

    def _put(self) -> None:
        set_moment(self._model, self._view, self._facts, self._now)
        if not self._has_slip:
            self._view.slip = 0.0
        if not self._has_stage:
            self._view.offsets = None

    def _gain(self) -> float:
        self._put()
        before, self._score = self._score, hazard_score(self._model, self._view, self._facts, self._now)
        return self._score - before

    def _place(self) -> str:
        return self._order.lane or self._order.area
