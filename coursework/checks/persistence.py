"""Checks of the chapter on persistent homology."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Hint, Solution, exercise
from funcnet_utils import graphs, topology

LONG = 0.3


@exercise("ph-ex-2")
def total_of_components() -> Solution:
    """Return the sum of all finite lifetimes in H0 of ten noisy points on a circle."""
    matrix = toys.distances(toys.circle(10, noise=0.15))
    h0, h1 = topology.persistence(matrix)
    total = h0[:-1, 1].sum()
    heavy = graphs.spanning_tree(matrix)
    return Solution(
        total,
        tolerance=1e-5,
        infinite=np.inf,
        half=total / 2,
        maximum=matrix[heavy[:, 0], heavy[:, 1]].sum(),
        loops=np.diff(h1, axis=1).sum(),
        last=h0[:-1, 1].max(),
        mean=h0[:-1, 1].mean(),
    )


@exercise("ph-ex-3")
def long_loops() -> Solution:
    """Return how many loops of 100 random points live longer than 0.1, and how many there are."""
    points = np.random.default_rng(1).random((100, 2))
    h0, h1 = topology.persistence(toys.distances(points))
    n = len(h1)
    return Solution(
        [topology.loops(h1, 0.1), n],
        all=[n, n],
        death=[(h1[:, 1] > 0.1).sum(), n],
        birth=[(h1[:, 0] > 0.1).sum(), n],
        components=[topology.loops(h0, 0.1), n],
        components2=[topology.loops(h0, 0.1), len(h0)],
        ratio=[(h1[:, 1] / h1[:, 0] > 1.1).sum(), n],
    )


@exercise("ph-ex-5")
def two_loops(answer: np.ndarray) -> Hint | None:
    """Accept 10 to 60 points in the plane with exactly two loops that live longer than 0.3."""
    if answer.ndim != 2 or answer.shape[1] != 2:
        return "plane", {"shape": answer.shape}
    if not (np.abs(answer) < 1e100).all():
        return "infinite"
    if not 10 <= len(answer) <= 60:
        return "size", {"n": len(answer)}
    h1 = topology.persistence(toys.distances(answer))[1]
    found = topology.loops(h1, LONG)
    if len(h1) == 0:
        return "none"
    longest = np.sort(np.diff(h1, axis=1)[:, 0])[::-1][:3].round(2).tolist()
    return None if found == 2 else ("number", {"found": found, "longest": longest})


@exercise("lr-ex-1")
def beyond_noise(trained: Any) -> Solution:
    """Return the mean over the networks of each arm of the smallest corrected p of their loops."""
    config = trained.config
    diagrams = [[trained.diagrams[a, k][1] for k in range(config.n_networks)] for a in config.arms]
    single = np.array([[topology.noise_p_values(h1).min() for h1 in row] for row in diagrams])
    every = single * np.array([[len(h1) for h1 in row] for row in diagrams])
    return Solution(every.mean(1), one=single.mean(1), cut=np.minimum(every, 1).mean(1))
