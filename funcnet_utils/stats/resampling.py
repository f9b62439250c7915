"""Checked samples, bootstrap intervals and sign-flip permutation tests."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.errors import as_numbers, check_int, generator_of

ALPHA = 0.05
"""Level of all tests; intervals are of 1 - ALPHA."""
POWER = 0.8
"""Probability of finding what is there, in every count of networks needed."""
N_PERMUTATIONS = {"samples": 99_999, "pairings": 9_999}
N_FLIPS = 9_999
EXACT = 40
"""Most differences whose flips of signs are all counted."""


def checked(*values: ArrayLike, least: int = 2, ndim: int = 1) -> list[np.ndarray]:
    """Return samples of the same networks, a value or a row of values each, or refuse them."""
    samples = [as_numbers("a sample", each).astype(float) for each in values]
    for sample in samples:
        if sample.ndim != ndim or min(sample.shape) < least:
            each = "a value" if ndim == 1 else "a row of at least 2 values"
            raise ValueError(
                f"a sample has shape {sample.shape}: give {each} of at least {least} networks."
            )
    if len(sizes := {sample.shape for sample in samples}) > 1:
        raise ValueError(f"samples have shapes {sorted(sizes)}: give one of each per network.")
    return samples


def bootstrap_interval(values: ArrayLike, seed: int) -> tuple[float, float]:
    """Return the 95% BCa bootstrap interval of a mean.

    Parameters
    ----------
    values : sequence of float, shape (n,)
        One value per network, n >= 2. Equal values give an interval of no width.
    seed : int
        Seed of the resampling.

    References
    ----------
    Efron (1987), doi:10.1080/01621459.1987.10478410.
    """
    (sample,) = checked(values)
    if np.ptp(sample) == 0:
        return float(sample[0]), float(sample[0])
    return interval(np.mean, (sample,), seed)


def interval(
    statistic: Callable[..., np.ndarray], samples: Sequence[np.ndarray], seed: int
) -> tuple[float, float]:
    """Return the 95% BCa interval of a statistic of samples that are resampled together.

    Where all resamples agree or BCa does not exist, the percentile interval takes its place.
    """
    # of samples that do not vary
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        # SciPy's defaults are BCa, 95% and 9,999 resamples
        how = {"paired": len(samples) > 1, "batch": 1_000, "rng": generator_of(seed)}
        result = stats.bootstrap(samples, statistic, **how)
    low, high = result.confidence_interval
    return (float(low), float(high)) if low <= high else percentiles(result.bootstrap_distribution)


def percentiles(values: np.ndarray | list[float]) -> tuple[float, float]:
    """Return the 95% percentile interval of bootstrap values."""
    low, high = np.quantile(values, [ALPHA / 2, 1 - ALPHA / 2])
    return float(low), float(high)


def t_interval(values: ArrayLike, level: float = 1 - ALPHA) -> tuple[float, float]:
    """Return the interval of a mean by Student's t.

    Parameters
    ----------
    values : sequence of float, shape (n,)
        One value per network, n >= 2.
    level : float, default=0.95
        Share of such intervals that contain the true mean, if values are normal; in (0, 1).
    """
    (sample,) = checked(values)
    margin = stats.t.ppf((1 + level) / 2, len(sample) - 1) * stats.sem(sample)
    return float(sample.mean() - margin), float(sample.mean() + margin)


def sign_flip_p(differences: ArrayLike, seed: int) -> float:
    """Return the two-sided p value of a mean of 0 under flips of signs.

    Up to 40 differences the value is exact, over all 2**n flips: those of one half are sorted, and
    each flip of the other half finds its place among them. Beyond that, 99,999 random flips.

    Parameters
    ----------
    differences : sequence of float, shape (n,)
        One paired difference per network.
    seed : int
        Seed of the random flips.

    References
    ----------
    Horowitz, Sahni (1974), doi:10.1145/321812.321823, for meeting in the middle.

    Examples
    --------
    >>> sign_flip_p([1.0, 1.0, 1.0, 1.0], seed=0)
    0.125
    >>> sign_flip_p(range(1, 21), seed=0) == 2 / 2**20
    True
    >>> sign_flip_p([0.0, 0.0], seed=0)
    1.0
    """
    (sample,) = checked(differences)
    check_int("seed", seed, 0)
    total = abs(sample.sum()) - 1e-12 * np.abs(sample).sum()  # equal sums differ by rounding
    if total <= 0:
        return 1.0
    if len(sample) > EXACT:
        return permutation_p(sample, np.mean, "samples", seed)
    one, other = (_signed_sums(half) for half in np.array_split(sample, 2))
    as_extreme = len(other) - np.searchsorted(np.sort(other), total - one)
    return float(2 * as_extreme.sum() / 2 ** len(sample))


def _signed_sums(sample: np.ndarray) -> np.ndarray:
    sums = np.zeros(1)
    for value in sample:
        sums = np.concatenate([sums - value, sums + value])
    return sums


def permutation_p(
    sample: np.ndarray, statistic: Callable[..., np.ndarray], kind: str, seed: int
) -> float:
    """Return SciPy's two-sided p value of a statistic under permutations of a kind."""
    how = {"n_resamples": N_PERMUTATIONS[kind], "batch": 10_000, "rng": generator_of(seed)}
    found = stats.permutation_test((sample,), statistic, permutation_type=kind, **how)
    return float(min(found.pvalue, 1.0))


def flips(n: int, seed: int, most: int = N_FLIPS) -> np.ndarray:
    """Return rows of signs of n pairs, the first one without a flip.

    All 2**n patterns if they are not more than `most`, else that many, drawn at random.
    """
    if 2**n <= most:
        return 1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    drawn = generator_of(seed).integers(0, 2, (most, n)) * 2.0 - 1.0
    drawn[0] = 1.0
    return drawn


def share_as_extreme(null: np.ndarray) -> float:
    """Return the share of null values at least as large as the first, up to rounding."""
    return float((null >= null[0] - 1e-9 * abs(null[0])).mean())
