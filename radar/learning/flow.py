"""The flow: what stands before each open order, and P(late) from it, for streams that tell more than a marketplace.

Theory of operation. Eight times a local day a *step* looks at all open orders at once. It counts who went through the
doors since the step before, learns from the orders delivered and those whose promise has passed, and then computes for
every open order how long it usually still needs and how much longer the queues ahead of it will take than usual
(``left_times``, ``queues``). A prediction between two steps reads these figures; an order that moved on since is
looked at again with the same tables, a new one stands at the end of every queue. Orders of all types share the
places, so there is one flow and not one a type; a type is predicted by it once enough deliveries are known.

Everything a step reads is stored or follows from the orders: what was reached since the last step stands in the orders
themselves, what was told later than the step after it is noted. So a restart ends in the same figures.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import exp, floor

import numpy as np

from radar.instant import DAY_US, HOUR_US, LATEST, Instant
from radar.learning.doors import Doors
from radar.learning.ends import Ends, is_broken, is_delivered
from radar.learning.flow_lessons import (
    AREA,
    AT_H,
    EXTRA,
    LEFT,
    MARGIN,
    RISK,
    TYPE,
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
from radar.learning.left_times import LeftTimes
from radar.learning.local_days import Floats, LocalDays
from radar.learning.positions import (
    AREAS_MAX,
    DOORS,
    FINE,
    STEPS,
    STEPS_A_WEEK,
    TYPES_MAX,
    Positions,
    rank_of,
    since_class,
    station_of,
)
from radar.learning.queues import Queues
from radar.learning.yard import Yard
from radar.orders import NEVER, Order
from radar.stages import STAGE_COUNT, Stage

STEP_US = DAY_US // STEPS
TRUSTED = 300.0
"""Deliveries of a type (decayed) from which the flow predicts it."""
TAKEN_EVERY = 4
"""An order is taken as a lesson every so many steps, at a phase of its own: every part of the day teaches alike."""
KEPT_US = 30 * DAY_US
"""An order so long past its promise stands in no queue any more."""
FIGURES = 5 + len(DOORS)
"""Figures of an order at a step: station, usual hours left, their error, hours held before the last queue, risk there,
extra hours by door."""


class Flow:
    """Positions, queues, usual times, and the score."""

    def __init__(self) -> None:
        self.days: LocalDays | None = None
        self.at = Instant(0)
        """The last step."""
        self.due: Instant = LATEST
        self.types: dict[str, int] = {}
        self.doors = Doors()
        self.yard = Yard(self.types, [queue.names for queue in self.queues])
        self.times = LeftTimes()
        self.score = FlowScore()
        self.late: dict[str, list[int]] = {}
        """By order id: milestones from before the last step that were told since."""
        self.scatter = FlowScatter()
        self.ends = Ends(self.types)
        self.routes: Floats = np.zeros((TYPES_MAX, STAGE_COUNT, STAGE_COUNT))
        """Decayed counts of milestones by the one before, by type."""
        self.deliveries: Floats = np.zeros(TYPES_MAX)
        self.lessons = FlowLessons()
        """Of open orders."""
        self.figures: Floats = np.empty((0, FIGURES))
        """What the last step found, a row an order."""
        self.figures_of: dict[str, int] = {}
        """Rows by order id."""
        self._passed: dict[Stage, dict[str, Order]] = {stage: {} for stage in (*DOORS, Stage.DELIVERED)}
        """Orders by what they may have passed since the last step."""
        self.is_asleep = True
        """Whether there was nothing to look at in the last step, and nothing was told since: no steps then."""
        self._freeze(0)

    @property
    def queues(self) -> list[Queues]:
        """The queues by door."""
        return self.doors.queues

    # --- what is told ------------------------------------------------------------------------------------

    def placed(self, order: Order, at: Instant) -> None:
        """Take note of a new order with a promise."""
        if order.order_type in self.types:
            self.yard.put(order)
            self._wake(at)

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Take note of a milestone."""
        if order.order_type in self.types:
            passed = self._passed.get(stage)
            if passed is not None:
                passed[order.order_id] = order
                if at <= self.at:
                    self.late.setdefault(order.order_id, []).append(stage)
            if self.is_asleep:
                self._wake(at)

    def _wake(self, at: Instant) -> None:
        """Go on with the steps after a sleep."""
        if self.is_asleep:
            self.is_asleep = False
            self._set_due(max(at, self.at))

    def is_news(self, order: Order, stage: Stage) -> bool:
        """Return whether a milestone is the first that tells an order type to be rich in events."""
        return stage in FINE and order.order_type not in self.types and len(self.types) < TYPES_MAX

    def begin(self, order_type: str, days: LocalDays, at: Instant, orders: Iterable[Order]) -> None:
        """Begin with an order type; with the first of all, begin the steps.

        Args:
            order_type: The type.
            days: The days of its zone.
            at: As of when.
            orders: The orders in memory.
        """
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
            self._set_due(self.at)
            self._freeze(floor(self.days.day(self.at) * STEPS + 0.5) % STEPS)

    def tidy(self) -> None:
        """Forget the lessons of orders that are in memory no more; called once the orders were taken back."""
        kept = {*self.yard.orders, *(key for passed in self._passed.values() for key in passed)}
        self.lessons.tidy(kept)
        self.is_asleep = not kept

    def take_back(self, order: Order) -> None:
        """Take note again of what an order tells of its past."""
        if order.order_type not in self.types or order.promise_at == NEVER or order.reached[Stage.PLACED] == NEVER:
            return
        if order.is_open or order.closed_at > self.at:
            self.yard.put(order)
        for stage, passed in self._passed.items():
            if order.reached[stage] > self.at or stage in self.late.get(order.order_id, ()):
                passed[order.order_id] = order

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
        part = floor(local * STEPS + 0.5) % STEPS_A_WEEK
        self.yard.look()
        self._count(before, at, (part - 1) % STEPS)
        self._learn_last_sites(before, at)
        self._learn(before, at)
        for passed in self._passed.values():
            passed.clear()
        self.late.clear()
        self.at = at
        self._set_due(at)
        self.is_asleep = not self.yard.orders
        return self._look(at, part)

    def _set_due(self, at: Instant) -> None:
        """Set the next step after an instant."""
        assert self.days is not None, "asked for once the zone is known"
        day = floor(self.days.day(at))
        begin, end = self.days.midnight(day), self.days.midnight(day + 1)
        self.due = Instant(min(begin + ((at - begin) // STEP_US + 1) * STEP_US, end))

    def _freeze(self, step: int) -> None:
        for queue in self.queues:
            queue.freeze(step)
        self.score.freeze()
        self.scatter.freeze()
        self.ends.freeze()
        self.times.freeze()
        passing = self.routes.sum(1) / np.maximum(self.deliveries, 1e-9)[:, None]
        self._is_passing = passing[:, DOORS] > 0.5
        self._passing: list[list[bool]] = self._is_passing.tolist()
        self._next = self.routes.argmax(2)
        self._trusted = {name for name, number in self.types.items() if self.deliveries[number] >= TRUSTED}

    def _count(self, before: Instant, at: Instant, step: int) -> None:
        """Count who went through the doors."""
        assert self.days is not None, "steps are held once they have begun"
        ended = self._passed[Stage.DELIVERED]
        for number, door in enumerate(DOORS):
            passed = self._passed[door] | ended  # a door may be told late, when the order is closed already
            told = [passed[key] for key in sorted(passed)]
            late = [one for one in told if door in self.late.get(one.order_id, ())]
            late_steps = [floor(self.days.day(one.reached[door]) * STEPS) % STEPS for one in late]
            through = [one for one in told if before < one.reached[door] <= at]
            self.doors.through(number, through, step, (late, late_steps))
        self.doors.learn()

    def _learn_last_sites(self, before: Instant, at: Instant) -> None:
        """Learn from which site the couriers of an area leave: where a parcel was seen last before."""
        left = self._passed[Stage.OUT_FOR_DELIVERY]
        for key in sorted(left):
            order = left[key]
            is_followed = self.yard.areas.numbers.get(order.area, AREAS_MAX) < AREAS_MAX - 1
            if is_followed and order.site and before < order.reached[Stage.OUT_FOR_DELIVERY] <= at:
                self.yard.last_sites[order.area] = order.site

    def _learn(self, before: Instant, at: Instant) -> None:
        gap = (at - before) / DAY_US
        self.times.fade(gap)
        self.doors.hindrances.fade(gap)
        self.ends.fade(gap)
        fade = 0.5 ** (gap / 10.0)
        self.routes *= fade
        self.deliveries *= fade
        told = (self._passed[Stage.DELIVERED][key] for key in sorted(self._passed[Stage.DELIVERED]))
        ended = [
            one for one in told if is_delivered(one, before, at) or Stage.DELIVERED in self.late.get(one.order_id, ())
        ]
        self._learn_routes(ended)
        self.ends.learn(ended)
        self._learn_score(ended, [one for one in self.yard.promised(before, at) if is_broken(one, before, at)])
        self.scatter.close(at / HOUR_US)
        self._learn_times(ended)
        for order_id in self.yard.let_go(Instant(at - KEPT_US)):
            self.lessons.forget(order_id)

    def _learn_routes(self, ended: Sequence[Order]) -> None:
        passed: list[list[tuple[int, float]]] = [[] for _ in DOORS]
        steps: list[tuple[int, int, int]] = []
        for order in ended:
            number = self.types.get(order.order_type)
            if number is None:
                continue
            self.deliveries[number] += 1
            told = [stage for stage, at in enumerate(order.reached) if at != NEVER]
            steps += [(number, *pair) for pair in pairwise(told)]
            area, end = self.yard.areas.number(order.area) % AREAS_MAX, order.reached[Stage.DELIVERED]
            for found, stage in zip(passed, DOORS, strict=True):
                if NEVER < (at := order.reached[stage]) <= end:
                    found.append((area, (end - at) / HOUR_US))
        if steps:
            np.add.at(self.routes, tuple(np.array(steps).T), 1.0)
        for door, found in enumerate(passed):
            if found:
                areas, hours = zip(*found, strict=True)
                self.times.passed(door, np.array(areas), np.array(hours))

    def _learn_score(self, ended: Sequence[Order], broken: Sequence[Order]) -> None:
        ends = [(one.order_id, 0.0) for one in ended if one.reached[Stage.DELIVERED] < one.promise_at]
        ends += [(one.order_id, self.ends.broken(one)) for one in broken]
        table, labels = self.lessons.of([order_id for order_id, _ in ends], [label for _, label in ends])
        chosen = table[:, LEFT] > 0
        if chosen.any():
            lessons, known = table[chosen], labels[chosen]
            self.score.learn(score_inputs(lessons), known, firsts_of(lessons[:, MARGIN]), lessons[:, RISK])
            late = lessons[known > 0.5]
            self.scatter.late(late[:, AREA].astype(np.int64), late[:, EXTRA], late[:, LEFT], late[:, AT_H])

    def _learn_times(self, ended: Sequence[Order]) -> None:
        order_ids = [one.order_id for one in ended]
        table, ends = self.lessons.of(order_ids, [one.reached[Stage.DELIVERED] / HOUR_US for one in ended])
        open_ = ends > table[:, AT_H]  # one told late still stood there when it was delivered already
        if open_.any():
            table, ends = table[open_], ends[open_]
            self.times.learn(table[:, TYPE : AREA + 1], ends - table[:, AT_H] - table[:, EXTRA])
        for order_id in order_ids:
            self.lessons.forget(order_id)

    # --- the open orders ---------------------------------------------------------------------------------

    def _look(self, at: Instant, part: int) -> Taken:
        """Find the figures of every open order, and take some of them as lessons."""
        positions = self.yard.positions(at)
        self.doors.hinder(at)
        self._freeze(part % STEPS)
        parts = np.full(len(positions.order_ids), part)
        usual, error = self.times.usual(positions.types, positions.stations, parts, positions.since, positions.areas)
        ahead = self.doors.look(positions, usual, self._is_passing, self.times, part % STEPS)
        figures = [positions.stations, usual, error, ahead.held_h, ahead.risk, ahead.extra_h.T]
        self.find(positions.order_ids, np.column_stack(figures))
        margins = (positions.left_h - usual - ahead.held_h) / np.hypot(error, EXTRA_DOUBT * ahead.held_h)
        return self._take(positions, ahead, margins, at, part)

    def find(self, order_ids: Sequence[str], figures: Floats) -> None:
        """Take what a step found of the orders."""
        self.figures, self.figures_of = figures, dict(zip(order_ids, range(len(order_ids)), strict=True))

    def _take(self, positions: Positions, ahead: QueuesAhead, margins: Floats, at: Instant, part: int) -> Taken:
        chosen = np.flatnonzero((positions.hashes + part) % TAKEN_EVERY == 0)
        table = lessons_of(positions, chosen, ahead, margins, at, part)
        order_ids = positions.order_ids
        inputs = score_inputs(table)
        scores = self.score.scores(inputs, table[:, MARGIN], table[:, RISK])
        open_ = left_open_by(self.score.inverse, inputs)
        self.scatter.take(positions.areas[chosen], table[:, EXTRA], table[:, LEFT], at / HOUR_US, scores, open_)
        taken = [order_ids[place] for place in chosen.tolist()], table
        self.lessons.keep(taken)
        return taken

    # --- a prediction ------------------------------------------------------------------------------------

    def concerns(self, order: Order) -> bool:
        """Return whether the flow predicts an order: of a type it knows well."""
        return order.order_type in self._trusted

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        """Return P(late) of an open order, above 0 and below 1."""
        needs = self.needs(order, at, delay_us)
        left = (order.promise_at - at) / HOUR_US
        found = margin(left, needs.usual_h, needs.error_h, needs.held_h)
        score = self.score.first(found)
        score += self.score.learned(needs.station, found, needs.held_h, left, rank_of(order))
        return 1 / (1 + exp(-self.score.total(score, needs.risk)))

    def spread(self, order: Order, at: Instant) -> float:
        """Return the standard deviation of the log-odds of ``predict``."""
        needs = self.needs(order, at)
        left = (order.promise_at - at) / HOUR_US
        row = lesson_of(needs, margin(left, needs.usual_h, needs.error_h, needs.held_h), left, rank_of(order))
        open_ = float(left_open_by(self.score.inverse, score_inputs(row))[0])
        return self.scatter.spread(needs.extra_h, left, open_)

    def needs(self, order: Order, at: Instant, delay_us: int = 0) -> Needs:
        """Return what an order needs as of ``at``; an extra time ``delay_us`` holds it up before the last queue."""
        station, since = station_of(order, self.yard.last_sites)
        row = self.figures_of.get(order.order_id)
        figures = None if row is None else self.figures[row].tolist()
        elapsed = (at - self.at) / HOUR_US
        if figures is not None and figures[0] == station and since <= self.at:
            usual, error = max(1.0, figures[1] - elapsed), figures[2]
        else:
            usual, error = self._usual_now(order, station, since, at)
        if figures is None:
            extras, held, risk = self._of_new(order, usual, (order.promise_at - at) / HOUR_US)
        else:
            extras, held, risk = figures[5:], figures[3], figures[4]
        extra, door, stage = 0.0, -1, order.stage
        if stage >= DOORS[-1]:
            held = risk = 0.0
        else:
            for number, hours in enumerate(extras):
                if hours > extra and stage < DOORS[number]:
                    extra, door = hours, number
        delay = delay_us / HOUR_US
        return Needs(station, usual, error, max(held, delay), risk, max(extra, delay), door)

    def _usual_now(self, order: Order, station: int, since: Instant, at: Instant) -> tuple[float, float]:
        assert self.days is not None, "asked of orders whose type is known"
        part = floor(self.days.day(at) * STEPS) % STEPS_A_WEEK
        kind, area = self.types[order.order_type], self.yard.areas.numbers.get(order.area, AREAS_MAX - 1)
        return self.times.usual_of(kind, station, part, since_class((at - since) / HOUR_US), area)

    def _of_new(self, order: Order, usual_h: float, left_h: float) -> tuple[list[float], float, float]:
        """Return the extra hours by door of an order behind all others, those before the last door, its risk there."""
        kind, area = self.types[order.order_type], self.yard.areas.numbers.get(order.area, AREAS_MAX - 1)
        after_h = [hours[area] for hours in self.times.after_mean]
        return self.doors.of_new(self.yard.known_places(order), self._passing[kind], after_h, usual_h, left_h)
