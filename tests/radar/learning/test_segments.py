"""Sums by segment: they fade with time alone, and leave when they say nothing any more."""

import numpy as np
import pytest

from radar.learning import segments as module
from radar.learning.segments import AREA, Segments


def means(rows: Segments, name: str, day: float) -> list[float]:
    return [float(one) for one in rows.means.at(np.array([rows.rows[name]]), day)[0]]


def test_sums_fade_by_half_in_a_half_life_however_often_they_are_read():
    rows = Segments(AREA)
    row = rows.row_of("RJ", 100.0)
    rows.add_means(np.array([row, row]), np.array([2.0, 3.0]), 100.0)
    assert means(rows, "RJ", 100.0) == [5.0, 2.0]
    assert means(rows, "RJ", 145.0) == pytest.approx([2.5, 1.0])
    rows.add_means(np.array([row]), np.array([1.0]), 145.0)
    assert means(rows, "RJ", 190.0) == pytest.approx([1.75, 1.0])


def test_expected_and_observed_fade_at_three_speeds():
    rows = Segments(AREA)
    row = rows.row_of("RJ", 0.0)
    rows.add_rates(np.array([row]), np.array([1.0]), np.array([0.5]), 10.0)
    found = rows.rates.at(np.array([row]), 12.0)[0]
    fades = [0.5 ** (2 / half) for half in (2, 7, 25)]
    assert found == pytest.approx([*fades, *(0.5 * fade for fade in fades)])


def test_the_unknown_segment_stays_empty():
    rows = Segments(AREA)
    rows.add_means(np.array([0, 0]), np.array([1.0, 1.0]), 5.0)
    assert rows.means.values[0].tolist() == [0.0, 0.0]
    assert rows.dirty == set()


def test_a_faded_segment_leaves_and_is_told_to_the_store(monkeypatch):
    rows = Segments(AREA)
    for name in ("old", "used", "new"):
        rows.add_means(np.array([rows.row_of(name, 7.0)]), np.array([1.0]), 7.0)
    rows.dirty.clear()
    rows.add_means(np.array([rows.rows["new"]]), np.array([1.0]), 700.0)
    rows.forget(707.0, np.array([rows.rows["used"]]))
    assert sorted(rows.rows) == ["new", "used"]
    assert "old" in rows.dirty
    assert rows.stored("old") is None
    row = rows.row_of("next", 707.0)
    assert rows.means.at(np.array([row]), 707.0)[0].tolist() == [0.0, 0.0], "its row starts anew"


def test_no_more_segments_than_the_limit(monkeypatch):
    monkeypatch.setattr(module, "SEGMENTS_MAX", 3)
    rows = Segments(AREA)
    assert [rows.row_of(str(one), 1.0) for one in range(5)] == [1, 2, 3, 0, 0]


def test_a_segment_comes_back_from_the_store_to_the_last_bit():
    rows = Segments(AREA)
    row = rows.row_of("RJ", 3.0)
    rows.add_means(np.array([row]), np.array([1 / 3]), 3.0)
    rows.add_rates(np.array([row]), np.array([0.1]), np.array([0.7]), 4.0)
    stored = rows.stored("RJ")
    assert stored is not None
    again = Segments(AREA)
    again.restore(stored)
    assert again.stored("RJ") == stored
    assert means(again, "RJ", 77.0) == means(rows, "RJ", 77.0)
