"""The loops of a network beside those of its own null networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funcnet_utils import topology
from funcnet_utils.network import FunctionalNetwork

N_NULL = 19  # so that chance puts a network above all of them in one case of twenty
OWN = "network"


def loop_noise(net: FunctionalNetwork, seed: int = 0) -> pd.DataFrame:
    """Return what stands out among the loops of a network, and of 19 nulls of its spectrum.

    Parameters
    ----------
    net : FunctionalNetwork
        Network.
    seed : int, default=0
        Seed of the nulls.

    Returns
    -------
    DataFrame
        One row for the network (kind "network") and one for each null (kind "spectrum"), with what
        `loudest_of` returns.
    """
    made = [net.r, *net.null_correlations("spectrum", N_NULL, seed)]
    diagrams = [topology.persistence((1 - np.abs(r)) * (1 - np.eye(len(r))))[1] for r in made]
    table = pd.DataFrame(map(loudest_of, diagrams))
    table.insert(0, "kind", [OWN] + N_NULL * ["spectrum"])
    return table


def loudest_of(diagram: np.ndarray) -> dict[str, float]:
    """Return what stands out among loops.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths in H1.

    Returns
    -------
    dict of str to float
        loops (their number), score (the largest of `topology.noise_scores`), p (the smallest of
        `topology.noise_p_values`, times the number of loops that have one, at most 1).
    """
    scores = topology.noise_scores(diagram)
    valid = scores[~np.isnan(scores)]
    if not len(valid):
        return {"loops": len(scores), "score": -np.inf, "p": 1.0}
    p = np.nanmin(topology.noise_p_values(diagram)) * len(valid)
    return {"loops": len(scores), "score": valid.max(), "p": min(p, 1.0)}
