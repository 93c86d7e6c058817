"""Sixty network files that are wrong in one way each: one clear line, with its place (R40)."""

import pytest

from console.cli import main
from radar.errors import InputError
from scenarios.loader import ScenarioError, parse
from scenarios.network import NETWORKS, Network

RIGHT = (NETWORKS / "one_line.yaml").read_text(encoding="utf-8")


def said(*changes: tuple[str, str]) -> tuple[str, int]:
    """Return what is said of the small network with some texts changed, and the line of the first of them."""
    text, line = RIGHT, 0
    for old, new in changes:
        assert text.count(old) >= 1, f"the network has no {old!r} to spoil"
        line = line or text[: text.index(old)].count("\n") + 1 + (len(old) - len(old.lstrip("\n")))
        text = text.replace(old, new, 1)
    with pytest.raises(ScenarioError) as caught:
        parse(text.encode(), "n.yaml", Network)
    message = str(caught.value)
    assert message.startswith("n.yaml: ")
    assert "\n" not in message
    assert isinstance(caught.value, InputError)
    return message, line


# (text of the right file, what stands there instead, what the message must say)
BAD = [
    ("version: 1", "versoin: 1", "versoin (line N): unknown key, did you mean version?"),
    ("zone: Asia/Shanghai", "zone: Asia/Atlantis", "'Asia/Atlantis' is no time zone"),
    ("start: 2025-10-20", "start: 20.10.2025", "start (line N): '20.10.2025' is no date, allowed: 2024-02-29"),
    ("days: 30", "days: 0", "days (line N): '0' is not above 0, allowed: numbers above 0"),
    ("days: 30", "days: many", "'many' is no whole number"),
    ("warm_up_days: 3", "warm_up_days: soon", "warm_up_days (line N): 'soon' is no whole number"),
    ('{mon-sat: "06:00-22:00"}', '{mon-sat: "6-22"}', "'6-22' are no opening hours, allowed: 09:00-18:00"),
    ('{mon-sat: "06:00-22:00"}', '{mon-san: "06:00-22:00"}', "'mon-san' are no weekdays"),
    ('{mon-sat: "06:00-22:00"}', "{mon-sat: closed}", "no open hour in the whole week"),
    ('{mon-sat: "06:00-22:00"}', '{mon-sat: "06:00-22:00", sat: "08:00-12:00"}', "'sat' are no weekdays"),
    ("orders_per_day: 80", "orders_per_day: -80", "demand.orders_per_day (line N): '-80.0' is not above 0"),
    ("orders_per_day: 80", "orders_per_day: 8O", "'8O' is no number"),
    ("by_weekday: [1, 1, 1, 1, 1, 1, 1]", "by_weekday: [1, 1]", "by_weekday has 2 weights, allowed: 7, not all 0"),
    ("by_weekday: [1, 1, 1, 1, 1, 1, 1]", "by_weekday: [0, 0, 0, 0, 0, 0, 0]", "allowed: 7, not all 0"),
    ("by_weekday: [1, 1, 1, 1, 1, 1, 1]", "by_weekday: 1", "the text '1' where a list is needed"),
    ('cut_off: "16:00"', 'cut_off: "25:00"', "promise.cut_off (line N): '25:00' is no time of day"),
    ("make_days: 3", "make_days: -1", "promise.make_days (line N): '-1.0' is negative, allowed: 0 and above"),
    ("tiers: {vip: 0.05", "tiers: {vip: 5", "customers.tiers.vip (line N): '5' is no share, allowed: 0 to 1"),
    ("tiers: {vip: 0.05", "tiers: {gold: 0.05", "customers.tiers.gold (line N): unknown key, allowed: vip, preferred"),
    ("languages: {zh-CN: 2", "languages: {zh-CN: 0", "'0.0' is not above 0"),
    ("[{days: 0, share: 0.03}, {days: 4", "[{days: 5, share: 0.03}, {days: 4", "complaint_by_lateness does not grow"),
    (
        "share: 0.03}, {days: 4, share: 0.45}",
        "share: 0.63}, {days: 4, share: 0.45}",
        "days ascending, shares not falling",
    ),
    ("survey_share: 0.5", "survey_share: half", "customers.survey_share (line N): 'half' is no number"),
    ("survey_after: 1d", "survey_after: tomorrow", "'tomorrow' is no duration"),
    ("check_time: 5min", "check_time: 0s", "desk.check_time (line N): no time at all, allowed: durations above 0"),
    ("people: {servers: 1", "people: {servers: 0", "desk.people.servers (line N): '0' is not above 0"),
    (
        "calendar: day, time: 20min",
        "calendar: dya, time: 20min",
        "desk.people.calendar: 'dya' is not there, did you mean day?",
    ),
    ("origin: stock", "origin: shelf", "items[0].origin (line N): 'shelf' is not known, allowed: stock, make-to-order"),
    (
        "line: line-1, unit_time",
        "line: line-2, unit_time",
        "items.bowl.line: 'line-2' is not there, did you mean line-1?",
    ),
    ("unit_time: 240s, ", "", "items.bowl: a line but no unit_time or no plant"),
    ("materials: {clay: 1}", "materials: {clya: 1}", "items.bowl.materials: 'clya' is not there, did you mean clay?"),
    ("materials: {clay: 1}", "materials: {clay: 0}", "'0.0' is not above 0"),
    (
        "supplier: potter, stock",
        "supplier: poter, stock",
        "items.cup.supplier: 'poter' is not there, did you mean potter?",
    ),
    ("substitute: cup", "substitute: mug", "items.bowl.substitute: 'mug' is not there"),
    ("line: line-1, unit_time: 12min", "unit_time: 12min", "items.table: made to order without a line"),
    ("{name: cup, category", "{name: bowl, category", "items: 'bowl' stands twice, allowed: each name once"),
    ("reorder_days: 4", "reorder_days: few", "'few' is no number"),
    (
        "{name: clay, supplier: potter",
        "{name: clay, supplier: nobody",
        "materials.clay.supplier: 'nobody' is not there",
    ),
    ("lead_time: 4d", "lead_time: 4", "suppliers[0].lead_time (line N): '4' is no duration, allowed: 90min, 36h"),
    ("late_share: 0.1", "late_share: 10%", "'10%' is no number"),
    (
        "backup: timber-2",
        "backup: timber-3",
        "suppliers.timber.backup: 'timber-3' is not there, did you mean timber-2?",
    ),
    (
        "plant: {warehouse: house}",
        "plant: {warehouse: hose}",
        "plant.warehouse: 'hose' is not there, did you mean house?",
    ),
    (
        "calendar: plant, setup",
        "calendar: plants, setup",
        "lines.line-1.calendar: 'plants' is not there, did you mean plant?",
    ),
    ("defect_share: 0.02", "defect_share: 2", "lines[0].defect_share (line N): '2' is no share"),
    ("hour_cost: 500", "hour_cost: 500, alternates: [line-9]", "lines.line-1.alternates: 'line-9' is not there"),
    ("hour_cost: 500", "hour_cost: 500, alternates: [line-1, line-1]", "a name stands twice"),
    ("    hub: hub-a", "    hub: hub-c", "warehouses.house.hub: 'hub-c' is not there"),
    ("parcels_per_hour: 60", "parcels_per_hour: 0", "hubs[0].parcels_per_hour (line N): '0.0' is not above 0"),
    ("from: hub-a, to: hub-b", "from: hub-a, to: hub-z", "lanes.a-b.to: 'hub-z' is not there"),
    ("from: hub-a, to: hub-b", "form: hub-a, to: hub-b", "lanes[0].form (line N): unknown key, did you mean from?"),
    ('departures: ["21:00"]', 'departures: ["9 pm"]', "lanes[0].departures[0] (line N): '9 pm' is no time of day"),
    ("mode: air", "mode: rocket", "lanes[1].mode (line N): 'rocket' is not known, allowed: road, air, rail"),
    ("capacity: 110", "capacity: 1.5", "lanes[0].capacity (line N): '1.5' is no whole number"),
    ("warehouses: [house]", "warehouses: [barn]", "zones.town.warehouses: 'barn' is not there"),
    ("hub: hub-b, share: 1", "hub: hub-x, share: 1", "zones.town.hub: 'hub-x' is not there"),
    ("couriers: 4", "couriers: four", "zones[0].couriers (line N): 'four' is no whole number"),
    ("rain_share: 0.15", "rain_share: 1.15", "zones[0].rain_share (line N): '1.15' is no share"),
    ("  mes: {lag: 2min", "  erp: {lag: 2min", "systems: 'erp' is not there"),
    ("  shop: {lag: 5s", "  shop: {lag: late", "systems.shop.lag (line N): 'late' is no duration"),
    ("  expedite: {cost: 6", "  hurry: {cost: 6", "remedies.hurry"),
    ("cost: 6, lead", "cost: -6, lead", "remedies.expedite.cost (line N): '-6.0' is negative"),
]


@pytest.mark.req("R40")
@pytest.mark.parametrize(("old", "new", "holds"), BAD)
def test_a_wrong_network_is_one_clear_line(old, new, holds):
    message, line = said((old, new))
    assert holds.replace("(line N)", f"(line {line})") in message


def test_hubs_that_no_lane_joins_are_named():
    changes = ("from: hub-a, to: hub-b, departures", "from: hub-b, to: hub-a, departures")
    assert "zones.town: no lanes lead from hub-a to hub-b, allowed: connected hubs" in said(changes)[0]


def test_fifty_kinds_of_mistake_and_more_are_tried():
    assert len(BAD) >= 50


def test_a_command_ends_with_code_two_and_the_one_line(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text(RIGHT.replace("couriers: 4", "couriers: four"), encoding="utf-8")
    assert main(["whatif", str(path), "--out", str(tmp_path / "out")]) == 2
    line = RIGHT[: RIGHT.index("couriers: 4")].count("\n") + 1
    said_of = f"zones[0].couriers (line {line}): 'four' is no whole number, allowed: 0, 12, 50000"
    assert capsys.readouterr().err == f"radar: {path}: {said_of}\n"
