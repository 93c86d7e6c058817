"""The wider warnings on the small network: a bad lot, missing boards and usual weeks, each with its truth."""

from dataclasses import dataclass

import pytest

from radar.instant import SECOND_US
from radar.outputs import Change, WarningChange, WarningKind
from radar.room import ControlRoom
from scenarios.rules import load_rules
from twin.kernel import Tie
from twin.masks import Masks, QualityMask, SupplyMask
from twin.world import RunPlan, World

DAY_S = 86_400
WIDER = (WarningKind.STOCK_OUT_AHEAD, WarningKind.QUALITY_CLUSTER, WarningKind.COMPLAINT_HOT_SPOT)


@dataclass(frozen=True)
class Played:
    """What a room said of a run, and the world it was said of."""

    world: World
    said: list[WarningChange]
    empty_days: list[float]
    """Full hours, in days, at which no board was free."""

    def day(self, at: int) -> float:
        return (at - self.world.context.epoch) / SECOND_US / DAY_S

    def raised(self, kind: WarningKind) -> list[tuple[str, float]]:
        """Return entity and day of every raise."""
        found = [one for one in self.said if one.kind is kind and one.change is Change.RAISED]
        return [(one.entity, self.day(one.at)) for one in found]


def played(network, masks, days=24, seed=3):
    room = ControlRoom(load_rules(None))
    world = World(network, RunPlan(seed=seed, days=days, masks=masks, room=room))
    assert world.production is not None
    boards, empty_days = world.production.materials.shelves["board"], []

    def look(_call):
        if boards.on_hand <= boards.backlog:
            empty_days.append(world.env.now / DAY_S)
        world.context.call(world.env.now + 3600, Tie.REPORT, look)

    world.context.call(3600, Tie.REPORT, look)
    world.run()
    assert world.room_desk is not None
    return Played(world, [one for _known_s, one in world.room_desk.said if one.kind in WIDER], empty_days)


@pytest.mark.slow
@pytest.mark.req("R08")
def test_a_bad_lot_is_named_within_two_days_and_over_soon_after_it(one_line):
    lot = Masks(qualities=(QualityMask("line-1", 14 * DAY_S, 17 * DAY_S, 400),))
    run = played(one_line, lot)
    ((entity, day),) = run.raised(WarningKind.QUALITY_CLUSTER)
    assert entity in ("line:line-1", "item:table"), "the line, or what it makes one by one"
    assert 14 < day < 16
    (over,) = [
        run.day(one.at) for one in run.said if one.kind is WarningKind.QUALITY_CLUSTER and one.change is Change.RESOLVED
    ]
    assert 17 < over < 20


@pytest.mark.slow
@pytest.mark.req("R08")
@pytest.mark.parametrize("seed", [3, 4])
def test_usual_weeks_have_no_cluster_and_no_hot_spot(one_line, seed):
    run = played(one_line, Masks(), seed=seed)
    assert run.raised(WarningKind.QUALITY_CLUSTER) == []
    assert run.raised(WarningKind.COMPLAINT_HOT_SPOT) == []


@pytest.mark.slow
@pytest.mark.req("R08", "R27")
def test_boards_that_do_not_come_are_named_days_before_the_shelf_is_empty(one_line):
    run = played(one_line, Masks(supplies=(SupplyMask("timber", 5 * DAY_S, 30 * DAY_S, is_failed=True),)), days=30)
    warned = [day for entity, day in run.raised(WarningKind.STOCK_OUT_AHEAD) if entity == "shelf:board@plant"]
    assert run.empty_days, "boards run out"
    assert min(warned) < run.empty_days[0] - 1
