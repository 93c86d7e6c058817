"""`radar learn` and `radar model` from the command line: files, tables, messages, exit codes."""

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Group

import console.commands.learn as learn_command
from console.cli import main
from console.exits import ExitCode
from console.model.screen import screen
from radar.instant import DAY_US, Instant
from radar.learned import LearnedType, describe
from scenarios.rules import load_rules
from streams.model_files import read_model
from tests.streams.test_models import LINES

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "reference" / "model.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with events and a model learned from them."""
    path: Path = tmp_path_factory.mktemp("models")
    (path / "events.jsonl").write_bytes(b"".join([*LINES, b"nonsense\n"]))
    assert main(["learn", str(path / "events.jsonl"), "--out", str(path / "m.model")]) == ExitCode.DONE
    return path


@pytest.fixture
def place(folder: Path, tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("events.jsonl", "m.model"):
        (tmp_path / name).symlink_to(folder / name)
    return tmp_path


def told(capsys) -> str:
    return str(capsys.readouterr().out)


def test_learning_counts_bad_lines_and_says_what_it_wrote(place, capsys):
    assert main(["learn", "events.jsonl", "--out", "again.model"]) == ExitCode.DONE
    said = capsys.readouterr()
    assert f"again.model: learned from {len(LINES):,} events" in said.out
    assert f"1 of {len(LINES) + 1} lines are bad and left out: 1 bad-json" in said.err
    assert (place / "again.model").read_bytes() == (place / "m.model").read_bytes()
    assert not list(place.glob("*.part"))


def test_what_was_learned_as_json(place, capsys):
    assert main(["learn", "events.jsonl", "--out", "x.model", "--json"]) == ExitCode.DONE
    found = json.loads(told(capsys))
    assert (found["version"], found["bad_lines"], found["lines"]) == (1, 1, len(LINES) + 1)
    assert found["manifest"]["events"] == len(LINES)


def test_a_model_goes_into_a_store_and_out_again(place, capsys):
    assert main(["model", "load", "m.model", "--store", "sqlite:///a.db"]) == ExitCode.DONE
    assert main(["model", "save", "--store", "sqlite:///a.db", "--out", "b.model"]) == ExitCode.DONE
    assert (place / "b.model").read_bytes() == (place / "m.model").read_bytes()
    capsys.readouterr()
    assert main(["model", "load", "m.model", "--store", "sqlite:///a.db"]) == ExitCode.BAD_INPUT
    assert "has learned already, allowed: a new store, or `radar model load --replace`" in capsys.readouterr().err
    assert main(["model", "load", "m.model", "--store", "sqlite:///a.db", "--replace"]) == ExitCode.DONE


def test_a_model_and_a_store_show_the_same_figures(place, capsys):
    main(["model", "load", "m.model", "--store", "sqlite:///a.db"])
    capsys.readouterr()
    assert main(["model", "show", "m.model", "--json"]) == ExitCode.DONE
    of_file = json.loads(told(capsys))
    assert main(["model", "show", "--store", "sqlite:///a.db", "--json"]) == ExitCode.DONE
    assert json.loads(told(capsys)) == of_file
    assert of_file["version"] == 1
    assert {one["order_type"] for one in of_file["learned"]["types"]} == {"a", "b"}
    keys = {*of_file["learned"], *of_file["manifest"], *LearnedType.__struct_fields__}
    page = PAGE.read_text(encoding="utf-8")
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_a_person_sees_a_table(place, capsys):
    assert main(["model", "show", "m.model"]) == ExitCode.DONE
    said = told(capsys)
    assert "days old" in said
    assert "warned at the lead from" in said


def test_a_model_of_tomorrow_says_so(place):
    model = read_model(place / "m.model", load_rules())
    early = Instant((model.manifest.learned_until or 0) - 3 * DAY_US)
    parts = screen(model.manifest, describe(model.rows, load_rules(), 3), early)
    assert isinstance(parts, Group)
    assert any("3 days ahead" in str(part) for part in parts.renderables)


def test_other_rules_are_told_and_allowed(place, capsys):
    (place / "rules.yaml").write_text("limits: {warnings_per_order_max: 7}\n", encoding="utf-8")
    asked = ["--from", "events.jsonl", "--store", "sqlite:///a.db", "--until-eof", "--engine", "plain"]
    assert main(["run", *asked, "--model", "m.model", "--rules", "rules.yaml"]) == ExitCode.DONE
    said = capsys.readouterr().err
    assert "m.model: was learned under other rules" in said
    assert "it knows more than anybody knew then" in said


def test_a_backtest_begins_with_a_model_and_warns_when_it_looks_ahead(place, capsys):
    asked = ["backtest", "events.jsonl", "--resamples", "0", "--json", "-"]
    assert main(asked) == ExitCode.DONE
    cold = json.loads(told(capsys))
    assert main([*asked, "--model", "m.model"]) == ExitCode.DONE
    said = capsys.readouterr()
    warm = json.loads(said.out)
    assert "it knows more than anybody knew then" in said.err
    assert warm["scored"] == cold["scored"]
    assert warm["horizons"] != cold["horizons"]


def test_ctrl_c_leaves_nothing_half_written(place, capsys, monkeypatch):
    @contextmanager
    def pressed():
        def show(*_how_far: object) -> None:
            raise KeyboardInterrupt

        yield show

    monkeypatch.setattr(learn_command, "_progress", pressed)
    assert main(["learn", "events.jsonl", "--out", "never.model"]) == ExitCode.STOPPED
    assert "stopped; nothing half done is left behind" in capsys.readouterr().err
    assert sorted(path.name for path in place.iterdir()) == ["events.jsonl", "m.model"]
