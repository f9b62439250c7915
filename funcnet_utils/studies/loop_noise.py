"""The loops of a network beside those of its own null networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from funcnet_utils import topology
from funcnet_utils.network import FunctionalNetwork

N_NULL = 19  # so that chance puts a network above all of them in one case of twenty
OWN = "network"


def loop_noise(
    net: FunctionalNetwork,
    kinds: Sequence[str] = ("spectrum",),
    n_null: int = N_NULL,
    seed: int = 0,
) -> pd.DataFrame:
    """Return what stands out among the loops of a network, and among those of its nulls.

    Parameters
    ----------
    net : FunctionalNetwork
        Network.
    kinds : sequence of str, default=("spectrum",)
        Kinds of null matrices, as for `FunctionalNetwork.null_correlations`.
    n_null : int, default=19
        Null networks of each kind.
    seed : int, default=0
        Seed.

    Returns
    -------
    DataFrame
        One row for the network (kind "network") and one for each null: kind, loops, score (the
        largest of `topology.noise_scores`), p (the smallest of `topology.noise_p_values`, times the
        number of loops, at most 1).
    """
    matrices = [(OWN, net.r)]
    matrices += [(kind, r) for kind in kinds for r in net.null_correlations(kind, n_null, seed)]
    return pd.DataFrame([{"kind": kind} | loudest(r) for kind, r in matrices])


def loudest(correlation: np.ndarray) -> dict[str, float]:
    """Return the loops, the largest score and the smallest corrected p of one matrix.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Signed correlations.
    """
    apart = 1 - np.abs(correlation)
    np.fill_diagonal(apart, 0)
    return loudest_of(topology.persistence(apart)[1])


def loudest_of(diagram: np.ndarray) -> dict[str, float]:
    """Return the loops, the largest score and the smallest corrected p of a diagram of H1."""
    scores = topology.noise_scores(diagram)
    if not len(scores):
        return {"loops": 0, "score": -np.inf, "p": 1.0}
    p = np.nanmin(topology.noise_p_values(diagram)) * len(scores)
    return {"loops": len(scores), "score": np.nanmax(scores), "p": min(p, 1.0)}
