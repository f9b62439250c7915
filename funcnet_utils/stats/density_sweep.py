"""Paired tests over a sweep of densities, corrected for looking at many of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.stats._sample import ALPHA
from funcnet_utils.stats.resampling import flips, share_as_extreme


@dataclass(frozen=True)
class SweepTest:
    """A paired difference over a sweep of densities.

    Parameters
    ----------
    statistic : ndarray, shape (n_densities,)
        Paired t of each density.
    critical : float
        Value that the largest ``|t|`` of the sweep exceeds by chance in at most 5 % of the flips.
    area : float
        Area of ``|t|`` above the critical value over the densities.
    critical_area : float
        Mean of that area over the flips where there is one; 0 if there is none.
    p : float
        Share of flips with at least this area; 1 where the critical value is not reached.
    survives : tuple of float
        Densities where ``|t|`` exceeds the critical value.
    sign : {1, -1, 0}
        Direction over the surviving densities; 0 if there are none or they disagree.
    verdict : {"different", "not shown"}
        Different: p < 0.05 and the area exceeds the critical area.
    """

    statistic: np.ndarray
    critical: float
    area: float
    critical_area: float
    p: float
    survives: tuple[float, ...]
    sign: int
    verdict: str


def mtpc(
    values: ArrayLike,
    reference: ArrayLike,
    densities: ArrayLike,
    seed: int,
    n_permutations: int = 9_999,
) -> SweepTest:
    """Compare two paired arms over a sweep of densities: multi-threshold permutation correction.

    The signs of whole networks are flipped, so the dependence between densities is kept. The
    critical value comes from the largest ``|t|`` of each flip, and the area above it is compared
    with that of the flips. Each density stands for the part of the axis nearest to it within the
    sweep, so one density alone has an area as well. All flips are tried if there are not more
    than `n_permutations`.

    Parameters
    ----------
    values, reference : array_like, shape (n, n_densities)
        The measure of network k at each density in the arm and in the reference arm, n >= 2.
    densities : sequence of float, shape (n_densities,)
        Ascending, at least 2.
    seed : int
        Seed of the random flips.
    n_permutations : int, default=9999
        Flips, at least 100.

    Returns
    -------
    SweepTest

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, densities do not ascend, or there are
        fewer than 100 permutations.

    References
    ----------
    Drakesmith et al. (2015), doi:10.1016/j.neuroimage.2015.05.011.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(12, 3))
    >>> mtpc(noise + [0, 0, 4], np.zeros((12, 3)), [0.02, 0.05, 0.1], seed=0).survives
    (0.1,)
    """
    a, b = np.asarray(values, dtype=float), np.asarray(reference, dtype=float)
    sweep = np.asarray(densities, dtype=float)
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] != len(sweep) or min(a.shape) < 2:
        raise ValueError(
            f"values have shape {a.shape}, references {b.shape}, densities {sweep.shape}: give a "
            "row for each of at least 2 networks and a column for each of at least 2 densities."
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a value is not finite: leave that network or that density out.")
    if not (np.diff(sweep) > 0).all():
        raise ValueError("densities do not ascend: sort them and keep each once.")
    if n_permutations < 100:
        raise ValueError(f"n_permutations is {n_permutations}: choose at least 100.")

    signs = flips(len(a), n_permutations, seed)
    t = _paired_t(a - b, signs)
    size = np.abs(t)
    largest = np.sort(size.max(axis=1))
    critical = largest[int(np.ceil((1 - ALPHA) * len(largest))) - 1]
    # values that differ by rounding are ties
    excess = np.where(size > critical * (1 + 1e-9), size - critical, 0.0)
    areas = excess @ _widths(sweep)
    survives = excess[0] > 0
    p = share_as_extreme(areas) if survives.any() else 1.0
    critical_area = float(areas[areas > 0].mean()) if areas.any() else 0.0
    directions = set(np.sign(t[0, survives]).astype(int).tolist())
    different = p < ALPHA and areas[0] > 0 and areas[0] >= critical_area
    return SweepTest(
        statistic=t[0],
        critical=float(critical),
        area=float(areas[0]),
        critical_area=critical_area,
        p=p,
        survives=tuple(sweep[survives].tolist()),
        sign=directions.pop() if len(directions) == 1 else 0,
        verdict="different" if different else "not shown",
    )


def _paired_t(differences: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Return paired t for each row of signs and each column, 0 where there is no difference."""
    n = len(differences)
    power = np.sqrt((differences**2).mean(axis=0))
    # mean over root mean square, in [-1, 1]; it grows with t, which is kept finite
    ratio = signs @ differences / n / np.where(power > 0, power, 1.0)
    ratio = np.clip(ratio, -1, 1)
    return np.sqrt(n - 1) * ratio / np.sqrt(np.maximum(1 - ratio**2, 1e-12))


def _widths(sweep: np.ndarray) -> np.ndarray:
    middles = (sweep[1:] + sweep[:-1]) / 2
    return np.diff(np.concatenate([sweep[:1], middles, sweep[-1:]]))
