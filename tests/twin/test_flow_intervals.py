"""The intervals of a stream rich in events hold the share late of an area and a promise day about nine times in ten."""

from collections import defaultdict

import numpy as np
import pytest

from benchmarks.flow import simulated
from radar.instant import DAY_US, HOUR_US, Instant
from radar.interval import Interval
from radar.outputs import Output
from radar.probing import ProbedRoom
from radar.stages import Stage
from scenarios.rules import load_rules
from tests.radar.test_interval import is_held

LEADS_H = (84, 60, 36)
CALM, DAYS, SEED = 24, 14, 11
Said = tuple[str, Instant, float, Interval]


class Noting(ProbedRoom):
    """A room that notes the interval of every probability it is asked for."""

    def __init__(self) -> None:
        super().__init__(load_rules(), [hours * HOUR_US for hours in LEADS_H])
        self.said: list[Said] = []

    def predict(self, order_id: str, at: Instant) -> float | None:
        probability, interval = super().predict(order_id, at), self.interval(order_id, at)
        if probability is not None and interval is not None:
            self.said.append((order_id, at, probability, interval))
        return probability


@pytest.fixture(scope="module", params=["usual", "typhoon", "line-failure"])
def noted(request) -> tuple[Noting, Instant]:
    """A room three weeks old, then two weeks of it."""
    scenario = "feed-outage" if request.param == "usual" else request.param  # delays nobody, tells late
    events, _truth = simulated(scenario, SEED, DAYS, CALM)
    room = Noting()
    heard: list[Output] = []
    for _at, event in sorted(events, key=lambda entry: (entry[1].time, entry[1].id)):
        heard += room.observe(event)
    assert heard
    return room, Instant(events[0][0] + CALM * DAY_US)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.req("R03")
def test_the_intervals_of_the_flow_hold_about_nine_groups_in_ten(noted):
    room, since = noted
    held: list[bool] = []
    for lead_h in LEADS_H:
        groups: dict[tuple[str, int], list[tuple[float, float, Interval]]] = defaultdict(list)
        for order_id, at, probability, interval in room.said:
            order = room.book[order_id]
            if order.promise_at - at != lead_h * HOUR_US or not since < order.promise_at < room.clock:
                continue
            delivered_at = order.reached[Stage.DELIVERED]
            is_late = not 0 < delivered_at < order.promise_at
            groups[order.area, order.promise_at // DAY_US].append((float(is_late), probability, interval))
        held += [is_held(group) for group in groups.values() if len(group) >= 10]
    assert len(held) > 150
    assert 0.8 <= np.mean(held) <= 0.98
