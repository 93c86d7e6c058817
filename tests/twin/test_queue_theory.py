"""The pools against closed forms of queueing theory, within the interval of independent replications."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from twin.chance import Chance
from twin.kernel import Call, Kernel, Tie
from twin.pace import ALWAYS
from twin.pool import Pool
from twin.regime import Regime

pytestmark = pytest.mark.slow

REPLICATIONS = 24
CUSTOMERS = 15_000
WARM = 2_000
UNIT_S = 10_000
"""Mean service time: long, so that whole seconds cost no accuracy."""
T_999 = 3.77
"""Student's t for 23 degrees of freedom, 99.9 % two-sided: a seed fails by chance once in a thousand."""


def waits(arrivals: Any, works: Any, ranks: Any, servers: int) -> tuple[list[int], list[int]]:
    """Return each customer's wait, and when each left."""
    env = Kernel()
    count = len(arrivals)
    waited, left = [0] * count, [0] * count

    def taken(number: int, work_s: int, wait_s: int) -> int:
        waited[number] = wait_s
        return work_s

    def done(number: int) -> None:
        left[number] = env.now

    pool: Pool[int] = Pool(env, servers, Regime(ALWAYS), done, taken=taken)

    def comes(call: Call) -> None:
        number = call.item
        pool.submit(number, works[number], ranks[number])
        if number + 1 < count:
            Call(env, arrivals[number + 1] - arrivals[number], Tie.PLACE, comes, number + 1)

    Call(env, arrivals[0], Tie.PLACE, comes, 0)
    env.run()
    return waited, left


def drawn(name: str, replication: int, load: float, service: str) -> tuple[list[int], list[int], np.random.Generator]:
    """Return arrival seconds and works of one replication."""
    chance = Chance(2024, replication)
    arrive, serve = chance.stream(f"{name}/arrivals"), chance.stream(f"{name}/works")
    gaps = arrive.exponential(UNIT_S / load, CUSTOMERS)
    if service == "exponential":
        works = serve.exponential(UNIT_S, CUSTOMERS)
    elif service == "lognormal":  # squared coefficient of variation 1.5
        sigma = math.sqrt(math.log(2.5))
        works = UNIT_S * np.exp(serve.normal(-sigma * sigma / 2, sigma, CUSTOMERS))
    else:
        works = np.full(CUSTOMERS, float(UNIT_S))
    whole = np.maximum(1, np.rint(works)).astype(int).tolist()
    return np.rint(np.cumsum(gaps)).astype(int).tolist(), whole, chance.stream(f"{name}/ranks")


def agrees(found: Sequence[float], theory: float) -> bool:
    """Return whether theory lies in the 99.9 % interval of the replications' mean, and the interval is worth having."""
    half = T_999 * float(np.std(found, ddof=1)) / math.sqrt(len(found))
    assert half < 0.2 * theory, "too few customers to say anything"
    return abs(float(np.mean(found)) - theory) <= half


def erlang_c(servers: int, load: float) -> float:
    idle = sum(load**k / math.factorial(k) for k in range(servers))
    waiting = load**servers / math.factorial(servers) * servers / (servers - load)
    return waiting / (idle + waiting)


@pytest.mark.req("R40")
@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (3, 2.4), (8, 6.8)])
def test_the_share_that_waits_is_erlangs(servers, load):
    share, mean = [], []
    for replication in range(REPLICATIONS):
        arrivals, works, _ = drawn(f"mmc{servers}", replication, load, "exponential")
        waited, _ = waits(arrivals, works, [0] * CUSTOMERS, servers)
        share.append(sum(wait > 0 for wait in waited[WARM:]) / (CUSTOMERS - WARM))
        mean.append(float(np.mean(waited[WARM:])) / UNIT_S)
    assert agrees(share, erlang_c(servers, load))
    assert agrees(mean, erlang_c(servers, load) / (servers - load))


@pytest.mark.parametrize(("service", "variation"), [("constant", 0.0), ("exponential", 1.0), ("lognormal", 1.5)])
def test_the_mean_wait_is_pollaczek_and_khinchines(service, variation):
    load, found = 0.7, []
    for replication in range(REPLICATIONS):
        arrivals, works, _ = drawn(f"mg1-{service}", replication, load, service)
        waited, _ = waits(arrivals, works, [0] * CUSTOMERS, 1)
        found.append(float(np.mean(waited[WARM:])) / UNIT_S)
    assert agrees(found, load * (1 + variation) / (2 * (1 - load)))


@pytest.mark.req("R26")
def test_waits_by_rank_are_cobhams():
    load, shares = 0.75, (0.2, 0.3, 0.5)
    found: list[list[float]] = [[], [], []]
    for replication in range(REPLICATIONS):
        arrivals, works, generator = drawn("cobham", replication, load, "exponential")
        ranks = generator.choice(3, CUSTOMERS, p=shares).tolist()
        waited, _ = waits(arrivals, works, ranks, 1)
        for rank in range(3):
            own = [wait for wait, other in zip(waited[WARM:], ranks[WARM:], strict=True) if other == rank]
            found[rank].append(float(np.mean(own)) / UNIT_S)
    above = 0.0
    for rank, share in enumerate(shares):
        below = above + load * share
        assert agrees(found[rank], load / ((1 - above) * (1 - below)))
        above = below


def test_a_tandem_is_as_jackson_says_two_queues_apart():
    load, second_load, found = 0.7, 0.56, []
    for replication in range(REPLICATIONS):
        arrivals, works, generator = drawn("jackson", replication, load, "exponential")
        _, left = waits(arrivals, works, [0] * CUSTOMERS, 1)
        order = sorted(range(CUSTOMERS), key=lambda number: (left[number], number))
        quick = np.maximum(1, np.rint(generator.exponential(0.8 * UNIT_S, CUSTOMERS))).astype(int).tolist()
        waited, _ = waits([left[number] for number in order], quick, [0] * CUSTOMERS, 1)
        found.append(float(np.mean(waited[WARM:])) / (0.8 * UNIT_S))
    assert agrees(found, second_load / (1 - second_load))
