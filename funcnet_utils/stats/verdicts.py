"""Corrections for many tests, and verdicts on claims, by a rule fixed before any run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from funcnet_utils.stats.effects import Effect
from funcnet_utils.stats.resampling import ALPHA

if TYPE_CHECKING:
    import pandas as pd


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

    Calling all below 0.05 discoveries keeps the expected share of false ones below 5 %; all tables
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


def verdict(effect: Effect, p_corrected: float, direction: int = 1) -> str:
    """Return the verdict on one effect, by the rule fixed before any run.

    "supported": p < 0.05 and the interval lies on the claimed side of 0. "contradicted": the same
    on the other side. "inconclusive": anything else.

    Parameters
    ----------
    effect : Effect
        An effect with its interval.
    p_corrected : float
        Its p value, corrected for the number of claims.
    direction : {1, -1}, default=1
        Sign that the claim gives the effect.

    Examples
    --------
    >>> verdict(Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20), 0.003)
    'supported'
    """
    return str(_words(effect.mean, effect.low, effect.high, p_corrected, direction))


def _words(
    effect: ArrayLike, low: ArrayLike, high: ArrayLike, p: ArrayLike, direction: ArrayLike
) -> np.ndarray:
    """Return verdicts; inconclusive, too, where an effect is NaN."""
    sure = np.less(p, ALPHA) & (np.multiply(low, high) > 0)
    claimed = np.multiply(effect, direction) > 0
    return np.select([sure & claimed, sure], ["supported", "contradicted"], "inconclusive")


def judged(
    table: pd.DataFrame, *, holm: bool = True, controls: bool = True, control_holm: bool = True
) -> np.ndarray:
    """Return the verdicts of a table of claims, by the rule fixed before any run or by another one.

    Parameters
    ----------
    table : DataFrame
        Columns effect, low, high, p, p_holm and direction, and for what is left of the effect after
        its control left, left_low, left_high, left_p and left_p_holm, NaN where there is none.
    holm : bool, default=True
        Correct p over the claims.
    controls : bool, default=True
        Let "explained away" replace verdicts that are other ones, or inconclusive, for what is
        left of the effect.
    control_holm : bool, default=True
        Correct p over the controls, too.

    Returns
    -------
    ndarray of str, shape (n_claims,)
        With all three, the verdicts of the rule fixed before any run.
    """
    direction = table["direction"]
    p, left_p = table["p_holm" if holm else "p"], table["left_p_holm" if control_holm else "left_p"]
    words = _words(table["effect"], table["low"], table["high"], p, direction)
    left = _words(table["left"], table["left_low"], table["left_high"], left_p, direction)
    gone = table["left"].notna() & (words != "inconclusive") & (words != left)
    return np.where(gone & controls, "explained away", words)
