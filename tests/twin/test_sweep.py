"""The sweep: every part out in turn; what is out is out, and nothing else changes."""

import re
from pathlib import Path

import msgspec
import pytest

from console.cli import main
from radar.errors import InputError
from twin.masks import Ongoing
from twin.sweep import KINDS, NodeResult, SweepPlan, SweepSetting, nodes_of, outage_masks, sweep

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "whatif.md"
SHORT = SweepPlan("one_line", ("line", "zone"), outage_days=3, after_days=4)


def test_every_part_in_usual_use_is_taken_out(one_line):
    assert nodes_of(one_line, KINDS) == [
        ("line", "line-1"), ("site", "house"), ("site", "hub-a"), ("site", "hub-b"), ("lane", "a-b"), ("zone", "town"),
        ("supplier", "potter"), ("supplier", "timber"), ("supplier", "timber-2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "targets"),
    [
        ("line", "line-1", {"line:line-1"}),
        ("site", "house", {"pool:house.pick", "pool:house.pack"}),
        ("site", "hub-a", {"pool:hub-a.sort"}),
        ("lane", "a-b", {"lane:a-b"}),
    ],
)
def test_a_part_taken_out_stands_still_for_just_that_time(one_line, kind, name, targets):
    masks = outage_masks(one_line, kind, name, 100, 900)
    assert {mask.target for mask in masks.speeds} == targets
    assert all((mask.start_s, mask.end_s, mask.permille) == (100, 900, 0) for mask in masks.speeds)


def test_trucks_on_the_road_arrive_couriers_stay_home_and_suppliers_fail(one_line):
    assert outage_masks(one_line, "lane", "a-b", 1, 2).speeds[0].ongoing is Ongoing.FINISH
    assert [mask.permille for mask in outage_masks(one_line, "zone", "town", 1, 2).capacities] == [0]
    assert [mask.is_failed for mask in outage_masks(one_line, "supplier", "timber", 1, 2).supplies] == [True]


@pytest.mark.req("R45")
def test_the_worst_part_comes_first_and_the_same_plan_gives_the_same(tmp_path):
    found = sweep(SHORT)
    assert {node.name for node in found} == {"line-1", "town"}
    assert [node.late_more for node in found] == sorted((node.late_more for node in found), reverse=True)
    assert found[0].late_more > 50
    assert found[0].survive_h is not None
    assert found == sweep(SHORT)


def test_the_sales_and_the_bad_luck_of_the_network_are_left_out():
    assert SweepSetting(msgspec.structs.replace(SHORT, network="homeware")).network.demand.peaks == ()


def test_a_network_without_such_parts_is_a_wrong_argument():
    with pytest.raises(InputError, match="has no line"):
        SweepSetting(SweepPlan("one_queue", ("line",)))


@pytest.mark.slow
def test_processes_give_what_one_gives():
    assert sweep(SHORT, jobs=2) == sweep(SHORT)


def test_the_command_ranks_and_writes(tmp_path, capsys):
    out = tmp_path / "sweep.json"
    arguments = ["--kind", "zone", "--outage", "2d", "--after", "3d", "--jobs", "1", "--out", str(out)]
    assert main(["sweep", "one_line", *arguments]) == 0
    assert re.search(r"zone +town +\d+ h", capsys.readouterr().out)
    found = msgspec.json.decode(out.read_bytes())
    assert (found["version"], [node["name"] for node in found["nodes"]]) == (1, ["town"])


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (["nowhere"], "no such network"),
        (["one_line", "--outage", "36h"], "--outage: is no whole number of days, allowed: 1d to 365d"),
        (["one_line", "--kind", "ship"], "ship"),
        (["one_queue", "--kind", "line"], "has no line"),
    ],
)
def test_wrong_arguments_end_with_code_two(arguments, holds, capsys):
    assert main(["sweep", *arguments]) == 2
    assert holds in capsys.readouterr().err


def test_every_key_of_a_node_is_in_the_reference():
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in NodeResult.__struct_fields__ if f"`{name}`" not in page] == []
