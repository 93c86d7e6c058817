"""Whatever is wrong with a command line: exit code 2, one line that says what and where, nothing else changed."""

import os
from pathlib import Path

import pytest

from benchmarks.event_mix import lines
from console.cli import COMMANDS, main
from console.exits import DEBUG_VARIABLE, ExitCode
from tests.console.wrong_arguments import RUN, cases, make_places

pytestmark = pytest.mark.req("R48")

CASES = list(cases())


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The folder in which the command lines are typed; they leave it as it is, so one serves all."""
    folder: Path = tmp_path_factory.mktemp("place")
    (folder / "events.jsonl").write_bytes(b"".join(lines(20, orders_a_day=40)))
    make_places(folder)
    url = f"sqlite:///{folder / 'good.db'}"
    source = str(folder / "events.jsonl")
    assert main(["run", "--from", source, "--store", url, "--until-eof", "--engine", "plain"]) == ExitCode.DONE
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"), CASES, ids=[" ".join(case[0])[:80].replace("\0", "0") for case in CASES]
)
def test_it_ends_with_code_2_and_one_line(place, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(place)
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)
    before = (place / "events.jsonl").read_bytes()
    capsys.readouterr()
    assert main(arguments) == ExitCode.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("radar: ")
    assert line.isprintable()
    assert said in line
    assert (place / "events.jsonl").read_bytes() == before


@pytest.fixture
def forbidden(tmp_path: Path, monkeypatch) -> Path:
    """A folder with a file that may not be read, one that may not be written, and a folder that may not either."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.jsonl").write_bytes(b"".join(lines(3)))
    for name in ("secret", "fixed.db"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "fixed").mkdir()
    (tmp_path / "secret").chmod(0)
    (tmp_path / "fixed.db").chmod(0o444)
    (tmp_path / "fixed").chmod(0o555)
    if os.access(tmp_path / "secret", os.R_OK):
        pytest.skip("this user may read and write everything")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--from", "secret", *RUN[3:]), "secret: cannot be read: Permission denied"),
        ((*RUN, "--store", "sqlite:///fixed/new.db"), "--store: fixed/new.db.lock: cannot be written"),
        ((*RUN, "--store", "sqlite:///fixed.db"), "--store: sqlite:///fixed.db: cannot be written"),
        ((*RUN, "--store", "sqlite:///secret"), "--store: sqlite:///secret: cannot be opened"),
        ((*RUN, "--out", "fixed/x.jsonl"), "fixed/x.jsonl: cannot be written: Permission denied"),
        ((*RUN, "--rules", "secret"), "--rules: Path 'secret' is not readable"),
        (("explain", "SO-1", "--store", "sqlite:///secret"), "--store: sqlite:///secret: cannot be opened"),
        (("backtest", "secret"), "secret: cannot be read: Permission denied"),
        (("backtest", "events.jsonl", "--json", "fixed/x"), "--json: fixed/x: cannot be written: no permission"),
        (("import", "secret", "--map", "scms", "--out", "x"), "secret"),
        (("import", "events.jsonl", "--map", "scms", "--out", "fixed/x"), "cannot be written: no permission"),
        (("simulate", "secret", "--out", "x"), "secret: cannot be read: Permission denied"),
        (("simulate", "one_line", "--out", "fixed/x"), "--out: fixed/x: cannot be written: no permission"),
        (("whatif", "one_line", "--out", "fixed/x"), "fixed/x: cannot be made: Permission denied"),
        (("schema", "--out", "fixed/x"), "--out: fixed/x: cannot be written: no permission"),
    ],
)
def test_what_may_not_be_read_or_written_is_told_in_one_line(forbidden, capsys, arguments, said):
    assert main(arguments) == ExitCode.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_every_command_has_its_wrong_lines():
    assert {arguments[0] for arguments, _ in CASES} >= set(COMMANDS)
    assert len(CASES) >= 200


def test_a_line_of_the_form_of_a_wrong_one_works_when_it_is_right(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    assert main(RUN) == ExitCode.DONE
    assert "events of 20 orders" in capsys.readouterr().out
    (place / "new.db").unlink()
