"""What a persistence diagram says, in numbers and curves."""

from __future__ import annotations

import numpy as np

from funcnet_utils.errors import as_numbers, check_real

N_LAYERS = 5  # of a landscape
PIXELS, BUMP = 20, 0.05  # of an image: along each axis, and the standard deviation of a point


def loops(diagram: np.ndarray, min_lifetime: float = 0.0) -> int:
    """Return the number of points of a diagram that live longer than a lifetime.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths; points that never die count.
    min_lifetime : float, default=0.0
        Lifetime, >= 0, that a point must exceed.
    """
    check_real("min_lifetime", min_lifetime, 0, np.inf)
    points = checked(diagram)
    return int((points[:, 1] - points[:, 0] > min_lifetime).sum())


def betti_curve(diagram: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return how many features are alive at each filtration value, shape (k,).

    A point is alive at t if birth <= t < death.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths.
    grid : ndarray, shape (k,)
        Filtration values, such as ``np.linspace(0, 1, 101)``.

    Examples
    --------
    >>> betti_curve(np.array([[0.1, 0.3], [0.2, 0.5]]), [0.0, 0.1, 0.2, 0.3, 0.5]).tolist()
    [0, 1, 2, 1, 0]
    """
    points, values = np.sort(checked(diagram), axis=0), as_numbers("grid", grid, ndim=1)
    born, dead = (np.searchsorted(column, values, side="right") for column in points.T)
    return born - dead


def summary(diagram: np.ndarray) -> dict[str, float]:
    """Return the usual scalars of a diagram; points that never die are left out.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths.

    Returns
    -------
    dict of str to float
        count, count_005 (lifetime above 0.05), total, mean and max lifetime, l2 (root of the sum
        of squared lifetimes, the "functional persistence" of Zhang et al. 2024), entropy (of the
        lifetimes as shares of their total, in nats). All 0 for an empty diagram.

    References
    ----------
    Chintakunta et al. (2015), doi:10.1016/j.patcog.2014.06.023 (entropy).

    Examples
    --------
    >>> scalars = summary(np.array([[0.0, 0.3], [0.0, 0.4], [0.0, np.inf]]))
    >>> scalars["count"], round(scalars["total"], 3), round(scalars["l2"], 3)
    (2.0, 0.7, 0.5)
    """
    lifetimes = np.diff(finite_points(diagram), axis=1)[:, 0]
    total = lifetimes.sum()
    shares = lifetimes[lifetimes > 0] / (total or 1.0)
    return {
        "count": float(len(lifetimes)),
        "count_005": float((lifetimes > 0.05).sum()),
        "total": float(total),
        "mean": float(lifetimes.mean()) if len(lifetimes) else 0.0,
        "max": float(lifetimes.max(initial=0.0)),
        "l2": float(np.sqrt((lifetimes**2).sum())),
        "entropy": float(-(shares * np.log(shares)).sum() + 0.0),
    }


def landscape(diagram: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the first five layers of the persistence landscape, shape (5, k).

    Each point is a tent of height lifetime / 2 over its middle; layer k is the k-th highest tent.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths; points that never die are left out.
    grid : ndarray, shape (k,)
        Filtration values.

    References
    ----------
    Bubenik (2015), https://jmlr.org/papers/v16/bubenik15a.html.
    """
    padded = np.pad(_tents(diagram, grid), ((0, N_LAYERS), (0, 0)))
    return -np.sort(-padded, axis=0)[:N_LAYERS]


def silhouette(diagram: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the silhouette, shape (k,): the mean tent, weighted by the lifetimes.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths; points that never die are left out.
    grid : ndarray, shape (k,)
        Filtration values.

    References
    ----------
    Chazal et al. (2014), doi:10.1145/2582112.2582128.
    """
    points = finite_points(diagram)
    parts = points[:, 1] - points[:, 0]
    return parts @ _tents(points, grid) / (parts.sum() or 1.0)


def persistence_image(diagram: np.ndarray) -> np.ndarray:
    """Return the persistence image, shape (20, 20): a smooth density of births and lifetimes.

    Each point is a normal bump at (birth, lifetime), of standard deviation 0.05 and weighted by its
    lifetime. Densities are at the centres of pixels over [0, 1]; rows are lifetimes, columns
    births.

    Parameters
    ----------
    diagram : ndarray, shape (m, 2)
        Births and deaths; points that never die are left out.

    References
    ----------
    Adams et al. (2017), https://jmlr.org/papers/v18/16-337.html.
    """
    points = finite_points(diagram)
    lifetimes = points[:, 1] - points[:, 0]
    centres = (np.arange(PIXELS) + 0.5) / PIXELS
    across = np.exp(-0.5 * ((centres[None] - points[:, :1]) / BUMP) ** 2)
    along = np.exp(-0.5 * ((centres[None] - lifetimes[:, None]) / BUMP) ** 2)
    return (along * lifetimes[:, None]).T @ across / (2 * np.pi * BUMP**2)


def finite_points(diagram: np.ndarray) -> np.ndarray:
    """Return the checked points of a diagram that die, as float64."""
    points = checked(diagram)
    return points[np.isfinite(points[:, 1])]


def checked(diagram: np.ndarray) -> np.ndarray:
    """Return the points of a diagram as float64, shape (m, 2), or refuse it."""
    points = as_numbers("a diagram", diagram, finite=False).astype(np.float64)
    if points.size == 0:
        return np.zeros((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"a diagram has shape {points.shape}: give births and deaths, (m, 2).")
    if not np.isfinite(points[:, 0]).all() or not (points[:, 1] >= points[:, 0]).all():
        raise ValueError(
            "a diagram has a birth that is not finite or comes after its death: leave it out."
        )
    return points


def _tents(diagram: np.ndarray, grid: np.ndarray) -> np.ndarray:
    points, values = finite_points(diagram), as_numbers("grid", grid, ndim=1)
    rising, falling = values[None] - points[:, :1], points[:, 1:] - values[None]
    return np.maximum(np.minimum(rising, falling), 0)
