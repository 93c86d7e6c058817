"""The flow as rows of the store: what cannot be derived from the orders, exact to the bit.

One row with the tables, one a door, one with what the last step found of each open order, one a step of lessons.
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from radar.instant import DAY_US, Instant
from radar.learning.flow import FIGURES, KEPT_US, Flow
from radar.learning.flow_lessons import COLUMNS, Taken
from radar.learning.flow_scatter import Stored
from radar.learning.local_days import Floats, Ints, LocalDays
from radar.learning.queues import ARRAYS, Queues
from radar.learning.roads import Closure
from radar.learning.rounds import ARRAYS as ROUNDS
from radar.orders import NEVER
from radar.outputs import StateRow

FLOW = "flow"
"""First part of the keys of these rows."""
_LESSONS = 3
"""Version of the columns of a lesson; lessons of another one are left out."""
_CORE = 2
"""Version of the tables; those of another one are left out, and learned anew. 2: stations of failed visits."""
_TABLES = ("week", "spent", "area", "error", "after_area", "way", "after_way", "fresh")

_WAYS = _TABLES.index("after_way")


class _Core(msgspec.Struct, array_like=True, frozen=True):
    version: int
    zone: str
    at: Instant
    types: list[str]
    areas: list[str]
    tables: list[bytes]
    routes: bytes
    deliveries: bytes
    weights: bytes
    information: bytes
    scatter: Stored | None = None
    ends: tuple[bytes, bytes, bytes] = (b"", b"", b"")
    last_sites: dict[str, str] = {}
    hindrances: tuple[dict[float, tuple[float, float]], dict[str, float], dict[str, float]] = ({}, {}, {})
    holds: tuple[bytes, bytes, bytes, int] = (b"", b"", b"", 0)
    silent_h: bytes = b""
    roads: tuple[dict[str, Closure], bytes] = ({}, b"")
    visits: tuple[bytes, bytes] = (b"", b"")


class _Door(msgspec.Struct, array_like=True, frozen=True):
    version: int
    places: list[str]
    arrays: list[bytes]


class _Rounds(msgspec.Struct, array_like=True, frozen=True):
    version: int
    days: float
    quiet: int
    arrays: list[bytes]


class _Figures(msgspec.Struct, array_like=True, frozen=True):
    version: int
    order_ids: list[str]
    figures: bytes
    before: list[dict[int, bytes]]
    left: list[dict[int, bytes]]
    rounds: list[dict[int, float]]
    come: dict[int, bytes] = {}


class _Taken(msgspec.Struct, array_like=True, frozen=True):
    version: int
    order_ids: list[str]
    lessons: bytes


class FlowStore:
    """What of a flow is to be stored."""

    def __init__(self) -> None:
        self._is_touched = False
        self._fresh: dict[Instant, Taken] = {}
        self._kept: list[Instant] = []
        """Steps whose lessons are stored."""
        self._gone: list[Instant] = []
        self._late = 0
        """Milestones told late, as stored."""
        self._woken = NEVER
        """When the steps went on, as stored."""

    def begun(self) -> None:
        """Take note that the flow began with an order type."""
        self._is_touched = True

    def stepped(self, at: Instant, taken: Taken) -> None:
        """Take note of a step and the lessons it took."""
        self._is_touched = True
        if taken[0]:
            self._fresh[at] = taken
            self._kept.append(at)
        while self._kept and at - self._kept[0] > KEPT_US:
            self._gone.append(self._kept.pop(0))

    def take_dirty(self, machine: str, flow: Flow) -> list[StateRow]:
        """Return the rows that changed since last asked."""
        rows: list[StateRow] = []
        late = sum(map(len, flow.late.values()))
        if late != self._late or (late and self._is_touched):
            self._late = late
            rows.append(StateRow(machine, f"{FLOW}/late/", msgspec.msgpack.encode(flow.late), is_gone=not late))
        if flow.woken != self._woken:
            self._woken = flow.woken
            rows.append(StateRow(machine, f"{FLOW}/woken/", b"%d" % flow.woken, is_gone=flow.woken == NEVER))
        if not self._is_touched:
            return rows
        self._is_touched = False
        rows.append(StateRow(machine, f"{FLOW}/core/", msgspec.msgpack.encode(_core(flow))))
        rows += [
            StateRow(machine, f"{FLOW}/door/{number}", msgspec.msgpack.encode(_door(queue)))
            for number, queue in enumerate(flow.queues)
        ]
        out = flow.doors.rounds
        stored = _Rounds(1, out.days, out.quiet, [getattr(out, name).tobytes() for name in ROUNDS])
        rows.append(StateRow(machine, f"{FLOW}/rounds/", msgspec.msgpack.encode(stored)))
        before = [{place: found.tobytes() for place, found in queue.before.items()} for queue in flow.queues]
        left = [{place: found.tobytes() for place, found in queue.left.items()} for queue in flow.queues]
        rounds = [queue.rounds for queue in flow.queues]
        come = {area: found.tobytes() for area, found in flow.doors.rounds.come.items()}
        order_ids, figures = flow.found
        found = _Figures(3, order_ids.tolist(), figures.tobytes(), before, left, rounds, come)
        rows.append(StateRow(machine, f"{FLOW}/figures/", msgspec.msgpack.encode(found)))
        rows += [
            StateRow(machine, f"{FLOW}/taken/{at}", msgspec.msgpack.encode(_taken(*taken)))
            for at, taken in self._fresh.items()
        ]
        rows += [StateRow(machine, f"{FLOW}/taken/{at}", b"", is_gone=True) for at in self._gone]
        self._fresh, self._gone = {}, []
        return rows

    def restore(self, flow: Flow, rows: Iterable[StateRow], holidays: dict[str, frozenset[int]]) -> None:
        """Give a new flow what was stored."""
        rows = self._readable(list(rows))
        taken: dict[Instant, bytes] = {}
        figures: _Figures | None = None
        for row in sorted(rows, key=lambda one: one.key):
            _, kind, name = row.key.split("/", 2)
            if kind == "core":
                _restore_core(flow, msgspec.msgpack.decode(row.state, type=_Core), holidays)
            elif kind == "door":
                _restore_door(flow.queues[int(name)], msgspec.msgpack.decode(row.state, type=_Door))
            elif kind == "rounds":
                _restore_rounds(flow, msgspec.msgpack.decode(row.state, type=_Rounds))
            elif kind == "figures":
                figures = msgspec.msgpack.decode(row.state, type=_Figures)
            elif kind == "late":
                flow.late = msgspec.msgpack.decode(row.state, type=dict[str, list[int]])
                self._late = sum(map(len, flow.late.values()))
            elif kind == "woken":
                flow.woken = self._woken = Instant(int(row.state))
            else:
                taken[Instant(int(name))] = row.state
        self._keep(flow, taken)
        if figures is None:
            flow.resume()
        else:
            _resume(flow, figures)

    def _readable(self, rows: list[StateRow]) -> list[StateRow]:
        """Return the rows; none where another version wrote their tables, and its lessons are to go."""
        cores = [one for one in rows if one.key.split("/", 2)[1] == "core"]
        if all(msgspec.msgpack.decode(one.state, type=_Core).version == _CORE for one in cores):
            return rows
        named = (one.key.split("/", 2)[1:] for one in rows)
        self._gone = [Instant(int(name)) for kind, name in named if kind == "taken"]
        return []

    def _keep(self, flow: Flow, taken: dict[Instant, bytes]) -> None:
        for at in sorted(taken):
            kept = msgspec.msgpack.decode(taken[at], type=_Taken)
            if kept.version != _LESSONS:
                continue
            flow.lessons.keep(_slots(flow, kept.order_ids), np.frombuffer(kept.lessons).reshape(-1, COLUMNS))
            self._kept.append(at)


def experience(row: StateRow, days: int) -> StateRow | None:
    """Return a row of the flow as it moves to another room, so many days on; None when it stays."""
    kind = row.key.split("/", 2)[1]
    if kind == "core":
        core = msgspec.msgpack.decode(row.state, type=_Core)
        scatter = core.scatter and (core.scatter[0], {})
        worth, told, _ = core.hindrances
        moved = msgspec.structs.replace(
            core,
            at=Instant(core.at + days * DAY_US),
            scatter=scatter,
            hindrances=(worth, told, {}),
            roads=({}, core.roads[1]),
            silent_h=b"",
        )
        return StateRow(row.machine, row.key, msgspec.msgpack.encode(moved))
    return row if kind in {"door", "rounds"} else None


def _taken(order_ids: list[str], lessons: Floats) -> _Taken:
    return _Taken(_LESSONS, order_ids, lessons.tobytes())


def _slots(flow: Flow, order_ids: list[str]) -> Ints:
    return np.array([flow.slots.take(order_id) for order_id in order_ids], np.int64)


def _core(flow: Flow) -> _Core:
    assert flow.days is not None, "stored once it has begun"
    kinds = len(flow.types)
    times = flow.times
    tables = [times.week[:kinds], times.spent[:kinds], times.area, times.error[:kinds], times.after_area]
    tables += [times.way, times.after_way, times.fresh]
    return _Core(
        version=_CORE,
        zone=flow.days.zone,
        at=flow.at,
        types=list(flow.types),
        areas=list(flow.yard.areas.numbers),
        tables=[table.tobytes() for table in tables],
        routes=flow.routes.counts[:kinds].tobytes(),
        deliveries=flow.routes.deliveries.tobytes(),
        weights=flow.score.net.weights.tobytes(),
        information=flow.score.net.information.tobytes(),
        scatter=flow.scatter.stored(),
        ends=(flow.ends.befores[:kinds].tobytes(), flow.ends.lost[:kinds].tobytes(), flow.ends.stood[:kinds].tobytes()),
        last_sites=flow.yard.last_sites,
        hindrances=(flow.doors.hindrances.worth, flow.doors.hindrances.told, flow.doors.hindrances.feared),
        holds=(
            flow.holds.seen.tobytes(),
            flow.holds.cleared.tobytes(),
            flow.holds.left[:kinds].tobytes(),
            flow.holds.line,
        ),
        silent_h=flow.doors.silent_h.tobytes(),
        roads=(flow.doors.roads.closures, flow.doors.roads.hours.tobytes()),
        visits=(flow.visits.left.tobytes(), flow.visits.seen.tobytes()),
    )


def _restore_core(flow: Flow, core: _Core, holidays: dict[str, frozenset[int]]) -> None:
    flow.days = LocalDays(core.zone, holidays.get(core.zone, ()))
    flow.at = core.at
    for name in core.types:
        flow.types[name] = len(flow.types)
    for name in core.areas:
        flow.yard.areas.number(name)
    if len(core.tables) > _WAYS:  # an older store has no ways
        flow.times.grow(len(core.tables[_WAYS]) // flow.times.after_way[0].nbytes - 1)
    for name, stored in zip(_TABLES, core.tables, strict=False):
        _fill(getattr(flow.times, name), stored)
    _fill(flow.routes.counts, core.routes)
    _fill(flow.routes.deliveries, core.deliveries)
    _fill(flow.score.net.weights, core.weights)
    _fill(flow.score.net.information, core.information)
    for table, stored in zip((flow.ends.befores, flow.ends.lost, flow.ends.stood), core.ends, strict=True):
        _fill(table, stored)
    flow.yard.last_sites.update(core.last_sites)
    flow.doors.hindrances.worth, flow.doors.hindrances.told, flow.doors.hindrances.feared = core.hindrances
    *tables, flow.holds.line = core.holds
    flow.holds.grow(len(tables[-1]) // flow.holds.left[: len(core.types), 0].nbytes - 1)
    for table, stored in zip((flow.holds.seen, flow.holds.cleared, flow.holds.left), tables, strict=True):
        _fill(table, stored)
    _fill(flow.doors.silent_h, core.silent_h)
    flow.doors.roads.closures, hours = core.roads
    flow.doors.roads.grow(len(hours) // flow.doors.roads.hours[0].nbytes)
    _fill(flow.doors.roads.hours, hours)
    for table, stored in zip((flow.visits.left, flow.visits.seen), core.visits, strict=True):
        _fill(table, stored)
    if core.scatter is not None:
        flow.scatter.restore(core.scatter)


def _door(queue: Queues) -> _Door:
    queue.grow()
    count = len(queue.names.numbers)
    return _Door(1, list(queue.names.numbers), [getattr(queue, name)[:count].tobytes() for name in ARRAYS])


def _restore_door(queue: Queues, door: _Door) -> None:
    for name in door.places:
        queue.names.number(name)
    queue.grow()
    for name, stored in zip(ARRAYS, door.arrays, strict=True):
        _fill(getattr(queue, name), stored)


def _resume(flow: Flow, figures: _Figures) -> None:
    for queue, left, rounds in zip(flow.queues, figures.left, figures.rounds, strict=True):
        queue.left = {place: np.frombuffer(found) for place, found in left.items()}
        queue.rounds = rounds
    flow.resume()
    slots = _slots(flow, figures.order_ids)
    flow.find(np.array(figures.order_ids, object), slots, np.frombuffer(figures.figures).reshape(-1, FIGURES))
    for queue, before in zip(flow.queues, figures.before, strict=True):
        queue.stand({place: np.frombuffer(found) for place, found in before.items()})
    flow.doors.rounds.stand({area: np.frombuffer(found, np.uint16) for area, found in figures.come.items()})


def _restore_rounds(flow: Flow, stored: _Rounds) -> None:
    rounds = flow.doors.rounds
    rounds.days, rounds.quiet = stored.days, stored.quiet
    tables = [np.frombuffer(found) for found in stored.arrays]
    for name, found in zip(ROUNDS, tables, strict=True):
        own = getattr(rounds, name)
        setattr(rounds, name, found.reshape(-1, *own.shape[1:]).copy())


def _fill(table: Floats, stored: bytes) -> None:
    """Fill the first rows of a table."""
    values = np.frombuffer(stored)
    table.reshape(-1)[: len(values)] = values
