"""Production: one-job lines with setups, breakdowns, defects and alternates, for orders and for replenishment batches.

A breakdown is a window of speed 0 on the line's calendar, drawn before the run by number; nothing is interrupted.
A job that fails inspection is made again at the head of the queue.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radar.events.common import ReasonCode
from radar.events.supply import (
    LineState,
    LineStatus,
    ProductionFinished,
    ProductionPlanned,
    ProductionStarted,
    QualityResult,
    StockAllocated,
)
from radar.stages import Stage
from scenarios.network_supply import Item, Line
from twin.chance import Luck, spread
from twin.context import DAY_S, Context, seconds
from twin.kernel import Call, Tie
from twin.masks import SpeedMask
from twin.materials import Materials
from twin.orders import Draw, Order
from twin.pace import ALWAYS, NORMAL
from twin.pool import Pool
from twin.regime import for_target
from twin.stock import PLANT, Shelf
from twin.suppliers import Suppliers
from twin.usual import BREAKDOWN

BATCH_RANK = 4
"""Replenishment stands behind VIP and preferred orders and before standard ones: it feeds many orders."""
REMAKE_RANK = -10
RESERVED = StockAllocated(warehouse=PLANT)
WAIT_NOTED_S = 3600
"""Shorter waits are nobody's fault."""


@dataclass(slots=True)
class Making:
    """A job of a line: an order's goods, or a batch for a shelf."""

    id: str
    item: str
    quantity: int
    rank: int
    line: str
    luck: tuple[float, float]
    """Spread of its time, inspection."""
    order: Order | None = None
    shelf: Shelf | None = None
    is_remade: bool = False


class Production:
    """All lines of the plant."""

    def __init__(self, context: Context, suppliers: Suppliers) -> None:
        network = context.network
        self._context = context
        self._channel = context.feeds.channel("mes")
        self._items: dict[str, Item] = {item.name: item for item in network.items}
        self._unit_s = {item.name: seconds(item.unit_time or 0) for item in network.items}
        self.rules: dict[str, Line] = {line.name: line for line in network.lines}
        self._luck: dict[str, Luck] = {
            line.name: context.chance.luck(f"batch/{line.name}", 2) for line in network.lines
        }
        self._batches = dict.fromkeys(self.rules, 0)
        self._last_item = dict.fromkeys(self.rules, "")
        self.lines: dict[str, Pool[Making]] = {line.name: self._line(line) for line in network.lines}
        self.materials = Materials(context, suppliers, self._queue)
        self.made: Callable[[Order], None] = lambda _order: None
        self.batch_made: Callable[[Shelf, int], None] = lambda _shelf, _pieces: None
        self._diverted: dict[str, tuple[str, int]] = {}
        self.busy_s = dict.fromkeys(self.rules, 0)
        self._watch_lines()

    def make(self, order: Order) -> None:
        """Have an order's goods made."""
        item = self._items[self._context.network.items[order.item].name]
        assert item.line is not None, "made to order means a line"
        luck = (order.luck[Draw.MAKE], order.luck[Draw.QUALITY])
        making = Making(order.id, item.name, order.quantity, order.rank, self._line_for(item.line), luck, order)
        if not self.materials.reserve(making) and self._channel.is_on:
            expected_s = self.materials.expected_s(making)
            if expected_s is not None:
                self._plan(making, expected_s, self._work_s(making), "foreseen")

    def make_batch(self, shelf: Shelf, pieces: int) -> None:
        """Have a batch made for a shelf."""
        line = self._items[shelf.item].line
        assert line is not None, "a batch has a line"
        number = self._batches[line]
        self._batches[line] = number + 1
        first, second = self._luck[line].row(number)
        shelf.on_order += pieces
        name = f"B-{line}-{number:05d}"
        making = Making(name, shelf.item, pieces, BATCH_RANK, self._line_for(line), (first, second), shelf=shelf)
        self.materials.reserve(making)

    def divert(self, line: str, target: str, until_s: int) -> int:
        """Send a line's waiting and coming work to another until then; return how many waiting jobs moved."""
        self._diverted[line] = (target, until_s)
        moved = self.lines[line].remove(lambda _making: True)
        for making, work_s in moved:
            making.line = target
            self.lines[target].submit(making, work_s, making.rank)
        return len(moved)

    def expedite(self, order: Order, rank: int) -> bool:
        """Move an order up in its line's queue; return whether it waited there."""
        return any(pool.move_up(lambda making: making.order is order, rank) for pool in self.lines.values())

    def withdraw(self, order: Order) -> bool:
        """Take an order out of a queue; return whether it stood in one."""
        for pool in self.lines.values():
            if pool.remove(lambda making: making.order is order):
                return True
        return self.materials.withdraw(lambda making: making.order is order)

    @property
    def orders_inside(self) -> int:
        """Return how many orders wait, or are being made."""
        waiting = sum(entry[2].order is not None for pool in self.lines.values() for entry in pool.queue)
        busy = sum(job.item.order is not None for pool in self.lines.values() for job in pool.busy)
        return waiting + busy + sum(making.order is not None for making in self.materials.blocked)

    def _line(self, line: Line) -> Pool[Making]:
        regime = self._context.regime(line.calendar, f"line:{line.name}")

        def taken(making: Making, work_s: int, wait_s: int) -> int:
            return self._started(line, making, work_s, wait_s)

        return Pool(self._context.env, 1, regime, self._finished, taken=taken)

    def _line_for(self, line: str) -> str:
        target, until_s = self._diverted.get(line, (line, 0))
        return target if self._context.env.now < until_s else line

    def _queue(self, making: Making) -> None:
        """Queue a job whose materials are there."""
        now_s = self._context.env.now
        pool = self.lines[making.line]
        work_s = self._work_s(making)
        if making.order is not None:
            making.order.stamps[Stage.ALLOCATED] = now_s
        if self._channel.is_on and making.order is not None:
            self._channel.tell(now_s, f"{making.id}-allocated", making.id, RESERVED)
            self._plan(making, pool.regime.base.finish(now_s, pool.work_waiting_s), work_s, "planned")
        pool.submit(making, work_s, making.rank)

    def _plan(self, making: Making, start_s: int, work_s: int, what: str) -> None:
        """Report an order's slot on its line."""
        now_s, base = self._context.env.now, self.lines[making.line].regime.base
        said = ProductionPlanned(
            line=making.line,
            start_at=self._context.moment(min(start_s, now_s + 60 * DAY_S)),
            finish_at=self._context.moment(min(base.finish(start_s, work_s), now_s + 90 * DAY_S)),
        )
        self._channel.tell(now_s, f"{making.id}-{what}", making.id, said)

    def _work_s(self, making: Making) -> int:
        factor = spread(self.rules[making.line].sigma, making.luck[0])
        return max(1, round(making.quantity * self._unit_s[making.item] * factor))

    def _started(self, line: Line, making: Making, work_s: int, wait_s: int) -> int:
        now_s = self._context.env.now
        if self._last_item[line.name] != making.item:
            work_s += seconds(line.setup)
            self._last_item[line.name] = making.item
        self.busy_s[line.name] += work_s
        order = making.order
        if order is not None:
            if wait_s > WAIT_NOTED_S:
                order.lose_time(self._why_late(line.name, now_s - wait_s, now_s), wait_s)
            if self._channel.is_on:
                finish_s = self.lines[line.name].regime.base.finish(now_s, work_s)
                expected = self._context.moment(min(finish_s, now_s + 90 * DAY_S))
                said = ProductionStarted(line=line.name, expected_finish_at=expected)
                self._channel.tell(now_s, f"{making.id}-started-{int(making.is_remade)}", making.id, said)
        return work_s

    def _why_late(self, line: str, since_s: int, now_s: int) -> str:
        cause = self.lines[line].regime.cause_between(since_s, now_s)
        return cause if cause and cause != BREAKDOWN else f"line:{line}"

    def _finished(self, making: Making) -> None:
        now_s = self._context.env.now
        is_bad = not making.is_remade and making.luck[1] < self._defect_share(making.line, now_s)
        self._inspected(making, now_s, is_bad=is_bad)
        if is_bad:
            making.is_remade = True
            work_s = self._work_s(making)
            if making.order is not None:
                making.order.remade += 1
                making.order.lose_time("quality", work_s)
            self.lines[making.line].submit(making, work_s, REMAKE_RANK)
        elif making.order is not None:
            making.order.stamps[Stage.PRODUCED] = now_s
            if self._channel.is_on:
                self._channel.tell(now_s, f"{making.id}-finished", making.id, ProductionFinished(line=making.line))
            self.made(making.order)
        else:
            assert making.shelf is not None, "a job is for an order or for a shelf"
            self.batch_made(making.shelf, making.quantity)

    def _defect_share(self, line: str, now_s: int) -> float:
        share = self.rules[line].defect_share
        for mask in self._context.masks.qualities:
            if mask.line == line and mask.start_s <= now_s < mask.end_s:
                share = max(share, mask.permille / NORMAL)
        return share

    def _inspected(self, making: Making, now_s: int, *, is_bad: bool) -> None:
        if self._channel.is_on:
            said = QualityResult(
                is_passed=not is_bad,
                line=making.line,
                item=making.item,
                defect="off-spec" if is_bad else "",
                inspected=float(making.quantity),
                defective=float(making.quantity) if is_bad else 0.0,
            )
            self._channel.tell(now_s, f"{making.id}-inspected-{int(making.is_remade)}", making.id, said)

    def _watch_lines(self) -> None:
        """Plan the reports of the line sensors: down, slow, up again."""
        if not self._channel.is_on:
            return
        for name, line in self.rules.items():
            masks = [one for one in for_target(self._context.masks.speeds, f"line:{name}") if one.end_s > 0]
            pace = ALWAYS.slowed((one.start_s, one.end_s, one.permille) for one in masks)
            before = NORMAL
            for at_s in (0, *(start_s for start_s in pace.starts if start_s > 0)):
                speed = pace.speed_at(at_s)
                if speed != before:
                    cause = _cause_at(masks, at_s)
                    self._context.call(at_s, Tie.WORLD, self._line_changed, (line, at_s, cause, speed))
                before = speed

    def _line_changed(self, call: Call) -> None:
        """Report what a line can do from now on, whatever it is that slows it."""
        line, at_s, cause, speed = call.item
        state = LineState.UP if speed >= NORMAL else LineState.SLOW if speed else LineState.DOWN
        expected = None
        if state is not LineState.UP:
            # The foreman knows the usual repair, not this one's length.
            expected = self._context.moment(at_s + seconds(line.repair_median or 0) + 3600)
        said = LineStatus(
            reason=ReasonCode.BREAKDOWN if cause == BREAKDOWN else ReasonCode.OTHER,
            note="" if cause == BREAKDOWN else cause,
            state=state,
            speed=None if state is not LineState.SLOW else speed / NORMAL,
            expected_recovery_at=expected,
        )
        self._channel.tell(at_s, f"line-{line.name}-{state.value}-{at_s}", line.name, said)


def _cause_at(masks: Sequence[SpeedMask], at_s: int) -> str:
    """Return why a line's speed is what it is: the mask that begins, else the one that holds most, else what ended."""
    begun = [one for one in masks if one.start_s == at_s]
    holding = [one for one in masks if one.start_s < at_s < one.end_s]
    ended = [one for one in masks if one.end_s == at_s]
    return min(begun or holding or ended, key=lambda one: one.permille).cause
