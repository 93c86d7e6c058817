"""The spread of the flow's forecasts: learned from groups of an area and a promise day, held nine times in ten."""

import numpy as np
import pytest

from radar.learning.flow_scatter import FIRST, GROUP_MIN, SPREAD_MAX, FlowScatter, left_open
from radar.learning.newton import Newton, sigmoid

AREAS = 20
ORDERS = 40
LEFT_H = 30.0


def followed(shock: float, days: int = 150, said: float = -1.5) -> tuple[FlowScatter, float]:
    """Return what is learned of days on which each area's log-odds are off by a normal shock, and the share held."""
    chance, scatter, held = np.random.default_rng(1), FlowScatter(), []
    areas = np.repeat(np.arange(AREAS), ORDERS)
    for day in range(days):
        at_h, left_h, extra_h = 24.0 * day - 24.0, np.full(len(areas), LEFT_H), np.zeros(len(areas))
        scores = said + chance.normal(0, 0.5, len(areas))
        scatter.take(areas, extra_h, left_h, at_h, scores, np.zeros(len(areas)))
        truth = sigmoid(scores + chance.normal(0, shock, AREAS)[areas])
        late = np.flatnonzero(chance.random(len(areas)) < truth)
        scatter.late(areas[late], extra_h[late], left_h[late], np.full(len(late), at_h))
        before = float(scatter.log_spreads[1, 0])
        scatter.close(24.0 * (day + 1))
        scatter.freeze()
        if day > days // 2:
            held.append(0.9 - (float(scatter.log_spreads[1, 0]) - before) / 0.05 / AREAS)
    return scatter, float(np.mean(held))


@pytest.mark.req("R03")
@pytest.mark.parametrize("shock", [0.4, 0.8, 1.2])
def test_nine_groups_in_ten_are_held_whatever_their_common_error(shock):
    scatter, held = followed(shock)
    assert held == pytest.approx(0.9, abs=0.02)
    assert scatter.spread(0.0, LEFT_H, 0.0) == pytest.approx(shock, rel=0.3)


def test_errors_of_chance_alone_need_next_to_no_spread():
    scatter, _held = followed(0.0)
    assert scatter.spread(0.0, LEFT_H, 0.0) < 0.25


def test_what_the_weights_leave_open_is_added():
    net = Newton(3, 10.0, 0.98)
    inputs = np.random.default_rng(2).normal(size=(300, 3))
    first = left_open(net.information, inputs)
    assert first == pytest.approx((inputs**2).sum(1) / 10.0)
    net.update(inputs, np.zeros(300), np.zeros(300))
    assert (left_open(net.information, inputs) < first).all()
    known = FlowScatter()
    assert known.spread(0.0, 10.0, 0.21) == pytest.approx(np.sqrt(FIRST**2 + 0.21))


@pytest.mark.parametrize(
    ("extra_h", "left_h", "place"), [(0.0, 30.0, (1, 0)), (9.0, 30.0, (1, 1)), (0.0, 100.0, (4, 0))]
)
def test_kinds_of_forecasts_are_learned_apart(extra_h, left_h, place):
    scatter = FlowScatter()
    orders = np.arange(GROUP_MIN)
    figures = (np.zeros(len(orders), np.int64), np.full(len(orders), extra_h), np.full(len(orders), left_h))
    scatter.take(*figures, 0.0, np.full(len(orders), -6.0), np.zeros(len(orders)))
    scatter.late(*figures, np.zeros(len(orders)))
    scatter.close(24.0 * 6)
    is_moved = scatter.log_spreads != FlowScatter().log_spreads
    assert [tuple(one) for one in np.argwhere(is_moved).tolist()] == [place]
    assert scatter.log_spreads[place] > 0
    assert not scatter.groups


def test_small_groups_and_days_that_are_not_over_teach_nothing():
    scatter = FlowScatter()
    for count, at_h in ((GROUP_MIN - 1, 47.9), (GROUP_MIN, 47.9)):
        figures = (np.zeros(count, np.int64), np.zeros(count), np.full(count, 30.0))
        scatter.take(*figures, 0.0, np.full(count, -6.0), np.zeros(count))
        scatter.late(*figures, np.zeros(count))
        scatter.close(at_h)
        assert (scatter.log_spreads == FlowScatter().log_spreads).all()
        assert list(scatter.groups) == [1]
        scatter.groups.clear() if count < GROUP_MIN else scatter.close(48.0)
    assert scatter.log_spreads[1, 0] > 0


def test_forecasts_of_the_far_and_of_the_overdue_are_not_followed():
    scatter = FlowScatter()
    left_h = np.array([-1.0, 0.0, 120.0, 400.0])
    scatter.take(np.zeros(4, np.int64), np.zeros(4), left_h, 0.0, np.zeros(4), np.zeros(4))
    scatter.late(np.zeros(4, np.int64), np.zeros(4), left_h, np.zeros(4))
    assert not scatter.groups
    assert scatter.spread(0.0, 400.0, 0.0) == scatter.spread(0.0, 110.0, 0.0)
    assert scatter.spread(0.0, -3.0, 0.0) == scatter.spread(0.0, 1.0, 0.0)


def test_a_restart_goes_on_with_the_same_bits():
    scatter, _held = followed(0.8, days=9)
    areas = np.arange(AREAS)
    scatter.take(areas, np.zeros(AREAS), np.full(AREAS, 50.0), 400.0, np.linspace(-3, 1, AREAS), np.ones(AREAS))
    again = FlowScatter()
    again.restore(scatter.stored())
    again.freeze()
    for one in (scatter, again):
        one.late(areas[:5], np.zeros(5), np.full(5, 50.0), np.full(5, 400.0))
    assert again.stored() == scatter.stored()
    for one in (scatter, again):
        one.close(600.0)
    assert again.stored() == scatter.stored()
    assert not again.groups


def test_a_common_error_has_bounds():
    scatter = FlowScatter()
    figures = (np.zeros(20, np.int64), np.zeros(20), np.full(20, 30.0))
    for day in range(60):
        scatter.take(*figures, 24.0 * day, np.full(20, -7.5), np.zeros(20))
        scatter.late(*figures, np.full(20, 24.0 * day))
        scatter.close(24.0 * (day + 3))
        scatter.freeze()
    assert scatter.spread(0.0, 30.0, 0.0) == pytest.approx(SPREAD_MAX)
