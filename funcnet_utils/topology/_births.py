"""Which edges join two components, and which give birth to a loop: those with an empty lune."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel, put
from funcnet_utils._tree import join
from funcnet_utils.topology._edges import ends

MANY = 8


@kernel
def births(edges, bits, n):  # type: ignore[no-untyped-def]
    """Return the edges of the spanning tree, and those that give birth to a loop."""
    near = np.zeros((n, (n + 63) >> 6), np.uint64)
    parent = np.arange(n)
    tree = [0 for _ in range(0)]
    loops = [0 for _ in range(0)]
    for e in range(len(edges)):
        i, j = ends(edges[e], bits)
        if not _meet(near[i], near[j]):
            (tree if join(parent, i, j) else loops).append(e)
        put(near[i], j)
        put(near[j], i)
    return np.array(tree), np.array(loops)


@kernel
def changes(distances, points):  # type: ignore[no-untyped-def]
    """Return lengths of edges at some points, and how each changes the number of living loops.

    A loop is born where the lune is empty, and c - 1 die where it has c pieces, as far as no void
    is born. Edges of one length enter in the order of their ends. At each point, edges are read up
    to the first one with `MANY` points in its lune: by then more loops die than are born.
    """
    lengths, gains = [0.0 for _ in range(0)], [0 for _ in range(0)]
    lune, parent = np.empty(MANY, np.int64), np.empty(MANY, np.int64)
    for u in points:
        near = distances[u]
        order = np.argsort(near, kind="mergesort")
        for place in range(len(order)):
            v = order[place]
            size = pieces = 0
            for w in order[:place]:
                if size < MANY and (distances[v, w], w) < (near[v], u):
                    lune[size] = w
                    parent[size] = size
                    pieces += 1
                    for other in range(size):
                        if distances[lune[other], w] <= near[v] and join(parent, other, size):
                            pieces -= 1
                    size += 1
            if size == MANY:
                break
            if v != u:
                lengths.append(near[v])
                gains.append(1 - pieces)
    return np.array(lengths), np.array(gains)


@kernel
def _meet(one, other):  # type: ignore[no-untyped-def]
    w = 0
    while w < len(one) and one[w] & other[w] == 0:
        w += 1
    return w < len(one)
