"""Effects: how large a difference is, in its own units and free of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.stats._sample import checked, checked_pairs
from funcnet_utils.stats.resampling import bootstrap_interval, sign_flip_p


@dataclass(frozen=True)
class Effect:
    """A mean difference over networks, with its uncertainty.

    Parameters
    ----------
    mean : float
        Mean of the differences, in the units of the measure.
    low, high : float
        95 % bias-corrected and accelerated (BCa) bootstrap interval of the mean.
    cliffs_delta : float
        Share of pairs of networks ordered one way minus the other way, in [-1, 1].
    hedges_g : float
        Mean difference in pooled standard deviations, corrected for small samples; infinite when
        there is a difference and no spread.
    p : float
        Two-sided sign-flip permutation p value, in (0, 1].
    n : int
        Number of networks.
    """

    mean: float
    low: float
    high: float
    cliffs_delta: float
    hedges_g: float
    p: float
    n: int


def paired_effect(values: ArrayLike, reference: ArrayLike, seed: int) -> Effect:
    """Compare two arms whose networks come in pairs.

    Parameters
    ----------
    values, reference : sequence of float, shape (n,)
        The measure of network k in the arm and in the reference arm, n >= 2.
    seed : int
        Seed of the bootstrap and of the permutations.

    Raises
    ------
    ValueError
        If the lengths differ, there are fewer than 2 pairs, or a value is not finite.

    References
    ----------
    Efron (1987), doi:10.1080/01621459.1987.10478410. Cliff (1993),
    doi:10.1037/0033-2909.114.3.494. Hedges (1981), doi:10.3102/10769986006002107.

    Examples
    --------
    >>> effect = paired_effect([3.0, 4.0, 5.0], [1.0, 2.0, 3.0], seed=0)
    >>> effect.mean, effect.low, effect.high, effect.p
    (2.0, 2.0, 2.0, 0.25)
    """
    a, b = checked_pairs(values, reference)
    difference = a - b
    low, high = bootstrap_interval(difference, seed)
    return Effect(
        mean=float(difference.mean()),
        low=low,
        high=high,
        cliffs_delta=cliffs_delta(a, b),
        hedges_g=hedges_g(a, b),
        p=sign_flip_p(difference, seed),
        n=len(a),
    )


def one_sample_effect(values: ArrayLike, reference: float, seed: int) -> Effect:
    """Compare one arm with a fixed value, such as sigma with 1.

    Parameters
    ----------
    values : sequence of float, shape (n,)
        The measure of each network, n >= 2.
    reference : float
        The fixed value.
    seed : int
        Seed of the bootstrap and of the permutations.

    Raises
    ------
    ValueError
        If there are fewer than 2 values, or a value is not finite.

    Examples
    --------
    >>> one_sample_effect([1.5, 2.5], 1.0, seed=0).mean
    1.0
    """
    a = checked(values)
    difference = a - reference
    low, high = bootstrap_interval(difference, seed)
    return Effect(
        mean=float(difference.mean()),
        low=low,
        high=high,
        cliffs_delta=float(np.sign(difference).mean()),
        hedges_g=_standardised(difference.mean(), a.std(ddof=1), len(a) - 1),
        p=sign_flip_p(difference, seed),
        n=len(a),
    )


def cliffs_delta(values: ArrayLike, reference: ArrayLike) -> float:
    """Return the share of pairs with value > reference minus that with value < reference.

    Parameters
    ----------
    values, reference : sequence of float
        Two samples.

    References
    ----------
    Cliff (1993), doi:10.1037/0033-2909.114.3.494.

    Examples
    --------
    >>> cliffs_delta([2, 3], [1, 2])
    0.75
    """
    return float(np.sign(np.subtract.outer(checked(values), checked(reference))).mean())


def hedges_g(values: ArrayLike, reference: ArrayLike) -> float:
    """Return the difference of two means in pooled standard deviations, for small samples.

    Cohen's d with the pooled variance, times 1 - 3 / (4 * degrees of freedom - 1). Pairing does
    not enter, so the values of paired and independent designs can be compared.

    Parameters
    ----------
    values, reference : sequence of float
        Two samples of at least 2 networks each.

    Returns
    -------
    float
        Infinite when there is a difference and no spread.

    References
    ----------
    Hedges (1981), doi:10.3102/10769986006002107.

    Examples
    --------
    >>> round(hedges_g([1, 3, 5], [0, 2, 4]), 12)
    0.4
    """
    a, b = checked(values), checked(reference)
    freedom = len(a) + len(b) - 2
    variance = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / freedom
    return _standardised(a.mean() - b.mean(), np.sqrt(variance), freedom)


def _standardised(mean: float, spread: float, freedom: int) -> float:
    if spread == 0:
        return 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    return float(mean / spread * (1 - 3 / (4 * freedom - 1)))
