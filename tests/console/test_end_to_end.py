"""A newcomer's first morning: a table in, events, a run, dead letters, explanations, a score; each by its command."""

import csv
import gzip
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.exits import ExitCode
from radar.wording import LANGUAGES
from tests.conftest import ROOT

SAMPLE = ROOT / "scenarios" / "samples" / "sample.jsonl.gz"
STORE = ("--store", "sqlite:///radar.db")

pytestmark = pytest.mark.req("R48", "R50", "R51")


class Desk:
    """A folder, and the commands typed in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def type(self, *arguments: str) -> str:
        """Return what a command prints; it must end well and complain of nothing."""
        self._capsys.readouterr()
        assert main(arguments) == ExitCode.DONE
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return said.out

    def json(self, *arguments: str) -> dict[str, Any]:
        return dict(json.loads(self.type(*arguments, "--json")))

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "radar.db")) as store:
            return store.execute(sql).fetchall()


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def write_table(path: Path, orders: int) -> None:
    """Write orders in the columns of the Olist table: each tenth is late, the last is on its way, one row is bad."""
    first = datetime(2018, 1, 2, 9)  # noqa: DTZ001 - the table's times are local
    rows = [_row(number, first + timedelta(hours=7 * number), orders) for number in range(orders)]
    rows[3]["created_at"] = "yesterday"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _row(number: int, placed: datetime, orders: int) -> dict[str, str]:
    promised = (placed + timedelta(days=9)).replace(hour=0, minute=0)
    delivered = promised + timedelta(days=3) if number % 10 == 5 else placed + timedelta(days=6)
    is_open = number == orders - 1
    return {
        "order_id": f"order-{number:03}",
        "sample_weight": "1.0",
        "order_status": "shipped" if is_open else "delivered",
        "created_at": placed.isoformat(),
        "approved_at": (placed + timedelta(minutes=20)).isoformat(),
        "ship_by_limit": (placed + timedelta(days=3)).isoformat(),
        "handed_to_carrier_at": (placed + timedelta(days=2)).isoformat(),
        "delivered_at": "" if is_open else delivered.isoformat(),
        "promised_date": promised.isoformat(),
        "customer_state": ("SP", "RJ", "BA")[number % 3],
        "customer_zip3": "013",
        "seller_id": f"seller-{number % 4}",
        "seller_state": "SP",
        "distance_km": "420.5",
        "n_items": "1",
        "n_sellers": "1",
        "price": "89.90",
        "freight_value": "12.10",
        "weight_g": "700",
        "volume_cm3": "4200",
        "product_category": "moveis",
        "review_score": "" if is_open else "4",
        "survey_sent_date": "",
        "review_answered_at": "" if is_open else (delivered + timedelta(days=2)).isoformat(),
    }


def test_a_table_becomes_events_warnings_explanations_and_a_score(desk):
    write_table(desk.folder / "orders.csv", 120)
    made = desk.json("import", "orders.csv", "--map", "olist_orders", "--out", "orders.jsonl.gz")
    assert (made["rows"], made["bad_rows"], made["orders"]) == (120, 1, 119)
    assert "yesterday" in (desk.folder / "orders.jsonl.gz.rejects.csv").read_text(encoding="utf-8")
    ran = desk.json("run", "--from", "orders.jsonl.gz", *STORE, "--until-eof")
    assert (ran["orders"], ran["dead_letters"], ran["events"]) == (119, 0, sum(made["events"].values()))
    told = desk.type("explain", "order-021", *STORE)
    assert "promise: Thu 2018-01-18 00:00" in told  # the end of the promised local day
    warned = [str(entity) for (entity,) in desk.ask("SELECT DISTINCT entity FROM warnings WHERE entity LIKE 'order-%'")]
    assert warned
    record = desk.json("explain", warned[0], *STORE)
    assert record["warnings"]
    score = json.loads(desk.type("backtest", "orders.jsonl.gz", "--json", "-"))
    late = sum(number % 10 == 5 for number in range(119))
    scored = score["scored"]
    assert (scored["orders"]["value"], scored["late"]["value"]) == (118, late)


def test_dead_letters_are_listed_by_reason_and_taken_in_again_as_the_page_says(desk):
    ran = desk.json("run", "--from", str(SAMPLE), *STORE, "--until-eof")
    listing = desk.json("deadletter", "list", *STORE)
    assert listing["version"] == 1
    assert sum(listing["reasons"].values()) == ran["dead_letters"] == len(listing["dead_letters"]) == 5
    assert len(desk.json("deadletter", "list", *STORE, "--limit", "2")["dead_letters"]) == 2
    assert "2 of 5 shown" in desk.type("deadletter", "list", *STORE, "--limit", "2")
    assert desk.json("deadletter", "list", *STORE, "--limit", "0")["dead_letters"] == []
    named = desk.json("deadletter", "list", *STORE, "--reason", "naive-time")["dead_letters"]
    assert [letter["reason"] for letter in named] == ["naive-time"]
    nothing = desk.json("deadletter", "replay", *STORE, "--reason", "bad-json", "--limit", "1")
    assert (nothing["applied"], nothing["kept"]) == (0, {"bad-json": 1})
    taken = desk.json("deadletter", "replay", *STORE, "--reason", "naive-time", "--zone", "Asia/Shanghai")
    assert (taken["applied"], taken["duplicates"], taken["kept"]) == (1, 0, {})
    assert desk.json("deadletter", "list", *STORE)["reasons"] == {"bad-field": 1, "bad-json": 2, "unknown-kind": 1}
    lines, accounted = desk.ask("SELECT lines, applied + duplicates + dead + pending FROM counters")[0]
    assert lines == accounted
    before = desk.json("run", "--from", str(SAMPLE), *STORE, "--until-eof")
    assert before["dead_letters"] == 4


def test_the_page_of_the_score_and_its_files_are_written(desk):
    desk.type(
        "backtest", str(SAMPLE), "--json", "s.json", "--warnings", "w.csv", "--html", "s.html", "--resamples", "20"
    )
    assert json.loads((desk.folder / "s.json").read_text(encoding="utf-8"))["version"] == 1
    assert (desk.folder / "w.csv").read_text(encoding="utf-8").startswith("order_id,warned_at,score,withdrawn_at\n")
    assert "<html" in (desk.folder / "s.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_order_of_the_sample_can_be_explained_in_every_language(desk):
    desk.type("run", "--from", str(SAMPLE), *STORE, "--until-eof", "--engine", "plain")
    orders = [str(order) for (order,) in desk.ask("SELECT order_id FROM orders")]
    with gzip.open(SAMPLE) as lines:
        assert len(orders) > 300 < sum(1 for _ in lines)
    for order in orders:
        for language in LANGUAGES:
            told = desk.type("explain", order, *STORE, "--language", language)
            assert order in told
            assert "nan" not in told
            assert "None" not in told
