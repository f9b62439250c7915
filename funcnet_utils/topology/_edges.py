"""The edges of a Vietoris-Rips filtration, in the order in which they enter.

An edge is one word: its length, a whole number of fractions of the radius, and below it its ends
i < j, `bits` bits each, which count the points from the most central one on.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel

MAX_POINTS = 65_536
DOUBLE = 52  # bits of a length that a double can tell apart


@kernel
def ends(edge, bits):  # type: ignore[no-untyped-def]
    """Return the points i < j of an edge."""
    last = (1 << bits) - 1
    return np.int64(edge >> np.uint64(bits)) & last, np.int64(edge) & last


@kernel
def lengths(edges, bits, distances, central):  # type: ignore[no-untyped-def]
    found = np.empty(len(edges))
    for e in range(len(edges)):
        i, j = ends(edges[e], bits)
        found[e] = distances[central[i], central[j]]
    return found


def edges_within(
    distances: np.ndarray, central: np.ndarray, radius: float, bits: int
) -> np.ndarray:
    """Return the edges up to a length, sorted."""
    n = len(distances)
    place = np.empty(n, np.int64)
    place[central] = np.arange(n)
    edges = np.empty(n * (n - 1) // 2, np.uint64)
    edges = edges[: _fill(edges, distances, place, radius, bits)]
    edges.sort()  # by NumPy, with vectors: three times as fast as by a kernel
    _settle(edges, bits, distances, central)
    return edges


@kernel
def _fill(edges, distances, place, radius, bits):  # type: ignore[no-untyped-def]
    """Write the edges up to a length, row by row, and return how many there are."""
    room = min(64 - 2 * bits, DOUBLE)
    scale = min((2.0**room - 1) / radius, 1e308) if radius > 0 else 0.0
    found = 0
    for i in range(len(place)):
        row = distances[i]
        for j in range(i):
            key = np.int64(row[j] * scale)
            low, high = min(place[i], place[j]), max(place[i], place[j])
            edges[found] = np.uint64((((key << bits) | low) << bits) | high)
            found += row[j] <= radius  # if not, the next one is written over it
    return found


@kernel
def _settle(edges, bits, distances, central):  # type: ignore[no-untyped-def]
    """Sort edges that agree in the whole number of their lengths by the lengths themselves."""
    ends_of = np.uint64(2 * bits)
    start = 0
    while start < len(edges):
        stop = start + 1
        while stop < len(edges) and edges[stop] >> ends_of == edges[start] >> ends_of:
            stop += 1
        if stop > start + 1:
            run = edges[start:stop].copy()
            apart = lengths(run, bits, distances, central)
            if (apart[1:] < apart[:-1]).any():
                edges[start:stop] = run[np.argsort(apart, kind="mergesort")]
        start = stop
