"""What the information systems report of the truth: with lag, loss, doubles, mistakes and silence.

A fact told to a ``Channel`` becomes an event with its own time and the time it was recorded; it waits here until
that time has come. The luck of a report hangs on its event's id alone, so the same fact meets the same lag in every
arm. When nobody listens nothing is built.
"""

import zlib
from array import array
from heapq import heappop, heappush

from radar.events import Event, Payload, RunMode
from radar.events.world import SourceHeartbeat
from radar.instant import SECOND_US, Instant
from scenarios.network_customers import System
from twin.chance import Chance, spread
from twin.masks import FeedFault, FeedMask
from twin.mistakes import Report, wrong

TABLE = 1 << 16
"""Draws of luck kept for reports; an id picks six of them."""
LAST = TABLE - 1


class Channel:
    """One source system."""

    __slots__ = ("_duplicate", "_feeds", "_lag_s", "_loss", "_masks", "_sigma", "failover_s", "is_on", "name")

    def __init__(self, feeds: "Feeds", name: str, system: System, masks: tuple[FeedMask, ...]) -> None:
        self.name = name
        self._feeds = feeds
        self._lag_s = system.lag // SECOND_US
        self._sigma = system.lag_sigma
        self._loss = system.loss
        self._duplicate = system.duplicate
        self._masks = masks
        self.is_on = feeds.is_on
        """Whether anybody listens; parts ask before they build a payload."""
        self.failover_s = 2**62
        """From then on a stand-in reports, and masks do nothing."""

    def tell(self, at_s: int, event_id: str, subject: str, data: Payload) -> None:
        """Report a fact of ``at_s`` (now or later)."""
        feeds = self._feeds
        if not feeds.is_on:
            return
        key = zlib.crc32(event_id.encode())
        luck = feeds.luck
        recorded_s = at_s + int(self._lag_s * feeds.spread_of(self._sigma, key))
        loss, duplicate, error = self._loss, self._duplicate, 0.0
        for mask in self._masks:
            if mask.start_s <= at_s < min(mask.end_s, self.failover_s):
                if mask.fault is FeedFault.LOSE:
                    return
                if mask.fault is FeedFault.HOLD:
                    recorded_s = max(recorded_s, min(mask.end_s, self.failover_s))
                recorded_s += mask.extra_lag_s
                loss += mask.loss_permille / 1000
                duplicate += mask.duplicate_permille / 1000
                error += mask.error_permille / 1000
        if loss and luck[key >> 16] < loss:
            return
        event = feeds.event(self.name, at_s, recorded_s, event_id, subject, data)
        report: Report = event
        if error and luck[(key * 11) >> 8 & LAST] < error:
            report = wrong(event, feeds.epoch, luck[(key * 13) >> 8 & LAST], luck[(key * 17) >> 8 & LAST])
        feeds.put(recorded_s, report)
        if duplicate and luck[(key * 5) >> 8 & LAST] < duplicate:
            feeds.put(recorded_s + 1 + int(self._lag_s), report)


class Feeds:
    """All source systems of a network."""

    def __init__(
        self,
        systems: dict[str, System],
        masks: tuple[FeedMask, ...],
        chance: Chance,
        epoch: Instant,
        run_id: str,
        *,
        is_on: bool,
    ) -> None:
        self.is_on = is_on
        self.epoch = epoch
        self.run_id = run_id
        self.luck = array("d", chance.stream("feeds").random(TABLE)) if is_on else array("d")
        self._spreads: dict[float, array[float]] = {}
        self._systems = systems
        self._masks = masks
        self._channels: dict[str, Channel] = {}
        self._waiting: list[tuple[int, int, Report]] = []
        self._sequence = 0
        self.told = 0

    def channel(self, name: str) -> Channel:
        """Return the channel of a source system; one the network does not name reports at once and surely."""
        if name not in self._channels:
            masks = tuple(mask for mask in self._masks if mask.source == name)
            self._channels[name] = Channel(self, name, self._systems.get(name, System()), masks)
        return self._channels[name]

    def event(self, source: str, at_s: int, recorded_s: int, event_id: str, subject: str, data: Payload) -> Event:
        """Return a fact in its envelope."""
        epoch = self.epoch
        time = Instant(epoch + at_s * SECOND_US)
        recorded_at = Instant(epoch + recorded_s * SECOND_US)
        return Event(time, event_id, source, subject, data, recorded_at, RunMode.TWIN, self.run_id)

    def put(self, recorded_s: int, report: Report) -> None:
        """Keep a report until it is recorded."""
        heappush(self._waiting, (recorded_s, self._sequence, report))
        self._sequence += 1

    def take(self, until_s: int) -> list[Report]:
        """Return what was recorded up to and with ``until_s``, in the order it was recorded."""
        waiting, taken = self._waiting, []
        while waiting and waiting[0][0] <= until_s:
            taken.append(heappop(waiting)[2])
        self.told += len(taken)
        return taken

    def spread_of(self, sigma: float, key: int) -> float:
        """Return a log-normal factor for a report; the factors of a spread are made once."""
        if sigma == 0.0:
            return 1.0
        table = self._spreads.get(sigma)
        if table is None:
            table = self._spreads[sigma] = array("d", (spread(sigma, luck) for luck in self.luck))
        return table[key & LAST]

    def beat(self, end_s: int) -> None:
        """Put the signs of life of every system for the whole run: those the network names, and those that report."""
        for name in [*self._systems, *(name for name in self._channels if name not in self._systems)]:
            every_s = self._systems.get(name, System()).heartbeat // SECOND_US
            if every_s and self.is_on:
                channel = self.channel(name)
                data = SourceHeartbeat(next_within_s=3.0 * every_s)  # the usual rule: three missed beats
                for at_s in range(every_s, end_s, every_s):
                    channel.tell(at_s, f"beat-{name}-{at_s // every_s}", name, data)
