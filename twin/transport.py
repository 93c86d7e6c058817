"""Transport: lanes with timetables, cut-offs and capacity between hubs that sort; a truck is one call with a list.

Parcels wait at a lane in (rank, arrival) order. At the cut-off the carrier loads what fits; the truck departs when
the timetable says and drives by the lane's regime, with luck by departure number. A lane closed at its departure
does not run. At the other end the hub sorts the whole load as one job.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from radar.events.common import ReasonCode
from radar.events.transport import (
    ScanKind,
    ShipmentException,
    ShipmentHandedOver,
    ShipmentScan,
    VehiclePosition,
)
from radar.stages import Stage
from scenarios.network import route
from scenarios.network_transport import Hub, Mode
from scenarios.network_transport import Lane as LaneRule
from scenarios.scalars import parse_weekdays
from twin.chance import spread
from twin.context import Clock, Context, seconds
from twin.kernel import Call, Tie
from twin.orders import Order, Outcome
from twin.pace import NEVER_S, NORMAL
from twin.pool import Pool
from twin.regime import LOST_S

Load = list[Order]
POSITIONS = 3
"""A truck reports its place after every third of its way."""


class Lane:
    """One timetable and who waits for it."""

    __slots__ = ("capacity", "clock", "cut_off_s", "departures", "luck", "queue", "regime", "rule", "said", "share")

    def __init__(self, context: Context, rule: LaneRule) -> None:
        target = f"lane:{rule.name}"
        self.rule = rule
        self.regime = context.regime(None, target)
        self.share = context.capacity(target)
        self.capacity = rule.capacity
        self.cut_off_s = seconds(rule.cut_off)
        weekdays = parse_weekdays(rule.weekdays) or list(range(7))
        self.clock = Clock(rule.departures, weekdays, context.network.start.weekday())
        self.luck = context.chance.luck(target, 1)
        self.queue: list[tuple[int, int, Order, int]] = []
        self.departures = 0
        self.said = ShipmentHandedOver(carrier=rule.carrier, mode=rule.mode.value, lane=rule.name)

    def places(self, at_s: int) -> int:
        """Return the parcels a departure at an instant can carry; 0 when it does not run."""
        if self.regime.gate.speed_at(at_s) == 0:
            return 0
        return self.capacity if self.share is None else self.capacity * self.share.speed_at(at_s) // NORMAL


class Transport:
    """All lanes and hubs."""

    def __init__(self, context: Context, hub_of: dict[str, str], arrived: Callable[[Order], None]) -> None:
        network = context.network
        self._context = context
        self._hub_of = hub_of
        self._arrived = arrived
        self._channel = context.feeds.channel("carrier")
        self._sequence = 0
        self._ways: dict[tuple[str, str, str], tuple[str, ...] | None] = {}
        self._closed: frozenset[str] = frozenset()
        self.lanes = {rule.name: Lane(context, rule) for rule in network.lanes}
        self._sort_s = {hub.name: 3600 / hub.parcels_per_hour for hub in network.hubs}
        self.hubs: dict[str, Pool[Load]] = {hub.name: self._hub(hub) for hub in network.hubs}
        scans = {(hub.name, kind): ShipmentScan(site=hub.name, scan=kind) for hub in network.hubs for kind in ScanKind}
        self._scans = scans
        self.on_road: dict[int, Load] = {}
        for lane in self.lanes.values():
            self._next_departure(lane)

    def ship(self, order: Order) -> None:
        """Send a packed parcel on its way."""
        zone = self._context.network.zones[order.zone]
        origin = self._hub_of[order.warehouse]
        order.way = self._way(origin, zone.hub, order.mode)
        order.leg = 0
        if order.way:
            self._queue(order)
        else:  # the zone's own hub: the carrier takes it at once
            self._hand_over(order, ShipmentHandedOver(mode=order.mode), self._context.env.now)
            self._sort(origin, [order])

    def can_switch(self, order: Order, mode: Mode) -> bool:
        """Return whether a parcel that waits at a lane, or is not packed yet, could go by another mode."""
        target = self._context.network.zones[order.zone].hub
        if order.stamps[Stage.PACKED] < 0:
            origin = self._hub_of.get(order.warehouse)  # none while its goods are being made: it is seen when it ships
            return origin is None or self._find(origin, target, mode.value) is not None
        lane = self._waits_at(order)
        return lane is not None and self._find(lane.rule.origin, target, mode.value) is not None

    def set_mode(self, order: Order, mode: Mode) -> bool:
        """Let a parcel go on by another mode from where it waits; return whether there is such a way."""
        if not self.can_switch(order, mode):
            return False
        order.mode = mode.value
        lane = self._waits_at(order)
        if lane is not None:
            lane.queue = [entry for entry in lane.queue if entry[2] is not order]
            heapify(lane.queue)
            target = self._context.network.zones[order.zone].hub
            order.way, order.leg = self._way(lane.rule.origin, target, mode.value), 0
            self._queue(order)
        return True

    def _waits_at(self, order: Order) -> Lane | None:
        """Return the lane a parcel waits at."""
        lane = self.lanes[order.way[order.leg]] if order.leg < len(order.way) else None
        return lane if lane is not None and any(entry[2] is order for entry in lane.queue) else None

    def close(self, lanes: frozenset[str]) -> int:
        """Lead new and waiting parcels around some lanes from now on; return how many waiting ones turned."""
        self._closed, self._ways, turned = lanes, {}, 0
        for name in sorted(lanes):
            queue, self.lanes[name].queue = self.lanes[name].queue, []
            for entry in sorted(queue):
                order = entry[2]
                target = self._context.network.zones[order.zone].hub
                order.way, order.leg = self._way(self.lanes[name].rule.origin, target, order.mode), 0
                turned += order.way[0] != name
                self._queue(order)
        return turned

    def extra_departure(self, lane: str, at_s: int) -> None:
        """Let an extra truck leave: at once with what waits, else behind the next one of the timetable."""
        self._context.call(at_s, Tie.DEPART, self._extra, (self.lanes[lane], True))

    def expedite(self, order: Order, rank: int) -> bool:
        """Move a parcel up where it waits for a truck; return whether it waited."""
        for lane in self.lanes.values():
            for index, entry in enumerate(lane.queue):
                if entry[2] is order:
                    lane.queue[index] = (min(rank, entry[0]), *entry[1:])
                    lane.queue.sort()
                    return True
        return False

    @property
    def orders_inside(self) -> int:
        """Return how many parcels wait at lanes, ride, or are being sorted."""
        waiting = sum(len(lane.queue) for lane in self.lanes.values())
        riding = sum(len(load) for load in self.on_road.values())
        sorting = sum(len(entry[2]) for hub in self.hubs.values() for entry in hub.queue)
        return waiting + riding + sorting + sum(len(job.item) for hub in self.hubs.values() for job in hub.busy)

    def _hub(self, hub: Hub) -> Pool[Load]:
        target = f"pool:{hub.name}.sort"

        def sorted_out(load: Load) -> None:
            for order in load:
                self._onward(order)

        regime = self._context.regime(hub.calendar, target)
        return Pool(self._context.env, 1, regime, sorted_out, capacity=self._context.capacity(target))

    def _way(self, origin: str, target: str, mode: str) -> tuple[str, ...]:
        way = self._find(origin, target, mode)
        if way is None:
            way = self._find(origin, target, Mode.ROAD.value)
        if way is None:  # every way round is closed: wait for the usual one
            way = route(self._context.network.lanes, origin, target)
        assert way is not None, f"no lanes from {origin} to {target}: the network was checked for that"
        return way

    def _find(self, origin: str, target: str, mode: str) -> tuple[str, ...] | None:
        key = (origin, target, mode)
        if key not in self._ways:
            lanes = self._context.network.lanes
            modes = frozenset(Mode) if mode == Mode.AIR.value else frozenset({Mode.ROAD, Mode.RAIL})
            self._ways[key] = route(lanes, origin, target, modes, self._closed)
        return self._ways[key]

    def _queue(self, order: Order) -> None:
        lane = self.lanes[order.way[order.leg]]
        heappush(lane.queue, (order.rank, self._sequence, order, self._context.env.now))
        self._sequence += 1

    def _onward(self, order: Order) -> None:
        if order.leg < len(order.way):
            self._queue(order)
        else:
            self._arrived(order)

    def _next_departure(self, lane: Lane) -> None:
        now_s = self._context.env.now
        departs_s = lane.clock.after(now_s + lane.cut_off_s)
        self._context.call(departs_s - lane.cut_off_s, Tie.DEPART, self._cut_off, lane)

    def _cut_off(self, call: Call) -> None:
        lane: Lane = call.item
        number = lane.departures
        lane.departures += 1
        self._load(lane, self._context.env.now + lane.cut_off_s, number)
        self._next_departure(lane)

    def _extra(self, call: Call) -> None:
        lane, may_wait = call.item
        now_s = self._context.env.now
        if may_wait and not lane.queue:
            cut_off_s = lane.clock.after(now_s + lane.cut_off_s) - lane.cut_off_s
            self._context.call(cut_off_s, Tie.DEPART, self._extra, (lane, False))
            return
        # Its luck is that of a departure far in the future: it must not shift the timetable's.
        self._load(lane, now_s, 100_000 + lane.departures)

    def _load(self, lane: Lane, departs_s: int, number: int) -> None:
        """Load what fits and send it off."""
        now_s = self._context.env.now
        load: Load = []
        for _ in range(min(lane.places(departs_s), len(lane.queue))):
            _rank, _sequence, order, since_s = heappop(lane.queue)
            self._note_wait(lane, order, since_s, now_s)
            load.append(order)
        if not load:
            return
        work_s = max(1, round(seconds(lane.rule.transit) * spread(lane.rule.sigma, lane.luck.one(number))))
        arrives_s = lane.regime.finish(departs_s, work_s)
        key = id(load)
        self.on_road[key] = load
        self._report_departure(lane, load, departs_s)
        planned_s = departs_s + seconds(lane.rule.transit)
        late_s = arrives_s - planned_s
        if late_s > 3600:
            cause = lane.regime.cause_between(departs_s, arrives_s) or f"lane:{lane.rule.name}"
            for order in load:
                order.lose_time(cause, late_s)
        if arrives_s == LOST_S:
            self._context.call(departs_s + work_s, Tie.ARRIVE, self._lost, (lane, load))
        elif arrives_s != NEVER_S:
            self._report_positions(lane, (departs_s, arrives_s), work_s, number)
            self._context.call(arrives_s, Tie.ARRIVE, self._arrive, (lane, load))

    def _note_wait(self, lane: Lane, order: Order, since_s: int, now_s: int) -> None:
        """Book the time beyond the first departure that it could have taken."""
        first_s = lane.clock.after(since_s + lane.cut_off_s - 1) - lane.cut_off_s
        if now_s > first_s:
            cause = lane.regime.cause_between(since_s, now_s + lane.cut_off_s + 1)
            order.lose_time(cause or f"lane:{lane.rule.name}", now_s - first_s)

    def _arrive(self, call: Call) -> None:
        lane, load = call.item
        del self.on_road[id(load)]
        now_s = self._context.env.now
        site = lane.rule.target
        said = self._scans[site, ScanKind.ARRIVE]
        is_on = self._channel.is_on
        for order in load:
            order.leg += 1
            if is_on:
                self._channel.tell(now_s, f"{order.id}-arrive-{site}-{order.attempts}", order.id, said)
        self._sort(site, load)

    def _sort(self, site: str, load: Load) -> None:
        self.hubs[site].submit(load, max(1, round(len(load) * self._sort_s[site])))

    def _lost(self, call: Call) -> None:
        lane, load = call.item
        del self.on_road[id(load)]
        now_s = self._context.env.now
        for order in load:
            order.outcome = Outcome.LOST
            order.lose_time(lane.regime.cause_between(0, now_s), now_s)
            if self._channel.is_on:
                said = ShipmentException(reason=ReasonCode.LOST, site=lane.rule.name)
                self._channel.tell(now_s, f"{order.id}-lost", order.id, said)

    def _hand_over(self, order: Order, said: ShipmentHandedOver, at_s: int) -> None:
        order.stamps[Stage.HANDED_OVER] = at_s
        if self._channel.is_on:
            self._channel.tell(at_s, f"{order.id}-handed-over", order.id, said)

    def _report_departure(self, lane: Lane, load: Load, departs_s: int) -> None:
        """Stamp and report the hand-over at the cut-off and the departure of every parcel."""
        now_s = self._context.env.now
        site = lane.rule.origin
        said = self._scans[site, ScanKind.DEPART]
        is_on = self._channel.is_on
        for order in load:
            if order.leg == 0 and order.stamps[Stage.HANDED_OVER] < 0:
                self._hand_over(order, lane.said, now_s)
            if order.stamps[Stage.IN_TRANSIT] < 0:
                order.stamps[Stage.IN_TRANSIT] = departs_s
            if is_on:
                self._channel.tell(departs_s, f"{order.id}-depart-{site}-{order.attempts}", order.id, said)

    def _report_positions(self, lane: Lane, span: tuple[int, int], work_s: int, number: int) -> None:
        """Report where the truck is: it knows the delay of the way it has made, not of the rest."""
        if not self._channel.is_on:
            return
        departs_s, arrives_s = span
        truck = f"{lane.rule.name}-{number}"
        transit_s = seconds(lane.rule.transit)
        for third in range(1, POSITIONS):
            at_s = departs_s + (arrives_s - departs_s) * third // POSITIONS
            made_s = lane.regime.made(departs_s, work_s, at_s)
            delay_s = at_s - departs_s - transit_s * made_s // work_s
            eta = self._context.moment(departs_s + transit_s + delay_s)
            said = VehiclePosition(lane=lane.rule.name, eta_at=eta, delay_s=float(delay_s))
            self._channel.tell(at_s, f"truck-{truck}-{third}", truck, said)
