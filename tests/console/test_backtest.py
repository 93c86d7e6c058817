"""`radar backtest` from files to figures: the report's shape, its agreement with the reference, its refusals."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from console.backtest.anchors.catalogue import ANCHORS
from console.backtest.report import Report
from console.cli import main
from console.commands.backtest import backtest as backtest_command
from radar.events import Event
from radar.instant import MINUTE_US
from streams.codec import Codec
from tests.conftest import ROOT
from tests.invented_orders import events_of, invent, shuffled, write_events, write_table
from tests.reference_scorer import OUR_NAMES, printed, reference_scores

pytestmark = pytest.mark.req("R05")

EAGER = """
prediction:
  checks: [96h, 60h, 48h, 36h, 12h]
  policy: eager
  policies: {eager: {raise_early: 0.3, raise_at_lead: 0.25, withdraw_below: 0.2}}
"""
"""Thresholds low enough that much is warned of, and some of it withdrawn."""


Found = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with events, their table and eager rules."""
    folder = tmp_path_factory.mktemp("world")
    orders = invent(300)
    write_events(folder / "events.jsonl", events_of(orders))
    write_table(folder / "orders.csv", orders)
    (folder / "eager.yaml").write_text(EAGER)
    return folder


def backtest(folder: Path, *options: str, events: tuple[str, ...] = ("events.jsonl",), name: str = "out") -> Found:
    """Run the command and return its JSON; the warnings stand beside it."""
    places = ["--json", str(folder / f"{name}.json"), "--warnings", str(folder / f"{name}.csv")]
    files = [str(folder / event) for event in events]
    rules = ["--rules", str(folder / "eager.yaml")]
    assert main(["backtest", *files, "--resamples", "40", *rules, *places, *options]) == 0
    report: Found = json.loads((folder / f"{name}.json").read_bytes())
    return report


def flat(report: Found) -> dict[str, float]:
    return {name: one["value"] for name, one in {**report["scored"], **report["policy"]}.items()}


@pytest.mark.parametrize(
    ("options", "theirs"),
    [
        ((), ()),
        (("--lead", "60h"), ("--lead", "60")),
        (
            ("--score-from", "2017-10-14", "--score-until", "2018-02-20"),
            ("--since", "2017-10-14", "--until", "2018-02-20"),
        ),
    ],
)
def test_every_digit_agrees_with_the_reference_scorer_across_daylight_saving(world, options, theirs):
    report = backtest(world, *options)
    assert report["policy"]["alert_share"]["value"] > 0.02
    expected = reference_scores(world / "orders.csv", world / "out.csv", *theirs)
    assert printed(flat(report), report["violations"]) == expected


def test_with_the_orders_never_delivered_the_reference_scorer_agrees_too(world):
    # The last events come after every promise, so that all of them are known to be late.
    wider = backtest(world, "--include-undelivered")["undelivered"]
    assert wider["scored"]["late"]["value"] > 0
    expected = reference_scores(world / "orders.csv", world / "out.csv", "--include-shipped")
    assert printed(flat(wider), wider["violations"]) == expected


def test_the_report_has_the_keys_that_others_rely_on(world):
    report = backtest(world)
    assert report["version"] == 1
    assert report["violations"] == 0
    assert report["scored"].keys() >= {"orders", "late"}
    policy = {"alert_share", "precision36", "recall36", "standing_precision36", "lead_median_h", "lead_p25_h"}
    policy |= {"withdrawn_share", "short_notice_share", "cost"}
    for part in (report["policy"], report["trivial"]["open_at_36h"], report["trivial"]["limit_plus_2h"]):
        assert part.keys() >= policy
        assert all(one.keys() == {"value", "lo", "hi"} for one in part.values())
        assert all(one["lo"] <= one["value"] + 1e-9 for one in part.values() if one["lo"] is not None)
    assert list(report["horizons"]) == ["168", "96", "84", "72", "48", "36", "24"]
    for figures in report["horizons"].values():
        assert figures.keys() == {"n", "prevalence", "auc", "ap", "brier", "ece"}
    assert report["undelivered"] is report["segments"] is report["anchors"] is None
    assert list(report["reliability"]) == list(report["horizons"])
    assert report["calibration"].keys() == {"84", "36"}
    block = {"since", "n", "forecast", "frequency", "band", "gap_30d", "band_30d"}
    assert report["calibration"]["36"]["blocks"][0].keys() == block
    rolling = report["calibration"]["84"]["rolling"]
    assert [one["window_d"] for one in rolling] == [10, 30]
    assert all(0 <= one["longest_d"] <= one["off_days"] <= one["days"] for one in rolling)
    assert report["cost_curve"]["marks"].keys() == {"policy", "open_at_36h", "limit_plus_2h", "never"}
    thresholds = [one["threshold"] for one in report["cost_curve"]["points"]]
    assert (thresholds[0], thresholds[-1] > 1) == (0.0, True)
    grid = {(one["early"], one["at_lead"]) for one in report["first_alarm"]}
    assert {(0.75, 0.75), (0.75, 0.4)} < grid
    assert report["trivial"]["open_at_36h"]["recall36"]["value"] == pytest.approx(1)


def test_the_manifest_says_what_was_run_on_what(world):
    manifest = backtest(world, "--seed", "3", "--policy", "precise")["manifest"]
    assert (manifest["seed"], manifest["arguments"]["policy"]) == (3, "precise")
    assert manifest["prediction_rules"]["raise_at_lead"] == 0.75
    assert len(manifest["data"][0]["sha256"]) == len(manifest["rules_hash"]) == 64
    assert manifest["events"]["applied"] == manifest["events"]["lines"] > 900
    assert (manifest["zone"], manifest["zone_from"]) == ("America/Sao_Paulo", "order.placed")


def test_the_same_run_gives_the_same_files(world):
    for name in ("first", "second"):
        places = ["--html", str(world / f"{name}.html"), "--picture", str(world / f"{name}.png")]
        backtest(world, *places, name=name)
    for ending in ("csv", "html", "png", "json"):
        assert (world / f"first.{ending}").read_bytes() == (world / f"second.{ending}").read_bytes()
    assert (world / "first.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.req("R48")
def test_shuffled_arrival_and_repeated_lines_change_nothing(world):
    events = events_of(invent(300))
    arriving = shuffled(events, 10 * MINUTE_US, repeated=0.01)
    assert arriving != events
    assert len(arriving) > len(events)
    write_events(world / "shuffled.jsonl", arriving)
    expected = backtest(world, name="ordered")
    found = backtest(world, "--lateness", "15min", events=("shuffled.jsonl",), name="shuffled")
    assert (world / "shuffled.csv").read_bytes() == (world / "ordered.csv").read_bytes()
    assert found["manifest"]["events"]["duplicates"] == len(arriving) - len(events)
    assert {key: found[key] for key in found.keys() - {"manifest"}} == {
        key: expected[key] for key in expected.keys() - {"manifest"}
    }


def test_several_files_are_merged_by_time(world):
    events = events_of(invent(300))
    write_events(world / "even.jsonl", events[::2])
    packed = write_events(world / "odd.jsonl", events[1::2])
    (world / "odd.jsonl.gz").write_bytes(gzip.compress(packed.read_bytes(), mtime=0))
    backtest(world, name="one")
    backtest(world, events=("even.jsonl", "odd.jsonl.gz"), name="two")
    assert (world / "two.csv").read_bytes() == (world / "one.csv").read_bytes()


def test_bad_lines_are_counted_told_and_left_out(world, capsys):
    good = (world / "events.jsonl").read_bytes()
    (world / "bad.jsonl").write_bytes(b'{"oops\n' + good + b'{"specversion": "1.0"}\n\n')
    expected = backtest(world, name="good")
    report = backtest(world, events=("bad.jsonl",))
    assert sum(report["manifest"]["dead_letters"].values()) == 2
    assert report["policy"] == expected["policy"]
    assert "2 of" in capsys.readouterr().err


def test_the_warnings_file_has_local_times_and_the_first_warning_of_each_order(world):
    backtest(world)
    with (world / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["order_id", "warned_at", "score", "withdrawn_at"]
    assert len({row["order_id"] for row in rows}) == len(rows)
    assert all("+" not in row["warned_at"] and "Z" not in row["warned_at"] for row in rows)
    assert all(0 <= float(row["score"]) <= 1 for row in rows)


def test_tables_stand_on_the_terminal_and_json_can_be_printed_instead(world, capsys):
    events = str(world / "events.jsonl")
    assert main(["backtest", events, "--resamples", "0"]) == 0
    shown = capsys.readouterr().out
    assert "every order open then" in shown
    assert "Months of the promise" in shown
    assert main(["backtest", events, "--resamples", "0", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["policy"]["cost"]["lo"] is None


def test_the_page_escapes_what_it_is_given(world):
    odd = world / "<b>&.jsonl"
    odd.write_bytes((world / "events.jsonl").read_bytes())
    backtest(world, "--html", str(world / "odd.html"), events=(odd.name,))
    page = (world / "odd.html").read_text()
    assert "<b>&" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "http" not in page.replace("http-equiv", "")


THREE = """
prediction:
  checks: [96h, 60h, 48h, 36h, 12h]
  policy: eager
  policies:
    eager: {raise_early: 0.3, raise_at_lead: 0.25, withdraw_below: 0.2}
    calm: {raise_early: 1, raise_at_lead: 0.6, withdraw_below: 0.1}
    cost: {by_cost: true, raise_early: 1, raise_at_lead: 0.2, withdraw_below: 0.1}
"""


def test_every_named_policy_stands_beside_on_all_months_the_usual_ones_and_each(world, capsys):
    (world / "three.yaml").write_text(THREE)
    options = ("--rules", str(world / "three.yaml"), "--usual-late", "0.45")
    found = backtest(world, *options, name="three")
    policies = found["policies"]
    assert policies["speaking"] == ["eager"]
    assert {"watchful", "eager", "calm", "cost", "open_at_36h", "limit_plus_2h"} < policies["every"].keys()
    assert {name: policies["every"]["eager"][name] for name in found["policy"]} == found["policy"]
    assert {name: policies["every"]["open_at_36h"][name] for name in found["policy"]} == found["trivial"]["open_at_36h"]
    for month, one in policies["months"].items():
        assert (
            one["is_usual"]
            == (found["months"][month]["late_share"]["value"] <= 0.45)
            == (month in policies["usual_months"])
        )
        assert one["rows"]["eager"]["precision36"] == found["months"][month]["precision36"]
    assert 0 < len(policies["usual_months"]) < len(policies["months"])
    usual = sum(found["months"][month]["orders"]["value"] for month in policies["usual_months"])
    assert policies["usual"]["calm"]["orders"]["value"] == pytest.approx(usual)
    assert "Warning policies, months of usual lateness" in capsys.readouterr().out


def test_a_policy_beside_scores_as_in_a_run_of_its_own(world):
    (world / "three.yaml").write_text(THREE + "  pause: 0s\n")
    runs = [
        backtest(world, "--rules", str(world / "three.yaml"), "--policy", name) for name in ("eager", "calm", "cost")
    ]
    assert runs[0]["policies"]["every"] == runs[1]["policies"]["every"] == runs[2]["policies"]["every"]
    assert [one["policies"]["speaking"] for one in runs] == [["eager"], ["calm"], ["cost"]]
    assert runs[0]["policy"] != runs[1]["policy"] != runs[2]["policy"]


def test_where_no_month_is_usual_nothing_is_said_of_usual_ones(world, capsys):
    found = backtest(world, "--usual-late", "0")
    assert (found["policies"]["usual"], found["policies"]["usual_months"]) == ({}, [])
    assert "usual lateness" not in capsys.readouterr().out


def test_segments_are_judged_apart_largest_first(world):
    report = backtest(world, "--by", "lane", "--by", "tier", "--top", "2")
    assert list(report["segments"]) == ["lane", "tier"]
    lanes = report["segments"]["lane"]
    assert lanes["segments"] == 3
    counts = [one["orders"]["value"] for one in lanes["rows"].values()]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 2
    assert report["segments"]["tier"]["rows"]["standard"]["orders"] == report["scored"]["orders"]
    assert next(iter(lanes["rows"].values())).keys() == report["months"]["2017-10"].keys()


def test_light_anchors_stand_beside_the_radar_at_every_horizon(world, capsys):
    plain = backtest(world, name="plain")
    report = backtest(world, "--anchors", "light", "--html", str(world / "anchors.html"))
    assert "the radar minus the best anchor" in capsys.readouterr().out.lower().replace("\n", " ")
    anchors = report["anchors"]
    assert (anchors["set"], anchors["missing"], anchors["hint"]) == ("light", [], "")
    assert list(anchors["horizons"]) == list(report["horizons"])
    for hours, one in anchors["horizons"].items():
        assert list(one["rows"]) == ["radar", "open", "rule", "survival", "hazard", "hazard_rates"]
        ours = one["rows"]["radar"]
        assert {name: ours[name] for name in ("auc", "ap", "brier", "ece")} == {
            name: report["horizons"][hours][name] for name in ("auc", "ap", "brier", "ece")
        }
        assert one["best"].keys() <= {"auc", "ap", "brier", "ece", "precision_at_80"}
    assert "residual-time survival" in (world / "anchors.html").read_text()
    changed = {"manifest", "anchors"}
    assert {key: report[key] for key in report.keys() - changed} == {key: plain[key] for key in plain.keys() - changed}


def test_without_lightgbm_the_missing_anchors_are_named_with_how_to_get_them(world, capsys, monkeypatch):
    monkeypatch.setattr("console.backtest.anchors.comparison.is_boosting_there", lambda: False)
    report = backtest(world, "--anchors", "all")
    assert report["anchors"]["missing"] == ["lightgbm", "lightgbm_hazard", "lightgbm_hazard_rates"]
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "LightGBM is not installed" in shown
    assert "pip install .[bench]" in shown


def test_names_of_segments_are_escaped_in_the_page(world):
    events = (world / "events.jsonl").read_bytes().replace(b"SP-RJ", b"<i>&").replace(b'"RJ"', b'"<i>&"')
    (world / "tagged.jsonl").write_bytes(events)
    backtest(world, "--by", "lane", "--html", str(world / "tagged.html"), events=("tagged.jsonl",))
    page = (world / "tagged.html").read_text()
    assert "<i>" not in page
    assert "&lt;i&gt;&amp;" in page


def test_the_reference_names_every_option_every_key_and_every_anchor():
    page = (ROOT / "docs" / "reference" / "backtest.md").read_text()
    options = [option for one in backtest_command.params for option in one.opts if option.startswith("--")]
    names = [*options, *Report.__struct_fields__[1:], *(one.name for one in ANCHORS)]
    assert [name for name in names if f"`{name}" not in page] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["no-such.jsonl"], "there is no such file"),
        (["-"], "standard input"),
        (["EVENTS", "EVENTS"], "named twice"),
        (["EVENTS", "--score-from", "yesterday"], "is no local date"),
        (["EVENTS", "--score-from", "2018-01-01T00:00Z"], "is no local date"),
        (["EVENTS", "--score-from", "2018-01-02", "--score-until", "2018-01-02"], "not after --score-from"),
        (["EVENTS", "--score-from", "2030-01-01"], "no delivered order is promised in the range"),
        (["EVENTS", "--zone", "Mars/Olympus"], "is no time zone"),
        (["EVENTS", "--policy", "bold"], "allowed: rules, watchful, balanced, high-recall, precise"),
        (["EVENTS", "--anchors", "some"], "'some' is not one of 'light', 'all'"),
        (["EVENTS", "--by", "moon"], "'moon' is not one of"),
        (["EVENTS", "--lead", "soon"], "is no duration"),
        (["EVENTS", "--lead", "0s"], "no lead at all"),
        (["EVENTS", "--json", "no-such-folder/a.json"], "is no folder"),
        (["EVENTS", "--json", "EVENTS"], "is read or written otherwise"),
        (["EMPTY"], "there is no line"),
        (["BROKEN"], "the gzip file"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_exit_code_2(world, capsys, options, said):
    (world / "empty.jsonl").write_bytes(b"")
    (world / "broken.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00 no gzip")
    names = {"EVENTS": "events.jsonl", "EMPTY": "empty.jsonl", "BROKEN": "broken.jsonl.gz"}
    given = [str(world / names[option]) if option in names else option for option in options]
    assert main(["backtest", *given]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.fixture(scope="module")
def olist(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the real orders as events."""
    folder = tmp_path_factory.mktemp("olist")
    table = data_dir / "olist_orders_open.csv.gz"
    assert main(["import", str(table), "--map", "olist_orders", "--out", str(folder / "events.jsonl")]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_digit_agrees_on_the_real_orders_and_shuffling_changes_nothing(olist, data_dir):
    (olist / "eager.yaml").write_text((ROOT / "scenarios" / "rules" / "default.yaml").read_text())
    report = backtest(olist)
    theirs = reference_scores(data_dir / "olist_orders_open.csv.gz", olist / "out.csv")
    assert printed(flat(report), report["violations"]) == theirs
    assert len(theirs) == len(OUR_NAMES) + 1

    lines = (olist / "events.jsonl").read_bytes().splitlines()
    decoded = [event for event in Codec().decode_block(lines) if isinstance(event, Event)]
    arriving = shuffled(decoded, 10 * MINUTE_US, repeated=0.01)
    write_events(olist / "shuffled.jsonl", arriving)
    again = backtest(olist, "--lateness", "15min", events=("shuffled.jsonl",), name="again")
    assert (olist / "again.csv").read_bytes() == (olist / "out.csv").read_bytes()
    assert again["horizons"] == report["horizons"]
