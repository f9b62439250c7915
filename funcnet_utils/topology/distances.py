"""Distances between persistence diagrams, and between weighted graphs by their filtrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import joblib
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching, minimum_spanning_tree
from tqdm import tqdm

from funcnet_utils.topology.summaries import check_diagram

Diagrams = Sequence[np.ndarray]


def wasserstein(a: np.ndarray, b: np.ndarray, order: float = 2) -> float:
    """Return the Wasserstein distance of two diagrams, exactly, with the Euclidean ground metric.

    Points are matched to points or to the nearest place on the diagonal, so that the sum of the
    distances to the power of `order` is least; the distance is the root of that sum. Points that
    never die are left out.

    Parameters
    ----------
    a, b : ndarray, shape (m, 2)
        Births and deaths.
    order : float, default=2
        Power, >= 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a diagram is not of shape (m, 2), or the order is below 1.

    References
    ----------
    Cohen-Steiner et al. (2010), doi:10.1007/s10208-010-9060-6.

    Examples
    --------
    >>> wasserstein(np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]]))
    0.5
    """
    if not 1 <= order < np.inf:
        raise ValueError(
            f"order is {order!r}: choose a finite number >= 1, or use bottleneck for infinity."
        )
    x, y = _finite(a), _finite(b)
    to_diagonal_x = (np.diff(x, axis=1)[:, 0] / np.sqrt(2)) ** order
    to_diagonal_y = (np.diff(y, axis=1)[:, 0] / np.sqrt(2)) ** order
    apart = np.linalg.norm(x[:, None] - y[None], axis=2) ** order
    # a pair is matched only if that is cheaper than two ways to the diagonal
    gain = np.minimum(0, apart - to_diagonal_x[:, None] - to_diagonal_y[None])
    cost = to_diagonal_x.sum() + to_diagonal_y.sum() + gain[linear_sum_assignment(gain)].sum()
    return float(max(cost, 0) ** (1 / order))


def bottleneck(a: np.ndarray, b: np.ndarray) -> float:
    """Return the bottleneck distance of two diagrams, exactly, with the maximum ground metric.

    Points that never die are left out.

    Parameters
    ----------
    a, b : ndarray, shape (m, 2)
        Births and deaths.

    Returns
    -------
    float

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer (2007), doi:10.1007/s00454-006-1276-5.

    Examples
    --------
    >>> bottleneck(np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]]))
    0.5
    """
    x, y = _finite(a), _finite(b)
    half_x, half_y = np.diff(x, axis=1)[:, 0] / 2, np.diff(y, axis=1)[:, 0] / 2
    apart = np.abs(x[:, None] - y[None]).max(2) if len(x) and len(y) else np.zeros((len(x), len(y)))
    candidates = np.unique(np.concatenate([[0.0], apart.ravel(), half_x, half_y]))
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        if _matchable(apart, half_x, half_y, candidates[middle]):
            high = middle
        else:
            low = middle + 1
    return float(candidates[low])


def wasserstein_matrix(
    diagrams: Diagrams, order: float = 2, *, workers: int = 1, progress: bool = False
) -> np.ndarray:
    """Return the Wasserstein distances between all pairs of diagrams; see `wasserstein`.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        N diagrams.
    order : float, default=2
        Power, >= 1.
    workers : int, default=1
        Processes.
    progress : bool, default=False
        Show a bar on standard error.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, diagonal 0.

    Examples
    --------
    >>> wasserstein_matrix([np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]])]).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    return _matrix(diagrams, lambda a, b: wasserstein(a, b, order), workers, progress)


def bottleneck_matrix(
    diagrams: Diagrams, *, workers: int = 1, progress: bool = False
) -> np.ndarray:
    """Return the bottleneck distances between all pairs of diagrams; see `bottleneck`.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        N diagrams.
    workers : int, default=1
        Processes.
    progress : bool, default=False
        Show a bar on standard error.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, diagonal 0.

    Examples
    --------
    >>> bottleneck_matrix([np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]])]).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    return _matrix(diagrams, bottleneck, workers, progress)


def sliced_wasserstein_matrix(diagrams: Diagrams, n_directions: int = 50) -> np.ndarray:
    """Return the sliced Wasserstein distances between all pairs of diagrams.

    Each diagram is joined by the projections of the other one to the diagonal, all points are
    projected on lines in evenly spaced directions, and the 1-Wasserstein distances of the
    projections are averaged. Points that never die are left out.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        N diagrams.
    n_directions : int, default=50
        Number of directions over a half circle, at least 1.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, diagonal 0.

    Raises
    ------
    ValueError
        If n_directions is below 1.

    References
    ----------
    Carriere, Cuturi, Oudot (2017), arXiv:1706.03358.

    Examples
    --------
    >>> sliced_wasserstein_matrix([np.array([[0.0, 1.0]]), np.zeros((0, 2))]).shape
    (2, 2)
    """
    if n_directions < 1:
        raise ValueError(f"n_directions is {n_directions}: choose a whole number >= 1.")
    angles = -np.pi / 2 + np.pi * np.arange(n_directions) / n_directions
    directions = np.array([np.cos(angles), np.sin(angles)])
    points = [_finite(diagram) for diagram in diagrams]
    seen = [each @ directions for each in points]
    flat = [np.repeat(each.mean(1), 2).reshape(-1, 2) @ directions for each in points]
    found = np.zeros((len(points), len(points)))
    for i, j in combinations(range(len(points)), 2):
        one = np.sort(np.vstack([seen[i], flat[j]]), axis=0)
        other = np.sort(np.vstack([seen[j], flat[i]]), axis=0)
        found[i, j] = found[j, i] = np.abs(one - other).sum() / n_directions
    return found


def graph_filtration_matrix(weight_matrices: Sequence[np.ndarray]) -> np.ndarray:
    """Return the graph-filtration Wasserstein distances between weighted graphs of equal size.

    When edges are removed from the weakest to the strongest, every edge of the maximum spanning
    tree gives birth to a component and every other edge ends a loop. On sorted births and sorted
    deaths the 2-Wasserstein distance has a closed form: the Euclidean distance.

    Parameters
    ----------
    weight_matrices : sequence of ndarray, each of shape (n, n)
        Symmetric weights; the diagonal is ignored.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, diagonal 0.

    Raises
    ------
    ValueError
        If the matrices are not all square of the same size and symmetric.

    References
    ----------
    Songdechakraiwut, Chung (2023), doi:10.1214/22-AOAS1633.

    Examples
    --------
    >>> graph_filtration_matrix([np.zeros((2, 2)), np.array([[0, 3], [3, 0]])]).tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    shapes = {np.shape(weights) for weights in weight_matrices}
    if len(shapes) > 1 or any(len(s) != 2 or s[0] != s[1] for s in shapes):
        raise ValueError(
            f"weight matrices have shapes {sorted(shapes)}: give square ones of one size, for "
            "example with dead='zero'."
        )
    vectors = [_births_and_deaths(np.asarray(w, float)) for w in weight_matrices]
    found = np.zeros((len(vectors), len(vectors)))
    for i, j in combinations(range(len(vectors)), 2):
        found[i, j] = found[j, i] = np.linalg.norm(vectors[i] - vectors[j])
    return found


def _births_and_deaths(weights: np.ndarray) -> np.ndarray:
    if not np.isfinite(weights).all():
        raise ValueError("a weight matrix holds NaN or infinity: drop dead units first.")
    if not np.array_equal(weights, weights.T):
        raise ValueError("a weight matrix is not symmetric: use (w + w.T) / 2.")
    i, j = np.triu_indices(len(weights), 1)
    values = weights[i, j]
    order = np.argsort(-values, kind="stable")
    ranks = np.zeros(weights.shape)
    ranks[i[order], j[order]] = np.arange(1, len(order) + 1)
    tree = minimum_spanning_tree(csr_array(ranks)).data.astype(int) - 1
    births = np.zeros(len(order), dtype=bool)
    births[tree] = True
    ordered = values[order]
    return np.concatenate([ordered[births], ordered[~births]])


def _matchable(apart: np.ndarray, half_x: np.ndarray, half_y: np.ndarray, radius: float) -> bool:
    """Tell whether all points that cannot go to the diagonal can be matched within a radius."""
    near = apart <= radius
    for must, links in ((half_x > radius, near), (half_y > radius, near.T)):
        if must.any():
            matched = maximum_bipartite_matching(csr_array(links[must]), perm_type="column")
            if (matched < 0).any():
                return False
    return True


def _matrix(
    diagrams: Diagrams,
    distance: Callable[[np.ndarray, np.ndarray], float],
    workers: int,
    progress: bool,
) -> np.ndarray:
    if workers < 1:
        raise ValueError(f"workers is {workers}: choose a whole number >= 1.")
    pairs = list(combinations(range(len(diagrams)), 2))
    with joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1):
        values = joblib.Parallel(return_as="generator", batch_size="auto")(
            joblib.delayed(distance)(diagrams[i], diagrams[j]) for i, j in pairs
        )
    found = np.zeros((len(diagrams), len(diagrams)))
    for (i, j), value in zip(
        pairs, tqdm(values, total=len(pairs), disable=not progress), strict=True
    ):
        found[i, j] = found[j, i] = value
    return found


def _finite(diagram: np.ndarray) -> np.ndarray:
    points = check_diagram(diagram)
    return points[np.isfinite(points[:, 1])]
