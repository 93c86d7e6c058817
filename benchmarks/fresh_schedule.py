"""A scenario of which only the beginning is known: the rest of its course drawn anew, in a world under way.

What has begun, or has been announced, keeps its place in time; what has begun keeps its severity too, and what is over
its end. All else - how long it lasts, how hard it will be, what follows, what has not shown itself - comes from the
scenario file with other luck, again and again until it agrees with what has happened so far.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from radar.instant import SECOND_US
from scenarios.catalog import Scenario
from scenarios.network import Network
from twin.chance import Chance, Luck, spread
from twin.compile import Compiled, _Draw, compile_scenarios
from twin.context import epoch_of, seconds
from twin.effect_masks import Window
from twin.kernel import Call, Tie
from twin.masks import Masks
from twin.pace import NEVER_S
from twin.pool import Pool
from twin.regime import Regime, capacity_pace, for_target
from twin.transport import Lane
from twin.world import World

TRIES_MAX = 400
"""After as many courses that disagree with the past the true one is taken: the forecaster then knows more."""
PREFIX = "disruption/"


class Trip(NamedTuple):
    """A truck's departure."""

    departs_s: int
    work_s: int


class Mixed(Luck):
    """A table of luck of which some draws stand and the others are fresh."""

    __slots__ = ("_cause", "_course", "_true")

    def __init__(self, true: Luck, fresh: Luck, course: "Course", cause: str) -> None:
        super().__init__(fresh._generator, fresh._width)
        self._true, self._course, self._cause = true, course, cause

    def row(self, index: int) -> list[float]:
        """Return the draws of one onset."""
        true, fresh = self._true.row(index), super().row(index)
        known = self._course.known(self._cause, index)
        if not known.is_heard:
            return fresh
        mixed = list(true)
        if not known.is_over:
            mixed[_Draw.DURATION] = fresh[_Draw.DURATION]
        if not known.is_begun:
            mixed[_Draw.SEVERITY] = fresh[_Draw.SEVERITY]
        return mixed


class Known(NamedTuple):
    """What is known of an onset."""

    is_heard: bool
    is_begun: bool
    is_over: bool


class Course:
    """How a scenario has gone up to an instant."""

    def __init__(self, compiled: Compiled, scenarios: Sequence[Scenario], at_s: int) -> None:
        self.at_s = at_s
        self.compiled = compiled
        self._ahead_s = {
            f"{path}.{one.id}": 0 if one.signal is None else (one.signal.ahead or 0) // SECOND_US
            for scenario in scenarios
            for path, inner in _files(scenario, scenario.name)
            for one in inner.file.disruptions
        }
        self.past = self.of(compiled)

    def of(self, compiled: Compiled) -> list[tuple[str, int, int]]:
        """Return what somebody at the instant knows of a course: what, from when, and until when if that is over."""
        return [
            (window.id, window.start_s, min(window.ease_s, self.at_s))
            for window in compiled.windows
            if self._is_heard(window)
        ]

    def known(self, cause: str, index: int) -> Known:
        """Return what is known of an onset of a disruption; of a part, what is known of anything in it."""
        windows = self.compiled.windows
        found = [one for one in windows if one.id == cause][index : index + 1]
        is_part = cause not in self._ahead_s
        if is_part:
            found = [one for one in windows if one.id.startswith(f"{cause}.")]
        return Known(
            any(self._is_heard(one) for one in found),
            any(one.start_s <= self.at_s for one in found),
            any(one.ease_s <= self.at_s for one in found) and not is_part,
        )

    def _is_heard(self, window: Window) -> bool:
        return window.start_s - self._ahead_s[window.id] <= self.at_s


def _files(scenario: Scenario, path: str) -> list[tuple[str, Scenario]]:
    """Return a scenario and the scenarios it consists of, with their dotted paths."""
    found = [(path, scenario)]
    for part, inner in zip(scenario.file.parts, scenario.parts, strict=True):
        found += _files(inner, f"{path}.{part.name}")
    return found


class _Again(Chance):
    """The luck of a scenario, drawn anew where nothing is known yet."""

    def __init__(self, true: Chance, fresh: Chance, course: Course) -> None:
        super().__init__(true.seed, true.replication)
        self._fresh, self._course = fresh, course

    def luck(self, name: str, width: int = 1) -> Luck:
        """Return the table of the named source."""
        return Mixed(super().luck(name, width), self._fresh.luck(name, width), self._course, name.removeprefix(PREFIX))


class Unknown:
    """A scenario that the forecaster does not know the course of."""

    def __init__(self, network: Network, scenarios: Sequence[Scenario], chance: Chance, days: int) -> None:
        self._network, self._scenarios, self._chance, self._days = network, scenarios, chance, days
        self.compiled = self._compile(chance)

    def redrawn(self, at_s: int, chance: Chance) -> Masks:
        """Return what a scenario may come to, known up to ``at_s``."""
        course = Course(self.compiled, self._scenarios, at_s)
        if all(window.ease_s <= at_s for window in self.compiled.windows):
            return self.compiled.masks
        for number in range(TRIES_MAX):
            fresh = Chance(chance.seed, chance.replication * TRIES_MAX + number)
            found = self._compile(_Again(self._chance, fresh, course))
            if course.of(found) == course.past:
                return found.masks
        return self.compiled.masks

    def _compile(self, chance: Chance) -> Compiled:
        return compile_scenarios(self._scenarios, self._network, chance, epoch_of(self._network), self._days)


# --- in a world ---------------------------------------------------------------------------------------------


def put(world: World, masks: Masks) -> None:
    """Give a world that stands between two events another course of its scenario; both agree on the past."""
    context, before = world.context, world.plan.masks
    trips = {name: _trips(lane, world.env.now) for name, lane in world.transport.lanes.items()}
    usual = replace(
        context.masks,
        **{name: _without(getattr(context.masks, name), getattr(before, name)) for name in Masks.__struct_fields__},
    )
    context.masks = usual.plus(masks)
    for lane in world.transport.lanes.values():
        _change(world, lane.regime, f"lane:{lane.rule.name}")
        lane.share = capacity_pace(context.masks.capacities, f"lane:{lane.rule.name}")
    _drive_on(world, trips)
    for name, station in world.last_mile.by_name.items():
        _change(world, station.regime, f"zone:{name}")
        station.share = capacity_pace(context.masks.capacities, f"zone:{name}")
    for target, pool in _pools(world):
        _change(world, pool.regime, target)
        pool.change_base(pool.regime.base)
        _drop(world, pool._capacity_changed)
        capacity = capacity_pace(context.masks.capacities, target)
        if capacity is not None:
            pool._follow(capacity)
    _drop(world, world.stock._destroyed)
    for loss in context.masks.losses:
        if loss.at_s >= world.env.now:
            context.call(loss.at_s, Tie.WORLD, world.stock._destroyed, loss)


def _trips(lane: Lane, now_s: int) -> dict[int, Trip]:
    """Return the departures of a lane that have not arrived, by their arrival; their luck is read again."""
    found: dict[int, Trip] = {}
    departs_s = lane.clock.after(lane.cut_off_s)
    for number in range(lane.departures):
        work_s = max(1, round(seconds(lane.rule.transit) * spread(lane.rule.sigma, lane.luck.one(number))))
        arrives_s = lane.regime.finish(departs_s, work_s)
        if arrives_s >= now_s:
            found[arrives_s] = Trip(departs_s, work_s)
        departs_s = lane.clock.after(departs_s)
    return found


def _drive_on(world: World, trips: dict[str, dict[int, Trip]]) -> None:
    """Let the trucks under way arrive as the new course of the scenario has it."""
    arrive = world.transport._arrive
    for at_s, _tie, _number, event in sorted(world.env._queue, key=lambda entry: entry[:3]):
        if not isinstance(event, Call) or event.callbacks != [arrive]:
            continue
        lane, _load = event.item
        trip = trips[lane.rule.name][int(at_s)]
        arrives_s = lane.regime.finish(trip.departs_s, trip.work_s)
        if arrives_s != at_s:
            event.callbacks = [_nothing]
            if world.env.now <= arrives_s < NEVER_S:
                world.context.call(arrives_s, Tie.ARRIVE, arrive, event.item)


def _nothing(_call: Call) -> None:
    """Arrive no more: the truck comes at another time."""


def _without(both: tuple[object, ...], last: tuple[object, ...]) -> tuple[object, ...]:
    return both[: len(both) - len(last)]


def _change(world: World, regime: Regime, target: str) -> None:
    regime._masks = for_target(world.context.masks.speeds, target)
    regime.change_base(regime.base)


def _pools(world: World) -> "list[tuple[str, Pool[object]]]":
    """Return every pool under the name its masks have."""
    found: list[tuple[str, object]] = [("pool:desk", world.desk.people)] if world.desk.people is not None else []
    for house in world.warehouses.values():
        found += [(f"pool:{house.name}.pick", house.pick), (f"pool:{house.name}.pack", house.pack)]
    found += [(f"pool:{name}.sort", pool) for name, pool in world.transport.hubs.items()]
    if world.production is not None:
        found += [(f"line:{name}", pool) for name, pool in world.production.lines.items()]
    return found  # type: ignore[return-value]  # a pool does not look at what it holds


def _drop(world: World, function: object) -> None:
    """Take the calls of a function out of the kernel's queue."""
    queue = world.env._queue
    queue[:] = sorted(entry for entry in queue if not (isinstance(entry[3], Call) and entry[3].callbacks == [function]))
