"""The correction over a sweep of densities against enumeration, scipy and simulation."""

import itertools

import numpy as np
import pytest
from scipy import stats as scipy_stats

from funcnet_utils import stats

DENSITIES = [0.02, 0.05, 0.1, 0.2, 0.3]


def population(rng, n=20, n_densities=5, shift=0.0):
    """Networks whose differences are correlated over densities, as in a real sweep."""
    common = rng.normal(size=(n, 1))
    return 0.8 * common + 0.6 * rng.normal(size=(n, n_densities)) + shift


def test_statistic_is_the_paired_t():
    rng = np.random.default_rng(0)
    a, b = population(rng, shift=0.5), population(rng)
    expected = scipy_stats.ttest_rel(a, b).statistic
    found = stats.mtpc(a, b, DENSITIES, seed=0)
    np.testing.assert_allclose(found.statistic, expected, rtol=1e-9)


def test_all_steps_by_enumeration():
    rng = np.random.default_rng(1)
    differences = population(rng, n=8, n_densities=3, shift=[0.2, 1.2, 1.6])
    widths = [0.02, 0.04, 0.02]  # of 0.02, 0.06, 0.10: halfway to the neighbours
    many = []
    for signs in itertools.product((1, -1), repeat=8):
        flipped = np.array(signs)[:, None] * differences
        many.append(np.abs(scipy_stats.ttest_1samp(flipped, 0).statistic))
    largest = sorted(t.max() for t in many)
    critical = largest[int(np.ceil(0.95 * 256)) - 1]
    areas = [sum(max(x - critical, 0) * w for x, w in zip(t, widths, strict=True)) for t in many]
    areas = [area if area > 1e-9 else 0.0 for area in areas]
    found = stats.mtpc(differences, np.zeros((8, 3)), [0.02, 0.06, 0.10], seed=0)
    assert found.critical == pytest.approx(critical)
    assert areas[0] > 0
    much = areas[0] >= np.mean([x for x in areas if x > 0])
    assert found.verdict == ("different" if found.p < 0.05 and much else "not shown")
    assert found.p == pytest.approx(np.mean([x >= areas[0] - 1e-9 for x in areas]))
    assert found.survives == tuple(
        d for d, x in zip((0.02, 0.06, 0.10), many[0], strict=True) if x > critical + 1e-9
    )


def test_false_positives_stay_below_five_percent():
    rng = np.random.default_rng(2)
    wrong = sum(
        stats.mtpc(population(rng, n=12), population(rng, n=12), DENSITIES, k).p < 0.05
        for k in range(300)
    )
    # binomial(300, 0.05) exceeds 29 with probability 3e-4
    assert wrong <= 29


def test_finds_an_effect_where_it_is():
    rng = np.random.default_rng(3)
    a, b = population(rng, shift=[0, 0, 0, -3, -3]), population(rng)
    found = stats.mtpc(a, b, DENSITIES, seed=0)
    assert found.survives == (0.2, 0.3)
    assert found.verdict == "different"
    assert (found.statistic[-2:] < 0).all()
    mirrored = stats.mtpc(b, a, DENSITIES, seed=0)
    assert mirrored.p == found.p
    np.testing.assert_allclose(mirrored.statistic, -found.statistic)


def test_identical_arms():
    values = population(np.random.default_rng(4))
    found = stats.mtpc(values, values, DENSITIES, seed=0)
    assert (found.p, found.survives) == (1.0, ())
    assert found.verdict == "not shown"
    assert not found.statistic.any()


def test_equal_differences_stay_finite():
    found = stats.mtpc(np.ones((6, 2)), np.zeros((6, 2)), [0.1, 0.2], seed=0)
    # of 64 flips, the two of one sign tie: 2 / 64 is below 0.05
    assert np.isfinite(found.statistic).all()
    assert found.p == pytest.approx(2 / 64)


@pytest.mark.parametrize(
    ("shape", "densities", "message"),
    [
        ((5, 3), [0.1, 0.2], "column for each"),
        ((5, 2), [0.2, 0.1], "at least two, ascending"),
    ],
)
def test_bad_sweeps(shape, densities, message):
    with pytest.raises(ValueError, match=message):
        stats.mtpc(np.ones(shape), np.zeros(shape), densities, 0)
    with pytest.raises(ValueError, match="NaN or infinity"):
        stats.mtpc(np.full((5, 2), np.nan), np.zeros((5, 2)), [0.1, 0.2], 0)
