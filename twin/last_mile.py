"""The last mile: couriers leave the station in rounds with what has arrived; a round is one call with a list.

Who is served when within a round, who is not at home, and whose address is wrong is settled at departure from each
parcel's own luck; the reports come out at their times.
"""

from collections.abc import Callable
from heapq import heappop, heappush

from radar.events.common import ReasonCode
from radar.events.transport import (
    CourierState,
    CourierStatus,
    ShipmentAttemptFailed,
    ShipmentDelivered,
    ShipmentException,
    ShipmentOutForDelivery,
)
from radar.stages import Stage
from scenarios.network_transport import Zone as ZoneRule
from scenarios.scalars import parse_weekdays
from twin.context import Clock, Context, seconds
from twin.kernel import Call, Tie
from twin.orders import OPEN_S, Draw, Order, Outcome
from twin.pace import NORMAL

ADDRESS = "address"
VISITS = (Draw.VISIT_1, Draw.VISIT_2, Draw.VISIT_3)
OVERLOAD = 1.2
"""Parcels waiting over places on the round, from which a station calls itself overloaded (assumption)."""


class Station:
    """One zone's station."""

    __slots__ = ("clock", "extra", "queue", "regime", "rule", "said", "share", "stop_s")  # fmt: skip

    def __init__(self, context: Context, rule: ZoneRule) -> None:
        target = f"zone:{rule.name}"
        self.rule = rule
        self.regime = context.regime(None, target)
        self.share = context.capacity(target)
        self.stop_s = seconds(rule.stop_time)
        weekdays = parse_weekdays(rule.weekdays) or list(range(7))
        self.clock = Clock(rule.rounds, weekdays, context.network.start.weekday())
        self.queue: list[tuple[int, int, Order, int]] = []
        self.extra: dict[int, int] = {}
        """Extra couriers by day."""
        names = [f"{rule.name}-{number:02d}" for number in range(rule.couriers)]
        self.said = [
            (ShipmentOutForDelivery(courier=n, site=rule.name), ShipmentDelivered(courier=n), n) for n in names
        ]

    def couriers(self, at_s: int) -> int:
        """Return how many couriers leave on a round."""
        if self.regime.gate.speed_at(at_s) == 0:
            return 0
        count = self.rule.couriers + self.extra.get(at_s // 86_400, 0)
        if self.share is not None:  # a storm keeps the extra couriers in as well
            count = count * self.share.speed_at(at_s) // NORMAL
        return count


class LastMile:
    """All stations."""

    def __init__(self, context: Context, delivered: Callable[[Order], None]) -> None:
        self._context = context
        self._delivered = delivered
        self._channel = context.feeds.channel("carrier")
        self._fix_s = seconds(context.network.desk.address_fix)
        self._sequence = 0
        self.stations = [Station(context, zone) for zone in context.network.zones]
        self.by_name = {station.rule.name: station for station in self.stations}
        self.retrying = 0
        """Parcels whose next try is set but not queued yet."""
        for station in self.stations:
            self._next_round(station)

    def receive(self, order: Order) -> None:
        """Queue a parcel that has come to its station."""
        station = self.stations[order.zone]
        heappush(station.queue, (order.rank, self._sequence, order, self._context.env.now))
        self._sequence += 1

    def add_couriers(self, zone: str, day: int, count: int) -> None:
        """Have extra couriers on every round of a day."""
        extra = self.by_name[zone].extra
        extra[day] = extra.get(day, 0) + count

    def expedite(self, order: Order, rank: int) -> bool:
        """Move a parcel up at its station; return whether it waited there."""
        queue = self.stations[order.zone].queue
        for index, entry in enumerate(queue):
            if entry[2] is order:
                queue[index] = (min(rank, entry[0]), *entry[1:])
                queue.sort()
                return True
        return False

    @property
    def orders_inside(self) -> int:
        """Return how many parcels wait at stations or for another try."""
        return sum(len(station.queue) for station in self.stations) + self.retrying

    def _next_round(self, station: Station) -> None:
        self._context.call(station.clock.after(self._context.env.now), Tie.DEPART, self._round, station)

    def _round(self, call: Call) -> None:
        station: Station = call.item
        self._next_round(station)
        now_s = self._context.env.now
        couriers = station.couriers(now_s)
        places = couriers * station.rule.parcels_per_round
        count = min(places, len(station.queue))
        self._report_load(station, couriers, places)
        if count == 0:
            return
        each = -(-count // couriers)
        for index in range(count):
            _rank, _sequence, order, since_s = heappop(station.queue)
            first_s = station.clock.after(since_s - 1)
            if now_s > first_s:
                cause = station.regime.cause_between(since_s, now_s + 1)
                order.lose_time(cause or f"zone:{station.rule.name}", now_s - first_s)
            self._visit(station, order, index // each, (index % each + 1) * station.stop_s)

    def _visit(self, station: Station, order: Order, courier: int, work_s: int) -> None:
        """Settle one visit: it leaves now and is at the door after ``work_s`` of the courier's work."""
        now_s = self._context.env.now
        door_s = station.regime.run.finish(now_s, work_s)
        out, done, name = station.said[courier % len(station.said)]
        if order.stamps[Stage.OUT_FOR_DELIVERY] == OPEN_S:
            order.stamps[Stage.OUT_FOR_DELIVERY] = now_s
        visit = order.attempts
        order.attempts += 1
        is_on = self._channel.is_on
        if is_on:
            self._channel.tell(now_s, f"{order.id}-out-{visit}", order.id, out)
        reason = self._why_not(station, order, visit, door_s)
        if reason is None:
            order.stamps[Stage.DELIVERED] = door_s
            order.outcome = Outcome.DELIVERED
            if is_on:
                self._channel.tell(door_s, f"{order.id}-delivered", order.id, done)
            self._delivered(order)
            return
        if is_on:
            said = ShipmentAttemptFailed(reason=reason, courier=name)
            self._channel.tell(door_s, f"{order.id}-failed-{visit}", order.id, said)
        self._try_again(station, order, reason, door_s)

    def _why_not(self, station: Station, order: Order, visit: int, door_s: int) -> ReasonCode | None:
        """Return why a visit fails, None when it does not."""
        if order.is_address_wrong and not 0 <= order.address_ok_s <= door_s:
            return ReasonCode.ADDRESS
        if visit < len(VISITS) and order.luck[VISITS[visit]] < station.rule.absent_share:
            return ReasonCode.RECIPIENT_ABSENT
        return None

    def _try_again(self, station: Station, order: Order, reason: ReasonCode, door_s: int) -> None:
        ready_s = door_s + 4 * station.stop_s
        if reason is ReasonCode.ADDRESS:
            if order.address_ok_s == OPEN_S:
                order.address_ok_s = door_s + self._fix_s
            ready_s = max(ready_s, order.address_ok_s)
        elif order.attempts >= station.rule.attempts_max:
            order.outcome = Outcome.RETURNED
            order.lose_time("absent", door_s - order.stamps[Stage.OUT_FOR_DELIVERY])
            if self._channel.is_on:
                said = ShipmentException(reason=ReasonCode.RETURNED, site=station.rule.name)
                self._channel.tell(door_s, f"{order.id}-returned", order.id, said)
            return
        order.lose_time(ADDRESS if reason is ReasonCode.ADDRESS else "absent", ready_s - self._context.env.now)
        self.retrying += 1
        self._context.call(ready_s, Tie.ARRIVE, self._back, order)

    def _back(self, call: Call) -> None:
        self.retrying -= 1
        self.receive(call.item)

    def _report_load(self, station: Station, couriers: int, places: int) -> None:
        """Report the couriers' load once a day, and overload whenever it shows."""
        if not self._channel.is_on:
            return
        now_s = self._context.env.now
        is_over = len(station.queue) > OVERLOAD * max(1, places)
        if is_over or now_s % 86_400 <= station.rule.rounds[0] * 60:
            state = CourierState.OVERLOADED if is_over else CourierState.WORKING
            if couriers == 0:
                state = CourierState.LEAVE
            said = CourierStatus(
                state=state, area=station.rule.name, load=float(len(station.queue)), capacity=float(places)
            )
            name = f"couriers-{station.rule.name}"
            self._channel.tell(now_s, f"{name}-{now_s}", name, said)
