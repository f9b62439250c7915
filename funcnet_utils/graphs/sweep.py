"""All measures of a graph in one call, and over a range of densities.

What is not a graph, a label per node, or a number in its range is a ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from funcnet_utils.graphs import groups, measures, paths
from funcnet_utils.graphs._graph import Adjacency, as_float, checked
from funcnet_utils.graphs.build import spanning_density_graph
from funcnet_utils.graphs.small_world import small_world


def all_measures(
    adjacency: Adjacency, seed: int, labels: np.ndarray | None = None
) -> dict[str, Any]:
    """Return every measure of binary graphs but their density, each costly count made once.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    seed : int
        Seed of the modularity.
    labels : ndarray of int, shape (n,), optional
        Group of each node; without it, participation and within_share are left out.

    Returns
    -------
    dict of str to float or ndarray of shape (...)
        By the names of the functions, which define each measure and its edge cases.

    Examples
    --------
    >>> all_measures(np.ones((3, 3)) - np.eye(3), seed=0)["clustering"]
    1.0
    """
    chosen: dict[str, Callable[[Adjacency], Any]] = {
        "clustering": measures.clustering,
        "transitivity": measures.transitivity,
        "characteristic_path_length": paths.characteristic_path_length,
        "connected_share": paths.connected_share,
        "diameter": paths.diameter,
        "global_efficiency": paths.global_efficiency,
        "local_efficiency": measures.local_efficiency,
        "modularity": partial(groups.modularity, seed=seed),
        "degree_assortativity": groups.degree_assortativity,
    }
    if labels is not None:
        chosen["participation"] = partial(groups.participation, labels=labels)
        chosen["within_share"] = partial(groups.within_share, labels=labels)
    stack = checked(adjacency)
    return {name: function(stack) for name, function in chosen.items()}


def density_sweep(
    strength: np.ndarray,
    densities: Sequence[float] | np.ndarray,
    n_null: int = 20,
    seed: int = 0,
    labels: np.ndarray | None = None,
) -> dict[str, Any]:
    """Return every measure and index of small-worldness of graphs cut at several densities.

    Parameters
    ----------
    strength : ndarray, shape (..., n, n)
        Symmetric strengths >= 0; the diagonal is ignored.
    densities : sequence of float, length n_densities
        Densities of `spanning_density_graph`, at least one.
    n_null : int, default=20
        Number of rewired graphs of each graph, at least 1.
    seed : int, default=0
        Seed of the nulls and of the modularity.
    labels : ndarray of int, shape (n,), optional
        Group of each node; without it, participation and within_share are left out.

    Returns
    -------
    dict of str to ndarray of shape (..., n_densities)
        The curve of each measure of `all_measures` and of each field of `SmallWorld`; `auc` gives
        the area under it.

    Examples
    --------
    >>> w = np.random.default_rng(0).random((12, 12))
    >>> sweep = density_sweep((w + w.T) / 2, [0.3, 0.6], n_null=2)
    >>> sweep["sigma"].shape, sorted(sweep)[:2]
    ((2,), ['C', 'C_latt'])
    >>> bool(abs(auc(sweep["clustering"], [0.3, 0.6]) - sweep["clustering"].mean()) < 1e-12)
    True
    """
    if not len(densities):
        raise ValueError("densities are empty: give at least one.")
    cuts = [spanning_density_graph(strength, float(density)) for density in densities]
    stack = checked(np.stack(cuts, axis=-3))
    return all_measures(stack, seed, labels) | asdict(small_world(stack, n_null, seed))


def auc(values: np.ndarray, densities: Sequence[float] | np.ndarray) -> Any:
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

    References
    ----------
    Ginestet, Nichols, Bullmore, Simmons (2011), doi:10.1371/journal.pone.0021570.

    Examples
    --------
    >>> auc(np.array([1.0, 3.0]), np.array([0.1, 0.2]))
    2.0
    """
    grid, heights = np.asarray(densities, dtype=float), np.asarray(values, dtype=float)
    if grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0).all():
        raise ValueError(f"densities are {densities}: give at least 2, in ascending order.")
    if heights.shape[-1:] != grid.shape:
        raise ValueError(f"values have shape {heights.shape}: give {len(grid)} in the last axis.")
    return as_float(np.asarray(np.trapezoid(heights, grid, axis=-1) / (grid[-1] - grid[0])))
