"""One checked graph with the counts that its measures share, and the way from a stack to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from funcnet_utils.graphs import _kernels
from funcnet_utils.graphs._bits import each, has_self_loop, is_symmetric, pack


class Graph:
    """A graph as bit rows; every count is made once, when it is first asked for."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows
        self.n = len(rows)

    @cached_property
    def degree(self) -> np.ndarray:
        """Edges of each node, shape (n,)."""
        return _kernels.degrees(self.rows)

    @cached_property
    def triangles(self) -> np.ndarray:
        """Triangles at each node, shape (n,)."""
        return _kernels.triangles(self.rows)

    @cached_property
    def paths(self) -> np.ndarray:
        """Ordered pairs of nodes at distance 0, 1, 2, ..."""
        histogram = _kernels.path_histogram(self.rows)
        return histogram[: np.flatnonzero(histogram).max(initial=0) + 1]


def check_adjacency(adjacency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the adjacency as booleans (..., n, n) and as bit rows, after checking it."""
    given = np.asarray(adjacency)
    if given.ndim < 2 or given.shape[-1] != given.shape[-2]:
        raise ValueError(f"adjacency has shape {given.shape}: give square matrices (..., n, n).")
    stack = given
    if given.dtype != bool:
        if given.dtype.kind not in "fiu":
            raise ValueError(f"adjacency has type {given.dtype}: give booleans, or 0 and 1.")
        wrong = given[(given != 0) & (given != 1)]
        if wrong.size:
            raise ValueError(
                f"adjacency holds {wrong.flat[0]}, a value other than 0 and 1: cut the weights "
                "first, for example with spanning_density_graph."
            )
        stack = given.astype(bool)
    rows = pack(stack)
    for graph in rows.reshape(-1, *rows.shape[-2:]) if rows.size else ():
        if has_self_loop(graph):
            raise ValueError("adjacency has self-loops, its diagonal must be 0: set it to 0.")
        if not is_symmetric(graph):
            raise ValueError("adjacency is not symmetric: use adjacency | adjacency.T.")
    return stack, rows


def single(adjacency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one checked graph as booleans and as bit rows."""
    graph, rows = check_adjacency(adjacency)
    if graph.ndim != 2:
        raise ValueError(f"adjacency has shape {graph.shape}: give one graph of shape (n, n).")
    return graph, rows


def flat(rows: np.ndarray) -> list[np.ndarray]:
    """Return the graphs of a stack one after the other."""
    count = int(np.prod(rows.shape[:-2]))
    return list(rows.reshape(count, *rows.shape[-2:]))


def measure(adjacency: np.ndarray, function: Callable[[Graph], Any]) -> Any:
    """Apply a function to every graph of a stack; a float for one graph, else an array."""
    stack, rows = check_adjacency(adjacency)
    values = np.array(each(lambda graph: function(Graph(graph)), flat(rows)), dtype=float)
    return plain(values.reshape(stack.shape[:-2] + values.shape[1:]))


def counts(
    adjacency: np.ndarray, function: Callable[[Graph], np.ndarray], dtype: type = np.int64
) -> np.ndarray:
    """Apply a function that counts something at each node to every graph, shape (..., n)."""
    stack, rows = check_adjacency(adjacency)
    found: np.ndarray = np.zeros((len(flat(rows)), stack.shape[-1]), dtype=dtype)
    for place, values in enumerate(each(lambda graph: function(Graph(graph)), flat(rows))):
        found[place] = values
    return found.reshape(stack.shape[:-1])


def plain(values: np.ndarray) -> Any:
    """Return an array without dimensions as a Python float."""
    return float(values) if values.ndim == 0 else values
