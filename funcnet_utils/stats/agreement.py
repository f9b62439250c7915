"""How measures agree: two of them over networks, or repeats of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.errors import check_int, power_of_2
from funcnet_utils.stats.resampling import ALPHA, POWER, checked, interval, permutation_p


@dataclass(frozen=True)
class Association:
    """A rank correlation over networks.

    Parameters
    ----------
    rho : float
        Spearman's correlation, in [-1, 1].
    low, high : float
        95% BCa bootstrap interval of it.
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
    p = permutation_p(x, partial(_spearman, y), "pairings", seed)
    return Association(rho, low, high, p, len(x))


def smallest_rho(n: int) -> float:
    """Return the smallest rank correlation that n networks find with a probability of 80%.

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


@dataclass(frozen=True)
class Reliability:
    """An intraclass correlation of single measurements.

    Parameters
    ----------
    icc : float
        Share of the variance that lies between targets, at most 1; below 0 means that repeats
        differ more than targets.
    low, high : float
        95% F interval.
    """

    icc: float
    low: float
    high: float


def icc(ratings: ArrayLike) -> Reliability:
    """Return the intraclass correlation of repeated measurements of the same networks.

    Parameters
    ----------
    ratings : array_like, shape (n_targets, n_repeats)
        One row per network, one column per probe set, half of the images, or seed; at least 2 of
        each. It is ICC(A,1): repeats must give the same values.

    Returns
    -------
    Reliability
        NaN if the estimated total variance is 0, as when all ratings are equal.

    References
    ----------
    McGraw, Wong (1996), doi:10.1037/1082-989X.1.1.30. Shrout, Fleiss (1979),
    doi:10.1037/0033-2909.86.2.420.

    Examples
    --------
    >>> round(icc([[1, 2], [3, 4], [5, 6]]).icc, 3)
    0.889
    """
    (table,) = checked(ratings, ndim=2)
    table = table - table[0, 0]  # far from 0, sums of squares would cost digits
    table /= power_of_2(np.abs(table).max())
    n, k = table.shape
    freedom = (n - 1) * (k - 1)
    between = k * table.mean(axis=1).var(ddof=1)
    repeats = n * table.mean(axis=0).var(ddof=1)
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    error = (residual**2).sum() / freedom
    total = between + (k - 1) * error + k * (repeats - error) / n
    if total <= 1e-12 * (between + error + repeats):
        return Reliability(np.nan, np.nan, np.nan)
    value = (between - error) / total
    if value >= 1 - 1e-12:  # repeats agree, to rounding
        return Reliability(1.0, 1.0, 1.0)
    # Satterthwaite's degrees of freedom of the mixture of repeats and error; of error alone where
    # repeats differ more than targets, as if the targets were equal
    x = k * max(value, 0.0) / (n * (1 - value))
    y = 1 + x * (n - 1)
    squares = (x * repeats) ** 2 / (k - 1) + (y * error) ** 2 / freedom
    mixture = (x * repeats + y * error) ** 2 / squares
    lower = stats.f.ppf(1 - ALPHA / 2, n - 1, mixture)
    upper = stats.f.ppf(1 - ALPHA / 2, mixture, n - 1)
    rest = k * repeats + (k * n - k - n) * error
    low = n * (between - lower * error) / (lower * rest + n * between)
    high = n * (upper * between - error) / (rest + n * upper * between)
    return Reliability(float(value), float(low), float(high))
