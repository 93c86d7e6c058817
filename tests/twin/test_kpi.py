"""The figures of a run, on orders written by hand."""

import pytest

from radar.instant import Instant
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.stages import Stage
from twin.kpi import DAY_S, HOUR_S, Recovery, heard_of, late_ids_of, overdue_by_hour, record_of, recovery
from twin.orders import OPEN_S, Order, Outcome
from twin.truth import Truth

END_S = 10 * DAY_S


def order(number: int, promise_d: float, delivered_d: float | None, *, placed_d: float = 1.0, **more: object) -> Order:
    one = Order(number, f"O-{number}", round(placed_d * DAY_S), [0.5] * 30)
    one.promise_s = round(promise_d * DAY_S)
    if delivered_d is not None:
        one.stamps[Stage.DELIVERED] = round(delivered_d * DAY_S)
        one.outcome = Outcome.DELIVERED
    for name, value in more.items():
        setattr(one, name, value)
    return one


def truth(*orders: Order, warm_up_d: int = 0) -> Truth:
    return Truth(end_s=END_S, warm_up_s=warm_up_d * DAY_S, orders=list(orders))


def said(number: int, at_d: float, kind: WarningKind = WarningKind.PREDICTED_LATE, change: Change = Change.RAISED):
    warning = WarningChange(
        f"w{number}", 0, change, kind, f"O-{number}", "promise", Level.WARNING, Instant(0), Instant(0)
    )
    return round(at_d * DAY_S), warning


def test_on_the_dot_is_on_time_and_open_past_the_promise_is_late():
    run = truth(order(1, 3, 3), order(2, 3, 3 + 1 / DAY_S), order(3, 3, None), order(4, 9, 8))
    kpis = record_of(run).kpis
    assert (kpis["orders"], kpis["late_rate"], kpis["otif"]) == (4, 0.5, 0.5)


def test_only_orders_after_the_warm_up_promised_before_the_end_and_not_cancelled_count():
    run = truth(
        order(1, 3, 4, placed_d=1.9),
        order(2, 10, None, placed_d=5),
        order(3, 5, None, placed_d=3, outcome=Outcome.CANCELLED),
        order(4, 5, 4, placed_d=3),
        warm_up_d=2,
    )
    assert record_of(run).kpis["orders"] == 1


@pytest.mark.req("R31")
def test_the_three_complaint_figures_stand_apart():
    run = truth(
        order(1, 3, 5, is_delay_complaint=True, complaint="late", complained_s=4 * DAY_S, review=1),
        order(2, 3, 2, complaint="service", complained_s=3 * DAY_S, review=2),
        order(3, 3, 2, complaint="wrong-or-damaged", complained_s=3 * DAY_S, review=2),
        order(4, 3, 2, review=5),
    )
    kpis = record_of(run).kpis
    assert (kpis["complaint_rate"], kpis["delivery_complaint_rate"], kpis["low_review_rate"]) == (0.25, 0.5, 0.75)
    assert (kpis["satisfaction"], kpis["otif"]) == (0.25, 0.5)


def test_figures_without_a_meaning_are_none():
    kpis = record_of(truth(), heard_of([], END_S)).kpis
    assert [kpis[name] for name in ("late_rate", "otif", "warned36_recall", "satisfaction")] == [None] * 4


@pytest.mark.req("R05")
def test_a_warning_counts_thirty_six_hours_ahead_and_not_a_second_later():
    run = truth(order(1, 5, 6), order(2, 5, 6), order(3, 5, 4), order(4, 5, 6))
    heard = heard_of([said(1, 3.5), said(2, 3.5 + 1 / DAY_S), said(3, 2)], END_S)
    record = record_of(run, heard)
    assert record.kpis["warned36_recall"] == pytest.approx(1 / 3)
    assert record.kpis["warned36_precision"] == 0.5
    assert record.kpis["alert_share"] == 0.75
    assert record.causes["unknown"].warned36 == 1


def test_the_first_raise_counts_and_other_kinds_count_apart():
    run = truth(order(1, 5, 6), order(2, 5, 6))
    heard = heard_of(
        [
            said(1, 2, change=Change.WITHDRAWN),
            said(1, 3),
            said(1, 4),
            said(2, 1, WarningKind.STAGE_OVERDUE),
            (-1, said(2, 0)[1]),
        ],
        END_S,
    )
    kpis = record_of(run, heard).kpis
    assert heard.predicted_s == {"O-1": 3 * DAY_S, "O-2": END_S}
    assert (kpis["warned36_recall"], kpis["any_warning36_recall"]) == (0.5, 1.0)


def test_an_order_that_a_response_saved_is_no_false_alarm():
    lost, saved = truth(order(1, 5, 6)), truth(order(1, 5, 4))
    heard = heard_of([said(1, 2)], END_S)
    assert record_of(saved, heard).kpis["warned36_precision"] == 0.0
    assert record_of(saved, heard, late_ids_of(lost)).kpis["warned36_precision"] == 1.0


def test_late_orders_are_counted_under_the_cause_that_took_most_time():
    blamed = order(1, 3, 5)
    blamed.lose_time("storm", 100)
    blamed.lose_time("line", 99)
    assert record_of(truth(blamed)).causes["storm"].late == 1


def test_the_paths_are_those_counted_hour_by_hour():
    orders = [
        order(1, 3, 4.5),
        order(2, 3.02, None),
        order(3, 3, 2),
        order(4, 3, None, outcome=Outcome.LOST),
        order(5, 9.99, None),
    ]
    run = truth(*orders)
    path = overdue_by_hour(run)
    for hour in range(240):
        at_s = hour * HOUR_S
        expected = sum(
            one.promise_s <= at_s and (one.delivered_s == OPEN_S or one.delivered_s > at_s)
            for one in orders
            if one.outcome is not Outcome.LOST
        )
        assert path[hour] == expected
    record = record_of(run)
    assert record.open_by_day == [0, 4, 3, 3, 3, 2, 2, 2, 2, 2]
    assert record.on_time_by_day[3] == 0.25
    assert sum(record.lateness) == 5


def test_recovery_runs_from_the_onset_to_the_last_hour_above_the_tolerance():
    baseline = [10] * 100
    hit = [10] * 30 + [12] * 5 + [80] * 20 + [12] * 2 + [40] * 3 + [11] * 40
    found = recovery(hit, baseline, 20 * HOUR_S, orders_per_day=150)  # tolerance: the least one, 3
    assert (found.survive_h, found.recover_h, found.is_over, found.peak) == (15.0, 40.0, True, 70)


def test_what_stays_within_the_tolerance_lost_nothing():
    baseline = [10] * 100
    assert recovery(baseline, baseline, 0, 150) == Recovery(None, 0.0, is_over=True, peak=0)
    assert recovery([13] * 100, baseline, 0, 150) == Recovery(None, 0.0, is_over=True, peak=3)


def test_what_is_not_back_by_the_end_says_so():
    found = recovery([0] * 10 + [50] * 10, [0] * 20, 5 * HOUR_S, 100)
    assert (found.recover_h, found.is_over) == (15.0, False)
