"""A prediction: P(late) of one open order, from the tables fixed at the last epoch."""

from math import exp, floor, sqrt

from radar.instant import DAY_US, Instant
from radar.learning.calibration import score_of_chance, score_of_odds
from radar.learning.facts import Facts, slip_of, window_of
from radar.learning.model import Model
from radar.learning.segments import AREA, DISTRICT, LANE, SUPPLIER
from radar.learning.view import View

STRANGER_LATE = 0.1
"""P(late) of an order of which no like was ever delivered: about what shops miss (Olist 6.8 %, SCMS 11.5 %)."""
STRANGER_SPREAD = 1.0
"""Standard deviation of its log-odds: nine shops in ten then miss between 2 and 37 % (Olist's months: 1 to 16 %)."""
SHIFT_MAX = 15
"""Days that a prediction may lie after the last epoch; more only without open orders, when nothing is asked."""


def predict(model: Model, facts: Facts, at: Instant, delay_us: int = 0) -> float:
    """Return P(late), above 0 and below 1, as if the promise came ``delay_us`` earlier."""
    view = facts.view
    if view is None or facts.view_day != model.day:
        view, facts.view_day = view_of(model, facts), model.day
        facts.view = view
    view.promise = facts.promise - delay_us / DAY_US
    now = model.days.day(at)
    set_moment(model, view, facts, now)
    return believed(model, final_score(model, view, facts, now))


def spread(model: Model, facts: Facts, at: Instant) -> float:
    """Return the standard deviation of the log-odds that ``predict`` gives: of the weights, and of the day."""
    view, now = view_of(model, facts), model.days.day(at)
    view.promise = facts.promise
    set_moment(model, view, facts, now)
    score = hazard_score(model, view, facts, now)
    variance = model.calibration.variance(score, view, facts, now, view.mean - model.means.centre)
    variance += model.lessons.scatter.variance(view.promise - now)
    return sqrt(variance + (1 - model.means.trust) * STRANGER_SPREAD**2)


def believed(model: Model, score: float) -> float:
    """Return the probability of a score, drawn to what is usual as long as the model has seen little."""
    chance, trust = 1 / (1 + exp(-score)), model.means.trust
    return chance if trust == 1 else trust * chance + (1 - trust) * STRANGER_LATE


def view_of(model: Model, facts: Facts) -> View:
    """Return an order as the model sees it; the same until the next epoch unless the order changes."""
    means, transit = model.means, model.transit
    names, segments = facts.names, model.segments
    area = segments[AREA].rows.get(names[AREA], 0)
    lane = segments[LANE].rows.get(names[LANE], 0)
    district = segments[DISTRICT].rows.get(names[DISTRICT], 0)
    supplier = segments[SUPPLIER].rows.get(names[SUPPLIER], 0)
    effects = transit.effects
    effect = transit.overall + effects[AREA][area] + effects[LANE][lane] + transit.parcel_effect(facts.parcel)
    effect += effects[DISTRICT][district] + effects[SUPPLIER][supplier]
    mean = means.lane(area, lane) + means.district[district] + means.supplier[supplier]
    return View(mean, effect, facts.parcel[4], facts.span, model.week)


def set_moment(model: Model, view: View, facts: Facts, now: float) -> None:
    """Set the figures of a view that depend on the moment."""
    handed = facts.handed
    start = now if handed is None else handed
    view.slip = slip_of(start, facts.ship_by)
    view.window = window_of(view.promise - start, view.mean)
    is_moving = handed is not None and handed <= now
    stages = model.transit.stages.offsets if is_moving else model.hand_over.stages.factors
    view.offsets = None if stages is None else stages[facts.stage]


def hazard_score(model: Model, view: View, facts: Facts, now: float) -> float:
    """Return the log-odds of being late by the hazards alone."""
    shift = floor(now) - model.day
    if not 0 <= shift <= SHIFT_MAX:
        shift = 0 if shift < 0 else SHIFT_MAX
    handed = facts.handed
    if handed is not None and handed <= now:
        return score_of_odds(model.transit.staying_odds(view, handed, now, shift))
    return score_of_chance(model.hand_over.late_chance(view, facts, now, shift, model.means.sigma))


def final_score(model: Model, view: View, facts: Facts, now: float) -> float:
    """Return the corrected log-odds of being late; the view's moment is set."""
    score = hazard_score(model, view, facts, now)
    return model.calibration.final_score(score, view, facts, now, view.mean - model.means.centre)
