"""Who orders and how they answer: demand, promises, patience, reviews, the order desk, the information systems."""

from itertools import pairwise

from pydantic import model_validator

from radar.instant import HOUR_US
from scenarios.loader import Declared
from scenarios.network_parts import Count, Crew, NonNegative, Peak, Point, Positive, Sigma, SomeTime
from scenarios.scalars import Duration, Named, Ratio, TimeOfDay, refused


class Demand(Declared):
    """When orders come."""

    orders_per_day: Positive
    by_hour: tuple[NonNegative, ...]
    """24 weights."""
    by_weekday: tuple[NonNegative, ...]
    """7 weights, Monday first."""
    peaks: tuple[Peak, ...] = ()

    @model_validator(mode="after")
    def _covers_day_and_week(self) -> "Demand":
        for name, weights, count in (("by_hour", self.by_hour, 24), ("by_weekday", self.by_weekday, 7)):
            if len(weights) != count or sum(weights) <= 0:
                raise refused(f"{name} has {len(weights)} weights", f"allowed: {count}, not all 0")
        return self


class Promise(Declared):
    """What the shop promises: the end of the day that many days after the placement, a day later past the cut-off."""

    cut_off: TimeOfDay
    stock_days: NonNegative
    """Handling of what is in stock."""
    make_days: NonNegative
    """Handling of what is made to order."""


class TierMix(Declared):
    """Share of the tiers; the rest is standard."""

    vip: Ratio = 0.0
    preferred: Ratio = 0.0


class Customers(Declared):
    """How customers wait, complain and answer."""

    tiers: TierMix = TierMix()
    urgent_share: Ratio = 0.0
    languages: dict[Named, Positive]
    channels: dict[Named, Positive]
    complaint_by_lateness: tuple[Point, ...]
    """Share that has complained about delivery once an order is that late (days; grows)."""
    complaint_on_time: Ratio
    """Share of on-time orders that complain about delivery all the same."""
    low_review_by_lateness: tuple[Point, ...]
    """Share of 1-2 stars, by lateness in days; below the first point the first holds."""
    satisfied_on_time: Ratio
    satisfied_late: Ratio
    """Share of 4-5 stars."""
    survey_share: Ratio
    survey_after: SomeTime
    contact_share: Ratio = 0.0
    """Share of late orders whose customer asks before complaining."""
    notice_effect: Ratio = 0.0
    """Share of complaints that a proactive message with reason and new date prevents."""
    coupon_effect: Ratio = 0.0
    """Share of the remaining complaints that a coupon prevents."""

    @model_validator(mode="after")
    def _grows(self) -> "Customers":
        for name, curve in (
            ("complaint_by_lateness", self.complaint_by_lateness),
            ("low_review_by_lateness", self.low_review_by_lateness),
        ):
            points = list(curve)
            pairs = pairwise(points)
            if not points or any(b.days <= a.days or b.share < a.share for a, b in pairs):
                raise refused(f"{name} does not grow", "allowed: days ascending, shares not falling")
        return self


class Desk(Declared):
    """Entry checks and the people behind them."""

    check_time: SomeTime
    """Median time of the automatic checks."""
    check_sigma: Sigma = 0.0
    suspect_share: Ratio = 0.0
    """Share of orders held for a person."""
    people: Crew | None = None
    wrong_address_share: Ratio = 0.0
    caught_share: Ratio = 0.0
    """Share of the wrong addresses that the checks hold."""
    cancel_share: Ratio = 0.0
    """Share of orders the customer cancels ..."""
    cancel_after: Duration = 0
    """... about this long after placing, if they are not packed by then."""
    address_fix: Duration = 0
    """Time until a wrong address found at the door is corrected."""


class System(Declared):
    """An information system: how soon, how surely and how often it reports."""

    lag: Duration = 0
    """Median from the fact to the report."""
    lag_sigma: Sigma = 0.0
    loss: Ratio = 0.0
    duplicate: Ratio = 0.0
    heartbeat: Duration = HOUR_US
    """Time between signs of life; 0: none, and then a quiet day is taken for a dead system."""


class Weather(Declared):
    """The usual weather: what a bad day does."""

    area_days: Count = 1
    """Days a spell lasts."""
    courier_speed: Ratio = 1.0
    lane_speed: Ratio = 1.0
    alert_ahead: Duration = 0
    """How long before it begins the alert is out."""
