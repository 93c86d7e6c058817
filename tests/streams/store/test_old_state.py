"""A store whose state another version wrote: one line, exit code 2, and the store as it was."""

import sqlite3
from contextlib import closing

import msgspec
import pytest

from console.cli import main
from console.exits import ExitCode
from tests.bad_input import good_line

pytestmark = pytest.mark.req("R48")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.jsonl").write_bytes(b"".join(good_line(number) + b"\n" for number in range(3)))
    assert main(RUN) == ExitCode.DONE
    return tmp_path


RUN = ("run", "--from", "events.jsonl", "--store", "sqlite:///radar.db", "--until-eof", "--engine", "plain")
COMMANDS = {
    "run": RUN,
    "explain": ("explain", "SO-GOOD-1", *RUN[3:5]),
    "deadletter replay": ("deadletter", "replay", *RUN[3:5]),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", [msgspec.msgpack.encode([1, 2]), msgspec.msgpack.encode([99] * 60), b"", b"\xc1"])
def test_it_is_refused_in_one_line(place, capsys, command, state):
    with closing(sqlite3.connect(place / "radar.db", isolation_level=None)) as store:
        store.execute("UPDATE orders SET state = ?", (state,))
        before = store.execute("SELECT * FROM counters").fetchall()
    capsys.readouterr()
    assert main(COMMANDS[command]) == ExitCode.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "--store: sqlite:///radar.db: keeps the state of another version of Order Radar" in line
    with closing(sqlite3.connect(place / "radar.db")) as store:
        assert store.execute("SELECT * FROM counters").fetchall() == before
