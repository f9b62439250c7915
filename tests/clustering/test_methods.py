"""Clustering against brute force, other libraries and the untrained control."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from funcnet_utils import clustering
from funcnet_utils.clustering import methods
from funcnet_utils.clustering.scores import adjusted_rand_index

METHODS = list(clustering.METHODS)


def distances_of(points):
    return squareform(pdist(points))


def blobs(rng, sizes=(8, 10, 12), apart=20.0):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    centres = apart * np.eye(len(sizes))
    return distances_of(centres[labels] + rng.normal(size=(len(labels), len(sizes)))), labels


@pytest.mark.parametrize("method", METHODS)
def test_blobs_are_found_with_k_given_and_chosen(method):
    distances, labels = blobs(np.random.default_rng(0))
    assert adjusted_rand_score(labels, clustering.cluster(distances, 3, method)) == 1
    table = clustering.cluster_table({"blobs": distances}, labels % 2, n_resamples=20)
    chosen = table.query("k_rule == 'silhouette' and method == @method").iloc[0]
    assert chosen["n_clusters"] == 3
    assert chosen["ari"] == adjusted_rand_score(labels % 2, labels)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 5))
def test_order_and_unit_do_not_matter(method, seed, k):
    rng = np.random.default_rng(seed)
    distances, _ = blobs(rng, sizes=(4, 4, 4), apart=6)
    order = rng.permutation(len(distances))
    found = clustering.cluster(distances, min(k, 3), method)
    assert found.min() >= 0
    assert len(np.unique(found)) <= min(k, 3)
    other = clustering.cluster(7 * distances[np.ix_(order, order)], min(k, 3), method)
    if min(k, 3) == 3:  # fewer clusters than blobs can be a matter of the start
        assert adjusted_rand_score(found[order], other) == 1


def test_average_linkage_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    for _ in range(10):
        distances = distances_of(rng.normal(size=(25, 3)))
        model = AgglomerativeClustering(4, metric="precomputed", linkage="average")
        expected = model.fit_predict(distances)
        assert adjusted_rand_score(expected, clustering.cluster(distances, 4)) == 1


def test_medoids_against_brute_force():
    rng = np.random.default_rng(2)
    best = 0
    for trial in range(60):
        distances, k = distances_of(rng.normal(size=(11, 2))), 2 + trial % 3
        costs = [distances[list(c)].min(axis=0).sum() for c in itertools.combinations(range(11), k)]
        chosen = methods.medoids(distances, k, rng)
        cost = distances[chosen].min(axis=0).sum()
        best += cost <= min(costs) + 1e-12
        for place, row in itertools.product(range(k), range(11)):
            swapped = chosen.copy()
            swapped[place] = row
            assert cost <= distances[swapped].min(axis=0).sum() + 1e-12
    # swaps end in a local optimum; from five starts it is nearly always the global one
    assert best >= 57


def test_build_by_hand():
    # on a line: 2 is the median; then 10 lowers the sum most
    distances = distances_of(np.array([[0.0], [1], [2], [3], [10]]))
    assert methods._build(distances, 2).tolist() == [2, 4]


def test_silhouette_by_hand():
    distances = distances_of(np.array([[0.0], [1], [5]]))
    # a = 1, b = 5 -> 4/5; a = 1, b = 4 -> 3/4; alone -> 0
    expected = (4 / 5 + 3 / 4) / 3
    assert methods.silhouette(distances, np.array([0, 0, 1])) == pytest.approx(expected)
    assert methods.silhouette(distances, np.array([0, 1, 2])) == -1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("order", ["by arm", "by network"])
def test_untrained_arms_are_at_chance(method, order):
    """Networks that are the same in three arms: no order of rows may give the arm away."""
    rng = np.random.default_rng(3)
    arms = np.repeat([0, 1, 2], 20)
    given = []
    for seed in range(30):
        one = rng.normal(size=(20, 3))
        points = np.concatenate([one, one, one])
        labels = arms
        if order == "by network":
            rows = np.argsort(np.tile(np.arange(20), 3), kind="stable")
            points, labels = points[rows], arms[rows]
        distances = distances_of(points)
        given.append(adjusted_rand_score(labels, clustering.cluster(distances, 3, method, seed)))
    # a little below 0, because the copies of a network stay together
    assert -0.05 <= np.mean(given) <= 0.05


def test_untrained_arms_are_at_chance_with_k_chosen():
    rng, arms, found = np.random.default_rng(3), np.repeat([0, 1, 2], 20), []
    for seed in range(12):
        one = rng.normal(size=(20, 3))
        rows = np.argsort(np.tile(np.arange(20), 3), kind="stable") if seed % 2 else slice(None)
        distances = distances_of(np.concatenate([one, one, one])[rows])
        table = clustering.cluster_table({"all": distances}, arms[rows], seed, n_resamples=20)
        found.append(table.query("k_rule == 'silhouette'").set_index("method")["ari"])
    mean = np.mean(found, axis=0)
    assert ((mean >= -0.06) & (mean <= 0.05)).all()


@pytest.mark.parametrize("apart", [0.0, 2.0])
@pytest.mark.parametrize("method", METHODS)
def test_all_networks_equally_apart(method, apart):
    arms, far = np.repeat([0, 1, 2], 10), apart * (1 - np.eye(30))
    found = [clustering.cluster(far, 3, method, seed) for seed in range(40)]
    assert (found[0] == clustering.cluster(far, 3, method, 0)).all()
    mean = np.mean([adjusted_rand_score(arms, each) for each in found])
    # the standard error of a random partition of 30 is below 0.01
    assert -0.05 <= mean <= 0.05


def test_bad_input():
    good = distances_of(np.arange(4.0)[:, None])
    with pytest.raises(ValueError, match="k is 5"):
        clustering.cluster(good, 5)
    with pytest.raises(ValueError, match="did you mean 'average'"):
        clustering.cluster(good, 2, "averag")
    with pytest.raises(ValueError, match="not symmetric"):
        clustering.cluster(np.triu(good), 2)
    with pytest.raises(ValueError, match=r"shape .* \(2, 4\)"):
        clustering.cluster(good[:2], 2)
    gap = np.where(good > 2, np.nan, good)
    for bad, said in ((-good, "down to -3"), (good + 1, "1 on the diagonal"), (gap, "NaN")):
        with pytest.raises(ValueError, match=said):
            clustering.cluster(bad, 2)


@given(st.integers(2, 40), st.integers(0, 2**32 - 1), st.booleans(), st.data())
@settings(max_examples=120, deadline=None)
def test_average_linkage_is_cut_as_by_scipy(n, seed, ties, data):
    k = data.draw(st.integers(1, n))
    drawn = np.random.default_rng(seed).normal(size=(n, 3))
    far = distances_of(drawn.round() if ties else drawn)
    merges = linkage(squareform(far), "average")
    found = clustering.METHODS["average"](far, k, np.random.default_rng(0))
    assert sorted(set(found)) == list(range(k))
    last, first = np.pad(merges[:, 2], 1, constant_values=(-1, np.inf))[n - k : n - k + 2]
    if last < first:  # else the merges on both sides of the cut may change places
        assert adjusted_rand_score(cut_tree(merges, k)[:, 0], found) == 1


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_rand_index_is_that_of_scikit_learn(pairs):
    one, other = np.array(pairs).T
    assert adjusted_rand_index(one, other) == adjusted_rand_score(one, other)
