"""Killed anywhere, any number of times, and started again: the same store, the same file, the ledger balanced."""

import random
import sqlite3
from pathlib import Path

import pytest

from benchmarks.event_mix import events
from radar.instant import HOUR_US
from streams.codec import encode
from streams.crashpoints import LABELS
from streams.store import open_reader
from streams.store.digest import store_digest
from streams.summary import read_ledger
from tests.faults.conftest import KILLED, Zygote

pytestmark = pytest.mark.req("R48")
TABLES = ("orders", "warnings", "warning_changes", "machine_rows", "dead_letters", "feeds", "counters")
STARTS_MAX = 400


def messy_lines(seed: int) -> list[bytes]:
    """Return a stream with everything in it: disorder, repetition, late news, wrong clocks, rubbish."""
    luck = random.Random(seed)
    told = sorted(events(25, orders_a_day=40), key=lambda event: event.time + luck.randrange(HOUR_US))
    lines = [encode(event) + b"\n" for event in told for _ in range(1 + (luck.random() < 0.1))]
    for _ in range(12):
        lines.insert(luck.randrange(len(lines)), lines[luck.randrange(len(lines) // 2)])
        lines.insert(luck.randrange(len(lines)), b'{"torn": ' + str(luck.random()).encode() + b"\n")
    lines.insert(len(lines) // 2, lines[10].replace(b"2024-", b"2094-"))
    return lines


def written(folder: Path, lines: list[bytes], form: str) -> list[str]:
    """Write the lines in a form and return the options that read them."""
    third = len(lines) // 3
    parts = {
        "file": [lines],
        "journal": [lines[:third], lines[third : 2 * third], lines[2 * third :]],
        "merged": [lines[start::3] for start in range(3)],
    }[form]
    folder.mkdir()
    paths = [folder / f"{number}.jsonl" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(b"".join(part))
    named = [folder] if form == "journal" else paths
    return [word for path in named for word in ("--from", str(path))]


class Campaign:
    """One stream, run through once undisturbed, and once under fire."""

    def __init__(self, zygote: Zygote, folder: Path, engine: str, form: str = "file") -> None:
        """Write the stream as one file, as the files of a journal, or as files to be merged, and run it calmly."""
        self.zygote = zygote
        self.folder = folder
        self._options = ["--until-eof", "--epoch", "0s", "--block-lines", "8", "--engine", engine]
        lines = messy_lines(seed=1)
        self._sources = written(folder / "stream", lines, form)
        self.line_count = len(lines)
        assert self.run("calm") == 0, zygote.output

    def run(self, name: str, crash_at: str = "", kill_after_s: float | None = None) -> int:
        url = f"sqlite:///{self.folder / name}.db"
        out = str(self.folder / f"{name}.out.jsonl")
        arguments = ["run", *self._sources, "--store", url, "--out", out, *self._options]
        code = self.zygote.radar(arguments, crash_at, kill_after_s)
        assert code in (0, KILLED), self.zygote.output
        return code

    def digest(self, name: str) -> str:
        return store_digest(f"sqlite:///{self.folder / name}.db", TABLES)

    def check(self, name: str) -> None:
        """Hold the store and the file of a disturbed run against the calm ones."""
        engine = open_reader(f"sqlite:///{self.folder / name}.db")
        ledger = read_ledger(engine)
        engine.dispose()
        assert (ledger.lines, ledger.pending, ledger.is_balanced) == (self.line_count, 0, True)
        assert ledger.dead >= 12
        assert ledger.duplicates > 12
        assert self.digest(name) == self.digest("calm")
        calm, fired = (self.folder / f"{one}.out.jsonl" for one in ("calm", name))
        assert fired.read_bytes() == calm.read_bytes()


@pytest.mark.parametrize("engine", ["plain", "bytewax"])
def test_killed_at_every_label_the_store_is_the_same(zygote, tmp_path, engine):
    campaign = Campaign(zygote, tmp_path, engine)
    kills_before = zygote.kills
    for label in LABELS:
        assert campaign.run("fired", f"{label}:3") == KILLED, f"{label} was never passed"
    while campaign.run("fired", "after-commit:6") == KILLED:
        assert zygote.kills - kills_before < STARTS_MAX
    campaign.check("fired")
    assert zygote.kills - kills_before >= 10


@pytest.mark.parametrize("seed", range(2))
def test_killed_from_outside_the_store_is_the_same(zygote, tmp_path, seed):
    campaign = Campaign(zygote, tmp_path, "bytewax")
    assert fire_at_random(campaign, random.Random(seed), kills=3) >= 3
    campaign.check("fired")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["file", "journal", "merged"])
@pytest.mark.parametrize("seed", range(4))
def test_a_long_campaign_of_kills_ends_in_the_same_store(zygote, tmp_path, seed, form):
    luck = random.Random(seed)
    campaign = Campaign(zygote, tmp_path, ["plain", "bytewax"][seed % 2], form)
    kills = 0
    for _ in range(8):
        kills += campaign.run("fired", f"{luck.choice(LABELS)}:{luck.randint(1, 6)}") == KILLED
    kills += fire_at_random(campaign, luck, kills=6)
    campaign.check("fired")
    assert kills >= 12


def fire_at_random(campaign: Campaign, luck: random.Random, kills: int) -> int:
    """Kill at random moments until there were enough kills, then let the run end; return the kills."""
    done, longest_s = 0, 0.12
    for _ in range(STARTS_MAX):
        if campaign.run("fired", kill_after_s=luck.uniform(0.01, longest_s)) == 0:
            return done if done >= kills else done + _again(campaign)
        done += 1
        if done >= kills:
            break
    assert campaign.run("fired") == 0
    return done


def _again(campaign: Campaign) -> int:
    """Start the finished run once more: it must find nothing to do."""
    before = campaign.digest("fired")
    assert campaign.run("fired") == 0
    assert campaign.digest("fired") == before
    return 0


def test_the_stream_under_fire_has_everything_in_it(zygote, tmp_path):
    campaign = Campaign(zygote, tmp_path, "plain")
    with sqlite3.connect(tmp_path / "calm.db") as connection:
        reasons = {row[0] for row in connection.execute("SELECT DISTINCT reason FROM dead_letters")}
        kinds = {row[0] for row in connection.execute("SELECT DISTINCT kind FROM warnings")}
    campaign.check("calm")
    assert {"bad-json", "ahead-of-stream"} <= reasons
    assert len(kinds) >= 3
