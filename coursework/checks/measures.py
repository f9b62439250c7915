"""Checks of the chapter on graphs and their measures."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Judge, Solution, exercise
from funcnet_utils import graphs

HALVES = np.repeat([0, 1], 5)


@exercise("gm-ex-1", "each pair is counted once, so n (n - 1) / 2 of them.")
def number_of_edges() -> Solution:
    """Return the edges of 150 nodes at 5 % density, and those of a spanning tree."""
    n, density = 150, 0.05
    pairs = n * (n - 1) // 2
    edges = round(density * pairs)
    return Solution(
        [edges, n - 1],
        [
            ([round(2 * density * pairs), n - 1], "You counted each edge twice."),
            ([edges, n], "The first is right. A tree on n nodes has one edge less than nodes."),
            ([density * pairs, n - 1], "Almost: a number of edges is whole, so round it."),
            ([int(density * pairs), n - 1], "Round to the nearest whole number, not down."),
            ([round(density * n * n / 2), n - 1], "A node has no edge to itself: n (n - 1) / 2."),
        ],
        "There are n (n - 1) / 2 pairs; take the share, and round. A tree joins n nodes without "
        "a cycle.",
    )


@exercise("gm-ex-2", "the mean over all nodes, and a node of degree below 2 counts 0.")
def mean_clustering() -> Solution:
    """Return C of the bridge graph."""
    adjacency = toys.bridge()
    degree = adjacency.sum(0)
    c = graphs.clustering(adjacency)
    return Solution(
        c,
        [
            (
                graphs.transitivity(adjacency),
                "That is the transitivity T: C is the mean of the local coefficients.",
            ),
            (
                c * len(degree) / (degree >= 2).sum(),
                "You left out the nodes with fewer than two neighbours: here they count as 0.",
            ),
            (c / 2, "Half of C: there are k (k - 1) / 2 pairs of neighbours, not k (k - 1)."),
            (2 * c, "Twice C: you counted each edge between neighbours twice."),
        ],
        "For each node: edges among its neighbours, divided by k (k - 1) / 2; then the mean.",
        tolerance=0.0006,
    )


@exercise("gm-ex-3", "each pair counts once, and no node is paired with itself.")
def mean_distance() -> Solution:
    """Return L of the bridge graph."""
    adjacency = toys.bridge()
    n, length = len(adjacency), graphs.characteristic_path_length(adjacency)
    efficiency = graphs.global_efficiency(adjacency)
    return Solution(
        length,
        [
            (length * (n - 1) / n, "You divided by n squared: leave out a node's way to itself."),
            (length / 2, "Half of L: you summed each pair once but divided by n (n - 1)."),
            (2 * length, "Twice L: you summed each pair twice but divided by n (n - 1) / 2."),
            (efficiency, "That is the global efficiency: take the distance, not 1 / distance."),
            (1 / efficiency, "That is the harmonic mean of the distances: L is the plain mean."),
            (graphs.diameter(adjacency), "That is the longest distance, the diameter."),
        ],
        "Count the steps from each node to each other, breadth first, and take the mean.",
        tolerance=1e-3,
    )


@exercise("gm-ex-4", "the share of edges within groups, minus what the degrees alone would give.")
def modularity_of_halves() -> Solution:
    """Return Q of the bridge graph for the groups 0-4 and 5-9."""
    adjacency = toys.bridge()
    degree = adjacency.sum(0)
    within = graphs.within_share(adjacency, HALVES)
    chance = sum(float(degree[group == HALVES].sum()) ** 2 for group in (0, 1))
    m = degree.sum() / 2
    return Solution(
        within - chance / (2 * m) ** 2,
        [
            (within, "That is the share of edges within groups: subtract what chance would give."),
            (within - chance / m**2, "You mixed up m and 2m: degrees sum to twice the edges."),
            (within - 0.5, "Chance is not one half: it follows from the degrees of each group."),
            (chance / (2 * m) ** 2, "That is the part to subtract."),
        ],
        "Q = (edges within groups) / m - sum over groups of (sum of degrees / 2m) squared.",
        tolerance=0.0006,
    )


@exercise(
    "gm-ex-5", "a hub whose neighbours rarely know each other pulls T down, and C hardly notices."
)
def clustered_but_not_transitive() -> Judge:
    """Accept ten or more nodes with C >= 0.8 and T <= 0.35."""

    def judge(answer: np.ndarray) -> str | None:
        adjacency = answer
        if adjacency.ndim != 2 or adjacency.shape[0] != adjacency.shape[1]:
            return f"Give a square adjacency matrix; yours has shape {adjacency.shape}."
        if not np.isin(adjacency, (0, 1)).all():
            return "An adjacency matrix holds only 0 and 1."
        if (adjacency != adjacency.T).any():
            return "Edges have no direction: A[i, j] must equal A[j, i]."
        if np.diagonal(adjacency).any():
            return "No node is joined to itself: set the diagonal to 0."
        if not 10 <= len(adjacency) <= 200:
            return f"Use 10 to 200 nodes; you have {len(adjacency)}."
        c, t = graphs.clustering(adjacency), graphs.transitivity(adjacency)
        if c >= 0.8 and t <= 0.35:
            return None
        if t >= 0.8 and c <= 0.35:
            return f"C and T mixed up: you have C = {c:.2f} and T = {t:.2f}."
        return (
            f"You have C = {c:.2f} (wanted: at least 0.8) and T = {t:.2f} (wanted: at most 0.35). "
            "One hub with many neighbours has many triples: how many can it have without triangles?"
        )

    return judge
