"""What a careful user would write with the graph libraries."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree

from funcnet_utils.studies.config import SWEEP

DENSITIES = SWEEP
STARTS, ROUNDS = 5, 3  # of the search for modules; ours starts as often, and ends by itself


def edges_of(adjacency: np.ndarray) -> list[list[int]]:
    return np.argwhere(np.triu(adjacency)).tolist()


def igraph_graph(adjacency: np.ndarray) -> Any:
    import igraph

    return igraph.Graph(n=len(adjacency), edges=edges_of(adjacency))


def rustworkx_graph(adjacency: np.ndarray) -> Any:
    import rustworkx

    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(adjacency)))
    graph.add_edges_from_no_data([(i, j) for i, j in edges_of(adjacency)])
    return graph


def networkit_graph(adjacency: np.ndarray) -> Any:
    import networkit

    networkit.setNumberOfThreads(1)
    i, j = np.divmod(np.flatnonzero(adjacency), len(adjacency))
    return networkit.GraphFromCoo((i[i < j], j[i < j]), n=len(adjacency))


def networkx_graph(adjacency: np.ndarray) -> Any:
    import networkx

    return networkx.from_numpy_array(adjacency)


def sigma_of(own: tuple[float, float], nulls: list[tuple[float, float]]) -> float:
    """Return (C / C_rand) / (L / L_rand) from pairs (C, L)."""
    c_rand, l_rand = np.mean(nulls, axis=0)
    return float((own[0] / c_rand) / (own[1] / l_rand))


def attempts_of(adjacency: np.ndarray) -> int:
    """Return the attempts that make 10 swaps per edge, for libraries that count attempts."""
    from funcnet_utils.graphs._graph import single
    from funcnet_utils.graphs.nulls import Rewiring

    return Rewiring(single(adjacency)).n_attempts


def igraph_sigma(graph: Any, n_null: int, n_attempts: int) -> float:
    """Return sigma against graphs rewired by so many attempts to swap two edges."""
    import igraph

    igraph.set_random_number_generator(random.Random(0))
    nulls = []
    for _ in range(n_null):
        null = graph.copy()
        null.rewire(n=n_attempts)
        nulls.append(_pair(null))
    return sigma_of(_pair(graph), nulls)


def _pair(graph: Any) -> tuple[float, float]:
    return graph.transitivity_avglocal_undirected(mode="zero"), graph.average_path_length()


def networkit_sigma(graph: Any, n_null: int) -> float:
    """Return sigma with 10 attempts per edge, which make about 8 swaps."""
    import networkit

    networkit.setSeed(0, False)

    def pair(one: Any) -> tuple[float, float]:
        one.sortEdges()
        local = networkit.centrality.LocalClusteringCoefficient(one, True).run().scores()
        search = networkit.distance.APSP(one)
        search.run()
        apart = np.array(search.getDistances())
        near = (apart > 0) & (apart < len(apart))
        return float(np.mean(local)), float(apart[near].mean())

    nulls = []
    for _ in range(n_null):
        swaps = networkit.randomization.EdgeSwitching(graph, 10.0)
        swaps.run()
        nulls.append(pair(swaps.getGraph()))
    return sigma_of(pair(networkit.Graph(graph)), nulls)


def igraph_arm(
    weights: np.ndarray, densities: tuple[float, ...], n_null: int, n_attempts: np.ndarray
) -> list[np.ndarray]:
    """Return five measures of every graph, after computing all that ours computes but lattices."""
    found = [
        [
            _measures(graph, n_null, int(many))
            for graph, many in zip(_cuts(one, densities), row, strict=True)
        ]
        for one, row in zip(weights, n_attempts, strict=True)
    ]
    return list(np.moveaxis(np.array(found), -1, 0))


def _cuts(weights: np.ndarray, densities: tuple[float, ...]) -> list[Any]:
    """Return a graph a density: the spanning tree and the strongest other edges."""
    import igraph

    n = len(weights)
    i, j = np.triu_indices(n, 1)
    tree = minimum_spanning_tree(2 - weights).toarray() > 0
    in_tree = (tree | tree.T)[i, j]
    order = np.lexsort((j, i, -weights[i, j], ~in_tree))
    pairs = np.column_stack([i, j])[order]
    counts = [round(density * len(pairs)) for density in densities]
    return [igraph.Graph(n=n, edges=pairs[:count].tolist()) for count in counts]


def _measures(graph: Any, n_null: int, n_attempts: int) -> list[float]:
    n = graph.vcount()
    apart = np.array(graph.distances(), dtype=float)
    near = np.isfinite(apart) & (apart > 0)
    local = np.zeros(n)
    for i in range(n):
        neighbours = graph.neighbors(i)
        if len(neighbours) > 1:
            local[i] = _efficiency(np.array(graph.induced_subgraph(neighbours).distances()))
    for _ in range(STARTS):
        graph.community_leiden("modularity", n_iterations=ROUNDS).modularity  # noqa: B018
    graph.assortativity_degree(directed=False)
    igraph_sigma(graph, n_null, n_attempts)
    return [
        graph.transitivity_avglocal_undirected(mode="zero"),
        graph.transitivity_undirected(),
        float(apart[near].mean()),
        _efficiency(apart),
        float(local.mean()),
    ]


def _efficiency(apart: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        inverse = 1 / apart.astype(float)
    np.fill_diagonal(inverse, 0)
    return float(inverse.sum() / (len(apart) * (len(apart) - 1)))
