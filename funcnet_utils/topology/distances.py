"""Distances between persistence diagrams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.spatial.distance import cdist

from funcnet_utils._bits import kernel
from funcnet_utils.errors import check_int, check_real, power_of_2
from funcnet_utils.topology._sliced import area_between, steps
from funcnet_utils.topology.summaries import finite_points

Diagrams = Sequence[np.ndarray]
Item = TypeVar("Item")


def wasserstein(a: np.ndarray, b: np.ndarray, order: float = 2) -> float:
    """Return the Wasserstein distance of two diagrams, exactly, with the Euclidean ground metric.

    Points are matched to points or to the nearest place on the diagonal, so that the sum of the
    Euclidean distances to the power of `order` is least; the distance is the root of that sum.
    Order 1 is what persim computes, any order what gudhi computes with ``internal_p=2``. Points
    that never die are left out.

    Parameters
    ----------
    a, b : ndarray, shape (m, 2)
        Births and deaths.
    order : float, default=2
        Power, >= 1; another one is a ValueError.

    References
    ----------
    Cohen-Steiner et al. (2010), doi:10.1007/s10208-010-9060-6.

    Examples
    --------
    >>> wasserstein(np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]]))
    0.5
    """
    return float(wasserstein_matrix([a, b], order)[0, 1])


def wasserstein_matrix(diagrams: Diagrams, order: float = 2) -> np.ndarray:
    """Return the (N, N) Wasserstein distances between all pairs of diagrams; see `wasserstein`.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        N diagrams.
    order : float, default=2
        Power, >= 1.
    """
    check_real("order", order, 1, np.inf, "a power (or bottleneck, for infinity)")
    points = [finite_points(diagram) for diagram in diagrams]
    # sorted, so that sums do not depend on the order in which a diagram lists its points
    ordered = [p[np.argsort(p.sum(axis=1))] for p in points]
    return _matrix(ordered, lambda x, y: _wasserstein(x, y, order))


def bottleneck(a: np.ndarray, b: np.ndarray) -> float:
    """Return the bottleneck distance of two diagrams, exactly, with the maximum ground metric.

    It is the least radius within which all points can be matched to points or to the diagonal.
    Points that never die are left out.

    Parameters
    ----------
    a, b : ndarray, shape (m, 2)
        Births and deaths.

    References
    ----------
    Cohen-Steiner, Edelsbrunner, Harer (2007), doi:10.1007/s00454-006-1276-5.

    Examples
    --------
    >>> bottleneck(np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]]))
    0.5
    """
    return float(bottleneck_matrix([a, b])[0, 1])


def bottleneck_matrix(diagrams: Diagrams) -> np.ndarray:
    """Return the (N, N) bottleneck distances between all pairs of diagrams; see `bottleneck`.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        N diagrams.
    """
    return _matrix([finite_points(diagram) for diagram in diagrams], _bottleneck)


def sliced_wasserstein_matrix(diagrams: Diagrams, n_directions: int = 50) -> np.ndarray:
    """Return the (N, N) sliced Wasserstein distances between all pairs of diagrams.

    Each diagram is joined by the projections of the other one to the diagonal, all points are
    projected on lines in evenly spaced directions from -pi/2 on, and the 1-Wasserstein distances
    of the projections are averaged, exactly for these directions. Points that never die are left
    out.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        N diagrams.
    n_directions : int, default=50
        Number of directions over a half circle, at least 1.

    References
    ----------
    Carriere, Cuturi, Oudot (2017), arXiv:1706.03358.
    """
    check_int("n_directions", n_directions, 1)
    angles = -np.pi / 2 + np.pi * np.arange(n_directions) / n_directions
    directions = np.array([np.cos(angles), np.sin(angles)])
    if n_directions % 2:  # another one, in which everything is at 0
        directions = np.column_stack([directions, np.zeros(2)])
    functions = [steps(finite_points(diagram), directions) for diagram in diagrams]
    return _matrix(functions, lambda a, b: area_between(*a, *b)) / n_directions


def _matrix(items: Sequence[Item], distance: Callable[[Item, Item], float]) -> np.ndarray:
    found = np.zeros((len(items), len(items)))
    for i, j in combinations(range(len(items)), 2):
        found[i, j] = found[j, i] = distance(items[i], items[j])
    return found


def _wasserstein(x: np.ndarray, y: np.ndarray, order: float) -> float:
    # in units of the longest life, whose square neither vanishes nor overflows
    unit = power_of_2(max(np.diff(x).max(initial=0), np.diff(y).max(initial=0)))
    x, y = x / unit, y / unit
    to_diagonal_x, to_diagonal_y = (np.diff(each)[:, 0] / np.sqrt(2) for each in (x, y))
    apart = cdist(x, y, "sqeuclidean")
    if order > 2:  # in units of the longest step that must be taken; far longer ones never are
        apart = np.sqrt(apart)
        least = max(
            np.minimum(to_diagonal_x, apart.min(axis=1, initial=np.inf)).max(initial=0.0),
            np.minimum(to_diagonal_y, apart.min(axis=0, initial=np.inf)).max(initial=0.0),
        )
        step = _radius(least, (to_diagonal_x, apart), (to_diagonal_y, apart.T)) or 1.0
        most, unit = (len(x) + len(y) + 1) ** (1 / order), unit * step
        to_diagonal_x, to_diagonal_y, apart = (
            np.minimum(each / step, most) for each in (to_diagonal_x, to_diagonal_y, apart)
        )
    to_diagonal_x, to_diagonal_y = to_diagonal_x**order, to_diagonal_y**order
    if order != 2:
        apart **= order if order > 2 else order / 2
    # a pair is matched only if that is cheaper than two paths to the diagonal, so that the problem
    # has n x m costs and not (n + m) x (n + m)
    saved = np.minimum(apart - to_diagonal_x[:, None] - to_diagonal_y, 0)
    rows, columns = linear_sum_assignment(saved)
    matched = saved[rows, columns] < 0
    rows, columns = rows[matched], columns[matched]
    cost = apart[rows, columns].sum()
    cost += np.delete(to_diagonal_x, rows).sum() + np.delete(to_diagonal_y, columns).sum()
    return cost ** (1 / order) * unit


def _bottleneck(x: np.ndarray, y: np.ndarray) -> float:
    # the longest lives first: a life below the least radius so far can always go to the diagonal
    x, y = (points[np.argsort(points[:, 0] - points[:, 1])] for points in (x, y))
    half_x, half_y = (np.diff(points)[:, 0] / 2 for points in (x, y))
    least = _least(y, half_y, x, _least(x, half_x, y, 0.0))
    must_x, must_y = x[half_x > least], y[half_y > least]
    return _radius(
        least,
        (half_x[: len(must_x)], cdist(must_x, y, "chebyshev")),
        (half_y[: len(must_y)], cdist(must_y, x, "chebyshev")),
    )


@kernel
def _least(points, halves, others, least):  # type: ignore[no-untyped-def]
    """Return the least radius within which each point has another point or the diagonal."""
    for k in range(len(points)):
        radius = halves[k]
        if radius <= least:
            break
        for birth, death in others:
            radius = min(radius, max(abs(birth - points[k, 0]), abs(death - points[k, 1])))
            if radius <= least:
                break
        least = max(least, radius)
    return least


def _radius(least: float, *sides: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the least radius within which all points match points or reach the diagonal.

    Each side has the points whose distance to the diagonal is above `least`, a bound from below:
    these distances, (k,), and those to all points of the other side, (k, m).
    """
    if _matchable(least, *sides):
        return least
    highest = max(half.max(initial=0.0) for half, _ in sides)
    radii = np.concatenate([part.ravel() for side in sides for part in side])
    radii = np.unique(radii[(radii > least) & (radii <= highest)])
    low, high = 0, len(radii) - 1
    while low < high:
        middle = (low + high) // 2
        if _matchable(radii[middle], *sides):
            high = middle
        else:
            low = middle + 1
    return radii[low]


def _matchable(radius: float, *sides: tuple[np.ndarray, np.ndarray]) -> bool:
    """Tell whether all points that cannot go to the diagonal can be matched within a radius.

    If one matching covers them on one side and another matching on the other side, then a third one
    covers both (Mendelsohn, Dulmage 1958).
    """
    for half, apart in sides:
        must = half > radius
        if must.any():
            near = csr_array(apart[must] <= radius)
            if (maximum_bipartite_matching(near, perm_type="column") < 0).any():
                return False
    return True
