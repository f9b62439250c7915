"""One table: every distance, every method, k given and k chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from funcnet_utils.clustering.methods import METHODS, Labels, cluster, silhouette
from funcnet_utils.clustering.scores import bootstrap_ari, permutation_p
from funcnet_utils.errors import check_distances, check_labels

COLUMNS = ["distance", "method", "k_rule", "n_clusters", "ari", "ari_low", "ari_high", "p"]


def cluster_table(
    distances_by_name: Mapping[str, np.ndarray],
    arms: Labels,
    seed: int = 0,
    n_resamples: int = 200,
) -> pd.DataFrame:
    """Cluster by each distance and method, and score the clusters against the arms.

    Parameters
    ----------
    distances_by_name : mapping of str to ndarray, each of shape (n, n)
        As `topological_distances` and `baseline_distances` return them; n >= 3.
    arms : sequence, shape (n,)
        Arm of each network.
    seed : int, default=0
        Seed of clustering, permutations and resamples.
    n_resamples : int, default=200
        Bootstrap resamples for the interval.

    Returns
    -------
    DataFrame
        One row per distance, method and k_rule ("given": the number of arms, or "silhouette": the
        k from 2 to twice that number with the best silhouette, the smaller one in a tie):
        n_clusters, ari, ari_low, ari_high, p. The p values are not corrected.
    """
    rows = []
    for name, distances in distances_by_name.items():
        matrix = check_distances(distances, least=3)
        n_arms = int(check_labels(arms, len(matrix)).max()) + 1
        if n_arms < 2:
            raise ValueError("all networks are of one arm: give at least 2 arms to tell apart.")
        numbers = range(2, max(n_arms, min(2 * n_arms, len(matrix) - 1)) + 1)
        for method in METHODS:
            found = {k: cluster(matrix, k, method, seed) for k in numbers}
            chosen = numbers[np.argmax([silhouette(matrix, found[k]) for k in numbers])]
            how = method, seed, n_resamples
            ends = {k: bootstrap_ari(matrix, arms, k, *how) for k in {n_arms, chosen}}
            for rule, k in (("given", n_arms), ("silhouette", chosen)):
                ari, p = adjusted_rand_score(arms, found[k]), permutation_p(arms, found[k], seed)
                rows.append((name, method, rule, k, ari, *ends[k], p))
    return pd.DataFrame(rows, columns=COLUMNS)
