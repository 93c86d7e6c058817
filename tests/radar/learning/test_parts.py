"""Hand-over, stages and facts, each against a plain account of what it should say."""

import math
from math import ceil, floor

import numpy as np
import pytest

from radar.events.order import OrderChanged, OrderLine, ShipTo
from radar.fold import FOLDS
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning.facts import Facts, handed_over_at
from radar.learning.hand_over import AGE_LAST, AGE_UNIT, LIMIT_BINS, HandOver
from radar.learning.local_days import LocalDays
from radar.learning.newton import sigmoid
from radar.learning.open_orders import COLUMNS, PROMISE, SHIP_BY, OpenOrders
from radar.learning.segments import KIND_COUNT, Segments
from radar.learning.stage_offsets import AHEAD, StageOffsets
from radar.learning.view import View
from radar.orders import Order
from radar.stages import Stage
from tests.radar.harness import START

DAYS = LocalDays("UTC")
TODAY = floor(DAYS.day(START))
WEEK = [DAYS.day_class(TODAY + ahead) for ahead in range(80)]


def order(promise_days: float = 6.0, **reached_h: float) -> Order:
    """Return an order promised so many days after the start, its milestones so many hours after it."""
    made = Order("o", promise_at=Instant(START + round(promise_days * DAY_US)), area="RJ", lane="SP-RJ")
    for name, value in reached_h.items():
        made.reached[Stage[name.upper()]] = Instant(START + round(value * HOUR_US))
        made.stage = max(made.stage, Stage[name.upper()])
    return made


def taught_hand_over() -> HandOver:
    """Return a table that learned something different for every bin."""
    table = HandOver()
    chance = np.random.default_rng(1)
    table.counts = chance.random(table.counts.shape) * np.array([5.0, 30.0])
    table.freeze()
    return table


def plain_late_chance(table: HandOver, facts: Facts, now: float, mean: float, sigma: float) -> float:
    today, alive, late = floor(now), 1.0, 0.0
    for day in range(today, ceil(facts.promise)):
        if facts.limit_known <= day and facts.ship_by is not None:
            place = min(max(floor(day - facts.ship_by), -9), 8) + 9
        else:
            place = LIMIT_BINS + min(max(floor((day - facts.placed) / AGE_UNIT), 0), AGE_LAST)
        chance = float(table.table[place, DAYS.day_class(day)]) * (0.6 if day == today and now > today else 1.0)
        left = max(facts.promise - day - 0.5, 0.3)
        late += alive * chance * (1 - 0.5 * (1 + math.erf((math.log(left) - mean) / sigma / math.sqrt(2))))
        alive *= 1 - chance
    return late + alive


@pytest.mark.parametrize("now_h", [0.0, 13.0, 30.0, 100.0])
@pytest.mark.parametrize(
    ("paid_h", "limit_h"), [(None, None), (-20.0, 48.0), (8.0, -60.0), (12.5, 500.0), (29.0, 20.0)]
)
@pytest.mark.parametrize("promise_days", [5.0, 6.25, 25.0])
def test_late_by_hand_over_is_the_sum_over_the_days_left(now_h, paid_h, limit_h, promise_days):
    made = order(promise_days, placed=-31)
    if paid_h is not None and limit_h is not None:
        made.reached[Stage.PAID] = Instant(START + round(paid_h * HOUR_US))
        made.ship_by_at = Instant(START + round(limit_h * HOUR_US))
    facts, table, now = Facts(made, DAYS), taught_hand_over(), TODAY + now_h / 24
    view = View(math.log(4.0), 0.0, 0.0, 0.0, WEEK)
    view.promise = facts.promise
    found = table.late_chance(view, facts, now, floor(now) - TODAY, 0.5)
    assert found == pytest.approx(plain_late_chance(table, facts, now, view.mean, 0.5), abs=1e-12)


# --- stages -----------------------------------------------------------------------------------------------


def staged_orders(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return milestone days of parcels and whether each was delivered on day 0: most of those with a scan are."""
    chance = np.random.default_rng(seed)
    reached = np.full((count, COLUMNS), math.inf)
    reached[:, Stage.HANDED_OVER] = -chance.integers(1, 6, count) + 0.5
    is_scanned = chance.random(count) < 0.4
    reached[is_scanned, Stage.IN_TRANSIT] = -0.5
    delivered = chance.random(count) < np.where(is_scanned, 0.7, 0.05)
    return reached, delivered.astype(float)


def transit_stages() -> StageOffsets:
    return StageOffsets((Stage.HANDED_OVER, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY), (Stage.HANDED_OVER,))


@pytest.mark.req("R01", "R03")
def test_a_stage_that_is_nearly_there_raises_the_hazard_and_its_absence_lowers_it():
    stages = transit_stages()
    for day in range(30):
        reached, delivered = staged_orders(60, seed=day)
        stages.learn(reached + day, np.full(60, -1.0), delivered, day)
    stages.freeze()
    assert stages.offsets is not None
    assert sigmoid(np.array([-1.0 + stages.offsets[Stage.IN_TRANSIT][0]])) == pytest.approx(0.7, abs=0.05)
    assert sigmoid(np.array([-1.0 + stages.offsets[Stage.HANDED_OVER][0]])) == pytest.approx(0.05, abs=0.03)
    # Of those handed over the day before - the scan came since - some are delivered: nearer to the average.
    assert stages.offsets[Stage.HANDED_OVER][1] > stages.offsets[Stage.HANDED_OVER][0] + 1
    assert stages.offsets[Stage.IN_TRANSIT][1:] == [0.0] * (AHEAD - 1), "no order was scanned for so long"


def test_a_marketplace_has_no_offsets():
    stages = transit_stages()
    reached, delivered = staged_orders(60)
    reached[:, Stage.IN_TRANSIT] = math.inf
    stages.learn(reached, np.full(60, -1.0), delivered, 0)
    stages.freeze()
    assert stages.offsets is None
    assert stages.of_many(reached, 0, 0).tolist() == [0.0] * 60


@pytest.mark.parametrize("ahead", [0, 3, 30])
def test_the_offset_of_a_day_ahead_is_that_of_the_stage_reached_by_then(ahead):
    stages = transit_stages()
    stages.table = np.random.default_rng(2).normal(size=stages.table.shape)
    stages.freeze()
    assert stages.offsets is not None
    assert stages.factors is not None
    reached, _ = staged_orders(20)
    found = stages.of_many(reached, 0, ahead).tolist()
    for row, offset in zip(reached, found, strict=True):
        stage = Stage.IN_TRANSIT if row[Stage.IN_TRANSIT] <= 0 else Stage.HANDED_OVER
        assert offset == stages.offsets[stage][min(ahead, AHEAD - 1)]
        assert math.log(stages.factors[stage][min(ahead, AHEAD - 1)]) == pytest.approx(offset)


# --- facts ------------------------------------------------------------------------------------------------


def test_facts_follow_the_order_when_events_change_it():
    made = order(placed=0)
    facts = Facts(made, DAYS)
    assert facts.names[0] == "RJ"
    for data in (OrderChanged(ship_to=ShipTo(area="BA")), OrderChanged(lines=(OrderLine("x", 3),))):
        FOLDS[type(data)](made, data, START)
        facts.look(made, DAYS)
        fresh = Facts(made, DAYS)
        assert facts.names == fresh.names
        assert facts.parcel == fresh.parcel
    assert facts.names[0] == "BA"
    assert facts.parcel[3] == 2.0


def test_a_scan_implies_the_hand_over():
    scanned = order(placed=0, in_transit=30, out_for_delivery=20)
    assert handed_over_at(scanned) == START + 20 * HOUR_US
    assert handed_over_at(order(placed=0, paid=1)) == 0
    columns = OpenOrders(DAYS, [Segments(kind) for kind in range(KIND_COUNT)])
    columns.refresh([scanned], TODAY, TODAY + 3)
    (slot,) = columns.sorted_slots(np.isfinite(columns.values[:, PROMISE])).tolist()
    assert columns.values[slot, Stage.HANDED_OVER] == Facts(scanned, DAYS).handed == TODAY + 20 / 24
    assert columns.values[slot, SHIP_BY] == math.inf
