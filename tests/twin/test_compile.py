"""Scenarios compiled to masks: windows, stairs, calendars against brute force by minutes,"
" the same luck in every arm."""

from pathlib import Path

import pytest

from radar.conditions import Code
from radar.events import Event
from radar.events.supply import SupplyNotice
from radar.events.world import RoadClosure, WeatherAlert
from radar.instant import DAY_US, HOUR_US, SECOND_US, Instant, to_datetime
from radar.orders import Order
from radar.surroundings import Surroundings
from scenarios.catalog import load_scenario, packaged_scenarios
from scenarios.disruptions import Kind
from scenarios.loader import ScenarioError
from scenarios.network import load_network
from scenarios.rules import load_rules
from scenarios.selectors import resolve
from twin.chance import Chance
from twin.compile import Compiled, compile_scenarios
from twin.context import ALWAYS_PACE, epoch_of
from twin.masks import Masks, Ongoing, SpeedMask
from twin.pace import NORMAL, weekly
from twin.regime import Regime

NETWORK = load_network("homeware")
EPOCH = epoch_of(NETWORK)
WARM_S = NETWORK.warm_up_days * 86_400
HOUR_S, DAY_S = 3600, 86_400
HEAD = "version: 1\nname: s\ntitle: S\n"
DAYS = 40


def compiled(text: str, folder: Path, *, seed: int = 1, replication: int = 0, days: int = DAYS) -> Compiled:
    (folder / "s.yaml").write_text(HEAD + text, encoding="utf-8")
    scenario = load_scenario(str(folder / "s.yaml"))
    return compile_scenarios([scenario], NETWORK, Chance(seed, replication), EPOCH, days)


def packaged(name: str, *, seed: int = 1, replication: int = 0) -> Compiled:
    return compile_scenarios([load_scenario(name)], NETWORK, Chance(seed, replication), EPOCH, DAYS)


def speed_by_brute_force(masks: Masks, target: str, at_s: int) -> int:
    speed = NORMAL
    for mask in masks.speeds:
        if mask.target == target and mask.start_s <= at_s < mask.end_s:
            speed = speed * mask.permille // NORMAL
    return speed


def test_an_onset_counts_from_the_end_of_the_warm_up(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: line, target: line-1, at: 2d, duration: 6h, effect: {speed: 0}}]", tmp_path
    )
    assert found.masks.speeds == (
        SpeedMask("line:line-1", WARM_S + 2 * DAY_S, WARM_S + 2 * DAY_S + 6 * HOUR_S, 0, Ongoing.PAUSE, "s.a"),
    )
    assert [(window.id, window.start_s) for window in found.windows] == [("s.a", WARM_S + 2 * DAY_S)]


def test_ramp_and_linear_recovery_are_stairs_around_the_whole_effect(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: lane, target: hz-bj, at: 0s, duration: 8h, ramp: 4h, recovery: {linear: 8h},"
        " effect: {speed: 0}, in_transit: lost}]",
        tmp_path,
    )
    hours = [(mask.start_s - WARM_S) / HOUR_S for mask in found.masks.speeds]
    assert hours == [0, 1, 2, 3, 4, 8, 10, 12, 14]
    assert [mask.permille for mask in found.masks.speeds] == [875, 625, 375, 125, 0, 125, 375, 625, 875]
    # What is on the road is lost once, when the whole effect begins, and not again at every stair.
    assert [mask.ongoing for mask in found.masks.speeds].count(Ongoing.LOST) == 1
    mean = sum(mask.permille * (mask.end_s - mask.start_s) for mask in found.masks.speeds)
    assert mean == 500 * 4 * HOUR_S + 500 * 8 * HOUR_S  # the stairs lose as much as the slope would


def test_severity_scales_the_effect(tmp_path):
    text = (
        "disruptions: [{{id: a, kind: zone, target: east, at: 1d, duration: 1d, severity: {0},"
        " effect: {{speed: 0.4, capacity: 0.2}}}}]"
    )
    found = compiled(text.format("0.5"), tmp_path).masks
    assert ([mask.permille for mask in found.speeds], [mask.permille for mask in found.capacities]) == ([700], [600])
    nothing = compiled(text.format("0"), tmp_path).masks
    assert nothing == Masks()


@pytest.mark.req("R42")
def test_zero_probability_leaves_no_trace(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: line, at: 1d, duration: 1d, probability: 0, effect: {speed: 0},"
        " signal: {kind: line-status}}, {id: b, kind: lane, after: {id: a}, duration: 1d, effect: {speed: 0}}]",
        tmp_path,
    )
    assert found == Compiled()


@pytest.mark.req("R42")
@pytest.mark.parametrize("name", packaged_scenarios())
def test_a_packaged_scenario_that_does_not_happen_leaves_no_trace(tmp_path, name):
    assert compiled(f"parts: [{{scenario: {name}, name: p, probability: 0}}]", tmp_path) == Compiled()


def test_what_begins_after_the_end_of_the_run_leaves_no_trace(tmp_path):
    text = "disruptions: [{id: a, kind: line, at: 10d, duration: 1d, effect: {speed: 0}}]"
    assert compiled(text, tmp_path, days=17) == Compiled()
    assert compiled(text, tmp_path, days=18) != Compiled()


def test_a_probability_moves_no_other_draw(tmp_path):
    text = (
        "disruptions: [{{id: a, kind: line, at: {{uniform: [1d, 9d]}}, repeat: {{times: 40,"
        " every: {{exponential: 12h}}}},"
        " duration: {{lognormal: 3h, sigma: 1}}, probability: {0}, effect: {{speed: 0}}}}]"
    )
    always = compiled(text.format("1"), tmp_path).windows
    often = compiled(text.format("0.5"), tmp_path).windows
    assert set(often) < set(always)
    assert 10 <= len(often) <= 30


def test_the_same_luck_gives_the_same_disruptions_and_other_replications_others():
    for name in packaged_scenarios():
        assert packaged(name) == packaged(name)
    assert packaged("vehicle-breakdowns") != packaged("vehicle-breakdowns", replication=1)
    assert packaged("vehicle-breakdowns") != packaged("vehicle-breakdowns", seed=2)


def test_one_scenario_beside_another_meets_the_luck_it_meets_alone():
    alone = packaged("vehicle-breakdowns")
    both = compile_scenarios(
        [load_scenario("typhoon"), load_scenario("vehicle-breakdowns")], NETWORK, Chance(1), EPOCH, DAYS
    )
    assert set(alone.windows) <= set(both.windows)
    assert set(alone.masks.speeds) <= set(both.masks.speeds)


@pytest.mark.parametrize(("edge", "hours"), [("start", 24 + 5), ("end", 24 + 10 + 4 + 5)])
def test_after_hangs_on_an_edge_with_a_delay(tmp_path, edge, hours):
    found = compiled(
        f"disruptions: [{{id: b, kind: zone, target: east, after: {{id: a, edge: {edge}, delay: 5h}},"
        " duration: 1h, effect: {speed: 0}},"
        " {id: a, kind: line, target: line-1, at: 1d, duration: 10h, recovery: {linear: 4h}, effect: {speed: 0}}]",
        tmp_path,
    )
    start_s = next(window.start_s for window in found.windows if window.id == "s.b")
    assert start_s == WARM_S + hours * HOUR_S


def test_what_follows_follows_every_onset_that_happens(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: line, at: 1d, repeat: {times: 8, every: 2d}, probability: 0.5, duration: 1h,"
        " effect: {speed: 0}}, {id: b, kind: zone, after: {id: a}, duration: 1h, effect: {speed: 0}}]",
        tmp_path,
    )
    first = [window.end_s for window in found.windows if window.id == "s.a"]
    second = [window.start_s for window in found.windows if window.id == "s.b"]
    assert first == second
    assert 1 < len(first) < 8


def test_parts_are_shifted_weakened_and_chained(tmp_path):
    (tmp_path / "p.yaml").write_text(
        HEAD + "disruptions: [{id: a, kind: line, target: line-1, at: 1d, duration: 10h, effect: {speed: 0}}]"
    )
    found = compiled(
        "parts: [{scenario: p.yaml, name: one, severity: 0.5},"
        " {scenario: p.yaml, name: two, after: {id: one.a, edge: end}, shift: 2h},"
        " {scenario: p.yaml, name: three, probability: 0}]",
        tmp_path,
    )
    assert [(window.id, (window.start_s - WARM_S) // HOUR_S) for window in found.windows] == [
        ("s.one.a", 24),
        ("s.two.a", 24 + 10 + 2 + 24),
    ]
    assert [mask.permille for mask in found.masks.speeds] == [500, 0]


def test_each_kind_reaches_its_parts(tmp_path):
    found = compiled(
        """disruptions:
  - {id: a, kind: site, target: foshan, at: 1d, duration: 1d, effect: {capacity: 0.5,
      stock_loss: {share: 0.4, items: [pan]}}, in_service: abort}
  - {id: b, kind: site, target: wuhan-hub, at: 1d, duration: 1d, effect: {capacity: 0.5}}
  - {id: c, kind: supplier, target: weaver, at: 1d, duration: 2d, effect: {lead_time: {extra: 1d, factor: 1.5}}}
  - {id: d, kind: demand, target: [item/pan, area/east], at: 1d, duration: 1d, effect: {demand: 2}}
  - {id: e, kind: information, target: carrier, at: 1d, duration: 1d, effect: {reports: degrade, loss: 0.1, lag: 1h}}
  - {id: f, kind: line, target: line-2, at: 1d, duration: 1d, effect: {defects: 0.2}}
""",
        tmp_path,
    ).masks
    assert {(mask.target, mask.permille) for mask in found.capacities} == {
        ("pool:foshan.pick", 500),
        ("pool:foshan.pack", 500),
    }
    assert [(mask.target, mask.permille) for mask in found.speeds] == [("pool:wuhan-hub.sort", 500)]
    assert [(loss.warehouse, loss.item, loss.permille) for loss in found.losses] == [("foshan", "pan", 400)]
    assert [(mask.supplier, mask.extra_s, mask.permille) for mask in found.supplies] == [("weaver", DAY_S, 1500)]
    assert [mask.target for mask in found.demands] == ["demand:item/pan", "demand:area/east"]
    assert [(mask.source, mask.loss_permille, mask.extra_lag_s) for mask in found.feeds] == [("carrier", 100, HOUR_S)]
    assert [(mask.line, mask.permille) for mask in found.qualities] == [("line-2", 200)]


@pytest.mark.parametrize(
    ("kind", "selector", "names"),
    [
        (Kind.LINE, "line-1", {"line-1"}),
        (Kind.LINE, "line-[56]", {"line-5", "line-6"}),
        (Kind.LANE, "to/northeast", {"bj-sy", "hz-sy-air"}),
        (Kind.LANE, "from/xian-hub", {"xa-bj"}),
        (Kind.LANE, "mode/air", {lane.name for lane in NETWORK.lanes if lane.mode.value == "air"}),
        (Kind.LANE, "carrier/sky*", {lane.name for lane in NETWORK.lanes if lane.carrier == "skyway"}),
        (Kind.ZONE, "remote", {"northwest"}),
        (Kind.ZONE, "hub/foshan-hub", {"south"}),
        (Kind.ZONE, "busiest", {"east"}),
        (Kind.SITE, "busiest", {"jiaxing"}),
        (Kind.POOL, "*.sort", {f"{hub.name}.sort" for hub in NETWORK.hubs}),
        (Kind.SUPPLIER, "busiest", {"carton-co"}),
        (Kind.SUPPLIER, "farthest", {"timber-import"}),
        (Kind.LANE, "farthest", {"hz-cd"}),
        (
            Kind.LANE,
            "at/busiest",
            {"hz-bj", "hz-wh", "hz-fs", "hz-nc", "hz-cd", "fs-hz", "wh-hz"}
            | {lane.name for lane in NETWORK.lanes if lane.mode.value == "air" and "hz" in lane.name},
        ),
        (Kind.DEMAND, "*", {"*"}),
        (Kind.DEMAND, "item/shelf-*", {"item/shelf-oak", "item/shelf-walnut"}),
    ],
)
def test_a_selector_finds_its_parts(kind, selector, names):
    assert set(resolve(NETWORK, kind, [selector])) == names


BAD_TARGETS = [
    ("kind: line, target: line-9, effect: {speed: 0}", "disruptions[0].target (line 4): 'line-9' matches no line"),
    ("kind: line, target: lin-1, effect: {speed: 0}", "did you mean line-1?, allowed: line-1, line-2"),
    ("kind: lane, target: to/moon, effect: {speed: 0}", "'to/moon' matches no lane"),
    ("kind: lane, target: 'z*', effect: {speed: 0}", "busiest, farthest, to/..., from/..., at/..., mode/..."),
    ("kind: site, target: moon, effect: {speed: 0}", "'moon' matches no site, allowed: jiaxing"),
    ("kind: pool, target: jiaxing, effect: {speed: 0}", "'jiaxing' matches no pool, did you mean jiaxing."),
    ("kind: zone, target: estern, effect: {speed: 0}", "did you mean east?"),
    ("kind: supplier, target: busy, effect: {is_failed: true}", "'busy' matches no supplier, allowed: kiln-co"),
    ("kind: demand, target: pan, effect: {demand: 2}", "'pan' matches no demand"),
    ("kind: information, target: carriers, effect: {reports: hold}", "did you mean carrier?, allowed: shop, oms"),
    (
        "kind: line, effect: {speed: 0}, signal: {kind: road-closure}",
        "road-closure says nothing about a line, allowed: line-status",
    ),
    ("kind: zone, effect: {speed: 0}, signal: {kind: weather-alert, areas: [moon]}", "'moon' matches no zone"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "holds"), BAD_TARGETS)
def test_a_target_the_network_does_not_have_is_one_clear_line(tmp_path, fields, holds):
    with pytest.raises(ScenarioError) as caught:
        compiled(f"disruptions: [{{id: a, at: 1d, duration: 1d, {fields}}}]", tmp_path)
    assert holds in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "s.yaml"))


def test_a_forecast_is_out_ahead_and_guesses_the_length(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: zone, target: [east, south], at: 5d, duration: {lognormal: 10h,"
        " sigma: 1}, effect: {speed: 0},"
        " signal: {kind: weather-alert, ahead: 48h, severity: extreme, hazard: typhoon}}]",
        tmp_path,
    )
    assert [(s.at_s, s.source, s.subject) for s in found.masks.signals] == [
        (WARM_S + 3 * DAY_S, "weather", "east"),
        (WARM_S + 3 * DAY_S, "weather", "south"),
    ]
    alert = found.masks.signals[0].payload
    assert isinstance(alert, WeatherAlert)
    assert (alert.to_at - alert.from_at).total_seconds() == 10 * HOUR_S  # the median, whatever the storm will do
    assert found.windows[0].end_s - found.windows[0].start_s != 10 * HOUR_S


def test_a_closure_is_told_for_each_lane_and_a_missed_forecast_is_silent(tmp_path):
    text = (
        "disruptions: [{{id: a, kind: lane, target: 'to/east', at: 5d, duration: 10h,"
        " effect: {{speed: 0}}, signal: {{kind: road-closure, hit_share: {0}}}}}]"
    )
    said = compiled(text.format(1), tmp_path).masks.signals
    lanes = {"fs-hz", "wh-hz", "fs-hz-air", "cd-hz-air"}
    relations = {"chengdu-east", "chengdu-south"}  # by chengdu - wuhan - hangzhou
    assert {signal.subject for signal in said} == lanes | relations
    assert all(isinstance(signal.payload, RoadClosure) for signal in said)
    assert compiled(text.format(0), tmp_path).masks.signals == ()


def test_the_all_clear_comes_when_it_is_over_not_when_it_was_guessed(tmp_path):
    text = (
        "disruptions: [{{id: a, kind: {0}, at: 5d, duration: {{lognormal: 20h, sigma: 1}},"
        " effect: {1}, signal: {{kind: {2}, ahead: 1d}}}}]"
    )
    found = compiled(text.format("lane, target: bj-sy", "{speed: 0}", "road-closure"), tmp_path)
    closed, opened = found.masks.signals[:4], found.masks.signals[4:]
    assert [signal.subject for signal in closed] == [signal.subject for signal in opened]
    assert [signal.payload.is_closed for signal in opened] == [False] * 4  # type: ignore[attr-defined]
    assert {signal.at_s for signal in opened} == {found.windows[0].ease_s}
    found = compiled(text.format("supplier, target: weaver", "{is_failed: true}", "supply-notice"), tmp_path)
    first, last = found.masks.signals
    assert isinstance(first.payload, SupplyNotice)
    assert isinstance(last.payload, SupplyNotice)
    assert last.at_s == found.windows[0].ease_s
    assert last.payload.expected_at == to_datetime(Instant(EPOCH + last.at_s * SECOND_US))


@pytest.mark.req("R07")
def test_a_closure_on_a_later_leg_reaches_the_orders_that_will_come_to_it(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: lane, target: bj-sy, at: 1d, duration: 60h, effect: {speed: 0},"
        " signal: {kind: road-closure}}]",
        tmp_path,
    )
    conditions = Surroundings(load_rules(None)).conditions
    said_s = found.windows[0].start_s
    for signal in found.masks.signals:
        if signal.at_s == said_s:
            at = Instant(EPOCH + said_s * SECOND_US)
            conditions.observe(Event(at, signal.subject, "carrier", signal.subject, signal.payload))

    def felt(origin, area):
        order = Order("S1", origin=origin, area=area, lane=f"{origin}-{area}")
        return {one.code for one in conditions.touching(order, Instant(EPOCH + (said_s + HOUR_S) * SECOND_US))}

    assert felt("jiaxing", "northeast") == felt("foshan", "northeast") == {Code.CLOSURE}
    assert felt("jiaxing", "north") == felt("jiaxing", "east") == set()


@pytest.mark.req("R42")
@pytest.mark.parametrize("name", packaged_scenarios())
def test_every_packaged_scenario_fits_the_reference_network(name):
    found = packaged(name)
    assert found.windows or name == "compound/bad-week"
    assert all(window.start_s <= window.full_s <= window.ease_s <= window.end_s for window in found.windows)
    assert all(mask.permille >= 0 for mask in found.masks.speeds)
    assert all(mask.permille >= 0 for mask in found.masks.capacities)


def test_the_masked_calendar_is_the_brute_force_by_minutes():
    for name in ("power-cut", "heat", "line-failure", "earthquake"):
        masks = packaged(name).masks
        plant = weekly([[(6 * HOUR_S, 22 * HOUR_S)]] * 6 + [[]], range(-1, DAYS + 60), frozenset(), 0)
        mine = [mask for mask in masks.speeds if mask.target == "line:line-4" and mask.ongoing is Ongoing.PAUSE]
        regime = Regime(plant, mine)
        only_pauses = Masks(speeds=tuple(mine))
        for minute in range(0, DAYS * 1440, 7):
            at_s = minute * 60
            open_speed = plant.speed_at(at_s)
            expected = open_speed * speed_by_brute_force(only_pauses, "line:line-4", at_s) // NORMAL
            assert abs(regime.run.speed_at(at_s) - expected) <= 1


def test_work_under_a_mask_is_done_when_the_minutes_add_up(tmp_path):
    found = compiled(
        "disruptions: [{id: a, kind: line, target: line-1, at: 1d, duration: 30h, ramp: 12h,"
        " recovery: {linear: 20h}, effect: {speed: 0.25}}]",
        tmp_path,
    )
    run = Regime(ALWAYS_PACE, found.masks.speeds).run
    start_s, work_s, done = WARM_S + 20 * HOUR_S, 40 * HOUR_S, 0
    at_s = start_s
    while done < work_s * NORMAL:
        done += 60 * speed_by_brute_force(found.masks, "line:line-1", at_s)
        at_s += 60
    assert abs(run.finish(start_s, work_s) - at_s) <= 60
    assert at_s > start_s + work_s


def test_spreads_keep_to_their_shape():
    storm = load_scenario("typhoon").file.disruptions[0]
    assert storm.duration is not None
    lengths = [storm.duration.at((i + 0.5) / 1000) for i in range(1000)]
    assert lengths == sorted(lengths)
    assert 24 * HOUR_US <= lengths[0] <= lengths[-1] <= 60 * HOUR_US
    assert abs(sum(lengths) / 1000 - 40 * HOUR_US) < HOUR_US  # mean of a triangle: a third of the sum
    assert storm.at is not None
    assert 3 * DAY_US < storm.at.typical < 5 * DAY_US
    assert storm.at.typical % SECOND_US == 0
