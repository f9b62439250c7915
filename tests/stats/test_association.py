"""Rank correlations against scipy, against all orders written out, and against simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from funcnet_utils import stats


def test_rho_is_that_of_scipy_with_ties():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 6, (2, 30)).astype(float)
    expected = scipy_stats.spearmanr(x, y).statistic
    assert stats.rank_correlation(x, y, seed=0).rho == pytest.approx(expected, abs=1e-12)


def test_p_is_the_share_of_all_orders():
    x, y = np.array([0.3, 1.0, 2.5, 2.0, 5.0, 4.0]), np.array([1.0, 0.0, 4.0, 3.0, 2.0, 9.0])
    observed = abs(scipy_stats.spearmanr(x, y).statistic)
    orders = (scipy_stats.spearmanr(o, y).statistic for o in itertools.permutations(x))
    greater = np.mean([rho >= observed - 1e-12 for rho in orders])
    # scipy's two-sided p is twice the smaller tail; the distribution of all orders is symmetric
    assert stats.rank_correlation(x, y, seed=0).p == pytest.approx(2 * greater)


def test_p_of_many_networks_is_near_the_t_approximation():
    x, y = np.random.default_rng(3).normal(size=(2, 20))
    y += 0.4 * x
    expected = scipy_stats.spearmanr(x, y).pvalue
    assert stats.rank_correlation(x, y, seed=0).p == pytest.approx(expected, abs=0.015)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=6))
def test_invariants(pairs):
    x, y = np.array(pairs, dtype=float).T
    found = stats.rank_correlation(x, y, seed=0)
    assert -1 <= found.low <= found.high <= 1
    assert 0 < found.p <= 1
    assert stats.rank_correlation(np.exp(x), y, seed=0) == found  # ranks alone count
    assert stats.rank_correlation(-x, y, seed=0).rho == pytest.approx(-found.rho)
    assert stats.rank_correlation(y, x, seed=0).rho == pytest.approx(found.rho)


def test_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    truth = 6 / np.pi * np.arcsin(0.6 / 2)  # of a normal pair with correlation 0.6
    pairs = [rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 30).T for _ in range(40)]
    found = [stats.rank_correlation(x, y, seed) for seed, (x, y) in enumerate(pairs)]
    covered = sum(one.low <= truth <= one.high for one in found)
    assert covered >= 32  # 95% of 40 is 38; fewer than 32 has probability below 0.001


def test_a_measure_that_does_not_vary_goes_with_nothing():
    found = stats.rank_correlation([1, 1, 1, 1], [1, 2, 3, 4], seed=0)
    assert found == stats.Association(0.0, 0.0, 0.0, 1.0, 4)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2, 3], [1, 2], "at least 3"),
        ([1, 2, 3], [1, 2, 3, 4], r"shapes \[\(3,\), \(4,\)\]"),
        ([1, 2, np.nan], [1, 2, 3], "NaN or infinity"),
    ],
)
def test_samples_are_checked(x, y, said):
    with pytest.raises(ValueError, match=said):
        stats.rank_correlation(x, y, seed=0)
