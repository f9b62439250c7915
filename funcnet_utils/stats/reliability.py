"""Reliability: how much of the spread of a measure lies between networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.stats._sample import ALPHA


@dataclass(frozen=True)
class Reliability:
    """An intraclass correlation of single measurements.

    Parameters
    ----------
    icc : float
        Share of the variance that lies between targets, at most 1; below 0 means that repeats
        differ more than targets.
    low, high : float
        95 % F interval.
    """

    icc: float
    low: float
    high: float


def icc(ratings: ArrayLike, kind: str = "agreement") -> Reliability:
    """Return the intraclass correlation of repeated measurements of the same networks.

    Parameters
    ----------
    ratings : array_like, shape (n_targets, n_repeats)
        One row a network, one column a way of measuring it (a probe set, a half of the images, a
        seed); at least 2 of each.
    kind : {"agreement", "consistency"}, default="agreement"
        "agreement": ICC(A,1), repeats must give the same values. "consistency": ICC(C,1), a shift
        of a whole column does not count.

    Returns
    -------
    Reliability
        NaN if the estimated total variance is 0, as when all ratings are equal.

    Raises
    ------
    ValueError
        If the shape is not at least (2, 2), a rating is not finite, or the kind is unknown.

    References
    ----------
    McGraw, Wong (1996), doi:10.1037/1082-989X.1.1.30. Shrout, Fleiss (1979),
    doi:10.1037/0033-2909.86.2.420.

    Examples
    --------
    >>> round(icc([[1, 2], [3, 4], [5, 6]], kind="consistency").icc, 12)
    1.0
    >>> round(icc([[1, 2], [3, 4], [5, 6]]).icc, 3)
    0.889
    """
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(
            f"ratings have shape {table.shape}: give at least 2 networks and 2 repeats."
        )
    if not np.isfinite(table).all():
        raise ValueError("a rating is not finite: leave that network out.")
    if kind not in ("agreement", "consistency"):
        raise ValueError(f'kind is {kind!r}: choose "agreement" or "consistency".')
    n, k = table.shape
    between = k * table.mean(axis=1).var(ddof=1)
    repeats = n * table.mean(axis=0).var(ddof=1)
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    freedom = (n - 1) * (k - 1)
    error = (residual**2).sum() / freedom
    if between == repeats == error == 0:
        return Reliability(np.nan, np.nan, np.nan)
    if error <= 1e-24 * between:
        error = 0.0
    quantile = stats.f(n - 1, freedom).ppf(1 - ALPHA / 2)
    other_quantile = stats.f(freedom, n - 1).ppf(1 - ALPHA / 2)
    if kind == "consistency":
        value = (between - error) / (between + (k - 1) * error)
        low, high = between / quantile, between * other_quantile
        return Reliability(
            float(value),
            float((low - error) / (low + (k - 1) * error)),
            float((high - error) / (high + (k - 1) * error)),
        )
    total = between + (k - 1) * error + k * (repeats - error) / n
    if total <= 0:
        return Reliability(np.nan, np.nan, np.nan)
    value = (between - error) / total
    # Satterthwaite's degrees of freedom of the mixture of repeats and error
    x = k * value / (n * (1 - value)) if value < 1 else np.inf
    y = 1 + k * value * (n - 1) / (n * (1 - value)) if value < 1 else np.inf
    if not np.isfinite(x):
        return Reliability(1.0, 1.0, 1.0)
    mixture = (x * repeats + y * error) ** 2 / (
        (x * repeats) ** 2 / (k - 1) + (y * error) ** 2 / freedom
    )
    lower = stats.f(n - 1, mixture).ppf(1 - ALPHA / 2)
    upper = stats.f(mixture, n - 1).ppf(1 - ALPHA / 2)
    rest = k * repeats + (k * n - k - n) * error
    return Reliability(
        float(value),
        float(n * (between - lower * error) / (lower * rest + n * between)),
        float(n * (upper * between - error) / (rest + n * upper * between)),
    )
