"""Which edges join two components, and which give birth to a loop: those with an empty lune."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel, put
from funcnet_utils._tree import join
from funcnet_utils.topology._edges import ends


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
def _meet(one, other):  # type: ignore[no-untyped-def]
    w = 0
    while w < len(one) and one[w] & other[w] == 0:
        w += 1
    return w < len(one)
