"""Checked samples: one finite number per network."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

ALPHA = 0.05
"""Level of all tests; intervals are of 1 - ALPHA."""


def checked(*values: ArrayLike, least: int = 2) -> list[np.ndarray]:
    """Return samples of the same networks as floats, or say what is wrong with them."""
    samples = [np.asarray(each, dtype=float) for each in values]
    for sample in samples:
        if sample.ndim != 1 or len(sample) < least:
            raise ValueError(
                f"a sample has shape {sample.shape}: give one value of each of at least {least} "
                "networks."
            )
        if not np.isfinite(sample).all():
            raise ValueError("a sample holds a value that is not finite: leave that network out.")
    if len(lengths := {len(sample) for sample in samples}) > 1:
        raise ValueError(f"samples have {sorted(lengths)} values: give one of each per network.")
    return samples
