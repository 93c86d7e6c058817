"""Experience before an experiment: from the days before it, under a luck of its own, the same for every worker."""

from datetime import timedelta

import click
import msgspec
import pytest

import twin.experience
from console.commands.whatif import whatif
from radar.instant import DAY_US, Instant
from scenarios.network import Network
from scenarios.rules import load_rules
from twin.context import epoch_of
from twin.experience import LUCK, Experience, gather
from twin.experiment import BASELINE, REPLICATIONS_MAX, RESPONSE, Plan, Setting, replicate, run
from twin.masks import Masks
from twin.whatif import answer, manifest
from twin.world import RunPlan, World

DAYS = 14


@pytest.fixture(scope="module")
def gathered(one_line):
    told: list[int] = []
    return gather(one_line, load_rules(None), 3, DAYS, told.append), told


@pytest.mark.req("R45")
def test_it_is_gathered_in_the_days_that_end_where_the_experiment_begins(gathered, one_line):
    experience, told = gathered
    assert told == list(range(DAYS))
    room = experience.room(load_rules(None))
    begins_at = epoch_of(one_line)
    assert room.next_due() == begins_at + DAY_US, "what was learned stands as of the first day; the next lesson is due"
    assert experience.rows
    assert room.orders == {}


def test_the_days_played_are_those_before_under_a_luck_of_their_own(one_line, monkeypatch):
    played = []

    class Watched(World):
        def __init__(self, network: Network, plan: RunPlan) -> None:
            played.append((network.start, plan.days, plan.seed, plan.replication, plan.masks))
            super().__init__(network, plan)

    monkeypatch.setattr(twin.experience, "World", Watched)
    gather(one_line, load_rules(None), 3, 2)
    assert played == [(one_line.start - timedelta(days=2), 2, 3, LUCK, Masks())]


def test_another_day_of_it_begins_a_day_earlier_and_ends_where_the_experiment_begins(one_line):
    later = one_line.model_copy(update={"start": one_line.start + timedelta(days=1)})
    experience = gather(later, load_rules(None), 3, DAYS + 1)
    assert experience.room(load_rules(None)).next_due() == Instant(epoch_of(one_line) + 2 * DAY_US)


def test_the_same_seed_gives_the_same_and_another_seed_another(gathered, one_line):
    rules = load_rules(None)
    assert gather(one_line, rules, 3, DAYS).sha256 == gathered[0].sha256
    assert gather(one_line, rules, 4, DAYS).sha256 != gathered[0].sha256


def test_no_replication_has_the_luck_of_the_experience():
    (most,) = (one.type for one in whatif.params if one.name == "replications")
    assert isinstance(most, click.IntRange)
    assert most.max == REPLICATIONS_MAX <= LUCK, "replications count from 0"


def test_without_days_nothing_is_known(one_line):
    nothing = gather(one_line, load_rules(None), 3, 0)
    assert (nothing, nothing.manifest()) == (Experience(), None)


@pytest.fixture(scope="module")
def compared():
    """The same replication of a radar that knows nothing and of one with experience."""
    cold = Setting(Plan("one_line", days=8, replications=1))
    warm = Setting(msgspec.structs.replace(cold.plan, experience_days=DAYS))
    return cold, replicate(cold, 0), warm, replicate(warm, 0)


@pytest.mark.req("R45")
def test_experience_changes_what_the_radar_says_and_nothing_that_happens_without_a_response(compared):
    _cold, cold, _warm, warm = compared
    said = ("warned36_recall", "warned36_precision", "alert_share", "warning_lead_median_h")
    ours, theirs = warm.arms[BASELINE], cold.arms[BASELINE]
    happened = {kpi for kpi in ours.kpis if "warn" not in kpi and kpi not in said}
    assert {kpi: ours.kpis[kpi] for kpi in happened} == {kpi: theirs.kpis[kpi] for kpi in happened}
    assert (ours.overdue_by_hour, ours.lateness) == (theirs.overdue_by_hour, theirs.lateness)
    assert ours.kpis["alert_share"] != theirs.kpis["alert_share"]
    assert set(warm.arms) == {BASELINE, RESPONSE}


def test_the_manifest_says_what_the_radar_knew_beforehand(compared):
    cold, _found, warm, _other = compared
    assert manifest(cold)["experience"] is None
    said = {"days": DAYS, "model": None, "sha256": warm.experience.sha256}
    assert manifest(warm)["experience"] == said


def test_given_experience_is_taken_as_it_is(gathered):
    plan = Plan("one_line", days=2, replications=1, respond="none", experience_days=300)
    setting = Setting(plan, gathered[0])
    assert setting.gather() is setting.experience is gathered[0]


@pytest.mark.slow
@pytest.mark.req("R45")
def test_processes_give_what_one_gives_bit_for_bit():
    plan = Plan("one_line", days=3, replications=3, experience_days=DAYS)
    serial, parallel = run(plan), run(plan, jobs=2)
    assert msgspec.json.encode(answer(Setting(plan), serial)) == msgspec.json.encode(answer(Setting(plan), parallel))
