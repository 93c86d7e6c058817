"""Logistic regression that learns online: one Newton step an epoch, with forgetting.

The information of all past epochs is kept in one matrix: a Gaussian approximation of the posterior that serves as
the prior of the next batch (the Laplace step of Bayesian logistic regression; Bishop, Pattern Recognition and
Machine Learning, 2006, 4.5). Forgetting shrinks it a little every epoch towards the first prior, so the weights can
follow a world that drifts.
"""

import numpy as np

from radar.learning.local_days import Floats

SCORE_MAX = 15.0
"""Log-odds beyond which a probability is as good as certain; keeps ``exp`` in its range."""
_BLOCK_ROWS = 128
"""Rows multiplied at once. 128 x 39 x 39 products stay below the size from which OpenBLAS splits one product over
threads, so that the sums come out the same, bit for bit, whatever number of threads it has."""


class Newton:
    """Weights, and what is known of each."""

    __slots__ = ("_forget", "_prior", "information", "weights")

    def __init__(self, size: int, ridge: float | Floats, forget: float) -> None:
        """Begin with weights of zero.

        Args:
            size: Number of inputs.
            ridge: Information of the first prior on each weight, or on all alike.
            forget: Share of the information that is left after an epoch.
        """
        self.weights: Floats = np.zeros(size)
        self.information: Floats = np.eye(size) * ridge
        self._prior = np.eye(size) * ridge
        self._forget = forget

    def update(self, inputs: Floats, labels: Floats, offset: Floats, importance: Floats | None = None) -> None:
        """Learn one batch.

        Args:
            inputs: (rows, size).
            labels: 0 or 1 of each row.
            offset: Log-odds that the weights only correct.
            importance: Weight of each row, 1 where none is given; negative takes a row learned before back.
        """
        chance = sigmoid(offset + _product(inputs, self.weights))
        spread = chance * (1 - chance)
        slope = labels - chance
        if importance is not None:
            spread, slope = spread * importance, slope * importance
        information = self._forget * self.information + (1 - self._forget) * self._prior
        gradient = np.zeros(len(self.weights))
        for first in range(0, len(inputs), _BLOCK_ROWS):
            rows = slice(first, first + _BLOCK_ROWS)
            part = inputs[rows]
            information += (part * spread[rows, None]).T @ part
            gradient += part.T @ slope[rows]
        self.information = information
        self.weights = self.weights + np.linalg.solve(information, gradient)

    def loosen(self, places: slice, variance: float) -> None:
        """Let some weights be known less well: their variances grow by ``variance``, each on its own.

        The step of a random walk in a Kalman filter, in terms of the information (the Woodbury identity).
        """
        known = self.information[:, places]
        gain = np.linalg.solve(known[places] + np.eye(known.shape[1]) / variance, known.T)
        self.information = self.information - known @ gain


def sigmoid(scores: Floats) -> Floats:
    """Return the probabilities of log-odds."""
    result: Floats = 1 / (1 + np.exp(-np.clip(scores, -SCORE_MAX, SCORE_MAX)))
    return result


def _product(inputs: Floats, weights: Floats) -> Floats:
    """Return ``inputs @ weights``, block by block."""
    result = np.empty(len(inputs))
    for first in range(0, len(inputs), _BLOCK_ROWS):
        rows = slice(first, first + _BLOCK_ROWS)
        result[rows] = inputs[rows] @ weights
    return result
