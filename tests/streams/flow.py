"""Run the whole flow in a test: lines in, the store's digest out."""

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from radar.instant import HOUR_US
from radar.rules import Rules
from scenarios.rules import load_rules
from streams.pace import Pace
from streams.running import Run, RunSettings
from streams.specs import parse_spec
from streams.store import open_store
from streams.store.digest import store_digest
from streams.summary import RunSummary

EVENTS = "events.jsonl"


@cache
def _empty_store() -> Path:
    """Return a migrated store to copy: a migration takes longer than most tests."""
    path = Path(mkdtemp()) / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


class Flow:
    """A folder with one file of events and a store for every name asked for."""

    def __init__(self, folder: Path, rules: Rules | None = None) -> None:
        self.folder = folder
        self.rules = rules or load_rules()
        self.events = folder / EVENTS

    def url(self, name: str) -> str:
        path = self.folder / f"{name}.db"
        if not path.exists():
            shutil.copy(_empty_store(), path)
        return f"sqlite:///{path}"

    def write(self, lines: Sequence[bytes], name: str = EVENTS) -> Path:
        path = self.folder / name
        path.write_bytes(b"".join(lines))
        return path

    def run(  # one keyword a setting
        self,
        name: str,
        *,
        engine: str = "plain",
        pace: Pace | None = None,
        lateness_us: int = HOUR_US,
        specs: Sequence[str] = (),
        out: Path | None = None,
    ) -> RunSummary:
        settings = RunSettings(
            specs=tuple(parse_spec(text) for text in specs or (str(self.events),)),
            store_url=self.url(name),
            rules=self.rules,
            pace=pace or Pace(epoch_s=0.0),
            lateness_us=lateness_us,
            engine=engine,
            out=out,
        )
        return Run(settings).start()

    def digest(self, name: str) -> str:
        return store_digest(self.url(name))
