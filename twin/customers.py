"""Customers: how long they wait before they complain, what they answer when asked.

Complaining about a delay is a threshold: with luck ``u`` a customer complains as soon as the lateness reaches the
point at which the share of complainers has grown to ``u``. So one draw settles both whether and when, and a better
service can only move a complaint later. A message or a coupon thins the curve.
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise

from radar.events.world import ComplaintCategory, CustomerComplaint, CustomerContact, SurveyAnswer
from radar.instant import SECOND_US
from scenarios.network_parts import Point
from twin.context import DAY_S, Context
from twin.kernel import Call, Tie
from twin.orders import OPEN_S, Draw, Order, Outcome


def share_at(curve: Sequence[Point], days: float) -> float:
    """Return the share of a curve that is linear between its points and flat outside."""
    if days <= curve[0].days:
        return curve[0].share
    for a, b in pairwise(curve):
        if days <= b.days:
            return a.share + (b.share - a.share) * (days - a.days) / (b.days - a.days)
    return curve[-1].share


def days_at(curve: Sequence[Point], share: float) -> float | None:
    """Return the first day at which a growing curve has reached a share, None when it never does."""
    if share < curve[0].share:
        return curve[0].days
    for a, b in pairwise(curve):
        if share < b.share:
            return a.days + (b.days - a.days) * (share - a.share) / (b.share - a.share)
    return None


class Customers:
    """All customers, watched through one heap of the instants at which patience ends."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rules = context.network.customers
        self._crm = context.feeds.channel("crm")
        self._waiting: list[tuple[int, str, Order]] = []
        self._armed_s = -1

    def expect(self, order: Order) -> None:
        """Begin to wait for an order."""
        due_s = self._patience_ends(order)
        if due_s is not None:
            heappush(self._waiting, (due_s, order.id, order))
            self._arm()

    def delivered(self, order: Order) -> None:
        """Let the customer judge; the parcel is at the door at ``order.delivered_s``, now or later today."""
        context, rules, luck = self._context, self._rules, order.luck
        at_s = order.delivered_s
        context.truth.revenue_cny += order.value
        late_s = at_s - order.promise_s
        low = share_at(rules.low_review_by_lateness, late_s / DAY_S)
        satisfied = min(1.0 - low, rules.satisfied_late if late_s > 0 else rules.satisfied_on_time)
        mood = luck[Draw.REVIEW]
        if mood < low:
            order.review = 1 if luck[Draw.STARS] < 0.7 else 2
        else:
            order.review = 3 if mood < 1.0 - satisfied else 4 if luck[Draw.STARS] < 0.3 else 5
        if late_s <= 0 and luck[Draw.COMPLAIN] < rules.complaint_on_time:
            self._complain(order, at_s + DAY_S // 2, ComplaintCategory.SERVICE)
        if self._crm.is_on and luck[Draw.SURVEY] < rules.survey_share:
            answered_s = at_s + round(rules.survey_after / SECOND_US * (0.5 + luck[Draw.SURVEY_AFTER]))
            answer = SurveyAnswer(csat=order.review, nps=(0, 1, 3, 6, 9, 10)[order.review])
            self._crm.tell(answered_s, f"{order.id}-survey", order.id, answer)

    def notice(self, order: Order) -> bool:
        """Tell the customer of the delay, with reason and new date; return whether it came before the complaint."""
        if order.complained_s != OPEN_S or order.noticed_s != OPEN_S:
            return False
        order.noticed_s = self._context.env.now
        return True

    def compensate(self, order: Order, cny: float) -> None:
        """Give the customer something for the delay."""
        order.compensated_cny += cny

    def _thinning(self, order: Order) -> float:
        """Return the part of complaints that is left after messages and coupons."""
        left = 1.0
        if order.noticed_s != OPEN_S:
            left *= 1.0 - self._rules.notice_effect
        if order.compensated_cny > 0:
            left *= 1.0 - self._rules.coupon_effect
        return left

    def _patience_ends(self, order: Order) -> int | None:
        left = self._thinning(order)
        if left <= 0.0:
            return None
        days = days_at(self._rules.complaint_by_lateness, order.luck[Draw.COMPLAIN] / left)
        return None if days is None else order.promise_s + max(1, round(days * DAY_S))

    def _arm(self) -> None:
        """Ask to be called at the first end of patience of an order that is not delivered by then."""
        waiting = self._waiting
        while waiting and self._is_settled(waiting[0][2], waiting[0][0]):
            heappop(waiting)
        if waiting and (self._armed_s == -1 or waiting[0][0] < self._armed_s):
            self._armed_s = waiting[0][0]
            self._context.call(self._armed_s, Tie.LATE, self._look)

    def _is_settled(self, order: Order, due_s: int) -> bool:
        if order.outcome is Outcome.CANCELLED or order.complained_s != OPEN_S:
            return True
        return order.outcome is Outcome.DELIVERED and order.delivered_s < due_s

    def _look(self, _call: Call) -> None:
        now_s = self._context.env.now
        if now_s != self._armed_s:
            return  # armed earlier since
        self._armed_s = -1
        waiting = self._waiting
        while waiting and waiting[0][0] <= now_s:
            _due_s, _id, order = heappop(waiting)
            if self._is_settled(order, now_s):
                continue
            due_s = self._patience_ends(order)
            if due_s is not None and due_s > now_s:
                heappush(waiting, (due_s, order.id, order))
            elif due_s is not None:
                self._lose_patience(order, now_s)
        self._arm()

    def _lose_patience(self, order: Order, now_s: int) -> None:
        order.is_delay_complaint = True
        is_far = now_s - order.promise_s > 3 * DAY_S
        self._complain(order, now_s, ComplaintCategory.NOT_RECEIVED if is_far else ComplaintCategory.LATE)
        if self._crm.is_on and order.luck[Draw.CONTACT] < self._rules.contact_share:
            self._crm.tell(now_s, f"{order.id}-contact", order.id, CustomerContact(topic="where is my order"))

    def _complain(self, order: Order, at_s: int, category: ComplaintCategory) -> None:
        order.complained_s = at_s
        order.complaint = category.value
        if self._crm.is_on:
            network = self._context.network
            zone, item = network.zones[order.zone].name, network.items[order.item].name
            said = CustomerComplaint(category=category, area=zone, item=item)
            self._crm.tell(at_s, f"{order.id}-complaint", order.id, said)
