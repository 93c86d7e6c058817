"""The bound of the early warning: a fork keeps its past, has its own future, and is counted as ``twin.caused`` does."""

import numpy as np
import pytest

from benchmarks.bound_scores import Futures, curve, expected, happened, limit
from benchmarks.early_warning_bound import Asked, Forecaster, compared, main, promises_s, seen
from benchmarks.fresh_luck import OMNISCIENT, Source, renew
from benchmarks.fresh_schedule import Unknown, put
from benchmarks.look_ahead import CANCELLED, LATE, Outlook, PausingKernel, look_ahead
from scenarios.catalog import load_scenario
from scenarios.network import load_network
from twin.chance import Chance
from twin.context import DAY_S
from twin.masks import Masks, SpeedMask
from twin.orders import OPEN_S, Order
from twin.truth import Truth
from twin.world import RunPlan, World

NETWORK = load_network("one_line")
DAYS = 14
AT_S = 7 * DAY_S + 10 * 3600 + 2700
ALL = frozenset(Source) - {Source.SCHEDULE}
NOTHING: frozenset[Source] = frozenset()
STORM = Masks(speeds=(SpeedMask("zone:" + NETWORK.zones[0].name, 6 * DAY_S, 8 * DAY_S + DAY_S // 2, 0, cause="storm"),))


def played(sources: frozenset[Source] | None, masks: Masks = Masks(), at_s: int = AT_S) -> Truth:  # noqa: B008
    """Return a run whose luck changes at ``at_s``; None never pauses, no sources changes nothing."""
    plan = RunPlan(seed=3, days=DAYS, masks=masks)
    if sources is None:
        return World(NETWORK, plan).run()
    kernel = PausingKernel([at_s], lambda _at_s: renew(world, Chance(3, 77), sources))
    world = World(NETWORK, plan, kernel)
    return world.run()


def told(order: Order) -> tuple[object, ...]:
    """Return everything that happened to an order."""
    return order.id, order.placed_s, order.promise_s, order.stamps, order.attempts, order.outcome, order.blame


def settled(truth: Truth) -> dict[str, list[int]]:
    """Return of the orders placed before the change what had happened by then."""
    return {
        order.id: [at_s if at_s < AT_S else OPEN_S for at_s in order.stamps]
        for order in truth.orders
        if order.placed_s < AT_S
    }


def test_a_pause_at_which_nothing_changes_leaves_the_run_bit_for_bit():
    plain, paused = played(None), played(NOTHING)
    assert [told(order) for order in plain.orders] == [told(order) for order in paused.orders]
    assert (plain.books, plain.on_hand, plain.line_busy_s) == (paused.books, paused.on_hand, paused.line_busy_s)


@pytest.mark.parametrize(
    "sources", [OMNISCIENT, ALL, *({source} for source in sorted(ALL))], ids=lambda one: "-".join(sorted(one))
)
def test_fresh_luck_leaves_the_past_and_changes_the_future(sources):
    plain, other = played(None, STORM), played(frozenset(sources), STORM)
    assert settled(plain) == settled(other)
    assert [told(order) for order in plain.orders] != [told(order) for order in other.orders]


@pytest.mark.parametrize("sources", [OMNISCIENT, ALL], ids=["omniscient", "all"])
@pytest.mark.parametrize("at_s", [AT_S, 7 * DAY_S, 7 * DAY_S + 1, 8 * DAY_S - 1])
def test_all_sums_hold_in_a_world_with_fresh_luck(sources, at_s):
    truth = played(sources, STORM, at_s)
    assert truth.check() == []
    plain = sum(order.placed_s >= at_s for order in played(None, STORM).orders)
    assert 0.8 < sum(order.placed_s >= at_s for order in truth.orders) / plain < 1.25


def test_known_luck_stays_as_it_is():
    plain, other = played(None), played(frozenset({Source.TRUCKS}))
    after = {order.id: order.luck for order in plain.orders}
    assert {order.id: order.luck for order in other.orders} == after


def test_a_fork_tells_how_orders_end_and_leaves_no_trace():
    found: list[Outlook] = []

    def look(at_s: int) -> None:
        open_orders = [one for one in world.truth.orders if one.placed_s < at_s < one.promise_s <= at_s + 3 * DAY_S]
        changes = (lambda _number: None, lambda number: renew(world, Chance(3, number + 50)))
        found.extend(look_ahead(world, open_orders, at_s + 3 * DAY_S, one, futures=3, jobs=2) for one in changes)

    kernel = PausingKernel([AT_S], look)
    world = World(NETWORK, RunPlan(seed=3, days=DAYS, masks=STORM), kernel)
    truth, plain = world.run(), played(None, STORM)
    assert [told(order) for order in truth.orders] == [told(order) for order in plain.orders]
    same, fresh = found
    by_id = {order.id: order for order in truth.orders}
    came = [truth.is_late(by_id[one]) for one in same.ids]
    assert 0 < sum(came) < len(came)
    for future in same.ends:
        assert [end == LATE for end in future if end != CANCELLED] == [
            late for late, end in zip(came, future, strict=True) if end != CANCELLED
        ]
    assert (fresh.ends[0] != fresh.ends[1]).any()


def test_a_future_that_fails_is_not_counted(capfd):
    def look(at_s: int) -> None:
        look_ahead(world, world.truth.orders[:1], at_s, lambda number: [][number], futures=1)

    world = World(NETWORK, RunPlan(seed=3, days=DAYS), PausingKernel([AT_S], look))
    with pytest.raises(AssertionError, match="future 0"):
        world.run()
    assert "IndexError" in capfd.readouterr().err


# --- the forecaster -----------------------------------------------------------------------------------------

ASKED = Asked(seed=3, days=6, lead_s=round(37.25 * 3600), futures=4, jobs=1, sources=OMNISCIENT)


def test_every_order_that_counts_is_judged_once_at_its_own_time():
    assert all(at_s % DAY_S == 0 for at_s in promises_s(NETWORK, RunPlan(seed=3, days=9)))
    forecaster = Forecaster(NETWORK, ASKED, 0, Masks())
    truth = forecaster.run()
    judged = [order_id for outlook in forecaster.outlooks for order_id in outlook.ids]
    assert len(judged) == len(set(judged))
    early = {one.id for one in truth.counted() if one.promise_s - ASKED.lead_s > one.placed_s}
    assert early <= set(judged)


def test_who_is_told_all_luck_is_never_wrong():
    asked = ASKED._replace(sources=NOTHING, futures=2)
    usual = seen(NETWORK, asked, 0, Masks())
    found = compared(seen(NETWORK, asked, 0, STORM), usual, 2)
    assert found.late.sum() > 10
    true = happened(found)
    assert (true.recall_at(0.99), true.caused_recall_at(0.99), true.average_precision) == (1.0, 1.0, 1.0)


# --- a course that is not known -----------------------------------------------------------------------------

HOMEWARE = load_network("homeware")


def course(name: str, replication: int = 0) -> Unknown:
    """Return a scenario on the reference network."""
    return Unknown(HOMEWARE, [load_scenario(name)], Chance(11, replication), HOMEWARE.warm_up_days + 14)


@pytest.mark.parametrize("name", ["typhoon", "vehicle-breakdowns", "winter"])
def test_a_course_drawn_anew_agrees_with_what_has_happened(name):
    scenario = course(name)
    middle = scenario.compiled.windows[len(scenario.compiled.windows) // 2]
    at_s = (middle.start_s + middle.ease_s) // 2
    past = [one for one in scenario.compiled.masks.speeds if one.end_s <= at_s]
    lengths = set()
    for number in range(8):
        masks = scenario.redrawn(at_s, Chance(11, 10_000 + number))
        assert [one for one in masks.speeds if one.end_s <= at_s] == past
        lengths.add(max(one.end_s for one in masks.speeds))
    assert len(lengths) > 4


def test_before_any_sign_everything_is_open_and_afterwards_nothing():
    scenario = course("typhoon")
    first_s, last_s = scenario.compiled.windows[0].start_s, max(one.ease_s for one in scenario.compiled.windows)
    starts = {min(one.start_s for one in scenario.redrawn(first_s - 49 * 3600, Chance(11, n)).speeds) for n in range(5)}
    assert len(starts) == 5
    announced = {
        min(one.start_s for one in scenario.redrawn(first_s - 47 * 3600, Chance(11, n)).speeds) for n in range(5)
    }
    assert announced == {first_s}
    assert scenario.redrawn(last_s, Chance(11, 5)) is scenario.compiled.masks


def with_course(plan: RunPlan, at_s: int, masks: Masks | None) -> Truth:
    """Return a run whose scenario takes another course from an instant on."""

    def look(_at_s: int) -> None:
        if masks is not None:
            put(world, masks)

    world = World(HOMEWARE, plan, PausingKernel([at_s], look))
    truth = world.run()
    assert truth.check() == []
    return truth


@pytest.mark.slow
@pytest.mark.parametrize("name", ["typhoon", "quality-recall", "road-closure"])
def test_another_course_leaves_the_past_of_a_world(name):
    scenario = course(name)
    first_s = scenario.compiled.windows[0].start_s
    at_s = first_s + 10 * 3600
    plan = RunPlan(seed=11, days=first_s // DAY_S + 4, masks=scenario.compiled.masks)
    courses = (None, scenario.compiled.masks, scenario.redrawn(at_s, Chance(11, 7)))
    truths = [with_course(plan, at_s, masks) for masks in courses]
    plain, same, other = [[told(order) for order in truth.orders] for truth in truths]
    assert plain == same
    assert plain != other
    pasts = [[[stamp for stamp in order.stamps if 0 <= stamp < at_s] for order in truth.orders] for truth in truths]
    assert pasts[0] == pasts[1] == pasts[2]


@pytest.mark.slow
def test_trucks_on_a_closed_road_arrive_when_it_opens_on_the_new_course():
    scenario = course("road-closure")
    closed = scenario.compiled.windows[0]
    at_s = (closed.start_s + closed.ease_s) // 2
    arrivals: list[list[int]] = []

    def look(_at_s: int) -> None:
        for masks in (scenario.compiled.masks, scenario.redrawn(at_s, Chance(11, 8))):
            put(world, masks)
            arrive = world.transport._arrive
            arrivals.append(sorted(int(entry[0]) for entry in world.env._queue if entry[3].callbacks == [arrive]))

    plan = RunPlan(seed=11, days=at_s // DAY_S + 1, masks=scenario.compiled.masks)
    world = World(HOMEWARE, plan, PausingKernel([at_s], look))
    world.run()
    true, other = arrivals
    assert len(true) == len(other) > 3
    assert true != other


# --- the counts ---------------------------------------------------------------------------------------------


def flags(*rows: str) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Return rows of ``x`` (late) and ``.``."""
    return np.array([[sign == "x" for sign in one] for one in rows])


def test_alarms_of_both_worlds_are_not_about_the_scenario():
    votes, usual_votes = np.array([2, 2, 1, 0]), np.array([2, 0, 0, 0])
    late, usual_late = flags("xx.x", "x...")
    found = curve(votes, usual_votes, late, usual_late, levels=2)
    assert (found.late, found.caused) == (3, 2)
    assert found.alarms.tolist() == [2, 3]
    assert found.hits.tolist() == [2, 2]
    assert found.about.tolist() == [1, 2]
    assert found.about_hits.tolist() == [1, 1]
    assert found.caused_hits.tolist() == [1, 1]
    assert found.at(0.5) == (0.5, 0.5)
    assert found.at(0.51) == (1.0, 0.5)


def test_ties_at_the_last_level_count_in_part():
    votes, none = np.array([2, 2, 1, 1, 1, 1]), np.zeros(6, dtype=np.int64)
    late = flags("xxx...")[0]
    found = curve(votes, none, late, none > 0, levels=2)
    # two sure hits, then one in four: two thirds of precision is met by four alarms, 2.5 hits
    assert found.recall_at(0.625) == pytest.approx(2.5 / 3)
    assert found.recall_at(1.0) == pytest.approx(2 / 3)
    assert found.recall_at(0.5) == 1.0
    assert found.caused_precision_at(2.5 / 3) == pytest.approx(0.625)
    assert found.caused_precision_at(1 / 3) == 1.0
    assert found.caused_precision_at(1.0) == 0.5


def test_who_is_late_in_no_future_is_found_at_no_precision():
    votes, late = np.array([2, 0]), flags("xx")[0]
    assert curve(votes, 0 * votes, late, ~late, levels=2).caused_precision_at(0.9) is None


def test_each_future_is_judged_by_the_others_alone():
    ahead = flags("x.", "..")
    found = expected(Futures(ahead[0], ahead[1], ahead, flags("..", "..")), 2)
    # the first is late in one of two: what one future says of the other is wrong both times
    assert (found.orders, found.late, found.alarms.tolist(), found.hits.tolist()) == (4, 1, [1], [0])


def test_what_is_missing_halves_with_twice_as_many():
    assert limit(0.7, 0.75) == pytest.approx(0.8)
    assert limit(0.8, 0.95) == 1.0


@pytest.mark.slow
def test_the_table_is_the_same_each_time(capsys):
    main(["--scenario", "typhoon", "--replications", "1", "--days", "7", "--futures", "4", "--jobs", "1"])
    once = capsys.readouterr().out
    main(["--scenario", "typhoon", "--replications", "1", "--days", "7", "--futures", "4", "--jobs", "2"])
    assert capsys.readouterr().out == once
