"""Effects: how large a difference is, that it is too small to matter, or where in a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.errors import check_choice, check_int, check_rising
from funcnet_utils.stats.resampling import (
    ALPHA,
    bootstrap_interval,
    checked,
    flips,
    share_as_extreme,
    sign_flip_p,
)


@dataclass(frozen=True)
class Effect:
    """A mean difference over networks, with its uncertainty.

    Parameters
    ----------
    mean : float
        Mean of the differences, in the units of the measure.
    low, high : float
        95% bias-corrected and accelerated (BCa) bootstrap interval of the mean.
    cliffs_delta : float
        Share of pairs of networks with the larger value in the arm, minus the share with the
        larger one in the reference, in [-1, 1].
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

    Examples
    --------
    >>> effect = paired_effect([3.0, 4.0, 5.0], [1.0, 2.0, 3.0], seed=0)
    >>> effect.mean, effect.low, effect.high, effect.p
    (2.0, 2.0, 2.0, 0.25)
    """
    a, b = checked(values, reference)
    return _effect(a - b, cliffs_delta(a, b), hedges_g(a, b), seed)


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
    """
    (a,) = checked(values)
    difference = a - reference
    g = _standardised(difference.mean(), a.std(ddof=1), len(a) - 1)
    return _effect(difference, float(np.sign(difference).mean()), g, seed)


def _effect(difference: np.ndarray, delta: float, g: float, seed: int) -> Effect:
    low, high = bootstrap_interval(difference, seed)
    p = sign_flip_p(difference, seed)
    return Effect(float(difference.mean()), low, high, delta, g, p, len(difference))


def cliffs_delta(values: ArrayLike, reference: ArrayLike) -> float:
    """Return the share of pairs with value > reference minus that with value < reference.

    Parameters
    ----------
    values, reference : sequence of float
        Two samples of at least 2 networks each.

    References
    ----------
    Cliff (1993), doi:10.1037/0033-2909.114.3.494.

    Examples
    --------
    >>> cliffs_delta([2, 3], [1, 2])
    0.75
    """
    (a,), (b,) = checked(values), checked(reference)
    return float(np.sign(np.subtract.outer(a, b)).mean())


def hedges_g(values: ArrayLike, reference: ArrayLike) -> float:
    """Return the difference of two means in pooled standard deviations, for small samples.

    Cohen's d with the pooled variance, times 1 - 3 / (4 * degrees of freedom - 1). Pairing does
    not enter, so the values of paired and independent designs can be compared. Infinite where there
    is a difference and no spread.

    Parameters
    ----------
    values, reference : sequence of float
        Two samples of at least 2 networks each.

    References
    ----------
    Hedges (1981), doi:10.3102/10769986006002107.
    """
    (a,), (b,) = checked(values), checked(reference)
    freedom = len(a) + len(b) - 2
    variance = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / freedom
    return _standardised(a.mean() - b.mean(), np.sqrt(variance), freedom)


def _standardised(mean: float, spread: float, freedom: int) -> float:
    if spread == 0:
        return 0.0 if mean == 0 else float(np.copysign(np.inf, mean))
    return float(mean / spread * (1 - 3 / (4 * freedom - 1)))


@dataclass(frozen=True)
class Equivalence:
    """The result of two one-sided tests.

    Parameters
    ----------
    p : float
        The larger p value of the two one-sided tests.
    verdict : {"equivalent", "not shown"}
        "Not shown" is not evidence of a difference.
    """

    p: float
    verdict: str


def equivalence(
    values: ArrayLike, reference: ArrayLike, bound: float, unit: str = "sd"
) -> Equivalence:
    """Test whether two arms whose networks come in pairs are equivalent (TOST).

    Parameters
    ----------
    values, reference : sequence of float, shape (n,)
        The measure of network k in the arm and in the reference arm, n >= 2.
    bound : float
        Differences within (-bound, bound) do not matter, > 0. Fix it before the run.
    unit : {"sd", "absolute"}, default="sd"
        "sd": the bound counts pooled standard deviations of the two arms, the scale of
        `hedges_g`. "absolute": it is in the units of the measure.

    References
    ----------
    Schuirmann (1987), doi:10.1007/BF01068419. Lakens (2017), doi:10.1177/1948550617697177.
    """
    a, b = checked(values, reference)
    if not 0 < bound < np.inf:
        raise ValueError(f"bound is {bound!r}: choose a number > 0.")
    check_choice("unit", unit, ("sd", "absolute"))
    if unit == "sd":
        bound = bound * float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    difference = a - b
    if np.ptp(difference) == 0:
        p = 0.0 if abs(difference[0]) < bound or difference[0] == 0 else 1.0
    else:
        above = stats.ttest_1samp(difference, -bound, alternative="greater").pvalue
        below = stats.ttest_1samp(difference, bound, alternative="less").pvalue
        p = float(max(above, below))
    return Equivalence(p, "equivalent" if p < ALPHA else "not shown")


@dataclass(frozen=True)
class SweepTest:
    """A paired difference over a sweep of densities.

    Parameters
    ----------
    statistic : ndarray, shape (n_densities,)
        Paired t of each density.
    critical : float
        Value that the largest ``|t|`` of the sweep exceeds by chance in at most 5% of the flips.
    p : float
        Share of flips with at least the area of ``|t|`` above the critical value over the
        densities; 1 where that value is not reached.
    survives : tuple of float
        Densities where ``|t|`` exceeds the critical value.
    verdict : {"different", "not shown"}
        Different: p < 0.05 and the area exceeds the mean of those of the flips that have one.
    """

    statistic: np.ndarray
    critical: float
    p: float
    survives: tuple[float, ...]
    verdict: str


def mtpc(
    values: ArrayLike,
    reference: ArrayLike,
    densities: Sequence[float] | np.ndarray,
    seed: int,
) -> SweepTest:
    """Compare two paired arms over a sweep of densities: multi-threshold permutation correction.

    The signs of whole networks are flipped, so the dependence between densities is kept. The
    critical value comes from the largest ``|t|`` of each flip, and the area above it is compared
    with that of the flips. Each density stands for the part of the axis nearest to it within the
    sweep, so one density alone has an area as well. All flips are tried up to
    13 networks, 9,999 random ones beyond.

    Parameters
    ----------
    values, reference : array_like, shape (n, n_densities)
        The measure of network k at each density in the arm and in the reference arm, n >= 2.
    densities : sequence of float, shape (n_densities,)
        Ascending, at least 2.
    seed : int
        Seed of the random flips.

    References
    ----------
    Drakesmith et al. (2015), doi:10.1016/j.neuroimage.2015.05.011.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(12, 3))
    >>> mtpc(noise + [0, 0, 4], np.zeros((12, 3)), [0.02, 0.05, 0.1], seed=0).survives
    (0.1,)
    """
    a, b = checked(values, reference, ndim=2)
    sweep = np.asarray(check_rising("densities", densities, np.inf), dtype=float)
    if a.shape[1] != len(sweep):
        raise ValueError(f"{len(sweep)} densities, {a.shape[1]} columns: give a column for each.")
    check_int("seed", seed, 0)
    t = _paired_t(a - b, flips(len(a), seed))
    largest = np.sort(np.abs(t).max(axis=1))
    critical = float(largest[int(np.ceil((1 - ALPHA) * len(largest))) - 1])
    # values that differ by rounding are ties
    excess = np.where(np.abs(t) > critical * (1 + 1e-9), np.abs(t) - critical, 0.0)
    middles = (sweep[1:] + sweep[:-1]) / 2
    areas = excess @ np.diff(np.concatenate([sweep[:1], middles, sweep[-1:]]))
    survives = excess[0] > 0
    p = share_as_extreme(areas) if survives.any() else 1.0
    differ = p < ALPHA and 0 < areas[0] >= areas[areas > 0].mean()
    where = tuple(sweep[survives].tolist())
    return SweepTest(t[0], critical, p, where, "different" if differ else "not shown")


def _paired_t(differences: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Return paired t for each row of signs and each column, 0 where there is no difference."""
    n = len(differences)
    largest = np.abs(differences).max(axis=0)
    differences = differences / np.where(largest > 0, largest, 1.0)
    size = np.sqrt((differences**2).mean(axis=0))  # root mean square, the same for all signs
    ratio = np.clip(signs @ differences / n / np.where(size > 0, size, 1.0), -1, 1)
    # t is finite where all differences are equal and the ratio is 1
    return np.sqrt(n - 1) * ratio / np.sqrt(np.maximum(1 - ratio**2, 1e-12))
