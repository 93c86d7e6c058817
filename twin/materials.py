"""The materials of the plant: reserved for a job before it may queue at a line, bought back like items.

The plant's own system tells every shelf once a day.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from scenarios.network import Network
from twin.context import DAY_S, Context
from twin.kernel import Call, Tie
from twin.planning import Planning
from twin.stock import PLANT, Shelf, level_of
from twin.suppliers import Suppliers

if TYPE_CHECKING:
    from twin.production import Making


def usage_per_day(network: Network, material: str) -> float:
    """Return the mean pieces a day that the lines use up."""
    shares = sum(item.share for item in network.items)
    per_day = 0.0
    for item in network.items:
        orders = network.demand.orders_per_day * item.share / shares
        per_day += orders * item.quantity_mean * item.materials.get(material, 0.0)
    return per_day


class Materials:
    """All material shelves."""

    def __init__(self, context: Context, suppliers: Suppliers, ready: Callable[["Making"], None]) -> None:
        network = context.network
        self._context = context
        self._suppliers = suppliers
        self._planning = Planning(context, suppliers.expected_s)
        self._ready = ready
        self._sequence = 0
        self._supplier = {material.name: material.supplier for material in network.materials}
        self._needs = {item.name: tuple(item.materials.items()) for item in network.items}
        self._batch_max = network.plant.material_batch_max if network.plant else 1
        self.shelves = {
            material.name: Shelf(PLANT, material.name, material.stock, usage_per_day(network, material.name))
            for material in network.materials
        }
        self._blocked: list[tuple[int, int, Making, int]] = []
        self._channel = context.feeds.channel("mes")
        if self._channel.is_on:
            context.call(300, Tie.REPORT, self._report)

    def start(self) -> None:
        """Order what the opening stock already asks for."""
        for shelf in self.shelves.values():
            self._reorder(shelf)

    def reserve(self, making: "Making") -> bool:
        """Take a job's materials and hand it on, or block it until they are there; return whether it went on."""
        needs = self.needs(making)
        if self._take(needs):
            self._ready(making)
            return True
        for material, pieces in needs:
            shelf = self.shelves[material]
            shelf.backlog += pieces
            self._reorder(shelf)
            if shelf.on_hand < pieces:
                self._planning.waits(shelf)
        heappush(self._blocked, (making.rank, self._sequence, making, self._context.env.now))
        self._sequence += 1
        return False

    def receive(self, shelf: Shelf, pieces: int) -> None:
        """Put a delivery on its shelf and let blocked jobs go on, in their order."""
        shelf.receive(pieces)
        still: list[tuple[int, int, Making, int]] = []
        blocked, self._blocked = self._blocked, []
        while blocked:
            entry = heappop(blocked)
            making, since_s = entry[2], entry[3]
            needs = self.needs(making)
            if self._take(needs):
                for material, wanted in needs:
                    self.shelves[material].backlog -= wanted
                if making.order is not None:
                    making.order.lose_time(f"material:{shelf.item}", self._context.env.now - since_s)
                self._ready(making)
            else:
                still.append(entry)
        self._blocked.extend(still)
        heapify(self._blocked)
        self._reorder(shelf)
        self._planning.arrived(shelf)

    def expected_s(self, making: "Making") -> int | None:
        """Return when all materials a blocked job lacks are expected; None when nobody knows."""
        lacking = [self.shelves[name] for name, pieces in self.needs(making) if self.shelves[name].on_hand < pieces]
        dates = [self._suppliers.expected_s(shelf) for shelf in lacking]
        known = [date for date in dates if date is not None]
        return max(known) if known and len(known) == len(dates) else None

    def withdraw(self, wanted: Callable[["Making"], bool]) -> bool:
        """Take a blocked job out; return whether there was one."""
        for entry in self._blocked:
            if wanted(entry[2]):
                for material, pieces in self.needs(entry[2]):
                    self.shelves[material].backlog -= pieces
                self._blocked.remove(entry)
                heapify(self._blocked)
                return True
        return False

    def needs(self, making: "Making") -> list[tuple[str, int]]:
        """Return the pieces of each material a job uses."""
        return [(name, max(1, round(each * making.quantity))) for name, each in self._needs[making.item]]

    @property
    def blocked(self) -> list["Making"]:
        """Return the jobs that wait for material."""
        return [entry[2] for entry in self._blocked]

    def _report(self, _call: Call) -> None:
        """Report every shelf once a day."""
        now_s = self._context.env.now
        for shelf in self.shelves.values():
            name = f"{shelf.item}@{shelf.place}"
            self._channel.tell(now_s, f"level-{name}-{now_s // DAY_S}", name, level_of(shelf))
        self._context.call(now_s + DAY_S, Tie.REPORT, self._report)

    def _take(self, needs: list[tuple[str, int]]) -> bool:
        if any(self.shelves[material].on_hand < pieces for material, pieces in needs):
            return False
        for material, pieces in needs:
            self.shelves[material].issue(pieces)
            self._reorder(self.shelves[material])
        return True

    def _reorder(self, shelf: Shelf) -> None:
        while shelf.position <= shelf.reorder_at:
            self._suppliers.order(shelf, min(shelf.batch, self._batch_max), self._supplier[shelf.item])
