"""The default response: what it does about each kind of warning, from what the radar knows."""

from typing import Any

import msgspec
import pytest

from radar.actions import ActionName
from radar.events.common import Tier
from radar.instant import HOUR_US, SECOND_US, Instant
from radar.orders import Order
from radar.outputs import Change, Level, WarningChange, WarningKind
from radar.stages import OrderPhase, Stage
from radar.wording import reason
from scenarios.network import load_network
from twin.context import DAY_S, epoch_of
from twin.responding.figures import ResponseRules
from twin.response import DefaultResponse

HOUR_S = 3600
NOON_S = 2 * DAY_S + 12 * HOUR_S
NIGHT_S = 2 * DAY_S + 23 * HOUR_S


def order(network, number: int = 1, promise_s: int = 20 * DAY_S, **more) -> Order:
    fields = {
        "stage": Stage.VALIDATED,
        "area": "town",
        "supplier": "line-1",
        "order_type": "make-to-order",
        "item": "table",
        "item_count": 1,
        "promise_at": Instant(epoch_of(network) + promise_s * SECOND_US),
        **more,
    }
    one = Order(f"O-{number}")
    for name, value in fields.items():
        setattr(one, name, value)
    return one


def warned(
    kind: WarningKind, entity: str = "O-1", level: Level = Level.WARNING, change: Change = Change.RAISED, why=()
):
    return WarningChange("w", 0, change, kind, entity, "r", level, Instant(0), Instant(0), why)


def names(actions) -> list[ActionName]:
    return [action.name for action in actions]


def answers(network, kind: WarningKind, now_s: int = NOON_S, why=(), **more) -> list[ActionName]:
    response = DefaultResponse(network, {"O-1": order(network, **more)})
    return names(response.react([warned(kind, why=why)], now_s))


def pile(kind: WarningKind, numbers, why=()):
    return [warned(kind, f"O-{number}", why=why) for number in numbers]


# --- one order ----------------------------------------------------------------------------------------------


@pytest.mark.req("R13", "R15", "R16")
@pytest.mark.parametrize(
    ("promise_s", "queue", "found"),
    [
        (5 * DAY_S, 0, []),  # by the timetable it is in time: leave it
        (4 * DAY_S, 150, [ActionName.EXPEDITE]),  # a truckload before it
        (3 * DAY_S + 20 * HOUR_S, 0, []),
        (3 * DAY_S, 0, [ActionName.NOTIFY_CUSTOMER]),  # nothing helps: the customer is told
    ],
)
def test_an_order_predicted_late_gets_the_least_help_that_keeps_its_promise(one_line, promise_s, queue, found):
    orders = {"O-1": order(one_line, stage=Stage.PACKED, order_type="stock", promise_s=promise_s)}
    orders |= {f"Q-{n}": order(one_line, n, stage=Stage.PACKED, order_type="stock") for n in range(queue)}
    actions = DefaultResponse(one_line, orders).react([warned(WarningKind.PREDICTED_LATE)], NOON_S)
    assert [action.name for action in actions if action.order_ids == ("O-1",)] == found


def test_an_order_behind_a_long_queue_at_a_bench_is_moved_up(one_line):
    orders = {f"O-{n}": order(one_line, n, stage=Stage.ALLOCATED, order_type="stock") for n in range(2, 150)}
    orders["O-1"] = order(one_line, stage=Stage.ALLOCATED, order_type="stock", promise_s=3 * DAY_S + 20 * HOUR_S)
    actions = DefaultResponse(one_line, orders).react([warned(WarningKind.PREDICTED_LATE)], NOON_S)
    assert [action.name for action in actions if action.order_ids == ("O-1",)] == [ActionName.EXPEDITE]


@pytest.mark.req("R15")
def test_an_order_flies_where_only_a_plane_keeps_the_promise(one_line):
    early_s = 2 * DAY_S + 8 * HOUR_S  # the plane leaves at noon and is there for the round of 15:00
    found = answers(one_line, WarningKind.PREDICTED_LATE, early_s, stage=Stage.PACKED, promise_s=3 * DAY_S)
    assert found == [ActionName.EXPEDITE, ActionName.SWITCH_MODE]


def test_what_is_on_the_road_is_not_flown(one_line):
    found = answers(one_line, WarningKind.PREDICTED_LATE, stage=Stage.IN_TRANSIT, promise_s=2 * DAY_S)
    assert found == [ActionName.NOTIFY_CUSTOMER]


@pytest.mark.req("R14")
def test_an_order_without_goods_is_split_or_substituted(one_line):
    found = answers(one_line, WarningKind.PREDICTED_LATE, order_type="stock", item="bowl", supplier="line-1")
    assert found[:2] == [ActionName.SPLIT, ActionName.SUBSTITUTE]
    assert ActionName.SPLIT not in answers(one_line, WarningKind.PREDICTED_LATE)  # made to order


@pytest.mark.req("R16")
@pytest.mark.parametrize(
    ("tier", "value", "coupon"), [(Tier.STANDARD, 200, 10), (Tier.STANDARD, 9000, 30), (Tier.VIP, 9000, 80)]
)
def test_a_promise_broken_for_long_is_made_good_by_tier_within_a_bound(one_line, tier, value, coupon):
    queue = {f"Q-{n}": order(one_line, n, stage=Stage.ALLOCATED) for n in range(400)}
    orders = queue | {"O-1": order(one_line, tier=tier, value=float(value), stage=Stage.ALLOCATED)}
    found = DefaultResponse(one_line, orders).react([warned(WarningKind.PROMISE_BROKEN)], NOON_S)
    assert names(found)[:2] == [ActionName.NOTIFY_CUSTOMER, ActionName.REPROMISE]
    assert next(action.value for action in found if action.name is ActionName.COMPENSATE) == coupon


@pytest.mark.req("R16")
def test_a_short_delay_is_made_good_to_important_customers_only(one_line):
    late: dict[str, Any] = {"stage": Stage.OUT_FOR_DELIVERY, "value": 500.0}
    assert ActionName.COMPENSATE not in answers(one_line, WarningKind.PROMISE_BROKEN, **late)
    assert ActionName.COMPENSATE in answers(one_line, WarningKind.PROMISE_BROKEN, tier=Tier.VIP, **late)


@pytest.mark.req("R17")
def test_a_held_order_is_settled_at_night_and_left_to_the_desk_by_day(one_line):
    address, data = ((reason("order.held", reason=kind, note=""),) for kind in ("address", "data"))
    assert answers(one_line, WarningKind.ORDER_HELD, NIGHT_S, why=address) == [ActionName.VERIFY_ADDRESS]
    assert answers(one_line, WarningKind.ORDER_HELD, NIGHT_S, why=data) == [ActionName.CORRECT_ORDER]
    assert answers(one_line, WarningKind.ORDER_HELD, NOON_S, why=data) == []


@pytest.mark.req("R26")
def test_an_overdue_stage_alone_moves_up_important_orders_only(one_line):
    assert answers(one_line, WarningKind.STAGE_OVERDUE) == []
    assert answers(one_line, WarningKind.STAGE_OVERDUE, tier=Tier.VIP) == [ActionName.EXPEDITE]
    assert answers(one_line, WarningKind.STAGE_OVERDUE, is_urgent=True) == [ActionName.EXPEDITE]


def test_the_carrier_is_asked_about_a_silent_parcel_it_has(one_line):
    reached = [Instant(1)] * len(Stage)
    assert answers(one_line, WarningKind.ORDER_SILENT) == []
    assert answers(one_line, WarningKind.ORDER_SILENT, stage=Stage.IN_TRANSIT, reached=reached) == [ActionName.ASK]


def test_nothing_is_done_twice_for_one_order(one_line):
    response = DefaultResponse(one_line, {"O-1": order(one_line, promise_s=0)})
    assert response.react([warned(WarningKind.PREDICTED_LATE)], 0)
    assert response.react([warned(WarningKind.PREDICTED_LATE)], 9) == []


def test_only_raises_are_answered(one_line):
    response = DefaultResponse(one_line, {"O-1": order(one_line)})
    assert response.react([warned(WarningKind.PREDICTED_LATE, change=Change.RESOLVED)], 0) == []


def test_the_loudest_warning_is_answered_first(one_line):
    orders = {f"O-{n}": order(one_line, n, tier=Tier.VIP) for n in (1, 2)}
    raised = [warned(WarningKind.STAGE_OVERDUE, "O-1"), warned(WarningKind.STAGE_OVERDUE, "O-2", Level.CRITICAL)]
    assert DefaultResponse(one_line, orders).react(raised, 0)[0].order_ids == ("O-2",)


def test_an_order_the_radar_does_not_know_is_left_alone(one_line):
    response = DefaultResponse(one_line, {})
    for kind in WarningKind:
        if kind is not WarningKind.SOURCE_SILENT:
            assert response.react([warned(kind)], 0) == []


def test_a_silent_source_gets_a_stand_in(one_line):
    found = DefaultResponse(one_line, {}).react([warned(WarningKind.SOURCE_SILENT, "source:carrier")], 0)
    assert [(action.name, action.subject) for action in found] == [(ActionName.FAILOVER_FEED, "carrier")]


# --- resources ----------------------------------------------------------------------------------------------


def subjects(actions) -> list[tuple[ActionName, str]]:
    return [(action.name, action.subject) for action in actions if not action.order_ids]


@pytest.mark.req("R13", "R15", "R16")
@pytest.mark.parametrize(
    ("stage", "kind", "count", "subject", "name"),
    [
        (Stage.ALLOCATED, "make-to-order", 200, "line-1", ActionName.ADD_SHIFT),
        (Stage.ALLOCATED, "stock", 150, "house.pick", ActionName.ADD_SHIFT),
        (Stage.PICKED, "stock", 150, "house.pack", ActionName.ADD_SHIFT),
        (Stage.PACKED, "stock", 400, "a-b", ActionName.ADD_VEHICLES),
        (Stage.OUT_FOR_DELIVERY, "stock", 400, "town", ActionName.REASSIGN_COURIER),
    ],
)
def test_a_resource_that_warnings_name_gets_what_its_queue_lacks_at_the_next_round(
    one_line, stage, kind, count, subject, name
):
    orders = {f"O-{n}": order(one_line, n, stage=stage, order_type=kind) for n in range(count)}
    response = DefaultResponse(one_line, orders, ResponseRules(pile=10))
    assert subjects(response.react(pile(WarningKind.STAGE_OVERDUE, range(9)), 60)) == []
    assert subjects(response.react(pile(WarningKind.STAGE_OVERDUE, range(9, 11)), 120)) == []
    assert (name, subject) in subjects(response.react([], 6 * HOUR_S))
    assert subjects(response.react([], 6 * HOUR_S + 300)) == []


def test_a_longer_queue_gets_more_up_to_the_days_limit_and_a_short_one_nothing(one_line):
    def hours(count: int) -> float:
        orders = {f"O-{n}": order(one_line, n, stage=Stage.ALLOCATED) for n in range(count)}
        response = DefaultResponse(one_line, orders, ResponseRules(pile=1))
        found = response.react(pile(WarningKind.STAGE_OVERDUE, range(1)), 60)
        return sum(action.value for action in found if action.name is ActionName.ADD_SHIFT)

    assert hours(40) == 0
    assert 1 <= hours(105) < hours(120) < hours(200) == 8
    assert hours(500) == 8  # eight hours a day can be had


def test_all_shifts_of_a_day_together_keep_its_limit(one_line):
    orders = {f"O-{n}": order(one_line, n, stage=Stage.ALLOCATED) for n in range(200)}
    orders |= {f"O-{n}": order(one_line, n, stage=Stage.ALLOCATED, order_type="stock") for n in range(200, 350)}
    response = DefaultResponse(one_line, orders, ResponseRules(pile=1))
    found = response.react(pile(WarningKind.STAGE_OVERDUE, (1, 201)), 60)
    for number in range(1, 4):
        found += response.react([], number * 6 * HOUR_S)
    shifts = [action for action in found if action.name is ActionName.ADD_SHIFT]
    assert shifts[0].subject == "house.pick"  # an hour there moves most orders
    assert sum(action.value for action in shifts) == 8
    assert any(action.name is ActionName.ADD_SHIFT for action in response.react([], DAY_S))


def test_a_resource_is_left_alone_once_its_queue_has_been_short_for_a_while(one_line):
    orders = {f"O-{n}": order(one_line, n, stage=Stage.ALLOCATED) for n in range(200)}
    response = DefaultResponse(one_line, orders, ResponseRules(pile=1, quiet_rounds=3))
    assert subjects(response.react(pile(WarningKind.STAGE_OVERDUE, range(1)), 60))
    for one in orders.values():
        one.stage = Stage.IN_TRANSIT
    for number in range(1, 6):
        assert subjects(response.react([], number * 6 * HOUR_S)) == []
    for one in orders.values():
        one.stage = Stage.ALLOCATED
    assert subjects(response.react([], 3 * DAY_S)) == []  # nobody looks there any more


@pytest.mark.req("R33")
@pytest.mark.parametrize(
    ("entity", "stage", "subject"),
    [("line:line-1", Stage.ALLOCATED, "line-1"), ("area:town", Stage.OUT_FOR_DELIVERY, "town")],
)
def test_an_overload_ahead_is_enough_to_look_at_a_place(one_line, entity, stage, subject):
    orders = {f"O-{n}": order(one_line, n, stage=stage) for n in range(400)}
    response = DefaultResponse(one_line, orders)
    found = response.react([warned(WarningKind.CAPACITY_OVERLOAD, entity)], 60)
    assert subject in {name for _action, name in subjects(found)}


def test_held_orders_blame_nobody(one_line):
    orders = {f"O-{n}": order(one_line, n, stage=Stage.PAID, phase=OrderPhase.HELD) for n in range(400)}
    response = DefaultResponse(one_line, orders, ResponseRules(pile=1))
    assert subjects(response.react(pile(WarningKind.STAGE_OVERDUE, range(400)), 60)) == []


def test_help_that_costs_more_than_the_orders_it_reaches_is_not_bought(one_line):
    dear = {**one_line.remedies, ActionName.ADD_SHIFT: one_line.remedies[ActionName.ADD_SHIFT]}
    dear[ActionName.ADD_SHIFT] = dear[ActionName.ADD_SHIFT].model_copy(update={"cost": 100_000.0})
    network = one_line.model_copy(update={"remedies": dear})
    orders = {f"O-{n}": order(network, n, stage=Stage.ALLOCATED) for n in range(200)}
    response = DefaultResponse(network, orders, ResponseRules(pile=1))
    response.react(pile(WarningKind.STAGE_OVERDUE, range(1)), 60)
    assert subjects(response.react([], 6 * HOUR_S)) == []


NETWORK = load_network("homeware")


def blamed(code: str, subject: str, stage: Stage = Stage.PACKED, hours: int = 0, **more):
    """What is done when twelve predictions blame one subject for something that began ``hours`` ago."""
    fields = {"area": "north", "item": "shelf-oak", "supplier": "line-4", "line": "line-4", "stage": stage, **more}
    orders = {f"O-{n}": order(NETWORK, n, **fields) for n in range(600)}
    response = DefaultResponse(NETWORK, orders, msgspec.structs.replace(ResponseRules(), pile=10))
    since_at = epoch_of(NETWORK) + NOON_S * SECOND_US - hours * HOUR_US
    why = (reason(code, subject=subject, note="x", extra_us=1, since_at=since_at),)
    first = response.react(pile(WarningKind.PREDICTED_LATE, range(12), why), NOON_S)
    return subjects([*first, *response.react([], NOON_S + 6 * HOUR_S)])


@pytest.mark.req("R13", "R14", "R15")
@pytest.mark.parametrize(
    ("code", "subject", "stage", "hours", "name"),
    [
        ("condition.line-down", "line-4", Stage.ALLOCATED, 9, ActionName.SWITCH_LINE),
        ("condition.line-down-open", "line-4", Stage.ALLOCATED, 0, ActionName.SWITCH_LINE),
        ("condition.line-slow", "line-4", Stage.ALLOCATED, 0, ActionName.ADD_SHIFT),
        ("condition.closure", "hz-bj", Stage.PACKED, 0, ActionName.REROUTE),
        ("condition.vehicle-late", "hz-bj", Stage.PACKED, 0, ActionName.ADD_VEHICLES),
        ("condition.couriers-short", "north", Stage.OUT_FOR_DELIVERY, 0, ActionName.REASSIGN_COURIER),
        ("condition.backlog", "warehouse:jiaxing", Stage.PRODUCED, 0, ActionName.ADD_SHIFT),
        ("condition.supply-late", "line-4", Stage.VALIDATED, 0, ActionName.EXPEDITE_SUPPLY),
    ],
)
def test_what_a_prediction_blames_is_what_gets_help(code, subject, stage, hours, name):
    assert name in {action for action, _subject in blamed(code, subject, stage, hours)}


def test_an_ordinary_breakdown_moves_no_work_to_another_line_and_buys_hours_only_once_it_is_over():
    orders = {f"O-{n}": order(NETWORK, n, item="shelf-oak", line="line-4", stage=Stage.ALLOCATED) for n in range(600)}
    response = DefaultResponse(NETWORK, orders, ResponseRules(pile=10))
    why = (reason("condition.line-down", subject="line-4", since_at=epoch_of(NETWORK) + (NOON_S - 60) * SECOND_US),)
    assert subjects(response.react(pile(WarningKind.PREDICTED_LATE, range(12), why), NOON_S)) == []
    found = subjects(response.react([], NOON_S + 6 * HOUR_S))
    assert found == [(ActionName.ADD_SHIFT, "line-4")]


def test_the_line_that_does_anothers_work_gets_the_shifts():
    assert (ActionName.ADD_SHIFT, "line-5") in blamed("condition.line-down-open", "line-4", Stage.ALLOCATED)
    assert (ActionName.ADD_SHIFT, "line-4") not in blamed("condition.line-down-open", "line-4", Stage.ALLOCATED)


def shelf_runs_dry(shelf: str, out_h: int, supply_h: int | None, change: Change = Change.RAISED):
    now_at = epoch_of(NETWORK) + NOON_S * SECOND_US
    supply = {} if supply_h is None else {"supply_at": now_at + supply_h * HOUR_US, "pieces": 9}
    why = (reason("stock.out-before", shelf=shelf, out_at=now_at + out_h * HOUR_US, **supply),)
    warning = warned(WarningKind.STOCK_OUT_AHEAD, f"shelf:{shelf}", change=change, why=why)
    return subjects(DefaultResponse(NETWORK, {}).react([warning], NOON_S))


@pytest.mark.req("R14", "R27")
def test_a_shelf_of_bought_goods_that_will_be_empty_gets_haste_and_a_backup_where_haste_is_not_enough():
    hurry, stand_in = (ActionName.EXPEDITE_SUPPLY, "board"), (ActionName.BACKUP_SUPPLIER, "timber-import")
    assert shelf_runs_dry("board@plant", 24, 96) == [hurry]
    assert shelf_runs_dry("board@plant", 24, 400) == [hurry, stand_in]
    assert shelf_runs_dry("board@plant", 24, 400, Change.UPDATED) == [hurry, stand_in]
    assert shelf_runs_dry("board@plant", 24, None) == [stand_in]
    assert shelf_runs_dry("lamp@foshan", 24, 96) == [(ActionName.EXPEDITE_SUPPLY, "lamp")]
    assert shelf_runs_dry("vase@foshan", 24, 96) == []  # a line of ours makes it


def test_more_hours_are_no_help_for_a_line_without_material():
    found = blamed("risk.rest", "", Stage.VALIDATED, order_type="make-to-order")
    assert (ActionName.ADD_SHIFT, "line-4") not in found
    assert (ActionName.EXPEDITE_SUPPLY, "board") in found
    stocked = blamed("risk.rest", "", Stage.VALIDATED, order_type="stock", item="vase", supplier="line-1")
    assert (ActionName.ADD_SHIFT, "line-1") in stocked
