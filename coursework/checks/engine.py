"""Checks of the chapter on speed."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Solution, exercise
from funcnet_utils import topology


@exercise("pf-ex-2")
def reduced_assignment() -> Solution:
    """Wasserstein-2 distance of the two diagrams."""
    one, two = toys.diagrams()
    right = topology.wasserstein(one, two)
    ways = [((points[:, 1] - points[:, 0]) ** 2).sum() / 2 for points in (one, two)]
    return Solution(
        right,
        squared=right**2,
        diagonal=float(np.sqrt(sum(ways))),
        order=topology.wasserstein(one, two, order=1),
    )


@exercise("pf-ex-3")
def merged_moments(signals: np.ndarray) -> Solution:
    """Return the largest co-moment, and the digits of it that sums of products keep."""
    samples = signals.T - 1e6 * np.round(signals.mean() / 1e6)  # a reader may have shifted them
    n, half = len(samples), len(samples) // 2
    truth = np.cov(samples.T, ddof=0) * n
    parts = sum(np.cov(part.T, ddof=0) * len(part) for part in (samples[:half], samples[half:]))
    largest = truth.max()

    def digits(shifted: np.ndarray) -> float:
        means = shifted.mean(axis=0)
        sums = shifted.T @ shifted - n * np.outer(means, means)
        return float(-np.log10(np.abs(sums - truth).max() / largest))

    kept = digits(samples + 1e6)
    return Solution(
        [largest, kept],
        tolerance=[1e-6 * largest, 0.3],  # another order of the sums errs by up to twice as much
        parts=[np.max(parts), kept],
        mean=[largest / n, kept],
        mean2=[largest / (n - 1), kept],
        lost=[largest, 16 - kept],
        unshifted=[largest, digits(samples)],
    )
