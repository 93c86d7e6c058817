"""The rules file: what a planner may set for the radar, checked and compiled into ``radar.rules.Rules``.

A planner's file names only the sections it changes; a section that is absent is the packaged one
(``scenarios/rules/default.yaml``). Calendars, seasons and routes are added to the packaged ones, or replace those of
the same name; every other section that is there replaces the packaged one as a whole.
"""

import hashlib
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
from pydantic import Field, field_validator

from radar.errors import InputError
from radar.events.common import Tier
from radar.instant import DAY_US, HOUR_US, MINUTE_US
from radar.rules import PolicyRules, PredictionRules, Rules, SilenceRules, SuspectRules
from radar.standards import ANY, Season, Standard, Standards
from scenarios.calendars import CalendarModel, compiled_calendar, public_holidays, workday_us
from scenarios.loader import Declared, Document, ScenarioError, read_document, typed
from scenarios.rules_cost import CostModel, cost_rules
from scenarios.rules_world import (
    CapacityModel,
    ComplaintsModel,
    ConditionsModel,
    DriftModel,
    QualityModel,
    StockModel,
    capacity_rules,
    cluster_rules,
    condition_rules,
    drift_rules,
    stock_rules,
)
from scenarios.scalars import (
    Duration,
    Flag,
    Limit,
    MonthDay,
    Named,
    Number,
    Ratio,
    Span,
    StageName,
    Whole,
    WorkingSpan,
    Zone,
    refused,
)

_ADDED = frozenset({"calendars", "seasons", "holidays", "routes"})
"""Sections of named things, which are merged by name."""

DEFAULT_RULES = Path(__file__).parent / "rules" / "default.yaml"


class SeasonModel(Declared):
    """A named stretch of the year, both days included; it may run over New Year."""

    first: MonthDay
    """Month and day it begins on."""
    last: MonthDay
    """Month and day it ends with; before ``first`` when it runs over New Year."""
    zone: Zone = "UTC"
    """IANA zone whose local date counts."""


class StandardModel(Declared):
    """How long a stage may take after the milestone before it."""

    stage: StageName
    """The stage that must be reached."""
    within: WorkingSpan
    """Elapsed (``18h``), or working time of ``calendar`` (``2 working h``, ``1 working day``)."""
    calendar: Named | None = None
    """Whose hours count; without it every hour does."""
    grace: Duration | None = None
    """Lateness that does not alert; None takes the ``grace`` of the file."""
    order_type: Named = ANY
    """Only orders of this type; ``*`` is any."""
    mode: Named = ANY
    """Only this transport mode; ``*`` is any."""
    season: Named = ANY
    """Only while this season lasts; ``*`` is always."""
    source: str = ""
    """Where the number comes from."""


class PolicyModel(Declared):
    """One trade of recall against precision."""

    raise_early: Ratio
    """Probability of being late that raises a warning before the lead."""
    raise_at_lead: Ratio
    """Probability that raises one at the lead and later; at most this where ``recall_at_lead`` is given."""
    withdraw_below: Ratio
    """Probability below which a standing warning is withdrawn."""
    recall_at_lead: Ratio | None = None
    """Share of the late orders that the threshold at the lead is to find; it then follows the recent decisions."""
    confirm_early: Flag = False
    """Whether an early warning needs the mean of the order's predictions to be as high."""
    least_at_lead: Ratio = 0.0
    """The threshold that follows the decisions goes no lower: below it acting costs more than it saves."""
    precision_at_lead: Ratio | None = None
    """Share of the orders above that threshold that is to be late; it goes no lower, even over ``raise_at_lead``."""
    by_cost: Flag = False
    """Whether ``cost`` alone decides when to warn, learned from recent orders; the thresholds to raise rest then."""


class PredictionModel(Declared):
    """When a predicted-late warning is raised and withdrawn (R03, R05)."""

    lead: Duration = 36 * HOUR_US
    """How long before the promise a warning must stand."""
    checks: tuple[Duration, ...] = Field(default=PredictionRules().checks_us, min_length=1, max_length=100)
    """How long before the promise every open order is looked at anew; the lead is one of them."""
    margin: Duration = 0
    """How long before the lead the decision for it is taken: longer than stragglers are waited for (``--lateness``)."""
    pause: Duration = 0
    """A milestone this soon after the last prediction asks for none, unless a warning stands."""
    calm_below: Ratio = 0.0
    """An order predicted below this is calm: ``calm_pause`` is then its ``pause``. Above 0, milestones ahead of the
    first check ask once at most."""
    calm_pause: Duration = DAY_US
    """A milestone of a calm order this soon after its last prediction asks for none; checks and conditions do."""
    cost: CostModel = CostModel()
    """What acting on a warning costs and saves: the score of `radar backtest`, and what policies weigh ``by_cost``."""
    policy: Named = "watchful"
    """Which of ``policies`` holds."""
    policies: dict[Named, PolicyModel] = Field(default_factory=dict)
    """Trades of recall against precision by name, besides the packaged ones or in their place."""


class SilenceModel(Declared):
    """When no news is bad news; ``off`` switches a limit off."""

    sources: dict[Named, Limit] = Field(default_factory=dict)
    """Limit by source system."""
    source_default: Limit = 24 * HOUR_US
    """Limit of every other source; of one without heartbeats at least, once its own rhythm is known."""
    orders: dict[Named, Limit] = Field(default_factory=lambda: {ANY: 72 * HOUR_US})
    """By order type; ``*`` is the rest."""


class SuspectModel(Declared):
    """Plausibility of an order's own content (R25)."""

    quantity_max: Number = 10_000
    """More pieces than this of one item are suspect."""
    value_max: Number = 1_000_000
    """A higher order value is suspect."""
    promise_min: Duration = HOUR_US
    """A promise nearer than this to the placement is suspect."""
    promise_max: Duration = 400 * DAY_US
    """A promise further off is suspect."""


class ImportantModel(Declared):
    """What being urgent or important changes (R04)."""

    tiers: tuple[Tier, ...] = (Tier.VIP,)
    """Customer tiers whose warnings start one level up: standard, preferred, vip."""
    grace_ratio: Ratio = 0.5
    """Share of a standard's grace that urgent orders and these tiers get."""


class LimitsModel(Declared):
    """Bounds of the machine itself."""

    tombstone: Duration = 30 * DAY_US
    """How long a closed order is remembered, to know late duplicates and to learn from its last day; at least 2 d."""
    learn_epoch: Duration = DAY_US
    """What conditions cost is learned only at multiples of this; the predictor learns at local midnights."""
    wheel_bucket: Duration = MINUTE_US
    """Width of the buckets deadlines are kept in; changes no warning."""
    warnings_per_order_max: Whole = Field(default=50, ge=1, le=10_000)
    """An order that flaps more than this is left to people."""

    @field_validator("tombstone")
    @classmethod
    def _is_a_learners_day(cls, value: int) -> int:
        if value < 2 * DAY_US:
            raise refused(f"{value / HOUR_US:g} h", "allowed: at least 2d")
        return value

    @field_validator("learn_epoch", "wheel_bucket")
    @classmethod
    def _is_some_time(cls, value: int) -> int:
        if value == 0:
            raise refused("nothing", "allowed: more than 0s")
        return value


class RulesFile(Declared):
    """One rules file."""

    grace: Duration = 2 * HOUR_US
    """Lateness that does not alert, where a standard names none (2 h: owner's brief)."""
    calendars: dict[Named, CalendarModel] = Field(default_factory=dict)
    """Working calendars by name."""
    seasons: dict[Named, SeasonModel] = Field(default_factory=dict)
    """Seasons by name; where two overlap the first holds."""
    holidays: dict[Zone, str] = Field(default_factory=dict, max_length=500)
    """Zone -> country whose public holidays hold there: ``BR``, ``BR-SP``, ``BR+optional`` with the optional ones."""
    routes: dict[Named, tuple[StageName, ...]] = Field(default_factory=dict)
    """Order type -> its stages in order; ``*`` is the route of every other type."""
    standards: tuple[StandardModel, ...] = Field(default=(), max_length=2000)
    """Standard times; of several that fit an order the most specific holds."""
    prediction: PredictionModel = PredictionModel()
    """Predicted-late warnings."""
    silence: SilenceModel = SilenceModel()
    """Sources and orders without news."""
    suspect: SuspectModel = SuspectModel()
    """Orders that cannot be meant so."""
    conditions: ConditionsModel = ConditionsModel()
    """Lines, weather, roads, couriers, suppliers, queues."""
    drift: DriftModel = DriftModel()
    """Changes of what was learned."""
    capacity: CapacityModel = CapacityModel()
    """Load ahead."""
    stock: StockModel = StockModel()
    """Stock-outs ahead."""
    quality: QualityModel = QualityModel()
    """Clusters of failed inspections."""
    complaints: ComplaintsModel = ComplaintsModel()
    """Hot spots of complaints."""
    important: ImportantModel = ImportantModel()
    """Urgent orders and important customers."""
    limits: LimitsModel = LimitsModel()
    """Bounds of the machine."""


def load_rules(path: Path | None = None) -> Rules:
    """Return the rules of a file, over the packaged ones; None: the packaged ones.

    Raises:
        ScenarioError: The file cannot be read or is wrong.
    """
    if path is None:
        return _packaged_rules()
    document = read_document(path)
    own = typed(document, RulesFile)
    packaged = _packaged_file()
    changed = {name: getattr(own, name) for name in own.model_fields_set}
    for name in _ADDED.intersection(changed):
        changed[name] = {**getattr(packaged, name), **changed[name]}
    policies = {**packaged.prediction.policies, **own.prediction.policies}
    changed["prediction"] = changed.get("prediction", packaged.prediction).model_copy(update={"policies": policies})
    return _compiled(packaged.model_copy(update=changed), document)


@cache
def _packaged_file() -> RulesFile:
    return typed(read_document(DEFAULT_RULES), RulesFile)


@cache
def _packaged_rules() -> Rules:
    return _compiled(_packaged_file(), read_document(DEFAULT_RULES))


def _compiled(file: RulesFile, document: Document) -> Rules:
    """Return a checked file as the core's rules; ``version`` is the hash of all that can change a warning."""
    calendars = {name: compiled_calendar(name, model, document) for name, model in file.calendars.items()}
    rows = tuple(_standard(file, index, document) for index in range(len(file.standards)))
    standards = tuple(
        row if model.calendar is None else msgspec.structs.replace(row, calendar=calendars[model.calendar])
        for row, model in zip(rows, file.standards, strict=True)
    )
    seasons = [Season(name, model.first, model.last, model.zone) for name, model in file.seasons.items()]
    try:
        table = Standards(file.routes, standards, seasons)
    except InputError as error:
        raise ScenarioError(f"{document.place}: {error}") from error
    days = {name: (sorted(one.holidays), sorted(one.extra_workdays)) for name, one in calendars.items()}
    canonical = msgspec.json.encode([file.model_dump(), days], order="sorted")
    return Rules(
        standards=table,
        prediction=_prediction(file.prediction, document),
        policies={name: _policy(policy) for name, policy in file.prediction.policies.items()},
        holidays=_holidays(file.holidays, document),
        silence=SilenceRules(file.silence.sources, file.silence.source_default, file.silence.orders),
        suspect=_suspect(file.suspect, document),
        conditions=condition_rules(file.conditions),
        drift=drift_rules(file.drift),
        capacity=capacity_rules(file.capacity),
        stock=stock_rules(file.stock),
        quality=cluster_rules(file.quality),
        complaints=cluster_rules(file.complaints),
        important_grace_ratio=file.important.grace_ratio,
        important_tiers=file.important.tiers,
        tombstone_us=file.limits.tombstone,
        learn_epoch_us=file.limits.learn_epoch,
        wheel_bucket_us=file.limits.wheel_bucket,
        warnings_per_order_max=file.limits.warnings_per_order_max,
        version=hashlib.sha256(canonical).hexdigest(),
    )


def _standard(file: RulesFile, index: int, document: Document) -> Standard:
    """Return one standard without its calendar, after checking what it refers to."""
    model = file.standards[index]
    where = ("standards", index)
    if model.season != ANY and model.season not in file.seasons:
        raise _refers(document, (*where, "season"), model.season, list(file.seasons))
    if model.order_type not in (ANY, *file.routes):
        raise _refers(document, (*where, "order_type"), model.order_type, list(file.routes))
    return Standard(
        stage=model.stage,
        duration_us=_duration_us(file, model, index, document),
        grace_us=file.grace if model.grace is None else model.grace,
        order_type=model.order_type,
        mode=model.mode,
        season=model.season,
        source=model.source,
    )


def _duration_us(file: RulesFile, model: StandardModel, index: int, document: Document) -> int:
    span: Span = model.within
    where = ("standards", index)
    if model.calendar is None:
        if span.is_working:
            field = document.field((*where, "within"))
            raise _wrong(document, field, "working time without a calendar", "allowed: add calendar: <name>")
        return span.us
    if model.calendar not in file.calendars:
        raise _refers(document, (*where, "calendar"), model.calendar, list(file.calendars))
    if not span.is_working:
        field = document.field((*where, "within"))
        raise _wrong(document, field, "elapsed time with a calendar", "allowed: say 2 working h, or drop the calendar")
    return span.us + round(span.working_days * workday_us(file.calendars[model.calendar]))


def _prediction(model: PredictionModel, document: Document) -> PredictionRules:
    if model.lead not in model.checks:
        field = document.field(("prediction", "checks"))
        raise _wrong(document, field, "the lead is no check", "allowed: checks that hold the lead (36h)")
    if model.policy not in model.policies:
        raise _refers(document, ("prediction", "policy"), model.policy, list(model.policies))
    for name, policy in model.policies.items():
        if policy.least_at_lead > policy.raise_at_lead:
            field = document.field(("prediction", "policies", name, "least_at_lead"))
            raise _wrong(document, field, f"{policy.least_at_lead} is above raise_at_lead", "allowed: it at most")
        if policy.withdraw_below > policy.raise_at_lead or policy.withdraw_below >= policy.raise_early:
            field = document.field(("prediction", "policies", name, "withdraw_below"))
            said = f"{policy.withdraw_below} would withdraw what was just raised"
            raise _wrong(document, field, said, "allowed: less than raise_early, raise_at_lead at most")
    checks = tuple(sorted(set(model.checks), reverse=True))
    trade = msgspec.structs.asdict(_policy(model.policies[model.policy]))
    trade |= {"pause_us": model.pause, "calm_below": model.calm_below, "calm_pause_us": model.calm_pause}
    return PredictionRules(model.lead, checks, margin_us=model.margin, cost=cost_rules(model.cost, document), **trade)


def _policy(model: PolicyModel) -> PolicyRules:
    return PolicyRules(
        model.raise_early,
        model.raise_at_lead,
        model.withdraw_below,
        model.recall_at_lead,
        model.confirm_early,
        model.least_at_lead,
        model.precision_at_lead,
        model.by_cost,
    )


def _holidays(zones: dict[str, str], document: Document) -> dict[str, frozenset[int]]:
    """Return the public holidays of each zone as local days since 1970."""
    first = date(1970, 1, 1)
    found = {}
    for zone, country in zones.items():
        days = public_holidays(country)
        if days is None:
            allowed = "allowed: a country such as CN, a region BR-SP, BR+optional"
            raise _wrong(document, document.field(("holidays", zone)), f"{country!r} is not known", allowed)
        found[zone] = frozenset((day - first).days for day in days)
    return found


def _suspect(model: SuspectModel, document: Document) -> SuspectRules:
    if model.promise_max <= model.promise_min:
        field = document.field(("suspect", "promise_max"))
        raise _wrong(document, field, "not after promise_min", "allowed: more")
    return SuspectRules(model.quantity_max, model.value_max, model.promise_min, model.promise_max)


def _refers(document: Document, where: tuple[str | int, ...], name: str, known: list[str]) -> ScenarioError:
    allowed = "allowed: " + ", ".join(known) if known else "allowed: none is declared"
    return _wrong(document, document.field(where), f"{name!r} is not declared", allowed)


def _wrong(document: Document, field: str, problem: str, allowed: str) -> ScenarioError:
    return ScenarioError(str(ScenarioError.at(document.place, field, problem, allowed)))
