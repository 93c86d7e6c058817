"""`radar explain`: an order of the bundled sample told in words, and what happens when there is none."""

import json
import math
import sqlite3
from typing import Any

import pytest

from console.cli import main
from console.explain.words import Words
from radar.outputs import Change, Level, WarningKind
from radar.stages import OrderPhase, Stage
from radar.timeline import timeline
from radar.wall_clock import zone_of
from radar.wording import LANGUAGES
from scenarios.rules import load_rules
from streams.dossier import read_dossier
from tests.conftest import ROOT

SAMPLE = ROOT / "scenarios" / "samples" / "sample.jsonl.gz"

pytestmark = pytest.mark.req("R02", "R04")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The store of a run over the sample."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'radar.db'}"
    assert main(["run", "--from", str(SAMPLE), "--store", url, "--until-eof", "--engine", "plain"]) == 0
    return url


def ask(url: str, sql: str) -> list[Any]:
    """Return the first column of a query on the store."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return [row[0] for row in connection.execute(sql)]


def warned_order(url: str, kind: str) -> str:
    return str(ask(url, f"SELECT entity FROM warnings WHERE kind = '{kind}' ORDER BY entity")[0])


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command prints."""
    capsys.readouterr()
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


def test_an_overdue_order_shows_its_milestones_arithmetic_and_warning(url, capsys):
    order = warned_order(url, "stage-overdue")
    shown = told(capsys, order, "--store", url)
    assert f"Order {order}" in shown
    for part in ("Milestones", "how it was due", "->", "stage overdue", "raised, warning", "was due"):
        assert part in shown


@pytest.mark.parametrize(("language", "part"), [("zh-CN", "环节超时"), ("zh-TW", "環節逾時"), ("en", "stage overdue")])
def test_the_words_are_of_the_language_asked_for(url, capsys, language, part):
    shown = told(capsys, warned_order(url, "stage-overdue"), "--store", url, "--language", language)
    assert part in shown
    if language != "en":
        assert "handed-over" not in shown


def test_times_are_shown_in_the_zone_asked_for(url, capsys):
    order = warned_order(url, "stage-overdue")
    assert "times in America/New_York" in told(capsys, order, "--store", url, "--zone", "America/New_York")


def test_the_json_agrees_with_the_store(url, capsys):
    order = warned_order(url, "predicted-late")
    record = json.loads(told(capsys, order, "--store", url, "--json"))
    assert (record["version"], record["order"]["order_id"]) == (1, order)
    ids = ask(url, f"SELECT warning_id FROM warnings WHERE entity = '{order}'")
    assert {warning["warning_id"] for warning in record["warnings"]} == set(ids)
    steps = ask(url, f"SELECT count(*) FROM warning_changes WHERE entity = '{order}'")[0]
    assert sum(len(warning["changes"]) for warning in record["warnings"]) == steps
    for warning in record["warnings"]:
        state = ask(url, f"SELECT state FROM warnings WHERE warning_id = '{warning['warning_id']}'")
        assert [warning["state"]] == state
        assert all(reason["text"] for change in warning["changes"] for reason in change["reasons"])
    assert record["is_under_other_rules"] is False


def test_every_order_of_the_sample_can_be_explained(url, capsys):
    for order in ask(url, "SELECT order_id FROM orders ORDER BY order_id")[::40]:
        record = json.loads(told(capsys, order, "--store", url, "--json"))
        stages = [milestone["stage"] for milestone in record["milestones"]]
        assert record["order"]["stage"] in stages
        assert told(capsys, order, "--store", url, "--language", "zh-TW")


def test_an_open_order_has_its_probability_as_the_room_would_say_it(url):
    rules = load_rules()
    promised = "SELECT order_id FROM orders WHERE closed_at IS NULL AND promise_at > (SELECT clock FROM counters)"
    found = [read_dossier(url, order, rules) for order in ask(url, promised)]
    assert found
    assert all(0 <= (dossier.late_probability or 0) <= 1 and dossier.reasons for dossier in found)
    past = "SELECT order_id FROM orders WHERE closed_at IS NULL AND promise_at <= (SELECT clock FROM counters)"
    assert all(read_dossier(url, order, rules).late_probability is None for order in ask(url, past))


def test_other_rules_than_the_runs_are_told_of(url, capsys, tmp_path):
    (tmp_path / "own.yaml").write_text("grace: 3h\n")
    order = warned_order(url, "stage-overdue")
    shown = told(capsys, order, "--store", url, "--rules", str(tmp_path / "own.yaml"))
    assert "written under other rules" in shown


def test_an_unknown_order_ends_with_the_nearest_id(url, capsys):
    order = ask(url, "SELECT min(order_id) FROM orders")[0]
    for wrong, said in ((f"{order}x", f"did you mean {order}?"), ("~", "allowed: an order_id")):
        assert main(["explain", wrong, "--store", url]) == 2
        error = capsys.readouterr().err
        assert f"{wrong!r} is not in the store" in error
        assert said in error
    assert main(["explain", order[3:], "--store", url]) == 2
    assert "did you mean" in capsys.readouterr().err


@pytest.mark.req("R08")
def test_a_place_shows_what_was_said_of_it_in_words_and_as_json(url, capsys):
    source = warned_order(url, "source-silent")
    assert source.startswith("source:")
    shown = told(capsys, source, "--store", url)
    assert source in shown
    assert "has sent nothing since" in shown
    assert "数据源中断" in told(capsys, source, "--store", url, "--language", "zh-CN")
    found = json.loads(told(capsys, source, "--store", url, "--json"))
    assert (found["version"], found["entity"]) == (1, source)
    assert found["warnings"][0]["kind"] == "source-silent"


def test_a_place_of_which_nothing_was_said_ends_with_the_nearest_there_is(url, capsys):
    source = warned_order(url, "source-silent")
    assert main(["explain", source + "x", "--store", url]) == 2
    assert source in capsys.readouterr().err


def test_an_order_put_aside_is_told_as_such(url, tmp_path, capsys):
    copy = tmp_path / "copy.db"
    with sqlite3.connect(url.removeprefix("sqlite:///")) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        row = ("quarantine", "SO-POISON", "files", b"ValueError: nonsense")
        target.execute("INSERT INTO machine_rows VALUES (?, ?, ?, ?)", row)
    assert main(["explain", "SO-POISON", "--store", f"sqlite:///{copy}"]) == 2
    assert "put aside as poison: ValueError: nonsense" in capsys.readouterr().err
    with sqlite3.connect(copy) as target:
        known = target.execute("SELECT order_id FROM orders LIMIT 1").fetchone()[0]
        target.execute("UPDATE machine_rows SET key = ? WHERE machine = 'quarantine'", (known,))
    assert "ValueError: nonsense" in told(capsys, known, "--store", f"sqlite:///{copy}")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--store", "sqlite:///no-such.db"], "there is no such store"),
        (["--store", "radar.db"], "is no store"),
        (["--store", "URL", "--zone", "Mars/Olympus"], "is no time zone"),
        (["--store", "URL", "--language", "fr"], "is not one of"),
        (["--store", "URL", "--rules", "no-such.yaml"], "no-such.yaml"),
    ],
)
def test_what_is_wrong_is_told_with_exit_code_2(url, capsys, options, said):
    given = [url if option == "URL" else option for option in options]
    assert main(["explain", "SO-1", *given]) == 2
    assert said in capsys.readouterr().err


def test_a_source_whose_zone_is_none_is_shown_in_utc(tmp_path, capsys):
    line = (
        '{"specversion":"1.0","id":"a","source":"shop","type":"order.placed.v1","time":"2024-03-01T10:00:00Z",'
        '"subject":"SO-1","data":{"zone":"Mars/Olympus"}}\n'
    )
    (tmp_path / "one.jsonl").write_text(line)
    url = f"sqlite:///{tmp_path / 'one.db'}"
    source = str(tmp_path / "one.jsonl")
    assert main(["run", "--from", source, "--store", url, "--until-eof", "--engine", "plain"]) == 0
    assert "times in UTC" in told(capsys, "SO-1", "--store", url)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_in_every_language(language):
    words = Words(language, zone_of("UTC"))
    shown = [words.stage(one) for one in Stage] + [words.phase(one) for one in OrderPhase]
    shown += [words.change(one) for one in Change] + [words.level(one) for one in Level]
    shown += [words.kind(one) for one in WarningKind]
    assert all(shown)


def test_working_time_is_shown_on_its_calendars_own_clock(url):
    rules = load_rules()
    texts = set()
    for order in ask(url, "SELECT order_id FROM orders ORDER BY order_id")[:40]:
        for step in timeline(read_dossier(url, order, rules).order, rules):
            if step.expected is not None and step.expected.standard.calendar is not None:
                texts.add(Words("en", zone_of("UTC")).arithmetic(step.expected))
    assert any("of work after" in text and "Asia/Shanghai)" in text for text in texts)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The store of a plain week of the reference network."""
    folder = tmp_path_factory.mktemp("planned")
    url = f"sqlite:///{folder / 'radar.db'}"
    assert main(["simulate", "homeware", "--days", "4", "--out", str(folder / "log.jsonl")]) == 0
    assert main(["run", "--from", str(folder / "log.jsonl"), "--store", url, "--until-eof", "--engine", "plain"]) == 0
    return url


@pytest.mark.req("R33")
def test_a_place_shows_its_next_seven_days_though_nothing_was_said_of_it(planned, capsys):
    shown = told(capsys, "line:line-6", "--store", planned)
    assert "Load ahead" in shown
    assert shown.count(" % ") == 7
    found = json.loads(told(capsys, "line:line-6", "--store", planned, "--json"))
    assert len(found["ahead"]) == 7
    assert all(day["load"] >= 0 and day["capacity"] >= 0 for day in found["ahead"])
    assert "未来负荷" in told(capsys, "line:line-6", "--store", planned, "--language", "zh-CN")
    assert main(["explain", "line:line-66", "--store", planned]) == 2
    assert "did you mean line:line-6?" in capsys.readouterr().err


@pytest.mark.req("R33")
def test_all_places_are_shown_the_fullest_first(planned, capsys):
    capsys.readouterr()
    assert main(["ahead", "--store", planned, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    uses = [max(day["load"] / day["capacity"] for day in one["days"] if day["capacity"]) for one in found["places"]]
    assert uses == sorted(uses, reverse=True)
    kinds = {one["entity"].partition(":")[0] for one in found["places"]}
    assert kinds == {"line", "warehouse", "lane", "area"}
    assert main(["ahead", "--store", planned, "--kind", "line", "--language", "zh-CN"]) == 0
    shown = capsys.readouterr().out
    assert "line:line-6" in shown
    assert "area:" not in shown
    assert main(["ahead", "--store", "sqlite:///nowhere.db"]) == 2


@pytest.mark.req("R03")
def test_contributions_add_up_to_the_probability_that_is_shown(planned, capsys):
    order = ask(planned, "SELECT max(order_id) FROM orders WHERE closed_at IS NULL AND promise_at > 0")[0]
    record = json.loads(told(capsys, order, "--store", planned, "--json"))
    total = sum(reason["weight"] for reason in record["reasons"])
    assert 1 / (1 + math.exp(-total)) == pytest.approx(record["late_probability"], abs=1e-6)
    assert f"log-odds of {total:+.2f}" in told(capsys, order, "--store", planned)


@pytest.mark.req("R03")
def test_a_store_of_a_stream_rich_in_events_shows_hours_left_and_queues(planned, capsys):
    capsys.readouterr()
    assert main(["model", "show", "--store", planned, "--json"]) == 0
    learned = json.loads(capsys.readouterr().out)["learned"]
    left = {one["station"]: one["left_h"] for one in learned["stations"] if one["order_type"] == "stock"}
    assert 0 < left["out-for-delivery"] < left["in-transit"] < left["packed"]
    assert {one["stage"] for one in learned["queues"]} >= {"produced", "picked", "packed", "out-for-delivery"}
    assert all(one["a_day"] > 0 and 0 < one["pace"] <= 1 for one in learned["queues"])
    assert main(["model", "show", "--store", planned]) == 0
    assert "Hours usually left" in capsys.readouterr().out
