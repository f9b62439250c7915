"""The edges of a Vietoris-Rips filtration, in the order in which they enter.

An edge is one word. The low half is its place i * n + j, where i < j count the points from the most
central one on. The high half is first its length in single precision, so that words sort by length,
and later a mark: the third point of its triangle, or TREE, or LOOP + the number of its loop.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel

MAX_POINTS = 65_536
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
TREE = 1 << 17
LOOP = 1 << 18


@kernel
def edges_within(distances, central, radius):  # type: ignore[no-untyped-def]
    n = len(distances)
    edges, e = np.empty(n * (n - 1) // 2, np.uint64), 0
    for i in range(n):
        row = distances[central[i]]
        for j in range(i + 1, n):
            if row[central[j]] <= radius:
                single = np.uint64(np.float32(row[central[j]]).view(np.uint32))
                edges[e] = single << HALF | np.uint64(i * n + j)
                e += 1
    return edges[:e]


@kernel
def ends(edge, n):  # type: ignore[no-untyped-def]
    place = np.int64(edge & LOW)
    return place // n, place % n


@kernel
def length(edge, distances, central):  # type: ignore[no-untyped-def]
    i, j = ends(edge, len(distances))
    return distances[central[i], central[j]]


@kernel
def rank_edges(edges, distances, central):  # type: ignore[no-untyped-def]
    """Order edges that agree in single precision by their length; return all ranks, (n, n)."""
    n = len(distances)
    rank = np.zeros((n, n), np.uint32)
    start = 0
    while start < len(edges):
        stop = start + 1
        while stop < len(edges) and edges[stop] >> HALF == edges[start] >> HALF:
            stop += 1
        if stop > start + 1:
            run = edges[start:stop].copy()
            lengths = np.empty(len(run))
            for k in range(len(run)):
                lengths[k] = length(run[k], distances, central)
            if (lengths[1:] < lengths[:-1]).any():
                edges[start:stop] = run[np.argsort(lengths, kind="mergesort")]
        for e in range(start, stop):
            i, j = ends(edges[e], n)
            rank[i, j] = rank[j, i] = e
        start = stop
    return rank
