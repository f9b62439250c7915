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


@pytest.mark.parametrize("n", [2, 7, 13, 16])
def test_sign_flips_are_those_of_scipy(n):
    rng = np.random.default_rng(n)
    # normal values, and whole numbers with their many ties
    for sample in (rng.normal(0.4, 1, n), rng.integers(-3, 5, n).astype(float)):
        exact = scipy_stats.permutation_test(
            (sample,), np.mean, permutation_type="samples", n_resamples=np.inf
        )
        assert stats.sign_flip_p(sample, 0) == pytest.approx(min(exact.pvalue, 1.0), rel=1e-12)


def test_sign_flips_of_twenty_pairs():
    sample = np.random.default_rng(5).normal(0.3, 1, 20)
    signs = 1 - 2 * (np.arange(2**20, dtype=np.int32)[:, None] >> np.arange(20) & 1).astype(np.int8)
    sums = np.abs(signs @ sample)
    assert stats.sign_flip_p(sample, 0) == (sums >= sums[0] - 1e-9).mean()
    assert stats.sign_flip_p(np.abs(sample), 0) == 2 / 2**20


def test_many_pairs_are_flipped_at_random():
    sample = np.random.default_rng(6).normal(0.3, 1, 41)
    expected = scipy_stats.ttest_1samp(sample, 0).pvalue
    assert stats.sign_flip_p(sample, 0) == stats.sign_flip_p(sample, 0)
    assert stats.sign_flip_p(sample, 0) == pytest.approx(expected, abs=0.01)


def test_t_intervals_are_those_of_scipy():
    sample = np.random.default_rng(7).exponential(size=12)
    for level in (0.9, 0.95):
        expected = scipy_stats.ttest_1samp(sample, 0).confidence_interval(level)
        assert stats.t_interval(sample, level) == pytest.approx(tuple(expected))


def test_sign_flip_near_the_t_test_for_normal_data():
    sample = np.random.default_rng(0).normal(0.5, 1, 20)
    expected = scipy_stats.ttest_1samp(sample, 0).pvalue
    # all flips are counted, so the difference is that of the t approximation
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
    # binomial(120, 0.95) is below 103 with probability 1e-4; BCa at n = 40 covers about 93%
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
        (0.1, 0.5, 0.01, 1, ("supported", "supported, negligible")),
        (0.1, 0.5, 0.01, -1, ("contradicted", "contradicted, negligible")),
        (-0.5, -0.1, 0.01, -1, ("supported", "supported, negligible")),
        (0.1, 0.5, 0.05, 1, ("inconclusive", "equivalent")),
        (-0.1, 0.5, 0.01, 1, ("inconclusive", "equivalent")),
        (np.nan, np.nan, np.nan, 1, ("inconclusive", "equivalent")),
    ],
)
def test_the_word_about_the_effect(low, high, p, direction, expected):
    effect = stats.Effect((low + high) / 2, low, high, 0.5, 1.0, p, 20)
    words = tuple(stats.verdict(effect, p, direction, within=w) for w in (False, True))
    assert words == expected


def test_the_word_about_the_control():
    shape = np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    # half width of the 90% interval of the shape: 2.13 * 0.158 / sqrt(5) = 0.15; of the 95%: 0.2
    cases = {0.0: "explained", 0.17: "explained", 0.19: "undecided", 0.21: "holds", 1.0: "holds"}
    for left, word in cases.items():
        for side in (1, -1):
            found = stats.control_word(np.full(5, side * 1.0), side * (left + shape))
            assert found == word, left
    for left in (-0.21, -1.0):
        assert stats.control_word(np.ones(5), left + shape) == "reversed"
        assert stats.control_word(np.full(5, -1.0), -left + shape) == "reversed"
    # what is left need not be smaller for an interval that contains all of the effect
    assert stats.control_word(np.ones(5), 1 + 10 * shape) == "undecided"


def test_pairs_needed_give_the_power():
    # closed form for one claim: (1.95996 + 0.84162)^2 = 7.849 pairs per squared sd of the bound
    assert stats.pairs_needed(2.0, 1.0) == int(np.ceil(4 * 7.849))
    # eleven claims: 2 * 11 / 2^n < .05 needs 9 pairs
    assert stats.pairs_needed(1e-9, 1.0, n_claims=11) == 9
    n, rng = stats.pairs_needed(1.0, 0.4, n_claims=11), np.random.default_rng(0)
    found = sum(
        scipy_stats.ttest_1samp(rng.normal(0.4, 1, n), 0).pvalue < 0.05 / 11 for _ in range(400)
    )
    # binomial(400, .8) lies within 288 and 350 with probability .9999; t costs about 2 points
    assert 280 <= found <= 350


def test_bad_samples():
    with pytest.raises(ValueError, match=r"samples have shapes \[\(2,\), \(3,\)\]"):
        stats.paired_effect([1, 2, 3], [1, 2], seed=0)
    with pytest.raises(ValueError, match="at least 2 networks"):
        stats.one_sample_effect([1.0], 0, seed=0)
    with pytest.raises(ValueError, match="NaN or infinity"):
        stats.sign_flip_p([1.0, np.nan], seed=0)
