"""From pairwise distances of networks to clusters, and to points of a plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import spectral_clustering
from sklearn.manifold import ClassicalMDS
from sklearn.metrics import silhouette_score

from funcnet_utils.errors import check_choice, check_distances, check_int, generator_of

N_STARTS = 4
Labels = Sequence[object] | np.ndarray


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
        Cluster of each network, in [0, k). "spectral" and "k_medoids" may give fewer than k.

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
    matrix = check_distances(distances, least=2)
    check_int("k", k, 1, len(matrix))
    check_choice("method", method, METHODS)
    # distances that differ by rounding, for the order in which pairs were computed, are ties
    matrix = np.round(matrix / (matrix.max() or 1.0), 12)
    rng = generator_of(seed)
    order = rng.permutation(len(matrix))
    return METHODS[method](matrix[np.ix_(order, order)], k, rng)[np.argsort(order)].astype(int)


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


def _spectral(distances: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    if k in (1, len(distances)) or np.ptp(squareform(distances, checks=False)) == 0:
        return np.arange(len(distances)) % k  # no cut is better, and ARPACK may fail
    scale = np.median(distances[distances > 0])
    # far networks stay connected, if only just: a graph in parts has no order of cuts
    affinity = np.maximum(np.exp(-((distances / scale) ** 2) / 2), 1e-12)
    how = {"assign_labels": "cluster_qr", "random_state": int(rng.integers(2**31))}
    return spectral_clustering(affinity, n_clusters=k, **how)


def _average(distances: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    merges, n = linkage(squareform(distances, checks=False), "average"), len(distances)
    # all merges but the last k - 1, as in SciPy's slower cut_tree, but for the order of ties
    return fcluster(merges, n - k, "monocrit", monocrit=np.arange(1.0, n)) - 1


METHODS: dict[str, Callable[[np.ndarray, int, np.random.Generator], np.ndarray]] = {
    "average": _average,
    "k_medoids": lambda d, k, rng: d[medoids(d, k, rng)].argmin(axis=0),
    "spectral": _spectral,
}


def embed(distances: ArrayLike) -> np.ndarray:
    """Return points of a plane whose Euclidean distances resemble the distances: classical scaling.

    They are centred, the axis of the largest spread comes first, and in each axis the coordinate
    farthest from 0 is positive, so that figures do not flip. An axis without spread is 0.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0.

    Returns
    -------
    ndarray, shape (n, 2)

    References
    ----------
    Torgerson (1952), doi:10.1007/BF02288916.

    Examples
    --------
    >>> embed([[0, 1, 3], [1, 0, 2], [3, 2, 0]])[:, 0].round(6).tolist()
    [-1.333333, -0.333333, 1.666667]
    """
    matrix = check_distances(distances, least=2)
    scaling = ClassicalMDS(2, metric="precomputed")
    with np.errstate(invalid="ignore"):  # roots of values below 0, where there is no such axis
        points = np.nan_to_num(scaling.fit_transform(matrix))
    return np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
