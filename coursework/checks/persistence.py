"""Checks of the chapter on persistent homology."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Judge, Solution, exercise
from funcnet_utils import graphs, topology

LONG = 0.3
FIRST = np.array([[0.1, 0.7], [0.2, 0.3]])
SECOND = np.array([[0.1, 0.5]])


@exercise("ph-ex-1", "edges that are not needed to join the nodes each close one loop.")
def loops_of_a_graph() -> Solution:
    """Return both Betti numbers of the bridge graph before any triangle is filled."""
    nodes, edges = 10, len(toys.EDGES)
    return Solution(
        [1, edges - nodes + 1],
        [
            ([1, edges - nodes], "A spanning tree has n - 1 edges, not n: loops = m - (n - 1)."),
            ([0, edges - nodes + 1], "The second is right. One connected piece counts as 1."),
            ([1, 6], "6 is the number of triangles: without faces, a clique of 4 has 3 loops."),
            (
                [10, edges - nodes + 1],
                "The second is right. The edges join all nodes to one piece.",
            ),
        ],
        "Take a spanning tree: each further edge closes one loop.",
    )


@exercise("ph-ex-2", "the deaths in H0 are the edges of the minimum spanning tree.")
def total_of_components() -> Solution:
    """Return the sum of all finite lifetimes in H0 of ten noisy points on a circle."""
    matrix = toys.distances(toys.circle(10, noise=0.15))
    h0, h1 = topology.persistence(matrix)
    total = h0[:-1, 1].sum()
    heavy = graphs.spanning_tree(matrix)
    return Solution(
        total,
        [
            (np.inf, "One component never dies: leave its infinite bar out."),
            (total / 2, "Half: you drew balls of radius t. Here an edge enters at its length."),
            (
                matrix[heavy[:, 0], heavy[:, 1]].sum(),
                "That is the maximum spanning tree: for distances the shortest edges come first.",
            ),
            (
                np.diff(h1, axis=1).sum(),
                "Those are the loops (H1): components are the first entry.",
            ),
            (h0[:-1, 1].max(), "That is the last merger alone: sum all of them."),
            (h0[:-1, 1].mean(), "That is the mean: sum all of them."),
        ],
        "Sum the deaths in H0 that are finite: `h0[np.isfinite(h0[:, 1]), 1]`.",
        tolerance=1e-5,
    )


@exercise("ph-ex-3", "lifetime is death minus birth.")
def long_loops() -> Solution:
    """Return how many loops of 100 random points live longer than 0.1."""
    points = np.random.default_rng(1).random((100, 2))
    h0, h1 = topology.persistence(toys.distances(points))
    alive = h0[np.isfinite(h0[:, 1])]
    return Solution(
        topology.loops(h1, 0.1),
        [
            (len(h1), "You counted all loops: only those that live longer than 0.1."),
            (int((h1[:, 1] > 0.1).sum()), "You compared the death: lifetime is death - birth."),
            (int((h1[:, 0] > 0.1).sum()), "You compared the birth: lifetime is death - birth."),
            (topology.loops(h0, 0.1), "Those are components (H0): loops are H1."),
            (topology.loops(alive, 0.1), "Those are components (H0): loops are H1."),
            (int((h1[:, 1] / h1[:, 0] > 1.1).sum()), "You took the ratio: take the difference."),
        ],
        "Count the rows of H1 with death - birth > 0.1.",
    )


@exercise("ph-ex-4", "long loops are matched; the short one goes to the diagonal at little cost.")
def distance_by_hand() -> Solution:
    """Return the Wasserstein-2 and the bottleneck distance of two diagrams."""
    w, b = topology.wasserstein(FIRST, SECOND), topology.bottleneck(FIRST, SECOND)
    whole = np.sqrt(0.2**2 + 0.1**2)
    return Solution(
        [w, b],
        [
            ([w**2, b], "Take the root of the sum of squares."),
            ([0.2, b], "A point without a partner is matched to the diagonal, and that costs too."),
            ([0.2 + 0.1 / np.sqrt(2), b], "Order 2 sums squares: you summed the distances."),
            ([whole, b], "The nearest place on the diagonal is at 0.1 / sqrt(2), not at 0.1."),
            ([b, w], "You gave them in the other order: Wasserstein first."),
            ([w, w], "The bottleneck distance is the one largest shift, not a root of a sum."),
        ],
        "Match (0.1, 0.7) with (0.1, 0.5), and (0.2, 0.3) with the diagonal. What does each cost?",
        tolerance=6e-4,
    )


@exercise("ph-ex-5", "two holes, and no third that lives as long.")
def two_loops() -> Judge:
    """Accept 10 to 60 points in the plane with exactly two loops that live longer than 0.3."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.ndim != 2 or answer.shape[1] != 2:
            return f"Give points in the plane, shape (n, 2); yours has {answer.shape}."
        if not np.isfinite(answer).all():
            return "A coordinate is not finite."
        if not 10 <= len(answer) <= 60:
            return f"Use 10 to 60 points; you have {len(answer)}."
        h1 = topology.persistence(toys.distances(answer))[1]
        found = topology.loops(h1, LONG)
        if found == 2:
            return None
        if len(h1) == 0:
            return "There is no loop at all: put points around a hole, evenly."
        longest = np.sort(np.diff(h1, axis=1)[:, 0])[::-1][:3].round(2).tolist()
        return (
            f"There are {found} loops that live longer than {LONG}; the longest lifetimes are "
            f"{longest}. A loop is born at the largest gap around its hole, and dies when the "
            "hole is spanned: larger holes, smaller gaps."
        )

    return judge
