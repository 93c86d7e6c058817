"""Wrong scenario and network files, more than fifty kinds of each, at the command line: exit code 2 and one clear line.

What the line must say is tested where the files are read; here every one of them goes the whole way.
"""

from pathlib import Path

import pytest

from console.cli import main
from console.exits import DEBUG_VARIABLE, ExitCode
from tests.scenarios import test_network_files as networks
from tests.scenarios import test_scenario_files as scenarios
from tests.twin.test_compile import BAD_TARGETS

SCENARIOS = [
    *(scenarios.one(fields) for fields, _said in scenarios.BAD_DISRUPTIONS),
    *(text for text, _said in scenarios.BAD_FILES),
    *(scenarios.HEAD + text for text, _said in scenarios.BAD_REFERENCES),
    *(f"{scenarios.HEAD}disruptions: [{{id: a, at: 1d, duration: 1d, {fields}}}]\n" for fields, _said in BAD_TARGETS),
]
NETWORKS = [networks.RIGHT.replace(old, new, 1) for old, new, _said in networks.BAD]


def refused(words: list[str], path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command with a wrong file, and return what its one line says about that file; it leaves nothing behind."""
    capsys.readouterr()
    assert main([*words, "--out", str(path.parent / "out.jsonl")]) == ExitCode.BAD_INPUT
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith(f"radar: {path}: ")
    assert said.out == ""
    assert list(path.parent.iterdir()) == [path]
    return line.removeprefix(f"radar: {path}: ")


def test_there_are_more_than_fifty_kinds_of_each():
    assert len(set(SCENARIOS)) >= 50
    assert len(set(NETWORKS)) >= 50


@pytest.mark.req("R42", "R48")
@pytest.mark.parametrize("text", SCENARIOS, ids=range(len(SCENARIOS)))
def test_a_wrong_scenario_file_is_one_line_and_code_2(text, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    assert refused(["simulate", "one_line", "--days", "1", "--scenario", str(path)], path, capsys)


@pytest.mark.req("R40", "R48")
@pytest.mark.parametrize("text", NETWORKS, ids=range(len(NETWORKS)))
def test_a_wrong_network_file_is_one_line_and_code_2(text, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)
    path = tmp_path / "n.yaml"
    path.write_text(text, encoding="utf-8")
    assert refused(["simulate", str(path), "--days", "1"], path, capsys)
