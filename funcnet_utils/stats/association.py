"""Whether one measure goes with another, over networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.stats._sample import checked_pairs
from funcnet_utils.stats.resampling import interval

N_PAIRINGS = 9_999


@dataclass(frozen=True)
class Association:
    """A rank correlation over networks.

    Parameters
    ----------
    rho : float
        Spearman's correlation, in [-1, 1].
    low, high : float
        95 % BCa bootstrap interval of it.
    p : float
        Two-sided permutation p value, in (0, 1].
    n : int
        Number of networks.
    """

    rho: float
    low: float
    high: float
    p: float
    n: int


def rank_correlation(values: ArrayLike, others: ArrayLike, seed: int) -> Association:
    """Return Spearman's correlation of two measures of the same networks.

    Parameters
    ----------
    values, others : sequence of float, shape (n,)
        Two measures of network k, n >= 3; equal values share their mean rank.
    seed : int
        Seed of the bootstrap over networks and of the permutations; all orders are tried up to 7
        networks, 9,999 random ones beyond.

    Returns
    -------
    Association
        0 with p = 1 where a measure is the same for all networks.

    Raises
    ------
    ValueError
        If the lengths differ, there are fewer than 3 networks, or a value is not finite.

    References
    ----------
    Spearman (1904), doi:10.2307/1412159.

    Examples
    --------
    >>> found = rank_correlation([1, 2, 3, 4, 5], [1, 4, 9, 16, 25], seed=0)
    >>> found.rho, round(found.p, 4)
    (1.0, 0.0167)
    """
    x, y = checked_pairs(values, others, least=3)
    rho = float(_spearman(x, y))
    if not (np.ptp(x) and np.ptp(y)):
        return Association(0.0, 0.0, 0.0, 1.0, len(x))
    low, high = interval(_spearman, (x, y), seed)
    test = stats.permutation_test(
        (x,),
        lambda order, axis: _spearman(order, y, axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=N_PAIRINGS,
        batch=1_000,
        rng=np.random.default_rng(seed),
    )
    return Association(rho, low, high, float(min(test.pvalue, 1.0)), len(x))


def _spearman(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Correlate ranks along an axis; 0 where one sample does not vary, as a resample may."""
    a, b = (stats.rankdata(sample, axis=axis) for sample in (x, y))
    a, b = (rank - rank.mean(axis=axis, keepdims=True) for rank in (a, b))
    spread = np.sqrt((a**2).sum(axis=axis) * (b**2).sum(axis=axis))
    together = (a * b).sum(axis=axis)
    return np.clip(np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), 0.0), -1, 1)
