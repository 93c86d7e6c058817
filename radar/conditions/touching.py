"""What stands at the places an order has before it, and how much longer the order takes because of it.

Theory of operation. Asked at every prediction, so it comes in two depths. ``feel`` makes numbers only: the longest
extra time that each kind of condition says. ``conditions`` tells the whole story - where, since when, how much - for
the few orders that are warned of. Both walk through the same places and formulas in the same order.
"""

from collections.abc import Callable, Iterator, Mapping

from radar.conditions import delays
from radar.conditions.ahead import is_counted
from radar.conditions.condition import Code, Condition, Standing
from radar.conditions.delays import Formula, Moment, Yardsticks
from radar.conditions.weights import Weights
from radar.events.common import ReasonCode
from radar.instant import Instant
from radar.open_index import AREA, KINDS, LANE, places_of
from radar.orders import NEVER, Order, Touch
from radar.outputs import Fact
from radar.rules import ConditionRules
from radar.stages import Stage

_Thing = tuple[Code, Formula, Standing]
_Said = Mapping[Code, float]
Count = Callable[[Order], Instant | None]
"""Tells when the queues ahead of an order were looked at last (``radar.prediction.Predictor.counted``)."""


def nobody(_order: Order) -> Instant | None:
    """Return None: nobody counts."""
    return None


class Place:
    """A place where something stands."""

    __slots__ = ("_counted", "_felt", "_felt_far", "couriers", "is_closed", "name", "things")

    def __init__(self, name: str, there: Mapping[str, Standing], rules: ConditionRules) -> None:
        ordered = [there[key] for key in sorted(there)]
        self.name = name
        self.is_closed = any(one.code is Code.CLOSURE for one in ordered)
        self.couriers = tuple(one for one in ordered if one.code is Code.COURIERS)
        # Trucks that a closure turned back are late because of it; in a storm they go on, and are late by themselves.
        turns_back = any(one.code is Code.CLOSURE and one.note != ReasonCode.WEATHER for one in ordered)
        left_out = {Code.COURIERS, Code.VEHICLE} if turns_back else {Code.COURIERS}
        others = [one for one in ordered if one.code not in left_out]
        things: list[_Thing] = [(one.code, delays.formula_of(one), one) for one in others]
        if self.couriers and (cost := delays.couriers(self.couriers, rules)) is not None:
            things.append((Code.COURIERS, cost, self.couriers[0]))
        self.things = self._felt = self._felt_far = tuple(things)
        """What is here and how to reckon with it; all couriers are one thing, the last."""
        self._counted: Instant | None = None

    def felt(self, stage: Stage, counted: Instant | None) -> tuple[_Thing, ...]:
        """Return the things that an order at a stage feels, without what is counted (``is_counted``)."""
        if counted != self._counted:
            self._counted = counted
            self._felt, self._felt_far = (self._uncounted(one, counted) for one in (Stage.PLACED, Stage.HANDED_OVER))
        return self._felt if stage < Stage.HANDED_OVER else self._felt_far

    def _uncounted(self, stage: Stage, counted: Instant | None) -> tuple[_Thing, ...]:
        if counted is None:
            return self.things
        return tuple(thing for thing in self.things if not is_counted(thing[2], stage, counted))


class Feeling:
    """What an order feels of the conditions at one instant."""

    __slots__ = ("_said", "delay_us", "moment")

    def __init__(self, moment: Moment, said: _Said, delay_us: int) -> None:
        self.moment = moment
        self._said = said
        self.delay_us = delay_us
        """Expected extra time to reckon with, of all kinds together, by what such forecasts were worth lately."""

    @property
    def said(self) -> dict[Code, int]:
        """Return the extra time as the news alone says, above 0, by kind; the worst of a kind counts."""
        delay_max_us = self.moment.by.rules.delay_max_us
        return {code: int(us) if us < delay_max_us else delay_max_us for code, us in self._said.items()}


class Touching:
    """What stands, by place, in the shape in which orders ask for it."""

    def __init__(self, by: Yardsticks, weights: Weights) -> None:
        self._by = by
        self._weights = weights
        self._delay_max_us = by.rules.delay_max_us
        self._by_kind: dict[str, dict[str, Place]] = {kind: {} for kind in KINDS}
        self._shelves: tuple[tuple[int, dict[str, Place]], ...] = ()
        """The kinds of places at which anything stands; each with its index in ``places_of``."""
        self._closed: dict[str, Place] = {}
        """Closed places by key: a lane is felt by the orders whose way usually takes it, too."""

    def put(self, key: str, there: Mapping[str, Standing]) -> None:
        """Take over what stands at a place now, perhaps nothing."""
        kind, colon, name = key.partition(":")
        places = self._by_kind[kind + colon]
        places.pop(name, None)
        self._closed.pop(key, None)
        if there and name:
            place = places[name] = Place(name, there, self._by.rules)
            if place.is_closed:
                self._closed[key] = place
        shelves = enumerate(self._by_kind[kind] for kind in KINDS)
        self._shelves = tuple((index, shelf) for index, shelf in shelves if shelf)

    def feel(self, order: Order, at: Instant, count: Count = nobody) -> Feeling | None:
        """Return what an open order feels as of ``at``, None where nothing costs it any time.

        Args:
            order: The order.
            at: As of when.
            count: Tells when somebody who counts what hinders the places looked at them last: what is counted is said,
                but not reckoned with.
        """
        places, is_told = self._places(order), order.setback_at != NEVER or order.carrier_eta_at != NEVER
        if not places and not is_told:
            return None
        moment, counted = Moment(order, at, self._by), count(order)
        said: dict[Code, float] = _said_by_itself(moment) if is_told else {}
        felt = dict(said)
        for place in places:
            name = place.name
            for code, formula, standing in place.things:
                us = formula(standing, name, moment)
                if us < 1:
                    continue
                if us > said.get(code, 0):
                    said[code] = us
                if us > felt.get(code, 0) and (counted is None or not is_counted(standing, moment.stage, counted)):
                    felt[code] = us
        return Feeling(moment, said, self._total_us(felt) if felt else 0) if said else None

    def delay_us(self, order: Order, at: Instant, count: Count) -> int:
        """Return the expected extra time of ``feel`` alone: often asked, and mostly there is none."""
        stage, is_told = order.stage, order.setback_at != NEVER or order.carrier_eta_at != NEVER
        things: list[tuple[str, tuple[_Thing, ...]]] = []
        if places := self._places(order):
            counted = count(order)
            things = [(place.name, felt) for place in places if (felt := place.felt(stage, counted))]
        if not things and not is_told:
            return 0
        moment = Moment(order, at, self._by)
        said: dict[Code, float] = _said_by_itself(moment) if is_told else {}
        for name, felt in things:
            for code, formula, standing in felt:
                us = formula(standing, name, moment)
                if us >= 1 and us > said.get(code, 0):
                    said[code] = us
        return self._total_us(said) if said else 0

    def _total_us(self, said: _Said) -> int:
        """Return the expected extra time of all kinds together, by what such forecasts were worth lately."""
        delay_max_us, weight, total_us = self._delay_max_us, self._weights.of, 0
        for code, us in said.items():
            total_us += int((int(us) if us < delay_max_us else delay_max_us) * weight(code))
        return total_us if total_us < delay_max_us else delay_max_us  # noqa: FURB136 - hot

    def conditions(self, order: Order, at: Instant) -> tuple[Condition, ...]:
        """Return what touches an open order as of ``at``, by place, each with the extra time expected."""
        moment = Moment(order, at, self._by)
        found = list(self._own_conditions(moment))
        for place in self._places(order):
            for code, formula, standing in place.things:
                us, facts, since_at = formula(standing, place.name, moment), _facts(standing), standing.since_at
                if code is Code.COURIERS:
                    facts, since_at = _courier_facts(place), min(one.since_at for one in place.couriers)
                found += self._condition(code, place.name, us, facts, since_at)
        return tuple(found)

    def _places(self, order: Order) -> list[Place]:
        """Return the places before an order where something stands; the lanes its way usually takes are among them."""
        if not self._shelves:
            return []
        if order.stage >= Stage.HANDED_OVER:  # most ask from there: what ``places_of`` says, spelled out
            found = []
            if order.stage < Stage.OUT_FOR_DELIVERY and (place := self._by_kind[LANE].get(order.lane)) is not None:
                found.append(place)
            if (place := self._by_kind[AREA].get(order.area)) is not None:
                found.append(place)
            return found
        names = places_of(order)
        found = [place for index, shelf in self._shelves if (place := shelf.get(names[index])) is not None]
        if self._closed and order.origin:
            keys = (LANE + lane for lane in self._by.ways.lanes(order.way) if lane != order.lane)
            found += [self._closed[key] for key in keys if key in self._closed]
        return found

    def _own_conditions(self, moment: Moment) -> Iterator[Condition]:
        """Yield what the order's own news says: the carrier's exception and its date."""
        order = moment.order
        about = {
            Code.EXCEPTION: (order.setback_reason, Fact("reason", order.setback_reason), order.setback_at),
            Code.CARRIER_ETA: (order.carrier, Fact("eta_at", order.carrier_eta_at), order.reached[Stage.IN_TRANSIT]),
        }
        for code, us in _own(moment):
            subject, fact, since_at = about[code]
            yield from self._condition(code, subject, us, (fact,), since_at)

    def _condition(
        self, code: Code, subject: str, us: float, facts: tuple[Fact, ...], since_at: Instant
    ) -> Iterator[Condition]:
        said_us = min(int(us), self._delay_max_us)
        if said_us > 0:
            yield Condition(code, subject, int(said_us * self._weights.of(code)), said_us, facts, since_at)


def touches_of(order: Order, feeling: Feeling) -> tuple[Touch, ...]:
    """Return what the order should remember of being touched: of each kind the longest delay ever said."""
    said = feeling.said
    longer = [code for code, us in said.items() if not _is_known(order.touches, code, us)]
    if not longer:
        return order.touches
    known = {touch.code: touch for touch in order.touches}
    left, at = feeling.moment.left, feeling.moment.at
    usual_at, spread_us = (NEVER, 0) if left is None else (Instant(at + int(left.mean_us)), int(left.spread_us))
    for code in longer:
        known[code] = Touch(code.value, said[code], usual_at, spread_us)
    return tuple(known.values())


def _is_known(touches: tuple[Touch, ...], code: Code, us: int) -> bool:
    """Return whether a delay as long was said before; few touch an order, so that a loop beats a table."""
    for touch in touches:
        if touch.code == code:
            return touch.said_us >= us
    return False


def _said_by_itself(moment: Moment) -> dict[Code, float]:
    """Return the extra time that the order's own news says, by kind, as far as it costs any."""
    return {code: us for code, us in _own(moment) if us >= 1}


def _own(moment: Moment) -> tuple[tuple[Code, float], ...]:
    """Return what the order's own news says: the carrier's last exception, and its date."""
    return (Code.EXCEPTION, delays.exception(moment)), (Code.CARRIER_ETA, delays.carrier_eta(moment))


def _facts(standing: Standing) -> tuple[Fact, ...]:
    """Return the figures of a standing thing as a reason shows them."""
    facts = [Fact("note", standing.note)]
    if standing.until_at != NEVER:
        facts += [Fact("from_at", standing.from_at), Fact("until_at", standing.until_at)]
    if standing.code is Code.LINE_SLOW:
        facts.append(Fact("speed_ratio", standing.amount))
    if standing.code is Code.BACKLOG:
        facts.append(Fact("waiting", standing.capacity))
    return tuple(facts)


def _courier_facts(place: Place) -> tuple[Fact, ...]:
    return (
        Fact("waiting", sum(one.amount for one in place.couriers)),
        Fact("capacity", sum(one.capacity for one in place.couriers)),
    )
