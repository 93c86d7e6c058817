"""What a disruption does to the thing it hits: one model for each kind, so that a wrong key names what is allowed."""

from enum import StrEnum

from pydantic import model_validator

from radar.events.common import ReasonCode
from radar.events.world import AlertSeverity
from scenarios.loader import Declared
from scenarios.scalars import Duration, Flag, Named, Number, Ratio, refused, shown

FACTOR_MAX = 20.0
"""A factor above this is a typing error: the largest sale day on record is about ten times a usual one."""


class InService(StrEnum):
    """What becomes of work under way when a disruption begins."""

    PAUSE = "pause"
    """It stands still and goes on afterwards."""
    FINISH = "finish"
    """It is finished; nothing new is taken on."""
    ABORT = "abort"
    """It is begun anew afterwards."""


class InTransit(StrEnum):
    """What becomes of vehicles under way when a disruption begins."""

    HOLD = "hold"
    """They stand still and go on afterwards."""
    CONTINUE = "continue"
    """They arrive as planned; none sets out."""
    RETURN = "return"
    """They turn back and set out again afterwards."""
    LOST = "lost"
    """They do not come back."""


class Reports(StrEnum):
    """What happens to the reports of a source system."""

    HOLD = "hold"
    """They are kept and come when it is over."""
    LOSE = "lose"
    """They never come."""
    DEGRADE = "degrade"
    """They come with more lag, loss, doubles and errors."""


class Effect(Declared):
    """What every effect may say."""

    cost: Number = 0.0
    """Damage in CNY each time it happens, beside what late orders cost; booked apart from the remedies."""

    @model_validator(mode="after")
    def _factors_are_sane(self) -> "Effect":
        for name in ("speed", "capacity", "demand"):
            factor = getattr(self, name, None)
            if factor is not None and not 0 <= factor <= FACTOR_MAX:
                raise refused(f"{name} {factor}", f"allowed: 0 to {FACTOR_MAX:g} times the usual")
        if self.cost < 0:
            raise refused(f"cost {self.cost} is negative", "allowed: 0 and above")
        return self


class LineEffect(Effect):
    """Of a production line."""

    speed: Number | None = None
    """Share of the usual speed; 0 stops it."""
    defects: Ratio | None = None
    """Share of what it makes that inspection refuses."""


class PoolEffect(Effect):
    """Of people or machines that share a queue."""

    speed: Number | None = None
    capacity: Number | None = None
    """Share of the servers that are there."""


class StockLossEffect(Declared):
    """Goods destroyed or blocked at the onset."""

    share: Ratio
    """Of what lies there."""
    items: tuple[Named, ...] = ()
    """Which; none named: all."""


class SiteEffect(PoolEffect):
    """Of a whole warehouse or hub: every pool in it."""

    stock_loss: StockLossEffect | None = None
    """Warehouses only."""


class LaneEffect(Effect):
    """Of a lane."""

    speed: Number | None = None
    """Share of the usual driving speed; 0 closes it."""
    capacity: Number | None = None
    """Share of the usual room on each departure."""


class ZoneEffect(Effect):
    """Of a courier zone."""

    speed: Number | None = None
    capacity: Number | None = None
    """Share of the couriers that come to work."""


class LeadTimeEffect(Declared):
    """How much later purchases come that are placed meanwhile."""

    extra: Duration = 0
    factor: Number = 1.0
    """Times the usual lead time, the extra on top."""


class SupplierEffect(Effect):
    """Of a supplier."""

    lead_time: LeadTimeEffect | None = None
    is_failed: Flag = False
    """Nothing ordered meanwhile comes before it is over."""

    @model_validator(mode="after")
    def _slows(self) -> "SupplierEffect":
        if self.lead_time is not None and not 0 < self.lead_time.factor <= FACTOR_MAX:
            raise refused(f"lead_time.factor {self.lead_time.factor}", f"allowed: above 0, up to {FACTOR_MAX:g}")
        return self


class DemandEffect(Effect):
    """Of demand."""

    demand: Number
    """Times the usual orders."""


class InformationEffect(Effect):
    """Of a source system's reports."""

    reports: Reports
    lag: Duration = 0
    """On top of the usual lag."""
    loss: Ratio = 0.0
    duplicates: Ratio = 0.0
    errors: Ratio = 0.0
    """Share of the reports that are garbled."""

    @model_validator(mode="after")
    def _says_how(self) -> "InformationEffect":
        has_figures = bool(self.lag or self.loss or self.duplicates or self.errors)
        if (self.reports is Reports.DEGRADE) != has_figures:
            raise refused(
                f"reports: {self.reports.value} {'with' if has_figures else 'without'} figures",
                "allowed: degrade with lag, loss, duplicates or errors; hold and lose without",
            )
        return self


class Notice(StrEnum):
    """Kinds of early news."""

    WEATHER_ALERT = "weather-alert"
    ROAD_CLOSURE = "road-closure"
    SUPPLY_NOTICE = "supply-notice"
    LINE_STATUS = "line-status"


class SignalModel(Declared):
    """What the world says before, or when, the disruption begins: the radar can hear it, the physics do not care."""

    kind: Notice
    ahead: Duration = 0
    """How long before the onset it is said."""
    areas: tuple[Named, ...] = ()
    """Zones a weather alert names, by the same selectors as targets; none: those the targets touch."""
    severity: AlertSeverity = AlertSeverity.SEVERE
    hazard: Named = "weather"
    reason: ReasonCode = ReasonCode.OTHER
    hit_share: Ratio = 1.0
    """Chance that the news comes at all."""
    note: str = ""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "SignalModel":
        if self.areas and self.kind is not Notice.WEATHER_ALERT:
            raise refused(f"areas with {shown(self.kind.value)}", "allowed: areas with weather-alert only")
        return self
