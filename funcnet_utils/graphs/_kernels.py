"""Graph kernels on bit rows: a row of the adjacency matrix is packed into 64-bit words.

Everything counted here is an integer; the measures divide once at the end. A kernel takes one
graph, releases the GIL and uses one thread; `each` runs it over a stack on all threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def popcount(typing_context, word):  # type: ignore[no-untyped-def]
    """Return the number of set bits of a word."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), codegen


@intrinsic
def lowest_bit(typing_context, word):  # type: ignore[no-untyped-def]
    """Return the place of the lowest set bit of a word that is not 0."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen


kernel = numba.njit(cache=True, nogil=True, boundscheck=False)
ONE = np.uint64(1)
LOW = np.uint64(0xFFFFFFFF)


def pack(adjacency: np.ndarray) -> np.ndarray:
    """Pack a graph of shape (n, n) into bit rows of shape (n, ceil(n / 64)) of uint64."""
    n = adjacency.shape[-1]
    words = -(-n // 64)
    packed = np.zeros((n, words * 8), dtype=np.uint8)
    packed[:, : -(-n // 8)] = np.packbits(adjacency, axis=-1, bitorder="little")
    return packed.view(np.uint64)


def unpack(rows: np.ndarray) -> np.ndarray:
    """Return the boolean adjacency matrix of bit rows."""
    n = len(rows)
    bits = np.unpackbits(rows.view(np.uint8), axis=-1, bitorder="little", count=n)
    return bits.view(bool)


def each(function: Callable[..., Any], items: Sequence[Any]) -> list[Any]:
    """Apply a function to every item, on as many threads as numba is allowed."""
    threads = min(numba.get_num_threads(), len(items))
    if threads <= 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))


@kernel
def degrees_and_triangles(rows):  # type: ignore[no-untyped-def]
    """Return the degree of each node and the edges among its neighbours."""
    n, words = rows.shape
    degree = np.zeros(n, np.int64)
    triangles = np.zeros(n, np.int64)
    for i in range(n):
        for w in range(words):
            word = rows[i, w]
            degree[i] += np.int64(popcount(word))
            base = w << 6
            if base + 63 <= i:
                continue
            while word:
                j = base + np.int64(lowest_bit(word))
                word &= word - ONE
                if j <= i:
                    continue
                common = np.int64(0)
                for x in range(words):
                    common += np.int64(popcount(rows[i, x] & rows[j, x]))
                triangles[i] += common
                triangles[j] += common
    return degree, triangles // 2


@kernel
def _spread(rows, inside, frontier, reached, fresh):  # type: ignore[no-untyped-def]
    """Write the unreached nodes next to the frontier into `fresh`; return how many there are.

    Either the rows of the frontier are joined, or each missing node is tested against the
    frontier, whichever has fewer nodes to visit.
    """
    words = rows.shape[1]
    visited = np.int64(0)
    missing = np.int64(0)
    for w in range(words):
        visited += np.int64(popcount(frontier[w]))
        missing += np.int64(popcount(inside[w] & ~reached[w]))
        fresh[w] = 0
    if missing < visited:
        for w in range(words):
            word = inside[w] & ~reached[w]
            while word:
                bit = lowest_bit(word)
                word &= word - ONE
                v = (w << 6) + np.int64(bit)
                for x in range(words):
                    if rows[v, x] & frontier[x]:
                        fresh[w] |= ONE << bit
                        break
    else:
        for w in range(words):
            word = frontier[w]
            while word:
                v = (w << 6) + np.int64(lowest_bit(word))
                word &= word - ONE
                for x in range(words):
                    fresh[x] |= rows[v, x]
    found = np.int64(0)
    for w in range(words):
        fresh[w] &= inside[w] & ~reached[w]
        found += np.int64(popcount(fresh[w]))
    return found


@kernel
def path_histogram(rows):  # type: ignore[no-untyped-def]
    """Return how many ordered pairs of nodes lie at distance 0, 1, 2, ...; shape (n,)."""
    n, words = rows.shape
    histogram = np.zeros(max(n, 1), np.int64)
    component = np.zeros(n, np.int64) - 1
    members = np.zeros((n, words), np.uint64)
    n_components = 0
    frontier = np.zeros(words, np.uint64)
    reached = np.zeros(words, np.uint64)
    fresh = np.zeros(words, np.uint64)
    everything = np.zeros(words, np.uint64)
    for i in range(n):
        everything[i >> 6] |= ONE << np.uint64(i & 63)
    for source in range(n):
        known = component[source] >= 0
        inside = members[component[source]] if known else everything
        for w in range(words):
            frontier[w] = rows[source, w]
            reached[w] = rows[source, w]
        reached[source >> 6] |= ONE << np.uint64(source & 63)
        degree = np.int64(0)
        left = np.int64(0)
        for w in range(words):
            degree += np.int64(popcount(frontier[w]))
            left += np.int64(popcount(inside[w] & ~reached[w]))
        histogram[0] += 1
        if degree:
            histogram[1] += degree
        distance = 1
        while left and degree:
            found = _spread(rows, inside, frontier, reached, fresh)
            if found == 0:
                break
            distance += 1
            histogram[distance] += found
            left -= found
            for w in range(words):
                reached[w] |= fresh[w]
                frontier[w] = fresh[w]
        if not known:
            for w in range(words):
                members[n_components, w] = reached[w]
                word = reached[w]
                while word:
                    component[(w << 6) + np.int64(lowest_bit(word))] = n_components
                    word &= word - ONE
            n_components += 1
    return histogram


@kernel
def local_efficiencies(rows, degree, triangles):  # type: ignore[no-untyped-def]
    """Return the efficiency inside the neighbourhood of each node, shape (n,).

    Two neighbours of i are adjacent (there are `triangles[i]` such pairs), or at distance 2 if a
    third neighbour joins them, or far. For a pair (a, b) that is not adjacent, let S be the common
    neighbours: the pair is far inside the neighbourhood of i in S exactly if i has no neighbour in
    S. Only far pairs are searched.
    """
    n, words = rows.shape
    far = np.zeros(n, np.int64)
    far_sum = np.zeros(n, np.float64)
    target = np.zeros((n, words), np.uint64)
    touched = np.zeros(n, np.int64)
    common = np.zeros(words, np.uint64)
    rest = np.zeros(words, np.uint64)
    frontier = np.zeros(words, np.uint64)
    reached = np.zeros(words, np.uint64)
    fresh = np.zeros(words, np.uint64)
    for a in range(n):
        n_touched = 0
        for b in range(a + 1, n):
            if (rows[a, b >> 6] >> np.uint64(b & 63)) & ONE:
                continue
            some = False
            for w in range(words):
                common[w] = rows[a, w] & rows[b, w]
                rest[w] = common[w]
                some |= common[w] != 0
            if not some:
                continue
            for w in range(words):
                while rest[w]:
                    bit = lowest_bit(rest[w])
                    i = (w << 6) + np.int64(bit)
                    rest[w] &= rest[w] - ONE
                    joined = False
                    for x in range(words):
                        near = rows[i, x] & common[x]
                        if near:
                            joined = True
                            rest[x] &= ~near
                    if not joined:
                        far[i] += 1
                        empty = True
                        for x in range(words):
                            if target[i, x]:
                                empty = False
                                break
                        if empty:
                            touched[n_touched] = i
                            n_touched += 1
                        target[i, b >> 6] |= ONE << np.uint64(b & 63)
        for t in range(n_touched):
            i = touched[t]
            for w in range(words):
                frontier[w] = rows[a, w] & rows[i, w]
                reached[w] = frontier[w]
            reached[a >> 6] |= ONE << np.uint64(a & 63)
            distance = 1
            while True:
                found = _spread(rows, rows[i], frontier, reached, fresh)
                if found == 0:
                    break
                distance += 1
                hits = np.int64(0)
                for w in range(words):
                    reached[w] |= fresh[w]
                    frontier[w] = fresh[w]
                    hits += np.int64(popcount(fresh[w] & target[i, w]))
                far_sum[i] += hits / distance
            for w in range(words):
                target[i, w] = 0
    efficiency = np.zeros(n, np.float64)
    for i in range(n):
        pairs = degree[i] * (degree[i] - 1) // 2
        if pairs:
            near = triangles[i] + (pairs - triangles[i] - far[i]) / 2
            efficiency[i] = (near + far_sum[i]) / pairs
    return efficiency


@kernel
def _random_below(state, bound):  # type: ignore[no-untyped-def]
    """Return a number in [0, bound) from a SplitMix64 generator (doi:10.1145/2660193.2660195)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64(((z >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))


@kernel
def swap_edges(rows, heads, tails, seed, n_swaps, n_attempts, latticise):  # type: ignore[no-untyped-def]
    """Swap the ends of pairs of edges in place; return the number of swaps made.

    Stops after `n_swaps` swaps or `n_attempts` attempts. With `latticise` a swap is made only if
    it does not lengthen the two edges, measured around a ring of all nodes.
    """
    n, m = len(rows), len(heads)
    state = np.array([seed], np.uint64)
    done = 0
    for _ in range(n_attempts):
        if done == n_swaps:
            break
        e = _random_below(state, m)
        f = _random_below(state, m)
        a, b = heads[e], tails[e]
        c, d = heads[f], tails[f]
        if _random_below(state, 2):
            c, d = d, c
        if a in (c, d) or b in (c, d):
            continue
        if (rows[a, d >> 6] >> np.uint64(d & 63)) & ONE or (
            rows[c, b >> 6] >> np.uint64(b & 63)
        ) & ONE:
            continue
        if latticise:
            before = min(abs(a - b), n - abs(a - b)) + min(abs(c - d), n - abs(c - d))
            after = min(abs(a - d), n - abs(a - d)) + min(abs(c - b), n - abs(c - b))
            if after > before:
                continue
        for u, v in ((a, b), (b, a), (c, d), (d, c), (a, d), (d, a), (c, b), (b, c)):
            rows[u, v >> 6] ^= ONE << np.uint64(v & 63)
        heads[e], tails[e] = a, d
        heads[f], tails[f] = c, b
        done += 1
    return done
