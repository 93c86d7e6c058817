"""A file that was replaced between two runs is refused, however long the new one is; one that grew is read on."""

import gzip
import random
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from console.cli import main
from console.exits import ExitCode
from streams.heads import head_of
from streams.store import open_store
from streams.store.heads import HeadNotes
from streams.store.migrate import VERSION_TABLE
from streams.taps import BEGIN_BYTES
from tests.bad_input import good_line
from tests.streams.samples import batch

pytestmark = pytest.mark.req("R48")


def lines(*numbers: int) -> bytes:
    return b"".join(good_line(number) + b"\n" for number in numbers)


class Place:
    """A folder with a store in it."""

    def __init__(self, folder, capsys):
        self.folder = folder
        self.url = f"sqlite:///{folder / 'radar.db'}"
        self.source = folder / "events.jsonl"
        self._capsys = capsys

    def run(self, engine="plain", *more):
        self._capsys.readouterr()
        source = str(self.source)
        return main(["run", "--from", source, "--store", self.url, "--until-eof", "--engine", engine, *more])

    @property
    def said(self):
        return self._capsys.readouterr().err

    def ask(self, sql):
        with closing(sqlite3.connect(self.folder / "radar.db")) as store:
            return store.execute(sql).fetchall()


@pytest.fixture
def place(tmp_path, capsys):
    return Place(tmp_path, capsys)


@pytest.mark.parametrize("engine", ["plain", "bytewax"])
@pytest.mark.parametrize("before", [range(2), range(60)], ids=["a short file", "a file beyond the noted beginning"])
def test_a_longer_file_of_the_same_name_is_refused(place, engine, before):
    place.source.write_bytes(lines(*before))
    assert place.run(engine) == ExitCode.DONE
    place.source.write_bytes(lines(*range(100, 300)))
    assert place.run(engine) == ExitCode.BAD_INPUT
    (line,) = place.said.splitlines()
    assert "events.jsonl: was replaced" in line
    assert "give a new file a name of its own, or start with a new --store" in line
    assert place.ask("SELECT count(*) FROM orders") == [(len(before),)]


@pytest.mark.parametrize("count", [1, 10, 60])
def test_a_file_that_grew_is_read_on_and_known_by_more_of_its_beginning(place, count):
    place.source.write_bytes(lines(*range(count)))
    assert place.run() == ExitCode.DONE
    place.source.write_bytes(lines(*range(count + 40)))
    assert place.run() == ExitCode.DONE
    assert place.ask("SELECT applied FROM counters") == [(count + 40,)]
    size = len(lines(*range(count + 40)))
    assert place.ask("SELECT length FROM heads") == [(min(size, BEGIN_BYTES),)]
    assert place.run() == ExitCode.DONE


def test_a_file_changed_in_one_byte_of_its_beginning_is_refused(place):
    place.source.write_bytes(lines(*range(60)))
    assert place.run() == ExitCode.DONE
    place.source.write_bytes(lines(*range(60)).replace(b"SKU-1", b"SKU-2", 1))
    assert place.run() == ExitCode.BAD_INPUT
    assert "was replaced" in place.said


def test_a_file_cut_behind_the_oldest_waiting_line_is_refused_too(place):
    """All its lines still wait for their place: the next start reads from the beginning."""
    place.source.write_bytes(lines(*range(60)))
    assert place.run("plain", "--lateness", "30d") == ExitCode.DONE
    place.source.write_bytes(lines(*range(30)))
    assert place.run() == ExitCode.BAD_INPUT
    assert "it was cut or replaced" in place.said


def test_what_is_not_taken_in_yet_is_not_noted(tmp_path):
    """A writer that crashed may put its torn last line right."""
    store = open_store(f"sqlite:///{tmp_path / 'radar.db'}")
    taken = batch(read_offset=80)
    stream = taken.checkpoint.positions[0].stream
    notes = HeadNotes("files", {stream: b"x" * 100}, {})
    store.writer("files").commit(taken, lambda connection: notes.write(connection, taken))
    assert store.heads("files") == {stream: head_of(b"x" * 80)}
    store.close()


def test_a_replaced_file_of_a_journal_is_refused(place):
    journal = place.folder / "journal"
    journal.mkdir()
    place.source = journal
    (journal / "1.jsonl").write_bytes(lines(1, 2))
    (journal / "2.jsonl").write_bytes(lines(3, 4))
    assert place.run() == ExitCode.DONE
    (journal / "1.jsonl").write_bytes(lines(5, 6, 7))
    assert place.run() == ExitCode.BAD_INPUT
    assert "1.jsonl: was replaced" in place.said


def test_a_replaced_packed_file_is_refused_and_one_packed_anew_is_not(place):
    place.source = place.folder / "events.jsonl.gz"
    noise = random.Random(3)
    numbers = [noise.randrange(10**9) for _ in range(200)]
    place.source.write_bytes(gzip.compress(lines(*numbers), compresslevel=1))
    assert place.run() == ExitCode.DONE
    place.source.write_bytes(gzip.compress(lines(*numbers), compresslevel=9))
    assert place.run() == ExitCode.DONE
    place.source.write_bytes(gzip.compress(lines(*range(400))))
    assert place.run() == ExitCode.BAD_INPUT
    assert "was replaced" in place.said


def test_a_store_of_the_version_before_is_upgraded_and_learns_the_beginnings(place):
    place.source.write_bytes(lines(*range(3)))
    assert place.run() == ExitCode.DONE
    with closing(sqlite3.connect(place.folder / "radar.db", isolation_level=None)) as store:
        store.execute("DROP TABLE heads")
        store.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0001'")
    place.source.write_bytes(lines(*range(5)))
    assert place.run() == ExitCode.DONE
    assert place.ask("SELECT applied FROM counters") == [(5,)]
    assert place.ask("SELECT length FROM heads") == [(len(lines(*range(5))),)]
    upgraded = open_store(place.url)
    with upgraded.engine.connect() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() == "0002"
    upgraded.close()
