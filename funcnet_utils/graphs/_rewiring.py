"""Kernels that swap the ends of edges, each with a generator of its own.

Which pairs of nodes are taken is a set of bits, those of `_pair`: half a matrix stays in a nearer
cache than a whole one. A node and itself are taken, so that loops are refused like double edges.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, put

STEP = np.uint64(0x9E3779B97F4A7C15)
BATCH = 64


@kernel
def _next_word(state):  # type: ignore[no-untyped-def]
    """Return 64 random bits of SplitMix64 (doi:10.1145/2660193.2660195)."""
    state[0] += STEP
    return _mixed(state[0])


@kernel
def _mixed(z):  # type: ignore[no-untyped-def]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def swap_ends(edges, taken, seed, n_attempts):  # type: ignore[no-untyped-def]
    r"""Swap the ends of random pairs of edges in place; return the number of swaps made.

    An edge is a word whose halves are its ends. An attempt draws edges e = (a, b) and f = (c, d),
    and turns f round for every other draw::

        a --- b            a     b
                  ->         \ /        unless (a, d) or (c, b) is taken
        c --- d            c / \ d

    Attempts are drawn ahead, from the words that `_next_word` would give, and touch their edges:
    these loads do not wait for each other. The last bit of `second` tells whether to turn. A swap
    refused is made of zeros, not a branch: whether it will be made cannot be predicted.
    """
    m, half = len(edges), np.uint64(4 * edges.itemsize)
    low = (ONE << half) - ONE
    first, second = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint64)
    touched, done = np.empty(BATCH, np.uint64), np.uint64(0)
    for start in range(0, n_attempts, BATCH):
        size = min(BATCH, n_attempts - start)
        for k in range(size):
            word = _mixed(seed + np.uint64(start + k + 1) * STEP)
            first[k] = _high(word, m)
            second[k] = 2 * _low(word, m) + np.int64((word >> np.uint64(31)) & ONE)
            touched[k] = edges[first[k]] ^ edges[second[k] >> ONE]
        for k in range(size):
            e, f, turn = first[k], second[k] >> ONE, half * (second[k] & ONE)
            one, two = np.uint64(edges[e]), np.uint64(edges[f])
            a, b = one & low, one >> half
            c, d = (two >> turn) & low, (two >> (half - turn)) & low
            ad, cb = _pair(a, d), _pair(c, b)
            free = ONE - np.uint64(has(taken, ad) | has(taken, cb))
            _flip(taken, (_pair(a, b), _pair(c, d), ad, cb), free)
            edges[e] = one ^ free * ((b ^ d) << half)
            edges[f] = two ^ free * (two ^ (c | (b << half)))
            done += free
    return np.int64(done)


@kernel
def bit_rows(edges, n):  # type: ignore[no-untyped-def]
    """Return the bit rows of a graph of n nodes from its edges, words whose halves are ends."""
    half = np.uint64(4 * edges.itemsize)
    rows = np.zeros((n, (n + 63) // 64), np.uint64)
    for word in edges:
        a, b = np.uint64(word) & ((ONE << half) - ONE), np.uint64(word) >> half
        put(rows[a], b)
        put(rows[b], a)
    return rows


@kernel
def latticise(starts, neighbours, taken, seed, n_attempts):  # type: ignore[no-untyped-def]
    """Swap edges in place so that they join near places on a ring.

    An attempt draws a node a, a node d among the nearest places, as many as a has edges, and the
    edges (a, b) and (d, c), each the longer of two. They become (a, d) and (b, c) if that does not
    lengthen their sum. The neighbours of a node lie in `neighbours[starts[node]:starts[node + 1]]`.
    """
    n = len(starts) - 1
    state = np.array([seed], np.uint64)
    for _ in range(n_attempts):
        word = _next_word(state)
        a = _high(word, n)
        at_a = starts[a]
        degree = starts[a + 1] - at_a
        reach = 1 + (degree >> 1)
        step = _low(word, 2 * reach) - reach
        d = a + step + (step >= 0)
        d += n * (d < 0) - n * (d >= n)
        at_d = starts[d]
        other = starts[d + 1] - at_d
        ad = _pair(a, d)
        if degree == 0 or other == 0 or has(taken, ad):
            continue
        one, two = _next_word(state), _next_word(state)
        at_b = _farther(a, at_a + _high(one, degree), at_a + _high(two, degree), neighbours, n)
        at_c = _farther(d, at_d + _low(one, other), at_d + _low(two, other), neighbours, n)
        b, c = np.int64(neighbours[at_b]), np.int64(neighbours[at_c])
        bc = _pair(b, c)
        if has(taken, bc) or _ring(a, d, n) + _ring(b, c, n) > _ring(a, b, n) + _ring(d, c, n):
            continue
        _flip(taken, (_pair(a, b), _pair(c, d), ad, bc), ONE)
        neighbours[at_b], neighbours[at_c] = d, a
        _replace(neighbours[starts[b] : starts[b + 1]], a, c)
        _replace(neighbours[starts[c] : starts[c + 1]], d, b)


@kernel
def _farther(node, one, two, neighbours, n):  # type: ignore[no-untyped-def]
    """Return which of two places in the list holds the neighbour farther away on the ring."""
    near = _ring(node, neighbours[one], n) < _ring(node, neighbours[two], n)
    return two if near else one


@kernel
def _high(word, bound):  # type: ignore[no-untyped-def]
    """Return a number in [0, bound) from the upper 32 bits of a random word."""
    return np.int64(((word >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))


@kernel
def _low(word, bound):  # type: ignore[no-untyped-def]
    """Return a number in [0, bound) from the lower 31 bits of a random word; bit 31 is left."""
    return np.int64(((word & np.uint64(0x7FFFFFFF)) * np.uint64(bound)) >> np.uint64(31))


@kernel
def _replace(nodes, old, new):  # type: ignore[no-untyped-def]
    """Replace a node in a list, comparing many at once: in their own type, without a branch."""
    gone, come = nodes.dtype.type(old), nodes.dtype.type(new)
    for k in range(len(nodes)):
        nodes[k] = come if nodes[k] == gone else nodes[k]


@kernel
def _pair(u, v):  # type: ignore[no-untyped-def]
    """Return the place of a pair of nodes among all pairs, whichever comes first."""
    more, less = np.uint64(max(u, v)), np.uint64(min(u, v))
    return ((more * (more + ONE)) >> ONE) + less


@kernel
def _flip(words, places, bit):  # type: ignore[no-untyped-def]
    """Put places into a set, or out of it where they are in; nothing changes if the bit is 0."""
    for place in places:
        words[place >> np.uint64(6)] ^= bit << (place & np.uint64(63))


@kernel
def _ring(u, v, n):  # type: ignore[no-untyped-def]
    """Return the distance of two places on a ring of n places."""
    return min(abs(u - v), n - abs(u - v))
