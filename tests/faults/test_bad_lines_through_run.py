"""Every bad line and every bad file through the whole command: put aside for its reason, and nothing good is lost."""

import gzip
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from console.cli import main
from console.exits import DEBUG_VARIABLE, ExitCode
from radar.intake import LINE_MAX
from streams.store import open_store
from streams.store.digest import store_digest
from tests.bad_files import bad_files
from tests.bad_input import bad_lines, good_line

pytestmark = pytest.mark.req("R48", "R51")

BAD = bad_lines()
FILES = bad_files()
ENGINES = ("plain", "bytewax")


class Found(NamedTuple):
    """What a run left behind."""

    code: int
    said: str
    """On standard error."""
    url: str

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as store:
            return store.execute(sql).fetchall()

    def letters(self) -> list[tuple[object, ...]]:
        return self.ask("SELECT stream, offset, reason, line FROM dead_letters ORDER BY stream, offset")

    def ledger(self) -> tuple[object, ...]:
        return self.ask("SELECT lines, applied, duplicates, dead, pending FROM counters")[0]


Runner = Callable[..., Found]


@pytest.fixture
def run(tmp_path, capsys, monkeypatch) -> Runner:
    """A function that runs files into a store of their own."""
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)

    def run(files: Iterable[Path], engine: str, name: str = "radar") -> Found:
        url = f"sqlite:///{tmp_path / name}.db"
        sources = [part for path in files for part in ("--from", str(path))]
        capsys.readouterr()
        code = main(["run", *sources, "--store", url, "--until-eof", "--engine", engine])
        return Found(code, capsys.readouterr().err, url)

    return run


def mixed(path: Path) -> Mapping[int, int]:
    """Write a good line before each bad one and one at the end; return each bad line's offset and number."""
    offsets: dict[int, int] = {}
    with path.open("wb") as file:
        for number, bad in enumerate(BAD):
            file.write(good_line(number) + b"\n")
            offsets[file.tell()] = number
            file.write(bad.line + b"\n")
        file.write(good_line(len(BAD)) + b"\n")
    return offsets


def test_every_bad_line_is_put_aside_for_its_reason_and_every_good_event_is_applied(run, tmp_path):
    offsets = mixed(tmp_path / "events.jsonl")
    found = {engine: run([tmp_path / "events.jsonl"], engine, engine) for engine in ENGINES}
    good = len(BAD) + 1
    for engine in ENGINES:
        assert (found[engine].code, found[engine].said) == (ExitCode.DONE, "")
        letters = found[engine].letters()
        assert {BAD[offsets[int(str(at))]].name: reason for _, at, reason, _ in letters} == {
            bad.name: bad.reason for bad in BAD
        }
        assert all(line == BAD[offsets[int(str(at))]].line[:LINE_MAX] for _, at, _, line in letters)
        assert found[engine].ledger() == (good + len(BAD), good, 0, len(BAD), 0)
        assert found[engine].ask("SELECT count(*) FROM orders WHERE order_id LIKE 'SO-GOOD-%'") == [(good,)]
    tables = ("orders", "warnings", "warning_changes", "machine_rows", "dead_letters")
    assert store_digest(found["plain"].url, tables) == store_digest(found["bytewax"].url, tables)


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_what_is_whole_in_a_damaged_file_reaches_the_store(run, tmp_path, file):
    path = tmp_path / "events.jsonl"
    path.write_bytes(file.content)
    open_store(f"sqlite:///{tmp_path / 'radar.db'}").close()
    found = run([path], "plain")
    assert (found.code, found.said) == (ExitCode.DONE, "")
    assert [reason for _, _, reason, _ in found.letters()] == file.reasons
    lines, applied, duplicates, dead, pending = (int(str(count)) for count in found.ledger())
    assert (applied + duplicates, dead, pending) == (file.events, len(file.reasons), 0)
    assert lines == applied + duplicates + dead


@pytest.mark.parametrize("engine", ENGINES)
def test_all_damaged_files_in_one_run_keep_out_of_each_others_way(run, tmp_path, engine):
    paths = [tmp_path / f"{number:02}.jsonl" for number in range(len(FILES))]
    for path, file in zip(paths, FILES, strict=True):
        path.write_bytes(file.content)
    found = run(paths, engine)
    assert (found.code, found.said) == (ExitCode.DONE, "")
    assert Counter(Path(str(stream)).name for stream, _, _, _ in found.letters()) == {
        path.name: len(file.reasons) for path, file in zip(paths, FILES, strict=True) if file.reasons
    }
    lines, applied, duplicates, dead, pending = (int(str(count)) for count in found.ledger())
    assert (applied, pending) == (3, 0)
    assert applied + duplicates == sum(file.events for file in FILES)
    assert dead == sum(len(file.reasons) for file in FILES) == lines - applied - duplicates


WHOLE = b"".join(good_line(number) + b"\n" for number in range(200))
PACKED = gzip.compress(WHOLE, mtime=0)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("torn.jsonl.gz", PACKED[:-9], "the gzip file ends too early"),
        ("header.jsonl.gz", PACKED[:5], "the gzip file ends too early"),
        ("empty.jsonl.gz", b"", "the gzip file ends too early"),
        ("plain.jsonl.gz", WHOLE, "the gzip file is damaged after 0 bytes"),
        ("damaged.jsonl.gz", PACKED[:900] + b"\xff" * 200 + PACKED[1100:], "the gzip file"),
        ("junk-behind.jsonl.gz", PACKED + b"junk", "the gzip file is damaged"),
        ("wrong-sum.jsonl.gz", PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "the gzip file is damaged"),
    ],
)
def test_a_broken_packed_file_ends_with_one_line_and_loses_nobody_elses_events(
    run, tmp_path, engine, name, content, said
):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "whole.jsonl").write_bytes(b"".join(good_line(number) + b"\n" for number in range(1000, 1003)))
    found = run([tmp_path / name, tmp_path / "whole.jsonl"], engine)
    assert found.code == ExitCode.BAD_INPUT
    (line,) = found.said.splitlines()
    assert name in line
    assert said in line
    assert found.ask("SELECT count(*) FROM orders WHERE order_id LIKE 'SO-GOOD-100_'") == [(3,)]


def test_a_pipe_that_has_a_name_is_refused_before_a_byte_is_taken_from_it(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = run([tmp_path / "pipe"], "plain")
    assert found.code == ExitCode.BAD_INPUT
    assert "is a pipe or a device" in found.said
    assert "- for standard input" in found.said


def test_a_file_that_may_not_be_read_is_told_in_one_line(run, tmp_path):
    path = tmp_path / "secret.jsonl"
    path.write_bytes(WHOLE)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    found = run([path], "plain")
    assert found.code == ExitCode.BAD_INPUT
    assert "cannot be read: Permission denied" in found.said
