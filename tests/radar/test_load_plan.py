"""A full place sends no more than it can to the places behind it, and what it keeps comes later."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.load_known import DAYS, LATER, MILESTONES, Door, Floats, Known
from radar.load_plan import LoadPlan, Outlook, worked
from radar.stages import Stage

NONE: dict[str, tuple[float, int]] = {}


def outlook(new: float, can: float, before: dict[str, tuple[float, int]] = NONE, *, is_limit: bool = True) -> Outlook:
    """A place to which as many new orders come every day, all of whose expectations come true."""
    return Outlook(
        new=np.full(DAYS, new),
        fill=lambda made: made,
        comes=lambda filled: filled,
        lies=0.0,
        can=np.full(DAYS, can),
        is_limit=is_limit,
        before=before,
    )


def nobody() -> Known:
    doors = {stage: Door(np.zeros((0, DAYS)), np.zeros((0, LATER))) for stage in MILESTONES}
    return Known(np.zeros(0), doors, {})


def crowd(count: float, through: Stage = Stage.HANDED_OVER, days_on: int = 1) -> Known:
    """Orders that all usually pass a door today, and are delivered some days after."""
    doors = {stage: Door(np.zeros((1, DAYS)), np.zeros((1, LATER))) for stage in MILESTONES}
    doors[through].first[0, 0] = 1.0
    doors[Stage.DELIVERED].between[0, days_on] = 1.0
    all_of_them = (np.zeros(1, np.int64), np.ones(1))
    return Known(np.array([count]), doors, {"warehouse:W": all_of_them, "lane:L": all_of_them, "area:A": all_of_them})


def loads(plan: LoadPlan, key: str) -> Floats:
    return plan.planned[key].load


@pytest.mark.req("R33")
def test_a_full_warehouse_sends_no_more_than_it_can_to_its_lane_and_area():
    places = {"warehouse:W": outlook(0, 100), "lane:L": outlook(0, 1000), "area:A": outlook(0, 1000)}
    plan = LoadPlan(crowd(350), places)
    assert loads(plan, "warehouse:W").tolist() == pytest.approx([350, 250, 150, 50, 0, 0, 0])
    assert loads(plan, "lane:L").tolist() == pytest.approx([100, 100, 100, 50, 0, 0, 0], abs=0.1)
    assert loads(plan, "area:A").tolist() == pytest.approx([0, 100, 100, 100, 50, 0, 0], abs=0.1)


def test_orders_not_placed_yet_wait_at_full_places_too():
    behind = {"warehouse:W": (1.0, 0)}
    places = {"warehouse:W": outlook(200, 100), "lane:L": outlook(200, 1000, behind)}
    plan = LoadPlan(nobody(), places)
    assert loads(plan, "warehouse:W").tolist() == pytest.approx([200, 300, 400, 500, 600, 700, 800])
    assert loads(plan, "lane:L").tolist() == pytest.approx([100] * DAYS, rel=0.1)


def test_a_place_takes_no_longer_for_orders_that_come_from_elsewhere():
    half = {"warehouse:W": (0.5, 0)}
    places = {"warehouse:W": outlook(200, 100), "lane:L": outlook(200, 1000, half)}
    assert loads(LoadPlan(nobody(), places), "lane:L").tolist() == pytest.approx([150] * DAYS, rel=0.1)


def test_a_place_whose_limit_nobody_knows_passes_on_somewhat_more_than_it_ever_did():
    known, unknown = (
        loads(
            LoadPlan(crowd(200), {"warehouse:W": outlook(0, 100, is_limit=is_limit), "lane:L": outlook(0, 500)}),
            "lane:L",
        )
        for is_limit in (True, False)
    )
    assert known[0] == pytest.approx(100, abs=0.1)
    assert unknown[0] == pytest.approx(125, abs=0.1)


def test_where_nothing_is_full_nothing_comes_later():
    places = {"warehouse:W": outlook(0, 400), "lane:L": outlook(0, 400), "area:A": outlook(0, 400)}
    plan = LoadPlan(crowd(350, days_on=2), places)
    assert loads(plan, "lane:L").tolist() == [350, 0, 0, 0, 0, 0, 0]
    assert loads(plan, "area:A").tolist() == [0, 0, 350, 0, 0, 0, 0]


def test_exactly_what_it_can_do_is_no_wait():
    assert worked(np.full(DAYS, 50.0), np.full(DAYS, 50.0), np.full(DAYS, 50.0))[1] is None


@given(
    made=st.lists(st.floats(0, 500), min_size=DAYS, max_size=DAYS),
    can=st.lists(st.floats(0, 200), min_size=DAYS, max_size=DAYS),
)
def test_every_order_goes_once_and_never_before_it_comes(made, can):
    load, waits = worked(np.array(made), np.array(made), np.array(can))
    assert (load >= np.array(made) - 1e-9).all()
    if waits is not None:
        assert waits.shape == (DAYS, LATER)
        assert (waits >= 0).all()
        assert waits.sum(1) == pytest.approx(np.ones(DAYS), abs=1e-6)


def test_what_lay_there_for_a_day_is_to_do_whatever_usually_becomes_of_such():
    place = outlook(10, 100)
    place.lies = 300
    assert loads(LoadPlan(nobody(), {"lane:L": place}), "lane:L")[0] == 300
