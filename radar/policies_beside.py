"""Several warning policies over the very same predictions: one speaks, the others are only noted.

Theory of operation. A policy decides upon each prediction by the prediction, the mean of those so far and whether its
own warning stands. So another policy needs no run of its own: it is asked beside the speaking one, at those instants,
with its own standing warnings and its own learned thresholds. The policy that speaks is asked a second time in the
same way, and must come out as it spoke; a test holds the two together.

What a run of its own could differ by: while a warning stands, a milestone within ``PredictionRules.pause_us`` of the
last prediction asks for a new one, and so do milestones and early checks of an order that would be calm without it. The
policies beside see the predictions of the one that speaks.
"""

from collections.abc import Callable, Iterable

import msgspec

from radar.instant import Instant
from radar.lead_thresholds import WarningPolicy
from radar.named_policies import RULES_OWN, with_policy
from radar.orders import Order
from radar.outputs import Row
from radar.policy import Decision
from radar.rules import Rules


class FirstAlarm(msgspec.Struct, gc=False):
    """The first predicted-late warning of an order under one policy."""

    at: Instant
    late_probability: float
    withdrawn_at: Instant | None = None


class _Beside:
    """One policy, and the warnings that it would have standing."""

    __slots__ = ("first", "policy", "raised", "standing")

    def __init__(self, policy: WarningPolicy) -> None:
        self.policy = policy
        self.first: dict[str, FirstAlarm] = {}
        self.standing: set[str] = set()
        self.raised: dict[str, int] = {}

    def decide(self, order: Order, mean: float, at: Instant, clock: Instant, room: int) -> None:
        """Ask the policy; ``room`` is how many warnings it may raise for the order in all."""
        order_id, probability = order.order_id, order.late_probability
        assert probability is not None, "decided upon a prediction"
        decision = self.policy.decide(order, mean, at, is_standing=order_id in self.standing)
        if decision is Decision.RAISE and self.raised.get(order_id, 0) < room:
            self.standing.add(order_id)
            self.raised[order_id] = self.raised.get(order_id, 0) + 1
            self.first.setdefault(order_id, FirstAlarm(max(clock, at), probability))
        elif decision is Decision.WITHDRAW:
            self.standing.discard(order_id)
            if self.raised[order_id] == 1:
                self.first[order_id].withdrawn_at = at


class PoliciesBeside(WarningPolicy):
    """The policy of the rules, and beside it each of their named policies."""

    def __init__(self, rules: Rules, clock: Callable[[], Instant]) -> None:
        """Take the rules, and what tells the stream clock."""
        super().__init__(rules.prediction)
        self._clock = clock
        self._warnings_max = rules.warnings_per_order_max
        self._raised: dict[str, int] = {}
        names = (RULES_OWN, *rules.policies)
        self._beside = {name: _Beside(WarningPolicy(with_policy(rules, name).prediction)) for name in names}

    def first_alarms(self) -> dict[str, dict[str, FirstAlarm]]:
        """Return by policy, ``rules`` for the one that speaks, the first alarm of each order alarmed so far."""
        return {name: one.first for name, one in self._beside.items()}

    def decide(self, order: Order, mean: float, at: Instant, *, is_standing: bool) -> Decision:
        """Return what the speaking policy asks for; note what the others would."""
        order_id = order.order_id
        own = self._raised.get(order_id, 0)
        room = self._warnings_max - (order.warning_count - own)
        for one in self._beside.values():
            one.decide(order, mean, at, self._clock(), room)
        decision = super().decide(order, mean, at, is_standing=is_standing)
        if decision is Decision.RAISE and order.warning_count < self._warnings_max:
            self._raised[order_id] = own + 1
        return decision

    def passed(self, order: Order, before: float | None, before_at: Instant, at: Instant) -> None:
        """Let every policy take note of what a prediction led to."""
        super().passed(order, before, before_at, at)
        for one in self._beside.values():
            one.policy.passed(order, before, before_at, at)

    def load(self, rows: Iterable[Row]) -> None:
        """Give every policy the same experience."""
        known = list(rows)
        super().load(known)
        for one in self._beside.values():
            one.policy.load(known)
