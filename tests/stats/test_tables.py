"""Corrections, verdict tables, equivalence and reliability."""

import numpy as np
import pandas as pd
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


def effect(mean, p):
    return stats.Effect(mean, mean - 0.3, mean + 0.3, 0.5, 1.0, p, 20)


def test_verdict_table():
    effects = {"A": effect(1, 0.01), "B": effect(1, 0.02), "C": effect(-1, 0.04)}
    table = stats.verdicts(effects, {"A": 1, "B": -1, "C": 1})
    assert table["p_holm"].tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert table["verdict"].tolist() == ["supported", "contradicted", "contradicted"]
    assert list(table.columns) == [
        *("claim", "effect", "low", "high", "cliffs_delta", "hedges_g"),
        *("p", "p_holm", "n", "verdict", "direction"),
        *("left", "left_low", "left_high", "left_p", "left_p_holm"),
    ]


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (effect(1, 0.01), "supported"),
        (effect(1, 0.2), "explained away"),
        (effect(0.2, 0.01), "explained away"),
        (effect(-1, 0.01), "explained away"),
    ],
)
def test_explained_away(left, expected):
    table = stats.verdicts({"A": effect(1, 0.01)}, {"A": 1}, {"A": left})
    assert table["verdict"].tolist() == [expected]


def test_words_of_many_claims_at_once():
    # effect, low, high, p, direction; then the same with what is left of each
    many = np.array(
        [[1, 0.5, 2, 0.01, 1], [1, 0.5, 2, 0.01, -1], [-1, -2, -0.5, 0.05, -1], [np.nan] * 5]
    ).T
    words = stats.verdict_words(*many)
    assert words.tolist() == ["supported", "contradicted", "inconclusive", "inconclusive"]
    many[3, 2] = 0.0499  # the level of 0.05 is not below itself
    assert stats.verdict_words(*many)[2] == "supported"
    many[3, 2] = 0.05
    names = ["effect", "low", "high", "p_holm", "direction"]
    table = pd.DataFrame(many.T, columns=names)
    strong = {"left": 1.0, "left_low": 0.5, "left_high": 2.0}
    table = table.assign(**strong, left_p_holm=[0.5, 0.01, 0.01, 0.01])
    expected = ["explained away", "contradicted", "inconclusive", "inconclusive"]
    assert stats.judged(table).tolist() == expected
    assert stats.judged(table.assign(left=np.nan)).tolist() == words.tolist()
    assert stats.verdicts({}, {}).empty


def test_nothing_to_explain_away_in_an_inconclusive_claim():
    table = stats.verdicts({"A": effect(1, 0.5)}, {"A": 1}, {"A": effect(1, 0.5)})
    assert table["verdict"].tolist() == ["inconclusive"]


def test_untrained_control_is_inconclusive():
    same = stats.paired_effect([1, 2, 3], [1, 2, 3], seed=0)
    row = stats.verdicts({"A": same}, {"A": -1}).iloc[0]
    assert (row["effect"], row["p"], row["p_holm"], row["verdict"]) == (0, 1, 1, "inconclusive")


def test_bad_verdict_tables():
    with pytest.raises(ValueError, match="direction None"):
        stats.verdicts({"A": effect(1, 0.1)}, {})
    with pytest.raises(ValueError, match="'B' is explained"):
        stats.verdicts({"A": effect(1, 0.1)}, {"A": 1}, {"B": effect(1, 0.1)})


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


# The example of Shrout and Fleiss (1979): 6 targets, 4 judges
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_reliability_of_shrout_and_fleiss():
    agreement, consistency = stats.icc(JUDGES), stats.icc(JUDGES, kind="consistency")
    # values of the paper; intervals as the documentation of R's psych::ICC prints them
    assert agreement.icc == pytest.approx(0.29, abs=0.005)
    assert (agreement.low, agreement.high) == pytest.approx((0.019, 0.76), abs=0.005)
    assert consistency.icc == pytest.approx(0.71, abs=0.005)
    assert (consistency.low, consistency.high) == pytest.approx((0.34, 0.95), abs=0.005)


def test_reliability_at_the_edges():
    assert stats.icc([[1, 1], [2, 2]]).icc == 1
    assert np.isnan(stats.icc([[1, 1], [1, 1]]).icc)
    assert stats.icc([[1, 2], [2, 1]], kind="consistency").icc == -1
    assert np.isnan(stats.icc([[1, 2], [2, 1]]).icc)
    for bad in ([[1, 2]], [1, 2]):
        with pytest.raises(ValueError, match=r"a sample has shape .*: give a row"):
            stats.icc(bad)
    with pytest.raises(ValueError, match="kind is 'x'"):
        stats.icc(JUDGES, kind="x")


def test_reliability_recovers_the_truth():
    rng = np.random.default_rng(2)
    ratings = rng.normal(size=(2000, 1)) * np.sqrt(3) + rng.normal(size=(2000, 3))
    # true share 3 / 4; the standard error at 2,000 targets is 0.007
    assert stats.icc(ratings).icc == pytest.approx(0.75, abs=0.03)
