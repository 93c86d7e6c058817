"""The warning threshold at the lead, learned: low enough to find a set share of the orders that will be late.

At the lead every open order gets its last chance of a timely warning. Of the recent decisions there, each counts with
its probability as expected late orders; the threshold is the value above which the wanted share of them lies. So the
recall is held when promises are generous and few orders are late, and when the trucks are on strike; the rules' own
threshold is a cap, and holds alone until enough decisions are known. Decisions about orders of which only the
seller has told do not count: they are rare, high, and would hide the others.

Thresholds change at the local midnights of the zone of an order type's first order, whenever the next decision is
made, so they depend on the sequence of decisions alone.
"""

from collections.abc import Iterable
from math import floor

import msgspec

from radar.instant import LATEST, Instant
from radar.learning.local_days import LocalDays
from radar.orders import NEVER, Order
from radar.outputs import Row, StateRow
from radar.policy import Decision, decide
from radar.rules import PredictionRules
from radar.stages import Stage
from radar.stopping import Stopping, Waiting

MACHINE = "policy"
BINS = 50
"""Of the probability; a threshold is a multiple of 0.02."""
HALF_LIFE = 21.0
"""Days after which a decision counts half. Source: docs/prediction.md, as the next."""
COUNTED_FROM = Stage.ALLOCATED
"""Decisions about orders from this stage on count: a marketplace tells none between the seller and the carrier, so
there it means in transit; a maker's queues, where most of what will be late stands, count too."""
MASS_MIN = 5.0
"""Expected late orders below which the rules' own threshold holds."""
TYPES_MAX = 32
"""Order types with a threshold of their own; all further types take the rules' own."""
_DEFAULT_ZONE = "UTC"
_WAITING = "waiting/"
"""Prefix of the keys under which the values of waiting are kept."""


class _Type(msgspec.Struct, array_like=True):
    """Decisions about one order type."""

    version: int
    zone: str
    day: int
    threshold: float
    """In force on ``day``."""
    mass: list[float]
    """Expected late orders by bin, as of the beginning of ``day`` and with what came since."""


class WarningPolicy:
    """The rules' thresholds, and the learned ones by order type."""

    def __init__(self, rules: PredictionRules) -> None:
        self._rules = rules
        self._decision_us = rules.decision_us
        self._pause_us = rules.pause_us
        self._calm_below, self._calm_pause_us = rules.calm_below, rules.calm_pause_us
        self._near_us = max(rules.checks_us) if rules.calm_below else LATEST
        """How far a promise lies ahead at most for its order not to be calm: its first check is there or past."""
        self._first_us = rules.decision_us + rules.calm_pause_us
        self._types: dict[str, _Type] = {}
        self._days: dict[str, LocalDays] = {}
        self._dirty: set[str] = set()
        self._stopping = Stopping(rules.cost, rules.predicts_at_us) if rules.by_cost else None
        self._waiting: dict[str, Waiting] = {}

    def is_asked(self, order: Order, at: Instant) -> bool:
        """Return whether a milestone asks for a new prediction: a warning stands, or the last one is old enough.

        Ahead of its first check an order is asked for once, and not even that where the check comes within a day.
        """
        lead_us, last = order.promise_at - at, order.late_probability
        if order.warnings or lead_us <= 0:
            return True
        if last is None:
            return self._near_us == LATEST or lead_us > self._near_us or lead_us <= self._first_us
        since_us = at - order.predicted_at
        if last < self._calm_below:
            return since_us >= self._calm_pause_us and lead_us <= self._near_us
        return since_us >= self._pause_us and lead_us <= self._near_us

    def is_due(self, order: Order, at: Instant) -> bool:
        """Return whether a check asks for one: all do but one ahead of the decision soon after a calm order's last."""
        last = order.late_probability
        if last is None or last >= self._calm_below or order.warnings or order.promise_at - at <= self._decision_us:
            return True
        return at >= order.predicted_at + self._calm_pause_us

    def decide(self, order: Order, mean: float, at: Instant, *, is_standing: bool) -> Decision:
        """Return what an order's new prediction, ``order.late_probability``, asks for.

        Args:
            order: The order.
            mean: Of the order's predictions, this one included (``radar.policy``).
            at: As of when.
            is_standing: Whether the order's warning is open.
        """
        found = order.late_probability
        assert found is not None, "decided upon a prediction"
        if self._stopping is not None:
            return self._by_cost(self._stopping, order, found, at, is_standing=is_standing)
        lead_us = order.promise_at - at
        if lead_us > self._decision_us and not is_standing and found < self._rules.raise_early:
            return Decision.KEEP  # what ``decide`` would say of most predictions
        at_lead = self._at_lead(order, found, at)
        return decide(self._rules, found, lead_us, is_standing=is_standing, mean=mean, at_lead=at_lead)

    def thresholds(self) -> dict[str, float]:
        """Return the threshold at the lead by order type, as it was last set: for a table of what was learned."""
        return {key: self._types[key].threshold for key in sorted(self._types)}

    def passed(self, order: Order, before: float | None, before_at: Instant, at: Instant) -> None:
        """Take note that an order was predicted anew, or its label is known: what its last prediction led to.

        Args:
            order: The order.
            before: The prediction before this one; None when it is the first.
            before_at: When that was made.
            at: As of when.
        """
        if self._stopping is None or before is None or order.promise_at == NEVER:
            return
        waiting = self._waiting_of(self._stopping, order.order_type)
        if waiting is None:
            return
        found = order.late_probability
        is_ended = order.closed_at != NEVER or order.is_late or found is None
        after = None if is_ended or found is None else (found, order.promise_at - at)
        past = (before, order.promise_at - before_at)
        self._stopping.passed(waiting, past, after, is_late=order.is_late, at=at)
        self._dirty.add(_WAITING + order.order_type)

    def take_dirty(self) -> list[Row]:
        """Return what changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, key, msgspec.msgpack.encode(self._kept(key))) for key in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def _kept(self, key: str) -> "_Type | Waiting":
        return self._waiting[key.removeprefix(_WAITING)] if key.startswith(_WAITING) else self._types[key]

    def _by_cost(
        self, stopping: Stopping, order: Order, late_probability: float, at: Instant, *, is_standing: bool
    ) -> Decision:
        if is_standing:
            return Decision.WITHDRAW if late_probability < self._rules.withdraw_below else Decision.KEEP
        waiting = self._waiting_of(stopping, order.order_type) or stopping.begin()
        is_due = stopping.is_due(waiting, late_probability, order.promise_at - at)
        return Decision.RAISE if is_due else Decision.KEEP

    def _waiting_of(self, stopping: Stopping, order_type: str) -> Waiting | None:
        waiting = self._waiting.get(order_type)
        if waiting is not None and not stopping.fits(waiting):
            del self._waiting[order_type]  # the checks were changed since
            waiting = None
        if waiting is None and len(self._waiting) < TYPES_MAX:
            waiting = self._waiting[order_type] = stopping.begin()
        return waiting

    def load(self, rows: Iterable[Row]) -> None:
        """Restore order types."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.key.startswith(_WAITING):
                self._waiting[row.key.removeprefix(_WAITING)] = msgspec.msgpack.decode(row.state, type=Waiting)
                continue
            self._types[row.key] = msgspec.msgpack.decode(row.state, type=_Type)

    def _at_lead(self, order: Order, late_probability: float, at: Instant) -> float | None:
        """Return the threshold for a decision at or inside the lead, and count the decision at the lead itself."""
        wanted, lead_us = self._rules.recall_at_lead, order.promise_at - at
        if wanted is None or lead_us > self._rules.decision_us:
            return None
        one = self._type_of(order)
        if one is None:
            return None
        self._open_day(one, order.order_type, at, wanted)
        if lead_us == self._rules.decision_us and order.stage >= COUNTED_FROM:
            one.mass[min(int(late_probability * BINS), BINS - 1)] += late_probability
            self._dirty.add(order.order_type)
        return one.threshold

    def _type_of(self, order: Order) -> _Type | None:
        one = self._types.get(order.order_type)
        if one is None and len(self._types) < TYPES_MAX:
            zone = order.zone or _DEFAULT_ZONE
            one = self._types[order.order_type] = _Type(1, zone, 0, self._rules.raise_at_lead, [0.0] * BINS)
        return one

    def _open_day(self, one: _Type, key: str, at: Instant, wanted: float) -> None:
        """Let a new day begin, if it does: fix its threshold, then let older decisions fade."""
        days = self._days.get(one.zone)
        if days is None:
            days = self._days[one.zone] = LocalDays(one.zone)
        today = floor(days.day(at))
        if today <= one.day:
            return
        gap = today - one.day if one.day else 1
        one.threshold = self._found(one.mass, wanted, 0.5 ** ((gap - 1) / HALF_LIFE))
        fade = 0.5 ** (gap / HALF_LIFE)
        one.mass = [value * fade for value in one.mass]
        one.day = today
        self._dirty.add(key)

    def _found(self, mass: list[float], wanted: float, fade: float) -> float:
        cap = self._rules.raise_at_lead
        total = sum(mass)
        if total * fade < MASS_MIN:
            return cap
        above = 0.0
        for place in range(BINS - 1, -1, -1):
            above += mass[place]
            if above >= wanted * total:
                return max(self._rules.least_at_lead, self._precise(mass), min(cap, place / BINS))
        return cap

    def _precise(self, mass: list[float]) -> float:
        """Return the threshold above which the wanted share of recent decisions is expected late; 0 asks for none."""
        wanted = self._rules.precision_at_lead
        if wanted is None:
            return 0.0
        count, late, found = 0.0, 0.0, 1.0
        for place in range(BINS - 1, -1, -1):
            probability = (place + 0.5) / BINS
            count += mass[place] / probability
            late += mass[place]
            if late >= wanted * count and (count or probability >= wanted):
                found = place / BINS
        return found


def experience(row: StateRow, days: int) -> StateRow:
    """Return a row as it moves to another room, so many days on: all of it is experience."""
    kind: type[Waiting] | type[_Type] = Waiting if row.key.startswith(_WAITING) else _Type
    one = msgspec.msgpack.decode(row.state, type=kind)
    one.day += days if one.day else 0
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(one))
