"""`radar simulate`: play a network, write what its systems would have reported as a log that `radar run` reads."""

import gzip
import hashlib
import io
import sys
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
import msgspec

from console.options import OUT_FILE
from radar.errors import InputError
from radar.events import Event
from streams.codec import encode

if TYPE_CHECKING:
    from scenarios.catalog import Scenario
    from scenarios.network import Network
    from twin.compile import Compiled
    from twin.mistakes import BadReport
    from twin.truth import Truth

MANIFEST_VERSION = 1
GZIP_LEVEL = 6


class LogManifest(msgspec.Struct):
    """What a log was made of, so that it can be made again, byte for byte."""

    version: int
    made_by: str
    network: str
    network_sha256: str
    scenarios: dict[str, str]
    """Name -> SHA-256 of its content."""
    seed: int
    days: int
    run_id: str
    orders: int
    events: int
    bad_lines: int
    """Lines that are no events: what the mistakes of a scenario made of them."""
    log_sha256: str
    """Of the lines, not of their compressed form."""


class LogWriter:
    """Writes events as lines and keeps their hash; the file takes its name only when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.bad_lines = 0
        self._hash = hashlib.sha256()
        self._part = path.with_name(path.name + ".part")
        self._stack = ExitStack()
        try:
            self._file = self._opened()
        except OSError as error:
            raise InputError.at(str(path), "", f"cannot be written: {error.strerror}") from error

    def write(self, event: Event) -> None:
        """Write one event."""
        self._write(encode(event))

    def write_bad(self, report: "BadReport") -> None:
        """Write what arrived in place of an event."""
        self.bad_lines += 1
        self._write(report.line(encode(report.event)))

    def _write(self, said: bytes) -> None:
        line = said + b"\n"
        self._hash.update(line)
        self._file.write(line)
        self.lines += 1

    def close(self) -> str:
        """Give the file its name and return the hash of its lines."""
        self._stack.close()
        self._part.replace(self.path)
        return self._hash.hexdigest()

    def __enter__(self) -> "LogWriter":
        return self

    def __exit__(self, *_how: object) -> None:
        """Leave nothing behind that is not whole."""
        self._stack.close()
        self._part.unlink(missing_ok=True)

    def _opened(self) -> IO[bytes]:
        raw = self._stack.enter_context(self._part.open("wb"))
        if self.path.suffix != ".gz":
            return raw
        # No name and no time in the header: the same run gives the same bytes.
        packed = gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=raw, mtime=0)
        return self._stack.enter_context(io.BufferedWriter(self._stack.enter_context(packed), 1 << 16))


@click.command("simulate")
@click.argument("network")
@click.option("--scenario", "scenarios", multiple=True, metavar="S", help="Scenario by name or file; repeatable.")
@click.option("--days", type=click.IntRange(1, 3650), metavar="N", help="Days to play [the network's own].")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="Of all chance.")
@click.option(
    "--out",
    type=OUT_FILE,
    required=True,
    metavar="F.jsonl[.gz]",
    help="The log; what it was made of goes to F.manifest.json beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as one JSON object.")
def simulate(network: str, scenarios: tuple[str, ...], days: int | None, seed: int, out: Path, as_json: bool) -> None:
    """Play a network and write the events its systems report.

    NETWORK is a packaged one by name, or a YAML file. The same network, scenarios, days and seed give the same log.
    Lines stand in the order in which they were recorded.
    """
    from scenarios.catalog import load_scenario
    from scenarios.network import load_network, network_path

    loaded = load_network(network)
    digest = hashlib.sha256(network_path(network).read_bytes()).hexdigest()
    stories = [load_scenario(name) for name in scenarios]
    length = days or loaded.days
    with LogWriter(out) as writer:
        truth, run_id = _play(loaded, _compiled(loaded, stories, seed, length), seed, length, writer)
        manifest = LogManifest(
            version=MANIFEST_VERSION,
            made_by=f"order-radar {version('order-radar')}",
            network=loaded.name,
            network_sha256=digest,
            scenarios={story.name: story.digest for story in stories},
            seed=seed,
            days=length,
            run_id=run_id,
            orders=len(truth.orders),
            events=writer.lines - writer.bad_lines,
            bad_lines=writer.bad_lines,
            log_sha256=writer.close(),
        )
    _tell(manifest, out, as_json=as_json)


def _compiled(network: "Network", stories: "list[Scenario]", seed: int, days: int) -> "Compiled":
    from twin.chance import Chance
    from twin.compile import compile_scenarios
    from twin.context import epoch_of

    return compile_scenarios(stories, network, Chance(seed, 0), epoch_of(network), days)


def _play(network: "Network", compiled: "Compiled", seed: int, days: int, writer: LogWriter) -> "tuple[Truth, str]":
    """Run the world into the log, telling the days as they pass."""
    from twin.world import RunPlan, World

    plan = RunPlan(seed=seed, days=days, masks=compiled.masks, sink=writer.write, bad_sink=writer.write_bad)
    world = World(network, plan)
    is_terminal = sys.stderr.isatty()
    every = 1 if is_terminal else max(1, days // 4)

    def passed(day: int) -> None:
        if day % every == 0:
            end = "" if is_terminal else "\n"
            click.echo(f"\rday {day:>4} of {days}, {writer.lines:>10,} events{end}", err=True, nl=False)

    truth = world.run(passed)
    if is_terminal:
        click.echo("\r" + " " * 60 + "\r", err=True, nl=False)
    faults = truth.check()
    assert not faults, f"the books of the run do not balance: {faults[:3]}"
    return truth, world.context.feeds.run_id


def _tell(manifest: LogManifest, out: Path, *, as_json: bool) -> None:
    raw = msgspec.json.encode(manifest)
    out.with_name(out.name + ".manifest.json").write_bytes(msgspec.json.format(raw, indent=2) + b"\n")
    if as_json:
        click.echo(raw.decode())
    else:
        bad = f", {manifest.bad_lines:,} bad lines" if manifest.bad_lines else ""
        what = f"{manifest.orders:,} orders, {manifest.events:,} events{bad}"
        click.echo(f"{what} in {out} (log {manifest.log_sha256[:12]})")
