"""A control room that is asked for its probabilities at set horizons while it runs, and is not changed by it.

Between two events the room is advanced to just past each probe's instant and asked; by the contract of the
machines it does not matter how often they are advanced, so the warnings are those of a room never asked. What is
known at the instant itself counts: an order delivered exactly then is not open any more.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

import msgspec

from radar.events import Event
from radar.events.order import OrderPlaced
from radar.instant import Instant
from radar.orders import NEVER, Order
from radar.outputs import Output
from radar.policies_beside import FirstAlarm, PoliciesBeside
from radar.quarantine import QuarantinedError
from radar.room import ControlRoom
from radar.rules import Rules


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What the room said of one open order at one horizon."""

    order_id: str
    horizon_us: int
    late_probability: float


class ProbedRoom(ControlRoom):
    """The same room, with a note of every order and of its probabilities ahead of the promise."""

    def __init__(
        self, rules: Rules, horizons_us: Sequence[int], on_event: Callable[[Event], None] | None = None
    ) -> None:
        """Take the rules, the horizons, and who else is shown every event as it is applied."""
        super().__init__(rules)
        self._on_event = on_event
        self._policies = self._watch.policy = PoliciesBeside(rules, lambda: self._watch.clock)
        self.book: dict[str, Order] = {}
        """Every order ever placed, the closed and forgotten ones too."""
        self.answers: list[Answer] = []
        self._horizons_us = tuple(sorted(horizons_us, reverse=True))
        self._probes: list[tuple[Instant, str, int]] = []

    @property
    def alarms(self) -> dict[str, dict[str, FirstAlarm]]:
        """Return the first alarm of each order by policy: the rules' own, and their named ones beside it."""
        return self._policies.first_alarms()

    def observe(self, event: Event) -> Sequence[Output]:
        """Answer the probes due before the event, then take it in."""
        if self._on_event is not None:
            self._on_event(event)
        fired = self._answer(event.time)
        try:
            said = super().observe(event)
        except QuarantinedError as error:
            error.said = (*fired, *error.said)
            raise
        if type(event.data) is OrderPlaced and event.subject not in self.book:
            order = self.orders.get(event.subject)
            if order is not None:
                self.book[event.subject] = order
                self._plan(order, 0)
        return (*fired, *said) if fired else said

    def advance(self, now: Instant) -> Sequence[Output]:
        """Fire what was due strictly before ``now`` and answer the probes on the way."""
        fired = self._answer(now)
        said = super().advance(now)
        return (*fired, *said) if fired else said

    def _answer(self, now: Instant) -> list[Output]:
        """Answer the probes due strictly before ``now``; return what was fired up to the last of them."""
        out: list[Output] = []
        while self._probes and self._probes[0][0] < now:
            at, order_id, index = heappop(self._probes)
            out.extend(super().advance(Instant(at + 1)))
            probability = self.predict(order_id, at)
            if probability is not None:
                self.answers.append(Answer(order_id, self._horizons_us[index], probability))
                self._plan(self.book[order_id], index + 1)
        return out

    def _plan(self, order: Order, first: int) -> None:
        """Set the next probe of an order that is not past."""
        if order.promise_at == NEVER:
            return
        for index in range(first, len(self._horizons_us)):
            at = Instant(order.promise_at - self._horizons_us[index])
            if at >= self.clock:
                heappush(self._probes, (at, order.order_id, index))
                return
