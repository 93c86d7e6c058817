"""The sections of a rules file about the world around the orders: conditions, drift, load, stock, clusters."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from radar.events.world import AlertSeverity
from radar.instant import DAY_US, HOUR_US, to_instant
from radar.peaks import Peak
from radar.rules import CapacityRules, ClusterRules, ConditionRules, DriftRules, StockRules
from scenarios.loader import Declared
from scenarios.network_parts import Peak as PeakDays
from scenarios.scalars import Duration, Flag, Named, Number, Ratio, Whole, Zone


class ConditionsModel(Declared):
    """What is expected of conditions until it is learned what they really cost (R07)."""

    enabled: Flag = True
    """Whether conditions shift the predictions."""
    weather_loss: dict[AlertSeverity, Ratio] = Field(default_factory=lambda: dict(ConditionRules().weather_loss))
    """Share of the time in the area that is lost, by severity: minor, moderate, severe, extreme."""
    line_down: Duration = 4 * HOUR_US
    """How long a line is down when nobody says."""
    closure: Duration = 12 * HOUR_US
    """How long a closure lasts when nobody says."""
    courier_round: Duration = 12 * HOUR_US
    """Time between two rounds of the couriers: what a parcel waits that one round cannot take."""
    courier_rounds_max: Whole = Field(default=6, ge=1, le=100)
    """No parcel is expected to wait for more rounds."""
    vehicle_min: Duration = HOUR_US
    """A vehicle less late is on time."""
    vehicle_boarding: Duration = 6 * HOUR_US
    """Parcels that left this long before a vehicle was first reported late may be aboard."""
    supply_min: Duration = 12 * HOUR_US
    """Goods less late are on time."""
    backlog_min: Duration = 12 * HOUR_US
    """A queue that costs less than this beyond its usual length is none."""
    backlog_epoch: Duration = Field(default=6 * HOUR_US, gt=0)
    """How often queues are looked at."""
    delay_max: Duration = 14 * DAY_US
    """No more extra time is expected of all conditions together."""


class DriftModel(Declared):
    """When what was learned no longer fits the world."""

    enabled: Flag = True
    """Whether drift is looked for."""
    slack: Number = 0.3
    """Deviation that does not count, in units of the usual scatter between days."""
    limit: Number = 6.0
    """Sum of the counting deviations that raises the notice."""
    points_min: Whole = Field(default=28, ge=2, le=10_000)
    """Days with enough orders before a stage is judged."""
    widening_max: Number = Field(default=2.0, ge=1)
    """Intervals grow by no more than this factor while a drift lasts."""


class PeakModel(PeakDays):
    """A sale that planners know of: days, and how many times the usual orders they bring."""

    zone: Zone = "UTC"
    """IANA zone whose days these are."""


class CapacityModel(Declared):
    """When a day ahead asks too much of a place (R33)."""

    enabled: Flag = True
    """Whether the load ahead is counted."""
    given: dict[Named, Number] = Field(default_factory=dict)
    """Place (`line:L2`, `warehouse:W`, `lane:a-b`, `area:N`) -> orders a day; others go by what they did lately."""
    overload_ratio: Number = Field(default=1.3, gt=0)
    """Load over capacity that raises a warning."""
    days_min: Whole = Field(default=28, ge=0, le=10_000)
    """Days a place must be known before its past stands for its capacity."""
    peaks: tuple[PeakModel, ...] = Field(default=(), max_length=500)
    """Sales ahead, `{from: 2025-11-11, to: 2025-11-11, factor: 2.6, zone: Asia/Shanghai}`."""


class StockModel(Declared):
    """When a shelf that runs out before it is filled again is warned of (R08, R27)."""

    enabled: Flag = True
    """Whether stock levels are followed."""
    horizon: Duration = Field(default=10 * DAY_US, gt=0, le=60 * DAY_US)
    """How far ahead is looked."""
    gap: Duration = DAY_US
    """A shelf that is empty for less is not warned of."""
    lead: Duration = Field(default=7 * DAY_US, gt=0)
    """How long a replenishment takes until a shelf's own are known and where no reorder point tells."""
    critical: Duration = DAY_US
    """A stock-out nearer than this is critical."""
    days_min: Whole = Field(default=7, ge=1, le=10_000)
    """Days of demand before a shelf is judged."""
    shelves_max: Whole = Field(default=5_000, ge=1, le=1_000_000)
    """Shelves followed; further ones are not."""


class QualityModel(Declared):
    """When inspections at a line or of an item fail more often than usual there (R08)."""

    enabled: Flag = True
    """Whether clusters are looked for."""
    ratio: Number = Field(default=3.0, gt=1, le=100)
    """The rate, as a multiple of the usual, that is looked for."""
    false_alarm: Duration = Field(default=180 * DAY_US, gt=0)
    """Time between two false alarms of all places together, at least, while the usual rates hold."""
    events_min: Whole = Field(default=4, ge=1, le=10_000)
    """Bad ones that a cluster has at least."""
    days_min: Whole = Field(default=7, ge=1, le=10_000)
    """Days before anything is judged."""
    usual_rate: Ratio = Field(default=0.02, gt=0)
    """Share of bad ones that is believed beforehand ..."""
    usual_trials: Number = Field(default=200.0, ge=1)
    """... as firmly as after so many trials."""
    places_max: Whole = Field(default=500, ge=1, le=100_000)
    """Places of one kind that are followed: those with most trials."""


class ComplaintsModel(Declared):
    """When an area, item, carrier, lane or category has more complaints than its deliveries explain (R08)."""

    enabled: Flag = True
    """Whether hot spots are looked for."""
    ratio: Number = Field(default=3.0, gt=1, le=100)
    """The rate, as a multiple of the usual, that is looked for."""
    false_alarm: Duration = Field(default=180 * DAY_US, gt=0)
    """Time between two false alarms of all places together, at least, while the usual rates hold."""
    events_min: Whole = Field(default=6, ge=1, le=10_000)
    """Complaints that a hot spot has at least."""
    days_min: Whole = Field(default=7, ge=1, le=10_000)
    """Days before anything is judged."""
    usual_rate: Ratio = Field(default=0.03, gt=0)
    """Complaints a delivery that are believed beforehand ..."""
    usual_trials: Number = Field(default=500.0, ge=1)
    """... as firmly as after so many deliveries."""
    places_max: Whole = Field(default=500, ge=1, le=100_000)
    """Places of one kind that are followed: those with most deliveries."""


def condition_rules(model: ConditionsModel) -> ConditionRules:
    """Return the section as the core reads it; severities that are absent keep their packaged share."""
    return ConditionRules(
        is_on=model.enabled,
        weather_loss={**ConditionRules().weather_loss, **model.weather_loss},
        line_down_us=model.line_down,
        closure_us=model.closure,
        courier_round_us=model.courier_round,
        courier_rounds_max=model.courier_rounds_max,
        vehicle_min_us=model.vehicle_min,
        vehicle_boarding_us=model.vehicle_boarding,
        supply_min_us=model.supply_min,
        backlog_min_us=model.backlog_min,
        backlog_epoch_us=model.backlog_epoch,
        delay_max_us=model.delay_max,
    )


def drift_rules(model: DriftModel) -> DriftRules:
    """Return the section as the core reads it."""
    return DriftRules(model.enabled, model.slack, model.limit, model.points_min, model.widening_max)


def peak_between(first: date, last: date, factor: float, zone: str) -> Peak:
    """Return a peak that lasts from the first day to the last, both included, by the days of a zone."""
    from_at, to_at = (
        to_instant(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))
        for day in (first, last + timedelta(days=1))
    )
    return Peak(from_at, to_at, factor)


def capacity_rules(model: CapacityModel) -> CapacityRules:
    """Return the section as the core reads it."""
    peaks = tuple(peak_between(one.first, one.last, one.factor, one.zone) for one in model.peaks)
    return CapacityRules(model.enabled, model.given, model.overload_ratio, model.days_min, peaks)


def stock_rules(model: StockModel) -> StockRules:
    """Return the section as the core reads it."""
    return StockRules(
        is_on=model.enabled,
        horizon_us=model.horizon,
        gap_us=model.gap,
        lead_us=model.lead,
        critical_us=model.critical,
        days_min=model.days_min,
        shelves_max=model.shelves_max,
    )


def cluster_rules(model: QualityModel | ComplaintsModel) -> ClusterRules:
    """Return a section as the core reads it."""
    return ClusterRules(
        is_on=model.enabled,
        ratio=model.ratio,
        false_alarm_us=model.false_alarm,
        events_min=model.events_min,
        days_min=model.days_min,
        usual_rate=model.usual_rate,
        usual_trials=model.usual_trials,
        places_max=model.places_max,
    )
