"""The default response: what it does about each kind of warning, from what the radar knows."""

import pytest

from radar.actions import ActionName
from radar.events.common import Tier
from radar.instant import Instant
from radar.orders import Order
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.stages import Stage
from radar.wording import reason
from scenarios.network import load_network
from twin.response import DAY_S, DefaultResponse, ResponseRules


def order(number: int = 1, **more) -> Order:
    fields = {"stage": Stage.VALIDATED, "area": "town", "supplier": "line-1", "order_type": "make-to-order", **more}
    one = Order(f"O-{number}")
    for name, value in fields.items():
        setattr(one, name, value)
    return one


def warned(kind: WarningKind, entity: str = "O-1", level: Level = Level.WARNING, change: Change = Change.RAISED):
    return WarningChange("w", 0, change, kind, entity, "r", level, Instant(0), Instant(0))


def names(actions) -> list[ActionName]:
    return [action.name for action in actions]


def answers(one_line, kind: WarningKind, **more) -> list[ActionName]:
    response = DefaultResponse(one_line, {"O-1": order(**more)})
    return names(response.react([warned(kind)], 0))


@pytest.mark.req("R13", "R15", "R16")
def test_an_order_predicted_late_is_moved_up_flown_and_its_customer_told(one_line):
    found = answers(one_line, WarningKind.PREDICTED_LATE, stage=Stage.PACKED)
    assert found == [ActionName.EXPEDITE, ActionName.SWITCH_MODE, ActionName.NOTIFY_CUSTOMER]


def test_what_is_on_the_road_is_not_flown(one_line):
    assert ActionName.SWITCH_MODE not in answers(one_line, WarningKind.PREDICTED_LATE, stage=Stage.IN_TRANSIT)


@pytest.mark.req("R14")
def test_an_order_without_goods_is_split_or_substituted(one_line):
    found = answers(one_line, WarningKind.PREDICTED_LATE, stage=Stage.VALIDATED)
    assert {ActionName.SPLIT, ActionName.SUBSTITUTE} <= set(found)


@pytest.mark.req("R16")
@pytest.mark.parametrize(
    ("tier", "value", "coupon"), [(Tier.STANDARD, 200, 10), (Tier.STANDARD, 9000, 30), (Tier.VIP, 9000, 80)]
)
def test_a_broken_promise_is_made_good_by_tier_within_a_bound(one_line, tier, value, coupon):
    response = DefaultResponse(one_line, {"O-1": order(tier=tier, value=float(value))})
    found = response.react([warned(WarningKind.PROMISE_BROKEN)], 0)
    assert ActionName.REPROMISE in names(found)
    assert next(action.value for action in found if action.name is ActionName.COMPENSATE) == coupon


@pytest.mark.req("R17")
def test_a_held_order_is_asked_about_and_corrected(one_line):
    assert answers(one_line, WarningKind.ORDER_HELD) == [ActionName.VERIFY_ADDRESS, ActionName.CORRECT_ORDER]


def test_a_silent_source_gets_a_stand_in(one_line):
    found = DefaultResponse(one_line, {}).react([warned(WarningKind.SOURCE_SILENT, "source:carrier")], 0)
    assert [(action.name, action.subject) for action in found] == [(ActionName.FAILOVER_FEED, "carrier")]


@pytest.mark.req("R26")
def test_an_overdue_stage_alone_moves_up_important_orders_only(one_line):
    assert answers(one_line, WarningKind.STAGE_OVERDUE) == []
    assert answers(one_line, WarningKind.STAGE_OVERDUE, tier=Tier.VIP) == [ActionName.EXPEDITE]
    assert answers(one_line, WarningKind.STAGE_OVERDUE, is_urgent=True) == [ActionName.EXPEDITE]


def test_nothing_is_done_twice_for_one_order(one_line):
    response = DefaultResponse(one_line, {"O-1": order(stage=Stage.PACKED)})
    assert response.react([warned(WarningKind.PREDICTED_LATE)], 0)
    assert response.react([warned(WarningKind.PREDICTED_LATE)], 9) == []


def test_only_raises_are_answered(one_line):
    response = DefaultResponse(one_line, {"O-1": order()})
    assert response.react([warned(WarningKind.PREDICTED_LATE, change=Change.RESOLVED)], 0) == []


def test_the_loudest_warning_is_answered_first(one_line):
    orders = {"O-1": order(1), "O-2": order(2)}
    raised = [warned(WarningKind.ORDER_HELD, "O-1"), warned(WarningKind.ORDER_HELD, "O-2", Level.CRITICAL)]
    assert DefaultResponse(one_line, orders).react(raised, 0)[0].order_ids == ("O-2",)


@pytest.mark.parametrize(
    ("stage", "kind", "subject", "name"),
    [
        (Stage.ALLOCATED, "make-to-order", "line-1", ActionName.ADD_SHIFT),
        (Stage.ALLOCATED, "stock", "house.pick", ActionName.ADD_SHIFT),
        (Stage.PICKED, "stock", "house.pack", ActionName.ADD_SHIFT),
        (Stage.PACKED, "stock", "a-b", ActionName.ADD_VEHICLES),
        (Stage.IN_TRANSIT, "stock", "town", ActionName.REASSIGN_COURIER),
        (Stage.VALIDATED, "make-to-order", "line-1", ActionName.ADD_SHIFT),
    ],
)
def test_a_pile_of_orders_helps_the_resource_they_wait_for_once_a_day(one_line, stage, kind, subject, name):
    orders = {f"O-{n}": order(n, stage=stage, order_type=kind) for n in range(40)}
    response = DefaultResponse(one_line, orders, ResponseRules(pile=10))

    def helped(numbers: range, now_s: int) -> list[tuple[ActionName, str]]:
        found = response.react([warned(WarningKind.STAGE_OVERDUE, f"O-{n}") for n in numbers], now_s)
        return [(action.name, action.subject) for action in found]

    assert helped(range(9), 0) == []
    assert (name, subject) in helped(range(9, 11), 60)
    assert helped(range(11, 20), 120) == []
    assert (name, subject) in helped(range(20, 31), 3 * DAY_S)


def test_an_order_the_radar_does_not_know_is_left_alone(one_line):
    response = DefaultResponse(one_line, {})
    for kind in WarningKind:
        if kind not in (WarningKind.SOURCE_SILENT, WarningKind.CAPACITY_OVERLOAD):
            assert response.react([warned(kind)], 0) == []


def named(number: int, code: str, subject: str):
    why = (reason(code, subject=subject, note="x", extra_us=1),)
    kind = WarningKind.PREDICTED_LATE
    return WarningChange("w", 0, Change.RAISED, kind, f"O-{number}", "r", Level.WARNING, Instant(0), Instant(0), why)


@pytest.mark.req("R13", "R14", "R15")
@pytest.mark.parametrize(
    ("code", "subject", "name"),
    [
        ("condition.line-down", "line-4", ActionName.SWITCH_LINE),
        ("condition.line-slow", "line-4", ActionName.ADD_SHIFT),
        ("condition.closure", "hz-bj", ActionName.REROUTE),
        ("condition.vehicle-late", "hz-bj", ActionName.ADD_VEHICLES),
        ("condition.couriers-short", "east", ActionName.REASSIGN_COURIER),
        ("condition.supply-late", "weaver", ActionName.BACKUP_SUPPLIER),
    ],
)
def test_what_a_prediction_blames_is_what_gets_help(code, subject, name):
    network = load_network("homeware")
    orders = {f"O-{n}": order(n, area="north", stage=Stage.PACKED) for n in range(12)}
    response = DefaultResponse(network, orders, ResponseRules(pile=10))
    found = response.react([named(n, code, subject) for n in range(12)], 0)
    assert name in {action.name for action in found if not action.order_ids}


def test_where_more_trucks_did_not_help_another_carrier_is_asked(one_line):
    orders = {f"O-{n}": order(n, stage=Stage.PACKED, order_type="stock") for n in range(40)}
    response = DefaultResponse(one_line, orders, ResponseRules(pile=10))
    first = response.react([warned(WarningKind.STAGE_OVERDUE, f"O-{n}") for n in range(20)], 0)
    second = response.react([warned(WarningKind.STAGE_OVERDUE, f"O-{n}") for n in range(20, 40)], DAY_S)
    assert [action.name for action in first] == [ActionName.ADD_VEHICLES]
    assert [(action.name, action.subject) for action in second] == [(ActionName.SWITCH_CARRIER, "swift")]
