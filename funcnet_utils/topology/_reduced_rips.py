"""H0 and H1 of the Vietoris-Rips filtration from its edges alone, exactly, in float64.

Edges enter by length. The lune of an edge uv is the set of points joined to both u and v by edges
that came before (Koyama, Memoli, Robins, Turner 2023, arXiv:2307.16333):

- An empty lune: uv joins two components (one dies, H0) or gives birth to a loop (H1).
- Otherwise a triangle uvx fills uv in at once, and each further connected part of the lune, with a
  point y, makes one cycle u-x-v-y a boundary. If the cycle is not one already, the youngest loop in
  it dies.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils.topology._annotations import pair
from funcnet_utils.topology._edges import LOW, edges_within, rank_edges
from funcnet_utils.topology._lunes import scan
from funcnet_utils.topology.memory import announce_if_long

PAIRING = 4e-14
"""Seconds per cycle and squared number of loops, within a factor of 2 from 1,200 points on."""


def reduced_rips(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the deaths of H0 and the bars of H1 of positive length.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0, n at most `MAX_POINTS`.

    Returns
    -------
    deaths : ndarray, shape (n - 1,)
        Edge lengths of the minimum spanning tree, ascending.
    bars : ndarray, shape (m, 2)
        Births and deaths of the loops, in the order of their deaths.
    """
    n = len(distances)
    if n < 2:
        return np.zeros(0), np.zeros((0, 2))
    # within the enclosing radius one point is joined to all others: no loop outlives it
    radius = distances.max(axis=1).min()
    # central points come first, so that the third points of triangles are few
    central = np.argsort(distances.sum(axis=1), kind="stable")
    edges = edges_within(distances, central, radius)
    edges.sort()
    rank = rank_edges(edges, distances, central)
    tree, loops, cycles = scan(edges, n)
    announce_if_long(PAIRING * len(cycles) * len(loops) ** 2, n, 1, stacklevel=4)
    bars = _lengths(edges[pair(edges, rank, loops, cycles)], distances, central)
    return _lengths(edges[tree], distances, central), bars[bars[:, 0] < bars[:, 1]]


def _lengths(edges: np.ndarray, distances: np.ndarray, central: np.ndarray) -> np.ndarray:
    i, j = np.divmod((edges & LOW).astype(np.int64), len(distances))
    return distances[central[i], central[j]]
