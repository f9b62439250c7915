"""E_loc of a networkx graph, conversions included: the backend, networkx, a loop over rustworkx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import inputs
from benchmarks.harness import Case, Route
from benchmarks.pipelines import networkx_graph

SAMPLE = 10  # nodes, where networkx would take hours


def cases(quick: bool) -> list[Case]:
    small, large = (100, 150) if quick else (400, 1500)
    densities = (0.10,) if quick else (0.10, 0.25)
    return [
        *(_whole(small, density, target=5, with_networkx=True) for density in densities),
        *(_whole(large, density, target=20, with_networkx=False) for density in densities),
        *(_sample(large, density) for density in densities),
    ]


def _step(density: float) -> str:
    return f"E_loc of a networkx graph, d = {density:.2f}"


def _backend(graph: Any) -> Callable[[], float]:
    import networkx

    def call() -> float:
        graph.__networkx_cache__.clear()  # or the graph is converted once only
        return networkx.local_efficiency(graph, backend="funcnet")

    return call


def _load(n: int, density: float) -> Callable[[], Any]:
    return lambda: networkx_graph(inputs.graph(n, density))


def _whole(n: int, density: float, target: float, with_networkx: bool) -> Case:
    def by_networkx(graph: Any) -> Callable[[], float]:
        import networkx

        return lambda: networkx.local_efficiency(graph, backend="networkx")

    def by_rustworkx(graph: Any) -> Callable[[], float]:
        import rustworkx

        def call() -> float:
            place = {node: i for i, node in enumerate(graph)}
            peer = rustworkx.PyGraph()
            peer.add_nodes_from(range(n))
            peer.add_edges_from_no_data([(place[a], place[b]) for a, b in graph.edges()])
            total = 0.0
            for i in range(n):
                part = peer.subgraph(list(peer.neighbors(i)))
                if len(part) > 1:
                    apart = rustworkx.distance_matrix(part, null_value=np.inf)
                    np.fill_diagonal(apart, np.inf)
                    total += (1 / apart).sum() / (len(part) * (len(part) - 1))
            return total / n

        return call

    loop = Route("rustworkx, subgraph loop", ("rustworkx",), by_rustworkx, target=target)
    networkx = Route("networkx", ("networkx",), by_networkx, target=500)
    return Case(
        _step(density),
        n,
        density,
        _load(n, density),
        _backend,
        [loop, networkx] if with_networkx else [loop],
        with_memory=False,
        note="conversions included",
    )


def _sample(n: int, density: float) -> Case:
    """Ours at all nodes, divided by the size of the sample that networkx gets."""

    def by_networkx(graph: Any) -> Callable[[], float]:
        import networkx

        chosen = list(graph)[:: n // SAMPLE]

        def call() -> float:
            parts = (graph.subgraph(graph[node]) for node in chosen)
            return float(np.mean([networkx.global_efficiency(part) for part in parts]))

        return call

    return Case(
        f"{_step(density)}, {SAMPLE} of its nodes",
        n,
        density,
        _load(n, density),
        _backend,
        [Route("networkx", ("networkx",), by_networkx, target=500, tolerance=0.2)],
        with_memory=False,
        per=n // SAMPLE,
        note=f"conversions included; networkx at every {n // SAMPLE}th node, ours divided by that",
    )
