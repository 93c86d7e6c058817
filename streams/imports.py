"""Carries an import map out: rows of a table in, events in the order of time out, bad rows kept with their reason.

A row is taken whole or not at all: one wrong cell puts the row, and with ``rows: lines`` all rows of that order,
on the rejects file, with the columns as they were and what is wrong in front. Put right, that file can be imported
like any other. Same table and map, same bytes out.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from radar.errors import InputError, RunFailedError
from radar.events import KINDS, Event, Payload
from radar.instant import EARLIEST, LATEST, Instant, to_instant
from scenarios.imports import EventModel, ImportMap, RowsAre
from streams.codec import Codec, encode
from streams.import_fields import BadCellError, Cells, columns_of, condition, emptiness, event_data, event_time
from streams.second_look import Rejection
from streams.sorted_lines import SortedLines, whole_file
from streams.tables import Table, TableRow, open_table

ROWS_IN_MEMORY_MAX = 5_000_000
"""Rows of a map with ``rows: lines``, which are kept until the table ends."""

SHOWN_PROBLEMS_MAX = 10
REJECT_LINE, REJECT_PROBLEM = "_line", "_problem"
"""Columns in front of a rejected row."""

_STEP_ROWS = 1_000


@dataclass(slots=True)
class ImportReport:
    """What an import did; ``rows`` = rows that became events + rows without any + ``bad_rows``."""

    rows: int = 0
    bad_rows: int = 0
    orders: int = 0
    quiet_orders: int = 0
    """Orders of good rows none of whose events happened."""
    events: Counter[str] = field(default_factory=Counter)
    """By event type."""
    first_at: Instant = LATEST
    last_at: Instant = EARLIEST
    problems: list[str] = field(default_factory=list)
    """``file:row:column: what is wrong, what is allowed`` of the first bad rows."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One event of the map, ready to be made."""

    model: EventModel
    payload: type[Payload]
    applies: Callable[[Cells], bool]
    when: Callable[[Sequence[Cells]], datetime | None]
    data: Callable[[Sequence[Cells]], dict[str, object]]


class Importer:
    """Makes events of the rows of one table by one map."""

    def __init__(self, import_map: ImportMap, header: Sequence[str], place: str) -> None:
        columns = {name: index for index, name in enumerate(header)}
        _refuse_missing(columns_of(import_map), list(header), place)
        zone = ZoneInfo(import_map.zone)
        self._map = import_map
        self._width = len(header)
        self._codec = Codec()
        self._is_empty = emptiness(import_map.empty)
        self._order = [columns[name] for name in import_map.order]
        self._sources = [
            _Source(
                model,
                KINDS[model.type],
                condition(model.only_if, columns),
                event_time(model.at, zone, columns),
                event_data(model, zone, columns),
            )
            for model in import_map.events
        ]

    def cells(self, row: TableRow) -> Cells:
        """Return the cells of a row as texts, None where nothing is known."""
        if len(row.cells) != self._width:
            raise BadCellError("", f"{len(row.cells)} cells", f"allowed: {self._width}, as in the header")
        line = [cell.strip() for cell in row.cells]
        joined = "".join(line)
        if not joined.isascii() and any("\ud800" <= char <= "\udfff" for char in joined):
            raise BadCellError("", "bytes that are no text", "allowed: UTF-8")
        if "\0" in joined:
            raise BadCellError("", "a NUL character", "allowed: text")
        return [None if self._is_empty(cell) else cell for cell in line]

    def order_of(self, cells: Cells) -> str:
        """Return the order id of a row."""
        parts = []
        for index, name in zip(self._order, self._map.order, strict=True):
            text = cells[index]
            if text is None:
                raise BadCellError(name, "is empty", "allowed: an order id")
            parts.append(text)
        return "-".join(parts)

    def events(self, order_id: str, rows: Sequence[Cells]) -> list[tuple[EventModel, Event]]:
        """Return the events of one order, made of all its rows."""
        found = []
        for source in self._sources:
            if not source.applies(rows[0]):
                continue
            moment = source.when(rows)
            if moment is not None:
                found.append((source.model, self._event(source, order_id, moment, rows)))
        return found

    def _event(self, source: _Source, order_id: str, moment: datetime, rows: Sequence[Cells]) -> Event:
        model = source.model
        at = to_instant(moment)
        if not EARLIEST <= at < LATEST:
            raise BadCellError(model.at.columns[0], f"{moment:%Y-%m-%d} is out of range", "allowed: 1970 to 2099")
        try:
            data = msgspec.convert(source.data(rows), source.payload)
        except msgspec.ValidationError as error:
            problem, _, where = str(error).partition(" - at `$.")
            field_name = f"{model.name}.{where.rstrip('`')}" if where else model.name
            raise BadCellError(field_name, problem, "allowed: what the event contract says") from error
        identity = f"{self._map.prefix}-{order_id}-{model.name}"
        if len(identity) > 200:
            raise BadCellError(self._map.order[0], "the id is too long", "allowed: event ids of 200 characters")
        return Event(time=at, id=identity, source=self._map.source, subject=order_id, data=data)

    def line(self, model: EventModel, event: Event) -> bytes:
        """Return an event as a line that the codec takes back: no import feeds the dead letters."""
        line = encode(event)
        read = self._codec.decode(line)
        if isinstance(read, Rejection):
            problem, _, allowed = read.detail.partition(", allowed: ")
            raise BadCellError(model.name, problem, f"allowed: {allowed or 'what the event contract says'}")
        return line


def run_import(
    table_path: Path,
    import_map: ImportMap,
    out: Path,
    rejects: Path,
    on_progress: Callable[[int, ImportReport], None] = lambda _bytes, _report: None,
) -> ImportReport:
    """Write the events of a table to ``out``, in the order of (time, id), and its bad rows to ``rejects``.

    Args:
        table_path: CSV, gzip'd or not.
        import_map: What the columns mean.
        out: JSON lines; compressed when the name ends in ``.gz``.
        rejects: CSV; an older one is removed when no row is bad.
        on_progress: Called now and then with the bytes read so far.

    Raises:
        InputError: The table cannot be read, lacks a column, or has not one good row.
        RunFailedError: ``out`` or ``rejects`` cannot be written.
    """
    report = ImportReport()
    with open_table(table_path) as table, SortedLines() as lines, ExitStack() as stack:
        importer = Importer(import_map, table.header, table.place)
        kept = _Rejects(table, rejects, report, stack)
        for order_id, group in _orders(importer, import_map, table, kept, report, on_progress):
            _take(importer, order_id, group, lines, kept, report)
        if report.orders or not report.rows:
            _write(out, lines)
        if not report.bad_rows:
            rejects.unlink(missing_ok=True)
    if report.rows and not report.orders:
        problem = f"none of its {report.rows} rows is good (they stand in {rejects})"
        raise InputError.at(str(table_path), "", problem, f"first: {report.problems[0]}")
    return report


def _write(out: Path, lines: SortedLines) -> None:
    try:
        with whole_file(out) as write:
            for line in lines.lines():
                write(line)
                write(b"\n")
    except OSError as error:
        raise RunFailedError(f"{out}: cannot be written: {error.strerror or error}") from error


Group = list[tuple[TableRow, Cells]]


class _Rejects:
    """The bad rows: counted, told, and written with their reason as soon as there is one."""

    def __init__(self, table: Table, path: Path, report: ImportReport, stack: ExitStack) -> None:
        self._table = table
        self._path = path
        self._report = report
        self._stack = stack
        self._write: Callable[[bytes], object] | None = None

    def add(self, row: TableRow, error: BadCellError, culprit: int | None = None) -> None:
        """Keep a row; ``culprit`` is the line that is wrong where it is another row of the same order."""
        report = self._report
        report.bad_rows += 1
        place = ":".join(part for part in (self._table.place, str(culprit or row.line), error.column) if part)
        problem = f"{place}: {error.problem}, {error.allowed}"
        if culprit is None and len(report.problems) < SHOWN_PROBLEMS_MAX:
            report.problems.append(problem)
        try:
            if self._write is None:
                self._write = self._stack.enter_context(whole_file(self._path))
                self._write(_csv_line([REJECT_LINE, REJECT_PROBLEM, *self._table.header]))
            self._write(_csv_line([str(row.line), problem, *row.cells]))
        except OSError as failure:
            raise RunFailedError(f"{self._path}: cannot be written: {failure.strerror or failure}") from failure


def _orders(
    importer: Importer,
    import_map: ImportMap,
    table: Table,
    kept: "_Rejects",
    report: ImportReport,
    on_progress: Callable[[int, ImportReport], None],
) -> Iterator[tuple[str, Group]]:
    """Yield each order with its rows: at once where a row is an order, else when the table has ended."""
    groups: dict[str, Group] = {}
    first_lines: dict[str, int] = {}
    for row in table.rows():
        report.rows += 1
        if report.rows % _STEP_ROWS == 0:
            on_progress(table.bytes_read, report)
        try:
            cells = importer.cells(row)
            order_id = importer.order_of(cells)
        except BadCellError as error:
            kept.add(row, error)
            continue
        if import_map.rows is RowsAre.LINES:
            groups.setdefault(order_id, []).append((row, cells))
            if report.rows > ROWS_IN_MEMORY_MAX:
                raise InputError.at(table.place, f"line {row.line}", "too many rows", f"allowed: {ROWS_IN_MEMORY_MAX}")
        elif order_id in first_lines:
            problem = f"order {order_id} is there twice, first in line {first_lines[order_id]}"
            kept.add(row, BadCellError(import_map.order[0], problem, "allowed: one row an order"))
        else:
            first_lines[order_id] = row.line
            yield order_id, [(row, cells)]
    yield from groups.items()


def _take(
    importer: Importer, order_id: str, group: Group, lines: SortedLines, kept: _Rejects, report: ImportReport
) -> None:
    """Make the events of one order, or reject all its rows."""
    try:
        found = importer.events(order_id, [cells for _, cells in group])
        written = [importer.line(model, event) for model, event in found]
    except BadCellError as error:
        culprit = _culprit(importer, order_id, group)
        for row, _ in group:
            kept.add(row, error, None if row.line == culprit else culprit)
        return
    report.orders += 1
    report.quiet_orders += not found
    for (model, event), line in zip(found, written, strict=True):
        lines.add(event.time, event.id, line)
        report.events[model.type] += 1
        report.first_at = min(report.first_at, event.time)
        report.last_at = max(report.last_at, event.time)


def _culprit(importer: Importer, order_id: str, group: Group) -> int:
    """Return the line of the first row that is wrong by itself, the first line where only all together are."""
    for row, cells in group:
        try:
            importer.events(order_id, [cells])
        except BadCellError:
            return row.line
    return group[0][0].line


def _refuse_missing(needed: Sequence[str], header: list[str], place: str) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        close = get_close_matches(missing[0], header, n=1)
        hint = f", did you mean {close[0]!r}?" if close else ""
        problem = f"column {missing[0]!r} of the map is missing{hint}"
        raise InputError.at(place, "line 1", problem, "allowed: a table with " + ", ".join(needed))


def _csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", errors="surrogateescape")
