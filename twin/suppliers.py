"""Suppliers: purchase orders with their luck by number, late deliveries, notices, backups (R14, R32)."""

from collections.abc import Callable
from dataclasses import dataclass

from radar.events.supply import SupplyNotice, SupplyReceived
from scenarios.network_supply import Supplier
from twin.chance import Luck, lognormal_s
from twin.context import DAY_S, Context, seconds
from twin.kernel import Call, Tie
from twin.pace import NEVER_S
from twin.stock import Shelf

NOTICE_GUESS = 0.9
"""Share of the true delay that a supplier admits when it first tells of it (assumption: suppliers are hopeful)."""


@dataclass(slots=True)
class Purchase:
    """A purchase order on its way."""

    id: str
    supplier: str
    shelf: Shelf
    pieces: int
    refused: int
    ordered_s: int
    promised_s: int
    arrives_s: int
    told_s: int = NEVER_S
    """When the supplier tells of a delay."""
    hoped_s: int = 0
    """What it then says."""

    def expected_s(self, now_s: int) -> int:
        """Return when the buyers expect it: as promised, as told since, or tomorrow when it is overdue."""
        said_s = self.hoped_s if now_s >= self.told_s else self.promised_s
        return said_s if said_s > now_s else now_s + DAY_S


class Suppliers:
    """All suppliers of a network."""

    def __init__(self, context: Context, receive: Callable[[Shelf, int], None]) -> None:
        self._context = context
        self._receive = receive
        self._channel = context.feeds.channel("procurement")
        self._by_name = {supplier.name: supplier for supplier in context.network.suppliers}
        self._luck: dict[str, Luck] = {name: context.chance.luck(f"supplier/{name}", 4) for name in self._by_name}
        self._counts = dict.fromkeys(self._by_name, 0)
        self._backup_until_s = dict.fromkeys(self._by_name, -1)
        self.open: dict[str, Purchase] = {}

    def order(self, shelf: Shelf, pieces: int, supplier: str) -> None:
        """Order goods for a shelf; from the backup while one is in use."""
        now_s = self._context.env.now
        if now_s < self._backup_until_s[supplier]:
            supplier = self._by_name[supplier].backup or supplier
        number = self._counts[supplier]
        self._counts[supplier] = number + 1
        purchase = self._purchase(self._by_name[supplier], shelf, pieces, number)
        self.open[purchase.id] = purchase
        shelf.on_order += pieces
        self._context.call(purchase.arrives_s, Tie.ARRIVE, self._arrived, purchase)
        self._notice(purchase)

    def expedite(self, item: str, share: float) -> int:
        """Shorten what is left of the way of an item's purchases by ``share``; return how many there were."""
        now_s, count = self._context.env.now, 0
        for purchase in self.open.values():
            if purchase.shelf.item == item and purchase.arrives_s > now_s:
                purchase.arrives_s -= int((purchase.arrives_s - now_s) * share)
                purchase.told_s, purchase.hoped_s = now_s, purchase.arrives_s
                self._context.call(purchase.arrives_s, Tie.ARRIVE, self._arrived, purchase)
                count += 1
        return count

    def expected_s(self, shelf: Shelf) -> int | None:
        """Return when the next delivery for a shelf is expected, as far as the buyers know; None when none is open."""
        now_s = self._context.env.now
        known = [purchase.expected_s(now_s) for purchase in self.open.values() if purchase.shelf is shelf]
        return min(known, default=None)

    def use_backup(self, supplier: str, until_s: int) -> bool:
        """Order from the backup until then, at once a batch of what is on its way; return whether there is one."""
        if supplier not in self._by_name or self._by_name[supplier].backup is None:
            return False
        is_new = self._backup_until_s[supplier] <= self._context.env.now
        self._backup_until_s[supplier] = until_s
        waited_for = {id(one.shelf): one.shelf for one in self.open.values() if one.supplier == supplier}
        for shelf in waited_for.values() if is_new else ():
            self.order(shelf, shelf.batch, supplier)
        return True

    def _purchase(self, supplier: Supplier, shelf: Shelf, pieces: int, number: int) -> Purchase:
        now_s = self._context.env.now
        luck = self._luck[supplier.name].row(number)
        lead_s = lognormal_s(seconds(supplier.lead_time), supplier.sigma, luck[0])
        if luck[1] < supplier.late_share:
            lead_s += seconds(supplier.late_by)
        promised_s = now_s + seconds(supplier.lead_time)
        arrives_s = now_s + lead_s
        for mask in self._context.masks.supplies:
            if mask.supplier == supplier.name and mask.start_s <= now_s < mask.end_s:
                arrives_s = now_s + lead_s * mask.permille // 1000 + mask.extra_s
                if mask.is_failed:
                    arrives_s = max(arrives_s, mask.end_s + lead_s)
        refused = int(pieces * supplier.reject_share * 2 * luck[2])
        name = f"PO-{supplier.name}-{number:05d}"
        purchase = Purchase(name, supplier.name, shelf, pieces, refused, now_s, promised_s, arrives_s)
        delay_s = arrives_s - promised_s
        if supplier.notice and delay_s > DAY_S:
            purchase.told_s = max(now_s + 3600, promised_s - seconds(supplier.notice))
            purchase.hoped_s = promised_s + int(delay_s * NOTICE_GUESS)
        return purchase

    def _notice(self, purchase: Purchase) -> None:
        """Report the order's promised arrival, and ahead of it the delay where the supplier tells of one."""
        if not self._channel.is_on:
            return
        moment, shelf, pieces = self._context.moment, purchase.shelf, float(purchase.pieces)
        promised = moment(purchase.promised_s)
        said = SupplyNotice(purchase.supplier, shelf.item, pieces, promised, promised, shelf.place)
        self._channel.tell(purchase.ordered_s, f"{purchase.id}-ordered", purchase.id, said)
        if purchase.told_s != NEVER_S:
            said = SupplyNotice(purchase.supplier, shelf.item, pieces, promised, moment(purchase.hoped_s), shelf.place)
            self._channel.tell(purchase.told_s, f"{purchase.id}-delayed", purchase.id, said)

    def _arrived(self, call: Call) -> None:
        purchase: Purchase = call.item
        now_s = self._context.env.now
        if purchase.arrives_s != now_s or purchase.id not in self.open:
            return  # expedited since
        del self.open[purchase.id]
        good = purchase.pieces - purchase.refused
        purchase.shelf.on_order -= purchase.pieces
        if self._channel.is_on:
            shelf = purchase.shelf
            said = SupplyReceived(purchase.supplier, shelf.item, shelf.place, float(good))
            self._channel.tell(now_s, f"{purchase.id}-received", purchase.id, said)
        self._receive(purchase.shelf, good)
