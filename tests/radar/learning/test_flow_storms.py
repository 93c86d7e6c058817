"""The flow in bad weather: what it is told of storms, couriers, closed ways and sites, and what a restart keeps."""

from functools import cache

import pytest

from radar.events import Event, Payload
from radar.events.common import ReasonCode
from radar.events.order import OrderPlaced
from radar.events.transport import (
    CourierState,
    CourierStatus,
    ScanKind,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
    ShipmentScan,
)
from radar.events.world import AlertSeverity, RoadClosure, WeatherAlert
from radar.instant import DAY_US, HOUR_US, Instant, to_datetime
from radar.learning.flow import Flow
from radar.learning.positions import MIDWAY, ONWARD
from radar.room import ControlRoom
from tests.radar.learning.rich_worlds import HOUSES, START, RichWorld
from tests.radar.learning.test_restart import dying, undisturbed
from tests.radar.learning.worlds import learner_of, play, rules

AREA = HOUSES[0].removesuffix("-house")
STORM = (11.0, 12.5)
"""Days from and to which the storm is forecast, a day ahead."""
FULL, FEW = 30.0, 3.0


def when(day: float) -> Instant:
    return Instant(round(START + day * DAY_US))


def told(data: Payload, at: Instant, subject: str, name: str) -> Event:
    return Event(at, id=f"{name}-{subject}-{at}", source="world", subject=subject, data=data)


LEGS = ((ScanKind.DEPART, "plant"), (ScanKind.ARRIVE, "mid"), (ScanKind.DEPART, "mid"), (ScanKind.ARRIVE, "end"))


def scans(events: list[Event]) -> list[Event]:
    """Return two legs of scans between each hand-over and its couriers."""
    area, handed, found = {}, {}, []
    for one in events:
        if isinstance(one.data, OrderPlaced):
            area[one.subject] = one.data.ship_to.area
        elif isinstance(one.data, ShipmentHandedOver):
            handed[one.subject] = one.time
        elif isinstance(one.data, ShipmentOutForDelivery):
            since = handed[one.subject]
            for number, (kind, site) in enumerate(LEGS, 1):
                scan = ShipmentScan(site=f"end-{area[one.subject]}" if site == "end" else site, scan=kind)
                at = Instant(since + (one.time - since) * number // 5)
                found.append(told(scan, at, one.subject, f"scan{number}"))
    return found


@cache
def history(*, is_stormy: bool = True, days: float = 16.3) -> tuple[Event, ...]:
    """Return a history with scans and couriers' reports, and with a storm and a closed way."""
    events = RichWorld(stop_day=99).events()
    events += scans(events)
    for day in range(1, 20):
        for house in HOUSES:
            area = house.removesuffix("-house")
            is_hit = is_stormy and area == AREA and STORM[0] <= day + 9 / 24 < STORM[1]
            status = CourierStatus(CourierState.WORKING, area, 25.0, FEW if is_hit else FULL)
            events.append(told(status, when(day + 9 / 24), f"couriers-{area}", "load"))
    if is_stormy:
        first, last = (to_datetime(when(day)) for day in STORM)
        alert = WeatherAlert(AREA, AlertSeverity.EXTREME, first, last, "typhoon")
        events.append(told(alert, when(STORM[0] - 1), AREA, "alert"))
        way = f"{HOUSES[1]}-west"
        shut = RoadClosure(reason=ReasonCode.ROAD_CLOSURE, lane=way, until_at=to_datetime(when(14)))
        events.append(told(shut, when(13), way, "closure"))
    return tuple(sorted((one for one in events if one.time < when(days)), key=lambda one: (one.time, one.id)))


def played(**changes) -> tuple[ControlRoom, Flow]:
    room = ControlRoom(rules())
    play(room, list(history(**changes)))
    return room, learner_of(room)._flow


@pytest.mark.req("R03")
def test_an_order_that_the_storm_will_hold_up_is_in_danger_before_it_blows_and_its_neighbours_are_not():
    def mean(is_stormy: bool, house: str) -> float:
        room, flow = played(is_stormy=is_stormy, days=STORM[0] - 0.05)
        last = when(STORM[1])
        open_ = [one for one in room.orders.values() if one.is_open and one.origin == house and one.promise_at < last]
        assert open_
        return sum(flow.predict(one, room.clock) for one in open_) / len(open_)

    assert mean(True, HOUSES[0]) > mean(False, HOUSES[0]) + 0.2
    assert mean(True, HOUSES[1]) == pytest.approx(mean(False, HOUSES[1]), abs=0.02)


def test_the_couriers_word_and_the_closed_way_take_capacity_and_the_site_before_them_is_known():
    _, flow = played(days=12.0)
    couriers = flow.queues[-1]
    place = couriers.names.numbers[AREA]
    assert couriers.left[place][0] < 0.2
    assert couriers.names.numbers["west"] not in couriers.left
    assert flow.yard.last_sites == {"east": "end-east", "west": "end-west"}
    _, flow = played(days=13.5)
    ways = flow.queues[-2]
    assert ways.left[ways.names.numbers[f"{HOUSES[1]}>west"]][0] == 0.0


def test_parcels_between_two_sites_are_told_from_those_at_the_last():
    _, flow = played(days=10.0)
    stations = set(flow.yard.positions(flow.at).stations.tolist())
    assert stations & {MIDWAY, ONWARD}


@pytest.mark.req("R03")
@pytest.mark.parametrize("every", [487, pytest.param(53, marks=pytest.mark.slow)])
def test_a_restart_in_bad_weather_ends_in_the_same_figures(every):
    events = list(history(days=14.6))
    assert dying(events, every) == undisturbed(events)
    assert when(STORM[0]) + 2 * HOUR_US < events[-1].time, "the storm was part of it"
