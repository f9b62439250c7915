"""Noise of loops: the law that random points follow, and loops that are planted."""

import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import cdist

from funcnet_utils import topology
from funcnet_utils.topology import noise_p_values, noise_scores


def loops_of(points):
    return topology.persistence(cdist(points, points))[1]


def test_p_values_are_those_of_the_left_skewed_gumbel_law():
    diagram = loops_of(np.random.default_rng(0).random((60, 2)))
    scores = noise_scores(diagram)
    np.testing.assert_allclose(noise_p_values(diagram), scipy.stats.gumbel_l.sf(scores))
    assert scores.mean() == pytest.approx(scipy.stats.gumbel_l.mean())
    np.testing.assert_array_equal(
        np.argsort(scores, kind="stable"), np.argsort(diagram[:, 1] / diagram[:, 0], kind="stable")
    )


@pytest.mark.parametrize("draw", ["random", "standard_normal"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_random_points_follow_it_whatever_their_distribution(draw, dimension):
    rng = np.random.default_rng(1)
    found = [loops_of(getattr(rng, draw)((400, dimension))) for _ in range(10)]
    scores = np.concatenate([noise_scores(each) for each in found])
    assert scipy.stats.kstest(scores, scipy.stats.gumbel_l.cdf).statistic < 0.06  # conjectured
    beyond = sum((noise_p_values(each) * len(each) < 0.05).any() for each in found)
    assert beyond <= scipy.stats.binom.ppf(0.999, len(found), 0.05)


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_a_circle_is_found_and_scale_does_not_count(scale):
    rng = np.random.default_rng(2)
    angles = rng.uniform(0, 2 * np.pi, 200)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) + rng.normal(0, 0.1, (200, 2))
    diagram = loops_of(scale * ring)
    beyond = noise_p_values(diagram) * len(diagram) < 0.05
    assert np.flatnonzero(beyond).tolist() == [np.argmax(diagram[:, 1] - diagram[:, 0])]


def test_what_has_no_score():
    diagram = np.array([[0.0, 0.3], [0.2, 0.2], [0.1, np.inf], [0.1, 0.2]])
    assert np.isnan(noise_scores(diagram)).tolist() == [True, True, True, False]
    assert noise_scores(diagram)[3] == pytest.approx(-np.euler_gamma)
    assert noise_p_values(np.zeros((0, 2))).shape == (0,)
