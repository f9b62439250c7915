"""Distances, embeddings and data sets never seen."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr, wasserstein_distance
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.neighbors import KNeighborsClassifier

from funcnet_utils import clustering, topology


def test_embedding_of_points_of_a_plane_is_exact():
    points = np.random.default_rng(0).normal(size=(12, 2)) * [3, 1]
    distances = squareform(pdist(points))
    found = clustering.embed(distances)
    np.testing.assert_allclose(squareform(pdist(found)), distances, atol=1e-9)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    assert found[:, 0].var() > found[:, 1].var()
    # the principal components are the same axes
    centred = points - points.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2]
    np.testing.assert_allclose(np.abs(centred @ axes.T), np.abs(found), atol=1e-9)


def test_embedding_has_a_sign_and_enough_columns():
    distances = squareform(pdist(np.random.default_rng(1).normal(size=(9, 4))))
    found = clustering.embed(distances)
    assert (found.max(axis=0) >= -found.min(axis=0)).all()
    order = np.random.default_rng(2).permutation(9)
    turned = clustering.embed(distances[np.ix_(order, order)])
    np.testing.assert_allclose(turned, found[order], atol=1e-9)
    assert clustering.embed(np.zeros((4, 4))).tolist() == [[0, 0]] * 4
    assert clustering.embed([[0, 2], [2, 0]]).round(12).tolist() == [[1, 0], [-1, 0]]


def correlated(rng, n):
    r = np.abs(np.corrcoef(rng.normal(size=(n, 9))))
    return (r + r.T) / 2


def cloud(rng, n):
    births = rng.uniform(0, 0.5, n)
    return np.column_stack([births, births + rng.uniform(0, 0.4, n)])


def test_topological_distances_are_all_there_and_are_distances():
    rng = np.random.default_rng(3)
    diagrams = [cloud(rng, n) for n in (5, 8, 11)] + [np.zeros((0, 2))]
    strengths = [correlated(rng, n) for n in (5, 6, 7, 7)]
    found = clustering.topological_distances(diagrams, strengths)
    assert list(found) == [
        *("wasserstein", "bottleneck", "sliced_wasserstein", "betti_curve", "landscape"),
        *("image", "silhouette", "graph_filtration"),
    ]
    for matrix in found.values():
        assert matrix.shape == (4, 4)
        assert (matrix == matrix.T).all()
        assert not np.diagonal(matrix).any()
        assert (matrix[np.triu_indices(4, 1)] > 0).all()
    assert found["wasserstein"][0, 1] == topology.wasserstein(*diagrams[:2])
    # the curve of one loop against none: a step of height 1 from 0.2 to 0.7, L2 norm sqrt(0.5)
    loops = [np.array([[0.2, 0.7]]), np.zeros((0, 2))]
    step = clustering.topological_distances(loops, strengths[:2])
    assert step["betti_curve"][0, 1] == pytest.approx(np.sqrt(0.5), abs=0.01)


def table(n):
    return pd.DataFrame(
        {"mean_abs_r": np.arange(n) / 10, "sd_abs_r": 0.1, "train_loss": np.arange(n)[::-1]}
    ).assign(weight_norm=1.0 + np.arange(n))


def test_baselines():
    rng = np.random.default_rng(4)
    strengths = [correlated(rng, n) for n in (40, 50, 60)]
    found = clustering.baseline_distances(table(3), strengths, density=0.1)
    assert list(found) == [
        *("mean_abs_r", "sd_abs_r", "train_loss", "weight_norm", "degrees", "edge_weights"),
    ]
    sd = np.std([0, 1, 2])
    assert found["mean_abs_r"][0, 2] == pytest.approx(2 / sd)
    assert not found["sd_abs_r"].any()
    assert found["weight_norm"][0, 2] == pytest.approx(2 / sd)
    with pytest.raises(ValueError, match="3 strengths for 2 networks"):
        clustering.baseline_distances(table(2), strengths)


def test_edge_weights_are_compared_as_distributions():
    rng = np.random.default_rng(5)
    one = correlated(rng, 40)
    order = rng.permutation(40)
    shuffled = one[np.ix_(order, order)]
    raised = one + 0.25 * (1 - np.eye(40))
    found = clustering.baseline_distances(table(3), [one, shuffled, raised])["edge_weights"]
    assert found[0, 1] == 0
    assert found[0, 2] == pytest.approx(0.25)
    pairs = [w[np.triu_indices(40, 1)] for w in (one, raised)]
    assert found[0, 2] == pytest.approx(wasserstein_distance(*pairs))


def test_unseen_groups_are_named():
    rng = np.random.default_rng(6)
    arms = np.tile(np.repeat([0, 1, 2], 10), 3)
    groups = np.repeat(["x", "y", "z"], 30)
    shift = {"x": 0, "y": 100, "z": -50}
    values = 8.0 * arms + rng.normal(size=90) + [shift[g] for g in groups]
    scaled = clustering.feature_distances(values, groups)
    found = clustering.leave_one_group_out(scaled, arms, groups)
    assert found["group"].tolist() == ["x", "y", "z"]
    assert (found["accuracy"] > 0.95).all()
    assert found["chance"].tolist() == pytest.approx([1 / 3] * 3)
    assert (found["p"] < 0.01).all()
    # without standardising within groups the shifts hide the arms
    raw = clustering.leave_one_group_out(clustering.feature_distances(values), arms, groups)
    assert raw["accuracy"].mean() < 0.7


def test_unseen_groups_are_named_as_by_scikit_learn():
    rng = np.random.default_rng(8)
    points = rng.normal(size=(60, 2))
    # five neighbours of two arms cannot tie
    arms, groups = (points[:, 0] + rng.normal(0, 0.5, 60) > 0).astype(int), np.arange(60) % 3
    distances = squareform(pdist(points))
    expected = []
    for known, out in LeaveOneGroupOut().split(points, groups=groups):
        model = KNeighborsClassifier(5, metric="precomputed")
        model.fit(distances[np.ix_(known, known)], arms[known])
        expected.append(model.score(distances[np.ix_(out, known)], arms[out]))
    found = clustering.leave_one_group_out(distances, arms, groups)
    assert found["accuracy"].tolist() == expected


def test_unseen_untrained_groups_are_at_chance():
    rng = np.random.default_rng(7)
    arms, groups = np.tile(np.repeat([0, 1, 2], 10), 2), np.repeat([0, 1], 30)
    accuracy = []
    for seed in range(40):
        values = np.concatenate([np.tile(rng.normal(size=10), 3) for _ in range(2)])
        distances = np.abs(values[:, None] - values)
        found = clustering.leave_one_group_out(distances, arms, groups, seed=seed)
        accuracy.append(found["accuracy"].mean())
    # the copies are named at random: the standard error of the mean of 2,400 is 0.01
    assert np.mean(accuracy) == pytest.approx(1 / 3, abs=0.05)


def test_bad_groups():
    distances = np.abs(np.arange(4.0)[:, None] - np.arange(4.0))
    with pytest.raises(ValueError, match="at least 2 groups"):
        clustering.leave_one_group_out(distances, [0, 1, 0, 1], [0] * 4)
    with pytest.raises(ValueError, match="3 labels for 4 networks"):
        clustering.leave_one_group_out(distances, [0, 1, 0, 1], [0, 0, 1])
    with pytest.raises(ValueError, match="NaN or infinity"):
        clustering.feature_distances([1.0, np.nan])


class TestRepresentations:
    """Three comparisons of activations on the same images."""

    def test_follow_their_definitions(self):
        rng = np.random.default_rng(5)
        one, two = rng.normal(size=(30, 6)), rng.normal(size=(30, 4))
        found = clustering.representation_distances([one, two])
        centring = np.eye(30) - 1 / 30
        k, m = (centring @ x @ x.T @ centring for x in (one, two))
        cka = np.trace(k @ m) / np.sqrt(np.trace(k @ k) * np.trace(m @ m))
        assert found["cka"][0, 1] == pytest.approx(1 - cka, abs=1e-12)
        # scipy's disparity also fits the scale: 1 - s^2, where the distance is sqrt(2 - 2 s)
        left = procrustes(one, np.pad(two, ((0, 0), (0, 2))))[2]
        expected = np.sqrt(2 - 2 * np.sqrt(1 - left))
        assert found["procrustes"][0, 1] == pytest.approx(expected, abs=1e-12)
        rho = spearmanr(pdist(one), pdist(two)).statistic
        assert found["rsa"][0, 1] == pytest.approx(1 - rho, abs=1e-12)

    def test_turning_scaling_and_shifting_change_nothing(self):
        rng = np.random.default_rng(6)
        one, other = rng.normal(size=(2, 25, 5))
        turned = 7 * one @ np.linalg.qr(rng.normal(size=(5, 5)))[0] + rng.normal(size=5)
        for name, matrix in clustering.representation_distances([one, turned, other]).items():
            # a root of a difference of 1e-16
            assert matrix[0, 1] == pytest.approx(0, abs=1e-7), name
            assert matrix[0, 2] == pytest.approx(matrix[1, 2], abs=1e-7), name
            assert matrix[0, 2] > 0.1, name
            assert (matrix == matrix.T).all()
            assert not np.diagonal(matrix).any()

    def test_what_cannot_be_compared_is_refused(self):
        one = np.random.default_rng(7).normal(size=(9, 3))
        with pytest.raises(ValueError, match="networks saw 9, 8 images: give the same ones"):
            clustering.representation_distances([one, one[:8]])
        with pytest.raises(ValueError, match="at least 3"):
            clustering.representation_distances([one[:2], one[:2]])
        with pytest.raises(ValueError, match="all units of network 1 are constant"):
            clustering.representation_distances([one, np.ones((9, 2))])
        with pytest.raises(ValueError, match="networks saw no images"):
            clustering.representation_distances([])
