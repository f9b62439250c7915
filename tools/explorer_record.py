"""What the explorer shows of one network, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import networkx as nx
import numpy as np

from funcnet_utils import graphs
from funcnet_utils.studies.study import Study

MATRIX_SIDE = 200
MEASURES = (
    *("clustering", "C_rand", "transitivity", "characteristic_path_length", "L_rand"),
    *("global_efficiency", "local_efficiency", "modularity", "sigma", "sigma_sd"),
    *("connected_share", "diameter"),
)


def network_record(
    study: Study, arm: str, network: int, densities: Sequence[float]
) -> dict[str, Any]:
    """Return what the explorer shows of one network, as JSON values.

    Parameters
    ----------
    study : Study
        Results that have the network.
    arm : str
        Name of the arm.
    network : int
        Number of the network.
    densities : sequence of float
        Ascending, among those of the study.

    Returns
    -------
    dict
        measures
            name -> value at each density, as the study computed it.
        threshold
            Least weight of an edge outside the spanning tree, at each density.
        n_edges
            Edges at each density: how many of `edges` to draw.
        edges
            Places of the pairs in the upper triangle, tree first, then by falling weight; hex
            digits of little-endian unsigned numbers of `edge_bytes` bytes.
        matrix
            ``|r|`` of the pairs in 255 steps, hex digits, for drawing alone; averaged over blocks
            to `matrix_side` rows if the network is larger.
        layers, modules, x, y
            Layer, module (Louvain, in the graph of the default density) and place of each node.
        diagrams
            [births, deaths] of H0 and of H1, without the bar that never dies.
    """
    net = study.functional_network(arm, network)
    weights, layers = net.strength, net.layers
    n = len(weights)
    order = edge_order(weights, densities[-1])
    counts = [round(d * n * (n - 1) / 2) for d in densities]
    strength = weights[np.triu_indices(n, 1)][order]
    modules, places = _drawing(graphs.spanning_density_graph(weights, study.config.density))
    edge_bytes = 2 if n * (n - 1) // 2 <= 2**16 else 4
    matrix = _shrunk(weights, MATRIX_SIDE)
    table = study.graph_measures.query("arm == @arm and network == @network")
    wide = table.pivot(index="density", columns="measure", values="value").loc[list(densities)]
    row = study.networks.query("arm == @arm and network == @network").iloc[0]
    return {
        "network": int(network),
        "n": n,
        "n_dead": int(row["n_dead"]),
        "test_accuracy": float(row["test_accuracy"]),
        "measures": {name: _numbers(wide[name]) for name in MEASURES if name in wide},
        "n_edges": counts,
        "threshold": [float(strength[n - 1 : count].min(initial=1)) for count in counts],
        "edge_bytes": edge_bytes,
        "edges": _hex(order.astype(f"<u{edge_bytes}")),
        "matrix_side": len(matrix),
        "matrix": _hex(_bytes(matrix[np.triu_indices(len(matrix), 1)])),
        "layers": layers.tolist(),
        "modules": modules.tolist(),
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "diagrams": [
            [[float(v) for v in side] for side in diagram[np.isfinite(diagram[:, 1])].T]
            for diagram in study.diagrams[arm, network][:2]
        ],
    }


def edge_order(weights: np.ndarray, density: float) -> np.ndarray:
    """Return pairs in the order in which `spanning_density_graph` takes them.

    Parameters
    ----------
    weights : ndarray, shape (n, n)
        Symmetric weights >= 0.
    density : float
        Share of all pairs to return, in [2 / n, 1].

    Returns
    -------
    ndarray of int, shape (round(density * n * (n - 1) / 2),)
        Places in the upper triangle, row by row: the spanning tree, heaviest edge first, then the
        other pairs; ties go to the smaller (i, j). The first edges are the graph of any smaller
        density that holds the tree.

    Examples
    --------
    >>> edge_order(np.array([[0, 0.1, 0.8], [0.1, 0, 0.9], [0.8, 0.9, 0]]), 1)
    array([2, 1, 0])
    """
    n = len(weights)
    tree = graphs.spanning_tree(weights)
    first = tree[:, 0] * (2 * n - tree[:, 0] - 1) // 2 + tree[:, 1] - tree[:, 0] - 1
    falling = np.argsort(-weights[np.triu_indices(n, 1)], kind="stable")
    others = falling[~np.isin(falling, first)]
    return np.concatenate([first, others])[: round(density * n * (n - 1) / 2)]


def _drawing(adjacency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the module of each node, the largest first, and its place in a disc of radius 500."""
    graph = nx.from_numpy_array(adjacency)
    found = nx.community.louvain_communities(graph, seed=0)
    modules = np.zeros(len(adjacency), dtype=int)
    for number, members in enumerate(sorted(found, key=lambda group: (-len(group), min(group)))):
        modules[list(members)] = number
    spring = nx.spring_layout(graph, k=1.6 / np.sqrt(len(adjacency)), iterations=200, seed=0)
    places = np.array([spring[node] for node in range(len(adjacency))])
    places -= places.mean(0)
    radius = np.hypot(*places.T)
    even = np.sqrt((np.argsort(np.argsort(radius)) + 0.5) / len(radius))  # fills a disc evenly
    wanted = 0.35 * radius / radius.max() + 0.65 * even
    places *= (wanted / np.maximum(radius, 1e-12))[:, None]
    return modules, np.rint(500 + 500 * places).astype(int)


def _shrunk(weights: np.ndarray, side: int) -> np.ndarray:
    """Return the weights, averaged over blocks of nodes down to at most `side` rows."""
    n = len(weights)
    if n <= side:
        return weights
    starts = np.arange(side) * n // side
    sizes = np.diff(np.append(starts, n))
    sums = np.add.reduceat(np.add.reduceat(weights, starts, axis=0), starts, axis=1)
    return sums / np.outer(sizes, sizes)


def _bytes(weights: np.ndarray) -> np.ndarray:
    return np.rint(255 * weights).astype(np.uint8)


def _hex(values: np.ndarray) -> str:
    return values.tobytes().hex()


def _numbers(values: Iterable[float]) -> list[float | None]:
    """Return floats as JSON can hold them: what is not defined becomes null."""
    return [float(value) if np.isfinite(value) else None for value in values]
