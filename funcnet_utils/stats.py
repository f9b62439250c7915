"""Effects, intervals, permutation tests and verdicts. The unit is one trained network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.multitest import multipletests

N_RESAMPLES = 99_999
ALPHA = 0.05


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
    a, b = _sample(values), _sample(reference)
    if len(a) != len(b):
        raise ValueError(
            f"there are {len(a)} values and {len(b)} references: give one of each a network."
        )
    difference = a - b
    low, high = bootstrap_interval(difference, seed)
    pooled = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return Effect(
        mean=float(difference.mean()),
        low=low,
        high=high,
        cliffs_delta=cliffs_delta(a, b),
        hedges_g=_standardised(difference.mean(), pooled, 2 * len(a) - 2),
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
    a = _sample(values)
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


def bootstrap_interval(values: ArrayLike, seed: int) -> tuple[float, float]:
    """Return the 95 % BCa bootstrap interval of a mean.

    Parameters
    ----------
    values : sequence of float, shape (n,)
        One value a network, n >= 2. Equal values give an interval of no width.
    seed : int
        Seed of the resampling.

    References
    ----------
    Efron (1987), doi:10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> bootstrap_interval([2.0, 2.0, 2.0], seed=0)
    (2.0, 2.0)
    """
    sample = _sample(values)
    if np.ptp(sample) == 0:
        return float(sample[0]), float(sample[0])
    interval = stats.bootstrap(
        (sample,),
        np.mean,
        confidence_level=1 - ALPHA,
        n_resamples=9_999,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def sign_flip_p(differences: ArrayLike, seed: int) -> float:
    """Return the two-sided p value of a mean of 0 under random flips of signs.

    All flips are tried up to 16 differences; beyond that 99,999 random ones.

    Parameters
    ----------
    differences : sequence of float, shape (n,)
        One paired difference a network.
    seed : int
        Seed of the random flips.

    Examples
    --------
    >>> sign_flip_p([1.0, 1.0, 1.0, 1.0], seed=0)
    0.125
    >>> sign_flip_p([0.0, 0.0], seed=0)
    1.0
    """
    sample = _sample(differences)
    if not sample.any():
        return 1.0
    result = stats.permutation_test(
        (sample,),
        lambda flipped, axis: np.mean(flipped, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=N_RESAMPLES,
        batch=10_000,
        rng=np.random.default_rng(seed),
    )
    return float(min(result.pvalue, 1.0))


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
    return float(np.sign(np.subtract.outer(_sample(values), _sample(reference))).mean())


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected for many tests by Holm's step-down method.

    Parameters
    ----------
    p_values : sequence of float, shape (n,)
        Values in [0, 1].

    References
    ----------
    Holm (1979), https://www.jstor.org/stable/4615733.

    Examples
    --------
    >>> holm([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    return multipletests(p_values, method="holm")[1]


def verdict(effect: Effect, p_corrected: float, direction: int = 1) -> str:
    """Return the verdict on a claim, by the rule fixed before any run.

    Parameters
    ----------
    effect : Effect
        The measured effect.
    p_corrected : float
        Its p value after Holm's correction.
    direction : {1, -1}, default=1
        Sign that the claim gives the effect.

    Returns
    -------
    {"supported", "contradicted", "inconclusive"}
        Supported: corrected p < 0.05 and the interval lies on the claimed side of 0.
        Contradicted: the same on the other side. Inconclusive: anything else.

    Examples
    --------
    >>> verdict(Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20), 0.003)
    'supported'
    """
    if p_corrected < ALPHA and effect.low * effect.high > 0:
        return "supported" if effect.mean * direction > 0 else "contradicted"
    return "inconclusive"


def _sample(values: ArrayLike) -> np.ndarray:
    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or len(sample) < 2:
        raise ValueError(
            f"a sample of shape {sample.shape} has no spread: give one value for each of at least "
            "2 networks."
        )
    if not np.isfinite(sample).all():
        raise ValueError("a sample holds a value that is not finite: leave that network out.")
    return sample


def _standardised(mean: float, spread: float, freedom: int) -> float:
    if spread == 0:
        return 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    return float(mean / spread * (1 - 3 / (4 * freedom - 1)))
