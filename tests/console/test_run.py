"""`radar run` and `radar deadletter` from the command line: totals, messages, exit codes."""

import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from benchmarks.event_mix import lines
from console.cli import main
from console.commands.deadletter import deadletter
from console.commands.run import run as run_command
from console.exits import ExitCode

pytestmark = pytest.mark.req("R50")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of one's own, with a file of events in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.jsonl").write_bytes(b"".join(lines(20, orders_a_day=40)))
    return tmp_path


def run(*more: str, source: str = "events.jsonl") -> int:
    return main(["run", "--from", source, "--store", "sqlite:///radar.db", "--until-eof", *more])


@pytest.mark.parametrize("engine", ["plain", "bytewax"])
def test_the_totals_are_one_versioned_object(place, capsys, engine):
    assert run("--json", "--engine", engine) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert told["version"] == 1
    assert told["orders"] == 20
    assert told["events"] == told["lines"] == len(lines(20, orders_a_day=40))
    assert {"duplicates", "dead_letters", "warnings", "cpu_s", "wall_s"} <= told.keys()


def test_the_same_command_again_finds_nothing_to_do(place, capsys):
    run("--json")
    first = json.loads(capsys.readouterr().out)
    run("--json")
    again = json.loads(capsys.readouterr().out)
    assert {**again, "cpu_s": 0, "wall_s": 0} == {**first, "cpu_s": 0, "wall_s": 0}


def test_a_person_is_told_in_words(place, capsys):
    run()
    said = capsys.readouterr().out
    assert "events of 20 orders, 0 duplicates, 0 dead letters" in said
    assert "warnings stand; sqlite:///radar.db keeps them all" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--speed", "fast"), "'fast' is no speed, allowed: max, live, or a number above 0"),
        (("--speed", "-3"), "'-3' is no speed"),
        (("--lateness", "soon"), "'soon' is no duration"),
        (("--epoch", "-1s"), "is no duration"),
        (("--zone", "Mars"), "'Mars' is no time zone"),
        (("--rules", "no.yaml"), "no.yaml"),
        (("--from", "events.jsonl"), "the same file is named twice"),
        (("--engine", "faust"), "faust"),
        (("--out", "no/folder/x.jsonl"), "cannot be written"),
        (("--out", "events.jsonl"), "exists already and is not from this store"),
        (("--store", "postgresql://h/d"), "not in this version yet"),
        (("--block-lines", "0"), "block-lines"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(place, capsys, more, said):
    assert run(*more) == ExitCode.BAD_INPUT
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "dead"),
    [
        ("empty.jsonl", b"", 0),
        ("blank.jsonl", b"\n\n  \n", 0),
        ("binary.jsonl", bytes(range(256)) * 40, 41),
        ("long.jsonl", b'{"x": "' + b"y" * 2_000_000 + b'"}\n', 1),
        ("utf16.jsonl", '{"a": 1}\n{"b": 2}'.encode("utf-16"), 2),
    ],
)
def test_files_that_hold_no_events_end_well(place, capsys, name, content, dead):
    (place / name).write_bytes(content)
    assert run("--json", source=name) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["events"], told["dead_letters"]) == (0, dead)
    assert told["lines"] == dead


def test_what_a_torn_gzip_file_holds_is_kept_and_the_end_is_an_error(place, capsys):
    packed = gzip.compress((place / "events.jsonl").read_bytes())
    (place / "torn.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    assert run(source="torn.jsonl.gz") == ExitCode.BAD_INPUT
    assert "the gzip file ends too early" in capsys.readouterr().err
    (place / "torn.jsonl.gz").write_bytes(packed)
    assert run("--json", source="torn.jsonl.gz") == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["events"] == len(lines(20, orders_a_day=40))


def test_warnings_written_as_lines_are_those_of_the_store(place):
    assert run("--out", "warnings.jsonl") == ExitCode.DONE
    told = [json.loads(text) for text in (place / "warnings.jsonl").read_text().splitlines()]
    with sqlite3.connect(place / "radar.db") as store:
        kept = store.execute("SELECT warning_id, sequence FROM warning_changes").fetchall()
    assert sorted((one["warning_id"], one["sequence"]) for one in told) == sorted(kept)
    assert len(told) > 5


def test_the_manifest_says_how_to_do_it_again(place):
    run("--lateness", "2h", "--engine", "plain")
    with sqlite3.connect(place / "radar.db") as store:
        ((ended, engine, specs, settings),) = store.execute("SELECT status, engine, specs, settings FROM runs")
    assert (ended, engine, json.loads(specs)) == ("done", "plain", ["events.jsonl"])
    assert json.loads(settings)["lateness_s"] == "7200.0"


def test_dead_letters_are_listed_and_replayed(place, capsys):
    content = (place / "events.jsonl").read_bytes()
    (place / "events.jsonl").write_bytes(content.replace(b'Z"', b'"', 1))
    run()
    assert "see `radar deadletter list" in capsys.readouterr().out
    store = ("--store", "sqlite:///radar.db")
    assert main(["deadletter", "list", *store]) == ExitCode.DONE
    assert "1 naive-time" in capsys.readouterr().out
    assert main(["deadletter", "replay", *store, "--zone", "UTC", "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out) == {"applied": 1, "duplicates": 0, "kept": {}, "version": 1}
    assert main(["deadletter", "list", *store, "--json"]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["reasons"] == {}


def test_dead_letters_of_no_store_are_told(place, capsys):
    assert main(["deadletter", "list", "--store", "sqlite:///none.db"]) == ExitCode.BAD_INPUT
    assert "there is no such store" in capsys.readouterr().err


@pytest.mark.parametrize("command", [run_command, *deadletter.commands.values()], ids=lambda one: str(one.name))
def test_the_reference_page_names_every_option(command):
    page = (Path(__file__).parents[2] / "docs" / "reference" / "run.md").read_text(encoding="utf-8")
    options = {name for option in command.params for name in option.opts}
    assert {name for name in options if name not in page} == set()
