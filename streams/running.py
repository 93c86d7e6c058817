"""One run from start to end: open the store, go on from its checkpoint, carry the blocks, note how it ended."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from radar.errors import InputError, RadarError, StoppedError
from radar.intake import Intake
from radar.room import ControlRoom
from radar.rules import Rules
from streams.blocks import PARTITION
from streams.committer import Committer, Listener
from streams.jsonl_out import WarningLines
from streams.memory import paused_collection, settle_memory
from streams.model_files import Model
from streams.model_store import begin_with, move_before
from streams.pace import Pace
from streams.plain import run_plain
from streams.sources import FilesSource
from streams.specs import Spec, SpecKind
from streams.steps import DecodeStep, RoomStep
from streams.store import Store, open_store
from streams.store.failures import restoring
from streams.store.heads import HeadNotes
from streams.store.runs import Manifest
from streams.summary import RunSummary, summarise

Runner = Callable[[FilesSource, DecodeStep, RoomStep, Committer], None]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What ``radar run`` was asked for."""

    specs: tuple[Spec, ...]
    store_url: str
    rules: Rules
    pace: Pace
    lateness_us: int
    engine: str = "bytewax"
    out: Path | None = None
    manifest: dict[str, str] = field(default_factory=dict)
    """More settings to note with the run."""
    model: Model | None = None
    """What a new store begins with."""
    model_place: str = ""
    tell: Callable[[str], None] = lambda _said: None
    """Told what a person should know of the model."""
    owns_process: bool = False
    """Whether the run may tune the garbage collector of its process."""


class Run:
    """A run that can be stopped from outside."""

    def __init__(self, settings: RunSettings, listen: Listener | None = None) -> None:
        self._settings = settings
        self._listen = listen
        self._source: FilesSource | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """Ask the run to commit what it has read and end; safe to call from a signal handler."""
        self._is_stopped = True
        if self._source is not None:
            self._source.stop()

    def start(self) -> RunSummary:
        """Run to the end and return what the store then says.

        Raises:
            InputError: Input, store or settings are wrong; what could be read is committed.
            RunFailedError: The store could not be written.
            StoppedError: Somebody asked for it.
        """
        began_s, cpu_began_s = time.monotonic(), time.process_time()
        store = open_store(self._settings.store_url)
        with closing(store):
            with _Noted(store, self._manifest()):
                self._carry(store)
            return summarise(store.engine, time.process_time() - cpu_began_s, time.monotonic() - began_s)

    def _carry(self, store: Store) -> None:
        settings = self._settings
        if settings.model is not None:
            begin_with(store, settings.model, settings.model_place)
        checkpoint, rows = store.load_checkpoint(PARTITION, settings.rules.tombstone_us)
        positions = {position.stream: position for position in checkpoint.positions}
        heads = store.heads(PARTITION)
        source = FilesSource(settings.specs, positions, settings.pace, heads)
        self._source = source
        if self._is_stopped:
            source.stop()
        if (said := move_before(store, source.begins_at())) is not None:
            settings.tell(said)
        is_live = settings.pace.is_live or settings.pace.factor is not None
        intake = Intake(ControlRoom(settings.rules), (), settings.lateness_us, is_live=is_live)
        with paused_collection(), restoring(settings.store_url):
            intake.load(checkpoint, rows)
        room = RoomStep(intake, source.streams, store.dead_ahead(PARTITION))
        committer = self._committer(store, HeadNotes(PARTITION, source.begins, heads))
        try:
            if settings.owns_process:
                settle_memory()
            _runner(settings.engine)(source, DecodeStep(source.zones), room, committer)
        finally:
            committer.close()
            source.close()
        if source.failure is not None:
            raise source.failure
        if self._is_stopped:
            raise StoppedError("stopped; everything read is committed, the same command goes on from there")

    def _committer(self, store: Store, heads: HeadNotes) -> Committer:
        writer = store.writer(PARTITION)
        if self._settings.out is None:
            return Committer(writer, None, self._listen, heads)
        path = self._settings.out.resolve()
        length = store.written_length(str(path))
        lines = WarningLines(path, length)
        if length is None:
            writer.note(lines.note_length)  # ours from now on: what a kill leaves in it may be cut off
        return Committer(writer, lines, self._listen, heads)

    def _manifest(self) -> Manifest:
        settings = self._settings
        said = {
            "lateness_s": str(settings.lateness_us / 1e6),
            "epoch_s": str(settings.pace.epoch_s),
            "block_lines": str(settings.pace.block_lines),
            **settings.manifest,
        }
        return Manifest(settings.engine, tuple(spec.text for spec in settings.specs), settings.rules.version, said)


def check_specs(specs: tuple[Spec, ...]) -> None:
    """Refuse what cannot be one partition.

    Raises:
        InputError: A stream is named twice.
    """
    names = [spec.name for spec in specs]
    for spec in specs:
        if names.count(spec.name) > 1:
            what = "standard input" if spec.kind is SpecKind.STDIN else "the same file"
            raise InputError.at("--from", spec.text, f"{what} is named twice")


def _runner(engine: str) -> Runner:
    if engine == "plain":
        return run_plain
    # The engine's own web server listens on every address without a password: never.
    os.environ.pop("BYTEWAX_DATAFLOW_API_ENABLED", None)
    from streams.dataflow import run_bytewax

    return run_bytewax


class _Noted:
    """Notes the run in the store: its manifest when it starts, and how it ended."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._store = store
        self._manifest = manifest

    def __enter__(self) -> None:
        self._run_id = self._store.begin_run(self._manifest)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._store.end_run(self._run_id, "done")
            return
        ended = "stopped" if isinstance(error, StoppedError | KeyboardInterrupt) else "failed"
        try:
            self._store.end_run(self._run_id, ended, str(error))
        except (RadarError, OSError) as unwritten:
            # A full disk takes not even that; the next run marks this one as crashed.
            error.add_note(f"and the run's end could not be noted: {unwritten}")
