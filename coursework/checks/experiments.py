"""Checks of the first experiments, whose right answers depend on the reader's own run."""

from __future__ import annotations

import networkx as nx
import numpy as np

from coursework.checks.core import Judge, exercise
from funcnet_utils import graphs

SIZES = (50, 100, 200, 400)
LEEWAY = 0.25  # of sigma, for other seeds of the rewired graphs


@exercise("fn-ex-1", "every node of a spanning tree has an edge; the strongest pairs promise none.")
def tree_or_not() -> Judge:
    """Accept the number of isolated nodes, and C without and with the spanning tree."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (3,):
            return "Give three numbers: isolated nodes, C of the strongest pairs, C with the tree."
        isolated, strongest, tree = answer
        if isolated < 0 or isolated != round(isolated):
            return "The first number counts nodes without an edge: rows of the matrix without True."
        if not (0 < strongest <= 1 and 0 < tree <= 1):
            return "A clustering lies between 0 and 1: use graphs.clustering on both graphs."
        if strongest == tree:
            return "Both graphs have the same C: did you measure one graph twice?"
        return None

    return judge


@exercise("fn-ex-2", "the sign is lost in |r|, and shuffled images leave only chance.")
def mirror_and_shuffle() -> Judge:
    """Accept the largest change of a weight, and the share of mean weight left by shuffling."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (2,):
            return "Give two numbers: the largest change of a weight, and a share of mean |r|."
        change, share = answer
        if not 0 <= change < 1e-9:
            return "A mirrored unit changes the sign of r only: compare |r| before and after."
        if not 0 < share < 1:
            return "Divide mean |r| after shuffling by mean |r| before, over pairs i < j."
        return None

    return judge


@exercise("sw-ex-1", "the rule is the same and σ is not: widths cannot be compared by σ.")
def sigma_grows() -> Judge:
    """Accept sigma of four graphs made by one rule, of growing size."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (4,):
            return "Give four numbers: σ for 50, 100, 200 and 400 nodes."
        rings = (nx.connected_watts_strogatz_graph(n, 6, 0.1, seed=1) for n in SIZES)
        expected = np.array(
            [graphs.small_world(graphs.from_networkx(ring), 20, 0).sigma for ring in rings]
        )
        if (np.diff(answer) <= 0).any():
            return "σ should grow from size to size: do all graphs have 6 neighbours a node?"
        if not np.allclose(answer, expected, rtol=LEEWAY):
            return "They grow, but differ from ours: rewire with probability 0.1 and use seed=1."
        return None

    return judge


@exercise("sw-ex-2", "ω is bounded, so it can be compared between sizes; read its sign.")
def omega_of_arms() -> Judge:
    """Accept the mean omega of three arms and of the untrained networks."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.ndim != 1 or len(answer) < 2:
            return "Give one mean of ω for every arm, and one for the untrained networks."
        if (np.abs(answer) > 1).any():
            return "ω lies between -1 and 1: did you take σ? Ask for trained.measure('omega')."
        if len(np.unique(answer)) < len(answer):
            return "Two groups have the same ω: did you read one arm twice?"
        return None

    return judge
