"""Which edge ends each loop: annotations, the sets of living loops that edges stand for.

An edge that gives birth to a loop is worth that loop until it dies and is replaced by others. An
edge with a triangle is worth the other two sides of it (Busaryev, Cabello, Chen, Dey, Wang 2012,
arXiv:1107.3793). Most edges are worth nothing, and an edge uv matters only if a point of its lune
has a side to u or v that is worth something. Points of a lune that are joined make the same
triangle; of two that disagree, the youngest loop in the difference dies.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import flip, kernel, put, take_first
from funcnet_utils.topology._annotations import CODE, end, enter, new_table, with_slot, youngest
from funcnet_utils.topology._edges import ends


@kernel
def deaths(edges, bits, loops, marks):  # type: ignore[no-untyped-def]
    """Return the edge that ends each loop, and two points of its lune that the loop kept apart.

    `marks`, zeros of shape (n, n), keeps which annotation an edge i < j has, 0 if none.
    """
    n = len(marks)
    near = np.zeros((n, (n + 63) >> 6), np.uint64)  # points joined to a point
    live = np.zeros_like(near)  # those among them whose edge is worth something
    n_live = np.zeros(n, np.int64)
    doubtful, silent = np.zeros_like(near[0]), np.zeros_like(near[0])
    ended = np.empty((len(loops), 3), np.int64)
    loop_in = np.empty(len(loops), np.int64)  # the living loop that a slot stands for
    slots = np.arange(len(loops))[::-1].copy()  # free ones, the last one next
    worth, codes, first, free = new_table()
    members, follows, n_members = np.empty(64, np.uint64), np.empty(64, np.int64), 0
    value, code = np.zeros(1, np.uint64), np.uint64(0)
    born = alive = 0
    for e in range(len(edges)):
        if born == len(loops) and alive == 0:
            break
        i, j = ends(edges[e], bits)
        mark = 0
        if born < len(loops) and loops[born] == e:
            slot = slots[len(slots) - 1 - alive]
            worth = with_slot(worth, slot)
            loop_in[slot] = born
            born += 1
            alive += 1
            value = np.zeros(worth.shape[1], np.uint64)
            put(value, slot)
            code = np.uint64(slot + 1) * CODE
            mark = -1
        elif n_live[i] + n_live[j] and _split(near, live, i, j, doubtful, silent):
            x = take_first(silent)
            base = x if x >= 0 else take_first(doubtful)
            rest = _strike(doubtful, near[base])
            while rest and x >= 0:  # what touches a silent point is worth nothing
                x = take_first(silent)
                if x >= 0:
                    rest = _strike(doubtful, near[x])
            while rest:
                y = take_first(doubtful)
                rest = _strike(doubtful, near[y])
                a, b = _sides(marks, i, j, base)
                c, d = _sides(marks, i, j, y)
                if a == b and c == d:
                    continue
                slot = youngest(worth, (a, b, c, d), value, loop_in)
                if slot < 0:
                    continue
                ended[loop_in[slot]] = e, base, y
                alive -= 1
                slots[len(slots) - 1 - alive] = slot
                code = codes[a] ^ codes[b] ^ codes[c] ^ codes[d]
                for row in end(worth, codes, first, slot, value, code):
                    _silence(first[row], members, follows, bits, marks, live, n_live)
                    first[row] = -1
                    free.append(row)
            a, b = _sides(marks, i, j, base)
            if a == 0 or b == 0:
                mark = a + b
            elif a != b:
                for w in range(len(value)):
                    value[w] = worth[a, w] ^ worth[b, w]
                if value.any():
                    code = codes[a] ^ codes[b]
                    mark = -1
        if mark < 0:
            mark, worth, codes = enter(worth, codes, first, free, value, code)
        if mark:
            if n_members == len(members):
                members = np.concatenate((members, members))
                follows = np.concatenate((follows, follows))
            members[n_members], follows[n_members] = edges[e], first[mark]
            first[mark] = n_members
            n_members += 1
            marks[i, j] = mark
            put(live[i], j)
            put(live[j], i)
            n_live[i] += 1
            n_live[j] += 1
        put(near[i], j)
        put(near[j], i)
    return ended


@kernel
def _split(near, live, i, j, doubtful, silent):  # type: ignore[no-untyped-def]
    """Split a lune by whether one of a point's two sides is worth something; tell if any is."""
    some = np.uint64(0)
    for w in range(len(silent)):
        lune = near[i, w] & near[j, w]
        doubtful[w] = lune & (live[i, w] | live[j, w])
        silent[w] = lune ^ doubtful[w]
        some |= doubtful[w]
    return some != 0


@kernel
def _strike(words, others):  # type: ignore[no-untyped-def]
    """Remove points from a set; tell whether any are left."""
    some = np.uint64(0)
    for w in range(len(words)):
        words[w] &= ~others[w]
        some |= words[w]
    return some != 0


@kernel
def _sides(marks, i, j, x):  # type: ignore[no-untyped-def]
    """Return the annotations of the sides of a triangle on an edge."""
    return marks[min(i, x), max(i, x)], marks[min(j, x), max(j, x)]


@kernel
def _silence(member, members, follows, bits, marks, live, n_live):  # type: ignore[no-untyped-def]
    """Take their mark from all edges of an annotation that has become empty."""
    while member >= 0:
        i, j = ends(members[member], bits)
        marks[i, j] = 0
        flip(live[i], j)
        flip(live[j], i)
        n_live[i] -= 1
        n_live[j] -= 1
        member = follows[member]
