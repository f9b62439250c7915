"""Sliced Wasserstein distances from signed distribution functions, each sorted once."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel


def steps(points: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the signed distribution function of a diagram steps, and its values there.

    In each direction a point counts 1 and its projection to the diagonal -1. The difference of the
    functions of two diagrams is the one of each joined by the projections of the other.

    Parameters
    ----------
    points : ndarray, shape (m, 2)
    directions : ndarray, shape (2, k)

    Returns
    -------
    places : ndarray, shape (k, 2 m)
        Ascending.
    values : ndarray of int32, shape (k, 2 m)
        The function from a place to the next.
    """
    flat = np.repeat(points.mean(axis=1, keepdims=True), 2, axis=1)
    places = (np.vstack([points, flat]) @ directions).T
    order = np.argsort(places, axis=1, kind="stable")
    signs = np.where(order < len(points), 1, -1)
    return np.take_along_axis(places, order, 1), np.cumsum(signs, axis=1, dtype=np.int32)


@kernel
def area_between(a_places, a_values, b_places, b_values):  # type: ignore[no-untyped-def]
    """Return the area between two functions of steps, summed over directions."""
    total = 0.0
    n, m = a_places.shape[1], b_places.shape[1]
    for k in range(len(a_places)):
        i = j = 0
        height = a_height = b_height = 0
        last = 0.0
        while i < n or j < m:
            if j == m or (i < n and a_places[k, i] <= b_places[k, j]):
                place = a_places[k, i]
                a_height = a_values[k, i]
                i += 1
            else:
                place = b_places[k, j]
                b_height = b_values[k, j]
                j += 1
            total += (place - last) * height
            height = abs(a_height - b_height)
            last = place
    return total
