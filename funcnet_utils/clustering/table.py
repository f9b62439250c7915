"""One table: every distance, every method, k given and k chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from funcnet_utils.clustering import methods
from funcnet_utils.clustering.scores import bootstrap_ari, permutation_p, scores
from funcnet_utils.errors import check_distances, check_labels

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("distance", "method", "k_rule", "n_clusters", "ari", "ari_low", "ari_high"),
    *("nmi", "purity", "silhouette", "p"),
)


def cluster_table(
    distances_by_name: Mapping[str, np.ndarray],
    arms: methods.Labels,
    seed: int = 0,
    *,
    n_permutations: int = 999,
    n_resamples: int = 200,
) -> pd.DataFrame:
    """Cluster by each distance and method, and score the clusters against the arms.

    Parameters
    ----------
    distances_by_name : mapping of str to ndarray, each of shape (n, n)
        Distances, as `topological_distances` and `baseline_distances` return them.
    arms : sequence, shape (n,)
        Arm of each network.
    seed : int, default=0
        Seed of clustering, permutations and resamples.
    n_permutations : int, default=999
        Permutations of the arms for p.
    n_resamples : int, default=200
        Bootstrap resamples for the interval.

    Returns
    -------
    DataFrame
        One row per distance, method and k_rule ("given": the number of arms, or "silhouette": the
        k from 2 to twice that number with the best silhouette): n_clusters, ari, ari_low, ari_high,
        nmi, purity, silhouette, p. The p values are not corrected.
    """
    import pandas as pd

    rows = []
    for name, distances in distances_by_name.items():
        matrix = check_distances(distances, least=2)
        n_arms = int(check_labels(arms, len(matrix)).max()) + 1
        if n_arms < 2:
            raise ValueError("all networks are of one arm: give at least 2 arms to tell apart.")
        for method in methods.METHODS:
            given = n_arms, methods.cluster(matrix, n_arms, method, seed)
            chosen = methods.best_k(matrix, method, seed, max_k=2 * n_arms)
            how = method, seed, n_resamples
            intervals = {k: bootstrap_ari(matrix, arms, k, *how) for k in {n_arms, chosen[0]}}
            for rule, (k, labels) in (("given", given), ("silhouette", chosen)):
                score = scores(arms, labels, matrix)
                ari, p = score.pop("ari"), permutation_p(arms, labels, seed, n_permutations)
                rows.append((name, method, rule, k, ari, *intervals[k], *score.values(), p))
    return pd.DataFrame(rows, columns=COLUMNS)
