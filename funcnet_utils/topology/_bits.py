"""Sets of bits in 64-bit words, for numba kernels."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

kernel = numba.njit(cache=True, nogil=True)
ONE = np.uint64(1)


def _popcount(typing_context: Any, word: Any) -> Any:
    """Return the number of set bits of a word."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), codegen


def _lowest_bit(typing_context: Any, word: Any) -> Any:
    """Return the place of the lowest set bit of a word that is not 0."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


def _highest_bit(typing_context: Any, word: Any) -> Any:
    """Return the place of the highest set bit of a word that is not 0."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        zeros = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

    return types.int64(types.uint64), codegen


popcount: Any = intrinsic(_popcount)
lowest_bit: Any = intrinsic(_lowest_bit)
highest_bit: Any = intrinsic(_highest_bit)


@kernel
def put(words, place):  # type: ignore[no-untyped-def]
    """Add a place to a set."""
    words[place >> 6] |= ONE << np.uint64(place & 63)


@kernel
def has(words, place):  # type: ignore[no-untyped-def]
    """Tell whether a place is in a set."""
    return (words[place >> 6] >> np.uint64(place & 63)) & ONE != 0


@kernel
def new_tower(size):  # type: ignore[no-untyped-def]
    """Return an empty set of places below `size` whose largest place is found in a few steps.

    A word of a level that is not 0 is marked by one bit in the level above, up to one word.
    """
    starts = [0]
    width = (size + 63) >> 6
    while width > 1:
        starts.append(starts[-1] + width)
        width = (width + 63) >> 6
    return np.zeros(starts[-1] + 1, np.uint64), np.array(starts)


@kernel
def toggle(tower, starts, place):  # type: ignore[no-untyped-def]
    """Add a place to a tower, or remove it."""
    for start in starts:
        w = start + (place >> 6)
        before = tower[w]
        tower[w] ^= ONE << np.uint64(place & 63)
        if before != 0 and tower[w] != 0:
            return
        place >>= 6


@kernel
def largest(tower, starts):  # type: ignore[no-untyped-def]
    """Return the largest place in a tower, or -1 if it is empty."""
    if tower[-1] == 0:
        return -1
    place = 0
    for start in starts[::-1]:
        place = (place << 6) + highest_bit(tower[start + place])
    return place
