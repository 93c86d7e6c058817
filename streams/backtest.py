"""One prequential pass over recorded events: the very same source, codec, intake and room as a live run.

Nothing is stored. The pass keeps what a score needs: every order, its first predicted-late warning and what became
of it, its first stage-overdue warning, and the probabilities at set horizons ahead of the promise.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from radar.batch import Batch, Counters, DeadLetter
from radar.events import Event
from radar.instant import EARLIEST, Instant
from radar.orders import Order
from radar.outputs import Change, Output, WarningKind
from radar.policies_beside import FirstAlarm
from radar.probing import Answer, ProbedRoom
from radar.rules import Rules
from streams.recorded import SHOWN_LETTERS_MAX, Begin, Progress, batches
from streams.specs import Spec


class Warned(msgspec.Struct, gc=False):
    """The first predicted-late warning of an order."""

    warning_id: str
    at: Instant
    late_probability: float | None
    withdrawn_at: Instant | None = None


@dataclass(slots=True)
class Replay:
    """What a pass found."""

    orders: dict[str, Order]
    """Every order placed, as it stood at the end."""
    answers: list[Answer]
    alarms: dict[str, dict[str, FirstAlarm]] = field(default_factory=dict)
    """By policy, the rules' own and their named ones beside it, the first alarm of each order."""
    warned: dict[str, Warned] = field(default_factory=dict)
    overdue: dict[str, Instant] = field(default_factory=dict)
    """Order -> its first stage-overdue warning."""
    raised: Counter[str] = field(default_factory=Counter)
    """Warnings raised, by kind."""
    dead: Counter[str] = field(default_factory=Counter)
    """Dead letters, by reason."""
    letters: list[DeadLetter] = field(default_factory=list)
    """The first few of them."""
    counters: Counters = field(default_factory=Counters)
    end_at: Instant = EARLIEST
    """The clock at the end: just past the last event."""


@dataclass(frozen=True, slots=True)
class Onlookers:
    """Who is told what while a pass goes on.

    Attributes:
        on_progress: Called about twice a second.
        on_event: Shown every event, in order and each once, as it is applied.
        begin: Gives the room its experience; None lets it begin knowing nothing.
    """

    on_progress: Progress
    on_event: Callable[[Event], None] | None = None
    begin: Begin | None = None


def replay(
    specs: Sequence[Spec], rules: Rules, lateness_us: int, horizons_us: Sequence[int], onlookers: Onlookers
) -> Replay:
    """Carry recorded streams, merged by time, through a room of these rules and return what a score needs.

    Args:
        specs: Files, each a stream of one partition; bad lines are counted, never fatal.
        rules: What the room goes by.
        lateness_us: How far behind the largest event time an event may come and still be put in order.
        horizons_us: How long before the promise probabilities are noted.
        onlookers: Who is told what.

    Raises:
        InputError: A file cannot be read to its end.
    """
    room = ProbedRoom(rules, horizons_us, onlookers.on_event)
    found = Replay(room.book, room.answers, room.alarms)
    for batch in batches(specs, room, lateness_us, onlookers.begin):
        _note(found, batch)
        onlookers.on_progress(found.counters, found.end_at)
    return found


def _note(found: Replay, batch: Batch) -> None:
    """Keep of a batch what the score needs."""
    for output in batch.outputs:
        _note_warning(found, output)
    for letter in batch.dead_letters:
        found.dead[letter.reason] += 1
        if len(found.letters) < SHOWN_LETTERS_MAX:
            found.letters.append(letter)
    found.counters = batch.checkpoint.counters
    found.end_at = batch.checkpoint.clock


def _note_warning(found: Replay, output: Output) -> None:
    if output.change is Change.RAISED:
        found.raised[output.kind.value] += 1
        if output.kind is WarningKind.STAGE_OVERDUE:
            found.overdue.setdefault(output.entity, output.at)
        elif output.kind is WarningKind.PREDICTED_LATE and output.entity not in found.warned:
            found.warned[output.entity] = Warned(output.warning_id, output.at, output.late_probability)
    elif output.change is Change.WITHDRAWN:
        first = found.warned.get(output.entity)
        if first is not None and first.warning_id == output.warning_id and first.withdrawn_at is None:
            first.withdrawn_at = output.at
