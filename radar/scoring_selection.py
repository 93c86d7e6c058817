"""Which orders are scored, and how what the room knows of them becomes rows of the score."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from radar.instant import Instant
from radar.orders import NEVER, Order
from radar.scoring import NEVER_US, FirstWarning, ScoredOrder
from radar.stages import OrderPhase, Stage
from radar.wall_clock import WallClock

DEFAULT_ZONE = "UTC"
"""The zone of data that name none."""


class Window(msgspec.Struct, frozen=True):
    """Promises scored: those in [since, until), in local wall-clock microseconds."""

    since_us: int = -NEVER_US
    until_us: int = NEVER_US


def usual_zone(orders: Iterable[Order]) -> str:
    """Return the zone that most orders name, the first by name among equals; UTC where none does."""
    votes = Counter(order.zone for order in orders if order.zone)
    return min(votes, key=lambda zone: (-votes[zone], zone), default=DEFAULT_ZONE)


def delivered_orders(orders: Iterable[Order], clock: WallClock, window: Window) -> list[ScoredOrder]:
    """Return the delivered orders whose promise lies in the window, by placement."""
    chosen = (order for order in orders if order.phase is OrderPhase.DELIVERED)
    return _rows(chosen, clock, window)


def undelivered_orders(orders: Iterable[Order], clock: WallClock, window: Window, end_at: Instant) -> list[ScoredOrder]:
    """Return the orders that are late because nothing came by the promise, and nothing has come since.

    They were promised for a time before ``end_at``, where the events end: open, held, lost and returned ones, and
    those cancelled at or after the promise. An order cancelled before its promise broke none; one whose promise lies
    past the end of the events is not known to be late, nor is one that was put aside as poison.
    """
    return _rows((order for order in orders if _is_missed(order, end_at)), clock, window)


def first_warnings(warned: Mapping[str, tuple[Instant, Instant | None]], clock: WallClock) -> dict[str, FirstWarning]:
    """Return warnings (order -> warned at, withdrawn at) on the wall clock."""
    return {
        order_id: FirstWarning(
            clock.local_us(warned_at), NEVER_US if withdrawn_at is None else clock.local_us(withdrawn_at)
        )
        for order_id, (warned_at, withdrawn_at) in warned.items()
    }


def _is_missed(order: Order, end_at: Instant) -> bool:
    if order.phase in (OrderPhase.DELIVERED, OrderPhase.QUARANTINED) or order.promise_at >= end_at:
        return False
    return order.phase is not OrderPhase.CANCELLED or order.closed_at >= order.promise_at


def _rows(orders: Iterable[Order], clock: WallClock, window: Window) -> list[ScoredOrder]:
    rows = [_row(order, clock) for order in orders if NEVER not in (order.promise_at, order.reached[Stage.PLACED])]
    chosen = [row for row in rows if window.since_us <= row.promise_us < window.until_us]
    return sorted(chosen, key=lambda row: (row.placed_us, row.order_id))


def _row(order: Order, clock: WallClock) -> ScoredOrder:
    delivered_at = order.reached[Stage.DELIVERED]
    return ScoredOrder(
        order_id=order.order_id,
        placed_us=clock.local_us(order.reached[Stage.PLACED]),
        promise_us=clock.deadline_us(order.promise_at),
        delivered_us=NEVER_US if delivered_at == NEVER else clock.local_us(delivered_at),
        weight=order.sample_weight,
    )
