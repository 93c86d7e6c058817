"""A twin log through `radar run` and its Bytewax flow warns byte for byte as the control room did inside the twin."""

import json
from pathlib import Path

import pytest

from console.cli import main
from console.commands.simulate import LogWriter
from radar.room import ControlRoom
from scenarios.catalog import load_scenario
from scenarios.network import load_network
from scenarios.rules import load_rules
from streams.jsonl_out import WarningLines
from twin.chance import Chance
from twin.compile import compile_scenarios
from twin.context import epoch_of
from twin.world import LATENESS_S, RunPlan, World

DAYS = 9


@pytest.mark.req("R41", "R48", "R51")
@pytest.mark.parametrize(
    "names",
    [
        ("line-failure", "data-errors"),
        pytest.param(("road-closure", "feed-outage", "supplier-late"), marks=pytest.mark.slow),
    ],
)
def test_the_live_dataflow_says_what_the_room_inside_said(tmp_path: Path, names):
    network = load_network("one_line")
    compiled = compile_scenarios([load_scenario(name) for name in names], network, Chance(6), epoch_of(network), DAYS)
    log = tmp_path / "twin.jsonl.gz"
    with LogWriter(log) as writer:
        room = ControlRoom(load_rules(None))
        plan = RunPlan(seed=6, days=DAYS, masks=compiled.masks, room=room, sink=writer.write, bad_sink=writer.write_bad)
        world = World(network, plan)
        world.run()
        writer.close()
    assert world.room_desk is not None
    inside = WarningLines(tmp_path / "inside.jsonl", None)
    inside.write([output for _known_s, output in world.room_desk.said])
    inside.close()
    store, live = f"sqlite:///{tmp_path}/live.db", tmp_path / "live.jsonl"
    words = ["run", "--from", str(log), "--store", store, "--until-eof", "--lateness", f"{LATENESS_S}s"]
    assert main([*words, "--out", str(live)]) == 0
    assert live.read_bytes() == (tmp_path / "inside.jsonl").read_bytes()
    kinds = {json.loads(line)["kind"] for line in live.read_bytes().splitlines()}
    assert {"stage-overdue", "order-held"} <= kinds
