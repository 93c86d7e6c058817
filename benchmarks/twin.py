"""CPU time of the twin as ratios within one run (docs/STYLE.md 9).

Run: ``.venv/bin/python -m benchmarks.twin``. Bounds: the same handlers on a bare heap loop (goal <= 1.5), SimPy's
bare kernel with as many events (<= 2.5), the textbook style of the same model (>= 12 times slower, >= 40 with a
backlog of 10,000), other simulation packages on one queue.
"""

import gc
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import cast

from benchmarks.twin_models import HeapKernel, Luck, Ours, bare_kernel, luck_of
from benchmarks.twin_queue import one_queue_styles
from benchmarks.twin_textbook import Textbook
from scenarios.network import load_network
from twin.kernel import Kernel
from twin.world import RunPlan, World

REPEATS = 5
ORDERS = 30_000
BACKLOG = 10_000


def cpu_s(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the best CPU time of ``work``."""
    best = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def told(name: str, seconds: float, count: int, bound: float | None = None) -> None:
    """Print one figure: how long, how many a second, and the ratio to the bound."""
    ratio = "" if bound is None else f"{seconds / bound:8.2f} x"
    print(f"  {name:<46}{seconds:8.3f} s {count / seconds:12,.0f} orders/s {ratio}")


def small_model() -> None:
    """The small model: ours against its bounds and the textbook."""
    luck = luck_of(ORDERS, 0)
    print(f"small model, {ORDERS:,} orders (ratios to ours)")
    ours = cpu_s(lambda: Ours(luck, Kernel()).run())
    heap = cpu_s(lambda: Ours(luck, cast("Kernel", HeapKernel())).run())
    env = Kernel()
    Ours(luck, env).run()
    events = next(env._eid)
    bare = cpu_s(lambda: bare_kernel(events, 200))
    told("ours", ours, ORDERS)
    told("ours on a bare heap loop", heap, ORDERS, ours)
    print(f"      ours / heap loop = {ours / heap:.2f} (goal <= 1.5)")
    told(f"SimPy's bare kernel, {events / ORDERS:.1f} events an order", bare, ORDERS, ours)
    print(f"      ours / bare kernel = {ours / bare:.2f} (goal <= 2.5)")
    _against_textbook(luck, ours, ">= 12")
    crowded = luck_of(ORDERS // 3, BACKLOG)
    print(f"with a backlog of {BACKLOG:,} orders")
    ours = cpu_s(lambda: Ours(crowded, Kernel()).run())
    told("ours", ours, len(crowded.orders))
    _against_textbook(crowded, ours, ">= 40")


def _against_textbook(luck: Luck, ours: float, goal: str) -> None:
    mine, theirs = Ours(luck, Kernel()), Textbook(luck)
    mine.run()
    book = cpu_s(theirs.run, 1)
    gap_s = abs(sum(mine.delivered) - sum(theirs.delivered)) / len(mine.delivered)
    # A free server of the textbook's takes the first who comes while it is closed; ours takes the first in rank.
    assert gap_s < 600, f"the styles must play the same model; mean delivery differs by {gap_s} s"
    print(f"      mean delivery differs by {gap_s:.0f} s; complaints {mine.complaints} and {theirs.complaints}")
    told("textbook SimPy", book, len(luck.orders), ours)
    print(f"      textbook / ours = {book / ours:.1f} (goal {goal})")


def reference_network() -> None:
    """The reference network: alone, on a bare heap loop, with its events built."""
    network = load_network("homeware")
    print("reference network, 30 days")
    orders = len(World(network, RunPlan(seed=1, days=30)).run().orders)
    ours = cpu_s(lambda: World(network, RunPlan(seed=1, days=30)).run())
    told("ours", ours, orders)
    heap = cpu_s(lambda: World(network, RunPlan(seed=1, days=30), cast("Kernel", HeapKernel())).run())
    told("ours on a bare heap loop", heap, orders, ours)
    print(f"      ours / heap loop = {ours / heap:.2f} (goal <= 1.5)")
    heard = cpu_s(lambda: World(network, RunPlan(seed=1, days=30, sink=lambda _event: None)).run(), 1)
    told("with every event built", heard, orders, ours)


def with_the_room() -> None:
    """The reference network with the control room listening."""
    from radar.room import ControlRoom
    from scenarios.rules import load_rules

    network, rules = load_network("homeware"), load_rules(None)
    orders = len(World(network, RunPlan(seed=1, days=14)).run().orders)
    room = cpu_s(lambda: World(network, RunPlan(seed=1, days=14, room=ControlRoom(rules))).run(), 1)
    told("with the control room, 14 days", room, orders)
    print("      goal >= 20,000 orders/s")


def one_queue() -> None:
    """One queue in every package there is."""
    customers = 50_000
    print(f"one M/M/1 queue, {customers:,} customers")
    base = 0.0
    for name, work in one_queue_styles(customers).items():
        seconds = cpu_s(work, 1)
        base = base or seconds
        told(name, seconds, customers, base)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def main() -> None:
    """Print every figure."""
    packages = ", ".join(f"{name} {_version(name)}" for name in ("simpy", "numpy", "salabim", "ciw"))
    print(f"Python {platform.python_version()}, {packages}, {platform.machine()}; CPU time, best of {REPEATS}")
    small_model()
    reference_network()
    with_the_room()
    one_queue()


if __name__ == "__main__":
    main()
