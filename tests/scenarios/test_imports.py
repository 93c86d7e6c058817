"""Import maps as files: the packaged ones, and what is refused before a row is read."""

import pytest

from scenarios.imports import ImportMap, checked_map, load_map, packaged_maps
from scenarios.loader import ScenarioError, parse_document

GOOD = """source: shop
prefix: shop
zone: UTC
order: [id]
events:
- type: order.placed.v1
  name: placed
  at: {column: created}
"""


def checked(text: str) -> ImportMap:
    return checked_map(parse_document(text.encode(), "map.yaml"))


def test_every_packaged_map_is_found_by_its_short_name():
    assert packaged_maps() == ("olist_orders", "scms")
    assert {load_map(name).source for name in packaged_maps()} == {"olist", "scms"}


def test_a_map_is_found_by_its_path(tmp_path):
    (tmp_path / "own.yaml").write_text(GOOD, encoding="utf-8")
    assert load_map(tmp_path / "own.yaml").source == "shop"


def test_an_unknown_short_name_tells_the_packaged_ones():
    with pytest.raises(ScenarioError, match="olist: no such map, allowed: a YAML file, or one of olist_orders, scms"):
        load_map("olist")


DATA = GOOD + "  data:\n    "
BAD = [
    (
        GOOD.replace("order.placed.v1", "order.place.v1"),
        "events[0].type (line 6): 'order.place.v1' is not in the contract, did",
    ),
    (GOOD.replace("zone: UTC", "zone: Brazil/Nowhere"), "zone (line 3): 'Brazil/Nowhere' is no time zone"),
    (GOOD.replace("order: [id]", "order: []"), "order (line 4)"),
    (GOOD.replace("order: [id]", "order: id"), "the text 'id' where a list is needed"),
    (GOOD.replace("source: shop\n", ""), "source (line 1): is missing"),
    (GOOD.replace("  at: {column: created}", "  at: {}"), "events[0].at (line 8): needs one source"),
    (GOOD.replace("{column: created}", "{column: a, first_of: [b]}"), "needs one source, allowed: column or first_of"),
    (GOOD.replace("{column: created}", "{column: a, time_of_day: noon}"), "'noon' is no time of day"),
    (GOOD + GOOD[GOOD.index("- type") :], "events[1].name (line 10): 'placed' is there twice"),
    (GOOD[: GOOD.index("- type")] + "  []\n", "events"),
    (
        DATA + "promis_at: {column: p}",
        "events[0].data.promis_at (line 10): 'promis_at' is not in the contract, did you mean",
    ),
    (DATA + "value: {}", "needs one source, none given, allowed: one of column, first_of, join, value"),
    (DATA + "value: {column: a, value: 1}", "needs one source, column and value given"),
    (DATA + "value: {column: a, as: numbr}", "'numbr' is not known, did you mean number?, allowed: text, number"),
    (DATA + "value: {column: a, times: 2}", "times needs a number"),
    (DATA + "value: {column: a, combine: sum}", "combine: sum needs numbers"),
    (DATA + "value: {fields: {a: {column: a}}}", "value holds no fields"),
    (
        DATA + "ship_to: {fields: {street: {column: a}}}",
        "ship_to.fields.street (line 10): 'street' is not in the contract",
    ),
    (DATA + "lines: {each_row: {item: {column: a}}}", "lines.each_row (line 10): quantity is missing"),
    (DATA + "value: {column: a, only_if: {column: b}}", "needs one test, allowed: present: true, or equals"),
    (DATA + "value: {column: a, only_if: {column: b, present: maybe}}", "'maybe' is no yes or no"),
    (DATA + "value: {colum: a}", "unknown key, did you mean column?"),
    (GOOD.replace("order.placed.v1", "shipment.scan.v1"), "events[0].data (line 6): site is missing"),
]


@pytest.mark.parametrize(("text", "holds"), BAD)
def test_a_wrong_map_is_one_clear_line(text, holds):
    with pytest.raises(ScenarioError) as caught:
        checked(text)
    assert str(caught.value).startswith("map.yaml: ")
    assert holds in str(caught.value)
