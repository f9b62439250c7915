"""All measures of a graph in one call, and the area under a measure over densities.

What is not a graph, a label per node, or a number in its range is a ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from funcnet_utils.errors import as_numbers, check_rising
from funcnet_utils.graphs import groups, measures, paths
from funcnet_utils.graphs._graph import Adjacency, as_float, checked


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
    grid = np.asarray(check_rising("densities", densities, np.inf), dtype=float)
    heights = as_numbers("values", values, finite=False)
    if heights.shape[-1:] != grid.shape:
        raise ValueError(f"values have shape {heights.shape}: give {len(grid)} in the last axis.")
    return as_float(np.asarray(np.trapezoid(heights, grid, axis=-1) / (grid[-1] - grid[0])))
