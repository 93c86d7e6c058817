"""What was learned, as figures for a person: read off the rows of experience, whoever keeps them."""

from collections.abc import Iterable
from math import exp

import msgspec

from radar.bottlenecks import Bottleneck
from radar.conditions.condition import Code
from radar.instant import DAY_US, Instant, to_datetime
from radar.lead_thresholds import MACHINE as POLICY
from radar.lead_thresholds import WarningPolicy
from radar.learned_flow import LearnedQueue, LearnedStation, queues_of, stations_of
from radar.learning.learner import Learner
from radar.learning.model import Model
from radar.learning.stored import MACHINE as LEARNER
from radar.outputs import StateRow
from radar.rules import Rules
from radar.surroundings import MACHINES as AROUND
from radar.surroundings import Surroundings

HEAVIEST = 18
"""Place of the calibration's weight on the score itself."""


class LearnedType(msgspec.Struct, frozen=True):
    """What was learned of the orders of one type."""

    order_type: str
    zone: str
    learned_until: str
    """Local date of the last lesson."""
    transit_count: float
    """Deliveries behind the mean, decayed."""
    transit_days: float
    """Geometric mean from the hand-over to the delivery."""
    transit_sigma: float
    """Spread of its logarithm by segment."""
    seller_shift: float
    """Log-odds added to those of an order still with the seller ..."""
    seller_scale: float
    """... after they are multiplied with this."""
    transit_shift: float
    """The same for an order on its way."""
    transit_scale: float
    threshold_at_lead: float | None
    """Probability from which an order is warned of at the lead; None until decisions were made."""


class Learned(msgspec.Struct, frozen=True):
    """The table of a model."""

    types: tuple[LearnedType, ...]
    lanes: tuple[Bottleneck, ...]
    """Where most time is lost beyond the standards, the worst first; of them and of suppliers the first few."""
    suppliers: tuple[Bottleneck, ...]
    conditions: dict[str, float]
    """Kind of condition -> what its forecasts of delay were worth: 1 as said, 0 nothing."""
    places: int
    """Lines, warehouses, lanes and areas whose throughput is known."""
    stations: tuple[LearnedStation, ...] = ()
    """Where a stream tells more than a marketplace's: how long orders usually still need."""
    queues: tuple[LearnedQueue, ...] = ()
    """The same: what places can do in a day, the busiest few before each milestone."""


def describe(rows: Iterable[StateRow], rules: Rules, top: int) -> Learned:
    """Return the figures of rows of experience.

    Args:
        rows: As ``radar.experience`` gives them.
        rules: Of whoever asks.
        top: Lanes and suppliers named.
    """
    learner, around, policy = Learner(rules), Surroundings(rules), WarningPolicy(rules.prediction)
    for row in rows:
        if row.machine == LEARNER:
            learner.load((row,))
        elif row.machine == POLICY:
            policy.load((row,))
        elif row.machine in AROUND:
            around.load((row,))
    thresholds = policy.thresholds()
    weights = {code.value: around.conditions.weight(code) for code in Code}
    return Learned(
        types=tuple(_type(model, thresholds.get(name)) for name, model in sorted(learner.models().items())),
        lanes=around.bottlenecks.pareto("lane")[:top],
        suppliers=around.bottlenecks.pareto("supplier")[:top],
        conditions={code: weight for code, weight in sorted(weights.items()) if weight != 1.0},
        places=len(around.capacity.keys()),
        stations=stations_of(learner.flow()),
        queues=queues_of(learner.flow(), top),
    )


def _type(model: Model, threshold: float | None) -> LearnedType:
    seller, transit = (net.weights for net in model.calibration.nets)
    return LearnedType(
        order_type=model.order_type,
        zone=model.days.zone,
        learned_until=to_datetime(Instant(model.day * DAY_US)).date().isoformat(),
        transit_count=model.means.all[1],
        transit_days=exp(model.means.centre),
        transit_sigma=model.means.sigma,
        seller_shift=float(seller[0]),
        seller_scale=1 + float(seller[HEAVIEST]),
        transit_shift=float(transit[0]),
        transit_scale=1 + float(transit[HEAVIEST]),
        threshold_at_lead=threshold,
    )
