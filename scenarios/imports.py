"""Import maps: how the rows of somebody's table become events, as data a planner writes.

``load_map`` reads one and holds it against the event contract, so that a misspelt event type or data field is
told before a single row is read. ``streams/imports.py`` carries a map out. docs/reference/imports.md explains it.
"""

from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

import msgspec
from pydantic import Field, StringConstraints, model_validator

from radar.events import KINDS
from scenarios.loader import Declared, Document, ScenarioError, read_document, typed
from scenarios.scalars import Flag, Named, Number, TimeOfDay, Zone, refused

MAPS = Path(__file__).parent / "imports"

Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A name in the table's header."""
Columns = Annotated[tuple[Column, ...], Field(min_length=1, max_length=50)]


class Conversion(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    """As it stands."""
    NUMBER = "number"
    """``12``, ``-0.5``, ``1e6``; a comma is refused."""
    WHOLE = "whole"
    """A whole number; ``3.0`` counts as 3."""
    FLAG = "flag"
    """``1``, ``true``, ``yes``, ``y`` or ``0``, ``false``, ``no``, ``n``, in any case."""
    INSTANT = "instant"
    """A date and time; without an offset it is local time of the map's zone."""
    END_OF_DAY = "end-of-day"
    """The local midnight that ends the day: how a promise by date is kept."""


class Combine(StrEnum):
    """What becomes of the values of several rows of one order."""

    FIRST = "first"
    """The first row that has one."""
    SUM = "sum"
    """The sum of those that are known."""


class RowsAre(StrEnum):
    """What a row of the table is."""

    ORDERS = "orders"
    """One row an order; a second row of the same order is refused."""
    LINES = "lines"
    """Rows with the same order id are one order; they are kept in memory until the table ends."""


class Condition(Declared):
    """A test of one cell."""

    column: Column
    """The cell that is tested."""
    present: Flag | None = None
    """true: not empty; false: empty."""
    equals: tuple[str, ...] | None = None
    """One of these texts."""

    @model_validator(mode="after")
    def _tests_one_thing(self) -> "Condition":
        if (self.present is None) == (self.equals is None):
            raise refused("needs one test", "allowed: present: true, or equals: [a, b]")
        return self


class FieldModel(Declared):
    """Where one data field comes from; exactly one of column, first_of, join, value, fields, each_row."""

    column: Column | None = None
    """The cell of this column."""
    first_of: Columns | None = None
    """The first of these columns that is not empty."""
    join: Columns | None = None
    """The texts of several columns, with ``between`` in between; nothing when one of them is empty."""
    value: str | None = None
    """The same for every row."""
    fields: dict[Named, "FieldModel"] | None = None
    """An object, such as ``ship_to``."""
    each_row: dict[Named, "FieldModel"] | None = None
    """A list with one object for each row of the order, such as ``lines``."""
    conversion: Conversion = Field(default=Conversion.TEXT, alias="as")
    """How the text is read."""
    between: str = "-"
    """What ``join`` puts between the texts."""
    times: Number = 1.0
    """A number is multiplied by this: 0.001 makes kilograms of grams."""
    codes: dict[str, str] | None = None
    """Text -> text, before the conversion."""
    otherwise: str | None = None
    """What a text that ``codes`` does not hold becomes; without it such a row is refused."""
    default: str | None = None
    """What an empty cell becomes; without it the field is left out."""
    combine: Combine = Combine.FIRST
    """What becomes of several rows of one order."""
    only_if: Condition | None = None
    """The field is filled only where this holds."""

    @model_validator(mode="after")
    def _has_one_source(self) -> "FieldModel":
        sources = {name: getattr(self, name) for name in _SOURCES}
        given = [name for name, source in sources.items() if source is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise refused(f"needs one source, {found} given", "allowed: one of " + ", ".join(_SOURCES))
        if self.times != 1.0 and self.conversion is not Conversion.NUMBER:
            raise refused("times needs a number", "allowed: as: number beside it")
        if self.combine is Combine.SUM and self.conversion not in (Conversion.NUMBER, Conversion.WHOLE):
            raise refused("combine: sum needs numbers", "allowed: as: number or as: whole beside it")
        return self


_SOURCES = ("column", "first_of", "join", "value", "fields", "each_row")


class TimeModel(Declared):
    """When an event happened; exactly one of column and first_of. Empty: it did not happen."""

    column: Column | None = None
    """The column with the time."""
    first_of: Columns | None = None
    """The first of these columns that is not empty."""
    time_of_day: TimeOfDay | None = None
    """Where the cell is a date alone: the local time taken for it."""

    @model_validator(mode="after")
    def _has_one_source(self) -> "TimeModel":
        if (self.column is None) == (self.first_of is None):
            raise refused("needs one source", "allowed: column or first_of")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns looked at, in order."""
        return self.first_of or (self.column or "",)


class EventModel(Declared):
    """One event an order may have."""

    type: str
    """Of the contract: ``order.placed.v1``."""
    name: Named
    """Ends the event's id: ``<prefix>-<order>-<name>``."""
    at: TimeModel
    """When it happened."""
    only_if: Condition | None = None
    """The event is made only where this holds of the (first) row."""
    data: dict[Named, FieldModel] = Field(default_factory=dict)
    """Fields of the event type -> where each comes from."""


class ImportMap(Declared):
    """One import map."""

    source: Named
    """The system the events are from."""
    prefix: Named
    """Begins every event id, so that two tables never share one."""
    zone: Zone
    """IANA zone of times and dates without an offset."""
    order: Columns
    """Column or columns whose texts, joined by a dash, are the order id."""
    rows: RowsAre = RowsAre.ORDERS
    """Whether a row is an order or a line of one."""
    empty: tuple[str, ...] = ()
    """Texts that mean nothing is known, ``*`` stands for any text; empty cells always do."""
    events: Annotated[tuple[EventModel, ...], Field(min_length=1, max_length=100)]
    """The events an order may have, at least one."""


def packaged_maps() -> tuple[str, ...]:
    """Return the short names of the maps that come with the product."""
    return tuple(sorted(path.stem for path in MAPS.glob("*.yaml")))


def load_map(name: str | Path) -> ImportMap:
    """Return a map by path, or a packaged one by its short name (``olist_orders``).

    Raises:
        ScenarioError: There is no such map, or it is wrong.
    """
    if str(name) in packaged_maps():
        return checked_map(read_document(MAPS / f"{name}.yaml"))
    path = Path(name)
    if not path.exists() and path.suffix not in (".yaml", ".yml"):
        allowed = "allowed: a YAML file, or one of " + ", ".join(packaged_maps())
        raise ScenarioError.on(str(name), 0, "no such map", allowed)
    return checked_map(read_document(path))


def checked_map(document: Document) -> ImportMap:
    """Return a document as a map that fits the event contract."""
    import_map = typed(document, ImportMap)
    names: set[str] = set()
    for index, event in enumerate(import_map.events):
        where = ("events", index)
        if event.name in names:
            raise _wrong(document, (*where, "name"), f"{event.name!r} is there twice", "allowed: one event a name")
        names.add(event.name)
        if event.type not in KINDS:
            raise _not_one_of(document, (*where, "type"), event.type, list(KINDS))
        _check_fields(document, (*where, "data"), event.data, KINDS[event.type])
    return import_map


def _check_fields(
    document: Document, where: tuple[str | int, ...], fields: dict[str, FieldModel], payload: type[msgspec.Struct]
) -> None:
    """Refuse fields the contract's struct does not have, and say which are needed."""
    hints = get_type_hints(payload)
    for name, model in fields.items():
        if name not in hints:
            raise _not_one_of(document, (*where, name), name, list(hints))
        inner = _struct_in(hints[name])
        for part in ("fields", "each_row"):
            nested = getattr(model, part)
            if nested is None:
                continue
            if inner is None:
                raise _wrong(document, (*where, name, part), f"{name} holds no fields", "allowed: column, value, ...")
            _check_fields(document, (*where, name, part), nested, inner)
    for info in msgspec.structs.fields(payload):
        if info.required and info.name not in fields:
            raise _wrong(document, where, f"{info.name} is missing", f"allowed: {info.name}: {{column: ...}}")


def _struct_in(hint: object) -> type[msgspec.Struct] | None:
    """Return the struct a field holds, itself or in a list, None when it holds plain values."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    if get_origin(hint) is None:
        return None
    return next((found for part in get_args(hint) if (found := _struct_in(part)) is not None), None)


def _not_one_of(document: Document, where: tuple[str | int, ...], name: str, known: list[str]) -> ScenarioError:
    close = get_close_matches(name, known, n=1)
    hint = f", did you mean {close[0]}?" if close else ""
    return _wrong(document, where, f"{name!r} is not in the contract{hint}", "allowed: " + ", ".join(known))


def _wrong(document: Document, where: tuple[str | int, ...], problem: str, allowed: str) -> ScenarioError:
    return ScenarioError(str(ScenarioError.at(document.place, document.field(where), problem, allowed)))
