"""The whole command on a bad day: one line, the right exit code, and the next start goes on as if nothing had been."""

import sqlite3
from contextlib import closing

import pytest

from benchmarks.event_mix import lines
from console.exits import ExitCode
from streams.store import open_store
from streams.store.digest import store_digest
from streams.store.migrate import VERSION_TABLE

pytestmark = pytest.mark.req("R48")


class Day:
    """A stream, and stores that it is run into."""

    def __init__(self, zygote, folder):
        self.zygote = zygote
        self.folder = folder
        (folder / "events.jsonl").write_bytes(b"".join(lines(60, orders_a_day=40)))

    def url(self, name):
        return f"sqlite:///{self.folder / name}.db"

    def run(self, name, *more, file_bytes_max=0):
        source = str(self.folder / "events.jsonl")
        arguments = ["run", "--from", source, "--store", self.url(name), "--until-eof", "--epoch", "0s", *more]
        return self.zygote.radar([*arguments, "--block-lines", "10"], file_bytes_max=file_bytes_max)


@pytest.fixture
def day(zygote, tmp_path):
    return Day(zygote, tmp_path)


@pytest.mark.parametrize("engine", ["plain", "bytewax"])
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(day, engine):
    assert day.run("calm") == ExitCode.DONE
    codes = [day.run("full", "--engine", engine, file_bytes_max=size) for size in (300_000, 500_000)]
    assert codes == [ExitCode.RUN_FAILED] * 2
    told = day.zygote.output.splitlines()
    assert len(told) == 1, told
    assert "nothing is lost; the same command goes on from the last commit" in told[0]
    assert day.run("full", "--engine", engine) == ExitCode.DONE
    assert store_digest(day.url("full")) == store_digest(day.url("calm"))


def test_a_full_disk_under_the_written_lines_is_no_loss_either(day):
    assert day.run("calm", "--out", str(day.folder / "calm.jsonl")) == ExitCode.DONE
    open_store(day.url("full")).close()
    out = str(day.folder / "full.jsonl")
    code = day.run("full", "--out", out, file_bytes_max=200_000)
    assert code == ExitCode.RUN_FAILED
    assert day.run("full", "--out", out) == ExitCode.DONE
    assert (day.folder / "full.jsonl").read_bytes() == (day.folder / "calm.jsonl").read_bytes()


def test_a_locked_store_is_refused_and_untouched(day):
    holder = open_store(day.url("held"))
    assert day.run("held") == ExitCode.BAD_INPUT
    assert "another process" in day.zygote.output
    holder.close()
    assert day.run("held") == ExitCode.DONE


def test_a_store_of_another_version_is_refused_and_untouched(day):
    open_store(day.url("newer")).close()
    with closing(sqlite3.connect(day.folder / "newer.db", isolation_level=None)) as store:
        store.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    before = (day.folder / "newer.db").read_bytes()
    assert day.run("newer") == ExitCode.BAD_INPUT
    assert "version 9999, which this radar does not know" in day.zygote.output
    assert (day.folder / "newer.db").read_bytes() == before


@pytest.mark.slow
def test_a_database_that_stays_locked_ends_the_run_and_the_next_one_goes_on(day):
    """Somebody opened the store in a database tool and left a transaction open."""
    assert day.run("calm") == ExitCode.DONE
    open_store(day.url("busy")).close()
    other = sqlite3.connect(day.folder / "busy.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert day.run("busy") == ExitCode.RUN_FAILED
    assert "another program keeps the database locked" in day.zygote.output
    other.execute("ROLLBACK")
    other.close()
    assert day.run("busy") == ExitCode.DONE
    assert store_digest(day.url("busy")) == store_digest(day.url("calm"))


def test_a_stream_that_was_cut_between_two_runs_is_refused(day):
    assert day.run("main") == ExitCode.DONE
    events = day.folder / "events.jsonl"
    events.write_bytes(events.read_bytes()[:1000])
    assert day.run("main") == ExitCode.BAD_INPUT
    assert "has 1000 bytes, but" in day.zygote.output
