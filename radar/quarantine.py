"""Poison orders: put aside with the reason, so that one of them cannot stop the others (R51)."""

from collections.abc import Sequence

from radar.outputs import Output

QUARANTINE = "quarantine"
"""Machine name of the rows that remember poison orders."""


class QuarantinedError(Exception):
    """An order that the rules cannot handle: put aside with the reason, its events kept as dead letters."""

    def __init__(self, order_id: str, why: str, said: Sequence[Output] = ()) -> None:
        super().__init__(f"order {order_id} is quarantined: {why}")
        self.order_id = order_id
        self.said = said
        """What was said before the order failed: it stands."""
