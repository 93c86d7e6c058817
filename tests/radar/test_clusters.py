"""Bad ones beyond the usual are found soon, by place; usual ones are not; and what is explained is not said twice."""

from math import exp, log

import msgspec
import numpy as np
import pytest

from radar.clusters import _TABLE, Clusters, Subject, _Table
from radar.instant import DAY_US, HOUR_US, Instant
from radar.outputs import Change, Level, StateRow, WarningKind
from radar.rules import ClusterRules
from radar.wording import say
from tests.radar.harness import START, facts

EPOCH = Instant(START // DAY_US * DAY_US)
RULES = ClusterRules()


def clusters_of(rules: ClusterRules = RULES) -> Clusters:
    return Clusters(Subject("quality", WarningKind.QUALITY_CLUSTER, "quality.cluster"), rules)


def inspect(clusters, key, bad, at):
    """Tell of one piece, as the owner of the test does."""
    clusters.expose(key)
    said = clusters.count(key, 1.0, at) if bad else clusters.look(key, at)
    return [] if said is None else [said]


def usual_days(clusters, first, last, key="line:L1", every=50):
    """Days of a hundred pieces, every fiftieth bad; return what was said."""
    out = []
    for day in range(first, last):
        for number in range(100):
            at = Instant(EPOCH + day * DAY_US + number * HOUR_US // 10)
            out += inspect(clusters, key, number % every == 0, at)
        out += clusters.roll(Instant(EPOCH + (day + 1) * DAY_US))
    return out


@pytest.mark.req("R08")
def test_a_line_that_makes_a_third_waste_is_named_within_its_first_fifty_pieces_with_its_figures():
    clusters = clusters_of()
    assert usual_days(clusters, 0, 20) == []
    start = Instant(EPOCH + 20 * DAY_US)
    found = [(n, one) for n in range(100) for one in inspect(clusters, "line:L1", n % 3 == 0, start + n)]
    (number, said) = found[0]
    assert number < 50
    assert (said.change, said.entity, said.level, said.rule) == (Change.RAISED, "line:L1", Level.WARNING, "cusum")
    figures = facts(said.reasons[0])
    assert figures["since_at"] == start
    assert figures["trials"] == number + 1
    assert float(figures["found_ratio"]) == pytest.approx(1 / 3, abs=0.05)
    assert float(figures["usual_ratio"]) == pytest.approx(0.02, abs=0.01)
    assert "line:L1" in say(said.reasons[0])


@pytest.mark.req("R08")
def test_it_is_resolved_once_the_pieces_are_good_again_and_can_be_raised_anew_under_another_id():
    clusters = clusters_of()
    usual_days(clusters, 0, 20)
    start = Instant(EPOCH + 20 * DAY_US)
    (raised,) = [one for n in range(60) for one in inspect(clusters, "line:L1", n % 3 == 0, start + n)]
    (resolved,) = [one for n in range(60, 360) for one in inspect(clusters, "line:L1", False, start + n)]
    assert (resolved.change, resolved.warning_id, resolved.sequence) == (Change.RESOLVED, raised.warning_id, 1)
    assert not clusters.standing
    (again,) = [one for n in range(400, 460) for one in inspect(clusters, "line:L1", n % 3 == 0, start + n)]
    assert again.change is Change.RAISED
    assert again.warning_id != raised.warning_id


def test_a_new_place_is_judged_by_its_kind_and_nothing_is_judged_in_the_first_days():
    clusters = clusters_of()
    assert [one for n in range(60) for one in inspect(clusters, "line:L1", n % 3 == 0, Instant(EPOCH + n))] == []
    usual_days(clusters, 0, 20)
    start = Instant(EPOCH + 20 * DAY_US)
    found = [one for n in range(200) for one in inspect(clusters, "line:NEW", n % 3 == 0, start + n)]
    assert [one.entity for one in found] == ["line:NEW"]


def test_days_that_differ_by_more_than_chance_raise_the_bar():
    even, uneven = clusters_of(), clusters_of()
    usual_days(even, 0, 30)
    for day in range(30):
        for n in range(100):
            inspect(uneven, "line:L1", day % 3 == 0 and n % 17 == 0, Instant(EPOCH + day * DAY_US + n))
        uneven.roll(Instant(EPOCH + (day + 1) * DAY_US))
    assert even._table.spread == 1.0
    assert uneven._table.spread > 1.2


def test_it_is_said_anew_when_it_has_grown_by_half():
    clusters = clusters_of()
    usual_days(clusters, 0, 20)
    start = Instant(EPOCH + 20 * DAY_US)
    for n in range(100):
        inspect(clusters, "line:L1", n % 3 == 0, Instant(start + n))
    (updated,) = clusters.roll(Instant(start + DAY_US))
    assert (updated.change, updated.sequence) == (Change.UPDATED, 1)
    assert clusters.roll(Instant(start + 2 * DAY_US)) == []


@pytest.mark.req("R08")
def test_the_mean_run_to_a_false_alarm_is_at_least_what_was_asked():
    """Lorden's bound, at a limit low enough to be seen: exp(limit) trials on average, the usual rate known."""
    luck = np.random.default_rng(1)
    asked, runs, total = 50, 40, 0
    clusters = clusters_of(ClusterRules(events_min=1, days_min=0, usual_trials=1e9))
    clusters._table = _Table(1, days=99, limit=log(asked))
    for run in range(runs):
        key, trials = f"line:{run % 400}", 0
        while not inspect(clusters, key, bool(luck.random() < 0.02), Instant(EPOCH + run)):
            trials += 1
        total += trials
        clusters._places.clear()
        clusters.standing.clear()
    assert total / runs >= asked


def test_the_limit_follows_the_trials_of_all_places_so_that_more_places_are_no_more_false_alarms():
    one, many = clusters_of(), clusters_of()
    for day in range(10):
        for clusters, places in ((one, 1), (many, 20)):
            for place in range(places):
                for _ in range(50):
                    clusters.expose(f"line:{place}")
            clusters.roll(Instant(EPOCH + (day + 1) * DAY_US))
    assert exp(one._table.limit) == pytest.approx(50 * 180, rel=0.01)
    assert exp(many._table.limit) == pytest.approx(20 * 50 * 180, rel=0.01)


def test_only_so_many_places_are_followed_and_faded_ones_are_forgotten():
    clusters = clusters_of(ClusterRules(places_max=3))
    for number in range(50):
        for _ in range(1 + number):
            clusters.expose(f"line:{number}")
    clusters.roll(Instant(EPOCH + DAY_US))
    assert len(clusters._places) == 3
    rows = [row for row in clusters.take_dirty() if isinstance(row, StateRow)]
    assert len([row for row in rows if not row.is_gone]) == 4, "three places and the table"
    for day in range(2, 400):
        clusters.roll(Instant(EPOCH + day * DAY_US))
    assert not clusters._places
    rows = [row for row in clusters.take_dirty() if isinstance(row, StateRow) and row.key != _TABLE]
    assert all(row.is_gone for row in rows)


@pytest.mark.req("R52")
@pytest.mark.parametrize("stop", [3, 12, 20])
def test_a_restart_anywhere_says_the_same(stop):
    whole, first, second = clusters_of(), clusters_of(), clusters_of()
    usual_days(whole, 0, 20)
    usual_days(first, 0, stop)
    second.load(first.take_dirty())
    usual_days(second, stop, 20)
    start = Instant(EPOCH + 20 * DAY_US)
    for clusters in (whole, second):
        for n in range(15):
            inspect(clusters, "line:L1", n % 3 == 0, Instant(start + n))
    third = clusters_of()
    whole.take_dirty()
    second._dirty.update((*second._places, _TABLE))
    third.load(second.take_dirty())
    expected = [one for n in range(15, 60) for one in inspect(whole, "line:L1", n % 3 == 0, start + n)]
    found = [one for n in range(15, 60) for one in inspect(third, "line:L1", n % 3 == 0, start + n)]
    assert found == expected != []


def test_switched_off_it_judges_nothing():
    clusters = clusters_of(msgspec.structs.replace(RULES, is_on=False))
    usual_days(clusters, 0, 20)
    start = Instant(EPOCH + 20 * DAY_US)
    assert [one for n in range(300) for one in inspect(clusters, "line:L1", n % 3 == 0, start + n)] == []
