"""`radar simulate`: the same words give the same log, and bad words one line."""

import gzip
import json
from pathlib import Path

import pytest

from console.cli import main
from streams.codec import Codec


def simulate(out: Path, *more: str, seed: str = "5") -> dict[str, object]:
    assert main(["simulate", "one_line", "--days", "3", "--seed", seed, "--out", str(out), *more]) == 0
    manifest: dict[str, object] = json.loads(out.with_name(out.name + ".manifest.json").read_text())
    return manifest


@pytest.mark.req("R40", "R41")
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    first, again = simulate(tmp_path / "a.jsonl.gz"), simulate(tmp_path / "b.jsonl.gz")
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert first == again
    assert simulate(tmp_path / "c.jsonl.gz", seed="6")["log_sha256"] != first["log_sha256"]


def test_packed_and_plain_hold_the_same_lines(tmp_path: Path):
    packed, plain = simulate(tmp_path / "a.jsonl.gz"), simulate(tmp_path / "a.jsonl")
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == (tmp_path / "a.jsonl").read_bytes()
    assert packed["log_sha256"] == plain["log_sha256"]


@pytest.mark.req("R41")
def test_every_line_is_an_event_of_the_contract(tmp_path: Path):
    manifest = simulate(tmp_path / "a.jsonl")
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines()
    events = Codec().decode_block(lines)
    assert len(lines) == manifest["events"]
    assert all(getattr(event, "run_id", None) == "one_line-5-0" for event in events)


@pytest.mark.req("R42")
def test_a_scenario_is_named_in_the_manifest_and_changes_the_log(tmp_path: Path):
    calm = simulate(tmp_path / "a.jsonl")
    bad = simulate(tmp_path / "b.jsonl", "--scenario", "line-failure")
    assert list(bad["scenarios"]) == ["line-failure"]  # type: ignore[call-overload]
    assert calm["scenarios"] == {}


@pytest.mark.req("R42")
def test_a_scenario_that_does_not_happen_leaves_the_log_as_it_is(tmp_path: Path):
    never = "parts: [{scenario: compound/bad-week, name: p, probability: 0}]\n"
    (tmp_path / "never.yaml").write_text("version: 1\nname: never\ntitle: N\n" + never)
    calm = simulate(tmp_path / "a.jsonl")
    same = simulate(tmp_path / "b.jsonl", "--scenario", str(tmp_path / "never.yaml"))
    assert same["log_sha256"] == calm["log_sha256"]


@pytest.mark.req("R42", "R51")
def test_the_bad_lines_of_a_wave_of_errors_become_dead_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    log = tmp_path / "a.jsonl"
    manifest = simulate(log, "--scenario", "data-errors", "--days", "8")
    capsys.readouterr()
    assert main(["run", "--from", str(log), "--store", f"sqlite:///{tmp_path}/a.db", "--until-eof", "--json"]) == 0
    ledger = json.loads(capsys.readouterr().out)
    assert ledger["dead_letters"] == manifest["bad_lines"] > 20  # type: ignore[operator]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nowhere"], "no such network"),
        (["one_line", "--scenario", "end-of-the-world"], "end-of-the-world"),
        (["one_line", "--days", "0"], "--days"),
        (["one_line", "--seed", "x"], "--seed"),
    ],
)
def test_bad_words_give_exit_code_two(words, expected, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["simulate", *words, "--out", str(tmp_path / "x.jsonl")]) == 2
    assert expected in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_cannot_be_written_is_told_before_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["simulate", "one_line", "--out", str(tmp_path / "no" / "x.jsonl")]) == 2
    assert "is no folder, allowed: a file in a folder that exists" in capsys.readouterr().err
