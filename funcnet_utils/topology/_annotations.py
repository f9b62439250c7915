"""Annotations: the sets of living classes that cells stand for, each kept once.

A set is a row of bits, one for each slot, and a slot is a living class. Row 0 is the empty set.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, kernel, lowest_bit

CODE = np.uint64(0x9E3779B97F4A7C15)  # sets with other sums of codes are not equal


@kernel
def new_table():  # type: ignore[no-untyped-def]
    """Return rows, the sums of their codes, their first members (-1: none), and free rows."""
    return np.zeros((64, 1), np.uint64), np.zeros(64, np.uint64), [-1], [0 for _ in range(0)]


@kernel
def with_slot(worth, slot):  # type: ignore[no-untyped-def]
    """Return rows that have room for a slot."""
    if slot >> 6 < worth.shape[1]:
        return worth
    wider = np.zeros((len(worth), 1 + worth.shape[1] // 4), np.uint64)
    return np.concatenate((worth, wider), axis=1)


@kernel
def enter(worth, codes, first, free, value, code):  # type: ignore[no-untyped-def]
    """Return the row of a set, entered if it is new, and the rows with room for it."""
    for row in range(1, len(first)):
        if codes[row] == code and (worth[row] == value).all():
            return row, worth, codes
    if len(free):
        row = free.pop()
    else:
        row = len(first)
        first.append(-1)
        if row == len(worth):
            worth = np.concatenate((worth, np.zeros_like(worth)))
            codes = np.concatenate((codes, np.zeros_like(codes)))
    worth[row] = value
    codes[row] = code
    return row, worth, codes


@kernel
def end(worth, codes, first, slot, value, code):  # type: ignore[no-untyped-def]
    """End the class of a slot, as a sum with it must vanish; return the rows that become empty."""
    emptied = [0 for _ in range(0)]
    words = np.flatnonzero(value)
    for row in range(1, len(first)):
        if (worth[row, slot >> 6] >> np.uint64(slot & 63)) & ONE:
            codes[row] ^= code
            for w in words:
                worth[row, w] ^= value[w]
            if codes[row] == 0 and not worth[row].any():
                emptied.append(row)
    return emptied


@kernel
def youngest(worth, rows, value, age):  # type: ignore[no-untyped-def]
    """Make a value the sum of four rows; return the slot of its youngest class, -1 if it has none.

    `age` counts births.
    """
    slot = -1
    a, b, c, d = rows
    for w in range(len(value)):
        word = value[w] = worth[a, w] ^ worth[b, w] ^ worth[c, w] ^ worth[d, w]
        while word:
            other = (w << 6) + lowest_bit(word)
            word &= word - ONE
            if slot < 0 or age[other] > age[slot]:
                slot = other
    return slot
