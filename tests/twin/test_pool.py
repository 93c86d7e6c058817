"""The heap pool against a naive one that looks at every waiting job every time, and against the classic recursions."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.kernel import Call, Kernel, Tie
from twin.masks import CapacityMask, SpeedMask
from twin.pace import ALWAYS, Pace, from_spans
from twin.pool import Pool
from twin.regime import Regime, capacity_pace

JOBS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.integers(0, 2)), min_size=1, max_size=25)


def pool_finishes(jobs, servers, pace, masks=()):
    """Run jobs of (arrival, work, rank) through a pool: finish second of each."""
    env = Kernel()
    done: dict[Any, int] = {}
    pool: Pool[Any] = Pool(env, servers, Regime(pace, masks), lambda number: done.__setitem__(number, env.now))
    for number, (at_s, work_s, rank) in sorted(enumerate(jobs), key=lambda job: (job[1][0], job[0])):
        Call(env, at_s, Tie.PLACE, lambda call: pool.submit(*call.item), (number, work_s, rank))
    env.run(until=10**7)
    return done


def take_waiting(waiting, running, servers, pace, second):
    while waiting and len(running) < servers and pace.speed_at(second) > 0:
        best = min(waiting, key=lambda job: (job[2], job[3]))
        waiting.remove(best)
        running.append((best[0], pace.finish(second, best[1])))


def naive_finishes(jobs, servers, pace):
    """The same, second by second, with a list that is searched."""
    done: dict[Any, Any] = {}
    running: list[Any] = []
    waiting: list[Any] = []
    arrivals = sorted(enumerate(jobs), key=lambda job: (job[1][0], job[0]))
    for second in range(10_000):
        for number in sorted(n for n, end_s in running if end_s == second):
            done[number] = second
        running = [(n, end_s) for n, end_s in running if end_s > second]

        take_waiting(waiting, running, servers, pace, second)
        for number, (at_s, work_s, rank) in arrivals:
            if at_s == second:
                waiting.append((number, work_s, rank, second * 1000 + number))
                take_waiting(waiting, running, servers, pace, second)
        if len(done) == len(jobs):
            break
    return done


@settings(max_examples=150)
@given(JOBS, st.integers(1, 3), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), max_size=3))
def test_a_pool_serves_as_a_naive_one_does(jobs, servers, closings):
    pace = ALWAYS.slowed([(start, start + length, 0) for start, length in closings])
    assert pool_finishes(jobs, servers, pace) == naive_finishes(jobs, servers, pace)


def kiefer_wolfowitz(jobs, servers):
    """Finish times of a first-come first-served queue by the workload vector, no events at all."""
    free_at, done = [0] * servers, {}
    for number, (at_s, work_s, _rank) in sorted(enumerate(jobs), key=lambda job: (job[1][0], job[0])):
        free_at.sort()
        start_s = max(at_s, free_at[0])
        free_at[0] = start_s + work_s
        done[number] = free_at[0]
    return done


@pytest.mark.req("R40")
@pytest.mark.parametrize("servers", [1, 2, 5])
def test_every_job_leaves_when_the_kiefer_wolfowitz_recursion_says(servers):
    generator = random.Random(servers)
    at_s, jobs = 0, []
    for _ in range(3000):
        at_s += generator.choice([0, 0, 1, 5, 20])
        jobs.append((at_s, generator.randint(1, 10 * servers), 0))
    assert pool_finishes(jobs, servers, ALWAYS) == kiefer_wolfowitz(jobs, servers)


def test_waits_follow_lindley():
    generator = random.Random(8)
    jobs, at_s = [], 0
    for _ in range(2000):
        at_s += generator.randint(1, 12)
        jobs.append((at_s, generator.randint(1, 11), 0))
    done = pool_finishes(jobs, 1, ALWAYS)
    wait_s = 0
    for number, (arrives_s, work_s, _rank) in enumerate(jobs):
        assert done[number] == arrives_s + wait_s + work_s
        if number + 1 < len(jobs):
            wait_s = max(0, wait_s + work_s - (jobs[number + 1][0] - arrives_s))


@given(JOBS, st.integers(1, 3))
def test_one_server_more_makes_nobody_later(jobs, servers):
    jobs = [(at_s, work_s, 0) for at_s, work_s, _rank in jobs]
    few, many = pool_finishes(jobs, servers, ALWAYS), pool_finishes(jobs, servers + 1, ALWAYS)
    assert all(many[number] <= few[number] for number in few)


def test_a_closed_pool_serves_the_first_in_rank_when_it_opens():
    jobs = [(5, 10, 2), (6, 10, 0), (7, 10, 1)]
    done = pool_finishes(jobs, 1, from_spans([(20, 100)]))
    assert done == {1: 30, 2: 40, 0: 50}


def test_a_job_that_a_breakdown_meets_goes_on_afterwards():
    done = pool_finishes([(0, 10, 0)], 1, ALWAYS, [SpeedMask("line:x", 4, 104, 0)])
    assert done == {0: 110}


def test_an_added_shift_brings_the_end_forward():
    env = Kernel()
    done: list[Any] = []
    pool: Pool[Any] = Pool(env, 1, Regime(from_spans([(0, 10), (100, 110)])), lambda name: done.append((name, env.now)))
    pool.submit("a", 15)
    pool.submit("b", 5)
    Call(env, 20, Tie.WORLD, lambda _call: pool.change_base(pool.regime.base.at_least([(20, 40, 1000)])))
    env.run(until=200)
    assert done == [("a", 25), ("b", 30)]


def test_servers_come_and_go_with_their_share():
    env = Kernel()
    done: dict[Any, int] = {}
    share = capacity_pace([CapacityMask("pool:x", 10, 50, 500)], "pool:x")
    pool: Pool[Any] = Pool(env, 2, Regime(ALWAYS), lambda name: done.__setitem__(name, env.now), capacity=share)
    for name in "abcd":
        Call(env, 8, Tie.PLACE, lambda call: pool.submit(call.item, 10), name)
    env.run(until=100)
    assert done == {"a": 18, "b": 18, "c": 28, "d": 38}


def test_jobs_moved_up_keep_their_place_among_equals():
    env = Kernel()
    done: list[Any] = []
    pool: Pool[Any] = Pool(env, 1, Regime(Pace([-1], [1000])), done.append)
    for name in "xabc":
        pool.submit(name, 10, 5)
    assert pool.move_up(lambda name: name in "bc", 1) == 2
    env.run(until=100)
    assert done == ["x", "b", "c", "a"]


def test_removed_jobs_leave_with_their_work():
    env = Kernel()
    done: list[Any] = []
    pool: Pool[Any] = Pool(env, 1, Regime(ALWAYS), done.append)
    for name in "xab":
        pool.submit(name, 10)
    assert pool.remove(lambda name: name == "a") == [("a", 10)]
    assert pool.work_waiting_s == 10
    env.run(until=100)
    assert done == ["x", "b"]
