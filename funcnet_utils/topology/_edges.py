"""The edges of a Vietoris-Rips filtration, in the order in which they enter.

An edge is one word: its length, a whole number of fractions of the radius, and below it its ends
i < j, `bits` bits each, which count the points from the most central one on.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel

MAX_POINTS = 65_536
DOUBLE = 52  # bits of a length that a double can tell apart
FEW = 32  # edges that are sorted by insertion


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


@kernel
def edges_within(distances, central, radius, bits):  # type: ignore[no-untyped-def]
    """Return the edges up to a length, sorted: first into buckets, then each bucket."""
    n = len(distances)
    place = np.empty(n, np.int64)
    place[central] = np.arange(n)
    room = min(64 - 2 * bits, DOUBLE)
    scale = min((2.0**room - 1) / radius, 1e308) if radius > 0 else 0.0
    buckets = 1
    while buckets << 4 < n * (n - 1):
        buckets <<= 1
        room -= 1
    stops = np.zeros(buckets + 1, np.uint32)
    for i in range(n):
        row = distances[i]
        for j in range(i):
            if row[j] <= radius:
                stops[(np.int64(row[j] * scale) >> room) + 1] += np.uint32(1)
    for b in range(buckets):
        stops[b + 1] += stops[b]
    edges = np.empty(stops[buckets], np.uint64)
    for i in range(n):
        row = distances[i]
        for j in range(i):
            if row[j] <= radius:
                key = np.int64(row[j] * scale)
                low, high = min(place[i], place[j]), max(place[i], place[j])
                edges[stops[key >> room]] = np.uint64((((key << bits) | low) << bits) | high)
                stops[key >> room] += np.uint32(1)
    for b in range(buckets):
        _sort(edges[np.int64(stops[b - 1]) if b else 0 : np.int64(stops[b])])
    _settle(edges, bits, distances, central)
    return edges


@kernel
def _sort(edges):  # type: ignore[no-untyped-def]
    if len(edges) > FEW:
        edges.sort()
        return
    for e in range(1, len(edges)):
        edge = edges[e]
        while e > 0 and edges[e - 1] > edge:
            edges[e] = edges[e - 1]
            e -= 1
        edges[e] = edge


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
