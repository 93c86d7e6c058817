"""The one interface between watching and predicting."""

from typing import Protocol

from radar.instant import Instant
from radar.orders import Order
from radar.outputs import Reason
from radar.stages import Stage


class Predictor(Protocol):
    """What the order watch tells and asks; labels are told when they are known and not before."""

    def placed(self, order: Order, at: Instant) -> None:
        """Take note of a new order."""

    def reached(self, order: Order, stage: Stage, at: Instant) -> None:
        """Take note of a milestone."""

    def heard(self, order: Order, at: Instant) -> None:
        """Take note of other news of an open order, or that it was set aside."""

    def resolved(self, order: Order, *, is_late: bool, at: Instant) -> None:
        """Take the label: at the delivery or at the promise, whichever came first."""

    def predict(self, order: Order, at: Instant, delay_us: int = 0) -> float:
        """Return P(late) of an open order with a promise, from what is known at ``at``.

        Args:
            order: The order.
            at: As of when.
            delay_us: Expected extra time because of conditions: predict as if the promise came that much earlier.
        """

    def counted(self, order: Order) -> Instant | None:
        """Return when it looked at the queues ahead of an order last, which ``predict`` counts itself.

        What acts through queues alone and stood there then is no condition on top. ``EARLIEST`` where queues are
        counted but not what storms, closures and couriers who are away do to them; None where not even queues are.
        """

    def spread(self, order: Order, at: Instant) -> float:
        """Return how uncertain ``predict`` is: the standard deviation of its log-odds, 0 where it is not known."""

    def explain(self, order: Order, at: Instant, delay_us: int = 0) -> tuple[Reason, ...]:
        """Return why ``predict`` says what it says; asked only when a warning is raised or updated."""
