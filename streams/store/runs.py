"""The manifest of every run: enough to do it again."""

import json
import platform
import time
from importlib.metadata import version

import msgspec
from sqlalchemy import Engine, insert, update

from radar.instant import Instant
from streams.store.schema import runs

PACKAGES = ("bytewax", "msgspec", "numpy", "SQLAlchemy")


class Manifest(msgspec.Struct, frozen=True):
    """What a run was asked to do."""

    engine: str
    specs: tuple[str, ...]
    rules_hash: str = ""
    settings: dict[str, str] = {}


def begin_run(engine: Engine, manifest: Manifest) -> int:
    """Write the manifest of a run that starts now and return its id."""
    settings = {**manifest.settings, "python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    with engine.begin() as connection:
        connection.execute(update(runs).where(runs.c.status == "running").values(status="crashed"))
        row = {
            "status": "running",
            "started_at": wall_clock(),
            "version": version("order-radar"),
            "rules_hash": manifest.rules_hash,
            "engine": manifest.engine,
            "specs": json.dumps(manifest.specs),
            "settings": json.dumps(settings, sort_keys=True),
            "message": "",
        }
        key = connection.execute(insert(runs).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def end_run(engine: Engine, run_id: int, status: str, message: str) -> None:
    """Note how a run ended."""
    with engine.begin() as connection:
        ended = {"status": status, "ended_at": wall_clock(), "message": message}
        connection.execute(update(runs).where(runs.c.run_id == run_id).values(ended))


def wall_clock() -> Instant:
    """Return the time of the machine; the live side's one clock."""
    return Instant(time.time_ns() // 1000)
