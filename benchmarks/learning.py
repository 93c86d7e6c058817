"""What learning and scoring take of the whole dataflow: decode, reorder, control room, outputs, store.

Run: ``python -m benchmarks.learning [--mix maker|marketplace|network ...] [--engine plain|bytewax ...] [--repeats N]``,
or ``--growth`` for what it takes in each week of a maker's history, by clocks around the room alone. Every stream is a
file of JSON lines that an engine carries into a new SQLite store, a commit every second of CPU: the plain one, or
Bytewax, as ``radar run`` does unless told otherwise; several take turns. Said twice: by the
difference to a room that learns nothing and fears nothing, conditions included, and by clocks around all that the room
asks of learning and scoring. The difference holds the store's part of it too, and the warnings that only it raises.
"""

import argparse
import gc
import platform
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import core, predictor
from benchmarks.flow import simulated
from radar.events import Event
from radar.instant import HOUR_US
from radar.intake import Intake
from radar.orders import Order
from radar.outputs import Row
from radar.room import ControlRoom
from radar.rules import Rules
from scenarios.rules import load_rules
from streams.codec import encode
from streams.committer import Committer
from streams.dataflow import run_bytewax
from streams.memory import settle_memory
from streams.pace import Pace
from streams.plain import run_plain
from streams.running import Runner
from streams.sources import FilesSource
from streams.specs import parse_spec
from streams.steps import DecodeStep, RoomStep
from streams.store import open_store

Spent = Counter[str]
PARTS = (
    "steps of the flow",
    "epochs of the daily models",
    "notes of what orders did",
    "predictions, with what conditions add",
    "whether a new one is needed",
    "thresholds",
    "reasons",
    "rows for the store",
)


def network() -> list[Event]:
    """Return 21 days of the reference network with a typhoon in the last week, as its systems report them."""
    taken_in, _ = simulated("typhoon", seed=6, days=7, calm=14)
    return [event for _, event in taken_in]


MIXES: dict[str, Callable[[], list[Event]]] = {
    "maker": lambda: core.history(core.ORDERS),
    "marketplace": predictor.invented,
    "network": network,
}


def quiet_room(rules: Rules) -> ControlRoom:
    """Return a room that never learns, and scores nothing: neither by itself nor because of conditions."""
    room = core.room_of(rules, is_quiet=True)
    forecast = room._forecast

    def predict(order: Order, *_: object) -> float:
        order.felt_us, forecast.is_risen = 0, False
        return 0.0

    setattr(forecast, "predict", predict)  # noqa: B010 - of this room alone
    setattr(forecast, "is_shifted", lambda *_: False)  # noqa: B010
    return room


ENGINES: dict[str, Runner] = {"plain": run_plain, "bytewax": run_bytewax}


class Clocks:
    """Clocks around methods that do not call one another."""

    def __init__(self) -> None:
        self.spent_ns: Spent = Counter()
        self.calls: Spent = Counter()

    def put(self, owner: object, method: str, part: str) -> None:
        """Put a clock around a method of one object."""
        work, spent_ns, calls, now = getattr(owner, method), self.spent_ns, self.calls, time.process_time_ns

        def timed(*told: object, **named: object) -> object:
            begin = now()
            found = work(*told, **named)
            spent_ns[part] += now() - begin
            calls[part] += 1
            return found

        setattr(owner, method, timed)

    def us(self, part: str) -> float:
        """Return the microseconds of a part, without the clocks' own."""
        return max(0.0, self.spent_ns[part] - self.calls[part] * predictor.clock_cost_ns()) / 1000


def clocked(room: ControlRoom) -> Clocks:
    """Put clocks around everything that learning and scoring consist of."""
    clocks, learner, forecast, policy = Clocks(), room._learner, room._forecast, room._watch.policy
    steps, epochs, notes, asked, moved, thresholds, reasons, rows = PARTS
    clocks.put(learner, "_step", steps)
    clocks.put(learner, "advance", epochs)
    for method in ("placed", "reached", "heard", "resolved"):
        clocks.put(learner, method, notes)
    clocks.put(forecast, "predict", asked)
    clocks.put(forecast, "is_shifted", moved)
    for method in ("decide", "passed"):
        clocks.put(policy, method, thresholds)
    for method in ("explain", "spread"):
        clocks.put(forecast, method, reasons)
    for machine in (learner, policy):
        clocks.put(machine, "take_dirty", rows)
    return clocks


def parts_of(clocks: Clocks) -> dict[str, float]:
    """Return microseconds by part; a step is held inside of ``advance``, whose other work are the epochs."""
    found = {part: clocks.us(part) for part in PARTS}
    found[PARTS[1]] = max(0.0, found[PARTS[1]] - clocks.spent_ns[PARTS[0]] / 1000)
    return found


def carry(events: Path, runner: Runner, room: ControlRoom, store_path: Path) -> float:
    """Carry a file through the whole flow into a new store; return the microseconds of CPU."""
    source = FilesSource([parse_spec(str(events))], {}, Pace(epoch_s=1.0, monotonic=time.process_time))
    step, decode = RoomStep(Intake(room, (), HOUR_US), source.streams), DecodeStep(source.zones)
    store = open_store(f"sqlite:///{store_path}")
    committer = Committer(store.writer("files"))
    settle_memory()
    begin = time.process_time_ns()
    runner(source, decode, step, committer)
    took = time.process_time_ns() - begin
    committer.close()
    store.close()
    gc.unfreeze()
    return took / 1000


class Measured:
    """The cheapest of several runs of a stream by an engine, quiet and with the product's predictor, in turns."""

    def __init__(self, rules: Rules, events: Path, runner: Runner) -> None:
        self.whole_us = self.quiet_us = float("inf")
        self.parts_us: dict[str, float] = {}
        self.rows_bytes = 0
        self._rules, self._carry = rules, partial(carry, events, runner)

    def turn(self, folder: Path) -> None:
        """Carry the stream three times: quiet, as the product does, and with clocks."""
        carry_one = self._carry
        self.quiet_us = min(self.quiet_us, carry_one(quiet_room(self._rules), folder / "quiet"))
        self.whole_us = min(self.whole_us, carry_one(ControlRoom(self._rules), folder / "whole"))
        room = ControlRoom(self._rules)
        clocks, self.rows_bytes = clocked(room), 0
        self._count_rows(room)
        carry_one(room, folder / "clocks")
        parts = parts_of(clocks)
        if not self.parts_us or sum(parts.values()) < sum(self.parts_us.values()):
            self.parts_us = parts

    def _count_rows(self, room: ControlRoom) -> None:
        take = room._learner.take_dirty

        def taken() -> list[Row]:
            rows = take()
            self.rows_bytes += sum(len(getattr(row, "state", b"")) for row in rows)
            return rows

        room._learner.take_dirty = taken  # type: ignore[method-assign]


def show_growth() -> None:
    """Print what learning and scoring take in each week of three, of a maker with as many orders every day."""
    events = core.history(3 * core.ORDERS)
    room = ControlRoom(load_rules())
    clocks, count = clocked(room), len(events) // 3
    settle_memory()
    for week in range(3):
        clocks.spent_ns.clear()
        clocks.calls.clear()
        core.observe_all(room, events[week * count : (week + 1) * count])
        us = sum(parts_of(clocks).values()) / count
        print(f"week {week + 1} of three: {us:.2f} us an event, {len(room.orders):,} orders in memory", flush=True)


def show(name: str, count: int, found: Measured) -> None:
    """Print what one stream tells."""
    whole, quiet, clocks = found.whole_us / count, found.quiet_us / count, sum(found.parts_us.values()) / count
    print(
        f"\n{name}: {count:,} events; CPU an event; rows of the learner {found.rows_bytes / count:.0f} bytes an event"
    )
    print(f"  {'the whole dataflow':40} {whole:7.2f} us")
    print(f"  {'with nothing learned or scored':40} {quiet:7.2f} us")
    print(f"  {'learning and scoring, by difference':40} {whole - quiet:7.2f} us {(whole - quiet) / whole:6.1%}")
    print(f"  {'learning and scoring, by clocks':40} {clocks:7.2f} us {clocks / whole:6.1%}")
    for part, us in found.parts_us.items():
        print(f"    {part:38} {us / count:7.2f} us {us / count / whole:6.1%}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the shares of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mix", action="append", choices=list(MIXES), default=[])
    parser.add_argument("--engine", action="append", choices=list(ENGINES), default=[])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    given = parser.parse_args(arguments)
    if given.growth:
        show_growth()
        return
    engines = given.engine or ["plain"]
    print(f"SQLite; best of {given.repeats} of process time; Python {platform.python_version()}")
    rules = load_rules()
    for name in given.mix or MIXES:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "events.jsonl"
            events = MIXES[name]()
            path.write_bytes(b"".join(encode(event) + b"\n" for event in events))
            count = len(events)
            del events
            found = {engine: Measured(rules, path, ENGINES[engine]) for engine in engines}
            for number in range(given.repeats):
                for engine, measured in found.items():
                    place = Path(folder) / f"{engine}{number}"
                    place.mkdir()
                    measured.turn(place)
        for engine, measured in found.items():
            show(f"{name}, {engine}", count, measured)


if __name__ == "__main__":
    main()
