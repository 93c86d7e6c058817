"""Experiments: arms of one world on common random numbers, many replications, in as many processes as asked for.

One replication runs every arm with the same luck in one process, so that they can be compared order by order; its
answer is small. Replications know nothing of each other: however many processes share them, and in which order they
come back, the result is the same bit for bit.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from radar.outputs import Output
from radar.rules import Rules
from scenarios.catalog import Scenario, load_scenario
from scenarios.network import Network, load_network
from scenarios.planned import planned
from scenarios.rules import load_rules
from twin.caused import Usual, caused, first_sign_s, usual_of
from twin.chance import Chance
from twin.compile import Compiled, compile_scenarios
from twin.context import DAY_S, epoch_of
from twin.experience import LUCK, Experience, gather
from twin.kpi import Record, heard_of, late_ids_of, record_of, recovery
from twin.masks import Masks
from twin.processes import in_processes
from twin.response import DefaultResponse
from twin.truth import Truth
from twin.world import RunPlan, World

RESPONSES = ("none", "default")
REPLICATIONS_MAX = LUCK
BASELINE, SCENARIO, RESPONSE = "baseline", "scenario", "response"


class Plan(msgspec.Struct, frozen=True):
    """What to find out; everything a worker process needs to know, as plain text and numbers."""

    network: str
    scenarios: tuple[str, ...] = ()
    respond: str = "default"
    replications: int = 30
    days: int = 14
    """Days whose orders count, after the network's warm-up."""
    seed: int = 0
    rules: str | None = None
    """Rules file of the control room; None takes the packaged rules."""
    experience_days: int = 0
    """Days of the usual network that taught the control room beforehand (``twin.experience``); 0: it knows nothing."""


class Arm(msgspec.Struct, frozen=True):
    """One of the worlds compared."""

    name: str
    has_scenario: bool
    responds: bool


class Replication(msgspec.Struct):
    """All arms under one luck."""

    number: int
    arms: dict[str, Record]
    faults: list[str]
    """Sums that do not hold (conservation); none is the rule."""


class Setting:
    """A plan with its files read and checked."""

    def __init__(self, plan: Plan, experience: Experience | None = None) -> None:
        """Read the files.

        Args:
            plan: What to find out.
            experience: What the control room knows beforehand; None gathers it as planned when it is first asked for.

        Raises:
            ScenarioError: A file is wrong.
        """
        self.plan = plan
        self._experience = experience
        self.network: Network = load_network(plan.network)
        self.scenarios: list[Scenario] = [load_scenario(name) for name in plan.scenarios]
        self.rules: Rules = planned(load_rules(None if plan.rules is None else Path(plan.rules)), self.network)
        self.days = self.network.warm_up_days + plan.days
        self.arms = arms_of(plan)
        self.compiled(0)  # a target that is not there stops here, not in the workers

    @property
    def experience(self) -> Experience:
        """Return what the control room of every arm knows beforehand."""
        return self.gather() if self._experience is None else self._experience

    def gather(self, progress: Callable[[int], None] | None = None) -> Experience:
        """Gather the planned experience, once; ``progress`` is told each of its days that begins."""
        if self._experience is None:
            days = self.plan.experience_days
            self._experience = gather(self.network, self.rules, self.plan.seed, days, progress)
        return self._experience

    def compiled(self, replication: int) -> Compiled:
        """Return what the scenarios do in a replication."""
        chance = Chance(self.plan.seed, replication)
        return compile_scenarios(self.scenarios, self.network, chance, epoch_of(self.network), self.days)


def arms_of(plan: Plan) -> tuple[Arm, ...]:
    """Return the worlds a plan compares; without a scenario, the usual run with and without a response."""
    has_scenario = bool(plan.scenarios)
    responds = plan.respond != "none"
    arms = [Arm(BASELINE, has_scenario=False, responds=False)]
    if has_scenario:
        arms.append(Arm(SCENARIO, has_scenario=True, responds=False))
    if responds:
        arms.append(Arm(RESPONSE, has_scenario=has_scenario, responds=True))
    return tuple(arms)


def replicate(setting: Setting, number: int) -> Replication:
    """Return one replication of every arm."""
    compiled = setting.compiled(number)
    onset_s = compiled.windows[0].start_s if compiled.windows else setting.network.warm_up_days * DAY_S
    damage = float(sum(window.cost_cny for window in compiled.windows))
    records: dict[str, Record] = {}
    faults: list[str] = []
    would_be_late: frozenset[str] | None = None
    usual: Usual | None = None
    sign_s = first_sign_s(onset_s, compiled.masks)
    for arm in setting.arms:
        truth, said = play(setting, arm, compiled, number)
        faults += [f"{arm.name}: {fault}" for fault in truth.check()]
        heard = heard_of(said, truth.end_s)
        record = record_of(truth, heard, would_be_late if arm.responds else None)
        if not arm.responds and arm.has_scenario == bool(setting.scenarios):
            would_be_late = late_ids_of(truth)
        if arm.name == BASELINE:
            usual = usual_of(truth, heard)
        elif arm.name == SCENARIO and usual is not None:
            record.kpis |= caused(truth, heard, usual, sign_s)
        record.kpis["damage"] = damage if arm.has_scenario else 0.0
        records[arm.name] = record
        baseline = records[BASELINE].overdue_by_hour
        back = recovery(record.overdue_by_hour, baseline, onset_s, setting.network.demand.orders_per_day)
        record.kpis |= {
            "time_to_survive_h": back.survive_h,
            "time_to_recover_h": back.recover_h,
            "recovered": float(back.is_over),
            "overdue_peak": float(back.peak),
        }
    return Replication(number, records, faults)


def play(setting: Setting, arm: Arm, compiled: Compiled, number: int) -> tuple[Truth, Sequence[tuple[int, Output]]]:
    """Return what happened in one arm of one replication, and what the radar said at which second."""
    room = setting.experience.room(setting.rules)
    responder = DefaultResponse(setting.network, room.orders) if arm.responds else None
    plan = RunPlan(
        seed=setting.plan.seed,
        replication=number,
        days=setting.days,
        room=room,
        responder=responder,
        masks=compiled.masks if arm.has_scenario else Masks(),
    )
    world = World(setting.network, plan)
    truth = world.run()
    assert world.room_desk is not None, "every arm has a control room"
    return truth, world.room_desk.said


# --- many of them -------------------------------------------------------------------------------------------


def run(
    plan: Plan, jobs: int = 1, progress: Callable[[int], None] | None = None, experience: Experience | None = None
) -> list[Replication]:
    """Return all replications in order.

    Args:
        plan: What to find out.
        jobs: Processes at most.
        progress: Told after each replication how many are done.
        experience: What the control room knows beforehand; None gathers it as planned.

    Raises:
        ScenarioError: A file is wrong.
        RunFailedError: A worker process died.
    """
    setting = Setting(plan, experience)  # the person hears of wrong files from here
    if jobs <= 1:
        found: Iterator[Replication] = (replicate(setting, number) for number in range(plan.replications))
    else:
        told = msgspec.msgpack.encode((plan, setting.experience))
        raw = in_processes(_work, plan.replications, jobs, _begin, told)
        found = (msgspec.msgpack.decode(one, type=Replication) for one in raw)
    done: list[Replication] = []
    for one in found:
        done.append(one)
        if progress is not None:
            progress(len(done))
    return sorted(done, key=lambda one: one.number)


_setting: Setting | None = None


def _begin(told: bytes) -> None:
    """Set a worker process up."""
    global _setting  # noqa: PLW0603 - the one thing a worker keeps between two replications
    _setting = Setting(*msgspec.msgpack.decode(told, type=tuple[Plan, Experience]))


def _work(number: int) -> bytes:
    assert _setting is not None, "a worker begins before it works"
    return msgspec.msgpack.encode(replicate(_setting, number))
