"""Experiments: the same luck in every arm, the same result however many processes, nothing lost on the way."""

from pathlib import Path

import msgspec
import pytest

from radar.errors import InputError
from scenarios.loader import ScenarioError
from twin.experiment import BASELINE, RESPONSE, SCENARIO, Plan, Setting, arms_of, replicate, run
from twin.whatif import answer

HEAD = "version: 1\nname: s\ntitle: S\n"
STORM = "disruptions: [{id: a, kind: zone, at: 1d, duration: 2d, effect: {capacity: 0}}]"


def plan(folder: Path, text: str = STORM, **more: object) -> Plan:
    (folder / "s.yaml").write_text(HEAD + text, encoding="utf-8")
    fields = {"network": "one_line", "scenarios": (str(folder / "s.yaml"),), "replications": 2, "days": 6, **more}
    return msgspec.convert(fields, Plan)


@pytest.fixture(scope="module")
def stormy(tmp_path_factory):
    setting = Setting(plan(tmp_path_factory.mktemp("scenario")))
    return setting, [replicate(setting, number) for number in range(2)]


@pytest.mark.req("R45")
def test_a_scenario_hurts_and_every_arm_keeps_its_books(stormy):
    _setting, replications = stormy
    for one in replications:
        assert one.faults == []
        late = {name: record.kpis["late_rate"] for name, record in one.arms.items()}
        assert late[BASELINE] < late[SCENARIO]
        assert set(late) == {BASELINE, SCENARIO, RESPONSE}


@pytest.mark.slow
def test_no_arm_shifts_the_luck_of_another(stormy):
    setting, replications = stormy
    alone = replicate(Setting(msgspec.structs.replace(setting.plan, respond="none")), 0)
    assert alone.arms[SCENARIO] == replications[0].arms[SCENARIO]
    assert alone.arms[BASELINE] == replications[0].arms[BASELINE]
    orders = {record.kpis["orders"] or 0.0 for record in replications[0].arms.values()}
    assert max(orders) - min(orders) <= 3  # the same orders; a few are cancelled in one arm and out already in another


def test_replications_differ(stormy):
    _setting, (first, second) = stormy
    assert first.arms[BASELINE] != second.arms[BASELINE]


@pytest.mark.req("R42", "R45")
@pytest.mark.slow
def test_a_disruption_of_zero_probability_is_the_baseline_bit_for_bit(tmp_path):
    never = STORM.replace("at: 1d", "at: 1d, probability: 0")
    found = replicate(Setting(plan(tmp_path, never, respond="none", days=3)), 0)
    scenario, baseline = found.arms[SCENARIO], found.arms[BASELINE]
    assert {name: scenario.kpis[name] for name in baseline.kpis} == baseline.kpis
    assert (scenario.lateness, scenario.overdue_by_hour, scenario.open_by_day) == (
        baseline.lateness,
        baseline.overdue_by_hour,
        baseline.open_by_day,
    )


@pytest.mark.slow
@pytest.mark.req("R45")
def test_processes_give_what_one_gives_bit_for_bit(tmp_path):
    wanted = plan(tmp_path, replications=3)
    told: list[int] = []
    serial = run(wanted)
    parallel = run(wanted, jobs=2, progress=told.append)
    assert msgspec.json.encode(answer(Setting(wanted), serial)) == msgspec.json.encode(
        answer(Setting(wanted), parallel)
    )
    assert told == [1, 2, 3]


@pytest.mark.slow
def test_a_wrong_file_is_told_by_the_parent_before_any_process_starts(tmp_path):
    with pytest.raises(ScenarioError, match="matches no zone"):
        run(plan(tmp_path, STORM.replace("kind: zone", "kind: zone, target: moon")), jobs=2)


def test_an_unknown_network_is_a_wrong_argument(tmp_path):
    with pytest.raises(InputError, match="no such network"):
        Setting(plan(tmp_path, network="homewhere"))


def test_without_a_scenario_the_usual_run_is_compared_with_and_without_a_response():
    assert [arm.name for arm in arms_of(Plan("one_line"))] == [BASELINE, RESPONSE]
    assert [arm.name for arm in arms_of(Plan("one_line", respond="none"))] == [BASELINE]


@pytest.mark.req("R45")
def test_the_answer_has_the_keys_that_scripts_rely_on(stormy):
    setting, replications = stormy
    found = msgspec.to_builtins(answer(setting, replications))
    assert (found["version"], [arm["name"] for arm in found["arms"]]) == (1, [BASELINE, SCENARIO, RESPONSE])
    kpis = found["arms"][1]["kpis"]
    assert {
        "late_rate", "complaint_rate", "low_review_rate", "satisfaction", "otif", "cost", "warned36_recall",
        "warned36_precision", "time_to_recover_h",
    } <= set(kpis)  # fmt: skip
    assert {"mean", "lo", "hi"} <= set(kpis["late_rate"])
    assert {"arm", "against", "kpi", "mean", "lo", "hi"} <= set(found["differences"][0])
    pairs = {(one["arm"], one["against"]) for one in found["differences"]}
    assert pairs == {(SCENARIO, BASELINE), (RESPONSE, SCENARIO), (RESPONSE, BASELINE)}
    assert {"version", "code_sha256", "seed", "network_sha256", "rules_sha256", "replications"} <= set(
        found["manifest"]
    )


def test_a_paired_difference_is_that_of_the_means(stormy):
    setting, replications = stormy
    found = answer(setting, replications)
    means = {arm.name: arm.kpis["late_rate"].mean or 0.0 for arm in found.arms}
    difference = next(d for d in found.differences if (d.arm, d.against, d.kpi) == (SCENARIO, BASELINE, "late_rate"))
    assert means[SCENARIO] > 0
    assert difference.mean == pytest.approx(means[SCENARIO] - means[BASELINE])
