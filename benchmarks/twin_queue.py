"""One M/M/1 queue at 90 % load in the twin's style, in textbook SimPy, and in salabim and ciw where installed."""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import simpy

from twin.kernel import Call, Kernel, Tie
from twin.pace import ALWAYS
from twin.pool import Pool
from twin.regime import Regime

MEAN_GAP_S = 100
MEAN_WORK_S = 90


def one_queue_styles(customers: int) -> dict[str, Callable[[], object]]:
    """Return a run of the queue for each style there is, ours first."""
    draw = np.random.default_rng(1)
    gaps = np.maximum(1, draw.exponential(MEAN_GAP_S, customers)).astype(int).tolist()
    works = np.maximum(1, draw.exponential(MEAN_WORK_S, customers)).astype(int).tolist()
    styles: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(gaps, works),
        "textbook SimPy": lambda: textbook(gaps, works),
    }
    if find_spec("salabim"):
        styles["salabim"] = lambda: in_salabim(gaps, works)
    if find_spec("ciw"):
        styles["ciw"] = lambda: in_ciw(customers)
    return styles


def ours(gaps: list[int], works: list[int]) -> int:
    """Return how many were served."""
    env, served = Kernel(), [0]

    def done(_number: int) -> None:
        served[0] += 1

    pool: Pool[int] = Pool(env, 1, Regime(ALWAYS), done)

    def comes(call: Call) -> None:
        number: int = call.item
        pool.submit(number, works[number])
        if number + 1 < len(gaps):
            Call(env, gaps[number + 1], Tie.PLACE, comes, number + 1)

    Call(env, gaps[0], Tie.PLACE, comes, 0)
    env.run()
    return served[0]


def textbook(gaps: list[int], works: list[int]) -> int:
    """Return how many were served."""
    env, served = simpy.Environment(), [0]
    server = simpy.Resource(env, 1)

    def customer(work_s: int) -> simpy.events.ProcessGenerator:
        with server.request() as turn:
            yield turn
            yield env.timeout(work_s)
        served[0] += 1

    def arrivals() -> simpy.events.ProcessGenerator:
        for gap_s, work_s in zip(gaps, works, strict=True):
            yield env.timeout(gap_s)
            env.process(customer(work_s))

    env.process(arrivals())
    env.run()
    return served[0]


def in_salabim(gaps: list[int], works: list[int]) -> None:
    """Play it in salabim, in its classic yield style without animation or trace."""
    import salabim

    salabim.yieldless(False)
    env = salabim.Environment(trace=False, do_reset=True)
    server = salabim.Resource("server", monitor=False)

    class Customer(salabim.Component):  # type: ignore[misc]
        def setup(self, work_s: int) -> None:
            self.work_s = work_s

        def process(self):  # type: ignore[no-untyped-def]
            yield self.request(server)
            yield self.hold(self.work_s)
            self.release()

    class Arrivals(salabim.Component):  # type: ignore[misc]
        def process(self):  # type: ignore[no-untyped-def]
            for gap_s, work_s in zip(gaps, works, strict=True):
                yield self.hold(gap_s)
                Customer(work_s=work_s)

    Arrivals()
    env.run()


def in_ciw(customers: int) -> None:
    """Play as many customers in ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1 / MEAN_GAP_S)],
        service_distributions=[ciw.dists.Exponential(1 / MEAN_WORK_S)],
        number_of_servers=[1],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers, method="Finish")
