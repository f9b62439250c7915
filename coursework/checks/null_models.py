"""Checks of the chapter on small worlds and null models."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Judge, Solution, exercise
from funcnet_utils import graphs

N_NULL = 20
SEED = 0


@exercise("nm-ex-1", "the observed value is one of the 21 that could have come first.")
def least_p() -> Solution:
    """Return the least p value that 20 null graphs can give, and the number needed for 0.01."""
    return Solution(
        [1 / (N_NULL + 1), 99],
        [
            ([0, 99], "No finite number of nulls proves p = 0: the observed value counts as well."),
            ([1 / N_NULL, 99], "Count the observed value among the null values: 21, not 20."),
            ([1 / N_NULL, 100], "Count the observed value among the null values: 21, not 20."),
            ([1 / (N_NULL + 1), 100], "The first is right. For 0.01: 1 / (N + 1) = 0.01."),
            (
                [0, 100],
                "No finite number of nulls proves p = 0: the observed value counts as well.",
            ),
        ],
        "p = (1 + number of null values at least as large) / (1 + number of nulls).",
        tolerance=2e-4,
    )


@exercise("nm-ex-2", "clustering over chance, divided by length over chance.")
def own_sigma() -> Solution:
    """Return sigma of the ring with shortcuts against its 20 rewired graphs."""
    ring = toys.shortcuts()
    nulls = graphs.rewired(ring, N_NULL, SEED)
    c, length = graphs.clustering(ring), graphs.characteristic_path_length(ring)
    c_null, l_null = graphs.clustering(nulls), graphs.characteristic_path_length(nulls)
    t, t_null = graphs.transitivity(ring), graphs.transitivity(nulls)
    gamma, lam = c / c_null.mean(), length / l_null.mean()
    return Solution(
        gamma / lam,
        [
            (gamma * lam, "You multiplied by L / L_rand: a long way makes a small world worse."),
            (gamma, "That is C / C_rand: divide by L / L_rand."),
            (lam, "That is L / L_rand: divide C / C_rand by it."),
            (lam / gamma, "You have the inverse of sigma."),
            (t / t_null.mean() / lam, "That is the transitivity, not the clustering C."),
            (
                ((c / c_null[c_null > 0]) / (length / l_null[c_null > 0])).mean(),
                "You averaged the ratios of single nulls: average C and L over the nulls first.",
            ),
            (l_null.mean() / length - c, "That looks like omega."),
        ],
        "Average C and L over the null graphs, then put four numbers into the definition.",
        tolerance=1e-4,
    )


@exercise("nm-ex-3", "the distance from the mean of the nulls, in their standard deviations.")
def z_score() -> Solution:
    """Return z of the clustering of the bridge graph against its 20 rewired graphs."""
    c = graphs.clustering(toys.bridge())
    null = graphs.clustering(graphs.rewired(toys.bridge(), N_NULL, SEED))
    z = (c - null.mean()) / null.std(ddof=1)
    return Solution(
        z,
        [
            (
                (c - null.mean()) / null.std(),
                "You divided by n, not n - 1, in the standard deviation: use ddof=1.",
            ),
            ((c - null.mean()) / null.var(ddof=1), "You divided by the variance: take its root."),
            (
                z * np.sqrt(N_NULL),
                "You divided by the standard error: more nulls must not make a graph more special.",
            ),
            (c - null.mean(), "Divide by the standard deviation of the nulls."),
        ],
        "z = (observed - mean of the nulls) / standard deviation of the nulls.",
        tolerance=1e-3,
    )


@exercise("nm-ex-4", "same degrees, other edges: one more member of the null model.")
def a_null_of_your_own() -> Judge:
    """Accept a graph with the degrees of the bridge graph and at most half of its edges."""

    def judge(answer: np.ndarray) -> str | None:
        graph = toys.bridge()
        if answer.shape != graph.shape:
            return f"Give an adjacency matrix of shape (10, 10); yours has {answer.shape}."
        if not np.isin(answer, (0, 1)).all():
            return "An adjacency matrix holds only 0 and 1: did a swap make a double edge?"
        if (answer != answer.T).any():
            return "Edges have no direction: change A[i, j] and A[j, i] together."
        if np.diagonal(answer).any():
            return "A node is joined to itself: refuse swaps whose two edges share a node."
        wrong = np.flatnonzero(answer.sum(0) != graph.sum(0))
        if len(wrong):
            return (
                f"Node {wrong[0]} has degree {int(answer.sum(0)[wrong[0]])}, and had "
                f"{int(graph.sum(0)[wrong[0]])}: refuse swaps that would make a double edge."
            )
        kept = int((graph & (answer > 0)).sum()) // 2
        if kept > 7:
            return f"The degrees are right, but {kept} of 14 edges are old: make more swaps."
        return None

    return judge
