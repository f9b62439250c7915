"""Corrections and equivalence."""

from fractions import Fraction
from itertools import product

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


@settings(max_examples=20, deadline=None)  # statsmodels takes 40 ms a call
@given(st.lists(st.sampled_from([0.0, 0.001, 0.004, 0.01, 0.02, 0.5, 1.0]), min_size=1))
def test_corrections_are_those_of_statsmodels(p):
    for correct, name in ((stats.holm, "holm"), (stats.benjamini_hochberg, "fdr_bh")):
        np.testing.assert_allclose(correct(p), multipletests(p, method=name)[1], rtol=1e-15)


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
    assert (found.low, found.high) == pytest.approx(tuple(interval))
    assert (found.verdict == "equivalent") == (found.low > -0.2 and found.high < 0.2)
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


def test_sign_flips_of_a_mean_of_0():
    for sample in ([1.0, -1], [0.1, 0.2, -0.3], [1e300, -1e300], [1e-300, -1e-300], [0.0, 0, 0]):
        exact = [Fraction(value).limit_denominator(10) or Fraction(value) for value in sample]
        signs = product((1, -1), repeat=len(sample))
        sums = [abs(sum(s * value for s, value in zip(each, exact, strict=True))) for each in signs]
        assert stats.sign_flip_p(sample, 0) == np.mean([each >= sums[0] for each in sums]) == 1


@pytest.mark.parametrize("scale", [1e-170, 1e160])
def test_sweeps_know_no_unit(scale):
    noise = np.random.default_rng(0).normal(size=(12, 3))
    due = stats.mtpc(noise + 1, np.zeros((12, 3)), [0.1, 0.2, 0.3], 0, 999)
    found = stats.mtpc(scale * (noise + 1), np.zeros((12, 3)), [0.1, 0.2, 0.3], 0, 999)
    np.testing.assert_allclose(found.statistic, due.statistic, rtol=1e-12)
    assert found.p == due.p
