"""The efficiency among the neighbours of each node, by the cheaper of two methods."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, lowest_bit, popcount, squeeze_plan
from funcnet_utils.graphs._kernels import path_histogram, search


@kernel
def _induced(rows, degree, node):  # type: ignore[no-untyped-def]
    """Return the graph among the neighbours of a node, renumbered from 0.

    Row by row: the bits of each word are squeezed together, then the words are joined.
    """
    inside = rows[node]
    words, moves = len(inside), squeeze_plan(inside)
    width = (degree[node] + 63) >> 6
    among = np.empty(degree[node] * width + 1, np.uint64)
    row = np.empty(words, np.uint64)
    start = 0
    for w in range(words):
        word = inside[w]
        while word:
            v = (w << 6) + lowest_bit(word)
            word &= word - ONE
            for x in range(words):
                bits = rows[v, x] & inside[x]
                for j in range(6):
                    moving = bits & moves[j, x]
                    bits = (bits ^ moving) | (moving >> np.uint64(1 << j))
                row[x] = bits
            at, filled, bits = start, 0, np.uint64(0)
            for x in range(words):
                size = popcount(inside[x])
                bits |= row[x] << np.uint64(filled)
                filled += size
                if filled > 63:
                    among[at] = bits
                    at += 1
                    filled -= 64
                    bits = (row[x] >> ONE) >> np.uint64(size - filled - 1)
            among[at] = bits
            start += width
    return among[:-1].reshape(degree[node], width)


@kernel
def local_efficiencies(rows, degree, triangle):  # type: ignore[no-untyped-def]
    """Return the efficiency among the neighbours of each node, shape (n,), by the cheaper method.

    The one costs a step for each edge among neighbours, the other three for each word of each pair
    that is not adjacent.
    """
    n, words = rows.shape
    apart = (n * (n - 1) - degree.sum()) // 2
    if 2 * triangle.sum() > 3 * apart * words:
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
    n_far, unused = np.zeros(n, np.int64), np.zeros(n + 2, np.int64)
    far_sum = np.zeros(n)
    sets = np.zeros((5, words), np.uint64)
    common, rest, frontier, wanted, found = sets[0], sets[1], sets[2], sets[3], sets[4]
    for a in range(n):
        span = words
        while span and rows[a, span - 1] == 0:
            span -= 1
        for b in range(a + 1, n):
            if has(rows[a], b):
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
                        distance = search(rows, rows[i], a, b, unused, frontier, wanted, found)
                        if distance:
                            far_sum[i] += 1 / distance
    efficiency = np.zeros(n)
    for i in range(n):
        if triangle[i]:
            pairs = degree[i] * (degree[i] - 1) // 2
            two_steps = pairs - triangle[i] - n_far[i]
            efficiency[i] = (triangle[i] + two_steps / 2 + far_sum[i]) / pairs
    return efficiency
