"""What the control room of an experiment knows beforehand: no real radar begins knowing nothing.

Before the replications the usual network, without any scenario, is played once, under a luck that no replication has,
for the days that end where the experiment begins: the same weekdays, sales and holidays of those dates. What a room
learned from it (``radar.experience``) is where the room of every arm begins; the arms' worlds begin empty all the
same. It is found once, by whoever starts the experiment, and handed to the workers as it is.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import msgspec

from radar.experience import experience
from radar.instant import Instant
from radar.outputs import StateRow
from radar.room import ControlRoom
from radar.rules import Rules
from scenarios.network import Network
from twin.context import epoch_of
from twin.world import RunPlan, World

LUCK = 100_000
"""Replication number of the experience: experiments count theirs from 0 and have no more than this."""


class Experience(msgspec.Struct, frozen=True):
    """Rows that a room begins with."""

    rows: tuple[StateRow, ...] = ()
    days: int = 0
    """How long it was gathered for; 0 where it was not gathered here."""
    model: str = ""
    """SHA-256 of the model file it was read from; "" for none."""
    weeks: int = 0
    """By how many weeks it was moved, so that it ends where the experiment begins."""

    @property
    def sha256(self) -> str:
        """Return the hash of the rows."""
        digest = hashlib.sha256()
        for row in self.rows:
            digest.update(msgspec.msgpack.encode((row.machine, row.key, row.state)))
        return digest.hexdigest()

    def manifest(self) -> dict[str, object] | None:
        """Return what a result says of it; None for a room that begins knowing nothing."""
        if not self.rows:
            return None
        model = {"sha256": self.model, "weeks": self.weeks} if self.model else None
        return {"days": self.days, "model": model, "sha256": self.sha256}

    def room(self, rules: Rules) -> ControlRoom:
        """Return a new room that knows this."""
        room = ControlRoom(rules)
        room.load(self.rows)
        return room


def gather(
    network: Network, rules: Rules, seed: int, days: int, progress: Callable[[int], None] | None = None
) -> Experience:
    """Return what a room learns in ``days`` of the usual network up to its start; nothing for 0 days.

    Args:
        network: Its first day is the day after.
        rules: Of the room.
        seed: Of the experiment.
        days: How long.
        progress: Told each day that begins.
    """
    if not days:
        return Experience()
    before = network.model_copy(update={"start": network.start - timedelta(days=days)})
    room = ControlRoom(rules)
    World(before, RunPlan(seed=seed, replication=LUCK, days=days, room=room)).run(progress)
    room.advance(Instant(epoch_of(network) + 1))  # the last day is over, so it teaches too
    return Experience(rows=tuple(experience(room.take_dirty())), days=days)
