"""Corrections, equivalence and reliability."""

from fractions import Fraction
from itertools import product
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from funcnet_utils import stats


def test_benjamini_hochberg_by_hand():
    # p * n / rank, then the running minimum from the largest
    assert stats.benjamini_hochberg([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx(
        [0.02, 0.04, 0.04, 0.02]
    )


@settings(max_examples=100)
@given(st.lists(st.sampled_from([0.0, 0.001, 0.004, 0.01, 0.02, 0.5, 1.0]), min_size=1))
def test_corrections_are_those_of_statsmodels(p):
    for correct, name in ((stats.holm, "holm"), (stats.benjamini_hochberg, "fdr_bh")):
        with mock.patch("gc.collect"):  # statsmodels calls it, which takes a second after torch
            expected = multipletests(p, method=name)[1]
        np.testing.assert_allclose(correct(p), expected, rtol=1e-15)


def test_corrections_at_the_edges():
    for correct in (stats.holm, stats.benjamini_hochberg):
        assert correct([]).tolist() == []
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            correct([0.5, np.nan])


def test_equivalence_is_two_one_sided_t_tests():
    rng = np.random.default_rng(1)
    a = rng.normal(size=20)
    b = a + rng.normal(0.05, 0.2, size=20)
    above = scipy_stats.ttest_1samp(a - b, -0.2, alternative="greater").pvalue
    below = scipy_stats.ttest_1samp(a - b, 0.2, alternative="less").pvalue
    found = stats.equivalence(a, b, 0.2, unit="absolute")
    assert found.p == pytest.approx(max(above, below))
    assert found.p == pytest.approx(ttost_paired(a, b, -0.2, 0.2)[0], rel=1e-12)
    interval = scipy_stats.ttest_1samp(a - b, 0).confidence_interval(0.9)
    assert (found.verdict == "equivalent") == (interval.low > -0.2 and interval.high < 0.2)
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    assert stats.equivalence(a, b, 0.2 / spread).p == pytest.approx(found.p)


def test_equivalence_of_identical_and_of_shifted_arms():
    assert stats.equivalence([1, 2, 3], [1, 2, 3], 0.1).verdict == "equivalent"
    assert stats.equivalence([2, 3, 4], [1, 2, 3], 0.5).verdict == "not shown"
    assert stats.equivalence([1, 1], [1, 1], 0.5).verdict == "equivalent"


def test_bad_bounds():
    with pytest.raises(ValueError, match="bound is 0"):
        stats.equivalence([1, 2], [1, 2], 0)
    with pytest.raises(ValueError, match="unit is 'g'"):
        stats.equivalence([1, 2], [1, 2], 1, unit="g")


# The example of Shrout and Fleiss (1979): 6 targets, 4 judges
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_reliability_of_shrout_and_fleiss():
    found = stats.icc(JUDGES)
    # values of the paper; the interval as the documentation of R's psych::ICC prints it
    assert found.icc == pytest.approx(0.29, abs=0.005)
    assert (found.low, found.high) == pytest.approx((0.019, 0.76), abs=0.005)


def test_reliability_at_the_edges():
    assert stats.icc([[1, 1], [2, 2]]).icc == 1
    assert np.isnan(stats.icc([[1, 1], [1, 1]]).icc)
    assert np.isnan(stats.icc([[1, 2], [2, 1]]).icc)
    for bad in ([[1, 2]], [1, 2]):
        with pytest.raises(ValueError, match=r"a sample has shape .*: give a row"):
            stats.icc(bad)


def test_reliability_recovers_the_truth():
    rng = np.random.default_rng(2)
    ratings = rng.normal(size=(2000, 1)) * np.sqrt(3) + rng.normal(size=(2000, 3))
    # true share 3 / 4; the standard error at 2,000 targets is 0.007
    assert stats.icc(ratings).icc == pytest.approx(0.75, abs=0.03)


def exact_icc(ratings):
    """ICC(A,1) of McGraw and Wong in exact fractions."""
    table = np.array([[Fraction(value) for value in row] for row in ratings])
    n, k = table.shape
    rows, columns, mean = table.sum(1) / k, table.sum(0) / n, table.sum() / (n * k)
    between = k * ((rows - mean) ** 2).sum() / (n - 1)
    repeats = n * ((columns - mean) ** 2).sum() / (k - 1)
    error = ((table - rows[:, None] - columns + mean) ** 2).sum() / ((n - 1) * (k - 1))
    return float((between - error) / (between + (k - 1) * error + k * (repeats - error) / n))


@pytest.mark.parametrize(
    "ratings",
    [
        [[1.0, 2], [2, 1], [1, 2]],  # equal means: as low as it can be
        [[1.0, 2, 3], [3, 1, 2], [2, 3, 1]],
        [[1.0, 2, 4], [4, 1, 2], [2, 3, 1], [1, 4, 4]],
        [[0.0, 3], [1, 2], [2, 1], [4, 0]],
    ],
)
def test_reliability_of_0_and_below(ratings):
    due = exact_icc(ratings)
    assert due <= 0
    for scale, shift in ((1.0, 0.0), (2.0**-560, 0.0), (2.0**500, 0.0), (1.0, 2.0**40)):
        found = stats.icc(scale * np.array(ratings) + shift)
        assert found.icc == pytest.approx(due, rel=1e-12)
        assert found.low <= found.icc <= found.high <= 1


def test_the_interval_of_reliability_covers_0():
    rng = np.random.default_rng(3)
    found = [stats.icc(rng.normal(size=(10, 3))) for _ in range(400)]
    # binomial(400, .95): fewer than 362 or more than 395 with probability below 0.001
    assert 362 <= sum(each.low <= 0 <= each.high for each in found) <= 395


def test_reliability_of_rounding_is_none():
    assert np.isnan(stats.icc([[0.1, 0.2], [0.2, 0.1]]).icc)


def test_sign_flips_of_a_mean_of_0():
    for sample in ([1.0, -1], [0.1, 0.2, -0.3], [1e300, -1e300], [1e-300, -1e-300], [0.0, 0, 0]):
        exact = [Fraction(value).limit_denominator(10) or Fraction(value) for value in sample]
        signs = product((1, -1), repeat=len(sample))
        sums = [abs(sum(s * value for s, value in zip(each, exact, strict=True))) for each in signs]
        assert stats.sign_flip_p(sample, 0) == np.mean([each >= sums[0] for each in sums]) == 1


@pytest.mark.parametrize("scale", [1e-170, 1e160])
def test_sweeps_know_no_unit(scale):
    noise = np.random.default_rng(0).normal(size=(12, 3))
    due = stats.mtpc(noise + 1, np.zeros((12, 3)), [0.1, 0.2, 0.3], 0)
    found = stats.mtpc(scale * (noise + 1), np.zeros((12, 3)), [0.1, 0.2, 0.3], 0)
    np.testing.assert_allclose(found.statistic, due.statistic, rtol=1e-12)
    assert found.p == due.p
