"""All measures of a graph in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from funcnet_utils.graphs import groups, measures, paths
from funcnet_utils.graphs._bits import each
from funcnet_utils.graphs._graph import Graph, check_adjacency, flat, plain


def all_measures(
    adjacency: np.ndarray, seed: int, labels: np.ndarray | None = None
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

    Raises
    ------
    ValueError
        If the adjacency is not a graph, or there is not one label a node.

    Examples
    --------
    >>> all_measures(np.ones((3, 3)) - np.eye(3), seed=0)["clustering"]
    1.0
    """
    chosen: dict[str, Callable[[Graph], float]] = {
        "clustering": measures.mean_clustering,
        "transitivity": measures.closed_triples,
        "characteristic_path_length": paths.mean_distance,
        "connected_share": paths.connected_pairs,
        "diameter": paths.longest_distance,
        "global_efficiency": paths.mean_efficiency,
        "local_efficiency": measures.mean_local_efficiency,
        "modularity": lambda graph: groups.best_modularity(graph, seed),
        "degree_assortativity": groups.degree_correlation,
    }
    if labels is not None:
        chosen["participation"] = lambda graph: groups.mean_participation(graph, labels)
        chosen["within_share"] = lambda graph: groups.share_within_groups(graph, labels)

    def row(rows: np.ndarray) -> list[float]:
        graph = Graph(rows)
        return [function(graph) for function in chosen.values()]

    stack, rows = check_adjacency(adjacency)
    values = np.array(each(row, flat(rows)), dtype=float)
    values = values.reshape(*stack.shape[:-2], len(chosen))
    return {name: plain(values[..., place]) for place, name in enumerate(chosen)}
