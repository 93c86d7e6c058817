"""Stages overdue: on the dot, one microsecond after, with nobody speaking, and with milestones in any order."""

import pytest

from radar.events.common import Tier
from radar.events.order import OrderChanged, PaymentApproved
from radar.instant import HOUR_US, to_datetime
from radar.outputs import Change, Level, WarningKind
from radar.stages import Stage
from radar.standards import Standard
from tests.radar.harness import at, delivered, event, facts, handed_over, picked, placed, produced, rules, run, watch_of

TEN_HOURS = Standard(Stage.PRODUCED, 10 * HOUR_US)
HAND_OVER = Standard(Stage.HANDED_OVER, 4 * HOUR_US)


@pytest.mark.req("R02")
def test_on_the_dot_is_on_time_and_one_microsecond_later_is_not():
    watch = watch_of(rules(TEN_HOURS))
    assert run(watch, [placed()], until=at(12)) == []
    (raised,) = watch.advance(at(12, 1))
    assert (raised.change, raised.kind, raised.rule) == (Change.RAISED, WarningKind.STAGE_OVERDUE, "PRODUCED")
    assert (raised.due_at, raised.at, raised.level) == (at(12), at(12), Level.WARNING)


@pytest.mark.req("R02")
def test_a_milestone_exactly_at_the_end_of_the_grace_is_in_time():
    watch = watch_of(rules(TEN_HOURS))
    assert run(watch, [placed(), produced(at(12))], until=at(999)) == []


@pytest.mark.req("R02")
def test_a_milestone_one_microsecond_past_the_grace_comes_after_the_warning():
    raised, resolved = run(watch_of(rules(TEN_HOURS)), [placed(), produced(at(12, 1))])
    assert (raised.change, raised.at) == (Change.RAISED, at(12))
    assert (resolved.change, resolved.sequence, resolved.at) == (Change.RESOLVED, 1, at(12, 1))
    assert resolved.reasons[0].code == "stage.reached"


@pytest.mark.req("R02")
def test_the_stamp_is_the_due_time_however_late_somebody_looks():
    for until in (at(12, 1), at(20), at(2000)):
        (raised,) = run(watch_of(rules(TEN_HOURS)), [placed()], until=until)
        assert (raised.due_at, raised.at) == (at(12), at(12))


@pytest.mark.req("R02")
@pytest.mark.parametrize("grace_h", [0, 1, 7])
def test_the_grace_is_set_per_stage(grace_h):
    some = rules(Standard(Stage.PRODUCED, 10 * HOUR_US, grace_us=grace_h * HOUR_US))
    watch = watch_of(some)
    assert run(watch, [placed()], until=at(10 + grace_h)) == []
    assert [change.due_at for change in watch.advance(at(10 + grace_h, 1))] == [at(10 + grace_h)]


@pytest.mark.req("R01", "R03")
def test_the_reason_shows_the_arithmetic():
    (raised,) = run(watch_of(rules(TEN_HOURS)), [placed(at(1))], until=at(99))
    (why,) = raised.reasons
    assert why.code == "stage.overdue"
    assert facts(why) == {
        "stage": "produced",
        "started_at": at(1),
        "standard_us": 10 * HOUR_US,
        "due_at": at(11),
        "grace_us": 2 * HOUR_US,
    }


@pytest.mark.req("R01")
def test_each_stage_is_watched_from_the_milestone_before_it():
    some = rules(TEN_HOURS, Standard(Stage.PICKED, 3 * HOUR_US), Standard(Stage.DELIVERED, 20 * HOUR_US))
    said = run(watch_of(some), [placed(), produced(at(5)), handed_over(at(40))], until=at(999))
    assert [(change.change, change.rule, change.at) for change in said] == [
        (Change.RAISED, "PICKED", at(5 + 3 + 2)),
        (Change.RESOLVED, "PICKED", at(40)),
        (Change.RAISED, "DELIVERED", at(40 + 20 + 2)),
    ]


@pytest.mark.req("R01")
def test_a_later_milestone_implies_the_earlier_ones():
    some = rules(TEN_HOURS, Standard(Stage.PICKED, 3 * HOUR_US))
    raised, resolved = run(watch_of(some), [placed(), handed_over(at(13))], until=at(999))
    assert (raised.rule, resolved.change, resolved.at) == ("PRODUCED", Change.RESOLVED, at(13))


@pytest.mark.req("R01")
def test_a_repeated_milestone_keeps_its_earliest_time_and_raises_nothing():
    some = rules(TEN_HOURS, Standard(Stage.PICKED, 3 * HOUR_US))
    watch = watch_of(some)
    events = [placed(), produced(at(2)), produced(at(3)), picked(at(4)), produced(at(5))]
    assert run(watch, events, until=at(999)) == []
    assert watch.orders["SO-1"].reached[Stage.PRODUCED] == at(2)
    assert watch.orders["SO-1"].stage is Stage.PICKED


@pytest.mark.req("R01")
def test_a_late_milestone_does_not_bring_an_order_back():
    watch = watch_of(rules(TEN_HOURS, Standard(Stage.PICKED, 3 * HOUR_US)))
    run(watch, [placed(), picked(at(9))], until=at(10))
    run(watch, [produced(at(8))])
    order = watch.orders["SO-1"]
    assert (order.stage, order.reached[Stage.PRODUCED], order.updated_at) == (Stage.PICKED, at(8), at(10))


@pytest.mark.req("R01")
def test_an_order_may_begin_in_the_middle_and_be_placed_later():
    watch = watch_of(rules(TEN_HOURS, Standard(Stage.PICKED, 3 * HOUR_US)))
    run(watch, [produced(at(1)), placed(at(2), promise_at=at(50))])
    order = watch.orders["SO-1"]
    assert (order.stage, order.promise_at, order.alarm_at) == (Stage.PRODUCED, at(50), at(1 + 3 + 2))


@pytest.mark.req("R01")
def test_an_order_handed_over_before_it_is_paid_is_still_one_order():
    some = rules(HAND_OVER, route=(Stage.PLACED, Stage.PAID, Stage.HANDED_OVER, Stage.DELIVERED))
    watch = watch_of(some)
    paid = event(PaymentApproved(ship_by_at=to_datetime(at(3))), at(6))
    assert run(watch, [placed(), handed_over(at(5)), paid, delivered(at(9))], until=at(99)) == []
    assert watch.orders["SO-1"].stage is Stage.DELIVERED


@pytest.mark.req("R02")
def test_the_sellers_own_limit_stands_in_place_of_the_standard():
    route = (Stage.PLACED, Stage.PAID, Stage.HANDED_OVER, Stage.DELIVERED)
    paid = event(PaymentApproved(ship_by_at=to_datetime(at(30))), at(1))
    watch = watch_of(rules(HAND_OVER, route=route))
    assert run(watch, [placed(), paid], until=at(32)) == []
    (raised,) = watch.advance(at(32, 1))
    assert facts(raised.reasons[0])["due_at"] == at(30)
    assert facts(raised.reasons[0])["standard_us"] == 29 * HOUR_US


@pytest.mark.req("R02")
def test_a_limit_that_had_passed_when_it_was_told_is_said_at_once_and_not_before():
    route = (Stage.PLACED, Stage.PAID, Stage.HANDED_OVER, Stage.DELIVERED)
    paid = event(PaymentApproved(ship_by_at=to_datetime(at(3))), at(20))
    (raised,) = run(watch_of(rules(HAND_OVER, route=route)), [placed(), paid], until=at(20, 1))
    assert (raised.due_at, raised.at) == (at(5), at(20))


@pytest.mark.req("R04")
@pytest.mark.parametrize("fields", [{"is_urgent": True}, {"tier": Tier.VIP}, {"tier": Tier.VIP, "is_urgent": True}])
def test_urgent_and_vip_orders_get_half_the_grace_and_one_level_more(fields):
    watch = watch_of(rules(TEN_HOURS))
    assert run(watch, [placed(**fields)], until=at(11)) == []
    (raised,) = watch.advance(at(11, 1))
    assert (raised.level, raised.due_at) == (Level.CRITICAL, at(11))
    assert facts(raised.reasons[0])["grace_us"] == HOUR_US


@pytest.mark.req("R04")
def test_a_preferred_customer_is_not_a_vip():
    assert run(watch_of(rules(TEN_HOURS)), [placed(tier=Tier.PREFERRED)], until=at(12)) == []


@pytest.mark.req("R04")
def test_an_order_that_becomes_urgent_is_watched_more_tightly_from_then_on():
    watch = watch_of(rules(TEN_HOURS))
    (raised,) = run(watch, [placed(), event(OrderChanged(is_urgent=True), at(5))], until=at(11, 1))
    assert (raised.at, raised.level) == (at(11), Level.CRITICAL)


def test_a_stage_without_a_standard_never_alarms():
    assert run(watch_of(rules()), [placed()], until=at(9999)) == []


def test_an_alarm_set_under_other_rules_is_checked_under_these():
    old, new = watch_of(rules(TEN_HOURS)), watch_of(rules(Standard(Stage.PRODUCED, 30 * HOUR_US)))
    run(old, [placed()])
    new.load(old.take_dirty())
    assert list(new.advance(at(32))) == []
    assert [change.due_at for change in new.advance(at(32, 1))] == [at(32)]
    bare = watch_of(rules(route=(Stage.PLACED,)))
    run(old, [placed(subject="SO-2")])
    bare.load(old.take_dirty())
    assert list(bare.advance(at(999))) == []
