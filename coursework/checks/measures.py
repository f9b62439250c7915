"""Checks of the chapter on graphs and their measures."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Hint, Solution, exercise
from funcnet_utils import graphs

HALVES = np.repeat([0, 1], 5)


@exercise("gm-ex-4")
def modularity_of_halves() -> Solution:
    """Return Q of the bridge graph without the edge 8-9, for the groups 0-4 and 5-9."""
    adjacency = toys.bridge()
    adjacency[[8, 9], [9, 8]] = False
    degree = adjacency.sum(0)
    within = graphs.within_share(adjacency, HALVES)
    chance = sum(float(degree[group == HALVES].sum()) ** 2 for group in (0, 1))
    m = degree.sum() / 2
    return Solution(
        within - chance / (2 * m) ** 2,
        tolerance=0.0006,
        whole=13 / 14 - 394 / 28**2,
        share=within,
        degrees=within - chance / m**2,
        one_half=within - 0.5,
        chance=chance / (2 * m) ** 2,
    )


@exercise("gm-ex-5")
def clustered_but_not_transitive(answer: np.ndarray) -> Hint | None:
    """Accept ten or more nodes with C >= 0.8 and T <= 0.35."""
    if answer.ndim == 2 and not 10 <= len(answer) <= 200:
        return "size", {"n": len(answer)}
    fault = graph_fault(answer)
    if fault:
        return fault
    c, t = graphs.clustering(answer > 0), graphs.transitivity(answer > 0)
    if c >= 0.8 and t <= 0.35:
        return None
    return "mixed_up" if t >= 0.8 and c <= 0.35 else "far", {"c": c, "t": t}


def graph_fault(answer: np.ndarray) -> Hint | None:
    """Return what keeps an array from being the adjacency matrix of a simple graph."""
    if answer.ndim != 2 or answer.shape[0] != answer.shape[1]:
        return "square", {"shape": answer.shape}
    if not np.isin(answer, (0, 1)).all():
        return "only_0_and_1"
    if (answer != answer.T).any():
        return "direction"
    return "itself" if np.diagonal(answer).any() else None
