"""The hard test: name the arm of networks trained on a data set that was never seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.clustering.methods import Labels
from funcnet_utils.errors import check_distances, check_int, check_labels, generator_of

if TYPE_CHECKING:
    import pandas as pd


def leave_one_group_out(
    distances: ArrayLike,
    arms: Labels,
    groups: Labels,
    n_neighbors: int = 5,
    seed: int = 0,
    n_permutations: int = 999,
) -> pd.DataFrame:
    """Name the arms of each group of networks from their nearest neighbours in all other groups.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Distances within and across groups, such as Wasserstein distances of all diagrams or
        `feature_distances`; only the blocks from one group to the others are used.
    arms : sequence, shape (n,)
        Arm of each network.
    groups : sequence, shape (n,)
        Group of each network, such as its data set; at least 2.
    n_neighbors : int, default=5
        Nearest networks that vote, at least 1.
    seed : int, default=0
        Seed of the permutations and of the order in which ties are broken.
    n_permutations : int, default=999
        Permutations of the arms of the group left out.

    Returns
    -------
    DataFrame
        One row per group that was left out: group, n, accuracy (share named correctly), chance
        (share of the most frequent arm), p (share of permutations as accurate).
    """
    import pandas as pd

    matrix = check_distances(distances, least=2)
    arm, group = (check_labels(each, len(matrix)) for each in (arms, groups))
    check_int("n_neighbors", n_neighbors, 1)
    check_int("n_permutations", n_permutations, 1)
    if not group.any():
        raise ValueError("all networks are of one group: give at least 2 groups.")
    rng = generator_of(seed)
    rows = []
    for left, name in enumerate(np.unique(np.asarray(groups))):
        out = np.flatnonzero(group == left)
        # in random order, and with random parts of a vote, so that ties do not tell the arm
        known = rng.permutation(np.flatnonzero(group != left))
        order = matrix[np.ix_(out, known)].argsort(axis=1, kind="stable")[:, :n_neighbors]
        votes = (arm[known][order][..., None] == np.arange(arm[known].max() + 1)).sum(axis=1)
        named = (votes + rng.uniform(0, 0.5, votes.shape)).argmax(axis=1)
        right = (named == arm[out]).mean()
        orders = rng.permuted(np.tile(arm[out], (n_permutations, 1)), axis=1)
        as_good = ((orders == named).mean(axis=1) >= right).sum()
        chance = np.bincount(arm[out]).max() / len(out)
        rows.append((name, len(out), right, chance, (1 + as_good) / (1 + n_permutations)))
    return pd.DataFrame(rows, columns=["group", "n", "accuracy", "chance", "p"])
