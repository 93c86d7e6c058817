"""The control room: the machines of the core as one, which the live flow and the twin both drive.

The order of things at one instant is fixed: what was learned enters the tables first, then silent sources are
named, then orders wake, then the event itself is taken in.
"""

from collections.abc import Iterable, Sequence

from radar.batch import Feed
from radar.events import Event
from radar.forecasting import Forecast
from radar.instant import LATEST, Instant
from radar.interval import Interval, interval_of
from radar.lead_thresholds import MACHINE as POLICY
from radar.learning.learner import MACHINE as LEARNER
from radar.learning.learner import Learner
from radar.orders import NEVER, Order
from radar.outputs import OrderRow, Output, Reason, Row
from radar.quarantine import QuarantinedError
from radar.rules import Rules
from radar.scopes import MACHINE as SCOPES
from radar.scopes import ScopeWatch
from radar.surroundings import MACHINES as AROUND
from radar.surroundings import Surroundings
from radar.watch import OrderWatch


class ControlRoom:
    """Learner, surroundings, scope watch and order watch under the same four verbs."""

    def __init__(self, rules: Rules) -> None:
        self._learner = Learner(rules)
        self._scopes = ScopeWatch(rules)
        self._around = Surroundings(rules)
        self._forecast = Forecast(self._learner, self._around, rules.prediction.decision_us)
        self._watch = OrderWatch(rules, self._forecast, self._forecast)
        self._around.follow(self._watch.orders, lambda: self._watch.clock)
        self._learner.follow(self._watch.orders)
        self._learner.heed(self._around.conditions.ahead)
        self._learner.listen(self._scopes.silence)

    @property
    def orders(self) -> dict[str, Order]:
        """Return the orders in memory by id."""
        return self._watch.orders

    @property
    def clock(self) -> Instant:
        """Return the time that everything earlier has been fired up to."""
        return self._watch.clock

    def has_seen(self, event: Event) -> bool:
        """Return whether a late event is a duplicate of one already applied."""
        return self._watch.has_seen(event) or self._scopes.has_seen(event)

    def is_forgotten(self, event: Event) -> bool:
        """Return whether a late event may belong to an order closed and forgotten."""
        return self._watch.is_forgotten(event)

    def observe(self, event: Event) -> Sequence[Output]:
        """Fire what was due strictly before ``event.time``, then take the event in.

        Raises:
            QuarantinedError: The event's order is poison; see ``OrderWatch.observe``. What was said all the same
                is in its ``said``.
        """
        fired = self._fire(event.time)
        self._learner.observe(event)
        if self._around.concerns(event):
            fired.extend(self._around.observe(event))
        heard = self._scopes.observe(event)
        try:
            said = self._watch.observe(event)
        except QuarantinedError as error:
            error.said = (*fired, *heard, *error.said)
            raise
        if self._around.conditions.is_changed:
            changed: list[Output] = [*fired, *heard, *said]
            self._reconsider(event.time, changed)
            return changed
        return (*fired, *heard, *said) if fired or heard else said

    def advance(self, now: Instant) -> Sequence[Output]:
        """Fire what was due strictly before ``now``; every clock then stands there, whether anything was due or not."""
        out = self._fire(now)
        self._scopes.advance(now)
        self._watch.advance(now)
        return out

    def _fire(self, now: Instant) -> list[Output]:
        """Fire what was due strictly before ``now``, machine by machine in order of time."""
        out: list[Output] = []
        while True:
            learn_at = self._learner.next_due() or LATEST
            around_at, scope_at, wake_at = self._around.floor, self._scopes.floor, self._watch.floor
            first = min(learn_at, around_at, scope_at, wake_at)
            if first >= now:
                return out
            if learn_at == first:
                self._learner.advance(Instant(first + 1))
            elif around_at == first:
                out.extend(self._around.advance(Instant(first + 1)))
                self._reconsider(first, out)
            elif scope_at == first:
                out.extend(self._scopes.advance(Instant(first + 1)))
            else:
                out.extend(self._watch.advance(min(now, learn_at, around_at, scope_at)))

    def _reconsider(self, at: Instant, out: list[Output]) -> None:
        """Let the orders be predicted anew where conditions changed."""
        if self._around.conditions.is_changed:
            out.extend(self._watch.reconsider(self._around.conditions.take_changes(), at))

    def next_due(self) -> Instant | None:
        """Return a time before which nothing is due."""
        due = min(self._learner.next_due() or LATEST, self._around.floor, self._scopes.floor, self._watch.floor)
        return None if due == LATEST else due

    def predict(self, order_id: str, at: Instant) -> float | None:
        """Return P(late) of an open order as of ``at``, the clock's time; None of any other. Changes nothing."""
        order = self._asked(order_id)
        return None if order is None else self._forecast.peek(order, at)

    def interval(self, order_id: str, at: Instant) -> Interval | None:
        """Return between which values ``predict`` expects the truth to lie; None where it says nothing."""
        order = self._asked(order_id)
        if order is None:
            return None
        return interval_of(self._forecast.peek(order, at), self._forecast.spread(order, at))

    def explain(self, order_id: str, at: Instant) -> tuple[Reason, ...]:
        """Return why ``predict`` says what it says; nothing where it says nothing."""
        order = self._asked(order_id)
        return () if order is None else self._forecast.explain(order, at)

    def _asked(self, order_id: str) -> Order | None:
        order = self._watch.orders.get(order_id)
        return order if order is not None and order.is_open and order.promise_at != NEVER else None

    def take_dirty(self) -> list[Row]:
        """Return the rows of all machines changed since last asked."""
        machines = (self._learner, self._around, self._scopes, self._watch.policy, self._watch)
        return [row for machine in machines for row in machine.take_dirty()]

    def take_feeds(self) -> list[Feed]:
        """Return what is known of the sources heard since last asked."""
        return self._scopes.take_feeds()

    def load(self, rows: Iterable[Row]) -> None:
        """Restore all machines, each from its own rows."""
        for row in rows:
            if isinstance(row, OrderRow):
                self._watch.load((row,))
            elif row.machine == LEARNER:
                self._learner.load((row,))
            elif row.machine in AROUND:
                self._around.load((row,))
            elif row.machine == POLICY:
                self._watch.policy.load((row,))
            elif row.machine == SCOPES:
                self._scopes.load((row,))
            else:
                self._watch.load((row,))
