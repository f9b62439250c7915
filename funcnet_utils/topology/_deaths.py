"""Which edge ends each loop: annotations, the sets of living loops that edges stand for.

An edge that gives birth to a loop is worth that loop until it dies and is replaced by others. An
edge with a triangle is worth the other two sides of it (Busaryev, Cabello, Chen, Dey, Wang 2012,
arXiv:1107.3793). Most edges are worth nothing, and an edge uv matters only if a point of its lune
has a side to u or v that is worth something. Points of a lune that are joined make the same
triangle; of two that disagree, the youngest loop in the difference dies.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, lowest_bit, put
from funcnet_utils.topology._edges import ends

CODE = np.uint64(0x9E3779B97F4A7C15)  # sets with other sums of codes are not equal


@kernel
def deaths(edges, bits, loops, marks):  # type: ignore[no-untyped-def]
    """Return the edge that ends each loop.

    `marks`, zeros of shape (n, n), keeps which annotation an edge i < j has, 0 if none.
    """
    n = len(marks)
    near = np.zeros((n, (n + 63) >> 6), np.uint64)  # points joined to a point
    live = np.zeros_like(near)  # those among them whose edge is worth something
    n_live = np.zeros(n, np.int64)
    doubtful, silent = np.zeros_like(near[0]), np.zeros_like(near[0])
    ended = np.empty(len(loops), np.int64)
    loop_in = np.empty(len(loops), np.int64)  # the living loop that a slot stands for
    slots = np.arange(len(loops))[::-1].copy()  # free ones, the last one next
    worth = np.zeros((64, 1), np.uint64)  # annotations: sets of slots; the first one is empty
    codes = np.zeros(64, np.uint64)
    first = np.full(64, -1)  # the first member of an annotation: members and who follows them
    members, follows, n_members = np.empty(64, np.uint64), np.empty(64, np.int64), 0
    n_rows = 1
    free_rows = [0 for _ in range(0)]
    value, code = np.zeros(1, np.uint64), np.uint64(0)
    born = alive = 0
    for e in range(len(edges)):
        if born == len(loops) and alive == 0:
            break
        i, j = ends(edges[e], bits)
        mark = 0
        if born < len(loops) and loops[born] == e:
            slot = slots[len(slots) - 1 - alive]
            if slot >> 6 == worth.shape[1]:
                wider = np.zeros((len(worth), 1 + worth.shape[1] // 4), np.uint64)
                worth = np.concatenate((worth, wider), axis=1)
                value = np.zeros(worth.shape[1], np.uint64)
            loop_in[slot] = born
            born += 1
            alive += 1
            value[:] = 0
            put(value, slot)
            code = np.uint64(slot + 1) * CODE
            mark = -1
        elif n_live[i] + n_live[j] and _split(near, live, i, j, doubtful, silent):
            x = _take_first(silent)
            base = x if x >= 0 else _take_first(doubtful)
            rest = _strike(doubtful, near[base])
            while rest and x >= 0:  # what touches a silent point is worth nothing
                x = _take_first(silent)
                if x >= 0:
                    rest = _strike(doubtful, near[x])
            while rest:
                y = _take_first(doubtful)
                rest = _strike(doubtful, near[y])
                a, b = _sides(marks, i, j, base)
                c, d = _sides(marks, i, j, y)
                if a == b and c == d:
                    continue
                slot = -1
                for w in range(len(value)):
                    value[w] = worth[a, w] ^ worth[b, w] ^ worth[c, w] ^ worth[d, w]
                    slot = _younger(slot, value[w], w << 6, loop_in)
                if slot < 0:
                    continue
                ended[loop_in[slot]] = e
                alive -= 1
                slots[len(slots) - 1 - alive] = slot
                code = codes[a] ^ codes[b] ^ codes[c] ^ codes[d]
                for row in range(1, n_rows):
                    if has(worth[row], slot):
                        codes[row] ^= code
                        if not _add(worth[row], value):
                            _silence(first[row], members, follows, bits, marks, live, n_live)
                            first[row] = -1
                            free_rows.append(row)
            a, b = _sides(marks, i, j, base)
            if a == 0 or b == 0:
                mark = a + b
            elif a != b:
                value[:] = worth[a]
                if _add(value, worth[b]):
                    code = codes[a] ^ codes[b]
                    mark = -1
        if mark < 0:
            for row in range(1, n_rows):
                if codes[row] == code and (worth[row] == value).all():
                    mark = row
                    break
        if mark < 0:
            if len(free_rows):
                mark = free_rows.pop()
            else:
                mark = n_rows
                n_rows += 1
                if n_rows > len(worth):
                    worth = np.concatenate((worth, np.zeros_like(worth)))
                    codes = np.concatenate((codes, codes))
                    first = np.concatenate((first, np.full_like(first, -1)))
            worth[mark] = value
            codes[mark] = code
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
def _take_first(words):  # type: ignore[no-untyped-def]
    """Remove the first point of a set, and return it; -1 if the set is empty."""
    for w in range(len(words)):
        if words[w]:
            bit = lowest_bit(words[w])
            words[w] &= words[w] - ONE
            return (w << 6) + bit
    return -1


@kernel
def _strike(words, others):  # type: ignore[no-untyped-def]
    """Remove points from a set; tell whether any are left."""
    some = np.uint64(0)
    for w in range(len(words)):
        words[w] &= ~others[w]
        some |= words[w]
    return some != 0


@kernel
def _add(words, others):  # type: ignore[no-untyped-def]
    """Add a set to a set modulo 2; tell whether anything is left."""
    some = np.uint64(0)
    for w in range(len(words)):
        words[w] ^= others[w]
        some |= words[w]
    return some != 0


@kernel
def _sides(marks, i, j, x):  # type: ignore[no-untyped-def]
    """Return the annotations of the sides of a triangle on an edge."""
    return marks[min(i, x), max(i, x)], marks[min(j, x), max(j, x)]


@kernel
def _younger(slot, word, start, loop_in):  # type: ignore[no-untyped-def]
    """Return the slot with the youngest loop, of one slot, -1 for none, and a word of slots."""
    while word:
        other = start + lowest_bit(word)
        word &= word - ONE
        if slot < 0 or loop_in[other] > loop_in[slot]:
            slot = other
    return slot


@kernel
def _silence(member, members, follows, bits, marks, live, n_live):  # type: ignore[no-untyped-def]
    """Take their mark from all edges of an annotation that has become empty."""
    while member >= 0:
        i, j = ends(members[member], bits)
        marks[i, j] = 0
        live[i, j >> 6] ^= ONE << np.uint64(j & 63)
        live[j, i >> 6] ^= ONE << np.uint64(i & 63)
        n_live[i] -= 1
        n_live[j] -= 1
        member = follows[member]
