"""Graph measures, small-worldness and the pipeline of one arm, beside the graph libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.harness import Case, Route
from benchmarks.pipelines import (
    DENSITIES,
    attempts_of,
    igraph_arm,
    igraph_graph,
    igraph_sigma,
    networkit_graph,
    networkit_sigma,
    networkx_graph,
    rustworkx_graph,
    sigma_of,
)

N_NULL = 20
# where lists of neighbours should win: most words of a row are empty
THIN, SPARSE = 0.02, ", sparse"
ARM = "all measures and sigma of one arm"
# sigma from two samples of 20 random graphs; its spread over such samples is below 1%
RANDOM = 0.05


def cases(quick: bool) -> list[Case]:
    small, large = (100, 150) if quick else (400, 1500)
    return [
        _local_efficiency(large, 0.25, large_case=True),
        _local_efficiency(small, 0.10, large_case=False),
        _paths(large, 0.25),
        _paths(large if quick else 4000, THIN, sparse=True),
        _clustering(large, 0.25),
        _clustering(large if quick else 4000, THIN, sparse=True),
        _packed_clustering(large if quick else 4000, THIN),
        _sigma(small, 0.10, 2 if quick else N_NULL),
        _arm(2 if quick else 20, 2 if quick else N_NULL, DENSITIES[:3] if quick else DENSITIES),
    ]


def _on_graph(function: str) -> Callable[[np.ndarray], Callable[[], Any]]:
    def prepare(adjacency: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import graphs

        return lambda: getattr(graphs, function)(adjacency)

    return prepare


def _local_efficiency(n: int, density: float, large_case: bool) -> Case:
    def by_rustworkx(adjacency: np.ndarray) -> Callable[[], float]:
        import rustworkx

        graph = rustworkx_graph(adjacency)

        def call() -> float:
            found = np.zeros(n)
            for i in range(n):
                part = graph.subgraph(list(graph.neighbors(i)))
                if len(part) > 1:
                    apart = rustworkx.distance_matrix(part, null_value=np.inf)
                    found[i] = efficiency(apart)
            return found.mean()

        return call

    def by_igraph(adjacency: np.ndarray) -> Callable[[], float]:
        graph = igraph_graph(adjacency)

        def call() -> float:
            found = np.zeros(n)
            for i in range(n):
                near = graph.neighbors(i)
                if len(near) > 1:
                    found[i] = efficiency(np.array(graph.induced_subgraph(near).distances()))
            return found.mean()

        return call

    def by_bctpy(adjacency: np.ndarray) -> Callable[[], float]:
        import bct

        matrix = adjacency.astype(float)
        return lambda: bct.efficiency_bin(matrix, local=True).mean()

    def by_networkx(adjacency: np.ndarray) -> Callable[[], float]:
        import networkx

        graph = networkx_graph(adjacency)
        return lambda: networkx.local_efficiency(graph)

    if large_case:
        peers = [
            Route("rustworkx, subgraph loop", ("rustworkx",), by_rustworkx, target=50),
            Route("igraph, subgraph loop", ("igraph",), by_igraph, target=500, slow=n > 400),
            Route("bctpy", ("bct",), by_bctpy, target=150, slow=n > 400),
        ]
    else:
        peers = [
            Route("rustworkx, subgraph loop", ("rustworkx",), by_rustworkx, target=10),
            Route("networkx", ("networkx",), by_networkx, target=1000),
            Route("igraph, subgraph loop", ("igraph",), by_igraph),
            Route("bctpy", ("bct",), by_bctpy),
        ]
    return Case(
        "local efficiency",
        n,
        density,
        lambda: inputs.graph(n, density),
        _on_graph("local_efficiency"),
        peers,
    )


def efficiency(apart: np.ndarray) -> float:
    """Return the mean of 1 / distance over pairs; distances not finite count 0."""
    with np.errstate(divide="ignore"):
        inverse = 1 / apart
    np.fill_diagonal(inverse, 0)
    return inverse.sum() / (len(apart) * (len(apart) - 1))


def _paths(n: int, density: float, sparse: bool = False) -> Case:
    def ours(adjacency: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import graphs

        def call() -> tuple[float, float]:
            found = graphs.path_lengths(adjacency)
            return found["characteristic_path_length"], found["global_efficiency"]

        return call

    def reduced(apart: np.ndarray) -> tuple[float, float]:
        near = np.isfinite(apart) & (apart > 0)
        return apart[near].mean(), efficiency(apart)

    def by_rustworkx(adjacency: np.ndarray) -> Callable[[], Any]:
        import rustworkx

        graph = rustworkx_graph(adjacency)
        return lambda: reduced(rustworkx.distance_matrix(graph, null_value=np.inf))

    def by_igraph(adjacency: np.ndarray) -> Callable[[], Any]:
        graph = igraph_graph(adjacency)
        return lambda: reduced(np.array(graph.distances(), dtype=float))

    def by_bctpy(adjacency: np.ndarray) -> Callable[[], Any]:
        import bct

        matrix = adjacency.astype(float)
        return lambda: reduced(bct.distance_bin(matrix))

    rustworkx = Route("rustworkx", ("rustworkx",), by_rustworkx, 8 if sparse else 15)
    igraph = Route("igraph", ("igraph",), by_igraph, None if sparse else 200)
    bctpy = Route("bctpy", ("bct",), by_bctpy)
    return Case(
        f"L and E_glob{SPARSE * sparse}",
        n,
        density,
        lambda: inputs.graph(n, density),
        ours,
        [rustworkx] if sparse else [rustworkx, igraph, bctpy],
    )


def _clustering(n: int, density: float, sparse: bool = False) -> Case:
    def from_matrix(adjacency: np.ndarray) -> Callable[[], float]:
        return lambda: _clustering_by_networkit(networkit_graph(adjacency))

    def by_igraph(adjacency: np.ndarray) -> Callable[[], float]:
        graph = igraph_graph(adjacency)
        return lambda: graph.transitivity_avglocal_undirected(mode="zero")

    def by_bctpy(adjacency: np.ndarray) -> Callable[[], float]:
        import bct

        matrix = adjacency.astype(float)
        return lambda: bct.clustering_coef_bu(matrix).mean()

    def by_product(adjacency: np.ndarray) -> Callable[[], float]:
        matrix = adjacency.astype(np.float32)

        def call() -> float:
            degree = matrix.sum(axis=1, dtype=np.float64)
            twice = np.einsum("ij,ij->i", matrix @ matrix, matrix).astype(np.float64)
            return float((twice / np.maximum(degree * (degree - 1), 1)).mean())

        return call

    networkit = _turbo(15 if sparse else 50)
    converted = Route("networkit, from the matrix", ("networkit",), from_matrix)
    igraph = Route("igraph", ("igraph",), by_igraph, None if sparse else 60)
    bctpy = Route("bctpy", ("bct",), by_bctpy)
    product = Route("matrix product, float32", ("numpy",), by_product, tolerance=1e-6)
    return Case(
        f"clustering{SPARSE * sparse}",
        n,
        density,
        lambda: inputs.graph(n, density),
        _on_graph("clustering"),
        [networkit, converted, igraph] if sparse else [networkit, igraph, bctpy, product],
    )


def _packed_clustering(n: int, density: float) -> Case:
    """Both from their own format ready-made, as where several measures share one graph."""

    def ours(adjacency: np.ndarray) -> Callable[[], float]:
        from funcnet_utils import graphs
        from funcnet_utils.graphs import _graph

        rows = _graph.single(adjacency).rows
        return lambda: graphs.clustering(_graph.Stack((), n, [_graph.Graph(rows)]))

    return Case(
        f"clustering, packed before{SPARSE}",
        n,
        density,
        lambda: inputs.graph(n, density),
        ours,
        [_turbo(15)],
    )


def _turbo(target: float) -> Route:
    def by_networkit(adjacency: np.ndarray) -> Callable[[], float]:
        graph = networkit_graph(adjacency)
        return lambda: _clustering_by_networkit(graph)

    return Route("networkit, turbo", ("networkit",), by_networkit, target)


def _clustering_by_networkit(graph: Any) -> float:
    import networkit

    local = networkit.centrality.LocalClusteringCoefficient(graph, True)
    return float(np.mean(local.run().scores()))


def _sigma(n: int, density: float, n_null: int) -> Case:
    tolerance = RANDOM if n_null == N_NULL else 1.0

    def ours(adjacency: np.ndarray) -> Callable[[], float]:
        from funcnet_utils import graphs

        return lambda: graphs.small_world(adjacency, n_null=n_null, seed=0).sigma

    def by_igraph(adjacency: np.ndarray) -> Callable[[], float]:
        graph = igraph_graph(adjacency)
        n_attempts = attempts_of(adjacency)
        return lambda: igraph_sigma(graph, n_null, n_attempts)

    def by_networkit(adjacency: np.ndarray) -> Callable[[], float]:
        graph = networkit_graph(adjacency)
        return lambda: networkit_sigma(graph, n_null)

    def by_bctpy(adjacency: np.ndarray) -> Callable[[], float]:
        import bct

        matrix = adjacency.astype(float)

        def pair(one: np.ndarray) -> tuple[float, float]:
            apart = bct.distance_bin(one)
            near = np.isfinite(apart) & (apart > 0)
            return bct.clustering_coef_bu(one).mean(), apart[near].mean()

        def call() -> float:
            nulls = (bct.randmio_und(matrix, 10, seed=k)[0] for k in range(n_null))
            return sigma_of(pair(matrix), [pair(null) for null in nulls])

        return call

    def by_netneurotools(adjacency: np.ndarray) -> Callable[[], float]:
        from netneurotools import networks

        matrix = adjacency.astype(float)
        graph = igraph_graph(adjacency)

        def pair(one: Any) -> tuple[float, float]:
            return one.transitivity_avglocal_undirected(mode="zero"), one.average_path_length()

        def call() -> float:
            nulls = (networks.randmio_und(matrix, 10)[0] for _ in range(n_null))
            return sigma_of(pair(graph), [pair(igraph_graph(null > 0)) for null in nulls])

        return call

    return Case(
        f"sigma, {N_NULL} rewired graphs",
        n,
        density,
        lambda: inputs.graph(n, density),
        ours,
        [
            Route("igraph", ("igraph",), by_igraph, target=10, tolerance=tolerance),
            Route("bctpy", ("bct",), by_bctpy, target=300, tolerance=tolerance, slow=n >= 400),
            Route("networkit", ("networkit",), by_networkit, tolerance=tolerance),
            Route(
                "netneurotools + igraph",
                ("netneurotools", "igraph"),
                by_netneurotools,
                tolerance=tolerance,
                slow=n >= 400,
            ),
        ],
        note="ours also makes a lattice, for omega and phi",
    )


def _arm(n_networks: int, n_null: int, densities: tuple[float, ...]) -> Case:
    def ours(weights: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import graphs

        def call() -> list[np.ndarray]:
            stack = np.stack([graphs.spanning_density_graph(weights, d) for d in densities], -3)
            found = graphs.all_measures(stack, 0)
            found["sigma"] = graphs.small_world(stack, n_null, 0).sigma
            names = ("clustering", "transitivity", "characteristic_path_length")
            names += ("global_efficiency", "local_efficiency")
            return [found[name] for name in names]

        return call

    def by_igraph(weights: np.ndarray) -> Callable[[], Any]:
        from funcnet_utils import graphs

        cuts = [[graphs.spanning_density_graph(w, d) for d in densities] for w in weights]
        n_attempts = np.array([[attempts_of(cut) for cut in row] for row in cuts])
        return lambda: igraph_arm(weights, densities, n_null, n_attempts)

    return Case(
        ARM,
        150,
        None,
        lambda: inputs.functional_weights(150, n_networks),
        ours,
        [Route("igraph pipeline", ("igraph",), by_igraph, target=10)],
        with_memory=False,
        note=f"{n_networks} networks, {len(densities)} densities, {n_null} nulls each; "
        "ours also makes lattices, for omega and phi",
    )
