"""Rows of bits: a row of an adjacency matrix packed into 64-bit words, and the threads over graphs.

A kernel takes one graph, releases the GIL and runs on one thread; `each` maps it over a stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

Item = TypeVar("Item")
Result = TypeVar("Result")

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


popcount: Any = intrinsic(_popcount)
lowest_bit: Any = intrinsic(_lowest_bit)


def pack(adjacency: np.ndarray) -> np.ndarray:
    """Pack booleans of shape (..., n, n) into bit rows of shape (..., n, ceil(n / 64)), uint64."""
    *stack, n, _ = adjacency.shape
    words = -(-n // 64)
    packed = np.zeros((*stack, n, 8 * words), dtype=np.uint8)
    packed[..., : -(-n // 8)] = np.packbits(adjacency, axis=-1, bitorder="little")
    return packed.view(np.uint64)


def unpack(rows: np.ndarray) -> np.ndarray:
    """Return the boolean adjacency matrices of bit rows, the inverse of `pack`."""
    n = rows.shape[-2]
    octets = np.ascontiguousarray(rows).view(np.uint8)
    return np.unpackbits(octets, axis=-1, bitorder="little", count=n).view(bool)


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to every item, on as many threads as numba is allowed, in order."""
    jobs = list(items)
    threads = min(numba.get_num_threads(), len(jobs))
    if threads <= 1:
        return [function(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, jobs))


@kernel
def has_self_loop(rows):  # type: ignore[no-untyped-def]
    """Tell whether a diagonal bit is set."""
    found = np.uint64(0)
    for i in range(len(rows)):
        found |= (rows[i, i >> 6] >> np.uint64(i & 63)) & ONE
    return found != 0


@kernel
def is_symmetric(rows):  # type: ignore[no-untyped-def]
    """Compare the bit matrix with its transpose, 64 by 64 bits at a time."""
    n, words = rows.shape
    block = np.zeros(64, np.uint64)
    for p in range(words):
        for q in range(p, words):
            for k in range(64):
                block[k] = rows[64 * p + k, q] if 64 * p + k < n else np.uint64(0)
            _transpose(block)
            for k in range(min(64, n - 64 * q)):
                if block[k] != rows[64 * q + k, p]:
                    return False
    return True


@kernel
def _transpose(block):  # type: ignore[no-untyped-def]
    """Transpose 64 words as a 64 by 64 bit matrix in place, swapping ever smaller quarters."""
    width = 32
    mask = np.uint64(0xFFFFFFFF)
    while width:
        shift = np.uint64(width)
        k = 0
        while k < 64:
            moved = ((block[k] >> shift) ^ block[k + width]) & mask
            block[k] ^= moved << shift
            block[k + width] ^= moved
            k = (k + width + 1) & ~width
        width >>= 1
        mask ^= mask << np.uint64(width)


@kernel
def relabelled(rows, order):  # type: ignore[no-untyped-def]
    """Return the graph whose node p is the node `order[p]` of the given one."""
    n, words = rows.shape
    place = np.empty(n, np.int64)
    for p in range(n):
        place[order[p]] = p
    moved = np.zeros((n, words), np.uint64)
    for p in range(n):
        for w in range(words):
            word = rows[order[p], w]
            while word:
                q = place[(w << 6) + lowest_bit(word)]
                word &= word - ONE
                moved[p, q >> 6] |= ONE << np.uint64(q & 63)
    return moved
