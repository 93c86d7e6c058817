"""Network files: the packaged ones load, and whatever is wrong is told in one line with what is allowed."""

from pathlib import Path

import pytest

from radar.errors import InputError
from scenarios.loader import parse
from scenarios.network import NETWORKS, Network, load_network, network_path, route

SMALL = (NETWORKS / "one_line.yaml").read_text(encoding="utf-8")
PACKAGED = sorted(path.stem for path in NETWORKS.glob("*.yaml"))


def told(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(text.encode(), "net.yaml", Network)
    return str(caught.value)


@pytest.mark.req("R40")
@pytest.mark.parametrize("name", PACKAGED)
def test_every_packaged_network_loads(name):
    network = load_network(name)
    assert network.name == name


def test_the_reference_network_has_what_the_owner_asked_for():
    network = load_network("homeware")
    assert len(network.warehouses) == 3
    assert len(network.lines) == 6
    assert network.demand.orders_per_day == 1000
    assert {lane.mode.value for lane in network.lanes} == {"road", "air"}


def test_every_number_of_the_reference_network_has_a_source_in_sight():
    text = (NETWORKS / "homeware.yaml").read_text(encoding="utf-8")
    section, named = "", {}
    comment = ""
    for line in text.splitlines():
        if line.startswith("#"):
            comment += line
        elif line and not line.startswith(" "):
            section = line.split(":")[0]
            named[section] = comment + line
            comment = ""
        else:
            named[section] = named.get(section, "") + (line[line.index("#") :] if "#" in line else "")
    plain = {"version", "name", "zone", "start", "days", "plant"}
    words = ("assumption", "Olist", "SCMS", "nycflights", "packaged rules", "owner", "Halperin")
    silent = [name for name, said in named.items() if name not in plain and not any(word in said for word in words)]
    assert silent == []


BAD = {
    "orders_per_day: 80": ("orders_per_day: -3", "above 0"),
    "orders_per_day: 80 ": ("orders_per_day: many", "number"),
    "start: 2025-10-20": ("start: 20.10.2025", "date"),
    "zone: Asia/Shanghai": ("zone: Asia/Shangri-La", "time zone"),
    "days: 30": ("days: 0", "above 0"),
    "by_weekday: [1, 1, 1, 1, 1, 1, 1]": ("by_weekday: [1, 1]", "7"),
    'cut_off: "16:00"': ('cut_off: "25:00"', "time of day"),
    "complaint_on_time: 0.03": ("complaint_on_time: 3", "0 to 1"),
    "{days: 4, share: 0.45}": ("{days: 4, share: 0.01}", "grow"),
    "survey_after: 1d": ("survey_after: soon", "duration"),
    "hub: hub-b, share: 1": ("hub: hub-c, share: 1", "hub-a, hub-b"),
    "calendar: plant, setup": ("calendar: plants, setup", "did you mean plant?"),
    "supplier: timber, stock": ("supplier: timbre, stock", "did you mean timber"),
    "substitute: cup": ("substitute: mug", "bowl, cup, table"),
    "materials: {board: 3}": ("materials: {bord: 3}", "did you mean board"),
    "plant: {warehouse: house}": ("plant: {warehouse: hose}", "did you mean house"),
    "backup: timber-2": ("backup: nobody", "potter, timber"),
    "mode: air": ("mode: rocket", "road, air, rail"),
    "capacity: 110": ("capacity: 0", "above 0"),
    "capacity: 40": ("capacity: 1.5", "whole number"),
    "weekdays": ("", ""),
    "from: hub-a, to: hub-b, departures": ("from: hub-b, to: hub-a, departures", "no lanes lead from hub-a to hub-b"),
    "couriers: 4": ("couriers: none", "whole number"),
    "absent_share: 0.08": ("absent_share: 8%", "number"),
    "servers: 1, calendar: day, time: 20min": ("servers: 1, time: 20min", "is missing"),
    "lane_speed: 0.85": ("lane_sped: 0.85", "did you mean lane_speed"),
    "shop: {lag: 5s": ("shoop: {lag: 5s", "did you mean shop?"),
    "loss: 0.01, heartbeat": ("loss: 2, heartbeat", "0 to 1"),
    "expedite: {cost": ("expedit: {cost", "expedite"),
    "origin: make-to-order": ("origin: made-to-measure", "make-to-order"),
    "price: 900, quantity_mean: 1, line: line-1": ("price: 900, quantity_mean: 1", "without a line"),
    '{mon-sat: "06:00-22:00"}': ('{mon-sat: "6-22"}', "opening hours"),
    '{mon-sun: "08:00-20:00"}': ("{moon: closed}", "weekdays"),
    "name: timber-2,": ("name: potter,", "stands twice"),
    "line: line-1, unit_time: 240s": ("line: line-1", "unit_time"),
}
BAD.pop("weekdays")


@pytest.mark.req("R42")
@pytest.mark.parametrize("right", BAD, ids=[wrong.strip() for wrong, _ in BAD.values()])
def test_each_mistake_gives_one_line_that_says_what_is_allowed(right):
    wrong, expected = BAD[right]
    assert right.strip() in SMALL
    message = told(SMALL.replace(right.strip(), wrong, 1))
    assert "\n" not in message
    assert message.startswith("net.yaml: ")
    assert expected in message


def test_an_unknown_network_names_the_packaged_ones():
    with pytest.raises(InputError, match="homeware"):
        network_path("homewear")


def test_a_path_is_taken_as_it_is(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL.replace("name: one_line", "name: mine"), encoding="utf-8")
    assert load_network(str(path)).name == "mine"


def test_the_quickest_way_is_found_and_closed_lanes_are_led_around():
    lanes = load_network("homeware").lanes
    assert route(lanes, "hangzhou-hub", "shenyang-hub") == ("hz-bj", "bj-sy")
    assert route(lanes, "hangzhou-hub", "hangzhou-hub") == ()
    around = route(lanes, "hangzhou-hub", "beijing-hub", closed=frozenset({"hz-bj"}))
    assert around == ("hz-wh", "wh-bj")
    assert route(lanes, "shenyang-hub", "beijing-hub") is None
