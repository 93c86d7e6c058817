"""The sections of a rules file about the world around the orders: conditions, drift, load ahead."""

from pydantic import Field

from radar.events.world import AlertSeverity
from radar.instant import DAY_US, HOUR_US
from radar.rules import CapacityRules, ConditionRules, DriftRules
from scenarios.loader import Declared
from scenarios.scalars import Duration, Flag, Named, Number, Ratio, Whole


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


def capacity_rules(model: CapacityModel) -> CapacityRules:
    """Return the section as the core reads it."""
    return CapacityRules(model.enabled, model.given, model.overload_ratio, model.days_min)
