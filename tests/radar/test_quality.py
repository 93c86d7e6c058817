"""Inspections by line and item: who is named, what is taken from the order, and what is not said twice."""

import pytest

from radar.events.supply import QualityResult
from radar.instant import DAY_US, Instant
from radar.orders import Order
from radar.outputs import Change
from radar.quality import Quality
from radar.rules import ClusterRules
from tests.radar.harness import START

EPOCH = Instant(START // DAY_US * DAY_US)


def told(quality, at, bad, line="L1", item="desk", order=None):
    result = QualityResult(is_passed=not bad, line=line, item=item)
    return list(quality.inspected(result, order, Instant(at)))


def taught(days=20):
    """Two lines that make two items each; one piece in fifty is bad."""
    quality = Quality(ClusterRules())
    for day in range(days):
        for n in range(200):
            line, item = f"L{1 + n % 2}", ("desk", "shelf")[n // 2 % 2]
            assert told(quality, EPOCH + day * DAY_US + n, n % 50 == 7, line, item) == []
        assert quality.roll(Instant(EPOCH + (day + 1) * DAY_US)) == []
    return quality


@pytest.mark.req("R08")
def test_a_bad_line_is_named_once_and_not_its_items_too():
    quality, start = taught(), EPOCH + 20 * DAY_US
    said = []
    for n in range(400):
        line, item = f"L{1 + n % 2}", ("desk", "shelf")[n // 2 % 2]
        said += told(quality, start + n, (line == "L1" and n % 3 == 0) or n % 50 == 7, line, item)
    assert [(one.change, one.entity) for one in said] == [(Change.RAISED, "line:L1")]


@pytest.mark.req("R08")
def test_an_item_bad_on_all_lines_is_named_and_the_lines_are_not():
    quality, start = taught(), EPOCH + 20 * DAY_US
    said = []
    for n in range(400):
        line, item = f"L{1 + n % 2}", ("desk", "shelf")[n // 2 % 2]
        said += told(quality, start + n, (item == "desk" and n % 3 == 0) or n % 50 == 7, line, item)
    assert [one.entity for one in said] == ["item:desk"]


def test_what_the_result_does_not_name_is_the_orders():
    quality, start = taught(), EPOCH + 20 * DAY_US
    order = Order("SO-1", line="L2", item="lamp")
    said = [one for n in range(90) for one in told(quality, start + n, n % 3 == 0, "", "", order)]
    assert {one.entity for one in said} <= {"line:L2", "item:lamp"}
    assert said


def test_an_inspection_is_one_trial_and_one_that_is_passed_counts_by_its_share():
    quality = Quality(ClusterRules())
    quality.inspected(QualityResult(is_passed=False, line="L1", inspected=40), None, EPOCH)
    quality.inspected(QualityResult(is_passed=True, line="L1", inspected=40, defective=3), None, EPOCH)
    quality.inspected(QualityResult(is_passed=True, line="L1", inspected=0), None, EPOCH)
    place = quality._clusters._places["line:L1"]
    assert (place.trials, place.bad) == (3.0, 1.075)


def test_a_result_that_names_nothing_is_nobodys():
    quality = Quality(ClusterRules())
    assert told(quality, EPOCH, bad=True, line="", item="") == []
    assert not quality._clusters._places
