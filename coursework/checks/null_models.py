"""Checks of the chapter on small worlds and null models."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Hint, Solution, exercise
from coursework.checks.measures import graph_fault
from funcnet_utils import graphs

N_NULL = 20
SEED = 0


@exercise("nm-ex-2")
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
        tolerance=1e-4,
        multiplied=gamma * lam,
        gamma=gamma,
        lam=lam,
        inverse=lam / gamma,
        transitivity=t / t_null.mean() / lam,
        single=((c / c_null[c_null > 0]) / (length / l_null[c_null > 0])).mean(),
        omega=l_null.mean() / length - c,
    )


@exercise("nm-ex-3")
def z_score() -> Solution:
    """Return z of the clustering of the bridge graph against its 20 rewired graphs."""
    c = graphs.clustering(toys.bridge())
    null = graphs.clustering(graphs.rewired(toys.bridge(), N_NULL, SEED))
    z = (c - null.mean()) / null.std(ddof=1)
    return Solution(
        z,
        tolerance=1e-3,
        ddof=(c - null.mean()) / null.std(),
        variance=(c - null.mean()) / null.var(ddof=1),
        standard_error=z * np.sqrt(N_NULL),
        undivided=c - null.mean(),
    )


@exercise("nm-ex-4")
def a_null_of_your_own(answer: np.ndarray) -> Hint | None:
    """Accept a graph with the degrees of the bridge graph and at most half of its edges."""
    graph = toys.bridge()
    if answer.shape != graph.shape:
        return "square", {"shape": answer.shape}
    fault = graph_fault(answer)
    if fault:
        return fault
    degrees, before = answer.sum(0), graph.sum(0)
    wrong = np.flatnonzero(degrees != before)
    if len(wrong):
        node = int(wrong[0])
        return "degree", {"node": node, "now": int(degrees[node]), "before": int(before[node])}
    kept = int((graph & (answer > 0)).sum()) // 2
    return ("kept", {"kept": kept}) if kept > 7 else None
