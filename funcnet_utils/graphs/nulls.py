"""Null models: what a graph or a correlation matrix would look like by chance."""

from __future__ import annotations

import numpy as np

from funcnet_utils.graphs import _kernels
from funcnet_utils.graphs.measures import check_adjacency

SWAPS = 10
ATTEMPTS = 50
LATTICE_ATTEMPTS = 200


def rewired(adjacency: np.ndarray, n_graphs: int, seed: int) -> np.ndarray:
    """Return random graphs with the degrees of a graph, by swapping the ends of edges.

    Each graph starts from the given one and makes 10 swaps an edge (or, if a dense or star-like
    graph refuses most of them, 50 attempts an edge), with a generator of its own.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
        One graph.
    n_graphs : int
        Number of graphs, at least 1.
    seed : int
        Root of the randomness; the same graphs on any number of threads.

    Returns
    -------
    ndarray of bool, shape (n_graphs, n, n)

    Raises
    ------
    ValueError
        If the adjacency is not a graph, or n_graphs is below 1.

    References
    ----------
    Maslov, Sneppen (2002), doi:10.1126/science.1065103.

    Examples
    --------
    >>> ring = np.roll(np.eye(8, dtype=bool), 1, axis=0)
    >>> rewired(ring | ring.T, 3, seed=0).sum(1)[0].tolist()
    [2, 2, 2, 2, 2, 2, 2, 2]
    """
    graph = _one_graph(adjacency)
    rows = rewired_rows(graph, n_graphs, seed)
    return np.array([_kernels.unpack(each) for each in rows], dtype=bool).reshape(
        n_graphs, *graph.shape
    )


def rewired_rows(graph: np.ndarray, n_graphs: int, seed: int) -> list[np.ndarray]:
    """Return rewired graphs as bit rows; see `rewired`."""
    if n_graphs < 1:
        raise ValueError(f"n_graphs is {n_graphs}: choose a whole number >= 1.")
    seeds = np.random.SeedSequence(seed).generate_state(n_graphs, np.uint64)
    packed = _kernels.pack(graph)
    edges = np.nonzero(np.triu(graph))
    return _kernels.each(lambda each: _swapped(packed, edges, each, latticise=False), list(seeds))


def lattice(adjacency: np.ndarray, seed: int) -> np.ndarray:
    """Return a graph with the degrees of a graph whose edges join near nodes on a ring.

    Nodes are put on a ring in random order, and swaps are made only if they do not lengthen the
    edges: 200 attempts an edge, which raises the clustering of a random graph with 8 neighbours a
    node to about four fifths of what endless attempts reach.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
        One graph.
    seed : int
        Seed of the order and of the swaps.

    Returns
    -------
    ndarray of bool, shape (n, n)
        In the original order of nodes.

    Raises
    ------
    ValueError
        If the adjacency is not a graph.

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
    graph = _one_graph(adjacency)
    streams = np.random.SeedSequence(seed).spawn(2)
    order = np.random.default_rng(streams[0]).permutation(len(graph))
    shuffled = graph[np.ix_(order, order)]
    number = streams[1].generate_state(1, np.uint64)[0]
    edges = np.nonzero(np.triu(shuffled))
    rows = _swapped(_kernels.pack(shuffled), edges, number, latticise=True)
    back = np.argsort(order)
    return _kernels.unpack(rows)[np.ix_(back, back)]


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

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    Erdos, Renyi (1959), Publicationes Mathematicae 6, 290-297.

    Examples
    --------
    >>> erdos_renyi(5, 4, 2, seed=0).sum((1, 2)).tolist()
    [8, 8]
    """
    pairs = n * (n - 1) // 2
    if not 0 <= n_edges <= pairs:
        raise ValueError(f"n_edges is {n_edges}: {n} nodes allow [0, {pairs}] edges.")
    if n_graphs < 1:
        raise ValueError(f"n_graphs is {n_graphs}: choose a whole number >= 1.")
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    graphs = np.zeros((n_graphs, n, n), dtype=bool)
    for graph in graphs:
        chosen = rng.choice(pairs, n_edges, replace=False)
        graph[i[chosen], j[chosen]] = graph[j[chosen], i[chosen]] = True
    return graphs


def hqs(correlation: np.ndarray, n_graphs: int, seed: int) -> np.ndarray:
    """Return random correlation matrices whose entries have the mean and variance of given ones.

    The Hirschberger-Qi-Steuer null: a covariance matrix Q Q' with independent normal entries of Q,
    whose mean and variance are chosen to match the off-diagonal entries; it is then scaled to a
    correlation matrix, which moves the moments a little. It keeps what any correlation matrix has,
    above all its clustering, and nothing else. A negative mean cannot be matched and counts as 0.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Signed correlations, n >= 2, diagonal 1.
    n_graphs : int
        Number of matrices, at least 1.
    seed : int
        Seed.

    Returns
    -------
    ndarray of float, shape (n_graphs, n, n)
        Correlations in [-1, 1], diagonal 1.

    Raises
    ------
    ValueError
        If the matrix is not square, symmetric and finite with n >= 2, or n_graphs is below 1.

    References
    ----------
    Hirschberger, Qi, Steuer (2007), doi:10.1016/j.ejor.2005.10.042. Zalesky, Fornito, Bullmore
    (2012), doi:10.1016/j.neuroimage.2012.02.001.

    Examples
    --------
    >>> r = np.full((6, 6), 0.3) + 0.7 * np.eye(6); r[0, 1] = r[1, 0] = 0.9
    >>> hqs(r, 2, seed=0).shape
    (2, 6, 6)
    """
    matrix = _correlation(correlation)
    if n_graphs < 1:
        raise ValueError(f"n_graphs is {n_graphs}: choose a whole number >= 1.")
    n = len(matrix)
    pairs = matrix[np.triu_indices(n, 1)]
    mean, variance = max(pairs.mean(), 0.0), max(pairs.var(), 1e-12)
    factors = max(2, int((1 - mean**2) / variance))
    centre = np.sqrt(mean / factors)
    spread = np.sqrt(np.sqrt(centre**4 + variance / factors) - centre**2)
    rng = np.random.default_rng(seed)
    found = np.empty((n_graphs, n, n))
    for null in found:
        q = rng.normal(centre, spread, size=(n, factors))
        covariance = q @ q.T
        scale = 1 / np.sqrt(np.diagonal(covariance))
        null[:] = np.clip(covariance * scale[:, None] * scale[None], -1, 1)
        null[:] = (null + null.T) / 2
        np.fill_diagonal(null, 1)
    return found


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
    return np.random.default_rng(seed).permuted(activations, axis=0)


def _swapped(
    packed: np.ndarray, edges: tuple[np.ndarray, ...], seed: np.uint64, *, latticise: bool
) -> np.ndarray:
    rows = packed.copy()
    heads, tails = edges[0].copy(), edges[1].copy()
    if len(heads) > 1:
        attempts = LATTICE_ATTEMPTS if latticise else ATTEMPTS
        swaps = attempts if latticise else SWAPS
        m = len(heads)
        _kernels.swap_edges(rows, heads, tails, seed, swaps * m, attempts * m, latticise)
    return rows


def _one_graph(adjacency: np.ndarray) -> np.ndarray:
    graph = check_adjacency(adjacency)
    if graph.ndim != 2:
        raise ValueError(f"adjacency has shape {graph.shape}: give one graph of shape (n, n).")
    return graph


def _correlation(correlation: np.ndarray) -> np.ndarray:
    matrix = np.asarray(correlation, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(
            f"correlation has shape {matrix.shape}: give one matrix of shape (n, n), n >= 2."
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, atol=1e-12):
        raise ValueError("correlation is not finite and symmetric: drop dead units first.")
    return matrix
