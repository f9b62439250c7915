"""Small-worldness: sigma, omega and phi against degree-preserving nulls."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from funcnet_utils.graphs import _kernels
from funcnet_utils.graphs.measures import Graph, check_adjacency
from funcnet_utils.graphs.nulls import lattice, rewired_rows


@dataclass(frozen=True)
class SmallWorld:
    """Indices of small-worldness; floats for one graph, arrays of shape (...) for a stack.

    Parameters
    ----------
    sigma : float or ndarray
        (C / C_rand) / (L / L_rand); above 1 for a small world. NaN if C_rand or L is not defined
        or 0.
    sigma_sd : float or ndarray
        Standard deviation of (C / C_i) / (L / L_i) over the single null graphs i.
    omega : float or ndarray
        L_rand / L - C / C_latt: near 0 for a small world, 1 random, -1 lattice.
    phi : float or ndarray
        Small-world propensity in [0, 1], 1 for a perfect small world.
    C, L : float or ndarray
        Clustering and characteristic path length.
    C_rand, L_rand : float or ndarray
        Their means over the null graphs.
    C_latt, L_latt : float or ndarray
        Those of one latticised graph; C_latt is at least C, as the graph itself has its degrees.
    """

    sigma: Any
    sigma_sd: Any
    omega: Any
    phi: Any
    C: Any
    L: Any
    C_rand: Any
    L_rand: Any
    C_latt: Any
    L_latt: Any


def small_world(adjacency: np.ndarray, n_null: int = 20, seed: int = 0) -> SmallWorld:
    """Return the small-worldness of graphs against null graphs with the same degrees.

    Sigma uses the mean local clustering, not the transitivity. It grows with the number of nodes
    and depends on the density: never compare it between graphs of another size or density. Null
    graphs need not be connected; L is then the mean over connected pairs.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
        One graph or a stack.
    n_null : int, default=20
        Number of rewired graphs of each graph, at least 1.
    seed : int, default=0
        Seed of the nulls; graph k of a stack has the same nulls as alone with the same k-th seed
        spawned from it, on any number of threads.

    Returns
    -------
    SmallWorld

    Raises
    ------
    ValueError
        If the adjacency is not a graph, or n_null is below 1.

    References
    ----------
    Humphries, Gurney (2008), doi:10.1371/journal.pone.0002051. Telesford et al. (2011),
    doi:10.1089/brain.2011.0038. Muldoon, Bridgeford, Bassett (2016), doi:10.1038/srep22057.

    Examples
    --------
    >>> ring = sum(np.roll(np.eye(40), k, axis=0) for k in (1, 2, 38, 39))
    >>> result = small_world(ring, n_null=20, seed=0)
    >>> result.C, bool(result.sigma > 1)
    (0.5, True)
    """
    stack = check_adjacency(adjacency)
    n = stack.shape[-1]
    count = int(np.prod(stack.shape[:-2]))
    seeds = np.random.SeedSequence(seed).generate_state(count)
    found = [
        _one(graph, n_null, int(number))
        for graph, number in zip(stack.reshape(count, n, n), seeds, strict=True)
    ]
    values = np.array(found).reshape(*stack.shape[:-2], len(fields(SmallWorld)))
    if stack.ndim == 2:
        return SmallWorld(*map(float, values))
    return SmallWorld(*np.moveaxis(values, -1, 0))


def auc(values: np.ndarray, densities: np.ndarray) -> Any:
    """Return the area under a measure over densities, divided by the width of the sweep.

    Parameters
    ----------
    values : ndarray, shape (..., n_densities)
        A measure at each density.
    densities : ndarray, shape (n_densities,)
        Ascending, at least 2.

    Returns
    -------
    float or ndarray, shape (...)
        In the units of the measure: the mean over the sweep by the trapezoid rule.

    Raises
    ------
    ValueError
        If there are fewer than 2 densities, or they do not ascend.

    Examples
    --------
    >>> auc(np.array([1.0, 3.0]), np.array([0.1, 0.2]))
    2.0
    """
    grid = np.asarray(densities, dtype=float)
    if grid.ndim != 1 or len(grid) < 2 or (np.diff(grid) <= 0).any():
        raise ValueError(f"densities are {densities}: give at least 2, in ascending order.")
    area = np.trapezoid(values, grid, axis=-1) / (grid[-1] - grid[0])
    return float(area) if area.ndim == 0 else area


def _one(adjacency: np.ndarray, n_null: int, seed: int) -> list[float]:
    graph = Graph(adjacency)
    c, length = graph.clustering(), graph.path_length()
    nulls = np.array(_kernels.each(_clustering_and_length, rewired_rows(adjacency, n_null, seed)))
    c_rand, l_rand = nulls.mean(0)
    ring = Graph(lattice(adjacency, seed))
    c_latt, l_latt = max(ring.clustering(), c), ring.path_length()
    single = [_ratio(_ratio(c, c_i), _ratio(length, l_i)) for c_i, l_i in nulls]
    return [
        _ratio(_ratio(c, c_rand), _ratio(length, l_rand)),
        float(np.std(single)),
        _ratio(l_rand, length) - _ratio(c, c_latt),
        _propensity(c, length, c_rand, l_rand, c_latt, l_latt),
        c,
        length,
        float(c_rand),
        float(l_rand),
        c_latt,
        l_latt,
    ]


def _clustering_and_length(rows: np.ndarray) -> tuple[float, float]:
    degree, triangles = _kernels.degrees_and_triangles(rows)
    paths = _kernels.path_histogram(rows)
    local = 2 * triangles / np.maximum(degree * (degree - 1), 1)
    pairs = paths[1:].sum()
    length = (np.arange(len(paths)) * paths).sum() / pairs if pairs else np.nan
    return (local.mean() if len(rows) else 0.0), length


def _ratio(a: float, b: float) -> float:
    return float(a / b) if b else float("nan")


def _propensity(
    c: float, length: float, c_rand: float, l_rand: float, c_latt: float, l_latt: float
) -> float:
    """Distance from lattice clustering and from random path length, both clipped to [0, 1]."""
    delta_c = np.clip(_ratio(c_latt - c, c_latt - c_rand), 0, 1)
    delta_l = np.clip(_ratio(length - l_rand, l_latt - l_rand), 0, 1)
    return float(1 - np.sqrt((delta_c**2 + delta_l**2) / 2))
