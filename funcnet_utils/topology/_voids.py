"""Which edges give birth to voids, and which end them: annotations of triangles.

The triangles on a new edge uv stand over the points of its lune, its tetrahedra over the edges of
the lune. All but one of the components of a lune end a loop that they keep apart, or give birth to
a void, worth all triangles over that component. A tetrahedron uvxy says what the triangle uvy is
worth: the sum of uvx, uxy and vxy. So worth spreads over a component from one point on. Where it
comes back another around a loop of the lune, the youngest void in the difference dies (Busaryev,
Cabello, Chen, Dey, Wang 2012, arXiv:1107.3793). Most triangles are worth nothing.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, flip, has, kernel, lowest_bit, put, take_first
from funcnet_utils.topology._annotations import CODE, end, enter, new_table, with_slot, youngest
from funcnet_utils.topology._edges import ends


@kernel
def voids(edges, bits, n, apart):  # type: ignore[no-untyped-def]
    """Return the edges at which voids are born, and those at which they die.

    `apart`, sorted, has edges that end loops, and points of the components that these kept apart.
    """
    near = np.zeros((n, (n + 63) >> 6), np.uint64)  # a point, and the points joined to it
    for i in range(n):
        put(near[i], i)
    live = np.zeros((n * (n - 1) >> 1, len(near[0])), np.uint64)  # an edge's triangles that count
    sides = np.zeros_like(near)  # points whose edge to a point has such triangles
    marks = {(0, 0, 0): 0}  # annotations of triangles worth something; the first tells the types
    lune, far, doubtful = np.zeros_like(near[0]), np.zeros_like(near[0]), np.zeros_like(near[0])
    parent, mark = np.zeros(n, np.int64), np.zeros(n, np.int64)  # of the points of a lune
    worth, codes, first, free = new_table()
    members, follows = [(0, 0, 0) for _ in range(0)], [0 for _ in range(0)]
    births, deaths = [0 for _ in range(0)], [0 for _ in range(0)]
    void_in, slots = [0 for _ in range(0)], [0 for _ in range(0)]  # void of a slot, free slots
    value = np.zeros(1, np.uint64)
    loop = 0
    for e in range(len(edges)):
        i, j = ends(edges[e], bits)
        _open(near, sides, live, i, j, lune, doubtful)
        far[:] = lune
        others = False
        while far.any():
            while loop < len(apart) and (
                apart[loop, 0] < e or (apart[loop, 0] == e and not has(far, apart[loop, 1]))
            ):
                loop += 1
            kept = loop < len(apart) and apart[loop, 0] == e
            x = apart[loop, 1] if kept else take_first(far)
            if others and not kept:  # nor is it the one component that changes nothing
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
                mark[x], worth, codes = enter(worth, codes, first, free, value, code)
                put(doubtful, x)
                doubtful |= far
            others = True
            for y in _spread(near, lune, far, doubtful, parent, x):
                x = parent[y]
                a, b = _faces(marks, live, i, j, x, y)
                if a == b:
                    mark[y] = mark[x]
                    continue
                for w in range(len(value)):
                    value[w] = worth[mark[x], w] ^ worth[a, w] ^ worth[b, w]
                if value.any():
                    code = codes[mark[x]] ^ codes[a] ^ codes[b]
                    mark[y], worth, codes = enter(worth, codes, first, free, value, code)
        for x, y in _around(near, lune, doubtful, parent, mark):
            a, b = _faces(marks, live, i, j, x, y)
            c, d = mark[x], mark[y]
            if a == b and c == d:
                continue
            slot = youngest(worth, (a, b, c, d), value, void_in)
            if slot < 0:
                continue
            deaths[void_in[slot]] = e
            slots.append(slot)
            code = codes[a] ^ codes[b] ^ codes[c] ^ codes[d]
            for row in end(worth, codes, first, slot, value, code):
                _silence(first[row], members, follows, marks, live, sides)
                first[row] = -1
                free.append(row)
        x = take_first(doubtful)
        while x >= 0:
            row = mark[x]
            mark[x] = 0
            if worth[row].any():
                triangle = _sorted(i, j, x)
                marks[triangle] = row
                members.append(triangle)
                follows.append(first[row])
                first[row] = len(follows) - 1
                _flip_triangle(live, sides, triangle)
            x = take_first(doubtful)
        put(near[i], j)
        put(near[j], i)
    return np.array(births), np.array(deaths)


@kernel
def _open(near, sides, live, i, j, lune, doubtful):  # type: ignore[no-untyped-def]
    """Find the lune of an edge, and points over which a tetrahedron has a face worth something."""
    for w in range(len(lune)):
        lune[w] = near[i, w] & near[j, w]
        doubtful[w] = lune[w] & (sides[i, w] | sides[j, w])
    for w in range(len(lune)):
        word = doubtful[w]
        while word:
            x = (w << 6) + lowest_bit(word)
            word &= word - ONE
            one, other, v = _pair(i, x), _pair(j, x), 0
            while v < len(lune) and (live[one, v] | live[other, v]) & lune[v] == 0:
                v += 1
            if v == len(lune):
                flip(doubtful, x)


@kernel
def _spread(near, lune, far, doubtful, parent, root):  # type: ignore[no-untyped-def]
    """Take the component of a root from the far points of a lune, each from a parent in it.

    Return the points that may be worth something, parents first, and make them doubtful.
    """
    tree = [0 for _ in range(0)]
    parent[root] = root
    if has(far, root):
        flip(far, root)
    for w in range(len(far)):
        word = far[w] & near[root, w]
        far[w] ^= word
        word &= doubtful[w]
        while word:
            y = (w << 6) + lowest_bit(word)
            word &= word - ONE
            parent[y] = root
            tree.append(y)
    grown = True
    while grown:
        grown = False
        for w in range(len(far)):
            word = far[w]
            while word:
                y, v = (w << 6) + lowest_bit(word), 0
                word &= word - ONE
                while v < len(far) and near[y, v] & lune[v] & ~far[v] == 0:
                    v += 1
                if v == len(far):
                    continue
                grown = True
                x = parent[y] = (v << 6) + lowest_bit(near[y, v] & lune[v] & ~far[v])
                flip(far, y)
                if has(doubtful, x) or has(doubtful, y):
                    put(doubtful, y)
                    tree.append(y)
    return tree


@kernel
def _around(near, lune, doubtful, parent, mark):  # type: ignore[no-untyped-def]
    """Return the edges of a lune that close a loop not filled in by triangles on parents."""
    found = [(0, 0) for _ in range(0)]
    left = doubtful.copy()
    x = take_first(left)
    while x >= 0:
        for w in range(len(lune)):
            word = near[x, w] & lune[w] & ~near[parent[x], w]
            word &= left[w] | ~doubtful[w] if mark[x] else left[w]
            while word:
                y = (w << 6) + lowest_bit(word)
                word &= word - ONE
                if not (has(doubtful, y) and has(near[parent[y]], x)):
                    found.append((x, y))
        x = take_first(left)
    return found


@kernel
def _pair(i, j):  # type: ignore[no-untyped-def]
    """Return the place of an edge."""
    i, j = min(i, j), max(i, j)
    return (j * (j - 1) >> 1) + i


@kernel
def _sorted(i, j, x):  # type: ignore[no-untyped-def]
    """Return three points, of which i < j, in order."""
    if x < i:
        return x, i, j
    return (i, x, j) if x < j else (i, j, x)


@kernel
def _flip_triangle(live, sides, triangle):  # type: ignore[no-untyped-def]
    """Tell the edges of a triangle that it is now worth something, or no longer."""
    i, j, x = triangle
    for a, b, c in ((i, j, x), (i, x, j), (j, x, i)):
        row = live[_pair(a, b)]
        flip(row, c)
        if row.any() != has(sides[a], b):
            flip(sides[a], b)
            flip(sides[b], a)


@kernel
def _faces(marks, live, i, j, x, y):  # type: ignore[no-untyped-def]
    """Return the annotations of the triangles ixy and jxy."""
    x, y = min(x, y), max(x, y)
    on = live[_pair(x, y)]
    a = marks[_sorted(x, y, i)] if has(on, i) else 0
    return a, marks[_sorted(x, y, j)] if has(on, j) else 0


@kernel
def _silence(member, members, follows, marks, live, sides):  # type: ignore[no-untyped-def]
    """Take their mark from all triangles of an annotation that has become empty."""
    while member >= 0:
        marks.pop(members[member])
        _flip_triangle(live, sides, members[member])
        member = follows[member]
