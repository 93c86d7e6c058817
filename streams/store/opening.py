"""Open a store by its URL: one writer, many readers."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Connection, Engine

from radar.batch import Checkpoint
from radar.errors import InputError
from radar.instant import EARLIEST, Instant
from radar.outputs import Row
from streams.heads import Head
from streams.store.failures import telling
from streams.store.heads import read_heads
from streams.store.lock import WriterLock
from streams.store.migrate import found_version, upgrade
from streams.store.restore import read_checkpoint, read_dead_ahead, read_positions, read_rows
from streams.store.runs import Manifest, begin_run, end_run
from streams.store.schema import STORE_VERSION
from streams.store.sqlite import sqlite_engine
from streams.store.writer import StoreWriter

ALLOWED = "allowed: sqlite:///file.db"


class Store:
    """A store this process alone may write; close it to let the next one in."""

    def __init__(self, engine: Engine, place: str, lock: WriterLock) -> None:
        self.engine = engine
        self.place = place
        self._lock = lock

    def writer(self, partition: str) -> StoreWriter:
        """Return the writer of a partition's batches."""
        with telling(self.place):
            return StoreWriter(self.engine, partition, self.place)

    def load_checkpoint(self, partition: str, remember_us: int) -> tuple[Checkpoint, Iterable[Row]]:
        """Return where a partition's reading stands, and the rows that restore its machines (read lazily).

        Args:
            partition: The source partition.
            remember_us: Orders closed longer ago than this, by the partition's clock, stay on disk only.
        """
        with telling(self.place):
            checkpoint = read_checkpoint(self.engine, partition)
            since = Instant(max(EARLIEST, checkpoint.clock - remember_us))
            return checkpoint, read_rows(self.engine, partition, since)

    def heads(self, partition: str) -> dict[str, Head]:
        """Return what the streams of a partition began with when they were read."""
        with telling(self.place):
            return read_heads(self.engine, partition)

    def dead_ahead(self, partition: str) -> list[tuple[str, int]]:
        """Return stream and offset of the dead letters whose lines a restart reads again."""
        with telling(self.place):
            return read_dead_ahead(self.engine, partition)

    def written_length(self, path: str) -> int | None:
        """Return how many bytes of a written file are committed (``streams.jsonl_out``), None for a new one."""
        position = {one.stream: one for one in read_positions(self.engine, "out")}.get(path)
        return position.read_offset if position else None

    def begin_run(self, manifest: Manifest) -> int:
        """Return the id of a new run; earlier ones that never ended are marked as crashed."""
        with telling(self.place):
            return begin_run(self.engine, manifest)

    def end_run(self, run_id: int, status: str, message: str = "") -> None:
        """Note how a run ended."""
        with telling(self.place):
            end_run(self.engine, run_id, status, message)

    def close(self) -> None:
        """Give the database and the lock back."""
        self.engine.dispose()
        self._lock.release()


def open_store(url: str) -> Store:
    """Return the store of a URL for writing, made or upgraded where needed.

    Raises:
        InputError: The URL, the file or its version is wrong, or another process writes it.
        RunFailedError: The disk is full or the database stays busy.
    """
    path = sqlite_path(url)
    if not path.parent.is_dir():
        raise InputError.at("--store", url, f"folder {path.parent} does not exist", ALLOWED)
    if path.is_dir():
        raise InputError.at("--store", url, "is a folder", ALLOWED)
    with ExitStack() as undo:
        lock = WriterLock(path)
        lock.take()
        undo.callback(lock.release)
        engine = sqlite_engine(path)
        undo.callback(engine.dispose)
        with telling(url), engine.begin() as connection:
            upgrade(connection, url)
        undo.pop_all()
    return Store(engine, url, lock)


def open_reader(url: str) -> Engine:
    """Return an engine that reads a store, also while another process writes it; ``dispose`` it afterwards.

    Raises:
        InputError: There is no such store, or it is of another version.
    """
    path = sqlite_path(url)
    if not path.is_file():
        raise InputError.at("--store", url, "there is no such store", "allowed: one that `radar run` wrote")
    engine = sqlite_engine(path, is_reader=True)
    with telling(url), engine.connect() as connection:
        _check_version(connection, url)
    return engine


def sqlite_path(url: str) -> Path:
    """Return the file of a store URL.

    >>> sqlite_path("sqlite:///radar.db")
    PosixPath('radar.db')
    """
    scheme, separator, rest = url.partition(":///")
    if scheme.startswith("postgresql"):
        raise InputError.at("--store", url, "PostgreSQL is not in this version yet", ALLOWED)
    if scheme != "sqlite" or not separator or rest in ("", ":memory:") or "\0" in rest:
        raise InputError.at("--store", url, "is no store this radar can write", ALLOWED)
    path = Path(rest)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return path  # what may be missing is the caller's to say
    except OSError as error:
        raise InputError.at("--store", url, f"cannot be opened: {error.strerror}", ALLOWED) from error
    return path


def _check_version(connection: Connection, url: str) -> None:
    found = found_version(connection, url)
    if found != STORE_VERSION:
        raise InputError.at(
            "--store", url, f"is of version {found or 'none'}", f"allowed: {STORE_VERSION}; `radar run` upgrades it"
        )
