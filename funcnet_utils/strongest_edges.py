"""The strongest edges of a correlation matrix that is never held as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from funcnet_utils._tree import spanning_forest
from funcnet_utils.correlation import Chunks, Moments, Source
from funcnet_utils.errors import check_choice, check_int
from funcnet_utils.graphs.build import edge_count

MEMORY = 2**30


@dataclass(frozen=True)
class TopEdges:
    """The edges of a functional network.

    Parameters
    ----------
    edges : ndarray of int64, shape (m, 2)
        Pairs of nodes i < j, in ascending order.
    weights : ndarray of float64, shape (m,)
        ``|r|`` of each edge.
    units : ndarray of int64, shape (n,)
        The unit that each node stands for.
    dead : ndarray of bool, shape (n_units,)
        Which units have a constant signal.
    """

    edges: np.ndarray
    weights: np.ndarray
    units: np.ndarray
    dead: np.ndarray

    def adjacency(self) -> np.ndarray:
        """Return the graph as booleans of shape (n, n)."""
        graph = np.zeros(2 * [len(self.units)], dtype=bool)
        i, j = self.edges.T
        graph[i, j] = graph[j, i] = True
        return graph


def correlation_edges(
    chunks: Chunks,
    density: float,
    *,
    spanning: bool = True,
    dead: str = "drop",
    memory: int = MEMORY,
) -> TopEdges:
    """Return the strongest edges between units from chunks of their signals.

    Exactly the edges of `spanning_density_graph` (or `density_graph`) on the absolute values of
    `correlation_matrix`, with its rule for ties: larger ``|r|`` first, then smaller (i, j). No
    matrix of n^2 float64 is held. The signals are read once for every `memory` bytes of the
    4 n^2 bytes that half the matrix would take; 20,000 units take two passes at the default.

    Parameters
    ----------
    chunks : ndarray of shape (n_samples, n_units), iterable of such, or callable that returns one
        Signals, real and finite. An iterator can be read once only, so where several passes are
        needed give a callable, which makes the chunks anew.
    density : float
        Share of all pairs of nodes that become edges.
    spanning : bool, default=True
        Keep the maximum spanning tree, so that the graph is connected.
    dead : {"drop", "zero"}, default="drop"
        Leave units of constant signal out, or keep them with weight 0 to every other unit.
    memory : int, default=2**30
        Bytes for sums of products, > 0; at least one row of 1,024 by 1,024 tiles is held. Besides
        it there are up to 50 bytes an edge and 16 kB a unit.

    Returns
    -------
    TopEdges

    Raises
    ------
    ValueError
        If the signals are not valid, an iterator would have to be read twice, or the density is
        too small for the tree or out of [0, 1].

    References
    ----------
    Boruvka's algorithm: Nesetril, Milkova, Nesetrilova (2001), doi:10.1016/S0012-365X(00)00224-7.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 8))
    >>> found = correlation_edges(x, 0.5)
    >>> found.edges.shape, bool((found.weights > 0).all())
    ((14, 2), True)
    """
    check_choice("dead", dead, ("drop", "zero"))
    check_int("memory", memory, 1)
    best: _Strongest | None = None
    source, first = Source(chunks), 0
    while best is None or first < source.shape[-1]:
        part = None
        for piece in source.read():
            if piece.ndim > 2:
                raise ValueError(f"signals have shape {piece.shape}: give one network at a time.")
            part = part or Moments(source.shape[-1], first, memory)
            part.add(piece)
        assert part is not None  # `read` refuses fewer than two samples
        if best is None:
            constant, inverse = part.dead, part.inverse()
            units = np.flatnonzero(~constant if dead == "drop" else np.ones_like(constant))
            node_of = np.full(len(constant), -1)
            node_of[units] = np.arange(len(units))
            best = _Strongest(edge_count(len(units), density, tree=spanning), len(units))
            tree = np.zeros(0), np.zeros(0, np.int64)  # the spanning forest of pairs seen so far
        first = part.stop
        for i, j, values in part.correlations(inverse):
            np.abs(values, out=values)
            rows, columns = node_of[i:][: len(values)], node_of[j:][: values.shape[1]]
            best.add(values, rows, columns, i == j)
            if spanning:
                tree = spanning_forest(*tree, values, rows, columns, i == j, len(units))
    weights, keys = best.cut()
    if spanning:
        others = ~np.isin(keys, tree[1])
        order = np.lexsort((keys[others], -weights[others]))[: best.count - len(tree[1])]
        weights = np.concatenate([tree[0], weights[others][order]])
        keys = np.concatenate([tree[1], keys[others][order]])
    order = np.argsort(keys)
    edges = np.column_stack(np.divmod(keys[order], max(len(units), 1)))
    return TopEdges(edges, weights[order], units, constant)


class _Strongest:
    """The `count` strongest pairs of n nodes seen so far, and a few weaker ones."""

    def __init__(self, count: int, n: int) -> None:
        self.count, self.n, self.least = count, n, -1.0
        self.parts = [(np.zeros(0), np.zeros(0, np.int64))]  # weights, and i * n + j

    def add(self, values: np.ndarray, rows: np.ndarray, columns: np.ndarray, same: bool) -> None:
        """Add a tile, whose rows and columns are nodes, or -1."""
        if self.count == 0:
            return
        wanted = (values >= self.least) & (rows[:, None] >= 0) & (columns >= 0)
        a, b = np.nonzero(np.triu(wanted, 1) if same else wanted)
        self.parts.append((values[a, b], rows[a] * self.n + columns[b]))
        if sum(len(keys) for _, keys in self.parts) > 2 * self.count + 1_000_000:
            self.cut()

    def cut(self) -> tuple[np.ndarray, np.ndarray]:
        """Keep the strongest only, and return them; among equal ones those of smaller (i, j)."""
        weights, keys = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        if (place := len(keys) - self.count) > 0:
            self.least = float(np.partition(weights, place)[place])
            kept, ties = weights > self.least, np.flatnonzero(weights == self.least)
            kept[ties[np.argsort(keys[ties])[: self.count - kept.sum()]]] = True
            weights, keys = weights[kept], keys[kept]
        self.parts = [(weights, keys)]
        return weights, keys
