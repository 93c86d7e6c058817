"""Scenario + network + chance -> masks: when each disruption happens in this replication, and what it does then.

Theory of operation. Every disruption has its own table of luck, ``disruption/<id>``, with one row for each onset; a
row is read whole whatever the scenario says, so changing one figure moves no other draw, and every arm of an
experiment meets the same disruptions. An onset becomes a window: it grows over ``ramp``, holds for ``duration``, and
goes over ``recovery``; growth and recovery are stairs. A window that does not happen, or lies
behind the end of the run, leaves no trace: no masks is the baseline, bit for bit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, auto

import msgspec

from radar.instant import SECOND_US, Instant
from scenarios.catalog import Scenario
from scenarios.disruptions import After, Disruption, Edge, Kind, Part
from scenarios.network import Network
from scenarios.selectors import SelectorError, resolve
from scenarios.yaml_text import Where
from twin.chance import Chance
from twin.effect_masks import Window, effect_masks
from twin.masks import Masks
from twin.signals import Span, check_signal, signals_of


class _Draw(IntEnum):
    HAPPENS = 0
    ONSET = auto()
    DURATION = auto()
    SEVERITY = auto()
    DELAY = auto()
    HEARD = auto()


class Compiled(msgspec.Struct, frozen=True):
    """What scenarios come to in one replication."""

    masks: Masks = Masks()
    windows: tuple[Window, ...] = ()


@dataclass(slots=True)
class _Frame:
    """One scenario file on its way through the compiler."""

    scenario: Scenario
    prefix: str
    origin_s: int
    severity: float
    happens: bool
    windows: dict[str, list[Window]] = field(default_factory=dict)
    """By id within this file, ``part.id`` for those of parts."""


class Compiler:
    """Compiles scenarios against one network for one replication."""

    def __init__(self, network: Network, chance: Chance, epoch: Instant, days: int) -> None:
        self._network = network
        self._chance = chance
        self._epoch = epoch
        self._first_s = min(network.warm_up_days, days - 1) * 86_400
        self._end_s = days * 86_400
        self._masks: list[Masks] = []
        self._windows: list[Window] = []

    def compile(self, scenarios: Sequence[Scenario]) -> Compiled:
        """Return the masks and windows of some scenarios that happen together.

        Raises:
            ScenarioError: A target matches nothing in the network.
        """
        names = [scenario.name for scenario in scenarios]
        for index, scenario in enumerate(scenarios):
            before = names[:index].count(scenario.name)
            prefix = f"{scenario.name}-{before + 1}" if before else scenario.name
            self._file(_Frame(scenario, prefix, self._first_s, 1.0, happens=True))
        masks = Masks()
        for more in self._masks:
            masks = masks.plus(more)
        return Compiled(masks, tuple(sorted(self._windows, key=lambda window: (window.start_s, window.id))))

    def _file(self, frame: _Frame) -> None:
        """Compile one file: its parts and disruptions, each after what it waits for."""
        file = frame.scenario.file
        waiting: list[tuple[Where, Part | Disruption, Scenario | None]] = [
            *((("parts", i), part, frame.scenario.parts[i]) for i, part in enumerate(file.parts)),
            *((("disruptions", i), one, None) for i, one in enumerate(file.disruptions)),
        ]
        while waiting:
            ready = [entry for entry in waiting if self._is_ready(frame, entry[1].after)]
            assert ready, "the loader refuses circles"
            for entry in ready:
                where, what, inner = entry
                waiting.remove(entry)
                if isinstance(what, Part):
                    assert inner is not None, "a part is a scenario"
                    self._part(frame, what, inner)
                else:
                    self._disruption(frame, what, where)

    def _is_ready(self, frame: _Frame, after: After | None) -> bool:
        return after is None or after.id in frame.windows

    def _part(self, frame: _Frame, part: Part, scenario: Scenario) -> None:
        prefix = f"{frame.prefix}.{part.name}"
        luck = self._chance.luck(f"disruption/{prefix}", len(_Draw)).row(0)
        happens = frame.happens and luck[_Draw.HAPPENS] < part.probability
        origin_s = frame.origin_s
        if part.after is not None:
            before = frame.windows[part.after.id]
            happens = happens and bool(before)
            origin_s = _edge_s(part.after, before[0], luck) if before else origin_s
        severity = frame.severity * part.severity.at(luck[_Draw.SEVERITY])
        inner = _Frame(scenario, prefix, origin_s + part.shift // SECOND_US, severity, happens)
        self._file(inner)
        frame.windows |= {f"{part.name}.{name}": windows for name, windows in inner.windows.items()}

    def _disruption(self, frame: _Frame, one: Disruption, where: Where) -> None:
        targets = self._targets(frame, one, where)
        cause = f"{frame.prefix}.{one.id}"
        table = self._chance.luck(f"disruption/{cause}", len(_Draw))
        found = []
        for number, (start_s, is_live) in enumerate(self._onsets(frame, one, cause)):
            luck = table.row(number)
            if not (frame.happens and is_live and luck[_Draw.HAPPENS] < one.probability):
                continue
            window = _window(one, cause, start_s, frame.severity, luck)
            found.append(window)
            if window.start_s < self._end_s:
                self._windows.append(window)
                self._masks.append(effect_masks(self._network, one, targets, window))
                self._say(one, targets, window, luck)
        frame.windows[one.id] = found

    def _onsets(self, frame: _Frame, one: Disruption, cause: str) -> Iterator[tuple[int, bool]]:
        """Yield every onset and whether what it hangs on happened."""
        table = self._chance.luck(f"disruption/{cause}", len(_Draw))
        if one.after is not None:
            for number, before in enumerate(frame.windows[one.after.id]):
                yield _edge_s(one.after, before, table.row(number)), True
            return
        assert one.at is not None, "the loader wants an onset"
        start_s = frame.origin_s + one.at.at(table.row(0)[_Draw.ONSET]) // SECOND_US
        yield start_s, True
        if one.repeat is not None:
            for number in range(1, one.repeat.times):
                start_s += max(1, one.repeat.every.at(table.row(number)[_Draw.ONSET]) // SECOND_US)
                yield start_s, True

    def _targets(self, frame: _Frame, one: Disruption, where: Where) -> tuple[str, ...]:
        field = "target"
        try:
            # Of a false alarm the notice says what the targets are.
            targets = one.target if one.kind is Kind.SIGNAL else resolve(self._network, one.kind, one.target)
            field = "signal"
            check_signal(self._network, one, targets)
        except SelectorError as error:
            raise frame.scenario.wrong((*where, field), error.problem, error.allowed) from error
        return targets

    def _say(self, one: Disruption, targets: tuple[str, ...], window: Window, luck: Sequence[float]) -> None:
        if one.signal is None or luck[_Draw.HEARD] >= one.signal.hit_share:
            return
        typical_s = 0 if one.duration is None else one.duration.typical // SECOND_US
        span = Span(window.start_s, window.start_s + typical_s, window.ease_s)
        said = signals_of(self._network, one, targets, span, self._epoch)
        self._masks.append(Masks(signals=said))


def compile_scenarios(
    scenarios: Sequence[Scenario], network: Network, chance: Chance, epoch: Instant, days: int
) -> Compiled:
    """Return what scenarios do to a network in one replication.

    Raises:
        ScenarioError: A target matches nothing in the network.
    """
    return Compiler(network, chance, epoch, days).compile(scenarios)


def _edge_s(after: After, before: Window, luck: Sequence[float]) -> int:
    base_s = before.start_s if after.edge is Edge.START else before.end_s
    return base_s if after.delay is None else base_s + after.delay.at(luck[_Draw.DELAY]) // SECOND_US


def _window(one: Disruption, cause: str, start_s: int, severity: float, luck: Sequence[float]) -> Window:
    duration_s = 0 if one.duration is None else one.duration.at(luck[_Draw.DURATION]) // SECOND_US
    ease_s = start_s + duration_s
    full_s = min(start_s + one.ramp // SECOND_US, ease_s)
    end_s = ease_s + one.recovery.linear // SECOND_US
    severity *= one.severity.at(luck[_Draw.SEVERITY])
    effect = getattr(one, "effect", None)
    cost = 0.0 if effect is None else effect.cost * severity
    return Window(cause, start_s, full_s, ease_s, end_s, severity, cost)
