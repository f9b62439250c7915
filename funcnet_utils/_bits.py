"""Sets of bits in 64-bit words for numba kernels, and threads over independent jobs.

A kernel takes one graph, releases the GIL and runs on one thread; `map_in_threads` takes many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

Item = TypeVar("Item")
Result = TypeVar("Result")

kernel = numba.njit(cache=True, nogil=True)
instruction: Any = intrinsic  # whose calls have an argument less than their definition
ONE = np.uint64(1)
_ZERO_IS_UNDEFINED = ir.Constant(ir.IntType(1), 1)


def _of_word(emit: Callable[[Any, Any], Any]) -> Any:
    """Return a numba intrinsic from a uint64 to an int64, of the instructions that `emit` adds."""

    def typed(typing_context: Any, word: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, arguments[0])

        return types.int64(types.uint64), codegen

    return instruction(typed)


# number of set bits; place of the lowest set bit of a word that is not 0
popcount = _of_word(lambda builder, word: builder.ctpop(word))
lowest_bit = _of_word(lambda builder, word: builder.cttz(word, _ZERO_IS_UNDEFINED))


@kernel
def put(words, place):  # type: ignore[no-untyped-def]
    """Add a place to a set."""
    words[place >> 6] |= ONE << np.uint64(place & 63)


@kernel
def flip(words, place):  # type: ignore[no-untyped-def]
    """Add a place to a set, or remove it if it is there."""
    words[place >> 6] ^= ONE << np.uint64(place & 63)


@kernel
def has(words, place):  # type: ignore[no-untyped-def]
    """Tell whether a place is in a set."""
    return (words[place >> 6] >> np.uint64(place & 63)) & ONE != 0


@kernel
def take_first(words):  # type: ignore[no-untyped-def]
    """Remove the first place of a set, and return it; -1 if the set is empty."""
    for w in range(len(words)):
        if words[w]:
            bit = lowest_bit(words[w])
            words[w] &= words[w] - ONE
            return (w << 6) + bit
    return -1


@kernel
def squeeze_plan(masks):  # type: ignore[no-untyped-def]
    """Return which bits move down by 1, 2, 4, ... 32 places, in turn, so that no gaps are left.

    Shape (6, words), for the bits of each word of `masks`: Warren, Hacker's Delight (2013), 7-4.
    """
    moves = np.empty((6, len(masks)), np.uint64)
    for w, mask in enumerate(masks):
        gaps = ~mask << ONE
        for j in range(6):
            odd = gaps
            for step in range(6):
                odd ^= odd << np.uint64(1 << step)
            moves[j, w] = odd & mask
            mask = (mask & ~odd) | ((odd & mask) >> np.uint64(1 << j))
            gaps &= ~odd
    return moves


@instruction
def _which_of_64(typing_context: Any, octets: Any, start: Any) -> Any:
    """Return which of the 64 octets from `start` on are not 0, compared at once, as a word."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(signature.args[0])(context, builder, arguments[0])
        vector = ir.VectorType(ir.IntType(8), 64)
        place = builder.bitcast(builder.gep(given.data, [arguments[1]]), vector.as_pointer())
        present = builder.icmp_unsigned("!=", builder.load(place, align=1), vector(None))
        return builder.bitcast(present, ir.IntType(64))

    return types.uint64(octets, types.int64), codegen


@kernel
def _pack(octets, rows):  # type: ignore[no-untyped-def]
    whole, rest = octets.shape[1] >> 6, octets.shape[1] & 63
    last = np.zeros(64, np.uint8)
    for i in range(len(rows)):
        for w in range(whole):
            rows[i, w] = _which_of_64(octets[i], w << 6)
        if rest:
            for k in range(rest):
                last[k] = octets[i, (whole << 6) + k]
            rows[i, whole] = _which_of_64(last, 0)


def pack(adjacency: np.ndarray) -> np.ndarray:
    """Pack booleans of shape (..., n, m) into bit rows of shape (..., n, ceil(m / 64)), uint64."""
    *stack, m = adjacency.shape
    rows = np.empty((*stack, -(-m // 64)), np.uint64)
    octets = np.ascontiguousarray(adjacency, bool).view(np.uint8)
    _pack(octets.reshape(prod(stack), m), rows.reshape(prod(stack), rows.shape[-1]))
    return rows


def unpack(rows: np.ndarray) -> np.ndarray:
    """Return the boolean adjacency matrices of bit rows, the inverse of `pack`."""
    octets = np.ascontiguousarray(rows).view(np.uint8)
    return np.unpackbits(octets, axis=-1, bitorder="little", count=rows.shape[-2]).view(bool)


def map_in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to every item, on at most NUMBA_NUM_THREADS threads, in order."""
    jobs = list(items)
    # get_num_threads sets torch's, too
    threads = min(numba.config.NUMBA_NUM_THREADS, len(jobs))  # type: ignore[attr-defined]
    if threads <= 1:
        return [function(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, jobs))
