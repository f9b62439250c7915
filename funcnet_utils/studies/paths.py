"""The registered lists of paths: which choices each claim has, and how long lists are thinned."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.errors import check_choice
from funcnet_utils.studies.edges import EDGES

MOST = 700
"""Paths of a claim; a list of more is thinned."""
SEEDS = (0, 1, 2)
MATRIX: dict[str, tuple[Any, ...]] = {
    "edges": EDGES,
    "sign": ("absolute", "positive"),
    "dead": ("drop", "zero"),
    "probe": ("test", "train", "noise"),
}
CUT: dict[str, tuple[Any, ...]] = {
    "threshold": ("tree", "density", "absolute", "weighted"),
    "density": (0.05, 0.03, 0.1, 0.2),
}
NULLS = ("none", "rewired", "spectrum")
GRAPH = MATRIX | CUT | {"null": NULLS, "seed": SEEDS}
SIZES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
RANGES = [f"{a:g}-{b:g}" for a, b in itertools.combinations(SIZES, 2)]
ATTACKED: dict[str, tuple[Any, ...]] = {
    "attack": ("worst", "pgd", "pgd_margin", "fgsm"),
    "range": (RANGES.pop(5), *RANGES, *(f"{size:g}" for size in SIZES[1:])),
    "relative": ("no", "yes"),
    "seed": SEEDS,
}
LESIONED: dict[str, tuple[Any, ...]] = {
    "order": ("random", "degree", "betweenness", "module"),
    "clamp": ("zero", "mean"),
    "range": tuple(f"0-{share / 10:g}" for share in range(10, 0, -1)),
    "relative": ("no", "yes"),
    "seed": SEEDS,
}
LISTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "SW": GRAPH
    | {"threshold": CUT["threshold"][:3], "null": ("none", "spectrum")}
    | {"index": ("sigma", "omega", "phi"), "clustering": ("C", "T")},
    "BN-eff": GRAPH,
    "BN-loops": MATRIX | {"null": ("none", "spectrum"), "index": ("all", "long"), "seed": SEEDS},
    "BN-rob": ATTACKED,
    "BN-ft": GRAPH,
    "BN-ft lesions": LESIONED,
    "DO-rob": ATTACKED,
    "DO-spec": GRAPH | {"index": ("C and Q", "T and Q")},
    "DO-ft": GRAPH,
    "DO-ft lesions": LESIONED,
}
"""The choices of each claim and their levels, the registered one first."""


@cache
def paths(claim: str) -> pd.DataFrame:
    """Return the registered list of paths of a claim.

    All combinations of levels, but edges within or between classes over noise, which has none. If
    there are more than 700, they are thinned: in an order drawn with seed 0, the path whose levels
    have been taken least often so far comes next, so that the levels of each choice stay in
    balance.

    Parameters
    ----------
    claim : str
        A name of `LISTS`.

    Returns
    -------
    DataFrame
        A row per path, a column per choice; the first row is the registered path.
    """
    check_choice("claim", claim, LISTS)
    levels = LISTS[claim]
    table = pd.DataFrame(itertools.product(*levels.values()), columns=[*levels])
    if "edges" in table:
        table = table[(table["probe"] != "noise") | ~table["edges"].isin(["within", "between"])]
    if len(table) > MOST:
        order = np.r_[0, 1 + np.random.default_rng(0).permutation(len(table) - 1)]
        table = table.take(order)
        codes = np.stack([pd.factorize(table[name])[0] for name in levels])
        weights, taken = np.zeros(codes.shape), [0]
        while len(taken) < MOST:
            weights += (codes == codes[:, taken[-1:]]) * [[len(each)] for each in levels.values()]
            load = weights.sum(axis=0)
            load[taken] = np.inf
            taken.append(int(load.argmin()))
        table = table.take(taken)
    return table.reset_index(drop=True)
