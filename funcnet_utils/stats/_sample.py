"""Checked samples: one finite number per network."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

ALPHA = 0.05
"""Level of all tests; intervals are of 1 - ALPHA."""


def checked(*values: ArrayLike, least: int = 2, ndim: int = 1) -> list[np.ndarray]:
    """Return samples of the same networks as floats, or say what is wrong with them.

    Parameters
    ----------
    *values : array_like, shape (n,) or, with `ndim` of 2, (n, m)
        One value, or a row of values, per network.
    least : int, default=2
        Smallest length of each axis.
    ndim : {1, 2}, default=1
        Dimensions.
    """
    samples = [np.asarray(each, dtype=float) for each in values]
    for sample in samples:
        if sample.ndim != ndim or min(sample.shape) < least:
            each = "a value" if ndim == 1 else "a row of at least 2 values"
            raise ValueError(
                f"a sample has shape {sample.shape}: give {each} of at least {least} networks."
            )
        if not np.isfinite(sample).all():
            raise ValueError("a sample holds a value that is not finite: leave that network out.")
    if len(sizes := {sample.shape for sample in samples}) > 1:
        raise ValueError(f"samples have shapes {sorted(sizes)}: give one of each per network.")
    return samples
