"""Lessons of open orders: kept by order, in the sequence they were taken, and gone with it."""

from random import Random

import numpy as np

from radar.learning.flow_lessons import COLUMNS, TAKEN_MAX, FlowLessons


def lesson(mark: float) -> np.ndarray:
    return np.full(COLUMNS, mark)


def test_lessons_are_those_kept_one_by_one():
    chance, lessons, mark = Random(3), FlowLessons(), 0.0
    kept: dict[int, list[float]] = {}
    for _ in range(60):
        slots = sorted(chance.sample(range(400), 90))
        marks = [mark + place for place in range(len(slots))]
        mark += len(slots)
        lessons.keep(np.array(slots), np.array([lesson(one) for one in marks]))
        for slot, one in zip(slots, marks, strict=True):
            if len(kept.setdefault(slot, [])) < TAKEN_MAX:
                kept[slot].append(one)
        gone = chance.sample(range(600), 25)
        lessons.forget(np.array(gone))
        for slot in gone:
            kept.pop(slot, None)
        asked = chance.sample(range(800), 50)
        table, values = lessons.of(np.array(asked), np.array(asked, float))
        assert table[:, 0].tolist() == [one for slot in asked for one in kept.get(slot, ())]
        assert values.tolist() == [float(slot) for slot in asked for _ in kept.get(slot, ())]
    assert max(map(len, kept.values())) == TAKEN_MAX


def test_nothing_is_kept_of_nobody():
    lessons, nobody = FlowLessons(), np.zeros(0, np.int64)
    lessons.keep(nobody, np.zeros((0, COLUMNS)))
    lessons.forget(nobody)
    table, values = lessons.of(nobody, np.zeros(0))
    assert table.shape == (0, COLUMNS)
    assert not len(values)
