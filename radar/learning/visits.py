"""Failed visits: how long an order whose visit failed still needs, by why, and how likely the next one fails.

Theory of operation. A courier who finds nobody comes again with one of the next rounds; a wrong address goes back to
somebody who mends it, and then waits for a round. So what such an order needs depends on the reason, on its area (how
many rounds leave in a day) and on the hour at which the visit failed: an address mended at eleven has missed the only
round of ten. Learned from orders delivered in the end, of their last failed visit. That the next visit fails, too, is
a chance of its own: with the share of visits that failed lately in the area, and of that the chance that what is then
needed is more than is left. An order that is out for the first time has the same chance. All decayed.
"""

from math import exp

import numpy as np

from radar.instant import HOUR_US, Instant
from radar.learning.left_times import BELIEVED, ERROR_MAX_H, ERROR_MIN_H, ERROR_OF_MEAN, add_to
from radar.learning.local_days import Floats, Ints, LocalDays
from radar.learning.positions import AREAS_MAX, NOBODY, STATIONS, Positions, failed_station
from radar.learning.yard import News
from radar.orders import Order
from radar.stages import Stage

HALF_LIFE = 21.0
"""Days."""
HOURS = 24
REASONS = STATIONS - NOBODY
FIRST_H = (24.0, 36.0, 48.0)
"""Hours an order is believed to need after a visit that failed: nobody there, the address, any other (assumption)."""
SHRINK, ERROR_FIRST_H = 2.0, 8.0
"""Orders that an hour borrows from its area, and an area from its reason; mean absolute error believed beforehand."""
FAILS_FIRST, FAILS_WEIGHT = (0.06, 0.02, 0.0), 50.0
"""Shares of visits believed to fail, as firmly as after so many (assumption)."""
SLOPE = 1.7
"""Log-odds of one standard error: the logistic that is nearest to the normal distribution."""
_Z_MAX = 6.0


class Visits:
    """Decayed counts of visits and of what orders needed after one that failed."""

    def __init__(self) -> None:
        self.left: Floats = np.zeros((REASONS, AREAS_MAX, HOURS, 3))
        """By reason, area and hour of the day of the failed visit: orders, hours they needed, absolute errors."""
        self.seen: Floats = np.zeros((AREAS_MAX, 1 + REASONS))
        """By area, visits, and those that failed by reason."""
        self.freeze()

    def fade(self, days: float) -> None:
        """Let older visits count less."""
        for table in (self.left, self.seen):
            np.multiply(table, 0.5 ** (days / HALF_LIFE), out=table)

    def learn(self, news: News, ended: News, stretch: tuple[Instant, Instant], days: LocalDays) -> None:
        """Learn from a step: the visits that failed in it, and the orders delivered."""
        failed = [
            (area, failed_station(order) - NOBODY)
            for order, area in zip(news.orders, news.areas.tolist(), strict=True)
            if stretch[0] < order.failed_at <= stretch[1]
        ]
        np.add.at(self.seen[:, 0], ended.areas, 1.0)
        for area, why in failed:
            self.seen[area, 0] += 1.0
            self.seen[area, 1 + why] += 1.0
        rows = [row for row, order in enumerate(ended.orders) if _is_mended(order)]
        if rows:
            again = [ended.orders[row] for row in rows]
            failed_at = np.array([order.failed_at for order in again], np.int64)
            whys = np.array([failed_station(order) - NOBODY for order in again])
            needed = (ended.reached[Stage.DELIVERED, rows] - failed_at) / HOUR_US
            cells = whys, ended.areas[rows], hours_of(days.days(failed_at))
            usual, error = self._mean[cells], self._error[cells]
            missed = np.minimum(np.abs(needed - usual), ERROR_MAX_H)
            add_to(self.left, cells, np.clip(needed, usual - BELIEVED * error, usual + BELIEVED * error), missed)

    def freeze(self) -> None:
        """Fix what orders are judged by until the next step."""
        by_area = self.left.sum(2)
        by_reason = by_area.sum(1)
        mean = (by_reason[:, 1] + SHRINK * np.array(FIRST_H)) / (by_reason[:, 0] + SHRINK)
        off = (by_reason[:, 2] + SHRINK * ERROR_FIRST_H) / (by_reason[:, 0] + SHRINK)
        area_mean = (by_area[..., 1] + SHRINK * mean[:, None]) / (by_area[..., 0] + SHRINK)
        area_off = (by_area[..., 2] + SHRINK * off[:, None]) / (by_area[..., 0] + SHRINK)
        self._mean: Floats = (self.left[..., 1] + SHRINK * area_mean[..., None]) / (self.left[..., 0] + SHRINK)
        missed = (self.left[..., 2] + SHRINK * area_off[..., None]) / (self.left[..., 0] + SHRINK)
        self._error: Floats = np.maximum(ERROR_OF_MEAN * missed, ERROR_MIN_H)
        fails = self.seen[:, 1:] + FAILS_WEIGHT * np.array(FAILS_FIRST)
        self._fails: Floats = fails / (self.seen[:, :1] + FAILS_WEIGHT)

    # --- the open orders ---------------------------------------------------------------------------------

    def usual(self, positions: Positions, local: float, usual: Floats, error: Floats) -> None:
        """Put what orders need whose visit failed into the columns of all orders.

        Args:
            positions: The open orders.
            local: The local day, with its part.
            usual: Usual hours left of each; changed.
            error: Their standard errors; changed.
        """
        chosen = np.flatnonzero(positions.stations >= NOBODY)
        if len(chosen):
            since_h = positions.since_h[chosen]
            cells = positions.stations[chosen] - NOBODY, positions.areas[chosen], hours_of(local - since_h / HOURS)
            usual[chosen] = np.maximum(self._mean[cells] - since_h, 1.0)
            error[chosen] = self._error[cells]

    def risks(self, positions: Positions, local: float, usual: Floats, risk: Floats) -> None:
        """Add to the risks of orders with the couriers, or before another visit, that this one fails; in place."""
        chosen = np.flatnonzero((positions.stations == Stage.OUT_FOR_DELIVERY) | (positions.stations >= NOBODY))
        if len(chosen):
            is_out = positions.stations[chosen] == Stage.OUT_FOR_DELIVERY
            comes_h = np.where(is_out, 0.0, usual[chosen])
            hours = hours_of(local + comes_h / HOURS)
            fails = self.fails(positions.areas[chosen], hours, positions.left_h[chosen] - comes_h)
            risk[chosen] = 1.0 - (1.0 - risk[chosen]) * (1.0 - fails)

    def fails(self, areas: Ints, hours: Ints, left_h: Floats) -> Floats:
        """Return the chance that a visit fails and the next one comes too late."""
        found: Floats = np.zeros(len(areas))
        for why in range(REASONS):
            z = (left_h - self._mean[why, areas, hours]) / self._error[why, areas, hours]
            found += self._fails[areas, why] / (1.0 + np.exp(SLOPE * np.clip(z, -_Z_MAX, _Z_MAX)))
        return found

    def usual_of(self, station: int, area: int, hour: int, since_h: float) -> tuple[float, float]:
        """Return what ``usual`` finds of one order: hours left, and their error."""
        why = station - NOBODY
        return max(self._mean.item(why, area, hour) - since_h, 1.0), self._error.item(why, area, hour)

    def fails_of(self, area: int, hour: int, left_h: float) -> float:
        """Return the chance of ``fails`` for one order."""
        found = 0.0
        for why in range(REASONS):
            z = (left_h - self._mean.item(why, area, hour)) / self._error.item(why, area, hour)
            found += self._fails.item(area, why) / (1.0 + exp(SLOPE * min(max(z, -_Z_MAX), _Z_MAX)))
        return found


def hours_of(days: Floats | float) -> Ints:
    """Return the hours of the day of local days."""
    result: Ints = np.floor(np.asarray(days) * HOURS + 1e-6).astype(np.int64) % HOURS
    return result


def _is_mended(order: Order) -> bool:
    return 0 < order.failed_at < order.reached[Stage.DELIVERED]
