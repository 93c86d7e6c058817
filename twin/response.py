"""The default response: what a careful dispatcher does about warnings, by what the radar knows and nothing else.

Theory of operation. A warning about an order is answered for that order with the least help that can still keep its
promise by a planner's arithmetic (``responding.orders``). It also counts against a resource: the one its reasons name,
else the one the order waits for next. A resource that enough warnings name, or whose overload is foreseen, is watched;
every few hours each watched resource is given the hours, trucks or couriers that its queue lacks, until the queue is
short again (``responding.rounds``). What is broken gets a stand-in, what is short gets haste
(``responding.stand_ins``). Help that costs more than the late orders it can reach is not bought. It is the measuring
stick for playbooks.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from radar.actions import Action, ActionName
from radar.instant import HOUR_US, SECOND_US
from radar.orders import Order
from radar.outputs import Change, Output, Reason, WarningChange, WarningKind
from scenarios.network import Network
from twin.context import DAY_S, epoch_of
from twin.responding.abilities import Abilities
from twin.responding.figures import ResponseRules
from twin.responding.limits import Limits
from twin.responding.orders import OrderDesk
from twin.responding.places import Places
from twin.responding.queues import Queues
from twin.responding.rounds import Rounds
from twin.responding.stand_ins import StandIns
from twin.responding.timetable import Timetable

Answer = Callable[[WarningChange, Order, int], Iterator[Action]]


class DefaultResponse:
    """Answers warnings with actions; a ``Responder`` of the twin's control room.

    Args:
        network: The chain as planners know it: calendars, benches, timetables, alternates, prices, planned sales.
        orders: The radar's own orders by id (``ControlRoom.orders``), never the truth.
        rules: Its figures.
    """

    def __init__(self, network: Network, orders: Mapping[str, Order], rules: ResponseRules | None = None) -> None:
        self._orders = orders
        self._rules = rules or ResponseRules()
        self._epoch = epoch_of(network)
        self._places = Places(network)
        self._limits = Limits(network)
        abilities = Abilities(network)
        self._queues = Queues(self._places, self._rules.round_h)
        self._rounds = Rounds(abilities, self._limits, self._rules)
        self._stand_ins = StandIns(self._places, self._limits, self._rules)
        timetable = Timetable(network, self._places, abilities)
        self._desk = OrderDesk(network, self._places, timetable, self._limits, self._rules)
        self._done: set[tuple[ActionName, str]] = set()
        self._pile: Counter[tuple[str, int]] = Counter()
        self._answers: dict[WarningKind, Answer] = {
            WarningKind.STAGE_OVERDUE: lambda _warning, order, _now_s: self._desk.overdue(order),
            WarningKind.PREDICTED_LATE: self._predicted_late,
            WarningKind.PROMISE_BROKEN: self._promise_broken,
            WarningKind.ORDER_HELD: lambda warning, order, now_s: self._desk.held(order, warning, now_s),
            WarningKind.ORDER_SUSPECT: lambda warning, order, now_s: self._desk.held(order, warning, now_s),
            WarningKind.ORDER_SILENT: lambda _warning, order, _now_s: self._desk.silent(order),
        }

    def react(self, outputs: Sequence[Output], now_s: int) -> list[Action]:
        """Return what to do about changes of warnings, the loudest first, and what a round finds when one is due."""
        actions: list[Action] = []
        is_round = self._queues.look(self._orders.values(), now_s)
        raised = [one for one in outputs if one.change is Change.RAISED or _is_shelf_moved(one)]
        for warning in sorted(raised, key=lambda one: -one.level):
            order = self._orders.get(warning.entity)
            if order is None:
                actions.extend(self._about_place(warning, now_s))
                continue
            answer = self._answers.get(warning.kind)
            if answer is not None:
                actions.extend(self._fresh(answer(warning, order, now_s)))
            if warning.kind in _PILES:
                actions.extend(self._blame(warning, order, now_s))
        if is_round:
            actions.extend(self._rounds.go(self._queues, now_s))
        return actions

    def _fresh(self, actions: Iterator[Action]) -> Iterator[Action]:
        """Yield the actions that were not taken for their order before."""
        for action in actions:
            key = (action.name, action.order_ids[0])
            if key not in self._done:
                self._done.add(key)
                yield action

    def _predicted_late(self, _warning: WarningChange, order: Order, now_s: int) -> Iterator[Action]:
        promise_s = (order.promise_at - self._epoch) // SECOND_US
        return self._desk.predicted_late(order, promise_s, self._queues, now_s)

    def _promise_broken(self, _warning: WarningChange, order: Order, now_s: int) -> Iterator[Action]:
        return self._desk.promise_broken(order, self._queues, now_s)

    # --- places ------------------------------------------------------------------------------------------

    def _about_place(self, warning: WarningChange, now_s: int) -> Iterator[Action]:
        kind, _, name = warning.entity.partition(":")
        if warning.kind is WarningKind.SOURCE_SILENT:
            yield Action(ActionName.FAILOVER_FEED, subject=name)
        elif warning.kind is WarningKind.CAPACITY_OVERLOAD:
            for resource in self._places.named(kind, name):
                self._rounds.watch(resource)
        elif warning.kind is WarningKind.STOCK_OUT_AHEAD:
            for why in warning.reasons[:1]:
                out_s, supply_s = self._second(_fact(why, "out_at")), self._second(_fact(why, "supply_at"))
                yield from self._stand_ins.run_dry(name, out_s or now_s, supply_s, now_s)

    def _second(self, at: str | float) -> int | None:
        """Return an instant of a reason in seconds of the scenario; None where it names none."""
        return (int(at) - self._epoch) // SECOND_US if at else None

    def _blame(self, warning: WarningChange, order: Order, now_s: int) -> Iterator[Action]:
        """Count an order behind its resources; from enough of them on, the resources get help."""
        for resource in self._broken(warning, now_s):
            yield from self._help(resource, now_s, is_broken=True)
        for resource in [*self._named(warning)] or [self._places.waits_for(order)]:
            yield from self._help(resource, now_s, is_broken=False)

    def _help(self, resource: str, now_s: int, *, is_broken: bool) -> Iterator[Action]:
        day = now_s // DAY_S
        key = f"{resource}{'!' * is_broken}"
        self._pile[key, day] += 1
        if not resource or self._pile[key, day] + self._pile[key, day - 1] < self._rules.pile:
            return
        if is_broken:
            actions = [*self._stand_ins.broken(resource, day)]
            for action in actions:
                if action.name is ActionName.SWITCH_LINE:
                    self._diverted(action, day)
            yield from actions
        if not self._rounds.watch(resource):
            yield from self._stand_ins.short(resource, self._queues, now_s, is_late=is_broken)

    def _diverted(self, action: Action, day: int) -> None:
        """Look after the line that does another's work too; the other one's queue stands there now."""
        until_s = (day + 1) * DAY_S + round(action.value * DAY_S)
        self._queues.redirect(f"line:{action.subject}", f"line:{action.target}", until_s)
        self._rounds.watch(f"line:{action.target}")

    def _named(self, warning: WarningChange) -> Iterator[str]:
        """Yield the resources that a warning's reasons name."""
        for why in warning.reasons:
            kind, subject = _NEWS.get(why.code), _fact(why, "subject")
            if kind is not None and isinstance(subject, str) and subject:
                kind, _, name = subject.rpartition(":") if ":" in subject else (kind, "", subject)
                yield from self._places.named(kind, name)

    def _broken(self, warning: WarningChange, now_s: int) -> Iterator[str]:
        """Yield the resources that a warning's reasons call broken, for longer than the usual repair."""
        now_us = self._epoch + now_s * SECOND_US
        for why in warning.reasons:
            since_at, subject = _fact(why, "since_at"), _fact(why, "subject")
            if why.code not in _BROKEN or not isinstance(subject, str):
                continue
            lasts_us = now_us - int(since_at) if since_at else 0
            for resource in self._places.named(_NEWS[why.code], subject):
                self._rounds.stands_still(resource, now_s)
            if why.code != "condition.line-down" or lasts_us >= self._rules.repair_h * HOUR_US:
                yield from self._places.named(_NEWS[why.code], subject)


def _is_shelf_moved(warning: WarningChange) -> bool:
    """Return whether the day on which a shelf runs dry has come nearer, or gone."""
    return warning.kind is WarningKind.STOCK_OUT_AHEAD and warning.change is Change.UPDATED


def _fact(why: Reason, name: str) -> str | int | float:
    return next((fact.value for fact in why.facts if fact.name == name), "")


_NEWS = {
    "condition.line-down": "line",
    "condition.line-down-open": "line",
    "condition.line-slow": "line",
    "condition.closure": "lane",
    "condition.closure-open": "lane",
    "condition.vehicle-late": "lane",
    "condition.couriers-short": "area",
    "condition.supply-late": "supply",
    "condition.backlog": "",
}
"""Reasons of a prediction that name the resource to blame, and its kind; a backlog names it with its kind."""
_BROKEN = frozenset(
    {
        *("condition.line-down", "condition.line-down-open", "condition.closure", "condition.closure-open"),
        "condition.supply-late",
    }
)
_PILES = frozenset({WarningKind.STAGE_OVERDUE, WarningKind.PREDICTED_LATE, WarningKind.PROMISE_BROKEN})
