"""The prediction the order watch asks for: the predictor's, in the light of what touches the order now.

A condition's expected extra time raises the chance of being late by itself (``radar.shift``). The predictor stays
ignorant of conditions, and the conditions of how probabilities are made.
"""

from collections.abc import Callable, Sequence
from math import hypot
from typing import Protocol

from radar.conditions import Code, Condition, Feeling
from radar.conditions.ahead import is_counted
from radar.conditions.touching import touches_of
from radar.instant import EARLIEST, HOUR_US, Instant
from radar.orders import Order
from radar.outputs import Fact, Reason
from radar.prediction import Predictor
from radar.shift import DOUBT, log_odds, shifted
from radar.stages import Stage
from radar.surroundings import Surroundings

DOUBT_MAX = 1.0
"""Standard deviation of the log-odds that the doubt of what conditions add is worth at most. Assumption."""
QUEUE_REASON = "risk.queue"
"""Code of the reason that a predictor gives for the queues ahead."""
RISE_MIN = 0.1
"""Rise of P(late) through conditions that needs no second prediction to confirm it: its cause is known."""
SHIFT_MIN_US, SHIFT_SHARE = HOUR_US, 0.5
"""An extra time that moved by less than this, or by less than this share of itself, asks for no new prediction: the
next milestone or check says it. Source: docs/prediction.md."""


class Around(Protocol):
    """What the order watch tells of its orders, beside milestones and labels."""

    is_risen: bool
    """Whether conditions raised the last prediction."""

    def moved(self, order: Order) -> None:
        """Note that an order may be at other places than before."""

    def closed(self, order: Order) -> None:
        """Take note of an order's end."""

    def gone(self, order_id: str) -> None:
        """Forget an order that was put aside."""

    def is_shifted(self, order: Order, at: Instant) -> bool:
        """Return whether what the order feels of conditions moved enough to ask for a new prediction."""

    def order_ids(self, places: list[str]) -> list[str]:
        """Return the ids of the open orders at some places, sorted, each once."""


class Nowhere:
    """No surroundings: what a watch alone has."""

    is_risen = False

    def moved(self, order: Order) -> None:
        """Note nothing."""

    def closed(self, order: Order) -> None:
        """Note nothing."""

    def gone(self, order_id: str) -> None:
        """Note nothing."""

    def is_shifted(self, order: Order, at: Instant) -> bool:
        """Return False: nothing is ever there."""
        del order, at
        return False

    def order_ids(self, places: list[str]) -> list[str]:
        """Return none."""
        del places
        return []


class Forecast:
    """A predictor that knows the surroundings; the watch's ``Predictor`` and its ``Around``."""

    def __init__(self, predictor: Predictor, surroundings: Surroundings, lead_us: int) -> None:
        self.predictor = predictor
        self._surroundings = surroundings
        self._conditions = surroundings.conditions
        self._lead_us = lead_us
        # Handed through: a call less on the hot path.
        self.moved: Callable[[Order], None] = surroundings.index.put
        self.gone: Callable[[str], None] = surroundings.index.remove
        self.closed: Callable[[Order], None] = surroundings.closed
        told = {
            Stage.PLACED: surroundings.placed,
            Stage.PAID: surroundings.paid,
            Stage.PRODUCED: surroundings.produced,
            Stage.HANDED_OVER: surroundings.handed_over,
            Stage.OUT_FOR_DELIVERY: surroundings.out_for_delivery,
            Stage.DELIVERED: surroundings.delivered,
        }
        self._told = tuple(told.get(stage) for stage in Stage)
        self.is_risen = False
        """Whether conditions raised the last prediction."""

    def placed(self, order: Order, at: Instant) -> None:
        """Take note of a new order."""
        self._surroundings.choose(order)
        self.predictor.placed(order, at)

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Take note of a milestone."""
        self.predictor.reached(order, stage, at)
        tell = self._told[stage]
        if tell is not None:
            tell(order, at)

    def heard(self, order: Order, at: Instant) -> None:
        """Take note of other news."""
        self.predictor.heard(order, at)

    def resolved(self, order: Order, *, is_late: bool, at: Instant) -> None:
        """Take the label."""
        self.predictor.resolved(order, is_late=is_late, at=at)
        if order.lead_probability is not None:
            self._surroundings.drift.resolved(order, is_late=is_late)

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        """Return P(late), and let the order remember what touches it."""
        feeling = self._feel(order, at)
        probability = calm = self.predictor.predict(order, at)
        order.felt_us = 0
        if feeling is not None:
            order.felt_us = feeling.delay_us
            order.touches = touches_of(order, feeling)
        if feeling is not None or delay_us:
            probability = self._shifted(calm, order, at, feeling, delay_us)
        self.is_risen = probability - calm > RISE_MIN
        if order.promise_at - at == self._lead_us:
            order.lead_probability = probability
        return probability

    def peek(self, order: Order, at: Instant) -> float:
        """Return what ``predict`` would, and change nothing."""
        return self._shifted(self.predictor.predict(order, at), order, at, self._feel(order, at))

    def _feel(self, order: Order, at: Instant) -> Feeling | None:
        """Return what an order feels, reckoned without what the predictor counts itself."""
        return self._conditions.feel(order, at, self.predictor.counted)

    def _counted_queues(self, order: Order) -> Instant | None:
        return None if self.predictor.counted(order) is None else EARLIEST

    def counted(self, order: Order) -> Instant | None:
        """Return when the predictor looked at the queues ahead of an order last, as far as it counts them itself."""
        return self.predictor.counted(order)

    def spread(self, order: Order, at: Instant) -> float:
        """Return the standard deviation of the log-odds, wider while a drift stands.

        What conditions add to them is as doubtful as the extra time it follows from, within bounds: most of that doubt
        is in the probability already.
        """
        # A storm is doubtful whoever reckons with it: of what is counted, queues alone are left out here.
        feeling = self._conditions.feel(order, at, self._counted_queues)
        spread = self.predictor.spread(order, at)
        if feeling is not None:
            calm = self.predictor.predict(order, at)
            rise = log_odds(self._shifted(calm, order, at, feeling)) - log_odds(calm)
            spread = hypot(spread, min(DOUBT * abs(rise), DOUBT_MAX))
        return spread * self._surroundings.drift.widening

    def _shifted(self, calm: float, order: Order, at: Instant, feeling: Feeling | None, delay_us: int = 0) -> float:
        """Return P(late) with an extra time; where nothing is known of usual times, as if the promise came earlier."""
        if feeling is not None:
            delay_us += feeling.delay_us
        if delay_us <= 0:
            return calm
        usual = self._surroundings.remaining.left(order, at) if feeling is None else feeling.moment.left
        if usual is None:
            return self.predictor.predict(order, at, delay_us)
        return shifted(calm, order.promise_at - at, usual.mean_us, usual.spread_us, delay_us)

    def explain(self, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
        """Return the conditions that touch the order, the longest delay first, then the predictor's reasons.

        Where the predictor counts what hinders the places, those conditions are why its queues are long: they take the
        queues' contribution over.
        """
        touching = [one for one in self._conditions.touching(order, at) if one.delay_us > 0]
        said = self.predictor.explain(order, at)
        felt = sorted((one for one in touching if not self._is_counted(one, order)), key=lambda one: -one.delay_us)
        behind = [one for one in touching if one not in felt and one.code is not Code.BACKLOG]
        if behind:
            said = _by_conditions(said, behind)
        if not felt:
            return said
        calm = self.predictor.predict(order, at)
        feeling = self._feel(order, at)
        now = self._shifted(calm, order, at, feeling, delay_us)
        return (*_shares(felt, log_odds(now) - log_odds(calm)), *said)

    def _is_counted(self, condition: Condition, order: Order) -> bool:
        """Return whether a condition acts through the predictor's queues."""
        counted = self.predictor.counted(order)
        return counted is not None and is_counted(condition, order.stage, counted, order.lane)

    def is_shifted(self, order: Order, at: Instant) -> bool:
        """Return whether what the order feels of conditions moved enough to ask for a new prediction."""
        before_us = order.felt_us
        moved_us = abs(self._conditions.delay_us(order, at, self.predictor.counted) - before_us)
        return moved_us >= SHIFT_MIN_US and moved_us >= SHIFT_SHARE * before_us

    def order_ids(self, places: list[str]) -> list[str]:
        """Return the ids of the open orders at some places, sorted, each once."""
        index = self._surroundings.index
        return sorted({order_id for place in places for order_id in index.at(place)})


_UNDATED = {Code.LINE_DOWN: "condition.line-down-open", Code.CLOSURE: "condition.closure-open"}
"""Sentences for what nobody gave an end."""


def _shares(conditions: Sequence[Condition], rise: float) -> tuple[Reason, ...]:
    """Return conditions as reasons that share a rise of the log-odds by their extra time."""
    total_us = sum(one.delay_us for one in conditions)
    return tuple(reason_of(one, rise * one.delay_us / total_us) for one in conditions)


def _by_conditions(said: tuple[Reason, ...], behind: Sequence[Condition]) -> tuple[Reason, ...]:
    """Return a predictor's reasons with the conditions behind its queues in the place of the queues."""
    queues = [one for one in said if one.code == QUEUE_REASON]
    if not queues:
        return said
    others = [one for one in said if one.code != QUEUE_REASON]
    return tuple(
        sorted((*_shares(behind, sum(one.weight for one in queues)), *others), key=lambda one: -abs(one.weight))
    )


def reason_of(condition: Condition, weight: float = 0.0) -> Reason:
    """Return a condition as the reason of a warning: what holds, where, since when, until when, how much it costs."""
    names = {fact.name for fact in condition.facts}
    code = f"condition.{condition.code.value}"
    if "until_at" not in names:
        code = _UNDATED.get(condition.code, code)
    own = (
        Fact("subject", condition.subject),
        Fact("since_at", condition.since_at),
        Fact("extra_us", condition.delay_us),
    )
    return Reason(code, (*own, *condition.facts), weight)
