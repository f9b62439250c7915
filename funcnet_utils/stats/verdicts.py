"""Corrections for many tests, and the two words of a claim: about its effect, and its control."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.stats.effects import Effect
from funcnet_utils.stats.resampling import ALPHA, POWER, checked, t_interval


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected for many tests by Holm's step-down method.

    It bounds the probability of even one false discovery; the primary table uses it.

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
    p = _checked(p_values)
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(steps, 1)[np.argsort(order)]


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected by Benjamini and Hochberg's step-up method.

    Calling all below 0.05 discoveries keeps the expected share of false ones below 5%; all tables
    but the primary one use it.

    Parameters
    ----------
    p_values : sequence of float, shape (n,)
        Values in [0, 1].

    References
    ----------
    Benjamini, Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    p = _checked(p_values)
    return stats.false_discovery_control(p) if len(p) else p


def _checked(p_values: ArrayLike) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p values are not a list of numbers in [0, 1]: leave out tests not made.")
    return p


PART = 1 / 3
"""Share of an effect: what is left and lies within it, either side of 0, is explained."""


def verdict(effect: Effect, p_corrected: float, direction: int = 1, *, within: bool = False) -> str:
    """Return the word about one effect, by the rule of the protocol.

    An effect is sure if p < 0.05 and its interval excludes 0. "supported": sure, on the claimed
    side of 0. "contradicted": sure, on the other side. Within the smallest effect of interest these
    are ", negligible", and an effect that is not sure is "equivalent". "inconclusive": the rest.

    Parameters
    ----------
    effect : Effect
        An effect with its interval.
    p_corrected : float
        Its p value, corrected for the number of claims.
    direction : {1, -1}, default=1
        Sign that the claim gives the effect.
    within : bool, default=False
        Whether `equivalence` shows the effect to lie within the smallest effect of interest.

    Examples
    --------
    >>> effect = Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20)
    >>> verdict(effect, 0.003), verdict(effect, 0.003, -1, within=True)
    ('supported', 'contradicted, negligible')
    """
    if p_corrected < ALPHA and effect.low * effect.high > 0:
        word = "supported" if effect.mean * direction > 0 else "contradicted"
        return f"{word}, negligible" if within else word
    return "equivalent" if within else "inconclusive"


def control_word(effect: ArrayLike, left: ArrayLike) -> str:
    """Return the word about the control of an effect, from pairs, by the rule of the protocol.

    "explained": the 90% t intervals of left - effect / 3 and of left + effect / 3 lie on either
    side of 0. "holds": the 95% t interval of left excludes 0 on the side of the effect.
    "reversed": on the other side. "undecided": none of these.

    Parameters
    ----------
    effect, left : sequence of float, shape (n,)
        The difference of each pair, and what its control leaves of it; n >= 2.

    Examples
    --------
    >>> effect = [2.9, 3.0, 3.1, 3.2]
    >>> control_word(effect, [2.8, 3.1, 3.0, 3.3]), control_word(effect, [0.1, -0.1, 0.0, 0.1])
    ('holds', 'explained')
    """
    whole, rest = checked(effect, left)
    side = -1.0 if whole.mean() < 0 else 1.0
    whole, rest = side * whole, side * rest
    _, below = t_interval(rest - PART * whole, 1 - 2 * ALPHA)
    above, _ = t_interval(rest + PART * whole, 1 - 2 * ALPHA)
    if below < 0 < above:
        return "explained"
    low, high = t_interval(rest)
    return "holds" if low > 0 else "reversed" if high < 0 else "undecided"


def pairs_needed(spread: float, bound: float, n_claims: int = 1) -> int:
    """Return how many pairs find an effect as large as a bound with a probability of 80%.

    They are never fewer than sign flips need to reach a corrected p below 0.05.

    Parameters
    ----------
    spread : float
        Standard deviation of the paired differences, >= 0.
    bound : float
        Smallest effect of interest, > 0, in the same units.
    n_claims : int, default=1
        Claims that Holm's correction counts.

    Examples
    --------
    >>> pairs_needed(1.0, 0.5)
    32
    """
    steps = stats.norm.ppf(1 - ALPHA / (2 * n_claims)) + stats.norm.ppf(POWER)
    least = math.floor(math.log2(2 * n_claims / ALPHA)) + 1
    return max(least, math.ceil((steps * spread / bound) ** 2))
