"""The timeline of an order: the due times shown are the ones the watch alarms by."""

import pytest

from radar.calendars import WorkCalendar
from radar.deadlines import alarm_of
from radar.events.common import Tier
from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import NEVER, Order
from radar.rules import Rules
from radar.stages import Stage
from radar.standards import Standard, Standards
from radar.timeline import Expectation, timeline

FRIDAY = Instant(1_709_287_200_000_000)
"""Fri 2024-03-01 18:00 in Shanghai: the office closes."""
OFFICE = WorkCalendar("office", "Asia/Shanghai", dict.fromkeys(range(5), ((540, 1080),)))
ROUTE = (Stage.PLACED, Stage.PAID, Stage.HANDED_OVER, Stage.DELIVERED)
RULES = Rules(
    Standards(
        {"*": ROUTE},
        [
            Standard(Stage.PAID, 2 * HOUR_US, calendar=OFFICE),
            Standard(Stage.HANDED_OVER, 48 * HOUR_US),
            Standard(Stage.DELIVERED, 24 * HOUR_US),
            Standard(Stage.DELIVERED, 72 * HOUR_US, mode="ocean"),
        ],
    )
)

pytestmark = pytest.mark.req("R01", "R02")


def order(**reached_hours: float) -> Order:
    """Return an order whose milestones were reached so many hours after Friday."""
    one = Order("SO-1")
    for name, hours in reached_hours.items():
        stage = Stage[name.upper()]
        one.reached[stage] = Instant(FRIDAY + round(hours * HOUR_US))
        one.stage = max(one.stage, stage)
    return one


def expected(one: Order, stage: Stage) -> Expectation:
    """Return by when a stage was to be reached."""
    found = next(step for step in timeline(one, RULES) if step.stage is stage).expected
    assert found is not None
    return found


def test_the_stage_waited_for_is_due_when_the_watch_says_so():
    for one in (order(placed=0), order(placed=0, paid=1), order(placed=0, paid=1, handed_over=30)):
        waited = RULES.standards.next_stage("standard", one.stage)
        assert waited is not None
        assert expected(one, waited).alarm_at == alarm_of(one, waited, RULES)


def test_working_time_goes_on_where_the_calendar_opens_again():
    paid = next(step for step in timeline(order(placed=0, paid=70), RULES) if step.stage is Stage.PAID)
    assert paid.expected is not None
    # Two office hours after closing time on Friday: Monday 11:00 in Shanghai.
    assert paid.expected.due_at == FRIDAY + 2 * DAY_US + 17 * HOUR_US
    assert paid.lateness_us == 70 * HOUR_US - (2 * DAY_US + 17 * HOUR_US)


def test_a_ship_by_limit_stands_in_place_of_the_standard_and_the_grace_stays():
    one = order(placed=0, paid=1)
    one.ship_by_at = Instant(FRIDAY + 5 * DAY_US)
    found = expected(one, Stage.HANDED_OVER)
    assert (found.is_ship_by, found.due_at) == (True, one.ship_by_at)
    assert found.alarm_at == alarm_of(one, Stage.HANDED_OVER, RULES)


def test_an_important_order_has_half_the_grace():
    one = order(placed=0, paid=1)
    one.tier = Tier.VIP
    found = expected(one, Stage.HANDED_OVER)
    assert found.alarm_at - found.due_at == HOUR_US
    assert found.alarm_at == alarm_of(one, Stage.HANDED_OVER, RULES)


def test_the_mode_counts_from_the_hand_over_on_and_not_before():
    one = order(placed=0, paid=1, handed_over=2)
    one.mode = "ocean"
    assert expected(one, Stage.DELIVERED).standard.mode == "ocean"
    assert expected(one, Stage.HANDED_OVER).standard.mode == "*"


def test_a_stage_no_event_told_of_is_implied_and_the_one_behind_it_was_never_due():
    found = {step.stage: step for step in timeline(order(placed=0, handed_over=5), RULES)}
    assert (found[Stage.PAID].is_implied, found[Stage.PAID].reached_at) == (True, None)
    assert found[Stage.PAID].expected is not None
    assert found[Stage.HANDED_OVER].expected is None


def test_a_stage_off_the_route_is_shown_without_a_due_time():
    found = {step.stage: step for step in timeline(order(placed=0, paid=1, picked=3), RULES)}
    assert found[Stage.PICKED].expected is None
    assert list(found) == [Stage.PLACED, Stage.PAID, Stage.PICKED, Stage.HANDED_OVER, Stage.DELIVERED]
    assert found[Stage.HANDED_OVER].expected is not None


def test_an_order_known_by_nothing_but_its_id_has_a_timeline():
    one = Order("SO-1", promise_at=NEVER)
    assert [step.expected for step in timeline(one, RULES)] == [None] * 4
