"""A store opens, upgrades, or says in one line why it does not."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from radar.errors import InputError
from streams.store import open_reader, open_store, schema
from streams.store.migrate import KNOWN_VERSIONS, VERSION_TABLE, _config
from streams.store.runs import Manifest
from tests.streams.samples import batch, order_row

pytestmark = pytest.mark.req("R48")


def test_a_new_store_has_the_newest_version_and_every_column(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []
        script = ScriptDirectory.from_config(_config(connection))
    assert script.get_current_head() == schema.STORE_VERSION
    assert {one.revision for one in script.walk_revisions()} == KNOWN_VERSIONS


def test_opening_again_keeps_what_is_there(url):
    store = open_store(url)
    store.writer("files").commit(batch(rows=(order_row(),)))
    store.close()
    again = open_store(url)
    assert len(list(again.load_checkpoint("files", 0)[1])) == 1
    again.close()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("sqlite:///", "no store this radar can write"),
        ("sqlite:///:memory:", "no store this radar can write"),
        ("mysql:///x", "no store this radar can write"),
        ("radar.db", "no store this radar can write"),
        ("postgresql://h/radar", "PostgreSQL is not in this version yet"),
        ("sqlite:///no/such/folder/radar.db", "does not exist"),
        ("sqlite:////tmp", "is a folder"),
    ],
)
def test_a_wrong_url_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        open_store(wrong)


def test_a_text_file_is_no_store(tmp_path, url):
    (tmp_path / "radar.db").write_text("orders: none\n" * 200)
    with pytest.raises(InputError, match="is no SQLite database"):
        open_store(url)


def test_a_database_of_something_else_is_left_alone(tmp_path, url):
    with sqlite3.connect(tmp_path / "radar.db") as other:
        other.execute("CREATE TABLE recipes (name)")
    with pytest.raises(InputError, match="database of something else"):
        open_store(url)


@pytest.mark.parametrize("opening", [open_store, open_reader])
def test_a_store_of_a_newer_version_is_refused(tmp_path, url, opening):
    open_store(url).close()
    with sqlite3.connect(tmp_path / "radar.db") as newer:
        newer.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(InputError, match="version 9999, which this radar does not know, allowed: up to 0002"):
        opening(url)


def test_a_second_writer_is_refused_until_the_first_is_gone(store, url):
    with pytest.raises(InputError, match="another process"):
        open_store(url)
    store.close()
    open_store(url).close()


def test_a_killed_writer_leaves_no_lock_behind(url):
    code = f"import os; from streams.store import open_store; s = open_store({url!r}); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    open_store(url).close()


def test_a_reader_needs_no_lock(store, url):
    store.writer("files").commit(batch(rows=(order_row(),)))
    engine = open_reader(url)
    with engine.connect() as connection:
        assert len(connection.execute(schema.orders.select()).all()) == 1
    engine.dispose()


def test_a_reader_makes_no_store(tmp_path, url):
    with pytest.raises(InputError, match="there is no such store"):
        open_reader(url)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_never_ended_is_found_by_the_next(store):
    first = store.begin_run(Manifest("plain", ("a.jsonl",)))
    second = store.begin_run(Manifest("plain", ("a.jsonl",), settings={"lateness": "1h"}))
    store.end_run(second, "done")
    with store.engine.connect() as connection:
        found = {row.run_id: row.status for row in connection.execute(schema.runs.select())}
    assert found == {first: "crashed", second: "done"}


def test_the_reference_page_names_every_column_with_its_meaning():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "store.md").read_text(encoding="utf-8")
    for table in schema.metadata.tables.values():
        section = page.partition(f"## {table.name}\n")[2].partition("\n## ")[0]
        rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
        told = {line[0].strip("| ").removesuffix(" (key)").strip("`"): line[-1].strip(" |") for line in rows}
        assert told == {column.name: column.comment for column in table.columns}, table.name
