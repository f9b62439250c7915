"""H0, H1 and H2 of the Vietoris-Rips filtration from its edges alone, exactly, in float64.

Edges enter by length. The lune of an edge uv is the set of points joined to both u and v by edges
that came before. An edge with an empty lune joins two components (one dies, H0) or gives birth to a
loop (H1); any other is filled in at once by a triangle, and may end loops (Koyama, Memoli, Robins,
Turner 2023, arXiv:2307.16333). Voids (H2) are born where a lune falls apart, and may end where it
has a loop.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils.topology._births import births
from funcnet_utils.topology._deaths import deaths
from funcnet_utils.topology._edges import edges_within, lengths
from funcnet_utils.topology._voids import voids


def reduced_rips(distances: np.ndarray, maxdim: int) -> list[np.ndarray]:
    """Return the deaths of H0, and the bars of positive length of H1 and, if asked for, of H2.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0, n at most `MAX_POINTS`.
    maxdim : int
        2 for H2; below, H1 is the last.

    Returns
    -------
    deaths : ndarray, shape (n - 1,)
        Edge lengths of the minimum spanning tree, ascending.
    *bars : ndarray, each of shape (m, 2)
        Births and deaths, of the loops in the order of their deaths.
    """
    n = len(distances)
    if n < 2:
        return [np.zeros(0), *np.zeros((max(maxdim, 1), 0, 2))]
    # within the enclosing radius one point is joined to all others: no loop outlives it
    radius = distances.max(axis=1).min()
    # central points come first, so that the third points of triangles are few
    central = np.argsort(distances.sum(axis=1), kind="stable")
    bits = (n - 1).bit_length()
    edges = edges_within(distances, central, radius, bits)
    tree, loops = births(edges, bits, n)
    ended = deaths(edges, bits, loops, np.zeros((n, n), np.int32))
    order = np.argsort(ended[:, 0])
    pairs = [(loops[order], ended[order, 0])]
    if maxdim == 2:
        apart = np.column_stack([np.repeat(ended[order, 0], 2), ended[order, 1:].ravel()])
        pairs.append(voids(edges, bits, n, apart))
    found = [lengths(edges[tree], bits, distances, central)]
    for pair in pairs:
        bars = np.column_stack([lengths(edges[e], bits, distances, central) for e in pair])
        found.append(bars[bars[:, 0] < bars[:, 1]])
    return found
