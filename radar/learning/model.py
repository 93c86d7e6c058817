"""One model: everything learned of the orders of one type, and the epoch at which it is learned.

Theory of operation. Between two midnights of the model's zone nothing that a prediction reads changes; what is told
meanwhile is only noted. An epoch closes the day: it brings the columns up to the orders as they are, learns the day
with the tables that were in force on it, fixes the new tables, and takes snapshots of open orders for later lessons.
Everything it reads is either stored or follows from the orders themselves, so a restart in the middle of a day ends
in the same tables, bit for bit: orders carry the day of the epoch before they were told of
(``Order.settled_day``, ``Order.delivered_day``), and all sums run in the order of a hash of the order id.
"""

import math
from collections.abc import Sequence

import numpy as np

from radar.instant import Instant
from radar.learning.calibration import RATES, Calibration, inputs_of_many, score_of_chance, score_of_odds
from radar.learning.facts import handed_over_at, names_of
from radar.learning.hand_over import HandOver
from radar.learning.lessons import SNAPSHOT_DAYS, SNAPSHOTS_MAX, Lessons
from radar.learning.local_days import Floats, Ints, LocalDays
from radar.learning.open_orders import PROMISE, OpenOrders, columns_of, hash_of
from radar.learning.outlook import Outlook
from radar.learning.segment_rates import SegmentRates
from radar.learning.segments import KIND_COUNT, Segments
from radar.learning.transit import TransitHazard
from radar.learning.transit_means import TransitMeans
from radar.orders import NEVER, Order
from radar.stages import OrderPhase, Stage

WEEK_DAYS = 80
"""Days ahead whose class is at hand."""


class Model:
    """The learned tables of one order type."""

    def __init__(self, order_type: str, days: LocalDays, day: int) -> None:
        """Begin with the priors.

        Args:
            order_type: Whose orders it learns from.
            days: The days of its zone: that of its first order.
            day: The day it begins on.
        """
        self.order_type = order_type
        self.days = days
        self.day = day
        self.segments = [Segments(kind) for kind in range(KIND_COUNT)]
        self.means = TransitMeans(self.segments)
        self.rates = SegmentRates(self.segments)
        self.transit = TransitHazard(self.means, self.rates)
        self.hand_over = HandOver()
        self.calibration = Calibration()
        self.lessons = Lessons(days)
        self.orders = OpenOrders(days, self.segments)
        self.outlook = Outlook(self.transit, self.calibration)
        self.arrivals: list[Order] = []
        self.settled: list[Order] = []
        self.delivered: list[Order] = []
        self.is_asleep = False
        """Whether there was nothing to learn from at the last epoch, and nothing was told since: no epochs then."""
        self.freeze()

    def wake(self, at: Instant) -> bool:
        """Go on with the epochs after a sleep; returns whether it slept."""
        if not self.is_asleep:
            return False
        today = math.floor(self.days.day(at))
        if today > self.day:
            self.epoch(today)
        self.is_asleep = False
        return True

    def epoch(self, day: int) -> None:
        """Close the days since the last epoch and open ``day``."""
        gap = float(day - self.day)
        settled, delivered = _told(self.settled), _told(self.delivered)
        self.orders.refresh(self.arrivals, self.day, day)
        self._learn_transit()
        self._learn_means(delivered, day, gap)
        self._learn_hand_over(day, gap)
        self.lessons.learn(settled, delivered, day, gap, self.calibration, self._moment())
        self.arrivals, self.settled, self.delivered = [], [], []
        self.orders.sweep(day)
        for kind, segments in enumerate(self.segments):
            segments.forget(day, self.orders.rows[:, kind])
        self.day = day
        self.freeze()
        self._take_snapshots()
        self._look_ahead()
        self.is_asleep = not (len(self.orders) or self.lessons.waits or self.lessons.by_day)

    def freeze(self) -> None:
        """Fix what predictions read until the next epoch."""
        self.means.freeze(self.day)
        self.rates.freeze(self.day)
        self.transit.freeze()
        self.hand_over.freeze()
        self.calibration.freeze(self._moment())
        self.lessons.scatter.freeze()
        self.due = self.days.midnight(self.day + 1)
        """The next epoch."""
        self.week = [self.days.day_class(self.day + ahead) for ahead in range(WEEK_DAYS)]
        self.outlook.open(self.days, self.day)

    def look_ahead_again(self) -> None:
        """Make the day's outlook after a restart, from the orders as they are.

        Orders heard of since the day began are left out: nobody asks the outlook for them.
        """
        known = [order for order in self.arrivals if order.updated_at < self.outlook.begun_at]
        if not known:
            return
        values = columns_of(known, self.days)
        chosen = np.flatnonzero(self.outlook.concerns(values))
        names = [(known[place].order_id, names_of(known[place])) for place in chosen.tolist()]
        rows = [
            [segments.rows.get(name, 0) for segments, name in zip(self.segments, four, strict=True)]
            for _, four in names
        ]
        self.outlook.add([order_id for order_id, _ in names], values[chosen], np.array(rows, np.int64), self.week)

    def _look_ahead(self) -> None:
        columns = self.orders
        slots = np.flatnonzero(self.outlook.concerns(columns.values))
        order_ids = [order.order_id for slot in slots.tolist() if (order := columns.orders[slot])]
        self.outlook.add(order_ids, columns.values[slots], columns.rows[slots], self.week)

    def _moment(self) -> Floats:
        """Return the log rates of everything that the second stage reads."""
        result: Floats = np.log(self.rates.overall[:RATES])
        return result

    def _learn_transit(self) -> None:
        values = self.orders.values
        slots = self.orders.sorted_slots((values[:, Stage.HANDED_OVER] <= self.day) & (values[:, PROMISE] > self.day))
        if len(slots):
            delivered = self.orders.is_delivered[slots].astype(np.float64)
            self.transit.learn(values[slots], self.orders.rows[slots], delivered, self.day, self.week[0])

    def _learn_means(self, delivered: Sequence[Order], day: int, gap: float) -> None:
        ended = [one for one in delivered if NEVER < handed_over_at(one) < one.reached[Stage.DELIVERED]]
        rows = [
            [segments.row_of(name, day) for segments, name in zip(self.segments, names_of(order), strict=True)]
            for order in ended
        ]
        ends = self.days.days(np.array([order.reached[Stage.DELIVERED] for order in ended], np.int64))
        starts = self.days.days(np.array([handed_over_at(order) for order in ended], np.int64))
        morning = self.transit.morning
        morning[0] += int((ends % 1 < 0.5).sum())
        morning[1] += len(ends)
        self.means.learn(ends - starts, np.array(rows, np.int64), day, gap)

    def _learn_hand_over(self, day: int, gap: float) -> None:
        values = self.orders.values
        is_exposed = (
            (values[:, Stage.PLACED] <= self.day)
            & ~(values[:, Stage.HANDED_OVER] <= self.day)
            & (values[:, PROMISE] > self.day)
        )
        slots = self.orders.sorted_slots(is_exposed)
        self.hand_over.learn(values[slots], self.day, self.week[0], day, gap)

    def _take_snapshots(self) -> None:
        last_days = np.ceil(self.orders.values[:, PROMISE])
        slots = np.concatenate(
            [self.orders.sorted_slots(last_days == self.day + ahead)[:SNAPSHOTS_MAX] for ahead in SNAPSHOT_DAYS]
        )
        moving = self.orders.values[slots, Stage.HANDED_OVER] <= self.day
        for is_moving in (False, True):
            chosen = slots[moving == is_moving]
            if len(chosen):
                scores, inputs = self._scores(chosen, moving=is_moving)
                order_ids = [order.order_id for slot in chosen.tolist() if (order := self.orders.orders[slot])]
                chances = self.calibration.chances(scores, inputs, moving=is_moving)
                self.lessons.take(self.day, order_ids, scores, inputs, chances, moving=is_moving)

    def _scores(self, slots: Ints, *, moving: bool) -> tuple[Floats, Floats]:
        """Return the hazards' log-odds of orders at the beginning of the day, and the inputs of the second stage."""
        values, rows = self.orders.values[slots], self.orders.rows[slots]
        means = self.means.of_many(rows)
        if moving:
            odds = self.transit.staying_odds_of_many(values, rows, self.day, self.week)
            scores = np.array([score_of_odds(one) for one in odds.tolist()])
        else:
            chances = self.hand_over.late_chances(values, means, self.day, self.week, self.means.sigma)
            scores = np.array([score_of_chance(one) for one in chances.tolist()])
        return scores, inputs_of_many(scores, values, means, means - self.means.centre, self.day, moving=moving)


def _told(orders: list[Order]) -> list[Order]:
    """Return orders in a sequence that depends on their ids alone, without those put aside since."""
    known = [order for order in orders if order.phase is not OrderPhase.QUARANTINED]
    return sorted(known, key=lambda order: (hash_of(order.order_id), order.order_id))
