"""Intervals and paired differences: against tables, and against the coverage they promise."""

import math

import numpy as np
import pytest

from twin.stats import interval, paired, t_quantile


@pytest.mark.parametrize(
    ("degrees", "value"),
    # Any table of Student's t, two-sided 95 %.
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042), (59, 2.001), (1000, 1.962)],
)
def test_the_quantile_is_the_one_in_the_table(degrees, value):
    assert round(t_quantile(degrees), 3) == value


def test_one_replication_has_a_mean_and_no_interval():
    found = interval([4.0])
    assert (found.mean, found.lo, found.hi, found.replications) == (4.0, None, None, 1)


def test_what_is_undefined_in_a_replication_is_left_out_and_counted():
    found = interval([1.0, None, math.nan, 3.0])
    assert (found.mean, found.replications) == (2.0, 2)
    assert interval([None]).mean is None
    assert interval([]).replications == 0


@pytest.mark.req("R45")
def test_nineteen_of_twenty_intervals_hold_the_truth():
    draws = np.random.default_rng(5).normal(3.0, 2.0, (2000, 8))
    held = 0
    for row in draws.tolist():
        found = interval(row)
        assert found.lo is not None
        assert found.hi is not None
        held += found.lo <= 3.0 <= found.hi
    assert 0.94 < held / 2000 < 0.96


@pytest.mark.req("R45")
def test_pairs_that_share_their_luck_have_a_narrow_difference():
    luck = np.random.default_rng(6).normal(0.0, 10.0, 20)
    base, better = luck.tolist(), (luck - 1.0).tolist()
    found = paired(better, base)
    assert (found.mean, found.lo, found.hi) == pytest.approx((-1.0, -1.0, -1.0))
    alone = interval(better)
    assert alone.hi is not None
    assert alone.lo is not None
    assert alone.hi - alone.lo > 5


def test_a_pair_of_which_one_is_undefined_is_no_pair():
    assert paired([1.0, None, 3.0], [0.0, 0.0, None]).replications == 1
