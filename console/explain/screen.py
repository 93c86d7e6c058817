"""One order explained for a person: a head, a table of milestones, the warnings with their reasons."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.explain.record import by_warning
from console.explain.words import Words
from radar.orders import Order
from radar.outputs import Change, WarningChange
from radar.place_past import DayLoad
from radar.rules import Rules
from radar.timeline import Step, timeline
from streams.dossier import Dossier, PlaceDossier


def screen(dossier: Dossier, rules: Rules, words: Words, zone: str) -> RenderableType:
    """Return what is shown."""
    parts: list[RenderableType] = [*map(Text, _head(dossier, words, zone)), Text("")]
    parts += [_milestones(dossier.order, rules, words), Text("")]
    parts += map(Text, _risk(dossier, words))
    parts += [Text(""), Text(words.text("warnings"), style="bold")]
    parts += list(_warnings(dossier.changes, words)) or [Text(f"  {words.text('none')}")]
    if dossier.rules_hash and dossier.rules_hash != rules.version:
        parts += [Text(""), Text(words.text("other-rules"), style="italic")]
    return Group(*parts)


def place_screen(dossier: PlaceDossier, words: Words, zone: str) -> RenderableType:
    """Return what is shown of a place."""
    head = f"{dossier.entity}; {words.text('clock')}: {words.when(dossier.clock)}; {words.text('times')} {zone}"
    parts: list[RenderableType] = [Text(head)]
    if dossier.plan:
        parts += [Text(""), plan_table(dossier.plan, words), Text("")]
    parts += list(_warnings(dossier.changes, words)) or [Text(f"{words.text('warnings')}: {words.text('none')}")]
    return Group(*parts)


def plan_table(plan: Sequence[DayLoad], words: Words) -> Table:
    """Return the next days of one place."""
    table = Table(title=words.text("ahead"), title_justify="left")
    table.add_column(words.text("day"))
    for name in ("load", "capacity", "use"):
        table.add_column(words.text(name), justify="right")
    for one in plan:
        table.add_row(words.day(one.day_at, one.zone), f"{one.load:,.0f}", f"{one.capacity:,.0f}", use_of(one))
    return table


def use_of(day: DayLoad) -> str:
    """Return how much of what a place can do a day asks for."""
    return f"{100 * day.load / day.capacity:.0f} %" if day.capacity > 0 else "-"


def _head(dossier: Dossier, words: Words, zone: str) -> Iterator[str]:
    order = dossier.order
    known = (order.order_type, order.tier.value, order.lane, order.supplier, order.carrier)
    yield f"{words.text('order')} {order.order_id}: {words.phase(order.phase)} ({', '.join(filter(None, known))})"
    if dossier.quarantine:
        yield f"  {dossier.quarantine}"
    if order.promise_at:
        late = f", {words.text('late')}" if order.is_late else ""
        yield f"{words.text('promise')}: {words.when(order.promise_at)}{late}"
    else:
        yield words.text("no-promise")
    if order.repromise_at:
        yield f"{words.text('repromise')}: {words.when(order.repromise_at)}"
    yield f"{words.text('clock')}: {words.when(dossier.clock)}; {words.text('times')} {zone}"


def _milestones(order: Order, rules: Rules, words: Words) -> Table:
    table = Table(title=words.text("milestones"), title_justify="left")
    for name in ("stage", "reached", "due", "lateness", "arithmetic"):
        table.add_column(words.text(name), overflow="fold")
    for step in timeline(order, rules):
        table.add_row(*map(Text, _cells(step, words)))
    return table


def _cells(step: Step, words: Words) -> tuple[str, ...]:
    reached = words.when(step.reached_at) if step.reached_at else words.text("implied") if step.is_implied else ""
    expected = step.expected
    if expected is None:
        return (words.stage(step.stage), reached, "", "", "")
    lateness_us = step.lateness_us
    lateness = "" if lateness_us is None else f"{'+' if lateness_us >= 0 else '-'}{words.duration(abs(lateness_us))}"
    said = words.arithmetic(expected)
    if step.reached_at is None and not step.is_implied:
        grace = f"{words.text('grace')} {words.duration(expected.alarm_at - expected.due_at)}"
        said += f"; {words.text('overdue-after')} {words.when(expected.alarm_at)} ({grace})"
    if expected.standard.source and not expected.is_ship_by:
        said += f" [{expected.standard.source}]"
    return (words.stage(step.stage), reached, words.when(expected.due_at), lateness, said)


def _risk(dossier: Dossier, words: Words) -> Iterator[str]:
    probability = dossier.late_probability
    if probability is None:
        order = dossier.order
        why = "ended" if not order.is_open else "promise-passed" if order.promise_at else "no-promise"
        yield f"{words.text('risk')}: - ({words.text(why)})"
        return
    within = f" ({100 * dossier.interval.lo:.0f}-{100 * dossier.interval.hi:.0f} %)" if dossier.interval else ""
    yield f"{words.text('risk')}: {words.share(probability)}{within}"
    for said in dossier.reasons:
        yield f"  - {words.reason(said)}"
    total = f"{sum(said.weight for said in dossier.reasons):+.2f}"
    yield f"  = {words.text('adds-up', sum=total, share=words.share(probability))}"


def _warnings(changes: list[WarningChange], words: Words) -> Iterator[Text]:
    for story in by_warning(changes):
        stands = f", {words.text('stands')}" if story[-1].change in (Change.RAISED, Change.UPDATED) else ""
        yield Text(f"  {words.kind(story[0].kind)} [{words.rule(story[0].rule)}]{stands}", style="bold")
        for change in story:
            yield Text(f"    {words.when(change.at)}  {words.change(change.change)}, {words.level(change.level)}")
            for said in change.reasons:
                yield Text(f"      - {words.reason(said)}")
