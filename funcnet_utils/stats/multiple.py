"""Many tests at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected for many tests by Holm's step-down method.

    It bounds the probability of even one false discovery; the primary table uses it.

    Parameters
    ----------
    p_values : sequence of float, shape (n,)
        Values in [0, 1].

    Raises
    ------
    ValueError
        If a value lies outside [0, 1].

    References
    ----------
    Holm (1979), https://www.jstor.org/stable/4615733.

    Examples
    --------
    >>> holm([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    return _corrected(p_values, "holm")


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """Return p values corrected by Benjamini and Hochberg's step-up method.

    Calling all below 0.05 discoveries keeps the expected share of false ones below 5 %; all tables
    but the primary one use it.

    Parameters
    ----------
    p_values : sequence of float, shape (n,)
        Values in [0, 1].

    Raises
    ------
    ValueError
        If a value lies outside [0, 1].

    References
    ----------
    Benjamini, Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    return _corrected(p_values, "fdr_bh")


def _corrected(p_values: ArrayLike, method: str) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p values are not a list of numbers in [0, 1]: leave out tests not made.")
    return multipletests(p, method=method)[1] if len(p) else p
