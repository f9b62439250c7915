"""Statistics against closed forms, scipy and simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from funcnet_utils import stats


def test_sign_flip_by_hand():
    differences = [3.0, -1.0, 2.0, 5.0, 1.5]
    observed = abs(np.mean(differences))
    flips = itertools.product((-1, 1), repeat=5)
    extreme = [abs(np.dot(f, differences)) / 5 >= observed - 1e-12 for f in flips]
    assert stats.sign_flip_p(differences, seed=0) == pytest.approx(np.mean(extreme))


def test_sign_flip_near_the_t_test_for_normal_data():
    sample = np.random.default_rng(0).normal(0.5, 1, 20)
    expected = scipy_stats.ttest_1samp(sample, 0).pvalue
    # Monte Carlo error of 99,999 flips is below 0.002; the rest is the t approximation
    assert stats.sign_flip_p(sample, seed=0) == pytest.approx(expected, abs=0.01)


def test_no_difference_at_all():
    effect = stats.paired_effect([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], seed=0)
    assert effect == stats.Effect(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3)
    assert stats.verdict(effect, 1.0) == "inconclusive"


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(120):
        low, high = stats.bootstrap_interval(rng.exponential(size=40), seed)
        covered += low <= 1 <= high
    # binomial(120, 0.95) is below 103 with probability 1e-4; BCa at n = 40 covers about 93 %
    assert covered >= 103


def test_cliffs_delta_is_rescaled_mann_whitney():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=15), rng.normal(0.5, size=12)
    u = scipy_stats.mannwhitneyu(a, b).statistic
    assert stats.cliffs_delta(a, b) == pytest.approx(2 * u / (15 * 12) - 1)


def test_hedges_g_by_hand():
    a, b = [1.0, 3.0, 5.0], [0.0, 2.0, 4.0]
    # pooled sd 2, difference 1, correction 1 - 3 / (4 * 4 - 1) = 0.8
    assert stats.paired_effect(a, b, seed=0).hedges_g == pytest.approx(0.4)
    assert stats.paired_effect([2.0, 2.0], [1.0, 1.0], seed=0).hedges_g == np.inf


def test_holm_by_hand():
    assert stats.holm([0.03, 0.01, 0.02]).tolist() == pytest.approx([0.04, 0.03, 0.04])


@given(
    st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=3, max_size=8),
    st.integers(0, 5),
)
def test_swapping_the_arms_mirrors_the_effect(values, seed):
    zeros = [0.0] * len(values)
    one, other = (
        stats.paired_effect(values, zeros, seed),
        stats.paired_effect(zeros, values, seed),
    )
    assert one.mean == pytest.approx(-other.mean)
    assert one.cliffs_delta == pytest.approx(-other.cliffs_delta)
    assert one.p == pytest.approx(other.p)


@pytest.mark.parametrize(
    ("low", "high", "p", "direction", "expected"),
    [
        (0.1, 0.5, 0.01, 1, "supported"),
        (0.1, 0.5, 0.01, -1, "contradicted"),
        (-0.5, -0.1, 0.01, -1, "supported"),
        (0.1, 0.5, 0.05, 1, "inconclusive"),
        (-0.1, 0.5, 0.01, 1, "inconclusive"),
    ],
)
def test_verdict_rule(low, high, p, direction, expected):
    effect = stats.Effect((low + high) / 2, low, high, 0.5, 1.0, p, 20)
    assert stats.verdict(effect, p, direction) == expected


def test_bad_samples():
    with pytest.raises(ValueError, match=r"samples have shapes \[\(2,\), \(3,\)\]"):
        stats.paired_effect([1, 2, 3], [1, 2], seed=0)
    with pytest.raises(ValueError, match="at least 2 networks"):
        stats.one_sample_effect([1.0], 0, seed=0)
    with pytest.raises(ValueError, match="not finite"):
        stats.sign_flip_p([1.0, np.nan], seed=0)
