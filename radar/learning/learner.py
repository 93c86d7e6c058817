"""The learner: one model an order type, its epochs at the local midnights of the type's first order.

It is told facts about folded orders by the order watch (``radar.prediction.Predictor``) and speaks the four verbs of a
machine besides. What was told enters the tables at the next epoch only, so a prediction depends on the events before
the last midnight, on the order itself, and on nothing else: not on polling, block sizes or restarts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor

from radar.events import Event
from radar.instant import EARLIEST, LATEST, Instant
from radar.learning.facts import Facts
from radar.learning.flow import Flow
from radar.learning.flow_reasons import flow_reasons
from radar.learning.flow_stored import FLOW, FlowStore
from radar.learning.forecast import STRANGER_LATE, believed, predict, spread
from radar.learning.hindrances import AheadLike
from radar.learning.local_days import LocalDays
from radar.learning.model import Model
from radar.learning.open_orders import hash_of
from radar.learning.positions import FINE, TYPES_MAX
from radar.learning.reasons import reasons_of
from radar.learning.stored import CORE, MACHINE, changed_rows, core_of, core_row, model_of
from radar.orders import APART, NEVER, Order
from radar.outputs import Output, Reason, Row, StateRow
from radar.rules import Rules
from radar.stages import OrderPhase, Stage

__all__ = ["MACHINE", "Learner"]

MODELS_MAX = 32
"""Order types with a model of their own; all further types share one."""
REST = "*"
"""Order type of the model that the further types share."""
DEFAULT_ZONE = "UTC"
BESIDE = 4
"""One in so many orders of the sample teaches a daily model while the flow predicts its type."""
FACTS_MAX = 200_000
"""Orders whose facts are remembered between two predictions; a mere saving of time."""


class Learner:
    """The predictor that learns online.

    While the flow predicts an order type, its daily model is taught by a part of the sample (``radar.surroundings``):
    it is asked only should the type's deliveries cease to be enough for the flow.
    """

    def __init__(self, rules: Rules) -> None:
        self._holidays = rules.holidays
        self._models: dict[str, Model] = {}
        self._touched: set[str] = set()
        """Order types whose row of fixed size is to be stored."""
        self._facts: dict[str, Facts] = {}
        self._flow = Flow()
        self._flow_store = FlowStore()
        self._book: Mapping[str, Order] = {}
        self._loaded: list[StateRow] = []
        self._is_loaded = True
        self._due: Instant = LATEST

    def follow(self, book: Mapping[str, Order]) -> None:
        """Name the orders that a restart derives the rest of the state from."""
        self._book = book

    def heed(self, ahead: Callable[[Instant], AheadLike]) -> None:
        """Name who tells what stands in the way of the places ahead."""
        self._flow.doors.ahead = ahead

    def listen(self, silence: Callable[[Instant], Sequence[int]]) -> None:
        """Name who tells how long ago each milestone could last have been told."""
        self._flow.listen(silence)

    def models(self) -> Mapping[str, Model]:
        """Return the models by order type: for a table of what was learned."""
        self._settle()
        return self._models

    def flow(self) -> Flow:
        """Return the flow: for a table of what was learned."""
        self._settle()
        return self._flow

    # --- the machine -------------------------------------------------------------------------------------

    def observe(self, event: Event) -> Sequence[Output]:
        """Take note of nothing: the watch tells what an event meant."""
        del event
        return ()

    def advance(self, now: Instant) -> Sequence[Output]:
        """Hold every epoch strictly before ``now``, by time and order type."""
        self._settle()
        while self._due < now:
            due = self._due
            if self._flow.due == due:
                self._step()
            for key in sorted(self._models):
                model = self._models[key]
                if not model.is_asleep and model.due == due:
                    model.epoch(model.day + 1)
                    self._touched.add(key)
            self._set_due()
        return ()

    def next_due(self) -> Instant | None:
        """Return the next epoch of a model that has something to learn."""
        self._settle()
        return None if self._due == LATEST else self._due

    def take_dirty(self) -> list[Row]:
        """Return what changed since last asked and does not follow from the orders."""
        self._settle()
        rows: list[Row] = []
        for number, (key, model) in enumerate(self._models.items()):
            if key in self._touched:
                rows.append(core_row(number, model))
                rows += changed_rows(number, model)
        self._touched.clear()
        return rows + self._flow_store.take_dirty(MACHINE, self._flow)

    def load(self, rows: Iterable[Row]) -> None:
        """Keep rows until they are all there; the orders are looked at when the learner is next asked."""
        for row in rows:
            assert isinstance(row, StateRow)
            if not row.is_gone:
                self._loaded.append(row)
        self._is_loaded = False

    # --- the predictor -----------------------------------------------------------------------------------

    def placed(self, order: Order, at: Instant) -> None:
        """Take note of a new order."""
        model = self._told(order, at) or self._begin(order, at)
        if self._flow.concerns(order) and not (order.is_sample and hash_of(order.order_id) % BESIDE == 0):
            order.settled_day = APART
        elif order.promise_at != NEVER:
            model.arrivals.append(order)
        if order.promise_at != NEVER:
            self._flow.heard(order, at)
        if model.due < self._due or self._flow.due < self._due:
            self._set_due()

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Take note of a delivery; of other milestones where a type tells more than a marketplace."""
        flow = self._flow
        if order.order_type in flow.types:
            flow.reached(order, stage, at)
            if flow.due < self._due:
                self._set_due()
        elif stage in FINE and len(flow.types) < TYPES_MAX:  # the first to tell more than a marketplace
            self._begin_flow(order, stage, at)
        if stage is not Stage.DELIVERED or order.settled_day == APART or order.reached[Stage.PLACED] == NEVER:
            return
        model = self._told(order, at)
        if model is not None:
            order.delivered_day = model.day
            model.delivered.append(order)
            self._facts.pop(order.order_id, None)

    def heard(self, order: Order, at: Instant) -> None:
        """Take note of other news of an open order."""
        if self._flow.is_on:
            self._flow.heard(order, at)
            if self._flow.due < self._due:
                self._set_due()

    def resolved(self, order: Order, *, is_late: bool, at: Instant) -> None:
        """Take note that a label is known; which one stands in the order."""
        del is_late
        if order.settled_day == APART:
            return
        model = self._told(order, at)
        if model is not None:
            order.settled_day = model.day
            model.settled.append(order)

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        """Return P(late) of an open order with a promise, above 0 and below 1."""
        if not self._is_loaded:
            self._settle()
        if self._flow.concerns(order):
            return self._flow.predict(order, at, delay_us)
        model = self._model_for(order, at)
        if not model.means.trust:
            return STRANGER_LATE  # what ``predict`` would say of any order
        if order.updated_at < model.outlook.begun_at and not delay_us:
            score = model.outlook.score(order.order_id, model.days.day(at))
            if score is not None:
                return believed(model, score)
        facts = self._facts.get(order.order_id)
        if facts is None or facts.heard is not order.seen:
            facts = self._facts_of(order, model)
        return predict(model, facts, at, delay_us)

    def spread(self, order: Order, at: Instant) -> float:
        """Return the standard deviation of the log-odds of ``predict``."""
        if self.counted(order) is not None:
            return self._flow.spread(order, at)
        model = self._model_for(order, at)
        return spread(model, self._facts_of(order, model), at)

    def explain(self, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
        """Return contributions to the log-odds of ``predict`` that add up to them, the largest first."""
        if self.counted(order) is not None:
            return flow_reasons(self._flow, order, at, delay_us)
        model = self._model_for(order, at)
        return reasons_of(model, order, self._facts_of(order, model), at, delay_us)

    def counted(self, order: Order) -> Instant | None:
        """Return when the queues ahead of an order were looked at last (``radar.prediction.Predictor``)."""
        if not self._is_loaded:
            self._settle()
        flow = self._flow
        if not flow.concerns(order):
            return None
        return flow.at if flow.doors.follows(order.area) else EARLIEST

    # --- parts -------------------------------------------------------------------------------------------

    def _step(self) -> None:
        taken = self._flow.step()
        self._flow_store.stepped(self._flow.at, taken)

    def _begin_flow(self, order: Order, stage: Stage, at: Instant) -> None:
        """Begin with the flow of an order's type: something was told that a marketplace does not tell."""
        self._settle()
        model = self._models.get(self._key(order))
        if model is not None:
            self._flow.begin(order.order_type, model.days, at, self._book.values())
            self._flow_store.begun()
            self._flow.reached(order, stage, at)
            self._set_due()

    def _key(self, order: Order) -> str:
        order_type = order.order_type
        if order_type in self._models or len(self._models) < MODELS_MAX:
            return order_type
        return REST

    def _told(self, order: Order, at: Instant) -> Model | None:
        """Return the model of an order, awake; None when its type was never heard of."""
        self._settle()
        key = self._key(order)
        model = self._models.get(key)
        if model is not None and model.wake(at):
            self._touched.add(key)
            self._set_due()
        return model

    def _begin(self, order: Order, at: Instant) -> Model:
        key = self._key(order)
        model = self._models[key] = self._stranger(order, at)
        self._touched.add(key)
        return model

    def _stranger(self, order: Order, at: Instant) -> Model:
        """Return a model that knows nothing yet, in the zone of an order."""
        days = self._days(order.zone or DEFAULT_ZONE)
        return Model(self._key(order), days, floor(days.day(at)))

    def _days(self, zone: str) -> LocalDays:
        return LocalDays(zone, self._holidays.get(zone, ()))

    def _facts_of(self, order: Order, model: Model) -> Facts:
        facts = self._facts.get(order.order_id)
        if facts is None:
            if len(self._facts) >= FACTS_MAX:
                self._facts.clear()
            facts = self._facts[order.order_id] = Facts(order, model.days)
        elif facts.heard is not order.seen:
            facts.look(order, model.days)
        return facts

    def _model_for(self, order: Order, at: Instant) -> Model:
        """Return the model that predicts an order; one that knows nothing where none was made."""
        if not self._is_loaded:
            self._settle()
        return self._models.get(order.order_type) or self._models.get(self._key(order)) or self._stranger(order, at)

    def _set_due(self) -> None:
        awake = (model.due for model in self._models.values() if not model.is_asleep)
        self._due = min(awake, default=LATEST)
        if not self._flow.is_asleep:
            self._due = min(self._due, self._flow.due)

    def _settle(self) -> None:
        """Finish a restart, once: build the models from their rows and derive the rest from the orders."""
        if self._is_loaded:
            return
        self._is_loaded = True
        parts: dict[int, list[tuple[str, str, bytes]]] = {}
        cores: dict[int, bytes] = {}
        flows = [row for row in self._loaded if row.key.startswith(FLOW)]
        self._flow_store.restore(self._flow, flows, self._holidays)
        for row in self._loaded:
            if row.key.startswith(FLOW):
                continue
            number, kind, name = row.key.split("/", 2)
            if kind == CORE:
                cores[int(number)] = row.state
            else:
                parts.setdefault(int(number), []).append((kind, name, row.state))
        self._loaded = []
        for place in sorted(cores):
            core = core_of(cores[place])
            self._models[core.order_type] = model_of(core, self._days(core.zone), parts.get(place, ()))
        for order in self._book.values():
            self._take_back(order)
        self._flow.tidy()
        for model in self._models.values():
            model.look_ahead_again()
        self._set_due()

    def _take_back(self, order: Order) -> None:
        """Take note again of what an order tells of its past."""
        self._flow.take_back(order)
        model = self._models.get(self._key(order))
        if model is None or order.settled_day == APART or order.reached[Stage.PLACED] == NEVER:
            return
        is_fresh = order.phase is OrderPhase.DELIVERED and order.delivered_day == model.day
        if order.promise_at != NEVER and (is_fresh or order.is_open):
            model.arrivals.append(order)
        if is_fresh:
            model.delivered.append(order)
        if order.settled_day == model.day:
            model.settled.append(order)
