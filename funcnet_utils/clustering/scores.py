"""Agreement of clusters with arms, how sure it is, and arms named from other groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import adjusted_rand_score

from funcnet_utils.clustering.methods import METHODS, Labels, cluster, silhouette
from funcnet_utils.errors import check_distances, check_int, check_labels, generator_of
from funcnet_utils.stats.resampling import percentiles

N_NEIGHBORS, N_PERMUTATIONS = 5, 999
COLUMNS = ["distance", "method", "k_rule", "n_clusters", "ari", "ari_low", "ari_high", "p"]


def adjusted_rand_index(one: np.ndarray, other: np.ndarray) -> float:
    """Return what scikit-learn's slower `adjusted_rand_score` does, of labels 0, 1, 2, ..."""
    table = np.zeros((one.max() + 1, other.max() + 1), np.int64)
    np.add.at(table, (one, other), 1)
    both, rows, columns = ((t**2).sum() for t in (table, table.sum(axis=1), table.sum(axis=0)))
    missed, wrong, pairs = int(rows - both), int(columns - both), len(one) ** 2
    together, apart = int(both) - len(one), pairs - int(both) - missed - wrong
    ends = (together + missed) * (missed + apart) + (together + wrong) * (wrong + apart)
    return 2 * (together * apart - missed * wrong) / ends if missed or wrong else 1.0


def permutation_p(
    labels_true: Labels, labels_pred: Labels, seed: int, n_permutations: int = N_PERMUTATIONS
) -> float:
    """Return the share of permutations of the arms with an ARI at least as large.

    Parameters
    ----------
    labels_true, labels_pred : sequence, shape (n,)
        Arm and cluster of each network.
    seed : int
        Seed of the permutations.
    n_permutations : int, default=999
        The observed order counts as one more, so p is at least ``1 / (n_permutations + 1)``.
    """
    n = check_int("the number of labels", len(np.atleast_1d(np.asarray(labels_true))), 1)
    true, found = (check_labels(each, n) for each in (labels_true, labels_pred))
    rng = generator_of(seed)
    check_int("n_permutations", n_permutations, 1)
    orders = np.vstack([true, rng.permuted(np.tile(true, (n_permutations, 1)), axis=1)])
    inside = np.eye(found.max() + 1)[found]
    # with both margins fixed, the ARI grows with the pairs that agree: the squares of the table
    agreement = sum((((orders == arm) @ inside) ** 2).sum(axis=1) for arm in range(true.max() + 1))
    return float(np.mean(agreement >= agreement[0]))


def bootstrap_ari(
    distances: ArrayLike,
    arms: Labels,
    k: int,
    method: str = "average",
    seed: int = 0,
    n_resamples: int = 200,
    baseline: ArrayLike | None = None,
) -> tuple[float, float]:
    """Return a 95% bootstrap interval over networks of the ARI, or of its lead over a baseline.

    Each resample draws as many networks of each arm as there are, with replacement. Copies of a
    network have distance 0 and would find each other, which has nothing to do with arms; so each
    network drawn counts once, in the clustering and in the score. A resample thus holds about 63%
    of the networks, and the interval is a little wide.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        As for `cluster`.
    arms : sequence, shape (n,)
        Arm of each network.
    k : int
        Clusters; the same in every resample.
    method : str, default="average"
        As for `cluster`.
    seed : int, default=0
        Of the resamples and of the clustering.
    n_resamples : int, default=200
        Resamples, at least 20.
    baseline : array_like, shape (n, n), optional
        Distances to beat; the interval is then that of the difference of the two ARIs on the same
        resamples.

    Examples
    --------
    >>> far = 9 * (1 - np.kron(np.eye(2), np.ones((8, 8))))
    >>> bootstrap_ari(far, ["a"] * 8 + ["b"] * 8, k=2, n_resamples=20)
    (1.0, 1.0)
    """
    check_int("n_resamples", n_resamples, 20)
    matrix = check_distances(distances, least=2)
    true = check_labels(arms, len(matrix))
    check_int("k", k, 1, len(matrix))
    matrices = [matrix] if baseline is None else [matrix, check_distances(baseline, least=2)]
    rng = generator_of(seed)
    members = [np.flatnonzero(true == arm) for arm in range(true.max() + 1)]
    values = []
    for _ in range(n_resamples):
        drawn = np.unique(np.concatenate([rng.choice(rows, len(rows)) for rows in members]))
        start, k_drawn = int(rng.integers(2**31)), min(k, len(drawn))
        parts = [cluster(m[np.ix_(drawn, drawn)], k_drawn, method, start) for m in matrices]
        ari = [adjusted_rand_index(true[drawn], labels) for labels in parts]
        values.append(ari[0] - sum(ari[1:]))
    return percentiles(values)


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


def one_copy_ari(
    distances: ArrayLike, arms: Labels, copies: Labels, seed: int = 0, n_draws: int = 100
) -> np.ndarray:
    """Return the adjusted Rand index of draws of each network once, from an arm at random.

    Untrained networks of all arms are the same networks. Copies have distance 0, so they find each
    other whatever their arm, and the index of all of them is a little below 0. A draw takes each
    network once, and from every arm equally many, up to one; clusters that know nothing of the arms
    then have a mean index of 0. They are of average linkage, as many as arms, but fewer than
    networks.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        As for `cluster`.
    arms : sequence, shape (n,)
        Arm of each row.
    copies : sequence, shape (n,)
        Number of its network; each network is there once in each arm, and there are at least 3.
    seed : int, default=0
        Seed of the draws and of the clusterings.
    n_draws : int, default=100
        Draws, at least 1.
    """
    matrix = check_distances(distances, least=2)
    arm, network = (check_labels(each, len(matrix)) for each in (arms, copies))
    n_arms, n_networks = int(arm.max()) + 1, int(network.max()) + 1
    rows = np.full((n_arms, n_networks), -1)
    rows[arm, network] = np.arange(len(matrix))
    if (rows < 0).any() or len(matrix) != rows.size or n_networks < 3:
        raise ValueError(
            f"{n_networks} networks in {n_arms} arms are {len(matrix)} rows: give each network "
            "once in each arm, and at least 3 networks."
        )
    rng, k = generator_of(seed), min(n_arms, n_networks - 1)
    found = np.empty(check_int("n_draws", n_draws, 1))
    for draw in range(n_draws):
        lots = rng.permutation(np.arange(n_networks) % n_arms)
        drawn = rows[lots, np.arange(n_networks)]
        labels = cluster(matrix[np.ix_(drawn, drawn)], k, seed=int(rng.integers(2**31)))
        found[draw] = adjusted_rand_index(lots, labels)
    return found


def leave_one_group_out(
    distances: ArrayLike, arms: Labels, groups: Labels, seed: int = 0
) -> pd.DataFrame:
    """Name the arms of each group of networks from five nearest neighbours in all other groups.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Distances within and across groups, such as Wasserstein distances of all diagrams or
        `feature_distances`; only the blocks from one group to the others are used.
    arms : sequence, shape (n,)
        Arm of each network.
    groups : sequence, shape (n,)
        Group of each network, such as its data set; at least 2.
    seed : int, default=0
        Seed of the permutations and of the order in which ties are broken.

    Returns
    -------
    DataFrame
        One row per group that was left out: group, n, accuracy (share named correctly), chance
        (share of the most frequent arm), p (share of 999 permutations as accurate).
    """
    matrix = check_distances(distances, least=2)
    arm, group = (check_labels(each, len(matrix)) for each in (arms, groups))
    if not group.any():
        raise ValueError("all networks are of one group: give at least 2 groups.")
    rng = generator_of(seed)
    rows = []
    for left, name in enumerate(np.unique(np.asarray(groups))):
        out = np.flatnonzero(group == left)
        # in random order, and with random parts of a vote, so that ties do not tell the arm
        known = rng.permutation(np.flatnonzero(group != left))
        order = matrix[np.ix_(out, known)].argsort(axis=1, kind="stable")[:, :N_NEIGHBORS]
        votes = (arm[known][order][..., None] == np.arange(arm[known].max() + 1)).sum(axis=1)
        named = (votes + rng.uniform(0, 0.5, votes.shape)).argmax(axis=1)
        right = (named == arm[out]).mean()
        orders = rng.permuted(np.tile(arm[out], (N_PERMUTATIONS, 1)), axis=1)
        as_good = ((orders == named).mean(axis=1) >= right).sum()
        chance = np.bincount(arm[out]).max() / len(out)
        rows.append((name, len(out), right, chance, (1 + as_good) / (1 + N_PERMUTATIONS)))
    return pd.DataFrame(rows, columns=["group", "n", "accuracy", "chance", "p"])
