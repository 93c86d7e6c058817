"""A lasting change is noticed with its figures, a wild day is not, and the notice ends when the change does."""

import csv
import gzip
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from radar.drift import CALIBRATION, Drift
from radar.instant import DAY_US, HOUR_US, Instant, to_instant, to_text
from radar.orders import Order
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.rules import DriftRules
from radar.stages import Stage
from radar.wording import say
from tests.radar.harness import START, facts

ORDERS_A_DAY = 20


def told(drift, day, hours, count=ORDERS_A_DAY):
    """Tell of one day's hand-overs, spread around some hours since the payment, and hold its epoch."""
    at = Instant(START + day * DAY_US)
    wave = 1 + 0.1 * ((day * 37) % 11 - 5) / 5
    for number in range(count):
        order = Order(f"SO-{day}-{number}")
        order.reached[Stage.PLACED] = order.reached[Stage.PAID] = Instant(at - int(hours * wave * HOUR_US))
        drift.reached(order, Stage.HANDED_OVER, at)
    return list(drift.roll(Instant(at + DAY_US)))


def days(drift, first, last, hours):
    return [one for day in range(first, last) for one in told(drift, day, hours)]


@pytest.mark.req("R06")
def test_a_stage_that_takes_a_third_longer_is_noticed_within_days_with_its_figures():
    drift = Drift(DriftRules())
    assert days(drift, 0, 60, hours=20) == []
    said = days(drift, 60, 75, hours=26.6)
    raised = said[0]
    assert (raised.kind, raised.change, raised.level) == (WarningKind.DRIFT, Change.RAISED, Level.NOTICE)
    assert raised.entity == "drift:handed-over"
    assert raised.at <= START + 65 * DAY_US
    figures = facts(raised.reasons[0])
    assert figures["shift_ratio"] == pytest.approx(0.33, abs=0.1)
    assert int(figures["since_at"]) >= START + 58 * DAY_US
    assert "handed-over takes" in say(raised.reasons[0])


def test_faster_is_a_drift_too_and_says_so():
    drift = Drift(DriftRules())
    days(drift, 0, 60, hours=20)
    assert days(drift, 60, 75, hours=14)[0].reasons[0].code == "drift.stage-faster"


def test_intervals_widen_while_it_lasts_and_are_as_before_when_it_is_over():
    drift = Drift(DriftRules())
    days(drift, 0, 60, hours=20)
    assert drift.widening == 1.0
    days(drift, 60, 66, hours=30)
    assert 1.0 < drift.widening <= 2.0
    said = days(drift, 66, 110, hours=20)
    assert [one.change for one in said] == [Change.RESOLVED]
    assert drift.widening == 1.0


def test_one_wild_day_is_no_drift():
    drift = Drift(DriftRules())
    days(drift, 0, 60, hours=20)
    assert told(drift, 60, hours=200) == []
    assert days(drift, 61, 90, hours=20) == []


def test_a_change_that_stays_becomes_the_usual():
    drift = Drift(DriftRules())
    days(drift, 0, 60, hours=20)
    said = days(drift, 60, 200, hours=26)
    assert [one.change for one in said] == [Change.RAISED, Change.RESOLVED]


def labelled(drift, day, probability, late_every):
    """Tell what became of a day's predictions at the lead."""
    for number in range(20):
        order = Order(f"SO-{day}-{number}", lead_probability=probability)
        drift.resolved(order, is_late=(number + day) % late_every == 0)
    return list(drift.roll(Instant(START + day * DAY_US)))


@pytest.mark.req("R03")
def test_predictions_that_no_longer_hold_are_noticed():
    drift = Drift(DriftRules())
    assert [one for day in range(60) for one in labelled(drift, day, 0.25, 4)] == []
    said = [one for day in range(60, 80) for one in labelled(drift, day, 0.25, 2)]
    assert said[0].entity == f"drift:{CALIBRATION}"
    assert facts(said[0].reasons[0])["shift_ratio"] == pytest.approx(0.25, abs=0.02)
    drift = Drift(DriftRules())
    said = [one for day in range(40) for one in labelled(drift, day, 0.75, 4)]
    assert said[0].reasons[0].code == "drift.calibration-less"


def test_an_order_never_predicted_at_the_lead_says_nothing_of_calibration():
    drift = Drift(DriftRules())
    drift.resolved(Order("SO-1"), is_late=True)
    assert drift.take_dirty() == []


@pytest.mark.parametrize("stop", [3, 40, 63])
def test_a_restart_anywhere_says_the_same(stop):
    whole, first = Drift(DriftRules()), Drift(DriftRules())
    expected = days(whole, 0, 60, 20) + days(whole, 60, 75, 28)
    told_so_far = [one for day in range(stop) for one in told(first, day, 20 if day < 60 else 28)]
    second = Drift(DriftRules())
    second.load(first.take_dirty())
    rest = [one for day in range(stop, 75) for one in told(second, day, 20 if day < 60 else 28)]
    assert told_so_far + rest == expected


def test_switched_off_it_says_nothing():
    drift = Drift(DriftRules(is_on=False))
    assert days(drift, 0, 60, 20) + days(drift, 60, 75, 60) == []


STAGES = {"order_created": Stage.PLACED, "order_approved": Stage.PAID, "handed_to_carrier": Stage.HANDED_OVER}
STAGES["delivered"] = Stage.DELIVERED


@pytest.mark.req("R03", "R06")
def test_the_two_bad_seasons_of_olist_are_noticed(data_dir):
    """December 2017 and March 2018: deliveries became slow; the notices come within ten days of their beginning.

    The slack of the CUSUM was set looking at these very episodes; it is a demonstration, not a judgement.
    """
    drift, zone = Drift(DriftRules()), ZoneInfo("America/Sao_Paulo")
    orders: dict[str, Order] = {}
    epoch_at, said = Instant(0), list[WarningChange]()
    with gzip.open(data_dir / "olist_events_open.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            stage = STAGES.get(row["event"])
            if stage is None:
                continue
            at = to_instant(datetime.fromisoformat(row["event_time"]).replace(tzinfo=zone))
            while epoch_at and epoch_at < at:
                said += drift.roll(epoch_at)
                epoch_at = Instant(epoch_at + DAY_US)
            epoch_at = epoch_at or Instant((at // DAY_US + 1) * DAY_US)
            order = orders.setdefault(row["order_id"], Order(row["order_id"]))
            order.reached[stage] = at
            drift.reached(order, stage, at)
    slow = [one for one in said if one.change is Change.RAISED and one.reasons[0].code == "drift.stage"]
    raised = [to_text(one.at)[:10] for one in slow if one.entity == "drift:delivered"]
    assert any("2017-12-09" <= day <= "2017-12-21" for day in raised), raised
    assert any("2018-03-01" <= day <= "2018-03-20" for day in raised), raised
    assert len(raised) <= 8, "no more than one notice in two and a half months"
