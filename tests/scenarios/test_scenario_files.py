"""Scenario files: every packaged one holds together, and every wrong one is one clear line (R42)."""

from pathlib import Path

import pytest

from radar.errors import InputError
from scenarios.catalog import load_scenario, onset_ids, packaged_scenarios
from scenarios.disruptions import Kind, ScenarioFile
from scenarios.loader import ScenarioError, parse

HEAD = "version: 1\nname: s\ntitle: S\n"


def one(text: str) -> str:
    """Return a scenario file with one disruption of these fields over sane ones."""
    fields = {
        "id": "a",
        "kind": "line",
        "at": "1d",
        "duration": "2d",
        "effect": "{speed: 0}",
    }
    for line in text.split("; "):
        name, _, value = line.partition(": ")
        if value == "-":
            fields.pop(name, None)
        elif name:
            fields[name] = value
    return HEAD + "disruptions:\n  - {" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "}\n"


def said(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(text.encode(), "s.yaml", ScenarioFile)
    message = str(caught.value)
    assert message.startswith("s.yaml: ")
    assert "\n" not in message
    assert isinstance(caught.value, InputError)
    return message


# (the fields that are wrong, what the message must say): the field, what is wrong, what is allowed.
BAD_DISRUPTIONS = [
    ("kind: lin", "disruptions[0].kind (line 5): 'lin' is not known, did you mean line?, allowed: pool, line, lane"),
    ("kind: -", "disruptions[0].kind (line 5): is missing"),
    ("id: -", "disruptions[0].id (line 5): is missing"),
    ("id: Big Storm", "disruptions[0].id (line 5): 'Big Storm' is no id, allowed: a-z, 0-9"),
    ("at: -", "disruptions[0] (line 5): no onset, allowed: at, or after"),
    ("after: {id: b}", "disruptions[0] (line 5): at and after, allowed: at, or after"),
    ("at: soon", "disruptions[0].at (line 5): 'soon' is no duration, allowed: 90min"),
    ("at: {uniform: [2d]}", "disruptions[0].at (line 5): uniform has 1 figures or falls, allowed: 2, ascending"),
    ("at: {uniform: [2d, 1d]}", "allowed: 2, ascending"),
    ("at: {uniform: 2d}", "disruptions[0].at.uniform (line 5): the text '2d' where a list is needed"),
    ("at: {normal: 2d}", "disruptions[0].at.normal (line 5): unknown key"),
    ("at: {}", "disruptions[0].at (line 5): no shape where one shape is needed, allowed: one of exactly, uniform"),
    ("duration: -", "disruptions[0] (line 5): no duration, allowed: duration: 36h, or a spread"),
    ("duration: {lognormal: 2d}", "lognormal and sigma do not come alone, allowed: {lognormal: 36h, sigma: 0.5}"),
    ("duration: {lognormal: 2d, sigma: 9}", "disruptions[0].duration (line 5): sigma 9.0, allowed: 0 to 3"),
    ("duration: {exponential: 2d, uniform: [1d, 2d]}", "uniform and exponential where one shape is needed"),
    ("duration: {triangular: [1d, 2d]}", "triangular has 2 figures or falls, allowed: 3, ascending"),
    ("duration: {observed: []}", "observed is empty, allowed: at least one length"),
    ("duration: -2d", "is no duration"),
    ("probability: 1.5", "disruptions[0].probability (line 5): '1.5' is no share, allowed: 0 to 1"),
    ("probability: often", "'often' is no number"),
    ("repeat: {times: 1, every: 2d}", "disruptions[0].repeat (line 5): times 1, allowed: 2 to 1000"),
    ("repeat: {times: 2}", "disruptions[0].repeat.every (line 5): is missing"),
    ("repeat: {times: 2, every: 0s}", "every is no time at all"),
    ("repeat: 3", "disruptions[0].repeat (line 5): the text '3' where a mapping is needed"),
    ("at: -; after: {id: b}; repeat: {times: 2, every: 2d}", "repeat with after, allowed: repeat with at"),
    ("effect: -", "disruptions[0].effect (line 5): is missing"),
    (
        "effect: {spede: 0}",
        "disruptions[0].effect.spede (line 5): unknown key, did you mean speed?, allowed: cost, speed",
    ),
    ("effect: {demand: 2}", "disruptions[0].effect.demand (line 5): unknown key, allowed: cost, speed, defects"),
    ("effect: {speed: slow}", "disruptions[0].effect.speed (line 5): 'slow' is no number"),
    ("effect: {speed: -1}", "disruptions[0].effect (line 5): speed -1.0, allowed: 0 to 20 times the usual"),
    ("effect: {defects: 2}", "disruptions[0].effect.defects (line 5): '2' is no share"),
    ("effect: {speed: 0, cost: -5}", "disruptions[0].effect (line 5): cost -5.0 is negative, allowed: 0 and above"),
    ("in_service: stop", "disruptions[0].in_service (line 5): 'stop' is not known, allowed: pause, finish, abort"),
    ("in_transit: hold", "disruptions[0].in_transit (line 5): unknown key"),
    ("severity: -1", "disruptions[0].severity (line 5): -1.0 is negative, allowed: 0 and above"),
    ("severity: {uniform: [1]}", "uniform has 1 figures or falls"),
    ("ramp: fast", "disruptions[0].ramp (line 5): 'fast' is no duration"),
    ("recovery: slow", "disruptions[0].recovery (line 5): 'slow' is no recovery, allowed: step, or {linear: 24h}"),
    ("recovery: {linear: x}", "disruptions[0].recovery.linear (line 5): 'x' is no duration"),
    ("target: []", "disruptions[0].target (line 5)"),
    ("target: {a: b}", "disruptions[0].target (line 5): a mapping where a list is needed"),
    ("signal: {ahead: 2d}", "disruptions[0].signal.kind (line 5): is missing"),
    ("signal: {kind: rumour}", "disruptions[0].signal.kind (line 5): 'rumour' is not known, allowed: weather-alert"),
    ("signal: {kind: line-status, areas: [x]}", "areas with 'line-status', allowed: areas with weather-alert only"),
    ("signal: {kind: weather-alert, severity: bad}", "'bad' is not known, allowed: minor, moderate, severe, extreme"),
    ("kind: lane; in_transit: fly", "disruptions[0].in_transit (line 5): 'fly' is not known, allowed: hold, continue"),
    ("kind: lane; in_service: pause", "disruptions[0].in_service (line 5): unknown key"),
    ("kind: demand", "disruptions[0].effect.speed (line 5): unknown key, allowed: cost, demand"),
    ("kind: demand; effect: {demand: 99}", "demand 99.0, allowed: 0 to 20 times the usual"),
    ("kind: supplier; effect: {lead_time: {factor: 0}}", "lead_time.factor 0.0, allowed: above 0, up to 20"),
    ("kind: supplier; effect: {is_failed: yes}", "disruptions[0].effect.is_failed (line 5): 'yes' is no yes or no"),
    ("kind: information; effect: {lag: 2h}", "disruptions[0].effect.reports (line 5): is missing"),
    ("kind: information; effect: {reports: hold, lag: 2h}", "reports: hold with figures, allowed: degrade with lag"),
    ("kind: information; effect: {reports: degrade}", "reports: degrade without figures"),
    ("kind: information; effect: {reports: gone}", "'gone' is not known, allowed: hold, lose, degrade"),
    ("kind: signal; effect: -", "disruptions[0] (line 5): no signal, allowed: signal: {kind: weather-alert"),
    ("kind: signal; signal: {kind: weather-alert}", "disruptions[0].effect (line 5): unknown key"),
    (
        "kind: site; effect: {stock_loss: {share: 3}}",
        "disruptions[0].effect.stock_loss.share (line 5): '3' is no share",
    ),
    ("kind: site; effect: {stock_loss: {}}", "disruptions[0].effect.stock_loss.share (line 5): is missing"),
    ("zeit: 2d", "disruptions[0].zeit (line 5): unknown key"),
]

BAD_FILES = [
    ("", "is empty"),
    ("[]", "a list at the top"),
    ("name: s\ntitle: S\n", "version (line 1): is missing"),
    (HEAD, "neither parts nor disruptions, allowed: at least one of them"),
    (HEAD.replace("1", "2") + "parts: [{scenario: a, name: b}]\n", "version 2, allowed: 1"),
    (HEAD + "parts: [{scenario: a}]\n", "parts[0].name (line 4): is missing"),
    (HEAD + "parts: [{name: a}]\n", "parts[0].scenario (line 4): is missing"),
    (HEAD + "parts: [{scenario: a, name: b}, {scenario: c, name: b}]\n", "parts: 'b' stands twice, allowed: each once"),
    (HEAD + "parts: [{scenario: a, name: b, shift: x}]\n", "parts[0].shift (line 4): 'x' is no duration"),
    (HEAD + "disruption: []\n", "disruption (line 4): unknown key, did you mean disruptions?"),
    (HEAD + "disruptions: {a: b}\n", "disruptions (line 4): a mapping where a list is needed"),
    (HEAD + "disruptions: [a]\n", "disruptions[0] (line 4): the text 'a' where a mapping is needed"),
]


@pytest.mark.req("R42")
@pytest.mark.parametrize(("fields", "holds"), BAD_DISRUPTIONS)
def test_a_wrong_disruption_is_one_clear_line(fields, holds):
    assert holds in said(one(fields))


@pytest.mark.parametrize(("text", "holds"), BAD_FILES)
def test_a_wrong_file_is_one_clear_line(text, holds):
    assert holds in said(text)


def test_the_disruption_the_wrong_ones_are_made_of_is_right():
    assert parse(one("").encode(), "s.yaml", ScenarioFile).disruptions[0].kind is Kind.LINE


def written(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.yaml").write_text(HEAD + text, encoding="utf-8")
    return str(folder / f"{name}.yaml")


BAD_REFERENCES = [
    ("disruptions: [{id: a, kind: line, after: {id: b}, duration: 1d, effect: {speed: 0}}]", "no disruption 'b'"),
    ("disruptions: [{id: a, kind: line, after: {id: a}, duration: 1d, effect: {speed: 0}}]", "in a circle"),
    (
        "disruptions: [{id: a, kind: line, after: {id: b}, duration: 1d, effect: {speed: 0}},"
        " {id: b, kind: line, after: {id: a}, duration: 1d, effect: {speed: 0}}]",
        "disruptions[1].after.id (line 4): waits for itself in a circle",
    ),
    ("parts: [{scenario: weather/tyfoon, name: t}]", "no such scenario, did you mean weather/typhoon?"),
    ("parts: [{scenario: other.yaml, name: t}]", "no file 'other.yaml' beside this one"),
    ("parts: [{scenario: s.yaml, name: t}]", "parts[0].scenario (line 4): a scenario that takes itself in"),
    ("parts: [{scenario: weather/typhoon, name: t, after: {id: t.storm}}]", "waits for itself in a circle"),
    ("parts: [{scenario: weather/typhoon, name: t, after: {id: t.strom}}]", "did you mean t.storm?"),
]


@pytest.mark.parametrize(("text", "holds"), BAD_REFERENCES)
def test_a_reference_that_leads_nowhere_is_one_clear_line(tmp_path, text, holds):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(written(tmp_path, "s", text))
    assert holds in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "s.yaml"))


def test_scenarios_within_scenarios_are_bounded(tmp_path):
    for depth in range(12):
        written(tmp_path, f"s{depth}", f"parts: [{{scenario: s{depth + 1}.yaml, name: p}}]")
    with pytest.raises(ScenarioError, match="too deep, allowed: 8 levels"):
        load_scenario(str(tmp_path / "s0.yaml"))


def test_an_unknown_name_lists_the_packaged_scenarios():
    with pytest.raises(ScenarioError, match=r"typhon: no such scenario, did you mean typhoon\?.*weather/typhoon"):
        load_scenario("typhon")


@pytest.mark.req("R42")
def test_at_least_eighteen_scenarios_of_all_families_are_packaged():
    packaged = packaged_scenarios()
    assert len(packaged) >= 18
    families = {name.split("/")[0] for name in packaged}
    assert families == {
        "weather", "production", "supply", "transport", "demand", "warehouse", "information", "compound",
    }  # fmt: skip


@pytest.mark.req("R35", "R42")
@pytest.mark.parametrize("name", packaged_scenarios())
def test_a_packaged_scenario_loads_by_both_names_and_says_where_its_figures_come_from(name):
    scenario = load_scenario(name)
    assert scenario.digest == load_scenario(name.split("/")[1]).digest
    assert scenario.name == name.split("/")[1]
    assert all(one.source for one in scenario.file.disruptions)
    assert onset_ids(scenario)


def test_a_changed_part_changes_the_hash_of_the_whole(tmp_path):
    written(tmp_path, "part", "disruptions: [{id: a, kind: line, at: 1d, duration: 1d, effect: {speed: 0}}]")
    place = written(tmp_path, "whole", "parts: [{scenario: part.yaml, name: p}]")
    before = load_scenario(place).digest
    written(tmp_path, "part", "disruptions: [{id: a, kind: line, at: 1d, duration: 2d, effect: {speed: 0}}]")
    assert load_scenario(place).digest != before
