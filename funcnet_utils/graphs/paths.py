"""Measures of shortest paths, by their names in the literature; see `measures` for their input."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import stdtrit

from funcnet_utils._bits import kernel, map_in_threads
from funcnet_utils.errors import check_int, generator_of
from funcnet_utils.graphs import _kernels
from funcnet_utils.graphs._graph import Adjacency, Graph, checked, measure, ratio, single

MOST_PATHS = 2.0**500
PARTS = 64
"""Parts into which sources are cut for threads."""


def characteristic_path_length(adjacency: Adjacency) -> Any:
    """Return L, the mean number of edges on the shortest path between two connected nodes.

    Pairs that are not connected are left out; `connected_share` is the share that is left. If no
    pair is connected there is nothing to average, and L is NaN (as in igraph).

    Returns
    -------
    float or ndarray, >= 1 or NaN

    References
    ----------
    Watts, Strogatz (1998), doi:10.1038/30918.

    Examples
    --------
    >>> characteristic_path_length(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    1.3333333333333333
    """

    def mean_distance(graph: Graph) -> float:
        steps = int(graph.distances @ np.arange(len(graph.distances)))
        return ratio(steps, int(graph.distances[1:].sum()), float("nan"))

    return measure(adjacency, mean_distance)


def connected_share(adjacency: Adjacency) -> Any:
    """Return the share of pairs of nodes that are connected; 1 for fewer than two nodes.

    Returns
    -------
    float or ndarray, in [0, 1]

    Examples
    --------
    >>> connected_share(np.zeros((3, 3), dtype=bool))
    0.0
    """
    return measure(adjacency, lambda graph: ratio(int(graph.distances[1:].sum()), graph.pairs, 1.0))


def diameter(adjacency: Adjacency) -> Any:
    """Return the longest shortest path between connected nodes; 0 without edges.

    Returns
    -------
    float or ndarray
        A whole number in [0, n - 1].

    Examples
    --------
    >>> diameter(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    2.0
    """
    return measure(adjacency, lambda graph: len(graph.distances) - 1)


def global_efficiency(adjacency: Adjacency) -> Any:
    """Return E_glob, the mean of 1 / distance over all pairs; pairs not connected count 0.

    Returns
    -------
    float or ndarray, in [0, 1]
        0 for fewer than two nodes.

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> global_efficiency(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    0.8333333333333334
    """

    def mean_inverse(graph: Graph) -> float:
        inverse = graph.distances[1:] / np.arange(1, len(graph.distances))
        return ratio(float(inverse.sum()), graph.pairs)

    return measure(adjacency, mean_inverse)


def path_lengths(adjacency: Adjacency) -> dict[str, Any]:
    """Return all measures of shortest paths from one search of each graph.

    Asking for the measures one by one gives the same bits, but searches for each of them.

    Returns
    -------
    dict of str to float or ndarray
        The measures by the names of their functions.

    Examples
    --------
    >>> path_lengths(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))["diameter"]
    2.0
    """
    stack = checked(adjacency)
    measures = (characteristic_path_length, global_efficiency, connected_share, diameter)
    return {function.__name__: function(stack) for function in measures}


def sampled_paths(
    adjacency: np.ndarray, n_sources: int, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """Estimate L and E_glob of one graph from searches that start at a sample of its nodes.

    Sources are drawn without replacement. E_glob is the mean of 1 / distance over the pairs of a
    source and any other node. L is a ratio estimate, as it is the mean over connected pairs: the
    sum of the distances from all sources, over the number of nodes that they reach. Intervals are
    Student's, of the values of single sources, with the finite population correction, cut to the
    possible values: from all n sources estimates are exact, and intervals have no width. From fewer
    sources an interval without width says only that the sources are alike. If few nodes differ from
    all others, such as the hub of a star or a small connected part, a sample seldom has one of
    them, and intervals contain the true value less often than they say; else draw 50 or more.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
        One graph.
    n_sources : int
        Number of sources, in [2, n], of a graph with at least 2 nodes.
    seed : int, default=0
        Seed of the sample.

    Returns
    -------
    dict of str to tuple of float
        Under `characteristic_path_length` and `global_efficiency`, each with its estimate and the
        two ends of its 95% interval. If no source has an edge, L is NaN.

    Raises
    ------
    ValueError
        If the adjacency is not valid or n_sources is out of range.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., ISBN 978-0-471-16240-7, ch. 2 and 6. Eppstein,
    Wang (2004), doi:10.7155/jgaa.00081.

    Examples
    --------
    >>> ring = sum(np.roll(np.eye(40), k, axis=0) for k in (1, 2, 38, 39))
    >>> sampled_paths(ring, n_sources=5)["characteristic_path_length"]  # all nodes are alike
    (5.384615384615385, 5.384615384615385, 5.384615384615385)
    """
    graph = single(adjacency)
    check_int("the number of nodes", graph.n, 2)
    check_int("n_sources", n_sources, 2, graph.n)
    sources = generator_of(seed).choice(graph.n, n_sources, replace=False)
    sums = map_in_threads(
        lambda part: _kernels.sums_of_distances(graph.rows, part), np.array_split(sources, PARTS)
    )
    reached, steps, inverse = np.concatenate(sums).T
    others = np.full(n_sources, graph.n - 1.0)
    shrunk = stdtrit(n_sources - 1, 0.975) * np.sqrt((1 - n_sources / graph.n) / n_sources)
    found = {}
    for of, part, whole, least, most in (
        (characteristic_path_length, steps, reached, 1, np.inf),
        (global_efficiency, inverse, others, 0, 1),
    ):
        estimate = ratio(part.sum(), whole.sum(), float("nan"))
        margin = shrunk * ratio(np.std(part - estimate * whole, ddof=1), whole.mean())
        ends = np.clip([estimate, estimate - margin, estimate + margin], least, most)
        found[of.__name__] = tuple(ends.tolist())
    return found


def betweenness(adjacency: Adjacency) -> np.ndarray:
    """Return the share of shortest paths between other nodes that pass through each node.

    Of a pair with several shortest paths each path counts for its share; a pair without a path
    counts for nothing. One breadth-first search per node, and one walk back (Brandes).

    Returns
    -------
    ndarray of float, shape (..., n), in [0, 1]
        Divided by the number of pairs of other nodes, (n - 1)(n - 2) / 2; 0 for fewer than three
        nodes.

    References
    ----------
    Freeman (1977), doi:10.2307/3033543. Brandes (2001), doi:10.1080/0022250X.2001.9990249.

    Examples
    --------
    >>> betweenness(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]])).tolist()
    [1.0, 0.0, 0.0]
    """

    def share_of_paths(graph: Graph) -> np.ndarray:
        return _brandes(*graph.neighbours, MOST_PATHS) / max((graph.n - 1) * (graph.n - 2), 1)

    return measure(adjacency, share_of_paths, nodes=True)


@kernel
def _brandes(starts, tails, most):  # type: ignore[no-untyped-def]
    """Add up, over ordered pairs, the shares of shortest paths through each node.

    The paths from the source to a node are `paths * most**power`, so any number of them is finite.
    """
    n = len(starts) - 1
    found = np.zeros(n)
    order = np.empty(n, np.int64)
    for source in range(n):
        distance, paths, share = np.full(n, -1), np.zeros(n), np.zeros(n)
        power = np.zeros(n)
        distance[source], paths[source], order[0] = 0, 1.0, source
        seen, done = 1, 0
        while done < seen:
            node = order[done]
            done += 1
            if paths[node] > most:
                paths[node] /= most
                power[node] += 1
            for other in tails[starts[node] : starts[node + 1]]:
                if distance[other] < 0:
                    distance[other] = distance[node] + 1
                    order[seen] = other
                    seen += 1
                if distance[other] == distance[node] + 1:
                    more = power[node] - power[other]
                    if more > 0:
                        paths[other] *= most**-more
                        power[other] = power[node]
                    paths[other] += paths[node] * most**more if more < 0 else paths[node]
        for node in order[seen - 1 : 0 : -1]:
            part = (1 + share[node]) / paths[node]
            for other in tails[starts[node] : starts[node + 1]]:
                if distance[other] == distance[node] - 1:
                    more = power[other] - power[node]
                    share[other] += paths[other] * part * (most**more if more < 0 else 1.0)
            found[node] += share[node]
    return found
