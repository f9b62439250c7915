"""Counts on bit rows: triangles, distances, efficiency among neighbours. Integers inside."""

from __future__ import annotations

import numpy as np

from funcnet_utils.graphs._bits import ONE, kernel, lowest_bit, popcount


@kernel
def degrees(rows):  # type: ignore[no-untyped-def]
    """Return the degree of each node."""
    n, words = rows.shape
    degree = np.zeros(n, np.int64)
    for i in range(n):
        for w in range(words):
            degree[i] += popcount(rows[i, w])
    return degree


@kernel
def triangles(rows):  # type: ignore[no-untyped-def]
    """Return the number of triangles at each node: the edges among its neighbours."""
    n, words = rows.shape
    twice = np.zeros(n, np.int64)
    for i in range(n):
        for w in range(i >> 6, words):
            word = rows[i, w]
            while word:
                j = (w << 6) + lowest_bit(word)
                word &= word - ONE
                if j > i:
                    common = 0
                    for x in range(words):
                        common += popcount(rows[i, x] & rows[j, x])
                    twice[i] += common
                    twice[j] += common
    return twice // 2


@kernel
def _next_layer(rows, frontier, wanted, found):  # type: ignore[no-untyped-def]
    """Write the wanted nodes next to the frontier into `found`; return how many there are.

    Rows of the frontier are joined as long as each finds several nodes. Once that ends and fewer
    nodes are missing than rows are left, each missing node is tested against the frontier.
    """
    words = len(wanted)
    left, missing = 0, 0
    for w in range(words):
        left += popcount(frontier[w])
        missing += popcount(wanted[w])
        found[w] = 0
    total = missing
    joining = missing > 0
    for w in range(words):
        word = frontier[w]
        while word and joining:
            v = (w << 6) + lowest_bit(word)
            word &= word - ONE
            left -= 1
            before, missing = missing, 0
            for x in range(words):
                found[x] |= rows[v, x]
                missing += popcount(wanted[x] & ~found[x])
            joining = missing > left or (missing > 0 and before - missing > 1)
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
            near = np.uint64(0)
            for x in range(words):
                near |= rows[(w << 6) + bit, x] & frontier[x]
            if near:
                found[w] |= ONE << np.uint64(bit)
                missing -= 1
    return total - missing


@kernel
def _search(rows, inside, source, histogram, frontier, wanted, found):  # type: ignore[no-untyped-def]
    """Add to the histogram how many nodes of a set lie at distance 1, 2, ... through the set."""
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
        size = _next_layer(rows, frontier, wanted, found)
        distance += 1
        missing -= size
        if size:
            histogram[distance] += size
        for w in range(words):
            frontier[w] = found[w]
            wanted[w] &= ~found[w]


@kernel
def _paths_in_one_word(rows):  # type: ignore[no-untyped-def]
    """Do what `path_histogram` does for at most 64 nodes: a set of nodes is a number."""
    n = len(rows)
    histogram = np.zeros(n + 2, np.int64)
    histogram[0] = n
    everything = ~np.uint64(0) >> np.uint64(64 - n)
    for source in range(n):
        frontier = rows[source, 0]
        wanted = everything & ~frontier & ~(ONE << np.uint64(source))
        distance = 1
        histogram[1] += popcount(frontier)
        while wanted and frontier:
            found = np.uint64(0)
            while frontier and wanted & ~found:
                found |= rows[lowest_bit(frontier), 0]
                frontier &= frontier - ONE
            frontier = found & wanted
            wanted &= ~frontier
            distance += 1
            if frontier:
                histogram[distance] += popcount(frontier)
    return histogram


@kernel
def path_histogram(rows):  # type: ignore[no-untyped-def]
    """Return how many ordered pairs of nodes lie at distance 0, 1, 2, ...; shape (n + 2,).

    A search ends when it has filled its component, which the first search inside it finds.
    """
    n, words = rows.shape
    if words == 1:
        return _paths_in_one_word(rows)
    histogram = np.zeros(n + 2, np.int64)
    histogram[0] = n
    frontier = np.zeros(words, np.uint64)
    wanted = np.zeros(words, np.uint64)
    found = np.zeros(words, np.uint64)
    rest = np.zeros(words, np.uint64)
    for i in range(n):
        rest[i >> 6] |= ONE << np.uint64(i & 63)
    component = np.zeros(words, np.uint64)
    for first in range(n):
        if not (rest[first >> 6] >> np.uint64(first & 63)) & ONE:
            continue
        _search(rows, rest, first, histogram, frontier, wanted, found)
        for w in range(words):
            component[w] = rest[w] & ~wanted[w]
            rest[w] = wanted[w]
        for w in range(words):
            word = component[w]
            while word:
                source = (w << 6) + lowest_bit(word)
                word &= word - ONE
                if source != first:
                    _search(rows, component, source, histogram, frontier, wanted, found)
    return histogram


@kernel
def _induced(rows, degree, node):  # type: ignore[no-untyped-def]
    """Return the graph among the neighbours of a node, renumbered from 0."""
    n, words = rows.shape
    place = np.empty(n, np.int64)
    among = np.zeros((degree[node], (degree[node] + 63) >> 6), np.uint64)
    p = 0
    for w in range(words):
        word = rows[node, w]
        while word:
            place[(w << 6) + lowest_bit(word)] = p
            word &= word - ONE
            p += 1
    p = 0
    for w in range(words):
        word = rows[node, w]
        while word:
            v = (w << 6) + lowest_bit(word)
            word &= word - ONE
            for x in range(words):
                near = rows[v, x] & rows[node, x]
                while near:
                    q = place[(x << 6) + lowest_bit(near)]
                    near &= near - ONE
                    among[p, q >> 6] |= ONE << np.uint64(q & 63)
            p += 1
    return among


@kernel
def local_efficiencies(rows, degree, triangle):  # type: ignore[no-untyped-def]
    """Return the efficiency among the neighbours of each node, shape (n,), by the cheaper way.

    The one costs a step for each edge among neighbours, the other for each word of each pair that
    is not adjacent.
    """
    n, words = rows.shape
    apart = (n * (n - 1) - degree.sum()) // 2
    if 2 * triangle.sum() > apart * words:
        return _by_pairs(rows, degree, triangle)
    return _by_nodes(rows, degree, triangle)


@kernel
def _by_nodes(rows, degree, triangle):  # type: ignore[no-untyped-def]
    """Search the graph among the neighbours of each node: best in sparse graphs."""
    efficiency = np.zeros(len(rows))
    for i in range(len(rows)):
        if triangle[i]:
            histogram = path_histogram(_induced(rows, degree, i))
            for distance in range(1, len(histogram)):
                efficiency[i] += histogram[distance] / distance
            efficiency[i] /= degree[i] * (degree[i] - 1)
    return efficiency


@kernel
def _by_pairs(rows, degree, triangle):  # type: ignore[no-untyped-def]
    """Turn the question round, from pairs to nodes: best in dense graphs.

    Two neighbours of i are adjacent (there are `triangle[i]` such pairs), or at distance 2 if a
    third neighbour joins them, or far. For a pair (a, b) that is not adjacent, let S be the common
    neighbours: the pair is far among the neighbours of i in S exactly if i has no neighbour in S.
    Only far pairs are searched.
    """
    n, words = rows.shape
    n_far = np.zeros(n, np.int64)
    far_sum = np.zeros(n)
    common = np.zeros(words, np.uint64)
    rest = np.zeros(words, np.uint64)
    frontier = np.zeros(words, np.uint64)
    wanted = np.zeros(words, np.uint64)
    found = np.zeros(words, np.uint64)
    for a in range(n):
        span = words
        while span and rows[a, span - 1] == 0:
            span -= 1
        for b in range(a + 1, n):
            if (rows[a, b >> 6] >> np.uint64(b & 63)) & ONE:
                continue
            for w in range(span):
                common[w] = rows[a, w] & rows[b, w]
                rest[w] = common[w]
            for w in range(span):
                while rest[w]:
                    i = (w << 6) + lowest_bit(rest[w])
                    rest[w] &= rest[w] - ONE
                    joined = np.uint64(0)
                    for x in range(span):
                        near = rows[i, x] & common[x]
                        joined |= near
                        rest[x] &= ~near
                    if joined == 0 and triangle[i]:
                        n_far[i] += 1
                        distance = _distance(rows, rows[i], a, b, frontier, wanted, found)
                        if distance:
                            far_sum[i] += 1 / distance
    efficiency = np.zeros(n)
    for i in range(n):
        if triangle[i]:
            pairs = degree[i] * (degree[i] - 1) // 2
            two_steps = pairs - triangle[i] - n_far[i]
            efficiency[i] = (triangle[i] + two_steps / 2 + far_sum[i]) / pairs
    return efficiency


@kernel
def _distance(rows, inside, source, target, frontier, wanted, found):  # type: ignore[no-untyped-def]
    """Return the distance of two nodes that are not adjacent through a set, 0 if not connected."""
    words = len(inside)
    size = 0
    for w in range(words):
        frontier[w] = rows[source, w] & inside[w]
        wanted[w] = inside[w] & ~frontier[w]
        size += popcount(frontier[w])
    wanted[source >> 6] &= ~(ONE << np.uint64(source & 63))
    distance = 1
    while size:
        size = _next_layer(rows, frontier, wanted, found)
        distance += 1
        if (found[target >> 6] >> np.uint64(target & 63)) & ONE:
            return distance
        for w in range(words):
            frontier[w] = found[w]
            wanted[w] &= ~found[w]
    return 0
