"""A shelf that runs out before it is filled is warned of days ahead, and nobody is bothered when goods come in time."""

import pytest

from radar.events import Event
from radar.events.order import OrderLine
from radar.events.supply import InventoryLevel, StockAllocated, StockShort, SupplyNotice, SupplyReceived
from radar.instant import DAY_US, Instant, to_datetime
from radar.orders import Order
from radar.outputs import Change, Level, WarningKind
from radar.rules import StockRules
from radar.stockouts import Stockouts
from radar.wording import LANGUAGES, say
from tests.radar.harness import START, at, event, facts, placed
from tests.radar.places import asked, feeling_room

EPOCH = Instant(START // DAY_US * DAY_US)


def day_at(day: float) -> Instant:
    return Instant(EPOCH + int(day * DAY_US))


def level(day, on_hand, on_order=0.0, reorder_point=None, reserved=0.0, item="lamp"):
    data = InventoryLevel(item, "W", on_hand, reserved, on_order, reorder_point)
    return event(data, day_at(day), f"{item}@W", source="wms")


def notice(day, expected, name="PO-1"):
    moment = to_datetime(day_at(expected))
    return event(SupplyNotice("lumen", "lamp", 100.0, moment, moment, "W"), day_at(day), name)


def received(day, quantity=100.0, name="PO-1"):
    return event(SupplyReceived("lumen", "lamp", "W", quantity), day_at(day), name)


def hear(stock: Stockouts, *events: Event):
    return [said for one in events for said in stock.observe(one, one.time)]


def sold(stock: Stockouts, first: int, last: int, on_hand: float, a_day=10, **told):
    """Tell of days on each of which ten lamps are sold, one an order, after the level of the morning."""
    out = []
    for day in range(first, last):
        out += hear(stock, level(day + 0.1, on_hand, **told))
        for number in range(a_day):
            name = f"SO-{day}-{number}"
            stock.orders[name] = Order(name, item="lamp", item_count=1)  # type: ignore[index]  # a dictionary here
            out += hear(stock, event(StockAllocated("W"), day_at(day + 0.2 + number / 100), name))
        on_hand -= a_day
        out += stock.roll(day_at(day + 1))
    return out


def stock_of(rules: StockRules | None = None) -> Stockouts:
    stock = Stockouts(rules or StockRules())
    stock.orders = {}
    return stock


@pytest.mark.req("R08", "R27")
def test_a_shelf_that_runs_out_before_its_goods_come_is_named_days_ahead_with_its_figures():
    stock = stock_of()
    hear(stock, notice(0, 30))
    said = sold(stock, 0, 14, 200)
    (raised,) = said
    assert (raised.kind, raised.change, raised.level) == (
        WarningKind.STOCK_OUT_AHEAD,
        Change.RAISED,
        Level.WARNING,
    )
    assert raised.entity == "shelf:lamp@W"
    figures = facts(raised.reasons[0])
    assert abs(int(figures["out_at"]) - day_at(20)) <= DAY_US // 2, "two hundred lamps at ten a day last twenty days"
    assert int(figures["lead_us"]) > 5 * DAY_US
    assert figures["a_day"] == pytest.approx(10, abs=0.5)
    assert figures["supply_at"] == day_at(30)
    assert raised.due_at == raised.at < figures["out_at"]
    assert all("lamp@W" in say(raised.reasons[0], language) for language in LANGUAGES)


@pytest.mark.req("R08", "R27")
def test_goods_that_come_in_time_are_no_warning():
    stock = stock_of()
    hear(stock, notice(0, 18))
    assert sold(stock, 0, 17, 200) == []


@pytest.mark.req("R27")
def test_a_notice_that_goods_come_later_warns_at_once_and_one_that_they_come_sooner_resolves():
    stock = stock_of()
    hear(stock, notice(0, 18))
    assert sold(stock, 0, 14, 200) == []
    (raised,) = hear(stock, notice(14.2, 26))
    assert raised.change is Change.RAISED
    (covered,) = hear(stock, notice(14.3, 17))
    assert (covered.change, covered.warning_id, covered.sequence) == (Change.RESOLVED, raised.warning_id, 1)


@pytest.mark.req("R27")
def test_it_becomes_critical_on_its_last_day_and_ends_when_the_goods_are_there():
    stock = stock_of()
    hear(stock, notice(0, 30))
    said = sold(stock, 0, 20, 200)
    assert [(one.change, one.level) for one in said][:1] == [(Change.RAISED, Level.WARNING)]
    assert said[-1].level is Level.CRITICAL
    assert [one.sequence for one in said] == list(range(len(said)))
    (resolved,) = hear(stock, received(20.1, 200.0))
    assert resolved.change is Change.RESOLVED


def test_a_shelf_empty_for_a_day_is_named_though_its_goods_are_expected_every_morning():
    stock = stock_of()
    sold(stock, 0, 10, 100)
    said = []
    for day in range(10, 13):
        said += hear(stock, notice(day + 0.05, day + 0.6), level(day + 0.1, 0.0))
        said += stock.roll(day_at(day + 1))
    (raised,) = [one for one in said if one.change is Change.RAISED]
    assert raised.level is Level.CRITICAL
    assert facts(raised.reasons[0])["lead_us"] == 0


def test_a_supplier_that_stops_makes_late_what_was_ordered_since():
    stock = stock_of()
    stop = SupplyNotice("lumen", expected_at=to_datetime(day_at(40)))
    sold(stock, 0, 12, 200)
    hear(stock, event(stop, day_at(12), "lumen"), notice(12.1, 18))
    figures = stock.outlook("lamp@W", day_at(12.5))
    assert figures is not None
    assert figures.supply_at == day_at(40)


def test_what_an_order_of_today_still_saves_is_not_warned_of_and_what_it_does_not_is():
    """Replenishments take three days here, learned from what is on order; the reorder point is at forty."""
    stock = stock_of()
    on_hand, on_order, out = 100.0, 0.0, []
    for day in range(30):
        out += sold(stock, day, day + 1, on_hand, on_order=on_order, reorder_point=40.0)
        on_hand -= 10
        if on_order and day % 5 == 3:
            on_hand, on_order = on_hand + 50, 0.0
        elif on_hand <= 50 and day % 5 == 0:
            on_order = 50.0
    assert out == []
    shelf = stock._shelves["lamp@W"]
    assert shelf.lead_us == pytest.approx(3 * DAY_US, rel=0.2)
    assert shelf.batch == 50
    (said,) = hear(stock, level(30.1, 15, 0.0, 40.0))
    assert said.entity == "shelf:lamp@W"


def test_demand_without_allocations_is_seen_in_the_levels():
    stock = stock_of()
    for day in range(12):
        hear(stock, level(day + 0.1, 500 - 20 * day))
        stock.roll(day_at(day + 1))
    assert stock._shelves["lamp@W"].mean == pytest.approx(20, rel=0.02)


def test_a_write_off_is_no_demand():
    stock = stock_of()
    sold(stock, 0, 12, 500)
    before = stock._shelves["lamp@W"].mean
    sold(stock, 12, 13, 200)
    assert stock._shelves["lamp@W"].mean < 1.2 * before


def test_a_shelf_never_sold_from_never_runs_out():
    stock = stock_of()
    assert [one for day in range(20) for one in hear(stock, level(day, 3))] == []
    assert [one for day in range(20, 30) for one in stock.roll(day_at(day))] == []


def test_only_so_many_shelves_are_followed():
    stock = stock_of(StockRules(shelves_max=2))
    hear(stock, *[level(0, 5, item=f"item-{number}") for number in range(9)])
    assert len(stock._shelves) == 2


def test_switched_off_nothing_is_followed():
    stock = stock_of(StockRules(is_on=False))
    assert sold(stock, 0, 20, 100) == []
    assert not stock.is_awake


@pytest.mark.req("R52")
@pytest.mark.parametrize("stop", [0, 5, 13])
def test_a_restart_anywhere_says_the_same(stop):
    whole, first, second = stock_of(), stock_of(), stock_of()
    for stock in (whole, first):
        hear(stock, notice(0, 30), event(SupplyNotice("mill", expected_at=to_datetime(day_at(9))), EPOCH, "mill"))
    expected = sold(whole, 0, 16, 200)
    said = sold(first, 0, stop, 200)
    second.orders = first.orders
    second.load(first.take_dirty())
    assert said + sold(second, stop, 16, 200 - 10 * stop) == expected != []


# --- who waits ----------------------------------------------------------------------------------------------


def buy(room, name, hours):
    return room.observe(placed(at(hours), at(hours + 72), name, lines=(OrderLine("lamp", 1.0),)))


@pytest.mark.req("R07", "R27")
def test_an_order_that_waits_for_goods_is_predicted_later_by_the_wait_and_the_others_are_not():
    room = feeling_room()
    room.observe(event(InventoryLevel("lamp", "W", 0.0), at(0), "lamp@W"))
    room.observe(event(SupplyNotice("lumen", "lamp", 50.0, None, to_datetime(at(60)), "W"), at(0.1), "PO-1"))
    for name in ("SO-1", "SO-2"):
        buy(room, name, 1)
    room.observe(event(StockAllocated("V"), at(1.5), "SO-2"))
    asked(room)
    room.observe(event(StockShort("lamp", "W", 1.0), at(2), "SO-1"))
    assert set(asked(room)) == {"SO-1"}
    waits, goes = (room.orders[name].late_probability for name in ("SO-1", "SO-2"))
    assert waits is not None
    assert goes is not None
    assert waits > 0.5 > goes
    (touch,) = room.orders["SO-1"].touches
    assert touch.code == "stock-short"
    why = room.explain("SO-1", at(2))
    assert not why or all(one.code for one in why)


@pytest.mark.req("R07", "R27")
def test_news_of_the_goods_looks_at_who_waits_again_and_the_goods_end_it():
    room = feeling_room()
    room.observe(event(InventoryLevel("lamp", "W", 0.0), at(0), "lamp@W"))
    room.observe(event(SupplyNotice("lumen", "lamp", 50.0, None, to_datetime(at(60)), "W"), at(0.1), "PO-1"))
    buy(room, "SO-1", 1)
    room.observe(event(StockShort("lamp", "W", 1.0), at(2), "SO-1"))
    asked(room)
    room.observe(event(SupplyNotice("lumen", "lamp", 50.0, None, to_datetime(at(10)), "W"), at(3), "PO-1"))
    assert set(asked(room)) == {"SO-1"}
    assert (room.orders["SO-1"].late_probability or 1.0) < 0.2
    room.observe(event(StockAllocated("W"), at(9), "SO-1"))
    assert room.orders["SO-1"].shelf == ""
    assert not room._around.index.at("shelf:lamp@W")


def test_a_shortage_without_levels_is_believed_when_it_names_its_end():
    room = feeling_room()
    buy(room, "SO-1", 1)
    room.observe(event(StockShort("lamp", "W", 1.0, to_datetime(at(60))), at(2), "SO-1"))
    assert (room.orders["SO-1"].late_probability or 0.0) > 0.5


def test_late_goods_whose_stock_is_told_and_there_hold_nobody_up():
    room = feeling_room()
    room.observe(event(InventoryLevel("lamp", "W", 500.0), at(0), "lamp@W"))
    late = SupplyNotice("lumen", "lamp", 50.0, to_datetime(at(1)), to_datetime(at(60)), "W")
    room.observe(event(late, at(0.5), "PO-1"))
    room.observe(placed(at(1), at(73), "SO-1", lines=(OrderLine("lamp", 1.0),), supplier="lumen"))
    assert not room.orders["SO-1"].touches


def test_a_supplier_that_says_it_is_late_with_everything_holds_up_only_who_waits_at_an_empty_shelf():
    """Such a notice names no item; what it makes late is seen at the shelves."""
    room = feeling_room()
    room.observe(event(InventoryLevel("lamp", "W", 0.0), at(0), "lamp@W"))
    room.observe(event(SupplyNotice("lumen", expected_at=to_datetime(at(400))), at(0.5), "lumen"))
    room.observe(placed(at(1), at(73), "SO-1", lines=(OrderLine("lamp", 1.0),), supplier="lumen"))
    room.observe(placed(at(1), at(73), "SO-2", lines=(OrderLine("rug", 1.0),), supplier="lumen"))
    assert not room.orders["SO-1"].touches, "its stock is told, and it was not reported short"
    assert room.orders["SO-2"].touches, "nobody tells of rugs: the supplier's word is all there is"
    room.observe(event(StockShort("lamp", "W", 1.0, to_datetime(at(90))), at(2), "SO-1"))
    assert [touch.code for touch in room.orders["SO-1"].touches] == ["stock-short"]
