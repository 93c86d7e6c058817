"""Complaints against deliveries: the place is named, a busy day is not, and late complaints find their deliveries."""

import pytest

from radar.complaints import Complaints
from radar.events.world import ComplaintCategory, CustomerComplaint
from radar.instant import DAY_US, HOUR_US, Instant
from radar.orders import Order
from radar.outputs import Change, WarningKind
from tests.radar.harness import START, facts, rules

EPOCH = Instant(START // DAY_US * DAY_US)
RULES = rules().complaints
AREAS = ("north", "south", "east", "west")


def order(number, area):
    carrier = ("swift", "redline")[number // 4 % 2]
    return Order(f"SO-{number}", area=area, item="lamp", carrier=carrier, lane=f"hub-{area}")


def complain(complaints, one, at, category=ComplaintCategory.SERVICE):
    return list(complaints.complained(CustomerComplaint(category=category), one, Instant(at)))


def day_of(complaints, day, bad="", per_area=100, extra=0):
    """A day's deliveries in the morning, three complaints in a hundred at night, ``extra`` more from a bad area."""
    out, at = [], EPOCH + day * DAY_US
    orders = [order(n, AREAS[n % 4]) for n in range(4 * per_area)]
    if complaints.is_awake:
        for one in orders:
            complaints.delivered(one)
    sore = [one for number, one in enumerate(orders) if number % 33 == 0]
    sore += [one for one in orders if one.area == bad][:extra]
    for step, one in enumerate(sore):
        out += complain(complaints, one, at + 18 * HOUR_US + step)
    return out + list(complaints.roll(Instant(at + DAY_US)))


def taught(days=20):
    complaints = Complaints(RULES)
    for day in range(days):
        assert day_of(complaints, day) == []
    return complaints


@pytest.mark.req("R08")
def test_an_area_with_five_times_the_complaints_is_named_the_same_day_and_its_lane_is_not():
    complaints = taught()
    said = day_of(complaints, 20, "north", extra=20)
    (raised,) = [one for one in said if one.change is Change.RAISED]
    assert raised.kind is WarningKind.COMPLAINT_HOT_SPOT
    assert raised.entity in ("area:north", "lane:hub-north")
    assert float(facts(raised.reasons[0])["bad"]) >= RULES.events_min


@pytest.mark.req("R08")
def test_it_ends_when_the_complaints_are_the_usual_again():
    complaints = taught()
    day_of(complaints, 20, "north", extra=20)
    said = [one for day in range(21, 26) for one in day_of(complaints, day)]
    assert [one.change for one in said] == [Change.RESOLVED]


@pytest.mark.req("R08")
def test_three_times_the_deliveries_with_three_times_the_complaints_are_no_hot_spot():
    complaints = taught()
    assert [one for day in range(20, 30) for one in day_of(complaints, day, per_area=100 + 20 * (day - 20))] == []


@pytest.mark.req("R08")
def test_a_category_that_grows_everywhere_is_named():
    complaints = taught()
    said, at = [], EPOCH + 20 * DAY_US
    for number in range(40):
        said += complain(complaints, order(number, AREAS[number % 4]), at + number, ComplaintCategory.QUALITY)
    assert "category:quality" in {one.entity for one in said}


def test_without_an_order_the_complaint_speaks_for_itself():
    complaints = Complaints(RULES)
    data = CustomerComplaint(area="north", item="lamp", carrier="swift")
    assert list(complaints.complained(data, None, EPOCH)) == []
    assert set(complaints._clusters._places) == {"area:north", "item:lamp", "carrier:swift", "category:other"}


def test_nothing_is_counted_before_the_first_complaint():
    complaints = Complaints(RULES)
    assert not complaints.is_awake
    assert list(complaints.roll(EPOCH)) == []
    assert complaints.take_dirty() == []


@pytest.mark.req("R52")
@pytest.mark.parametrize("stop", [1, 9, 19])
def test_a_restart_anywhere_says_the_same(stop):
    whole, first, second = taught(), taught(stop), Complaints(RULES)
    second.load(first.take_dirty())
    for day in range(stop, 20):
        day_of(second, day)
    assert day_of(second, 20, "north", extra=20) == day_of(whole, 20, "north", extra=20) != []
