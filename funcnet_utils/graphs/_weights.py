"""The check of a weight matrix before any use."""

from __future__ import annotations

import numpy as np

from funcnet_utils.graphs._bits import kernel

ROUNDING = 1e-9


def check_weights(weights: np.ndarray) -> np.ndarray:
    """Return the weights as float64 after checking them.

    Asymmetry within rounding, as `numpy.corrcoef` leaves it, is averaged away.
    """
    given = np.asarray(weights)
    if given.dtype.kind not in "fiub":
        raise ValueError(f"weights have type {given.dtype}: give real numbers.")
    if given.ndim < 2 or given.shape[-1] != given.shape[-2]:
        raise ValueError(f"weights have shape {given.shape}: give square matrices (..., n, n).")
    stack = np.ascontiguousarray(given, dtype=np.float64)
    if stack.size == 0:
        return stack
    lowest, highest = float(stack.min()), float(stack.max())
    if not np.isfinite([lowest, highest]).all():
        raise ValueError("weights hold NaN or infinity: drop dead units before building a graph.")
    if lowest < 0:
        raise ValueError(
            f"weights go down to {lowest:g}, and must be >= 0: take np.abs of correlations."
        )
    precision = 64 * float(np.finfo(given.dtype).eps) if given.dtype.kind == "f" else 0.0
    n = stack.shape[-1]
    gap = max(_asymmetry(matrix) for matrix in stack.reshape(-1, n, n))
    if gap > max(ROUNDING, precision) * highest:
        raise ValueError(
            f"weights are not symmetric, w[i, j] and w[j, i] differ by up to {gap:g}: "
            "use (w + w.T) / 2 if both halves mean the same."
        )
    return (stack + np.swapaxes(stack, -1, -2)) / 2 if gap else stack


@kernel
def _asymmetry(weights):  # type: ignore[no-untyped-def]
    """Return the largest difference between the two halves, read in square tiles."""
    n, tile, gap = len(weights), 32, 0.0
    for p in range(0, n, tile):
        for q in range(p, n, tile):
            for i in range(p, min(p + tile, n)):
                for j in range(q, min(q + tile, n)):
                    gap = max(gap, abs(weights[i, j] - weights[j, i]))
    return gap
