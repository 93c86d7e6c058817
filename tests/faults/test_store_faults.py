"""Full disks and locked databases: a clear end, and the next start goes on without loss or double."""

import resource
import sqlite3
import subprocess
import sys

import pytest

from radar.batch import Batch
from radar.errors import RunFailedError
from streams.store import open_store, sqlite
from tests.streams.samples import batch, change, order_row

pytestmark = pytest.mark.req("R48")


def big_batch(version: int) -> Batch:
    rows = tuple(order_row(f"SO-{number}", version, state=b"x" * 2_000) for number in range(200))
    return batch(outputs=(change(warning_id=f"W-{version}"),), rows=rows, lines=version, read_offset=version)


def test_a_full_database_ends_clearly_and_goes_on_afterwards(tmp_path):
    url = f"sqlite:///{tmp_path / 'radar.db'}"
    store = open_store(url)
    writer = store.writer("files")
    writer.commit(big_batch(1))
    pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
    writer._connection.execute(f"PRAGMA max_page_count={pages}")
    fuller = batch(
        rows=tuple(order_row(f"new-{n}", state=b"x" * 2_000) for n in range(500)),
        outputs=(change(warning_id="W-2"),),
        read_offset=2,
    )
    with pytest.raises(RunFailedError, match="the disk is full; free some space: nothing is lost"):
        writer.commit(fuller)
    assert store.load_checkpoint("files", 0)[0].positions[0].read_offset == 1
    writer._connection.execute("PRAGMA max_page_count=1000000")
    writer.commit(fuller)
    assert store.load_checkpoint("files", 0)[0].positions[0].read_offset == 2
    store.close()


def test_a_file_that_may_not_grow_ends_clearly(tmp_path):
    """The kernel itself says no (RLIMIT_FSIZE), as it does on a full or quota-limited disk."""
    url = f"sqlite:///{tmp_path / 'radar.db'}"
    open_store(url).close()
    code = (
        f"from streams.store import open_store; from tests.faults.test_store_faults import big_batch\n"
        f"from radar.errors import RunFailedError\n"
        f"store = open_store({url!r}); writer = store.writer('files')\n"
        f"try:\n"
        f"    [writer.commit(big_batch(version)) for version in range(1, 100)]\n"
        f"except RunFailedError as error:\n"
        f"    print(error); raise SystemExit(1)\n"
    )
    limit = 4_000_000
    ended = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "the same command goes on from the last commit" in ended.stdout
    store = open_store(url)
    committed = store.load_checkpoint("files", 0)[0].positions[0].read_offset
    store.writer("files").commit(big_batch(committed + 1))  # a half-written batch would raise as a double here
    store.close()


def test_a_database_locked_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    path = tmp_path / "radar.db"
    store = open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer = store.writer("files")
    attempts = []

    def release_at_the_third(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            attempts.append(statement)
            if len(attempts) == 3:
                other.execute("ROLLBACK")

    writer._connection.set_trace_callback(release_at_the_third)
    writer.commit(big_batch(1))
    assert store.load_checkpoint("files", 0)[0].positions[0].read_offset == 1
    other.close()
    store.close()


def test_a_database_that_stays_locked_ends_clearly(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    path = tmp_path / "radar.db"
    store = open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RunFailedError, match="another program keeps the database locked"):
        store.writer("files").commit(big_batch(1))
    other.close()
    store.close()
