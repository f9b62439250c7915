"""Which edges give birth to voids, and which end them: annotations of triangles.

The triangles of a new edge uv stand on the points of its lune, and its tetrahedra on the edges of
the lune: H_2 changes by the components of the lune and by its loops, each one dimension lower. Of
c components, c - 1 keep a loop of H1 apart and end it, or give birth to a void, worth all triangles
on that component. A tetrahedron uvxy says what uvy is worth: the sum of uvx, uxy and vxy. So the
worth of triangles spreads over a component from one point on, and if it comes back another around a
loop of the lune, the youngest void in the difference dies (Busaryev, Cabello, Chen, Dey, Wang 2012,
arXiv:1107.3793). Most triangles are worth nothing.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, lowest_bit, put, take_first
from funcnet_utils.topology._annotations import CODE, end, enter, new_table, with_slot, youngest
from funcnet_utils.topology._edges import ends


@kernel
def voids(edges, bits, n, apart):  # type: ignore[no-untyped-def]
    """Return the edges at which voids are born, and those at which they die.

    `apart`, sorted, holds edges that end loops, and points of the components they kept apart.
    """
    near = np.zeros((n, (n + 63) >> 6), np.uint64)  # points joined to a point
    for i in range(n):
        put(near[i], i)
    sides = np.zeros_like(near)  # points whose edge to a point has a triangle worth something
    live = np.zeros((n * (n - 1) >> 1, near.shape[1]), np.uint64)  # those triangles of an edge
    marks = {np.int64(-1): np.int64(0)}  # the annotations of triangles that are worth something
    lune, far, reached, doubtful, pending = np.zeros((5, near.shape[1]), np.uint64)
    parent, mark = np.zeros(n, np.int64), np.zeros(n, np.int64)  # of points of a lune
    worth, codes, first, free = new_table()
    members, follows = [np.int64(0) for _ in range(0)], [0 for _ in range(0)]
    births, deaths, void_in = [0 for _ in range(0)], [0 for _ in range(0)], [0 for _ in range(0)]
    slots, emptied = [0 for _ in range(0)], [0 for _ in range(0)]
    value = np.zeros(1, np.uint64)
    loop = 0
    for e in range(len(edges)):
        i, j = ends(edges[e], bits)
        _open(near, sides, live, i, j, lune, doubtful)
        far[:] = lune
        reached[:] = 0
        component = 0
        while far.any():
            while loop < len(apart) and (
                apart[loop, 0] < e or (apart[loop, 0] == e and not has(far, apart[loop, 1]))
            ):
                loop += 1
            if loop < len(apart) and apart[loop, 0] == e:
                x = apart[loop, 1]
                far[x >> 6] ^= ONE << np.uint64(x & 63)
            else:
                x = take_first(far)
                if component:
                    if len(slots) == 0:
                        slots.append(len(void_in))
                        void_in.append(0)
                    slot = slots.pop()
                    void_in[slot] = len(births)
                    births.append(e)
                    deaths.append(-1)
                    worth = with_slot(worth, slot)
                    value = np.zeros(worth.shape[1], np.uint64)
                    put(value, slot)
                    code = np.uint64(slot + 1) * CODE
                    mark[x], worth, codes, first = enter(worth, codes, first, free, value, code)
                    put(doubtful, x)
            parent[x] = x
            component += 1
            put(reached, x)
            tree = [x for _ in range(0)]
            root = x
            for w in range(len(far)):
                new = far[w] & near[x, w]
                far[w] ^= new
                reached[w] |= new
                if mark[x]:
                    doubtful[w] |= new
                new &= doubtful[w]
                while new:
                    y = (w << 6) + lowest_bit(new)
                    new &= new - ONE
                    parent[y] = x
                    tree.append(y)
            moved = True
            while moved:
                moved = False
                for w in range(len(far)):
                    new = far[w]
                    while new:
                        y = (w << 6) + lowest_bit(new)
                        new &= new - ONE
                        x = _first_common(near[y], reached)
                        if x >= 0:
                            moved = True
                            parent[y] = x
                            put(reached, y)
                            far[w] ^= ONE << np.uint64(y & 63)
                            if mark[root] or has(doubtful, y) or has(doubtful, x):
                                put(doubtful, y)
                                tree.append(y)
            for y in tree:
                x = parent[y]
                a, b = _sides(marks, n, i, j, x, y)
                if a == b:
                    mark[y] = mark[x]
                else:
                    for v in range(len(value)):
                        value[v] = worth[mark[x], v] ^ worth[a, v] ^ worth[b, v]
                    if value.any():
                        code = codes[mark[x]] ^ codes[a] ^ codes[b]
                        mark[y], worth, codes, first = enter(
                            worth, codes, first, free, value, code
                        )
        pending[:] = doubtful
        x = take_first(pending)
        while x >= 0:
            for v in range(len(lune)):
                other = near[x, v] & lune[v] & ~near[parent[x], v]
                other &= pending[v] | ~doubtful[v] if mark[x] else pending[v]
                while other:
                    y = (v << 6) + lowest_bit(other)
                    other &= other - ONE
                    if has(doubtful, y) and has(near[parent[y]], x):
                        continue
                    a, b = _sides(marks, n, i, j, x, y)
                    c, d = mark[x], mark[y]
                    if a == b and c == d:
                        continue
                    for k in range(len(value)):
                        value[k] = worth[a, k] ^ worth[b, k] ^ worth[c, k] ^ worth[d, k]
                    slot = youngest(value, void_in)
                    if slot < 0:
                        continue
                    deaths[void_in[slot]] = e
                    slots.append(slot)
                    code = codes[a] ^ codes[b] ^ codes[c] ^ codes[d]
                    for row in end(worth, codes, slot, value, code):
                        _silence(first[row], members, follows, n, marks, live, sides)
                        first[row] = -1
                        emptied.append(row)
            x = take_first(pending)
        x = take_first(doubtful)
        while x >= 0:
            row = mark[x]
            mark[x] = 0
            if row and worth[row].any():
                p, q, r = _sorted(i, j, x)
                key = (p * n + q) * n + r
                marks[key] = row
                members.append(key)
                follows.append(first[row])
                first[row] = len(follows) - 1
                for a, b, c in ((p, q, r), (p, r, q), (q, r, p)):
                    put(live[_pair(a, b)], c)
                    put(sides[a], b)
                    put(sides[b], a)
            x = take_first(doubtful)
        free.extend(emptied)
        emptied.clear()
        put(near[i], j)
        put(near[j], i)
    return np.array(births), np.array(deaths)


@kernel
def _first_common(one, other):  # type: ignore[no-untyped-def]
    for w in range(len(one)):
        if one[w] & other[w]:
            return (w << 6) + lowest_bit(one[w] & other[w])
    return -1


@kernel
def _pair(i, j):  # type: ignore[no-untyped-def]
    """Return the place of an edge i < j."""
    return (j * (j - 1) >> 1) + i


@kernel
def _sorted(i, j, x):  # type: ignore[no-untyped-def]
    """Return three points, of which i < j, in order."""
    if x < i:
        return x, i, j
    return (i, x, j) if x < j else (i, j, x)


@kernel
def _open(near, sides, live, i, j, lune, doubtful):  # type: ignore[no-untyped-def]
    """Find the lune of an edge, and its points with an edge in it that is worth something."""
    for w in range(len(lune)):
        lune[w] = near[i, w] & near[j, w]
        doubtful[w] = 0
    for w in range(len(lune)):
        word = lune[w] & (sides[i, w] | sides[j, w])
        while word:
            x = (w << 6) + lowest_bit(word)
            word &= word - ONE
            one, other = live[_pair(min(i, x), max(i, x))], live[_pair(min(j, x), max(j, x))]
            for v in range(len(lune)):
                if (one[v] | other[v]) & lune[v]:
                    put(doubtful, x)
                    break


@kernel
def _sides(marks, n, i, j, x, y):  # type: ignore[no-untyped-def]
    """Return the annotations of the triangles ixy and jxy."""
    x, y = min(x, y), max(x, y)
    a, b, c = _sorted(x, y, i)
    one = (a * n + b) * n + c
    a, b, c = _sorted(x, y, j)
    other = (a * n + b) * n + c
    return marks[one] if one in marks else 0, marks[other] if other in marks else 0


@kernel
def _silence(member, members, follows, n, marks, live, sides):  # type: ignore[no-untyped-def]
    """Take their mark from all triangles of an annotation that has become empty."""
    while member >= 0:
        key = members[member]
        marks.pop(key)
        p, q, r = key // (n * n), key // n % n, key % n
        for a, b, c in ((p, q, r), (p, r, q), (q, r, p)):
            row = live[_pair(a, b)]
            row[c >> 6] ^= ONE << np.uint64(c & 63)
            if not row.any():
                sides[a, b >> 6] ^= ONE << np.uint64(b & 63)
                sides[b, a >> 6] ^= ONE << np.uint64(a & 63)
        member = follows[member]
