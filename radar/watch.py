"""The order watch: what is expected of each order, and a warning as soon as it does not come.

Theory of operation. An event folds into its order; then the rules look at the order: warnings that its news
ended are resolved, new ones raised, the next wake-up set. Each order has a few instants at which something is
due (its stage's alarm, the next prediction check, silence); the earliest stands in the wheel. News mostly
moves these instants away, and then the old wake-up is left to fire in vain: a hint, checked when it comes.
Whatever fires carries the time it was due, so polling often or seldom changes nothing.
"""

from collections.abc import Callable, Iterable, Sequence

from radar.deadlines import alarm_of, answer, overdue_reason
from radar.events import Event, Payload
from radar.events.order import OrderHeld, OrderPlaced
from radar.fold import ABOUT_ORDERS, FOLDS, MOVING, SHIFTING
from radar.forecasting import Around, Nowhere
from radar.instant import EARLIEST, LATEST, SECOND_US, Instant
from radar.interval import risk_of
from radar.lead_thresholds import WarningPolicy
from radar.marks import is_remembered, remember
from radar.open_index import SHEDDING
from radar.orders import NEVER, Order, order_of, order_row
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningKind
from radar.policy import MEAN_WEIGHT, Decision
from radar.prediction import Predictor
from radar.quarantine import QUARANTINE, QuarantinedError
from radar.raising import Signal, end_warning, raise_warning, update_warning
from radar.rules import Rules
from radar.stages import OrderPhase, Stage
from radar.suspicion import suspicions
from radar.wheel import Wheel
from radar.wording import reason

_UPDATE_STEP = 0.15
"""A standing predicted-late warning is said anew when its probability moved by more than this."""

_Act = Callable[[Order, Instant, list[Output]], None]


class OrderWatch:
    """All open orders, their wake-ups and their warnings (R01-R05, R25)."""

    def __init__(self, rules: Rules, predictor: Predictor, around: Around | None = None) -> None:
        self._rules = rules
        self._predictor = predictor
        self._around = around or Nowhere()
        self.policy = WarningPolicy(rules.prediction)
        self._orders: dict[str, Order] = {}
        self._wheel = Wheel(rules.wheel_bucket_us)
        self._dirty: set[str] = set()
        self._parting: list[Row] = []
        """Last rows of orders forgotten since the store last asked."""
        self._quarantine: dict[str, str] = {}
        self._quarantine_dirty: set[str] = set()
        self._clock: Instant = EARLIEST
        # An order that may have no warning at all is never silent: see ``_is_silence_said``.
        self._silence_us = rules.silence.order_us if rules.warnings_per_order_max else {}
        self._silence_default_us = self._silence_us.get("*", 0)
        checks = {*rules.prediction.predicts_at_us, 0}
        self._last_check = len(checks) - 1
        self._checks_us = (*sorted(checks, reverse=True), -LATEST)  # after the last check there is never another

    @property
    def orders(self) -> dict[str, Order]:
        """Return the orders in memory by id: open ones, and closed ones still remembered."""
        return self._orders

    @property
    def clock(self) -> Instant:
        """Return the largest time observed or advanced to."""
        return self._clock

    @property
    def floor(self) -> Instant:
        """Return a time before which nothing is due; ``LATEST`` when nothing waits."""
        return self._wheel.floor

    def has_seen(self, event: Event) -> bool:
        """Return whether this event of an order was applied already (asked for late arrivals only)."""
        order = self._orders.get(event.subject)
        return order is not None and is_remembered(order.seen, event)

    def is_forgotten(self, event: Event) -> bool:
        """Return whether the event's order may have been closed and forgotten: too late to fold in."""
        return event.subject not in self._orders and event.time < self._clock - self._rules.tombstone_us

    def observe(self, event: Event) -> Sequence[Output]:
        """Fire what was due before the event, fold it into its order, and look at the order.

        Raises:
            QuarantinedError: The order could not be handled, now or earlier; no other order is touched by it.
        """
        out: list[Output] = []
        if event.time > self._wheel.floor:
            self._fire(event.time, out)
        if event.time > self._clock:  # noqa: PLR1730 - no call on the hot path
            self._clock = event.time
        if self._quarantine and event.subject in self._quarantine and type(event.data) in FOLDS:
            raise QuarantinedError(event.subject, self._quarantine[event.subject], out)
        try:
            self._take(event, out)
        except Exception as error:
            self._set_aside(event.subject, error)
            raise QuarantinedError(event.subject, self._quarantine[event.subject], out) from error
        return out

    def _take(self, event: Event, out: list[Output]) -> None:
        fold = FOLDS.get(type(event.data))
        order = self._orders.get(event.subject)
        if fold is None:
            if order is not None and type(event.data) in ABOUT_ORDERS:
                self._note(order, event)
            return
        if order is None:
            # Beyond any version of a former life: an order forgotten long ago may be spoken of again.
            order = self._orders[event.subject] = Order(event.subject, version=self._clock // SECOND_US)
        was_open = order.closed_at == NEVER
        reached = fold(order, event.data, event.time)
        if event.time > order.heard_at:  # noqa: PLR1730
            order.heard_at = event.time
        self._note(order, event)
        if was_open:
            self._react(order, event, reached, out)
        elif reached is Stage.PLACED:
            self._predictor.heard(order, self._clock)  # it ended before anybody said what it was

    def advance(self, now: Instant) -> Sequence[Output]:
        """Fire what was due strictly before ``now``."""
        out: list[Output] = []
        if now > self._wheel.floor:
            self._fire(now, out)
        self._clock = max(self._clock, now)
        return out

    def reconsider(self, places: list[str], at: Instant) -> Sequence[Output]:
        """Predict anew the open orders at some places that feel what changed there at ``at``, by order id."""
        out: list[Output] = []
        self._clock = max(self._clock, at)
        for order_id in self._around.order_ids(places):
            self._look(self._orders[order_id], self._clock, self._repredict, out)
        return out

    def next_due(self) -> Instant | None:
        """Return a time before which nothing is due."""
        return self._wheel.next_due()

    def take_dirty(self) -> list[Row]:
        """Return the rows of the orders changed since last asked."""
        rows: list[Row] = [order_row(self._orders[key]) for key in self._dirty if key in self._orders]
        rows += self._parting
        self._parting = []
        rows += [StateRow(QUARANTINE, key, self._quarantine[key].encode()) for key in self._quarantine_dirty]
        self._dirty.clear()
        self._quarantine_dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore orders and their wake-ups; closed orders are remembered for the tombstone window."""
        for row in rows:
            if isinstance(row, StateRow):
                self._quarantine[row.key] = row.state.decode()
                continue
            order = order_of(row)
            if order.phase is OrderPhase.QUARANTINED:
                continue
            order.next_check = min(order.next_check, self._last_check + 1)  # the checks may have become fewer
            self._orders[order.order_id] = order
            self._clock = max(self._clock, order.updated_at)
            if order.wake_at != NEVER:
                self._wheel.add(order.wake_at, order.order_id)
            if order.is_open:
                self._around.moved(order)

    # --- an event's consequences -------------------------------------------------------------------------

    def _note(self, order: Order, event: Event) -> None:
        order.version += 1
        order.updated_at = self._clock
        order.seen = remember(order.seen, event)
        self._dirty.add(order.order_id)

    def _react(self, order: Order, event: Event, reached: Stage | None, out: list[Output]) -> None:
        at = self._clock
        if reached is Stage.PLACED and isinstance(event.data, OrderPlaced):
            self._predictor.placed(order, at)
            self._suspect(order, event.data, event.time, out)
        if reached is not None:
            self._predictor.reached(order, reached, event.time)
        else:
            self._predictor.heard(order, at)
        if order.closed_at != NEVER:
            self._close(order, at, out)
            return
        kind = type(event.data)
        if kind in MOVING or reached in SHEDDING:
            self._around.moved(order)
        if isinstance(event.data, OrderHeld):
            why = reason("order.held", reason=event.data.reason.value, note=event.data.note)
            self._say(order, Signal(WarningKind.ORDER_HELD, "held", Level.NOTICE, event.time, (why,)), out)
        if order.warnings:
            self._resolve_answered(order, event.data, at, out)
        self._set_alarm(order)
        is_told, is_new = reached is not None and self.policy.is_asked(order, at), reached is Stage.PLACED
        if is_told or ((is_new or order.felt_us or kind in SHIFTING) and self._around.is_shifted(order, at)):
            self._skip_past_checks(order, at)
            self._predict(order, at, out)
        elif is_new:
            self._skip_past_checks(order, at)
        self._set_wake(order)

    def _suspect(self, order: Order, data: OrderPlaced, placed_at: Instant, out: list[Output]) -> None:
        if found := suspicions(data, placed_at, self._rules.suspect):
            self._say(order, Signal(WarningKind.ORDER_SUSPECT, "content", Level.NOTICE, placed_at, found), out)

    def _resolve_answered(self, order: Order, data: Payload, at: Instant, out: list[Output]) -> None:
        """End the warnings that this news answers."""
        for warning in tuple(order.warnings):
            why = answer(order, warning, data)
            if warning.kind is WarningKind.ORDER_SILENT and self._silence_ends_at(order) < at:
                continue  # late news, and older than the limit
            if why is not None:
                out.append(end_warning(order, warning, Change.RESOLVED, at, (why,)))

    def _close(self, order: Order, at: Instant, out: list[Output]) -> None:
        """Learn from the end of an order, resolve its warnings, and remember it for a while."""
        if order.phase is OrderPhase.DELIVERED and order.promise_at != NEVER and not order.is_late:
            order.is_late = order.reached[Stage.DELIVERED] >= order.promise_at
            self._predictor.resolved(order, is_late=order.is_late, at=at)
            if not order.is_late:
                self.policy.passed(order, order.late_probability, order.predicted_at, at)
        self._around.closed(order)
        why = (reason("order.closed", phase=order.phase.value),)
        out.extend(end_warning(order, warning, Change.RESOLVED, at, why) for warning in tuple(order.warnings))
        order.wake_at = Instant(order.closed_at + self._rules.tombstone_us)
        self._wheel.add(order.wake_at, order.order_id)

    # --- what time brings --------------------------------------------------------------------------------

    def _fire(self, now: Instant, out: list[Output]) -> None:
        for due, order_id in self._wheel.pop_due(now):
            order = self._orders.get(order_id)
            if order is None or order.wake_at != due:
                continue  # an older hint
            self._clock = max(self._clock, due)
            if not order.is_open:
                self._forget(order)
                continue
            self._look(order, due, self._wake, out)

    def _look(self, order: Order, at: Instant, act: _Act, out: list[Output]) -> None:
        try:
            act(order, at, out)
        except Exception as error:  # noqa: BLE001 - one poison order must not stop the others (R51)
            self._set_aside(order.order_id, error)

    def _forget(self, order: Order) -> None:
        """Let a closed order leave memory; what a store has not been given yet is kept for it."""
        del self._orders[order.order_id]
        if order.order_id in self._dirty:
            self._dirty.discard(order.order_id)
            self._parting.append(order_row(order))

    def _set_aside(self, order_id: str, error: Exception) -> None:
        """Put an order aside for good; its row says so, as far as it was folded."""
        order = self._orders.pop(order_id, None)
        self._dirty.discard(order_id)
        self._around.gone(order_id)
        if order is not None:
            order.phase = OrderPhase.QUARANTINED
            order.closed_at = self._clock
            order.version += 1
            self._predictor.heard(order, self._clock)
            self._parting.append(order_row(order))
        self._quarantine[order_id] = f"{type(error).__name__}: {error}"
        self._quarantine_dirty.add(order_id)

    def _wake(self, order: Order, at: Instant, out: list[Output]) -> None:
        order.wake_at = NEVER
        if order.alarm_at != NEVER and order.alarm_at <= at:
            self._alarm(order, out)
        if order.promise_at != NEVER and self._check_at(order) <= at:
            self._check(order, at, out)
        if self._silent_at(order) <= at:
            self._silence(order, out)
        self._set_wake(order)
        order.version += 1
        order.updated_at = self._clock
        self._dirty.add(order.order_id)

    def _alarm(self, order: Order, out: list[Output]) -> None:
        at = order.alarm_at
        self._set_alarm(order)
        if order.alarm_at != at:
            return  # the rules were changed while the alarm stood
        stage = self._rules.standards.next_stage(order.order_type, order.stage)
        assert stage is not None, "an alarm is set only for a stage to come"
        order.alarm_at = NEVER
        why = overdue_reason(order, stage, self._rules)
        self._say(order, Signal(WarningKind.STAGE_OVERDUE, stage.name, Level.WARNING, at, (why,)), out)

    def _check(self, order: Order, at: Instant, out: list[Output]) -> None:
        while self._check_at(order) <= at:
            order.next_check += 1
        if at < order.promise_at:
            if self.policy.is_due(order, at):
                self._predict(order, at, out)
        elif not order.is_late:
            order.is_late = True
            self._predictor.resolved(order, is_late=True, at=at)
            self.policy.passed(order, order.late_probability, order.predicted_at, at)
            why = (reason("promise.broken", promise_at=order.promise_at),)
            self._say(order, Signal(WarningKind.PROMISE_BROKEN, "promise", Level.CRITICAL, at, why), out)

    def _silence(self, order: Order, out: list[Output]) -> None:
        at = self._silent_at(order)
        why = reason("order.silent", heard_at=order.heard_at, limit_us=at - order.heard_at)
        self._say(order, Signal(WarningKind.ORDER_SILENT, "silence", Level.NOTICE, at, (why,)), out)

    # --- prediction --------------------------------------------------------------------------------------

    def _predict(self, order: Order, at: Instant, out: list[Output]) -> None:
        if order.promise_at == NEVER or at >= order.promise_at:
            return
        last, last_at = order.late_probability, order.predicted_at
        order.predicted_at = at
        probability = order.late_probability = self._predictor.predict(order, at)
        self.policy.passed(order, last, last_at, at)
        mean = order.mean_probability
        mean = order.mean_probability = probability if mean is None else mean + MEAN_WEIGHT * (probability - mean)
        if self._around.is_risen:
            mean = probability  # the cause is known: no second look is needed
        standing = order.find_warning(WarningKind.PREDICTED_LATE, "promise") if order.warnings else None
        decision = self.policy.decide(order, mean, at, is_standing=standing is not None)
        if decision is Decision.RAISE:
            why = self._why_late(order, at, probability)
            self._say(order, Signal(WarningKind.PREDICTED_LATE, "promise", Level.WARNING, at, why), out, probability)
        elif standing is not None and decision is Decision.WITHDRAW:
            standing.late_probability = probability
            fell = (reason("risk.fell", late_ratio=probability),)
            out.append(end_warning(order, standing, Change.WITHDRAWN, at, fell))
        elif standing is not None and abs(probability - (standing.late_probability or 0.0)) > _UPDATE_STEP:
            out.append(update_warning(order, standing, at, self._why_late(order, at, probability), probability))

    def _repredict(self, order: Order, at: Instant, out: list[Output]) -> None:
        """Predict anew an order whose surroundings changed, if it feels the change."""
        if order.promise_at == NEVER or at >= order.promise_at or not self._around.is_shifted(order, at):
            return
        self._predict(order, at, out)
        order.version += 1
        order.updated_at = at
        self._dirty.add(order.order_id)

    def _why_late(self, order: Order, at: Instant, probability: float) -> tuple[Reason, ...]:
        risk = risk_of(probability, self._predictor.spread(order, at), order.promise_at)
        return (risk, *self._predictor.explain(order, at))

    # --- wake-ups ----------------------------------------------------------------------------------------

    def _set_alarm(self, order: Order) -> None:
        """Set when the next stage is overdue, unless that was said already."""
        stage = self._rules.standards.next_stage(order.order_type, order.stage)
        order.alarm_at = NEVER
        if stage is None or (order.warnings and order.find_warning(WarningKind.STAGE_OVERDUE, stage.name)):
            return
        order.alarm_at = alarm_of(order, stage, self._rules)

    def _skip_past_checks(self, order: Order, at: Instant) -> None:
        checks_us, last, promise_at = self._checks_us, self._last_check, order.promise_at
        while promise_at != NEVER and order.next_check < last and promise_at - checks_us[order.next_check] <= at:
            order.next_check += 1

    def _check_at(self, order: Order) -> Instant:
        return Instant(order.promise_at - self._checks_us[order.next_check])

    def _silent_at(self, order: Order) -> Instant:
        return LATEST if order.warning_count and self._is_silence_said(order) else self._silence_ends_at(order)

    def _silence_ends_at(self, order: Order) -> Instant:
        limit_us = self._silence_us.get(order.order_type, self._silence_default_us)
        return Instant(order.heard_at + limit_us) if limit_us else LATEST

    def _is_silence_said(self, order: Order) -> bool:
        """Return whether it was said, or cannot be: an order that had all its warnings would come due for ever."""
        is_left_alone = order.warning_count >= self._rules.warnings_per_order_max
        return is_left_alone or order.find_warning(WarningKind.ORDER_SILENT, "silence") is not None

    def _set_wake(self, order: Order) -> None:
        wake_at = self._silent_at(order)
        if NEVER != order.alarm_at < wake_at:
            wake_at = order.alarm_at
        if order.promise_at != NEVER and (check_at := self._check_at(order)) < wake_at:
            wake_at = check_at
        if wake_at < LATEST and (order.wake_at == NEVER or wake_at < order.wake_at):
            order.wake_at = wake_at
            self._wheel.add(wake_at, order.order_id)

    def _say(self, order: Order, signal: Signal, out: list[Output], late_probability: float | None = None) -> None:
        change = raise_warning(order, self._rules, signal, max(self._clock, signal.due_at), late_probability)
        if change is not None:
            out.append(change)
