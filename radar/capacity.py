"""Load ahead: what each line, warehouse, lane and area will have to do in the next days, against what it can (R33).

Theory of operation. Once an epoch, from the figures known then. The load of a day is the open orders that usually
reach the place on that day - as the usual time from where they stand, its spread, and the time gone by since have it -
plus those not ordered yet: the place's own weekday pattern, times the share of its orders that come in later than
today, each day of these times the peak that is planned for it, times how the arrivals of the last week compare with
the usual, planned peaks taken out. What was expected of a day so far ahead is set against what was done on it; what
usually comes of such expectations corrects the next ones. What a place can do is told by the rules, or else the ninth
decile of what it did on the same weekday lately; what it cannot do waits for the next day. A day that asks for more
than the limit raises a warning that names it; the warning is resolved when no day does any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import erf, sqrt

import msgspec

from radar.ends import ends_of
from radar.instant import DAY_US, EARLIEST, Instant, to_datetime
from radar.open_index import AREA, LANE, LINE, WAREHOUSE
from radar.orders import NEVER, Order
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningChange, WarningKind
from radar.peaks import factor_between
from radar.remaining import RemainingTimes
from radar.rules import CapacityRules
from radar.stages import Stage
from radar.ways import Ways
from radar.wording import reason

MACHINE = "capacity"
DAYS = 7
WEEKS = 8
"""Same weekdays whose throughput is remembered."""
HALF_LIFE_DAYS = 28
QUANTILE = 0.9
CAPACITY_MIN = 5.0
"""Orders a day below which a place is not judged: its throughput is chance."""
CLOSED = 0.5
"""A day on which a place can do less than this share of its best of the week is no day to judge it by."""
NOISE = 3.0
"""Standard deviations of a count that a load must stand above the capacity to be said."""
GROWTH_RANGE = (0.5, 2.0)
"""How far the arrivals of one week may scale the pattern."""
BELIEF_DAYS, SHARE_RANGE = 3.0, (0.25, 2.0)
"""Usual days for which an expectation is believed as it is, and how far what usually comes of it may correct it."""
UPDATE_STEP = 0.5
"""A standing warning is said anew when its day comes nearer, or its load moved by this share."""
OVERDUE_MAX_US = 30 * DAY_US
"""An order this far past its promise no longer counts as load to come: most of them never move again."""
WEEK_MIN = 7.0
"""Orders a week below which a place is not planned: a day of it is chance."""
LOST_AFTER = 4.0
"""Spreads beyond the usual time after which an order is no load any more: it is lost, or closed without a word."""
ALIKE_US = DAY_US // 4
"""Orders at one place whose last milestones lie in the same quarter of a day are taken together."""
ARRIVALS = "arrivals"
DOORS: dict[Stage, tuple[str, ...]] = {
    Stage.PRODUCED: (LINE,),
    Stage.HANDED_OVER: (WAREHOUSE, LANE),
    Stage.DELIVERED: (AREA,),
}
"""Milestone -> the kinds of places that have done their part with it."""


class DayLoad(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One day of one place."""

    day_at: Instant
    load: float
    """Orders to do that day, those left over from the day before included."""
    capacity: float


class _Place(msgspec.Struct, array_like=True):
    version: int
    today: int = 0
    done: list[list[int]] = msgspec.field(default_factory=lambda: [[] for _ in range(7)])
    """Throughput of the last weeks, by weekday."""
    pattern: list[float] = msgspec.field(default_factory=lambda: [0.0] * 7)
    days: int = 0
    weight: float = 0.0
    lead_days: float = 0.0
    """Mean time from the placement to here, in days, and the mean of its square."""
    lead_square: float = 0.0
    plan: tuple[DayLoad, ...] = ()
    raised_at: Instant = EARLIEST
    sequence: int = 0
    said_at: Instant = EARLIEST
    """Day that the standing warning names, and how much of its capacity it asks for."""
    said_ratio: float = 0.0
    made: list[list[float]] = msgspec.field(default_factory=list)
    """What the last epochs expected to come on each of the days ahead, the latest last."""
    came: list[list[float]] = msgspec.field(default_factory=lambda: [[0.0, 0.0] for _ in range(DAYS)])
    """By days ahead: decayed sums of what did come, and of what was expected."""


class Capacity:
    """Throughput, pattern and plan of every place."""

    def __init__(self, rules: CapacityRules, remaining: RemainingTimes, ways: Ways) -> None:
        self._rules = rules
        self._remaining = remaining
        self._ways = ways
        self._places: dict[str, _Place] = {}
        self._dirty: set[str] = set()

    # --- what is told ------------------------------------------------------------------------------------

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Count what a place has done."""
        if stage is Stage.PLACED:
            self._count(ARRIVALS, 0.0)
            return
        placed_at = order.reached[Stage.PLACED]
        lead_days = (at - placed_at) / DAY_US if NEVER < placed_at <= at else 0.0
        if stage is Stage.DELIVERED:
            places: tuple[str, ...] = (AREA + order.area,) if order.area else ()
        elif stage is Stage.PRODUCED:
            places = (LINE + order.line,) if order.line else ()
        else:
            places = tuple(kind + name for kind, name in ((WAREHOUSE, order.warehouse), (LANE, order.lane)) if name)
        for key in places:
            self._count(key, lead_days)

    def plan(self, key: str) -> tuple[DayLoad, ...]:
        """Return the next days of a place as of the last epoch: for a board."""
        place = self._places.get(key)
        return () if place is None else place.plan

    def keys(self) -> tuple[str, ...]:
        """Return the places known, sorted."""
        return tuple(sorted(key for key in self._places if key != ARRIVALS))

    def roll(self, at: Instant, orders: Iterable[Order]) -> Sequence[Output]:
        """Close the day, plan the next ones, and warn of those that ask too much."""
        if not self._rules.is_on:
            return ()
        yesterday = Instant(at - DAY_US)
        for key in sorted(self._places):
            planned = factor_between(self._rules.peaks, yesterday, at) if key == ARRIVALS else 1.0
            _compare(self._places[key])
            _close_day(self._places[key], to_datetime(yesterday).weekday(), planned)
            self._dirty.add(key)
        known = self._known(orders, at)
        growth = self._growth()
        out: list[Output] = []
        for key in self.keys():
            place = self._places[key]
            if self._is_quiet(key, place):
                place.made = []
                continue
            place.plan = self._planned(key, place, known.get(key, {}), growth, at)
            out.extend(self._judge(key, place, at))
        return out

    def take_dirty(self) -> list[Row]:
        """Return the places changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, key, msgspec.msgpack.encode(self._places[key])) for key in sorted(self._dirty)
        ]
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the places."""
        for row in rows:
            assert isinstance(row, StateRow)
            self._places[row.key] = msgspec.msgpack.decode(row.state, type=_Place)

    # --- inside ------------------------------------------------------------------------------------------

    def _count(self, key: str, lead_days: float) -> None:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = _Place(1)
        place.today += 1
        place.weight += 1
        place.lead_days += (lead_days - place.lead_days) / min(place.weight, 500)
        place.lead_square += (lead_days * lead_days - place.lead_square) / min(place.weight, 500)
        self._dirty.add(key)

    def _known(self, orders: Iterable[Order], at: Instant) -> dict[str, dict[int, float]]:
        """Return how many open orders usually reach each place on each of the next days."""
        groups: dict[tuple[object, ...], list[Order]] = {}
        for order in orders:
            if order.promise_at != NEVER and at - order.promise_at > OVERDUE_MAX_US:
                continue
            since = order.reached[order.stage] or order.heard_at
            where = (order.line, order.warehouse, order.lane, order.origin, order.area)
            groups.setdefault((order.stage, order.order_type, (at - since) // ALIKE_US, *where), []).append(order)
        loads: dict[str, dict[int, float]] = {}
        for key in sorted(groups, key=str):
            group = groups[key]
            # One order speaks for its like: the first by id, so that the answer does not depend on memory's order.
            speaker = min(group, key=lambda one: one.order_id)
            gone_us = at - sum(one.reached[one.stage] or one.heard_at for one in group) / len(group)
            for place, share, ends in self._stops(speaker, gone_us):
                days = loads.setdefault(place, {})
                for day, end in enumerate(ends):
                    days[day] = days.get(day, 0.0) + share * end * len(group)
        return loads

    def _stops(self, order: Order, gone_us: float) -> Iterable[tuple[str, float, list[float]]]:
        """Yield the places before an order, its share there, and how likely it gets through on each of the days."""
        usual = self._remaining.usual(order, order.stage)
        if usual is None or gone_us > usual.mean_us + LOST_AFTER * usual.spread_us:
            return
        for stage, kinds in DOORS.items():
            after = self._remaining.usual(order, stage)
            if order.stage >= stage or after is None:
                continue
            spread_us = sqrt(max(usual.spread_us**2 - after.spread_us**2, (usual.spread_us / 4) ** 2))
            ends = ends_of(usual.mean_us - after.mean_us, spread_us, gone_us, DAYS)
            for kind in kinds:
                if kind == LANE:
                    lanes = self._ways.lanes(order.way) or ((order.lane,) if order.lane else ())
                    yield from ((LANE + lane, self._ways.share(order.way, lane) or 1.0, ends) for lane in lanes)
                elif _name(order, kind):
                    yield kind + _name(order, kind), 1.0, ends

    def _is_quiet(self, key: str, place: _Place) -> bool:
        """Return whether too little passes a place for a plan of days to mean anything."""
        return sum(place.pattern) < WEEK_MIN and place.raised_at == EARLIEST and key not in self._rules.given

    def _growth(self) -> float:
        """Return the arrivals of the last week as a multiple of the usual week."""
        arrivals = self._places.get(ARRIVALS)
        if arrivals is None or arrivals.days < 14:
            return 1.0
        usual, recent = sum(arrivals.pattern), sum(days[-1] for days in arrivals.done if days)
        return min(GROWTH_RANGE[1], max(GROWTH_RANGE[0], recent / usual)) if usual > 0 else 1.0

    def _planned(
        self, key: str, place: _Place, known: Mapping[int, float], growth: float, at: Instant
    ) -> tuple[DayLoad, ...]:
        left, days, made = 0.0, [], list[float]()
        peaks = [self._peak(Instant(at + day * DAY_US)) for day in range(DAYS)]
        for day in range(DAYS):
            day_at = Instant(at + day * DAY_US)
            weekday = to_datetime(day_at).weekday()
            new = _to_come(place, day, peaks)
            made.append(known.get(day, 0.0) + growth * new * place.pattern[weekday])
            load = left + made[day] * _usual_share(place, day)
            capacity = self._rules.given.get(key, _throughput(place, weekday))
            days.append(DayLoad(day_at, round(load, 3), capacity))
            left = max(0.0, load - capacity)
        place.made = [*place.made, made][-DAYS:]
        return tuple(days)

    def _peak(self, day_at: Instant) -> float:
        return factor_between(self._rules.peaks, day_at, Instant(day_at + DAY_US))

    def _judge(self, key: str, place: _Place, at: Instant) -> Iterable[Output]:
        is_known = place.days >= self._rules.days_min or key in self._rules.given
        stands = place.raised_at != EARLIEST
        # Eased only when well under the limit, so that a load at the limit does not flap.
        limit = (1 + self._rules.overload_ratio) / 2 if stands else self._rules.overload_ratio
        most = max((day.capacity for day in place.plan), default=0.0)
        open_days = (
            day for day in place.plan if day.capacity >= CLOSED * most
        )  # else its work waits, and is judged then
        over = next((day for day in open_days if is_known and _is_over(day, limit, stands=stands)), None)
        if over is None:
            if stands:
                place.sequence += 1
                yield _change(key, place, Change.RESOLVED, at, reason("capacity.eased", subject=key))
                place.raised_at, place.sequence = EARLIEST, 0
            return
        ratio, why = _ratio(over), _why(key, over, at)
        if not stands:
            place.raised_at, place.said_at, place.said_ratio = at, over.day_at, ratio
            yield _change(key, place, Change.RAISED, at, why)
        elif over.day_at < place.said_at or abs(ratio - place.said_ratio) > UPDATE_STEP * place.said_ratio:
            place.sequence += 1
            place.said_at, place.said_ratio = over.day_at, ratio
            yield _change(key, place, Change.UPDATED, at, why)


def plan_of(state: bytes) -> tuple[DayLoad, ...]:
    """Return the plan that a stored row holds; none of the arrivals, and of places too quiet to be planned."""
    return msgspec.msgpack.decode(state, type=_Place).plan


def experience(row: StateRow, _days: int) -> StateRow:
    """Return a row as it moves to another room: throughput and patterns, without the plan and the standing warning."""
    place = msgspec.msgpack.decode(row.state, type=_Place)
    usual = msgspec.structs.replace(place, plan=(), raised_at=EARLIEST, sequence=0, said_at=EARLIEST, said_ratio=0.0)
    usual.made = []
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(usual))


def _name(order: Order, kind: str) -> str:
    match kind:
        case "line:":
            return order.line
        case "warehouse:":
            return order.warehouse
        case "lane:":
            return order.lane
        case _:
            return order.area


def _close_day(place: _Place, weekday: int, planned: float) -> None:
    """Let the day enter the past, freed from the peak that was planned for it."""
    place.days += 1
    place.today = round(place.today / planned) if planned > 0 else 0
    place.done[weekday] = [*place.done[weekday], place.today][-WEEKS:]
    weeks = len(place.done[weekday])
    share = max(1 - 0.5 ** (7 / HALF_LIFE_DAYS), 1 / weeks)
    place.pattern[weekday] += share * (place.today - place.pattern[weekday])
    place.today = 0


def _compare(place: _Place) -> None:
    """Learn what came of the day that ends, of all that was expected of it on the days before."""
    fade = 0.5 ** (1 / HALF_LIFE_DAYS)
    for ahead, made in enumerate(reversed(place.made)):
        if made[ahead] > 0:  # nothing was known of such a weekday else
            sums = place.came[ahead]
            sums[0], sums[1] = sums[0] * fade + place.today, sums[1] * fade + made[ahead]


def _usual_share(place: _Place, ahead: int) -> float:
    """Return how much of what is expected so far ahead usually comes on that day."""
    came, expected = place.came[ahead]
    belief = BELIEF_DAYS * sum(place.pattern) / 7
    if expected + belief <= 0:
        return 1.0
    return min(SHARE_RANGE[1], max(SHARE_RANGE[0], (came + belief) / (expected + belief)))


def _to_come(place: _Place, day: int, peaks: Sequence[float]) -> float:
    """Return the orders not placed yet that reach a place on a day, as a share of the usual orders of that day.

    Args:
        place: How long its orders have been on their way is taken as normally distributed.
        day: 0 is today.
        peaks: Factor of each day on which they may be placed.
    """
    spread = sqrt(max(0.04, place.lead_square - place.lead_days**2))
    total = before = 0.0
    for back in range(day + 1):
        until = (1 + erf((back + 0.5 - place.lead_days) / spread / sqrt(2))) / 2
        total += peaks[day - back] * (until - before)
        before = until
    return total


def _throughput(place: _Place, weekday: int) -> float:
    """Return the ninth decile of what a place did on a weekday lately; of all days while weeks are few."""
    same = place.done[weekday]
    days = sorted(same if len(same) >= 4 else [one for some in place.done for one in some])
    return float(days[min(len(days) - 1, int(QUANTILE * len(days)))]) if days else 0.0


def _is_over(day: DayLoad, limit: float, *, stands: bool) -> bool:
    """Return whether a day asks for more than the limit, and by more than the chance of small numbers explains."""
    noise = 0.0 if stands else NOISE * sqrt(day.capacity)
    return _ratio(day) > limit and day.load - day.capacity > noise


def _why(key: str, over: DayLoad, at: Instant) -> Reason:
    """Return what a day asks of a place, in whole orders."""
    load, capacity, day_at = round(over.load), round(over.capacity), over.day_at
    if day_at <= at:
        return reason("capacity.overload-today", subject=key, day_at=day_at, load=load, capacity=capacity)
    lead_us = day_at - at
    return reason("capacity.overload", subject=key, day_at=day_at, load=load, capacity=capacity, lead_us=lead_us)


def _ratio(day: DayLoad) -> float:
    return day.load / day.capacity if day.capacity >= CAPACITY_MIN else 0.0


def _change(key: str, place: _Place, change: Change, at: Instant, why: Reason) -> WarningChange:
    return WarningChange(
        warning_id=f"{WarningKind.CAPACITY_OVERLOAD}:{key}:{place.raised_at}",
        sequence=place.sequence,
        change=change,
        kind=WarningKind.CAPACITY_OVERLOAD,
        entity=key,
        rule="load-ahead",
        level=Level.WARNING,
        due_at=place.raised_at,
        at=at,
        reasons=(why,),
    )
