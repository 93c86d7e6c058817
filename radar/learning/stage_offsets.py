"""What the stage an order has reached says beyond the elapsed time.

The hazards of hand-over and delivery know elapsed times only; of a marketplace nothing else is told. On a maker's
route an order that is packed will be handed over sooner than one that is not yet made, and a parcel out for delivery
is nearly there. For every stage and every number of days since an order was seen at it, one log-odds offset to the
hazard is learned from all orders: of those at stage ``s`` at a midnight, how many more than the hazard said were
handed over (or delivered) on the k-th day after. Days ahead are kept apart because an order moves on meanwhile: that
it is not packed today lowers the chance of a hand-over today, and hardly that of a hand-over in a week.

Each offset is a logistic regression on a constant, learned by one Newton step a day with forgetting
(``radar.learning.newton`` with a diagonal information). As long as no stage but those of a marketplace was seen
there are no offsets.
"""

from collections.abc import Sequence

import numpy as np

from radar.learning.local_days import Flags, Floats, Ints
from radar.learning.newton import sigmoid
from radar.stages import STAGE_COUNT, Stage

AHEAD = 8
"""Days ahead that are told apart; the last one stands for all further ones."""
RIDGE, FORGET = 3.0, 0.98
"""Information of the prior on an offset, and what is left of all information after a day: as for the hazards."""
OFFSET_MAX = 5.0


class StageOffsets:
    """Offsets of one part of the way, by stage and days ahead."""

    __slots__ = ("_plain", "_stages", "factors", "information", "offsets", "table")

    def __init__(self, stages: Sequence[Stage], plain: Sequence[Stage]) -> None:
        """Begin without offsets.

        Args:
            stages: The stages of the part, in order; the first is where it begins.
            plain: Those among them that a marketplace has too: alone they are no reason for offsets.
        """
        self._stages = np.array(stages)
        self._plain = np.array([stage in plain for stage in stages])
        self.table: Floats = np.zeros((STAGE_COUNT, AHEAD))
        self.information: Floats = np.full((STAGE_COUNT, AHEAD), RIDGE)
        self.freeze()

    @property
    def is_on(self) -> bool:
        """Return whether anything was learned."""
        return bool(self.table.any())

    def learn(self, reached: Floats, scores: Floats, happened: Floats, day: int) -> None:
        """Learn one day of all orders on this part of the way.

        Args:
            reached: Days the milestones were reached, infinite where they were not; (orders, milestones).
            scores: Log-odds that the hazards gave each for this day.
            happened: 1 for each that got to the end of this part that day.
            day: That day.
        """
        columns = reached[:, self._stages]
        if not self.is_on and not np.isfinite(columns[:, ~self._plain]).any():
            return
        self.information = FORGET * self.information + (1 - FORGET) * RIDGE
        for ahead in range(AHEAD):
            stages, is_here = self._at(columns, day - ahead)
            if not is_here.any():
                continue
            stages, score, label = stages[is_here], scores[is_here], happened[is_here]
            chance = sigmoid(score + self.table[stages, ahead])
            spread = np.bincount(stages, chance * (1 - chance), STAGE_COUNT)
            self.information[:, ahead] += spread
            step = np.bincount(stages, label - chance, STAGE_COUNT) / self.information[:, ahead]
            self.table[:, ahead] = np.clip(self.table[:, ahead] + step, -OFFSET_MAX, OFFSET_MAX)

    def freeze(self) -> None:
        """Fix what predictions read until the next epoch."""
        self.offsets: list[list[float]] | None = self.table.tolist() if self.is_on else None
        """By stage and days ahead, None as long as there are none."""
        self.factors: list[list[float]] | None = np.exp(self.table).tolist() if self.is_on else None
        """The same as factors of the odds."""

    def of_many(self, reached: Floats, day: int, ahead: int) -> Floats:
        """Return the offsets of many orders for the day so many days ahead, by their stage at the start of ``day``."""
        if self.offsets is None:
            return np.zeros(len(reached))
        stages, _ = self._at(reached[:, self._stages], day)
        result: Floats = self.table[stages, min(ahead, AHEAD - 1)]
        return result

    def _at(self, columns: Floats, day: int) -> tuple[Ints, Flags]:
        """Return the stages of orders at the start of a day, and whether they were on this part of the way by then."""
        is_reached = columns <= day
        last = columns.shape[1] - 1 - np.argmax(is_reached[:, ::-1], axis=1)
        return self._stages[last], is_reached[:, 0]
