"""The scope watch: what is heard from whole systems, not from one order (R08, R11).

Today: whether each source still speaks. Past its limit a warning is raised, stamped with the instant the limit ran out,
and resolved by the next word. The limit is told by the source's heartbeats or by the rules. A source of which neither
says anything is judged by its own rhythm, and not before that is known: its limit is the default, or twice the widest
gap it made while it was not silent. A storm's alerts do not promise one for tomorrow.

It also tells which milestones nobody is left to speak of (``silence``): while their source says nothing, nothing is
known of them. A source that stands still and says so by its heartbeats is not silent.
"""

from collections.abc import Iterable, Sequence

import msgspec

from radar.batch import Feed
from radar.events import Event
from radar.events.world import SourceHeartbeat
from radar.fold import FOLDS, MILESTONES
from radar.instant import EARLIEST, LATEST, SECOND_US, Instant
from radar.marks import is_remembered, remember
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningChange, WarningKind
from radar.rules import Rules
from radar.stages import STAGE_COUNT
from radar.wording import reason

MACHINE = "scopes"
RHYTHM = 2
"""Widest gaps a source may be silent for that tells no limit."""
KNOWN_EVENTS, KNOWN_SPANS = 30, 7
"""Its rhythm is known once it was heard so often over one default limit, or over so many default limits."""
UNHEARD = 0.5
"""Share of the limit told by heartbeats after which nothing is taken for known of what a source speaks of."""


class _Source(msgspec.Struct, array_like=True, gc=False):
    version: int
    name: str
    events: int
    last_at: Instant
    limit_us: int
    silent_due: Instant = EARLIEST
    """When the standing silence warning came due; ``EARLIEST`` while the source speaks."""
    seen: bytes = b""
    """Marks of its latest events that belong to no order: the orders remember their own."""
    is_told: bool = False
    """Whether the rules or its heartbeats tell the limit; else ``limit_us`` is the default."""
    first_at: Instant = EARLIEST
    widest_us: int = 0
    """Widest gap between two words of it while it was not silent."""
    stages: list[int] = []
    """Milestones it was heard to tell."""
    has_beats: bool = False
    """Whether its heartbeats tell the limit."""


class ScopeWatch:
    """Source systems and their silence."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._sources: dict[str, _Source] = {}
        self._dirty: set[str] = set()
        self._feeds_dirty: set[str] = set()
        self._clock: Instant = EARLIEST
        self.floor: Instant = LATEST
        """No source falls silent before this; a bound, not the exact time."""

    def observe(self, event: Event) -> Sequence[Output]:
        """Note that the source of an event spoke."""
        time = event.time
        out: list[Output] = []
        if time > self.floor:
            self._fire(time, out)
        if time > self._clock:  # noqa: PLR1730 - no call on the hot path
            self._clock = time
        source = self._sources.get(event.source)
        if source is None:
            source = self._new(event.source)
        source.events += 1
        kind = type(event.data)
        if kind not in FOLDS:
            _note(source, event)
        elif kind in MILESTONES and MILESTONES[kind] not in source.stages:
            source.stages.append(MILESTONES[kind])
        if time > source.last_at:
            if not source.is_told:
                _follow_rhythm(source, time)
            source.last_at = time
        self._dirty.add(source.name)
        if source.silent_due != EARLIEST and self._silent_at(source) >= self._clock:
            why = (reason("source.heard", source=source.name),)
            out.append(self._change(source, Change.RESOLVED, self._clock, why))
            source.silent_due = EARLIEST
        if source.silent_due == EARLIEST and source.last_at + source.limit_us < self.floor:
            self.floor = min(self.floor, self._silent_at(source))
        return out

    def has_seen(self, event: Event) -> bool:
        """Return whether this event of no order was applied already (asked for late arrivals only)."""
        source = self._sources.get(event.source)
        return source is not None and is_remembered(source.seen, event)

    def advance(self, now: Instant) -> Sequence[Output]:
        """Warn of the sources whose limit ran out strictly before ``now``."""
        out: list[Output] = []
        if now > self.floor:
            self._fire(now, out)
        self._clock = max(self._clock, now)
        return out

    def next_due(self) -> Instant | None:
        """Return a time before which no source falls silent."""
        return None if self.floor == LATEST else self.floor

    def silence(self, at: Instant) -> list[int]:
        """Return how long ago each milestone could last have been told: 0 while a source that tells it speaks."""
        found: list[int] = [LATEST] * STAGE_COUNT
        for source in self._sources.values():
            age_us = at - source.last_at
            is_unheard = source.silent_due != EARLIEST or (source.has_beats and age_us > UNHEARD * source.limit_us)
            for stage in source.stages:
                found[stage] = min(found[stage], age_us if is_unheard else 0)
        return [0 if age_us == LATEST else age_us for age_us in found]

    def take_feeds(self) -> list[Feed]:
        """Return what is known of the sources heard since last asked."""
        feeds = [
            Feed(source.name, source.events, source.last_at, is_silent=source.silent_due != EARLIEST)
            for source in map(self._sources.__getitem__, sorted(self._feeds_dirty | self._dirty))
        ]
        self._feeds_dirty.clear()
        return feeds

    def take_dirty(self) -> list[Row]:
        """Return the rows of the sources changed since last asked."""
        rows: list[Row] = [
            StateRow(MACHINE, name, msgspec.msgpack.encode(self._sources[name])) for name in sorted(self._dirty)
        ]
        self._feeds_dirty |= self._dirty
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore the sources."""
        for row in rows:
            assert isinstance(row, StateRow)
            source = msgspec.msgpack.decode(row.state, type=_Source)
            self._sources[source.name] = source
            # The clock as it stood: the last event heard, or just past the last silence said.
            self._clock = max(self._clock, source.last_at, Instant(source.silent_due + 1))
            if source.silent_due == EARLIEST:
                self.floor = min(self.floor, self._silent_at(source))

    def _new(self, name: str) -> _Source:
        silence = self._rules.silence
        limit_us = silence.source_us.get(name, silence.source_default_us)
        source = self._sources[name] = _Source(1, name, 0, EARLIEST, limit_us, is_told=name in silence.source_us)
        return source

    def _silent_at(self, source: _Source) -> Instant:
        limit_us = source.limit_us
        if not source.is_told and limit_us:
            span_us = source.last_at - source.first_at
            if span_us < limit_us * (1 if source.events >= KNOWN_EVENTS else KNOWN_SPANS):
                return LATEST
            limit_us = max(limit_us, RHYTHM * source.widest_us)
        return Instant(source.last_at + limit_us) if limit_us else LATEST

    def _fire(self, now: Instant, out: list[Output]) -> None:
        speaking = [source for source in self._sources.values() if source.silent_due == EARLIEST]
        due = sorted((self._silent_at(source), source.name) for source in speaking if self._silent_at(source) < now)
        for silent_at, name in due:
            source = self._sources[name]
            source.silent_due = silent_at
            self._dirty.add(name)
            why = (reason("source.silent", source=name, heard_at=source.last_at, limit_us=silent_at - source.last_at),)
            out.append(self._change(source, Change.RAISED, max(self._clock, silent_at), why))
        still = (self._silent_at(source) for source in speaking if source.silent_due == EARLIEST)
        self.floor = min(still, default=LATEST)

    def _change(self, source: _Source, change: Change, at: Instant, why: tuple[Reason, ...]) -> WarningChange:
        return WarningChange(
            warning_id=f"{WarningKind.SOURCE_SILENT}:{source.name}:{source.silent_due}",
            sequence=0 if change is Change.RAISED else 1,
            change=change,
            kind=WarningKind.SOURCE_SILENT,
            entity=f"source:{source.name}",
            rule="silence",
            level=Level.WARNING,
            due_at=source.silent_due,
            at=at,
            reasons=why,
        )


def _follow_rhythm(source: _Source, time: Instant) -> None:
    if source.last_at == EARLIEST:
        source.first_at = time
    elif source.silent_due == EARLIEST:
        source.widest_us = max(source.widest_us, time - source.last_at)


def _note(source: _Source, event: Event) -> None:
    """Remember an event of no order, and what a heartbeat tells."""
    source.seen = remember(source.seen, event)
    if type(event.data) is SourceHeartbeat:
        _follow_heartbeat(source, event.data)


def _follow_heartbeat(source: _Source, data: SourceHeartbeat) -> None:
    source.is_told = source.has_beats = True
    if data.next_within_s is not None:
        source.limit_us = int(data.next_within_s * SECOND_US)
