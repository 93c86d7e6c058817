"""The result of a backtest as one record: what ``--json`` writes and the tables and the page show.

Version 1: keys are added, never renamed. Every figure is ``{"value", "lo", "hi"}`` with its 95 % interval.
"""

import platform
import zlib
from collections import Counter
from importlib.metadata import version as version_of

import msgspec
import numpy as np

from console.backtest.anchors.comparison import AnchorComparison, AnchorRun, compare_anchors
from console.backtest.policies import PolicyComparison, compare_policies
from console.backtest.scored import Figures, Scored, months_of
from console.backtest.settings import HORIZONS_H, BacktestSettings, DataFile, asked_horizons_us
from radar.errors import InputError
from radar.instant import EARLIEST, HOUR_US, Instant, to_text
from radar.probing import Answer
from radar.scoring import (
    Draws,
    FirstWarning,
    LeadPoint,
    Scorebook,
    ScoredOrder,
    figure,
    lead_curve,
    match_warnings,
    policy_figures,
    warn_never,
    warn_open_at,
)
from radar.scoring_drift import (
    WINDOWS_D,
    DriftBlock,
    DriftEpisode,
    RollingCalibration,
    drift_blocks,
    drift_episodes,
    rolling_calibration,
)
from radar.scoring_policies import CheckTable, CostPoint, PolicyPoint, cost_curve, policy_grid
from radar.scoring_probability import Bin, Forecasts, forecast_figures, rank_samples, reliability
from radar.scoring_selection import delivered_orders, first_warnings, undelivered_orders, usual_zone
from radar.wall_clock import WallClock, local_text
from streams.backtest import Replay

CURVE_LEADS_H = tuple(range(0, 241, 12))
DRIFT_HORIZONS_H = (84, 36)
WORLDS = 200
"""Worlds drawn in which every forecast is right, to say what chance does to the calibration."""
UNKNOWN = "(unknown)"
"""The segment of orders whose property is not known."""
_TOTALS = ("orders", "late", "late_share")
_MONTH_KEYS = (*_TOTALS, "alert_share", "precision36", "recall36")


class Section(msgspec.Struct, frozen=True):
    """The figures over one choice of orders."""

    scored: Figures
    policy: Figures
    trivial: dict[str, Figures]
    horizons: dict[str, Figures]
    violations: int


class CostCurve(msgspec.Struct, frozen=True):
    """Expected cost per order against the threshold, and where the radar and the trivial policies stand."""

    points: list[CostPoint]
    marks: dict[str, Figures]
    """Policy -> its alert share and cost."""


class Calibration(msgspec.Struct, frozen=True):
    """How calibration went over time at one horizon."""

    blocks: list[DriftBlock]
    episodes: list[DriftEpisode]
    rolling: list[RollingCalibration] = []
    """The same day by day, over windows of some lengths."""


class Segments(msgspec.Struct, frozen=True):
    """The orders parted by one property."""

    segments: int
    """How many there are."""
    rows: dict[str, Figures]
    """The largest by orders, largest first."""


class Report(msgspec.Struct, frozen=True):
    """Everything a backtest found."""

    version: int
    manifest: dict[str, object]
    scored: Figures
    policy: Figures
    horizons: dict[str, Figures]
    trivial: dict[str, Figures]
    violations: int
    months: dict[str, Figures]
    """Promise month (local) -> its figures."""
    undelivered: Section | None
    """The same over delivered orders and those never delivered; null unless asked for."""
    reliability: dict[str, list[Bin]]
    """Hours before the promise -> the bins of the calibration error."""
    lead_curve: list[LeadPoint]
    warnings: dict[str, int]
    """Warnings raised over everything read, by kind."""
    first_alarm: list[PolicyPoint] = []
    """What pairs of thresholds would have done at the scheduled checks."""
    cost_curve: CostCurve | None = None
    calibration: dict[str, Calibration] = {}
    """Hours before the promise -> blocks of ten days, and the episodes off calibration."""
    segments: dict[str, Segments] | None = None
    """By what -> the largest segments; null unless asked for."""
    anchors: AnchorComparison | None = None
    """The rows of the evaluation, recomputed; null unless asked for."""
    policies: PolicyComparison | None = None
    """Every named policy over the same predictions."""


class WarningLine(msgspec.Struct, frozen=True):
    """A row of the warnings file; times are naive, in the data's own zone."""

    order_id: str
    warned_at: str
    score: str
    withdrawn_at: str


def build_report(
    found: Replay, settings: BacktestSettings, files: list[DataFile], anchors: AnchorRun | None = None
) -> tuple[Report, Scored]:
    """Return the report of a pass, and what was scored for the picture.

    Raises:
        InputError: No order is left to score.
    """
    clock = clock_of(found, settings)
    window = settings.window
    delivered = delivered_orders(found.orders.values(), clock, window)
    if not delivered:
        raise _nothing_to_score(found, clock)
    scored = _scored(delivered, found, clock, settings)
    main = _section(scored, settings)
    wider = None
    if settings.is_undelivered_included:
        missed = undelivered_orders(found.orders.values(), clock, window, found.end_at)
        every = sorted([*delivered, *missed], key=lambda order: (order.placed_us, order.order_id))
        wider = _section(_scored(every, found, clock, settings), settings)
    report = Report(
        version=1,
        manifest=_manifest(found, settings, files, clock),
        scored=main.scored,
        policy=main.policy,
        horizons=main.horizons,
        trivial=main.trivial,
        violations=main.violations,
        months=_months(scored, settings),
        undelivered=wider,
        reliability={str(hours): reliability(one) for hours, one in scored.forecasts.items()},
        lead_curve=lead_curve(scored.book, scored.alarms, CURVE_LEADS_H),
        warnings=dict(sorted(found.raised.items())),
        first_alarm=policy_grid(scored.book, scored.checks, settings.terms),
        cost_curve=_cost_curve(scored, main, settings),
        calibration={str(hours): _calibration(scored, hours, settings.seed) for hours in DRIFT_HORIZONS_H},
        segments=_segments(scored, found, settings),
        anchors=None if anchors is None else compare_anchors(anchors, scored.book, scored.forecasts, scored.draws),
        policies=compare_policies(found.alarms, scored, clock, settings),
    )
    return report, scored


def clock_of(found: Replay, settings: BacktestSettings) -> WallClock:
    """Return the clock that leads are measured by: the zone asked for, else the one most orders name."""
    return WallClock(settings.zone or usual_zone(found.orders.values()))


def warning_lines(found: Replay, clock: WallClock) -> list[WarningLine]:
    """Return the first predicted-late warning of every order read, by time, as the reference scorer reads it."""
    lines = []
    for order_id, warned in sorted(found.warned.items(), key=lambda item: (item[1].at, item[0])):
        score = "" if warned.late_probability is None else f"{warned.late_probability:.6f}"
        withdrawn = "" if warned.withdrawn_at is None else local_text(clock.local_us(warned.withdrawn_at))
        lines.append(WarningLine(order_id, local_text(clock.local_us(warned.at)), score, withdrawn))
    return lines


def draw_resamples(orders: int, resamples: int, seed: int) -> Draws:
    """Return how often each resample draws each order, below a row of ones: the orders as they are."""
    key = (zlib.crc32(b"bootstrap"), 0)
    chance = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    draws = np.ones((1 + resamples, orders), np.uint8)
    for row in range(1, len(draws)):
        draws[row] = np.bincount(chance.integers(0, orders, orders), minlength=orders)
    return draws


# --- parts ------------------------------------------------------------------------------------------------


def _scored(orders: list[ScoredOrder], found: Replay, clock: WallClock, settings: BacktestSettings) -> Scored:
    book = Scorebook.of(orders)
    warned = first_warnings({key: (one.at, one.withdrawn_at) for key, one in found.warned.items()}, clock)
    overdue = {key: FirstWarning(clock.local_us(at)) for key, at in found.overdue.items()}
    forecasts = _forecasts(book, found.answers, asked_horizons_us(settings.rules))
    checks_h = {one / HOUR_US for one in settings.rules.prediction.predicts_at_us}
    return Scored(
        book=book,
        alarms=match_warnings(book, warned),
        overdue=match_warnings(book, overdue),
        forecasts={hours: forecasts[float(hours)] for hours in HORIZONS_H},
        checks=CheckTable.of(len(book), [(hours, one) for hours, one in forecasts.items() if hours in checks_h]),
        draws=draw_resamples(len(book), settings.resamples, settings.seed),
    )


def _forecasts(book: Scorebook, answers: list[Answer], horizons_us: list[int]) -> dict[float, Forecasts]:
    """Return the probabilities of the scored orders by hours before the promise, in the order of the book."""
    place_of = {order_id: place for place, order_id in enumerate(book.order_ids)}
    found: dict[int, list[tuple[int, float]]] = {horizon: [] for horizon in horizons_us}
    for answer in answers:
        place = place_of.get(answer.order_id)
        if place is not None:
            found[answer.horizon_us].append((place, answer.late_probability))
    return {horizon / HOUR_US: _columns(book, sorted(pairs)) for horizon, pairs in found.items()}


def _columns(book: Scorebook, pairs: list[tuple[int, float]]) -> Forecasts:
    places = np.array([place for place, _ in pairs], np.intp)
    probability = np.array([probability for _, probability in pairs], np.float64)
    return Forecasts(places, probability, book.is_late[places], book.weight[places])


def _section(scored: Scored, settings: BacktestSettings) -> Section:
    book, draws, terms = scored.book, scored.draws, settings.terms
    policy = policy_figures(book, scored.alarms, draws, terms)
    others = {
        "open_at_36h": warn_open_at(book, terms.lead_h),
        "limit_plus_2h": scored.overdue,
        "never": warn_never(book),
    }
    return Section(
        scored={name: policy[name] for name in _TOTALS},
        policy=_without_totals(policy),
        trivial={name: _without_totals(policy_figures(book, other, draws, terms)) for name, other in others.items()},
        horizons={str(hours): forecast_figures(one, draws) for hours, one in scored.forecasts.items()},
        violations=scored.alarms.violations,
    )


def _without_totals(figures: Figures) -> Figures:
    return {name: one for name, one in figures.items() if name not in _TOTALS}


def _months(scored: Scored, settings: BacktestSettings) -> dict[str, Figures]:
    """Return the figures of each promise month."""
    names = months_of(scored.book).tolist()
    return {name: _part_figures(scored, names, name, settings) for name in sorted(set(names))}


def _part_figures(scored: Scored, names: list[str], name: str, settings: BacktestSettings) -> Figures:
    """Return the figures over the orders that bear a name."""
    is_part = np.array([one == name for one in names])
    places = np.flatnonzero(is_part)
    part, alarms, at_lead = scored.book.only(places), scored.alarms.only(places), scored.forecasts[36]
    policy = policy_figures(part, alarms, scored.draws[:, places], settings.terms)
    forecasts = at_lead.only(is_part[at_lead.places])
    auc, _ = rank_samples(forecasts, scored.draws[:, forecasts.places])
    return {**{key: policy[key] for key in _MONTH_KEYS}, "auc36": figure(auc)}


def _segments(scored: Scored, found: Replay, settings: BacktestSettings) -> dict[str, Segments] | None:
    """Return the figures of the largest segments, by each property asked for."""
    if not settings.segments_by:
        return None
    tables = {}
    for by in settings.segments_by:
        names = [str(getattr(found.orders[order_id], by)) or UNKNOWN for order_id in scored.book.order_ids]
        counts = sorted(Counter(names).items(), key=lambda one: (-one[1], one[0]))
        largest = counts[: settings.segments_max]
        rows = {name: _part_figures(scored, names, name, settings) for name, _ in largest}
        tables[by] = Segments(len(counts), rows)
    return tables


def _cost_curve(scored: Scored, main: Section, settings: BacktestSettings) -> CostCurve:
    marks = {"policy": main.policy, **main.trivial}
    return CostCurve(
        points=cost_curve(scored.book, scored.checks, settings.terms),
        marks={name: {key: one[key] for key in ("alert_share", "cost")} for name, one in marks.items()},
    )


def _calibration(scored: Scored, hours: int, seed: int) -> Calibration:
    forecasts = scored.forecasts[hours]
    blocks = drift_blocks(scored.book, forecasts, hours)
    chance = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(b"calibration"), hours)))
    drawn = chance.random((WORLDS, len(forecasts)))
    rolling = [rolling_calibration(scored.book, forecasts, hours, window_d, drawn) for window_d in WINDOWS_D]
    return Calibration(blocks, drift_episodes(blocks), rolling)


def _manifest(found: Replay, settings: BacktestSettings, files: list[DataFile], clock: WallClock) -> dict[str, object]:
    placed = [order.reached[0] for order in found.orders.values()]
    return {
        "product": "order-radar",
        "product_version": version_of("order-radar"),
        "python": platform.python_version(),
        "numpy": version_of("numpy"),
        "rules_hash": settings.rules.version,
        "prediction_rules": msgspec.to_builtins(settings.rules.prediction),
        "arguments": settings.arguments,
        "data": files,
        "events": found.counters,
        "dead_letters": dict(sorted(found.dead.items())),
        "first_order_at": to_text(min(placed, default=EARLIEST)),
        "events_end_at": to_text(Instant(found.end_at - 1)),
        "zone": clock.zone,
        "zone_from": "--zone" if settings.zone else "order.placed",
        "lead_h": settings.terms.lead_h,
        "cost": settings.terms.cost,
        "seed": settings.seed,
        "resamples": settings.resamples,
    }


def _nothing_to_score(found: Replay, clock: WallClock) -> InputError:
    if not found.orders:
        lines = found.counters.lines
        said = f"none of {lines} lines places an order ({found.counters.dead} are bad)" if lines else "there is no line"
        return InputError.at("EVENTS", "", said, "allowed: events with order.placed")
    promises = [clock.deadline_us(order.promise_at) for order in found.orders.values() if order.promise_at]
    span = f"{local_text(min(promises))} to {local_text(max(promises))}" if promises else "none"
    said = f"no delivered order is promised in the range; {len(found.orders)} orders, promises {span} ({clock.zone})"
    return InputError.at("--score-from", "", said, "allowed: a range that holds some")
