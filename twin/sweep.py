"""The sweep: every part of a network taken out in turn, without probabilities.

How long does service survive, how long does it take to recover? (Time-to-survive and time-to-recover analysis,
Simchi-Levi et al., Interfaces 2015.) One luck for all: the same orders, no breakdowns, no weather, no sales. A part is
out from the fourth counted day for a set time; its figures are the differences to the run in which nothing is out. They
rank parts; they are no forecast.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from radar.errors import InputError
from scenarios.disruptions import (
    Disruption,
    Kind,
    LaneDisruption,
    LineDisruption,
    SiteDisruption,
    SupplierDisruption,
    ZoneDisruption,
)
from scenarios.network import Network, load_network
from scenarios.network_transport import Mode
from twin.effect_masks import Window, effect_masks
from twin.kpi import HOUR_S, late_ids_of, overdue_by_hour, recovery
from twin.masks import Masks
from twin.processes import in_processes
from twin.world import RunPlan, World

DAY_S = 86_400
ONSET_DAYS = 3
KINDS = ("line", "site", "lane", "zone", "supplier")


class SweepPlan(msgspec.Struct, frozen=True):
    """What to take out, and for how long."""

    network: str
    kinds: tuple[str, ...] = KINDS
    outage_days: int = 7
    supplier_outage_days: int = 21
    """Suppliers are missed later: stock lies between."""
    after_days: int = 14
    """Watched after the outage."""
    seed: int = 0


class NodeResult(msgspec.Struct, frozen=True):
    """What taking one part out does."""

    kind: str
    name: str
    outage_h: float
    survive_h: float | None
    """From the onset until service suffers; None: it never does."""
    recover_h: float
    """From the end of the outage until service is back for good."""
    is_recovered: bool
    """Whether that was before the end of the run; else ``recover_h`` is a lower bound."""
    late_more: int
    """Orders late that are not late otherwise."""
    peak: int
    """Most orders past their promise beyond the usual."""


class SweepSetting:
    """A plan with its network, stripped of chance."""

    def __init__(self, plan: SweepPlan) -> None:
        self.plan = plan
        network = load_network(plan.network)
        self.network = network.model_copy(update={"demand": network.demand.model_copy(update={"peaks": ()})})
        self.nodes = nodes_of(self.network, plan.kinds)
        longest = max(plan.outage_days, plan.supplier_outage_days if "supplier" in plan.kinds else 0)
        self.days = network.warm_up_days + ONSET_DAYS + longest + plan.after_days
        self.onset_s = (network.warm_up_days + ONSET_DAYS) * DAY_S
        if not self.nodes:
            raise InputError.at(plan.network, "", f"has no {', '.join(plan.kinds)}", f"allowed: {', '.join(KINDS)}")


def nodes_of(network: Network, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Return (kind, name) of every part to take out; lanes only of the modes in usual use."""
    names = {
        "line": [line.name for line in network.lines],
        "site": [*(house.name for house in network.warehouses), *(hub.name for hub in network.hubs)],
        "lane": [lane.name for lane in network.lanes if lane.mode is not Mode.AIR],
        "zone": [zone.name for zone in network.zones],
        "supplier": [supplier.name for supplier in network.suppliers],
    }
    return [(kind, name) for kind in KINDS if kind in kinds for name in names[kind]]


def sweep(plan: SweepPlan, jobs: int = 1, progress: Callable[[int], None] | None = None) -> list[NodeResult]:
    """Return the result of every part, the worst first; ``progress`` is told how many runs are done."""
    setting = SweepSetting(plan)
    count = len(setting.nodes) + 1
    if jobs <= 1:
        runs: Iterator[_Run] = (_run(setting, number) for number in range(count))
    else:
        raw = in_processes(_work, count, jobs, _begin, msgspec.msgpack.encode(plan))
        runs = (msgspec.msgpack.decode(one, type=_Run) for one in raw)
    done: dict[int, _Run] = {}
    for one in runs:
        done[one.number] = one
        if progress is not None:
            progress(len(done))
    found = [_judged(setting, done[number], done[0]) for number in range(1, count)]
    return sorted(found, key=lambda node: (-node.late_more, -node.recover_h, node.kind, node.name))


def outage_masks(network: Network, kind: str, name: str, start_s: int, end_s: int) -> Masks:
    """Return a part taken out between two instants."""
    window = Window(f"sweep.{kind}", start_s, start_s, end_s, end_s, 1.0)
    return effect_masks(network, _outage(Kind(kind), name), [name], window)


def _outage(kind: Kind, name: str) -> Disruption:
    """Return the disruption that takes a part out; the window says when."""
    day = {"exactly": "1d"}
    common = {"id": "out", "kind": kind.value, "target": [name], "at": day, "duration": day}
    model, effect = _OUTAGES[kind]
    return model.model_validate(
        {**common, "effect": effect} | ({"in_transit": "continue"} if kind is Kind.LANE else {})
    )


_OUTAGES: dict[Kind, tuple[type[Disruption], dict[str, str]]] = {
    Kind.LINE: (LineDisruption, {"speed": "0"}),
    Kind.SITE: (SiteDisruption, {"speed": "0"}),
    Kind.LANE: (LaneDisruption, {"speed": "0"}),
    Kind.ZONE: (ZoneDisruption, {"capacity": "0"}),
    Kind.SUPPLIER: (SupplierDisruption, {"is_failed": "true"}),
}


class _Run(msgspec.Struct):
    number: int
    overdue: list[int]
    late: list[str]


def _outage_s(plan: SweepPlan, kind: str) -> int:
    return (plan.supplier_outage_days if kind == "supplier" else plan.outage_days) * DAY_S


def _run(setting: SweepSetting, number: int) -> _Run:
    """Return one run; number 0 is the one in which nothing is out."""
    masks = Masks()
    if number:
        kind, name = setting.nodes[number - 1]
        end_s = setting.onset_s + _outage_s(setting.plan, kind)
        masks = outage_masks(setting.network, kind, name, setting.onset_s, end_s)
    plan = RunPlan(seed=setting.plan.seed, days=setting.days, masks=masks, is_usual=False)
    truth = World(setting.network, plan).run()
    return _Run(number, [int(count) for count in overdue_by_hour(truth)], sorted(late_ids_of(truth)))


def _judged(setting: SweepSetting, run: _Run, usual: _Run) -> NodeResult:
    kind, name = setting.nodes[run.number - 1]
    outage_h = _outage_s(setting.plan, kind) / HOUR_S
    back = recovery(run.overdue, usual.overdue, setting.onset_s, setting.network.demand.orders_per_day)
    return NodeResult(
        kind=kind,
        name=name,
        outage_h=outage_h,
        survive_h=back.survive_h,
        recover_h=max(0.0, back.recover_h - outage_h),
        is_recovered=back.is_over,
        late_more=len(set(run.late) - set(usual.late)),
        peak=back.peak,
    )


_setting: SweepSetting | None = None


def _begin(plan: bytes) -> None:
    """Set a worker process up."""
    global _setting  # noqa: PLW0603 - the one thing a worker keeps between two runs
    _setting = SweepSetting(msgspec.msgpack.decode(plan, type=SweepPlan))


def _work(number: int) -> bytes:
    assert _setting is not None, "a worker begins before it works"
    return msgspec.msgpack.encode(_run(_setting, number))
