"""Whatever is wrong with a command line: exit code 2, one line that says what and where, nothing else changed."""

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


def test_every_command_has_its_wrong_lines():
    assert {arguments[0] for arguments, _ in CASES} >= set(COMMANDS)
    assert len(CASES) >= 200


def test_a_line_of_the_form_of_a_wrong_one_works_when_it_is_right(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    assert main(RUN) == ExitCode.DONE
    assert "events of 20 orders" in capsys.readouterr().out
    (place / "new.db").unlink()
