"""The open orders as columns: brought up to date they are what they would be made anew."""

from random import Random
from zlib import crc32

import numpy as np
import pytest

from radar.events.common import Tier
from radar.instant import DAY_US, HOUR_US, Instant
from radar.learning import yard as yard_module
from radar.learning.local_days import Ints
from radar.learning.positions import DOORS, PHASES, PLACES_MAX, Names, place_of, rank_of, station_of
from radar.learning.slots import Slots, grown
from radar.learning.yard import Yard
from radar.orders import NEVER, Order
from radar.stages import OrderPhase, Stage

START = Instant(1_709_251_200_000_000)
TYPES = {"stock": 0, "made": 1}


def order_of(number: int, at: int, chance: Random) -> Order:
    order = Order(
        f"o{chance.randrange(1000):04}-{number}",
        order_type=chance.choice(["stock", "made"]),
        promise_at=Instant(at + chance.randrange(5) * DAY_US),
        area=chance.choice(["north", "south", "east"]),
        origin="plant",
        warehouse=chance.choice(["", "house"]),
        line=chance.choice(["", "line-1", "line-2"]),
        tier=chance.choice(list(Tier)),
        seen=number.to_bytes(4),
    )
    order.reached[Stage.PLACED] = Instant(at)
    return order


def happen(order: Order, at: int, chance: Random) -> None:
    """Let something be heard of an order."""
    order.seen += b"more"
    match chance.randrange(5):
        case 0:
            order.stage = Stage(min(order.stage + 1, Stage.DELIVERED))
            order.reached[order.stage] = Instant(at)
        case 1:
            order.promise_at = Instant(order.promise_at + DAY_US)
        case 2:
            order.warehouse = f"house-{chance.randrange(3)}"
        case 3:
            order.phase = OrderPhase.HELD
        case _:
            order.closed_at = Instant(at)


def made_anew(yard: Yard, at: int) -> list[tuple[object, ...]]:
    """Return the open orders as the columns must show them."""
    return [
        (key, crc32(key.encode()) % PHASES, TYPES[one.order_type],
         int(one.stage), int(station_of(one, yard.last_sites)[0]),
         (at - station_of(one, yard.last_sites)[1]) / HOUR_US, yard.areas.numbers[one.area],
         (one.promise_at - at) / HOUR_US,
         tuple(place_of(one, door) for door in range(len(DOORS))), rank_of(one))
        for key, one in sorted(yard.orders.items())
    ]  # fmt: skip


def as_shown(yard: Yard, names: list[Names], at: int) -> list[tuple[object, ...]]:
    found = yard.positions(Instant(at))

    def places(column: Ints) -> tuple[str, ...]:
        heard = [list(one.numbers) for one in names]
        return tuple(known[place] if place >= 0 else "" for known, place in zip(heard, column.tolist(), strict=True))

    return [
        (key, *(int(column[row]) for column in (found.phases, found.types, found.stages, found.stations)),
         float(found.since_h[row]), int(found.areas[row]), float(found.left_h[row]), places(found.places[:, row]),
         tuple(bool(one) for one in found.ranks[row]))
        for row, key in enumerate(found.order_ids)
    ]  # fmt: skip


@pytest.mark.parametrize("ways_max", [3, 20_000])
@pytest.mark.parametrize("seed", range(4))
def test_columns_kept_are_columns_made_anew(seed, ways_max, monkeypatch):
    monkeypatch.setattr(yard_module, "WAYS_MAX", ways_max)
    chance, at = Random(seed), int(START)
    names = [Names(PLACES_MAX) for _ in DOORS]
    yard, told = Yard(TYPES, names, Slots()), []
    for step in range(25):
        before, at = at, at + 3 * HOUR_US
        for number in range(chance.randrange(12)):
            told.append(order_of(100 * step + number, before, chance))
            yard.heard(told[-1])
        for order in chance.sample([one for one in told if one.is_open], len(yard) // 4):
            happen(order, at, chance)
            yard.heard(order)
        news = yard.look()
        assert [one.order_id for one in news.orders] == sorted(one.order_id for one in news.orders)
        assert news.reached.T.tolist() == [one.reached for one in news.orders]
        due = {key for key, one in yard.orders.items() if before < one.promise_at <= at}
        assert [one.order_id for one in yard.promised(Instant(before), Instant(at))[0]] == sorted(due)
        gone = {key for key, one in yard.orders.items() if one.closed_at != NEVER or one.promise_at < at - DAY_US}
        assert len(yard.let_go(Instant(at - DAY_US))) == len(gone)
        assert not gone & yard.orders.keys()
        assert as_shown(yard, names, at) == made_anew(yard, at)
    assert len(yard.orders) > 20


def test_places_asked_for_between_two_steps_get_no_number():
    names = [Names(PLACES_MAX) for _ in DOORS]
    yard = Yard(TYPES, names, Slots())
    known, fresh = (order_of(number, START, Random(number)) for number in (1, 2))
    known.line, known.warehouse, fresh.warehouse = "line-1", "house", "elsewhere"
    yard.heard(known)
    yard.look()
    yard.let_go(START)
    assert yard.known_places(known) == yard.positions(START).places[:, 0].tolist()
    assert -1 in yard.known_places(fresh)
    assert not any("elsewhere" in one.numbers for one in names)


def test_an_empty_yard_has_no_columns():
    yard = Yard(TYPES, [Names(PLACES_MAX) for _ in DOORS], Slots())
    yard.look()
    assert not len(yard)
    assert yard.promised(START, Instant(START + DAY_US))[0] == []
    assert yard.let_go(START).tolist() == []
    assert np.shape(yard.positions(START).ranks) == (0, 3)


def test_an_order_without_a_promise_is_taken_in_once_it_has_one():
    yard = Yard(TYPES, [Names(PLACES_MAX) for _ in DOORS], Slots())
    order = order_of(1, START, Random(1))
    promise_at, order.promise_at = order.promise_at, NEVER
    yard.heard(order)
    assert not len(yard)
    order.promise_at = promise_at
    yard.heard(order)
    assert list(yard.orders) == [order.order_id]


def test_a_row_is_given_to_another_order_once_its_order_is_gone():
    slots = Slots()
    yard = Yard(TYPES, [Names(PLACES_MAX) for _ in DOORS], slots)
    first, second = (order_of(number, START, Random(number)) for number in (1, 2))
    for order, ended in ((first, START), (second, NEVER)):
        yard.heard(order)
        yard.look()
        order.closed_at = ended
        yard.heard(order)
        yard.look()
        yard.let_go(START)
    assert slots.numbers == {second.order_id: 0}
    assert len(slots) == 1


def test_after_a_restart_rows_of_orders_that_are_gone_are_free():
    slots = Slots()
    yard = Yard(TYPES, [Names(PLACES_MAX) for _ in DOORS], slots)
    order = order_of(1, START, Random(1))
    assert [slots.take(name) for name in ("gone", order.order_id, "gone, too")] == [0, 1, 2]
    yard.take_back(order)
    assert sorted(yard.tidy().tolist()) == [0, 2]
    assert len(yard.look().orders) == 1
    assert yard.positions(START).slots.tolist() == [1]
    assert slots.take("another") in {0, 2}


def test_a_table_grows_and_keeps_what_it_holds():
    table = grown(np.array([[1.0, 2.0]]), 300)
    assert table.shape == (512, 2)
    assert table[0].tolist() == [1.0, 2.0]
    assert not table[1:].any()
    assert grown(table, 512) is table
