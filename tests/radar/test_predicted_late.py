"""When a probability becomes a warning: the checks, the 36 h edge, hysteresis, updates, and what is never asked."""

import pytest

from radar.events.order import OrderCancelled
from radar.forecasting import Nowhere
from radar.instant import HOUR_US
from radar.outputs import Change, Level, WarningKind
from radar.policy import Decision, decide
from radar.rules import PredictionRules
from radar.watch import OrderWatch
from tests.radar.harness import (
    FakePredictor,
    at,
    delivered,
    event,
    facts,
    held,
    picked,
    placed,
    produced,
    rules,
    run,
    watch_of,
)

PROMISE = at(100)
LEAD = at(64)
"""36 h before the promise."""
RULES = PredictionRules()


def late_from(when, high=0.9, low=0.2):
    return FakePredictor(lambda order, now: high if now >= when else low)


@pytest.mark.req("R05")
def test_a_risk_seen_exactly_36_h_ahead_is_in_time():
    watch = watch_of(rules(), late_from(LEAD, high=0.40))
    assert run(watch, [placed(promise_at=PROMISE)], until=LEAD) == []
    (raised,) = watch.advance(at(64, 1))
    assert (raised.kind, raised.change, raised.level) == (WarningKind.PREDICTED_LATE, Change.RAISED, Level.WARNING)
    assert (raised.due_at, raised.at, raised.lead_us) == (LEAD, LEAD, 36 * HOUR_US)
    assert not raised.is_short_notice


@pytest.mark.req("R05")
def test_a_risk_that_comes_one_microsecond_later_is_short_notice():
    watch = watch_of(rules(), late_from(at(64, 1), high=0.40))
    (raised,) = run(watch, [placed(promise_at=PROMISE), picked(at(64, 1))])
    assert (raised.at, raised.is_short_notice) == (at(64, 1), True)


@pytest.mark.req("R05")
def test_with_a_margin_the_decision_is_taken_before_the_lead_so_that_it_is_known_in_time():
    ahead = rules(prediction=PredictionRules(margin_us=HOUR_US))
    watch = watch_of(ahead, late_from(at(63), high=0.40))
    assert run(watch, [placed(promise_at=PROMISE)], until=at(63)) == []
    (raised,) = watch.advance(LEAD)  # an hour later, when stragglers were waited for
    assert (raised.due_at, raised.lead_us, raised.is_short_notice) == (at(63), 37 * HOUR_US, False)


@pytest.mark.req("R05")
def test_an_order_placed_inside_the_lead_is_predicted_at_once():
    (raised,) = run(watch_of(rules(), late_from(at(0))), [placed(at(70), promise_at=PROMISE)], until=at(71))
    assert (raised.at, raised.is_short_notice) == (at(70), True)


@pytest.mark.req("R05")
def test_every_check_ahead_of_the_promise_is_made_once_and_stamped_with_its_own_time():
    fake = FakePredictor()
    run(watch_of(rules(), fake), [placed(promise_at=PROMISE)], until=at(999))
    hours = [0, *(100 - ahead for ahead in (84, 60, 36, 24, 12))]
    assert fake.asked == [("SO-1", at(hour)) for hour in hours]


@pytest.mark.req("R05")
def test_a_milestone_asks_for_a_prediction_and_a_repeat_does_not():
    fake = FakePredictor()
    run(watch_of(rules(), fake), [placed(promise_at=PROMISE), produced(at(1)), produced(at(2)), picked(at(3))])
    assert fake.asked == [("SO-1", at(0)), ("SO-1", at(1)), ("SO-1", at(3))]


CALMING = rules(prediction=PredictionRules(pause_us=6 * HOUR_US, calm_below=0.02, calm_pause_us=24 * HOUR_US))


@pytest.mark.req("R05")
@pytest.mark.parametrize(
    ("probability", "hours"),
    [
        (0.02, [16, 24, 40, 64, 76, 88]),
        (0.0199, [16, 40, 64, 76, 88]),  # not the milestone after 24 h: too soon
    ],
)
def test_a_calm_order_is_asked_for_once_a_day_until_the_decision_and_then_as_any_other(probability, hours):
    fake = FakePredictor(lambda order, now: probability)
    run(watch_of(CALMING, fake), [placed(promise_at=PROMISE), produced(at(6)), picked(at(24))], until=at(999))
    assert fake.asked == [("SO-1", at(hour)) for hour in hours]


@pytest.mark.req("R05")
def test_ahead_of_the_first_check_every_order_without_a_warning_is_calm():
    fake = FakePredictor(lambda order, now: 0.5)
    events = [placed(promise_at=at(300)), produced(at(30)), picked(at(79))]  # the first check comes after 72 h
    run(watch_of(CALMING, fake), events, until=at(80))
    assert fake.asked == [("SO-1", moment) for moment in (at(0), at(72), at(79))]


@pytest.mark.req("R05")
def test_an_order_with_a_warning_is_never_calm():
    fake = FakePredictor(lambda order, now: 0.01)
    run(watch_of(CALMING, fake), [placed(promise_at=PROMISE), held(at(1)), picked(at(2))], until=at(17))
    assert fake.asked == [("SO-1", at(hour)) for hour in (2, 16)]


@pytest.mark.req("R05")
@pytest.mark.parametrize(("promise_h", "hours"), [(60, [0]), (61, [1])])
def test_a_new_order_waits_for_its_first_check_unless_it_is_due_within_a_day_of_the_decision(promise_h, hours):
    fake = FakePredictor()
    run(watch_of(CALMING, fake), [placed(promise_at=at(promise_h)), produced(at(0.5))], until=at(2))
    assert fake.asked == [("SO-1", at(hour)) for hour in hours]


class Closed(Nowhere):
    """Something stands in the way of every order."""

    def is_shifted(self, order, at):
        return order.late_probability is None


@pytest.mark.req("R07")
def test_a_new_order_that_feels_a_condition_waits_for_nothing():
    fake = FakePredictor()
    run(OrderWatch(CALMING, fake, Closed()), [placed(promise_at=PROMISE), produced(at(1))], until=at(2))
    assert fake.asked == [("SO-1", at(0))]


@pytest.mark.req("R05")
def test_nothing_is_asked_without_a_promise_after_it_or_after_the_end():
    fake = FakePredictor()
    run(watch_of(rules(), fake), [placed(), picked(at(1))], until=at(500))
    assert fake.asked == []
    run(watch_of(rules(), fake), [placed(promise_at=at(5)), picked(at(5)), picked(at(6))], until=at(500))
    assert fake.asked == [("SO-1", at(0))]
    cancelled = event(OrderCancelled(), at(1))
    run(watch_of(rules(), fake), [placed(promise_at=PROMISE), cancelled], until=at(500))
    assert fake.asked == [("SO-1", at(0))] * 2


@pytest.mark.req("R05")
def test_a_risk_that_falls_is_withdrawn_below_the_lower_threshold_and_may_come_back():
    risks = iter([0.8, 0.15, 0.149, 0.74, 0.75])
    watch = watch_of(rules(), FakePredictor(lambda order, now: next(risks)))
    events = [placed(promise_at=at(500)), produced(at(1)), picked(at(2))]
    said = run(watch, events, until=at(300))  # the checks at 500 h less 228 h and 204 h
    assert [(change.change, change.sequence) for change in said[:3]] == [
        (Change.RAISED, 0),
        (Change.UPDATED, 1),
        (Change.WITHDRAWN, 2),
    ]
    assert said[2].reasons[0].code == "risk.fell"
    assert facts(said[2].reasons[0]) == {"late_ratio": 0.149}
    assert said[3].change is Change.RAISED
    assert said[3].warning_id != said[0].warning_id


@pytest.mark.req("R05")
def test_a_standing_warning_is_said_anew_only_when_its_risk_moved():
    risks = iter([0.8, 0.66, 0.64, 0.5])
    watch = watch_of(rules(), FakePredictor(lambda order, now: next(risks)))
    events = [placed(promise_at=at(500)), produced(at(1)), picked(at(2))]
    said = run(watch, events, until=at(270))
    assert [(change.change, change.late_probability) for change in said] == [
        (Change.RAISED, 0.8),
        (Change.UPDATED, 0.64),
    ]


@pytest.mark.req("R03", "R05")
def test_the_reasons_open_with_the_risk_and_go_on_with_the_predictors_own():
    (raised,) = run(watch_of(rules(), late_from(at(0))), [placed(promise_at=PROMISE)])
    assert [why.code for why in raised.reasons] == ["risk", "risk.stage"]
    assert facts(raised.reasons[0]) == {"late_ratio": 0.9, "promise_at": PROMISE}


@pytest.mark.req("R05")
def test_a_standing_prediction_stays_when_the_promise_breaks_and_ends_with_the_order():
    said = run(watch_of(rules(), late_from(at(0))), [placed(promise_at=PROMISE), delivered(at(101))])
    assert [(change.kind, change.change) for change in said] == [
        (WarningKind.PREDICTED_LATE, Change.RAISED),
        (WarningKind.PROMISE_BROKEN, Change.RAISED),
        (WarningKind.PREDICTED_LATE, Change.RESOLVED),
        (WarningKind.PROMISE_BROKEN, Change.RESOLVED),
    ]


@pytest.mark.req("R05")
@pytest.mark.parametrize(
    ("probability", "lead_us", "is_standing", "decision"),
    [
        (0.75, RULES.lead_us + 1, False, Decision.RAISE),
        (0.7499, RULES.lead_us + 1, False, Decision.KEEP),
        (0.40, RULES.lead_us, False, Decision.RAISE),
        (0.3999, RULES.lead_us, False, Decision.KEEP),
        (0.15, 1, True, Decision.KEEP),
        (0.1499, 1, True, Decision.WITHDRAW),
        (1.0, 1, True, Decision.KEEP),
    ],
)
def test_the_thresholds_hold_at_their_edges(probability, lead_us, is_standing, decision):
    assert decide(RULES, probability, lead_us, is_standing=is_standing) is decision


CAREFUL = rules(prediction=PredictionRules(raise_early=0.8, raise_at_lead=0.45, withdraw_below=0.45, is_confirmed=True))


@pytest.mark.req("R05")
def test_an_early_warning_waits_until_the_mean_of_the_predictions_is_as_high():
    watch = watch_of(CAREFUL, late_from(at(1)))
    events = [placed(promise_at=PROMISE), produced(at(1)), picked(at(3))]  # means: .2, .48, .65, .75, .81
    assert run(watch, events, until=at(40)) == []
    again = watch_of(CAREFUL, late_from(at(1)))
    again.load(watch.take_dirty())
    for one in (watch, again):
        (raised,) = one.advance(at(40, 1))
        assert (raised.at, raised.late_probability) == (at(40), 0.9)


@pytest.mark.req("R05")
def test_an_order_that_was_never_thought_to_come_in_time_is_warned_of_at_once():
    (raised,) = run(watch_of(CAREFUL, late_from(at(0))), [placed(promise_at=PROMISE)])
    assert raised.at == at(0)


@pytest.mark.req("R05")
def test_a_single_peak_raises_nothing_early_and_at_the_lead_it_does():
    peaks = {at(1), LEAD}
    watch = watch_of(CAREFUL, FakePredictor(lambda order, now: 0.99 if now in peaks else 0.2))
    said = run(watch, [placed(promise_at=PROMISE), produced(at(1)), picked(at(3))], until=at(65))
    assert [one.at for one in said if one.change is Change.RAISED] == [LEAD]
