"""Writes scenarios/samples/sample.jsonl.gz: four weeks of an invented maker, every kind of warning occurring.

Everything in it is made up. Seeded: the same file, byte for byte, on every run (a test holds the two together).

    python tools/make_sample.py [OUT]
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from radar.events import KIND_OF, Event
from radar.events.common import Payload, ReasonCode, Tier
from radar.events.order import (
    OrderCancelled,
    OrderHeld,
    OrderLine,
    OrderPlaced,
    OrderReleased,
    OrderValidated,
    PaymentApproved,
    ShipTo,
)
from radar.events.supply import LineState, LineStatus, ProductionFinished, ProductionStarted, StockAllocated
from radar.events.transport import (
    FulfilmentPacked,
    FulfilmentPicked,
    ScanKind,
    ShipmentDelivered,
    ShipmentException,
    ShipmentHandedOver,
    ShipmentOutForDelivery,
    ShipmentScan,
)
from radar.events.world import (
    AlertSeverity,
    ComplaintCategory,
    CustomerComplaint,
    SourceHeartbeat,
    SurveyAnswer,
    WeatherAlert,
)
from radar.instant import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Instant, to_datetime, to_instant
from radar.stages import Stage
from scenarios.rules import load_rules
from streams.codec import encode
from streams.sorted_lines import whole_file

OUT = Path(__file__).parents[1] / "scenarios" / "samples" / "sample.jsonl.gz"
SEED = 20240304
ORDERS = 360
START = to_instant(datetime(2024, 3, 3, 16, tzinfo=UTC))  # Monday the 4th, 00:00 in Shanghai
END = Instant(START + 28 * DAY_US)
LINE_DOWN = (Instant(START + 13 * DAY_US), Instant(START + 15 * DAY_US + 12 * HOUR_US))
CARRIER_SILENT = (Instant(START + 19 * DAY_US), Instant(START + 21 * DAY_US))

AREAS = ("Shanghai", "Jiangsu", "Guangdong", "Sichuan", "Beijing", "Xinjiang")
ITEMS = (("desk-lamp", "lighting", 189.0), ("oak-shelf", "furniture", 899.0), ("rice-cooker", "kitchen", 459.0))
CARRIERS = ("northline", "swiftpost")
RULES = load_rules()


class Sample:
    """Collects events with the time they reach us; the file is in the order of arrival."""

    def __init__(self) -> None:
        self.random = Random(SEED)  # noqa: S311 - invented data, no secret
        self.arrivals: list[tuple[int, str, bytes]] = []

    def tell(self, at: Instant, source: str, subject: str, data: Payload, name: str = "") -> None:
        """Take one event; some come twice, most a little late. While the carrier is silent only deliveries survive."""
        if source == "northline" and CARRIER_SILENT[0] <= at < CARRIER_SILENT[1]:
            if not isinstance(data, ShipmentDelivered):
                return
            at = Instant(CARRIER_SILENT[1] + int(self.random.random() * 6 * HOUR_US) // SECOND_US * SECOND_US)
        if at >= END:
            return
        kind = name or KIND_OF[type(data)].removesuffix(".v1")
        lag = int(self.random.random() * 4 * MINUTE_US)
        if self.random.random() < 0.01:
            lag = int(self.random.random() * 6 * HOUR_US)
        recorded = Instant(at + lag // SECOND_US * SECOND_US)
        event = Event(at, f"{subject}-{kind}", source, subject, data, recorded)
        self.arrivals.append((recorded, event.id, encode(event)))
        if self.random.random() < 0.01:
            self.arrivals.append((recorded + HOUR_US, event.id, encode(event)))

    def write(self, out: Path) -> int:
        """Write the lines by arrival, the bad ones in between; return how many."""
        lines = [line for _, _, line in sorted(self.arrivals)]
        for index, bad in enumerate(_bad_lines(next(line for line in lines if b"order.placed" in line))):
            lines.insert(len(lines) * (index + 1) // 8, bad)
        with whole_file(out) as write:
            write(b"".join(line + b"\n" for line in lines))
        return len(lines)


def _bad_lines(good: bytes) -> Iterator[bytes]:
    """Yield lines of the kinds every real feed has: they must end as dead letters, and stop nothing."""
    yield good[: len(good) // 2]
    yield b"connection reset by peer"
    yield good.replace(b"order.placed.v1", b"order.teleported.v1").replace(b'"id":"', b'"id":"bad-', 1)
    yield good.replace(b'"promise_at":"', b'"promise_at":"soon, ').replace(b'"id":"', b'"id":"bad-2-', 1)
    yield good.replace(b'Z","subject"', b'","subject"', 1).replace(b'"id":"', b'"id":"bad-3-', 1)


def make(out: Path = OUT) -> int:
    """Write the sample; return the number of its lines."""
    sample = Sample()
    _world(sample)
    for number in range(ORDERS):
        _order(sample, number)
    return sample.write(out)


def _world(sample: Sample) -> None:
    """Tell of the sources, the line that breaks down and the storm."""
    for source in ("shop", "plant", "warehouse", "weather"):
        for hour in range(0, 28 * 24, 6):
            at = Instant(START + hour * HOUR_US)
            sample.tell(at, source, source, SourceHeartbeat(), f"heartbeat-{hour}")
    down, up = LINE_DOWN
    reason = ReasonCode.BREAKDOWN
    back = to_datetime(up)
    sample.tell(
        down, "plant", "line-2", LineStatus(reason=reason, state=LineState.DOWN, expected_recovery_at=back), "down"
    )
    sample.tell(up, "plant", "line-2", LineStatus(state=LineState.UP), "up")
    storm = WeatherAlert(
        "Guangdong", AlertSeverity.SEVERE, to_datetime(up), to_datetime(Instant(up + DAY_US)), "rain storm"
    )
    sample.tell(Instant(up - 12 * HOUR_US), "weather", "Guangdong", storm, "storm")


def _order(sample: Sample, number: int) -> None:
    """Tell the life of one order, from placement to wherever its story ends."""
    random = sample.random
    order_id = f"SO-{1001 + number}"
    placed_at = Instant(START + int((number + random.random()) * 24 * DAY_US / ORDERS) // SECOND_US * SECOND_US)
    order_type = "stock" if random.random() < 0.5 else "standard"
    plan = _plan(order_type, placed_at)
    placed = _placed(random, number, order_type, placed_at, plan)
    sample.tell(placed_at, "shop", order_id, placed)
    if number % 60 == 17:  # held for an address that does not exist; every second one is cleared by a person
        held_at = Instant(placed_at + HOUR_US)
        sample.tell(held_at, "shop", order_id, OrderHeld(reason=ReasonCode.ADDRESS, note="no such house number"))
        if number % 120 == 17:
            sample.tell(Instant(held_at + 30 * HOUR_US), "shop", order_id, OrderCancelled(reason=ReasonCode.ADDRESS))
            return
        placed_at = Instant(held_at + 5 * HOUR_US)
        sample.tell(placed_at, "shop", order_id, OrderReleased())
    _stages(sample, order_id, number, placed, placed_at)


def _placed(random: Random, number: int, order_type: str, at: Instant, planned_at: Instant) -> OrderPlaced:
    item, category, price = ITEMS[int(random.random() * len(ITEMS))]
    quantity = 1.0 + int(random.random() * 3)
    promise_at = Instant(at + (planned_at - at) * (80 + int(random.random() * 25)) // 100)
    if number == 44:  # a slip of the finger: 25000 pieces
        quantity = 25_000.0
    if number == 199:  # promised twenty minutes after it was placed
        promise_at = Instant(at + 20 * MINUTE_US)
    tier = Tier.VIP if number % 12 == 5 else Tier.PREFERRED if number % 5 == 0 else Tier.STANDARD
    area = AREAS[int(random.random() * len(AREAS))]
    return OrderPlaced(
        promise_at=to_datetime(Instant(promise_at // MINUTE_US * MINUTE_US)),
        customer_id=f"C-{int(random.random() * 220) + 1}",
        tier=tier,
        order_type=order_type,
        is_urgent=number % 25 == 3,
        lines=(OrderLine(item, quantity, category, price),),
        value=round(price * quantity, 2),
        ship_to=ShipTo(area=area, country="CN", is_remote=area == "Xinjiang"),
        origin="Suzhou",
        supplier=f"line-{1 + int(random.random() * 3)}",
        channel="web" if random.random() < 0.7 else "phone",
        language="zh-CN",
        zone="Asia/Shanghai",
    )


def _plan(order_type: str, at: Instant) -> Instant:
    """Return when the order would be there if every stage took all its standard time."""
    for stage in RULES.standards.route(order_type)[1:]:
        at = _after(stage, order_type, "", at, 1.0)
    return at


def _after(stage: Stage, order_type: str, mode: str, at: Instant, share: float) -> Instant:
    """Return when a stage ends that takes a share of its standard time, on the standard's own clock."""
    due = RULES.standards.due(stage, order_type, mode, at)
    assert due is not None
    took = int(due.standard.duration_us * share) // SECOND_US * SECOND_US
    calendar = due.standard.calendar
    return Instant(at + took) if calendar is None else calendar.add(at, took)


def _stages(sample: Sample, order_id: str, number: int, placed: OrderPlaced, at: Instant) -> None:
    random = sample.random
    carrier = CARRIERS[int(random.random() * 2)]
    for stage in RULES.standards.route(placed.order_type)[1:]:
        share = 0.25 + 0.6 * random.random()
        if random.random() < 0.03:
            share = 1.4 + 1.6 * random.random()
        if number % 70 == 30 and stage is Stage.PICKED:  # forgotten: nobody says anything any more
            return
        began_at = at
        at = _after(stage, placed.order_type, "", at, share)
        if stage is Stage.PRODUCED:
            sample.tell(began_at, "plant", order_id, ProductionStarted(placed.supplier))
            if placed.supplier == "line-2" and began_at < LINE_DOWN[1] and at > LINE_DOWN[0]:
                at = Instant(max(at, LINE_DOWN[1]) + int(random.random() * 30) * HOUR_US)
        if stage is Stage.OUT_FOR_DELIVERY:
            if number % 90 == 50:
                _lost(sample, order_id, carrier, at)
                return
            if placed.ship_to.is_remote:
                at = Instant(at + int(random.random() * 40) * HOUR_US)
        source, data = _milestone(stage, placed, carrier, number)
        sample.tell(at, source, order_id, data)
    _afterwards(sample, order_id, placed, at)


def _milestone(stage: Stage, placed: OrderPlaced, carrier: str, number: int) -> tuple[str, Payload]:
    """Return who tells of a stage, and how."""
    area = placed.ship_to.area
    told: dict[Stage, tuple[str, Payload]] = {
        Stage.VALIDATED: ("shop", OrderValidated()),
        Stage.PAID: ("shop", PaymentApproved(amount=placed.value)),
        Stage.ALLOCATED: ("plant", StockAllocated("Suzhou")),
        Stage.PRODUCED: ("plant", ProductionFinished(placed.supplier)),
        Stage.PICKED: ("warehouse", FulfilmentPicked("Suzhou", f"wave-{number % 8}")),
        Stage.PACKED: ("warehouse", FulfilmentPacked("Suzhou")),
        Stage.HANDED_OVER: (
            "warehouse",
            ShipmentHandedOver(carrier, "road", f"Suzhou-{area}", f"{carrier[:2].upper()}{number:06}"),
        ),
        Stage.IN_TRANSIT: (carrier, ShipmentScan("Suzhou hub", ScanKind.DEPART)),
        Stage.OUT_FOR_DELIVERY: (carrier, ShipmentOutForDelivery(f"courier-{number % 20}", f"{area} station")),
        Stage.DELIVERED: (carrier, ShipmentDelivered(f"courier-{number % 20}")),
    }
    return told[stage]


def _lost(sample: Sample, order_id: str, carrier: str, at: Instant) -> None:
    sample.tell(at, carrier, order_id, ShipmentException(reason=ReasonCode.LOST, site="Suzhou hub"))
    complaint = CustomerComplaint(ComplaintCategory.NOT_RECEIVED, carrier=carrier)
    sample.tell(Instant(at + 20 * HOUR_US), "shop", order_id, complaint)


def _afterwards(sample: Sample, order_id: str, placed: OrderPlaced, delivered_at: Instant) -> None:
    """Tell what the customer says: late orders complain more and rate lower."""
    random = sample.random
    assert placed.promise_at is not None
    is_late = delivered_at >= to_instant(placed.promise_at)
    if random.random() < (0.45 if is_late else 0.03):
        complaint = CustomerComplaint(ComplaintCategory.LATE if is_late else ComplaintCategory.QUALITY)
        sample.tell(Instant(delivered_at + 3 * HOUR_US), "shop", order_id, complaint)
    if random.random() < 0.4:
        csat = 1 + int(random.random() * 3) if is_late else 3 + int(random.random() * 3)
        sample.tell(Instant(delivered_at + 26 * HOUR_US), "shop", order_id, SurveyAnswer(csat=csat))


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    count = make(place)
    sys.stdout.write(f"{place}: {count} lines, {place.stat().st_size} bytes\n")
