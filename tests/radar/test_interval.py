"""Intervals of probabilities: what they are made of, when they widen, and that they hold what they promise."""

import math
from collections import defaultdict

import numpy as np
import pytest

from radar.instant import HOUR_US, Instant, to_datetime
from radar.interval import NOMINAL, Interval, interval_of
from radar.learning.calibration import _inputs
from radar.learning.facts import Facts
from radar.learning.forecast import hazard_score, set_moment, view_of
from radar.learning.scatter import PRIOR, Scatter
from radar.outputs import WarningChange, WarningKind
from radar.probing import ProbedRoom
from radar.room import ControlRoom
from radar.stages import Stage
from radar.wording import say
from scenarios.rules import load_rules
from tests.radar.learning.worlds import World, learned, learner_of, model_of, probabilities, rules

LEADS_H = (168, 84, 36)


@pytest.fixture(scope="module")
def room():
    return learned(World(seed=3, days=50, orders_per_day=40, promise_days=12).events()[:4000])


@pytest.mark.req("R03")
def test_an_interval_holds_its_probability_and_grows_with_the_spread():
    assert interval_of(0.3, 0.0) == pytest.approx((0.3, 0.3))
    narrow, wide = interval_of(0.3, 0.2), interval_of(0.3, 0.4)
    assert wide.lo < narrow.lo < 0.3 < narrow.hi < wide.hi
    assert interval_of(0.7, 0.4) == pytest.approx((1 - wide.hi, 1 - wide.lo))
    for edge in (0.0, 1.0):
        lo, hi = interval_of(edge, 0.5)
        assert 0 <= lo <= edge <= hi <= 1


@pytest.mark.req("R03")
def test_the_room_tells_the_interval_of_every_probability_it_tells(room):
    at = room.clock
    found = probabilities(room, at)
    assert len(found) > 50
    for order_id, probability in found.items():
        interval = room.interval(order_id, at)
        assert interval is not None
        assert 0 < interval.lo < probability < interval.hi < 1
    assert room.interval("nobody", at) is None


@pytest.mark.req("R03")
def test_a_warning_opens_with_the_probability_and_its_interval():
    room, raised = ControlRoom(rules()), list[WarningChange]()
    for event in World(seed=3, days=40, orders_per_day=30, promise_days=5).events():
        raised += [one for one in room.observe(event) if one.kind is WarningKind.PREDICTED_LATE and one.sequence == 0]
    assert len(raised) > 50
    for warning in raised:
        facts = {fact.name: float(fact.value or 0) for fact in warning.reasons[0].facts if fact.name.endswith("_ratio")}
        assert warning.late_probability is not None
        assert facts["lo_ratio"] < warning.late_probability < facts["hi_ratio"]
        assert f"{100 * warning.late_probability:.0f} % (" in say(warning.reasons[0])


@pytest.mark.req("R03")
def test_intervals_are_wider_while_a_drift_stands(room, monkeypatch):
    order_id, at = next(iter(probabilities(room, room.clock))), room.clock
    monkeypatch.setattr(type(room._around.drift), "widening", property(lambda _: 1.0))
    calm = room.interval(order_id, at)
    monkeypatch.setattr(type(room._around.drift), "widening", property(lambda _: 1.5))
    wide = room.interval(order_id, at)
    assert wide is not None
    assert calm is not None
    assert width(wide) == pytest.approx(1.5 * width(calm))


@pytest.mark.req("R03")
def test_a_room_that_knows_nothing_is_unsure():
    few = learned(World(days=2, orders_per_day=5).events())
    order_id = next(iter(probabilities(few, few.clock)))
    interval = few.interval(order_id, few.clock)
    assert interval is not None
    assert interval.lo < 0.04
    assert interval.hi > 0.3


@pytest.mark.parametrize("handed", [False, True])
def test_the_inputs_of_the_variance_are_those_of_the_score(room, handed):
    model, at, count = model_of(room), room.clock, 0
    now = model.days.day(at)
    for order_id in probabilities(room, at):
        order = room.orders[order_id]
        if (order.reached[Stage.HANDED_OVER] > 0) != handed:
            continue
        facts = Facts(order, model.days)
        view = view_of(model, facts)
        view.promise = facts.promise
        set_moment(model, view, facts, now)
        score, beyond = hazard_score(model, view, facts, now), view.mean - model.means.centre
        inputs = np.append(_inputs(score, view, facts, now, beyond), model._moment())
        said = model.calibration.final_score(score, view, facts, now, beyond)
        assert said == pytest.approx(score + inputs @ model.calibration.nets[handed].weights, abs=1e-9)
        count += 1
    assert count > 20


# --- the common error of a day ----------------------------------------------------------------------------


def scatter_of(shock: float, days: int = 400, orders: int = 60) -> Scatter:
    """Return what is learned of days whose log-odds are all off by a normal shock."""
    chance, scatter = np.random.default_rng(1), Scatter((1, 4))
    for day in range(days):
        said = chance.uniform(0.2, 0.8, orders)
        true = 1 / (1 + np.exp(-(np.log(said / (1 - said)) + chance.normal(0, shock))))
        for p, is_late in zip(said.tolist(), (chance.random(orders) < true).tolist(), strict=True):
            scatter.note(day, 4, is_late - p, p * (1 - p))
        scatter.close(day + 1, 1.0)
    scatter.freeze()
    return scatter


@pytest.mark.parametrize("shock", [0.0, 0.3, 0.6])
def test_the_common_error_of_days_is_found(shock):
    found = scatter_of(shock)
    assert math.sqrt(found.variance(4.0)) == pytest.approx(shock, abs=0.12)
    assert found.variance(1.0) == pytest.approx(PRIOR), "nothing was told of the last day"
    assert found.variance(30.0) == found.variance(4.0)


def test_a_day_counts_once_it_is_over():
    scatter = Scatter((1,))
    scatter.note(10, 1, 3.0, 1.0)
    scatter.close(10, 1.0)
    assert scatter.days
    scatter.close(11, 1.0)
    assert not scatter.days
    assert scatter.table[0, 0] == pytest.approx(PRIOR * 30 + 9 - 1)


def width(interval: Interval) -> float:
    """Return the width in log-odds."""
    return math.log(interval.hi / (1 - interval.hi)) - math.log(interval.lo / (1 - interval.lo))


def test_what_the_learner_does_not_know_of_its_weights_shrinks_with_its_lessons():
    few = learned(World(seed=3, days=15, orders_per_day=30).events())
    many = learned(World(seed=3, days=60, orders_per_day=30).events())

    def mean_spread(some: ControlRoom) -> float:
        found = [some.orders[order_id] for order_id in probabilities(some, some.clock)]
        return float(np.mean([learner_of(some).spread(order, some.clock) for order in found]))

    assert mean_spread(many) < mean_spread(few)


# --- on real orders ---------------------------------------------------------------------------------------


class Noting(ProbedRoom):
    """A room that notes the interval of every probability it is asked for."""

    def __init__(self) -> None:
        super().__init__(load_rules(), [hours * HOUR_US for hours in LEADS_H])
        self.said: list[tuple[str, Instant, float, Interval]] = []

    def predict(self, order_id: str, at: Instant) -> float | None:
        probability, interval = super().predict(order_id, at), self.interval(order_id, at)
        if probability is not None and interval is not None:
            self.said.append((order_id, at, probability, interval))
        return probability


@pytest.fixture(scope="module")
def noted(data_dir, tmp_path_factory):
    from pathlib import Path

    from benchmarks.predictor import recorded
    from console.cli import main

    events = Path(tmp_path_factory.mktemp("olist")) / "olist.jsonl.gz"
    assert (
        main(["import", str(data_dir / "olist_orders_open.csv.gz"), "--map", "olist_orders", "--out", str(events)]) == 0
    )
    room = Noting()
    for event in recorded(events):
        room.observe(event)
    return room


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.req("R03")
@pytest.mark.parametrize("lead_h", LEADS_H)
def test_on_real_orders_the_intervals_hold_the_share_late_of_area_and_month_nine_times_in_ten(noted, lead_h):
    groups: dict[tuple[str, str], list[tuple[float, float, Interval]]] = defaultdict(list)
    for order_id, at, probability, interval in noted.said:
        order = noted.book[order_id]
        promise = f"{to_datetime(order.promise_at):%Y-%m}"
        delivered_at = order.reached[Stage.DELIVERED]
        if delivered_at and "2017-09" <= promise < "2018-05" and order.promise_at - at == lead_h * HOUR_US:
            groups[order.area, promise].append((float(delivered_at >= order.promise_at), probability, interval))
    large = [group for group in groups.values() if len(group) >= 10]
    assert len(large) > 40
    held = [is_held(group) for group in large]
    alone = [is_held([(late, p, Interval(p, p)) for late, p, _ in group]) for group in large]
    assert np.mean(held) >= NOMINAL - 0.02
    assert np.mean(alone) < NOMINAL, "chance alone does not explain it"


def is_held(group: list[tuple[float, float, Interval]]) -> bool:
    """Return whether a group's share late lies within its mean interval and what chance adds."""
    late, said = np.array([one[0] for one in group]), np.array([one[1] for one in group])
    lo, hi = (np.mean([one[2][end] for one in group]) for end in (0, 1))
    chance = 1.645 * math.sqrt(float((said * (1 - said)).sum())) / len(group)
    gap = float(late.mean() - said.mean())
    return abs(gap) <= math.hypot(chance, hi - said.mean() if gap > 0 else said.mean() - lo)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.req("R03")
@pytest.mark.parametrize(
    ("since", "until", "around"),
    [
        ("2017-12-18", "2018-01-12", ("2017-11-20", "2018-02-10")),
        ("2018-03-17", "2018-03-30", ("2018-02-25", "2018-04-14")),
    ],
)
def test_on_real_orders_they_are_wider_in_the_episodes_of_drift_than_around_them(noted, since, until, around):
    """While the notices stand: 17 December to 12 January, 17 to 30 March."""
    widths: dict[bool, list[float]] = {True: [], False: []}
    for _order_id, at, _probability, interval in noted.said:
        day = f"{to_datetime(at):%Y-%m-%d}"
        if around[0] <= day <= around[1]:
            widths[since <= day <= until].append(width(interval))
    assert np.mean(widths[True]) > 1.05 * np.mean(widths[False])
