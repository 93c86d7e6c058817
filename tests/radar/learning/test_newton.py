"""The online regression against the one that sees everything at once."""

import numpy as np
import pytest

from radar.learning.newton import Newton, sigmoid


def drawn(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    inputs = np.column_stack([np.ones(rows), chance.normal(size=(rows, 2))])
    labels = (chance.random(rows) < sigmoid(inputs @ np.array([0.5, -1.0, 0.3]))).astype(float)
    return inputs, labels


def ridge_fit(inputs: np.ndarray, labels: np.ndarray, ridge: float) -> np.ndarray:
    weights = np.zeros(inputs.shape[1])
    for _ in range(50):
        chance = sigmoid(inputs @ weights)
        information = np.eye(len(weights)) * ridge + (inputs * (chance * (1 - chance))[:, None]).T @ inputs
        weights = weights + np.linalg.solve(information, inputs.T @ (labels - chance) - ridge * weights)
    return weights


def test_batch_by_batch_it_comes_near_the_fit_to_everything():
    inputs, labels = drawn(6000)
    net = Newton(3, ridge=1.0, forget=1.0)
    for first in range(0, 6000, 100):
        part = slice(first, first + 100)
        net.update(inputs[part], labels[part], np.zeros(100))
    assert net.weights == pytest.approx(ridge_fit(inputs, labels, 1.0), abs=0.03)


def test_the_offset_is_taken_for_known():
    inputs, labels = drawn(4000)
    net = Newton(3, ridge=1.0, forget=1.0)
    for first in range(0, 4000, 100):
        part = slice(first, first + 100)
        net.update(inputs[part], labels[part], inputs[part] @ np.array([0.5, -1.0, 0.3]))
    assert net.weights == pytest.approx(np.zeros(3), abs=0.12)


def test_it_forgets_towards_the_first_prior():
    inputs, labels = drawn(200)
    net = Newton(3, ridge=2.0, forget=0.5)
    net.update(inputs, labels, np.zeros(200))
    for _ in range(60):
        net.update(inputs[:0], labels[:0], np.zeros(0))
    assert net.information == pytest.approx(np.eye(3) * 2.0)


def test_what_is_taken_back_at_once_leaves_little():
    inputs, labels = drawn(50)
    net = Newton(3, ridge=30.0, forget=1.0)
    net.update(inputs, labels, np.zeros(50), np.full(50, 0.01))
    net.update(inputs, labels, np.zeros(50), np.full(50, -0.01))
    assert net.weights == pytest.approx(np.zeros(3), abs=1e-5)
    assert net.information == pytest.approx(np.eye(3) * 30.0, abs=1e-4)


def test_blocks_add_up_to_the_whole():
    inputs, labels = drawn(700)
    net = Newton(3, ridge=1.0, forget=1.0)
    net.update(inputs, labels, np.zeros(700))
    expected = np.eye(3) + (inputs * 0.25).T @ inputs
    assert net.information == pytest.approx(expected)
    assert net.weights == pytest.approx(np.linalg.solve(expected, inputs.T @ (labels - 0.5)))


def test_loosened_weights_are_known_less_well_and_the_others_as_well_as_before():
    inputs, labels = drawn(300)
    net = Newton(3, ridge=2.0, forget=0.99)
    net.update(inputs, labels, np.zeros(300))
    before, weights = np.linalg.inv(net.information), net.weights
    net.loosen(slice(1, 3), 0.25)
    expected = before + np.diag([0.0, 0.25, 0.25])
    assert np.linalg.inv(net.information) == pytest.approx(expected, rel=1e-9)
    assert net.weights is weights


def test_what_was_loosened_follows_a_change_sooner():
    inputs, labels = drawn(4000)
    nets = [Newton(3, ridge=1.0, forget=0.998) for _ in range(2)]
    for first in range(0, 4000, 100):
        part = slice(first, first + 100)
        turned = labels[part] if first < 2000 else 1 - labels[part]
        nets[1].loosen(slice(1, 2), 0.05)
        for net in nets:
            net.update(inputs[part], turned, np.zeros(100))
    assert nets[1].weights[1] > nets[0].weights[1] + 0.1
