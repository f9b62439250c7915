"""A control: networks that are equal in all arms cannot be told apart by arm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import adjusted_rand_score

from funcnet_utils.clustering._check import checked_distances, codes
from funcnet_utils.clustering.methods import cluster
from funcnet_utils.clustering.scores import Labels


def one_copy_ari(
    distances: ArrayLike,
    arms: Labels,
    copies: Labels,
    method: str = "average",
    seed: int = 0,
    n_draws: int = 100,
) -> np.ndarray:
    """Return the adjusted Rand index of draws that hold each network once, in an arm by lot.

    Untrained networks of all arms are the same networks. Copies have distance 0, so they find each
    other whatever their arm, and the index of all of them is a little below 0. A draw takes each
    network once, from an arm by lot and from every arm equally often (as far as the numbers go);
    clusters that know nothing of the arms then have a mean index of 0.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        As for `funcnet_utils.clustering.cluster`.
    arms : sequence, shape (n,)
        Arm of each row.
    copies : sequence, shape (n,)
        Number of its network; each network is there once in each arm, and there are at least 3.
    method : str, default="average"
        As for `funcnet_utils.clustering.cluster`. There are as many clusters as arms, but fewer
        than networks.
    seed : int, default=0
        Seed of the draws and of the clusterings.
    n_draws : int, default=100
        Draws, at least 1.

    Returns
    -------
    ndarray, shape (n_draws,)

    Raises
    ------
    ValueError
        If a network is not there once in each arm, there are fewer than 3, or `n_draws` is below 1.

    References
    ----------
    Hubert, Arabie (1985), doi:10.1007/BF01908075.

    Examples
    --------
    >>> x = np.tile(np.arange(9.0), 2)
    >>> draws = one_copy_ari(abs(x[:, None] - x), ["a"] * 9 + ["b"] * 9, x, n_draws=400)
    >>> bool(abs(draws.mean()) < 0.05)
    True
    """
    matrix = checked_distances(distances)
    arm, network = codes(arms, len(matrix)), codes(copies, len(matrix))
    n_arms, n_networks = int(arm.max()) + 1, int(network.max()) + 1
    rows = np.full((n_arms, n_networks), -1)
    rows[arm, network] = np.arange(len(matrix))
    if (rows < 0).any() or len(matrix) != rows.size or n_networks < 3:
        raise ValueError(
            f"{n_networks} networks in {n_arms} arms are {len(matrix)} rows: give each network "
            "once in each arm, and at least 3 networks."
        )
    if n_draws < 1:
        raise ValueError(f"n_draws is {n_draws}: choose a whole number >= 1.")
    rng = np.random.default_rng(seed)
    found = np.empty(n_draws)
    for draw in range(n_draws):
        lots = rng.permutation(np.arange(n_networks) % n_arms)
        drawn = rows[lots, np.arange(n_networks)]
        labels = cluster(
            matrix[np.ix_(drawn, drawn)],
            min(n_arms, n_networks - 1),
            method,
            int(rng.integers(2**31)),
        )
        found[draw] = adjusted_rand_score(lots, labels)
    return found
