"""What nobody can beat: the early warning of a forecaster who knows the whole state of the twin (issue 4, R05).

Run: ``python -m benchmarks.early_warning_bound [--scenario S ...] [--days N] [--seed N] [--futures K] [--jobs N]``.

``--lead`` hours before each promise the forecaster sees everything: every queue, the luck of every truck under way and
of all work begun, every wrong address, and the whole course of the scenario. It does not see luck still to be drawn
(``benchmarks.fresh_luck``). So the world forks at that instant into futures with fresh luck, and the chance of an order
is the share of futures in which it is late. Whatever warns of an order, and by whatever events, at that lead time or
before knows less: what it finds at a given precision stays, but for luck, under what is printed here.

``--known trucks`` tells the forecaster that luck too: how much the recall rises is what that luck hides.
``--hidden addresses`` keeps from it which addresses are wrong, as long as nobody in the chain has found out, and
``--hidden schedule`` how the scenario goes on (``benchmarks.fresh_schedule``): then it knows what systems could tell.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.bound_scores import Curve, Futures, expected, happened, limit
from benchmarks.fresh_luck import OMNISCIENT, Source, renew
from benchmarks.fresh_schedule import Unknown, put
from benchmarks.look_ahead import LATE, Outlook, PausingKernel, look_ahead
from scenarios.catalog import load_scenario
from scenarios.network import Network, load_network
from twin.chance import Chance
from twin.demand import Demand
from twin.masks import Masks
from twin.truth import Truth
from twin.world import RunPlan, World

SCENARIOS = (
    "typhoon", "snow", "heat", "winter", "road-closure", "vehicle-breakdowns", "quality-recall", "bad-week",
    "line-failure",
)  # fmt: skip
PRECISION, RECALL, CHANCE = 0.7, 0.9, 0.45
USUAL = "the usual run"
"""Beside nothing: all its late orders count."""
HEADS = (
    "scenario", "late because of it", "recall at precision .5 / .7 / .9", "precision at recall .9",
    f"at P >= {CHANCE}: precision / recall", "all late: recall at .7", "AP",
    "expected recall at .7: half of the futures", "all futures", "without end",
)  # fmt: skip


class Asked(NamedTuple):
    """What to find out."""

    seed: int
    days: int
    lead_s: int
    futures: int
    jobs: int
    sources: frozenset[Source]


class Forecaster:
    """One luck of one world, with the futures of every order at its decision time."""

    def __init__(
        self, network: Network, asked: Asked, replication: int, masks: Masks, unknown: Unknown | None = None
    ) -> None:
        """Prepare a world.

        Args:
            network: Of the world.
            asked: What to find out.
            replication: Which luck.
            masks: What the scenario does.
            unknown: The scenario, where its course is hidden from the forecaster.
        """
        self._asked = asked
        self._unknown = unknown if Source.SCHEDULE in asked.sources else None
        self._replication = replication
        days = network.warm_up_days + asked.days
        plan = RunPlan(seed=asked.seed, replication=replication, days=days, masks=masks)
        self._promises_s = promises_s(network, plan)
        kernel = PausingKernel([promise_s - asked.lead_s for promise_s in self._promises_s], self._look)
        self.world = World(network, plan, kernel)
        self.outlooks: list[Outlook] = []

    def run(self) -> Truth:
        """Play the world to its end."""
        return self.world.run()

    def _look(self, at_s: int) -> None:
        asked, truth = self._asked, self.world.truth
        promise_s = at_s + asked.lead_s
        orders = [one for one in truth.orders if one.promise_s == promise_s and truth.warm_up_s <= one.placed_s < at_s]
        if not orders or promise_s >= truth.end_s:
            return
        first = ((self._replication + 1) * 10_000 + at_s // 3600) * 10_000  # of replications that nobody else plays

        def change(number: int) -> None:
            chance = Chance(asked.seed, first + number)
            if self._unknown is not None:
                put(self.world, self._unknown.redrawn(at_s, chance))
            renew(self.world, chance, asked.sources)

        self.outlooks.append(look_ahead(self.world, orders, promise_s, change, asked.futures, asked.jobs))

    def ahead(self) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
        """Return by order in which of its futures it is late."""
        return {
            order_id: ends == LATE
            for outlook in self.outlooks
            for order_id, ends in zip(outlook.ids, outlook.ends.T, strict=True)
        }


def promises_s(network: Network, plan: RunPlan) -> list[int]:
    """Return every instant that some order of a run is promised for."""
    assert plan.days is not None, "the caller says how many"
    demand = Demand(network, Chance(plan.seed, plan.replication), plan.masks.demands, plan.days)
    return sorted({order.promise_s for day in range(plan.days) for order in demand.day(day)})


class Seen(NamedTuple):
    """A world that was played: what came true, and what could be seen ahead."""

    late: dict[str, bool]
    """Of the orders that count."""
    ahead: dict[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]


def seen(network: Network, asked: Asked, replication: int, masks: Masks, unknown: Unknown | None = None) -> Seen:
    """Play one world and return what is compared."""
    forecaster = Forecaster(network, asked, replication, masks, unknown)
    truth = forecaster.run()
    return Seen({order.id: truth.is_late(order) for order in truth.counted()}, forecaster.ahead())


def compared(scenario: Seen, usual: Seen, futures: int) -> Futures:
    """Return the orders of a world with a scenario beside the same orders without it."""
    never = np.zeros(futures, dtype=np.bool_)
    ids = list(scenario.late)
    return Futures(
        np.array([scenario.late[one] for one in ids]),
        np.array([usual.late.get(one, False) for one in ids]),
        np.array([scenario.ahead.get(one, never) for one in ids]).T,
        np.array([usual.ahead.get(one, never) for one in ids]).T,
    )


class Bound(NamedTuple):
    """What is printed of one scenario."""

    happened: Curve
    half: Curve
    all: Curve


def bound(parts: Sequence[Futures], futures: int) -> Bound:
    """Return the counts over all lucks of a scenario."""
    found = [Bound(happened(one), expected(one, futures // 2), expected(one, futures)) for one in parts]
    total = found[0]
    for more in found[1:]:
        total = Bound(*(mine.plus(others) for mine, others in zip(total, more, strict=True)))
    return total


def row(name: str, found: Bound) -> str:
    """Return one line of the table."""
    true, half, full = found.happened, found.half, found.all
    of_half, of_all = half.caused_recall_at(PRECISION), full.caused_recall_at(PRECISION)
    best = true.caused_precision_at(RECALL)
    cells = [
        name,
        f"{true.caused:,}",
        " / ".join(f"{true.caused_recall_at(one):.2f}" for one in (0.5, PRECISION, 0.9)),
        "not reached" if best is None else f"{best:.2f}",
        "{:.2f} / {:.2f}".format(*true.at(CHANCE)),
        f"{true.recall_at(PRECISION):.2f}",
        f"{true.average_precision:.2f}",
        f"{of_half:.3f}",
        f"{of_all:.3f}",
        f"{limit(of_half, of_all):.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def scenario_seen(network: Network, asked: Asked, name: str, replication: int) -> Seen:
    """Play one scenario under one luck."""
    days = network.warm_up_days + asked.days
    unknown = Unknown(network, [load_scenario(name)], Chance(asked.seed, replication), days)
    return seen(network, asked, replication, unknown.compiled.masks, unknown)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="homeware")
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--replications", type=int, default=2)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--futures", type=int, default=16)
    parser.add_argument("--lead", type=float, default=37.25, help="hours before the promise")
    parser.add_argument(
        "--known", type=Source, action="append", default=[], help="luck that is told: " + ", ".join(Source)
    )
    parser.add_argument("--hidden", type=Source, action="append", default=[], help="not told: addresses, schedule")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    if given.futures < 4:
        parser.error("--futures: at least 4, half of them judge each other")
    return given


def main(arguments: Sequence[str]) -> None:
    """Play, count, print."""
    given = parsed(arguments)
    sources = (OMNISCIENT | frozenset(given.hidden)) - frozenset(given.known)
    asked = Asked(given.seed, given.days, round(given.lead * 3600), given.futures, given.jobs, sources)
    network = load_network(given.network)
    usual = [seen(network, asked, number, Masks()) for number in range(given.replications)]
    print("| " + " | ".join(HEADS) + " |")
    print("| --- " * len(HEADS) + "|")
    nothing = Seen({}, {})
    print(row(USUAL, bound([compared(one, nothing, asked.futures) for one in usual], asked.futures)), flush=True)
    for name in given.scenario or SCENARIOS:
        parts = [
            compared(scenario_seen(network, asked, name, number), before, asked.futures)
            for number, before in enumerate(usual)
        ]
        print(row(name, bound(parts, asked.futures)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
