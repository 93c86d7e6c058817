"""What a scenario caused, and what the radar foresaw of it: the same luck with and without."""

import pytest

from radar.events.world import SourceHeartbeat
from tests.twin.test_kpi import END_S, order, said, truth
from twin.caused import Usual, caused, first_sign_s, usual_of
from twin.context import DAY_S
from twin.kpi import heard_of
from twin.masks import Masks, Signal

NOBODY = Usual(frozenset(), frozenset())


def _signal(at_s: int) -> Signal:
    return Signal(at_s, "weather", "east", SourceHeartbeat())


def test_only_orders_late_with_the_scenario_and_on_time_without_it_are_its_doing():
    without = usual_of(truth(order(1, 5, 6), order(2, 5, 4), order(3, 5, 4)), heard_of([], END_S))
    found = caused(
        truth(order(1, 5, 6), order(2, 5, 7), order(3, 5, 4)), heard_of([said(2, 3)], END_S), without, sign_s=0
    )
    assert (found["caused_late"], found["caused_warned36"], found["caused_recall36"]) == (1.0, 1.0, 1.0)


@pytest.mark.req("R05")
def test_a_warning_less_than_36_hours_ahead_foresees_nothing():
    found = caused(truth(order(1, 5, 6)), heard_of([said(1, 3.5 + 1 / DAY_S)], END_S), NOBODY, sign_s=0)
    assert (found["caused_recall36"], found["caused_alarms36"], found["caused_precision36"]) == (0.0, 0.0, None)


def test_nobody_can_foresee_what_showed_no_sign_36_hours_before_the_promise():
    run, heard = truth(order(1, 5, 6), order(2, 6, 8)), heard_of([said(2, 4)], END_S)
    found = caused(run, heard, NOBODY, sign_s=int(3.5 * DAY_S) + 1)
    assert (found["caused_recall36"], found["foreseeable_late"], found["foreseeable_recall36"]) == (0.5, 1.0, 1.0)
    assert caused(run, heard, NOBODY, sign_s=int(3.5 * DAY_S))["foreseeable_late"] == 2.0


def test_only_alarms_that_the_usual_run_did_not_raise_are_about_the_scenario():
    usual = usual_of(truth(order(1, 5, 4), order(2, 5, 4), order(3, 5, 4)), heard_of([said(1, 3)], END_S))
    heard = heard_of([said(1, 3), said(2, 3), said(3, 3)], END_S)
    found = caused(truth(order(1, 5, 6), order(2, 5, 6), order(3, 5, 4)), heard, usual, sign_s=0)
    assert (found["caused_alarms36"], found["caused_alarms36_true"], found["caused_precision36"]) == (2.0, 1.0, 0.5)


def test_the_first_sign_is_the_news_when_it_comes_before_the_onset():
    assert first_sign_s(100, Masks()) == 100
    assert first_sign_s(100, Masks(signals=(_signal(60), _signal(130)))) == 60
