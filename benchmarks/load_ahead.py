"""What the warnings of an overload ahead are worth on the twin (R33): how many came true, how many overloads were said.

Run: ``python -m benchmarks.load_ahead [--scenario S ...] [--seed N] [--days N] [--calm N] [--told] [--list]``.

The reference network runs ``--calm`` days, then ``--days`` with the scenario (``usual`` for none), and a control room
hears its events. A place (line, warehouse, lane, area) is *overloaded* at the end of a local day when more of its work
is left than at the end of usual days, by half of what it does in a day, and the day after cannot clear it: more than
usual (by a tenth of a day) of what lay there when that day began is there at its end. So a truck that arrives at
midnight overloads nobody. Days in a row are one overload. It is *said ahead* when a warning of the place stands at its
beginning, or is raised a day before at the latest for days that touch it; the lead is counted from the raise to the
beginning of its first day. The last two days are not judged, and no warning that names a later day and
is not true yet: nobody knows what became of it. A warning
is *true* when an overload of its place touches the time from its raise to a day after the day it names. It is *asked*
when the place was asked, in that time, for more than 1.3 times the best it did on nine calm days of ten, whether it
then could do it or not: what a place could do at most nobody has told the radar. *Stood idle* is the share of the days
of a place without an overload, and not the day before one, on which a warning stood.
"""

import argparse
import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from radar.events import Event
from radar.instant import DAY_US, Instant, to_instant
from radar.learning.local_days import Floats
from radar.open_index import AREA, LANE, LINE, WAREHOUSE
from radar.orders import NEVER, Order
from radar.outputs import Change, WarningChange, WarningKind
from radar.peaks import Peak
from radar.probing import ProbedRoom
from radar.rules import Rules
from radar.stages import Stage
from scenarios.catalog import load_scenario
from scenarios.network import load_network
from scenarios.rules import load_rules
from twin.chance import Chance
from twin.compile import compile_scenarios
from twin.context import epoch_of
from twin.world import RunPlan, World

SCENARIOS = ("usual", "double-11", "line-failure", "carrier-collapse", "courier-strike", "typhoon")
BEYOND = 0.5
"""Days of a place's usual work that must be left over, more than usual."""
UNJUDGED = 2
"""Days at the end of a run."""
UNCLEARED = 0.1
"""Days of it that the day after must leave."""
LIMIT = 1.3
"""As ``overload_ratio`` of the rules."""
DONE_MIN = 5.0
"""Orders a day below which a place is not judged."""


class Play(msgspec.Struct):
    """One run: what was said of places, and what they did."""

    epoch: Instant
    calm: int
    days: int
    warnings: list[list[WarningChange]]
    left: dict[str, Floats]
    """Place -> work left at the end of each local day."""
    done: dict[str, Floats]
    come: dict[str, Floats]
    """Place -> work that came on each local day."""
    held: dict[str, Floats]
    """Place -> work that lay there when a local day began, and still did at its end."""


def played(scenario: str, seed: int, days: int, calm: int, rules: Rules) -> Play:
    """Return what became of a scenario after calm days."""
    network = load_network("homeware")
    start = network.start - timedelta(days=calm - network.warm_up_days)
    network = network.model_copy(update={"warm_up_days": calm, "start": start})
    found = [] if scenario == "usual" else [load_scenario(scenario)]
    masks = compile_scenarios(found, network, Chance(seed, 0), epoch_of(network), calm + days).masks
    events: list[Event] = []
    World(network, RunPlan(seed=seed, days=calm + days, masks=masks, sink=events.append)).run()
    room, said = ProbedRoom(rules, ()), dict[str, list[WarningChange]]()
    for event in {(one.id, one.source): one for one in sorted(events, key=lambda one: (one.time, one.id))}.values():
        for output in room.observe(event):
            if output.kind is WarningKind.CAPACITY_OVERLOAD:
                said.setdefault(output.warning_id, []).append(output)
    return Play(
        epoch_of(network), calm, days, list(said.values()), *_work(room.book.values(), epoch_of(network), calm + days)
    )


def told_of_sales(rules: Rules) -> Rules:
    """Return the rules of a planner who knows the network's own sales."""
    network = load_network("homeware")
    zone = ZoneInfo(network.zone)

    def midnight(day: date) -> Instant:
        return to_instant(datetime(day.year, day.month, day.day, tzinfo=zone))

    sales = network.demand.peaks
    peaks = tuple(Peak(midnight(one.first), midnight(one.last + timedelta(days=1)), one.factor) for one in sales)
    return msgspec.structs.replace(rules, capacity=msgspec.structs.replace(rules.capacity, peaks=peaks))


def _stays(order: Order) -> Iterator[tuple[str, int, int]]:
    """Yield where an order's work lay, from when to when; 0 for what has not come."""
    reached = order.reached

    def done(stage: Stage) -> int:
        """Return when a milestone was reached; where its report was lost, the first one told after it."""
        return min((at for at in reached[stage:] if at != NEVER), default=NEVER)

    begun = reached[Stage.PRODUCED] if order.line else reached[Stage.ALLOCATED]
    if order.line:
        yield LINE + order.line, reached[Stage.ALLOCATED], done(Stage.PRODUCED)
    if order.warehouse:
        yield WAREHOUSE + order.warehouse, begun, done(Stage.HANDED_OVER)
    if order.lane:
        yield LANE + order.lane, reached[Stage.PACKED], done(Stage.HANDED_OVER)
    out = done(Stage.OUT_FOR_DELIVERY)
    if order.area and (order.arrived_at or out):  # no scan tells of the arrival of a parcel that never left its area
        yield AREA + order.area, order.arrived_at or reached[Stage.HANDED_OVER] or out, done(Stage.DELIVERED)


def _work(orders: Iterable[Order], epoch: Instant, days: int) -> tuple[dict[str, Floats], ...]:
    left, done, come, held = (defaultdict[str, Floats](lambda: np.zeros(days)) for _ in range(4))
    for order in orders:
        if not order.is_open and order.reached[Stage.DELIVERED] == NEVER:
            continue  # cancelled, lost: nobody's work
        for place, begun, ended in _stays(order):
            if begun == NEVER:
                continue
            first = (begun - epoch) // DAY_US
            last = days if ended == NEVER else (ended - epoch) // DAY_US
            left[place][max(first, 0) : last] += 1
            held[place][max(first + 1, 0) : last] += 1
            come[place][min(max(first, 0), days - 1)] += 1
            if ended != NEVER and 0 <= last < days:
                done[place][last] += 1
    return left, done, come, held


# --- the score ----------------------------------------------------------------------------------------------


class Score(msgspec.Struct):
    """Counts of one kind of place."""

    overloads: int = 0
    leads: list[float] = []
    """Days between the raise and the beginning of each overload that was said ahead."""
    warnings: int = 0
    true: int = 0
    asked: int = 0
    days: int = 0
    """Days of all places on which nothing was overloaded ..."""
    idle: int = 0
    """... and those of them on which a warning stood all the same."""

    def cells(self) -> list[str]:
        """Return the columns of the table."""
        lead = f"{np.median(self.leads):.1f} d" if self.leads else "-"
        return [f"{self.overloads}", f"{len(self.leads)}", lead, f"{self.warnings}", f"{self.true}", f"{self.asked}",
                f"{self.idle / max(1, self.days):.2f}"]  # fmt: skip


class Said(msgspec.Struct):
    """One warning, in days of the run."""

    raised: float
    ended: float
    named: float
    """Last day it named."""


def overloads(play: Play) -> dict[str, list[tuple[int, int]]]:
    """Return place -> spans of overloaded days, first and last, once the calm days are over."""
    found: dict[str, list[tuple[int, int]]] = {}
    calm = slice(play.calm // 2, play.calm)
    for place, left in sorted(play.left.items()):
        a_day = float(play.done[place][calm].mean())
        if a_day < DONE_MIN:
            continue
        spans = found.setdefault(place, [])
        held = play.held[place]
        is_over = left - np.median(left[calm]) > BEYOND * a_day
        is_over[:-1] &= (held - np.median(held[calm]))[1:] > UNCLEARED * a_day
        for day in np.flatnonzero(is_over).tolist():
            if not play.calm <= day < play.calm + play.days - UNJUDGED:
                continue
            if spans and day - spans[-1][1] <= 1:
                spans[-1] = (spans[-1][0], day)
            else:
                spans.append((day, day))
    return found


def asked(play: Play, place: str) -> Floats:
    """Return whether a place was asked on each day for more than the limit of what it did on calm days."""
    left, calm = play.left[place], slice(play.calm // 2, play.calm)
    load = play.come[place] + np.concatenate([[0.0], left[:-1]]) - np.median(left[calm])
    result: Floats = load > LIMIT * np.quantile(play.done[place][calm], 0.9)
    return result


def said_of(play: Play) -> dict[str, list[Said]]:
    """Return place -> its warnings."""
    found: dict[str, list[Said]] = {}
    end = play.epoch + (play.calm + play.days) * DAY_US
    for changes in play.warnings:
        facts = [fact for one in changes for why in one.reasons for fact in why.facts if fact.name == "day_at"]
        ended = changes[-1].at if changes[-1].change is Change.RESOLVED else end
        times = (changes[0].at, ended, max(int(fact.value) for fact in facts))
        said = Said(*((at - play.epoch) / DAY_US for at in times))
        found.setdefault(changes[0].entity, []).append(said)
    return found


def score(play: Play) -> dict[str, Score]:
    """Return the counts by kind of place."""
    spans, warned = overloads(play), said_of(play)
    table = {kind: Score() for kind in (LINE, WAREHOUSE, LANE, AREA)}
    end = play.calm + play.days - UNJUDGED
    for place in sorted({*spans, *warned}):
        counts = table[place.partition(":")[0] + ":"]
        for first, _last in spans.get(place, ()):
            counts.overloads += 1
            ahead = [
                one.raised for one in warned.get(place, ()) if one.raised <= first <= max(one.named, one.ended) + 1
            ]
            counts.leads += [first - min(ahead)] if ahead else []
        for day in range(play.calm, end):
            if not any(first - 1 <= day <= last for first, last in spans.get(place, ())):
                counts.days += 1
                counts.idle += any(one.raised <= day < one.ended for one in warned.get(place, ()))
        for one in warned.get(place, ()):
            is_true = any(first <= one.named + 1 and last >= one.raised - 1 for first, last in spans.get(place, ()))
            if one.named < play.calm or (one.named + 1 >= end and not is_true):
                continue
            is_asked = asked(play, place)[max(int(one.raised), 0) : int(one.named) + 2].any()
            counts.warnings += 1
            counts.true += is_true
            counts.asked += bool(is_true or is_asked)
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of docs/prediction.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--calm", type=int, default=35)
    parser.add_argument("--told", action="store_true", help="the rules name the network's own sales")
    parser.add_argument("--list", action="store_true", help="every overload and every warning")
    given = parser.parse_args(arguments)
    gc.disable()
    rules = told_of_sales(load_rules()) if given.told else load_rules()
    print("| scenario | places | overloads | said ahead | lead, median | warnings | true | asked | stood idle |")
    print("| --- " * 9 + "|")
    for scenario in given.scenario or SCENARIOS:
        play = played(scenario, given.seed, given.days, given.calm, rules)
        for kind, counts in score(play).items():
            print("| " + " | ".join([scenario, f"{kind[:-1]}s", *counts.cells()]) + " |", flush=True)
        if given.list:
            warned = said_of(play)
            for place, spans in overloads(play).items():
                said = [f"{one.raised:.1f}-{one.ended:.1f} for {one.named:.1f}" for one in warned.get(place, ())]
                print(f"   {place}: overloaded {spans}, said {said}")


if __name__ == "__main__":
    main()
