"""Multi-threshold permutation correction: paired tests over a sweep of densities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.errors import check_int, check_rising
from funcnet_utils.stats.resampling import (
    ALPHA,
    N_PERMUTATIONS,
    checked,
    flips,
    share_as_extreme,
)


@dataclass(frozen=True)
class SweepTest:
    """A paired difference over a sweep of densities.

    Parameters
    ----------
    statistic : ndarray, shape (n_densities,)
        Paired t of each density.
    critical : float
        Value that the largest ``|t|`` of the sweep exceeds by chance in at most 5 % of the flips.
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
    t = _paired_t(a - b, flips(len(a), N_PERMUTATIONS, seed))
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
