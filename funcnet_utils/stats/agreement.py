"""How two measures agree over networks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.errors import check_int
from funcnet_utils.stats.resampling import ALPHA, POWER, checked, interval, permutation_p

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

    References
    ----------
    Spearman (1904), doi:10.2307/1412159.

    Examples
    --------
    >>> found = rank_correlation([1, 2, 3, 4, 5], [1, 4, 9, 16, 25], seed=0)
    >>> found.rho, round(found.p, 4)
    (1.0, 0.0167)
    """
    check_int("seed", seed, 0)
    x, y = checked(values, others, least=3)
    if not (np.ptp(x) and np.ptp(y)):
        return Association(0.0, 0.0, 0.0, 1.0, len(x))
    rho, (low, high) = float(_spearman(x, y)), interval(_spearman, (x, y), seed)
    p = permutation_p(x, partial(_spearman, y), "pairings", N_PAIRINGS, seed)
    return Association(rho, low, high, p, len(x))


def smallest_rho(n: int) -> float:
    """Return the smallest rank correlation that n networks find with a probability of 80 %.

    By Fisher's transformation, whose standard error is 1.03 / sqrt(n - 3) for ranks; p < 0.05.

    Parameters
    ----------
    n : int
        Networks, at least 1; below 4 even a correlation of 1 is not found.

    References
    ----------
    Fieller, Hartley, Pearson (1957), doi:10.1093/biomet/44.3-4.470.

    Examples
    --------
    >>> round(smallest_rho(20), 2)
    0.6
    """
    check_int("n", n, 1)
    steps = stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(POWER)
    return float(np.tanh(steps * 1.03 / np.sqrt(n - 3))) if n > 3 else 1.0


def _spearman(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Correlate ranks along an axis; 0 where one sample does not vary, as a resample may."""
    a, b = (stats.rankdata(sample, axis=axis) for sample in (x, y))
    a, b = (rank - rank.mean(axis=axis, keepdims=True) for rank in (a, b))
    spread = np.sqrt((a**2).sum(axis=axis) * (b**2).sum(axis=axis))
    together = (a * b).sum(axis=axis)
    return np.clip(np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), 0.0), -1, 1)
