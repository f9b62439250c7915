"""The hard test: name the arm of networks trained on a data set that was never seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from funcnet_utils.clustering._check import checked_distances, codes
from funcnet_utils.clustering.scores import Labels

CLASSIFIERS = ("neighbors", "medoid")


def leave_one_group_out(
    distances: ArrayLike,
    arms: Labels,
    groups: Labels,
    classifier: str = "neighbors",
    n_neighbors: int = 5,
    seed: int = 0,
    n_permutations: int = 999,
) -> pd.DataFrame:
    """Name the arms of each group of networks from the networks of all other groups.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Distances within and across groups, such as Wasserstein distances of all diagrams or
        `feature_distances`; only the blocks from one group to the others are used.
    arms : sequence, shape (n,)
        Arm of each network.
    groups : sequence, shape (n,)
        Group of each network, such as its data set; at least 2.
    classifier : {"neighbors", "medoid"}, default="neighbors"
        Majority of the nearest networks, or the arm of the nearest medoid.
    n_neighbors : int, default=5
        Nearest networks that vote, at least 1.
    seed : int, default=0
        Seed of the permutations and of the order in which ties are broken.
    n_permutations : int, default=999
        Permutations of the arms of the group left out.

    Returns
    -------
    DataFrame
        One row a group that was left out: group, n, accuracy (share named correctly), chance
        (share of the most frequent arm), p (share of permutations as accurate).

    Raises
    ------
    ValueError
        If there is one group only, the classifier is unknown, or n_neighbors is below 1.

    Examples
    --------
    >>> x = np.array([0.0, 10.0, 1.0, 11.0])
    >>> table = leave_one_group_out(abs(x[:, None] - x), list("abab"), [0, 0, 1, 1], n_neighbors=1)
    >>> table["accuracy"].tolist()
    [1.0, 1.0]
    """
    matrix = checked_distances(distances)
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    arm = codes(arms, len(matrix))
    if len(group) != len(matrix) or len(names) < 2:
        raise ValueError(
            f"there are {len(group)} group labels of {len(names)} groups for {len(matrix)} "
            "networks: give one label of each, of at least 2 groups."
        )
    if classifier not in CLASSIFIERS or n_neighbors < 1:
        raise ValueError(
            f"classifier is {classifier!r} with n_neighbors {n_neighbors}: choose one of "
            f"{', '.join(CLASSIFIERS)} and a whole number >= 1."
        )
    rng = np.random.default_rng(seed)
    rows = []
    for left, name in enumerate(names):
        out = np.flatnonzero(group == left)
        # in random order, so that ties do not tell the arm
        known = rng.permutation(np.flatnonzero(group != left))
        if classifier == "neighbors":
            named = _vote(matrix[np.ix_(out, known)], arm[known], n_neighbors, rng)
        else:
            named = _nearest_medoid(matrix, out, known, arm, rng)
        right = (named == arm[out]).mean()
        orders = rng.permuted(np.tile(arm[out], (n_permutations, 1)), axis=1)
        as_good = ((orders == named).mean(axis=1) >= right).sum()
        rows.append(
            {
                "group": name,
                "n": len(out),
                "accuracy": float(right),
                "chance": float(np.bincount(arm[out]).max() / len(out)),
                "p": float((1 + as_good) / (1 + n_permutations)),
            }
        )
    return pd.DataFrame(rows)


def feature_distances(features: ArrayLike, groups: Labels | None = None) -> np.ndarray:
    """Return Euclidean distances of features in units of their standard deviation.

    Parameters
    ----------
    features : array_like, shape (n, n_features) or (n,)
        One row a network.
    groups : sequence, shape (n,), optional
        Standardise within each group, so that a data set that shifts a feature for all its
        networks does not hide the arms. No arm is looked at.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    ValueError
        If a feature is not finite or the groups do not fit.

    Examples
    --------
    >>> feature_distances([0.0, 2.0]).tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    table = np.asarray(features, dtype=float)
    table = table.reshape(len(table), -1)
    if not np.isfinite(table).all():
        raise ValueError("a feature is not finite: leave that network or that feature out.")
    group = np.zeros(len(table), dtype=int) if groups is None else codes(groups, len(table))
    scaled = np.empty_like(table)
    for one in np.unique(group):
        part = table[group == one]
        spread = part.std(axis=0)
        scaled[group == one] = (part - part.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.sqrt(((scaled[:, None] - scaled[None]) ** 2).sum(axis=-1))


def _vote(
    distances: np.ndarray, arms: np.ndarray, n_neighbors: int, rng: np.random.Generator
) -> np.ndarray:
    nearest = arms[distances.argsort(axis=1, kind="stable")[:, :n_neighbors]]
    votes = (nearest[..., None] == np.arange(arms.max() + 1)).sum(axis=1)
    return (votes + rng.uniform(0, 0.5, votes.shape)).argmax(axis=1)


def _nearest_medoid(
    matrix: np.ndarray,
    out: np.ndarray,
    known: np.ndarray,
    arm: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    order = rng.permutation(np.unique(arm[known]))
    medoids = []
    for one in order:
        rows = known[arm[known] == one]
        medoids.append(rows[matrix[np.ix_(rows, rows)].sum(axis=1).argmin()])
    return order[matrix[np.ix_(out, medoids)].argmin(axis=1)]
