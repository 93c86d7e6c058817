"""The life of an order's other warnings: held, suspect, silent, broken promises, endings, limits, labels."""

import msgspec
import pytest

from radar.events.common import ReasonCode, Tier
from radar.events.order import OrderCancelled, OrderChanged, OrderLine, OrderReleased, OrderValidated, ShipTo
from radar.events.transport import ShipmentException
from radar.events.world import CustomerComplaint
from radar.instant import DAY_US, HOUR_US, to_datetime
from radar.outputs import Change, Level, OrderRow, WarningKind
from radar.rules import SilenceRules, SuspectRules
from radar.stages import OrderPhase, Stage
from radar.standards import Standard
from tests.radar.harness import FakePredictor, at, delivered, event, facts, held, picked, placed, rules, run, watch_of

SILENT = SilenceRules(source_default_us=0, order_us={"*": 10 * HOUR_US, "slow": 0})


def brief(said):
    return [(change.kind, change.change, change.at) for change in said]


@pytest.mark.req("R25")
@pytest.mark.parametrize("data", [OrderReleased(), OrderValidated()])
def test_a_held_order_warns_until_it_is_released_or_validated(data):
    watch = watch_of(rules())
    said = run(watch, [placed(), held(at(1)), held(at(2)), event(data, at(3))], until=at(9))
    assert brief(said) == [
        (WarningKind.ORDER_HELD, Change.RAISED, at(1)),
        (WarningKind.ORDER_HELD, Change.RESOLVED, at(3)),
    ]
    assert facts(said[0].reasons[0]) == {"reason": "address", "note": "no street"}
    assert watch.orders["SO-1"].phase is OrderPhase.OPEN


@pytest.mark.req("R25")
def test_held_again_is_a_warning_of_its_own():
    said = run(watch_of(rules()), [placed(), held(at(1)), event(OrderReleased(), at(2)), held(at(3))])
    raises = [change.warning_id for change in said if change.change is Change.RAISED]
    assert len(set(raises)) == 2


SUSPECTS = [
    ({"lines": (OrderLine("sofa", 10_001),)}, "suspect.quantity"),
    ({"lines": (OrderLine("sofa", 0),)}, "suspect.empty-line"),
    ({"value": 1_000_001.0}, "suspect.value"),
    ({"promise_at": at(1, -1)}, "suspect.promise-near"),
    ({"promise_at": at(400 * 24, 1)}, "suspect.promise-far"),
]
PLAUSIBLE = [
    {"lines": (OrderLine("sofa", 10_000), OrderLine("bed", 1))},
    {"value": 1_000_000.0},
    {"promise_at": at(1)},
    {"promise_at": at(400 * 24)},
    {},
]


@pytest.mark.req("R25")
@pytest.mark.parametrize(("fields", "code"), SUSPECTS)
def test_a_suspect_order_is_flagged_with_its_figures_and_never_dropped(fields, code):
    watch = watch_of(rules())
    (raised,) = run(watch, [placed(**fields)])
    assert (raised.kind, raised.level, [why.code for why in raised.reasons]) == (
        WarningKind.ORDER_SUSPECT,
        Level.NOTICE,
        [code],
    )
    assert "SO-1" in watch.orders


@pytest.mark.req("R25")
@pytest.mark.parametrize("fields", PLAUSIBLE)
def test_at_the_limit_is_plausible(fields):
    assert run(watch_of(rules()), [placed(**fields)]) == []


@pytest.mark.req("R25")
@pytest.mark.parametrize("answer", [OrderReleased(), OrderValidated()])
def test_a_suspicion_ends_when_a_person_releases_or_validates_the_order(answer):
    some = rules(suspect=SuspectRules(quantity_max=5))
    said = run(watch_of(some), [placed(lines=(OrderLine("sofa", 6),)), event(answer, at(1))])
    assert [change.change for change in said] == [Change.RAISED, Change.RESOLVED]
    assert facts(said[0].reasons[0]) == {"item": "sofa", "quantity": 6, "limit": 5}


@pytest.mark.req("R08")
def test_an_order_is_silent_strictly_after_its_limit_and_heard_again():
    watch = watch_of(rules(silence=SILENT))
    assert run(watch, [placed()], until=at(10)) == []
    said = [*watch.advance(at(10, 1)), *run(watch, [picked(at(15))], until=at(25, 1))]
    assert brief(said) == [
        (WarningKind.ORDER_SILENT, Change.RAISED, at(10)),
        (WarningKind.ORDER_SILENT, Change.RESOLVED, at(15)),
        (WarningKind.ORDER_SILENT, Change.RAISED, at(25)),
    ]
    assert facts(said[0].reasons[0]) == {"heard_at": at(0), "limit_us": 10 * HOUR_US}


@pytest.mark.req("R08")
def test_zero_switches_the_silence_of_an_order_type_off():
    assert run(watch_of(rules(silence=SILENT)), [placed(order_type="slow")], until=at(9999)) == []


@pytest.mark.req("R08")
def test_a_complaint_is_no_news_of_the_order():
    (raised,) = run(watch_of(rules(silence=SILENT)), [placed(), event(CustomerComplaint(), at(9))], until=at(10, 1))
    assert raised.kind is WarningKind.ORDER_SILENT


@pytest.mark.req("R08")
def test_late_news_older_than_the_limit_ends_no_silence():
    watch = watch_of(rules(silence=SILENT))
    run(watch, [placed()], until=at(30))
    assert run(watch, [picked(at(5))]) == []
    (resolved,) = run(watch, [picked(at(25))])
    assert (resolved.change, resolved.at) == (Change.RESOLVED, at(30))


@pytest.mark.req("R04")
def test_every_warning_of_a_vip_is_one_level_up():
    said = run(watch_of(rules(silence=SILENT)), [placed(tier=Tier.VIP, promise_at=at(20)), held(at(1))], until=at(99))
    assert {(change.kind, change.level) for change in said} == {
        (WarningKind.ORDER_HELD, Level.WARNING),
        (WarningKind.ORDER_SILENT, Level.WARNING),
        (WarningKind.PROMISE_BROKEN, Level.CRITICAL),
    }


@pytest.mark.req("R05")
def test_a_promise_breaks_strictly_after_it_and_is_never_overwritten():
    watch = watch_of(rules())
    moved = event(OrderChanged(repromise_at=to_datetime(at(80))), at(5))
    again = placed(at(6), promise_at=at(90))
    assert run(watch, [placed(promise_at=at(50)), moved, again], until=at(50)) == []
    (raised,) = watch.advance(at(50, 1))
    assert (raised.kind, raised.level, raised.at, raised.promise_at) == (
        WarningKind.PROMISE_BROKEN,
        Level.CRITICAL,
        at(50),
        at(50),
    )
    assert watch.orders["SO-1"].repromise_at == at(80)


@pytest.mark.req("R05")
@pytest.mark.parametrize(
    ("delivered_at", "is_late", "told_at"),
    [(at(49), False, at(49)), (at(50, -1), False, at(50, -1)), (at(50), True, at(50)), (at(60), True, at(50))],
)
def test_the_label_is_told_once_at_the_delivery_or_the_promise(delivered_at, is_late, told_at):
    fake = FakePredictor()
    watch = watch_of(rules(), fake)
    run(watch, [placed(promise_at=at(50))], until=at(49, -5))
    assert fake.labels() == []
    run(watch, [delivered(delivered_at), delivered(at(70))], until=at(999))
    assert fake.labels() == [("SO-1", is_late, told_at)]


@pytest.mark.req("R05")
def test_a_cancelled_order_and_one_without_a_promise_give_no_label():
    fake = FakePredictor()
    cancelled = event(OrderCancelled(), at(5), "SO-1")
    run(watch_of(rules(), fake), [placed(promise_at=at(50)), cancelled, placed(at(6), None, "SO-2")], until=at(999))
    run(watch_of(rules(), fake), [placed(), delivered(at(9))], until=at(99))
    assert fake.labels() == []


@pytest.mark.req("R05")
def test_a_promise_heard_of_after_it_passed_is_broken_at_once():
    fake = FakePredictor()
    said = run(watch_of(rules(), fake), [picked(at(9)), placed(at(10), promise_at=at(7))], until=at(11))
    assert brief(said[:2]) == [
        (WarningKind.ORDER_SUSPECT, Change.RAISED, at(10)),
        (WarningKind.ORDER_SUSPECT, Change.RESOLVED, at(10)),  # it was picked: somebody must have looked at it
    ]
    assert [(change.kind, change.due_at, change.at) for change in said[2:]] == [
        (WarningKind.PROMISE_BROKEN, at(7), at(10))
    ]
    assert fake.labels() == [("SO-1", True, at(7))]


@pytest.mark.req("R01")
@pytest.mark.parametrize(
    ("end", "phase"),
    [
        (delivered(at(60)), "delivered"),
        (event(OrderCancelled(), at(60)), "cancelled"),
        (event(ShipmentException(reason=ReasonCode.LOST), at(60)), "lost"),
        (event(ShipmentException(reason=ReasonCode.RETURNED), at(60)), "returned"),
    ],
)
def test_the_end_of_an_order_resolves_everything_and_nothing_is_said_after_it(end, phase):
    some = rules(Standard(Stage.PRODUCED, HOUR_US), silence=SILENT)
    watch = watch_of(some, FakePredictor(lambda order, at: 0.99))
    said = run(watch, [placed(promise_at=at(50)), held(at(1)), end, picked(at(70))], until=at(9999))
    raised = {change.warning_id for change in said if change.change is Change.RAISED}
    closed = [change for change in said if change.at == at(60)]
    assert len(raised) == 5
    assert raised == {change.warning_id for change in closed if change.change is Change.RESOLVED}
    assert {facts(change.reasons[0]).get("phase") for change in closed} == {phase}
    assert max(change.at for change in said) == at(60)


@pytest.mark.req("R01")
def test_weather_on_the_way_ends_no_order():
    watch = watch_of(rules())
    run(watch, [placed(), event(ShipmentException(reason=ReasonCode.WEATHER), at(2))])
    assert watch.orders["SO-1"].is_open


@pytest.mark.parametrize("count_max", [0, 1, 2])
def test_an_order_that_flaps_is_left_to_people(count_max):
    flapping = [held(at(hour)) if hour % 2 else event(OrderReleased(), at(hour)) for hour in range(1, 9)]
    said = run(watch_of(rules(warnings_per_order_max=count_max)), [placed(), *flapping])
    assert sum(change.change is Change.RAISED for change in said) == count_max


def test_an_order_at_its_limit_of_warnings_may_fall_silent_without_end():
    watch = watch_of(rules(silence=SILENT, warnings_per_order_max=0))
    assert run(watch, [placed()], until=at(99)) == []


@pytest.mark.req("R51")
def test_a_closed_order_is_remembered_for_its_tombstone_and_then_forgotten():
    watch = watch_of(rules(tombstone_us=DAY_US))
    end = delivered(at(10))
    run(watch, [placed(), end], until=at(34))
    assert watch.has_seen(end)
    assert not watch.has_seen(delivered(at(11)))
    assert not watch.has_seen(msgspec.structs.replace(end, source="wms"))
    watch.advance(at(34, 1))
    assert "SO-1" not in watch.orders
    assert watch.is_forgotten(end)
    assert not watch.is_forgotten(delivered(at(33)))


@pytest.mark.req("R52")
def test_an_order_that_lives_again_takes_its_row_back_with_new_warning_ids():
    watch = watch_of(rules(tombstone_us=DAY_US))
    first = run(watch, [placed(), held(at(1)), delivered(at(10))], until=at(40))
    (old,) = (row for row in watch.take_dirty() if isinstance(row, OrderRow))
    again = run(watch, [placed(at(41)), held(at(42))])
    (new,) = (row for row in watch.take_dirty() if isinstance(row, OrderRow))
    assert new.version > old.version
    assert {change.warning_id for change in first} & {change.warning_id for change in again} == set()


@pytest.mark.req("R52")
def test_a_watch_restored_at_any_moment_goes_on_alike():
    some = rules(Standard(Stage.PRODUCED, HOUR_US), silence=SILENT)
    events = [placed(promise_at=at(50)), held(at(1)), picked(at(20)), event(OrderReleased(), at(30)), delivered(at(55))]
    whole = run(watch_of(some), events, until=at(999))
    for stop in range(len(events)):
        first, second = watch_of(some), watch_of(some)
        said = run(first, events[:stop])
        second.load(first.take_dirty())
        assert said + run(second, events[stop:], until=at(999)) == whole


def test_a_changed_address_moves_the_lane_and_keeps_its_origin():
    watch = watch_of(rules())
    where = event(OrderChanged(ship_to=ShipTo(area="far-south")), at(1))
    run(watch, [placed(origin="plant-2", ship_to=ShipTo(area="north-east")), where])
    assert watch.orders["SO-1"].lane == "plant-2-far-south"


def test_a_row_that_cannot_be_read_is_named():
    watch = watch_of(rules())
    run(watch, [placed()])
    (row,) = watch.take_dirty()
    with pytest.raises(ValueError, match="SO-1: state cannot be read"):
        watch.load([msgspec.structs.replace(row, state=b"\x93")])


def test_the_predictor_hears_of_all_news_of_an_open_order_and_of_none_after_its_end():
    fake = FakePredictor()
    watch = watch_of(rules(), fake)
    run(watch, [placed(), held(at(1)), picked(at(2)), event(OrderChanged(), at(3)), delivered(at(5)), held(at(6))])
    heard = [(name, when) for name, _, _, when in fake.told if name in {"reached", "heard"}]
    assert heard == [("reached", at(0)), ("heard", at(1)), ("reached", at(2)), ("heard", at(3)), ("reached", at(5))]
