"""Which loop each cycle ends: annotations, the sets of living loops that edges stand for.

An edge with a triangle is worth the other two sides of it, an edge of the spanning tree nothing,
and an edge that gave birth to a loop that loop, until it dies and is replaced by others (Busaryev,
Cabello, Chen, Dey, Wang 2012, arXiv:1107.3793).
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, lowest_bit, put
from funcnet_utils.topology._edges import HALF, LOOP, TREE, ends
from funcnet_utils.topology._tower import largest, new_tower, toggle


@kernel
def pair(edges, rank, loops, cycles):  # type: ignore[no-untyped-def]
    """Return the edges at which each loop was born and died, shape (number of loops, 2)."""
    pairs = np.empty((len(loops), 2), np.int64)
    n_pairs = 0
    tower, starts = new_tower(len(edges))
    worth = np.zeros((64, 1), np.uint64)  # annotations that are not empty: sets of slots
    row_of = np.full(len(loops), -1)  # the annotation of the edge of a loop, -1 if empty
    loop_of = np.empty(len(loops), np.int64)  # the loop of an annotation
    in_slot = np.empty(len(loops), np.int64)  # the living loop that a slot stands for
    free = np.arange(len(loops))[::-1].copy()  # slots, the last one next
    born = alive = n_rows = 0
    for e, x, y in cycles:
        while born < len(loops) and loops[born] < e:
            slot = free[len(free) - 1 - alive]
            alive += 1
            if n_rows == len(worth) or slot >> 6 == worth.shape[1]:
                worth = _enlarged(worth, n_rows, slot >> 6)
            worth[n_rows] = 0
            put(worth[n_rows], slot)
            in_slot[slot] = loop_of[n_rows] = born
            row_of[born] = n_rows
            n_rows += 1
            born += 1
        if alive == 0:
            continue
        u, v = ends(edges[e], len(rank))
        for i, j in ((u, x), (x, v), (v, y), (y, u)):
            toggle(tower, starts, np.int64(rank[i, j]))
        value = _worth_of(edges, rank, tower, starts, worth, row_of)
        slot = _youngest(value, in_slot)
        if slot < 0:
            continue
        pairs[n_pairs] = loops[in_slot[slot]], e
        n_pairs += 1
        # the cycle is worth nothing from now on: the youngest loop is replaced by the others
        r = 0
        while r < n_rows:
            if has(worth[r], slot):
                some = np.uint64(0)
                for w in range(len(value)):
                    worth[r, w] ^= value[w]
                    some |= worth[r, w]
                if some == 0:
                    n_rows -= 1
                    row_of[loop_of[r]] = -1
                    if r < n_rows:
                        worth[r] = worth[n_rows]
                        loop_of[r] = loop_of[n_rows]
                        row_of[loop_of[r]] = r
                    continue
            r += 1
        alive -= 1
        free[len(free) - 1 - alive] = slot
    return pairs[:n_pairs]


@kernel
def _enlarged(worth, rows, words):  # type: ignore[no-untyped-def]
    """Return the annotations with room for more of them, or for more slots, or both."""
    height, width = worth.shape
    larger = np.zeros(
        (2 * height if rows == height else height, 2 * width if words == width else width),
        np.uint64,
    )
    larger[:rows, :width] = worth[:rows]
    return larger


@kernel
def _worth_of(edges, rank, tower, starts, worth, row_of):  # type: ignore[no-untyped-def]
    """Return the annotation of the cycle in the tower, and empty the tower."""
    value = np.zeros(worth.shape[1], np.uint64)
    while True:
        e = largest(tower, starts)
        if e < 0:
            return value
        toggle(tower, starts, e)
        mark = np.int64(edges[e] >> HALF)
        if mark < TREE:
            i, j = ends(edges[e], len(rank))
            toggle(tower, starts, np.int64(rank[i, mark]))
            toggle(tower, starts, np.int64(rank[j, mark]))
        elif mark >= LOOP and row_of[mark - LOOP] >= 0:
            row = worth[row_of[mark - LOOP]]
            for w in range(len(value)):
                value[w] ^= row[w]


@kernel
def _youngest(value, in_slot):  # type: ignore[no-untyped-def]
    """Return the slot of the youngest loop in an annotation, -1 if it is empty."""
    best = -1
    for w in range(len(value)):
        word = value[w]
        while word:
            slot = (w << 6) + lowest_bit(word)
            word &= word - ONE
            if best < 0 or in_slot[slot] > in_slot[best]:
                best = slot
    return best
