"""Checked samples: one finite number a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

ALPHA = 0.05


def checked(values: ArrayLike, least: int = 2) -> np.ndarray:
    """Return a sample as floats, or say what is wrong with it."""
    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or len(sample) < least:
        raise ValueError(
            f"a sample of shape {sample.shape} has no spread: give one value for each of at least "
            f"{least} networks."
        )
    if not np.isfinite(sample).all():
        raise ValueError("a sample holds a value that is not finite: leave that network out.")
    return sample


def checked_pairs(
    values: ArrayLike, reference: ArrayLike, least: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Return two samples whose networks come in pairs."""
    a, b = checked(values, least), checked(reference, least)
    if len(a) != len(b):
        raise ValueError(
            f"there are {len(a)} values and {len(b)} references: give one of each a network."
        )
    return a, b
