"""A prediction: P(late) of one open order, from the tables fixed at the last epoch."""

from math import exp, floor

from radar.instant import DAY_US, Instant
from radar.learning.calibration import score_of_chance, score_of_odds
from radar.learning.facts import Facts, slip_of, window_of
from radar.learning.model import Model
from radar.learning.segments import AREA, DISTRICT, LANE, SUPPLIER
from radar.learning.view import View

SHIFT_MAX = 15
"""Days that a prediction may lie after the last epoch; more only without open orders, when nothing is asked."""


def predict(model: Model, facts: Facts, at: Instant, delay_us: int = 0) -> float:
    """Return P(late), above 0 and below 1, as if the promise came ``delay_us`` earlier."""
    view = facts.view
    if view is None or facts.view_day != model.day:
        view, facts.view_day = view_of(model, facts), model.day
        facts.view = view
    view.promise = facts.promise - delay_us / DAY_US
    return 1 / (1 + exp(-final_score(model, view, facts, model.days.day(at))))


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


def hazard_score(model: Model, view: View, facts: Facts, now: float) -> float:
    """Return the log-odds of being late by the hazards alone; sets the moving figures of the view."""
    shift = floor(now) - model.day
    if not 0 <= shift <= SHIFT_MAX:
        shift = 0 if shift < 0 else SHIFT_MAX
    handed = facts.handed
    start = now if handed is None else handed
    view.slip = slip_of(start, facts.ship_by)
    view.window = window_of(view.promise - start, view.mean)
    if handed is not None and handed <= now:
        offsets = model.transit.stages.offsets
        view.offsets = None if offsets is None else offsets[facts.stage]
        return score_of_odds(model.transit.staying_odds(view, handed, now, shift))
    factors = model.hand_over.stages.factors
    view.offsets = None if factors is None else factors[facts.stage]
    return score_of_chance(model.hand_over.late_chance(view, facts, now, shift, model.means.sigma))


def final_score(model: Model, view: View, facts: Facts, now: float) -> float:
    """Return the corrected log-odds of being late."""
    score = hazard_score(model, view, facts, now)
    return model.calibration.final_score(score, view, facts, now, view.mean - model.means.centre)
