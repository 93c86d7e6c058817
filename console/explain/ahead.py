"""The next days of all places: for a person and for a program."""

from collections.abc import Mapping

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.explain.record import DayLine, day_lines
from console.explain.screen import use_of
from console.explain.words import Words
from radar.instant import Instant, to_text
from radar.place_past import DayLoad

Plans = Mapping[str, tuple[DayLoad, ...]]


class PlaceAhead(msgspec.Struct, frozen=True):
    """A place and its next days."""

    entity: str
    days: list[DayLine]


class Ahead(msgspec.Struct, frozen=True):
    """Everything ``radar ahead`` says; keys are added, never renamed."""

    version: int
    clock: str
    places: list[PlaceAhead]


def fullest(plans: Plans) -> Plans:
    """Return the places by the fullest of their days, the fullest first."""

    def use(plan: tuple[DayLoad, ...]) -> float:
        return max((one.load / one.capacity for one in plan if one.capacity > 0), default=0.0)

    return dict(sorted(plans.items(), key=lambda entry: (-use(entry[1]), entry[0])))


def ahead_record(version: int, clock: Instant, plans: Plans) -> Ahead:
    """Return what ``--json`` prints."""
    return Ahead(version, to_text(clock), [PlaceAhead(key, day_lines(plan)) for key, plan in plans.items()])


def ahead_screen(clock: Instant, plans: Plans, words: Words) -> RenderableType:
    """Return what is shown."""
    head = Text(f"{words.text('clock')}: {words.when(clock)} UTC")
    if not plans:
        return Group(head, Text(words.text("no-plan")))
    days = dict(sorted((one.day_at, one.zone) for plan in plans.values() for one in plan))
    table = Table(title=words.text("ahead"), title_justify="left")
    table.add_column("")
    table.add_column(words.text("capacity"), justify="right")
    for day, zone in days.items():
        table.add_column(words.day(day, zone).replace(" ", "\n"), justify="right")
    for key, plan in plans.items():
        shares = {one.day_at: use_of(one) for one in plan}
        most = max(one.capacity for one in plan)
        table.add_row(key, f"{most:,.0f}", *(shares.get(day, "") for day in days))
    return Group(head, table)
