"""The rules file: the packaged one, a planner's own over it, and what is refused."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from radar.events.common import Tier
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime, to_instant
from radar.rules import PolicyRules, PredictionRules, Rules
from radar.stages import Stage
from radar.standards import ANY
from scenarios.loader import ScenarioError, load
from scenarios.rules import DEFAULT_RULES, RulesFile, load_rules

NOON = to_instant(datetime(2024, 3, 6, 4, tzinfo=UTC))  # Wednesday 12:00 in Shanghai


def rules_of(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def hours(rules: Rules, stage: Stage, order_type: str, mode: str = "", at: Instant = NOON) -> float:
    due = rules.standards.due(stage, order_type, mode, at)
    assert due is not None
    return (due.due_at - at) / HOUR_US


@pytest.mark.req("R01")
def test_the_packaged_route_of_a_makers_order_passes_every_stage():
    assert load_rules().standards.route("standard") == tuple(Stage)


@pytest.mark.req("R01")
def test_every_stage_of_every_packaged_route_has_a_standard():
    table = load_rules().standards
    for name, route in table.routes.items():
        for stage in route[1:]:
            assert table.due(stage, name, "", NOON) is not None, (name, stage)


def test_every_packaged_standard_says_where_its_number_comes_from():
    assert all(standard.source for standard in load_rules().standards.standards)


def test_the_packaged_file_gives_every_section_and_repeats_the_cores_own_defaults():
    file = load(DEFAULT_RULES, RulesFile)
    assert file.model_fields_set == set(RulesFile.model_fields)
    rules = load_rules()
    assert rules.prediction.checks_us == PredictionRules().checks_us
    assert msgspec.structs.asdict(rules.policies["high-recall"]) == {
        name: getattr(PredictionRules(), name) for name in PolicyRules.__struct_fields__
    }
    assert rules.important_tiers == (Tier.VIP,)


@pytest.mark.req("R02")
def test_the_packaged_limits_are_those_of_the_brief_and_the_platforms():
    rules = load_rules()
    assert {standard.grace_us for standard in rules.standards.standards} == {2 * HOUR_US}
    assert hours(rules, Stage.HANDED_OVER, "stock") == 18
    assert hours(rules, Stage.HANDED_OVER, "standard") == 48
    assert hours(rules, Stage.OUT_FOR_DELIVERY, "standard") == 48
    assert hours(rules, Stage.OUT_FOR_DELIVERY, "standard", "remote") == 72
    assert hours(rules, Stage.HANDED_OVER, "marketplace") == 144
    assert rules.silence.order_us["scms"] == 0


def test_working_hours_skip_the_spring_festival_and_count_its_make_up_sunday():
    table = load_rules().standards
    zone = ZoneInfo("Asia/Shanghai")

    def due(start: str) -> str:
        found = table.due(
            Stage.VALIDATED, "standard", "", to_instant(datetime.fromisoformat(start).replace(tzinfo=zone))
        )
        assert found is not None
        return to_datetime(found.due_at).astimezone(zone).isoformat()[:16]

    assert due("2024-03-01T17:30") == "2024-03-04T09:30"  # the example of the brief: Friday evening to Monday
    assert due("2024-02-03T12:00") == "2024-02-04T10:00"  # Sunday the 4th was worked
    assert due("2024-02-09T17:30") == "2024-02-18T09:30"  # the 10th to 17th were off, Sunday the 18th was worked


def test_a_file_of_ones_own_replaces_the_sections_it_names_and_keeps_the_others(tmp_path):
    own = rules_of(
        tmp_path, "silence: {source_default: 30min, orders: {'*': off}}\nimportant: {tiers: [preferred, vip]}"
    )
    packaged = load_rules()
    assert own.silence.source_default_us == HOUR_US // 2
    assert own.silence.order_us == {ANY: 0}
    assert own.important_tiers == (Tier.PREFERRED, Tier.VIP)
    assert own.standards == packaged.standards
    assert own.version != packaged.version


def test_a_planners_days_win_over_the_countrys(tmp_path):
    own = rules_of(
        tmp_path,
        """
calendars:
  office: {zone: Asia/Shanghai, hours: {mon-fri: "08:00-18:00"}, holidays: CN,
           extra_holidays: [2024-02-04, 2024-03-07], extra_workdays: [2024-02-12]}
standards:
  - {stage: paid, within: 1 working day, calendar: office}
""",
    )
    calendar = own.standards.standards[0].calendar
    assert calendar is not None
    assert own.standards.standards[0].duration_us == 10 * HOUR_US
    assert calendar.hours_on(date(2024, 2, 4)) == ()
    assert calendar.hours_on(date(2024, 2, 12)) == ((480, 1080),)
    assert calendar.hours_on(date(2024, 3, 7)) == ()
    assert hours(own, Stage.PAID, "standard") == 48


def test_routes_calendars_and_seasons_are_added_by_name(tmp_path):
    own = rules_of(
        tmp_path,
        """
routes: {gift: [placed, paid, delivered], scms: [placed, paid, delivered]}
seasons: {gifts: {first: 12-01, last: 12-24}}
standards: [{stage: delivered, order_type: gift, season: gifts, within: 3d}]
""",
    )
    assert own.standards.route("gift") == (Stage.PLACED, Stage.PAID, Stage.DELIVERED)
    assert own.standards.route("scms") == (Stage.PLACED, Stage.PAID, Stage.DELIVERED)
    assert own.standards.route("marketplace") == load_rules().standards.route("marketplace")
    assert own.standards.due(Stage.DELIVERED, "gift", "", NOON) is None


def test_the_version_names_the_content_and_not_the_text(tmp_path):
    plain = rules_of(tmp_path, "important: {tiers: [vip], grace_ratio: 0.25}")
    again = rules_of(tmp_path, "# a remark\nimportant:\n  grace_ratio: 0.250\n  tiers: [vip]\n")
    other = rules_of(tmp_path, "important: {tiers: [vip], grace_ratio: 0.26}")
    assert plain.version == again.version != other.version
    assert len(plain.version) == 64


@pytest.mark.slow
def test_the_version_is_the_same_in_every_process():
    code = "from scenarios.rules import load_rules; print(load_rules().version)"
    versions = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(versions) == 1


BAD = [
    (
        "standards: [{stage: paid, within: 2 working h}]",
        "standards[0].within (line 1): working time without a calendar",
    ),
    (
        "standards: [{stage: paid, within: 2h, calendar: office}]",
        "elapsed time with a calendar, allowed: say 2 working h",
    ),
    (
        "standards: [{stage: paid, within: 2 working h, calendar: ofice}]",
        "'ofice' is not declared, allowed: office, plant",
    ),
    (
        "standards: [{stage: paid, within: 2h, season: winter}]",
        "standards[0].season (line 1): 'winter' is not declared",
    ),
    ("standards: [{stage: paid, within: 2h, order_type: gift}]", "'gift' is not declared, allowed: *, stock"),
    ("standards: [{stage: paid}]", "standards[0].within (line 1): is missing"),
    ("standards: [{stage: paid, within: 2h, grace: -1h}]", "'-1h' is no duration"),
    ("standards: {paid: 2h}", "a mapping where a list is needed"),
    ("routes: {'*': [delivered, placed]}", "delivered -> placed is no route"),
    ("routes: {'*': []}", "empty is no route"),
    ("routes: {'*': [placed, shipped]}", "routes.*[1] (line 1): 'shipped' is no stage"),
    ("calendars: {office: {zone: UTC, hours: {}}}", "calendar office: hours: no open hour in the whole week"),
    ("calendars: {office: {zone: UTC, hours: {mon-fri: closed}}}", "no open hour"),
    ("calendars: {office: {zone: UTC, hours: {monday: 08:00-18:00}}}", "'monday' is no weekday, allowed: mon, mon-fri"),
    ("calendars: {office: {zone: UTC, hours: {mon-fri: 08:00-18:00, wed: closed}}}", "a weekday given twice"),
    ("calendars: {office: {zone: UTC, hours: {mon: '08:00-12:00, 11:00-18:00'}}}", "before the hours before it close"),
    ("calendars: {office: {zone: UTC, hours: {mon: 08:00-18:00}, holidays: XX}}", "'XX' is not known"),
    ("calendars: {office: {zone: UTC, hours: {mon: 08:00-18:00}, holidays: CN-ZZ}}", "'CN-ZZ' is not known"),
    (
        "calendars: {o: {zone: UTC, hours: {mon: 08:00-18:00}, extra_holidays: [2024-01-01],"
        "extra_workdays: [2024-01-01]}}",
        "2024-01-01 is among extra_holidays too",
    ),
    ("seasons: {peak: {first: 11-31, last: 12-01}}", "seasons.peak.first (line 1): '11-31' is no day of the year"),
    ("prediction: {checks: [12h, 24h]}", "the lead is no check"),
    ("prediction: {checks: []}", "prediction.checks"),
    (
        "prediction: {policies: {mine: {raise_early: 0.7, raise_at_lead: 0.4, withdraw_below: 0.5}}}",
        "would withdraw what was just raised",
    ),
    (
        "prediction: {cost: {late: 1}}",
        "prediction.cost (line 1): acting costs 1 and saves 0.5, allowed: effect x late above action",
    ),
    ("prediction: {cost: {full_effect: 0s}}", "prediction.cost.full_effect (line 1): nothing, allowed: more than 0s"),
    ("prediction: {cost: {effect: 1.5}}", "prediction.cost.effect"),
    ("prediction: {cost: {action: 0}}", "prediction.cost.action"),
    ("prediction: {cost: {latte: 3}}", "prediction.cost.latte"),
    (
        "prediction: {policies: {mine: {raise_early: 75, raise_at_lead: 0.4, withdraw_below: 0.1}}}",
        "'75' is no share, allowed: 0 to 1",
    ),
    ("limits: {tombstone: 1d}", "allowed: at least 2d"),
    ("prediction: {policy: bold}", "'bold' is not declared, allowed: watchful, balanced, high-recall, precise, cost"),
    ("holidays: {America/Sao_Paulo: XX}", "'XX' is not known, allowed: a country such as CN"),
    ("holidays: {America/Sao_Paulo: BR+school}", "'BR+school' is not known"),
    ("suspect: {promise_min: 2d, promise_max: 1d}", "not after promise_min"),
    ("important: {tiers: [gold]}", "'gold' is not known, allowed: standard, preferred, vip"),
    ("limits: {wheel_bucket: 0s}", "allowed: more than 0s"),
    ("limits: {warnings_per_order_max: 0}", "limits.warnings_per_order_max (line 1)"),
    ("silense: {}", "silense (line 1): unknown key, did you mean silence?"),
]


@pytest.mark.parametrize(("text", "holds"), BAD)
def test_a_wrong_rules_file_is_one_clear_line(tmp_path, text, holds):
    with pytest.raises(ScenarioError) as caught:
        rules_of(tmp_path, text)
    assert holds in str(caught.value)
    assert "own.yaml: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_limits_of_the_machine_are_taken_over(tmp_path):
    own = rules_of(tmp_path, "limits: {tombstone: 5d, learn_epoch: 6h, wheel_bucket: 30s, warnings_per_order_max: 7}")
    assert (own.tombstone_us, own.learn_epoch_us, own.wheel_bucket_us) == (5 * DAY_US, 6 * HOUR_US, 30_000_000)
    assert own.warnings_per_order_max == 7
