"""Stock, quality and complaints say the same whatever the blocks, the arrival, the repeats and the restarts."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.events import Event
from radar.events.order import OrderLine, OrderPlaced
from radar.events.supply import InventoryLevel, QualityResult, StockAllocated, StockShort, SupplyNotice, SupplyReceived
from radar.events.transport import ShipmentDelivered, ShipmentHandedOver
from radar.events.world import ComplaintCategory, CustomerComplaint
from radar.instant import HOUR_US, to_datetime
from radar.outputs import Change, StateRow, WarningKind
from radar.rules import ClusterRules, PredictionRules, StockRules
from radar.wider import MACHINES
from tests.radar.harness import at, delivered, event, placed, room_of, rules, run
from tests.radar.histories import LATENESS_US, arrivals, with_repeats
from tests.radar.test_conditions_properties import FeelingPlay, numbered

EAGER = ClusterRules(events_min=1, days_min=1, usual_rate=0.3, usual_trials=1.0, false_alarm_us=HOUR_US, places_max=3)
SETTINGS = rules(
    prediction=PredictionRules(lead_us=4 * HOUR_US, checks_us=(8 * HOUR_US, 2 * HOUR_US)),
    stock=StockRules(
        horizon_us=48 * HOUR_US, gap_us=6 * HOUR_US, lead_us=12 * HOUR_US, days_min=1, critical_us=6 * HOUR_US
    ),
    quality=EAGER,
    complaints=EAGER,
    learn_epoch_us=6 * HOUR_US,
    tombstone_us=24 * HOUR_US,
)
"""Eager settings and short epochs, so that few events already raise, update and resolve."""

ORDERS = ("SO-1", "SO-2", "SO-3", "SO-4", "SO-5", "SO-6")
hours = st.integers(0, 60).map(float)
orders, items, places = st.sampled_from(ORDERS), st.sampled_from(("lamp", "desk")), st.sampled_from(("W", "V"))
pieces = st.integers(0, 30).map(float)


def _placed(order: str, item: str, when: float) -> Event:
    return placed(at(when), at(when + 30), order, lines=(OrderLine(item, 2.0),), origin="W")


def _level(item: str, place: str, when: float, on_hand: float, on_order: float) -> Event:
    return event(InventoryLevel(item, place, on_hand, 0.0, on_order, 10.0), at(when), f"{item}@{place}")


def _notice(item: str, when: float, wait: float, place: str, quantity: float | None) -> Event:
    moment = to_datetime(at(when + wait))
    return event(SupplyNotice("mill", item, quantity, moment, moment, place), at(when), f"PO-{item}")


happenings = st.one_of(
    st.builds(_placed, orders, items, hours),
    st.builds(_level, items, places, hours, pieces, pieces),
    st.builds(_notice, items, hours, pieces, st.sampled_from(("W", "")), st.none() | st.just(20.0)),
    st.builds(
        lambda item, when, got: event(SupplyReceived("mill", item, "W", got), at(when), f"PO-{item}"),
        items,
        hours,
        pieces,
    ),
    st.builds(
        lambda when, until: event(SupplyNotice("mill", expected_at=to_datetime(at(until))), at(when), "mill"),
        hours,
        hours,
    ),
    st.builds(lambda order, place, when: event(StockAllocated(place), at(when), order), orders, places, hours),
    st.builds(lambda order, item, when: event(StockShort(item, "W", 2.0), at(when), order), orders, items, hours),
    st.builds(
        lambda line, item, when, bad: event(QualityResult(is_passed=not bad, line=line, item=item), at(when), "B-1"),
        st.sampled_from(("L1", "L2")),
        items,
        hours,
        st.booleans(),
    ),
    st.builds(
        lambda order, when, lane: event(ShipmentHandedOver(carrier="C1", mode="road", lane=lane), at(when), order),
        orders,
        hours,
        st.sampled_from(("a-b", "a-c")),
    ),
    st.builds(lambda order, when: delivered(at(when), order), orders, hours),
    st.builds(
        lambda order, when, what, area: event(CustomerComplaint(category=what, area=area), at(when), order),
        orders,
        hours,
        st.sampled_from(ComplaintCategory),
        st.sampled_from(("", "north")),
    ),
)
histories = st.lists(happenings, min_size=1, max_size=40).map(numbered)
PLAIN = FeelingPlay(SETTINGS, LATENESS_US, block=1000)
WIDER = (WarningKind.STOCK_OUT_AHEAD, WarningKind.QUALITY_CLUSTER, WarningKind.COMPLAINT_HOT_SPOT)


@pytest.mark.req("R08", "R27", "R48")
@given(histories, st.data())
def test_blocks_arrival_repeats_and_polling_change_nothing(history, data):
    expected = PLAIN.run([history])
    arrived = data.draw(with_repeats(data.draw(arrivals(history))))
    play = replace(PLAIN, block=data.draw(st.sampled_from([1, 2, 7])), batch_every=2, extra_ticks=1)
    found = play.run([arrived])
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()


@pytest.mark.req("R08", "R52")
@given(histories, st.data())
def test_stopped_anywhere_and_started_again_it_says_the_same(history, data):
    play = replace(PLAIN, block=data.draw(st.sampled_from([1, 2, 5])), batch_every=data.draw(st.integers(1, 3)))
    expected = play.run([history])
    stops = data.draw(st.frozensets(st.integers(1, 12), min_size=1, max_size=4))
    found = replace(play, stops=stops, dies_before_commit=data.draw(st.booleans())).run([history])
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()


@pytest.mark.req("R08", "R52")
@given(histories, st.data())
def test_late_news_is_said_alike_after_a_restart(history, data):
    arrived = data.draw(arrivals(history, late_us=30 * HOUR_US))
    play = replace(PLAIN, block=1, batch_every=1)
    expected = play.run([arrived])
    found = replace(play, stops=data.draw(st.frozensets(st.integers(1, 30), min_size=1, max_size=4))).run([arrived])
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()


@pytest.mark.req("R08")
@given(histories)
def test_every_warning_is_raised_once_updated_while_it_stands_and_ended_once(history):
    said = [one for one in run(room_of(SETTINGS), history, at(200)) if one.kind in WIDER]
    by_id: dict[str, list[Change]] = {}
    for one in said:
        assert one.sequence == len(by_id.setdefault(one.warning_id, []))
        by_id[one.warning_id].append(one.change)
        assert one.due_at <= one.at
    standing: dict[tuple[str, str], int] = {}
    for one in said:
        standing.setdefault((one.kind, one.entity), 0)
        standing[one.kind, one.entity] += {Change.RAISED: 1, Change.RESOLVED: -1}.get(one.change, 0)
        assert standing[one.kind, one.entity] in (0, 1)
    for changes in by_id.values():
        assert changes[0] is Change.RAISED
        assert set(changes[1:-1]) <= {Change.UPDATED}


@given(histories)
def test_without_such_events_nothing_is_kept(history):
    plain = [one for one in history if isinstance(one.data, OrderPlaced | StockAllocated | ShipmentDelivered)]
    room = room_of(SETTINGS)
    run(room, plain, at(100))
    rows = [row for row in room.take_dirty() if isinstance(row, StateRow) and row.machine in MACHINES]
    assert rows == []


def test_the_drawn_histories_do_raise_every_kind():
    """Guard of the generator: a property of warnings that never come would be none."""
    bad = [event(QualityResult(is_passed=False, line="L1"), at(13 + n / 10), "B-1", f"bad-{n}") for n in range(9)]
    sore = [event(CustomerComplaint(area="north"), at(13 + n / 10), f"SO-{n}", f"sore-{n}") for n in range(20)]
    good = [event(QualityResult(is_passed=True, line="L1"), at(n / 10), "B-1", f"good-{n}") for n in range(40)]
    first = [event(CustomerComplaint(area="north"), at(1), "SO-1", "first")]
    sold = [_level("lamp", "W", 6.0 * n, 60 - 6.0 * n, 0.0) for n in range(9)]
    said = run(room_of(SETTINGS), numbered([*bad, *sore, *good, *first, *sold]), at(200))
    assert {one.kind for one in said if one.change is Change.RAISED} >= set(WIDER)
    assert msgspec.msgpack.encode([one.reasons for one in said])
