"""A backend of networkx: `nx.local_efficiency(graph, backend="funcnet")`.

networkx finds it by the entry point `networkx.backends`, or tries it first for every function named
in `networkx_info.FUNCTIONS` after `nx.config.backend_priority = ["funcnet"]`. Graphs are undirected
and have neither parallel edges nor weights; results have the types of networkx, keyed by node.
What cannot run here is left to networkx, and `can_run` says why. `nx.sigma` and `nx.omega` get C, T
and L from here, their random and lattice graphs from networkx: a seed promises certain connected
graphs there, which `graphs.rewired` and `graphs.lattice` do not make.

References
----------
networkx, "Backends", https://networkx.org/documentation/stable/reference/backends.html
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import networkx as nx
import numpy as np

from funcnet_utils import graphs
from funcnet_utils.graphs.convert import neighbour_matrix
from funcnet_utils.networkx_info import FUNCTIONS

NEED_EDGES = ("degree_assortativity_coefficient", "modularity")
NEED_NODES = ("average_shortest_path_length", "diameter", "local_efficiency")
NEED_NO_LOOPS = (*NEED_EDGES, "leiden_communities", "local_efficiency")
FEWEST, MOST = 64, 20_000
# networkx's tests of a function that it has only by backends, and what they ask for
BEYOND = {
    "test_modularity_increase": "self-loops",
    "test_valid_partition": "self-loops",
    "test_quality": "self-loops",
    "test_none_weight_param": "weights",
    "test_resolution": "a resolution other than 1",
}


@dataclass(frozen=True, eq=False)
class Converted:
    """A graph of networkx and its matrix of booleans, nodes in its order, without self-loops."""

    source: nx.Graph
    adjacency: np.ndarray


def convert_from_nx(graph: nx.Graph, **_: Any) -> Converted:
    """Return what the functions below compute from; networkx keeps it until the graph changes.

    Parameters
    ----------
    graph : networkx.Graph
        Undirected, without parallel edges. Attributes and self-loops are left out.

    Returns
    -------
    Converted
    """
    adjacency = neighbour_matrix(graph)
    np.fill_diagonal(adjacency, False)
    return Converted(graph, adjacency)


def convert_to_nx(value: Any, **_: Any) -> Any:
    """Return a result as it is: no function returns a graph."""
    return value


def can_run(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool | str:
    """Return True, or why a function of networkx cannot run here with these arguments.

    Besides directed graphs, multigraphs and weights these are sampling and other options, graphs
    without nodes or edges where networkx raises, and self-loops where they count.
    """
    given = _given(name, args, kwargs)
    graph = given["G"]
    if graph.is_directed() or graph.is_multigraph():
        return "the graph is directed or a multigraph"
    fixed = {option: _signature(name).parameters[option].default for option in FUNCTIONS[name]}
    if "metric" in given:
        fixed["metric"] = "modularity"
    for option, wanted in fixed.items():
        value = given[option]
        if value is not wanted and (wanted is None or value != wanted):
            return f"{option} is {value!r}, only {wanted!r} is supported"
    if len(graph) == 0 and name in NEED_NODES:
        return "the graph has no nodes"
    if name in NEED_EDGES and graph.number_of_edges() == 0:
        return "the graph has no edges"
    if name in NEED_NO_LOOPS and any(node in row for node, row in graph.adjacency()):
        return "the graph has self-loops, which count in this function"
    weight = given.get("weight")
    if weight is not None and _weighted(graph, weight):
        return f"edges have the weight {weight!r}"
    return True


def should_run(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool | str:
    """Return True, or why networkx is the better choice if nobody asked for this backend."""
    given = _given(name, args, kwargs)
    n = len(given["G"])
    if not FEWEST <= n <= MOST:
        return f"{n} nodes: matrices of booleans pay for [{FEWEST}, {MOST}] nodes"
    if given.get("nodes") is not None:
        return "values of some nodes only, while the backend computes all"
    return True


def on_start_tests(items: Iterable[Any]) -> None:
    """Skip, when networkx tests its backends, what Leiden is not offered for here."""
    import pytest

    for item in items:
        if item.path.stem == "test_leiden" and item.name in BEYOND:
            item.add_marker(pytest.mark.skip(reason=f"not offered: {BEYOND[item.name]}"))


@cache
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(getattr(nx, name, None) or getattr(nx.community, name))


def _given(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    bound = _signature(name).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments


def _weighted(graph: nx.Graph, weight: Any) -> bool:
    rows = graph.adjacency()
    return callable(weight) or any(weight in edge for _, row in rows for edge in row.values())


def _by_node(G: Converted, values: np.ndarray, nodes: Any = None) -> Any:
    """Return values keyed by node, or one value if `nodes` is a node, as networkx does."""
    found = dict(zip(G.source, values.tolist(), strict=True))
    if nodes in G.source:
        return found[nodes]
    return {node: found[node] for node in G.source.nbunch_iter(nodes)}


def triangles(G: Converted, nodes: Any = None) -> Any:
    """Triangles at each node, as `networkx.triangles`."""
    return _by_node(G, graphs.triangles(G.adjacency), nodes)


def clustering(G: Converted, nodes: Any = None, weight: Any = None) -> Any:
    """Local clustering coefficient of each node, as `networkx.clustering`."""
    degree = graphs.degree(G.adjacency)
    pairs = np.maximum(degree * (degree - 1), 1)
    return _by_node(G, 2 * graphs.triangles(G.adjacency) / pairs, nodes)


def average_clustering(
    G: Converted, nodes: Any = None, weight: Any = None, count_zeros: bool = True
) -> float:
    """Mean clustering coefficient C, as `networkx.average_clustering`."""
    found = [value for value in clustering(G, nodes).values() if count_zeros or value]
    return sum(found) / len(found)


def transitivity(G: Converted) -> float:
    """Transitivity T, as `networkx.transitivity`."""
    return graphs.transitivity(G.adjacency)


def global_efficiency(G: Converted) -> float:
    """Global efficiency E_glob, as `networkx.global_efficiency`."""
    return graphs.global_efficiency(G.adjacency)


def local_efficiency(G: Converted) -> float:
    """Local efficiency E_loc, as `networkx.local_efficiency`."""
    return graphs.local_efficiency(G.adjacency)


def average_shortest_path_length(G: Converted, weight: Any = None, method: Any = None) -> float:
    """Characteristic path length L, as `networkx.average_shortest_path_length`."""
    return _connected(G)["characteristic_path_length"] if len(G.adjacency) > 1 else 0


def diameter(G: Converted, e: Any = None, usebounds: bool = False, weight: Any = None) -> int:
    """Longest distance, as `networkx.diameter`."""
    return int(_connected(G)["diameter"])


def _connected(G: Converted) -> dict[str, Any]:
    found = graphs.path_lengths(G.adjacency)
    if found["connected_share"] < 1:
        raise nx.NetworkXError("Graph is not connected: found infinite path length.")
    return found


def betweenness_centrality(
    G: Converted,
    k: Any = None,
    normalized: bool = True,
    weight: Any = None,
    endpoints: bool = False,
    seed: Any = None,
) -> dict[Any, float]:
    """Betweenness of each node, as `networkx.betweenness_centrality` without sampling."""
    n = len(G.adjacency)
    pairs = 1 if normalized else (n - 1) * (n - 2) / 2
    return _by_node(G, graphs.betweenness(G.adjacency) * pairs)


def degree_assortativity_coefficient(
    G: Converted, x: str = "out", y: str = "in", weight: Any = None, nodes: Any = None
) -> float:
    """Correlation of degrees, as in networkx; NaN if all are equal."""
    return graphs.degree_assortativity(G.adjacency)


def modularity(
    G: Converted, communities: Iterable[Any], weight: Any = "weight", resolution: float = 1
) -> float:
    """Modularity of the given communities, as `networkx.community.modularity`."""
    parts = list(communities)
    if not nx.community.is_partition(G.source, parts):
        raise nx.community.quality.NotAPartition(G.source, parts)
    part_of = {node: part for part, members in enumerate(parts) for node in members}
    labels = np.array([part_of[node] for node in G.source])
    ends = np.bincount(labels, graphs.degree(G.adjacency))
    expected = float(((ends / ends.sum()) ** 2).sum())
    return graphs.within_share(G.adjacency, labels) - resolution * expected


def leiden_communities(G: Converted, *args: Any, **kwargs: Any) -> list[set[Any]]:
    """Communities of high modularity by Leiden, those of `graphs.communities`.

    networkx has none of its own before 3.7, and from there on other communities by default: give
    it `metric="modularity"`. A seed gives the same communities again, but not those of networkx.
    """
    seed = _given("leiden_communities", (G, *args), kwargs)["seed"].randint(0, 2**31 - 1)
    labels = graphs.communities(G.adjacency, seed).tolist()
    found: list[set[Any]] = [set() for _ in range(max(labels, default=-1) + 1)]
    for node, label in zip(G.source, labels, strict=True):
        found[label].add(node)
    return found
