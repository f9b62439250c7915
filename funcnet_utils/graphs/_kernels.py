"""Counts on bit rows: degrees, triangles, distances. Integers inside."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, lowest_bit, popcount, put

EACH = 8  # rows that are joined before the gain is counted
LINE = 8  # words of a cache line


@kernel
def relabelled(rows, order):  # type: ignore[no-untyped-def]
    """Return the graph whose node p is the node `order[p]` of the given one, transposed.

    Strips of 64 rows are transposed, as many as fill a cache line, then written.
    """
    n, words = rows.shape
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    moved, strips = np.empty((n, words), np.uint64), np.empty((LINE, 64, words), np.uint64)
    for first in range(0, words, LINE):
        many = min(LINE, words - first)
        for s in range(many):
            nodes = order[64 * (first + s) : 64 * (first + s + 1)]
            strips[s, len(nodes) :] = 0
            for k, node in enumerate(nodes):
                for w in range(words):
                    strips[s, k, w] = rows[node, w]
            _mirror(strips[s])
        for w in range(words):
            for k in range(min(64, n - 64 * w)):
                row = moved[place[64 * w + k]]
                for s in range(many):
                    row[first + s] = strips[s, k, w]
    return moved


@kernel
def symmetric(rows):  # type: ignore[no-untyped-def]
    """Tell whether a graph is its own transpose, from the squares on and above the diagonal."""
    n, words = rows.shape
    for s in range(words):
        own = rows[64 * s : 64 * s + 64, s:]
        strip = np.zeros((64, words - s), np.uint64)
        for k in range(len(own)):
            for w in range(words - s):
                strip[k, w] = own[k, w]
        _mirror(strip)
        for w in range(s, words):
            for k in range(min(64, n - 64 * w)):
                if strip[k, w - s] != rows[64 * w + k, s]:
                    return False
    return True


@kernel
def degrees(rows):  # type: ignore[no-untyped-def]
    """Return the number of edges of each node."""
    found = np.zeros(len(rows), np.int64)
    for i in range(len(rows)):
        for w in range(rows.shape[1]):
            found[i] += popcount(rows[i, w])
    return found


@kernel
def _mirror(strip):  # type: ignore[no-untyped-def]
    """Transpose squares of 64 x 64 bits side by side: Warren, Hacker's Delight (2013), 7-3."""
    words, step, mask = strip.reshape(strip.size), 32, np.uint64(0xFFFFFFFF)
    while step:
        size, shift = step * strip.shape[1], np.uint64(step)
        for at in range(0, len(words), 2 * size):
            one, two = words[at : at + size], words[at + size : at + 2 * size]
            for w in range(size):
                different = ((one[w] >> shift) ^ two[w]) & mask
                one[w] ^= different << shift
                two[w] ^= different
        step >>= 1
        mask ^= mask << np.uint64(step)


@kernel
def triangles(rows):  # type: ignore[no-untyped-def]
    """Return the number of triangles at each node: the edges among its neighbours.

    An edge (i, j) with i < j counts the triangles whose third node lies below j. Node i is then
    their first or second node; node j is the third, of two edges. Quick if hubs come first.
    """
    n, words = rows.shape
    found = np.zeros(n, np.int64)
    below = np.empty(words, np.uint64)
    for j in range(n):
        end = (j >> 6) + 1
        for w in range(end):
            below[w] = rows[j, w]
        below[end - 1] &= (ONE << np.uint64(j & 63)) - ONE
        twice = 0
        for w in range(end):
            word = below[w]
            while word:
                i = (w << 6) + lowest_bit(word)
                word &= word - ONE
                common = 0
                for x in range(end):
                    common += popcount(rows[i, x] & below[x])
                found[i] += common
                twice += common
        found[j] += twice // 2
    return found


@kernel
def _next_layer(joined, rows, near, reached, wanted, found):  # type: ignore[no-untyped-def]
    """Write the wanted nodes one step further into `found`; return how many there are.

    They are in the `joined` rows of the nodes in `near`, and next to a node that is `reached`. Rows
    are joined, EACH at a time, as long as they find more nodes than they are. Once that ends and
    fewer nodes are missing than rows are left, each missing node is tested by its own row.
    """
    words = len(wanted)
    left, missing = 0, 0
    for w in range(words):
        left += popcount(near[w])
        missing += popcount(wanted[w])
        found[w] = 0
    total, since, joining = missing, 0, missing > 0
    for w in range(words):
        word = near[w]
        while word and joining:
            v = (w << 6) + lowest_bit(word)
            word &= word - ONE
            left -= 1
            since += 1
            for x in range(words):
                found[x] |= joined[v, x]
            if since == EACH or left == 0:
                before, missing, since = missing, 0, 0
                for x in range(words):
                    missing += popcount(wanted[x] & ~found[x])
                joining = missing > left or (missing > 0 and before - missing > EACH)
        if not joining:
            break
    for w in range(words):
        found[w] &= wanted[w]
    if left == 0 or missing == 0:
        return total - missing
    for w in range(words):
        word = wanted[w] & ~found[w]
        while word:
            bit = lowest_bit(word)
            word &= word - ONE
            touching = np.uint64(0)
            for x in range(words):
                touching |= rows[(w << 6) + bit, x] & reached[x]
            if touching:
                found[w] |= ONE << np.uint64(bit)
                missing -= 1
    return total - missing


@kernel
def search(rows, inside, source, target, histogram, frontier, wanted, found):  # type: ignore[no-untyped-def]
    """Add to the histogram how many nodes of a set lie at distance 1, 2, ... through the set.

    The search ends at a target that is not adjacent, if one is given (not -1); its distance is
    returned, and 0 if it is not reached.
    """
    words = len(inside)
    size, missing = 0, 0
    for w in range(words):
        frontier[w] = rows[source, w] & inside[w]
        wanted[w] = inside[w] & ~frontier[w]
        size += popcount(frontier[w])
    wanted[source >> 6] &= ~(ONE << np.uint64(source & 63))
    for w in range(words):
        missing += popcount(wanted[w])
    distance = 1
    histogram[1] += size
    while missing and size:
        size = _next_layer(rows, rows, frontier, frontier, wanted, found)
        distance += 1
        missing -= size
        if size:
            histogram[distance] += size
        if target >= 0 and has(found, target):
            return distance
        for w in range(words):
            frontier[w] = found[w]
            wanted[w] &= ~found[w]
    return 0


@kernel
def sums_of_distances(rows, sources):  # type: ignore[no-untyped-def]
    """Return, for each source, how many nodes it reaches, and their sums of d and of 1 / d."""
    n, words = rows.shape
    found, histogram = np.zeros((len(sources), 3)), np.empty(n + 2, np.int64)
    sets = np.zeros((4, words), np.uint64)
    for i in range(n):
        put(sets[0], i)
    for s, source in enumerate(sources):
        histogram[:] = 0
        search(rows, sets[0], source, -1, histogram, sets[1], sets[2], sets[3])
        distance = 1
        while histogram[distance]:
            found[s, 0] += histogram[distance]
            found[s, 1] += histogram[distance] * distance
            found[s, 2] += histogram[distance] / distance
            distance += 1
    return found


@kernel
def path_histogram(rows):  # type: ignore[no-untyped-def]
    """Return how many ordered pairs of nodes lie at distance 0, 1, 2, ...; shape (n + 2,).

    All searches of a component go on at once: what a node reaches in one more step is what its
    neighbours have reached. A search ends when it has filled the component.
    """
    n, words = rows.shape
    histogram, one = np.zeros(n + 2, np.int64), np.zeros(n + 2, np.int64)
    histogram[0] = n
    sets = np.zeros((5, words), np.uint64)
    frontier, wanted, found, rest, component = sets[0], sets[1], sets[2], sets[3], sets[4]
    reach = np.copy(rows)
    for i in range(n):
        put(rest, i)
        put(reach[i], i)
        for w in range(words):
            histogram[1] += popcount(rows[i, w])
    grown = np.copy(reach)
    for first in range(n):
        if not has(rest, first):
            continue
        search(rows, rest, first, -1, one, frontier, wanted, found)
        for w in range(words):
            component[w] = rest[w] & ~wanted[w]
            rest[w] = wanted[w]
        distance, growing = 2, True
        while growing:
            growing = False
            for w in range(words):
                word = component[w]
                while word:
                    i = (w << 6) + lowest_bit(word)
                    word &= word - ONE
                    missing = 0
                    for x in range(words):
                        wanted[x] = component[x] & ~reach[i, x]
                        missing += popcount(wanted[x])
                    size = _next_layer(reach, rows, rows[i], reach[i], wanted, found)
                    histogram[distance] += size
                    growing = growing or size < missing
                    for x in range(words):
                        grown[i, x] = reach[i, x] | found[x]
            reach, grown = grown, reach
            distance += 1
    return histogram
