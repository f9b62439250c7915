"""Clustering of networks from their pairwise distances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import spectral_clustering
from sklearn.metrics import silhouette_score

from funcnet_utils.clustering._check import checked_distances
from funcnet_utils.errors import closest

N_STARTS = 4


def cluster(distances: ArrayLike, k: int, method: str = "average", seed: int = 0) -> np.ndarray:
    """Divide networks into k clusters.

    Rows are shuffled first, so that neither the order of the networks nor ties (networks of
    distance 0, as in untrained arms) can tell their arm.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0.
    k : int
        Clusters, in [1, n].
    method : {"average", "k_medoids", "spectral"}, default="average"
        "average": average linkage, cut at k clusters. "k_medoids": the best of partitioning
        around medoids (build and swap) and four random starts. "spectral": normalised cuts of the
        affinity ``exp(-d**2 / (2 * median**2))``, with the median of the positive distances.
    seed : int, default=0
        Seed of the shuffling and of random starts.

    Returns
    -------
    ndarray of int, shape (n,)
        Cluster of each network, in [0, k). Spectral clusters can be fewer than k.

    Raises
    ------
    ValueError
        If the distances are not as above, k is out of range, or the method is unknown.

    References
    ----------
    Kaufman, Rousseeuw (1990), doi:10.1002/9780470316801.ch2. Ng, Jordan, Weiss (2001),
    https://proceedings.neurips.cc/paper/2001/hash/801272ee79cfde7fa5960571fee36b9b-Abstract.html.
    Damle, Minden, Ying (2019), doi:10.1093/imaiai/iay008.

    Examples
    --------
    >>> labels = cluster([[0, 1, 9], [1, 0, 9], [9, 9, 0]], k=2)
    >>> bool(labels[0] == labels[1] != labels[2])
    True
    """
    matrix = checked_distances(distances)
    if not 1 <= k <= len(matrix):
        raise ValueError(f"k is {k}: choose a whole number from 1 to {len(matrix)}.")
    if method not in METHODS:
        raise ValueError(f"there is no method {method!r}: {closest(method, METHODS)}.")
    # distances that differ by rounding, for the order in which pairs were computed, are ties
    matrix = np.round(matrix / (matrix.max() or 1.0), 12)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(matrix))
    labels = np.empty(len(matrix), dtype=int)
    labels[order] = METHODS[method](matrix[np.ix_(order, order)], k, rng)
    return labels


def best_k(
    distances: ArrayLike, method: str = "average", seed: int = 0, max_k: int = 6
) -> tuple[int, np.ndarray]:
    """Return the number of clusters of the largest mean silhouette, and the clusters.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        As for `cluster`, n >= 3.
    method : str, default="average"
        As for `cluster`.
    seed : int, default=0
        As for `cluster`.
    max_k : int, default=6
        Largest number tried, at least 2; never more than n - 1.

    Returns
    -------
    k : int
        The smaller one in a tie.
    labels : ndarray of int, shape (n,)

    Raises
    ------
    ValueError
        If there are fewer than 3 networks or `max_k` is below 2.

    References
    ----------
    Rousseeuw (1987), doi:10.1016/0377-0427(87)90125-7.

    Examples
    --------
    >>> best_k([[0, 1, 9, 9], [1, 0, 9, 9], [9, 9, 0, 1], [9, 9, 1, 0]])[0]
    2
    """
    matrix = checked_distances(distances)
    if max_k < 2 or len(matrix) < 3:
        raise ValueError(
            f"max_k is {max_k} for {len(matrix)} networks: choose at least 2, for at least 3."
        )
    tried = [
        (k, cluster(matrix, k, method, seed)) for k in range(2, min(max_k, len(matrix) - 1) + 1)
    ]
    return max(tried, key=lambda found: (silhouette(matrix, found[1]), -found[0]))


def silhouette(distances: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette, -1 where one cluster or only single networks leave none."""
    if not 1 < len(np.unique(labels)) < len(labels):
        return -1.0
    return float(silhouette_score(distances, labels, metric="precomputed"))


def medoids(distances: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Return k rows whose distances to the nearest of them have a small sum.

    The best of PAM's build and of random starts, each improved by the best swap of a medoid for
    another row until no swap helps.
    """
    starts = [_build(distances, k)]
    starts += [rng.choice(len(distances), k, replace=False) for _ in range(N_STARTS)]
    improved = [_swapped(distances, start) for start in starts]
    return min(improved, key=lambda chosen: distances[chosen].min(axis=0).sum())


def _build(distances: np.ndarray, k: int) -> np.ndarray:
    chosen = [int(distances.sum(axis=1).argmin())]
    nearest = distances[chosen[0]]
    while len(chosen) < k:
        cost = np.minimum(nearest, distances).sum(axis=1)
        cost[chosen] = np.inf
        chosen.append(int(cost.argmin()))
        nearest = np.minimum(nearest, distances[chosen[-1]])
    return np.array(chosen)


def _swapped(distances: np.ndarray, start: np.ndarray) -> np.ndarray:
    chosen, cost = start.copy(), distances[start].min(axis=0).sum()
    while True:
        best, swap = cost * (1 - 1e-12), None
        for place in range(len(chosen)):
            kept = np.delete(distances[chosen], place, axis=0).min(axis=0, initial=np.inf)
            costs = np.minimum(kept, distances).sum(axis=1)
            row = int(costs.argmin())
            if costs[row] < best:
                best, swap = costs[row], (place, row)
        if swap is None:
            return chosen
        chosen[swap[0]], cost = swap[1], best


def _average(distances: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    return cut_tree(linkage(squareform(distances, checks=False), "average"), k)[:, 0]


def _k_medoids(distances: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    return distances[medoids(distances, k, rng)].argmin(axis=0)


def _spectral(distances: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    if k in (1, len(distances)):
        return np.arange(len(distances)) % k
    positive = distances[distances > 0]
    scale = np.median(positive) if len(positive) else 1.0
    # far networks stay connected, if only just: a graph in parts has no order of cuts
    affinity = np.maximum(np.exp(-((distances / scale) ** 2) / 2), 1e-12)
    return spectral_clustering(
        affinity,
        n_clusters=k,
        assign_labels="cluster_qr",
        random_state=int(rng.integers(2**31)),
    )


METHODS: dict[str, Callable[[np.ndarray, int, np.random.Generator], np.ndarray]] = {
    "average": _average,
    "k_medoids": _k_medoids,
    "spectral": _spectral,
}
