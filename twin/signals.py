"""News of a disruption, as the systems that would bring it word it: forecasts, closures, notices, and the all-clear.

A carrier names the closed lane, which is what the parcels about to take it know, and the relations (warehouse-zone)
whose parcels come to it on a later leg: orders not yet handed over know where they go, not by which lanes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from radar.events import Payload
from radar.events.supply import LineState, LineStatus, SupplyNotice
from radar.events.world import RoadClosure, WeatherAlert
from radar.instant import SECOND_US, Instant, to_datetime
from scenarios.disruptions import Disruption, Kind
from scenarios.effects import Notice, SignalModel
from scenarios.network import Network, route
from scenarios.selectors import SelectorError, resolve
from twin.masks import Signal

_SOURCE = {
    Notice.WEATHER_ALERT: "weather",
    Notice.ROAD_CLOSURE: "carrier",
    Notice.SUPPLY_NOTICE: "procurement",
    Notice.LINE_STATUS: "mes",
}
_KIND_OF = {
    Notice.WEATHER_ALERT: Kind.ZONE,
    Notice.ROAD_CLOSURE: Kind.LANE,
    Notice.SUPPLY_NOTICE: Kind.SUPPLIER,
    Notice.LINE_STATUS: Kind.LINE,
}


@dataclass(frozen=True, slots=True)
class Span:
    """When a disruption is there: as a forecaster guesses, and truly."""

    start_s: int
    guessed_end_s: int
    end_s: int


def check_signal(network: Network, one: Disruption, targets: Sequence[str]) -> None:
    """Refuse news about what is not there, whether or not it will be heard.

    Raises:
        SelectorError: The notice is about parts that the disruption or the network does not have.
    """
    if one.signal is not None:
        _subjects(network, one, one.signal, targets)


def signals_of(
    network: Network, one: Disruption, targets: Sequence[str], span: Span, epoch: Instant
) -> tuple[Signal, ...]:
    """Return the news of one onset of a disruption whose signal was checked."""
    notice = one.signal
    assert notice is not None, "asked for by one that has news"
    said_s = max(0, span.start_s - notice.ahead // SECOND_US)
    source = _SOURCE[notice.kind]
    names = _subjects(network, one, notice, targets)
    if notice.kind is Notice.ROAD_CLOSURE:
        names = (*names, *_relations(network, names))
    news = [Signal(said_s, source, name, _payload(notice, name, span, epoch)) for name in names]
    end_at = to_datetime(Instant(epoch + span.end_s * SECOND_US))
    for name in names:
        over = _all_clear(notice, name, end_at)
        if over is not None:
            news.append(Signal(span.end_s, source, name, over))
    return tuple(news)


def _relations(network: Network, lanes: Sequence[str]) -> tuple[str, ...]:
    """Return the relations whose usual way takes one of the lanes on a later leg."""
    found = []
    for house in network.warehouses:
        for zone in network.zones:
            way = route(network.lanes, house.hub, zone.hub) or ()
            if set(way[1:]) & set(lanes):
                found.append(f"{house.name}-{zone.name}")
    return tuple(found)


def _all_clear(notice: SignalModel, name: str, end_at: datetime) -> Payload | None:
    """Return what is said when it is over; None where other reports tell (lines) or the forecast named the end."""
    if notice.kind is Notice.ROAD_CLOSURE:
        return RoadClosure(reason=notice.reason, lane=name, is_closed=False)
    if notice.kind is Notice.SUPPLY_NOTICE:
        return SupplyNotice(supplier=name, expected_at=end_at)
    return None


def _subjects(network: Network, one: Disruption, notice: SignalModel, targets: Sequence[str]) -> tuple[str, ...]:
    """Return what the news is about, in the network's order."""
    kind = _KIND_OF[notice.kind]
    if notice.areas:
        return resolve(network, kind, notice.areas)
    if one.kind is Kind.SIGNAL:
        return resolve(network, kind, targets)
    if one.kind is kind:
        return tuple(targets)
    if kind is Kind.ZONE and one.kind is Kind.LANE:
        hubs = {lane.target for lane in network.lanes if lane.name in targets}
        return tuple(zone.name for zone in network.zones if zone.hub in hubs)
    if kind is Kind.ZONE and one.kind is Kind.SITE:
        hubs = {house.hub for house in network.warehouses if house.name in targets} | set(targets)
        return tuple(zone.name for zone in network.zones if zone.hub in hubs)
    fitting = ", ".join(name.value for name, what in _KIND_OF.items() if what is one.kind) or "weather-alert with areas"
    raise SelectorError(f"{notice.kind.value} says nothing about a {one.kind.value}", f"allowed: {fitting}")


def _payload(notice: SignalModel, name: str, span: Span, epoch: Instant) -> Payload:
    from_at, to_at = (to_datetime(Instant(epoch + at_s * SECOND_US)) for at_s in (span.start_s, span.guessed_end_s))
    match notice.kind:
        case Notice.WEATHER_ALERT:
            return WeatherAlert(name, notice.severity, from_at, to_at, notice.hazard)
        case Notice.ROAD_CLOSURE:
            return RoadClosure(reason=notice.reason, note=notice.note, lane=name, until_at=to_at)
        case Notice.SUPPLY_NOTICE:
            return SupplyNotice(supplier=name, expected_at=to_at)
        case Notice.LINE_STATUS:
            return LineStatus(reason=notice.reason, note=notice.note, state=LineState.DOWN, expected_recovery_at=to_at)
    assert_never(notice.kind)
