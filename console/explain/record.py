"""One order explained as a record: what ``--json`` prints (version 1: keys are added, never renamed)."""

from collections.abc import Iterable

import msgspec

from console.explain.words import Words
from radar.instant import Instant, to_text
from radar.outputs import Change, Reason, WarningChange
from radar.place_past import DayLoad
from radar.rules import Rules
from radar.timeline import Step, timeline
from streams.dossier import Dossier, PlaceDossier


class ReasonLine(msgspec.Struct, frozen=True):
    """A reason in words, with what a program needs of it."""

    code: str
    text: str
    weight: float
    facts: dict[str, str | int | float]


class Milestone(msgspec.Struct, frozen=True):
    """A stage, when it was due and when it was reached; times are RFC 3339 in UTC."""

    stage: str
    reached_at: str | None
    is_implied: bool
    started_at: str | None = None
    due_at: str | None = None
    overdue_after: str | None = None
    lateness_s: float | None = None
    arithmetic: str = ""
    standard_from: str = ""


class ChangeLine(msgspec.Struct, frozen=True):
    """A step in the life of a warning."""

    at: str
    change: str
    level: str
    late_probability: float | None
    reasons: list[ReasonLine]


class WarningStory(msgspec.Struct, frozen=True):
    """A warning from its raise on."""

    warning_id: str
    kind: str
    rule: str
    state: str
    due_at: str
    is_short_notice: bool
    changes: list[ChangeLine]


class Explanation(msgspec.Struct, frozen=True):
    """Everything ``radar explain`` says."""

    version: int
    order: dict[str, object]
    clock: str
    late_probability: float | None
    late_probability_lo: float | None
    late_probability_hi: float | None
    reasons: list[ReasonLine]
    milestones: list[Milestone]
    warnings: list[WarningStory]
    quarantine: str
    """Why the order was put aside; empty when it was not."""
    is_under_other_rules: bool
    """Whether the store was written under rules other than those the arithmetic is shown for."""


class DayLine(msgspec.Struct, frozen=True):
    """A day of a place."""

    day: str
    load: float
    """Orders to do, those left over included."""
    capacity: float


class PlaceStory(msgspec.Struct, frozen=True):
    """Everything ``radar explain`` says of a place."""

    version: int
    entity: str
    clock: str
    warnings: list[WarningStory]
    ahead: list[DayLine]
    """What the next days ask of it, empty where nothing is planned."""


_STATES = {
    Change.RAISED: "open",
    Change.UPDATED: "open",
    Change.RESOLVED: "resolved",
    Change.WITHDRAWN: "withdrawn",
}


def explanation(dossier: Dossier, rules: Rules, words: Words) -> Explanation:
    """Return an order explained."""
    order = dossier.order
    return Explanation(
        version=1,
        order={
            "order_id": order.order_id,
            "phase": order.phase.value,
            "stage": order.stage.label,
            "order_type": order.order_type,
            "tier": order.tier.value,
            "is_urgent": order.is_urgent,
            "lane": order.lane,
            "supplier": order.supplier,
            "carrier": order.carrier,
            "promise_at": _text(order.promise_at),
            "repromise_at": _text(order.repromise_at),
            "closed_at": _text(order.closed_at),
            "is_late": order.is_late,
        },
        clock=to_text(dossier.clock),
        late_probability=dossier.late_probability,
        late_probability_lo=dossier.interval.lo if dossier.interval else None,
        late_probability_hi=dossier.interval.hi if dossier.interval else None,
        reasons=[_reason(said, words) for said in dossier.reasons],
        milestones=[_milestone(step, words) for step in timeline(order, rules)],
        warnings=[_story(changes, words) for changes in by_warning(dossier.changes)],
        quarantine=dossier.quarantine,
        is_under_other_rules=bool(dossier.rules_hash) and dossier.rules_hash != rules.version,
    )


def place_story(dossier: PlaceDossier, words: Words) -> PlaceStory:
    """Return a place explained."""
    stories = [_story(changes, words) for changes in by_warning(dossier.changes)]
    return PlaceStory(1, dossier.entity, to_text(dossier.clock), stories, day_lines(dossier.plan))


def day_lines(plan: Iterable[DayLoad]) -> list[DayLine]:
    """Return the days of a plan; a day of the radar begins at midnight UTC."""
    return [DayLine(to_text(one.day_at), one.load, one.capacity) for one in plan]


def by_warning(changes: list[WarningChange]) -> list[list[WarningChange]]:
    """Return the changes of each warning, in the order the warnings were raised."""
    found: dict[str, list[WarningChange]] = {}
    for change in changes:
        found.setdefault(change.warning_id, []).append(change)
    return [sorted(one, key=lambda change: change.sequence) for one in found.values()]


def _milestone(step: Step, words: Words) -> Milestone:
    expected = step.expected
    if expected is None:
        return Milestone(step.stage.label, _text(step.reached_at), step.is_implied)
    lateness_us = step.lateness_us
    return Milestone(
        stage=step.stage.label,
        reached_at=_text(step.reached_at),
        is_implied=step.is_implied,
        started_at=to_text(expected.started_at),
        due_at=to_text(expected.due_at),
        overdue_after=to_text(expected.alarm_at),
        lateness_s=None if lateness_us is None else lateness_us / 1e6,
        arithmetic=words.arithmetic(expected),
        standard_from=expected.standard.source,
    )


def _story(changes: list[WarningChange], words: Words) -> WarningStory:
    first, last = changes[0], changes[-1]
    return WarningStory(
        warning_id=first.warning_id,
        kind=first.kind.value,
        rule=first.rule,
        state=_STATES[last.change],
        due_at=to_text(first.due_at),
        is_short_notice=first.is_short_notice,
        changes=[
            ChangeLine(
                at=to_text(change.at),
                change=change.change.value,
                level=change.level.name.lower(),
                late_probability=change.late_probability,
                reasons=[_reason(said, words) for said in change.reasons],
            )
            for change in changes
        ],
    )


def _reason(said: Reason, words: Words) -> ReasonLine:
    return ReasonLine(said.code, words.reason(said), said.weight, {fact.name: fact.value for fact in said.facts})


def _text(at: Instant | None) -> str | None:
    """Return an instant as text, None where it has not come."""
    return to_text(at) if at else None
