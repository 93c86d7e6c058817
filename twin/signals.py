"""Early news of a disruption, as the systems that would bring it word it: forecasts, closures, notices."""

from collections.abc import Sequence
from typing import assert_never

from radar.events import Payload
from radar.events.supply import LineState, LineStatus, SupplyNotice
from radar.events.world import RoadClosure, WeatherAlert
from radar.instant import SECOND_US, Instant, to_datetime
from scenarios.disruptions import Disruption, Kind
from scenarios.effects import Notice, SignalModel
from scenarios.network import Network
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


def signals_of(
    network: Network, one: Disruption, targets: Sequence[str], span: tuple[int, int], epoch: Instant
) -> tuple[Signal, ...]:
    """Return the news of one onset; ``span`` is when it begins and, by a forecaster's guess, ends.

    Raises:
        SelectorError: The notice is about parts that the disruption or the network does not have.
    """
    notice = one.signal
    assert notice is not None, "asked for by one that has news"
    said_s = max(0, span[0] - notice.ahead // SECOND_US)
    source = _SOURCE[notice.kind]
    return tuple(
        Signal(said_s, source, name, _payload(notice, name, span, epoch))
        for name in _subjects(network, one, notice, targets)
    )


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


def _payload(notice: SignalModel, name: str, span: tuple[int, int], epoch: Instant) -> Payload:
    from_at, to_at = (to_datetime(Instant(epoch + at_s * SECOND_US)) for at_s in span)
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
