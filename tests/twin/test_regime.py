"""What becomes of work and of trucks under way: every word of ``in_service`` and ``in_transit`` by its page.

One window from second 100 to 200; speed 0 closes, 500 halves.
"""

from typing import Any

import pytest

from radar.events.transport import VehiclePosition
from twin.masks import Masks, Ongoing, SpeedMask
from twin.pace import ALWAYS, NEVER_S, NORMAL, Pace
from twin.regime import LOST_S, Regime
from twin.world import RunPlan, World

BEFORE, INSIDE, AFTER = 60, 120, 200
WORK = 80
HOUR_S, DAY_S = 3600, 86_400


def regime(ongoing: Ongoing, permille: int) -> Regime:
    return Regime(ALWAYS, [SpeedMask("x", 100, 200, permille, ongoing)])


@pytest.mark.req("R42")
@pytest.mark.parametrize(
    ("ongoing", "permille", "before", "inside"),
    [
        (Ongoing.PAUSE, 0, 240, 280),  # it stands still and goes on afterwards; what comes inside waits
        (Ongoing.PAUSE, 500, 180, 240),
        (Ongoing.FINISH, 0, 140, 280),  # as if nothing were; nothing new is taken on
        (Ongoing.FINISH, 500, 140, 240),  # what is begun inside goes by the window's speed
        (Ongoing.ABORT, 0, 280, 280),  # begun anew when it is over
        (Ongoing.ABORT, 500, 230, 240),  # begun anew at once: there is work, if slower
        (Ongoing.RETURN, 0, 280, 280),  # forty back are over before the road is open
        (Ongoing.RETURN, 500, 250, 240),  # back at 140, sets out again at half speed
        (Ongoing.LOST, 0, LOST_S, 280),
        (Ongoing.LOST, 500, LOST_S, 240),
    ],
)
def test_work_begun_before_a_window_and_inside_it(ongoing, permille, before, inside):
    one = regime(ongoing, permille)
    assert one.finish(BEFORE, WORK) == before
    assert one.finish(one.gate.next_open(INSIDE), WORK) == inside
    assert one.finish(AFTER, WORK) == AFTER + WORK
    assert one.finish(20, 80) == 100  # done at the very beginning: not met


def test_a_truck_needs_as_long_back_as_it_was_under_way():
    one = Regime(ALWAYS, [SpeedMask("x", 100, 110, 0, Ongoing.RETURN)])
    assert one.finish(20, 90) == 180 + 90  # turned at 100, back at 180, long after the road was open again
    twice = Regime(ALWAYS, [SpeedMask("x", at, at + 10, 0, Ongoing.RETURN) for at in (100, 200)])
    assert twice.finish(20, 90) == 220 + 90  # back at 180, turned again at 200, back at 220


def test_what_stays_closed_is_never_done():
    for ongoing in (Ongoing.PAUSE, Ongoing.ABORT, Ongoing.RETURN):
        assert Regime(ALWAYS, [SpeedMask("x", 100, 2**50, 0, ongoing)]).finish(60, 80) >= 2**50
    assert Regime(Pace([0, 100], [NORMAL, 0])).finish(60, 80) == NEVER_S


@pytest.mark.parametrize("permille", [0, 500])
@pytest.mark.parametrize("ongoing", [kind for kind in Ongoing if kind is not Ongoing.LOST])
@pytest.mark.parametrize("start_s", [0, 60, 99, 120, 200])
def test_what_is_made_grows_to_the_whole_at_the_finish(ongoing, permille, start_s):
    one = regime(ongoing, permille)
    begun_s = one.gate.next_open(start_s)
    done_s = one.finish(begun_s, WORK)
    made = [one.made(begun_s, WORK, at_s) for at_s in range(begun_s, done_s + 1)]
    assert made[0] == 0
    assert made[-1] == WORK
    assert max(made) == WORK
    drops = [at for at in range(1, len(made)) if made[at] < made[at - 1]]
    assert len(drops) <= (ongoing in (Ongoing.ABORT, Ongoing.RETURN))


@pytest.mark.req("R41")
def test_a_trucks_report_knows_nothing_of_a_closure_to_come(one_line):
    """Up to its beginning a truck that will be held says what it says in a calm week."""

    def positions(masks):
        events: list[Any] = []
        World(one_line, RunPlan(seed=3, days=10, masks=masks, sink=events.append, is_usual=False)).run()
        return {e.id: (e.time, e.data) for e in events if isinstance(e.data, VehiclePosition)}

    from_s, to_s = 5 * DAY_S + 3 * HOUR_S, 6 * DAY_S + 12 * HOUR_S
    for ongoing in (Ongoing.PAUSE, Ongoing.RETURN, Ongoing.FINISH):
        calm, held = positions(Masks()), positions(Masks(speeds=(SpeedMask("lane:a-b", from_s, to_s, 0, ongoing),)))
        start = World(one_line, RunPlan()).context.instant(from_s)
        for name, (time, said) in held.items():
            if time < start and name in calm:
                assert abs(said.delay_s - calm[name][1].delay_s) <= HOUR_S
        late = [said.delay_s for time, said in held.values() if time > start]
        assert (max(late) > 12 * HOUR_S) is (ongoing is not Ongoing.FINISH)
