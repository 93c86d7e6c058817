"""What planners know of a network reaches the rules of its radar, and overrules nobody."""

import msgspec
import pytest

from radar.instant import DAY_US
from radar.peaks import Peak
from radar.rules import CapacityRules
from scenarios.network import load_network
from scenarios.planned import USABLE, planned
from scenarios.rules import load_rules
from tests.radar.harness import START


@pytest.mark.req("R33")
def test_the_sales_and_capacities_of_the_network_file_become_rules():
    capacity = planned(load_rules(), load_network("homeware")).capacity
    assert [peak.factor for peak in capacity.peaks] == [2.6, 1.5, 1.6]
    assert [(peak.to_at - peak.from_at) // DAY_US for peak in capacity.peaks] == [1, 6, 1]
    assert capacity.given["lane:hz-bj"] == 240
    # 16 h on six days; 243 s a piece, 1.3 pieces an order
    assert capacity.given["line:line-4"] == pytest.approx(USABLE * 16 * 6 / 7 * 3600 / (243 * 1.3))
    # the picking bench is slower than the packing bench: 14 h, 2 people, 7 min
    assert capacity.given["warehouse:foshan"] == pytest.approx(USABLE * 14 * 2 * 60 / 7)


def test_what_the_rules_say_themselves_is_kept():
    own = CapacityRules(given={"line:line-4": 7.0}, peaks=(Peak(START, START, 2.0),))
    rules = msgspec.structs.replace(load_rules(), capacity=own)
    capacity = planned(rules, load_network("homeware")).capacity
    assert capacity.peaks == own.peaks
    assert (capacity.given["line:line-4"], capacity.given["lane:hz-bj"]) == (7.0, 240)


def test_every_place_is_named_as_the_radar_names_it():
    network = load_network("one_line")
    given = planned(load_rules(), network).capacity.given
    assert set(given) == {"line:line-1", "warehouse:house", "lane:a-b", "lane:a-b-air"}


def test_a_rules_file_names_sales_by_local_days(tmp_path):
    path = tmp_path / "rules.yaml"
    sale = "{from: 2025-11-11, to: 2025-11-12, factor: 2.6, zone: Asia/Shanghai}"
    path.write_text(f"capacity:\n  peaks: [{sale}]\n")
    (peak,) = load_rules(path).capacity.peaks
    assert (peak.to_at - peak.from_at) // DAY_US == 2
    assert peak.from_at == 1762790400 * 1_000_000  # 2025-11-10 16:00 UTC
