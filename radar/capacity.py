"""Load ahead: what each line, warehouse, lane and area will have to do in the next days, against what it can (R33).

Theory of operation. Once a day, at midnight in the zone of the first order, from the figures known then. The load of a
day is the open orders that usually reach the place on that day (``load_known``), plus those not ordered yet: the
place's own weekday pattern, times the share of its orders that come in later than today, each day of these times the
peak that is planned for it, times how the arrivals of the last week compare with the usual, planned peaks taken out.
Orders come later by what they wait at full places before (``load_plan``). What was expected of a day so far ahead is
set against what was done on it; what usually comes of such expectations corrects the next ones. What a place can do is
told by the rules, or else follows from what it did lately (``throughput``), less what is known to stand in its way;
what it cannot do waits for the next day. A day that asks for more than the limit raises a warning that names it, where
nobody ever saw the place at its limit only a day that asks for far more than it ever did; the warning is resolved when
no day does any more.
"""

from collections.abc import Iterable, Sequence
from math import floor, sqrt

import msgspec
import numpy as np

from radar.conditions.days_ahead import DaysAhead
from radar.instant import DAY_US, EARLIEST, LATEST, Instant
from radar.learning.local_days import LocalDays, weekday_of
from radar.load_known import DAYS, Floats, Held, known_of
from radar.load_plan import LoadPlan, Outlook, Planned
from radar.open_index import AREA, LANE, LINE, WAREHOUSE, kind_of
from radar.orders import NEVER, Order
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningChange, WarningKind
from radar.peaks import factor_between
from radar.place_past import DayLoad, Place
from radar.remaining import RemainingTimes
from radar.rules import CapacityRules
from radar.stages import Stage
from radar.throughput import can_do
from radar.ways import Ways
from radar.wording import reason

MACHINE = "capacity"
CAPACITY_MIN = 5.0
"""Orders a day below which a place is not judged: its throughput is chance."""
CLOSED = 0.5
"""A day on which a place can do less than this share of its best of the week is no day to judge it by."""
NOISE = 3.0
"""Standard deviations that a load must stand above the capacity to be said, of the count of all days until then: what
each of them had too much of is left for the next."""
NEVER_ASKED = {LANE: 1.5, AREA: 1.3}
"""By kind, load over the most it did that raises a notice of a place never seen at its limit, as a multiple of the
usual limit. Lines and warehouses are manned for what they are asked: what they do they can, and no more. Source:
docs/prediction.md."""
GROWTH_RANGE = (0.5, 2.0)
"""How far the arrivals of one week may scale the pattern."""
UPDATE_STEP = 0.5
"""A standing warning is said anew when its day comes nearer, or its load moved by this share."""
WEEK_MIN = 7.0
"""Orders a week below which a place is not planned: a day of it is chance."""
ARRIVALS, CLOCK = "arrivals", ""
"""Keys of the rows that are no place's."""
DEFAULT_ZONE = "UTC"
HOLDS_DAYS, RECOVERY_DAYS = 1.0, 1.5
"""How long what couriers say holds, and the time constant with which it then fades. Source: docs/prediction.md."""
COURIERS_HALF_LIFE = 30
"""Days."""


class _Clock(msgspec.Struct, array_like=True):
    """Whose days are counted, and when the present one ends."""

    version: int
    zone: str
    due: Instant


class Capacity:
    """Throughput, pattern and plan of every place."""

    def __init__(self, rules: CapacityRules, remaining: RemainingTimes, ways: Ways) -> None:
        self._rules = rules
        self._remaining = remaining
        self._ways = ways
        self._places: dict[str, Place] = {}
        self._dirty: set[str] = set()
        self._days = LocalDays(DEFAULT_ZONE)
        self.due: Instant = LATEST
        """The end of the day, from the first order on."""

    # --- what is told ------------------------------------------------------------------------------------

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Count what a place has done."""
        if stage is Stage.PLACED:
            if self.due == LATEST:
                self._begin(LocalDays(order.zone or DEFAULT_ZONE), at)
            self._count(ARRIVALS, 0.0, "")
            return
        placed_at = order.reached[Stage.PLACED]
        lead_days = (at - placed_at) / DAY_US if NEVER < placed_at <= at else 0.0
        line = LINE + order.line if order.line else ""
        if stage is Stage.PRODUCED:
            if line:
                self._count(line, lead_days, "")
            return
        warehouse = WAREHOUSE + order.warehouse if order.warehouse else line
        if stage is Stage.DELIVERED:
            if order.area:
                self._count(AREA + order.area, lead_days, LANE + order.lane if order.lane else warehouse)
            return
        if order.warehouse:
            self._count(warehouse, lead_days, line)
        if order.lane:
            self._count(LANE + order.lane, lead_days, warehouse)

    def plan(self, key: str) -> tuple[DayLoad, ...]:
        """Return the next days of a place as of the last epoch: for a board."""
        place = self._places.get(key)
        return () if place is None else place.plan

    def keys(self) -> tuple[str, ...]:
        """Return the places known, sorted."""
        return tuple(sorted(key for key in self._places if key != ARRIVALS))

    def _begin(self, days: LocalDays, at: Instant) -> None:
        """Begin a day."""
        self._days = days
        self.due = days.midnight(floor(days.day(at)) + 1)
        self._dirty.add(CLOCK)

    def roll(self, at: Instant, orders: Iterable[Order], ahead: DaysAhead | None = None) -> Sequence[Output]:
        """Close the day, plan the next ones, and warn of those that ask too much.

        Args:
            at: The end of the day, a local midnight.
            orders: The open ones.
            ahead: What stands in the way of the places on the next days.
        """
        self._begin(self._days, at)
        if not self._rules.is_on:
            return ()
        day = round(self._days.day(at))
        yesterday = self._days.midnight(day - 1)
        held = Held(orders, at, self._ways)
        for key in sorted(self._places):
            planned = factor_between(self._rules.peaks, yesterday, at) if key == ARRIVALS else 1.0
            self._places[key].close_day(weekday_of(day - 1), planned, held.counts[key])
            self._dirty.add(key)
        growth = self._growth()
        outlooks: dict[str, Outlook] = {}
        for key in self.keys():
            place = self._places[key]
            left = _left(place, key, ahead)
            if self._is_quiet(key, place):
                place.made, place.filled = [], []
            else:
                outlooks[key] = self._outlook(key, growth, day, (left, held.counts[key]))
        plan = LoadPlan(known_of(held, self._remaining, self._ways), outlooks)
        out: list[Output] = []
        for key, outlook in outlooks.items():
            place = self._places[key]
            self._keep(place, plan.planned[key], outlook, day)
            out.extend(self._judge(key, place, at, is_limit=outlook.is_limit))
        return out

    def take_dirty(self) -> list[Row]:
        """Return the places changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, key, msgspec.msgpack.encode(self._kept(key))) for key in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the places."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.key == CLOCK:
                clock = msgspec.msgpack.decode(row.state, type=_Clock)
                self._days, self.due = LocalDays(clock.zone), clock.due
            else:
                self._places[row.key] = msgspec.msgpack.decode(row.state, type=Place)

    # --- inside ------------------------------------------------------------------------------------------

    def _kept(self, key: str) -> Place | _Clock:
        return _Clock(1, self._days.zone, self.due) if key == CLOCK else self._places[key]

    def _count(self, key: str, lead_days: float, before: str) -> None:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = Place(1)
        place.count(lead_days, before)
        self._dirty.add(key)

    def _is_quiet(self, key: str, place: Place) -> bool:
        """Return whether too little passes a place for a plan of days to mean anything."""
        return sum(place.pattern) < WEEK_MIN and place.raised_at == EARLIEST and key not in self._rules.given

    def _growth(self) -> float:
        """Return the arrivals of the last week as a multiple of the usual week."""
        arrivals = self._places.get(ARRIVALS)
        if arrivals is None or arrivals.days < 14:
            return 1.0
        usual, recent = sum(arrivals.pattern), sum(days[-1] for days in arrivals.done if days)
        return min(GROWTH_RANGE[1], max(GROWTH_RANGE[0], recent / usual)) if usual > 0 else 1.0

    def _outlook(self, key: str, growth: float, today: int, now: tuple[Floats, int]) -> Outlook:
        place = self._places[key]
        peaks = [self._peak(today + day) for day in range(DAYS)]
        weekdays = [weekday_of(today + day) for day in range(DAYS)]
        could = can_do(place.done, place.held)
        given = self._rules.given.get(key)
        can = np.array([could[weekday].orders if given is None else given for weekday in weekdays])
        usual = np.array([place.pattern[weekday] for weekday in weekdays])
        return Outlook(
            new=growth * place.to_come(peaks) * usual,
            fill=lambda made: place.fill(made, usual),
            comes=place.corrected,
            # On the road nobody tells apart what moves and what lies.
            lies=0.0 if key.startswith(AREA) else place.lies(now[1]),
            can=can * now[0],
            is_limit=given is not None or could[0].is_shown or kind_of(key) not in NEVER_ASKED,
            before=self._before(place),
        )

    def _before(self, place: Place) -> dict[str, tuple[float, int]]:
        """Return the places before a place: the share of its orders, and the days between the two."""
        total = sum(place.before.values())
        found = ((key, self._places.get(key), count) for key, count in place.before.items())
        return {
            key: (count / total, round(max(0.0, place.lead_days - one.lead_days)))
            for key, one, count in found
            if one is not None
        }

    def _peak(self, day: int) -> float:
        return factor_between(self._rules.peaks, self._days.midnight(day), self._days.midnight(day + 1))

    def _keep(self, place: Place, planned: Planned, outlook: Outlook, today: int) -> None:
        if place.days >= DAYS:  # else nothing is known of some weekdays, and what comes on them surprises
            place.made = [*place.made, planned.made.tolist()][-DAYS:]
            place.filled = [*place.filled, planned.filled.tolist()][-DAYS:]
        figures = zip(planned.load.tolist(), outlook.can.tolist(), strict=True)
        place.plan = tuple(
            DayLoad(self._days.midnight(today + day), round(load, 3), can, self._days.zone)
            for day, (load, can) in enumerate(figures)
        )

    def _judge(self, key: str, place: Place, at: Instant, *, is_limit: bool) -> Iterable[Output]:
        is_known = place.days >= self._rules.days_min or key in self._rules.given
        stands = place.raised_at != EARLIEST
        # Eased only when well under the limit, so that a load at the limit does not flap.
        limit = self._rules.overload_ratio * (1.0 if is_limit else NEVER_ASKED[kind_of(key)])
        limit = (1 + limit) / 2 if stands else limit
        most = max((day.capacity for day in place.plan), default=0.0)
        over = None
        for number, day in enumerate(place.plan if is_known else ()):
            # The work of a closed day waits, and is judged then.
            if day.capacity >= CLOSED * most and _is_over(day, limit, 0 if stands else number + 1):
                over = day
                break
        if over is None:
            if stands:
                place.sequence += 1
                yield _change(key, place, Change.RESOLVED, at, reason("capacity.eased", subject=key))
                place.raised_at, place.sequence = EARLIEST, 0
            return
        ratio, why = _ratio(over), _why(key, over, at, is_limit=is_limit)
        if not stands:
            place.is_notice = not is_limit
            place.raised_at, place.said_at, place.said_ratio = at, over.day_at, ratio
            yield _change(key, place, Change.RAISED, at, why)
        elif over.day_at < place.said_at or abs(ratio - place.said_ratio) > UPDATE_STEP * place.said_ratio:
            place.sequence += 1
            place.said_at, place.said_ratio = over.day_at, ratio
            yield _change(key, place, Change.UPDATED, at, why)


def plan_of(state: bytes) -> tuple[DayLoad, ...]:
    """Return the plan that a place's stored row holds; none of the arrivals and of places too quiet to be planned."""
    return msgspec.msgpack.decode(state, type=Place).plan


def experience(row: StateRow, _days: int) -> StateRow | None:
    """Return a row as it moves to another room: throughput and patterns, without the plan and the standing warning."""
    if row.key == CLOCK:
        return None  # its days begin with its first order
    place = msgspec.msgpack.decode(row.state, type=Place)
    usual = msgspec.structs.replace(place, plan=(), raised_at=EARLIEST, sequence=0, said_at=EARLIEST, said_ratio=0.0)
    usual.made, usual.filled = [], []
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(usual))


def _left(place: Place, key: str, ahead: DaysAhead | None) -> Floats:
    """Return the share of its capacity that a place is left with on each of the next days."""
    left = np.ones(DAYS)
    if ahead is None:
        return left
    if key in ahead.left:
        left = np.minimum(left, ahead.left[key])
    now = ahead.couriers.get(key)
    if now is not None:
        place.told = max(place.told * 0.5 ** (1 / COURIERS_HALF_LIFE), now)
        fading = np.exp(-np.maximum(np.arange(DAYS) + 0.5 - HOLDS_DAYS, 0.0) / RECOVERY_DAYS)
        left = np.minimum(left, 1 - (1 - now / max(place.told, 1.0)) * fading)
    return left


def _is_over(day: DayLoad, limit: float, days: int) -> bool:
    """Return whether a day asks for more than the limit, and by more than the chance of so many days explains."""
    noise = NOISE * sqrt(days * day.capacity)
    return _ratio(day) > limit and day.load - day.capacity > noise


def _why(key: str, over: DayLoad, at: Instant, *, is_limit: bool) -> Reason:
    """Return what a day asks of a place, in whole orders."""
    load, capacity, day_at = round(over.load), round(over.capacity), over.day_at
    code = "capacity.overload" if is_limit else "capacity.never-asked"
    if day_at <= at:
        return reason(f"{code}-today", subject=key, day_at=day_at, load=load, capacity=capacity)
    return reason(code, subject=key, day_at=day_at, load=load, capacity=capacity, lead_us=day_at - at)


def _ratio(day: DayLoad) -> float:
    return day.load / day.capacity if day.capacity >= CAPACITY_MIN else 0.0


def _change(key: str, place: Place, change: Change, at: Instant, why: Reason) -> WarningChange:
    return WarningChange(
        warning_id=f"{WarningKind.CAPACITY_OVERLOAD}:{key}:{place.raised_at}",
        sequence=place.sequence,
        change=change,
        kind=WarningKind.CAPACITY_OVERLOAD,
        entity=key,
        rule="load-ahead",
        level=Level.NOTICE if place.is_notice else Level.WARNING,
        due_at=place.raised_at,
        at=at,
        reasons=(why,),
    )
