"""The days of the load ahead are local: they end at midnight where the orders are, whatever the clocks do."""

from datetime import UTC, datetime

import pytest

from radar.capacity import CLOCK, Capacity, experience
from radar.instant import DAY_US, HOUR_US, LATEST, Instant, to_datetime, to_instant
from radar.load_known import DAYS
from radar.outputs import StateRow
from radar.rules import CapacityRules
from radar.stages import Stage
from radar.surroundings import Surroundings
from radar.ways import Ways
from scenarios.rules import load_rules
from tests.radar.test_capacity import day_at, order, usual

SHANGHAI = "Asia/Shanghai"
EIGHT_H = 8 * HOUR_US
"""Shanghai's midnight is sixteen o'clock the day before in UTC."""


@pytest.mark.req("R33")
def test_days_are_those_of_the_zone_of_the_first_order():
    capacity = Capacity(CapacityRules(days_min=0), usual(), Ways())
    assert capacity.due == LATEST
    capacity.reached(order("SO-1", 4, zone=SHANGHAI), Stage.PLACED, day_at(4))
    capacity.reached(order("SO-2", 4, zone="America/Sao_Paulo"), Stage.PLACED, day_at(4.1))
    assert capacity.due == day_at(5) - EIGHT_H
    for number in range(9):
        capacity.reached(order(f"SO-{number}", 4), Stage.PRODUCED, day_at(4.2))
    capacity.roll(capacity.due, [])
    assert capacity.due == day_at(6) - EIGHT_H
    plan = capacity.plan("line:L1")
    assert [one.day_at for one in plan] == [day_at(5 + day) - EIGHT_H for day in range(DAYS)]
    assert {one.zone for one in plan} == {SHANGHAI}


@pytest.mark.req("R33")
def test_what_a_plant_does_on_a_local_sunday_is_its_sundays_although_utc_says_saturday():
    capacity = Capacity(CapacityRules(), usual(), Ways())
    capacity.reached(order("SO-1", 0, zone=SHANGHAI), Stage.PLACED, day_at(0))
    for day in range(1, 60):
        begin = day_at(day) - EIGHT_H  # the local midnight
        is_sunday = to_datetime(day_at(day)).weekday() == 6
        for number in range(10 if is_sunday else 100):
            capacity.reached(order(f"SO-{day}-{number}", day - 2), Stage.PRODUCED, Instant(begin + HOUR_US + number))
        capacity.roll(Instant(begin + DAY_US), [])
    could = {to_datetime(Instant(one.day_at + EIGHT_H)).weekday(): one.capacity for one in capacity.plan("line:L1")}
    assert could == dict.fromkeys(range(6), 100.0) | {6: 10.0}


@pytest.mark.req("R33")
def test_a_day_of_23_hours_ends_at_the_next_midnight_all_the_same():
    capacity = Capacity(CapacityRules(), usual(), Ways())
    spring = to_instant(datetime(2024, 3, 30, 12, tzinfo=UTC))  # the clocks of Berlin go forward on the 31st
    capacity.reached(order("SO-1", 0, zone="Europe/Berlin"), Stage.PLACED, spring)
    ends = [capacity.due]
    for _ in range(2):
        capacity.roll(capacity.due, [])
        ends.append(capacity.due)
    assert [to_datetime(end).hour for end in ends] == [23, 22, 22]


@pytest.mark.req("R33")
def test_a_restart_ends_the_day_when_the_room_would_have():
    capacity = Capacity(CapacityRules(), usual(), Ways())
    capacity.reached(order("SO-1", 4, zone=SHANGHAI), Stage.PLACED, day_at(4))
    again = Capacity(CapacityRules(), usual(), Ways())
    again.load(capacity.take_dirty())
    for one in (capacity, again):
        one.roll(one.due, [])
    assert again.due == capacity.due == day_at(6) - EIGHT_H
    rows = [row for row in capacity.take_dirty() if isinstance(row, StateRow)]
    moved = [experience(row, 0) for row in rows if row.key == CLOCK]
    assert moved == [None], "another room's days begin with its own first order"


def test_the_day_ends_just_after_its_midnight_and_not_with_the_epoch():
    around = Surroundings(load_rules())
    around.follow({}, lambda: day_at(4))
    around.placed(order("SO-1", 4, zone=SHANGHAI), day_at(4))
    midnight = around.capacity.due
    assert around.next_due() == midnight == day_at(5) - EIGHT_H
    around.advance(midnight)
    assert around.capacity.due == midnight
    around.advance(Instant(midnight + 1))
    assert around.next_due() == around.capacity.due == midnight + DAY_US
