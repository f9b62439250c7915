"""What paths measure: of a graph as booleans or as strengths of its edges, or of all strengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from funcnet_utils import graphs, topology
from funcnet_utils._bits import kernel
from funcnet_utils.graphs.small_world import indices

N_REWIRED = 5
LONG = 0.05
"""Lifetime of a long loop."""
PROPENSITY = 0.6
"""Small-world propensity above which Muldoon, Bridgeford and Bassett speak of a small world."""


def cut(strength: np.ndarray, path: Any, floor: float) -> np.ndarray:
    """Return the graph of a path, as booleans or as the strengths of its edges.

    Parameters
    ----------
    strength : ndarray, shape (n, n)
        Strengths of pairs of nodes.
    path : named tuple
        With threshold and density.
    floor : float
        Least strength of an edge of an absolute threshold.
    """
    if path.threshold == "absolute":
        return graphs.threshold_graph(strength, floor)
    if path.threshold == "density":
        return graphs.density_graph(strength, path.density)
    graph = graphs.spanning_density_graph(strength, path.density)
    return strength * graph if path.threshold == "weighted" else graph


def rewired(graph: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return five rewired graphs; strengths of edges, if there are any, are dealt out at random.

    Parameters
    ----------
    graph : ndarray of bool or float, shape (n, n)
    seed : int
        Seed of the swaps and of the deal.
    """
    found = list(graphs.rewired(graph > 0, N_REWIRED, seed))
    if graph.dtype == bool:
        return found
    rng, upper = np.random.default_rng(seed), np.triu(np.ones(graph.shape, bool))
    values = graph[(graph > 0) & upper]
    for k, each in enumerate(found):
        found[k] = np.zeros_like(graph)
        found[k][each & upper] = rng.permutation(values)
        found[k] += found[k].T
    return found


def measured(name: str, graph: np.ndarray, path: Any, seed: int) -> Any:
    """Return one measure of a graph.

    Parameters
    ----------
    name : {"E_glob", "E_loc", "C", "T", "Q", "loops", "small world"}
        Efficiencies, clustering, transitivity, modularity, number of loops, or by how much an
        index of small-worldness exceeds what a small world must have (NaN if it is not defined).
        With strengths of edges, lengths are 1 / strength, clustering is that of Onnela et al., and
        Q is that of the modules of the binary graph.
    graph : ndarray, shape (n, n)
        Booleans, strengths of edges, or for loops all strengths.
    path : named tuple
        With index for loops and small worlds, and with clustering for these.
    seed : int
        Seed of modularity and of null graphs.

    References
    ----------
    Onnela et al. (2005), doi:10.1103/PhysRevE.71.065103. Rubinov, Sporns (2010),
    doi:10.1016/j.neuroimage.2009.10.003, for transitivity.
    """
    if name == "loops":
        bars = topology.persistence(1 - graph - np.eye(len(graph)))[1]
        return (np.ptp(bars, axis=1) > (LONG if path.index == "long" else 0)).sum()
    if name == "small world":
        return _small_world(graph, path, seed)
    function = MEASURES[name][graph.dtype != bool]
    return function(graph, seed) if name == "Q" else function(graph)


def _small_world(graph: np.ndarray, path: Any, seed: int) -> Any:
    stack = np.stack([graph, graphs.lattice(graph, seed), *rewired(graph, seed)])
    count = graphs.clustering if path.clustering == "C" else graphs.transitivity
    own, ring, *nulls = np.column_stack([count(stack), graphs.characteristic_path_length(stack)])
    found = graphs.SmallWorld(*indices(own[0], own[1], np.array(nulls), ring[0], ring[1]))
    return {
        "sigma": found.sigma - 1,
        "omega": 0.5 - abs(found.omega),
        "phi": found.phi - PROPENSITY,
    }[path.index]


def _transitivity(graph: np.ndarray) -> Any:
    root, degree = np.cbrt(graph / (graph.max() or 1)), (graph > 0).sum(axis=0)
    return np.trace(root @ root @ root) / max((degree * (degree - 1)).sum(), 1)


def _modularity(graph: np.ndarray, seed: int) -> Any:
    member = np.eye(len(graph))[graphs.communities(graph > 0, seed)]
    shares = member.T @ graph @ member / (graph.sum() or 1)
    return np.trace(shares) - (shares.sum(axis=0) ** 2).sum()


@kernel
def _local(strength):  # type: ignore[no-untyped-def]
    """Return the mean over nodes of the weighted efficiency among neighbours."""
    total = 0.0
    for row in strength:
        near = np.flatnonzero(row)
        n = len(near)
        length = np.full((n, n), np.inf)
        for a, b in np.ndindex(n, n):
            if strength[near[a], near[b]] > 0:
                length[a, b] = 1 / strength[near[a], near[b]]
        for via in range(n):
            for a, b in np.ndindex(n, n):
                length[a, b] = min(length[a, b], length[a, via] + length[via, b])
        for a, b in np.ndindex(n, n):
            if a != b:
                total += float(1 / length[a, b]) / (n * (n - 1))
    return total / max(len(strength), 1)


MEASURES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "E_glob": (graphs.global_efficiency, graphs.weighted_efficiency),
    "E_loc": (graphs.local_efficiency, _local),
    "C": (graphs.clustering, graphs.onnela_clustering),
    "T": (graphs.transitivity, _transitivity),
    "Q": (graphs.modularity, _modularity),
}
"""Of a graph as booleans, and of the strengths of its edges."""
