"""What the plant's planner tells: which goods come late because a material is missing, and when they are expected.

An order made in house names its line as its supplier, and it is the line that owes it the goods: a supplier's notice
about boards says nothing to somebody who ordered a desk. So planning passes the news on, as a notice of the line about
the item, when a job first waits for the material, when the date moves, and when the material is there. It knows what
the buyers know: the promised date, then what the supplier admits; what is overdue without a word is expected tomorrow.
"""

from collections.abc import Callable

from radar.events import Payload
from radar.events.supply import SupplyNotice, SupplyReceived
from twin.context import DAY_S, Context
from twin.kernel import Call, Tie
from twin.stock import Shelf

LOOK_S = 5 * 3600
"""Planning runs over night and is done before the plant opens (assumption)."""
MOVED_S = 3600
"""A date that moves by less is the same date."""

Expected = Callable[[Shelf], int | None]
"""Shelf -> when its next delivery is expected, as far as the buyers know."""


class Planning:
    """Follows the materials that jobs wait for."""

    def __init__(self, context: Context, expected: Expected) -> None:
        self._context = context
        self._expected = expected
        self._channel = context.feeds.channel("mes")
        self._short: dict[str, tuple[Shelf, int]] = {}
        """Material -> its shelf, and the date last told."""
        self._told = 0
        self._goods: dict[str, list[tuple[str, str]]] = {material.name: [] for material in context.network.materials}
        for item in context.network.items:
            for material in item.materials:
                self._goods[material].append((item.line or "", item.name))
        if self._channel.is_on:
            context.call(LOOK_S, Tie.REPORT, self._look)

    def waits(self, shelf: Shelf) -> None:
        """Take note that a job waits for a material."""
        if self._channel.is_on and shelf.item not in self._short:
            self._tell_date(shelf, 0)

    def arrived(self, shelf: Shelf) -> None:
        """Take note of a delivery, after the jobs that it was enough for have gone on."""
        if shelf.item in self._short and shelf.backlog <= shelf.on_hand:
            del self._short[shelf.item]
            self._tell(shelf, SupplyReceived)

    def _look(self, _call: Call) -> None:
        for shelf, told_s in list(self._short.values()):
            self._tell_date(shelf, told_s)
        self._context.call(self._context.env.now + DAY_S, Tie.REPORT, self._look)

    def _tell_date(self, shelf: Shelf, told_s: int) -> None:
        expected_s = self._expected(shelf)
        if expected_s is None or abs(expected_s - told_s) < MOVED_S:
            return
        self._short[shelf.item] = (shelf, expected_s)
        moment = self._context.moment(expected_s)
        self._tell(shelf, lambda line, item: SupplyNotice(line, item, expected_at=moment))

    def _tell(self, shelf: Shelf, said: Callable[[str, str], Payload]) -> None:
        """Say something of everything that is made of a material."""
        for line, item in self._goods[shelf.item]:
            self._told += 1
            name = f"goods-{self._told:06d}"
            self._channel.tell(self._context.env.now, name, f"{item}/{shelf.item}", said(line, item))
