"""A set of bits whose largest place is found in a few steps."""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, highest_bit, kernel


@kernel
def new_tower(size):  # type: ignore[no-untyped-def]
    """Return an empty set of places below `size`, and where its levels start.

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
    """Add a place, or remove it."""
    for start in starts:
        w = start + (place >> 6)
        before = tower[w]
        tower[w] ^= ONE << np.uint64(place & 63)
        if before != 0 and tower[w] != 0:
            return
        place >>= 6


@kernel
def largest(tower, starts):  # type: ignore[no-untyped-def]
    """Return the largest place, or -1 if there is none."""
    if tower[-1] == 0:
        return -1
    place = 0
    for start in starts[::-1]:
        place = (place << 6) + highest_bit(tower[start + place])
    return place
