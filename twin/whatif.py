"""The answer of an experiment: means and paired differences with intervals, paths, causes, remedies, manifest (R45)."""

import hashlib
import platform
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from twin.experiment import BASELINE, RESPONSE, SCENARIO, Plan, Replication, Setting
from twin.kpi import LATENESS_DAYS, CauseCount, Record
from twin.stats import Interval, interval, paired

FORMAT_VERSION = 1
CAUSES_MAX = 25
_PACKAGES = ("radar", "scenarios", "twin")


class ArmResult(msgspec.Struct):
    """One arm over all replications."""

    name: str
    title: str
    kpis: dict[str, Interval]
    causes: dict[str, dict[str, Interval]]
    """Cause -> late orders, complaints caused by delay, warned in time; the largest first."""
    remedies: dict[str, dict[str, Interval]]
    """Action -> times and cost."""
    lateness: list[Interval]
    """Share of the orders in each bin."""
    on_time_by_day: list[Interval]
    open_by_day: list[Interval]
    overdue_by_hour: list[Interval]
    replications: list[dict[str, float | None]]
    """The flat record of each replication."""


class Difference(msgspec.Struct):
    """An arm less another, replication by replication."""

    arm: str
    against: str
    kpi: str
    mean: float | None
    lo: float | None
    hi: float | None
    replications: int


class WhatIf(msgspec.Struct):
    """``result.json``."""

    version: int
    manifest: dict[str, object]
    lateness_days: list[float]
    """Edges of the bins of ``lateness``; the first and the last bin are open."""
    arms: list[ArmResult]
    differences: list[Difference]
    faults: list[str]


def answer(setting: Setting, replications: Sequence[Replication]) -> WhatIf:
    """Return the result of an experiment; it holds no clock and no count of processes, so it can be compared."""
    arms = [_arm(setting, arm.name, replications) for arm in setting.arms]
    names = [arm.name for arm in arms]
    pairs = [(SCENARIO, BASELINE), (RESPONSE, SCENARIO), (RESPONSE, BASELINE)]
    differences = [
        difference
        for name, against in pairs
        if name in names and against in names
        for difference in _differences(name, against, replications)
    ]
    faults = [f"replication {one.number}: {fault}" for one in replications for fault in one.faults]
    return WhatIf(FORMAT_VERSION, manifest(setting), list(LATENESS_DAYS), arms, differences, faults)


def manifest(setting: Setting) -> dict[str, object]:
    """Return everything the result depends on."""
    plan: Plan = setting.plan
    network = hashlib.sha256(setting.network.model_dump_json().encode()).hexdigest()
    return {
        "version": version("order-radar"),
        "code_sha256": code_digest(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("msgspec", "numpy", "simpy")},
        "network": setting.network.name,
        "network_sha256": network,
        "scenarios": [{"name": one.name, "sha256": one.digest} for one in setting.scenarios],
        "rules_sha256": setting.rules.version,
        "experience": setting.experience.manifest(),
        "respond": plan.respond,
        "seed": plan.seed,
        "replications": plan.replications,
        "days": plan.days,
        "warm_up_days": setting.network.warm_up_days,
    }


def code_digest() -> str:
    """Return the hash of the code that made the result: the files of the core, the scenarios and the twin."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def title_of(setting: Setting, name: str) -> str:
    """Return an arm's name for people."""
    what = " + ".join(scenario.file.title for scenario in setting.scenarios) or "the usual run"
    titles = {
        BASELINE: "the usual run",
        SCENARIO: what,
        RESPONSE: f"{what}, with the {setting.plan.respond} response",
    }
    return titles[name]


def _arm(setting: Setting, name: str, replications: Sequence[Replication]) -> ArmResult:
    records = [one.arms[name] for one in replications]
    return ArmResult(
        name=name,
        title=title_of(setting, name),
        kpis={kpi: interval([one.kpis.get(kpi) for one in records]) for kpi in _kpis(records)},
        causes=_causes(records),
        remedies=_remedies(records),
        lateness=_columns(records, _lateness_shares),
        on_time_by_day=_columns(records, lambda one: one.on_time_by_day),
        open_by_day=_columns(records, lambda one: one.open_by_day),
        overdue_by_hour=_columns(records, lambda one: one.overdue_by_hour),
        replications=[one.kpis for one in records],
    )


def _kpis(records: Iterable[Record]) -> list[str]:
    return list(dict.fromkeys(kpi for record in records for kpi in record.kpis))


def _lateness_shares(record: Record) -> list[float | None]:
    total = sum(record.lateness)
    return [count / total if total else None for count in record.lateness]


def _columns(records: Sequence[Record], row: Callable[[Record], Sequence[float | None]]) -> list[Interval]:
    """Return the interval of each place of a row."""
    rows = [row(record) for record in records]
    return [interval(column) for column in zip(*rows, strict=True)]


def _causes(records: Sequence[Record]) -> dict[str, dict[str, Interval]]:
    names = {cause for record in records for cause in record.causes}
    none = CauseCount()

    def of(cause: str, what: str) -> Interval:
        return interval([float(getattr(record.causes.get(cause, none), what)) for record in records])

    table = {cause: {what: of(cause, what) for what in ("late", "delay_complaints", "warned36")} for cause in names}
    ranked = sorted(table, key=lambda cause: (-(table[cause]["late"].mean or 0.0), cause))
    return {cause: table[cause] for cause in ranked[:CAUSES_MAX]}


def _remedies(records: Sequence[Record]) -> dict[str, dict[str, Interval]]:
    names = sorted({name for record in records for name in record.remedies})
    return {
        name: {
            "times": interval([float(record.remedies.get(name, (0, 0.0))[0]) for record in records]),
            "cost": interval([record.remedies.get(name, (0, 0.0))[1] for record in records]),
        }
        for name in names
    }


def _differences(name: str, against: str, replications: Sequence[Replication]) -> list[Difference]:
    ours = [one.arms[name] for one in replications]
    theirs = [one.arms[against] for one in replications]
    shared = [kpi for kpi in _kpis(ours) if kpi in set(_kpis(theirs))]
    found = []
    for kpi in shared:
        between = paired([one.kpis.get(kpi) for one in ours], [one.kpis.get(kpi) for one in theirs])
        found.append(Difference(name, against, kpi, between.mean, between.lo, between.hi, between.replications))
    return found
