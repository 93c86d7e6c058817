"""`radar import`: rows in, events in the order of time out, no bad row lost."""

import csv
import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli import main
from radar.errors import InputError, RunFailedError
from radar.events import Event
from radar.events.order import OrderPlaced, PaymentApproved
from radar.instant import to_datetime
from scenarios.imports import ImportMap, checked_map, load_map
from scenarios.loader import parse_document
from streams.codec import Codec
from streams.imports import ImportReport, run_import
from streams.sorted_lines import SortedLines

MAP = """
source: shop
prefix: shop
zone: America/Sao_Paulo
order: [id]
empty: ["see *"]
events:
  - type: order.placed.v1
    name: placed
    at: {column: created}
    data:
      promise_at: {column: promised, as: end-of-day}
      value: {column: price, as: number, times: 0.01}
      channel: {column: how, codes: {W: web, P: phone}, otherwise: other}
      is_urgent: {column: urgent, as: flag, default: "no"}
      ship_to: {fields: {area: {column: state}}}
      origin: {join: [state, how], between: /}
  - type: payment.approved.v1
    name: paid
    at: {first_of: [paid, created]}
    only_if: {column: how, equals: [W]}
    data: {ship_by_at: {column: promised, as: end-of-day}}
"""
HEADER = "id,created,promised,price,how,urgent,state,paid"
ROW = "A,2024-03-01T09:30:00,2024-03-05,1250,W,,SP,2024-03-01T10:00:00"
LINES = MAP.replace("order: [id]", "order: [id]\nrows: lines").replace(
    "times: 0.01}",
    "combine: sum}\n      lines: {each_row: {item: {column: how}, quantity: {column: price, as: number}}}",
)


def the_map(text: str = MAP) -> ImportMap:
    return checked_map(parse_document(text.encode(), "map.yaml"))


class Imported:
    """One import in a folder of its own."""

    def __init__(self, folder: Path, table: str | bytes, map_text: str = MAP) -> None:
        self.table = folder / "table.csv"
        self.table.write_bytes(table if isinstance(table, bytes) else table.encode())
        self.out, self.rejects = folder / "out.jsonl", folder / "rejects.csv"
        self.report: ImportReport = run_import(self.table, the_map(map_text), self.out, self.rejects)

    @property
    def events(self) -> list[Event]:
        decoded = Codec().decode_block(self.out.read_bytes().splitlines())
        assert all(isinstance(event, Event) for event in decoded)
        return [event for event in decoded if isinstance(event, Event)]


def table(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def test_a_row_becomes_the_events_the_map_says(tmp_path):
    done = Imported(tmp_path, table(ROW))
    placed, paid = done.events
    assert (placed.id, placed.source, placed.subject) == ("shop-A-placed", "shop", "A")
    assert to_datetime(placed.time) == datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
    assert isinstance(placed.data, OrderPlaced)
    assert placed.data.promise_at == datetime(2024, 3, 6, 3, tzinfo=UTC)  # midnight after the 5th, three hours west
    assert (placed.data.value, placed.data.channel, placed.data.ship_to.area) == (12.5, "web", "SP")
    assert (placed.data.origin, placed.data.is_urgent) == ("SP/W", False)
    assert isinstance(paid.data, PaymentApproved)
    assert done.report.rows == done.report.orders == 1


def test_an_empty_time_is_an_event_that_did_not_happen_and_a_false_condition_too(tmp_path):
    done = Imported(tmp_path, table(ROW.replace("A,", "B,", 1).replace(",W,", ",X,"), "C,,,,,,,"))
    assert [event.id for event in done.events] == ["shop-B-placed"]
    assert done.report.quiet_orders == 1


def test_an_unknown_code_becomes_what_the_map_says_otherwise(tmp_path):
    (event,) = Imported(tmp_path, table(ROW.replace(",W,", ",Z,"))).events
    assert isinstance(event.data, OrderPlaced)
    assert event.data.channel == "other"


def test_a_text_that_means_nothing_is_an_empty_cell(tmp_path):
    done = Imported(tmp_path, table(ROW.replace("1250", "see order 9")))
    assert isinstance(done.events[0].data, OrderPlaced)
    assert done.events[0].data.value is None


def test_a_promise_whose_midnight_does_not_exist_is_the_first_instant_of_the_next_day(tmp_path):
    done = Imported(tmp_path, table(ROW.replace("2024-03-05", "2017-10-14").replace("2024-03", "2017-10")))
    assert isinstance(done.events[0].data, OrderPlaced)
    assert done.events[0].data.promise_at == datetime(2017, 10, 15, 3, tzinfo=UTC)


def test_events_come_out_by_time_then_id_whatever_the_order_of_the_rows(tmp_path):
    rows = [
        ROW.replace("A,", f"{name},", 1).replace("T09", f"T0{hour}") for name, hour in zip("DBCA", "8799", strict=True)
    ]
    found = Imported(tmp_path, table(*rows)).events
    assert [(event.time, event.id) for event in found] == sorted((event.time, event.id) for event in found)
    assert [event.subject for event in found if event.id.endswith("placed")] == ["B", "D", "A", "C"]


def test_a_later_stage_stamped_before_an_earlier_one_stays_as_it_is(tmp_path):
    found = Imported(tmp_path, table(ROW.replace("2024-03-01T10:00:00", "2024-02-01T10:00:00"))).events
    assert [event.id for event in found] == ["shop-A-paid", "shop-A-placed"]


def test_lines_of_one_order_become_one_order(tmp_path):
    done = Imported(tmp_path, table(ROW, ROW.replace("A,", "B,", 1), ROW.replace("1250", "750")), LINES)
    first = done.events[0]
    assert first.subject == "A"
    assert isinstance(first.data, OrderPlaced)
    assert [line.quantity for line in first.data.lines] == [1250, 750]
    assert first.data.value == 2000
    assert (done.report.rows, done.report.orders) == (3, 2)


def test_an_order_with_one_bad_line_is_rejected_with_all_its_lines(tmp_path):
    done = Imported(tmp_path, table(ROW, ROW.replace("A,", "B,", 1), ROW.replace("1250", "many")), LINES)
    assert {event.subject for event in done.events} == {"B"}
    assert done.report.bad_rows == 2
    assert done.report.problems == [f"{done.table}:4:price: 'many' is no number, allowed: 12, 0.5, 1e6"]


BAD_ROWS = [
    (ROW.replace("2024-03-01T09:30:00", "yesterday"), "2:created: 'yesterday' is no time"),
    (ROW.replace("2024-03-01T09:30:00", "2024-03-01"), "2:created: '2024-03-01' is a date without a time"),
    (ROW.replace("2024-03-01T09", "1969-03-01T09"), "2:created: 1969-03-01 is out of range, allowed: 1970 to 2099"),
    (ROW.replace("2024-03-01T09", "9999-03-01T09"), "2:created: 9999-03-01 is out of range"),
    (ROW.replace("2024-03-05", "9999-12-31"), "2:promised: '9999-12-31' is no date"),
    (
        ROW.replace("2024-03-05", "2023-03-05"),
        "2:placed: data.promise_at: is before `time`, allowed: the placement or later",
    ),
    (ROW.replace("2024-03-05", "05/03/2024"), "2:promised: '05/03/2024' is no date"),
    (ROW.replace("1250", "12,50"), "2: 9 cells, allowed: 8, as in the header"),
    (ROW.replace("1250", "-5"), "2:placed.value: Expected `float` >= 0.0, allowed: what"),
    (ROW.replace("1250", "1e99"), "2:placed.value: Expected `float` <= 1000000000000"),
    (ROW.replace("1250", "nan"), "2:price: 'nan' is no number"),
    (ROW.replace("1250", "٣"), "2:price: '٣' is no number"),
    (ROW.replace(",W,,", ",W,maybe,"), "2:urgent: 'maybe' is no yes or no"),
    (ROW.replace("A,", ",", 1), "2:id: is empty, allowed: an order id"),
    (ROW.replace("A,", "x" * 300 + ",", 1), "2:id: the id is too long"),
    (ROW.replace("SP", "S\0P"), "2: a NUL character"),
    (ROW + ",more", "2: 9 cells"),
    ("A,B", "2: 2 cells"),
]


@pytest.mark.parametrize(("row", "holds"), BAD_ROWS)
def test_a_bad_row_is_told_counted_and_kept(tmp_path, row, holds):
    done = Imported(tmp_path, table(row, ROW.replace("A,", "good,", 1)))
    assert (done.report.bad_rows, done.report.orders) == (1, 1)
    assert holds in done.report.problems[0]
    kept = list(csv.reader(done.rejects.read_text(encoding="utf-8").splitlines()))
    assert kept[0][:3] == ["_line", "_problem", "id"]
    assert kept[1][0] == "2"
    assert kept[1][2:] == next(csv.reader([row]))


def test_bytes_that_are_no_text_spoil_their_row_alone_and_come_back_unchanged(tmp_path):
    done = Imported(tmp_path, table(ROW.replace("A,", "B,", 1)).encode() + ROW.encode().replace(b"SP", b"S\xe3o"))
    assert "bytes that are no text" in done.report.problems[0]
    assert b"S\xe3o" in done.rejects.read_bytes()


def test_the_second_row_of_an_order_is_bad_where_a_row_is_an_order(tmp_path):
    done = Imported(tmp_path, table(ROW, ROW))
    assert "3:id: order A is there twice, first in line 2" in done.report.problems[0]


def test_rejected_rows_put_right_can_be_imported(tmp_path):
    done = Imported(tmp_path, table(ROW.replace("1250", "many"), ROW.replace("A,", "B,", 1)))
    again = Imported(tmp_path, done.rejects.read_text(encoding="utf-8").replace(",many,", ",1250,"))
    assert [event.subject for event in again.events] == ["A", "A"]
    assert not again.rejects.exists()


BAD_TABLES = [
    (b"", "is empty"),
    (b"\n\n", "column 'id' of the map is missing"),
    (b"\x7fELF\x01\x02\x00", "no header of a table"),
    (b"\x1f\x8b\x08\x00truncated", "the gzip file is damaged"),
    (gzip.compress(table(ROW).encode(), mtime=0)[:-12], "the gzip file is damaged"),
    (b"id,created,id\n", "column 'id' is there twice"),
    (HEADER.replace("created", "creatd").encode(), "column 'created' of the map is missing, did you mean 'creatd'?"),
    (table(ROW.replace("SP", '"SP')).encode(), "line 2: no CSV row"),
    (table("A,B", "C").encode(), "none of its 2 rows is good (they stand in"),
    (table(ROW.replace("SP", "S" * 1_000_001)).encode(), "no CSV row: field larger than field limit"),
]


@pytest.mark.parametrize(("content", "holds"), BAD_TABLES)
def test_what_is_no_table_is_refused_and_leaves_no_file(tmp_path, content, holds):
    with pytest.raises(InputError) as caught:
        Imported(tmp_path, content)
    assert holds in str(caught.value)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_header_without_rows_gives_an_empty_file(tmp_path):
    done = Imported(tmp_path, HEADER)
    assert (done.report.rows, done.out.read_bytes()) == (0, b"")


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_do_not_matter(tmp_path):
    done = Imported(tmp_path, b"\xef\xbb\xbf" + table(ROW, "", "").replace("\n", "\r\n").encode())
    assert len(done.events) == 2


def test_same_table_same_bytes_and_a_compressed_file_holds_no_time(tmp_path):
    source = tmp_path / "t.csv.gz"
    source.write_bytes(gzip.compress(table(ROW).encode()))
    outs = [tmp_path / "one.jsonl.gz", tmp_path / "two.jsonl.gz"]
    for out in outs:
        run_import(source, the_map(), out, tmp_path / "r.csv")
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert gzip.decompress(outs[0].read_bytes()).count(b"\n") == 2


def test_a_place_that_cannot_be_written_ends_the_run(tmp_path):
    (tmp_path / "t.csv").write_text(table(ROW), encoding="utf-8")
    with pytest.raises(RunFailedError, match="cannot be written"):
        run_import(tmp_path / "t.csv", the_map(), tmp_path / "no" / "out.jsonl", tmp_path / "r.csv")


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.binary(max_size=3))), st.integers(1, 4))
def test_spilling_to_files_sorts_like_memory(lines, in_memory_max):
    with SortedLines(in_memory_max) as spilled:
        for line in lines:
            spilled.add(*line)
        assert list(spilled.lines()) == [line for _, _, line in sorted(lines)]


def test_the_command_reports_and_exits_2_on_bad_input(tmp_path, capsys):
    source = tmp_path / "t.csv"
    source.write_text(table(ROW, "A,B"), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(MAP, encoding="utf-8")
    arguments = ["import", str(source), "--map", str(tmp_path / "own.yaml"), "--out", str(tmp_path / "out.jsonl")]
    assert main([*arguments, "--json"]) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert (result["version"], result["rows"], result["bad_rows"], result["orders"]) == (1, 2, 1, 1)
    assert result["events"] == {"order.placed.v1": 1, "payment.approved.v1": 1}
    assert "1 of 2 rows are bad" in said.err
    assert Path(result["rejects"]).exists()
    assert main([*arguments[:-1], str(source)]) == 2
    assert main([*arguments[:3], "no-such-map", *arguments[4:]]) == 2
    assert main([*arguments[:-1], str(tmp_path / "no" / "out.jsonl")]) == 2


DATA = Path(os.environ.get("RADAR_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.slow
@pytest.mark.req("R50")
@pytest.mark.parametrize(
    ("file", "name", "bad_rows", "expected"),
    [
        ("olist_orders_open.csv.gz", "olist_orders", 0, (27_251, 27_251, 117_571)),
        # One consignment was scheduled for a day before its order went to the vendor.
        ("scms_deliveries_open.csv.gz", "scms", 1, (7_779, 5_550, 9_879)),
    ],
)
def test_the_packaged_maps_take_the_real_tables(tmp_path, file, name, bad_rows, expected):
    if not (DATA / file).exists():
        pytest.skip(f"{file} is not here; set RADAR_DATA")
    report = run_import(DATA / file, load_map(name), tmp_path / "out.jsonl", tmp_path / "r.csv")
    assert report.bad_rows == bad_rows
    assert (report.rows, report.orders, sum(report.events.values())) == expected
