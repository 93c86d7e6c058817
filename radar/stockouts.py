"""Stock-out ahead: when a shelf runs out, against when it is filled again (R08, R27).

Theory of operation. Told of a level, a purchase order or a shortage, and once an epoch, a shelf is played forward in
steps of a quarter day: its demand (streaming mean, the place's weekday pattern) goes off, what is on its way comes when
its supplier says - later where the supplier stopped or its date is past -, what nobody announces comes after the usual
lead, and what the reorder point will ask for comes as if it were ordered now: what an order of today still saves is no
stock-out to warn of. A shelf that runs dry within the horizon is warned of when it stays so for longer than the gap,
and than dates so far off are sure; the warning is resolved when a tenth more demand would not empty it. While orders
wait at a shelf the conditions know until when (``take_news``), so exactly they are predicted later. Nothing is followed
until the first level.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from radar.conditions.condition import Code, Standing
from radar.conditions.news import News
from radar.events import Event
from radar.events.supply import InventoryLevel, StockAllocated, StockShort, SupplyNotice, SupplyReceived
from radar.instant import DAY_US, EARLIEST, Instant, to_datetime, to_instant
from radar.open_index import SHELF
from radar.orders import NEVER, Order
from radar.outputs import Change, Level, Output, Reason, Row, StateRow, WarningChange, WarningKind
from radar.rules import StockRules
from radar.shelves import Shelf
from radar.supplies import Supplies, not_before
from radar.wording import reason

MACHINE = "stock"
STEP_US = DAY_US // 4
MORE = 1.1
"""Demand under which a shelf must last for its warning to be resolved."""
UNSURE = 0.2
"""Part of the time until goods come by which that date may be wrong: a gap shorter than it may be none."""
UPDATE_SHARE = 0.25
PATTERN_SHARE = 0.15
"""How fast a place's weekday pattern follows, once known."""
LEVELLED = 5
"""Days after which a shelf's mean demand is known well enough to tell weekdays apart."""
FLAT_WEEKS = 3
"""Weeks for which all weekdays are believed alike beforehand."""
_PLACE, _SHELF = "place:", "shelf:"


class _Place(msgspec.Struct, array_like=True):
    """The weekday pattern of the demand at one place."""

    version: int
    weeks: list[int] = msgspec.field(default_factory=lambda: [0] * 7)
    pattern: list[float] = msgspec.field(default_factory=lambda: [1.0] * 7)


class Outlook(msgspec.Struct, frozen=True):
    """What becomes of a shelf if nothing is done."""

    out_at: Instant
    """When it runs dry; ``NEVER`` when not within the horizon."""
    back_at: Instant
    """When it is filled again; the end of the horizon when not before."""
    supply_at: Instant
    """The next replenishment expected; ``NEVER`` when none is."""
    supply_pieces: float


class Stockouts:
    """All shelves, what is on its way to them, and their warnings."""

    def __init__(self, rules: StockRules, epoch_us: int = DAY_US) -> None:
        self._rules = rules
        self._days = epoch_us / DAY_US
        """Days between two epochs."""
        self._shelves: dict[str, Shelf] = {}
        self._places: dict[str, _Place] = {}
        self._items: dict[str, list[str]] = {}
        self._supplies = Supplies()
        self._dirty: set[str] = set()
        self._news: list[News] = []
        self.orders: Mapping[str, Order] = {}
        """The orders in memory: who asks for what."""

    # --- what is told ------------------------------------------------------------------------------------

    def observe(self, event: Event, at: Instant) -> Sequence[Output]:
        """Take in what an event says of stock."""
        match event.data:
            case StockAllocated() as data:
                return self._allocated(event.subject, data.warehouse)
            case InventoryLevel() as data:
                return self._level(data, event.time, at)
            case StockShort() as data:
                return self._short(event.subject, data, at)
            case SupplyNotice() as data:
                self._supplies.told(event, data)
                items = [data.item] if data.item else sorted(self._supplies.items_of(data.supplier))
                return self._supplied(items, data.warehouse, data.supplier, at)
            case SupplyReceived() as data:
                return self._received(event, data, at)
            case _:
                return ()

    def knows(self, item: str) -> bool:
        """Return whether the stock of an item is told: then it is known who waits, and for how long."""
        return item in self._items

    @property
    def is_awake(self) -> bool:
        """Return whether any level was ever told."""
        return bool(self._shelves)

    def take_news(self) -> list[News]:
        """Return what orders that wait at shelves should know, since last asked."""
        news, self._news = self._news, []
        return news

    def outlook(self, key: str, at: Instant) -> Outlook | None:
        """Return what becomes of a shelf (``item@place``) as of ``at``: for a board."""
        shelf = self._shelves.get(key)
        return None if shelf is None else self._ahead(shelf, at)

    def roll(self, at: Instant) -> Sequence[Output]:
        """Close the day, and look at every shelf."""
        self._learn(to_datetime(Instant(at - int(self._days * DAY_US))).weekday())
        self._supplies.forget(at)
        return [said for key in sorted(self._shelves) for said in self._judge(self._shelves[key], at)]

    def take_dirty(self) -> list[Row]:
        """Return what changed since last asked."""
        kept: dict[str, Shelf | _Place] = {_SHELF + key: shelf for key, shelf in self._shelves.items()}
        kept |= {_PLACE + key: place for key, place in self._places.items()}
        rows: list[Row] = [StateRow(MACHINE, key, msgspec.msgpack.encode(kept[key])) for key in sorted(self._dirty)]
        for key in sorted(self._supplies.dirty):
            state = self._supplies.row(key)
            rows.append(StateRow(MACHINE, key, state or b"", is_gone=state is None))
        self._supplies.dirty.clear()
        self._dirty.clear()
        return rows

    def load(self, rows: Iterable[Row]) -> None:
        """Restore."""
        for row in rows:
            assert isinstance(row, StateRow)
            if row.key.startswith(_SHELF):
                self._put(msgspec.msgpack.decode(row.state, type=Shelf))
            elif row.key.startswith(_PLACE):
                self._places[row.key.removeprefix(_PLACE)] = msgspec.msgpack.decode(row.state, type=_Place)
            else:
                self._supplies.load([(row.key, row.state)])

    # --- one kind of event each --------------------------------------------------------------------------

    def _level(self, data: InventoryLevel, time: Instant, at: Instant) -> Sequence[Output]:
        if not self._rules.is_on:
            return ()
        key = f"{data.item}@{data.warehouse}"
        shelf = self._shelves.get(key)
        if shelf is None:
            if len(self._shelves) >= self._rules.shelves_max:
                return ()
            shelf = self._put(Shelf(1, data.item, data.warehouse))
        if time < shelf.level_at:
            return ()
        was_short = shelf.short_at != NEVER
        reorder_point = -1.0 if data.reorder_point is None else data.reorder_point
        shelf.told((data.on_hand, data.reserved, data.on_order, reorder_point), time)
        if was_short and shelf.short_at == NEVER:
            self._news.append(News(SHELF + shelf.key, "stock", None))
        return self._judge(shelf, at)

    def _allocated(self, order_id: str, place: str) -> Sequence[Output]:
        order = self.orders.get(order_id)
        if order is None or not self._shelves:
            return ()
        pieces = max(1, order.item_count)
        if order.shelf:
            if order.shelf.endswith(f"@{place}"):
                return ()  # it waited here, and was counted when it began to
            if (waited_at := self._shelves.get(order.shelf)) is not None:
                waited_at.moved -= pieces
                self._dirty.add(_SHELF + waited_at.key)
        shelf = self._shelves.get(f"{order.item}@{place}")
        if shelf is not None:
            shelf.take(pieces)
            self._dirty.add(_SHELF + shelf.key)
        return ()

    def _short(self, order_id: str, data: StockShort, at: Instant) -> Sequence[Output]:
        shelf = self._shelves.get(f"{data.item}@{data.warehouse}")
        order = self.orders.get(order_id)
        if shelf is None:
            if self._rules.is_on and data.expected_at is not None:
                self._tell(data.item, data.warehouse, at, to_instant(data.expected_at), at)
            return ()
        is_again = order is not None and order.shelf == shelf.key
        if not is_again:
            own = order is not None and order.item == data.item
            shelf.take(max(1, order.item_count) if own and order is not None else max(1.0, data.quantity_short))
        if shelf.short_at == NEVER:
            shelf.short_at = at
        return self._judge(shelf, at)

    def _received(self, event: Event, data: SupplyReceived, at: Instant) -> Sequence[Output]:
        self._supplies.received(event, data)
        shelf = self._shelves.get(f"{data.item}@{data.warehouse}")
        if shelf is not None and data.quantity:
            shelf.filled(data.quantity)
        return self._supplied([data.item] if data.item else [], data.warehouse, data.supplier, at)

    def _supplied(self, items: Sequence[str], place: str, supplier: str, at: Instant) -> Sequence[Output]:
        out: list[Output] = []
        for key in sorted(key for item in items for key in self._items.get(item, ())):
            shelf = self._shelves[key]
            if place in (shelf.place, ""):
                shelf.supplier = supplier
                out.extend(self._judge(shelf, at))
        return out

    # --- ahead -------------------------------------------------------------------------------------------

    def _arrivals(self, shelf: Shelf, at: Instant) -> list[tuple[Instant, float]]:
        """Return what comes by itself, soonest first: purchase orders by their dates, the rest after the usual lead."""
        is_counted = shelf.batch > 0  # somebody tells what is on order
        left = shelf.on_order - shelf.received
        found = []
        for supply in self._supplies.to(shelf.item, shelf.place):
            is_newer = supply.first_at > shelf.level_at
            if is_newer or left > 0.5 or not is_counted:
                found.append((self._supplies.due(supply, at), supply.pieces or shelf.batch or shelf.mean))
                left -= 0.0 if is_newer else supply.pieces
        lead_us = shelf.lead(self._rules.lead_us)
        for ordered_at, pieces in reversed(shelf.ordered):
            if left <= 0.5:
                break
            due_at = not_before(Instant(ordered_at + lead_us), at)
            found.append((max(due_at, self._supplies.starts_again(shelf.supplier, shelf.item, at)), min(pieces, left)))
            left -= pieces
        return sorted(found)

    def _ahead(self, shelf: Shelf, at: Instant, more: float = 1.0) -> Outlook:
        """Play a shelf forward."""
        arrivals = self._arrivals(shelf, at)
        first = arrivals[0] if arrivals else (NEVER, 0.0)
        pattern = self._places[shelf.place].pattern if shelf.place in self._places else [1.0] * 7
        level, position = shelf.free, shelf.free + sum(pieces for _, pieces in arrivals)
        lead_us, weekday = shelf.lead(self._rules.lead_us), to_datetime(at).weekday()
        end_at, day_us = at + self._rules.horizon_us, at % DAY_US
        if shelf.reorder_point < 0 and not shelf.ordered:
            end_at = min(end_at, at + lead_us)  # beyond, an order placed now still comes in time
        out_at, now, index = NEVER, at, 0
        while now < end_at:
            demand = more * shelf.mean * pattern[(weekday + (day_us + now - at) // DAY_US) % 7] * STEP_US / DAY_US
            before = level
            level, position, now = level - demand, position - demand, Instant(now + STEP_US)
            while index < len(arrivals) and arrivals[index][0] <= now:
                level += arrivals[index][1]
                index += 1
            if shelf.reorder_point >= 0 and position <= shelf.reorder_point and shelf.batch > 0:
                # As if ordered now: what an order of today still cures is no stock-out to warn of.
                due_at = max(now, at + lead_us, self._supplies.starts_again(shelf.supplier, shelf.item, at) + lead_us)
                arrivals.append((Instant(due_at), shelf.batch))
                arrivals[index:] = sorted(arrivals[index:])
                position += shelf.batch
            if level < 0 and out_at == NEVER:
                share = min(1.0, max(0.0, before / demand)) if demand > 0 else 0.0
                out_at = Instant(now - STEP_US + int(share * STEP_US))
            elif level >= 0 and out_at != NEVER:
                if now - out_at > max(self._rules.gap_us, UNSURE * (now - at)):
                    return Outlook(out_at, now, *first)
                out_at = NEVER
        return Outlook(out_at, Instant(now), *first)

    # --- the warning -------------------------------------------------------------------------------------

    def _judge(self, shelf: Shelf, at: Instant) -> Sequence[Output]:
        self._dirty.add(_SHELF + shelf.key)
        ahead = self._seen_empty(shelf, self._ahead(shelf, at), at)
        if shelf.short_at != NEVER:
            self._tell_waiting(shelf, ahead, at)
        if not self._rules.is_on or shelf.days < self._rules.days_min or shelf.level_at == EARLIEST:
            return ()
        if ahead.out_at == NEVER:
            if shelf.stands and self._ahead(shelf, at, MORE).out_at == NEVER:
                return (self._say(shelf, Change.RESOLVED, at, reason("stock.covered", shelf=shelf.key)),)
            return ()
        level = Level.CRITICAL if ahead.out_at - at <= self._rules.critical_us else Level.WARNING
        why = self._why(shelf, ahead, at)
        if not shelf.stands:
            shelf.raised_at, shelf.sequence, shelf.raises = at, -1, shelf.raises + 1
            shelf.said_out_at, shelf.said_level = ahead.out_at, level
            return (self._say(shelf, Change.RAISED, at, why),)
        moved_us = abs(ahead.out_at - shelf.said_out_at)
        is_moved = moved_us > max(DAY_US, UPDATE_SHARE * (shelf.said_out_at - at)) and ahead.out_at > at
        if level > shelf.said_level or is_moved:
            shelf.said_out_at, shelf.said_level = ahead.out_at, max(level, shelf.said_level)
            return (self._say(shelf, Change.UPDATED, at, why),)
        return ()

    def _seen_empty(self, shelf: Shelf, ahead: Outlook, at: Instant) -> Outlook:
        """Return the outlook; a shelf that is empty for longer than the gap ran out, whatever is expected every day."""
        if shelf.free > 0:
            shelf.empty_at = NEVER
        elif shelf.empty_at == NEVER:
            shelf.empty_at = at
        is_out = shelf.empty_at != NEVER and at - shelf.empty_at >= self._rules.gap_us and shelf.mean > 0
        return msgspec.structs.replace(ahead, out_at=shelf.empty_at) if is_out else ahead

    def _why(self, shelf: Shelf, ahead: Outlook, at: Instant) -> Reason:
        figures: dict[str, str | int | float] = {
            "shelf": shelf.key,
            "out_at": ahead.out_at,
            "free": round(shelf.free, 1),
            "a_day": round(shelf.mean, 1),
            "lead_us": max(0, ahead.out_at - at),
        }
        if ahead.supply_at == NEVER:
            return reason("stock.out", **figures)  # type: ignore[arg-type]  # facts by name
        figures |= {"supply_at": ahead.supply_at, "pieces": round(ahead.supply_pieces, 1)}
        return reason("stock.out-before", **figures)  # type: ignore[arg-type]  # facts by name

    def _say(self, shelf: Shelf, change: Change, at: Instant, why: Reason) -> WarningChange:
        shelf.sequence += 1
        said = WarningChange(
            warning_id=f"{WarningKind.STOCK_OUT_AHEAD}:{shelf.key}:{shelf.raised_at}:{shelf.raises}",
            sequence=shelf.sequence,
            change=change,
            kind=WarningKind.STOCK_OUT_AHEAD,
            entity=SHELF + shelf.key,
            rule="cover",
            level=Level(shelf.said_level),
            due_at=shelf.raised_at,
            at=at,
            reasons=(why,),
        )
        if change is Change.RESOLVED:
            shelf.raised_at, shelf.said_level = EARLIEST, 0
        return said

    # --- who waits ---------------------------------------------------------------------------------------

    def _tell_waiting(self, shelf: Shelf, ahead: Outlook, at: Instant) -> None:
        """Say to the conditions until when orders wait at a shelf; a time that is past ends it."""
        is_filled = ahead.out_at == NEVER and shelf.free >= 0
        until_at = at if is_filled else ahead.back_at if ahead.supply_at == NEVER else ahead.supply_at
        self._tell(shelf.item, shelf.place, shelf.short_at, until_at, at)

    def _tell(self, item: str, place: str, since_at: Instant, until_at: Instant, at: Instant) -> None:
        key = f"{SHELF}{item}@{place}"
        standing = Standing(1, Code.SHORT, key, "stock", at, since_at, since_at, until_at, note=item)
        self._news.append(News(key, "stock", standing))

    # --- the usual ---------------------------------------------------------------------------------------

    def _put(self, shelf: Shelf) -> Shelf:
        self._shelves[shelf.key] = shelf
        keys = self._items.setdefault(shelf.item, [])
        if shelf.key not in keys:
            keys.append(shelf.key)
        return shelf

    def _learn(self, weekday: int) -> None:
        asked: dict[str, list[float]] = {}
        for shelf in self._shelves.values():
            sums = asked.setdefault(shelf.place, [0.0, 0.0])
            if shelf.days >= LEVELLED:
                sums[0] += shelf.today / self._days
                sums[1] += shelf.mean
        for name in sorted(asked):
            place = self._places.setdefault(name, _Place(1))
            today, usual = asked[name]
            if usual > 0:
                place.weeks[weekday] += 1
                share = max(PATTERN_SHARE, 1 / (FLAT_WEEKS + place.weeks[weekday]))
                place.pattern[weekday] += share * (min(3.0, today / usual) - place.pattern[weekday])
            self._dirty.add(_PLACE + name)
        for shelf in self._shelves.values():
            shelf.close_epoch(self._places[shelf.place].pattern[weekday], self._days)
            self._dirty.add(_SHELF + shelf.key)


def experience(row: StateRow, _days: int) -> StateRow | None:
    """Return a row as it moves to another room: demand, patterns and leads; what lies on shelves or comes stays."""
    if row.key.startswith(_PLACE):
        return row
    if not row.key.startswith(_SHELF):
        return None
    shelf = msgspec.msgpack.decode(row.state, type=Shelf)
    learned = Shelf(1, shelf.item, shelf.place, supplier=shelf.supplier, days=shelf.days, mean=shelf.mean)
    learned.variance, learned.batch, learned.raises = shelf.variance, shelf.batch, shelf.raises
    learned.leads, learned.lead_us = shelf.leads, shelf.lead_us
    return msgspec.structs.replace(row, state=msgspec.msgpack.encode(learned))
