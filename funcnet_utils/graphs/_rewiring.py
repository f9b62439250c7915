"""Kernels that swap the ends of edges on bit rows, each with a generator of its own."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel

STEP = np.uint64(0x9E3779B97F4A7C15)
BATCH = 256


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
def _draw(seed, start, m, first, second):  # type: ignore[no-untyped-def]
    """Draw two of m edges per attempt, from the words that `_next_word` would give.

    The last bit of `second` tells which end of its edge comes first. Drawn ahead of the swaps,
    words do not wait for the outcome of an attempt.
    """
    for k in range(len(first)):
        word = _mixed(seed + np.uint64(start + k + 1) * STEP)
        first[k] = _high(word, m)
        second[k] = 2 * _low(word, m) + np.int64((word >> np.uint64(31)) & ONE)


@kernel
def swap_ends(rows, edges, seed, n_attempts):  # type: ignore[no-untyped-def]
    r"""Swap the ends of random pairs of edges in place; return the number of swaps made.

    An attempt draws edges e = (a, b) and f = (c, d), and turns f round for every other draw::

        a --- b            a     b
                  ->         \ /        unless (a, d) or (c, b) is an edge, or a loop
        c --- d            c / \ d
    """
    first, second = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint64)
    done = 0
    for start in range(0, n_attempts, BATCH):
        size = min(BATCH, n_attempts - start)
        _draw(seed, start, len(edges), first[:size], second[:size])
        for k in range(size):
            e, f, turn = first[k], second[k] >> ONE, second[k] & ONE
            a, b = np.int64(edges[e, 0]), np.int64(edges[e, 1])
            c, d = np.int64(edges[f, turn]), np.int64(edges[f, turn ^ ONE])
            taken = has(rows[a], d) | has(rows[c], b)
            if taken or a in (c, d) or b in (c, d):
                continue
            _swap(rows, a, b, c, d)
            edges[e, 1], edges[f, 0], edges[f, 1] = d, c, b
            done += 1
    return done


@kernel
def latticise(rows, starts, neighbours, seed, n_attempts):  # type: ignore[no-untyped-def]
    """Swap edges in place so that they join near places on a ring.

    An attempt draws a node a, a node d among the nearest places, as many as a has edges, and the
    edges (a, b) and (d, c), each the longer of two. They become (a, d) and (b, c) if that does not
    lengthen their sum. The neighbours of a node lie in `neighbours[starts[node]:starts[node + 1]]`.
    """
    n = len(rows)
    state = np.array([seed], np.uint64)
    for _ in range(n_attempts):
        word = _next_word(state)
        a = _high(word, n)
        at_a = starts[a]
        degree = starts[a + 1] - at_a
        reach = 1 + (degree >> 1)
        step = _low(word, 2 * reach) - reach
        d = (a + step + (step >= 0)) % n
        at_d = starts[d]
        other = starts[d + 1] - at_d
        if degree == 0 or other == 0 or has(rows[a], d):
            continue
        one, two = _next_word(state), _next_word(state)
        at_b = _farther(a, at_a + _high(one, degree), at_a + _high(two, degree), neighbours, n)
        at_c = _farther(d, at_d + _low(one, other), at_d + _low(two, other), neighbours, n)
        b, c = neighbours[at_b], neighbours[at_c]
        if b == c or has(rows[b], c):
            continue
        if _ring(a, d, n) + _ring(b, c, n) > _ring(a, b, n) + _ring(d, c, n):
            continue
        _swap(rows, a, b, c, d)
        neighbours[at_b], neighbours[at_c] = d, a
        for at in range(starts[b], starts[b + 1]):
            if neighbours[at] == a:
                neighbours[at] = c
        for at in range(starts[c], starts[c + 1]):
            if neighbours[at] == d:
                neighbours[at] = b


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
def _swap(rows, a, b, c, d):  # type: ignore[no-untyped-def]
    """Turn the edges (a, b) and (c, d) into (a, d) and (c, b)."""
    for u, v in ((a, b), (c, d), (a, d), (c, b)):
        rows[u, v >> 6] ^= ONE << np.uint64(v & 63)
        rows[v, u >> 6] ^= ONE << np.uint64(u & 63)


@kernel
def _ring(u, v, n):  # type: ignore[no-untyped-def]
    """Return the distance of two places on a ring of n places."""
    return min(abs(u - v), n - abs(u - v))
