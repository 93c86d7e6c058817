"""Hypothesis strategies for histories: small worlds in which ties, duplicates and late news are the rule."""

from collections.abc import Sequence

import msgspec
from hypothesis import strategies as st

from radar.events import Event, Payload
from radar.events.common import ReasonCode, Tier
from radar.events.order import (
    OrderCancelled,
    OrderChanged,
    OrderHeld,
    OrderLine,
    OrderPlaced,
    OrderReleased,
    OrderValidated,
    PaymentApproved,
    ShipTo,
)
from radar.events.supply import ProductionFinished, ProductionStarted
from radar.events.transport import (
    FulfilmentPicked,
    ShipmentDelivered,
    ShipmentException,
    ShipmentHandedOver,
    ShipmentScan,
    VehiclePosition,
)
from radar.events.world import CustomerComplaint, SourceHeartbeat
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.rules import PredictionRules, Rules, SilenceRules
from radar.stages import Stage
from radar.standards import Standard
from tests.radar.harness import START, rules

ORDERS = ("SO-1", "SO-2", "SO-3")
SOURCES = ("shop", "wms")
LATENESS_US = 3 * HOUR_US

STRICT: Rules = rules(
    *(Standard(stage, 2 * HOUR_US, grace_us=HOUR_US) for stage in Stage),
    silence=SilenceRules(source_default_us=6 * HOUR_US, order_us={"*": 5 * HOUR_US}),
    prediction=PredictionRules(lead_us=4 * HOUR_US, checks_us=(8 * HOUR_US, 6 * HOUR_US, 2 * HOUR_US)),
    tombstone_us=DAY_US,
    warnings_per_order_max=6,
)
"""Limits as short as the histories, so that everything comes due somewhere."""

hours = st.integers(0, 40)
moments_us = st.builds(
    lambda hour, micro: Instant(START + hour * HOUR_US + micro), hours, st.sampled_from([0, 0, 0, 1, -1])
)
"""Whole hours, mostly: standards, graces and limits are whole hours too, so that deadlines meet events."""

_PLAIN: tuple[Payload, ...] = (
    OrderValidated(),
    OrderHeld(reason=ReasonCode.ADDRESS),
    OrderReleased(),
    OrderCancelled(),
    PaymentApproved(),
    ProductionStarted(line="L1"),
    ProductionFinished(),
    FulfilmentPicked(),
    ShipmentHandedOver(carrier="C1", mode="road"),
    ShipmentScan(site="hub"),
    ShipmentException(reason=ReasonCode.WEATHER),
    ShipmentException(reason=ReasonCode.LOST),
    ShipmentDelivered(),
    CustomerComplaint(),
    VehiclePosition(),
    SourceHeartbeat(next_within_s=3600),
    SourceHeartbeat(next_within_s=7200),
)


@st.composite
def _placements(draw: st.DrawFn) -> Payload:
    promise = draw(st.none() | st.integers(3, 60))
    return OrderPlaced(
        promise_at=None if promise is None else to_datetime(Instant(START + promise * HOUR_US)),
        tier=draw(st.sampled_from(Tier)),
        is_urgent=draw(st.booleans()),
        lines=(OrderLine("sofa", draw(st.sampled_from([0, 1, 1, 20_000]))),),
        ship_to=ShipTo(area="north"),
        origin="plant",
    )


_payloads = st.one_of(
    _placements(),
    st.sampled_from(_PLAIN),
    st.builds(OrderChanged, is_urgent=st.booleans(), ship_to=st.just(ShipTo(area="south"))),
    st.builds(PaymentApproved, ship_by_at=moments_us.map(to_datetime)),
)


@st.composite
def histories(draw: st.DrawFn, size_max: int = 24) -> list[Event]:
    """Draw distinct events in order of time; many share an order, an instant, or both."""
    drawn = draw(
        st.lists(
            st.tuples(_payloads, moments_us, st.sampled_from(ORDERS), st.sampled_from(SOURCES)),
            min_size=1,
            max_size=size_max,
        )
    )
    events = [
        Event(time, id=f"ev-{number}", source=source, subject=order, data=data)
        for number, (data, time, order, source) in enumerate(drawn)
    ]
    return sorted(events, key=lambda one: one.time)


def delayed(events: Sequence[Event], delays_us: Sequence[int]) -> list[Event]:
    """Return events in the order in which they arrive, each so long after it happened."""
    pairs = sorted(zip(events, delays_us, strict=True), key=lambda pair: pair[0].time + pair[1])
    return [one for one, _ in pairs]


@st.composite
def arrivals(draw: st.DrawFn, events: Sequence[Event], late_us: int = 0) -> list[Event]:
    """Draw an order of arrival in which no event is late, or at most ``late_us`` late."""
    some = st.sampled_from([0, 0, 1, HOUR_US, LATENESS_US, LATENESS_US + late_us])
    return delayed(events, draw(st.lists(some, min_size=len(events), max_size=len(events))))


@st.composite
def with_repeats(draw: st.DrawFn, events: Sequence[Event]) -> list[Event]:
    """Draw places at which events that have come already come once more."""
    told = list(events)
    for where in draw(st.lists(st.integers(1, max(1, len(events))), max_size=6)):
        again = draw(st.integers(0, where - 1))
        told.insert(draw(st.integers(again + 1, len(told))), msgspec.structs.replace(told[again]))
    return told


@st.composite
def dealt(draw: st.DrawFn, events: Sequence[Event]) -> list[list[Event]]:
    """Draw a split over one to three streams."""
    count = draw(st.integers(1, 3))
    streams: list[list[Event]] = [[] for _ in range(count)]
    for one in events:
        streams[draw(st.integers(0, count - 1))].append(one)
    return streams
