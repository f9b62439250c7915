"""Measures over a range of densities, and the area below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from funcnet_utils.graphs._graph import plain
from funcnet_utils.graphs.build import spanning_density_graph
from funcnet_utils.graphs.small_world import small_world
from funcnet_utils.graphs.table import all_measures


class DensitySweep(dict[str, np.ndarray]):
    """The curve of each measure over densities, by name, each of shape (..., n_densities).

    Parameters
    ----------
    curves : dict of str to ndarray, shape (..., n_densities)
    densities : ndarray, shape (n_densities,)
    """

    def __init__(self, curves: dict[str, np.ndarray], densities: np.ndarray) -> None:
        super().__init__(curves)
        self.densities = densities

    @property
    def auc(self) -> dict[str, Any]:
        """The area under each curve, as `auc` defines it; NaN if the curve has a NaN.

        It needs at least 2 densities, in ascending order.
        """
        return {name: auc(curve, self.densities) for name, curve in self.items()}


def density_sweep(
    weights: np.ndarray,
    densities: Sequence[float] | np.ndarray,
    n_null: int = 20,
    seed: int = 0,
    labels: np.ndarray | None = None,
) -> DensitySweep:
    """Return every measure and index of small-worldness of weights cut at several densities.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; the diagonal is ignored.
    densities : sequence of float, length n_densities
        Densities of `spanning_density_graph`.
    n_null : int, default=20
        Number of rewired graphs of each graph, at least 1.
    seed : int, default=0
        Seed of the nulls and of the modularity.
    labels : ndarray of int, shape (n,), optional
        Group of each node; without it, participation and within_share are left out.

    Returns
    -------
    DensitySweep
        A dict from the names of `all_measures` and the fields of `SmallWorld` to arrays of shape
        (..., n_densities); its attribute `auc` has the area under each curve, of shape (...).

    Raises
    ------
    ValueError
        If weights, densities, labels or n_null are out of their range.

    Examples
    --------
    >>> w = np.random.default_rng(0).random((12, 12))
    >>> sweep = density_sweep((w + w.T) / 2, [0.3, 0.6], n_null=2)
    >>> sweep["sigma"].shape, sorted(sweep)[:2]
    ((2,), ['C', 'C_latt'])
    >>> bool(abs(sweep.auc["clustering"] - sweep["clustering"].mean()) < 1e-12)
    True
    """
    if not len(densities):
        raise ValueError("densities are empty: give at least one.")
    cuts = [spanning_density_graph(weights, float(density)) for density in densities]
    stack = np.stack(cuts, axis=-3)
    curves = all_measures(stack, seed, labels) | asdict(small_world(stack, n_null, seed))
    return DensitySweep(curves, np.asarray(densities, dtype=float))


def auc(values: np.ndarray, densities: Sequence[float] | np.ndarray) -> Any:
    """Return the area under a measure over densities, divided by the width of the sweep.

    Parameters
    ----------
    values : ndarray, shape (..., n_densities)
        A measure at each density.
    densities : ndarray, shape (n_densities,)
        Ascending, at least 2.

    Returns
    -------
    float or ndarray, shape (...)
        In the units of the measure: the mean over the sweep by the trapezoid rule.

    Raises
    ------
    ValueError
        If there are fewer than 2 densities, they do not ascend, or there is not one value each.

    References
    ----------
    Ginestet, Nichols, Bullmore, Simmons (2011), doi:10.1371/journal.pone.0021570.

    Examples
    --------
    >>> auc(np.array([1.0, 3.0]), np.array([0.1, 0.2]))
    2.0
    """
    grid, heights = np.asarray(densities, dtype=float), np.asarray(values, dtype=float)
    if grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0).all():
        raise ValueError(f"densities are {densities}: give at least 2, in ascending order.")
    if heights.shape[-1:] != grid.shape:
        raise ValueError(f"values have shape {heights.shape}: give {len(grid)} in the last axis.")
    return plain(np.asarray(np.trapezoid(heights, grid, axis=-1) / (grid[-1] - grid[0])))
