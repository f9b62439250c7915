"""Equivalence: evidence that a difference is too small to matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from funcnet_utils.stats._sample import ALPHA, checked_pairs


@dataclass(frozen=True)
class Equivalence:
    """The result of two one-sided tests.

    Parameters
    ----------
    mean : float
        Mean paired difference.
    low, high : float
        Its 90 % t interval, which lies within the bounds exactly when p < 0.05.
    bound : float
        Largest difference that does not matter, in the units of the measure.
    p : float
        The larger p value of the two one-sided tests.
    verdict : {"equivalent", "not shown"}
        "Not shown" is not evidence of a difference.
    """

    mean: float
    low: float
    high: float
    bound: float
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

    Returns
    -------
    Equivalence

    Raises
    ------
    ValueError
        If the bound is not above 0, the unit is unknown, or the samples are not finite pairs.

    References
    ----------
    Schuirmann (1987), doi:10.1007/BF01068419. Lakens (2017), doi:10.1177/1948550617697177.

    Examples
    --------
    >>> equivalence([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.1, 3.9], bound=0.5).verdict
    'equivalent'
    """
    a, b = checked_pairs(values, reference)
    if not 0 < bound < np.inf:
        raise ValueError(f"bound is {bound!r}: choose a number > 0.")
    if unit not in ("sd", "absolute"):
        raise ValueError(f'unit is {unit!r}: choose "sd" or "absolute".')
    if unit == "sd":
        bound = bound * float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    difference = a - b
    mean = float(difference.mean())
    if np.ptp(difference) == 0:
        p = 0.0 if abs(mean) < bound or mean == 0 else 1.0
        margin = 0.0
    else:
        p = float(ttost_paired(a, b, -bound, bound)[0])
        spread = difference.std(ddof=1) / np.sqrt(len(a))
        margin = float(stats.t.ppf(1 - ALPHA, len(a) - 1) * spread)
    found = "equivalent" if p < ALPHA else "not shown"
    return Equivalence(mean, mean - margin, mean + margin, bound, p, found)
