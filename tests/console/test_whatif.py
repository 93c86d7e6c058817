"""`radar whatif`: from the command to the page."""

import re
from pathlib import Path

import msgspec
import pytest

from console.cli import main
from console.whatif.labels import LABELS, points, verdict, with_interval, written
from console.whatif.page import page
from twin.experiment import Plan, Setting, replicate
from twin.stats import Interval
from twin.whatif import ArmResult, Difference, WhatIf, answer

ROOT = Path(__file__).resolve().parent.parent.parent
EVIL = "<script>alert(1)</script> 颱風"


def scenario(folder: Path) -> Path:
    path = folder / "s.yaml"
    path.write_text(
        f"version: 1\nname: s\ntitle: '{EVIL}'\ndisruptions:\n"
        "  - {id: a, kind: zone, at: 1d, duration: 1d, effect: {capacity: 0}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> WhatIf:
    plan = Plan("one_line", (str(scenario(tmp_path_factory.mktemp("s"))),), replications=2, days=4)
    setting = Setting(plan)
    return answer(setting, [replicate(setting, number) for number in range(2)])


@pytest.mark.slow
@pytest.mark.req("R45")
def test_the_command_writes_result_and_page_and_tells_the_verdict(tmp_path, capsys):
    out = tmp_path / "out"
    arguments = [
        "--scenario",
        str(scenario(tmp_path)),
        "--replications",
        "2",
        "--days",
        "4",
        "--jobs",
        "1",
        "--experience",
        "2d",
    ]
    assert main(["whatif", "one_line", *arguments, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "The scenario takes late orders from" in said
    assert "Complaints caused by delay" in said
    found = msgspec.json.decode((out / "result.json").read_bytes(), type=WhatIf)
    assert found.manifest["replications"] == 2
    assert found.manifest["experience"] is not None
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.req("R45")
def test_the_page_is_self_contained_and_escapes_what_files_bring(result):
    text = page(result)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert text.count("<svg") == 5
    outside = [link for link in re.findall(r'(?:src|href)="([^"#]*)', text) if link and not link.startswith("data:")]
    assert outside == []
    assert "@import" not in text


def test_the_same_result_gives_the_same_page(result):
    assert page(result) == page(msgspec.json.decode(msgspec.json.encode(result), type=WhatIf))


def test_every_figure_of_the_page_is_one_the_twin_knows(result):
    known = {kpi for arm in result.arms for kpi in arm.kpis}
    assert set(LABELS) <= known


def test_every_figure_and_key_is_in_the_reference(result):
    reference = (ROOT / "docs" / "reference" / "whatif.md").read_text(encoding="utf-8")
    keys = {*(kpi for arm in result.arms for kpi in arm.kpis), *ArmResult.__struct_fields__, *WhatIf.__struct_fields__}
    keys |= set(Difference.__struct_fields__) - {"replications"}
    assert sorted(key for key in keys - {"lateness_days"} if f"`{key}`" not in reference and key != "version") == []


def test_figures_are_written_in_their_unit():
    assert written(0.1234, "share") == "12.34%"
    assert written(None, "share") == "-"
    assert written(1234.5, "cny") == "CNY 1,234"
    assert with_interval(Interval(0.1, 0.05, 0.15, 9), "share") == "10.00% [5.00%, 15.00%]"
    assert with_interval(Interval(3.0, None, None, 1), "hours") == "3.0 h"
    assert points(Difference("a", "b", "k", -0.05, -0.06, -0.04, 9), "share") == "-5.00 points [-6.00, -4.00]"


def test_the_verdict_says_how_many_replications_it_rests_on(result):
    assert "(2 paired replications, 95 % intervals)" in verdict(result)


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (["nowhere", "--out", "x"], "no such network"),
        (["one_line", "--scenario", "typhon", "--out", "x"], "did you mean typhoon?"),
        (["one_line", "--scenario", "production/line-failure", "--respond", "magic", "--out", "x"], "magic"),
        (["one_line"], "--out"),
        (["one_line", "--out", "x", "--replications", "0"], "replications"),
        (["one_line", "--out", "x", "--days", "many"], "many"),
        (["one_line", "--out", "x", "--rules", "nothing.yaml"], "cannot be read"),
    ],
)
def test_wrong_arguments_end_with_one_line_and_code_two(arguments, holds, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["whatif", *arguments]) == 2
    assert holds in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_a_wrong_argument(tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert main(["whatif", "one_line", "--out", str(tmp_path / "out")]) == 2
    assert "is a file" in capsys.readouterr().err
