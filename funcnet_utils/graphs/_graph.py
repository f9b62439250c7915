"""Checked graphs with the counts that their measures share, and the checks of correlations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, TypeAlias

import numpy as np

from funcnet_utils._bits import map_in_threads, pack, unpack
from funcnet_utils.errors import check_matrix, check_square
from funcnet_utils.graphs import _kernels


class Graph:
    """A simple graph as bit rows; every count is made once, when it is first asked for."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows
        self.n = len(rows)
        self.pairs = self.n * (self.n - 1)  # ordered ones, as all counts below

    @property
    def adjacency(self) -> np.ndarray:
        """Booleans of shape (n, n)."""
        return unpack(self.rows)

    @cached_property
    def degree(self) -> np.ndarray:
        """Edges of each node, shape (n,)."""
        return _kernels.degrees(self.rows)

    @cached_property
    def ends(self) -> int:
        """Ends of edges: twice their number."""
        return int(self.degree.sum())

    @cached_property
    def neighbours(self) -> tuple[np.ndarray, np.ndarray]:
        """Neighbours of all nodes in one list, and where those of each node start, (n + 1,)."""
        starts = np.concatenate([[0], np.cumsum(self.degree)])
        return starts, np.nonzero(self.adjacency)[1].astype(np.int32)

    @cached_property
    def hubs_first(self) -> tuple[np.ndarray, np.ndarray]:
        """The nodes in order of falling degree, and the bit rows of the graph in that order."""
        short = np.min_scalar_type(self.n)  # 16 bits are sorted in linear time
        order = np.argsort((self.n - self.degree).astype(short), kind="stable")
        return order, _kernels.relabelled(self.rows, order)

    @cached_property
    def triangles(self) -> np.ndarray:
        """Triangles at each node, shape (n,)."""
        order, rows = self.hubs_first
        found = np.empty_like(order)
        found[order] = _kernels.triangles(rows)
        return found

    @cached_property
    def distances(self) -> np.ndarray:
        """Number of ordered pairs of nodes at distance 0, 1, 2, ..., up to the diameter."""
        histogram = _kernels.path_histogram(self.hubs_first[1])
        return histogram[: np.flatnonzero(histogram).max(initial=0) + 1]


@dataclass(frozen=True)
class Stack:
    """The graphs of an array of shape (*shape, n, n), checked once for several measures."""

    shape: tuple[int, ...]
    n: int
    graphs: list[Graph]


Adjacency: TypeAlias = np.ndarray | Stack


def checked(adjacency: Adjacency) -> Stack:
    """Return the graphs of an array (..., n, n) after checking it."""
    if isinstance(adjacency, Stack):
        return adjacency
    given = check_square("adjacency", adjacency)
    binary = given.astype(bool, copy=False)
    if given.dtype != bool and (wrong := given[given != binary]).size:
        raise ValueError(
            f"adjacency contains {wrong.flat[0]}, a value other than 0 and 1: cut the strengths "
            "first, for example with spanning_density_graph."
        )
    if np.diagonal(binary, axis1=-2, axis2=-1).any():
        raise ValueError("adjacency has self-loops: set its diagonal to 0.")
    graphs = [Graph(rows) for rows in flat(pack(binary))]
    if not all(_kernels.symmetric(graph.rows) for graph in graphs):
        raise ValueError("adjacency is not symmetric: use adjacency | adjacency.T.")
    return Stack(given.shape[:-2], given.shape[-1], graphs)


def single(adjacency: np.ndarray) -> Graph:
    """Return one checked graph."""
    return checked(check_square("adjacency", adjacency, one=True)).graphs[0]


def measure(
    adjacency: Adjacency,
    function: Callable[[Graph], Any],
    *,
    nodes: bool = False,
    dtype: type = float,
) -> Any:
    """Apply a function that gives a number, or one per node, to every graph of a stack."""
    stack = checked(adjacency)
    found: np.ndarray = np.empty((len(stack.graphs), *([stack.n] if nodes else [])), dtype)
    for place, value in enumerate(map_in_threads(function, stack.graphs)):
        found[place] = value
    return as_float(found.reshape(stack.shape + found.shape[1:]))


def as_float(values: np.ndarray) -> Any:
    """Return an array without dimensions as a Python float, any other as it is."""
    return float(values) if values.ndim == 0 else values


def ratio(part: float, whole: float, empty: float = 0.0) -> float:
    """Return part / whole, or `empty` if there is nothing to divide by."""
    return part / whole if whole else empty


def flat(stack: np.ndarray) -> np.ndarray:
    """Return an array (..., a, b) as a list of matrices, shape (m, a, b)."""
    return stack.reshape(prod(stack.shape[:-2]), *stack.shape[-2:])


def check_correlations(r: np.ndarray, *, dead: bool) -> np.ndarray:
    """Return the correlations of one network as float64, or say what is wrong with them.

    A unit whose row is 0 is dead, and refused unless `dead` allows it.
    """
    matrix = check_matrix("r", r, one=True, rounding=1e-6)
    diagonal = np.diagonal(matrix)
    due = (diagonal > 0.5) | (not dead)
    off = np.abs(diagonal - due).max(initial=0)
    if off > 1e-6 or np.abs(matrix).max(initial=0) > 1 + 1e-6:
        raise ValueError(
            f"r must have entries in [-1, 1] and a diagonal of 1{' (0 for dead units)' * dead}, "
            f"and goes from {matrix.min():.3g} to {matrix.max():.3g}: give signed correlations, "
            "not strengths or covariances."
        )
    matrix = np.clip(matrix, -1, 1)
    np.fill_diagonal(matrix, due)
    return matrix


def check_strength(strength: np.ndarray, *, one: bool = False) -> np.ndarray:
    """Return strengths of pairs of nodes as float64, after checking them."""
    return check_matrix("strength", strength, one=one, positive="take np.abs of correlations")
