"""A scenario file: disruptions of a network, or other scenarios combined (R42, DESIGN 6).

Targets are selectors, resolved against a network when the scenario is compiled (``scenarios/selectors.py``), so one
file serves every network that has such parts. Instants count from the first day whose figures count, that is after
the network's warm-up.
"""

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from scenarios.effects import (
    DemandEffect,
    InformationEffect,
    InService,
    InTransit,
    LaneEffect,
    LineEffect,
    PoolEffect,
    SignalModel,
    SiteEffect,
    SupplierEffect,
    ZoneEffect,
)
from scenarios.loader import Declared
from scenarios.scalars import Duration, Named, Ratio, Whole, refused, shown
from scenarios.spreads import FactorLike, FactorSpread, TimeLike

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?", re.ASCII)
FORMAT_VERSION = 1


def _plain_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise refused(f"{shown(text)} is no id", "allowed: a-z, 0-9 and - between, 50 characters at most")
    return text


Id = Annotated[Named, AfterValidator(_plain_id)]


def _dotted_id(text: str) -> str:
    if not all(_ID.fullmatch(step) for step in text.split(".")):
        raise refused(f"{shown(text)} is no id", "allowed: an id of this file, or part.id of a scenario taken in")
    return text


DottedId = Annotated[Named, AfterValidator(_dotted_id)]
"""An id, or ``part.id`` of a scenario taken in under the name ``part``."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Selectors = Annotated[tuple[Named, ...], Field(min_length=1)]


class Kind(StrEnum):
    """What a disruption hits."""

    POOL = "pool"
    LINE = "line"
    LANE = "lane"
    SITE = "site"
    ZONE = "zone"
    SUPPLIER = "supplier"
    DEMAND = "demand"
    INFORMATION = "information"
    SIGNAL = "signal"


class Edge(StrEnum):
    """Which end of another disruption is meant."""

    START = "start"
    END = "end"
    """When its recovery is over."""


class After(Declared):
    """An onset that hangs on another disruption; where that one does not happen, neither does this."""

    id: DottedId
    edge: Edge = Edge.END
    delay: TimeLike | None = None


class Repeat(Declared):
    """A disruption that comes again."""

    times: Whole
    """Onsets in all, each with its own chance."""
    every: TimeLike
    """From one onset to the next."""

    @model_validator(mode="after")
    def _is_bounded(self) -> "Repeat":
        if not 2 <= self.times <= 1000:
            raise refused(f"times {self.times}", "allowed: 2 to 1000")
        if self.every.typical <= 0:
            raise refused("every is no time at all", "allowed: durations above 0")
        return self


class Recovery(Declared):
    """How things come back when the duration is over: at one step, or evenly."""

    linear: Duration = 0
    """Evenly over this long; 0: at one step."""


class Disruption(Declared):
    """What all kinds of disruption have in common."""

    kind: Kind
    id: Id
    target: Selectors = ("*",)
    """One selector or a list: a name, a pattern with ``*``, or a group such as ``to/SOUTH``."""
    at: TimeLike | None = None
    """Onset from the first day whose figures count."""
    after: After | None = None
    duration: TimeLike | None = None
    """From the onset until the recovery begins."""
    probability: Ratio = 1.0
    """Chance that it happens, drawn anew for each onset."""
    repeat: Repeat | None = None
    severity: FactorLike = FactorSpread(exactly=1.0)
    """How much of the effect: 0 nothing, 1 as written, drawn anew for each onset."""
    ramp: Duration = 0
    """Time from the onset until the whole effect is there, growing evenly."""
    recovery: Recovery = Recovery()
    signal: SignalModel | None = None
    source: str = ""
    """Where the figures come from."""

    @field_validator("target", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _as_list(value)

    @field_validator("recovery", mode="before")
    @classmethod
    def _step_is_a_word(cls, value: object) -> object:
        if isinstance(value, str):
            if value != "step":
                raise refused(f"{shown(value)} is no recovery", "allowed: step, or {linear: 24h}")
            return Recovery()
        return value

    @model_validator(mode="after")
    def _has_one_onset(self) -> "Disruption":
        if (self.at is None) == (self.after is None):
            raise refused("at and after" if self.at else "no onset", "allowed: at, or after")
        if self.after is not None and self.repeat is not None:
            raise refused("repeat with after", "allowed: repeat with at; what comes after follows each onset by itself")
        if self.duration is None and self.kind is not Kind.SIGNAL:
            raise refused("no duration", "allowed: duration: 36h, or a spread")
        return self


class LineDisruption(Disruption):
    """Production lines stop, slow down, or make bad pieces."""

    effect: LineEffect
    in_service: InService = InService.PAUSE


class PoolDisruption(Disruption):
    """People or machines at one bench are fewer or slower: ``EAST.pick``, ``EAST.pack``, ``HUB.sort``, ``desk``."""

    effect: PoolEffect
    in_service: InService = InService.PAUSE


class SiteDisruption(Disruption):
    """A whole warehouse or hub is hit: every pool in it, and what lies there."""

    effect: SiteEffect
    in_service: InService = InService.PAUSE


class LaneDisruption(Disruption):
    """Lanes close, slow down, or have less room."""

    effect: LaneEffect
    in_transit: InTransit = InTransit.HOLD


class ZoneDisruption(Disruption):
    """Couriers of an area are fewer or slower."""

    effect: ZoneEffect


class SupplierDisruption(Disruption):
    """Suppliers deliver later, or not at all."""

    effect: SupplierEffect


class DemandDisruption(Disruption):
    """More or fewer orders: ``*``, ``item/<name>`` or ``area/<zone>``."""

    effect: DemandEffect


class InformationDisruption(Disruption):
    """Source systems fall silent, or report late, twice or wrongly."""

    effect: InformationEffect


class SignalDisruption(Disruption):
    """News alone, a false alarm; the target names the zones, lanes, suppliers or lines it is about."""

    @model_validator(mode="after")
    def _has_a_signal(self) -> "SignalDisruption":
        if self.signal is None:
            raise refused("no signal", "allowed: signal: {kind: weather-alert, ahead: 48h}")
        return self


class OfNoKind(Disruption):
    """What a disruption of an unknown or missing kind is read by: it fails, and its error names the kinds there are."""

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, value: object) -> object:
        keys = ("kind", "id")
        return {key: value[key] for key in keys if key in value} if isinstance(value, dict) else value


DISRUPTION_OF: dict[Kind, type[Disruption]] = {
    Kind.POOL: PoolDisruption,
    Kind.LINE: LineDisruption,
    Kind.LANE: LaneDisruption,
    Kind.SITE: SiteDisruption,
    Kind.ZONE: ZoneDisruption,
    Kind.SUPPLIER: SupplierDisruption,
    Kind.DEMAND: DemandDisruption,
    Kind.INFORMATION: InformationDisruption,
    Kind.SIGNAL: SignalDisruption,
}


def _tag(value: Any) -> str:
    """Return the union's tag; the blank in it keeps it apart from the file's own keys in error places."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"kind {kind}" if kind in list(Kind) else "kind ?"


AnyDisruption = Annotated[
    Annotated[LineDisruption, Tag("kind line")]
    | Annotated[PoolDisruption, Tag("kind pool")]
    | Annotated[SiteDisruption, Tag("kind site")]
    | Annotated[LaneDisruption, Tag("kind lane")]
    | Annotated[ZoneDisruption, Tag("kind zone")]
    | Annotated[SupplierDisruption, Tag("kind supplier")]
    | Annotated[DemandDisruption, Tag("kind demand")]
    | Annotated[InformationDisruption, Tag("kind information")]
    | Annotated[SignalDisruption, Tag("kind signal")]
    | Annotated[OfNoKind, Tag("kind ?")],
    Discriminator(_tag),
]
"""A disruption of any kind."""


class Part(Declared):
    """Another scenario taken in."""

    scenario: Named
    """A packaged one (``weather/typhoon``), or a path from this file."""
    name: Id
    """Its disruptions are called ``name.id`` here."""
    shift: Duration = 0
    """Later than it says itself."""
    severity: FactorLike = FactorSpread(exactly=1.0)
    """Times its own severity, drawn once."""
    probability: Ratio = 1.0
    """Chance that any of it happens, drawn once."""
    after: After | None = None
    """Its ``at`` count from there instead of from the first day."""


class ScenarioFile(Declared):
    """One scenario."""

    version: Whole
    name: Id
    title: Named
    about: str = ""
    """What happens, and what the figures rest on."""
    parts: tuple[Part, ...] = ()
    disruptions: tuple[AnyDisruption, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> "ScenarioFile":
        if self.version != FORMAT_VERSION:
            raise refused(f"version {self.version}", f"allowed: {FORMAT_VERSION}")
        if not self.parts and not self.disruptions:
            raise refused("neither parts nor disruptions", "allowed: at least one of them")
        for where, names in (
            ("parts", [part.name for part in self.parts]),
            ("disruptions", [one.id for one in self.disruptions]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise refused(f"{where}: {shown(name)} stands twice", "allowed: each once")
        return self
