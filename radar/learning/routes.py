"""Routes: which milestones orders of a type usually pass, from those delivered."""

import numpy as np

from radar.learning.local_days import Floats, Ints
from radar.learning.positions import DOORS, TYPES_MAX
from radar.orders import NEVER
from radar.stages import STAGE_COUNT

HALF_LIFE = 10.0
"""Days. Source: docs/prediction.md."""


class Routes:
    """Decayed counts, by order type."""

    def __init__(self) -> None:
        self.counts: Floats = np.zeros((TYPES_MAX, STAGE_COUNT, STAGE_COUNT))
        """Of milestones, by the one told before."""
        self.deliveries: Floats = np.zeros(TYPES_MAX)
        self.freeze()

    def fade(self, days: float) -> None:
        """Let older deliveries count less."""
        factor = 0.5 ** (days / HALF_LIFE)
        self.counts *= factor
        self.deliveries *= factor

    def learn(self, types: Ints, reached: Ints) -> None:
        """Learn from delivered orders.

        Args:
            types: Number of the order type of each.
            reached: (stages, orders), when each milestone was reached.
        """
        befores = befores_of(reached)
        stages, orders = np.nonzero((reached != NEVER) & (befores >= 0))
        cells = (types[orders] * STAGE_COUNT + befores[stages, orders]) * STAGE_COUNT + stages
        self.counts += np.bincount(cells, minlength=self.counts.size).reshape(self.counts.shape)
        self.deliveries += np.bincount(types, minlength=TYPES_MAX)

    def freeze(self) -> None:
        """Fix which doors orders of each type pass."""
        passing = self.counts.sum(1) / np.maximum(self.deliveries, 1e-9)[:, None]
        self.is_passing = passing[:, DOORS] > 0.5
        """(types, doors)."""
        self.passing: list[list[bool]] = self.is_passing.tolist()


def befores_of(reached: Ints) -> Ints:
    """Return the last milestone told before each, -1 for none: (stages, orders)."""
    stages = np.arange(STAGE_COUNT)[:, None]
    last = np.maximum.accumulate(np.where(reached != NEVER, stages, -1), axis=0)
    return np.concatenate([np.full((1, reached.shape[1]), -1), last[:-1]])
