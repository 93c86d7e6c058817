"""One batch is one transaction: all of it or nothing, never twice, never backwards."""

import sqlite3

import pytest
from sqlalchemy import select

from radar.batch import Batch, Feed
from radar.instant import DAY_US, Instant
from radar.outputs import Change
from streams.store import Store, schema
from streams.store.digest import store_digest
from tests.streams.samples import NOON, StateRow, batch, change, letter, order_row

pytestmark = pytest.mark.req("R48")


def everything() -> Batch:
    return batch(
        outputs=(change(),),
        rows=(order_row(), StateRow("learner", "lane:N-S", b"rates")),
        letters=(letter(),),
        feeds=(Feed("wms", 3, NOON),),
        lines=2,
        read_offset=80,
    )


def read(store: Store, table: str) -> list[dict[str, object]]:
    with store.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(schema.metadata.tables[table]))]


def test_every_part_of_a_batch_reaches_its_table(store):
    store.writer("files").commit(everything())
    counts = {name: len(read(store, name)) for name in schema.metadata.tables}
    written = (
        "orders",
        "warnings",
        "warning_changes",
        "dead_letters",
        "feeds",
        "machine_rows",
        "positions",
        "counters",
    )
    assert counts == {name: int(name in written) for name in counts}


def test_what_was_written_comes_back_as_it_was(store):
    store.writer("files").commit(everything())
    (order,) = read(store, "orders")
    assert (order["placed_at"], order["value"], order["is_urgent"]) == (NOON, 12.5, False)
    (warning,) = read(store, "warnings")
    assert (warning["state"], warning["due_at"]) == ("open", NOON)
    assert (
        warning["reasons"] == '[{"code":"overdue","facts":[{"name":"due_at","value":1709294400000000}],"weight":0.0}]'
    )


def test_a_checkpoint_comes_back_as_it_was(store):
    written = everything()
    store.writer("files").commit(written)
    checkpoint, rows = store.load_checkpoint("files", DAY_US)
    assert checkpoint == written.checkpoint
    machine, order = list(rows)
    assert machine == StateRow("learner", "lane:N-S", b"rates")
    assert (order.order_id, order.version, order.state) == ("SO-1", 1, b"state 1")


def test_a_new_partition_starts_at_the_beginning(store):
    checkpoint, rows = store.load_checkpoint("files", DAY_US)
    assert (checkpoint.positions, list(rows)) == ((), [])


def test_partitions_do_not_see_each_other(store):
    store.writer("files").commit(everything())
    checkpoint, rows = store.load_checkpoint("kafka-0", DAY_US)
    assert (checkpoint.positions, list(rows)) == ((), [])


def test_an_order_is_never_replaced_by_an_older_version(store):
    writer = store.writer("files")
    writer.commit(batch(rows=(order_row(version=5),)))
    writer.commit(batch(rows=(order_row(version=4, stage="late-comer"),)))
    assert read(store, "orders")[0]["stage"] == "placed"
    writer.commit(batch(rows=(order_row(version=6, stage="paid"),)))
    assert read(store, "orders")[0]["stage"] == "paid"


def test_only_open_and_lately_closed_orders_come_back_to_memory(store):
    rows = (
        order_row("open"),
        order_row("yesterday", closed_at=Instant(NOON - DAY_US)),
        order_row("long ago", closed_at=Instant(NOON - DAY_US - 1)),
    )
    store.writer("files").commit(batch(rows=rows))
    assert [row.order_id for row in store.load_checkpoint("files", remember_us=DAY_US)[1]] == ["open", "yesterday"]
    assert len(read(store, "orders")) == 3


def test_a_row_that_is_gone_is_deleted(store):
    writer = store.writer("files")
    writer.commit(batch(rows=(StateRow("learner", "a", b"1"),)))
    writer.commit(batch(rows=(StateRow("learner", "a", b"", is_gone=True),)))
    assert read(store, "machine_rows") == []


def test_a_warning_keeps_its_raise_and_shows_its_last_change(store):
    writer = store.writer("files")
    writer.commit(batch(outputs=(change(), change(1, Change.UPDATED))))
    writer.commit(batch(outputs=(change(2, Change.RESOLVED),)))
    (warning,) = read(store, "warnings")
    assert (warning["state"], warning["sequence"], warning["raised_at"]) == ("resolved", 2, NOON)
    assert warning["ended_at"] == warning["changed_at"] == change(2).at
    assert len(read(store, "warning_changes")) == 3


@pytest.mark.parametrize(
    "again", [batch(outputs=(change(),)), batch(letters=(letter(),))], ids=["warning", "dead letter"]
)
def test_the_same_word_twice_raises_and_writes_nothing(store, url, again):
    writer = store.writer("files")
    writer.commit(everything())
    before = store_digest(url)
    doubled = Batch(again.outputs, (order_row(version=9),), again.dead_letters, (), again.checkpoint)
    with pytest.raises(sqlite3.IntegrityError):
        writer.commit(doubled)
    assert store_digest(url) == before


def test_an_extra_write_is_part_of_the_transaction(store, url):
    def fail(_connection: sqlite3.Connection) -> None:
        raise sqlite3.IntegrityError("no")

    before = store_digest(url)
    with pytest.raises(sqlite3.IntegrityError):
        store.writer("files").commit(everything(), fail)
    assert store_digest(url) == before


def test_the_digest_sees_one_changed_cell(store, url):
    writer = store.writer("files")
    writer.commit(everything())
    before = store_digest(url)
    assert store_digest(url) == before
    writer.commit(batch(rows=(order_row(version=2),)))
    assert store_digest(url) != before
