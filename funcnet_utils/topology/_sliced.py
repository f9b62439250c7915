"""Sliced Wasserstein distances from signed distribution functions, each sorted once."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, kernel


def steps(points: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the signed distribution function of a diagram steps, up or down.

    In each direction a point counts 1 and its projection to the diagonal -1. The difference of the
    functions of two diagrams is the one of each joined by the projections of the other.

    Parameters
    ----------
    points : ndarray, shape (m, 2)
    directions : ndarray, shape (2, k)

    Returns
    -------
    places : ndarray, shape (k, 2 m + 1)
        Ascending, the last one infinity.
    signs : ndarray, shape (k, 2 m + 1)
        1 or -1.
    """
    m, along = len(points), directions.sum(axis=0)
    lifted, flat = np.full((2, len(along), m + 1), np.inf)
    lifted[:, :m] = directions.T @ points.T
    lifted.sort(axis=1)
    # on the diagonal all directions have the same order, or the opposite one
    flat[:, :m] = np.outer(along, np.sort(points.mean(axis=1)))
    flat[along < 0, :m] = flat[along < 0, :m][:, ::-1]
    return _merged(lifted, flat)


@kernel
def _merged(lifted, flat):  # type: ignore[no-untyped-def]
    width = 2 * lifted.shape[1] - 1
    places, signs = np.full((len(lifted), width), np.inf), np.ones((len(lifted), width))
    for k in range(len(lifted)):
        a, b, place, sign = lifted[k], flat[k], places[k], signs[k]
        i = j = ONE - ONE  # unsigned places and no branches: half of the guesses would be wrong
        for step in range(width - 1):
            up = a[i] <= b[j]
            place[step] = min(a[i], b[j])
            sign[step] = 1.0 if up else -1.0
            i += np.uint64(up)
            j += ONE - np.uint64(up)
    return places, signs


@kernel
def area_between(a_places, a_signs, b_places, b_signs):  # type: ignore[no-untyped-def]
    """Return the area between two functions of steps, summed over an even number of directions.

    Two directions at a time, so that a processor can work on one while the other waits.
    """
    total = more = 0.0
    for k in range(0, len(a_places), 2):
        a, b, a_sign, b_sign = a_places[k], b_places[k], a_signs[k], b_signs[k]
        c, d, c_sign, d_sign = a_places[k + 1], b_places[k + 1], a_signs[k + 1], b_signs[k + 1]
        h = i = j = g = ONE - ONE
        height = last = other_height = other_last = 0.0
        for _ in range(len(a) + len(b) - 2):
            first, other_first = a[h] <= b[i], c[j] <= d[g]
            place, other_place = min(a[h], b[i]), min(c[j], d[g])
            up, down, other_up, other_down = a_sign[h], -b_sign[i], c_sign[j], -d_sign[g]
            total += (place - last) * abs(height)
            more += (other_place - other_last) * abs(other_height)
            height += up if first else down
            other_height += other_up if other_first else other_down
            last, other_last = place, other_place
            h += np.uint64(first)
            i += ONE - np.uint64(first)
            j += np.uint64(other_first)
            g += ONE - np.uint64(other_first)
    return total + more
