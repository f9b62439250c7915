"""Null models of a graph: what it would look like by chance, given its degrees or its edges.

An adjacency that is not one graph and a number out of its range are a ValueError.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import map_in_threads, pack, unpack
from funcnet_utils.errors import as_numbers, check_int, generator_of
from funcnet_utils.graphs._graph import Graph, single
from funcnet_utils.graphs._kernels import relabelled
from funcnet_utils.graphs._rewiring import bit_rows, latticise, swap_ends

SWAPS = 10
MARGIN = 1.05
MOST_ATTEMPTS = 200
LATTICE_ATTEMPTS = 50


def rewired(adjacency: np.ndarray, n_graphs: int, seed: int) -> np.ndarray:
    """Return random graphs with the degrees of a graph, by swapping the ends of edges.

    An attempt draws two edges (a, b) and (c, d) and makes them (a, d) and (c, b), unless that gives
    a self-loop or an edge that is there already. Each graph makes as many attempts as give about
    10 swaps per edge in a trial, refused ones included, and at most 200 per edge: so all graphs of
    the degrees are equally likely in the long run, while counting successes only would favour
    graphs with many possible swaps. The first graphs stay the same if more are asked for.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
    n_graphs : int
        Number of graphs, at least 1.
    seed : int
        Root of the randomness; the same graphs on any number of threads.

    Returns
    -------
    ndarray of bool, shape (n_graphs, n, n)

    References
    ----------
    Maslov, Sneppen (2002), doi:10.1126/science.1065103. Milo, Kashtan, Itzkovitz, Newman, Alon
    (2003), arXiv:cond-mat/0312028 (why refused swaps count).

    Examples
    --------
    >>> ring = np.roll(np.eye(8, dtype=bool), 1, axis=0)
    >>> rewired(ring | ring.T, 3, seed=0).sum(1)[0].tolist()
    [2, 2, 2, 2, 2, 2, 2, 2]
    """
    streams = stream_seeds(seed, check_int("n_graphs", n_graphs, 1))
    return unpack(np.array(map_in_threads(Rewiring(single(adjacency)), streams)))


def lattice(adjacency: np.ndarray, seed: int) -> np.ndarray:
    """Return a graph with the degrees of a graph whose edges join near nodes on a ring.

    The nodes are put on a ring in random order. Then, 50 times per edge, two edges are swapped so
    that one of them joins near places, if that does not lengthen their sum. The clustering reaches
    about nine tenths of what endless attempts reach.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
    seed : int
        Seed of the order and of the swaps.

    Returns
    -------
    ndarray of bool, shape (n, n)
        In the original order of nodes.

    References
    ----------
    Sporns, Zwi (2004), doi:10.1385/NI:2:2:145. Telesford et al. (2011),
    doi:10.1089/brain.2011.0038.

    Examples
    --------
    >>> star = np.zeros((5, 5), dtype=bool); star[0, 1:] = star[1:, 0] = True
    >>> lattice(star, seed=0).sum(1).tolist()
    [4, 1, 1, 1, 1]
    """
    graph = single(adjacency)
    order = generator_of(seed).permutation(graph.n)
    ring = Graph(relabelled(graph.rows, order))
    starts, near = ring.neighbours
    neighbours = near.astype(np.uint16 if ring.n <= 1 << 16 else np.uint32)
    stream = np.random.SeedSequence(seed).spawn(1)[0].generate_state(1, np.uint64)[0]
    n_attempts = LATTICE_ATTEMPTS * len(neighbours) // 2
    latticise(starts, neighbours, taken_pairs(ring), stream, n_attempts)
    found = np.zeros((graph.n, graph.n), dtype=bool)
    found[order.repeat(ring.degree), order[neighbours]] = True
    return found


def erdos_renyi(n: int, n_edges: int, n_graphs: int, seed: int) -> np.ndarray:
    """Return random graphs with a given number of edges, all such graphs equally likely.

    Parameters
    ----------
    n : int
        Number of nodes, >= 0.
    n_edges : int
        Number of edges, in [0, n (n - 1) / 2].
    n_graphs : int
        Number of graphs, at least 1.
    seed : int
        Seed.

    Returns
    -------
    ndarray of bool, shape (n_graphs, n, n)

    References
    ----------
    Erdos, Renyi (1959), Publicationes Mathematicae 6, 290-297.

    Examples
    --------
    >>> erdos_renyi(5, 4, 2, seed=0).sum((1, 2)).tolist()
    [8, 8]
    """
    n = check_int("n", n, 0)
    pairs = n * (n - 1) // 2
    check_int("n_edges", n_edges, 0, pairs)
    check_int("n_graphs", n_graphs, 1)
    rng = generator_of(seed)
    i, j = np.triu_indices(n, 1)
    graphs = np.zeros((n_graphs, n, n), dtype=bool)
    for graph in graphs:
        chosen = rng.choice(pairs, n_edges, replace=False)
        graph[i[chosen], j[chosen]] = graph[j[chosen], i[chosen]] = True
    return graphs


def column_shuffled(activations: np.ndarray, seed: int) -> np.ndarray:
    """Return activations with the samples of each unit shuffled independently.

    Every unit keeps its values and loses its relation to all others.

    Parameters
    ----------
    activations : ndarray, shape (n_samples, n_units)
        Signals.
    seed : int
        Seed.

    Returns
    -------
    ndarray, shape (n_samples, n_units)

    Examples
    --------
    >>> x = np.arange(6).reshape(3, 2)
    >>> np.sort(column_shuffled(x, seed=0), axis=0).tolist() == x.tolist()
    True
    """
    signals = as_numbers("activations (n_samples, n_units)", activations, ndim=2)
    return generator_of(seed).permuted(signals, axis=0)


def stream_seeds(seed: int, n: int) -> np.ndarray:
    """Return n states of 64 bits, each the start of a stream of its own."""
    return np.random.SeedSequence(check_int("seed", seed, 0)).generate_state(n, np.uint64)


def taken_pairs(graph: Graph) -> np.ndarray:
    """Return which pairs of nodes are adjacent, or a node and itself, as bits of a triangle."""
    closed = graph.adjacency | np.eye(graph.n, dtype=bool)
    parts = [row[: u + 1] for u, row in enumerate(closed)]
    return pack(np.concatenate([closed[:0].ravel(), *parts])[None])[0]


class Rewiring:
    """Rewires a graph by as many attempts as make 10 swaps per edge, which a trial finds out."""

    def __init__(self, graph: Graph) -> None:
        self.n, self.taken = graph.n, taken_pairs(graph)
        i, j = np.nonzero(np.triu(graph.adjacency))
        half, word = (16, np.uint32) if self.n <= 1 << 16 else (32, np.uint64)
        self.edges = (i | j << half).astype(word)
        m, trial = len(self.edges), SWAPS * len(self.edges)
        made = swap_ends(self.edges.copy(), self.taken.copy(), np.uint64(0), trial)
        self.n_attempts = min(int(MARGIN * trial**2 / max(made, 1)), MOST_ATTEMPTS * m)

    def __call__(self, stream: np.uint64) -> np.ndarray:
        """Return the bit rows of a rewired graph, the same for the same stream."""
        edges = self.edges.copy()
        swap_ends(edges, self.taken.copy(), stream, self.n_attempts)
        return bit_rows(edges, self.n)
