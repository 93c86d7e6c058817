"""What the wider warnings are worth on the twin: stock-outs, bad lots, hot spots, and false alarms on usual days.

`python -m benchmarks.wider [--days N] [--seeds N] [SCENARIO ...]`. Without a scenario: the usual run, for the rate of
false alarms. They hang on the orders as folded and on nothing that is learned of lateness, so an ear that folds orders
and knows the wider machines hears what a whole control room says (`--room`), in a sixth of the time.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radar.events import Event
from radar.events.world import CustomerComplaint
from radar.fold import FOLDS
from radar.instant import DAY_US, SECOND_US, Instant
from radar.orders import Order
from radar.outputs import Change, Output, WarningKind
from radar.room import ControlRoom
from radar.stages import OrderPhase
from radar.wider import Wider
from radar.wording import say
from scenarios.catalog import load_scenario
from scenarios.network import load_network
from scenarios.rules import load_rules
from twin.chance import Chance
from twin.compile import compile_scenarios
from twin.context import DAY_S, epoch_of
from twin.kernel import Call, Tie
from twin.masks import Masks
from twin.world import RunPlan, World

HOUR_S = 3600
KINDS = (WarningKind.STOCK_OUT_AHEAD, WarningKind.QUALITY_CLUSTER, WarningKind.COMPLAINT_HOT_SPOT)


@dataclass(frozen=True)
class Run:
    """One replication: what was said, and what was true."""

    said: list[Output]
    epoch: Instant
    empty: dict[str, list[tuple[int, int]]]
    """Shelf -> spans (s) during which nothing was free on it."""
    masks: Masks
    complaints: list[tuple[int, str]]
    """Second and area of every complaint."""

    def day(self, at: int) -> float:
        """Return an instant as days of the run."""
        return (at - self.epoch) / DAY_US


class Ear:
    """The wider machines over folded orders, as a control room drives them, without its predictions."""

    def __init__(self) -> None:
        rules = load_rules()
        self.said: list[Output] = []
        self._epoch_us = rules.learn_epoch_us
        self._next_at = 0
        self._clock = Instant(0)
        self._orders: dict[str, Order] = {}
        self._wider = Wider(rules)
        self._wider.follow(self._orders, lambda: self._clock)

    def hear(self, event: Event) -> None:
        """Take in an event; to be called in order of time."""
        while 0 < self._next_at < event.time:
            self.said.extend(self._wider.roll(Instant(self._next_at)))
            self._next_at += self._epoch_us
        self._next_at = self._next_at or (event.time // self._epoch_us + 1) * self._epoch_us
        self._clock = event.time
        if type(event.data) in self._wider.kinds:
            self.said.extend(self._wider.observe(event))
            self._wider.take_news()
        fold = FOLDS.get(type(event.data))
        if fold is not None:
            order = self._orders.setdefault(event.subject, Order(event.subject))
            was_open = order.is_open
            fold(order, event.data, event.time)
            if was_open and order.phase is OrderPhase.DELIVERED and self._wider.complaints.is_awake:
                self._wider.complaints.delivered(order)


def play(scenarios: Sequence[str], days: int, seed: int, *, is_heard: bool = True, is_room: bool = False) -> Run:
    """Play the reference network and listen."""
    network = load_network("homeware")
    masks = compile_scenarios(
        [load_scenario(name) for name in scenarios], network, Chance(seed, 0), epoch_of(network), days
    ).masks
    events: list[Event] = []
    room = ControlRoom(load_rules()) if is_room and is_heard else None
    world = World(network, RunPlan(seed=seed, days=days, masks=masks, room=room, sink=events.append))
    epoch = world.context.epoch
    samples = _watch_shelves(world)
    world.run()
    complaints = [
        ((event.time - epoch) // SECOND_US, event.data.area)
        for event in events
        if isinstance(event.data, CustomerComplaint)
    ]
    ear = Ear()
    if world.room_desk is not None:
        ear.said = [output for _known_s, output in world.room_desk.said if output.kind in KINDS]
    elif is_heard:
        for event in {(one.id, one.source): one for one in sorted(events, key=lambda one: (one.time, one.id))}.values():
            ear.hear(event)
    return Run(ear.said, epoch, {key: _spans(one) for key, one in samples.items()}, masks, complaints)


def sore_days(run: Run, usual: Run) -> dict[str, list[tuple[int, int, int]]]:
    """Return area -> (day, complaints, those of the same luck without the scenario) where they were trebled."""
    counts, before = (Counter((area, at_s // DAY_S) for at_s, area in one.complaints) for one in (run, usual))
    found: dict[str, list[tuple[int, int, int]]] = {}
    for (area, day), count in sorted(counts.items()):
        if count >= max(6, 3 * before[area, day]):
            found.setdefault(area, []).append((day, count, before[area, day]))
    return found


def _watch_shelves(world: World) -> dict[str, list[bool]]:
    """Return, filled while the world runs, whether each shelf was empty at each full hour."""
    shelves = list(world.stock.shelves.values())
    if world.production is not None:
        shelves += world.production.materials.shelves.values()
    samples: dict[str, list[bool]] = {f"{shelf.item}@{shelf.place}": [] for shelf in shelves}

    def look(_call: Call) -> None:
        for shelf in shelves:
            samples[f"{shelf.item}@{shelf.place}"].append(shelf.on_hand <= shelf.backlog)
        world.context.call(world.env.now + HOUR_S, Tie.REPORT, look)

    world.context.call(HOUR_S, Tie.REPORT, look)
    return samples


def _spans(empty: list[bool], least_h: int = 12) -> list[tuple[int, int]]:
    """Return the spans of at least ``least_h`` hours, those less than a day apart as one."""
    spans: list[tuple[int, int]] = []
    for hour, is_empty in enumerate(empty, 1):
        if is_empty and spans and hour - spans[-1][1] // HOUR_S <= 24:
            spans[-1] = (spans[-1][0], hour * HOUR_S)
        elif is_empty:
            spans.append((hour * HOUR_S, hour * HOUR_S))
    return [span for span in spans if span[1] - span[0] >= least_h * HOUR_S]


def warned_spans(run: Run, kind: WarningKind) -> dict[str, list[tuple[float, float, Output]]]:
    """Return entity -> (raised, ended) in days, with the raise."""
    found: dict[str, list[tuple[float, float, Output]]] = {}
    for output in run.said:
        if output.kind is kind and output.change is Change.RAISED:
            found.setdefault(output.entity, []).append((run.day(output.at), 1e9, output))
        elif output.kind is kind and output.change is Change.RESOLVED:
            start, _end, raised = found[output.entity][-1]
            found[output.entity][-1] = (start, run.day(output.at), raised)
    return found


def judge_stock(run: Run, warm_up: float) -> Iterator[tuple[str, str]]:
    """Yield (what, detail) of every stock-out and of every warning that none followed."""
    warned = warned_spans(run, WarningKind.STOCK_OUT_AHEAD)
    for key, spans in sorted(run.empty.items()):
        known = warned.get(f"shelf:{key}", [])
        for start_s, end_s in spans:
            day = start_s / DAY_S
            if day < warm_up or end_s - start_s < DAY_S:
                continue
            ahead = [one for one in known if one[0] < end_s / DAY_S and one[1] > day - 0.5]
            lead = f"{day - ahead[0][0]:.1f} d ahead" if ahead else ""
            what = "missed" if not ahead else "in time" if ahead[0][0] <= day - 1 else "late"
            yield what, f"{key} empty day {day:.1f}-{end_s / DAY_S:.1f} {lead}"
        for start, end, raised in known:
            is_followed = any(a / DAY_S < end + 1 and b / DAY_S > start for a, b in spans)
            if not is_followed and end > 1e6:
                yield "open at the end", key
            elif not is_followed:
                yield "not followed", f"{key} day {start:.1f}-{min(end, 999):.1f}: {say(raised.reasons[0])}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--room", action="store_true")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(options.first, options.first + options.seeds):
        run = play(options.scenarios, options.days, seed, is_room=options.room)
        print(f"== {' + '.join(options.scenarios) or 'usual'}, seed {seed}, {options.days} days")
        for lot in run.masks.qualities:
            print(f"   true: {lot.line} makes waste day {lot.start_s / DAY_S:.2f}-{lot.end_s / DAY_S:.2f}")
        for stop in run.masks.supplies:
            print(f"   true: {stop.supplier} day {stop.start_s / DAY_S:.2f}-{stop.end_s / DAY_S:.2f}")
        if options.scenarios:
            for area, days in sore_days(run, play((), options.days, seed, is_heard=False)).items():
                told = ", ".join(f"day {day} {count} ({before})" for day, count, before in days)
                print(f"   true: complaints trebled in {area}: {told}")
        for what, detail in judge_stock(run, 7):
            counts[f"stock-out {what}"] += 1
            print(f"   stock {what}: {detail}")
        for kind in KINDS[1:]:
            for entity, spans in warned_spans(run, kind).items():
                for start, end, raised in spans:
                    counts[kind] += 1
                    print(f"   {kind} {entity} day {start:.2f}-{min(end, 999):.2f}: {say(raised.reasons[0])}")
    print("sum: " + ", ".join(f"{what} {count}" for what, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
