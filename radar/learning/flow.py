"""The flow: what stands before each open order, and P(late) from it, for streams that tell more than a marketplace.

Theory of operation. Four times a local day a *step* looks at all open orders at once. It counts who went through the
doors since the step before, learns from the orders delivered and those whose promise has passed, and then computes for
every open order how long it usually still needs and how much longer the queues ahead of it will take than usual
(``left_times``, ``queues``). A prediction between two steps reads these figures; an order that moved on since is
looked at again with the same tables, a new one stands at the end of every queue. Orders of all types share the
places, so there is one flow and not one a type; a type is predicted by it once enough deliveries are known.

Everything a step reads is stored or follows from the orders: what was reached since the last step stands in the orders
themselves, what was told later than the step after it is noted. So a restart ends in the same figures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor

import numpy as np

from radar.instant import DAY_US, HOUR_US, LATEST, Instant
from radar.learning.alike import Likes
from radar.learning.doors import Doors, steps_of
from radar.learning.ends import Ends, is_broken
from radar.learning.flow_lessons import (
    AREA,
    AT_H,
    EXTRA,
    LEFT,
    MARGIN,
    RISK,
    SINCE,
    TYPE,
    WAY,
    FlowLessons,
    Needs,
    QueuesAhead,
    Taken,
    lesson_of,
    lessons_of,
    score_inputs,
)
from radar.learning.flow_scatter import FlowScatter, left_open_by
from radar.learning.flow_score import EXTRA_DOUBT, FlowScore, firsts_of, margin
from radar.learning.holds import Holds
from radar.learning.left_times import LeftTimes
from radar.learning.local_days import Floats, Ints, LocalDays
from radar.learning.positions import (
    AREAS_MAX,
    DOORS,
    HELD,
    NOBODY,
    PART_US,
    PHASES,
    STEPS,
    STEPS_A_WEEK,
    STRIDE,
    Objects,
    Positions,
    rank_of,
    since_class,
    station_of,
)
from radar.learning.queues import Queues
from radar.learning.roads import NO_LESSON
from radar.learning.routes import Routes
from radar.learning.silence import nobody_is_silent, silent_hours, usual_hours
from radar.learning.slots import Slots, grown
from radar.learning.visits import Visits
from radar.learning.yard import News, Yard
from radar.orders import NEVER, Order
from radar.stages import Stage

STEP_US = STRIDE * PART_US
TRUSTED = 300.0
"""Deliveries of a type (decayed) from which the flow predicts it."""
KEPT_US = 30 * DAY_US
"""An order so long past its promise stands in no queue any more."""
_COUNTED = frozenset({*DOORS, Stage.DELIVERED})
"""Milestones that a step learns from."""
FIGURES = 5 + len(DOORS)
"""Figures of an order at a step: station, usual hours left, their error, hours held before the last queue, risk there,
extra hours by door."""
_Read = tuple[int, float, float, float, float, Sequence[float]]
"""The same figures as of now."""


class Flow:
    """Positions, queues, usual times, and the score."""

    def __init__(self) -> None:
        self.days: LocalDays | None = None
        self.at = Instant(0)
        """The last step."""
        self.due: Instant = LATEST
        self.types: dict[str, int] = {}
        self.doors = Doors()
        self.slots = Slots()
        """Rows of what is kept by order."""
        self.yard = Yard(self.types, [queue.names for queue in self.queues], self.slots)
        self.times = LeftTimes()
        self.holds = Holds()
        self.score = FlowScore()
        self.late: dict[str, list[int]] = {}
        """By order id: milestones from before the last step that were told since."""
        self.scatter = FlowScatter()
        self.ends = Ends(self.types)
        self.visits = Visits()
        self.routes = Routes()
        self.lessons = FlowLessons()
        """Of open orders."""
        self.figures: Floats = np.empty((0, FIGURES))
        """What the last step found, by ``slots``."""
        self.found: tuple[Objects, Floats] = np.empty(0, object), self.figures
        """The same, with the order ids in their sequence."""
        self._likes = Likes(self.types, self.yard, self.routes, self.times, self.doors)
        self._silence: Callable[[Instant], Sequence[int]] = nobody_is_silent
        self.is_asleep = True
        """Whether there was nothing to look at in the last step, and nothing was told since: no steps then."""
        self.woken = NEVER
        """When the steps went on after a sleep, until the first of them is held."""
        self._freeze(0)

    @property
    def queues(self) -> list[Queues]:
        """The queues by door."""
        return self.doors.queues

    # --- what is told ------------------------------------------------------------------------------------

    def listen(self, silence: Callable[[Instant], Sequence[int]]) -> None:
        """Name who tells how long ago each milestone could last have been told."""
        self._silence = silence

    def heard(self, order: Order, at: Instant) -> None:
        """Take note of a new order, or of other news than a milestone."""
        if order.order_type in self.types and (order.closed_at == NEVER or self._has_news(order)):
            self.yard.heard(order)
            self._wake(at)

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Take note of a milestone of an order whose type it knows."""
        self.yard.heard(order)
        if at <= self.at and stage in _COUNTED:
            self.late.setdefault(order.order_id, []).append(stage)
        if self.is_asleep:
            self._wake(at)

    def _wake(self, at: Instant) -> None:
        """Go on with the steps after a sleep."""
        if self.is_asleep:
            self.is_asleep = False
            self.woken = max(at, self.at)
            self._set_due(self.woken)

    def begin(self, order_type: str, days: LocalDays, at: Instant, orders: Iterable[Order]) -> None:
        """Begin with an order type, its orders in memory included; with the first of all, begin the steps."""
        self.types[order_type] = len(self.types)
        if self.days is None:
            self.days = days
            self._set_due(at)
            self.at = Instant(self.due - STEP_US)
            self.is_asleep = False
        for order in orders:
            if order.order_type == order_type:
                self.take_back(order)

    def resume(self) -> None:
        """Go on after a restart: the orders are taken back next."""
        if self.days is not None:
            self._set_due(max(self.at, self.woken))
            self._freeze(floor(self.days.day(self.at) * STEPS + 0.5) % STEPS_A_WEEK)

    def tidy(self) -> None:
        """Forget the lessons of orders that are in memory no more; called once the orders were taken back."""
        self.lessons.forget(self.yard.tidy())
        self.is_asleep = self.woken == NEVER and not len(self.yard)

    def take_back(self, order: Order) -> None:
        """Take note again of what an order tells of its past."""
        is_whole = order.promise_at != NEVER and order.reached[Stage.PLACED] != NEVER
        if order.order_type in self.types and is_whole and self._has_news(order):
            self.yard.take_back(order)

    def _has_news(self, order: Order) -> bool:
        """Return whether the next step is to look at an order: it is open, or did something since the last one."""
        is_known = order.closed_at == NEVER or order.closed_at > self.at or order.order_id in self.late
        return is_known or any(order.reached[stage] > self.at for stage in _COUNTED)

    @property
    def is_on(self) -> bool:
        """Return whether steps are held."""
        return self.days is not None

    # --- a step ------------------------------------------------------------------------------------------

    def step(self) -> Taken:
        """Close the stretch since the last step and look at all open orders; returns the lessons taken."""
        at, before, days = self.due, self.at, self.days
        assert days is not None, "steps are held once they have begun"
        local = days.day(at)
        news = self.yard.look()
        late = news.told_late(self.late)
        known = self._judged(before), self._hear(before, at)
        self.doors.count(news, late, (before, at), days)
        self._learn_last_sites(news.only(news.within(Stage.OUT_FOR_DELIVERY, before, at)))
        self._learn(news, late, known, (before, at))
        self.late.clear()
        self.at, self.woken = at, NEVER
        self._set_due(at)
        self.is_asleep = not len(self.yard)
        return self._look(at, local)

    def _judged(self, at: Instant) -> Instant:
        """Return until when deliveries were told as of a step."""
        return Instant(at - round(self.doors.silent_h.item(Stage.DELIVERED) * HOUR_US))

    def _hear(self, before: Instant, at: Instant) -> Instant:
        """Take note of who is silent as a step ends; returns until when deliveries were told."""
        known_h = (at - before) / HOUR_US + self.doors.silent_h  # what was told once is not unheard again
        self.doors.hear(np.minimum(np.array(self._silence(at)) / HOUR_US, known_h))
        return self._judged(at)

    def _set_due(self, at: Instant) -> None:
        """Set the next step after an instant."""
        assert self.days is not None, "asked for once the zone is known"
        day = floor(self.days.day(at))
        first, end = self.days.midnight(day) + PART_US, self.days.midnight(day + 1)
        due = first + ((at - first) // STEP_US + 1) * STEP_US
        self.due = Instant(due if due < end else end + PART_US)

    def _freeze(self, part: int) -> None:
        self.doors.freeze(part % STEPS)
        for one in (self.score, self.scatter, self.ends, self.visits):
            one.freeze()
        self.times.freeze(len(self.types))
        self.holds.freeze(part * 24 // STEPS)
        self.routes.freeze()
        self._part = part
        self._trusted = {name for name, number in self.types.items() if self.routes.deliveries[number] >= TRUSTED}

    def _learn_last_sites(self, left: News) -> None:
        """Learn from which site the couriers of an area leave: where a parcel was seen last before."""
        for order, area in zip(left.orders, left.areas.tolist(), strict=True):
            if area < AREAS_MAX - 1 and order.site:
                self.yard.last_sites[order.area] = order.site

    def _learn(
        self, news: News, late: Mapping[int, Ints], known: tuple[Instant, Instant], stretch: tuple[Instant, Instant]
    ) -> None:
        """Learn from a stretch, of labels those that were known from when until when."""
        before, at = stretch
        gap = (at - before) / DAY_US
        for one in (self.times, self.doors.hindrances, self.ends, self.visits, self.routes):
            one.fade(gap)
        ended = news.ended(late, before, at)
        self.routes.learn(ended.types, ended.reached)
        self.ends.learn(ended.types, ended.reached)
        assert self.days is not None, "steps are held once they have begun"
        passed = steps_of(self.days.days(ended.reached[DOORS, :].reshape(-1))) % STEPS
        self.times.learn_after(ended.areas, ended.ways, ended.reached, passed.reshape(len(DOORS), -1))
        self.visits.learn(news, ended, stretch, self.days)
        self._learn_score(ended, *known)
        self.scatter.close(at / HOUR_US)
        self._learn_times(ended)
        self.holds.learn(self.found, (news, ended), (before, at), self.days)
        self.lessons.forget(self.yard.let_go(Instant(at - KEPT_US)))

    def _learn_score(self, ended: News, before: Instant, at: Instant) -> None:
        """Learn from those whose label is known: delivered in time, or with a promise broken in the stretch.

        A promise that passes while nobody tells of deliveries is judged once they are told again.
        """
        in_time = ended.reached[Stage.DELIVERED] < ended.promises
        promised, rows = self.yard.promised(before, at)
        is_late = [is_broken(one, before, at) for one in promised]
        broken = [self.ends.broken(one) for one, is_so in zip(promised, is_late, strict=True) if is_so]
        slots = np.concatenate([ended.slots[in_time], rows[is_late]])
        table, labels = self.lessons.of(slots, np.append(np.zeros(np.count_nonzero(in_time)), broken))
        chosen = table[:, LEFT] > 0
        if chosen.any():
            lessons, known = table[chosen], labels[chosen]
            self.score.learn(score_inputs(lessons), known, firsts_of(lessons[:, MARGIN]), lessons[:, RISK])
            late = lessons[known > 0.5]
            self.scatter.late(late[:, AREA].astype(np.int64), late[:, EXTRA], late[:, LEFT], late[:, AT_H])

    def _learn_times(self, ended: News) -> None:
        table, ends = self.lessons.of(ended.slots, ended.reached[Stage.DELIVERED] / HOUR_US)
        # One told late still stood there when it was delivered already.
        open_ = (ends > table[:, AT_H]) & (table[:, SINCE] != NO_LESSON)
        if open_.any():
            table, ends = table[open_], ends[open_]
            self.times.learn(table[:, TYPE : WAY + 1], ends - table[:, AT_H] - table[:, EXTRA])

    # --- the open orders ---------------------------------------------------------------------------------

    def _look(self, at: Instant, local: float) -> Taken:
        """Find the figures of every open order, and take some of them as lessons."""
        part = floor(local * STEPS + 0.5) % STEPS_A_WEEK
        positions = self.yard.positions(at)
        self.doors.hinder(at)
        self.times.grow(len(self.yard.ways))
        self._freeze(part)
        silent_h = silent_hours(positions, self.doors.silent_h, self.routes.is_passing)
        usual, error = usual_hours(self.times, positions, part, silent_h)
        self.holds.look(positions, usual, error)
        self.visits.usual(positions, local, usual, error)
        ahead = self.doors.look(positions, usual, self.routes.is_passing, self.times, part % STEPS)
        self.visits.risks(positions, local, usual, ahead.risk)
        figures = [positions.stations, usual, error, ahead.held_h, ahead.risk, ahead.extra_h.T]
        self.find(positions.order_ids, positions.slots, np.column_stack(figures))
        margins = (positions.left_h - usual - ahead.held_h) / np.hypot(error, EXTRA_DOUBT * ahead.held_h)
        chosen = np.flatnonzero(((positions.phases + part // STRIDE) % PHASES == 0) & (silent_h == 0))
        return self._take(positions, chosen, ahead, margins, (at, part))

    def find(self, order_ids: Objects, slots: Ints, figures: Floats) -> None:
        """Take what a step found of the orders."""
        self.found = order_ids, figures
        self.figures = grown(self.figures, len(self.slots))
        self.figures[slots] = figures
        self._likes.clear()

    def _take(
        self, positions: Positions, chosen: Ints, ahead: QueuesAhead, margins: Floats, now: tuple[Instant, int]
    ) -> Taken:
        at, part = now
        table = lessons_of(positions, chosen, ahead, margins, at, part)
        inputs = score_inputs(table)
        scores = self.score.scores(inputs, table[:, MARGIN], table[:, RISK])
        open_ = left_open_by(self.score.inverse, inputs)
        self.scatter.take(positions.areas[chosen], table[:, EXTRA], table[:, LEFT], at / HOUR_US, scores, open_)
        self.lessons.keep(positions.slots[chosen], table)
        return positions.order_ids[chosen].tolist(), table

    # --- a prediction ------------------------------------------------------------------------------------

    def concerns(self, order: Order) -> bool:
        """Return whether the flow predicts an order: of a type it knows well."""
        return order.order_type in self._trusted

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        """Return P(late) of an open order, above 0 and below 1."""
        left = (order.promise_at - at) / HOUR_US
        station, usual, error, held, risk, _ = self._read(order, at, left)
        if delay_us and held < delay_us / HOUR_US:
            held = delay_us / HOUR_US
        return self.score.chance(station, margin(left, usual, error, held), held, left, rank_of(order), risk)

    def spread(self, order: Order, at: Instant) -> float:
        """Return the standard deviation of the log-odds of ``predict``."""
        needs = self.needs(order, at)
        left = (order.promise_at - at) / HOUR_US
        row = lesson_of(needs, margin(left, needs.usual_h, needs.error_h, needs.held_h), left, rank_of(order))
        open_ = float(left_open_by(self.score.inverse, score_inputs(row))[0])
        return self.scatter.spread(needs.extra_h, left, open_)

    def needs(self, order: Order, at: Instant, delay_us: int = 0) -> Needs:
        """Return what an order needs as of ``at``; an extra time ``delay_us`` holds it up before the last queue."""
        station, usual, error, held, risk, extras = self._read(order, at, (order.promise_at - at) / HOUR_US)
        extra, door, stage = 0.0, -1, order.stage
        for number, hours in enumerate(extras):
            if hours > extra and (stage < DOORS[number] or (station >= NOBODY and number == len(DOORS) - 1)):
                extra, door = hours, number
        delay = delay_us / HOUR_US
        return Needs(station, usual, error, max(held, delay), risk, max(extra, delay), door)

    def _read(self, order: Order, at: Instant, left_h: float) -> _Read:
        """Return what an order needs without an extra time, by the last step and what was told since."""
        station, since = station_of(order, self.yard.last_sites)
        row, then = self.slots.numbers.get(order.order_id), -1.0
        extras: Sequence[float]
        if row is None:
            usual, error = self._usual_now(order, station, since, at)
            extras, held, risk = self._likes.of(order).judge(usual, left_h, rank_of(order))
        else:
            then, then_usual, error, held, risk, *extras = self.figures[row].tolist()
            usual = then_usual
            if then != station or since > self.at:
                usual, error = self._usual_now(order, station, since, at)
            elif (usual := usual - (at - self.at) / HOUR_US) < 1.0 and then_usual >= 1.0:
                usual = 1.0
        if order.stage >= DOORS[-1] and (row is None or then != station or since > self.at):
            held, risk = 0.0, self._fails(order, at, usual if station >= NOBODY else 0.0)
        return station, usual, error, held, risk, extras

    def _fails(self, order: Order, at: Instant, comes_h: float) -> float:
        """Return the chance that a visit in so many hours fails and the next one comes too late."""
        assert self.days is not None, "asked of orders whose type is known"
        hour = int(self.days.day(at) * 24 + comes_h) % 24
        return self.visits.fails_of(self._likes.of(order).ends[0], hour, (order.promise_at - at) / HOUR_US - comes_h)

    def _usual_now(self, order: Order, station: int, since: Instant, at: Instant) -> tuple[float, float]:
        alike = self._likes.of(order)
        if station == HELD and self.holds.is_known:
            return self.holds.of_new(alike.kind, alike.ends[1], (at - self.at) / HOUR_US)
        if station >= NOBODY and self.days is not None:
            hour = int(self.days.day(since) * 24) % 24
            return self.visits.usual_of(station, alike.ends[0], hour, (at - since) / HOUR_US)
        part = self._part if at - self.at < STEP_US // 2 else (self._part + STRIDE) % STEPS_A_WEEK
        return alike.usual(station, part, since_class((at - since) / HOUR_US))
