"""The cells of a row as values of the contract: each field of an import map becomes one small function."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from fnmatch import translate
from zoneinfo import ZoneInfo

from radar.errors import InputError
from radar.events import KINDS
from scenarios.imports import Combine, Condition, Conversion, EventModel, FieldModel, ImportMap, TimeModel
from scenarios.scalars import shown

Cells = Sequence[str | None]
"""One row: stripped texts, None where nothing is known."""
Value = object
Getter = Callable[[Sequence[Cells]], Value | None]
"""The rows of one order -> a value, None to leave the field out."""
Columns = Mapping[str, int]

_NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,2})?", re.ASCII)
_TRUE = {"1", "true", "yes", "y"}
_FALSE = {"0", "false", "no", "n"}
_DATE_CHARS = len("2024-03-01")


class BadCellError(Exception):
    """A cell that cannot be what the map says it is."""

    def __init__(self, column: str, problem: str, allowed: str) -> None:
        super().__init__(f"{column}: {problem}, {allowed}")
        self.column = column
        self.problem = problem
        self.allowed = allowed


def emptiness(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return the test for cells that say nothing."""
    if not patterns:
        return lambda text: not text
    match = re.compile("|".join(translate(pattern) for pattern in patterns)).match
    return lambda text: not text or match(text) is not None


def columns_of(import_map: ImportMap) -> list[str]:
    """Return every column a map speaks of, in the order it does."""
    found: list[str] = list(import_map.order)
    for event in import_map.events:
        found += event.at.columns
        found += [event.only_if.column] if event.only_if else []
        for model in event.data.values():
            found += _columns_of_field(model)
    return list(dict.fromkeys(found))


def _columns_of_field(model: FieldModel) -> list[str]:
    own = [model.column] if model.column else [*(model.first_of or ()), *(model.join or ())]
    own += [model.only_if.column] if model.only_if else []
    nested = [*(model.fields or {}).values(), *(model.each_row or {}).values()]
    return own + [column for inner in nested for column in _columns_of_field(inner)]


def condition(model: Condition | None, columns: Columns) -> Callable[[Cells], bool]:
    """Return a test of one row."""
    if model is None:
        return lambda _: True
    index = columns[model.column]
    if model.present is not None:
        wanted = model.present
        return lambda cells: (cells[index] is not None) == wanted
    texts = set(model.equals or ())
    return lambda cells: cells[index] in texts


def event_time(model: TimeModel, zone: ZoneInfo, columns: Columns) -> Callable[[Sequence[Cells]], datetime | None]:
    """Return the function that finds when an event happened."""
    places = [(name, columns[name]) for name in model.columns]
    at = None if model.time_of_day is None else timedelta(minutes=model.time_of_day)

    def get(rows: Sequence[Cells]) -> datetime | None:
        for name, index in places:
            text = next((cells[index] for cells in rows if cells[index] is not None), None)
            if text is not None:
                return _moment(name, text, zone, at)
        return None

    return get


def event_data(model: EventModel, zone: ZoneInfo, columns: Columns) -> Callable[[Sequence[Cells]], dict[str, Value]]:
    """Return the function that makes an event's ``data``."""
    assert model.type in KINDS
    return _object(model.data, zone, columns)


def _object(
    models: Mapping[str, FieldModel], zone: ZoneInfo, columns: Columns
) -> Callable[[Sequence[Cells]], dict[str, Value]]:
    getters = [(name, _field(model, zone, columns)) for name, model in models.items()]

    def get(rows: Sequence[Cells]) -> dict[str, Value]:
        return {name: value for name, getter in getters if (value := getter(rows)) is not None}

    return get


def _field(model: FieldModel, zone: ZoneInfo, columns: Columns) -> Getter:
    """Return the function of one field."""
    applies = condition(model.only_if, columns)
    if model.each_row is not None:
        one = _object(model.each_row, zone, columns)
        return lambda rows: [one([cells]) for cells in rows if applies(cells)] or None
    if model.fields is not None:
        inner = _object(model.fields, zone, columns)
        return lambda rows: (inner(rows) or None) if applies(rows[0]) else None
    read = _cell(model, zone, columns)
    if model.value is not None:
        try:
            fixed = _converter(model, zone)("value", model.value)
        except BadCellError as error:
            raise InputError.at("map", error.column, error.problem, error.allowed) from error
        return lambda rows: fixed if applies(rows[0]) else None
    if model.combine is Combine.SUM:
        return lambda rows: _sum([read(cells) for cells in rows if applies(cells)])
    return lambda rows: next((value for cells in rows if applies(cells) and (value := read(cells)) is not None), None)


def _sum(values: Sequence[Value | None]) -> float | None:
    """Return the sum of what is known, None when nothing is."""
    known = [value for value in values if isinstance(value, int | float)]
    return sum(known) if known else None


def _cell(model: FieldModel, zone: ZoneInfo, columns: Columns) -> Callable[[Cells], Value | None]:
    """Return the function that reads one row's text, maps its code and converts it."""
    convert = _converter(model, zone)
    names = [model.column] if model.column else list(model.first_of or model.join or ())
    places = [columns[name] for name in names]
    name = names[0] if names else "value"

    def text_of(cells: Cells) -> str | None:
        texts = [cells[place] for place in places]
        if model.join:
            return None if None in texts else model.between.join(text for text in texts if text is not None)
        return next((text for text in texts if text is not None), None)

    def get(cells: Cells) -> Value | None:
        text = text_of(cells)
        if text is None:
            text = model.default
        elif model.codes is not None:
            text = _code(name, text, model)
        return None if text is None else convert(name, text)

    return get


def _code(column: str, text: str, model: FieldModel) -> str:
    found = (model.codes or {}).get(text, model.otherwise)
    if found is None:
        raise BadCellError(column, f"code {shown(text)} is not known", "allowed: " + ", ".join(model.codes or ()))
    return found


def _converter(model: FieldModel, zone: ZoneInfo) -> Callable[[str, str], Value]:
    """Return text -> value, with the column's name for the message."""
    times = model.times
    match model.conversion:
        case Conversion.TEXT:
            return lambda _, text: text
        case Conversion.NUMBER:
            if times == 1.0:
                return _number
            # Rounded to 12 digits: 700 g times 0.001 is 0.7 kg, not 0.7000000000000001.
            return lambda column, text: float(f"{_number(column, text) * times:.12g}")
        case Conversion.WHOLE:
            return _whole
        case Conversion.FLAG:
            return _flag
        case Conversion.INSTANT:
            return lambda column, text: _moment(column, text, zone, None)
        case Conversion.END_OF_DAY:
            return lambda column, text: _end_of_day(column, text, zone)


def _number(column: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise BadCellError(column, f"{shown(text)} is no number", "allowed: 12, 0.5, 1e6")
    return float(text)


def _whole(column: str, text: str) -> int:
    number = _number(column, text)
    if number != int(number):
        raise BadCellError(column, f"{shown(text)} is no whole number", "allowed: 1, 2, 3")
    return int(number)


def _flag(column: str, text: str) -> bool:
    folded = text.lower()
    if folded not in _TRUE | _FALSE:
        raise BadCellError(column, f"{shown(text)} is no yes or no", "allowed: 1, 0, true, false, yes, no")
    return folded in _TRUE


def _moment(column: str, text: str, zone: ZoneInfo, time_of_day: timedelta | None) -> datetime:
    """Return an aware time; of an hour that the clock repeats, the first."""
    allowed = "allowed: 2024-03-01T09:00:00, or a date alone where the map gives time_of_day"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCellError(column, f"{shown(text)} is no time", allowed) from error
    if len(text) <= _DATE_CHARS:
        if time_of_day is None:
            raise BadCellError(column, f"{shown(text)} is a date without a time", allowed)
        moment += time_of_day
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _end_of_day(column: str, text: str, zone: ZoneInfo) -> datetime:
    """Return the local midnight after a date; a time of day in the cell says nothing more."""
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo is None else moment.astimezone(zone)
        return datetime.combine(local.date() + timedelta(days=1), time(), zone)
    except (ValueError, OverflowError) as error:
        raise BadCellError(column, f"{shown(text)} is no date", "allowed: 2024-03-01") from error
