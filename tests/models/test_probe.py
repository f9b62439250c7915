"""Correlations over the probe against numpy, and the cases where they do not exist."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils.correlation import strength
from funcnet_utils.models import (
    Population,
    activations,
    correlations,
)

IMAGES = np.random.default_rng(0).random((2345, 8)).astype(np.float32)


@pytest.mark.parametrize("arm", ["vanilla", "batch_norm", "dropout"])
def test_correlations_equal_numpy(arm):
    population = Population(3, (8, 6, 5, 2), arm, seed=0)
    found = correlations(population, IMAGES)
    for k, values in enumerate(activations(population, IMAGES)):
        expected = np.corrcoef(values.astype(np.float64), rowvar=False)
        # float64 sums of 2,345 terms in another order
        np.testing.assert_allclose(found[k], expected, atol=1e-12)


def test_activations_equal_the_plain_network():
    population = Population(2, (8, 6, 2), "vanilla", seed=0)
    first = population.network(1)[:2](torch.tensor(IMAGES)).detach().numpy()
    # float32 sums of 8 terms
    np.testing.assert_allclose(activations(population, IMAGES)[1], first, atol=1e-6)


def test_large_offset_keeps_precision():
    population = Population(1, (8, 6, 2), "vanilla", seed=0)
    with torch.no_grad():
        population.biases[0] += 1000.0
    values = activations(population, IMAGES)[0].astype(np.float64)
    # the naive one-pass formula E[xy] - E[x]E[y] would lose 6 digits here
    np.testing.assert_allclose(
        correlations(population, IMAGES)[0], np.corrcoef(values, rowvar=False), atol=1e-11
    )


def test_dead_unit_has_no_correlation():
    population = Population(2, (8, 6, 2), "vanilla", seed=0)
    with torch.no_grad():
        population.weights[0][1, :, 3] = 0
    found = correlations(population, IMAGES)
    assert np.isfinite(found).all()
    assert not found[1, 3].any()
    assert not found[1, :, 3].any()
    assert np.diagonal(found, axis1=1, axis2=2).tolist() == [[1] * 6, [1, 1, 1, 0, 1, 1]]
    weights, units = strength(found[1])
    assert weights.shape == (5, 5)
    assert units.tolist() == [0, 1, 2, 4, 5]
    weights, units = strength(found[1], dead="zero")
    assert weights.shape == (6, 6)
    assert not weights[3].any()


def test_duplicated_unit_correlates_perfectly_and_flipped_too():
    population = Population(1, (8, 6, 2), "vanilla", seed=0)
    with torch.no_grad():
        population.weights[0][0, :, 1] = population.weights[0][0, :, 0]
        population.biases[0][0, 1] = population.biases[0][0, 0]
    weights, _ = strength(correlations(population, IMAGES)[0])
    assert weights[0, 1] == pytest.approx(1, abs=1e-15)
    np.testing.assert_allclose(weights[0, 2:], weights[1, 2:], atol=1e-14)


@given(
    scale=st.floats(0.01, 100),
    order=st.permutations(range(6)),
)
def test_scaling_and_relabelling_units(scale, order):
    population = Population(1, (8, 6, 2), "vanilla", seed=0)
    before = correlations(population, IMAGES[:200])[0]
    with torch.no_grad():
        population.weights[0].mul_(scale)
        population.biases[0].mul_(scale)
        population.weights[0].copy_(population.weights[0][:, :, list(order)])
        population.biases[0].copy_(population.biases[0][:, list(order)])
    after = correlations(population, IMAGES[:200])[0]
    # LeakyReLU is positively homogeneous; scaled float32 activations round differently
    np.testing.assert_allclose(after, before[np.ix_(order, order)], atol=2e-6)


@given(st.lists(st.sampled_from([-1, 1]), min_size=6, max_size=6))
def test_turning_units_upside_down_changes_nothing(signs):
    signals = activations(Population(1, (8, 6, 2), "vanilla", seed=0), IMAGES[:200])[0]
    one, other = (
        strength(np.corrcoef(values.astype(np.float64), rowvar=False))[0]
        for values in (signals, signals * signs)
    )
    np.testing.assert_allclose(one, other, atol=1e-14)  # products change sign exactly


def test_probe_restores_the_mode_and_reads_evaluation_mode():
    population = Population(1, (8, 6, 2), "dropout", seed=0).train()
    first, second = correlations(population, IMAGES), correlations(population, IMAGES)
    assert population.training
    np.testing.assert_array_equal(first, second)


def test_bad_probe():
    population = Population(1, (8, 6, 2), "vanilla", seed=0)
    with pytest.raises(ValueError, match="at least 2"):
        correlations(population, IMAGES[:1])
    with pytest.raises(ValueError, match="NaN or infinity"):
        correlations(population, np.full((5, 8), np.nan, dtype=np.float32))
    with pytest.raises(ValueError, match="choose from drop, zero"):
        strength(np.eye(3), dead="ignore")
