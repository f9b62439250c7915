"""What each edge does when it enters, from its lune: the points joined to both of its ends."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, kernel, lowest_bit, popcount, put
from funcnet_utils._tree import join
from funcnet_utils.topology._edges import HALF, LOOP, LOW, TREE, ends


@kernel
def scan(edges, n):  # type: ignore[no-untyped-def]
    """Let the edges enter one by one, and mark each in its high half.

    Returns the edges of the spanning tree, the edges that gave birth to a loop, and the cycles as
    rows (edge, point of one part of its lune, point of another part).
    """
    words = (n + 63) >> 6
    rows = np.zeros((n, words), np.uint64)
    lune = np.zeros(words, np.uint64)
    front = np.zeros(words, np.uint64)
    parent = np.arange(n)
    tree = [0 for _ in range(0)]
    loops = [0 for _ in range(0)]
    cycles = [0 for _ in range(0)]
    for e in range(len(edges)):
        u, v = ends(edges[e], n)
        some = np.uint64(0)
        for w in range(words):
            lune[w] = rows[u, w] & rows[v, w]
            some |= lune[w]
        if some != 0:
            mark = _next_part(rows, lune, front)
            other = _next_part(rows, lune, front)
            while other >= 0:
                cycles += [e, mark, other]
                other = _next_part(rows, lune, front)
        elif join(parent, u, v):
            mark = TREE
            tree.append(e)
        else:
            mark = LOOP + len(loops)
            loops.append(e)
        edges[e] = np.uint64(mark) << HALF | edges[e] & LOW
        put(rows[u], v)
        put(rows[v], u)
    return np.array(tree), np.array(loops), np.array(cycles).reshape(-1, 3)


@kernel
def _next_part(rows, rest, front):  # type: ignore[no-untyped-def]
    """Take one connected part out of the set `rest`; return its first point, -1 if there is none.

    Reached points wait in `front` until the points next to them are taken out of the rest, one
    row of bits at a time.
    """
    left = waiting = 0
    for w in range(len(rest)):
        left += popcount(rest[w])
        front[w] = 0
    if left == 0:
        return -1
    first = point = _take_first(rest)
    left -= 1
    while left:
        for w in range(len(rest)):
            fresh = rest[w] & rows[point, w]
            front[w] |= fresh
            rest[w] ^= fresh
            gained = popcount(fresh)
            left -= gained
            waiting += gained
        if waiting == 0:
            return first
        point = _take_first(front)
        waiting -= 1
    return first


@kernel
def _take_first(words):  # type: ignore[no-untyped-def]
    """Remove the first point of a set that is not empty, and return it."""
    w = 0
    while words[w] == 0:
        w += 1
    bit = lowest_bit(words[w])
    words[w] &= words[w] - ONE
    return (w << 6) + bit
