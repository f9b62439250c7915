"""Adjusted effects and mediation against statsmodels, enumeration and simulation."""

import itertools

import numpy as np
import pytest
import statsmodels.api as sm

from funcnet_utils import stats


def confounded(rng, n=20, left=0.0):
    """An arm that raises the covariate, which raises the measure; `left` is the arm's own part."""
    reference = rng.normal(size=n)
    covariate_reference = rng.normal(size=n)
    shift = rng.normal(0.8, 0.8, size=n)
    values = reference + left + 2 * shift + 0.5 * rng.normal(size=n)
    return values, reference, covariate_reference + shift, covariate_reference


def test_intercept_is_that_of_statsmodels():
    a, b, c, d = confounded(np.random.default_rng(0), left=0.4)
    model = sm.OLS(a - b, sm.add_constant(c - d)).fit()
    found = stats.adjusted_effect(a, b, c, d, seed=0)
    assert found.mean == pytest.approx(model.params[0])
    assert found.low < found.mean < found.high
    # the t test assumes normal residuals, which these are; Monte Carlo error is below 0.01
    assert found.p == pytest.approx(model.pvalues[0], abs=0.03)
    low, high = model.conf_int()[0]
    assert found.high - found.low == pytest.approx(high - low, rel=0.35)


def test_freedman_lane_by_enumeration():
    a, b, c, d = confounded(np.random.default_rng(1), n=7, left=0.5)
    y, z = a - b, c - d
    slope = sm.OLS(y, z).fit()
    many = []
    for signs in itertools.product((1, -1), repeat=7):
        flipped = slope.fittedvalues + np.array(signs) * slope.resid
        many.append(abs(sm.OLS(flipped, sm.add_constant(z)).fit().tvalues[0]))
    expected = np.mean(np.array(many) >= many[0] - 1e-9)
    assert stats.adjusted_effect(a, b, c, d, seed=0).p == pytest.approx(expected)


def test_a_confounded_effect_vanishes_and_a_real_one_stays():
    rng = np.random.default_rng(2)
    a, b, c, d = confounded(rng, n=40)
    left = stats.adjusted_effect(a, b, c, d, 0)
    assert stats.verdict(stats.paired_effect(a, b, 0), 0.01) == "supported"
    assert stats.verdict(left, left.p) == "inconclusive"
    a, b, c, d = confounded(rng, n=40, left=1.5)
    left = stats.adjusted_effect(a, b, c, d, 0)
    assert stats.verdict(left, left.p) == "supported"


def test_false_positives_after_adjusting():
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(300):
        a, b, c, d = confounded(rng, n=10)
        wrong += stats.covariates._freedman_lane_p(a - b, c - d, 0) < 0.05
    # binomial(300, 0.05) exceeds 29 with probability 3e-4
    assert wrong <= 29


def test_identical_arms_after_adjusting():
    values = np.arange(5.0)
    expected = stats.Effect(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 5)
    for covariate in (values, values[::-1]):
        found = stats.adjusted_effect(values, values, covariate, values, seed=0)
        # Cliff's delta of a sample with itself is 0
        assert found == expected


def test_a_perfect_line_leaves_nothing():
    shift = np.array([0.1, 0.4, -0.2, 0.3, 0.6])
    found = stats.adjusted_effect(3 * shift, 0 * shift, shift, 0 * shift, seed=0)
    assert found.mean == pytest.approx(0, abs=1e-12)
    assert found.p == 1.0


def test_leverage_is_that_of_least_squares():
    _, _, c, d = confounded(np.random.default_rng(7))
    z = c - d
    design = sm.add_constant(z)
    distance, ratio = stats.leverage(c, d)
    assert distance == pytest.approx(z.mean() / z.std(ddof=1))
    # standard errors with a residual variance of 1: sqrt of the diagonal of (X'X)^-1, and 1/sqrt(n)
    exact = np.sqrt(np.linalg.inv(design.T @ design)[0, 0] * len(z))
    assert ratio == pytest.approx(exact)
    assert stats.leverage([2, 2, 2], [1, 1, 1]) == (np.inf, np.inf)


def test_three_networks_are_enough():
    found = stats.adjusted_effect([1, 2, 4], [0, 0, 0], [1, 2, 3], [0, 1, 1], seed=0)
    assert np.isfinite([found.mean, found.low, found.high, found.p]).all()
    assert np.isfinite(stats.mediation([1, 2, 4], [0, 0, 1], [1, 2, 3], [0, 1, 1], 0).indirect)


def test_a_constant_shift_of_the_covariate_is_refused():
    with pytest.raises(ValueError, match="differs in the covariate by 1"):
        stats.adjusted_effect([1, 2, 4], [0, 0, 0], [1, 2, 3], [0, 1, 2], seed=0)
    with pytest.raises(ValueError, match=r"samples have shapes \[\(3,\), \(4,\)\]"):
        stats.adjusted_effect([1, 2, 4], [0, 0, 0], [1, 2, 3, 4], [0, 1, 2, 3], seed=0)


def mediated(rng, n=60, b=2.0, own=0.0):
    m0 = rng.normal(size=n)
    m1 = m0 + 0.7 + rng.normal(size=n)
    y0 = b * m0 + rng.normal(size=n)
    return b * m1 + own + rng.normal(size=n), y0, m1, m0


def test_mediation_is_that_of_three_regressions():
    y1, y0, m1, m0 = mediated(np.random.default_rng(4), own=0.3)
    total = m1 + m0
    design = sm.add_constant(np.column_stack([m1 - m0, total - total.mean()]))
    model = sm.OLS(y1 - y0, design).fit()
    found = stats.mediation(y1, y0, m1, m0, seed=0)
    a, b = (m1 - m0).mean(), model.params[1]
    assert found.indirect == pytest.approx(a * b)
    assert found.direct == pytest.approx(model.params[0])
    assert found.total == pytest.approx(found.direct + found.indirect)
    # first-order (Sobel) standard error of a * b
    error_a = (m1 - m0).std(ddof=1) / np.sqrt(60)
    sobel = np.hypot(b * error_a, a * model.bse[1])
    assert found.high - found.low == pytest.approx(2 * 1.96 * sobel, rel=0.2)


def test_mediation_tells_paths_apart():
    rng = np.random.default_rng(5)
    assert stats.mediation(*mediated(rng), seed=0).carried
    y1, y0, m1, m0 = mediated(rng, b=0.0, own=2.0)
    path = stats.mediation(y1, y0, m1, m0, seed=0)
    assert not path.carried
    assert path.direct == pytest.approx(2, abs=1)


def test_mediation_without_a_path_is_rarely_found():
    rng = np.random.default_rng(6)
    found = sum(stats.mediation(*mediated(rng, n=20, b=0.0), seed=k).carried for k in range(200))
    # a percentile interval of 20 pairs errs at about 6%; binomial(200, 0.06) > 25 has 2e-4
    assert found <= 25


def test_mediation_of_identical_arms():
    values = np.arange(6.0)
    path = stats.mediation(values, values, values**2, values**2, seed=0)
    assert (path.total, path.indirect, path.low, path.high) == (0, 0, 0, 0)
    assert not path.carried
