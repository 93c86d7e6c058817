"""The settings of the radar, compiled: what ``scenarios/rules.py`` makes of a YAML file."""

import msgspec

from radar.events.common import Tier
from radar.events.world import AlertSeverity
from radar.instant import DAY_US, HOUR_US, MINUTE_US
from radar.peaks import Peak
from radar.standards import Standards


class CostRules(msgspec.Struct, frozen=True):
    """What acting on a warning costs and saves, in units of a planner's choice.

    The form is that of alarm-based prescriptive monitoring (Fahrenkrog-Petersen et al., KAIS 2021), as in the scores
    (``radar.scoring.CostModel``).
    """

    action: float = 1.0
    late: float = 10.0
    effect: float = 0.5
    """Share of the cost of being late that acting in time saves."""
    full_effect_us: int = 36 * HOUR_US
    """Lead from which acting is in time; below it the effect is in proportion to the lead."""

    def gain(self, late_probability: float, lead_us: int) -> float:
        """Return what acting now is expected to save, less what it costs."""
        effect = self.effect * min(1.0, lead_us / self.full_effect_us)
        return late_probability * effect * self.late - self.action


class PredictionRules(msgspec.Struct, frozen=True):
    """When a predicted-late warning is raised and withdrawn (R03, R05)."""

    lead_us: int = 36 * HOUR_US
    """How long before the promise the warning must stand (36 h: owner's brief)."""
    checks_us: tuple[int, ...] = tuple(h * HOUR_US for h in (228, 204, 180, 156, 132, 108, 84, 60, 36, 24, 12))
    """Horizons before the promise at which every open order is predicted anew; milestones add more."""
    raise_early: float = 0.75
    """Probability that raises a warning at any check before the last one ahead of the lead."""
    raise_at_lead: float = 0.40
    """Probability that raises a warning at the decision (``decision_us`` ahead) and later; at most this where the
    threshold is learned."""
    withdraw_below: float = 0.15
    """Probability under which a standing warning is withdrawn (hysteresis)."""
    recall_at_lead: float | None = None
    """Share of the expected late orders that the threshold at the lead is to find: it is learned (None: fixed)."""
    is_confirmed: bool = False
    """Whether an early warning needs the mean of the order's predictions to be as high."""
    least_at_lead: float = 0.0
    """The learned threshold at the lead goes no lower: below it acting costs more than it saves."""
    precision_at_lead: float | None = None
    """Share of the orders above the learned threshold that is to be late: it goes no lower, even over
    ``raise_at_lead`` (None: no matter)."""
    pause_us: int = 0
    """A milestone this soon after the last prediction asks for none, unless a warning stands."""
    calm_below: float = 0.0
    """Probability below which an order is calm: ``calm_pause_us`` then stands in the place of ``pause_us``, and ahead
    of an order's first check milestones ask once at most. 0: none ever is."""
    calm_pause_us: int = DAY_US
    """The same of a calm order: its next check asks soon enough."""
    by_cost: bool = False
    """Whether a warning is raised when it saves more now than later is expected (``radar.stopping``), by ``cost``
    alone; the thresholds then stand still."""
    cost: CostRules = CostRules()
    margin_us: int = 0
    """How long before the lead the decision for it is taken: what is due at an instant is said only when nothing
    earlier can come any more, and a warning said a minute inside the lead is not in time."""

    @property
    def decision_us(self) -> int:
        """Return how long before the promise every open order gets its last chance of a timely warning."""
        return self.lead_us + self.margin_us

    @property
    def predicts_at_us(self) -> tuple[int, ...]:
        """Return the horizons of all predictions that time brings, the decision in the place of the lead."""
        return tuple(sorted({*self.checks_us} - {self.lead_us} | {self.decision_us}, reverse=True))


class PolicyRules(msgspec.Struct, frozen=True):
    """The part of ``PredictionRules`` that a named policy sets: the trade of recall against precision."""

    raise_early: float
    raise_at_lead: float
    withdraw_below: float
    recall_at_lead: float | None = None
    is_confirmed: bool = False
    least_at_lead: float = 0.0
    precision_at_lead: float | None = None
    by_cost: bool = False


class SilenceRules(msgspec.Struct, frozen=True):
    """When no news is bad news (DESIGN 4)."""

    source_us: dict[str, int] = {}
    """Limit per source system; absent sources use ``source_default_us``."""
    source_default_us: int = 24 * HOUR_US
    order_us: dict[str, int] = msgspec.field(default_factory=lambda: {"*": 72 * HOUR_US})
    """Limit without news of an open order, by order type; ``*`` is the rest, 0 switches it off."""


class SuspectRules(msgspec.Struct, frozen=True):
    """Plausibility of an order's own content (R25); outside it the order is flagged, never dropped."""

    quantity_max: float = 10_000
    value_max: float = 1_000_000
    promise_min_us: int = 1 * HOUR_US
    """A promise nearer than this to the placement is taken for an entry error."""
    promise_max_us: int = 400 * DAY_US


class ConditionRules(msgspec.Struct, frozen=True):
    """What is expected of conditions until their own figures are learned (R07)."""

    is_on: bool = True
    weather_loss: dict[AlertSeverity, float] = msgspec.field(
        default_factory=lambda: dict(zip(AlertSeverity, (0.05, 0.25, 0.5, 0.9), strict=True))
    )
    """Share of the time in the area that is lost, by severity."""
    line_down_us: int = 4 * HOUR_US
    """How long a line is down when nobody says."""
    closure_us: int = 12 * HOUR_US
    """How long a closure lasts when nobody says."""
    courier_round_us: int = 12 * HOUR_US
    """Time between two rounds of the couriers: what a parcel waits that one round cannot take."""
    courier_rounds_max: int = 6
    vehicle_min_us: int = 1 * HOUR_US
    """A vehicle less late than this is on time."""
    vehicle_boarding_us: int = 6 * HOUR_US
    """Parcels that left this long before a vehicle was first reported late may be aboard."""
    supply_min_us: int = 12 * HOUR_US
    """Goods less late than this are on time."""
    backlog_min_us: int = 12 * HOUR_US
    """A queue that costs less than this beyond its usual length is none."""
    backlog_epoch_us: int = 6 * HOUR_US
    """How often queues are looked at."""
    delay_max_us: int = 14 * DAY_US
    """No more extra time than this is expected of all conditions together."""


class DriftRules(msgspec.Struct, frozen=True):
    """When what was learned no longer fits the world (``radar.drift``)."""

    is_on: bool = True
    slack: float = 0.3
    """Deviation a point may have without counting, in units of the usual scatter."""
    limit: float = 6.0
    """Sum of the counting deviations that raises the notice."""
    points_min: int = 28
    """Points before a series is judged."""
    widening_max: float = 2.0
    """Intervals grow by no more than this factor while a drift lasts."""


class CapacityRules(msgspec.Struct, frozen=True):
    """When a day ahead asks too much of a place (R33)."""

    is_on: bool = True
    given: dict[str, float] = {}
    """Place (``line:L2``, ``warehouse:W``, ``lane:a-b``, ``area:N``) -> orders a day; others go by their past."""
    overload_ratio: float = 1.3
    """Load over capacity that raises a warning."""
    days_min: int = 28
    """Days a place must be known before its past stands for its capacity."""
    peaks: tuple[Peak, ...] = ()
    """Sales that planners know of."""


class StockRules(msgspec.Struct, frozen=True):
    """When a shelf that will run out before it is filled again is warned of (R08, R27)."""

    is_on: bool = True
    horizon_us: int = 10 * DAY_US
    """How far ahead is looked."""
    gap_us: int = 1 * DAY_US
    """A shelf empty for less than this is not warned of."""
    lead_us: int = 7 * DAY_US
    """How long a replenishment takes until a shelf's own are known."""
    critical_us: int = 1 * DAY_US
    """A stock-out nearer than this is critical."""
    days_min: int = 7
    """Days of demand that must be known before a shelf is judged."""
    shelves_max: int = 5_000
    """Shelves followed; further ones are not."""


class ClusterRules(msgspec.Struct, frozen=True):
    """When bad ones at one place are more than its usual rate explains (``radar.clusters``)."""

    is_on: bool = True
    ratio: float = 3.0
    """The rate, as a multiple of the usual, that is looked for."""
    false_alarm_us: int = 180 * DAY_US
    """Time between two false alarms of all places together, at least, while the usual rates hold."""
    events_min: int = 4
    """Bad ones that a cluster has at least."""
    days_min: int = 7
    """Days of trials before anything is judged."""
    usual_rate: float = 0.02
    """Share of bad ones that is believed beforehand ..."""
    usual_trials: float = 200.0
    """... as firmly as after so many trials."""
    places_max: int = 500
    """Places of one kind that are followed: those with most trials."""


class Rules(msgspec.Struct, frozen=True):
    """Everything a planner may set for the live radar; one value per control room."""

    standards: Standards
    prediction: PredictionRules = PredictionRules()
    policies: dict[str, PolicyRules] = {}
    """Warning policies by name, to run instead of the one in ``prediction``."""
    silence: SilenceRules = SilenceRules()
    suspect: SuspectRules = SuspectRules()
    conditions: ConditionRules = ConditionRules()
    drift: DriftRules = DriftRules()
    capacity: CapacityRules = CapacityRules()
    stock: StockRules = StockRules()
    quality: ClusterRules = ClusterRules()
    complaints: ClusterRules = ClusterRules(usual_rate=0.03, usual_trials=500.0, events_min=6)
    important_grace_ratio: float = 0.5
    """Urgent orders and important tiers get this share of a standard's grace (R04: tighter limits)."""
    important_tiers: tuple[Tier, ...] = (Tier.VIP,)
    """Tiers whose warnings start one level up (R04)."""
    tombstone_us: int = 30 * DAY_US
    """How long a closed order is remembered to recognise late duplicates."""
    holidays: dict[str, frozenset[int]] = {}
    """Zone -> its public holidays as local days since 1970: days on which hardly anything is delivered."""
    learn_epoch_us: int = DAY_US
    """Learned tables change only at multiples of this since 1970."""
    wheel_bucket_us: int = MINUTE_US
    warnings_per_order_max: int = 50
    """An order that flaps more than this is left to people."""
    version: str = ""
    """Hash of the file the rules came from; part of the run manifest."""
